// Run: a workflow under way: its events, its questions, its picture, and the ways to end it.
import { bytesOf, checkId, checkOptions, checkPositive, checkSignal, checkWhole, drainLimit, invalidInput, toJson, typeName } from './check.js';
import { GraphBitError, type Thrown, locate, messageOf, rethrow } from './error.js';
import { type RunEvent, reader } from './events.js';
import * as functions from './functions.js';
import { native, type NativeExecutor, type NativeRun } from './native.js';
import type { MemoryUse } from './memory.js';
import { Reader } from './reader.js';
import type { WorkflowResult } from './result.js';
import { aborted, until } from './signal.js';
import { type Workflow, checkFunctions, idsOf, partsOf } from './workflow.js';

/** What holds for one run. */
export interface RunOptions {
  /** What prompts see as `{{input}}`, and functions at a root as their input. */
  input?: unknown;
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Nodes at once. */
  maxParallel?: number | undefined;
  /** What it may hold in native memory: a run that asks for more fails with `MEMORY`, and no other. */
  memoryLimitMb?: number | undefined;
}

export interface StartOptions extends RunOptions {
  /** Whether the run's events are kept for a reader, from the first on. */
  events?: boolean | undefined;
}

/** What a run had done when it ended, by node id. */
export interface Receipt {
  /** `false` when it had ended by itself before. */
  cancelled: boolean;
  finished: string[];
  dropped: string[];
  neverStarted: string[];
  /** Of those that were dropped, nodes whose function was called and may still run: it is told by its signal. */
  stillRunning: string[];
  /** Tokens read by the models that had answered. */
  inputTokens: number;
  /** Tokens written by them. */
  outputTokens: number;
}

/** A node that waits for an answer. */
export interface Question {
  nodeId: string;
  question: any;
}

const RUN = ['input', 'signal', 'timeout', 'maxParallel', 'memoryLimitMb'] as const;
const START = [...RUN, 'events'] as const;

/** A run under way. Iterating over it reads its events, and leaving the loop cancels it; the loop throws what the result rejects with. */
export class Run implements AsyncIterable<RunEvent> {
  /** The outcome. A failed node resolves; an invalid workflow and a cancelled run reject. */
  readonly result: Promise<WorkflowResult>;
  readonly #native: NativeRun;
  readonly #workflow: Workflow;
  /** What functions threw; only where events are wanted. */
  readonly #thrown: Thrown | undefined;
  #isRead = false;

  private constructor(run: NativeRun, workflow: Workflow, result: Promise<WorkflowResult>, thrown: Thrown | undefined) {
    this.#native = run;
    this.#workflow = workflow;
    this.result = result;
    this.#thrown = thrown;
    // Whoever cancels is told by the receipt: a result that nobody reads is no unhandled rejection.
    result.catch(() => undefined);
  }

  /** @internal */
  static begin(executor: NativeExecutor, workflow: Workflow, options: StartOptions | undefined, watched = options?.events === true): Run {
    const run = new native.NativeRun(watched);
    const thrown = watched ? { byNode: undefined } : undefined;
    return new Run(run, workflow, begin(executor, workflow, options, START, run, thrown), thrown);
  }

