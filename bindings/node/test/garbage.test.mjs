// What is kept, and what goes: callbacks, results, loops.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Executor, memoryUsage, Node, Workflow } from '@infinitibit_gmbh/graphbit';

import { MB, collect, collected, graph, inUse, report, startServer, until } from './support.mjs';

const server = await startServer();
const executor = () => new Executor(server.config());

test('a function that closes over its own workflow and executor is collected with them', async () => {
  await collected(async () => {
    const workflow = new Workflow('w');
    const one = executor();
    const held = { workflow, one };
    await workflow.addNode(Node.transform('T', () => (held.workflow && held.one ? 1 : 0), 't'));
    await one.execute(workflow);
    return held;
  }, 'what the function closes over');
});

test('so is one whose run was cancelled, timed out, or failed', async () => {
  for (const end of ['cancel', 'timeout', 'failure', 'signal']) {
    await collected(async () => {
      const held = { workflow: new Workflow('w'), one: executor() };
      await held.workflow.addNode(Node.transform('T', () => { if (end === 'failure') throw held; return held.workflow && new Promise(() => {}); }, 't'));
      const controller = new AbortController();
      const run = held.one.start(held.workflow, { ...(end === 'timeout' ? { timeout: 10 } : {}), signal: controller.signal });
      if (end === 'cancel') await run.cancel();
      if (end === 'signal') controller.abort();
      await run.result.catch(() => undefined);
      return held;
    }, `what the function closes over, after a ${end},`);
  }
});

test('so are runs with events: read, left, never read; and what their bodies’ functions close over', async () => {
  for (const way of ['read', 'left', 'never', 'cancelled', 'timeout', 'abandoned body']) {
    await collected(async () => {
      const held = { workflow: new Workflow('w'), one: executor() };
      const fn = ({ item }, context) => {
        context.emit('held', { way });
        context.signal.addEventListener('abort', () => held);
        if (item === 0 && way === 'abandoned body') throw held;
        return way === 'cancelled' || way === 'timeout' || way === 'abandoned body' ? held.workflow && new Promise(() => {}) : 1;
      };
      await held.workflow.addNode(Node.map('M', Node.transform('T', fn, 't'), 'm', { onError: 'continue' }));
      const run = held.one.stream(held.workflow, { input: [1, 2, 0], ...(way === 'timeout' ? { timeout: 10 } : {}) });
      held.run = run;
      if (way === 'never') await run.result;
      else {
        try {
          for await (const { type } of run) {
            if (way === 'left' && type === 'custom') break;
            if (way === 'cancelled' && type === 'custom') void run.cancel();
          }
        } catch (error) {
          assert.equal(error.code, 'CANCELLED');
        }
      }
      return held;
    }, `a run with events, ${way},`);
  }
});

test('a result’s outputs are native while it lives, and go with it', async () => {
  const workflow = await graph([Node.agent('A', 'p', 'a')]);
  const big = new Executor(server.config({ bytes: 4 * MB }));
  await big.execute(workflow);
  const before = await inUse();
  const held = new Set();
  await (async () => { // a frame of its own: this one's registers would keep the results
    for (let i = 0; i < 5; i++) held.add(await big.execute(workflow));
    for (const result of held) assert.ok(result.memory().retainedBytes >= 4 * MB);
  })();
  const holding = await inUse();
  assert.ok(holding.native - before.native >= 20 * MB, `${(holding.native - before.native) / MB} MB`);
  assert.ok(holding.heap - before.heap < 4 * MB);
  held.clear();
  await until(async () => {
    await collect();
    return memoryUsage().native.liveBytes - before.native < MB;
  }, 'the outputs to go');
});

test('V8 is told what results weigh: it collects them in time by itself', async () => {
  const peak = await report(`
    import { Executor, LlmConfig, Node, Workflow, memoryUsage } from '@infinitibit_gmbh/graphbit';
    const workflow = new Workflow('w');
    await workflow.addNode(Node.agent('A', 'p', 'a'));
    const executor = new Executor(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE }));
    let peak = 0;
    for (let i = 0; i < 100; i++) {
      await executor.execute(workflow);
      peak = Math.max(peak, memoryUsage().native.liveBytes);
    }
    console.log(JSON.stringify(peak));
  `, { env: { BASE: server.url({ bytes: 2 * MB }) } });
  assert.ok(peak < 120 * MB, `${peak / MB} MB of 200 were live at once`);
});

