// LlmConfig: options, keys, the environment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';

import { GraphBitError, LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';

import { PACKAGE, program, rejection, report, startServer } from './support.mjs';

const server = await startServer();
const config = (code) => (error) => GraphBitError.isInstance(error) && error.code === 'CONFIG' && code.test(error.message);

test('a missing key is found at the first request, and its variable is named', async () => {
  const { code, out } = await program(`
    import { LlmClient, LlmConfig, Executor, Workflow, Node } from '@infinitibit_gmbh/graphbit';
    const config = LlmConfig.openai();
    const client = new LlmClient(config);
    const errors = [];
    await client.complete('hello').catch((error) => errors.push(error));
    await client.stream('hello').text.catch((error) => errors.push(error));
    const workflow = new Workflow('w');
    await workflow.addNode(Node.agent('A', 'p', 'a'));
    errors.push((await new Executor(config).execute(workflow)).error());
    for (const { code, message } of errors) console.log(code, message);
  `);
  assert.equal(code, 0, out);
  const lines = out.trim().split('\n');
  assert.equal(lines.length, 3, out);
  for (const line of lines) assert.match(line, /^CONFIG .*OPENAI_API_KEY/);
});

test('each vendor names its own variable', async () => {
  const out = await report(`
    import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';
    const messages = {};
    for (const vendor of ['cerebras', 'deepseek', 'fireworks', 'groq', 'mistral', 'openrouter', 'perplexity', 'together', 'xai']) {
      await new LlmClient(LlmConfig[vendor]({ model: 'm' })).complete('x').catch((error) => { messages[vendor] = error.code + ' ' + error.message; });
    }
    console.log(JSON.stringify(messages));
  `);
  for (const [vendor, message] of Object.entries(out)) assert.match(message, new RegExp(`^CONFIG .*${vendor.toUpperCase()}_API_KEY`, 's'), vendor);
  assert.equal(Object.keys(out).length, 9);
});

test('no key is needed where baseUrl is not the vendor’s own', async () => {
  await server.clear();
  assert.equal(await new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: server.url() })).complete('hi'), 'echo: hi');
  const [request] = await server.journal();
  assert.equal(request.authorization, null);
});

test('the key given is the key sent', async () => {
  await server.clear();
  await new LlmClient(LlmConfig.openai({ apiKey: 'sk-mine', model: 'm', baseUrl: server.url() })).complete('hi');
  const [request] = await server.journal();
  assert.equal(request.authorization, 'Bearer sk-mine');
});

test('an unknown option is refused with the nearest name', () => {
  assert.throws(() => LlmConfig.openai({ baseURL: 'http://x' }), config(/"baseURL": did you mean "baseUrl"/));
  assert.throws(() => LlmConfig.openai({ apikey: 'sk-1' }), config(/did you mean "apiKey"/));
  assert.throws(() => LlmConfig.openai({ timeouts: { totl: 5 } }), config(/totl/));
});

test('another API of the vendor is chosen by its name', async () => {
  assert.throws(() => LlmConfig.openai({ api: 'messages' }), config(/openai has no API "messages".*"chat-completions" or "responses"/));
  await server.clear();
  const client = new LlmClient(LlmConfig.openai({ api: 'responses', model: 'm', baseUrl: server.url(), maxRetries: 0 }));
  assert.equal((await rejection(client.complete('hi'))).code, 'REJECTED'); // the test server has the other API alone
  const [request] = await server.journal();
  assert.match(request.path, /\/v1\/responses$/);
});

test('values that cannot be used are refused when they are given', () => {
  const bad = [
    null, 5, 'sk-secret', [], () => 1,
    { apiKey: 5 }, { api: 5 }, { model: 5 }, { baseUrl: 5 }, { maxRetries: -1 }, { maxRetries: 1.5 }, { maxRetries: Number.NaN },
    { temperature: 'hot' }, { temperature: Number.NaN }, { temperature: 9 }, { maxTokens: 0 }, { maxTokens: 'x' }, { topP: Infinity }, { stop: 5 },
    { seed: 'x' }, { headers: 'x' }, { headers: { 'a b': 'c' } }, { headers: { a: 'c\nd' } }, { headers: { a: 5 } }, { extra: 5 }, { extra: { n: 5n } },
    { timeouts: 5 }, { timeouts: { total: -1 } }, { timeouts: { total: 0 } }, { timeouts: { idle: Number.NaN } }, { limits: { bodyBytes: 'x' } },
  ];
  for (const options of bad) {
    assert.throws(() => LlmConfig.openai(options), (error) => {
      assert.ok(GraphBitError.isInstance(error), `${inspect(options)}: ${inspect(error)}`);
      assert.ok(['CONFIG', 'INVALID_INPUT'].includes(error.code), `${inspect(options)}: ${error.code}`);
      assert.ok(!error.message.includes('sk-secret'), error.message);
      return true;
    }, inspect(options));
  }
});

