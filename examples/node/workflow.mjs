// Two agents in parallel, a function over what they say, and a third agent that reads it.
// Run with OPENAI_API_KEY set, or OPENAI_BASE_URL naming any server that speaks chat completions.
import { Executor, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';

const workflow = new Workflow('decision');
await workflow.addNode(Node.agent('For', 'Give one reason for: {{input.question}}', 'for'));
await workflow.addNode(Node.agent('Against', 'Give one reason against: {{input.question}}', 'against'));
await workflow.addNode(Node.transform('Minutes', (said) => `For: ${said.for}\nAgainst: ${said.against}`, 'minutes'));
await workflow.addNode(Node.agent('Judge', 'Decide, in one sentence.\n{{minutes}}', 'judge', { temperature: 0 }));
for (const [from, to] of [['for', 'minutes'], ['against', 'minutes'], ['minutes', 'judge']]) await workflow.connect(from, to);
console.log(workflow.toMermaid());

const executor = new Executor(LlmConfig.openai(), { timeoutSeconds: 60 });
const result = await executor.execute(workflow, { input: { question: 'Should meetings be shorter?' } });

// A failed node fails the result, not the promise: what was produced is still there.
if (result.isSuccess()) console.log(result.output('judge'));
else console.error(result.error(), result.variables());
