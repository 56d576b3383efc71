// LlmClient: embeddings.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';

import { assertError, KEY, MB, rejection, report, startServer } from './support.mjs';

const server = await startServer();

/** The vectors that the server gives these texts, asked for as plain numbers. */
async function expected(texts, dimensions) {
  const reply = await fetch(`${server.url()}/embeddings`, { method: 'POST', body: JSON.stringify({ input: texts, dimensions }) });
  return (await reply.json()).data.map(({ embedding }) => Float32Array.from(embedding));
}

test('embed: a list gives a vector each, a text gives its own', async () => {
  const client = server.client();
  const texts = ['a pear', 'an apple', 'Grüße, 世界'];
  const vectors = await client.embed(texts);
  assert.deepEqual(vectors, await expected(texts));
  assert.ok(vectors.every((vector) => vector instanceof Float32Array && vector.length === 8));
  assert.deepEqual(await client.embed('a pear'), vectors[0]);
  const [alone] = await client.embed(['a pear']);
  assert.deepEqual(alone, vectors[0]);
});

test('embed: the vectors are views of one buffer', async () => {
  const vectors = await server.client().embed(['a', 'b', 'c'], { dimensions: 5 });
  assert.ok(vectors.every((vector, index) => vector.buffer === vectors[0].buffer && vector.byteOffset === index * 20));
  assert.equal(vectors[0].buffer.byteLength, 60);
  vectors[1][0] = 7; // theirs to change
  assert.equal(new Float32Array(vectors[0].buffer)[5], 7);
});

test('embed: every option reaches the wire, what belongs to chats does not', async () => {
  await server.clear();
  const client = server.client({}, { temperature: 1, extra: { reasoning_effort: 'low' }, headers: { 'x-mine': 'yes' } });
  await client.embed(['a'], { model: 'mine', dimensions: 3, purpose: 'query', extra: { user: 'me' } });
  await client.embed('b');
  const [one, two] = await server.journal();
  assert.deepEqual(one.body, { model: 'mine', input: ['a'], encoding_format: 'base64', dimensions: 3, user: 'me' });
  assert.deepEqual(two.body, { model: 'text-embedding-3-small', input: ['b'], encoding_format: 'base64' });
  assert.equal(one.headers['x-mine'], 'yes');
});

test('embedFull: the model and the tokens', async () => {
  const { vectors, dimensions, model, usage } = await server.client().embedFull(['four', 'five5'], { dimensions: 4 });
  assert.deepEqual([vectors.length, dimensions, model], [2, 4, 'text-embedding-3-small']);
  assert.deepEqual([usage.input, usage.output, usage.raw], [3, null, { prompt_tokens: 3, total_tokens: 3 }]);
  assert.equal((await server.client().embedFull('one')).vectors.length, 1);
});

test('embed: more texts than a request holds are split, and come back in order', async () => {
  await server.clear();
  const texts = Array.from({ length: 4500 }, (_, index) => `text ${index}`);
  // The first request is the slowest.
  const { vectors, usage } = await server.client({ latency_ms: 150, times: 1 }).embedFull(texts, { dimensions: 4 });
  assert.equal((await server.journal()).length, 3);
  assert.equal(vectors.length, 4500);
  assert.deepEqual(vectors, await expected(texts, 4));
  assert.equal(usage.raw.length, 3);
  assert.equal(usage.input, usage.raw.reduce((sum, { prompt_tokens }) => sum + prompt_tokens, 0));
});

test('embed: every wire gives the same vectors', async () => {
  const texts = ['a', 'b'];
  const wanted = await expected(texts, 6);
  const base = (end) => server.url().replace(/\/v1$/, end);
  for (const config of [
    LlmConfig.gemini({ apiKey: KEY, baseUrl: base('/v1beta') }),
    LlmConfig.cohere({ apiKey: KEY, baseUrl: base('') }),
    LlmConfig.from('ollama/nomic-embed-text', { baseUrl: base('') }),
    LlmConfig.mistral({ apiKey: KEY, baseUrl: base('/v1') }),
  ]) {
    assert.deepEqual(await new LlmClient(config).embed(texts, { dimensions: 6, purpose: 'document' }), wanted, `${config}`);
  }
});

test('embed: what a server answers wrong is an error that says what', async () => {
  const answers = (json) => server.client({ json });
  const short = { data: [{ embedding: [1, 2] }] };
  assertError(await rejection(answers(short).embed(['a', 'b'])), 'PROTOCOL', { provider: 'openai', model: 'text-embedding-3-small' });
  const ragged = { data: [{ embedding: [1, 2] }, { embedding: [1] }] };
  const error = await rejection(answers(ragged).embed(['a', 'b']));
  assertError(error, 'PROTOCOL');
  assert.match(error.message, /vector 1 has 1 dimensions, the first has 2/);
  assertError(await rejection(server.client({ status: 401 }).embed(['a'])), 'AUTH', { status: 401 });
  assertError(await rejection(server.client({ html: '<h1>Sign in</h1>' }).embed(['a'])), 'PROTOCOL');
  const cut = await rejection(server.client({ cut_after: 100 }).embed(['a', 'b', 'c']));
  assert.ok(['NETWORK', 'TRUNCATED'].includes(cut.code), cut.code);
});

