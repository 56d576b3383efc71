// The engine through Node, on the same work as its siblings in Rust.
import { createRequire } from 'node:module';

const { Executor, LlmConfig, Node, Workflow, memoryUsage } = createRequire(import.meta.url)(process.env.GRAPHBIT_PACKAGE ?? '../../bindings/node');
const [baseUrl, counts] = process.argv.slice(2);
const [count, waiting] = counts.split(',').map(Number);
const CONCURRENCY = 64;

const executor = Executor.newLowLatency(LlmConfig.openai({ apiKey: 'bench', model: 'bench', baseUrl, maxRetries: 0 }));
const input = (index) => ({ input: { text: `${String(index).padStart(8, '0')} ${'words '.repeat(32)}` } });
async function chain(second) {
  const workflow = new Workflow('floor');
  for (const [id, prompt] of [['n0', '{{input.text}}'], ['n1', second], ['n2', '{{n1}}']]) await workflow.addNode(Node.agent(id, prompt, id));
  await workflow.connect('n0', 'n1');
  await workflow.connect('n1', 'n2');
  return workflow;
}
const settle = async () => {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const running = await chain('{{n0}}');
const one = async (index) => {
  const result = await executor.execute(running, input(index));
  if (!result.isSuccess() || result.output('n2').length === 0) throw result.error();
};
for (let index = 0; index < 200; index++) await one(index);
let next = 0;
const [cpu0, began] = [process.cpuUsage(), performance.now()];
await Promise.all(Array.from({ length: CONCURRENCY }, async () => { while (next < count) await one(next++); }));
const [seconds, cpu] = [(performance.now() - began) / 1000, process.cpuUsage(cpu0)];

const alone = [];
for (let index = 0; index < 1000; index++) {
  const at = performance.now();
  await one(index);
  alone.push(performance.now() - at);
}
const parked = await chain('wait here {{n0}}');
await settle();
const before = memoryUsage();
const per = (now, then) => (waiting > 0 ? (now - then) / waiting : 0);
const runs = Array.from({ length: waiting }, (_, index) => executor.start(parked, input(index)));
await new Promise((resolve) => setTimeout(resolve, waiting > 0 ? 3000 : 0));
const unsettled = memoryUsage();
await settle();
const after = memoryUsage();
if (waiting > 0) process.stderr.write(`node: ${per(after.heapUsed, before.heapUsed).toFixed(0)} B of JavaScript heap a waiting workflow\n`);
console.log(JSON.stringify({
  workflowsPerSecond: count / seconds,
  cpuSecondsPer1000: ((cpu.user + cpu.system) / 1e6) * (1000 / count),
  liveBytesPerWaiting: after.native ? per(after.native.liveBytes, before.native.liveBytes) : 0,
  rssBytesPerWaiting: per(Math.min(after.rss, unsettled.rss), before.rss),
  microsAlone: alone.sort((a, b) => a - b)[alone.length / 2] * 1000,
}));
for (const run of runs) run.cancel('measured');
await Promise.allSettled(runs.map((run) => run.result));
