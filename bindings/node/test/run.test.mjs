// Run: what is under way, and how it is stopped.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { Executor, Node } from '@infinitibit_gmbh/graphbit';

import { graph, rejection, startServer } from './support.mjs';

const server = await startServer();
const silent = async () => [new Executor(server.config({ fault: 'never' })), await graph([Node.agent('A', 'p', 'a')])];

test('cancel gives a receipt within 100 ms, also from a server that never answers', async () => {
  await server.clear();
  const workflow = await graph([Node.transform('T', () => 1, 't'), Node.agent('A', 'p', 'a'), Node.agent('B', 'p', 'b')], [['t', 'a'], ['a', 'b']]);
  const run = new Executor(server.config({ fault: 'never' })).start(workflow);
  assert.match(run.id, /^run_/);
  await server.until((stats) => stats.in_flight === 1, 'the request to arrive');
  const began = performance.now();
  const receipt = await run.cancel('no more');
  assert.ok(performance.now() - began < 100, `${performance.now() - began} ms`);
  assert.deepEqual(receipt, { cancelled: true, finished: ['t'], dropped: ['a'], neverStarted: ['b'], stillRunning: [], inputTokens: 0, outputTokens: 0 });
  const error = await rejection(run.result);
  assert.deepEqual([error.code, error.message, error.runId], ['CANCELLED', 'no more', run.id]);
  assert.deepEqual(await run.cancel(), receipt);
  await server.until((stats) => stats.in_flight === 0, 'the connection to be closed');
});

test('cancel after the end, and of a run that did not start', async () => {
  const workflow = await graph([Node.transform('T', () => 1, 't')]);
  const run = new Executor().start(workflow);
  await run.result;
  assert.deepEqual(await run.cancel(), { cancelled: false, finished: ['t'], dropped: [], neverStarted: [], stillRunning: [], inputTokens: 0, outputTokens: 0 });
  const bad = new Executor().start(workflow, { timeout: -1 });
  assert.equal(bad.id, '');
  assert.equal((await bad.cancel()).cancelled, false);
  assert.equal((await rejection(bad.result)).code, 'INVALID_INPUT');
});

test('a signal stops a run: before, while and after', async () => {
  const reason = new Error('mine');
  const [never, workflow] = await silent();
  await server.clear();
  for (const stopped of [never.execute(workflow, { signal: AbortSignal.abort(reason) }), never.start(workflow, { signal: AbortSignal.abort(reason) }).result]) {
    const error = await rejection(stopped);
    assert.deepEqual([error.code, error.cause], ['CANCELLED', reason]);
  }
  assert.equal((await server.stats()).requests, 0);

  const controller = new AbortController();
  const { signal } = controller;
  const runs = [never.execute(workflow, { signal }), never.start(workflow, { signal }).result];
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await server.until((stats) => stats.in_flight === 2, 'the requests to arrive');
  controller.abort(reason);
  for (const run of runs) assert.equal((await rejection(run)).cause, reason);
  assert.equal(getEventListeners(signal, 'abort').length, 0);

  const late = new AbortController();
  const done = await new Executor().execute(await graph([Node.transform('T', () => 1)]), { signal: late.signal });
  late.abort();
  assert.equal(done.output(), 1);
});

test('a signal stops a run whose function waits', async () => {
  const controller = new AbortController();
  const workflow = await graph([Node.transform('T', () => { setTimeout(() => controller.abort('enough'), 5); return new Promise(() => {}); }, 't')]);
  assert.equal((await rejection(new Executor().execute(workflow, { signal: controller.signal }))).cause, 'enough');
});
