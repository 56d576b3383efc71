// Where the bytes go: what a run took, limits that hold, a scope that tells what is left, and a detector that watches.
import { Executor, LlmConfig, MemoryLeakDetector, Node, Workflow, memoryUsage, trackScope } from '@infinitibit_gmbh/graphbit';

const KB = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

const workflow = new Workflow('report');
await workflow.addNode(Node.agent('Writer', 'Write about {{input.topic}}', 'draft'));
await workflow.addNode(Node.transform('Counter', (text) => ({ words: text.split(' ').length }), 'count'));
await workflow.connect('draft', 'count');

// All runs of this executor together may hold 64 MB; each has its account.
const executor = Executor.newLowLatency(LlmConfig.openai({}), { memoryLimitMb: 64 });
const result = await executor.execute(workflow, { input: { topic: 'shade' } });
const { peakBytes, retainedBytes, byNode, byCategory } = result.memory();
console.log(`the run held at most ${KB(peakBytes)} and keeps ${KB(retainedBytes)}: responses ${byCategory.response} bytes, state ${byCategory.state}`);
for (const [node, { retainedBytes: kept }] of Object.entries(byNode)) console.log(`  ${node} left ${kept} bytes`);

// A run that asks for more than it may have fails, and no other does.
const flood = new Workflow('flood');
await flood.addNode(Node.transform('Flood', () => 'x'.repeat(4 << 20), 'flood'));
const refused = (await executor.execute(flood, { memoryLimitMb: 1 })).error();
console.log(`${refused.code} in node ${refused.nodeId}`);

// What a part of the program begins and does not end.
const scope = trackScope({ name: 'ten runs', onEnd: ({ name, clean, durationMs }) => console.log(`${name}: ${clean ? 'nothing is left' : 'results wait for the garbage collector'}, ${durationMs.toFixed(0)} ms`) });
const detector = new MemoryLeakDetector({ minSamples: 5 });
let verdict;
await (async () => {
  for (let index = 0; index < 10; index++) {
    await executor.execute(workflow, { input: { topic: `shade ${index}` } });
    verdict = detector.check();
  }
})();
await new Promise((resolve) => setTimeout(resolve, 20));
await scope.end(); // or `await using scope = …`, where the language has it
console.log(`the detector: ${verdict.verdict}`);

const { runsBytes, callsBytes, sharedBytes, liveBytes } = memoryUsage().native;
console.log(`native: ${KB(liveBytes)} live, of which runs ${KB(runsBytes)}, calls ${KB(callsBytes)}, shared ${KB(sharedBytes)}`);
await executor.close();
