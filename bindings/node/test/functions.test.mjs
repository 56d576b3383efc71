// The functions of a program in its workflows: what they are given, what they may give, and what becomes of what they throw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection } from './support.mjs';

test('a transform sees the run’s input, its only predecessor, or an object of several', async () => {
  const seen = {};
  const note = (id) => Node.transform(id, (input) => { seen[id] = input; return `${id}!`; }, id);
  const workflow = await graph([note('root'), note('one'), note('other'), note('both')], [['root', 'one'], ['root', 'other'], ['one', 'both'], ['other', 'both']]);
  await new Executor().execute(workflow, { input: { n: [1, null, 'ä'] } });
  assert.deepEqual(seen, { root: { n: [1, null, 'ä'] }, one: 'root!', other: 'root!', both: { one: 'one!', other: 'other!' } });
});

test('a transform may be asynchronous, also with a thenable of its own', async () => {
  const workflow = await graph(
    [
      Node.transform('A', async (n) => { await new Promise((resolve) => setTimeout(resolve, 5)); return n + 1; }, 'a'),
      Node.transform('B', (n) => ({ then: (resolve) => { resolve(n * 10); resolve(0); } }), 'b'),
    ],
    [['a', 'b']],
  );
  assert.equal((await new Executor().execute(workflow, { input: 1 })).output(), 20);
});

test('a function is told its node, its run and a signal', async () => {
  let told;
  const workflow = await graph([Node.transform('T', (_, context) => { told = context; return 1; }, 't')]);
  const result = await new Executor().execute(workflow);
  assert.equal(told.nodeId, 't');
  assert.equal(told.runId, result.runId);
  assert.ok(told.signal instanceof AbortSignal);
  assert.equal(told.signal.aborted, true); // asked for after the run
});

test('context.signal aborts when the run ends before the function does', async () => {
  for (const end of ['cancel', 'timeout', 'failure']) {
    let waiting;
    const aborted = new Promise((resolve) => {
      waiting = Node.transform('T', (_, { signal }) => new Promise(() => {
        assert.equal(signal.aborted, false);
        signal.addEventListener('abort', () => resolve(signal.reason));
      }), 't');
    });
    const workflow = await graph([waiting]);
    const run = new Executor().start(workflow, end === 'timeout' ? { timeout: 30 } : {});
    if (end === 'cancel') setTimeout(() => run.cancel(), 10);
    if (end === 'failure') setTimeout(() => run.cancel('failed elsewhere'), 10);
    assert.equal((await aborted).code, 'CANCELLED');
    await run.result.catch(() => undefined);
  }
});

test('a chain of a thousand functions', async () => {
  const workflow = new Workflow('chain');
  for (let i = 0; i < 1000; i++) {
    await workflow.addNode(Node.transform(`T${i}`, (n) => n + 1, `t${i}`));
    if (i > 0) await workflow.connect(`t${i - 1}`, `t${i}`);
  }
  const result = await new Executor().execute(workflow, { input: 0 });
  assert.equal(result.output(), 1000);
  assert.equal(result.stats().successfulNodes, 1000);
});

test('a long run of functions leaves the event loop its turns', async () => {
  const spin = () => { const end = performance.now() + 2; while (performance.now() < end); return 1; };
  const workflow = await graph(Array.from({ length: 60 }, (_, i) => Node.transform(`T${i}`, spin, `t${i}`)));
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => { longest = Math.max(longest, performance.now() - last); last = performance.now(); }, 1);
  await new Executor().execute(workflow);
  longest = Math.max(longest, performance.now() - last);
  clearInterval(timer);
  assert.ok(longest < 60, `${longest} ms without a turn`);
});

test('a number is the same after its way through a run', async () => {
  const numbers = Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** (i % 30 - 15));
  const result = await new Executor().execute(await graph([Node.transform('T', (input) => input, 't')]), { input: numbers });
  const back = result.output();
  assert.equal(numbers.filter((number, i) => number !== back[i]).length, 0);
});

