// The package in a process: threads, the end of a script, workers, both kinds of modules.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

import { program, report, startServer } from './support.mjs';

const server = await startServer();
const linux = { skip: fs.existsSync('/proc/self/task') ? false : 'there is no /proc here' };
const THREADS = `const threads = () => fs.readdirSync('/proc/self/task').length;`;

const env = (keys) => ({ BASE: server.url(keys) });
const PREPARE = `
  import fs from 'node:fs';
  import { Executor, LlmClient, LlmConfig, Node, Workflow, init } from '@infinitibit_gmbh/graphbit';
  const config = LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE });
  const client = new LlmClient(config);
  const workflow = new Workflow('w');
  await workflow.addNode(Node.agent('A', 'p', 'a'));
`;

test('importing, init and making objects start no thread', linux, async () => {
  // CommonJS, because the loader of ES modules starts threads of Node's own.
  const counts = await report(`
    const fs = require('node:fs');
    ${THREADS}
    const before = threads();
    const { Executor, LlmClient, LlmConfig, MemoryTracker, Node, Workflow, getSystemInfo, init } = require('@infinitibit_gmbh/graphbit');
    init();
    getSystemInfo();
    const config = LlmConfig.openai({ apiKey: 'k' });
    const kept = [config, new LlmClient(config), new Executor(config), Executor.newHighThroughput(config), new MemoryTracker(), new LlmClient(config).stream('x')];
    const workflow = new Workflow('w');
    workflow.addNode(Node.agent('A', 'p', 'a')).then(() => workflow.validate()).then(() => {
      console.log(JSON.stringify({ before, after: threads(), kept: kept.length }));
    });
  `, { commonjs: true });
  assert.equal(counts.after, counts.before);
});

test('one request costs one thread, and so does one low-latency run', linux, async () => {
  for (const work of ['client.complete("x")', 'client.stream("x").text', 'Executor.newLowLatency(config).execute(workflow)']) {
    const counts = await report(`
      ${PREPARE}
      ${THREADS}
      const before = threads();
      await ${work};
      console.log(JSON.stringify({ before, after: threads() }));
    `, { env: env() });
    assert.equal(counts.after - counts.before, 1, work);
  }
});

test('clients and low-latency executors share that thread, and it goes when nobody needs it', linux, async () => {
  const counts = await report(`
    ${PREPARE}
    ${THREADS}
    init({ runtime: { idleTimeoutMs: 500 } });
    const before = threads();
    await Promise.all([client.complete('x'), new LlmClient(config).complete('y'), Executor.newLowLatency(config).execute(workflow)]);
    const during = threads();
    const end = Date.now() + 5000;
    while (threads() > before && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    const idle = threads();
    const text = await client.complete('again');
    console.log(JSON.stringify({ before, during, idle, text }));
  `, { env: env() });
  assert.deepEqual([counts.during - counts.before, counts.idle - counts.before, counts.text], [1, 0, 'echo: again']);
});

// ---- the end of a script -------------------------------------------------------------------------------------------------------

for (const [what, work, keys] of [
  ['an import', ''],
  ['a request', `await client.complete('x');`],
  ['a run', `await new Executor(config).execute(workflow);`],
  ['a failed request', `await client.complete('x').catch(() => undefined);`, { status: 400 }],
  ['a run of functions', `const w = new Workflow('f'); await w.addNode(Node.transform('T', async () => 1)); await new Executor().execute(w);`],
  ['a whole stream', `await client.stream('x').text;`],
  ['a stream that was left', `for await (const _ of client.stream('x')) break;`, { fault: 'endless' }],
  ['a stream that was closed', `const s = client.stream('x'); await s[Symbol.asyncIterator]().next(); await s.close();`, { fault: 'endless' }],
  ['a half-read stream that is left alone', `globalThis.s = client.stream('x'); await s[Symbol.asyncIterator]().next();`, { fault: 'endless' }],
  ['a stream that was never read', `globalThis.s = client.stream('x');`, { fault: 'endless' }],
  ['an aborted call', `await client.complete('x', { signal: AbortSignal.timeout(20) }).catch(() => undefined);`, { fault: 'never' }],
  ['a cancelled run', `await new Executor(config).start(workflow).cancel();`, { fault: 'never' }],
  ['a cancelled run whose function never answers', `const w = new Workflow('f'); await w.addNode(Node.transform('T', () => new Promise(() => {}))); const r = new Executor().start(w); await new Promise((resolve) => setTimeout(resolve, 10)); await r.cancel();`],
]) {
  test(`a script ends by itself after ${what}`, async () => {
    const { code, out, afterDoneMs } = await program(`${PREPARE}\n${work}\nconsole.log('DONE');`, { env: env(keys) });
    assert.equal(code, 0, out);
    assert.equal(out, 'DONE\n');
    assert.ok(afterDoneMs < 1000, `${afterDoneMs} ms`);
  });
}

