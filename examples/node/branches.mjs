// Ways of a run: a model picks a branch, edges compare values or call a function, a failure is handled, and what comes first is taken.
import { Executor, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';

const workflow = new Workflow('support');
await workflow.addNode(Node.condition('Topic', {
  prompt: 'What does this customer want?\n{{input.message}}',
  branches: [{ name: 'refund', description: 'money back' }, { name: 'question', description: 'to know something' }],
}, 'topic'));
await workflow.addNode(Node.transform('Order', (_, { nodeId }) => { throw new Error(`${nodeId}: the shop is closed`); }, 'order'));
await workflow.addNode(Node.agent('Apology', 'Say sorry, in one sentence: {{order.error.message}}', 'apology'));
await workflow.addNode(Node.agent('Answer', 'Answer in one sentence: {{input.message}}', 'answer'));
await workflow.addNode(Node.join('Reply', 'reply', { rule: 'first' }));

await workflow.connect('topic', 'order', 'refund');
await workflow.connect('topic', 'answer', { otherwise: true });
await workflow.connect('order', 'apology', { failed: true });
for (const from of ['apology', 'answer']) await workflow.connect(from, 'reply');
await workflow.addNode(Node.transform('Shorten', (text) => `${text.slice(0, 40)}…`, 'shorten'));
await workflow.connect('reply', 'shorten', (text) => text.length > 40); // a function decides; it is no part of the workflow's JSON
console.log(workflow.toMermaid());

const executor = new Executor(LlmConfig.openai());
const run = executor.start(workflow, { input: { message: 'I want my money back.' } });
const result = await run.result;
console.log(result.isSuccess(), result.output('reply'));
for (const { id, status } of result.stats().nodes) console.log(`${id}: ${status}`);
console.log(run.toMermaid());
