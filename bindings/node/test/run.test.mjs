// Run: what is under way, and how it is stopped.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { Executor, Node } from '@infinitibit_gmbh/graphbit';

import { graph, rejection, sleep, startServer, until } from './support.mjs';

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
  const unstarted = never.start(workflow, { signal: AbortSignal.abort(reason) });
  for (const { cancelled, neverStarted, finished } of [await unstarted.cancel(), await unstarted.drain()]) {
    assert.deepEqual([cancelled, neverStarted, finished], [true, workflow.nodeIds, []]);
  }

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

test('a receipt names functions that may still run, and counts the tokens of what had answered', async () => {
  const workflow = await graph(
    [Node.agent('A', 'one two three', 'a'), Node.transform('T', () => new Promise(() => {}), 't')],
    [['a', 't']],
  );
  const run = new Executor(server.config()).start(workflow, { events: true });
  for await (const event of run.events) if (event.type === 'node.started' && event.nodeId === 't') break;
  const receipt = await run.cancel();
  assert.deepEqual([receipt.finished, receipt.dropped, receipt.stillRunning], [['a'], ['t'], ['t']]);
  assert.ok(receipt.inputTokens > 0 && receipt.outputTokens > 0, JSON.stringify(receipt));
});

test('drain lets end what is under way, and starts nothing more', async () => {
  let ended = false;
  const workflow = await graph(
    [Node.transform('A', async () => { await sleep(40); ended = true; return 1; }, 'a'), Node.transform('B', () => 2, 'b')],
    [['a', 'b']],
  );
  const run = new Executor().start(workflow);
  await sleep(10);
  const receipt = await run.drain({ timeoutMs: 5000 });
  assert.equal(ended, true);
  assert.deepEqual([receipt.cancelled, receipt.finished, receipt.neverStarted], [true, ['a'], ['b']]);
  assert.equal((await rejection(run.result)).code, 'CANCELLED');

  const stuck = new Executor().start(await graph([Node.transform('A', () => new Promise(() => {}), 'a')]));
  await sleep(5);
  const began = performance.now();
  assert.deepEqual((await stuck.drain({ timeoutMs: 30 })).dropped, ['a']);
  assert.ok(performance.now() - began < 500);
  assert.equal((await rejection(stuck.drain({ timeoutMs: -1 }))).code, 'INVALID_INPUT');
  const over = new Executor().start(await graph([Node.transform('A', () => 1, 'a')]));
  await over.result;
  assert.equal((await over.drain()).cancelled, false);
});

test('an executor drains its runs, and no other', async () => {
  let [begun, release] = [0];
  const released = new Promise((resolve) => { release = resolve; });
  const waiting = await graph([Node.transform('A', async () => { begun++; await released; return 1; }, 'a'), Node.transform('B', () => 2, 'b')], [['a', 'b']]);
  const [one, other] = [new Executor(), new Executor()];
  assert.deepEqual(await one.drain(), []);
  const runs = [one.start(waiting), one.start(waiting)];
  const untouched = other.execute(waiting);
  assert.equal((await rejection(one.start({}).result)).code, 'INVALID_INPUT');
  assert.equal((await rejection(one.start(await graph([Node.agent('A', '{{nobody}}')])).result)).code, 'INVALID_GRAPH');
  await until(() => begun === 3, 'all to have begun');
  const drained = one.drain({ timeoutMs: 10_000 });
  release();
  const receipts = await drained;
  assert.deepEqual(receipts.map(({ runId, finished }) => [runId, finished]).sort(), runs.map(({ id }) => [id, ['a']]).sort());
  assert.equal((await untouched).output(), 2);
  assert.deepEqual(await one.drain(), []);
  assert.equal((await one.execute(waiting)).output(), 2);
  assert.equal((await rejection(one.drain({ timeout: 5 }))).code, 'INVALID_INPUT');
});

test('the picture of a run has what became of each node, while it runs and after', async () => {
  let go;
  const workflow = await graph([
    Node.transform('First', () => 1, 'first'),
    Node.transform('Slow', () => new Promise((resolve) => { go = resolve; }), 'slow'),
    Node.transform('Bad', () => { throw new Error('no'); }, 'bad'),
    Node.transform('Last', () => 1, 'last'),
    Node.transform('Never', () => 1, 'never'),
  ], [['first', 'slow'], ['slow', 'bad'], ['bad', 'last']]);
  await workflow.connect('slow', 'never', 'another value');
  const run = new Executor().start(workflow);
  while (!go) await sleep(1);
  const during = run.toMermaid();
  assert.match(during, /n0\["First<br\/>first<br\/>succeeded, /);
  assert.match(during, /n1\["Slow<br\/>slow<br\/>running, /);
  assert.match(during, /n2\["Bad<br\/>bad"\]/);
  assert.match(during, /classDef running fill/);
  go(1);
  await run.result;
  const after = run.toMermaid();
  for (const line of ['class n0 succeeded', 'class n1 succeeded', 'class n2 failed', 'class n3 skipped', 'class n4 notTaken']) assert.ok(after.includes(line), after);
  assert.match(after, /n4\["Never<br\/>never<br\/>not taken"\]/);
  assert.equal(new Executor().start(workflow, { timeout: -1 }).toMermaid().includes('class n0'), false);
});
