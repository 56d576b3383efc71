// Memory: V8's figures beside the native ones, over time.
import { checkOptions, checkPositive, checkWhole, invalidInput, typeName } from './check.js';
import { Collections } from './collections.js';
import { native, type NativeTimeline } from './native.js';

/** What the process uses at one moment, in bytes. */
export interface MemorySnapshot {
  timestamp: Date;
  heapUsed: number;
  heapTotal: number;
  external: number;
  arrayBuffers: number;
  rss: number;
  /** Live bytes of the native allocator; `null` where it is not tracked. */
  nativeLive: number | null;
}

/** One series of figures over time. */
export interface SeriesStats {
  count: number;
  min: number;
  max: number;
  mean: number;
  first: number;
  last: number;
  growth: number;
  /** A robust slope; `null` with too few samples. */
  bytesPerSecond: number | null;
}

export interface MemoryStats {
  count: number;
  spanMs: number;
  series: Record<string, SeriesStats>;
}

/** What is kept, and for what, in bytes: sizes that the code declares, without the allocator's rounding. */
export interface Holdings {
  prompt: number;
  response: number;
  state: number;
  history: number;
  trace: number;
  buffer: number;
}

/** What a run, an executor or a client holds in native memory, in bytes. The allocator's figures are `null` where it does not count. */
export interface MemoryUse {
  liveBytes: number | null;
  /** The highest `liveBytes` so far; not of an executor. */
  peakBytes?: number;
  /** Blocks ever allocated; not of an executor. */
  allocations?: number;
  byCategory: Holdings;
  softLimitBytes: number | null;
  limitBytes: number | null;
}

/** What one run holds. */
export interface RunMemory {
  runId: string;
  liveBytes: number;
  peakBytes: number;
  allocatedBytes: number;
  allocations: number;
}

/** The native allocator's figures, in bytes. `runsBytes`, `callsBytes` and `sharedBytes` add up to `liveBytes`. */
export interface AllocatorUsage {
  liveBytes: number;
  peakLiveBytes: number;
  allocatedBytes: number;
  allocations: number;
  frees: number;
  /** Of runs under way, and what is kept of those that have ended. */
  runsBytes: number;
  /** Of the calls of clients. */
  callsBytes: number;
  /** Of connections, pools, runtimes, caches, workflows: of no run. */
  sharedBytes: number;
  /** How many runs hold something. */
  runs: number;
  /** The hundred that hold most. */
  byRun: RunMemory[];
  byCategory: Holdings;
  /** The limit of the process (`configureRuntime`). */
  limitBytes: number | null;
  /** Runs that had no account of their own, for there were more than 65,279; what they hold is in `sharedBytes`. */
  accountsRefused: number;
}

/** What the process uses now, in bytes. */
export interface MemoryUsage {
  rss: number;
  heapUsed: number;
  heapTotal: number;
  external: number;
  arrayBuffers: number;
  peakRss: number | null;
  /** `null` where the native allocator is not tracked, never 0 instead. Sockets' buffers are the kernel's, and in none of the figures. */
  native: AllocatorUsage | null;
}

interface Snapshot {
  peakRssBytes?: number | null;
  native?: Pick<AllocatorUsage, 'liveBytes' | 'peakLiveBytes' | 'allocatedBytes' | 'allocations' | 'frees'> | null;
  accounts: Omit<AllocatorUsage, 'liveBytes' | 'peakLiveBytes' | 'allocatedBytes' | 'allocations' | 'frees'> | null;
}

/** What the process uses now. */
export function memoryUsage(): MemoryUsage {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const { peakRssBytes, native: allocator, accounts } = JSON.parse(native.memorySnapshot()) as Snapshot;
  return { rss, heapUsed, heapTotal, external, arrayBuffers, peakRss: peakRssBytes ?? null, native: allocator && accounts ? { ...allocator, ...accounts } : null };
}

/** What changed between two samples, in bytes. */
export interface MemoryDelta {
  durationMs: number;
  heapUsed: number;
  heapTotal: number;
  external: number;
  arrayBuffers: number;
  rss: number;
  /** `null` where the native allocator is not tracked. */
  nativeLive: number | null;
}

function checkSnapshot(snapshot: unknown): void {
  if (!((snapshot as MemorySnapshot | null | undefined)?.timestamp instanceof Date)) {
    throw invalidInput(`delta takes two samples that snapshot() gave, not ${typeName(snapshot)}`);
  }
}

/** Samples of memory over time, in a ring of bounded size. */
export class MemoryTracker {
  readonly #timeline: NativeTimeline;
  /** What dies in these, the collections of V8's nursery leave alone. */
  readonly #collections = new Collections();
  /** How many there had been at the last sample. */
  #collectionsThen = 0;