test('a script waits for a call that nobody awaits', async () => {
  const { code, out } = await program(`${PREPARE}\nclient.complete('x').then((text) => console.log(text));`, { env: env({ latency_ms: 100 }) });
  assert.equal(code, 0, out);
  assert.equal(out, 'echo: x\n');
});

test('a run that waits for an answer keeps the program alive, and a rejection that nobody handles is none of ours', async () => {
  const { code, out } = await program(`
    ${PREPARE}
    const w = new Workflow('w');
    await w.addNode(Node.pause('P', '?', 'p'));
    const run = new Executor().start(w);
    setTimeout(() => run.answer('p', 'answered').then(() => run.result).then((result) => console.log(result.output())), 50).unref();
    setTimeout(() => {}, 60);
    const left = new Executor().stream(w);
    for await (const event of left) if (event.type === 'node.paused') break;
    const cancelled = new Executor().stream(w);
    cancelled[Symbol.asyncIterator]().next().then(() => cancelled.cancel());
    new Executor().stream(w, { signal: AbortSignal.abort() });
    new Executor().start({});
  `, { env: env() });
  assert.equal(code, 0, out);
  assert.equal(out, 'answered\n');
});

test('process.exit during calls, runs and functions is no crash', async () => {
  const { code, signal, out } = await program(`
    ${PREPARE}
    client.complete('x');
    client.stream('x').text.catch(() => undefined);
    new Executor(config).execute(workflow);
    Executor.newHighThroughput(config).start(workflow);
    const w = new Workflow('f');
    await w.addNode(Node.transform('T', () => new Promise(() => {})));
    new Executor().execute(w);
    const bodies = new Workflow('b');
    await bodies.addNode(Node.map('M', Node.transform('T', (input, { signal }) => new Promise(() => signal.addEventListener('abort', () => {}))), 'm', { timeout: 30, onError: 'continue' }));
    await bodies.addNode(Node.pause('P', '?'));
    const run = new Executor().stream(bodies, { input: [1, 2, 3] });
    (async () => { for await (const event of run); })();
    new Executor().stream(bodies, { input: [1, 2, 3] })[Symbol.asyncIterator]().next();
    setTimeout(() => process.exit(7), 30);
  `, { env: env({ fault: 'never' }) });
  assert.deepEqual([code, signal], [7, null], out);
});

test('process.exit in a function is no crash', async () => {
  const { code, signal, out } = await program(`
    ${PREPARE}
    const w = new Workflow('f');
    await w.addNode(Node.transform('T', () => process.exit(8)));
    await new Executor().execute(w);
  `, { env: env() });
  assert.deepEqual([code, signal], [8, null], out);
});

test('twenty quick rounds of import and exit', async () => {
  for (let round = 0; round < 20; round += 4) {
    const rounds = await Promise.all(Array.from({ length: 4 }, () => program(`${PREPARE}\nconst call = client.complete('x');\nif (${round % 8 === 0}) await call; else process.exit();`, { env: env() })));
    for (const { code, signal, out } of rounds) assert.deepEqual([code, signal, out], [0, null, '']);
  }
});

// ---- workers ---------------------------------------------------------------------------------------------------------------------

const WORKER = `
  const { parentPort } = require('node:worker_threads');
  const { Executor, LlmClient, LlmConfig, Node, Workflow, GraphBitError } = require('@infinitibit_gmbh/graphbit');
  const config = LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE });
`;

test('a worker uses the package, ends by itself, and the main thread goes on', async () => {
  const out = await report(`
    ${PREPARE}
    import { Worker } from 'node:worker_threads';
    const source = ${JSON.stringify(`${WORKER}
      (async () => {
        const workflow = new Workflow('w');
        await workflow.addNode(Node.agent('A', 'p', 'a'));
        await workflow.addNode(Node.transform('T', (text) => text.length, 't'));
        await workflow.connect('a', 't');
        const result = await new Executor(config).execute(workflow);
        const text = await new LlmClient(config).complete('x');
        const error = await new LlmClient(config).complete('').catch((error) => error);
        parentPort.postMessage([result.output(), text, error instanceof GraphBitError]);
      })();
    `)};
    const run = () => new Promise((resolve, reject) => {
      const worker = new Worker(source, { eval: true, execArgv: [] });
      let message;
      worker.on('message', (value) => { message = value; });
      worker.on('error', reject);
      worker.on('exit', (code) => resolve([code, message]));
    });
    const before = await client.complete('main');
    const one = await run();
    const two = await Promise.all([run(), run()]);
    const after = await client.complete('main');
    console.log(JSON.stringify({ before, one, two, after }));
  `, { env: env() });
  const done = [0, ['echo: p'.length, 'echo: x', true]];
  assert.deepEqual(out, { before: 'echo: main', one: done, two: [done, done], after: 'echo: main' });
});

