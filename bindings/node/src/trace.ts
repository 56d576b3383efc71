// Spans of model calls, for whoever listens.
import { invalidInput, typeName } from './check.js';
import type { ErrorCode } from './error.js';
import { facade, native } from './native.js';

/** A model call that has ended, named as OpenTelemetry's conventions for generative AI have it. */
export interface TraceSpan {
  /** As in `chat gpt-4.1-mini`. */
  name: string;
  /** Milliseconds since 1970. */
  startTimeMs: number;
  durationMs: number;
  /** As in `gen_ai.request.model`, `gen_ai.usage.input_tokens`, `server.address`; messages, where asked for, are JSON texts. */
  attributes: Record<string, string | number | boolean | string[]>;
  /** Why the call failed. */
  error?: ErrorCode;
  /** How many spans before this one were dropped: 10,000 wait for a listener that is slow, or 16 MiB of them. */
  dropped?: number;
}

type Listener = { callback: (span: TraceSpan) => void };
const listeners = new Set<Listener>();

/**
 * Calls back for each model call that ends, of every configuration in the process that has the option `trace`; gives the function
 * that ends it. Spans do not keep the program alive, and cost nothing while nobody listens.
 */
export function onTrace(callback: (span: TraceSpan) => void): () => void {
  if (typeof callback !== 'function') throw invalidInput(`onTrace takes a function, not ${typeName(callback)}`);
  if (listeners.size === 0) native.trace(facade.number, true);
  const listener: Listener = { callback }; // the same function may listen twice
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) native.trace(facade.number, false);
  };
}

/** Takes what native code hands over. @internal */
export function deliver(json: string, dropped: number): void {
  const spans = JSON.parse(json) as TraceSpan[];
  const [first] = spans;
  if (first && dropped > 0) first.dropped = dropped;
  for (const span of spans) {
    for (const { callback } of listeners) call(callback, span);
  }
}

/** What a listener throws is the program's, and nothing to the other listeners. */
function call(callback: (span: TraceSpan) => void, span: TraceSpan): void {
  try {
    callback(span);
  } catch (error) {
    process.nextTick(() => { throw error; });
  }
}