  /** `capacity`: how many samples are kept (100); older ones go. */
  constructor(options?: { capacity?: number | undefined });
  /** @internal */
  constructor(options: { capacity?: number | undefined } | undefined, parts: boolean);
  constructor(options?: { capacity?: number | undefined }, parts = false) {
    const { capacity } = checkOptions(options, ['capacity'], 'tracker option');
    checkWhole('capacity', capacity);
    if (capacity === 1 || (capacity ?? 0) > 1e6) throw invalidInput(`capacity must be from 2 to 1,000,000, not ${capacity}`);
    this.#timeline = new native.NativeTimeline(capacity ?? 100, parts);
  }

  /** Takes a sample. */
  snapshot(): MemorySnapshot {
    const timestamp = new Date();
    const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
    const collected = this.#collections.count > this.#collectionsThen;
    this.#collectionsThen = this.#collections.count;
    const nativeLive = this.#timeline.push(timestamp.getTime(), heapUsed, heapTotal, external, arrayBuffers, rss, collected);
    return { timestamp, heapUsed, heapTotal, external, arrayBuffers, rss, nativeLive };
  }

  /** How many samples are kept now. */
  get length(): number { return this.#timeline.len(); }

  /** What changed between two samples, in bytes. */
  delta(before: MemorySnapshot, after: MemorySnapshot): MemoryDelta {
    checkSnapshot(before);
    checkSnapshot(after);
    return {
      durationMs: after.timestamp.getTime() - before.timestamp.getTime(),
      heapUsed: after.heapUsed - before.heapUsed,
      heapTotal: after.heapTotal - before.heapTotal,
      external: after.external - before.external,
      arrayBuffers: after.arrayBuffers - before.arrayBuffers,
      rss: after.rss - before.rss,
      nativeLive: after.nativeLive === null || before.nativeLive === null ? null : after.nativeLive - before.nativeLive,
    };
  }

  /** Statistics over the samples; `null` before the first. */
  getStats(): MemoryStats | null {
    const json = this.#timeline.stats();
    if (json === null) return null;
    const { count, spanMs, series } = JSON.parse(json) as { count: number; spanMs: number; series: (SeriesStats & { series: string })[] };
    return { count, spanMs, series: Object.fromEntries(series.map(({ series: name, ...figures }) => [name, figures])) };
  }

  /** Whether memory grows steadily. @internal */
  judge(minSamples?: number, minGrowthBytes?: number): LeakVerdict {
    return JSON.parse(this.#timeline.judge(minSamples, minGrowthBytes)) as LeakVerdict;
  }
}

/** What a detector found. */
export type LeakVerdict =
  | { verdict: 'tooFewSamples'; have: number; need: number }
  | { verdict: 'steady' }
  | {
      verdict: 'growing';
      /** What grows: `heapUsed`, `external` or `nativeLive`. */
      series: string;
      bytesPerSecond: number;
      /** The confidence interval of the slope. */
      low: number;
      high: number;
      growthBytes: number;
      /** Whether the process's RSS grows with it. */
      rssAgrees: boolean | null;
      /** Which parts of native memory grow, the fastest first; none where V8's heap is what grows. */
      parts: GrowingPart[];
    };

/** A part of native memory that grows: by whose it is, or by what it is kept for. */
export type GrowingPart = { bytesPerSecond: number; growthBytes: number } & ({ account: 'runs' | 'calls' | 'shared' } | { category: keyof Holdings });

export interface LeakDetectorOptions {
  /** Samples kept (100). */
  capacity?: number | undefined;
  /** Samples before a verdict (20). */
  minSamples?: number | undefined;
  /** Growth that counts (1 MB). */
  minGrowthMb?: number | undefined;
}

/** Watches for memory that grows steadily: a verdict over many samples, not a threshold. */
export class MemoryLeakDetector {
  readonly #tracker: MemoryTracker;
  readonly #minSamples: number | undefined;
  readonly #minGrowthBytes: number | undefined;

  constructor(options?: LeakDetectorOptions) {
    const { capacity, minSamples, minGrowthMb } = checkOptions(options, ['capacity', 'minSamples', 'minGrowthMb'], 'detector option');
    checkWhole('minSamples', minSamples);
    checkPositive('minGrowthMb', minGrowthMb);
    this.#tracker = new MemoryTracker({ capacity }, true);
    this.#minSamples = minSamples;
    this.#minGrowthBytes = minGrowthMb === undefined ? undefined : minGrowthMb * 1024 * 1024;
  }

  /** Takes a sample and judges all that are kept. */
  check(): LeakVerdict {
    this.#tracker.snapshot();
    return this.#tracker.judge(this.#minSamples, this.#minGrowthBytes);
  }

  /** As `check`, as a plain answer. */
  checkForLeaks(): boolean {
    return this.check().verdict === 'growing';
  }

  /** Takes a sample at every interval and calls `onVerdict`. The timer does not keep the program alive. */
  startMonitoring(intervalMs = 30_000, onVerdict: (verdict: LeakVerdict) => void = () => undefined): NodeJS.Timeout {
    checkPositive('intervalMs', intervalMs);
    if (typeof onVerdict !== 'function') throw invalidInput(`onVerdict must be a function, not ${typeName(onVerdict)}`);
    this.#tracker.snapshot();
    return setInterval(() => onVerdict(this.check()), intervalMs).unref();
  }
}
