// Where a run goes on: conditions, edges with conditions, and joins where ways come together.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection, startServer } from './support.mjs';

const server = await startServer();
const executor = () => new Executor(server.config());
const echo = (id) => Node.transform(id, (input) => input, id);
const statuses = (result) => Object.fromEntries(result.stats().nodes.map(({ id, status }) => [id, status]));

/** Runs `check` with three ways behind it, and tells which was taken. */
async function way(check, edges, input, one = new Executor()) {
  const workflow = await graph([check, echo('a'), echo('b'), echo('c')]);
  for (const [to, condition] of Object.entries(edges)) await workflow.connect(check.id, to, condition);
  const result = await one.execute(workflow, { input });
  assert.equal(result.isSuccess(), true, String(result.error()));
  return result.stats().nodes.filter(({ id, status }) => status === 'succeeded' && id !== check.id).map(({ id }) => id).join();
}

test('a predicate gives true or false, and edges compare it', async () => {
  const check = Node.condition('Big?', { path: 'total', greaterOrEqual: 100 }, 'big');
  const edges = { a: true, b: false };
  assert.equal(await way(check, edges, { total: 100 }), 'a,c'); // c is a root of its own
  assert.equal(await way(check, edges, { total: 99.5 }), 'b,c');
  assert.equal(await way(check, edges, { total: '100' }), 'b,c');
});

test('every operator of a predicate', async () => {
  const order = { id: 7, tags: ['new', 'red'], name: 'Ada', note: null, nested: { list: [{ n: 1 }] } };
  const holds = [
    { path: 'id', equals: 7 }, { path: 'id', notEquals: 8 }, { path: 'id', greater: 6 }, { path: 'id', greaterOrEqual: 7 }, { path: 'id', less: 8 },
    { path: 'id', lessOrEqual: 7 }, { path: 'id', in: [1, 7] }, { path: 'tags', contains: 'red' }, { path: 'name', contains: 'da' }, { path: 'note', exists: true },
    { path: 'nowhere', exists: false }, { path: 'nested.list.0.n', equals: 1 }, { path: 'name', greater: 'AAA' },
    { all: [{ path: 'id', equals: 7 }, { not: { path: 'name', equals: 'Bob' } }] }, { any: [{ path: 'id', equals: 8 }, { path: 'name', equals: 'Ada' }] },
    { equals: order },
  ];
  for (const predicate of holds) {
    for (const [negated, wanted] of [[predicate, true], [{ not: predicate }, false]]) {
      const result = await new Executor().execute(await graph([Node.condition('C', negated, 'c')]), { input: order });
      assert.equal(result.output('c'), wanted, JSON.stringify(negated));
    }
  }
});

test('of a list of branches the first that holds is taken, or none', async () => {
  const check = Node.condition('Triage', [{ name: 'urgent', when: { path: 'priority', greaterOrEqual: 8 } }, { name: 'spam', when: { path: 'from', contains: '@spam' } }], 'check');
  const edges = { a: 'urgent', b: 'spam', c: { otherwise: true } };
  assert.equal(await way(check, edges, { priority: 9, from: 'x@spam.example' }), 'a');
  assert.equal(await way(check, edges, { priority: 1, from: 'x@spam.example' }), 'b');
  assert.equal(await way(check, edges, { priority: 1, from: 'ada' }), 'c');
});

test('a function decides on this thread, also later, by a name or a boolean', async () => {
  const edges = { a: 'long', b: { otherwise: true }, c: { in: ['medium', 'mini'] } };
  const by = (fn) => Node.condition('C', fn, 'check');
  assert.equal(await way(by((text) => (text.length > 3 ? 'long' : 'short')), edges, 'four'), 'a');
  assert.equal(await way(by(async (text) => { await null; return text.length > 3 ? 'long' : 'short'; }), edges, 'six'), 'b');
  assert.equal(await way(by(() => 'mini'), edges, ''), 'c');
  assert.equal(await way(by(() => true), { a: true, b: false, c: false }), 'a');
  const wrong = await new Executor().execute(await graph([by(() => 5)]));
  assertError(wrong.error(), 'TOOL', { nodeId: 'check' });
  assert.match(wrong.error().message, /name of a branch/);
  const thrown = new Error('mine');
  const failed = await new Executor().execute(await graph([by(() => { throw thrown; })]));
  assert.equal(failed.error().cause, thrown);
});

