// Twenty thousand runs, watched as the guide's program watches and by the package's own detector: no alarm, and RSS stays flat.
// V8 makes its nursery larger in every long-running program, whoever allocates, and RSS steps up with it by some megabytes. Hence
// twice: as Node comes, and with a nursery that keeps its size, where RSS must not grow.
import { createRequire } from 'node:module';

const { Executor, LlmConfig, MemoryLeakDetector, Node, Workflow, memoryUsage } = createRequire(import.meta.url)(process.env.GRAPHBIT_PACKAGE ?? '../../bindings/node');
const [given, count = '20000'] = process.argv.slice(2);
const runs = Number(count);
const MB = 1024 * 1024;
const config = LlmConfig.openai({ apiKey: 'bench', model: 'bench', baseUrl: `${new URL(given).origin}/with/bytes=400/v1`, maxRetries: 0 });
const executor = new Executor(config);
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
    await new Executor(config).close(); // what malloc holds free goes back, that of V8's compiler threads too
    at.push({ runs: index + 1, ...memoryUsage() });
  }
}
const [early, late] = at;
const isFixed = process.execArgv.some((flag) => flag.startsWith('--max-semi-space-size'));
const grown = (series) => (((late[series] - early[series]) / MB) * 10_000) / (late.runs - early.runs);
console.log(`${isFixed ? 'V8\'s nursery kept at 1 MB' : 'Node as it comes'}: ${runs} runs in ${((performance.now() - began) / 1000).toFixed(1)} s`);
console.log(`  alarms: the guide's detector ${guideAlarms} (at most ${(worst / MB).toFixed(1)} MB over its baseline), the package's ${ourAlarms}`);
console.log(`  RSS after ${early.runs} runs ${(early.rss / MB).toFixed(1)} MB, after ${late.runs} ${(late.rss / MB).toFixed(1)} MB: ${grown('rss').toFixed(2)} MB for 10,000 runs, ${grown('heapTotal').toFixed(2)} of them V8's heap`);
console.log(`  native live ${(early.native.liveBytes / 1024).toFixed(0)} KB then ${(late.native.liveBytes / 1024).toFixed(0)} KB, V8 heap in use ${(early.heapUsed / MB).toFixed(1)} then ${(late.heapUsed / MB).toFixed(1)} MB`);
if (guideAlarms + ourAlarms > 0) throw new Error('a false alarm');
if (isFixed && grown('rss') > 1) throw new Error('RSS grows');
