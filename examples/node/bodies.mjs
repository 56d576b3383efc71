// Workflows inside of nodes: one for each item of a list, one that repeats until it is good enough; and a tool without a model.
import { Executor, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';

// What runs for each article. It sees { item, index, input } as its input.
const article = new Workflow('one article');
await article.addNode(Node.agent('Summary', 'Sum up in one sentence: {{input.item.text}}', 'summary'));
await article.addNode(Node.transform('Line', (summary, { nodeId }) => `${nodeId}: ${summary}`, 'line'));
await article.connect('summary', 'line');

// What repeats. It sees { last, iteration, input }.
const draft = Node.agent('Draft', 'Improve this (draft {{input.iteration}}), and say DONE when nothing is left to do.\n{{input.last}}\n{{input.input}}', 'draft');

const search = {
  name: 'search',
  parameters: { type: 'object', properties: { words: { type: 'string' } }, required: ['words'] },
  execute: ({ words }) => ['bees dance', 'bees build', words].map((text) => ({ text })),
};

const workflow = new Workflow('digest', { input: { type: 'object', required: ['topic'] } });
await workflow.addNode(Node.tool('Search', search, 'search', { arguments: { words: 'more about {{input.topic}}' } }));
await workflow.addNode(Node.map('Each', article, 'each', { concurrency: 2, onError: 'collect' }));
await workflow.addNode(Node.transform('Text', (lines) => lines.map((line) => line.error?.message ?? line).join('\n'), 'text'));
await workflow.addNode(Node.loop('Refine', draft, 'refine', { until: (text) => /\bDONE\b/.test(text), limit: 3 }));
for (const [from, to] of [['search', 'each'], ['each', 'text'], ['text', 'refine']]) await workflow.connect(from, to);
console.log(workflow.toMermaid());

const result = await new Executor(LlmConfig.openai()).execute(workflow, { input: { topic: 'bees' } });
console.log(result.output('text'));
console.log(result.isSuccess() ? result.output('refine') : result.error());

// As data, with the functions by the places of their nodes.
const functions = { search: search.execute, 'each/line': (summary) => summary, text: (lines) => lines.join('\n'), 'refine/until': () => true };
const copy = Workflow.fromJSON(JSON.stringify(workflow), functions);
console.log((await new Executor(LlmConfig.openai()).execute(copy, { input: { topic: 'ants' } })).output('refine'));
