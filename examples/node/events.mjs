// Watching a run: what its models write, how far its functions are, and its picture. Leaving the loop stops it.
import { Executor, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';

const workflow = new Workflow('report');
await workflow.addNode(Node.agent('Write', 'Write two sentences about {{input}}.', 'write'));
await workflow.addNode(Node.transform('Count', async (text, { emit, signal }) => {
  const words = text.split(/\s+/);
  for (let done = 0; done < words.length && !signal.aborted; done += 10) {
    emit('progress', { done, of: words.length });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return words.length;
}, 'count'));
await workflow.connect('write', 'count');

const executor = new Executor(LlmConfig.openai());
const run = executor.stream(workflow, { input: 'bees' });
for await (const event of run) {
  switch (event.type) {
    case 'node.delta': process.stdout.write(event.text); break;
    case 'node.finished': console.log(`\n${event.nodeId} ${event.status} in ${event.durationMs.toFixed(0)} ms`); break;
    case 'custom': console.log(`${event.nodeId}: ${event.name}`, event.data); break;
    case 'run.finished': console.log(`the run has ${event.status}`); break;
  }
}
console.log((await run.result).output(), run.toMermaid());

// Who has seen enough leaves: the run is cancelled, its connection closed.
const second = executor.stream(workflow, { input: 'ants' });
for await (const event of second) if (event.type === 'node.delta') break;
const { cancelled, finished, dropped, neverStarted } = await second.cancel();
console.log({ cancelled, finished, dropped, neverStarted });