  /** Empty when the run did not start. */
  get id(): string { return this.#native.id(); }

  /** Its events from the first on; they can be read once, and leaving the loop leaves the run alone. For a run that was started with `events: true`. */
  get events(): AsyncIterable<RunEvent> {
    return { [Symbol.asyncIterator]: () => this.#reader(() => Promise.resolve(), () => undefined) };
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent, undefined> {
    return this.#reader(() => this.result, () => this.#native.stop('the loop over its events was left'));
  }

  /** Stops the run and tells what it had done. The result rejects with `CANCELLED`. */
  cancel(reason = 'cancelled by the caller'): Promise<Receipt> {
    return this.#receipt(this.#native.cancel(messageOf(reason)));
  }

  /** Starts nothing new, waits for what is under way, at most `timeoutMs` (30,000), and stops what is left. */
  drain(options?: { timeoutMs?: number | undefined }): Promise<Receipt> {
    try {
      return this.#receipt(this.#native.drain(drainLimit(options)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The questions that wait for an answer. */
  questions(): Question[] { return JSON.parse(this.#native.questions()) as Question[]; }

  /** Answers the question of a node, which is then its output. An answer that does not fit is refused, and the node goes on waiting. */
  answer(nodeId: string, value: unknown): Promise<void> {
    try {
      this.#native.answer(checkId(nodeId, 'who is answered'), toJson(value, 'the answer'));
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What it holds in native memory; after its end, what is still kept of it. `null` when it did not start. */
  memory(): MemoryUse | null {
    const json = this.#native.memory();
    return json === null ? null : (JSON.parse(json) as MemoryUse);
  }

  /** The graph with how far each of its nodes has come. */
  toMermaid(): string { return this.#native.toMermaid(partsOf(this.#workflow).native); }

  /** Of a run whose signal was aborted before it started there is nothing native to tell. */
  #receipt(json: Promise<string>): Promise<Receipt> {
    const told = json.then((json) => JSON.parse(json) as Receipt, rethrow);
    if (this.id !== '') return told;
    const stopped = (error: unknown): boolean => GraphBitError.isInstance(error) && error.code === 'CANCELLED';
    const unstarted = (receipt: Receipt, error: unknown): Receipt =>
      stopped(error) ? { ...receipt, cancelled: true, neverStarted: [...idsOf(partsOf(this.#workflow))] } : receipt;
    return told.then((receipt) => this.result.then(() => receipt, (error: unknown) => unstarted(receipt, error)));
  }

  #reader(atEnd: () => Promise<unknown>, onLeave: () => void): Reader<RunEvent> {
    const refused = (why: string): Reader<RunEvent> => new Reader<RunEvent>({ pull: () => Promise.reject(invalidInput(why)), close: () => undefined });
    if (!this.#thrown) return refused('nobody asked for the events of this run: use executor.stream(workflow), or executor.start(workflow, { events: true })');
    if (this.#isRead) return refused('the events are being read already: they can be read once');
    this.#isRead = true;
    return reader(this.#native, this.#thrown, atEnd, onLeave);
  }
}

/** Starts a run. No async frame: it would keep the input alive in JavaScript for as long as the run takes. @internal */
export function begin(
  executor: NativeExecutor, workflow: Workflow, options: StartOptions | undefined, known: readonly string[] = RUN, handle?: NativeRun, watched?: Thrown,
): Promise<WorkflowResult> {
  try {
    const parts = partsOf(workflow);
    checkFunctions(parts);
    const { input, signal, timeout, maxParallel, memoryLimitMb, events } = checkOptions(options, known, 'run option');
    checkSignal(signal);
    checkPositive('timeout', timeout);
    checkWhole('maxParallel', maxParallel);
    if (events !== undefined && typeof events !== 'boolean') throw invalidInput(`events must be true or false, not ${typeName(events)}`);
    const memoryLimitBytes = bytesOf('memoryLimitMb', memoryLimitMb);
    const wire = toJson({ input, timeoutMs: timeout, maxParallel, memoryLimitBytes }, 'the input');
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const plain = parts.functions.size === 0;
    if (!signal && plain) return executor.start<WorkflowResult>(parts.native, wire, undefined, handle).catch(rethrow);
    const run = handle ?? new native.NativeRun(false);
    const thrown = watched ?? { byNode: undefined };
    const number = plain ? undefined : functions.open(parts.functions, idsOf(parts), run, watched !== undefined, thrown);
    const outcome = executor.start<WorkflowResult>(parts.native, wire, number, run);
    const result = number === undefined ? outcome : closing(outcome, number, thrown);
    return signal ? until(result, signal, new Stop(run)) : result;
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The functions are open to native code exactly as long as the run lasts. */
function closing(outcome: Promise<WorkflowResult>, number: number, thrown: Thrown): Promise<WorkflowResult> {
  const failed = (error: unknown): never => {
    functions.close(number);
    locate(error, failed);
    throw error;
  };
  return outcome.then((result) => {
    functions.close(number);
    if (thrown.byNode) result.blame(thrown);
    return result;
  }, failed);
}

/** Stops a run without waiting for its receipt. */
class Stop {
  readonly #run: NativeRun;
  constructor(run: NativeRun) { this.#run = run; }
  cancel(): void { this.#run.stop('aborted by its signal'); }
}
