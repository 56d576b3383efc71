// The events of a run: complete, in order, bounded, and read by whoever asked for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, Node, Run } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection, sleep, startServer, until } from './support.mjs';

const server = await startServer();
const executor = (keys) => new Executor(server.config(keys));
const all = async (events) => { const list = []; for await (const event of events) list.push(event); return list; };

test('every node is told, from the first event to the last', async () => {
  const workflow = await graph(
    [Node.transform('A', () => ({ n: 1 }), 'a'), Node.condition('C', { path: 'n', equals: 2 }, 'c'), Node.agent('B', 'Say {{input}}', 'b'), Node.transform('N', () => 1, 'n')],
    [['a', 'c']],
  );
  await workflow.connect('c', 'b', false);
  await workflow.connect('c', 'n', true);
  const run = executor().stream(workflow, { input: 'hi' });
  assert.ok(run instanceof Run);
  const events = await all(run);
  const names = events.map(({ type, nodeId }) => `${type} ${nodeId ?? ''}`.trim());
  assert.deepEqual(names.filter((name) => !name.startsWith('node.delta')), [
    'run.started', 'node.started a', 'node.finished a', 'node.started c', 'node.finished c', 'node.skipped n', 'node.started b', 'node.finished b', 'run.finished',
  ]);
  assert.deepEqual(events[0], { type: 'run.started', runId: run.id, workflow: 'w' });
  const of = (type, id) => events.find((event) => event.type === type && event.nodeId === id);
  assert.deepEqual(of('node.skipped', 'n').status, 'notTaken');
  const { durationMs, usage, memory, ...rest } = of('node.finished', 'b');
  assert.deepEqual(rest, { type: 'node.finished', nodeId: 'b', status: 'succeeded', output: 'echo: Say hi', error: null, attempts: 1, finishReason: 'stop' });
  assert.ok(durationMs > 0 && usage.output > 0);
  assert.ok(memory.retainedBytes > 0 && memory.allocatedBytes > memory.retainedBytes);
  const text = events.filter(({ type }) => type === 'node.delta').map(({ kind, text }) => { assert.equal(kind, 'text'); return text; }).join('');
  assert.equal(text, 'echo: Say hi');
  const last = events.at(-1);
  assert.deepEqual([last.status, last.runId, last.error], ['succeeded', run.id, null]);
  assert.equal((await run.result).output('b'), 'echo: Say hi');
});

test('errors in events are our errors, with what was thrown', async () => {
  const thrown = new RangeError('mine');
  let calls = 0;
  const body = Node.transform('T', () => { calls++; throw thrown; }, 't', { retry: { maxRetries: 1, initialDelayMs: 1 } });
  const run = new Executor().stream(await graph([Node.map('Each', body, 'each')]), { input: [0] });
  const events = await all(run);
  const errors = events.filter(({ error }) => error).map(({ type, nodeId, error }) => { assertError(error, 'TOOL', { cause: thrown, runId: run.id }); return [type, nodeId ?? '', error.nodeId]; });
  assert.deepEqual(errors, [['node.retried', 'each/0/t', 'each/0/t'], ['node.finished', 'each/0/t', 'each/0/t'], ['node.finished', 'each', 'each/0/t'], ['run.finished', '', 'each/0/t']]);
  assert.equal(events.find(({ type }) => type === 'node.retried').attempt, 1);
  assert.equal((await run.result).isSuccess(), false); // a failed node throws in no loop
});

test('a function sends events of its own', async () => {
  const workflow = await graph([
    Node.map('Each', Node.transform('T', ({ item }, context) => { context.emit('progress', { item, text: 'Grüße 👋' }); return item; }, 't'), 'each', { concurrency: 1 }),
    Node.transform('Top', (_, { emit }) => { emit('bare'); return 1; }, 'top'),
  ], [['each', 'top']]);
  const events = (await all(new Executor().stream(workflow, { input: [1, 2] }))).filter(({ type }) => type === 'custom');
  assert.deepEqual(events, [
    { type: 'custom', nodeId: 'each/0/t', name: 'progress', data: { item: 1, text: 'Grüße 👋' } }, { type: 'custom', nodeId: 'each/1/t', name: 'progress', data: { item: 2, text: 'Grüße 👋' } },
    { type: 'custom', nodeId: 'top', name: 'bare', data: null },
  ]);
  assert.equal((await new Executor().execute(workflow, { input: [1] })).isSuccess(), true); // nobody listens: nothing happens
  for (const [bad, code] of [[(context) => context.emit(5), /needs a name/], [(context) => context.emit('x', 5n), /JSON/]]) {
    const run = new Executor().stream(await graph([Node.transform('T', (_, context) => bad(context), 't')]));
    await all(run);
    assert.match((await run.result).error().message, code);
  }
});

