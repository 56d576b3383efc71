// Memory trackers, the leak detector, memoryUsage.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MemoryLeakDetector, MemoryTracker, memoryUsage } from '@infinitibit_gmbh/graphbit';

import { MB, program, report } from './support.mjs';

const SERIES = ['heapUsed', 'heapTotal', 'external', 'arrayBuffers', 'rss', 'nativeLive'];

test('a snapshot has V8’s figures and the native ones', () => {
  const snapshot = new MemoryTracker().snapshot();
  assert.ok(snapshot.timestamp instanceof Date);
  for (const name of SERIES) assert.ok(Number.isInteger(snapshot[name]) && snapshot[name] >= 0, name);
  assert.ok(snapshot.nativeLive > 0);
});

test('memoryUsage has the process’s, V8’s and the native allocator’s figures', () => {
  const usage = memoryUsage();
  for (const name of ['rss', 'heapUsed', 'heapTotal', 'external', 'arrayBuffers', 'peakRss']) assert.ok(usage[name] >= 0, name);
  assert.ok(usage.peakRss >= usage.rss / 2);
  const { liveBytes, peakLiveBytes, allocatedBytes, allocations, frees } = usage.native;
  assert.ok(liveBytes > 0 && peakLiveBytes >= liveBytes && allocatedBytes >= liveBytes);
  assert.ok(allocations >= frees && frees > 0);
});

test('a tracker keeps at most its capacity, the newest samples', () => {
  const tracker = new MemoryTracker({ capacity: 5 });
  assert.equal(tracker.length, 0);
  assert.equal(tracker.getStats(), null);
  const taken = Array.from({ length: 12 }, () => tracker.snapshot());
  assert.equal(tracker.length, 5);
  const { count, series } = tracker.getStats();
  assert.equal(count, 5);
  assert.equal(series.heapUsed.first, taken[7].heapUsed);
  assert.equal(series.heapUsed.last, taken[11].heapUsed);
  const usual = new MemoryTracker();
  for (let i = 0; i < 150; i++) usual.snapshot();
  assert.equal(usual.length, 100);
});

test('statistics of every series', () => {
  const tracker = new MemoryTracker();
  const first = tracker.snapshot();
  const held = Buffer.alloc(8 * MB, 1);
  const last = tracker.snapshot();
  const { count, spanMs, series } = tracker.getStats();
  assert.equal(count, 2);
  assert.ok(spanMs >= 0);
  assert.deepEqual(Object.keys(series).sort(), [...SERIES].sort());
  const { arrayBuffers } = series;
  assert.deepEqual(Object.keys(arrayBuffers).sort(), ['bytesPerSecond', 'count', 'first', 'growth', 'last', 'max', 'mean', 'min']);
  assert.deepEqual([arrayBuffers.first, arrayBuffers.last, arrayBuffers.min, arrayBuffers.max], [first.arrayBuffers, last.arrayBuffers, first.arrayBuffers, last.arrayBuffers]);
  assert.ok(arrayBuffers.growth >= held.length);
});

test('delta: what changed between two samples', () => {
  const tracker = new MemoryTracker();
  const before = tracker.snapshot();
  const held = Buffer.alloc(8 * MB, 1);
  const after = tracker.snapshot();
  const delta = tracker.delta(before, after);
  assert.deepEqual(Object.keys(delta).sort(), ['durationMs', ...SERIES].sort());
  assert.ok(delta.arrayBuffers >= held.length);
  for (const name of SERIES) assert.equal(delta[name], after[name] - before[name]);
  assert.equal(tracker.delta(after, before).arrayBuffers, -delta.arrayBuffers);
});

test('the detector says when it has too few samples', () => {
  const detector = new MemoryLeakDetector();
  const verdict = detector.check();
  assert.equal(verdict.verdict, 'tooFewSamples');
  assert.equal(verdict.have, 1);
  assert.ok(verdict.need > 1);
  assert.equal(detector.checkForLeaks(), false);
});

/** Forty steps of a program, each followed by a collection and a check. */
const watched = (step) => report(`
  import { MemoryLeakDetector, Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';
  const executor = new Executor();
  const workflow = new Workflow('w');
  await workflow.addNode(Node.transform('T', (n) => ({ text: 'x'.repeat(100_000), n }), 't'));
  const detector = new MemoryLeakDetector();
  const kept = [];
  let verdict;
  let alarms = 0;
  for (let i = 0; i < 40; i++) {
    await (${step})(i, kept, () => executor.execute(workflow, { input: i }));
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
    verdict = detector.check();
    if (verdict.verdict === 'growing') alarms++;
  }
  console.log(JSON.stringify({ verdict, alarms }));
`);

test('no alarm for a loop that keeps nothing', async () => {
  const { verdict, alarms } = await watched('async (i, kept, run) => { for (let n = 0; n < 5; n++) await run(); }');
  assert.equal(alarms, 0, JSON.stringify(verdict));
  assert.equal(verdict.verdict, 'steady');
});

test('an alarm for V8’s memory: 1 MB more at each step', async () => {
  const { verdict } = await watched('async (i, kept) => { kept.push(Array.from({ length: 131_072 }, () => Math.random())); }');
  assert.equal(verdict.verdict, 'growing');
  assert.equal(verdict.series, 'heapUsed');
  assert.ok(verdict.growthBytes > 10 * MB && verdict.bytesPerSecond > 0 && verdict.low <= verdict.bytesPerSecond && verdict.bytesPerSecond <= verdict.high, JSON.stringify(verdict));
});

test('garbage that V8 has not collected yet is no alarm, the same kept is one', async () => {
  const stepped = (keep) => report(`
    import { MemoryLeakDetector } from '@infinitibit_gmbh/graphbit';
    import v8 from 'node:v8';
    v8.setFlagsFromString('--no-incremental-marking');
    const detector = new MemoryLeakDetector({ capacity: 60 });
    let held = [];
    let alarms = 0;
    for (let i = 0; i < 60; i++) {
      // Two collections of the nursery: what is there has left it, whether or not it is held any longer.
      held.push(Array.from({ length: 32_768 }, () => Math.random()));
      gc({ type: 'minor' });
      gc({ type: 'minor' });
      if (!${keep}) held = [];
      if (${keep} && i % 20 === 19) gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (detector.checkForLeaks()) alarms++;
    }
    console.log(JSON.stringify({ alarms }));
  `);
  assert.equal((await stepped(false)).alarms, 0);
  assert.ok((await stepped(true)).alarms > 0);
});

test('an alarm for native memory: results that pile up', async () => {
  const { verdict } = await watched('async (i, kept, run) => { for (let n = 0; n < 10; n++) kept.push(await run()); }');
  assert.equal(verdict.verdict, 'growing');
  assert.ok(['nativeLive', 'external'].includes(verdict.series), verdict.series);
});

test('monitoring calls back, can be stopped, and does not keep the program alive', async () => {
  const { code, out, afterDoneMs } = await program(`
    import { MemoryLeakDetector } from '@infinitibit_gmbh/graphbit';
    const seen = [];
    const timer = new MemoryLeakDetector({ minSamples: 3 }).startMonitoring(2, (verdict) => seen.push(verdict.verdict));
    while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 2));
    clearInterval(timer);
    new MemoryLeakDetector().startMonitoring(1);
    console.log(seen[0]);
    console.log('DONE');
  `);
  assert.equal(code, 0, out);
  assert.match(out, /^tooFewSamples\nDONE/);
  assert.ok(afterDoneMs < 1000);
});
