// Workflows inside of nodes: maps, loops, subworkflows; and tools. Their functions run on this thread, many bodies at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { assertError, graph, rejection, sleep, startServer, until } from './support.mjs';

const server = await startServer();
const executor = () => new Executor(server.config());

test('a map runs its body for each item, and keeps their order', async () => {
  const body = await graph([Node.transform('Wait', async ({ item, index, input }) => { await sleep(20 - item); return [item * 10, index, input.list]; }, 'wait')]);
  const result = await new Executor().execute(await graph([Node.map('Each', body, 'each', { items: '{{input.list}}' })]), { input: { list: [15, 1, 8] } });
  assert.deepEqual(result.output(), [[150, 0, null], [10, 1, null], [80, 2, null]]);
});

test('the body may be a single node; without items the input is the list', async () => {
  const workflow = await graph([Node.map('Each', Node.agent('Say', 'Say {{input.item}}'), 'each')]);
  const result = await executor().execute(workflow, { input: ['a', 'b'] });
  assert.deepEqual(result.output(), ['echo: Say a', 'echo: Say b']);
  assert.ok(result.stats().inputTokens > 0);
});

test('no more items at once than the map says', async () => {
  let now = 0;
  let most = 0;
  const body = Node.transform('T', async () => { most = Math.max(most, ++now); await sleep(2); now--; });
  const workflow = await graph([Node.map('Each', body, 'each', { concurrency: 3 })]);
  await new Executor().execute(workflow, { input: Array.from({ length: 12 }, (_, i) => i) });
  assert.equal(most, 3);
});

test('an item that fails: with its path, or collected', async () => {
  const thrown = new RangeError('not 2');
  const body = new Workflow('body');
  await body.addNode(Node.transform('Check', ({ item }) => { if (item === 2) throw thrown; return item; }, 'check'));
  const failed = await new Executor().execute(await graph([Node.map('Each', body, 'each', { concurrency: 1 })]), { input: [1, 2, 3] });
  assertError(failed.error(), 'TOOL', { nodeId: 'each/1/check', runId: failed.runId });
  assert.equal(failed.error().cause, thrown);
  const collected = await new Executor().execute(await graph([Node.map('Each', body, 'each', { onError: 'collect' })]), { input: [1, 2, 3] });
  assert.deepEqual(collected.output(), [1, { error: { code: 'TOOL', message: 'not 2' } }, 3]);
  const passed = await new Executor().execute(await graph([Node.map('Each', body, 'each', { onError: 'continue' })]), { input: [2] });
  assert.deepEqual([passed.isSuccess(), passed.output()], [true, null]);
  const none = await new Executor().execute(await graph([Node.map('Each', body, 'each')]), { input: { no: 'list' } });
  assertError(none.error(), 'INVALID_INPUT', { nodeId: 'each' });
});

test('a function of a body is told where it is', async () => {
  const told = [];
  const note = (id) => Node.transform(id, (input, { nodeId, runId }) => { told.push([nodeId, runId]); return 1; }, id);
  const inner = await graph([note('deep')]);
  const body = await graph([Node.subworkflow('Sub', inner, 'sub'), note('side')]);
  const workflow = await graph([Node.map('Each', body, 'each', { concurrency: 1 }), note('top')]);
  const result = await new Executor().execute(workflow, { input: [0, 0] });
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual(told.map(([id]) => id).sort(), ['each/0/side', 'each/0/sub/deep', 'each/1/side', 'each/1/sub/deep', 'top']);
  assert.ok(told.every(([, runId]) => runId === result.runId));
});

test('a thousand bodies at once, whose functions answer in any order', async () => {
  const body = await graph(
    [Node.transform('A', async ({ item }) => { await sleep(Math.random() * 20); return item; }, 'a'), Node.transform('B', (n) => n * 2, 'b'), Node.transform('C', async (n) => { await sleep(Math.random() * 5); return n + 1; }, 'c')],
    [['a', 'b'], ['b', 'c']],
  );
  const items = Array.from({ length: 1000 }, (_, i) => i);
  const workflow = await graph([Node.map('Each', body, 'each', { concurrency: 1000 })]);
  const results = await Promise.all([0, 1].map(() => new Executor().execute(workflow, { input: items })));
  for (const result of results) assert.deepEqual(result.output(), items.map((i) => i * 2 + 1));
});