// V8's own look at a program that does nothing, some seconds later, must not be what is seen. Windows' names are mangled in another way.
const ALONE = { flags: ['--no-memory-reducer'] };
const CAN_ASK = { skip: process.platform === 'win32' };
const BURST = `
  import { Executor, LlmConfig, Node, Workflow, configureRuntime, memoryUsage } from '@infinitibit_gmbh/graphbit';
  configureRuntime({ idleTimeoutMs: 3000 });
  const workflow = new Workflow('w');
  await workflow.addNode(Node.agent('A', 'p', 'a'));
  const executor = new Executor(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE }));
  const burst = () => Promise.all(Array.from({ length: 60 }, () => executor.execute(workflow)));
  const bytes = (results) => results.reduce((sum, result) => sum + result.memory().retainedBytes, 0);
  // One timer: what looks at it more often fills V8's nursery, and so has it collect.
  const liveAfter = async (ms) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return memoryUsage().native.liveBytes;
  };
`;
const bursting = (source, bytes = MB / 2) => report(BURST + source, { ...ALONE, env: { BASE: server.url({ bytes }) } });

test('when a burst is over V8 is asked to collect: what nobody has any more goes back though the program allocates nothing', CAN_ASK, async () => {
  const { held, live } = await bursting(`
    const held = bytes(await burst());
    const live = [await liveAfter(2500)];
    bytes(await burst());
    live.push(await liveAfter(2500));
    console.log(JSON.stringify({ held, live }));
  `);
  assert.ok(held > 29 * MB, `${held / MB} MB were held`);
  for (const bytes of live) assert.ok(bytes < 2 * MB, `${bytes / MB} MB are live still`);
});

test('results that are still in use when V8 is asked go when it is asked again', CAN_ASK, async () => {
  const live = await bursting(`
    let results = await burst();
    const live = [await liveAfter(2000)];
    if (bytes(results) > 0) results = undefined;
    live.push(await liveAfter(4000)); // the runtime has been stopped meanwhile
    console.log(JSON.stringify(live));
  `);
  assert.ok(live[0] > 29 * MB, `${live[0] / MB} MB are held`);
  assert.ok(live[1] < 2 * MB, `${live[1] / MB} MB are live still`);
});

test('a worker’s V8 is asked by itself', CAN_ASK, async () => {
  const live = await report(`
    import { Worker } from 'node:worker_threads';
    const source = ${JSON.stringify(`${BURST}
      import { parentPort } from 'node:worker_threads';
      bytes(await burst());
      parentPort.postMessage(await liveAfter(2500));
    `)};
    const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(source.replace('@infinitibit_gmbh/graphbit', import.meta.resolve('@infinitibit_gmbh/graphbit')))));
    worker.on('message', (live) => console.log(JSON.stringify(live)));
  `, { ...ALONE, env: { BASE: server.url({ bytes: MB / 2 }) } });
  assert.ok(live < 2 * MB, `${live / MB} MB are live still`);
});

test('bursts that are kept do not put off the collection of what is dropped in the end', CAN_ASK, async () => {
  const live = await bursting(`
    let kept = [];
    for (let i = 0; i < 4; i++) {
      kept.push(await burst());
      await liveAfter(1200);
    }
    const live = [memoryUsage().native.liveBytes];
    kept = undefined;
    bytes(await burst());
    live.push(await liveAfter(2500));
    console.log(JSON.stringify(live));
  `);
  assert.ok(live[0] > 110 * MB, `${live[0] / MB} MB are held`);
  assert.ok(live[1] < 2 * MB, `${live[1] / MB} MB are live still`);
});

test('an object that was registered dies in collections of the whole heap alone: by that they are known', async () => {
  const seen = await report(`
    const seen = [];
    const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
    const canaries = new FinalizationRegistry(() => seen.push('dead'));
    canaries.register({}, undefined);
    for (let i = 0; i < 3; i++) { gc({ type: 'minor' }); await turn(); }
    seen.push('looked');
    gc();
    await turn();
    console.log(JSON.stringify(seen));
  `);
  assert.deepEqual(seen, ['looked', 'dead']);
});

test('little garbage is left to V8', CAN_ASK, async () => {
  const { held, live } = await bursting(`
    const keep = Array.from({ length: 5e6 }, (_, i) => ({ i })); // a quarter of such a heap is more than a burst
    gc();
    const held = bytes(await burst());
    console.log(JSON.stringify({ held, live: await liveAfter(2000), kept: keep.length }));
  `);
  assert.ok(live >= held, `${live / MB} of ${held / MB} MB are live`);
});

