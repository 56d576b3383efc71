// Whose native memory is whose: runs, results, clients, limits, scopes.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, LlmClient, Node, Workflow, configureRuntime, memoryUsage, trackScope } from '@infinitibit_gmbh/graphbit';

import { MB, assertError, collect, graph, rejection, report, sleep, startServer, until } from './support.mjs';

const server = await startServer();

const agents = () => graph([Node.agent('A', 'say {{input.text}}', 'a'), Node.transform('T', (text) => ({ text, again: text }), 't')], [['a', 't']]);

test('a result tells what the run took, by node and by what it is for', async () => {
  const executor = new Executor(server.config());
  const result = await executor.execute(await agents(), { input: { text: 'x'.repeat(50_000) } });
  assert.ok(result.isSuccess(), String(result.error()));
  const memory = result.memory();
  assert.ok(memory.peakBytes >= memory.liveBytes && memory.liveBytes >= memory.retainedBytes, JSON.stringify(memory));
  assert.ok(memory.retainedBytes >= 150_000 && memory.retainedBytes < 170_000, JSON.stringify(memory));
  assert.ok(memory.byCategory.response >= 50_000 && memory.byCategory.state >= 100_000, JSON.stringify(memory));
  assert.deepEqual([memory.byCategory.prompt, memory.limitBytes], [0, null]);
  const { a, t } = memory.byNode;
  assert.ok(a.allocatedBytes > 100_000 && a.retainedBytes >= 50_000 && a.retainedBytes < 60_000, JSON.stringify(a));
  assert.ok(t.allocatedBytes === null && t.retainedBytes >= 100_000, JSON.stringify(t));
  const [listed] = memoryUsage().native.byRun.filter((run) => run.runId === result.runId);
  assert.ok(listed.liveBytes >= memory.retainedBytes && listed.peakBytes >= listed.liveBytes);
  assert.ok(executor.memory().liveBytes >= memory.retainedBytes && executor.memory().activeRuns === 0);
});

test('runs, calls and what they share add up to what is live', async () => {
  const { liveBytes, runsBytes, callsBytes, sharedBytes, accountsRefused, byCategory } = memoryUsage().native;
  assert.ok(Math.abs(runsBytes + callsBytes + sharedBytes - liveBytes) < 256 * 1024, `${runsBytes} + ${callsBytes} + ${sharedBytes}, ${liveBytes}`);
  assert.equal(accountsRefused, 0);
  assert.deepEqual(Object.keys(byCategory).sort(), ['buffer', 'history', 'prompt', 'response', 'state', 'trace']);
});

test('a result that is gone holds nothing, to the byte, also one whose functions, bodies and events were used', async () => {
  const executor = new Executor(server.config({ bytes: 20_000 }));
  const workflow = await graph([
    Node.agent('A', 'p', 'a'),
    Node.transform('T', async (text) => [text, text], 't'),
    Node.map('M', Node.transform('I', ({ item }) => item.length, 'i'), 'm'),
  ], [['a', 't'], ['t', 'm']]);
  await (async () => {
    for (let i = 0; i < 20; i++) {
      const run = executor.start(workflow, { events: i % 2 === 0, input: { i } });
      if (i % 2 === 0) for await (const event of run.events) assert.ok(event.type);
      if (i % 5 === 4) await run.cancel();
      const result = await run.result.catch((error) => error);
      if (i % 5 !== 4) assert.deepEqual(result.output('m'), [20_000, 20_000]);
    }
  })();
  await until(async () => {
    await collect();
    return executor.memory().liveBytes === 0;
  }, `the runs to hold nothing: ${JSON.stringify(executor.memory())}`);
  assert.deepEqual(Object.values(executor.memory().byCategory), [0, 0, 0, 0, 0, 0]);
});

