// AbortSignal: honoured when already aborted, listened to only while a call runs.
import { GraphBitError, locate, rethrow } from './error.js';
import { native, type NativeCancel } from './native.js';

/** What a signal may stop. @internal */
export interface Stoppable { cancel(): void }

/** The calls under way of each signal that has any. One listener serves them all, so that a signal may be shared by thousands. */
const calls = new WeakMap<AbortSignal, Set<Stoppable>>();

/** The rejection for an aborted signal. @internal */
export const aborted = (signal: AbortSignal): GraphBitError =>
  new GraphBitError('CANCELLED', 'aborted by its signal', { cause: signal.reason });

/** Cancels the call when the signal aborts. @internal */
export function watch(signal: AbortSignal, call: Stoppable): void {
  const others = calls.get(signal);
  if (others) {
    others.add(call);
    return;
  }
  calls.set(signal, new Set([call]));
  signal.addEventListener('abort', cancelAll);
}

/** @internal */
export function unwatch(signal: AbortSignal, call: Stoppable): void {
  const others = calls.get(signal);
  if (!others?.delete(call) || others.size > 0) return;
  calls.delete(signal);
  signal.removeEventListener('abort', cancelAll);
}

function cancelAll(this: AbortSignal): void {
  for (const call of [...(calls.get(this) ?? [])]) call.cancel();
}

/** Runs a native call that a signal may stop. @internal */
export function withSignal<T>(signal: AbortSignal | null | undefined, start: (cancel?: NativeCancel) => Promise<T>): Promise<T> {
  if (!signal) return start().catch(rethrow);
  if (signal.aborted) return Promise.reject(aborted(signal));
  const cancel = new native.NativeCancel();
  return until(start(cancel), signal, cancel);
}

/** Watches the signal until the promise settles; the rejection of a call that it stopped has the signal's reason. @internal */
export function until<T>(promise: Promise<T>, signal: AbortSignal, call: Stoppable): Promise<T> {
  watch(signal, call);
  const failed = (error: unknown): never => {
    unwatch(signal, call);
    const why = signal.aborted && GraphBitError.isInstance(error) && error.code === 'CANCELLED' ? aborted(signal) : error;
    locate(why, failed);
    throw why;
  };
  return promise.then((value) => {
    unwatch(signal, call);
    return value;
  }, failed);
}
