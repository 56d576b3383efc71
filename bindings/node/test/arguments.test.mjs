// Arguments of the wrong type or value: an error of ours that says so, and from what gives a promise, a rejection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { configureRuntime, Executor, GraphBitError, init, LlmClient, MemoryLeakDetector, MemoryTracker, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, rejection, startServer } from './support.mjs';

const server = await startServer();

const WRONG = [undefined, null, 5, Number.NaN, true, 'x', '', [], {}, () => 1, Symbol('s'), 5n];

/** Calls with each wrong value; only errors of ours are right, or no error at all. Promises never throw at once. */
async function refuses(what, call, { promise = false, values = WRONG, always = true } = {}) {
  for (const value of values) {
    const name = `${what}(${inspect(value)})`;
    let outcome;
    try {
      outcome = call(value);
    } catch (error) {
      assert.ok(!promise, `${name} threw instead of rejecting: ${inspect(error)}`);
      ours(name, error);
      continue;
    }
    if (outcome instanceof Promise) {
      const settled = await outcome.then((done) => ({ done }), (error) => ({ error }));
      if ('error' in settled) ours(name, settled.error);
      else assert.ok(!always, `${name} was accepted`);
    } else assert.ok(!always, `${name} was accepted`);
  }
}

function ours(name, error) {
  assert.ok(error instanceof GraphBitError, `${name}: ${inspect(error)}`);
  assert.ok(['INVALID_INPUT', 'CONFIG', 'INVALID_GRAPH'].includes(error.code), `${name}: ${error.code}`);
}

test('wrong arguments of the client are told', async () => {
  const client = server.client();
  const promise = true;
  for (const method of ['complete', 'completeFull']) {
    const texts = WRONG.filter((value) => value !== 'x');
    await refuses(method, (value) => client[method](value), { promise, values: texts });
    await refuses(`${method} messages`, (value) => client[method]([value]), { promise });
    await refuses(`${method} role`, (value) => client[method]([{ role: value, content: 'x' }]), { promise });
    await refuses(`${method} content`, (value) => client[method]([{ role: 'user', content: value }]), { promise, values: texts, always: false });
    await refuses(`${method} second`, (value) => client[method]('x', value), { promise, values: [Number.NaN, -1, 1.5, 0, true, 'x', [], () => 1, 5n, Symbol('s')] });
    await refuses(`${method} temperature`, (value) => client[method]('x', 5, value), { promise, values: [Number.NaN, -1, 3, 'x', {}, true, 5n] });
    for (const option of ['maxTokens', 'temperature', 'topP', 'stop', 'seed', 'system', 'extra', 'signal']) {
      await refuses(`${method} { ${option} }`, (value) => client[method]('x', { [option]: value }), { promise, values: [Number.NaN, true, () => 1, 5n, Symbol('s')], always: option !== 'extra' });
    }
    await refuses(`${method} option`, (value) => client[method]('x', value), { promise, values: [{ maxtokens: 5 }, { nonsense: 1 }] });
  }
  await refuses('stream', (value) => client.stream(value), { values: WRONG.filter((value) => value !== 'x') });
  await refuses('stream options', (value) => client.stream('x', value), { values: ['x', true, [], { nonsense: 1 }, { signal: {} }] });
  await refuses('completeBatch', (value) => client.completeBatch(value), { promise });
  await refuses('completeBatch prompt', (value) => client.completeBatch(['x', value]), { promise, values: WRONG.filter((value) => value !== 'x') });
  await refuses('completeBatch options', (value) => client.completeBatch(['x'], value), {
    promise,
    values: ['x', true, [], { nonsense: 1 }, { maxConcurrency: 0 }, { maxConcurrency: 'x' }, { memoryLimitMb: -1 }, { memoryLimitMb: 5n }, { onError: 'x' }, { onError: 5 }, { signal: {} }, { maxTokens: Number.NaN }],
  });
  await refuses('completeBatch concurrency', (value) => client.completeBatch(['x'], 5, 0.5, value), { promise, values: [0, -1, 1.5, 'x', {}] });
  await refuses('new LlmClient', (value) => new LlmClient(value));
});

