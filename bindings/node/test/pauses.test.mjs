// Nodes that ask somebody outside, and wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, Node } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection, sleep, until } from './support.mjs';

const asked = (run, count = 1) => until(() => run.questions().length === count && run.questions(), 'the questions');

test('a pause asks, and the answer is its output', async () => {
  const workflow = await graph([Node.pause('Approve', 'Send {{input.amount}} to {{input.to}}?', 'approve'), Node.condition('C', { path: 'ok', equals: true }, 'c')], [['approve', 'c']]);
  const run = new Executor().start(workflow, { input: { amount: 5, to: 'Ada' } });
  assert.deepEqual(await asked(run), [{ nodeId: 'approve', question: 'Send 5 to Ada?' }]);
  assert.equal(await run.answer('approve', { ok: true }), undefined);
  const result = await run.result;
  assert.deepEqual(result.variables(), { approve: { ok: true }, c: true });
  assert.deepEqual(run.questions(), []);
});

test('an answer that does not fit is refused, and the question stays', async () => {
  const run = new Executor().start(await graph([Node.pause('P', 'How many?', 'p', { answer: { type: 'integer', minimum: 1 } })]));
  await asked(run);
  for (const value of [0, 'one', 1.5, null]) {
    const error = await rejection(run.answer('p', value));
    assertError(error, 'INVALID_INPUT');
    assert.match(error.message, /does not fit/);
  }
  assert.equal(run.questions().length, 1);
  assert.match((await rejection(run.answer('q', 1))).message, /these wait for an answer: p/);
  assertError(await rejection(run.answer(5, 1)), 'INVALID_INPUT');
  assertError(await rejection(run.answer('p', 1n)), 'INVALID_INPUT');
  await run.answer('p', 3);
  assert.equal((await run.result).output(), 3);
  assert.match((await rejection(run.answer('p', 3))).message, /none does/);
});

test('in the loop over the events questions are answered, also those of bodies', async () => {
  const workflow = await graph([Node.map('Each', Node.pause('Ask', 'About {{input.item}}?', 'ask'), 'each')]);
  const run = new Executor().stream(workflow, { input: ['a', 'b'] });
  for await (const event of run) if (event.type === 'node.paused') await run.answer(event.nodeId, `${event.nodeId}: ${event.question}`);
  assert.deepEqual((await run.result).output(), ['each/0/ask: About a?', 'each/1/ask: About b?']);
});

test('a question that is a single variable keeps its type', async () => {
  const run = new Executor().start(await graph([Node.pause('P', '{{input.form}}', 'p')]), { input: { form: { fields: ['a'] } } });
  assert.deepEqual(await asked(run), [{ nodeId: 'p', question: { fields: ['a'] } }]);
  await run.answer('p', null);
  assert.equal((await run.result).output(), null);
});

test('nobody answers: the node’s time, its fallback, the run’s cancellation', async () => {
  const late = await new Executor().execute(await graph([Node.pause('P', '?', 'p', { timeout: 20 })]));
  assert.deepEqual([late.error().code, late.error().nodeId], ['TIMEOUT', 'p']);
  const fallen = await new Executor().execute(await graph([Node.pause('P', '?', 'p', { timeout: 20, fallback: 'no answer' })]));
  assert.deepEqual([fallen.isSuccess(), fallen.output()], [true, 'no answer']);
  const run = new Executor().start(await graph([Node.pause('P', '?', 'p')]));
  await asked(run);
  const began = performance.now();
  assert.deepEqual((await run.cancel()).dropped, ['p']);
  assert.ok(performance.now() - began < 100);
  assert.deepEqual(run.questions(), []);
  assertError(await rejection(run.result), 'CANCELLED');
});

test('of a run that did not start there are no questions, and no answers', async () => {
  const run = new Executor().start({});
  assert.deepEqual(run.questions(), []);
  assertError(await rejection(run.answer('p', 1)), 'INVALID_INPUT');
  assertError(await rejection(run.result), 'INVALID_INPUT');
  await sleep(1);
});
