// A run that asks a person, and waits: the question is an event, the answer goes back into the run.
import { Executor, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';

const workflow = new Workflow('letter');
await workflow.addNode(Node.agent('Draft', 'Write one polite sentence to {{input.to}} about {{input.about}}.', 'draft'));
await workflow.addNode(Node.pause('Approve', 'May this go to {{input.to}}? {{draft}}', 'approve', {
  answer: { type: 'object', properties: { ok: { type: 'boolean' }, by: { type: 'string' } }, required: ['ok'] },
  timeout: 60_000,
  fallback: { ok: false, by: 'nobody' }, // who does not answer does not approve
}));
await workflow.addNode(Node.transform('Send', ({ by }) => `sent, approved by ${by}`, 'send'));
await workflow.addNode(Node.transform('File', () => 'filed away', 'file'));
await workflow.connect('draft', 'approve');
await workflow.connect('approve', 'send', { path: 'ok', equals: true });
await workflow.connect('approve', 'file', { otherwise: true });

const run = new Executor(LlmConfig.openai()).stream(workflow, { input: { to: 'Ada', about: 'engines' } });
for await (const event of run) {
  if (event.type !== 'node.paused') continue;
  console.log(event.question);
  await run.answer(event.nodeId, 'yes').catch((error) => console.log(error.message)); // not what was asked for: it goes on waiting
  await run.answer(event.nodeId, { ok: true, by: 'Grace' });
}
const result = await run.result;
console.log(result.output('send') ?? result.output('file'));
