// What surrounds the calls of a configuration: limits, the circuit breaker, other models behind it, the cache, deadlines, prices.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, GraphBitError, LlmClient, LlmConfig, Node } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection, sleep, startServer } from './support.mjs';

const server = await startServer();
const close = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

// ---- limits ------------------------------------------------------------------------------------------------------------------

test('maxConcurrency: the server sees no more at once, over all clients of a configuration', async () => {
  await server.clear();
  const config = server.config({ latency_ms: 20 }, { maxConcurrency: 2 });
  const [one, two] = [new LlmClient(config), new LlmClient(config)];
  await Promise.all(Array.from({ length: 8 }, (_, index) => (index % 2 ? one : two).complete(`${index}`)));
  const { requests, peak_in_flight: peak } = await server.stats();
  assert.deepEqual([requests, peak], [8, 2]);
});

test('maxConcurrency: a stream has its place until its end, and gives it up when it is left', async () => {
  const client = server.client({ pieces: 5, piece_delay_ms: 10 }, { maxConcurrency: 1 });
  for await (const _ of client.stream('one two three four five')) break;
  assert.equal(await client.complete('next'), 'echo: next');
});

test('rateLimit: a call over the tokens of a minute waits its turn, or fails at once where that is too long', async () => {
  await server.clear();
  const rateLimit = { tokensPerMinute: 60_000 }; // a thousand a second
  const patient = server.client({ prompt_tokens: 60_300, completion_tokens: 0 }, { rateLimit });
  await patient.complete('one');
  await patient.complete('two');
  const [one, two] = (await server.journal()).map((exchange) => exchange.at_ms);
  assert.ok(two - one > 250, `${two - one} ms`);

  const client = server.client({ prompt_tokens: 60_300 }, { rateLimit: { ...rateLimit, maxWaitMs: 50 } });
  await client.complete('one');
  const error = await rejection(client.complete('two'));
  assertError(error, 'RATE_LIMITED', { provider: 'openai', model: 'test' });
  assert.ok(error.retryAfterMs > 50 && error.retryAfterMs < 1000, `${error.retryAfterMs}`);
  assert.equal((await server.stats()).requests, 3);
});

test('rateLimit: what the server says it has left is respected without any number of our own', async () => {
  await server.clear();
  const headers = { 'x-ratelimit-limit-requests': '10', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '10s' };
  const client = server.client({ headers }, { rateLimit: { maxWaitMs: 100 } });
  await client.complete('one');
  assertError(await rejection(client.complete('two')), 'RATE_LIMITED');
  assert.equal((await server.stats()).requests, 1);
});

// ---- the circuit breaker -----------------------------------------------------------------------------------------------------

test('circuitBreaker: it opens after failures, says when it is tried again, and closes after a success', async () => {
  await server.clear();
  const client = server.client({ status: 503, times: 2 }, { circuitBreaker: { failures: 2, cooldownMs: 150 } });
  for (let call = 0; call < 2; call++) assertError(await rejection(client.complete('x')), 'UNAVAILABLE');
  const error = await rejection(client.complete('x'));
  assertError(error, 'CIRCUIT_OPEN', { retryable: true });
  assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 150, `${error.retryAfterMs}`);
  assert.equal((await server.stats()).requests, 2, 'nothing was sent');
  await sleep(160);
  assert.equal(await client.complete('x'), 'echo: x');
  assert.equal(await client.complete('x'), 'echo: x');
});

test('circuitBreaker: what the caller did wrong does not open it', async () => {
  const client = server.client({ status: 400 }, { circuitBreaker: { failures: 1 } });
  for (let call = 0; call < 3; call++) assertError(await rejection(client.complete('x')), 'REJECTED');
});

// ---- fallback ----------------------------------------------------------------------------------------------------------------

const spare = (options) => LlmConfig.groq({ apiKey: 'k', model: 'spare', maxRetries: 0, baseUrl: server.url(), ...options });

test('fallback: the next model answers, and the reply says so', async () => {
  await server.clear();
  const client = server.client({ status: 503 }, { fallback: [spare({ model: 'down', baseUrl: server.url({ fault: 'hang_up' }) }), spare()] });
  const reply = await client.completeFull('x');
  assert.deepEqual([reply.text, reply.model], ['echo: x', 'spare']);
  assert.equal(await client.stream('y').text, 'echo: y');
  assert.deepEqual((await server.journal()).map((exchange) => exchange.body.model), ['test', 'down', 'spare', 'test', 'down', 'spare']);
  const result = await new Executor(server.config({ status: 503 }, { fallback: [spare()] })).execute(await graph([Node.agent('A', 'hello', 'a')]));
  assert.equal(result.output(), 'echo: hello');
});

test('fallback: only the errors of fallbackOn lead to the next model', async () => {
  assertError(await rejection(server.client({ status: 401 }, { fallback: [spare()] }).complete('x')), 'AUTH', { model: 'test' });
  assert.equal(await server.client({ status: 401 }, { fallback: [spare()], fallbackOn: ['AUTH'] }).complete('x'), 'echo: x');
  assertError(await rejection(server.client({ status: 503 }, { fallback: [spare()], fallbackOn: ['AUTH'] }).complete('x')), 'UNAVAILABLE');
});

