// One gigabyte as a stream with a slow reader: memory stays where it was. And what a server sends without end into one reply or
// one line is refused at the limit. Draws what it saw.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const { LlmClient, LlmConfig, memoryUsage } = createRequire(import.meta.url)(process.env.GRAPHBIT_PACKAGE ?? '../../bindings/node');
const [given, gigabytes = '1', picture = path.join(import.meta.dirname ?? '.', '../../target/bench/stream.svg')] = process.argv.slice(2);
const origin = new URL(given).origin;
const MB = 1024 * 1024;
const wanted = Number(gigabytes) * 1024 * MB;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const client = (keys, options) => new LlmClient(LlmConfig.openai({ apiKey: 'bench', model: 'bench', maxRetries: 0, baseUrl: `${origin}/with/${keys}/v1`, ...options }));

const samples = [];
const began = performance.now();
let read = 0;
const take = () => {
  const { rss, heapUsed, external, native } = memoryUsage();
  samples.push({ seconds: (performance.now() - began) / 1000, read, rss, heap: heapUsed, external, live: native.liveBytes });
};

// A first stream, so that what is made once is there.
for await (const piece of client('fault=endless').stream('warm up')) if ((read += piece.length) > 4 * MB) break;
read = 0;
globalThis.gc();
await sleep(300);
take();
const sampling = setInterval(take, 50);
// The reader is slower than the server: it rests after every megabyte.
let rest = MB;
for await (const piece of client('fault=endless').stream('go on')) {
  read += piece.length;
  if (read > wanted) break;
  if (read > rest) {
    rest += MB;
    await sleep(4);
  }
}
clearInterval(sampling);
take();
const seconds = samples.at(-1).seconds - samples[0].seconds;
const [first] = samples;
const most = (name) => Math.max(...samples.map((sample) => sample[name])) - first[name];
console.log(`${(read / MB).toFixed(0)} MB in ${seconds.toFixed(1)} s, ${samples.length} samples; the most above the beginning, in MB of 1024 × 1024 bytes:`);
const grown = Object.fromEntries(['rss', 'heap', 'external', 'live'].map((name) => [name, most(name)]));
console.log(`RSS ${(grown.rss / MB).toFixed(1)}, V8 heap ${(grown.heap / MB).toFixed(1)}, external ${(grown.external / MB).toFixed(1)}, native live ${(grown.live / MB).toFixed(2)}`);

const refused = async (name, call) => {
  globalThis.gc();
  await sleep(50);
  const before = process.memoryUsage().rss;
  let [highest, error] = [before, undefined];
  const watching = setInterval(() => { highest = Math.max(highest, process.memoryUsage().rss); }, 10);
  await call().catch((thrown) => { error = thrown; });
  clearInterval(watching);
  console.log(`${name}: ${error?.code ?? 'NOT REFUSED'}, RSS at most ${((highest - before) / MB).toFixed(1)} MB more (${error?.message ?? ''})`);
  return error?.code;
};
const codes = [
  await refused('a reply without end', () => client('fault=endless').complete('p')),
  await refused('a line without end', async () => { for await (const _ of client('fault=endless_line').stream('p')); }),
  await refused('a reply without end, a limit of 4 MB', () => new LlmClient(LlmConfig.openai({ apiKey: 'b', model: 'b', maxRetries: 0, baseUrl: `${origin}/with/fault=endless/v1` }), { memoryLimitMb: 4 }).complete('p')),
];
draw(picture);
console.log(`drawn: ${path.relative(process.cwd(), picture)}`);
if (codes.join() !== 'PROTOCOL,PROTOCOL,MEMORY') throw new Error(`refused otherwise than expected: ${codes.join()}`);
if (grown.live > MB) throw new Error('native memory grew with the stream');
if (grown.heap > 48 * MB || grown.rss > 96 * MB) throw new Error('memory grew with the stream');

/** Lines over the megabytes read: RSS, V8's heap, native live bytes. */
function draw(file) {
  const [width, height, left, right, top, bottom] = [860, 420, 64, 150, 40, 48];
  const series = [['RSS', 'rss', '#2b6cb0'], ['V8 heap', 'heap', '#c05621'], ['native live', 'live', '#2f855a']];
  const ceiling = Math.ceil(Math.max(...samples.map((sample) => sample.rss)) / MB / 20) * 20;
  const x = (bytes) => left + ((width - left - right) * bytes) / read;
  const y = (bytes) => height - bottom - ((height - top - bottom) * bytes) / (ceiling * MB);
  const line = (from, to, style) => `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" ${style}/>`;
  const text = (at, what, style = '') => `<text x="${at[0]}" y="${at[1]}" ${style}>${what}</text>`;
  const parts = [text([left, 24], `Memory of the reader while ${(read / MB).toFixed(0)} MB stream through it`, 'font-size="16"')];
  for (let mark = 0; mark <= ceiling; mark += ceiling / 5) {
    parts.push(line([left, y(mark * MB)], [width - right, y(mark * MB)], 'stroke="#e2e8f0"'), text([left - 8, y(mark * MB) + 4], mark.toFixed(0), 'text-anchor="end"'));
  }
  for (let mark = 0; mark <= 4; mark++) parts.push(text([x((read * mark) / 4), height - bottom + 18], ((read * mark) / 4 / MB).toFixed(0), 'text-anchor="middle"'));
  parts.push(text([(left + width - right) / 2, height - 8], 'MB read', 'text-anchor="middle"'), text([14, top - 8], 'MB'));
  for (const [name, key, colour] of series) {
    const points = samples.map((sample) => `${x(sample.read).toFixed(1)},${y(sample[key]).toFixed(1)}`).join(' ');
    const last = samples.at(-1)[key];
    parts.push(`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`, text([width - right + 8, y(last) + 4], `${name} ${(last / MB).toFixed(1)}`, `fill="${colour}"`));
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>${parts.join('')}</svg>\n`);
}
