// The tour that `cargo xtask demo` runs: a workflow of three agents, a stream, a batch, and what they used of memory.
// With OPENAI_API_KEY or OPENAI_BASE_URL it asks that server; GRAPHBIT_DEMO_MODEL names another model.
import {
  Executor, LlmClient, LlmConfig, MemoryTracker, Node, Workflow, getSystemInfo, init, memoryUsage,
} from '@infinitibit_gmbh/graphbit';

const title = (text) => console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}`);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const clip = (text, length = 150) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

init();
const info = getSystemInfo();
const model = process.env.GRAPHBIT_DEMO_MODEL;
const config = LlmConfig.openai({ model, maxTokens: 200 });
console.log(`GraphBit ${info.version} (${info.buildProfile} build) on Node ${info.nodeVersion}, asking ${config}`);
const tracker = new MemoryTracker();
const start = tracker.snapshot();

title('A workflow of three agents, each fed by the one before');
const workflow = new Workflow('article');
await workflow.addNode(Node.agent('Researcher', 'Research: what do trees do for warm cities?', 'research'));
await workflow.addNode(Node.agent('Writer', 'Write: a short paragraph from these findings.\n{{research}}', 'draft'));
await workflow.addNode(Node.agent('Editor', 'Edit: make this clear and brief.\n{{draft}}', 'article'));
await workflow.connect('research', 'draft');
await workflow.connect('draft', 'article');
await workflow.validate();

const executor = Executor.newLowLatency(config);
const result = await executor.execute(workflow);
if (!result.isSuccess()) throw result.error();
const stats = result.stats();
for (const node of stats.nodes) {
  console.log(`${node.id.padEnd(9)} ${node.durationMs.toFixed(0).padStart(5)} ms  ${String(node.usage?.output ?? '?').padStart(4)} tokens  ${clip(result.output(node.id), 90)}`);
}
console.log(`\n${result.output()}\n`);
console.log(`${stats.successfulNodes} of ${stats.totalNodes} nodes, ${stats.totalExecutionTimeMs.toFixed(0)} ms, ${stats.inputTokens} tokens read, ${stats.outputTokens} written; the result keeps ${kib(result.memory().retainedBytes)} of native memory`);

title('A stream, read as it arrives');
const client = new LlmClient(config);
const stream = client.stream('Write: one paragraph about shade.');
const began = performance.now();
let first;
let pieces = 0;
for await (const piece of stream) {
  first ??= performance.now() - began;
  pieces += 1;
  process.stdout.write(piece);
}
const usage = await stream.usage;
console.log(`\n\n${pieces} pieces, the first after ${first?.toFixed(0)} ms, the last after ${(performance.now() - began).toFixed(0)} ms; ${await stream.finishReason}, ${usage?.output ?? '?'} tokens`);

title('A batch of six prompts, three at a time');
const topics = ['roofs', 'rivers', 'parks', 'asphalt', 'awnings', 'courtyards'];
const summaries = await client.completeBatch(topics.map((topic) => `Summarise: the effect of ${topic} on a warm city, in one sentence.`), 60, 0.2, 3);
summaries.forEach((summary, index) => console.log(`${topics[index].padEnd(10)} ${clip(summary, 100)}`));

title('Memory');
const end = tracker.snapshot();
const delta = tracker.delta(start, end);
const now = memoryUsage();
console.log(`V8 heap     ${mib(end.heapUsed)} (${delta.heapUsed >= 0 ? '+' : ''}${kib(delta.heapUsed)} since the start)`);
console.log(`native      ${kib(now.native.liveBytes)} live, ${kib(now.native.peakLiveBytes)} at the peak, ${now.native.allocations} allocations`);
console.log(`process     ${mib(now.rss)} resident`);
console.log(`runtimes    ${getSystemInfo().runtimes.map((runtime) => `${runtime.workers} thread${runtime.workers > 1 ? 's' : ''}, ${runtime.leases} in use`).join('; ') || 'none'} (they stop when idle)`);
