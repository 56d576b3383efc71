// LlmClient: single calls and batches.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { GraphBitError, LlmClient } from '@infinitibit_gmbh/graphbit';

import { MB, rejection, report, startServer } from './support.mjs';

const server = await startServer();

/** The body of the only request since `work` began. */
async function sent(work) {
  await server.clear();
  await work();
  const journal = await server.journal();
  assert.equal(journal.length, 1);
  return journal[0].body;
}

test('complete: a prompt becomes one user message', async () => {
  const body = await sent(async () => assert.equal(await server.client().complete('hello'), 'echo: hello'));
  assert.deepEqual(body.messages, [{ role: 'user', content: 'hello' }]);
  assert.equal(body.model, 'test');
});

test('complete: maxTokens and temperature by position', async () => {
  const body = await sent(() => server.client().complete('hello', 17, 0.5));
  assert.equal(body.max_tokens ?? body.max_completion_tokens, 17);
  assert.equal(body.temperature, 0.5);
  const none = await sent(() => server.client().complete('hello', undefined, 0));
  assert.equal(none.temperature, 0);
  assert.equal(none.max_tokens ?? none.max_completion_tokens, undefined);
});

test('complete: every option reaches the wire, over those of the configuration', async () => {
  const client = server.client({}, { temperature: 1, maxTokens: 9, extra: { user: 'me', a: 1 }, headers: { 'x-mine': 'yes' } });
  const options = { maxTokens: 5, temperature: 0.1, topP: 0.9, stop: ['END'], seed: 7, system: 'be brief', extra: { a: 2, logprobs: true } };
  const body = await sent(() => client.complete('hello', options));
  assert.deepEqual(body.messages, [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'hello' }]);
  assert.equal(body.max_tokens ?? body.max_completion_tokens, 5);
  assert.deepEqual([body.temperature, body.top_p, body.stop, body.seed, body.user, body.a, body.logprobs], [0.1, 0.9, ['END'], 7, 'me', 2, true]);
  assert.equal((await server.journal())[0].headers['x-mine'], 'yes');
  const defaults = await sent(() => client.complete('hello'));
  assert.deepEqual([defaults.temperature, defaults.user, defaults.a], [1, 'me', 1]);
});

test('complete: messages keep their roles and order', async () => {
  const messages = [{ role: 'system', content: 's' }, { role: 'user', content: 'u' }, { role: 'assistant', content: 'a' }, { role: 'user', content: 'v' }];
  const body = await sent(async () => assert.equal(await server.client().complete(messages), 'echo: v'));
  assert.deepEqual(body.messages, messages);
});

test('completeFull: text, tokens, reason, model and id', async () => {
  const client = server.client({ text: 'an answer', prompt_tokens: 11, completion_tokens: 3, cached_tokens: 2, finish_reason: 'length' });
  const reply = await client.completeFull('hello');
  assert.equal(reply.text, 'an answer');
  assert.equal(reply.finishReason, 'length');
  assert.equal(reply.finishRaw, 'length');
  assert.deepEqual([reply.usage.input, reply.usage.output, reply.usage.cached], [11, 3, 2]);
  assert.equal(typeof reply.model, 'string');
  assert.equal(typeof reply.id, 'string');
  assert.deepEqual([reply.reasoning, reply.refusal, reply.toolCalls], ['', '', []]);
  assert.deepEqual(reply.message, { role: 'assistant', content: [{ type: 'text', text: 'an answer' }] });
  assert.deepEqual(Object.keys(reply).sort(), ['cost', 'finishRaw', 'finishReason', 'id', 'logprobs', 'message', 'model', 'reasoning', 'refusal', 'text', 'toolCalls', 'usage']);
});

test('completeFull: a tool call', async () => {
  const reply = await server.client({ tool: 'forecast', arguments: { city: 'Graz' } }).completeFull('weather?');
  assert.equal(reply.finishReason, 'tool_calls');
  assert.equal(reply.toolCalls.length, 1);
  assert.equal(reply.toolCalls[0].name, 'forecast');
  assert.deepEqual(JSON.parse(reply.toolCalls[0].arguments), { city: 'Graz' });
});

test('texts of every script come back as they are', async () => {
  const client = server.client();
  for (const text of ['Grüße, 世界', '👩‍👩‍👧‍👦 🇦🇹', '\u0000\u0001\u001fx', '"quotes" \\ and \\u0041 \\ud800', 'x\u2028\u2029y', 'e\u0301', '\r\n\tx', '\ufeffbom']) {
    assert.equal(await client.complete(text), `echo: ${text}`);
    assert.equal(await client.stream(text).text, `echo: ${text}`);
  }
});

