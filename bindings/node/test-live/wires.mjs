// What every wire promises alike, on each of the three that the server speaks.
import assert from 'node:assert/strict';

import { piecemeal, readEvents } from './events.mjs';
import { busySlots, client, failure, model, untilIdle, wires } from './live.mjs';

const STORY = 'Write a long story about a ship that crosses the sea.';
const SHORT = { maxTokens: 5, temperature: 0 };
/** A cancelled stream is gone from the server within this time. */
const RELEASE_MS = 1000;
/** How a cut answer ends. On Responses the server calls it complete, like any other. */
const cut = { chat: 'length', responses: 'stop', messages: 'length' };

export const checks = [
  ...Object.keys(wires).flatMap((wire) => [
    [`${wire}: a whole answer`, () => whole(wire)],
    [`${wire}: a streamed answer, its events in order`, () => streamed(wire)],
    [`${wire}: a message of several parts arrives whole`, () => parts(wire)],
    [`${wire}: a reply's message is sent back as a turn`, () => conversation(wire)],
    [`${wire}: leaving the loop frees the server`, () => leave(wire)],
    [`${wire}: errors have their codes`, () => errors(wire)],
  ]),
  ['wires: the same conversation is as many tokens on each', sameCount],
];

/** A reply to `messages`, which is cut at once. */
const short = (wire, messages, options = {}) => client(wire).completeFull(messages, { ...SHORT, ...options });

async function whole(wire) {
  const reply = await short(wire, STORY, { system: 'Be brief.' });
  assert.ok(reply.text.length > 0);
  assert.deepEqual(reply.message, { role: 'assistant', content: [{ type: 'text', text: reply.text }] });
  assert.equal(reply.finishReason, cut[wire]);
  assert.equal(reply.model, model);
  assert.ok(reply.id, 'no id');
  assert.deepEqual([reply.toolCalls, reply.logprobs, reply.reasoning, reply.refusal], [[], [], '', '']);
  const { input, output } = reply.usage;
  assert.ok(input > 0 && output > 0 && output <= SHORT.maxTokens, JSON.stringify(reply.usage));
  return `${input} + ${output} tokens, ${reply.finishReason}`;
}

async function streamed(wire) {
  const reply = await readEvents(client(wire).stream(STORY, { maxTokens: 48, temperature: 0 }));
  assert.deepEqual(reply.content.map(({ type }) => type), ['text']);
  assert.ok(reply.usage.input > 0 && reply.usage.output > 0 && reply.usage.output <= 48, JSON.stringify(reply.usage));
  assert.ok(['stop', 'length'].includes(reply.reason), reply.reason);
  return `${piecemeal(reply)}, ${reply.usage.input} + ${reply.usage.output} tokens, ${reply.reason}`;
}

// ---- messages --------------------------------------------------------------------------------------------------------

const user = (...texts) => ({ role: 'user', content: texts.map((text) => ({ type: 'text', text })) });

/** The server joins the texts of a message by line feeds. */
async function parts(wire) {
  const [apart, joined, first] = await Promise.all([
    short(wire, [user('Name a fruit.', 'Name a bird.', 'Name a tree.')]),
    short(wire, 'Name a fruit.\nName a bird.\nName a tree.'),
    short(wire, [user('Name a fruit.')]),
  ]);
  assert.equal(apart.usage.input, joined.usage.input);
  assert.ok(apart.usage.input > first.usage.input, 'only the first part arrived');
  return `${apart.usage.input} tokens`;
}

async function conversation(wire) {
  const asked = user(STORY);
  const first = await short(wire, [asked]);
  const second = await short(wire, [asked, first.message, user('Go on.')]);
  const before = first.usage.input + first.usage.output;
  assert.ok(second.usage.input > before, `${second.usage.input} tokens after a turn of ${before}`);
  return `${first.usage.input}, then ${second.usage.input} tokens`;
}

async function sameCount() {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    user('Name a fruit.'),
    { role: 'assistant', content: 'Pear.' },
    user('Another.', 'And a bird.'),
  ];
  const counts = await Promise.all(Object.keys(wires).map(async (wire) => (await short(wire, messages)).usage.input));
  assert.equal(new Set(counts).size, 1, `${Object.keys(wires)}: ${counts}`);
  return `${counts[0]} tokens`;
}

// ---- ends ------------------------------------------------------------------------------------------------------------

async function leave(wire) {
  let chunks = 0;
  for await (const _ of client(wire).stream(STORY, { maxTokens: 1500, temperature: 0 })) {
    if (++chunks < 3) continue;
    assert.equal(await busySlots(), 1);
    break;
  }
  return `idle after ${await untilIdle(RELEASE_MS)} ms`;
}

async function errors(wire) {
  const key = await failure(client(wire, { apiKey: 'not-the-key' }).complete('Hello', 5));
  assert.deepEqual([key.code, key.status], ['AUTH', 401]);
  const long = await failure(client(wire).complete('word '.repeat(4000), 5));
  assert.equal(long.code, 'CONTEXT_LENGTH', String(long));
  const longStream = await failure(client(wire).stream('word '.repeat(4000), 5).text);
  assert.equal(longStream.code, 'CONTEXT_LENGTH', String(longStream));
  // The model cannot see; that the server says so shows that the image came as one. It says it with a 500.
  const image = { type: 'image', data: PIXEL, mediaType: 'image/png' };
  const seen = await failure(client(wire, { maxRetries: 0 }).complete([{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] }], 5));
  assert.deepEqual([seen.code, seen.status], ['UNAVAILABLE', 500], String(seen));
  assert.match(seen.message, /image/);
  return [key, long, longStream, seen].map(({ code }) => code).join(', ');
}

/** A PNG of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
