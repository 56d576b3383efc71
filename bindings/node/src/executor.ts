// Executor: runs workflows on the native engine.
import { inspect } from 'node:util';
import { bytesOf, checkOptions, checkPositive, checkWhole, drainLimit, invalidInput, toJson } from './check.js';
import { type LlmConfig, configOf } from './config.js';
import { type GraphBitError, rethrow } from './error.js';
import type { MemoryUse } from './memory.js';
import { facade, native, type NativeExecutor } from './native.js';
import type { WorkflowResult } from './result.js';
import { type Receipt, Run, type RunOptions, type StartOptions, begin } from './run.js';
import type { Workflow } from './workflow.js';

/** What holds for every run of an executor. */
export interface ExecutorOptions {
  /** How long a run may take, in seconds. */
  timeoutSeconds?: number | undefined;
  /** Nodes of one run at once. */
  maxParallel?: number | undefined;
  /**
   * What its runs may hold together in native memory. From 80 % of it on, no run begins while another is under way, and replies are read slowly;
   * beyond it, a run that asks for more fails with `MEMORY`.
   */
  memoryLimitMb?: number | undefined;
}

/** What an executor's runs hold. */
export interface ExecutorMemory extends MemoryUse {
  /** Runs under way. */
  activeRuns: number;
}

export interface ExecutorStats {
  totalExecutions: number;
  successfulExecutions: number;
  failedExecutions: number;
  cancelledExecutions: number;
  averageDurationMs: number;
}

type Profile = 'low_latency' | 'balanced' | 'high_throughput' | 'memory_optimized';
const EXECUTOR = ['timeoutSeconds', 'maxParallel', 'memoryLimitMb'] as const;

const closed = (): GraphBitError => invalidInput('the executor is closed: make another one');

/** Runs workflows. Making one starts nothing; its threads start with the first run and stop when idle. */
export class Executor {
  readonly #native: NativeExecutor;
  #isClosed = false;

  constructor(config?: LlmConfig | null, options?: ExecutorOptions);
  /** @internal */
  constructor(config: LlmConfig | null | undefined, options: ExecutorOptions | undefined, profile: Profile);
  constructor(config?: LlmConfig | null, options?: ExecutorOptions, profile: Profile = 'balanced') {
    const { timeoutSeconds, maxParallel, memoryLimitMb } = checkOptions(options, EXECUTOR, 'executor option', 'CONFIG');
    checkPositive('timeoutSeconds', timeoutSeconds);
    checkWhole('maxParallel', maxParallel);
    const memoryLimitBytes = bytesOf('memoryLimitMb', memoryLimitMb);
    const settings = toJson({ timeoutMs: timeoutSeconds && timeoutSeconds * 1000, maxParallel, memoryLimitBytes }, 'the executor options');
    this.#native = new native.NativeExecutor(config === undefined || config === null ? undefined : configOf(config), profile, settings, facade.number);
  }

  /** One thread: the least memory, no hand-over between threads. */
  static newLowLatency(config?: LlmConfig | null, options?: ExecutorOptions): Executor { return new Executor(config, options, 'low_latency'); }
  /** Every core that the container grants. */
  static newHighThroughput(config?: LlmConfig | null, options?: ExecutorOptions): Executor { return new Executor(config, options, 'high_throughput'); }
  /** Half the cores, at least one; what `new Executor` makes. */
  static newBalanced(config?: LlmConfig | null, options?: ExecutorOptions): Executor { return new Executor(config, options, 'balanced'); }
  /** One thread, and few nodes of a run at once. */
  static newMemoryOptimized(config?: LlmConfig | null, options?: ExecutorOptions): Executor { return new Executor(config, options, 'memory_optimized'); }

  /** Runs a workflow. A failed node resolves to a result that is not a success; an invalid workflow or an abort rejects. */
  execute(workflow: Workflow, options?: RunOptions): Promise<WorkflowResult> {
    return this.#isClosed ? Promise.reject(closed()) : begin(this.#native, workflow, options);
  }

  /** Starts a run, to be watched, answered and stopped. */
  start(workflow: Workflow, options?: StartOptions): Run {
    if (this.#isClosed) throw closed();
    return Run.begin(this.#native, workflow, options);
  }

  /** Starts a run whose events are read: `for await (const event of executor.stream(workflow)) …`. Leaving the loop cancels it. */
  stream(workflow: Workflow, options?: RunOptions): Run {
    if (this.#isClosed) throw closed();
    return Run.begin(this.#native, workflow, options, true);
  }

  /**
   * Has the runs that are under way start nothing new, waits for what they are doing, at most `timeoutMs` (30,000), and stops what is
   * left. Runs that start later are not touched.
   */
  drain(options?: { timeoutMs?: number | undefined }): Promise<(Receipt & { runId: string })[]> {
    try {
      return this.#native.drain(drainLimit(options)).then((json) => JSON.parse(json) as (Receipt & { runId: string })[], rethrow);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What its runs hold in native memory, results that are still kept included. */
  memory(): ExecutorMemory { return JSON.parse(this.#native.memory()) as ExecutorMemory; }

  /**
   * Stops its runs, forgets what it kept for later ones, and gives free memory back to the operating system, at once. Nothing can be
   * started afterwards; results that are held stay readable.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#native.close().catch(rethrow);
    native.releaseFreeMemory();
  }

  [Symbol.asyncDispose](): Promise<void> { return this.close(); }

  getStats(): ExecutorStats { return JSON.parse(this.#native.stats()) as ExecutorStats; }
  resetStats(): void { this.#native.resetStats(); }
  /** The profile's name, as in `low_latency`. */
  getExecutionMode(): string { return this.#native.profile(); }
  [inspect.custom](): string { return `Executor(${this.getExecutionMode()})`; }
}