test('fallback: when nobody answers, the last error names all', async () => {
  const error = await rejection(server.client({ status: 503 }, { fallback: [spare({ baseUrl: server.url({ status: 500 }) })] }).complete('x'));
  assertError(error, 'UNAVAILABLE', { provider: 'groq', model: 'spare', status: 500 });
  assert.match(error.message, /2 models were tried: openai\/test, groq\/spare/);
});

// ---- the cache ---------------------------------------------------------------------------------------------------------------

test('cache: a hit sends nothing, all clients of the configuration share it, and clear() forgets', async () => {
  await server.clear();
  const config = server.config({}, { cache: {} });
  const [one, two] = [new LlmClient(config), new LlmClient(config)];
  assert.deepEqual([one.cache.bytes, one.cache.entries], [0, 0]);
  const first = await one.completeFull('x');
  assert.deepEqual(await two.completeFull('x'), first);
  assert.equal(await one.complete('x', { temperature: 1 }), 'echo: x', 'another request');
  assert.equal((await server.stats()).requests, 2);
  const { cache } = two;
  assert.equal(cache.entries, 2);
  assert.ok(cache.bytes > 100 && cache.bytes < 10_000, `${cache.bytes}`);
  cache.clear();
  assert.deepEqual([cache.bytes, one.cache.entries], [0, 0]);
  await one.complete('x');
  assert.equal((await server.stats()).requests, 3);
  assert.equal(server.client().cache, null);
});

test('cache: it holds no more than it may, and nothing for longer', async () => {
  const small = server.client({}, { cache: { maxEntries: 2 } });
  for (const prompt of ['a', 'b', 'c']) await small.complete(prompt);
  assert.equal(small.cache.entries, 2);
  await server.clear();
  const short = server.client({}, { cache: { ttlMs: 30 } });
  await short.complete('a');
  await sleep(40);
  await short.complete('a');
  assert.equal((await server.stats()).requests, 2);
});

// ---- deadlines ---------------------------------------------------------------------------------------------------------------

test('totalTimeoutMs: it ends a call with all its attempts and waits', async () => {
  await server.clear();
  const client = server.client({ status: 503, latency_ms: 50 }, { maxRetries: 50, totalTimeoutMs: 120 });
  const error = await rejection(client.complete('x'));
  assertError(error, 'TIMEOUT', { clock: 'total' });
  assert.match(error.message, /totalTimeoutMs \(120 ms\)/);
  assert.ok((await server.stats()).requests >= 1);
});

test('retryBudgetMs: attempts that would go beyond it are not made', async () => {
  await server.clear();
  const error = await rejection(server.client({ status: 503, retry_after_ms: 5000 }, { maxRetries: 9, retryBudgetMs: 1000 }).complete('x'));
  assertError(error, 'UNAVAILABLE', { attempts: 1 });
  assert.equal((await server.stats()).requests, 1);
});

// ---- prices ------------------------------------------------------------------------------------------------------------------

const COUNTED = { prompt_tokens: 1_000, completion_tokens: 100, cached_tokens: 400 };

test('prices: a reply says what it cost, the client what all did', async () => {
  const client = server.client(COUNTED, { prices: { 'te*': { input: 9, output: 9 }, test: { input: 2, output: 8, cachedInput: 0.5, request: 0.01 } } });
  assert.equal(client.getStats().cost, null);
  const cost = (600 * 2 + 400 * 0.5 + 100 * 8) / 1e6 + 0.01;
  const reply = await client.completeFull('x');
  close(reply.cost, cost);
  close((await client.stream('x').usage).cost, cost);
  await client.completeBatch(['x', 'y']);
  close(client.getStats().cost, 4 * cost);
  client.resetStats();
  assert.equal(client.getStats().cost, null);
});

test('prices: without one for the model nothing is known of the cost', async () => {
  for (const options of [{}, { prices: {} }, { prices: { other: { input: 1, output: 1 } } }]) {
    const client = server.client(COUNTED, options);
    const reply = await client.completeFull('x');
    assert.deepEqual([reply.cost, 'cost' in reply.usage, client.getStats().cost], [null, false, null]);
  }
});

test('prices: what comes from the cache costs nothing, a model behind has its own price', async () => {
  const cached = server.client(COUNTED, { cache: {}, prices: { 'openai/*': { input: 1, output: 0 } } });
  assert.deepEqual([(await cached.completeFull('x')).cost, (await cached.completeFull('x')).cost], [0.001, 0]);
  close(cached.getStats().cost, 0.001);
  const prices = { test: { input: 1, output: 1 }, 'groq/*': { input: 0, output: 0, request: 5 } };
  const own = { '*': { input: 0, output: 0, request: 7 } };
  assert.equal((await server.client({ status: 503 }, { prices, fallback: [spare()] }).completeFull('x')).cost, 5);
  assert.equal((await server.client({ status: 503 }, { prices, fallback: [spare({ prices: own })] }).completeFull('x')).cost, 7);
});

