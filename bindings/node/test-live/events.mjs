// A streamed reply read as events, which are held to their order on the way.
import assert from 'node:assert/strict';

/** The parts of the reply as they were put together, what came with them, and when each delta came. */
export async function readEvents(stream) {
  const reply = { content: [], usage: null, reason: null, logprobs: [], times: [] };
  const open = new Set();
  let first = true;
  for await (const event of stream.events) {
    const shown = JSON.stringify(event);
    assert.equal(reply.reason, null, `after the end: ${shown}`);
    assert.equal(event.type === 'started', first, `out of order: ${shown}`);
    first = false;
    switch (event.type) {
      case 'started':
        reply.model = event.model;
        break;
      case 'part.started':
        assert.equal(event.part, reply.content.length, shown);
        open.add(event.part);
        reply.content.push(emptyPart(event));
        break;
      case 'delta':
        assert.ok(open.has(event.part) && event.text !== '', shown);
        reply.content[event.part][member(reply.content[event.part])] += event.text;
        reply.times.push(performance.now());
        break;
      case 'part.finished':
        assert.ok(open.delete(event.part), shown);
        break;
      case 'logprobs':
        reply.logprobs.push(...event.tokens);
        break;
      case 'usage':
        reply.usage = event.usage;
        break;
      case 'finished':
        assert.equal(open.size, 0, 'a part is still open at the end');
        reply.reason = event.reason;
        break;
      default:
        assert.fail(`the server sends nothing that should come as ${shown}`);
    }
  }
  assert.ok(reply.reason, 'the events ended without a reason');
  assert.deepEqual(await stream.usage, reply.usage);
  assert.equal(await stream.finishReason, reply.reason);
  return reply;
}

const emptyPart = ({ kind, id, name }) => (kind === 'tool_call' ? { type: kind, id, name, arguments: '' } : { type: kind, text: '' });
const member = ({ type }) => (type === 'tool_call' ? 'arguments' : 'text');

/** The deltas came while the reply was written: several, over some time. Says so. */
export function piecemeal({ times }) {
  const spread = Math.round(times.at(-1) - times[0]);
  assert.ok(times.length >= 5, `${times.length} deltas: buffered`);
  assert.ok(spread > 50, `all deltas came within ${spread} ms: buffered`);
  return `${times.length} deltas over ${spread} ms`;
}
