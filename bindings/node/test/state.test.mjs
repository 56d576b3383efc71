// The state of a workflow, as its functions see it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, rejection, sleep } from './support.mjs';

const STATE = { count: { initial: 0, reducer: 'sum' }, log: { reducer: 'append' } };
const add = (id, value, options) => Node.transform(id, () => value, id, { writes: { count: true }, ...options });

async function stateful(nodes, edges = [], state = STATE) {
  const workflow = new Workflow('w', { state });
  for (const node of nodes) await workflow.addNode(node);
  for (const edge of edges) await workflow.connect(...edge);
  return workflow;
}

test('transforms, tools, conditions and edges read the variables that were written before them', async () => {
  const seen = {};
  const read = (id) => (_, { state }) => { seen[id] = state.count; return true; };
  const workflow = await stateful(
    [
      add('a', 2), add('b', 3), Node.transform('T', read('t'), 't'), Node.tool('Tool', { name: 'tool', execute: read('tool') }, 'tool'), Node.condition('C', read('c'), 'c'),
      Node.transform('Later', async (_, context) => { await sleep(5); seen.later = context.state; return 1; }, 'later'), Node.join('End', 'end'),
    ],
    [...['a', 'b'].flatMap((from) => ['t', 'tool', 'c', 'later'].map((to) => [from, to])), ['c', 'end', read('edge')]],
  );
  const result = await new Executor().execute(workflow);
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual(seen, { t: 5, tool: 5, c: 5, edge: 5, later: { count: 5, log: null } });
  assert.deepEqual(result.state(), { count: 5, log: null });
});

test('what is read stays as it was; it is frozen, and written by the node’s writes only', async () => {
  const errors = [];
  const tries = async (_, context) => {
    const { state } = context;
    for (const write of [() => { state.count = 9; }, () => state.list.push(1), () => { context.state = {}; }]) {
      try { write(); } catch (error) { errors.push(error.name); }
    }
    await sleep(30);
    assert.equal(context.state, state);
    return state.count + 10;
  };
  const workflow = await stateful(
    [Node.transform('Reads', tries, 'reads', { writes: { count: true } }), Node.delay('Wait', 5, 'wait'), add('beside', 1)], [['wait', 'beside']],
    { count: { initial: 0, reducer: 'sum' }, list: { initial: [0], reducer: 'append' } },
  );
  const result = await new Executor().execute(workflow);
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual(errors, ['TypeError', 'TypeError', 'TypeError']);
  assert.deepEqual(result.state(), { count: 11, list: [0] }); // 1 from beside, 10 from what it had read as 0
});

test('parallel branches lose no writes, whatever they have read', async () => {
  const nodes = Array.from({ length: 200 }, (_, i) => Node.transform(`N${i}`, async (_, { state }) => { await null; return state.count >= 0 ? 1 : 0; }, `n${i}`, { writes: { count: true } }));
  assert.equal((await new Executor().execute(await stateful(nodes))).state().count, 200);
});

test('without a state there is null; a body has one of its own, and what ends a loop sees its workflow’s', async () => {
  const seen = [];
  const none = new Workflow('none');
  await none.addNode(Node.transform('T', (_, { state }) => { seen.push(state); return 1; }, 't'));
  await new Executor().execute(none);
  const body = await stateful([add('inner', 7), Node.transform('Read', (_, { state }) => state.count, 'read')], [['inner', 'read']]);
  const outer = await stateful([add('first', 1), Node.map('Each', body, 'each', { items: '{{input}}' }), Node.loop('L', Node.transform('Turn', () => 1), 'l', { limit: 3, until: (_, { state }) => state.count === 1 })], [['first', 'each'], ['first', 'l']]);
  const result = await new Executor().execute(outer, { input: [0, 0] });
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual([seen, result.output('each'), result.output('l')], [[null], [7, 7], 1]);
});

test('an attempt that failed writes nothing', async () => {
  let calls = 0;
  const flaky = Node.transform('F', (_, { state }) => { if (++calls < 3) throw new Error('again'); return state.count + 1; }, 'f', { writes: { count: true }, retry: { initialDelayMs: 1 } });
  assert.deepEqual([(await new Executor().execute(await stateful([flaky]))).state().count, calls], [1, 3]);
});

test('state is read while the function runs, not after', async () => {
  const contexts = [];
  const workflow = await stateful([Node.transform('A', (_, context) => { contexts.push(context); return 1; }, 'a'), Node.transform('B', async (_, context) => { contexts.push(context); await null; return 1; }, 'b')]);
  await new Executor().execute(workflow);
  for (const context of contexts) {
    const error = await rejection(() => context.state);
    assertError(error, 'INVALID_INPUT');
    assert.match(error.message, /has ended/);
  }
});
