// Edges that functions of a program decide.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection, sleep, startServer } from './support.mjs';

const server = await startServer();
const echo = (id) => Node.transform(id, (input) => input, id);
const statuses = (result) => Object.fromEntries(result.stats().nodes.map(({ id, status }) => [id, status]));

/** A workflow with edges `[from, to, condition]`. */
async function deciding(nodes, edges) {
  const workflow = await graph(nodes);
  for (const edge of edges) await workflow.connect(...edge);
  return workflow;
}

test('a function decides an edge by what its source gave; what it does not take is visible', async () => {
  const workflow = await deciding(['a', 'big', 'huge', 'rest', 'after'].map(echo), [
    ['a', 'big', ({ n }) => n > 10], ['a', 'huge', async ({ n }) => { await sleep(1); return n > 100; }], ['a', 'rest', { otherwise: true }], ['huge', 'after'],
  ]);
  const ways = async (n) => statuses(await new Executor().execute(workflow, { input: { n } }));
  const [yes, no] = ['succeeded', 'notTaken'];
  assert.deepEqual(await ways(500), { a: yes, big: yes, huge: yes, rest: no, after: yes });
  assert.deepEqual(await ways(50), { a: yes, big: yes, huge: no, rest: no, after: no });
  assert.deepEqual(await ways(5), { a: yes, big: no, huge: no, rest: yes, after: no });
  const result = await new Executor().execute(workflow, { input: { n: 50 } });
  assert.deepEqual([result.output('big'), result.isSuccess()], [{ n: 50 }, true]);
  assert.match(workflow.toMermaid(), /-->\|"function"\|/);
});

test('a function decides an edge behind a model, and beside predicates', async () => {
  const workflow = await deciding([Node.agent('Ask', 'say {{input}}', 'ask'), echo('loud'), echo('long')], [
    ['ask', 'loud', (text) => text === text.toUpperCase()], ['ask', 'long', { contains: 'say' }],
  ]);
  const result = await new Executor(server.config()).execute(workflow, { input: 'x' });
  assert.deepEqual(statuses(result), { ask: 'succeeded', loud: 'notTaken', long: 'succeeded' });
});

test('edges are asked one after the other in their order, and see their source’s context', async () => {
  const log = [];
  const decide = (name, ms) => async (_, { nodeId, runId, state, emit }) => {
    await sleep(ms);
    emit(name);
    log.push([name, nodeId, typeof runId, state]);
    return true;
  };
  const workflow = await deciding([echo('a'), Node.transform('B', () => log.push(['b']), 'b'), echo('c')], [['a', 'b', decide('one', 20)], ['a', 'c', decide('two', 0)]]);
  const custom = [];
  for await (const event of new Executor().stream(workflow)) if (event.type === 'custom') custom.push([event.nodeId, event.name]);
  assert.deepEqual(log, [['one', 'a', 'string', null], ['two', 'a', 'string', null], ['b']]);
  assert.deepEqual(custom, [['a', 'one'], ['a', 'two']]);
});

test('an edge whose function throws, rejects, or gives no boolean fails its source, visibly', async () => {
  const thrown = new RangeError('mine');
  for (const [fn, message, cause] of [
    [() => { throw thrown; }, /edge to "b": mine/, (error) => error === thrown],
    [async () => { throw thrown; }, /edge to "b": mine/, (error) => error === thrown],
    [() => 'yes', /true or false, not a text/], [async () => undefined, /true or false, not null/], [() => 1, /not a number/], [() => 5n, /edge to "b"/],
  ]) {
    const workflow = await deciding([echo('a'), echo('b'), echo('c')], [['a', 'b', fn], ['b', 'c']]);
    const result = await new Executor().execute(workflow, { input: 'kept' });
    assert.equal(result.isSuccess(), false);
    assertError(result.error(), 'TOOL', { nodeId: 'a', runId: result.runId });
    assert.match(result.error().message, message);
    if (cause) assert.ok(cause(result.error().cause));
    assert.deepEqual(statuses(result), { a: 'failed', b: 'skipped', c: 'skipped' });
    assert.equal(result.output('a'), 'kept');
  }
  const handled = await deciding([echo('a'), echo('b'), echo('rescue')], [['a', 'b', () => { throw thrown; }], ['a', 'rescue', { failed: true }]]);
  const result = await new Executor().execute(handled);
  assert.deepEqual([result.isSuccess(), statuses(result)], [true, { a: 'failed', b: 'notTaken', rescue: 'succeeded' }]);
  assert.match(result.output('rescue').error.message, /mine/);
});