test('a subworkflow sees the node’s input, and gives its last node’s output', async () => {
  const inner = new Workflow('inner');
  await inner.addNode(Node.agent('Ask', 'About {{input.topic}}', 'ask'));
  await inner.addNode(Node.transform('Loud', (text) => text.toUpperCase(), 'loud'));
  await inner.connect('ask', 'loud');
  const outer = await graph([Node.transform('T', () => ({ topic: 'bees' }), 't'), Node.subworkflow('Inner', inner, 'inner'), Node.agent('Next', 'So: {{inner}}', 'next')], [['t', 'inner'], ['inner', 'next']]);
  const result = await executor().execute(outer);
  assert.equal(result.output(), 'echo: So: ECHO: ABOUT BEES');
});

test('a body’s agents keep their own models', async () => {
  await server.clear();
  const inner = await graph([Node.agent('A', 'p', 'a', { llm: server.config({}, { model: 'special' }) })]);
  const middle = await graph([Node.map('Each', inner, 'each')]);
  await executor().execute(await graph([Node.subworkflow('S', middle, 's')]), { input: [1] });
  assert.equal((await server.journal())[0].body.model, 'special');
});

test('a body is taken over as it is when the node is added', async () => {
  const body = await graph([Node.transform('One', () => 1, 'one')]);
  const workflow = new Workflow('w');
  const node = Node.subworkflow('S', body, 's');
  await workflow.addNode(node);
  await body.addNode(Node.transform('Two', () => 2, 'two'));
  assert.equal((await new Executor().execute(workflow)).output(), 1);
  const again = await graph([node]);
  assert.deepEqual((await new Executor().execute(again)).output(), { one: 1, two: 2 });
});

// ---- loops -----------------------------------------------------------------------------------------------------------------

const counting = Node.transform('Count', ({ last, iteration, input }) => ({ n: (last?.n ?? input) + 1, iteration }), 'count');

test('a loop runs until a predicate holds, while it holds, until a function says so, or while it does', async () => {
  const seen = [];
  const context = [];
  for (const [options, n] of [
    [{ until: { path: 'n', greaterOrEqual: 13 } }, 13],
    [{ while: { path: 'n', less: 14 } }, 14],
    [{ until: (output, { nodeId }) => { seen.push(output.n); context.push(nodeId); return output.n >= 12; } }, 12],
    [{ until: async ({ n }) => n >= 12 }, 12],
    [{ while: ({ n }) => n < 15 }, 15],
    [{ while: async ({ n }) => n < 15 }, 15],
  ]) {
    const result = await new Executor().execute(await graph([Node.loop('L', counting, 'l', { ...options, limit: 9 })]), { input: 10 });
    assert.equal(result.isSuccess(), true, String(result.error()));
    assert.deepEqual(result.output(), { n, iteration: n - 11 });
  }
  assert.deepEqual([seen, context], [[11, 12], ['l/0/until', 'l/1/until']]);
});

test('a loop that is not done after its limit has failed', async () => {
  const result = await new Executor().execute(await graph([Node.loop('L', counting, 'l', { until: { path: 'n', equals: -1 }, limit: 3 })]), { input: 0 });
  assertError(result.error(), 'LIMIT', { nodeId: 'l' });
  assert.match(result.error().message, /limit of 3/);
  const odd = await new Executor().execute(await graph([Node.loop('L', counting, 'l', { until: () => 'yes', limit: 3 })]), { input: 0 });
  assertError(odd.error(), 'TOOL', { nodeId: 'l' });
  for (const value of [() => 'yes', async () => 'yes']) {
    const other = await new Executor().execute(await graph([Node.loop('L', counting, 'l', { while: value, limit: 3 })]), { input: 0 });
    assertError(other.error(), 'TOOL', { nodeId: 'l/0/until' });
  }
});

// ---- tools -----------------------------------------------------------------------------------------------------------------

test('a tool is called with arguments made of templates, or with its input', async () => {
  const weather = { name: 'weather', description: 'd', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }, execute: (given, { nodeId }) => ({ given, nodeId }) };
  const workflow = await graph([Node.tool('With', weather, 'with', { arguments: { city: '{{input.city}}', days: 3, list: ['{{input.n}}'] } }), Node.tool('Without', weather, 'without')]);
  const result = await new Executor().execute(workflow, { input: { city: 'Graz', n: 5 } });
  assert.deepEqual(result.output('with'), { given: { city: 'Graz', days: 3, list: [5] }, nodeId: 'with' });
  assert.deepEqual(result.output('without'), { given: { city: 'Graz', n: 5 }, nodeId: 'without' });
  const unfit = await new Executor().execute(workflow, { input: { n: 1, city: 7 } });
  assertError(unfit.error(), 'INVALID_INPUT');
  assert.match(unfit.error().message, /parameters of the tool "weather"/);
});