test('wrong arguments of nodes and workflows are told', async () => {
  const values = WRONG.filter((value) => value !== 'x');
  for (const [kind, what] of [['agent', 'p'], ['transform', () => 1]]) {
    await refuses(`Node.${kind} name`, (value) => Node[kind](value, what), { values });
    await refuses(`Node.${kind} what`, (value) => Node[kind]('n', value), { values: WRONG.filter((value) => typeof value !== typeof what) });
    await refuses(`Node.${kind} id`, (value) => Node[kind]('n', what, value), { values: [5, true, [], {}, () => 1, 5n] });
    await refuses(`Node.${kind} options`, (value) => Node[kind]('n', what, 'i', value), { values: [null, 5, 'x', true, [], { nonsense: 1 }, { timeout: Number.NaN }] });
  }
  await refuses('Node.join', (value) => Node.join(value), { values });
  await refuses('Node.join options', (value) => Node.join('n', 'i', value), { values: [null, 5, 'x', [], { llm: 1 }] });
  await refuses('llm', (value) => Node.agent('n', 'p', 'i', { llm: value }), { values: WRONG.filter((value) => value !== undefined && value !== null) });

  await refuses('new Workflow', (value) => new Workflow(value), { values });
  await refuses('fromJSON', (value) => Workflow.fromJSON(value));
  const json = JSON.stringify(new Workflow('w'));
  await refuses('fromJSON functions', (value) => Workflow.fromJSON(json, value), { values: [null, 5, 'x', { ghost: () => 1 }, { a: 5 }] });
  const workflow = new Workflow('w');
  const promise = true;
  await refuses('addNode', (value) => workflow.addNode(value), { promise });
  await refuses('addNode definition', (value) => workflow.addNode({ name: 'n', nodeType: 'agent', prompt: 'p', ...value }), {
    promise,
    values: [{ name: 5 }, { nodeType: 'x' }, { nodeType: 5 }, { nodeType: undefined }, { nodeType: 'toString' }, { prompt: 5 }, { prompt: undefined }, { id: 5 }, { timeout: 'x' }, { timeout: -1 }, { retry: 5 }, { retry: { maxRetries: 'x' } }, { temperature: 'x' }, { temperature: 9 }, { maxTokens: -1 }, { maxTokens: 1.5 }, { systemPrompt: 5 }, { model: 5 }, { promt: 'x' }],
  });
  const ends = WRONG.filter((value) => typeof value !== 'string');
  for (const method of ['connect', 'addEdge']) {
    await refuses(`${method} from`, (value) => workflow[method](value, 'b'), { promise, values: ends });
    await refuses(`${method} to`, (value) => workflow[method]('a', value), { promise, values: ends });
  }
  await workflow.addNode(Node.join('twice', 'twice'));
  await refuses('the same id twice', () => workflow.addNode(Node.join('twice', 'twice')), { promise, values: [0] });
});

test('wrong arguments of executors and results are told', async () => {
  const nothing = WRONG.filter((value) => value !== undefined && value !== null);
  const options = [null, 5, 'x', true, [], { timeoutSecs: 1 }, { timeoutSeconds: 0 }, { timeoutSeconds: 'x' }, { maxParallel: 0 }, { maxParallel: 1.5 }, { maxParallel: 2 ** 40 }];
  for (const make of [(...args) => new Executor(...args), Executor.newLowLatency, Executor.newHighThroughput, Executor.newBalanced, Executor.newMemoryOptimized]) {
    await refuses('Executor', (value) => make(value), { values: nothing });
    await refuses('Executor options', (value) => make(undefined, value), { values: options });
  }
  const executor = new Executor();
  const workflow = new Workflow('w');
  await workflow.addNode(Node.transform('t', (input) => input, 't'));
  const promise = true;
  const runs = [null, 5, 'x', true, [], { nonsense: 1 }, { timeout: 0 }, { timeout: 'x' }, { maxParallel: 0 }, { input: 5n }, { signal: {} }, { signal: 5 }];
  await refuses('execute', (value) => executor.execute(value), { promise });
  await refuses('execute options', (value) => executor.execute(workflow, value), { promise, values: runs });
  await refuses('start', (value) => executor.start(value).result, { promise });
  await refuses('start options', (value) => executor.start(workflow, value).result, { promise, values: runs });
  const cycle = {};
  cycle.self = cycle;
  assertError(await rejection(executor.execute(workflow, { input: cycle })), 'INVALID_INPUT');
  const result = await executor.execute(workflow, { input: 1 });
  await refuses('output', (value) => result.output(value), { values: [null, 5, true, [], {}, 5n] });
  await refuses('outputBuffer', (value) => result.outputBuffer(value), { values: [undefined, null, 5, true, [], {}, 5n] });
  assert.equal(result.output('ghost'), undefined);
  assert.equal(result.outputBuffer('ghost'), undefined);
  await refuses('cancel', (value) => executor.start(workflow).cancel(value), { promise, always: false });
});

test('wrong arguments of the module and of memory trackers are told', async () => {
  await refuses('init', init, { values: [null, 5, 'x', [], { nonsense: 1 }, { runtime: null }, { runtime: 5 }, { runtime: { workerThreads: 0 } }] });
  await refuses('configureRuntime', configureRuntime, { values: [undefined, null, 5, 'x', [], { workerthreads: 1 }, { workerThreads: 'x' }, { workerThreads: Number.NaN }, { threadStackSizeMb: 0 }, { idleTimeoutMs: -1 }] });
  await refuses('MemoryTracker', (value) => new MemoryTracker(value), { values: [null, 5, 'x', [], { capacity: 1 }, { capacity: -1 }, { capacity: 1e9 }, { capacity: 'x' }, { nonsense: 1 }] });
  await refuses('delta', (value) => new MemoryTracker().delta(value, value));
  await refuses('MemoryLeakDetector', (value) => new MemoryLeakDetector(value), { values: [null, 5, 'x', [], { minSamples: 0 }, { minSamples: 'x' }, { minGrowthMb: Number.NaN }, { minGrowthMb: -1 }] });
  await refuses('startMonitoring', (value) => new MemoryLeakDetector().startMonitoring(value), { values: [0, -1, Number.NaN, 'x', {}] });
  await refuses('startMonitoring callback', (value) => new MemoryLeakDetector().startMonitoring(1000, value), { values: [null, 5, 'x', {}] });
});
