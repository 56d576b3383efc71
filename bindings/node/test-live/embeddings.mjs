// Vectors of texts. The same model makes them that answers: their sense is not looked at, only that each is of its text.
import assert from 'node:assert/strict';

import { baseUrl, client, failure, graphbit, server, watchingRequests } from './live.mjs';

const { LlmClient, LlmConfig } = graphbit;
const { model } = server;

/** As many numbers as the model is wide. */
const WIDTH = 576;
const TEXTS = ['a ship on the sea', 'bread and butter', 'the law of large numbers', 'snow in the mountains', 'a song'];

export const checks = [
  ['embed: the vector of a text, the same each time', one],
  ['embed: a list comes back in its order, in one buffer', list],
  ['embed: a long list is split by what the vendor takes', split],
  ['embed: numbers come alike as text and as base64', forms],
  ['embed: errors have their codes', errors],
];

const embedder = (changes) => client('chat', changes);
/** A vendor of the same wire that takes ten texts a request, and knows no base64. */
const ofTen = (url) => new LlmClient(LlmConfig.alibaba({ ...server, baseUrl: url }));

/** The cosine, as all vectors of the server have length 1. How requests are put together changes the last digits. */
const likeness = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const alike = (a, b) => assert.ok(likeness(a, b) > 0.9999, `likeness ${likeness(a, b)}`);

async function one() {
  const [first, again] = [await embedder().embed(TEXTS[0]), await embedder().embed(TEXTS[0])];
  assert.ok(first instanceof Float32Array);
  assert.equal(first.length, WIDTH);
  assert.ok(Math.abs(likeness(first, first) - 1) < 1e-4, `length ${Math.sqrt(likeness(first, first))}`);
  alike(first, again);
  return `${first.length} numbers`;
}

async function list() {
  const apart = await Promise.all(TEXTS.map((text) => embedder().embed(text)));
  const { vectors, dimensions, model: told, usage } = await embedder().embedFull(TEXTS, { model });
  assert.equal(vectors.length, TEXTS.length);
  vectors.forEach((vector, i) => alike(vector, apart[i]));
  inOrder(vectors);
  assert.ok(vectors.every(({ buffer }) => buffer === vectors[0].buffer), 'not one buffer');
  assert.deepEqual([dimensions, told], [WIDTH, model]);
  assert.ok(usage.input >= TEXTS.length, JSON.stringify(usage));
  return `${vectors.length} × ${dimensions} numbers, ${usage.input} tokens`;
}

/** No two are taken for each other. */
function inOrder(vectors) {
  for (const [i, a] of vectors.entries()) for (const b of vectors.slice(i + 1)) assert.ok(likeness(a, b) < 0.999, `likeness ${likeness(a, b)}`);
}

async function split() {
  const texts = Array.from({ length: 25 }, (_, i) => TEXTS[i % TEXTS.length]);
  const { value, paths } = await watchingRequests((proxy) => ofTen(proxy).embedFull(texts, { model }));
  assert.equal(paths.length, 3, paths.join(' '));
  assert.equal(value.vectors.length, texts.length);
  inOrder(value.vectors.slice(0, TEXTS.length));
  value.vectors.forEach((vector, i) => alike(vector, value.vectors[i % TEXTS.length]));
  const whole = await embedder().embedFull(texts, { model });
  assert.equal(value.usage.input, whole.usage.input);
  return `${texts.length} texts in ${paths.length} requests, ${value.usage.input} tokens`;
}

async function forms() {
  const [base64, text] = [await embedder().embed(TEXTS, { model }), await ofTen(baseUrl).embed(TEXTS, { model })];
  base64.forEach((vector, i) => alike(vector, text[i]));
  return `${base64.length} pairs`;
}

async function errors() {
  const key = await failure(embedder({ apiKey: 'not-the-key' }).embed('Hello'));
  assert.deepEqual([key.code, key.status], ['AUTH', 401]);
  const { value: before, paths } = await watchingRequests((proxy) => failure(embedder({ baseUrl: proxy }).embed(TEXTS, { signal: AbortSignal.abort() })));
  assert.equal(before.code, 'CANCELLED');
  assert.deepEqual(paths, []);
  return `${key.code}, ${before.code}`;
}