test('a worker that is terminated with calls under way is no crash, and closes its connections', async () => {
  await server.clear();
  const out = await report(`
    ${PREPARE}
    import { Worker } from 'node:worker_threads';
    const source = ${JSON.stringify(`${WORKER}
      (async () => {
        const workflow = new Workflow('w');
        await workflow.addNode(Node.agent('A', 'p', 'a'));
        const functions = new Workflow('f');
        await functions.addNode(Node.transform('T', () => new Promise(() => {}), 't'));
        const bodies = new Workflow('b');
        await bodies.addNode(Node.map('M', Node.transform('T', (input, { signal }) => new Promise(() => signal.addEventListener('abort', () => {}))), 'm', { timeout: 5, onError: 'continue' }));
        await bodies.addNode(Node.pause('P', '?'));
        const run = new Executor().stream(bodies, { input: [1, 2, 3] });
        (async () => { for await (const event of run); })();
        new Executor(config).execute(workflow);
        new Executor().execute(functions);
        new LlmClient(config).complete('x');
        new LlmClient(config).completeBatch(['x', 'y']);
        const iterator = new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: process.env.ENDLESS })).stream('x')[Symbol.asyncIterator]();
        await iterator.next();
        parentPort.postMessage('under way');
        for (;;) await iterator.next();
      })();
    `)};
    const codes = [];
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(source, { eval: true, execArgv: [] });
      await new Promise((resolve) => worker.once('message', resolve));
      codes.push(await worker.terminate());
    }
    console.log(JSON.stringify(codes));
  `, { env: { ...env({ fault: 'never' }), ENDLESS: server.url({ fault: 'endless' }) } });
  assert.deepEqual(out, [1, 1, 1, 1, 1]);
  await server.until((stats) => stats.in_flight === 0, 'the connections to be closed');
});

test('terminating a worker frees what it had under way, while the main thread lives on', async () => {
  const { code, out } = await program(`
    ${PREPARE}
    import { Worker } from 'node:worker_threads';
    const source = ${JSON.stringify(`${WORKER}
      for (let i = 0; i < 20; i++) new LlmClient(config).complete('x');
      setTimeout(() => parentPort.postMessage('under way'), 50);
    `)};
    const worker = new Worker(source, { eval: true, execArgv: [] });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    const origin = new URL(process.env.BASE).origin;
    const end = Date.now() + 5000;
    let inFlight;
    do inFlight = (await (await fetch(origin + '/testkit/stats')).json()).in_flight; while (inFlight > 0 && Date.now() < end);
    console.log(inFlight);
  `, { env: env({ fault: 'never' }) });
  assert.equal(code, 0, out);
  assert.equal(out, '0\n');
});

// ---- modules -----------------------------------------------------------------------------------------------------------------------

test('CommonJS and ESM have the same names and the same classes', async () => {
  const names = await report(`
    import { createRequire } from 'node:module';
    import * as esm from '@infinitibit_gmbh/graphbit';
    import whole from '@infinitibit_gmbh/graphbit';
    const cjs = createRequire(import.meta.url)('@infinitibit_gmbh/graphbit');
    if (whole !== cjs) throw new Error('the default export is another object');
    for (const name of Object.keys(cjs)) if (esm[name] !== cjs[name]) throw new Error(name + ' differs');
    const only = Object.keys(esm).filter((name) => !(name in cjs));
    console.log(JSON.stringify({ cjs: Object.keys(cjs).sort(), only }));
  `);
  assert.deepEqual(names.only, ['default']);
  assert.deepEqual(names.cjs, [
    'Executor', 'GraphBitError', 'LlmClient', 'LlmConfig', 'LlmStream', 'MemoryLeakDetector', 'MemoryTracker', 'Node', 'Run', 'TrackedScope', 'Workflow', 'WorkflowResult',
    'configureRuntime', 'drain', 'getSystemInfo', 'healthCheck', 'init', 'memoryUsage', 'onTrace', 'shutdown', 'trackScope', 'version',
  ]);
});

test('a CommonJS script works', async () => {
  const { code, out } = await program(`
    const { LlmClient, LlmConfig } = require('@infinitibit_gmbh/graphbit');
    new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE })).complete('x').then(console.log);
  `, { commonjs: true, env: env() });
  assert.equal(code, 0, out);
  assert.equal(out, 'echo: x\n');
});