test('a model picks a branch', async () => {
  await server.clear();
  const check = Node.condition('Topic', { prompt: 'What is this about? {{input}}', branches: ['sports', { name: 'music', description: 'anything with notes' }] }, 'topic');
  const taken = await way(check, { a: 'sports', b: 'music', c: { failed: true } }, 'a song', executor());
  assert.ok(['a', 'b'].includes(taken), taken);
  const [{ body }] = await server.journal();
  const said = JSON.stringify(body);
  for (const part of ['What is this about? a song', 'sports', 'music: anything with notes', 'enum']) assert.ok(said.includes(part), said);
  const other = Node.condition('Topic', { prompt: 'p', branches: ['x'] }, 'topic', { llm: server.config({}, { model: 'small' }) });
  await server.clear();
  await way(other, { a: 'x' }, 'i', executor());
  assert.equal((await server.journal())[0].body.model, 'small');
});

test('edges compare the output of any node', async () => {
  const source = (value) => Node.transform('S', () => value, 's');
  assert.equal(await way(source({ score: 9 }), { a: { path: 'score', greater: 8 }, b: { path: 'score', less: 9 }, c: { otherwise: true } }), 'a');
  assert.equal(await way(source(null), { a: null, b: 0, c: false }), 'a');
  assert.equal(await way(source('text'), { a: 'text', b: 'Text', c: { contains: 'ex' } }), 'a,c');
  assert.equal(await way(source([1]), { a: { equals: [1] }, b: { contains: 2 }, c: { otherwise: true } }), 'a');
});

test('what no way leads to is not taken, and nothing has failed', async () => {
  const workflow = await graph([Node.condition('C', { equals: 1 }, 'c'), echo('yes'), echo('no'), echo('after')], [['no', 'after']]);
  await workflow.connect('c', 'yes', true);
  await workflow.connect('c', 'no', false);
  const result = await new Executor().execute(workflow, { input: 1 });
  assert.deepEqual([result.isSuccess(), result.error()], [true, null]);
  assert.deepEqual(statuses(result), { c: 'succeeded', yes: 'succeeded', no: 'notTaken', after: 'notTaken' });
  const stats = result.stats();
  assert.deepEqual([stats.successfulNodes, stats.notTakenNodes, stats.skippedNodes], [2, 2, 0]);
  assert.equal(result.output('no'), undefined);
});

test('an edge for failures handles them', async () => {
  const workflow = await graph([Node.transform('Try', () => { throw new Error('no luck'); }, 'try'), echo('good'), echo('rescue')], [['try', 'good']]);
  await workflow.connect('try', 'rescue', { failed: true });
  const result = await new Executor().execute(workflow);
  assert.deepEqual([result.isSuccess(), result.error()], [true, null]);
  assert.deepEqual(statuses(result), { try: 'failed', good: 'notTaken', rescue: 'succeeded' });
  assert.deepEqual(result.output('rescue'), { error: { code: 'TOOL', message: 'no luck' } });
});

test('joins: all, any, first, so many; and what they make of the outputs', async () => {
  const outputs = { a: [1], b: [2, 3] };
  const join = async (options, values = outputs) => {
    const nodes = Object.entries(values).map(([id, value]) => Node.transform(id, () => value, id));
    const result = await new Executor().execute(await graph([...nodes, Node.join('J', 'j', options)], Object.keys(values).map((id) => [id, 'j'])));
    assert.equal(result.isSuccess(), true, String(result.error()));
    return result.output('j');
  };
  assert.deepEqual(await join(), outputs);
  assert.deepEqual(await join({ rule: 'all', reduce: 'list' }), [[1], [2, 3]]);
  assert.deepEqual(await join({ reduce: 'concat' }), [1, 2, 3]);
  assert.deepEqual(await join({ reduce: 'count' }), 2);
  assert.deepEqual(await join({ reduce: 'sum' }, { a: 1, b: 2.5 }), 3.5);
  assert.deepEqual(await join({ reduce: 'merge' }, { a: { x: 1, y: 1 }, b: { y: 2 } }), { x: 1, y: 2 });
  const race = async (options) => {
    const slow = Node.transform('Slow', () => new Promise((resolve) => { setTimeout(resolve, 150, 'slow'); }), 'slow');
    const result = await new Executor().execute(await graph([slow, Node.transform('Fast', () => 'fast', 'fast'), Node.join('J', 'j', options)], [['slow', 'j'], ['fast', 'j']]));
    return result.output('j');
  };
  assert.equal(await race({ rule: 'first' }), 'fast');
  assert.deepEqual(await race({ rule: 'any' }), { fast: 'fast' });
  assert.deepEqual(await race({ rule: { quorum: 1 } }), { fast: 'fast' });
  assert.deepEqual(await race({ rule: { quorum: 2 } }), { slow: 'slow', fast: 'fast' });
});