test('a run under way tells what it holds, and a client what its calls do', async () => {
  const executor = new Executor(server.config({ fault: 'never' }));
  const run = executor.start(await graph([Node.agent('A', '{{input}}', 'a')]), { input: 'x'.repeat(100_000) });
  await until(() => run.memory().byCategory.prompt >= 100_000, 'the prompt to be sent');
  const { liveBytes, peakBytes } = run.memory();
  assert.ok(liveBytes >= 100_000 && peakBytes >= 200_000, JSON.stringify(run.memory())); // the prompt goes once it is sent, the input stays
  assert.equal(executor.memory().activeRuns, 1);
  assert.ok(memoryUsage().native.byCategory.prompt >= 100_000);
  await run.cancel();
  await until(() => executor.memory().activeRuns === 0 && run.memory().byCategory.prompt === 0, 'the run to be gone');

  const client = server.client({ fault: 'never' });
  const calls = new AbortController();
  const call = client.complete('y'.repeat(100_000), { signal: calls.signal });
  await until(() => client.memory().byCategory.prompt >= 100_000 && client.memory().peakBytes >= 100_000, 'the call to be under way');
  calls.abort();
  await rejection(call);
  await until(() => client.memory().byCategory.prompt === 0, 'the call to be gone');
});

test('a run over its limit fails with MEMORY, naming its node and the bytes, and no other run does', async () => {
  const executor = new Executor(server.config({ bytes: MB }));
  const workflow = await graph([Node.agent('A', 'p', 'a'), Node.agent('B', 'short', 'b')], [['a', 'b']]);
  const [small, big] = await Promise.all([
    executor.execute(workflow, { memoryLimitMb: 0.25 }),
    executor.execute(workflow, { memoryLimitMb: 16 }),
  ]);
  assert.ok(big.isSuccess(), String(big.error()));
  const error = small.error();
  assertError(error, 'MEMORY', { nodeId: 'a', retryable: false, runId: small.runId });
  assert.match(error.message, /hard memory limit of this run is 262144 bytes, \d+ are in use/);
  assert.equal(small.memory().limitBytes, 262_144);
});

test('so does one whose function gives more than there is room for', async () => {
  const workflow = await graph([Node.transform('T', () => 'x'.repeat(MB), 't')]);
  const result = await new Executor().execute(workflow, { memoryLimitMb: 0.5 });
  assertError(result.error(), 'MEMORY', { nodeId: 't' });
});

test('above an executor’s soft limit runs wait for each other, and all come to their end', async () => {
  const executor = new Executor(server.config({ bytes: 200_000, latency_ms: 20 }), { memoryLimitMb: 2 });
  const workflow = await graph([Node.agent('A', 'p', 'a')]);
  let most = 0;
  const ended = await Promise.all(Array.from({ length: 40 }, () => executor.execute(workflow).then((result) => {
    most = Math.max(most, executor.memory().activeRuns);
    return result.isSuccess() ? 'ok' : result.error().code;
  })));
  const ok = ended.filter((one) => one === 'ok').length;
  assert.ok(ok >= 4 && ended.every((one) => one === 'ok' || one === 'MEMORY'), ended.join());
  assert.ok(most < 40, `${most} at once`);
  // What results hold is given back with them, and the executor goes on.
  await until(async () => {
    await collect();
    return executor.memory().liveBytes === 0;
  }, 'the results to be gone');
  assert.ok((await executor.execute(workflow)).isSuccess());
});

test('the process has a limit too, as the system counts it, which can be lifted', async () => {
  const { first, set, lifted, after } = await report(`
    import { Executor, Node, Workflow, configureRuntime } from '@infinitibit_gmbh/graphbit';
    const workflow = new Workflow('w');
    await workflow.addNode(Node.transform('T', () => 1, 't'));
    const executor = new Executor();
    const set = configureRuntime({ memoryLimitMb: 20 }).memoryLimitMb; // less than Node itself takes
    const first = (await executor.execute(workflow)).error()?.toJSON();
    const lifted = configureRuntime({ memoryLimitMb: null }).memoryLimitMb;
    const after = (await executor.execute(workflow)).isSuccess();
    console.log(JSON.stringify({ set, first, lifted, after }));
  `);
  assert.deepEqual([set, lifted, after], [20, null, true]);
  assert.equal(first.code, 'MEMORY');
  assert.match(first.message, /hard memory limit of the process is 20971520 bytes/);
});

test('limits that are none are refused by name', async () => {
  for (const bad of [0, -1, 'much', NaN]) {
    assertError(await rejection(() => configureRuntime({ memoryLimitMb: bad })), 'CONFIG');
    assertError(await rejection(() => new Executor(null, { memoryLimitMb: bad })), typeof bad === 'number' && !Number.isFinite(bad) ? 'CONFIG' : 'INVALID_INPUT');
    assertError(await rejection(() => new LlmClient(server.config(), { memoryLimitMb: bad })), typeof bad === 'number' && !Number.isFinite(bad) ? 'CONFIG' : 'INVALID_INPUT');
  }
  assertError(await rejection(new Executor().execute(await graph([Node.transform('T', () => 1)]), { memoryLimitMb: 'x' })), 'INVALID_INPUT');
});