// ---- JSON, validation, mistakes ------------------------------------------------------------------------------------------------

test('a workflow with bodies survives JSON, its functions given by their places', async () => {
  const inner = await graph([Node.transform('Deep', (n) => n + 1, 'deep')]);
  const body = await graph([Node.transform('First', ({ item }) => item * 2, 'first'), Node.subworkflow('Sub', inner, 'sub')], [['first', 'sub']]);
  const original = await graph([Node.map('Each', body, 'each'), Node.loop('Loop', Node.transform('Step', ({ last }) => (last ?? 0) + 1, 'step'), 'loop', { until: (n) => n === 3, limit: 5 }), Node.tool('Tool', { name: 't', parameters: {}, execute: () => 'called' }, 'tool')], [['each', 'loop']]);
  const json = JSON.stringify(original);
  const functions = { 'each/first': ({ item }) => item * 2, 'each/sub/deep': (n) => n + 1, 'loop/step': ({ last }) => (last ?? 0) + 1, 'loop/until': (n) => n === 3, tool: () => 'called' };
  const copy = Workflow.fromJSON(json, functions);
  assert.equal(JSON.stringify(copy), json);
  const results = await Promise.all([original, copy].map((workflow) => new Executor().execute(workflow, { input: [1, 2] })));
  for (const result of results) assert.deepEqual(result.variables(), { each: [3, 5], loop: 3, tool: 'called' }, String(result.error()));
  assert.throws(() => Workflow.fromJSON(json, { 'each/frst': () => 1 }), /did you mean "each\/first"/);
  assert.throws(() => Workflow.fromJSON(json, { each: () => 1 }), /calls a function/);
  const { 'each/sub/deep': _, ...most } = functions;
  const without = await rejection(new Executor().execute(Workflow.fromJSON(json, most), { input: [1] }));
  assertError(without, 'INVALID_INPUT');
  assert.match(without.message, /no function was given for "each\/sub\/deep"/);
  const none = await rejection(new Executor().execute(Workflow.fromJSON(json), { input: [1] }));
  assertError(none, 'INVALID_INPUT');
});

test('findings inside of a body say where', async () => {
  const body = await graph([Node.agent('A', '{{nobody}}', 'a')]);
  const error = await rejection((await graph([Node.map('Each', body, 'each')])).validate());
  assertError(error, 'INVALID_GRAPH');
  assert.match(error.diagnostics[0].location, /each\/a/);
});

test('what cannot be a body, a loop or a tool is refused', async () => {
  const body = Node.transform('T', () => 1, 'until');
  for (const [make, message] of [
    [() => graph([Node.map('M', undefined, 'm')]), /needs a Workflow or a Node/],
    [() => graph([Node.subworkflow('S', {}, 's')]), /Node\.subworkflow\(name, workflow\)/],
    [() => Node.map('M', body, 'm', { concurrency: 0 }), /concurrency/],
    [() => Node.map('M', body, 'm', { items: ['{{x}}'] }), /items/],
    [() => Node.loop('L', body, 'l'), /until.*while/],
    [() => Node.loop('L', body, 'l', { until: 1, while: 1, limit: 5 }), /either/],
    [() => Node.loop('L', body, 'l', { until: 1 }), /limit/],
    [() => Node.loop('L', body, 'l', { until: 1, limit: 1.5 }), /limit/],
    [() => graph([Node.loop('L', body, 'l', { until: () => true, limit: 5 })]), /another id/],
    [() => Node.tool('T', 'name'), /execute/],
    [() => Node.tool('T', { name: 't' }), /execute/],
    [() => Node.tool('T', { execute: () => 1 }), /name of a tool/],
    [() => Node.tool('T', { name: 't', run: () => 1 }), /unknown member of a tool/],
  ]) {
    const error = await rejection(make);
    assertError(error, 'INVALID_INPUT');
    assert.match(error.message, message);
  }
});

