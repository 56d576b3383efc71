// Executor: runs workflows on the native engine.
import { inspect } from 'node:util';
import { checkOptions, checkPositive, checkWhole, drainLimit, toJson } from './check.js';
import { type LlmConfig, configOf } from './config.js';
import { rethrow } from './error.js';
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
}

export interface ExecutorStats {
  totalExecutions: number;
  successfulExecutions: number;
  failedExecutions: number;
  cancelledExecutions: number;
  averageDurationMs: number;
}

type Profile = 'low_latency' | 'balanced' | 'high_throughput' | 'memory_optimized';
const EXECUTOR = ['timeoutSeconds', 'maxParallel'] as const;

/** Runs workflows. Making one starts nothing; its threads start with the first run and stop when idle. */
export class Executor {
  readonly #native: NativeExecutor;

  constructor(config?: LlmConfig | null, options?: ExecutorOptions);
  /** @internal */
  constructor(config: LlmConfig | null | undefined, options: ExecutorOptions | undefined, profile: Profile);
  constructor(config?: LlmConfig | null, options?: ExecutorOptions, profile: Profile = 'balanced') {
    const { timeoutSeconds, maxParallel } = checkOptions(options, EXECUTOR, 'executor option', 'CONFIG');
    checkPositive('timeoutSeconds', timeoutSeconds);
    checkWhole('maxParallel', maxParallel);
    const settings = toJson({ timeoutMs: timeoutSeconds && timeoutSeconds * 1000, maxParallel }, 'the executor options');
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
    return begin(this.#native, workflow, options);
  }

  /** Starts a run, to be watched, answered and stopped. */
  start(workflow: Workflow, options?: StartOptions): Run {
    return Run.begin(this.#native, workflow, options);
  }

  /** Starts a run whose events are read: `for await (const event of executor.stream(workflow)) …`. Leaving the loop cancels it. */
  stream(workflow: Workflow, options?: RunOptions): Run {
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

  getStats(): ExecutorStats { return JSON.parse(this.#native.stats()) as ExecutorStats; }
  resetStats(): void { this.#native.resetStats(); }
  /** The profile's name, as in `low_latency`. */
  getExecutionMode(): string { return this.#native.profile(); }
  [inspect.custom](): string { return `Executor(${this.getExecutionMode()})`; }
}
