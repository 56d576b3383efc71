// What every node may say: what becomes of a failure, what is kept, what is written to the state. And the forms of inputs and outputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection, startServer } from './support.mjs';

const server = await startServer();
const fails = (id, options) => Node.transform(id, () => { throw new Error('no'); }, id, options);
const echo = (id) => Node.transform(id, (input) => input, id);
const statuses = (result) => Object.fromEntries(result.stats().nodes.map(({ id, status }) => [id, status]));

test('onError: the run fails, passes over the node, or goes on with null', async () => {
  const run = async (options) => new Executor().execute(await graph([fails('a', options), echo('b')], [['a', 'b']]));
  const failed = await run({ onError: 'fail' });
  assert.deepEqual([failed.isSuccess(), statuses(failed)], [false, { a: 'failed', b: 'skipped' }]);
  const skipped = await run({ onError: 'skip' });
  assert.deepEqual([skipped.isSuccess(), statuses(skipped), skipped.error()], [true, { a: 'notTaken', b: 'notTaken' }, null]);
  const going = await run({ onError: 'continue' });
  assert.deepEqual([going.isSuccess(), statuses(going), going.output('b')], [true, { a: 'succeeded', b: 'succeeded' }, null]);
  assert.equal(going.stats().nodes[0].error.message, 'no'); // what happened is still told
});

test('a fallback is the output in place of a failure, and may name what is there', async () => {
  for (const [fallback, output] of [['plain', 'plain'], [null, null], [{ of: '{{input.who}}', n: [1] }, { of: 'Ada', n: [1] }], ['{{input}}', { who: 'Ada' }]]) {
    const result = await new Executor().execute(await graph([fails('a', { fallback })]), { input: { who: 'Ada' } });
    assert.deepEqual([result.isSuccess(), result.output()], [true, output]);
  }
});

test('an output that is kept under a key is given again', async () => {
  let calls = 0;
  const workflow = await graph([Node.transform('T', (input) => { calls++; return { for: input.id, calls }; }, 't', { cache: '{{input.id}}' })]);
  const one = new Executor();
  const outputs = [];
  for (const id of [1, 2, 1]) outputs.push((await one.execute(workflow, { input: { id } })).output());
  assert.deepEqual(outputs, [{ for: 1, calls: 1 }, { for: 2, calls: 2 }, { for: 1, calls: 1 }]);
  const slow = await graph([Node.map('Each', Node.transform('T', async ({ item }) => { await null; calls++; return item; }, 't', { cache: '{{input.item}}' }), 'each', { concurrency: 1 })]);
  calls = 0;
  assert.deepEqual((await one.execute(slow, { input: [1, 2, 1] })).output(), [1, 2, 1]);
  assert.equal(calls, 2);
  const other = await graph([Node.transform('T', () => 'another function', 't', { cache: '{{input.id}}' })]);
  assert.equal((await one.execute(other, { input: { id: 1 } })).output(), 'another function');
  const asks = await graph([Node.agent('A', 'Say {{input.id}}', 'a', { cache: 'say-{{input.id}}' })]);
  await server.clear();
  const agent = new Executor(server.config());
  for (const id of [1, 2, 1, 1]) assert.equal((await agent.execute(asks, { input: { id } })).output(), `echo: Say ${id}`);
  assert.equal((await server.stats()).requests, 2);
});

test('idleTimeout ends an agent whose model stops writing', async () => {
  const workflow = await graph([Node.agent('A', 'p', 'a', { idleTimeout: 40 })]);
  const result = await new Executor(server.config({ fault: 'never' })).execute(workflow);
  assert.deepEqual([result.error().code, result.error().clock, result.error().nodeId], ['TIMEOUT', 'idle', 'a']);
});

test('an agent’s answer of a given form is a value', async () => {
  const output = { type: 'object', properties: { title: { type: 'string' }, score: { type: 'integer' } }, required: ['title', 'score'] };
  const workflow = await graph([Node.agent('A', 'Rate it', 'a', { output }), Node.transform('T', ({ title, score }) => [typeof title, typeof score], 't')], [['a', 't']]);
  const result = await new Executor(server.config()).execute(workflow);
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual(result.output(), ['string', 'number']);
});

// ---- state -----------------------------------------------------------------------------------------------------------------

