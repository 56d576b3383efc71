// Executor and Run: workflows on the native engine.
import { type LlmConfig, configOf } from './config.js';
import { checkNames, invalidInput, toJson } from './error.js';
import * as functions from './functions.js';
import { native, type NativeExecutor, type NativeRun } from './native.js';
import type { WorkflowResult } from './result.js';
import { aborted, listening } from './signal.js';
import { type Workflow, type WorkflowParts, partsOf } from './workflow.js';

/** What holds for every run of an executor. */
export interface ExecutorOptions {
  /** How long a run may take, in seconds. */
  timeoutSeconds?: number | undefined;
  /** Nodes of one run at once. */
  maxParallel?: number | undefined;
}

/** What holds for one run. */
export interface RunOptions {
  /** What prompts see as `{{input}}`, and functions at a root as their input. */
  input?: unknown;
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Nodes at once. */
  maxParallel?: number | undefined;
}

/** What a run had done when it ended, by node id. */
export interface Receipt {
  /** `false` when it had ended by itself before. */
  cancelled: boolean;
  finished: string[];
  dropped: string[];
  neverStarted: string[];
}

export interface ExecutorStats {
  totalExecutions: number;
  successfulExecutions: number;
  failedExecutions: number;
  cancelledExecutions: number;
  averageDurationMs: number;
}

type Profile = 'low_latency' | 'balanced' | 'high_throughput' | 'memory_optimized';
const RUN = ['input', 'signal', 'timeout', 'maxParallel'] as const;
const EXECUTOR = ['timeoutSeconds', 'maxParallel'] as const;

/** A run under way. */
export class Run {
  /** The outcome. A failed node resolves; an invalid workflow and a cancelled run reject. */
  readonly result: Promise<WorkflowResult>;
  readonly #native: NativeRun;

  /** @internal */
  constructor(run: NativeRun, result: Promise<WorkflowResult>) {
    this.#native = run;
    this.result = result;
    // Whoever cancels is told by the receipt: a result that nobody reads is no unhandled rejection.
    result.catch(() => undefined);
  }

  /** Empty when the run did not start. */
  get id(): string { return this.#native.id(); }

  /** Stops the run and tells what it had done. The result rejects with `CANCELLED`. */
  cancel(reason = 'cancelled by the caller'): Promise<Receipt> {
    return this.#native.cancel(String(reason)).then((json) => JSON.parse(json) as Receipt);
  }
}

/** Runs workflows. Making one starts nothing; its threads start with the first run and stop when idle. */
export class Executor {
  readonly #native: NativeExecutor;

  constructor(config?: LlmConfig | null, options?: ExecutorOptions);
  /** @internal */
  constructor(config: LlmConfig | null | undefined, options: ExecutorOptions | undefined, profile: Profile);
  constructor(config?: LlmConfig | null, options: ExecutorOptions = {}, profile: Profile = 'balanced') {
    checkNames(options, EXECUTOR, 'executor option', 'CONFIG');
    const { timeoutSeconds, maxParallel } = options;
    const settings = { ...positive('timeoutSeconds', timeoutSeconds, 'timeoutMs', 1000), ...whole(maxParallel) };
    this.#native = new native.NativeExecutor(config ? configOf(config) : undefined, profile, toJson(settings, 'the executor options'));
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
  execute(workflow: Workflow, options: RunOptions = {}): Promise<WorkflowResult> {
    // A plain run needs no handle; without an async frame, nothing keeps its input alive in JavaScript.
    return begin(this.#native, workflow, options, options.signal ? new native.NativeRun() : undefined);
  }

  /** Starts a run, to be watched and stopped. */
  start(workflow: Workflow, options: RunOptions = {}): Run {
    const run = new native.NativeRun();
    return new Run(run, begin(this.#native, workflow, options, run));
  }

  getStats(): ExecutorStats { return JSON.parse(this.#native.stats()) as ExecutorStats; }
  resetStats(): void { this.#native.resetStats(); }
  /** The profile's name, as in `low_latency`. */
  getExecutionMode(): string { return this.#native.profile(); }
}

function begin(executor: NativeExecutor, workflow: Workflow, options: RunOptions, run: NativeRun | undefined): Promise<WorkflowResult> {
  try {
    const parts = partsOf(workflow);
    const { signal } = options;
    const wire = runOptions(options);
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const result = parts.functions.size === 0
      ? executor.start<WorkflowResult>(parts.native, wire, undefined, run)
      : withFunctions(executor, parts, wire, run ?? new native.NativeRun());
    return signal && run ? listening(signal, () => run.stop('aborted by its signal'), result) : result;
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The functions are open to native code exactly as long as the run lasts. */
function withFunctions(executor: NativeExecutor, parts: WorkflowParts, wire: string, run: NativeRun): Promise<WorkflowResult> {
  const { number, causes } = functions.open(parts.functions, parts.native.nodeIds(), () => run.id());
  return executor.start<WorkflowResult>(parts.native, wire, number, run).then(
    (result) => {
      functions.close(number);
      if (causes.size > 0) result.blame(causes);
      return result;
    },
    (error: unknown) => {
      functions.close(number);
      throw error;
    },
  );
}

function runOptions(options: RunOptions): string {
  checkNames(options, RUN, 'run option');
  const { input, timeout, maxParallel } = options;
  return toJson({ input, ...positive('timeout', timeout, 'timeoutMs', 1), ...whole(maxParallel) }, 'the input');
}

function positive(name: string, value: unknown, as: string, factor: number): Record<string, number> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) throw invalidInput(`${name} must be a number above 0, not ${String(value)}`);
  return { [as]: value * factor };
}

function whole(maxParallel: unknown): Record<string, number> {
  if (maxParallel === undefined || maxParallel === null) return {};
  if (!Number.isInteger(maxParallel) || (maxParallel as number) < 1) throw invalidInput(`maxParallel must be a whole number above 0, not ${String(maxParallel)}`);
  return { maxParallel: maxParallel as number };
}
