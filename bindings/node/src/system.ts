// The package as a whole: what it is, what it uses, how it is shaped, how it ends.
import os from 'node:os';
import { checkOptions, drainLimit, toJson } from './check.js';
import { GraphBitError } from './error.js';
import { native } from './native.js';

export interface InitOptions {
  /** As `configureRuntime`. */
  runtime?: RuntimeOptions | undefined;
}

/** What holds for runtimes that start from then on. */
export interface RuntimeOptions {
  /** The most threads of one runtime. */
  workerThreads?: number | undefined;
  /** The most threads that look up host names. */
  maxBlockingThreads?: number | undefined;
  threadStackSizeMb?: number | undefined;
  /** How long a runtime that nobody uses stays up. */
  idleTimeoutMs?: number | undefined;
  /**
   * The limit of the whole process, V8's heap included, as the operating system counts it; `'container'` takes what the container grants
   * (85 % of it), `null` lifts it. From 80 % of it on, no run and no call begins while another is under way, and replies are read
   * slowly; beyond it, whoever asks for more fails with `MEMORY`.
   */
  memoryLimitMb?: number | 'container' | null | undefined;
}

export interface RuntimeSettings {
  workerThreads: number | null;
  maxBlockingThreads: number;
  threadStackSizeMb: number | null;
  idleTimeoutMs: number;
  /** `null` without a limit, also where the container has none. */
  memoryLimitMb: number | null;
  /** Runtimes that are up: they keep their shape until they stop. */
  runtimesThatKeepTheirShape: number;
}

export interface SystemInfo {
  version: string;
  platform: NodeJS.Platform;
  arch: string;
  osVersion: string;
  nodeVersion: string;
  /** Cores granted to this process. */
  cpuCount: number;
  totalMemoryMb: number;
  /** The container's limit; `null` without one. */
  memoryLimitMb: number | null;
  memoryAllocator: string;
  buildProfile: 'debug' | 'release';
  uptimeMs: number;
  /** The runtimes that are up. */
  runtimes: { workers: number; leases: number }[];
  runtimeInitialized: boolean;
  runtimeWorkerThreads: number;
}

/** Never required, and repeatable: everything starts when it is first used. */
export function init(options?: InitOptions): void {
  const { runtime } = checkOptions(options, ['runtime'], 'init option', 'CONFIG');
  if (runtime !== undefined) configureRuntime(runtime);
}

export function version(): string {
  return native.version();
}

interface NativeInfo {
  version: string;
  cpuCount: number;
  totalMemoryBytes: number | null;
  availableMemoryBytes: number | null;
  memoryLimitBytes: number | null;
  memoryAllocator: string;
  buildProfile: 'debug' | 'release';
  uptimeMs: number;
  runtimes: { workers: number; leases: number }[];
}

const nativeInfo = (): NativeInfo => JSON.parse(native.systemInfo()) as NativeInfo;
const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

export function getSystemInfo(): SystemInfo {
  const info = nativeInfo();
  return {
    version: info.version,
    platform: process.platform,
    arch: process.arch,
    osVersion: os.release(),
    nodeVersion: process.version,
    cpuCount: info.cpuCount,
    totalMemoryMb: megabytes(info.totalMemoryBytes ?? os.totalmem()),
    memoryLimitMb: info.memoryLimitBytes === null ? null : megabytes(info.memoryLimitBytes),
    memoryAllocator: info.memoryAllocator,
    buildProfile: info.buildProfile,
    uptimeMs: info.uptimeMs,
    runtimes: info.runtimes,
    runtimeInitialized: info.runtimes.length > 0,
    runtimeWorkerThreads: info.runtimes.reduce((sum, runtime) => sum + runtime.workers, 0),
  };
}

export interface Health {
  healthy: boolean;
  /** Whether enough memory is left: a tenth of the limit, or of the machine. */
  memoryHealthy: boolean;
  /** Whether the event loop's turn came in time. */
  runtimeHealthy: boolean;
  availableMemoryMb: number;
  eventLoopDelayMs: number;
  /** Calls and runs that have not settled. */
  pendingCalls: number;
  version: string;
  timestamp: number;
}

/** Measured at the call: the memory that is left, and how long the event loop takes to come round. */
export function healthCheck(): Promise<Health> {
  const asked = performance.now();
  return new Promise((resolve) => {
    setImmediate(() => {
      const eventLoopDelayMs = performance.now() - asked;
      const info = nativeInfo();
      const { rss } = process.memoryUsage();
      const limit = info.memoryLimitBytes ?? info.totalMemoryBytes ?? os.totalmem();
      const available = Math.max(0, Math.min(info.availableMemoryBytes ?? os.freemem(), info.memoryLimitBytes === null ? Infinity : limit - rss));
      const memoryHealthy = available > limit / 10;
      const runtimeHealthy = eventLoopDelayMs < 1000;
      resolve({
        healthy: memoryHealthy && runtimeHealthy, memoryHealthy, runtimeHealthy, availableMemoryMb: megabytes(available),
        eventLoopDelayMs, pendingCalls: native.pendingCalls(), version: info.version, timestamp: Date.now(),
      });
    });
  });
}

/** Shapes runtimes that start from now on. What is up keeps its shape until it stops, and is reported. */
export function configureRuntime(options: RuntimeOptions): RuntimeSettings {
  if (options === undefined) throw new GraphBitError('CONFIG', 'configureRuntime takes an object of options');
  checkOptions(options, ['workerThreads', 'maxBlockingThreads', 'threadStackSizeMb', 'idleTimeoutMs', 'memoryLimitMb'], 'runtime option', 'CONFIG');
  const { memoryLimitMb } = options;
  const settings = { ...options, memoryLimitMb: memoryLimitMb === null ? 'none' : memoryLimitMb };
  return JSON.parse(native.configureRuntime(toJson(settings, 'the runtime options'))) as RuntimeSettings;
}

/** What was still under way when a drain or a shutdown stopped it. */
export interface Stopped {
  /** Calls and runs that were stopped; each has rejected with `CANCELLED`. */
  stopped: number;
}

/** Waits for the calls and runs of this thread, at most `timeoutMs` (30,000), and stops what is left. */
export async function drain(options?: { timeoutMs?: number | undefined }): Promise<Stopped> {
  const limit = drainLimit(options);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<true>((resolve) => { timer = setTimeout(() => resolve(true), limit).unref(); });
  const isLate = await Promise.race([native.whenIdle(), late]);
  clearTimeout(timer);
  return isLate ? shutdown() : { stopped: 0 };
}

/** Stops the calls and runs of this thread and closes their sockets. Later calls start everything anew. */
export async function shutdown(): Promise<Stopped> {
  const stopped = native.stopAll();
  await native.whenIdle();
  return { stopped };
}
