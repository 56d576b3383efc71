// The JavaScript functions of runs under way. A run is here only while it runs: nothing else keeps its functions alive.
import { GraphBitError } from './error.js';
import { native } from './native.js';
import type { NodeFunction } from './node.js';

/** A run that calls functions. */
interface Active {
  functions: Map<string, NodeFunction>;
  ids: string[];
  runId: () => string;
  abort: AbortController;
  causes: Map<string, unknown>;
}

const active = new Map<number, Active>();
let last = 0;

/** Opens the functions of a run to native code, and gives the number that names them. @internal */
export function open(functions: Map<string, NodeFunction>, ids: string[], runId: () => string): { number: number; causes: Map<string, unknown> } {
  last = (last + 1) % 2 ** 32;
  const run: Active = { functions, ids, runId, abort: new AbortController(), causes: new Map() };
  active.set(last, run);
  return { number: last, causes: run.causes };
}

/** The run has ended; functions that still run are told. @internal */
export function close(number: number): void {
  const run = active.get(number);
  if (!run) return;
  active.delete(number);
  native.forgetFunctions(number);
  run.abort.abort(new GraphBitError('CANCELLED', 'the run has ended'));
}

/** Calls a function: `v` and its value as JSON, `e` and what it threw, or `null` when the answer comes later. @internal */
export function dispatch(number: number, node: number, input: string): string | null {
  const run = active.get(number);
  const id = run?.ids[node];
  const fn = id === undefined ? undefined : run?.functions.get(id);
  if (!run || id === undefined || !fn) return `enode ${id ?? node} has no function: give it one with Node.transform or Workflow.fromJSON(json, functions)`;
  const failed = (thrown: unknown): string => {
    run.causes.set(id, thrown);
    return `e${messageOf(thrown)}`;
  };
  try {
    const value = fn(JSON.parse(input), { nodeId: id, runId: run.runId(), signal: run.abort.signal });
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
function answer(value: unknown): string {
  return `v${JSON.stringify(value) ?? 'null'}`;
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something was thrown that has no text';
  }
}
