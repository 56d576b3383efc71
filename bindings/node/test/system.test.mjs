// The module: init, version, system information, health, runtimes, drain and shutdown.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { configureRuntime, drain, getSystemInfo, healthCheck, init, shutdown, version } from '@infinitibit_gmbh/graphbit';

import { PACKAGE, rejection, report, startServer } from './support.mjs';

const server = await startServer();

test('init is never required and may be repeated', () => {
  for (let i = 0; i < 3; i++) assert.equal(init(), undefined);
  assert.equal(init({ runtime: { idleTimeoutMs: 5000 } }), undefined);
});

test('the version is the package’s', () => {
  assert.equal(version(), JSON.parse(fs.readFileSync(path.join(PACKAGE, 'package.json'))).version);
});

test('getSystemInfo is real', async () => {
  const before = getSystemInfo();
  assert.deepEqual([before.version, before.platform, before.arch, before.nodeVersion], [version(), process.platform, process.arch, process.version]);
  assert.ok(before.cpuCount >= 1 && before.totalMemoryMb > 100 && before.uptimeMs > 0);
  assert.ok(['debug', 'release'].includes(before.buildProfile));
  assert.match(before.memoryAllocator, /tracked/);
  await server.client().complete('x');
  const after = getSystemInfo();
  assert.ok(after.uptimeMs > before.uptimeMs);
  assert.equal(after.runtimeInitialized, true);
  assert.ok(after.runtimes.length >= 1 && after.runtimeWorkerThreads >= 1);
});

test('healthCheck is measured', async () => {
  const health = await healthCheck();
  assert.equal(health.healthy, health.memoryHealthy && health.runtimeHealthy);
  assert.ok(health.availableMemoryMb > 0 && health.eventLoopDelayMs >= 0);
  assert.equal(health.pendingCalls, 0);
  assert.ok(Math.abs(Date.now() - health.timestamp) < 1000);
  const controller = new AbortController();
  const call = rejection(server.client({ fault: 'never' }).complete('x', { signal: controller.signal }));
  assert.equal((await healthCheck()).pendingCalls, 1);
  const slow = healthCheck();
  const end = performance.now() + 50;
  while (performance.now() < end);
  assert.ok((await slow).eventLoopDelayMs >= 40);
  controller.abort();
  await call;
});

test('configureRuntime holds for runtimes to come, and says what it cannot change', async () => {
  const out = await report(`
    import { configureRuntime, LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';
    const before = configureRuntime({ maxBlockingThreads: 2, threadStackSizeMb: 1 });
    await new LlmClient(LlmConfig.openai({ model: 'm', baseUrl: process.env.BASE })).complete('x');
    const after = configureRuntime({ idleTimeoutMs: 100 });
    console.log(JSON.stringify({ before, after }));
  `, { env: { BASE: server.url() } });
  assert.equal(out.before.maxBlockingThreads, 2);
  assert.equal(out.before.threadStackSizeMb, 1);
  assert.equal(out.before.runtimesThatKeepTheirShape, 0);
  assert.equal(out.after.maxBlockingThreads, 2);
  assert.equal(out.after.idleTimeoutMs, 100);
  assert.equal(out.after.runtimesThatKeepTheirShape, 1);
  assert.equal(typeof configureRuntime({}).idleTimeoutMs, 'number');
});

test('drain waits for what is under way', async () => {
  const call = server.client({ latency_ms: 40 }).complete('x');
  assert.deepEqual(await drain(), { stopped: 0 });
  assert.equal(await call, 'echo: x');
  assert.deepEqual(await drain({ timeoutMs: 0 }), { stopped: 0 });
});

test('drain stops what is late, shutdown what is there; later calls start anew', async () => {
  for (const [stop, count] of [[() => drain({ timeoutMs: 20 }), 2], [shutdown, 2]]) {
    const client = server.client({ fault: 'never' });
    const calls = [rejection(client.complete('x')), rejection(client.stream('x').text)];
    await server.until((stats) => stats.in_flight === 2, 'the requests to arrive');
    assert.deepEqual(await stop(), { stopped: count });
    for (const error of await Promise.all(calls)) assert.equal(error.code, 'CANCELLED');
    await server.until((stats) => stats.in_flight === 0, 'the connections to be closed');
    assert.equal(await server.client().complete('again'), 'echo: again');
  }
  assert.deepEqual(await shutdown(), { stopped: 0 });
});

test('drain refuses what is no length of time, as a rejection', async () => {
  for (const bad of [null, 5, 'x', [], { timeoutMs: -1 }, { timeoutMs: 'x' }, { timeoutMs: Number.NaN }, { timeout: 5 }]) {
    assert.equal((await rejection(drain(bad))).code, 'INVALID_INPUT');
  }
});
