// Everything that can go wrong is a GraphBitError with a code, where it is expected, and the process lives on.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import vm from 'node:vm';

import { Executor, GraphBitError, LlmClient, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, KEY, program, rejection, report, startServer } from './support.mjs';

const server = await startServer();

async function refused() {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return `http://127.0.0.1:${port}/v1`;
}

/** The same fault through every way in. */
async function everywhere(keys, check, options) {
  const client = () => server.client(keys, options);
  check(await rejection(client().complete('hi')));
  check(await rejection(client().completeFull('hi')));
  check(await rejection(async () => { for await (const _ of client().stream('hi')); }));
  check(await rejection(client().stream('hi').text));
  check(await rejection(client().completeBatch(['hi'])));
  const workflow = new Workflow('w');
  await workflow.addNode(Node.agent('A', 'hi', 'a'));
  const result = await new Executor(server.config(keys, options)).execute(workflow);
  assert.equal(result.isSuccess(), false);
  check(result.error());
  assert.equal(result.error().nodeId, 'a');
}

test('an unknown model: the server’s words and its status', async () => {
  const json = { error: { message: 'The model `nope` does not exist', type: 'invalid_request_error', code: 'model_not_found' } };
  await everywhere({ status: 404, json }, (error) => {
    assert.ok(['REJECTED', 'CONFIG', 'INVALID_INPUT'].includes(error.code), inspect(error));
    assertError(error, error.code, { status: 404, retryable: false, provider: 'openai', model: 'test' });
    assert.match(error.message, /does not exist/);
  });
});

test('a refused connection', async () => {
  const baseUrl = await refused();
  const client = new LlmClient(LlmConfig.openai({ baseUrl, model: 'm', maxRetries: 0 }));
  const error = await rejection(client.complete('hi'));
  assertError(error, 'NETWORK', { retryable: true });
  assert.ok(error.cause instanceof Error);
});

test('a wrong key', async () => {
  await everywhere({ status: 401 }, (error) => assertError(error, 'AUTH', { status: 401, retryable: false }));
});

test('a rate limit is waited for', async () => {
  const client = server.client({ status: 429, retry_after_ms: 60, times: 2 }, { maxRetries: 2 });
  const began = performance.now();
  assert.equal(await client.complete('hi'), 'echo: hi');
  assert.ok(performance.now() - began >= 110, `${performance.now() - began} ms`);
});

test('a rate limit that stays: how long to wait, and how often it was tried', async () => {
  await server.clear();
  const error = await rejection(server.client({ status: 429, retry_after_ms: 20 }, { maxRetries: 2 }).complete('hi'));
  assertError(error, 'RATE_LIMITED', { status: 429, retryAfterMs: 20, attempts: 3 });
  assert.equal((await server.journal()).length, 3);
  assertError(await rejection(server.client({ status: 429, retry_after: 7 }).complete('hi')), 'RATE_LIMITED', { retryable: true, retryAfterMs: 7000 });
});

test('a broken server', async () => {
  await everywhere({ status: 500 }, (error) => assertError(error, 'UNAVAILABLE', { status: 500, retryable: true }));
});

test('a web page instead of JSON', async () => {
  await everywhere({ html: '<html><title>Proxy login</title></html>' }, (error) => assertError(error, 'PROTOCOL', { retryable: false }));
});

test('a stream that ends early has what had arrived', async () => {
  const client = server.client({ fault: 'without_end', pieces: 3, text: 'one two three' });
  let seen = '';
  const error = await rejection(async () => { for await (const piece of client.stream('hi')) seen += piece; });
  assertError(error, 'TRUNCATED', { retryable: false });
  assert.equal(seen, 'one two three');
  assert.equal(error.partial.textBytes, 13);
  const cut = await rejection(server.client({ cut_after: 300, bytes: 5000, pieces: 50 }).stream('hi').text);
  assert.ok(['TRUNCATED', 'NETWORK'].includes(cut.code), inspect(cut));
});

test('a server that hangs up, and one that is too slow', async () => {
  assertError(await rejection(server.client({ fault: 'hang_up' }).complete('hi')), 'NETWORK', { retryable: true });
  const slow = server.client({ fault: 'never' }, { timeouts: { headers: 60 } });
  assertError(await rejection(slow.complete('hi')), 'TIMEOUT', { clock: 'headers' });
  assertError(await rejection(server.client({ fault: 'drip' }, { timeouts: { total: 80 } }).complete('hi')), 'TIMEOUT', { clock: 'total' });
});

test('an invalid graph has all its findings', async () => {
  const workflow = new Workflow('bad');
  await workflow.addNode(Node.agent('A', 'see {{nowhere}}', 'a'));
  await workflow.addNode(Node.join('B', 'b'));
  await workflow.connect('a', 'b');
  await workflow.connect('b', 'a');
  await workflow.connect('a', 'ghost');
  const error = await rejection(workflow.validate());
  assertError(error, 'INVALID_GRAPH');
  assert.ok(error.diagnostics.length >= 3, inspect(error.diagnostics));
  for (const finding of error.diagnostics) {
    assert.deepEqual(Object.keys(finding).sort(), ['code', 'help', 'location', 'message', 'severity']);
    assert.ok(finding.message.length > 5);
  }
  assert.match(inspect(error.diagnostics), /ghost/);
  assert.match(inspect(error.diagnostics), /nowhere/);
  const executor = new Executor(server.config());
  assertError(await rejection(executor.execute(workflow)), 'INVALID_GRAPH', { diagnostics: error.diagnostics });
  assertError(await rejection(executor.start(workflow).result), 'INVALID_GRAPH');
});

