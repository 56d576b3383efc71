// Workflow and Node: building a graph, its JSON form, its drawing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Executor, GraphBitError, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { rejection, startServer } from './support.mjs';

const server = await startServer();

test('addNode resolves to the id: the one given, or one made from the name', async () => {
  const workflow = new Workflow('w');
  assert.equal(await workflow.addNode(Node.join('Some Name', 'mine')), 'mine');
  const made = await workflow.addNode(Node.join('Some Name'));
  assert.match(made, /^[a-z0-9_-]+$/);
  const again = await workflow.addNode(Node.join('Some Name'));
  assert.notEqual(again, made, 'an id that is made from the name is made unique');
  assert.deepEqual(workflow.nodeIds, ['mine', made, again]);
  assert.equal((await rejection(workflow.addNode(Node.join('Another', 'mine')))).code, 'INVALID_INPUT');
  assert.equal(workflow.name, 'w');
});

test('a node says what it is', () => {
  const node = Node.agent('A', 'p', 'a', { systemPrompt: 's' });
  assert.deepEqual([node.name, node.nodeType, node.id], ['A', 'agent', 'a']);
  assert.deepEqual([Node.transform('T', () => 1).nodeType, Node.join('J').nodeType], ['transform', 'join']);
  assert.equal(inspect(node), "Node { name: 'A', nodeType: 'agent', id: 'a' }");
});

test('a node may be added as plain data', async () => {
  await server.clear();
  const workflow = new Workflow('w');
  const agent = await workflow.addNode({ id: 'a', name: 'A', nodeType: 'agent', prompt: 'Say {{input}}', systemPrompt: 'be brief', maxTokens: 5 });
  const transform = await workflow.addNode({ name: 'T', nodeType: 'Transform', function: (text) => text.toUpperCase() });
  const join = await workflow.addNode({ name: 'J', nodeType: 'join' });
  await workflow.connect(agent, transform);
  await workflow.addEdge(transform, join);
  const result = await new Executor(server.config()).execute(workflow, { input: 'hi' });
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.deepEqual(result.output(join), { [transform]: 'ECHO: SAY HI' });
  const [{ body }] = await server.journal();
  assert.deepEqual(body.messages, [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'Say hi' }]);
});

test('validate resolves to true, or rejects with every finding', async () => {
  const workflow = new Workflow('w');
  await workflow.addNode(Node.agent('A', 'p', 'a'));
  assert.equal(await workflow.validate(), true);
  assert.deepEqual(workflow.warnings(), []);
  await workflow.connect('a', 'a');
  const error = await rejection(workflow.validate());
  assert.equal(error.code, 'INVALID_GRAPH');
  assert.throws(() => workflow.warnings(), (thrown) => GraphBitError.isInstance(thrown) && thrown.code === 'INVALID_GRAPH');
});

test('toJSON and fromJSON: the same graph, its functions given by id', async () => {
  const original = new Workflow('Grüße');
  await original.addNode(Node.agent('A', 'Say {{input.text}}', 'a', { systemPrompt: 's', temperature: 0.5, maxTokens: 7, timeout: 5000, retry: { maxRetries: 1 }, description: 'd' }));
  await original.addNode(Node.transform('T', (text) => text.length, 't'));
  await original.addNode(Node.join('J', 'j'));
  await original.connect('a', 't');
  await original.connect('t', 'j');
  const json = JSON.stringify(original);
  assert.equal(JSON.parse(json).version, 1);
  for (const form of [json, JSON.parse(json), original]) {
    const copy = Workflow.fromJSON(form, { t: (text) => text.length });
    assert.ok(copy instanceof Workflow);
    assert.equal(JSON.stringify(copy), json);
    const executor = new Executor(server.config());
    const [one, other] = await Promise.all([original, copy].map((workflow) => executor.execute(workflow, { input: { text: 'hi' } })));
    assert.equal(other.isSuccess(), true, String(other.error()));
    assert.deepEqual(other.variables(), one.variables());
    assert.deepEqual(other.output('j'), { t: 'echo: Say hi'.length });
  }
});

test('fromJSON without a function: the graph can be drawn, its run says what is missing', async () => {
  const original = new Workflow('w');
  await original.addNode(Node.transform('T', () => 1, 't'));
  const copy = Workflow.fromJSON(JSON.stringify(original));
  assert.equal(copy.toMermaid(), original.toMermaid());
  const outcome = await new Executor().execute(copy).then((result) => result.error(), (error) => error);
  assert.ok(GraphBitError.isInstance(outcome), inspect(outcome));
  assert.match(outcome.message, /function/);
});

test('fromJSON refuses what is no graph', () => {
  for (const bad of ['', '{', '[]', '{}', '{"version":2,"name":"w","nodes":[],"edges":[]}', {}, [], { version: 1 }]) {
    assert.throws(() => Workflow.fromJSON(bad), (error) => GraphBitError.isInstance(error) && error.code === 'INVALID_INPUT', inspect(bad));
  }
  assert.throws(() => Workflow.fromJSON({ version: 1, name: 'w', nodes: [{ id: 'tee', name: 't', kind: 'transform' }], edges: [] }, { tea: () => 1 }), /did you mean "tee"/);
});

test('toMermaid and toDot draw every node and edge, whatever their names', async () => {
  const workflow = new Workflow('w');
  await workflow.addNode(Node.agent('Ask "the" <model>', 'p', 'a'));
  await workflow.addNode(Node.transform('T', () => 1, 't'));
  await workflow.connect('a', 't');
  for (const drawing of [workflow.toMermaid(), workflow.toDot()]) {
    assert.match(drawing, /model/);
    assert.match(drawing, /-->|->/);
  }
  assert.match(workflow.toMermaid(), /^(flowchart|graph) /);
  assert.match(workflow.toDot(), /^digraph/);
  assert.equal(inspect(workflow), 'Workflow(w: a, t)');
});

test('a workflow may grow between its runs', async () => {
  const executor = new Executor();
  const workflow = new Workflow('w');
  await workflow.addNode(Node.transform('One', () => 1, 'one'));
  assert.equal((await executor.execute(workflow)).output(), 1);
  await workflow.addNode(Node.transform('Two', (one) => one + 1, 'two'));
  await workflow.connect('one', 'two');
  assert.equal((await executor.execute(workflow)).output(), 2);
});

test('ids are texts of any script', async () => {
  const workflow = new Workflow('w');
  for (const id of ['größe', '世界', 'a b', '__proto__', 'constructor', 'toString']) {
    assert.equal(await workflow.addNode(Node.transform(id, () => id, id)), id);
  }
  const result = await new Executor().execute(workflow);
  assert.equal(result.isSuccess(), true, String(result.error()));
  for (const id of workflow.nodeIds) assert.equal(result.output(id), id);
  assert.equal(Object.keys(result.variables()).length, 6);
});