test('half an emoji becomes U+FFFD, as in every encoder of the platform', async () => {
  const client = server.client();
  for (const text of ['cut \ud83d', '\ude00 cut', 'a\ud800\ud800\udc00b', '\\\ud83d', '\\ud83d', '\\\\\udfff\\']) {
    const expected = new TextDecoder().decode(new TextEncoder().encode(text));
    const body = await sent(async () => assert.equal(await client.complete(text), `echo: ${expected}`));
    assert.equal(body.messages[0].content, expected);
  }
});

test('a reply of 5 MB', async () => {
  const client = server.client({ bytes: 5 * MB });
  assert.equal((await client.complete('much')).length, 5 * MB);
  let length = 0;
  for await (const piece of server.client({ bytes: 5 * MB, pieces: 500 }).stream('much')) length += piece.length;
  assert.equal(length, 5 * MB);
});

test('a prompt of 5 MB', async () => {
  const prompt = 'ä'.repeat(5 * MB / 2);
  assert.equal((await server.client({ text: 'ok' }).complete(prompt)), 'ok');
});

test('getStats counts calls, resetStats forgets them', async () => {
  const client = server.client({ prompt_tokens: 4, completion_tokens: 6 });
  assert.deepEqual(client.getStats(), { totalRequests: 0, successfulRequests: 0, failedRequests: 0, averageResponseTimeMs: 0, totalTokens: 0, cost: null });
  await client.complete('a');
  await client.stream('b').text;
  await rejection(client.complete('c', { signal: AbortSignal.timeout(0) }).then(() => { throw new Error('done'); }));
  const stats = client.getStats();
  assert.ok(stats.totalRequests >= 2 && stats.successfulRequests >= 2, inspect(stats));
  assert.ok(stats.totalTokens >= 20, inspect(stats));
  assert.ok(stats.averageResponseTimeMs > 0);
  const failing = server.client({ status: 500 });
  await rejection(failing.complete('x'));
  assert.deepEqual([failing.getStats().totalRequests, failing.getStats().failedRequests], [1, 1]);
  client.resetStats();
  assert.equal(client.getStats().totalRequests, 0);
});

test('warmup sends nothing', async () => {
  await server.clear();
  assert.equal(await server.client().warmup(), undefined);
  assert.equal((await server.stats()).requests, 0);
});

test('clients say what they ask, and nothing else', () => {
  const client = server.client();
  assert.equal(inspect(client), 'LlmClient(openai/test)');
  assert.equal(JSON.stringify(client), '{"model":"openai/test"}');
});

// ---- cancelling ----------------------------------------------------------------------------------------------------------

test('a signal that is already aborted sends nothing', async () => {
  await server.clear();
  const reason = new Error('not now');
  const signal = AbortSignal.abort(reason);
  const client = server.client();
  for (const call of [() => client.complete('x', { signal }), () => client.completeFull('x', { signal }), () => client.completeBatch(['x'], { signal })]) {
    const error = await rejection(call);
    assert.equal(error.code, 'CANCELLED');
    assert.equal(error.cause, reason);
  }
  assert.equal((await server.stats()).requests, 0);
});

test('an abort rejects with its reason and closes the connection', async () => {
  await server.clear();
  const controller = new AbortController();
  const call = server.client({ fault: 'never' }).complete('x', { signal: controller.signal });
  await server.until((stats) => stats.in_flight === 1, 'the request to arrive');
  const reason = { my: 'reason' };
  const began = performance.now();
  controller.abort(reason);
  const error = await rejection(call);
  assert.ok(performance.now() - began < 100);
  assert.equal(error.code, 'CANCELLED');
  assert.equal(error.cause, reason);
  await server.until((stats) => stats.in_flight === 0 && stats.closed_early === 1, 'the connection to be closed');
});

test('a signal that is shared by many calls has one listener, and none when they are done', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));
  const client = server.client({ latency_ms: 20 });
  const calls = Array.from({ length: 50 }, (_, i) => client.complete(`p${i}`, { signal }));
  calls.push(rejection(server.client({ status: 500 }).complete('x', { signal })));
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await Promise.all(calls);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  const many = Array.from({ length: 20 }, () => rejection(server.client({ fault: 'never' }).complete('x', { signal })));
  controller.abort();
  for (const error of await Promise.all(many)) assert.equal(error.code, 'CANCELLED');
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.deepEqual(warnings, []);
});

// ---- batches -------------------------------------------------------------------------------------------------------------

const prompts = (count) => Array.from({ length: count }, (_, i) => `prompt ${i}`);

test('batch: answers in the order of the prompts', async () => {
  assert.deepEqual(await server.client().completeBatch(prompts(25), 50, 0.5, 4), prompts(25).map((prompt) => `echo: ${prompt}`));
});

test('batch: no more calls at once than asked for', async () => {
  await server.clear();
  await server.client({ latency_ms: 20 }).completeBatch(prompts(12), { maxConcurrency: 3 });
  const { peak_in_flight, requests } = await server.stats();
  assert.equal(requests, 12);
  assert.equal(peak_in_flight, 3);
});

