// LlmStream: pulled, never pushed; read once; nothing kept that nobody asked for.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { LlmStream } from '@infinitibit_gmbh/graphbit';

import { MB, collect, collected, program, rejection, report, sleep, startServer, until } from './support.mjs';

const server = await startServer();
const TEN = { text: 'one two three four five six seven eight nine ten', pieces: 10 };

async function read(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

test('a stream is a plain object: no thenable, and await does nothing to it', async () => {
  await server.clear();
  const stream = server.client().stream('x');
  assert.ok(stream instanceof LlmStream);
  assert.equal(stream.then, undefined);
  assert.equal(await stream, stream);
  assert.equal((await server.stats()).requests, 0);
  assert.equal((await read(await stream)).join(''), 'echo: x');
});

test('pieces come in order, one by one, while the server still speaks', async () => {
  const stream = server.client({ ...TEN, piece_delay_ms: 15 }).stream('x');
  const arrivals = [];
  const pieces = [];
  for await (const piece of stream) {
    pieces.push(piece);
    arrivals.push(performance.now());
  }
  assert.equal(pieces.join(''), TEN.text);
  assert.equal(pieces.length, 10);
  assert.ok(arrivals[9] - arrivals[0] > 100, `${arrivals[9] - arrivals[0]} ms`);
});

test('positional arguments and options reach the wire', async () => {
  await server.clear();
  await server.client().stream('x', 7, 0.5).text;
  await server.client().stream([{ role: 'user', content: 'x' }], { maxTokens: 8, system: 's' }).text;
  const [first, second] = (await server.journal()).map(({ body }) => body);
  assert.equal(first.stream, true);
  assert.deepEqual([first.max_tokens ?? first.max_completion_tokens, first.temperature], [7, 0.5]);
  assert.deepEqual([second.max_tokens ?? second.max_completion_tokens, second.messages[0]], [8, { role: 'system', content: 's' }]);
});

// ---- text, usage, finishReason -------------------------------------------------------------------------------------------

test('text, asked for before the first piece, is the whole text, whoever reads', async () => {
  const stream = server.client(TEN).stream('x');
  const { text } = stream;
  assert.equal(stream.text, text);
  assert.equal((await read(stream)).join(''), TEN.text);
  assert.equal(await text, TEN.text);
});

test('text, asked for after the first piece, is refused, and the stream goes on', async () => {
  const stream = server.client(TEN).stream('x');
  const pieces = [];
  for await (const piece of stream) {
    pieces.push(piece);
    if (pieces.length === 1) assert.equal((await rejection(stream.text)).code, 'INVALID_INPUT');
  }
  assert.equal(pieces.join(''), TEN.text);
  assert.equal((await rejection(stream.text)).code, 'INVALID_INPUT');
});

test('text, usage and finishReason each drive the stream when awaited alone, and settle once', async () => {
  const keys = { ...TEN, prompt_tokens: 3, completion_tokens: 10 };
  for (const [member, check] of [
    ['text', (text) => assert.equal(text, TEN.text)],
    ['usage', (usage) => assert.deepEqual([usage.input, usage.output], [3, 10])],
    ['finishReason', (reason) => assert.equal(reason, 'stop')],
  ]) {
    const stream = server.client(keys).stream('x');
    assert.equal(stream[member], stream[member]);
    check(await stream[member]);
    check(await stream[member]);
    check(await Promise.resolve(stream[member]).finally(() => undefined));
  }
  const stream = server.client(keys).stream('x');
  const [text, usage, reason] = await Promise.all([stream.text, stream.usage, stream.finishReason]);
  assert.deepEqual([text, usage.output, reason], [TEN.text, 10, 'stop']);
});

test('asking without awaiting sends nothing', async () => {
  await server.clear();
  const stream = server.client().stream('x');
  for (const member of ['text', 'usage', 'finishReason']) assert.ok(stream[member] instanceof Promise);
  await sleep(20);
  assert.equal((await server.stats()).requests, 0);
});

test('usage and finishReason are there after the loop, too', async () => {
  const stream = server.client({ ...TEN, completion_tokens: 10, finish_reason: 'length' }).stream('x');
  await read(stream);
  assert.equal((await stream.usage).output, 10);
  assert.equal(await stream.finishReason, 'length');
});

test('waiting for usage while somebody reads takes no piece away', async () => {
  const stream = server.client(TEN).stream('x');
  const [pieces, usage, text] = await Promise.all([read(stream), stream.usage, stream.text]);
  assert.equal(pieces.join(''), TEN.text);
  assert.equal(text, TEN.text);
  assert.equal(typeof usage.output, 'number');
});

test('a failure reaches everybody who asked, and is unhandled for nobody who did not', async () => {
  const { code, out } = await program(`
    import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';
    process.on('unhandledRejection', (error) => console.log('UNHANDLED', error));
    const client = new LlmClient(LlmConfig.openai({ model: 'm', maxRetries: 0, baseUrl: process.env.BASE }));
    const stream = client.stream('x');
    const { usage, finishReason, text } = stream;
    const codes = [];
    for (const wait of [async () => { for await (const _ of stream); }, () => usage, () => finishReason, () => text]) {
      await wait().catch((error) => codes.push(error.code));
    }
    const ignored = client.stream('x');
    void ignored.usage; void ignored.text;
    try { for await (const _ of ignored); } catch {}
    await client.stream('x').close();
    const left = client.stream('x');
    void left.text;
    await left.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(codes.join());
  `, { env: { BASE: server.url({ status: 500 }) } });
  assert.equal(code, 0, out);
  assert.equal(out.trim(), 'UNAVAILABLE,UNAVAILABLE,UNAVAILABLE,UNAVAILABLE');
});

// ---- leaving -------------------------------------------------------------------------------------------------------------

const endless = (options) => server.client({ fault: 'endless' }, options);
const closed = () => server.until((stats) => stats.in_flight === 0, 'the connection to be closed');

test('leaving the loop early closes the connection', async () => {
  await server.clear();
  const stream = endless().stream('x');
  const { usage } = stream;
  for await (const piece of stream) {
    assert.ok(piece.length > 0);
    break;
  }
  await closed();
  assert.equal((await server.stats()).closed_early, 1);
  assert.equal((await rejection(usage)).code, 'CANCELLED');
  assert.deepEqual(await stream[Symbol.asyncIterator]().return(), { done: true, value: undefined });
});

test('an error in the loop closes it, too', async () => {
  const error = await rejection(async () => { for await (const _ of endless().stream('x')) throw new Error('mine'); });
  assert.equal(error.message, 'mine');
  await closed();
});

test('close and asyncDispose close it, more than once, at any time', async () => {
  for (const how of ['close', Symbol.asyncDispose]) {
    const unread = endless().stream('x');
    await unread[how]();
    assert.equal((await rejection(read(unread))).code, 'CANCELLED');
    const stream = endless().stream('x');
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = stream.usage;
    await stream[how]();
    await stream[how]();
    assert.equal((await rejection(waiting)).code, 'CANCELLED');
  }
  await closed();
  const whole = server.client(TEN).stream('x');
  const { text } = whole;
  await read(whole);
  await whole.close();
  assert.equal(await text, TEN.text);
});

// ---- one reader ------------------------------------------------------------------------------------------------------------

test('a second reader is refused, and the first goes on', async () => {
  const stream = server.client(TEN).stream('x');
  const first = stream[Symbol.asyncIterator]();
  assert.equal((await first.next()).done, false);
  for (const second of [() => read(stream), () => read(stream.events), () => read(stream.toReadableStream())]) {
    assert.equal((await rejection(second)).code, 'INVALID_INPUT');
  }
  const rest = await read({ [Symbol.asyncIterator]: () => first });
  assert.equal(rest.length, 9);
  assert.equal((await rejection(read(stream))).code, 'INVALID_INPUT');
});

test('a stream that text has driven cannot be read again', async () => {
  const stream = server.client(TEN).stream('x');
  assert.equal(await stream.text, TEN.text);
  assert.equal((await rejection(read(stream))).code, 'INVALID_INPUT');
});

test('calls of next that overlap are answered in their order', async () => {
  const stream = server.client(TEN).stream('x');
  const iterator = stream[Symbol.asyncIterator]();
  const order = [];
  const note = async (call) => {
    const { value } = await iterator.next();
    order.push([call, value]);
    if (call < 6) await note(call + 6); // asks again at once, while others wait
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(note));
  assert.equal(order.map(([, value]) => value ?? '').join(''), TEN.text);
  assert.deepEqual(order.map(([call]) => call), [...order.keys()]);
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test('after a failure the iterator is done', async () => {
  const iterator = server.client({ fault: 'without_end', ...TEN }).stream('x')[Symbol.asyncIterator]();
  let error;
  for (;;) {
    try {
      if ((await iterator.next()).done) break;
    } catch (caught) {
      assert.equal(error, undefined);
      error = caught;
    }
  }
  assert.equal(error.code, 'TRUNCATED');
});

// ---- events ----------------------------------------------------------------------------------------------------------------

test('events: typed, from the start to the end', async () => {
  const stream = server.client({ ...TEN, completion_tokens: 10 }).stream('x');
  const events = await read(stream.events);
  const types = events.map(({ type }) => type);
  assert.equal(types[0], 'started');
  assert.deepEqual(events[1], { type: 'part.started', part: 0, kind: 'text' });
  assert.equal(events.filter(({ type }) => type === 'delta').map(({ text }) => text).join(''), TEN.text);
  for (const type of ['part.finished', 'usage', 'finished']) assert.ok(types.includes(type), `${type} in ${types}`);
  assert.equal(events.find(({ type }) => type === 'finished').reason, 'stop');
  assert.equal((await stream.usage).output, 10);
  assert.equal((await rejection(stream.text)).code, 'INVALID_INPUT');
});

test('events: a tool call', async () => {
  const events = await read(server.client({ tool: 'forecast', arguments: { city: 'Graz' } }).stream('x').events);
  const started = events.find(({ type }) => type === 'part.started');
  assert.equal(started.kind, 'tool_call');
  assert.equal(started.name, 'forecast');
  const json = events.filter(({ type, part }) => type === 'delta' && part === started.part).map(({ text }) => text).join('');
  assert.deepEqual(JSON.parse(json), { city: 'Graz' });
});

// ---- Web streams -------------------------------------------------------------------------------------------------------------

test('toReadableStream reads nothing before it is read', async () => {
  await server.clear();
  const readable = server.client(TEN).stream('x').toReadableStream();
  await sleep(30);
  assert.equal((await server.stats()).requests, 0);
  assert.equal((await read(readable)).join(''), TEN.text);
});

test('toReadableStream: cancel closes the connection, a failure is its error', async () => {
  await server.clear();
  const reader = endless().stream('x').toReadableStream().getReader();
  assert.equal((await reader.read()).done, false);
  await reader.cancel('enough');
  await closed();
  assert.equal((await server.stats()).closed_early, 1);
  const error = await rejection(read(server.client({ status: 500 }).stream('x').toReadableStream()));
  assert.equal(error.code, 'UNAVAILABLE');
});

test('toReadableStream goes through a pipeline into a Response', async () => {
  const stream = server.client(TEN).stream('x');
  const usage = stream.usage.then(({ output }) => output);
  const response = new Response(stream.toReadableStream().pipeThrough(new TextEncoderStream()));
  assert.equal(await response.text(), TEN.text);
  assert.equal(typeof await usage, 'number');
});

// ---- pressure --------------------------------------------------------------------------------------------------------------

test('a reader that stops, stops the server; memory stays flat', async () => {
  await server.clear();
  const stream = endless().stream('x');
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  let before = 0;
  await until(async () => {
    const { bytes_written } = await server.stats();
    const still = bytes_written - before < 2000; // answering the question takes some
    before = bytes_written;
    await sleep(60);
    return still;
  }, 'the server to be stopped');
  assert.ok(before < 16 * MB, `${before / MB} MB written into the sockets' buffers`);
  await collect();
  const rss = process.memoryUsage().rss;
  for (let i = 0; i < 20_000; i++) await iterator.next();
  assert.ok((await server.stats()).bytes_written > before);
  await collect();
  assert.ok(process.memoryUsage().rss - rss < 32 * MB, `${(process.memoryUsage().rss - rss) / MB} MB more`);
  await iterator.return();
  await closed();
});

// ---- signals -----------------------------------------------------------------------------------------------------------------

test('a signal: before, while and after', async () => {
  await server.clear();
  const reason = new Error('mine');
  const before = await rejection(read(endless().stream('x', { signal: AbortSignal.abort(reason) })));
  assert.deepEqual([before.code, before.cause], ['CANCELLED', reason]);
  assert.equal((await server.stats()).requests, 0);
  const aborted = endless().stream('x', { signal: AbortSignal.abort(reason) });
  await rejection(aborted.usage);
  assert.equal((await rejection(aborted.text)).cause, reason); // nothing had come that was not kept

  const controller = new AbortController();
  const { signal } = controller;
  const stream = endless().stream('x', { signal });
  const { usage } = stream;
  let count = 0;
  const error = await rejection(async () => {
    for await (const _ of stream) if (++count === 3) controller.abort(reason);
  });
  assert.deepEqual([error.code, error.cause], ['CANCELLED', reason]);
  assert.equal((await rejection(usage)).cause, reason);
  await closed();
  assert.equal(getEventListeners(signal, 'abort').length, 0);

  const late = new AbortController();
  const whole = server.client(TEN).stream('x', { signal: late.signal });
  const { text } = whole;
  await read(whole);
  late.abort();
  assert.equal(await text, TEN.text);
  assert.equal((await whole.usage).output > 0, true);
});

test('a signal while the server is silent', async () => {
  const controller = new AbortController();
  const reading = read(server.client({ fault: 'never' }).stream('x', { signal: controller.signal }));
  await server.until((stats) => stats.in_flight === 1, 'the request to arrive');
  controller.abort('enough');
  assert.equal((await rejection(reading)).cause, 'enough');
  await closed();
});

test('streams leave no listener on a shared signal, however they end', async () => {
  const { signal } = new AbortController();
  const unread = server.client(TEN).stream('x', { signal });
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await read(server.client(TEN).stream('x', { signal }));
  await server.client(TEN).stream('x', { signal }).text;
  for await (const _ of endless().stream('x', { signal })) break;
  await rejection(read(server.client({ status: 500 }).stream('x', { signal })));
  await read(server.client(TEN).stream('x', { signal }).toReadableStream());
  const half = endless().stream('x', { signal });
  await half[Symbol.asyncIterator]().next();
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await half.close();
  await unread.close();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

// ---- garbage -----------------------------------------------------------------------------------------------------------------

for (const [what, options] of [['', () => ({})], [', although its signal lives on', (signal) => ({ signal })]]) {
  test(`a half-read stream that is forgotten closes its connection${what}`, async () => {
    const { signal } = new AbortController();
    await collected(async () => {
      const stream = endless().stream('x', options(signal));
      await stream[Symbol.asyncIterator]().next();
      return stream;
    }, 'the stream');
    await closed();
    await until(async () => {
      await collect();
      return getEventListeners(signal, 'abort').length === 0;
    }, 'the listener to be gone');
  });
}

test('pieces that were handed out are not kept', async () => {
  const growth = await report(`
    import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';
    import { inUse } from './test/support.mjs';
    const stream = new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE })).stream('x');
    const iterator = stream[Symbol.asyncIterator]();
    let bytes = 0;
    const take = async (count) => { for (let i = 0; i < count; i++) bytes += (await iterator.next()).value.length; };
    await take(1000);
    const before = await inUse();
    await take(30_000);
    const after = await inUse();
    console.log(JSON.stringify({ heap: after.heap - before.heap, bytes }));
    await stream.close();
  `, { env: { BASE: server.url({ fault: 'endless' }) } });
  assert.ok(growth.heap < 300_000, `${growth.heap} bytes more after ${growth.bytes} bytes of text`);
});