test('prices: embeddings are priced by what they read', async () => {
  const client = server.client({ prompt_tokens: 1_000 }, { prices: { 'text-embedding-3-small': { input: 2, output: 0 } } });
  const { usage } = await client.embedFull(['a'], { model: 'text-embedding-3-small' });
  close(usage.cost, (usage.input * 2) / 1e6);
  close(client.getStats().cost, usage.cost);
});

test('prices: a run sums what its agents cost, each by its own configuration', async () => {
  const prices = (request) => ({ prices: { '*': { input: 0, output: 0, request } } });
  const nodes = [Node.agent('A', 'a', 'a'), Node.agent('B', 'b', 'b', { llm: server.config({}, prices(10)) }), Node.agent('C', 'c', 'c', { llm: server.config() })];
  const stats = (await new Executor(server.config({}, prices(1))).execute(await graph(nodes))).stats();
  assert.equal(stats.cost, 11);
  assert.deepEqual(stats.nodes.map((node) => node.usage.cost), [1, 10, undefined]);
  assert.equal((await new Executor(server.config()).execute(await graph([Node.agent('A', 'a', 'a')]))).stats().cost, null);
});

// ---- options -----------------------------------------------------------------------------------------------------------------

test('all policies together answer', async () => {
  const client = server.client({}, {
    maxConcurrency: 2, rateLimit: { requestsPerMinute: 500, tokensPerMinute: 1e6, maxWaitMs: 0 }, circuitBreaker: {}, cache: { maxBytes: 1e6 }, totalTimeoutMs: 60_000,
    retryBudgetMs: 30_000.5, trace: true, fallback: [spare()], fallbackOn: ['NETWORK'], prices: { test: { input: 1, output: 1 } },
  });
  assert.equal(await client.complete('x'), 'echo: x');
});

test('an unknown suboption is refused with the nearest name, a value that cannot be used with its place', () => {
  const price = { input: 1, output: 1 };
  const mistakes = [
    [{ maxConcurency: 1 }, /"maxConcurency": did you mean "maxConcurrency"/],
    [{ falback: [] }, /did you mean "fallback"/],
    [{ rateLimit: { requestPerMinute: 5 } }, /rateLimit\.requestPerMinute: did you mean "requestsPerMinute"/],
    [{ circuitBreaker: { coolDownMs: 5 } }, /circuitBreaker\.coolDownMs: did you mean "cooldownMs"/],
    [{ cache: { ttlms: 5 } }, /cache\.ttlms: did you mean "ttlMs"/],
    [{ trace: { contents: true } }, /trace\.contents: did you mean "content"/],
    [{ prices: { m: { ...price, cacheInput: 1 } } }, /prices\["m"\]\.cacheInput: did you mean "cachedInput"/],
    [{ maxConcurrency: 0 }, /maxConcurrency must be a whole number of at least 1, not 0/],
    [{ rateLimit: 5 }, /rateLimit must be an object, not 5/],
    [{ rateLimit: { tokensPerMinute: Number.NaN } }, /tokensPerMinute must be a finite number/],
    [{ circuitBreaker: { failures: 1.5 } }, /circuitBreaker\.failures must be a whole number/],
    [{ cache: { maxBytes: '1' } }, /cache\.maxBytes must be a whole number/],
    [{ cache: true }, /cache must be an object/],
    [{ totalTimeoutMs: -1 }, /totalTimeoutMs must be a number of milliseconds/],
    [{ trace: 1 }, /trace must be true, false or an object/],
    [{ prices: [price] }, /prices must be an object/],
    [{ prices: { m: { input: 1 } } }, /prices\["m"\]\.output is missing/],
    [{ prices: { m: { input: -1, output: 1 } } }, /prices\["m"\]\.input must be an amount/],
    [{ prices: { 'a*b': price } }, /prices\["a\*b"\]: a \* stands for the end/],
    [{ prices: { m: { input: Infinity, output: 1 } } }, /input must be a finite number/],
    [{ fallback: spare() }, /fallback must be an array of LlmConfig, not object/],
    [{ fallback: [spare(), { model: 'm' }] }, /fallback\[1\] is not an LlmConfig/],
    [{ fallbackOn: ['AUTH'] }, /name them/],
    [{ fallback: [spare()], fallbackOn: ['RATE_LIMIT'] }, /"RATE_LIMIT": did you mean "RATE_LIMITED"/],
    [{ fallback: [spare()], fallbackOn: 'AUTH' }, /fallbackOn must be a list/],
  ];
  for (const [options, message] of mistakes) {
    assert.throws(() => LlmConfig.openai(options), (error) => GraphBitError.isInstance(error) && error.code === 'CONFIG' && message.test(error.message), `${message}`);
  }
  assert.ok(LlmConfig.openai({ rateLimit: undefined, cache: null, fallback: null, prices: null, trace: false }));
});