test('events of many nodes, in bodies of bodies: each that started has finished, in between its run’s first and last', async () => {
  const inner = await graph([Node.transform('X', async (input) => { await sleep(1); return input; }, 'x'), Node.transform('Y', (input) => input, 'y')], [['x', 'y']]);
  const outer = await graph([Node.map('In', inner, 'in', { items: '{{input.item}}' })]);
  const events = await all(new Executor().stream(await graph([Node.map('Out', outer, 'out')]), { input: [[1, 2, 3], [4, 5], []] }));
  assert.deepEqual([events[0].type, events.at(-1).type], ['run.started', 'run.finished']);
  const started = new Set();
  let finished = 0;
  for (const { type, nodeId } of events) {
    if (type === 'node.started') { assert.ok(!started.has(nodeId)); started.add(nodeId); }
    if (type === 'node.finished') { assert.ok(started.has(nodeId), nodeId); finished++; }
  }
  assert.equal(started.size, 1 + 3 + 5 * 2);
  assert.equal(finished, started.size);
  assert.ok(started.has('out/1/in/0/x'));
});

test('run.events leaves the run alone, and needs the option', async () => {
  const workflow = await graph([Node.transform('A', () => 1, 'a'), Node.transform('B', async () => { await sleep(10); return 2; }, 'b')], [['a', 'b']]);
  const run = new Executor().start(workflow, { events: true });
  for await (const { type } of run.events) if (type === 'node.started') break;
  assert.equal((await run.result).output(), 2);
  const again = await rejection(async () => { for await (const event of run.events) return event; });
  assert.match(again.message, /read once/);

  const whole = new Executor().start(workflow, { events: true });
  assert.deepEqual((await all(whole.events)).map(({ type }) => type), ['run.started', 'node.started', 'node.finished', 'node.started', 'node.finished', 'run.finished']);
  const plain = new Executor().start(workflow);
  for (const read of [plain.events, plain]) assertError(await rejection(all(read)), 'INVALID_INPUT');
  assert.match((await rejection(all(plain.events))).message, /events: true/);
  await plain.result;
  for (const bad of [() => new Executor().start(workflow, { events: 'yes' }).result, () => new Executor().execute(workflow, { events: true }), () => new Executor().stream(workflow, { evnts: true }).result]) {
    assertError(await rejection(bad()), 'INVALID_INPUT');
  }
});

test('leaving the loop cancels the run, and closes its sockets', async () => {
  await server.clear();
  const run = executor({ fault: 'never' }).stream(await graph([Node.agent('A', 'p', 'a')]));
  for await (const { type } of run) {
    if (type !== 'node.started') continue;
    await server.until((stats) => stats.in_flight === 1, 'the request');
    break;
  }
  const began = performance.now();
  const error = await rejection(run.result);
  assert.deepEqual([error.code, error.message], ['CANCELLED', 'the loop over its events was left']);
  assert.ok(performance.now() - began < 100, `${performance.now() - began} ms`);
  await server.until((stats) => stats.in_flight === 0, 'the connection to be closed');
});

