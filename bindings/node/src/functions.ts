// The JavaScript functions of runs under way. A run is here only while it runs: nothing else keeps its functions alive.
import { jsonText } from './check.js';
import { GraphBitError, messageOf } from './error.js';
import { native } from './native.js';
import type { FunctionContext, NodeFunction } from './node.js';

/** A run that calls functions. */
interface Active {
  functions: Map<string, NodeFunction>;
  ids: string[];
  runId: () => string;
  /** Made when a function asks for its signal. */
  abort: AbortController | undefined;
  /** What functions threw, by node id. */
  causes: Map<string, unknown> | undefined;
}

const active = new Map<number, Active>();

/** Opens the functions of a run to native code, and gives the number that names them. @internal */
export function open(functions: Map<string, NodeFunction>, ids: string[], runId: () => string): number {
  const number = native.runNumber();
  active.set(number, { functions, ids, runId, abort: undefined, causes: undefined });
  return number;
}

/** The run has ended; functions that still run are told. Gives what they threw, by node id. @internal */
export function close(number: number): Map<string, unknown> | undefined {
  const run = active.get(number);
  active.delete(number);
  native.forgetFunctions(number);
  run?.abort?.abort(ended());
  return run?.causes;
}

const ended = (): GraphBitError => new GraphBitError('CANCELLED', 'the run has ended');

/** What a function is told besides its input. */
class Context implements FunctionContext {
  readonly nodeId: string;
  readonly #run: Active;
  readonly #number: number;

  constructor(nodeId: string, run: Active, number: number) {
    this.nodeId = nodeId;
    this.#run = run;
    this.#number = number;
  }

  get runId(): string { return this.#run.runId(); }

  get signal(): AbortSignal {
    if (!this.#run.abort) {
      this.#run.abort = new AbortController();
      if (!active.has(this.#number)) this.#run.abort.abort(ended());
    }
    return this.#run.abort.signal;
  }
}

/** Calls a function: `v` and its value as JSON, `e` and what it threw, or `null` when the answer comes later. @internal */
export function dispatch(number: number, node: number, input: string): string | null {
  const run = active.get(number);
  const id = run?.ids[node];
  const fn = id === undefined ? undefined : run?.functions.get(id);
  if (!run || id === undefined || !fn) return `enode ${id ?? node} has no function: give it one with Node.transform or Workflow.fromJSON(json, functions)`;
  const failed = (thrown: unknown): string => {
    (run.causes ??= new Map<string, unknown>()).set(id, thrown);
    return `e${messageOf(thrown)}`;
  };
  try {
    const value = fn(JSON.parse(input), new Context(id, run, number));
    if (value === null || typeof value !== 'object' || typeof (value as PromiseLike<unknown>).then !== 'function') return answer(value);
    const settle = (text: string): void => {
      if (active.has(number)) native.settleFunction(number, node, text);
    };
    Promise.resolve(value as PromiseLike<unknown>).then(answer).then(settle, (thrown: unknown) => settle(failed(thrown)));
    return null;
  } catch (thrown) {
    return failed(thrown);
  }
}

/** No value at all counts as null; what JSON cannot say is the function's failure. */
const answer = (value: unknown): string => `v${jsonText(value)}`;