test('nodes of all kinds as plain data', async () => {
  const workflow = new Workflow('w');
  const body = Node.transform('B', ({ item, last }) => item ?? (last ?? 0) + 1, 'b');
  for (const definition of [
    { id: 'c', name: 'C', nodeType: 'Condition', condition: { exists: true } },
    { id: 't', name: 'T', nodeType: 'tool', tool: { name: 't', execute: () => 1 }, arguments: { a: 1 } },
    { id: 'm', name: 'M', nodeType: 'map', body, items: '{{input}}' },
    { id: 'd', name: 'D', nodeType: 'delay', ms: 1 },
    { id: 's', name: 'S', nodeType: 'subworkflow', body },
    { id: 'l', name: 'L', nodeType: 'loop', body, until: 2, limit: 3 },
    { id: 'j', name: 'J', nodeType: 'join', rule: 'any' },
    { id: 'p', name: 'P', nodeType: 'pause', question: 'ok?' },
  ]) assert.equal(await workflow.addNode(definition), definition.id);
  const run = new Executor().start(workflow, { input: ['x'] });
  await until(() => run.questions().length === 1, 'the question');
  await run.answer('p', 'yes');
  const result = await run.result;
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual(result.variables(), { c: true, t: 1, m: ['x'], d: ['x'], s: 1, l: 2, j: {}, p: 'yes' });
  assert.match((await rejection(workflow.addNode({ name: 'X', type: 'agent', prompt: 'p' }))).message, /needs its nodeType, which is not called "type"/);
  assert.match((await rejection(workflow.addNode({ name: 'X', nodeType: 'split' }))).message, /unknown nodeType "split": known are agent, transform/);
});

// ---- cancellation --------------------------------------------------------------------------------------------------------------

/** A body whose function waits until it is told that nobody waits for it. */
function waiting() {
  const told = new Map();
  const body = Node.transform('Wait', ({ item }, { nodeId, signal }) => {
    if (item === 'fail') throw new Error('this one');
    return new Promise(() => signal.addEventListener('abort', () => told.set(nodeId, signal.reason)));
  }, 'wait');
  return { told, body };
}

test('context.signal of a function in a body aborts with the run', async () => {
  const { told, body } = waiting();
  const run = new Executor().start(await graph([Node.map('Each', body, 'each')]), { input: [1, 2] });
  await sleep(20);
  const began = performance.now();
  await run.cancel();
  assert.ok(performance.now() - began < 100);
  await rejection(run.result);
  assert.deepEqual([...told.keys()].sort(), ['each/0/wait', 'each/1/wait']);
  assert.equal(told.get('each/0/wait').code, 'CANCELLED');
});

test('context.signal aborts when its body is given up, or its node’s time is over, and the run goes on', async () => {
  for (const [options, items, nodeId] of [
    [{ onError: 'continue' }, [1, 2, 'fail'], 'each'],
    [{ onError: 'continue', timeout: 30 }, [1, 2], 'each'],
  ]) {
    const { told, body } = waiting();
    let go;
    const workflow = await graph([Node.map('Each', body, 'each', options), Node.transform('Wait', () => new Promise((resolve) => { go = resolve; }), 'open')], [['each', 'open']]);
    const run = new Executor().start(workflow, { input: items });
    await until(() => told.size === 2, 'the functions to be told');
    assert.deepEqual([...told.keys()].sort(), ['each/0/wait', 'each/1/wait']);
    assert.equal(told.get('each/0/wait').nodeId, 'each/0/wait');
    await until(() => go, 'the next node');
    go('done');
    assert.equal((await run.result).output('open'), 'done', nodeId);
  }
  let aborted;
  const slow = Node.transform('Slow', (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => { aborted = true; })), 'slow', { timeout: 20, fallback: 'late' });
  const result = await new Executor().execute(await graph([slow, Node.transform('Then', async (text) => { await until(() => aborted, 'the signal'); return text; }, 'then')], [['slow', 'then']]));
  assert.equal(result.output('then'), 'late');
});

test('a function that answers when nobody waits any more changes nothing', async () => {
  let late;
  const body = Node.transform('T', ({ item }) => { if (item === 0) throw new Error('no'); return new Promise((resolve) => { late = resolve; }); }, 't');
  const workflow = await graph([Node.map('Each', body, 'each', { onError: 'continue' }), Node.transform('After', async () => { late('too late'); await sleep(10); return 'after'; }, 'after')], [['each', 'after']]);
  const seen = [];
  const run = new Executor().stream(workflow, { input: [1, 0] });
  for await (const event of run) if (event.type === 'node.finished') seen.push(event.nodeId);
  assert.deepEqual(seen, ['each/1/t', 'each/0/t', 'each', 'after']);
  assert.equal((await run.result).output(), 'after');
});