test('nodes write variables, templates read them, and the result has them all', async () => {
  await server.clear();
  const workflow = new Workflow('w', { state: { log: { reducer: 'append' }, total: { initial: 10, reducer: 'sum' }, last: {}, seen: { initial: ['a'], reducer: 'union' }, calls: { reducer: 'count' } } });
  await workflow.addNode(Node.transform('A', () => ({ n: 5, tags: ['a', 'b'] }), 'a', { writes: { total: 'n', seen: 'tags', log: true } }));
  await workflow.addNode(Node.transform('B', () => ({ n: 7 }), 'b', { writes: [{ variable: 'total', path: 'n' }, 'last', { variable: 'calls' }] }));
  await workflow.addNode(Node.agent('C', 'Total {{state.total}}, seen {{state.seen.1}}', 'c'));
  await workflow.connect('a', 'b');
  await workflow.connect('b', 'c');
  const result = await new Executor(server.config()).execute(workflow);
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual(result.state(), { log: [{ n: 5, tags: ['a', 'b'] }], total: 22, last: { n: 7 }, seen: ['a', 'b'], calls: 1 });
  assert.equal(result.output('c'), 'echo: Total 22, seen b');
  assert.equal(JSON.stringify(Workflow.fromJSON(workflow.toJSON(), { a: () => 1, b: () => 1 })), JSON.stringify(workflow));
  const plain = await new Executor().execute(await graph([echo('x')]));
  assert.equal(plain.state(), null);
});

test('what a variable cannot take fails the node that writes it', async () => {
  const workflow = new Workflow('w', { state: { total: { reducer: 'sum' } } });
  await workflow.addNode(Node.transform('A', () => 'text', 'a', { writes: { total: true } }));
  const result = await new Executor().execute(workflow);
  assertError(result.error(), 'INVALID_INPUT', { nodeId: 'a' });
  const wrong = new Workflow('w', { state: { total: {} } });
  await wrong.addNode(Node.transform('A', () => 1, 'a', { writes: { totl: true } }));
  assert.match(JSON.stringify((await rejection(wrong.validate())).diagnostics), /did you mean/);
});

// ---- borders ---------------------------------------------------------------------------------------------------------------

test('inputs and outputs are held to the workflow’s schemas', async () => {
  const workflow = new Workflow('w', { description: 'd', input: { type: 'object', required: ['n'] }, output: { type: 'integer' } });
  await workflow.addNode(Node.transform('T', ({ n }) => n, 't'));
  assert.equal((await new Executor().execute(workflow, { input: { n: 5 } })).output(), 5);
  assertError(await rejection(new Executor().execute(workflow, { input: {} })), 'INVALID_INPUT');
  const result = await new Executor().execute(workflow, { input: { n: 'five' } });
  assertError(result.error(), 'OUTPUT');
  assert.equal(workflow.toJSON().description, 'd');
});

test('what a node or a workflow cannot say is refused', async () => {
  for (const [make, message] of [
    [() => fails('a', { onError: 'ignore' }), /onError must be one of fail, skip, continue/],
    [() => fails('a', { cache: true }), /cache/],
    [() => fails('a', { idleTimeout: 0 }), /idleTimeout/],
    [() => fails('a', { timeout: -1 }), /timeout/],
    [() => fails('a', { writes: 'total' }), /writes/],
    [() => fails('a', { writes: { total: 5 } }), /writes\.total/],
    [() => fails('a', { writes: [5] }), /name of a variable/],
    [() => fails('a', { writes: [{ variable: 'x', at: 'y' }] }), /unknown member of writes/],
    [() => fails('a', { retry: { retries: 5 } }), /unknown retry option/],
    [() => fails('a', { fallbck: 5 }), /did you mean "fallback"/],
    [() => new Workflow('w', { inputs: {} }), /did you mean "input"/],
    [() => new Workflow('w', { state: { x: { reduce: 'sum' } } }), /did you mean "reducer"/],
    [() => new Workflow('w', { state: { x: { reducer: 'product' } } }), /unknown variant/],
    [() => new Workflow('w', { state: 5 }), /state/],
  ]) {
    const error = await rejection(make);
    assertError(error, 'INVALID_INPUT');
    assert.match(error.message, message);
  }
  for (const schema of [{ type: 'nothing' }]) assertError(await rejection(new Workflow('w', { input: schema }).validate()), 'INVALID_GRAPH');
});
