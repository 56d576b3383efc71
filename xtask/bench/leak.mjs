// Twenty thousand runs, watched as the guide's program watches and by the package's own detector: no alarm, and RSS stays flat.
import { createRequire } from 'node:module';

const { Executor, LlmConfig, MemoryLeakDetector, Node, Workflow, memoryUsage } = createRequire(import.meta.url)(process.env.GRAPHBIT_PACKAGE ?? '../../bindings/node');
const [given, count = '20000'] = process.argv.slice(2);
const runs = Number(count);
const MB = 1024 * 1024;
const executor = new Executor(LlmConfig.openai({ apiKey: 'bench', model: 'bench', baseUrl: `${new URL(given).origin}/with/bytes=400/v1`, maxRetries: 0 }));
const step = Math.max(1, Math.floor(runs / 200));
const detector = new MemoryLeakDetector({ capacity: 200 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// As the guide has it: growth over a baseline, in whole megabytes of V8's heap.
const baseline = process.memoryUsage();
let [guideAlarms, ourAlarms, worst] = [0, 0, 0];
const at = [];
const began = performance.now();
for (let index = 0; index < runs; index++) {
  const workflow = new Workflow(`Workflow ${index}`);
  await workflow.addNode(Node.agent('Agent', 'Task', `agent_${index}`));
  await workflow.addNode(Node.transform('Length', (text) => text.length, 'length'));
  await workflow.connect(`agent_${index}`, 'length');
  const result = await executor.execute(workflow);
  if (result.output('length') !== 400) throw result.error() ?? new Error('a wrong answer');
  if (index % step === step - 1) {
    const now = process.memoryUsage();
    worst = Math.max(worst, now.heapUsed - baseline.heapUsed);
    if ((now.heapUsed - baseline.heapUsed) / MB > 100) guideAlarms++;
    if (detector.checkForLeaks()) ourAlarms++;
  }
  if (index + 1 === runs / 10 || index + 1 === runs) {
    globalThis.gc();
    await sleep(400);
    at.push({ runs: index + 1, ...memoryUsage() });
  }
}
const [early, late] = at;
const grown = (late.rss - early.rss) / MB;
console.log(`${runs} runs in ${((performance.now() - began) / 1000).toFixed(1)} s`);
console.log(`alarms: the guide's detector ${guideAlarms} (at most ${(worst / MB).toFixed(1)} MB over its baseline), the package's ${ourAlarms}`);
console.log(`RSS after ${early.runs} runs ${(early.rss / MB).toFixed(1)} MB, after ${late.runs} ${(late.rss / MB).toFixed(1)} MB: ${((grown * 10_000) / (late.runs - early.runs)).toFixed(2)} MB for 10,000 runs`);
console.log(`native live ${(early.native.liveBytes / 1024).toFixed(0)} KB then ${(late.native.liveBytes / 1024).toFixed(0)} KB, V8 heap ${(early.heapUsed / MB).toFixed(1)} then ${(late.heapUsed / MB).toFixed(1)} MB`);
if (guideAlarms + ourAlarms > 0) throw new Error('a false alarm');