// ---- failures ------------------------------------------------------------------------------------------------------------------

const cyclic = {};
cyclic.self = cyclic;
const thrown = new TypeError('my own');
for (const [what, fn, cause] of [
  ['throws an error', () => { throw thrown; }, (error) => error === thrown],
  ['rejects', async () => { throw thrown; }, (error) => error === thrown],
  ['throws undefined', () => { throw undefined; }, (error) => error === undefined],
  ['throws null', () => { throw null; }, (error) => error === null],
  ['rejects with undefined', () => Promise.reject(), (error) => error === undefined],
  ['throws what has no text', () => { throw Object.create(null); }, (error) => typeof error === 'object'],
  ['throws an error whose message is a symbol', () => { throw Object.assign(new Error(''), { message: Symbol('s') }); }, (error) => error instanceof Error],
  ['throws an error whose message throws', () => { throw Object.defineProperty(new Error(''), 'message', { get() { throw new Error('no'); } }); }, (error) => error instanceof Error],
  ['throws an error that lies about its text', () => { throw { toString() { throw new Error('no text'); } }; }, (error) => typeof error === 'object'],
  ['returns a BigInt', () => 5n, (error) => error instanceof TypeError],
  ['resolves to a BigInt', async () => 5n, (error) => error instanceof TypeError],
  ['returns a cycle', () => cyclic, (error) => error instanceof TypeError],
  ['resolves to a cycle', async () => cyclic, (error) => error instanceof TypeError],
  ['has a toJSON that throws', () => ({ toJSON() { throw thrown; } }), (error) => error === thrown],
  ['has a then that throws', () => ({ get then() { throw thrown; } }), (error) => error === thrown],
  ['has a then that throws when called', () => ({ then() { throw thrown; } }), (error) => error === thrown],
]) {
  test(`a function that ${what} fails its node, with what it threw`, async () => {
    const workflow = new Workflow('w');
    await workflow.addNode(Node.transform('F', fn, 'f'));
    await workflow.addNode(Node.join('After', 'after'));
    await workflow.connect('f', 'after');
    const result = await new Executor().execute(workflow);
    assert.equal(result.isSuccess(), false);
    const error = result.error();
    assertError(error, 'TOOL', { nodeId: 'f', runId: result.runId });
    assert.ok(cause(error.cause));
    assert.ok('cause' in error);
    assert.equal(typeof JSON.stringify(error), 'string');
    assert.equal(typeof JSON.stringify(result), 'string');
    assert.equal(typeof inspect(result), 'string');
    assert.equal(result.output('after'), undefined);
  });
}

test('functions without a value, or with one that JSON leaves out, give null', async () => {
  for (const fn of [() => undefined, async () => undefined, () => () => 1, () => Symbol('s'), () => null, () => Number.NaN]) {
    const workflow = new Workflow('w');
    await workflow.addNode(Node.transform('F', fn, 'f'));
    const result = await new Executor().execute(workflow);
    assert.equal(result.isSuccess(), true, String(result.error()));
    assert.equal(result.output('f'), null);
  }
});

test('what a function threw is the cause, in the error and in the statistics', async () => {
  const mine = new RangeError('mine');
  const result = await new Executor().execute(await graph([Node.transform('T', () => { throw mine; }, 't')]));
  assert.equal(result.error().cause, mine);
  assert.equal(result.stats().nodes[0].error.cause, mine);
  assert.match(result.error().message, /mine/);
});

test('a function may cancel its own run, and run other workflows', async () => {
  const one = new Executor();
  const inner = await graph([Node.transform('I', (n) => n * 2, 'i')]);
  const outer = await graph([Node.transform('O', async (n) => (await one.execute(inner, { input: n })).output(), 'o')]);
  assert.equal((await one.execute(outer, { input: 21 })).output(), 42);
  let run;
  const suicidal = await graph([Node.transform('S', () => { void run.cancel('by itself'); return 1; }, 's')]);
  run = one.start(suicidal);
  assert.equal((await rejection(run.result)).message, 'by itself');
});
