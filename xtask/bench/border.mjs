// What it costs to cross between JavaScript and the engine, and whether the cost stays the same with thousands of calls waiting.
import { createRequire } from 'node:module';

const { Executor, LlmClient, LlmConfig, Node, Workflow } = createRequire(import.meta.url)('../../bindings/node');
const [baseUrl] = process.argv.slice(2);
const config = LlmConfig.openai({ baseUrl, model: 'bench', maxRetries: 0 });
const executor = Executor.newLowLatency(config);

async function chain(length, fn) {
  const workflow = new Workflow('chain');
  for (let i = 0; i < length; i++) await workflow.addNode(Node.transform(`n${i}`, fn, `n${i}`));
  for (let i = 1; i < length; i++) await workflow.connect(`n${i - 1}`, `n${i}`);
  return workflow;
}
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
async function time(work, runs) {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return median(times);
}

const length = 1000;
const count = (input) => ({ n: (input?.n ?? 0) + 1 });
const run = async (workflow) => {
  const result = await executor.execute(workflow, { input: { n: 0 } });
  if (result.output().n !== length) throw result.error() ?? new Error(`n = ${result.output().n}`);
};
const stepped = await chain(length, count);
const hopping = await chain(length, async (input) => count(input));
await run(stepped);
await run(hopping);
const [inOneVisit, aHopEach] = [(await time(() => run(stepped), 21) * 1000) / length, (await time(() => run(hopping), 21) * 1000) / length];
console.log(`a chain of ${length} JavaScript functions: ${inOneVisit.toFixed(1)} µs a node when stepped on the JavaScript thread,`);
console.log(`  ${aHopEach.toFixed(1)} µs when each returns a promise and the scheduler waits for it in between (${(aHopEach / inOneVisit).toFixed(1)}×)`);

const client = new LlmClient(config);
const parked = new Workflow('parked');
await parked.addNode(Node.agent('waits', 'wait here {{input.n}}', 'waits'));
const burst = 2000;
const calls = () => Promise.all(Array.from({ length: burst }, () => client.warmup()));
await calls();
console.log(`${burst} native calls at once, each settling a promise through the one queue:`);
const waiting = [];
let alone;
for (const target of [0, 1000, 8000]) {
  while (waiting.length < target) waiting.push(executor.start(parked, { input: { n: waiting.length } }));
  await new Promise((resolve) => setTimeout(resolve, target / 4));
  const each = (await time(calls, 15) * 1000) / burst;
  alone ??= each;
  console.log(`  with ${String(target).padStart(5)} runs waiting: ${each.toFixed(1)} µs a call (${(each / alone).toFixed(2)}×)`);
}
for (const each of waiting) each.cancel('measured');
await Promise.allSettled(waiting.map((each) => each.result));
