// A thousand runs and a thousand streams and calls, cancelled at random moments: what became of them, and what is left.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { program } from './support.mjs';

const seed = process.env.GRAPHBIT_STORM_SEED ?? String(Date.now() % 1e6);
const GRAPHBIT_TESTKIT = path.resolve(process.env.GRAPHBIT_TESTKIT ?? '');
const { code, out, afterDoneMs } = await program(`await import('./test/storm.mjs');`, { env: { GRAPHBIT_TESTKIT, SEED: seed }, limitMs: 120_000 });
const lines = out.trim().split('\n');
assert.equal(lines.pop(), 'DONE', `seed ${seed}, ended with ${code}: ${out}`);
const seen = JSON.parse(lines.at(-1));
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

test('whatever is cancelled settles as CANCELLED, soon', (t) => {
  const { before, after, medianMs, p99Ms, maxMs, stormMs } = seen;
  t.diagnostic(`seed ${seed}: ${sum(after)} promises settled after their cancel, ${sum(before)} before it, in ${Math.round(stormMs)} ms`);
  t.diagnostic(`ms from the cancel on: median ${medianMs.toFixed(2)}, 99 % ${p99Ms.toFixed(1)}, all ${maxMs.toFixed(1)}`);
  assert.equal(before.CANCELLED, undefined, 'CANCELLED without a cancel');
  for (const outcome of Object.keys({ ...before, ...after })) {
    assert.ok(['CANCELLED', 'NETWORK', 'ended'].includes(outcome), outcome); // the server hangs up on some
  }
  // The others had ended when the cancel came, but JavaScript had yet to hear of it.
  assert.ok(after.CANCELLED > 0.9 * sum(after) && after.CANCELLED > 2000, JSON.stringify(after));
  assert.ok(medianMs < 100, `${medianMs} ms`);
  assert.ok(maxMs < 1000, `${maxMs} ms`);
});

test('it was a storm', (t) => {
  const { requests, closed_early, peak_in_flight } = seen.served;
  t.diagnostic(`${requests} requests, ${peak_in_flight} at once, ${closed_early} replies cut off`);
  assert.ok(requests > 1000 && peak_in_flight > 10 && closed_early > 200, JSON.stringify(seen.served));
});

// The program has waited for the requests, the connections and the runtimes to be gone.
test('no listener and no memory is left, and every function was told', (t) => {
  const { listeners, signals, native, heap } = seen;
  t.diagnostic(`bytes more than before: native ${native}, heap ${heap}`);
  assert.equal(listeners, 0);
  assert.ok(signals.asked > 0);
  assert.equal(signals.told, signals.asked);
  assert.ok(native < 128 * 1024, `${native} native bytes`);
  assert.ok(heap < 1.5 * 1024 * 1024, `${heap} bytes of heap`);
});

test('nothing is unhandled, no receipt contradicts its result, and the program ends by itself', () => {
  assert.deepEqual(seen.incidents, []);
  assert.equal(code, 0);
  assert.ok(afterDoneMs < 1000, `${afterDoneMs} ms`);
});
