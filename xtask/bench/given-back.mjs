// How much of a burst's resident memory goes back to the system when it is over: of all of it, and of what is not pages of program files.
// Those (Node's own code, above all, that runs for the first time) stay in a process until the system wants them for something else.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const { Executor, LlmConfig, Node, Workflow, memoryUsage } = createRequire(import.meta.url)(process.env.GRAPHBIT_PACKAGE ?? '../../bindings/node');
const [given, count = '8000', bursts = '3'] = process.argv.slice(2);
// Each call takes two seconds and brings 4 KB, so that all workflows wait together.
const url = new URL(given);
const baseUrl = url.pathname === '/v1' ? `${url.origin}/with/latency_ms=2000,bytes=4096/v1` : given;

const executor = Executor.newBalanced(LlmConfig.openai({ apiKey: 'bench', model: 'bench', baseUrl, maxRetries: 0 }));
const chain = new Workflow('burst');
for (const [id, prompt] of [['n0', '{{input.text}}'], ['n1', '{{n0}}'], ['n2', '{{n1}}']]) await chain.addNode(Node.agent(id, prompt, id));
await chain.connect('n0', 'n1');
await chain.connect('n1', 'n2');
const text = (result) => {
  if (!result.isSuccess()) throw result.error();
  return result.output('n2').length;
};
const one = (index) => executor.execute(chain, { input: { text: `${String(index).padStart(8, '0')} ${'words '.repeat(340)}` } }).then(text);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** The pages of files among those in RSS, in bytes; only Linux says. */
const files = () => {
  if (process.platform !== 'linux') return 0;
  const [, kilobytes] = /^RssFile:\s*(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'latin1'));
  return kilobytes * 1024;
};
const sample = () => {
  const { rss, heapTotal, arrayBuffers, native } = memoryUsage();
  return { rss, own: rss - files(), v8: heapTotal + arrayBuffers, live: native.liveBytes };
};
const collect = async (times) => {
  for (let i = 0; i < times; i++) {
    globalThis.gc();
    await sleep(20);
  }
};
const MB = (bytes) => (bytes / 1024 / 1024).toFixed(1).padStart(9);

await Promise.all(Array.from({ length: 20 }, (_, index) => one(index)));
await collect(4);
console.log(`${count} workflows of three calls at once; MB of 1024 × 1024 bytes`);
console.log(`${''.padEnd(26)}${['RSS', 'no files', 'V8', 'live', 'back', 'no files'].map((title) => title.padStart(9)).join('')}`);
/** What went back is told of the growth since the burst began. */
const row = (name, now, before, peak) => {
  const back = (of) => (peak && peak[of] > before[of] ? `${((100 * (peak[of] - now[of])) / (peak[of] - before[of])).toFixed(1)} %` : '');
  const cells = [MB(now.rss), MB(now.own), MB(now.v8), MB(now.live), back('rss').padStart(9), back('own').padStart(9)];
  console.log(`${name.padEnd(26)}${cells.join('')}`);
};
const together = () => Promise.all(Array.from({ length: Number(count) }, (_, index) => one(index)));
for (let burst = 1; burst <= Number(bursts); burst++) {
  const before = sample();
  let peak = before;
  const take = () => {
    const now = sample();
    if (now.rss > peak.rss) peak = now;
  };
  const timer = setInterval(take, 25);
  const began = performance.now();
  await together();
  const seconds = (performance.now() - began) / 1000;
  clearInterval(timer);
  take();
  row(`before burst ${burst}`, before);
  row('  peak', peak);
  row(`  at its end, ${seconds.toFixed(1)} s`, sample(), before, peak);
  // From here on the process has nothing to do, and nobody collects what results are garbage now.
  const ended = performance.now();
  await sleep(1000);
  row(`  idle for ${((performance.now() - ended) / 1000).toFixed(1)} s`, sample(), before, peak);
  await sleep(4000);
  row(`  idle for ${((performance.now() - ended) / 1000).toFixed(1)} s`, sample(), before, peak);
}

// A thread that allocates meets whoever holds the allocator up, and one that runs JavaScript V8's collection. It does so behind a burst of its own, because what it
// allocates is not given back meanwhile.
await together();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let worst = 0;
const busy = setInterval(() => {
  const began = performance.now();
  for (let i = 0; i < 20; i++) Buffer.allocUnsafeSlow(3000 + 400 * i);
  worst = Math.max(worst, performance.now() - began);
}, 1);
await sleep(1000);
clearInterval(busy);
delay.disable();
console.log(`while it is given back, the event loop is late by ${(delay.max / 1e6 - 1).toFixed(1)} ms at most, and 20 buffers take ${worst.toFixed(1)} ms at most`);
