// A storm, as a program of its own: runs, streams and calls against a server that misbehaves, stopped at random moments in every
// way there is. Prints what it saw as JSON; storm.test.mjs says what that must be.
import { getEventListeners } from 'node:events';
import http from 'node:http';

import { Executor, LlmClient, Node, configureRuntime, getSystemInfo } from '@infinitibit_gmbh/graphbit';

import { graph, inUse, sleep, startServer, until } from './support.mjs';

const WARM_UP = 8;
const WAVES = 20;
/** Of each kind, so that a thousand come together without more sockets at once than a process usually may have. */
const IN_A_WAVE = 50;
/** How long a reader that means to leave waits for the next piece. */
const GRACE_MS = 20;

const incidents = [];
for (const event of ['unhandledRejection', 'uncaughtException', 'warning']) {
  process.on(event, (what) => {
    incidents.push(`${event}: ${what?.stack ?? what}`);
    console.error(incidents.at(-1));
  });
}
configureRuntime({ idleTimeoutMs: 50 });

const random = (() => {
  let state = Number(process.env.SEED ?? 1);
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
})();
const below = (limit) => Math.floor(random() * limit);
const one = (list) => list[below(list.length)];

// ---- what is stopped -----------------------------------------------------------------------------------------------------

const server = await startServer();
const QUICK = server.config();
const NEVER = server.config({ fault: 'never' });
const CONFIGS = [
  NEVER,
  server.config({ fault: 'drip', drip_ms: 5 }),
  server.config({ fault: 'hang_up' }),
  server.config({ fault: 'hang_up' }, { maxRetries: 3 }), // stopped while it waits to try again
  server.config({ latency_ms: 40 }),
  server.config({ slow_headers_ms: 40 }),
  server.config({ text: 'one two three four five six seven eight', piece_delay_ms: 8 }),
];
const CLIENTS = CONFIGS.map((config) => new LlmClient(config));
const EXECUTORS = [Executor.newLowLatency(NEVER), Executor.newHighThroughput(NEVER)];

const signals = { asked: 0, told: 0 };
const FUNCTIONS = [
  (input) => input,
  async (input) => { await sleep(10 * random()); return input; },
  () => new Promise(() => {}),
  (_, { signal }) => new Promise((_, reject) => {
    signals.asked++;
    signal.addEventListener('abort', () => { signals.told++; reject(signal.reason); });
  }),
];
/** Three agents and, in most, a function; in a row, as branches that meet, and side by side behind the function. */
const SHAPES = [
  [['a', 'f'], ['f', 'b'], ['b', 'c']],
  [['f', 'a'], ['a', 'b'], ['a', 'c'], ['b', 'j'], ['c', 'j']],
  [['f', 'a'], ['f', 'b'], ['f', 'c'], ['a', 'j'], ['b', 'j'], ['c', 'j']],
];
const WORKFLOWS = await Promise.all(Array.from({ length: 48 }, (_, i) => {
  const agent = (id) => Node.agent(id, `as ${id}`, id, { llm: random() < 0.3 ? QUICK : one(CONFIGS) });
  const f = i % 4 === 0 ? Node.join('f', 'f') : Node.transform('f', one(FUNCTIONS), 'f');
  const edges = SHAPES[i % SHAPES.length];
  return graph([agent('a'), agent('b'), agent('c'), f, ...(i % SHAPES.length === 0 ? [] : [Node.join('j', 'j')])], edges);
}));

// ---- ways to stop it: each gives the promises that must settle, and the stop ----------------------------------------------

/** The wave's signal, which aborts with the wave; or one of its own, and how to abort that. */
function signalOf(wave) {
  if (random() < 0.5) return { signal: wave.signal, shared: true, stop: () => undefined };
  const controller = new AbortController();
  wave.own.push(controller.signal);
  return { signal: controller.signal, shared: false, stop: () => controller.abort() };
}

function run(wave) {
  const [executor, workflow] = [one(EXECUTORS), one(WORKFLOWS)];
  const input = { wave: wave.number };
  const what = one(['execute', 'signal', 'cancel', 'cancel', 'cancel and signal']);
  const { signal, shared, stop } = what === 'cancel' ? {} : signalOf(wave);
  if (what === 'execute') return { what, promises: [executor.execute(workflow, { input, signal })], stop, shared };
  const begun = executor.start(workflow, { input, signal });
  const check = async (outcome) => {
    const { cancelled } = await begun.cancel();
    if (cancelled !== (outcome === 'CANCELLED')) incidents.push(`a receipt says cancelled: ${cancelled}, the result ${outcome}`);
  };
  if (what === 'signal') return { what, promises: [begun.result], stop, shared, check };
  let asked;
  const receipt = new Promise((resolve) => { asked = resolve; });
  return {
    what,
    promises: [begun.result, receipt],
    stop: () => { stop?.(); asked(begun.cancel().then(({ cancelled }) => { if (cancelled) throw CANCELLED; })); },
    shared,
    check,
  };
}