test('thousands of results that V8 collects at once are not freed on the program’s thread', async () => {
  const [held, collected, freed] = await report(`
    import { Executor, Node, Workflow, memoryUsage } from '@infinitibit_gmbh/graphbit';
    import { until } from './test/support.mjs';
    const executor = new Executor();
    const workflow = new Workflow('w');
    for (let i = 0; i < 5; i++) await workflow.addNode(Node.transform('T' + i, () => 'x'.repeat(500), 't' + i));
    const results = () => Promise.all(Array.from({ length: 1000 }, () => executor.execute(workflow)));
    const live = () => memoryUsage().native.liveBytes;
    let kept = [];
    for (let i = 0; i < 4; i++) kept.push(await results());
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    kept = undefined;
    await turn();
    const held = live();
    gc();
    await turn(); // finalizers have run, and nothing else
    const collected = live();
    const freed = await until(() => live() < held / 10 && live(), 'results to be freed');
    console.log(JSON.stringify([held, collected, freed]));
  `);
  assert.ok(held > 10 * MB && collected > 0.8 * held, `${held} bytes were held, ${collected} when V8 had collected them, ${freed} at last`);
});

test('results that are garbage do not fail runs under a limit of the process', CAN_ASK, async () => {
  const failures = await bursting(`
    await executor.execute(workflow);
    configureRuntime({ memoryLimitMb: process.memoryUsage().rss / ${MB} + 60 });
    const failures = [];
    for (let i = 0; i < 100; i++) {
      const result = await executor.execute(workflow);
      if (!result.isSuccess()) failures.push(result.error().message);
    }
    console.log(JSON.stringify(failures));
  `, 2 * MB);
  assert.deepEqual(failures, []);
});

test('a loop of runs with events, bodies and functions that never answer does not grow', async () => {
  const growth = await report(`
    import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';
    import { inUse } from './test/support.mjs';
    const executor = new Executor();
    const workflow = new Workflow('w', { state: { log: { reducer: 'append' } } });
    await workflow.addNode(Node.map('M', Node.transform('T', ({ item }, { emit, signal }) => { if (item === 3) throw new Error('no'); return new Promise(() => {}); }, 't'), 'm', { onError: 'continue' }));
    await workflow.addNode(Node.transform('A', async () => 1, 'a', { writes: ['log'] }));
    const round = async (count) => {
      for (let i = 0; i < count; i++) {
        for await (const event of executor.stream(workflow, { input: [1, 2, 3] })) if (event.type === 'node.finished' && i % 3 === 0) break;
      }
      return inUse();
    };
    let before = await round(500);
    const growth = { heap: [], native: [] };
    for (let i = 0; i < 4; i++) {
      const after = await round(500);
      for (const name of ['heap', 'native']) growth[name].push(after[name] - before[name]);
      before = after;
    }
    console.log(JSON.stringify(growth));
  `);
  // What leaks grows every time; V8 makes code and learns types now and then.
  for (const [name, bytes] of Object.entries(growth)) assert.ok(Math.min(...bytes) < 50_000, `${name}: ${bytes.join(', ')} bytes`);
});

test('a loop of runs that keeps nothing does not grow', async () => {
  const growth = await report(`
    import { Executor, Node, Workflow } from '@infinitibit_gmbh/graphbit';
    import { inUse } from './test/support.mjs';
    const executor = new Executor();
    const round = async (count) => {
      for (let i = 0; i < count; i++) {
        const workflow = new Workflow('w');
        await workflow.addNode(Node.transform('T', (n) => ({ n }), 't'));
        await executor.execute(workflow, { input: i });
      }
      return inUse();
    };
    await round(500);
    const before = await round(500);
    const after = await round(2000);
    console.log(JSON.stringify({ heap: after.heap - before.heap, native: after.native - before.native }));
  `);
  assert.ok(growth.heap < 300_000, `${growth.heap} bytes of heap`);
  assert.ok(growth.native < 300_000, `${growth.native} native bytes`);
});

test('what a run leaves goes with V8’s nursery: it does not wait for a collection of everything', async () => {
  const grown = await report(`
    import { Executor, Node, Workflow, memoryUsage } from '@infinitibit_gmbh/graphbit';
    const executor = new Executor();
    const round = async (count) => {
      for (let i = 0; i < count; i++) {
        const workflow = new Workflow('w' + i);
        await workflow.addNode(Node.transform('T', (n) => ({ n }), 't'));
        await executor.execute(workflow, { input: i });
        if (i % 50 === 0) gc({ type: 'minor' });
      }
      for (let i = 0; i < 3; i++) { await new Promise((resolve) => setTimeout(resolve, 5)); gc({ type: 'minor' }); }
      const heap = process.memoryUsage().heapUsed;
      return { heap, native: memoryUsage().native.liveBytes };
    };
    await round(300);
    gc(); // what is alive now leaves the nursery, and must not keep what comes later
    const before = await round(300);
    const after = await round(6000);
    console.log(JSON.stringify({ heap: after.heap - before.heap, native: after.native - before.native }));
  `);
  assert.ok(grown.native < 60_000, `${grown.native} native bytes in 6,000 runs`); // no block is as small as ten bytes a run
  assert.ok(grown.heap < 600_000, `${grown.heap} bytes of heap in 6,000 runs`);
});
