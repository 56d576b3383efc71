// Tools, from the offer to the final answer. So small a model calls one only where it has seen how: two worked examples
// stand before the question, and `chat.jinja` writes them as the server reads calls.
import assert from 'node:assert/strict';

import { readEvents } from './events.mjs';
import { client, wires } from './live.mjs';

const tools = [{
  name: 'read_tide',
  description: 'The height of the tide at a harbour, in metres',
  parameters: { type: 'object', properties: { harbour: { type: 'string', maxLength: 20 } }, required: ['harbour'], additionalProperties: false },
}];
const OPTIONS = { tools, maxTokens: 60, temperature: 0 };

export const checks = Object.keys(wires).flatMap((wire) => [
  [`${wire}: a tool call, streamed`, () => streamed(wire)],
  [`${wire}: a tool call, its result, the final answer`, () => roundTrip(wire)],
]);

const ask = (harbour) => ({ role: 'user', content: `Tide at ${harbour}?` });
const result = (id, metres) => ({
  role: 'tool',
  content: [{ type: 'tool_result', id, name: 'read_tide', content: JSON.stringify({ metres }) }],
});
const example = (id, harbour, metres) => [
  ask(harbour),
  { role: 'assistant', content: [{ type: 'tool_call', id, name: 'read_tide', arguments: { harbour } }] },
  result(id, metres),
  { role: 'assistant', content: `The tide at ${harbour} is ${metres} metres.` },
];
const question = [...example('call_1', 'Dover', 4), ...example('call_2', 'Brest', 7), ask('Rotterdam')];

/** The call is of the tool that was offered, its arguments fit, and it can be answered. */
function checkCall({ id, name, arguments: text }) {
  assert.ok(id, 'no id to answer with');
  assert.equal(name, 'read_tide');
  const given = JSON.parse(text);
  assert.deepEqual(Object.keys(given), ['harbour']);
  assert.equal(typeof given.harbour, 'string');
  return `${name} ${JSON.stringify(given)}`;
}

async function streamed(wire) {
  const reply = await readEvents(client(wire).stream(question, OPTIONS));
  assert.equal(reply.reason, 'tool_calls');
  const calls = reply.content.filter(({ type }) => type === 'tool_call');
  assert.equal(calls.length, 1);
  assert.ok(reply.times.length >= 3, `${reply.times.length} deltas: buffered`);
  return `${checkCall(calls[0])} in ${reply.times.length} deltas`;
}

async function roundTrip(wire) {
  const model = client(wire);
  const called = await model.completeFull(question, OPTIONS);
  assert.equal(called.finishReason, 'tool_calls');
  assert.equal(called.toolCalls.length, 1);
  const [call] = called.toolCalls;
  checkCall(call);
  const sent = called.message.content.filter(({ type }) => type === 'tool_call');
  assert.deepEqual(sent.map(({ id }) => id), [call.id]);

  const answer = await model.completeFull([...question, called.message, result(call.id, 2)], OPTIONS);
  assert.deepEqual(answer.toolCalls, []);
  assert.ok(answer.text.length > 0);
  assert.equal(answer.finishReason, 'stop');
  const before = called.usage.input + called.usage.output;
  assert.ok(answer.usage.input > before, `${answer.usage.input} tokens after a turn of ${before}: call or result did not arrive`);
  return `${called.finishReason}, then ${answer.finishReason}; ${called.usage.input}, then ${answer.usage.input} tokens`;
}
