// Executor and WorkflowResult: agents, branches, outcomes, many runs at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Executor, Node, WorkflowResult } from '@infinitibit_gmbh/graphbit';

import { graph, report, startServer } from './support.mjs';

const server = await startServer();
const executor = () => new Executor(server.config());

// ---- agents ----------------------------------------------------------------------------------------------------------------

test('three agents, each after the other: the prompts as the server saw them', async () => {
  await server.clear();
  const workflow = await graph(
    [Node.agent('Write', 'Write about {{input.topic}}', 'write'), Node.agent('Edit', 'Edit: {{write}}', 'edit'), Node.agent('Sell', 'Sell: {{edit}} for {{input.topic}}', 'sell')],
    [['write', 'edit'], ['edit', 'sell']],
  );
  const result = await executor().execute(workflow, { input: { topic: 'cats' } });
  assert.equal(result.isSuccess(), true, String(result.error()));
  const prompts = (await server.journal()).map(({ body }) => body.messages.at(-1).content);
  assert.deepEqual(prompts, ['Write about cats', 'Edit: echo: Write about cats', 'Sell: echo: Edit: echo: Write about cats for cats']);
  assert.equal(result.output(), 'echo: Sell: echo: Edit: echo: Write about cats for cats');
  assert.equal(result.output('Edit'), result.output('edit'));
  assert.deepEqual(Object.keys(result.variables()).sort(), ['edit', 'sell', 'write']);
  assert.deepEqual(result.getAllOutputs(), result.variables());
});

test('an agent without template variables sees what its predecessors said', async () => {
  await server.clear();
  const workflow = await graph([Node.agent('A', 'first', 'a'), Node.agent('B', 'Sum it up.', 'b')], [['a', 'b']]);
  await executor().execute(workflow);
  const [, second] = await server.journal();
  const said = JSON.stringify(second.body.messages);
  assert.match(said, /echo: first/);
  assert.match(said, /Sum it up\./);
});

test('what an agent says of its model goes over the wire', async () => {
  await server.clear();
  const other = server.config({ text: 'from the other' }, { model: 'other', apiKey: 'sk-other' });
  const workflow = await graph([
    Node.agent('A', 'p', 'a', { systemPrompt: 'be brief', temperature: 0.25, maxTokens: 33 }),
    Node.agent('B', 'p', 'b', { model: 'bigger' }),
    Node.agent('C', 'p', 'c', { llm: other }),
  ]);
  const result = await executor().execute(workflow);
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.equal(result.output('c'), 'from the other');
  const journal = await server.journal();
  const by = (model) => journal.find(({ body }) => body.model === model);
  const { body } = by('test');
  assert.deepEqual(body.messages[0], { role: 'system', content: 'be brief' });
  assert.deepEqual([body.temperature, body.max_tokens ?? body.max_completion_tokens], [0.25, 33]);
  assert.equal(by('bigger').authorization, 'Bearer sk-test');
  assert.equal(by('other').authorization, 'Bearer sk-other');
});

test('branches run at once and join', async () => {
  await server.clear();
  const workflow = await graph(
    [...'abc'].map((id) => Node.agent(id, `ask ${id}`, id)).concat(Node.join('J', 'j'), Node.agent('Last', 'All: {{j.b}}', 'last')),
    [['a', 'j'], ['b', 'j'], ['c', 'j'], ['j', 'last']],
  );
  const result = await new Executor(server.config({ latency_ms: 40 })).execute(workflow);
  assert.equal((await server.stats()).peak_in_flight, 3);
  assert.deepEqual(result.output('j'), { a: 'echo: ask a', b: 'echo: ask b', c: 'echo: ask c' });
  assert.equal(result.output('last'), 'echo: All: echo: ask b');
  assert.equal(result.stats().maxConcurrentNodes, 3);
});

test('maxParallel limits the nodes of one run', async () => {
  const workflow = await graph(Array.from({ length: 6 }, (_, i) => Node.agent(`A${i}`, 'p', `a${i}`)));
  for (const run of [
    () => new Executor(server.config({ latency_ms: 10 }), { maxParallel: 2 }).execute(workflow),
    () => new Executor(server.config({ latency_ms: 10 })).execute(workflow, { maxParallel: 2 }),
  ]) {
    await server.clear();
    await run();
    const { requests, peak_in_flight } = await server.stats();
    assert.deepEqual([requests, peak_in_flight], [6, 2]);
  }
});