test('LlmConfig.from takes vendor/model, and options', () => {
  const made = LlmConfig.from('openrouter/meta/llama-3', { maxRetries: 0 });
  assert.equal(made.provider(), 'openrouter');
  assert.equal(made.model(), 'meta/llama-3');
  assert.equal(LlmConfig.from('openai/a', { model: undefined }).model(), 'a');
  assert.throws(() => LlmConfig.from('opnai/x'), config(/did you mean "openai"/));
  for (const bad of [undefined, null, 5, {}, [], '', 'openai', '/x', 'openai/']) assert.throws(() => LlmConfig.from(bad), config(/vendor\/model/), inspect(bad));
  for (const bad of [null, 5, 'x', []]) assert.throws(() => LlmConfig.from('openai/x', bad), config(/object/), inspect(bad));
});

test('every factory has its vendor’s name, and most a default model', () => {
  for (const vendor of ['openai', 'cerebras', 'deepseek', 'fireworks', 'groq', 'mistral', 'ollama', 'openrouter', 'perplexity', 'together', 'xai']) {
    const made = LlmConfig[vendor]();
    assert.equal(made.provider(), vendor);
    assert.equal(typeof made.model(), 'string');
    assert.equal(LlmConfig.from(`${vendor}/m`).model(), 'm');
  }
});

test('what is not said is read from the environment', async () => {
  await server.clear();
  const out = await report(`
    import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';
    console.log(JSON.stringify(await new LlmClient(LlmConfig.openai({ model: 'm' })).complete('hi')));
  `, { env: { OPENAI_API_KEY: 'sk-env', OPENAI_BASE_URL: server.url() } });
  assert.equal(out, 'echo: hi');
  const [request] = await server.journal();
  assert.equal(request.authorization, 'Bearer sk-env');
});

test('a worker reads its own environment', async () => {
  await server.clear();
  const worker = new Worker(`
    const { LlmClient, LlmConfig } = require(${JSON.stringify(PACKAGE)});
    const client = new LlmClient(LlmConfig.openai({ model: 'm' }));
    client.complete('hi').then((text) => require('node:worker_threads').parentPort.postMessage(text));
  `, { eval: true, env: { OPENAI_API_KEY: 'sk-worker', OPENAI_BASE_URL: server.url() } });
  const text = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.equal(text, 'echo: hi');
  const [request] = await server.journal();
  assert.equal(request.authorization, 'Bearer sk-worker');
  assert.equal(process.env.OPENAI_BASE_URL, undefined);
});

test('a key shows nowhere: not in text, JSON, inspection or errors', async () => {
  const key = 'sk-very-secret-0123456789';
  const made = LlmConfig.openai({ apiKey: key, model: 'm', baseUrl: server.url({ status: 401 }), headers: { 'x-token': key } });
  const client = new LlmClient(made);
  const error = await rejection(client.complete('hi'));
  assert.equal(error.code, 'AUTH');
  for (const shown of [made, client, error, error.cause]) {
    for (const text of [String(shown), JSON.stringify(shown) ?? '', inspect(shown, { depth: 9, showHidden: true }), shown?.stack ?? '']) {
      assert.ok(!text.includes(key), text);
    }
  }
  assert.equal(String(made), 'openai/m');
  assert.deepEqual(JSON.parse(JSON.stringify(made)), { provider: 'openai', model: 'm' });
});

test('V8’s heap holds no key while a configuration, a client and an executor that use it are alive', async () => {
  const out = await report(`
    import fs from 'node:fs';
    import os from 'node:os';
    import path from 'node:path';
    import v8 from 'node:v8';
    import { Executor, LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';
    globalThis.kept = await (async () => {
      const config = LlmConfig.openai({ apiKey: process.env.THE_SECRET, model: 'm', baseUrl: process.env.BASE });
      const other = LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE });
      const client = new LlmClient(config);
      await client.complete('hi');
      await new LlmClient(other).complete('hi');
      return { config, other, client, executor: new Executor(config) };
    })();
    globalThis.marker = ['marker', 'in', 'the', 'heap'].join('-');
    for (let round = 0; round < 3; round++) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
    const file = v8.writeHeapSnapshot(path.join(os.tmpdir(), 'graphbit-key-' + process.pid + '.heapsnapshot'));
    const snapshot = fs.readFileSync(file, 'utf8');
    fs.unlinkSync(file);
    const secret = (name) => snapshot.includes(process.env[name]);
    console.log(JSON.stringify({ marker: snapshot.includes(globalThis.marker), given: secret('THE_SECRET'), fromEnvironment: secret('OPENAI_API_KEY') }));
  `, { env: { THE_SECRET: 'sk-given-5f1c9a7733', OPENAI_API_KEY: 'sk-environment-77ab31c0', BASE: server.url() } });
  assert.deepEqual(out, { marker: true, given: false, fromEnvironment: false });
});
