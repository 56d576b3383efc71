// What the tests share: the model server, programs of their own, and waiting for what has no event.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

import { GraphBitError, LlmClient, LlmConfig, Workflow, memoryUsage } from '@infinitibit_gmbh/graphbit';

export const PACKAGE = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
export const MB = 1024 * 1024;
export const KEY = 'sk-test';

/** The model server of one test file. It ends with this process, whose pipe it reads. */
export async function startServer() {
  const program = process.env.GRAPHBIT_TESTKIT;
  if (!program) throw new Error('GRAPHBIT_TESTKIT must name the testkit program: run `cargo xtask test-js`');
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(readline.createInterface({ input: child.stdout }), 'line');
  const { origin } = JSON.parse(line);
  for (const handle of [child, child.stdin, child.stdout]) handle.unref();
  return new Server(origin);
}

class Server {
  #own = 0;

  constructor(origin) {
    this.origin = origin;
  }

  /** A base URL whose requests the server treats as the keys say, as in `{ latency_ms: 50 }`. */
  url(keys = {}) {
    const pairs = Object.entries({ ...keys, id: ++this.#own });
    const text = (value) => encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : value);
    return `${this.origin}/with/${pairs.map(([key, value]) => `${key}=${text(value)}`).join(',')}/v1`;
  }

  config(keys, options = {}) {
    return LlmConfig.openai({ apiKey: KEY, model: 'test', maxRetries: 0, baseUrl: this.url(keys), ...options });
  }

  client(keys, options) {
    return new LlmClient(this.config(keys, options));
  }

  async #ask(what, method = 'GET') {
    const reply = await fetch(`${this.origin}/testkit/${what}`, { method });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`/testkit/${what}: ${reply.status} ${text}`);
    return text;
  }

  /** The requests since the last `clear`, oldest first. */
  async journal() {
    const journal = JSON.parse(await this.#ask('journal'));
    return Array.isArray(journal) ? journal : journal.exchanges;
  }

  async stats() {
    return JSON.parse(await this.#ask('stats'));
  }

  async clear() {
    await this.#ask('clear', 'POST');
  }

  /** Waits for the server's counters to be so. */
  async until(is, what) {
    return until(async () => {
      const stats = await this.stats();
      return is(stats) && stats;
    }, what);
  }
}

/** Waits for what has no event: another process, or the garbage collector. */
export async function until(is, what, limitMs = 10_000) {
  const began = Date.now();
  for (;;) {
    const value = await is();
    if (value) return value;
    if (Date.now() - began > limitMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await sleep(5);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Collects garbage, with the tasks in between that finalizers run in. */
export async function collect() {
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    await sleep(1);
  }
}

/**
 * What is in use once garbage has gone, in bytes: V8's heap, and what the package's native code holds.
 * Read in the very turn of a collection: with the first object that is made after one, V8 counts the 256 KB of a page as used.
 */
export async function inUse() {
  await collect();
  await sleep(20); // for what was begun and not awaited
  globalThis.gc();
  const heap = process.memoryUsage().heapUsed;
  return { heap, native: memoryUsage().native.liveBytes };
}

/** Resolves when an object that only `make` has seen is collected. */
export async function collected(make, what) {
  const gone = new WeakRef(await make());
  await until(async () => {
    await collect();
    return gone.deref() === undefined;
  }, `${what} to be collected`);
}

/** The error that a promise rejects with, or a function throws. */
export async function rejection(work) {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Asserts that an error is ours, with this code and these fields. */
export function assertError(error, code, fields = {}) {
  assert.ok(error instanceof GraphBitError, Object.prototype.toString.call(error));
  assert.equal(error.code, code, error.message);
  assert.equal(typeof error.message, 'string');
  for (const [name, value] of Object.entries(fields)) assert.deepEqual(error[name], value, name);
}

/** A workflow of these nodes and edges. */
export async function graph(nodes, edges = []) {
  const workflow = new Workflow('w');
  for (const node of nodes) await workflow.addNode(node);
  for (const [from, to] of edges) await workflow.connect(from, to);
  return workflow;
}

/**
 * Runs a program of its own, an ES module, in the package's folder.
 * Gives its exit code or signal, what it printed, and how long it took to end after it had printed `DONE`.
 */
export async function program(source, { env = {}, flags = [], commonjs = false, limitMs = 30_000 } = {}) {
  const kind = commonjs ? [] : ['--input-type=module'];
  const child = spawn(process.execPath, ['--expose-gc', ...kind, ...flags, '--eval', source], {
    cwd: PACKAGE,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let doneAt;
  const note = (bytes) => {
    out += bytes;
    if (doneAt === undefined && /^DONE$/m.test(out)) doneAt = performance.now();
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { code, signal, out, afterDoneMs: doneAt === undefined ? undefined : performance.now() - doneAt };
}

/** Runs a program that must end well, and gives what it printed as JSON on its last line before `DONE`. */
export async function report(source, options) {
  const { code, signal, out } = await program(source, options);
  if (code !== 0) throw new Error(`the program ended with ${code ?? signal}: ${out}`);
  const lines = out.trim().split('\n').filter((line) => line !== 'DONE');
  return JSON.parse(lines.at(-1));
}