test('batch: options reach every call', async () => {
  await server.clear();
  await server.client().completeBatch(['a', 'b'], { maxTokens: 7, temperature: 0.2, topP: 0.3, stop: ['x'], seed: 1 });
  for (const { body } of await server.journal()) {
    assert.deepEqual([body.max_tokens ?? body.max_completion_tokens, body.temperature, body.top_p, body.stop, body.seed], [7, 0.2, 0.3, ['x'], 1]);
  }
});

/** A client whose first two calls fail. */
const failing = () => server.client({ status: 500, times: 2 });

test('batch: a failure wastes nothing, and rejects with every outcome', async () => {
  await server.clear();
  const error = await rejection(failing().completeBatch(prompts(6), { maxConcurrency: 1 }));
  assert.ok(error instanceof GraphBitError);
  assert.equal(error.code, 'UNAVAILABLE');
  assert.equal((await server.stats()).requests, 6);
  assert.deepEqual(error.results.map(({ status }) => status), ['rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
  assert.equal(error.results[0].reason, error);
  assert.ok(error.results[1].reason instanceof GraphBitError);
  assert.equal(error.results[3].value, 'echo: prompt 3');
  assert.equal(JSON.parse(JSON.stringify(error)).results, undefined);
});

test('batch: collect gives the outcomes instead', async () => {
  const outcomes = await failing().completeBatch(prompts(4), { maxConcurrency: 1, onError: 'collect' });
  assert.deepEqual(outcomes.map(({ status }) => status), ['rejected', 'rejected', 'fulfilled', 'fulfilled']);
  assert.equal(outcomes[0].reason.code, 'UNAVAILABLE');
  assert.equal(outcomes[2].value, 'echo: prompt 2');
});

test('batch: its memory is bounded', async () => {
  const client = server.client({ bytes: MB });
  const outcomes = await client.completeBatch(prompts(6), { maxConcurrency: 1, memoryLimitMb: 2.5, onError: 'collect' });
  const kept = outcomes.filter(({ status }) => status === 'fulfilled');
  assert.ok(kept.length >= 1 && kept.length <= 2, `${kept.length} kept`);
  for (const { status, reason } of outcomes) if (status === 'rejected') assert.equal(reason.code, 'MEMORY');
});

test('batch: an abort stops all of it', async () => {
  await server.clear();
  const controller = new AbortController();
  const batch = server.client({ fault: 'never' }).completeBatch(prompts(8), { maxConcurrency: 4, signal: controller.signal });
  await server.until((stats) => stats.in_flight === 4, 'four requests to arrive');
  controller.abort('enough');
  const error = await rejection(batch);
  assert.equal(error.code, 'CANCELLED');
  assert.equal(error.cause, 'enough');
  await server.until((stats) => stats.in_flight === 0, 'the connections to be closed');
  assert.equal((await server.stats()).requests, 4);
});

// ---- memory --------------------------------------------------------------------------------------------------------------

test('a waiting call keeps less than 800 bytes of V8’s heap, whatever its prompt', async (t) => {
  // In a program of its own: the test runner hooks into every promise, and that costs more.
  const bytes = await report(`
    import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';
    import { inUse } from './test/support.mjs';
    const client = new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE }));
    const { signal } = new AbortController();
    const prompt = (i) => i + 'x'.repeat(2048);
    const calls = {
      complete: (i) => client.complete(prompt(i)),
      completeWithSignal: (i) => client.complete(prompt(i), { signal }),
      completeFull: (i) => client.completeFull(prompt(i)),
      completeBatch: (i) => client.completeBatch([prompt(i)]),
    };
    const bytes = {};
    for (const [name, call] of Object.entries(calls)) {
      const waiting = new Array(500).fill(null);
      for (let i = 0; i < 50; i++) call(i);
      const before = await inUse();
      for (let i = 0; i < waiting.length; i++) waiting[i] = call(i);
      const after = await inUse();
      bytes[name] = Math.round((after.heap - before.heap) / waiting.length);
    }
    console.log(JSON.stringify(bytes));
    process.exit();
  `, { env: { BASE: server.url({ fault: 'never' }) } });
  t.diagnostic(JSON.stringify(bytes));
  for (const [name, each] of Object.entries(bytes)) assert.ok(each < 800, `${name}: ${each} bytes`);
});

test('one client serves a thousand calls at once', async () => {
  const client = new LlmClient(server.config({ latency_ms: 5 }));
  const texts = await Promise.all(Array.from({ length: 1000 }, (_, i) => client.complete(`p${i}`)));
  texts.forEach((text, i) => assert.equal(text, `echo: p${i}`));
  assert.equal(client.getStats().successfulRequests, 1000);
});
