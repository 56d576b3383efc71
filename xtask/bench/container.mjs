// Ten thousand workflows of three agents at once in the memory of a small container. Run by `container.rs`, which limits it.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const { Executor, LlmConfig, Node, Workflow, configureRuntime, memoryUsage } = createRequire(import.meta.url)(process.env.GRAPHBIT_PACKAGE ?? '../../bindings/node');
const [given, count = '10000'] = process.argv.slice(2);
// Each call takes two seconds and brings 4 KB.
const baseUrl = `${new URL(given).origin}/with/latency_ms=2000,bytes=4096/v1`;

const { memoryLimitMb } = configureRuntime({ memoryLimitMb: 'container' });
const executor = Executor.newLowLatency(LlmConfig.openai({ apiKey: 'bench', model: 'bench', baseUrl, maxRetries: 0 }));
const chain = new Workflow('chain');
for (const [id, prompt] of [['n0', '{{input.text}}'], ['n1', '{{n0}}'], ['n2', '{{n1}}']]) await chain.addNode(Node.agent(id, prompt, id));
await chain.connect('n0', 'n1');
await chain.connect('n1', 'n2');

const peak = { live: 0, heap: 0, rss: 0, runs: 0 };
const sample = () => {
  const { rss, heapUsed, native } = memoryUsage();
  peak.live = Math.max(peak.live, native.liveBytes);
  peak.heap = Math.max(peak.heap, heapUsed);
  peak.rss = Math.max(peak.rss, rss);
  peak.runs = Math.max(peak.runs, executor.memory().activeRuns);
};
sample();
const [bareRss, bareHeap] = [peak.rss, peak.heap];
const sampling = setInterval(sample, 100);
const failures = new Map();
let [done, bytes] = [0, 0];
const note = (result) => {
  if (result.isSuccess()) bytes += result.output('n2').length;
  else failures.set(result.error().code, (failures.get(result.error().code) ?? 0) + 1);
  done++;
};
const began = performance.now();
const one = (index) => executor.execute(chain, { input: { text: `${String(index).padStart(8, '0')} ${'words '.repeat(340)}` } }).then(note);
await Promise.all(Array.from({ length: Number(count) }, (_, index) => one(index)));
const seconds = (performance.now() - began) / 1000;
clearInterval(sampling);
sample();
const highest = Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
const failed = [...failures].map(([code, times]) => `${times} × ${code}`).join(', ');
console.log(JSON.stringify({ done, failed, bytes, seconds, memoryLimitMb, bareRss, bareHeap, peakRss: Math.max(highest, peak.rss), peakHeap: peak.heap, peakLive: peak.live, peakRuns: peak.runs }));
