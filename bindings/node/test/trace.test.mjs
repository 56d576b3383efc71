// onTrace: spans of model calls.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { Executor, LlmClient, Node, onTrace } from '@infinitibit_gmbh/graphbit';

import { PACKAGE, assertError, collected, graph, program, rejection, startServer, until } from './support.mjs';

const server = await startServer();
const TRACED = { trace: true };

/** The spans of some work. */
async function spans(work) {
  const heard = [];
  const stop = onTrace((span) => heard.push(span));
  try {
    await work();
    return heard; // what a call ends with comes before what it resolves to
  } finally {
    stop();
  }
}

test('a call that has ended is a span with the names of the conventions, and without its content', async () => {
  const client = server.client({ prompt_tokens: 11, completion_tokens: 3 }, TRACED);
  const before = Date.now();
  const [span, ...more] = await spans(() => client.completeFull('a secret', { maxTokens: 9, temperature: 0.5, stop: ['END'] }));
  assert.equal(more.length, 0);
  const { name, startTimeMs, durationMs, attributes, error, dropped } = span;
  assert.deepEqual([name, error, dropped], ['chat test', undefined, undefined]);
  assert.ok(startTimeMs >= before - 2 && startTimeMs <= Date.now() + 2, `${startTimeMs}`);
  assert.ok(durationMs > 0 && durationMs < 10_000, `${durationMs}`);
  const { hostname, port } = new URL(server.origin);
  const { 'gen_ai.response.id': id, ...known } = attributes;
  assert.equal(typeof id, 'string');
  assert.deepEqual(known, {
    'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'test', 'gen_ai.request.max_tokens': 9,
    'gen_ai.request.temperature': 0.5, 'gen_ai.request.stop_sequences': ['END'], 'gen_ai.response.model': 'test', 'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 11, 'gen_ai.usage.output_tokens': 3, 'server.address': hostname, 'server.port': Number(port),
  });
});

test('a failure has its code, and an agent, a stream and a batch are told, too', async () => {
  const [failed] = await spans(async () => assertError(await rejection(server.client({ status: 429 }, TRACED).complete('x')), 'RATE_LIMITED'));
  assert.deepEqual([failed.error, failed.attributes['error.type']], ['RATE_LIMITED', 'RATE_LIMITED']);
  assert.equal((await spans(() => server.client({}, TRACED).stream('x').text)).length, 1);
  assert.equal((await spans(() => server.client({}, TRACED).completeBatch(['a', 'b', 'c']))).length, 3);
  const workflow = await graph([Node.agent('A', 'x', 'a')]);
  assert.equal((await spans(() => new Executor(server.config({}, TRACED)).execute(workflow))).length, 1);
});

test('with content, the span has the messages', async () => {
  const [{ attributes }] = await spans(() => server.client({}, { trace: { content: true } }).complete('a question', { system: 'be brief' }));
  assert.deepEqual(JSON.parse(attributes['gen_ai.input.messages']).map(({ role, parts }) => [role, parts[0].content]), [['system', 'be brief'], ['user', 'a question']]);
  assert.equal(JSON.parse(attributes['gen_ai.output.messages'])[0].parts[0].content, 'echo: a question');
});

test('nobody is told of a configuration without the option, nor after listening ended', async () => {
  assert.deepEqual(await spans(() => server.client().complete('x')), []);
  const heard = [];
  const stops = [onTrace((span) => heard.push(span)), onTrace((span) => heard.push(span))];
  const client = server.client({}, TRACED);
  await client.complete('x');
  assert.equal(heard.length, 2, 'each listener hears');
  stops[0]();
  stops[0](); // once more does nothing
  await client.complete('x');
  assert.equal(heard.length, 3);
  stops[1]();
  await client.complete('x');
  assert.equal(heard.length, 3);
  assert.equal((await spans(() => client.complete('x'))).length, 1, 'and it can begin again');
  for (const bad of [undefined, null, 5, {}]) assertError(await rejection(() => onTrace(bad)), 'INVALID_INPUT');
});

test('while JavaScript is busy so much waits and no more: the oldest are dropped and counted', async () => {
  const [count, size] = [40, 500_000]; // 20 MB
  const client = server.client({ text: 'ok' }, { trace: { content: true }, cache: {} });
  const heard = await spans(async () => {
    const batch = client.completeBatch(Array.from({ length: count }, () => 'x'.repeat(size)), { maxConcurrency: 1 });
    while (client.getStats().successfulRequests < count); // the batch goes on on its own thread
    await batch;
  });
  const [first, ...rest] = heard;
  assert.ok(heard.length > 16 && heard.length < count, `${heard.length}`);
  assert.equal(first.dropped, count - heard.length);
  assert.ok(rest.every((span) => span.dropped === undefined));
});

test('what a listener throws is the program’s, and the other listeners hear all the same', async () => {
  const { code, out } = await program(`
    import { LlmClient, LlmConfig, onTrace } from '@infinitibit_gmbh/graphbit';
    process.on('uncaughtException', (error) => console.log('caught', error.message));
    onTrace(() => { throw new Error('mine'); });
    onTrace((span) => console.log(span.name));
    console.log(await new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE, trace: true })).complete('x'));
  `, { env: { BASE: server.url() } });
  assert.deepEqual([code, out.trim().split('\n').sort()], [0, ['caught mine', 'chat m', 'echo: x']]);
});

test('listening does not keep a program alive, nor does a span', async () => {
  const { code, out, afterDoneMs } = await program(`
    import { LlmClient, LlmConfig, onTrace } from '@infinitibit_gmbh/graphbit';
    let heard = 0;
    onTrace(() => { heard += 1; });
    await new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE, trace: true })).complete('x');
    console.log(heard);
    console.log('DONE');
  `, { env: { BASE: server.url() } });
  assert.deepEqual([code, out], [0, '1\nDONE\n']);
  assert.ok(afterDoneMs < 1000, `${afterDoneMs} ms`);
});

test('a worker listens for itself, and its end ends that', async () => {
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    const { LlmClient, LlmConfig, onTrace } = require(${JSON.stringify(PACKAGE)});
    onTrace((span) => parentPort.postMessage(span.attributes['gen_ai.request.model']));
    new LlmClient(LlmConfig.openai({ model: 'in-a-worker', baseUrl: ${JSON.stringify(server.url())}, trace: true })).complete('x');
  `, { eval: true });
  const heard = [];
  worker.on('message', (model) => heard.push(model));
  const code = await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  assert.equal(code, 0);
  await until(() => heard.length > 0, 'the worker’s span');
  assert.deepEqual(heard, ['in-a-worker']);
  assert.equal((await spans(() => server.client({}, TRACED).complete('x'))).length, 1, 'and here all goes on');
});

test('a listener that ended is collected', async () => {
  await collected(async () => {
    const heard = [];
    const stop = onTrace((span) => heard.push(span));
    await new LlmClient(server.config({}, TRACED)).complete('x');
    stop();
    return heard;
  }, 'what the listener closed over');
});
