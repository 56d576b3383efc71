// What can be asked of an answer: a form, and how likely its tokens were.
import assert from 'node:assert/strict';

import { readEvents } from './events.mjs';
import { client, failure, watchingRequests } from './live.mjs';

const COLOURS = ['red', 'green', 'blue'];
const schema = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 12 }, legs: { type: 'integer', minimum: 0, maximum: 8 }, colour: { enum: COLOURS } },
  required: ['name', 'legs', 'colour'],
  additionalProperties: false,
};
const FORM = { output: { schema, name: 'animal' }, maxTokens: 80, temperature: 0 };
const PROMPT = 'Describe an animal.';
const LOGPROBS = { logprobs: 2, maxTokens: 8, temperature: 0 };

export const checks = [
  ['output: the value fits its schema', form],
  ['output: streamed, the whole text fits its schema', streamedForm],
  ['output: an answer cut by maxTokens has no value', cutForm],
  ['output: an answer that does not fit is asked for once more, then it is an error', unfit],
  ['output: where a model takes no schema it is told in words', inWords],
  ['logprobs: one a token, and the likeliest beside it', logprobs],
  ['logprobs: streamed', streamedLogprobs],
];

function checkForm(value) {
  assert.deepEqual(Object.keys(value).sort(), ['colour', 'legs', 'name']);
  assert.ok(typeof value.name === 'string' && Number.isInteger(value.legs) && COLOURS.includes(value.colour), JSON.stringify(value));
  return JSON.stringify(value);
}

async function form() {
  const reply = await client('chat').completeFull(PROMPT, FORM);
  assert.equal(reply.finishReason, 'stop');
  assert.deepEqual(JSON.parse(reply.text), reply.output);
  return checkForm(reply.output);
}

async function streamedForm() {
  const reply = await readEvents(client('chat').stream(PROMPT, FORM));
  assert.equal(reply.reason, 'stop');
  assert.equal(reply.content.length, 1);
  return checkForm(JSON.parse(reply.content[0].text));
}

async function cutForm() {
  const reply = await client('chat').completeFull(PROMPT, { ...FORM, maxTokens: 4 });
  assert.equal(reply.finishReason, 'length');
  assert.equal(reply.output, undefined);
  return reply.finishReason;
}

/** On this wire the server passes the schema over, so the model cannot know what it asks for. */
async function unfit() {
  const output = { schema: { type: 'object', properties: { seal: { const: '7Q-41-XKV' } }, required: ['seal'] } };
  const ask = (proxy) => failure(client('responses', { baseUrl: proxy }).completeFull(PROMPT, { output, maxTokens: 40, temperature: 0 }));
  const { value: error, paths } = await watchingRequests(ask);
  assert.equal(error.code, 'OUTPUT', String(error));
  assert.deepEqual(paths, ['/v1/responses', '/v1/responses']);
  return `${error.code} after ${paths.length} requests`;
}

/** Cut at once: such an answer is not checked, and what was read is counted. */
async function inWords() {
  const options = { maxTokens: 2, temperature: 0 };
  const plain = await client('messages').completeFull(PROMPT, options);
  const told = await client('messages').completeFull(PROMPT, { ...FORM, ...options });
  assert.equal(told.finishReason, 'length');
  const words = told.usage.input - plain.usage.input;
  assert.ok(words > 40, `${words} tokens more`);
  return `${words} tokens`;
}

// ---- logprobs --------------------------------------------------------------------------------------------------------

/** As many as tokens were written, together the text; at temperature 0 each is the likeliest. */
function checkLogprobs(tokens, text, usage) {
  assert.equal(tokens.length, usage.output);
  assert.equal(tokens.map(({ token }) => token).join(''), text);
  for (const { token, logprob, top } of tokens) {
    const shown = JSON.stringify({ token, logprob, top });
    assert.ok(logprob <= 0, shown);
    assert.equal(top.length, LOGPROBS.logprobs, shown);
    assert.deepEqual(top[0], [token, logprob], shown);
    assert.ok(top[1][1] <= logprob, shown);
  }
  return `${tokens.length} tokens`;
}

async function logprobs() {
  const reply = await client('chat').completeFull(PROMPT, LOGPROBS);
  return checkLogprobs(reply.logprobs, reply.text, reply.usage);
}

async function streamedLogprobs() {
  const reply = await readEvents(client('chat').stream(PROMPT, LOGPROBS));
  return checkLogprobs(reply.logprobs, reply.content[0].text, reply.usage);
}