test('a delay waits and passes its input on', async () => {
  const began = performance.now();
  const result = await new Executor().execute(await graph([Node.delay('Wait', 30.5, 'wait')]), { input: { a: 1 } });
  assert.ok(performance.now() - began >= 30);
  assert.deepEqual(result.output(), { a: 1 });
});

test('validation knows branches, and says what is wrong with them', async () => {
  const workflow = await graph([Node.condition('C', [{ name: 'urgent', when: 1 }], 'c'), echo('a')]);
  await workflow.connect('c', 'a', 'urgnt');
  const error = await rejection(workflow.validate());
  assertError(error, 'INVALID_GRAPH');
  assert.match(JSON.stringify(error.diagnostics), /did you mean \\"urgent\\"/);
});

test('what cannot be a condition, an edge, a join or a delay is refused', async () => {
  for (const [make, message] of [
    [() => Node.condition('C'), /needs a predicate/],
    [() => Node.condition('C', [{ name: 'x' }]), /name, when/],
    [() => Node.condition('C', { prompt: 'p', branches: 'x' }), /prompt, branches/],
    [() => Node.condition('C', { prompt: 'p', branches: [5] }), /branch 0/],
    [() => Node.condition('C', true, 'c', { prompt: 'x' }), /unknown condition option/],
    [() => Node.join('J', 'j', { rule: 'first', reduce: 'list' }), /'any'/],
    [() => Node.join('J', 'j', { rule: { quorum: 0 } }), /quorum/],
    [() => Node.join('J', 'j', { rule: {} }), /quorum/],
    [() => Node.delay('D'), /milliseconds/],
    [() => Node.delay('D', -1), /not below 0/],
    [() => Node.delay('D', Number.POSITIVE_INFINITY), /milliseconds/],
  ]) {
    const error = await rejection(make);
    assertError(error, 'INVALID_INPUT');
    assert.match(error.message, message);
  }
  const workflow = await graph([echo('a'), echo('b')]);
  for (const [condition, message] of [
    [{ otherwise: false }, /otherwise: true/], [{ failed: true, otherwise: true }, /nothing beside/], [{ path: 'x', equal: 1 }, /did you mean "equals"/],
    [5n, /JSON/],
  ]) {
    const error = await rejection(workflow.connect('a', 'b', condition));
    assertError(error, 'INVALID_INPUT');
    assert.match(error.message, message);
  }
  for (const node of [Node.join('J', 'j', { rule: 'some' }), Node.join('J', 'j', { reduce: 'product' }), Node.condition('C', { path: 'x', is: 1 }, 'c')]) {
    assertError(await rejection(workflow.addNode(node)), 'INVALID_INPUT');
  }
});

test('conditions survive JSON, with their functions given anew', async () => {
  const fn = (input) => (input > 5 ? 'big' : 'small');
  const original = await graph([Node.condition('F', fn, 'f'), Node.condition('P', { path: 'a', exists: true }, 'p'), Node.condition('B', [{ name: 'x', when: { in: [1, 2] } }], 'b'), Node.join('J', 'j', { rule: { quorum: 1 }, reduce: 'list' }), Node.delay('D', 5, 'd')]);
  await original.connect('f', 'j', 'big');
  await original.connect('f', 'd', { otherwise: true });
  await original.connect('b', 'j', { failed: true });
  const json = JSON.stringify(original);
  const copy = Workflow.fromJSON(json, { f: fn });
  assert.equal(JSON.stringify(copy), json);
  assert.equal(copy.toMermaid(), original.toMermaid());
  assert.match(copy.toMermaid(), /-->\|"big"\|/);
  const [one, other] = await Promise.all([original, copy].map((workflow) => new Executor().execute(workflow, { input: 3 })));
  assert.deepEqual(other.variables(), one.variables());
});
