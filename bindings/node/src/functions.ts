// The JavaScript functions of runs under way. A run is here only while it runs: nothing else keeps its functions alive.
import { invalidInput, jsonText, toJson, typeName } from './check.js';
import { GraphBitError, type Thrown, messageOf } from './error.js';
import type { FunctionContext, NodeFunction } from './kinds.js';
import { native, type NativeRun } from './native.js';

/** A run that calls functions. */
interface Active {
  readonly number: number;
  /** By place. */
  readonly functions: Map<string, NodeFunction>;
  readonly ids: readonly string[];
  readonly run: NativeRun;
  /** Somebody reads its events. */
  readonly watched: boolean;
  readonly thrown: Thrown;
  /** Counts the calls that have returned a promise. */
  calls: number;
  /** Of the functions that asked for a signal and have not answered, by the name of their node. */
  signals: Map<string, AbortController> | undefined;
}

/** By number. Not a Map: one that entries come to and leave is remade now and then, and keeps what it was before until V8's next full collection. */
const active = Object.create(null) as Record<number, Active | undefined>;

/** Opens the functions of a run to native code, which knows them by the number. What they throw is kept in `thrown`. @internal */
export function open(functions: Map<string, NodeFunction>, ids: readonly string[], run: NativeRun, watched: boolean, thrown: Thrown): number {
  const number = native.runNumber();
  active[number] = { number, functions, ids, run, watched, thrown, calls: 0, signals: undefined };
  return number;
}

/** How many functions are open to native code: those of runs under way. @internal */
export function openFunctions(): number {
  let count = 0;
  for (const run of Object.values(active)) count += run?.functions.size ?? 0;
  return count;
}

/** The run has ended; functions that still run are told. @internal */
export function close(number: number): void {
  const run = active[number];
  delete active[number];
  native.forgetFunctions(number);
  for (const signal of run?.signals?.values() ?? []) signal.abort(ended());
}

/** Nobody waits any more for the function of a node, or, where the name ends with a slash, for those of a body. @internal */
export function giveUp(number: number, name: string): void {
  const signals = active[number]?.signals;
  if (!signals) return;
  for (const [node, signal] of [...signals]) {
    if (node !== name && !(name.endsWith('/') && node.startsWith(name))) continue;
    signals.delete(node);
    signal.abort(new GraphBitError('CANCELLED', 'nobody waits for the function any more', { nodeId: node }));
  }
}

const ended = (): GraphBitError => new GraphBitError('CANCELLED', 'the run has ended');

/** The function has promised its answer: native code knows the call by this number. */
let later: (context: Context, call: number) => void;
/** The function has returned. */
let returned: (context: Context) => void;

/** What a function is told besides its input. */
class Context implements FunctionContext {
  static {
    later = (context, call) => { context.#call = call; };
    returned = (context) => { context.#isCalled = false; };
  }

  readonly nodeId: string;
  readonly #run: Active;
  #signal: AbortController | undefined;
  #isCalled = true;
  #call: number | undefined;
  #state: Readonly<Record<string, any>> | null | undefined;

  constructor(nodeId: string, run: Active) {
    this.nodeId = nodeId;
    this.#run = run;
  }

  get runId(): string { return this.#run.run.id(); }

  get signal(): AbortSignal {
    if (!this.#signal) {
      this.#signal = new AbortController();
      if (active[this.#run.number]) (this.#run.signals ??= new Map<string, AbortController>()).set(this.nodeId, this.#signal);
      else this.#signal.abort(ended());
    }
    return this.#signal.signal;
  }

  get state(): Readonly<Record<string, any>> | null {
    if (this.#state === undefined) {
      const known = this.#isCalled || this.#call !== undefined ? native.functionState(this.#run.number, this.#call) : null;
      if (known === null) throw invalidInput(`the function of "${this.nodeId}" has ended: read context.state before it does`);
      this.#state = JSON.parse(known, frozen) as Readonly<Record<string, any>> | null;
    }
    return this.#state;
  }

  /** Made when it is asked for, so that it works without its context, too. */
  get emit(): (name: string, data?: unknown) => void {
    return (name, data) => {
      if (typeof name !== 'string') throw invalidInput(`an event needs a name, a string, not ${typeName(name)}: context.emit(name, data)`);
      if (this.#run.watched) this.#run.run.emit(this.nodeId, name, toJson(data, 'what the event carries'));
    };
  }
}

/**
 * Calls a function: `v` and its value as JSON, `e` and what it threw, or the number of the call when the answer comes later. A node of
 * the run's own is named by its index, one of a body or an edge by its place and the node, among all of the run's, by its name. @internal
 */
export function dispatch(number: number, node: number | string, input: string, name?: string): string | number {
  const run = active[number];
  const place = typeof node === 'string' ? node : run?.ids[node];
  const fn = place === undefined ? undefined : run?.functions.get(place);
  if (!run || place === undefined || !fn) return `e"${place ?? node}" has no function`;
  const id = name ?? place;
  const failed = (thrown: unknown): string => {
    (run.thrown.byNode ??= new Map<string, unknown>()).set(id, thrown);
    run.signals?.delete(id);
    return `e${messageOf(thrown)}`;
  };
  const context = new Context(id, run);
  try {
    const value = fn(JSON.parse(input), context);
    if (value === null || typeof value !== 'object' || typeof (value as PromiseLike<unknown>).then !== 'function') {
      run.signals?.delete(id);
      return answer(value);
    }
    const call = (run.calls = (run.calls + 1) >>> 0);
    later(context, call);
    const settle = (text: string): void => {
      if (active[number]) native.settleFunction(number, call, text);
    };
    Promise.resolve(value as PromiseLike<unknown>).then((value) => {
      const text = answer(value);
      run.signals?.delete(id);
      settle(text);
    }).catch((thrown: unknown) => settle(failed(thrown)));
    return call;
  } catch (thrown) {
    return failed(thrown);
  } finally {
    returned(context);
  }
}

/** What is written to a copy would be lost: nodes write by their `writes`. */
const frozen = (_: string, value: unknown): unknown => Object.freeze(value);

/** No value at all counts as null; what JSON cannot say is the function's failure. */
const answer = (value: unknown): string => `v${jsonText(value)}`;
