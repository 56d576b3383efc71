// What the package adds to a Node process before it does anything, after one request, and at its end.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const baseUrl = process.argv[2];
const rounds = Number(process.argv[3] ?? 5);
const packageDir = fileURLToPath(new URL('../../bindings/node', import.meta.url));

const report = `
  for (let i = 0; i < 3; i++) { globalThis.gc(); await new Promise((r) => setTimeout(r, 20)); }
  const fs = require('node:fs');
  const names = fs.readdirSync('/proc/self/task').map((id) => fs.readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim());
  console.log(JSON.stringify({ rss: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed, threads: names.length, ours: names.filter((n) => n.startsWith('graphbit')).length }));
`;
const load = `
  const graphbit = require(${JSON.stringify(packageDir)});
  graphbit.init();
  const config = graphbit.LlmConfig.openai({ baseUrl: ${JSON.stringify(baseUrl)}, model: 'bench' });
  const client = new graphbit.LlmClient(config);
  const executor = graphbit.Executor.newLowLatency(config);
  const workflow = new graphbit.Workflow('base');
`;
const programs = {
  'bare Node': '',
  'loaded, one of each made': load,
  'after one request': `${load} await workflow.addNode(graphbit.Node.agent('A', 'hello', 'a')); await executor.execute(workflow);`,
  'after a cancelled stream': `${load} for await (const _ of client.stream('hello')) break;`,
};

function run(code, reporting) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, ['--expose-gc', '-e', `(async () => { ${code} ${reporting ? report : ''} })()`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data) => (out += data));
    child.on('close', (status) => (status === 0 ? resolve({ ms: performance.now() - began, ...(reporting ? JSON.parse(out) : {}) }) : reject(new Error(`exit ${status}`))));
  });
}
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const rows = {};
for (let round = 0; round < rounds; round++) {
  for (const [name, code] of Object.entries(programs)) {
    const [measured, timed] = [await run(code, true), await run(code, false)];
    (rows[name] ??= []).push({ ...measured, exit: timed.ms });
  }
}
const of = (name, key) => median(rows[name].map((row) => row[key]));
console.log(`median of ${rounds} processes; MB are 1024 × 1024 bytes`);
console.log(`${''.padEnd(28)}${'RSS MB'.padStart(10)}${'+ MB'.padStart(8)}${'threads'.padStart(9)}${'ours'.padStart(6)}${'start to exit ms'.padStart(18)}`);
for (const name of Object.keys(programs)) {
  const rss = of(name, 'rss') / 1024 / 1024;
  const added = rss - of('bare Node', 'rss') / 1024 / 1024;
  console.log(`${name.padEnd(28)}${rss.toFixed(1).padStart(10)}${added.toFixed(1).padStart(8)}${String(of(name, 'threads')).padStart(9)}${String(of(name, 'ours')).padStart(6)}${of(name, 'exit').toFixed(0).padStart(18)}`);
}