test('embed: where one request of several fails, its texts are named', async () => {
  const texts = Array.from({ length: 25 }, (_, index) => `text ${index}`);
  const config = LlmConfig.alibaba({ baseUrl: server.url({ status: 400, times: 1 }), maxRetries: 0 });
  const error = await rejection(new LlmClient(config).embed(texts)); // which of the three arrives first is open
  assertError(error, 'REJECTED');
  assert.match(error.message, /^texts (0 to 9|10 to 19|20 to 24): /);
});

test('embed: wrong arguments are refused by name', async () => {
  const client = server.client();
  const refused = async (message, ...args) => {
    for (const method of ['embed', 'embedFull']) {
      const error = await rejection(client[method](...args));
      assertError(error, 'INVALID_INPUT');
      assert.match(error.message, message);
    }
  };
  await refused(/list is empty/, []);
  await refused(/text 1 is empty/, ['a', '']);
  await refused(/text 0 is empty/, '');
  await refused(/text 1 must be a string, not number/, ['a', 5]);
  await refused(/text 1 must be a string, not undefined/, ['a', undefined, 'c']);
  await refused(/must be a string or an array of strings, not null/, null);
  await refused(/must be a string or an array of strings, not object/, {});
  await refused(/did you mean "dimensions"/, 'a', { dimension: 5 });
  await refused(/dimensions must be a whole number/, 'a', { dimensions: 0 });
  await refused(/purpose must be 'query' or 'document', not 'search'/, 'a', { purpose: 'search' });
  await refused(/model must be a string/, 'a', { model: 5 });
  await refused(/signal must be an AbortSignal/, 'a', { signal: {} });
  await refused(/must be an object/, 'a', 5);
  await refused(/cannot be used/, 'a', { extra: 5 });
  const none = new LlmClient(LlmConfig.anthropic({ apiKey: KEY }));
  const error = await rejection(none.embed('a'));
  assertError(error, 'CONFIG', { provider: 'anthropic' });
  assert.match(error.message, /anthropic has no embeddings/);
});

test('embed: a signal stops every request of a call', async () => {
  await server.clear();
  const client = new LlmClient(LlmConfig.alibaba({ baseUrl: server.url({ fault: 'never' }), maxRetries: 0 }));
  const aborter = new AbortController();
  const call = client.embed(Array(25).fill('a'), { signal: aborter.signal });
  await server.until((stats) => stats.in_flight === 3, 'three requests under way');
  aborter.abort(new Error('enough'));
  const error = await rejection(call);
  assertError(error, 'CANCELLED');
  assert.equal(error.cause.message, 'enough');
  assert.equal(getEventListeners(aborter.signal, 'abort').length, 0);
  await server.until((stats) => stats.in_flight === 0, 'the connections to close');
  assertError(await rejection(client.embed('a', { signal: AbortSignal.abort() })), 'CANCELLED');
  assert.equal((await server.journal()).length, 3);
});

test('embed: a call counts once', async () => {
  const client = server.client();
  await client.embed(Array.from({ length: 3000 }, () => 'four'));
  await rejection(client.embed(['']));
  const { totalRequests, successfulRequests, failedRequests, totalTokens } = client.getStats();
  assert.deepEqual([totalRequests, successfulRequests, failedRequests, totalTokens], [2, 1, 1, 3000]);
});

test('embed: numbers stay out of the heap, V8 knows of them, and they are freed with the last view', async () => {
  const { heap, external, kept, freed, native } = await report(`
    import { LlmClient, LlmConfig, memoryUsage } from '@infinitibit_gmbh/graphbit';
    const settle = async () => {
      for (let round = 0; round < 4; round++) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
      return { ...process.memoryUsage(), native: memoryUsage().native.liveBytes };
    };
    const client = new LlmClient(LlmConfig.openai({ apiKey: 'k', baseUrl: ${JSON.stringify(server.url())} }));
    await client.embed(Array(3000).fill('warm'), { dimensions: 256 });
    const texts = Array.from({ length: 10_000 }, (_, index) => 'text ' + index);
    const before = await settle();
    let vectors = await client.embed(texts, { dimensions: 256 });
    const after = await settle();
    vectors = [vectors[9_999]];
    const one = await settle();
    vectors = undefined;
    const end = await settle();
    const grown = (name, then) => then[name] - before[name];
    console.log(JSON.stringify({
      heap: grown('heapUsed', after), external: grown('external', after), kept: grown('external', one), freed: grown('external', end),
      native: [grown('native', after), grown('native', end)],
    }));
  `);
  const size = 10_000 * 256 * 4;
  assert.ok(heap < 3 * MB, `heapUsed grew by ${heap}`); // ten thousand views
  assert.ok(external >= size && external < size + 3 * MB, `external grew by ${external}`);
  assert.ok(kept >= size, `one view keeps the buffer: ${kept}`);
  assert.ok(freed < MB, `still external: ${freed}`);
  assert.ok(native[0] < size + 3 * MB && native[0] - native[1] > size - MB, `native: ${native}`);
});