function call(wave) {
  const { signal, shared, stop } = signalOf(wave);
  const what = one(['complete', 'completeFull', 'completeBatch', 'embed']);
  const subject = { completeBatch: ['x', 'y', 'z'], embed: ['x', 'y'] }[what] ?? 'x';
  return { what, promises: [one(CLIENTS)[what](subject, { signal })], stop, shared };
}

/** Stands for the rejection where who has left is told nothing. */
const CANCELLED = { code: 'CANCELLED' };

function stream(wave) {
  const what = one(['signal', 'signal', 'close', 'return', 'leave', 'readable']);
  const { signal, shared, stop } = what === 'signal' ? signalOf(wave) : {};
  const opened = one(CLIENTS).stream('x', { signal });
  const usage = opened.usage.then();
  let left = false;
  const readAll = async (next) => { while (!(await next()).done); if (left) throw CANCELLED; };
  const loop = async (pieces) => { for await (const _ of pieces) if (left) throw CANCELLED; };
  const leaving = (leave) => () => { left = true; void leave(); };
  switch (what) {
    case 'signal': return { what, promises: [loop(opened), usage, opened.text.then()], stop, shared };
    case 'close': return { what, promises: [loop(opened.events), usage], stop: () => void opened.close() };
    case 'return': {
      const iterator = opened[Symbol.asyncIterator]();
      return { what, promises: [readAll(() => iterator.next()), usage], stop: leaving(() => iterator.return()) };
    }
    case 'readable': {
      const reader = opened.toReadableStream().getReader();
      return { what, promises: [readAll(() => reader.read()), usage], stop: leaving(() => reader.cancel().catch(() => undefined)) }; // of one that has failed, cancel says so again
    }
    // From within, at the next piece; where none comes, there is no other way than to close it.
    default: return { what, promises: [loop(opened), usage], stop: leaving(() => setTimeout(() => opened.close(), GRACE_MS)), graceMs: GRACE_MS };
  }
}

// ---- the storm -----------------------------------------------------------------------------------------------------------

/** What became of the promises: by code before the stop and after it, and how long after it. */
let seen;
const count = (counts, key) => { counts[key] = (counts[key] ?? 0) + 1; };

async function stopped(begin, wave) {
  await sleep(below(20));
  const { what, promises, stop, shared, check, graceMs = 0 } = begin(wave);
  let stoppedAt;
  const settled = promises.map(async (promise) => {
    wave.open.set(promise, what);
    const outcome = await promise.then(() => 'ended', (error) => error?.code ?? String(error));
    wave.open.delete(promise);
    const since = stoppedAt ?? (shared ? wave.stoppedAt : undefined);
    count(since === undefined ? seen.before : seen.after, outcome);
    if (since !== undefined) seen.tookMs.push(Math.max(0, performance.now() - since - graceMs));
    return outcome;
  });
  if (random() < 0.9) await sleep(below(100)); // else in the very turn in which it began
  if (!shared || what === 'cancel and signal') {
    stoppedAt = performance.now();
    stop();
  }
  const [outcome] = await Promise.all(settled);
  await check?.(outcome);
}

/** Gives how many listeners are left on the signals. */
async function storm(waves) {
  seen = { before: {}, after: {}, tookMs: [] };
  const signals = [];
  for (let number = 0; number < waves; number++) {
    const controller = new AbortController();
    const wave = { number, signal: controller.signal, own: [], open: new Map(), stoppedAt: undefined };
    const works = Array.from({ length: IN_A_WAVE }, () => [stopped(run, wave), stopped(random() < 0.6 ? stream : call, wave)]).flat();
    setTimeout(() => { wave.stoppedAt = performance.now(); controller.abort(); }, 20 + below(100));
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`never settled: ${[...wave.open.values()].join(', ')}`)), 10_000);
    });
    await Promise.race([Promise.all(works), late]);
    clearTimeout(timer);
    signals.push(wave.signal, ...wave.own);
  }
  return signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0);
}

/** The server's counters, asked for over a connection that is closed with the answer. */
const stats = () => new Promise((resolve, reject) => {
  http.get(`${server.origin}/testkit/stats`, { agent: false }, async (reply) => {
    let text = '';
    for await (const piece of reply) text += piece;
    resolve(JSON.parse(text));
  }).on('error', reject);
});

/** What is left when everything is over. */
async function left() {
  await until(async () => (await stats()).in_flight === 0, 'the requests to be dropped');
  await until(() => getSystemInfo().runtimes.length === 0, 'the runtimes to be idle');
  await until(async () => (await stats()).connections_open === 1, 'the connections to be closed, but the one that asks');
  return inUse();
}

await storm(WARM_UP);
const before = await left();
const began = performance.now();
const listeners = await storm(WAVES);
const stormMs = performance.now() - began;
const served = await stats();
const after = await left();
await sleep(20); // for what would come unhandled

const tookMs = seen.tookMs.sort((a, b) => a - b);
const [medianMs, p99Ms, maxMs] = [0.5, 0.99, 1].map((part) => tookMs[Math.ceil(part * tookMs.length) - 1]);
console.log(JSON.stringify({
  incidents, listeners, signals, before: seen.before, after: seen.after, medianMs, p99Ms, maxMs, stormMs, served,
  native: after.native - before.native, heap: after.heap - before.heap,
}));
console.log('DONE');