test('the process lives on through all of it, with nothing unhandled', async () => {
  const { code, out } = await program(`
    import { Executor, LlmClient, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';
    const seen = [];
    process.on('unhandledRejection', (error) => seen.push(['unhandledRejection', String(error)]));
    process.on('uncaughtException', (error) => seen.push(['uncaughtException', String(error)]));
    const bad = (fault) => new LlmClient(LlmConfig.openai({ apiKey: '${KEY}', model: 'm', maxRetries: 0, baseUrl: process.env.ORIGIN + '/with/' + fault + '/v1' }));
    const cyclic = {};
    cyclic.self = cyclic;
    const waiting = [];
    for (const fn of [() => { throw undefined; }, () => Promise.reject(), () => 5n, () => cyclic, () => ({ then() { throw 1; } }), () => ({ then(_, no) { no(1); no(2); throw 3; } })]) {
      const workflow = new Workflow('w');
      await workflow.addNode(Node.transform('F', fn, 'f'));
      waiting.push(new Executor().execute(workflow));
      new Executor().start(workflow);                        // a result that nobody reads
    }
    for (const fault of ['status=500', 'status=401', 'html=x', 'fault=hang_up', 'fault=without_end']) {
      waiting.push(bad(fault).complete('x').catch(() => undefined));
      const stream = bad(fault).stream('x');
      void stream.usage; void stream.finishReason; void stream.text; // asked for, never awaited
      waiting.push((async () => { try { for await (const _ of stream); } catch {} })());
      const driven = bad(fault).stream('x');
      waiting.push(driven.text.catch(() => undefined));
      void driven.usage;
    }
    const never = new Executor(LlmConfig.openai({ model: 'm', baseUrl: process.env.ORIGIN + '/with/fault=never/v1' }));
    const workflow = new Workflow('w');
    await workflow.addNode(Node.agent('A', 'p', 'a'));
    const run = never.start(workflow);
    waiting.push(run.cancel('enough'));
    await Promise.all(waiting);
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify(seen));
  `, { env: { ORIGIN: server.origin } });
  assert.equal(code, 0, out);
  assert.equal(out.trim(), '[]');
});

// ---- the error itself ----------------------------------------------------------------------------------------------------

test('the stack shows the line that waits', async () => {
  async function askTheModel() {
    await server.client({ status: 500 }).complete('hi');
  }
  async function readTheStream() {
    for await (const _ of server.client({ status: 500 }).stream('hi'));
  }
  async function waitForAbort() {
    await server.client({ fault: 'never' }).complete('hi', { signal: AbortSignal.timeout(20) });
  }
  async function runInvalid() {
    await new Executor().execute(new Workflow('w'), { timeout: -1 });
  }
  async function lookAtTheResult() {
    const workflow = new Workflow('w');
    await workflow.addNode(Node.transform('T', () => { throw new Error('mine'); }));
    throw (await new Executor().execute(workflow)).error();
  }
  for (const caller of [askTheModel, readTheStream, waitForAbort, runInvalid, lookAtTheResult]) {
    const { stack } = await rejection(caller);
    assert.match(stack, new RegExp(`at .*${caller.name} .*errors\\.test\\.mjs`), stack);
  }
});

test('isInstance knows errors of other realms and of other copies of the package', async () => {
  const ours = new GraphBitError('CONFIG', 'x');
  assert.ok(GraphBitError.isInstance(ours));
  const foreign = vm.runInNewContext(`Object.defineProperty(new Error('y'), Symbol.for('graphbit.error'), { value: true })`);
  assert.ok(!(foreign instanceof Error));
  assert.ok(GraphBitError.isInstance(foreign));
  for (const value of [undefined, null, 5, 'x', {}, new Error('x'), () => 1, new Proxy({}, {})]) assert.equal(GraphBitError.isInstance(value), false);
  const copies = await report(`
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const first = require('@infinitibit_gmbh/graphbit');
    for (const file of Object.keys(require.cache)) if (file.endsWith('.js')) delete require.cache[file];
    const second = require('@infinitibit_gmbh/graphbit');
    const error = new second.GraphBitError('CONFIG', 'x');
    console.log(JSON.stringify([first.GraphBitError === second.GraphBitError, error instanceof first.GraphBitError, first.GraphBitError.isInstance(error)]));
  `);
  assert.deepEqual(copies, [false, false, true]);
});

test('toJSON and inspection say all that is known, and never throw', async () => {
  const error = await rejection(server.client({ status: 429, retry_after_ms: 5 }).complete('hi'));
  const json = JSON.parse(JSON.stringify(error));
  assert.equal(json.name, 'GraphBitError');
  assert.equal(json.message, error.message);
  for (const name of ['code', 'status', 'retryable', 'retryAfterMs', 'provider', 'model']) assert.deepEqual(json[name], error[name], name);
  assert.equal(Object.prototype.toString.call(error), '[object Error]');
  assert.match(String(error), /^GraphBitError: /);
  assert.match(inspect(error), /code: 'RATE_LIMITED'/);
  const cyclic = {};
  cyclic.self = cyclic;
  for (const cause of [cyclic, 5n, Symbol('s'), Object.create(null), new Error('inner')]) {
    assert.equal(typeof JSON.stringify(new GraphBitError('TOOL', 'x', { cause })), 'string');
  }
  assert.equal(JSON.parse(JSON.stringify(new GraphBitError('TOOL', 'x', { cause: new Error('inner') }))).cause, 'inner');
});