test('the loop throws what the result rejects with', async () => {
  const workflow = await graph([Node.transform('T', () => new Promise(() => {}), 't')]);
  const controller = new AbortController();
  const reason = new Error('mine');
  setTimeout(() => controller.abort(reason), 10);
  const seen = [];
  const aborted = await rejection(async () => { for await (const event of new Executor().stream(workflow, { signal: controller.signal })) seen.push(event); });
  assert.deepEqual([aborted.code, aborted.cause], ['CANCELLED', reason]);
  assert.deepEqual([seen.at(-1).type, seen.at(-1).status, seen.at(-1).error.code], ['run.finished', 'cancelled', 'CANCELLED']);
  assert.equal((await rejection(all(new Executor().stream(workflow, { signal: AbortSignal.abort(reason) })))).cause, reason);
  const faulty = await graph([Node.agent('A', '{{nobody}}', 'a')]);
  assertError(await rejection(all(new Executor().stream(faulty))), 'INVALID_GRAPH');
  assertError(await rejection(all(new Executor().stream({}))), 'INVALID_INPUT');
  const cancelled = new Executor().stream(workflow);
  setTimeout(() => cancelled.cancel('enough'), 10);
  assert.equal((await rejection(all(cancelled))).message, 'enough');
  const started = new Executor().start(workflow, { events: true });
  setTimeout(() => started.cancel(), 10);
  assert.equal((await all(started.events)).at(-1).status, 'cancelled'); // its events only end
});

test('a slow reader loses the oldest events, and is told how many', async () => {
  const workflow = await graph([Node.map('Each', Node.transform('T', ({ item }) => item, 't'), 'each')]);
  const run = new Executor().start(workflow, { events: true, input: Array.from({ length: 5000 }, (_, i) => i) });
  await run.result;
  const events = await all(run.events);
  assert.equal(events[0].type, 'lagged');
  assert.ok(events.length <= 4097, `${events.length} events`);
  assert.equal(events[0].missed + events.length - 1, 2 * 5000 + 4);
  assert.equal(events.at(-1).type, 'run.finished');
});

test('large outputs come in pieces of bounded size', async () => {
  const workflow = await graph([Node.map('Each', Node.transform('T', ({ item }) => String(item).repeat(300_000), 't'), 'each')]);
  const run = new Executor().start(workflow, { events: true, input: Array.from({ length: 20 }, (_, i) => i) });
  await run.result;
  const finished = (await all(run.events)).filter(({ type, nodeId }) => type === 'node.finished' && nodeId.startsWith('each/'));
  assert.equal(finished.length, 20);
  for (const { nodeId, output } of finished) assert.equal(output.length, 300_000 * nodeId.split('/')[1].length, nodeId);
});

test('next may be called ahead, and after the end', async () => {
  const run = new Executor().stream(await graph([Node.transform('T', () => 1, 't')]));
  const iterator = run[Symbol.asyncIterator]();
  const steps = await Promise.all(Array.from({ length: 6 }, () => iterator.next()));
  assert.deepEqual(steps.map(({ done, value }) => (done ? 'done' : value.type)), ['run.started', 'node.started', 'node.finished', 'run.finished', 'done', 'done']);
  assert.equal((await iterator.next()).done, true);
});

test('every attempt that failed is told', async () => {
  const workflow = await graph([Node.agent('A', 'p', 'a', { llm: server.config({ status: 503, times: 2 }), retry: { maxRetries: 3, initialDelayMs: 1 } })]);
  const retried = (await all(new Executor().stream(workflow))).filter(({ type }) => type === 'node.retried');
  assert.deepEqual(retried.map(({ attempt }) => attempt), [1, 2]);
  for (const { error } of retried) assertError(error, 'UNAVAILABLE', { nodeId: 'a', status: 503 });
});

test('five hundred runs with events at once', async () => {
  const workflow = await graph([Node.agent('A', 'Say {{input}}', 'a')]);
  const one = executor();
  const ends = await Promise.all(Array.from({ length: 500 }, async (_, n) => {
    const events = await all(one.stream(workflow, { input: n }));
    return events.filter(({ type }) => type === 'node.delta').map(({ text }) => text).join('');
  }));
  ends.forEach((text, n) => assert.equal(text, `echo: Say ${n}`));
});

test('a stream that nobody reads runs to its end', async () => {
  let ran = false;
  const run = new Executor().stream(await graph([Node.transform('T', () => { ran = true; }, 't')]));
  await run.result;
  await until(() => ran, 'the function');
});