test('functions of edges in bodies, of maps and of subworkflows', async () => {
  const body = await deciding([Node.transform('A', (input) => input.item ?? input, 'a'), echo('big'), echo('small')], [['a', 'big', (n) => n > 10], ['a', 'small', { otherwise: true }]]);
  const map = await graph([Node.map('Each', body, 'each')]);
  assert.deepEqual((await new Executor().execute(map, { input: [5, 50] })).output(), [{ small: 5 }, { big: 50 }]);
  const sub = await graph([Node.subworkflow('Sub', body, 'sub')]);
  assert.deepEqual((await new Executor().execute(sub, { input: 50 })).output(), { big: 50 });
});

test('an edge that is asked about for ever does not hold a run that is stopped', async () => {
  let told;
  const asked = new Promise((resolve) => { told = resolve; });
  const hangs = (_, { signal }) => new Promise(() => { signal.addEventListener('abort', () => told(signal.reason)); });
  for (const stop of ['cancel', 'timeout', 'signal']) {
    const workflow = await deciding([echo('a'), echo('b')], [['a', 'b', hangs]]);
    const controller = new AbortController();
    const run = new Executor().start(workflow, { ...(stop === 'timeout' && { timeout: 30 }), signal: controller.signal });
    setTimeout(() => (stop === 'cancel' ? run.cancel() : stop === 'signal' && controller.abort()), 30);
    if (stop === 'timeout') assertError((await run.result).error(), 'TIMEOUT');
    else assertError(await rejection(run.result), 'CANCELLED');
    assert.equal((await asked).code, 'CANCELLED');
  }
});

test('a function is no data: JSON says that there is one, and it is given anew', async () => {
  const yes = () => true;
  const body = await deciding([echo('x'), echo('y')], [['x', 'y', yes]]);
  const original = await deciding([echo('a'), echo('b'), Node.subworkflow('Sub', body, 'sub')], [['a', 'b', yes], ['b', 'sub']]);
  const json = JSON.parse(JSON.stringify(original));
  assert.deepEqual(json.edges[0], { from: 'a', to: 'b', when: 'function' });
  const echoes = { a: (input) => input, b: (input) => input, 'sub/x': (input) => input, 'sub/y': (input) => input };
  const copy = Workflow.fromJSON(json, { ...echoes, 'a->b': yes, 'sub/x->y': yes });
  assert.equal(JSON.stringify(copy), JSON.stringify(original));
  assert.equal((await new Executor().execute(copy, { input: 3 })).output(), 3);
  const half = Workflow.fromJSON(json, { ...echoes, 'a->b': yes });
  const first = await rejection(new Executor().execute(half));
  assertError(first, 'INVALID_INPUT');
  assert.match(first.message, /no function was given for "sub\/x->y": functions are not in the JSON/);
  const without = Workflow.fromJSON(JSON.stringify(await deciding([Node.join('J', 'j'), Node.join('K', 'k')], [['j', 'k', yes]])));
  const refused = await rejection(new Executor().execute(without));
  assertError(refused, 'INVALID_INPUT');
  assert.match(refused.message, /no function was given for "j->k"/);
  assert.match((await rejection(() => Workflow.fromJSON(json, { 'a->c': yes }))).message, /nothing at "a->c" calls a function: did you mean "a->b"/);
});

test('one function an edge', async () => {
  const workflow = await deciding([echo('a'), echo('b')], [['a', 'b', () => true]]);
  assertError(await rejection(workflow.connect('a', 'b', () => false)), 'INVALID_INPUT');
  assertError(await rejection(workflow.addNode(echo('a->b'))), 'INVALID_INPUT');
});