test('a closed executor has stopped its runs and starts no more', async () => {
  const executor = new Executor(server.config({ fault: 'never' }));
  const workflow = await graph([Node.agent('A', 'p', 'a')]);
  const run = executor.start(workflow);
  await executor.close();
  assertError(await rejection(run.result), 'CANCELLED');
  assert.equal(executor.memory().activeRuns, 0);
  assertError(await rejection(executor.execute(workflow)), 'INVALID_INPUT');
  assertError(await rejection(() => executor.start(workflow)), 'INVALID_INPUT');
  await executor.close();
});

test('a scope tells what was begun in it and not ended', async (t) => {
  const executor = new Executor(server.config({ fault: 'never' }));
  const scope = trackScope('work');
  const clean = scope.report();
  assert.deepEqual([clean.name, clean.clean, clean.runs], ['work', true, []]);
  const workflow = await graph([Node.agent('A', 'p', 'a'), Node.transform('T', () => 1, 't')]);
  const run = executor.start(workflow);
  const client = server.client({ fault: 'drip' });
  const stream = client.stream('p');
  for await (const _ of stream) break;
  const open = client.stream('p');
  const reading = open[Symbol.asyncIterator]();
  await reading.next();
  const timer = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(timer));
  await until(() => scope.report().alive.runs === 1, 'the run to begin');
  const left = scope.report();
  assert.deepEqual([left.clean, left.alive.runs, left.alive.calls, left.alive.streams, left.alive.functions, left.alive.timers], [false, 1, 1, 1, 1, 1]);
  assert.ok(left.alive.sockets === null || left.alive.sockets >= 0); // connections of other tests may have been taken up
  assert.ok(left.native.runsBytes > 1_000 && left.runs.some(({ runId }) => runId === run.id));
  clearInterval(timer);
  await reading.return();
  await run.cancel();
  await until(async () => {
    await collect();
    const { alive, clean } = scope.report();
    return alive.runs + alive.calls + alive.streams + alive.functions === 0 || clean;
  }, 'all to end');
});

test('the end of a scope reports, or warns when something is left', async () => {
  const { reports, warnings } = await report(`
    import { Executor, Node, Workflow, trackScope } from '@infinitibit_gmbh/graphbit';
    const warnings = [];
    process.on('warning', (warning) => warnings.push([warning.name, warning.message]));
    const workflow = new Workflow('w');
    await workflow.addNode(Node.transform('T', () => 'x'.repeat(10_000), 't'));
    const executor = new Executor();
    const reports = [];
    const kept = [];
    const tidy = trackScope({ name: 'tidy', onEnd: (report) => reports.push(report) });
    await (async () => { for (let i = 0; i < 5; i++) await executor.execute(workflow); })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await tidy[Symbol.asyncDispose]();
    const untidy = trackScope({ name: 'untidy' });
    for (let i = 0; i < 5; i++) kept.push(await executor.execute(workflow));
    await untidy.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify({ reports, warnings, kept: kept.length }));
  `);
  assert.equal(reports.length, 1);
  assert.ok(reports[0].clean && reports[0].native.runsBytes <= 0, JSON.stringify(reports[0]));
  assert.equal(warnings.length, 1, JSON.stringify(warnings));
  assert.equal(warnings[0][0], 'GraphBitScopeWarning');
  assert.match(warnings[0][1], /^untidy left behind: \d+ bytes more of runs, most of them of run_/);
});

test('V8 is told of what results hold, up and down', async () => {
  const executor = new Executor(server.config({ bytes: 4 * MB }));
  const workflow = await graph([Node.agent('A', 'p', 'a')]);
  await executor.execute(workflow);
  await collect();
  const before = process.memoryUsage().external;
  const kept = [];
  await (async () => { for (let i = 0; i < 4; i++) kept.push(await executor.execute(workflow)); })();
  const held = process.memoryUsage().external - before;
  assert.ok(held >= 16 * MB && held < 24 * MB, `${held / MB} MB`);
  kept.length = 0;
  await until(async () => {
    await collect();
    return process.memoryUsage().external - before < MB;
  }, 'V8 to be told that they are gone');
  await sleep(0);
});