// ---- outcomes ------------------------------------------------------------------------------------------------------------------

test('a failed node: the result is no success, its error names the node, what follows is skipped', async () => {
  const workflow = await graph(
    [Node.agent('A', 'p', 'a', { llm: server.config({ status: 500 }) }), Node.agent('B', 'p', 'b'), Node.agent('C', 'alone', 'c')],
    [['a', 'b']],
  );
  const result = await executor().execute(workflow);
  assert.ok(result instanceof WorkflowResult);
  assert.deepEqual([result.isSuccess(), result.isCompleted(), result.isFailed()], [false, false, true]);
  const error = result.error();
  assert.deepEqual([error.code, error.nodeId, error.runId, error.status], ['UNAVAILABLE', 'a', result.runId, 500]);
  assert.equal(result.output('b'), undefined);
  assert.equal(result.output('c'), 'echo: alone');
  const stats = result.stats();
  assert.deepEqual([stats.totalNodes, stats.successfulNodes, stats.failedNodes, stats.skippedNodes], [3, 1, 1, 1]);
  const status = Object.fromEntries(stats.nodes.map((node) => [node.id, node.status]));
  assert.deepEqual(status, { a: 'failed', b: 'skipped', c: 'succeeded' });
  assert.equal(stats.nodes[0].error.code, 'UNAVAILABLE');
  assert.match(inspect(result), /failed/);
});

test('a result tells what one node did, by id or name, with what it gave', async () => {
  const thrown = new Error('mine');
  const workflow = await graph([Node.agent('Asks', 'p', 'a'), Node.transform('Fails', () => { throw thrown; }, 'f'), Node.transform('After', () => 1, 'after')], [['a', 'f'], ['f', 'after']]);
  const result = await executor().execute(workflow);
  const asked = result.node('a');
  assert.deepEqual([asked.id, asked.status, asked.output, asked.attempts, asked.error, asked.finishReason], ['a', 'succeeded', 'echo: p', 1, null, 'stop']);
  assert.ok(asked.usage.output > 0 && asked.durationMs >= 0 && asked.startedMs >= 0);
  assert.deepEqual(result.node('Asks'), asked);
  const failed = result.node('f');
  assert.deepEqual([failed.status, failed.output, failed.error.code, failed.error.cause], ['failed', undefined, 'TOOL', thrown]);
  assert.deepEqual([result.node('after').status, result.node('after').startedMs], ['skipped', null]);
  assert.equal(result.node('nobody'), null);
});

test('a node is tried again when its options say so', async () => {
  let calls = 0;
  const flaky = Node.transform('T', () => { if (++calls < 3) throw new Error('not yet'); return calls; }, 't', { retry: { maxRetries: 3, initialDelayMs: 1 } });
  const result = await new Executor().execute(await graph([flaky]));
  assert.equal(result.output(), 3);
  assert.equal(result.error(), null);
  assert.equal(result.stats().nodes[0].attempts, 3);
});

test('time runs out for a node, a run, an executor', async () => {
  const never = () => new Promise(() => {});
  const node = await new Executor().execute(await graph([Node.transform('T', never, 't', { timeout: 30 })]));
  assert.deepEqual([node.error().code, node.error().clock, node.error().nodeId], ['TIMEOUT', 'node', 't']);
  const workflow = await graph([Node.agent('A', 'p', 'a')]);
  const config = server.config({ fault: 'never' });
  for (const result of await Promise.all([new Executor(config).execute(workflow, { timeout: 30 }), new Executor(config, { timeoutSeconds: 0.03 }).execute(workflow)])) {
    assert.equal(result.isSuccess(), false);
    assert.deepEqual([result.error().code, result.error().clock], ['TIMEOUT', 'run']);
  }
  await server.until((stats) => stats.in_flight === 0, 'the connections to be closed');
});

