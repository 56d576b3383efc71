// Executor and Run: workflows on the native engine.
import { inspect } from 'node:util';
import { checkOptions, checkPositive, checkSignal, checkWhole, toJson } from './check.js';
import { type LlmConfig, configOf } from './config.js';
import { locate, messageOf, rethrow } from './error.js';
import * as functions from './functions.js';
import { facade, native, type NativeExecutor, type NativeRun } from './native.js';
import type { WorkflowResult } from './result.js';
import { aborted, until } from './signal.js';
import { type Workflow, partsOf } from './workflow.js';

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

  private constructor(run: NativeRun, result: Promise<WorkflowResult>) {
    this.#native = run;
    this.result = result;
    // Whoever cancels is told by the receipt: a result that nobody reads is no unhandled rejection.
    result.catch(() => undefined);
  }

  /** @internal */
  static begin(executor: NativeExecutor, workflow: Workflow, options: RunOptions | undefined): Run {
    const run = new native.NativeRun();
    return new Run(run, begin(executor, workflow, options, run));
  }

  /** Empty when the run did not start. */
  get id(): string { return this.#native.id(); }

  /** Stops the run and tells what it had done. The result rejects with `CANCELLED`. */
  cancel(reason = 'cancelled by the caller'): Promise<Receipt> {
    return this.#native.cancel(messageOf(reason)).then(receipt, rethrow);
  }
}

const receipt = (json: string): Receipt => JSON.parse(json) as Receipt;

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
    return begin(this.#native, workflow, options, undefined);
  }

  /** Starts a run, to be watched and stopped. */
  start(workflow: Workflow, options?: RunOptions): Run {
    return Run.begin(this.#native, workflow, options);
  }

  getStats(): ExecutorStats { return JSON.parse(this.#native.stats()) as ExecutorStats; }
  resetStats(): void { this.#native.resetStats(); }
  /** The profile's name, as in `low_latency`. */
  getExecutionMode(): string { return this.#native.profile(); }
  [inspect.custom](): string { return `Executor(${this.getExecutionMode()})`; }
}

/** No async frame: it would keep the input alive in JavaScript for as long as the run takes. */
function begin(executor: NativeExecutor, workflow: Workflow, options: RunOptions | undefined, handle: NativeRun | undefined): Promise<WorkflowResult> {
  try {
    const { native: graph, functions: functionsById } = partsOf(workflow);
    const { input, signal, timeout, maxParallel } = checkOptions(options, RUN, 'run option');
    checkSignal(signal);
    checkPositive('timeout', timeout);
    checkWhole('maxParallel', maxParallel);
    const wire = toJson({ input, timeoutMs: timeout, maxParallel }, 'the input');
    if (signal?.aborted) return Promise.reject(aborted(signal));
    if (!signal && functionsById.size === 0) return executor.start<WorkflowResult>(graph, wire, undefined, handle).catch(rethrow);
    const run = handle ?? new native.NativeRun();
    const number = functionsById.size === 0 ? undefined : functions.open(functionsById, graph.nodeIds(), () => run.id());
    const outcome = executor.start<WorkflowResult>(graph, wire, number, run);
    const result = number === undefined ? outcome : closing(outcome, number);
    return signal ? until(result, signal, new Stop(run)) : result;
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The functions are open to native code exactly as long as the run lasts. */
function closing(outcome: Promise<WorkflowResult>, number: number): Promise<WorkflowResult> {
  const failed = (error: unknown): never => {
    functions.close(number);
    locate(error, failed);
    throw error;
  };
  return outcome.then((result) => {
    const causes = functions.close(number);
    if (causes) result.blame(causes);
    return result;
  }, failed);
}

/** Stops a run without waiting for its receipt. */
class Stop {
  readonly #run: NativeRun;
  constructor(run: NativeRun) { this.#run = run; }
  cancel(): void { this.#run.stop('aborted by its signal'); }
}