test('outputs: text, bytes, JSON, nothing', async () => {
  const values = { text: 'Grüße 👋', object: { a: [1, 2.5, null, true] }, number: 1e21, nothing: null, empty: '', list: [] };
  const result = await new Executor().execute(await graph(Object.entries(values).map(([id, value]) => Node.transform(id, () => value, id))));
  assert.deepEqual(result.variables(), values);
  for (const [id, value] of Object.entries(values)) assert.deepEqual(result.output(id), value);
  assert.deepEqual(result.output(), values);
  assert.equal(result.outputBuffer('text').toString(), values.text);
  assert.deepEqual(JSON.parse(result.outputBuffer('object')), values.object);
  assert.equal(result.workflowName, 'w');
  const json = JSON.parse(JSON.stringify(result));
  assert.deepEqual([json.success, json.error, json.outputs.text], [true, null, values.text]);
});

test('an executor without a model runs functions, and says what an agent lacks', async () => {
  const result = await new Executor().execute(await graph([Node.agent('A', 'p', 'a')])).catch((error) => ({ error: () => error }));
  assert.equal(result.error().code, 'CONFIG');
});

test('the profiles have names, and count what they did', async () => {
  const made = { low_latency: Executor.newLowLatency(), high_throughput: Executor.newHighThroughput(null), balanced: Executor.newBalanced(undefined, {}), memory_optimized: Executor.newMemoryOptimized() };
  for (const [name, one] of Object.entries(made)) {
    assert.equal(one.getExecutionMode(), name);
    await one.execute(await graph([Node.transform('T', () => 1)]));
    await one.execute(await graph([Node.transform('T', () => { throw 1; })]));
    const { averageDurationMs, ...counts } = one.getStats();
    assert.deepEqual(counts, { totalExecutions: 2, successfulExecutions: 1, failedExecutions: 1, cancelledExecutions: 0 });
    assert.ok(averageDurationMs >= 0);
    one.resetStats();
    assert.equal(one.getStats().totalExecutions, 0);
  }
  assert.equal(new Executor().getExecutionMode(), 'balanced');
});

// ---- many ------------------------------------------------------------------------------------------------------------------------

test('five hundred runs at once through one executor', async () => {
  const workflow = await graph(
    [Node.agent('A', 'Say {{input.n}}', 'a'), Node.transform('T', (text) => Number(text.split(' ').at(-1)), 't')],
    [['a', 't']],
  );
  const one = executor();
  const results = await Promise.all(Array.from({ length: 500 }, (_, n) => one.execute(workflow, { input: { n } })));
  results.forEach((result, n) => assert.equal(result.output(), n));
  assert.equal(one.getStats().successfulExecutions, 500);
  assert.equal(new Set(results.map(({ runId }) => runId)).size, 500);
});

test('a waiting execute keeps less than 800 bytes of V8’s heap, whatever its input', async (t) => {
  // In a program of its own: the test runner hooks into every promise, and that costs more.
  const bytes = await report(`
    import { Executor, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';
    import { inUse } from './test/support.mjs';
    const executor = Executor.newLowLatency(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE }));
    const agent = new Workflow('agent');
    await agent.addNode(Node.agent('A', '{{input.text}}', 'a'));
    const transform = new Workflow('transform');
    await transform.addNode(Node.transform('T', () => new Promise(() => {}), 't'));
    const { signal } = new AbortController();
    const input = (i) => ({ text: i + 'x'.repeat(2048) });
    const calls = {
      agent: (i) => executor.execute(agent, { input: input(i) }),
      agentWithSignal: (i) => executor.execute(agent, { input: input(i), signal }),
      start: (i) => executor.start(agent, { input: input(i) }),
    };
    const bytes = {};
    for (const [name, call] of Object.entries(calls)) {
      const waiting = new Array(1000).fill(null);
      for (let i = 0; i < 50; i++) call(i);
      const before = await inUse();
      for (let i = 0; i < waiting.length; i++) waiting[i] = call(i);
      const after = await inUse();
      bytes[name] = Math.round((after.heap - before.heap) / waiting.length);
    }
    console.log(JSON.stringify(bytes));
    process.exit();
  `, { env: { BASE: server.url({ fault: 'never' }) } });
  t.diagnostic(JSON.stringify(bytes));
  for (const [name, each] of Object.entries(bytes)) assert.ok(each < 800, `${name}: ${each} bytes`);
});
