// AbortSignal: honoured when already aborted, listened to only while a call runs.
import { GraphBitError } from './error.js';
import { native, type NativeCancel } from './native.js';

/** The rejection for an aborted signal. @internal */
export const aborted = (signal: AbortSignal): GraphBitError =>
  new GraphBitError('CANCELLED', 'aborted by its signal', { cause: signal.reason });

/** Runs a native call that a signal may stop. The listener goes when the call settles. @internal */
export function withSignal<T>(signal: AbortSignal | undefined, start: (cancel?: NativeCancel) => Promise<T>): Promise<T> {
  if (!signal) return start();
  if (signal.aborted) return Promise.reject(aborted(signal));
  const cancel = new native.NativeCancel();
  return listening(signal, () => cancel.cancel(), start(cancel));
}

/** Calls `stop` when the signal aborts before the promise settles; the rejection that follows has the signal's reason. @internal */
export function listening<T>(signal: AbortSignal, stop: () => void, promise: Promise<T>): Promise<T> {
  signal.addEventListener('abort', stop, { once: true });
  const done = (): void => signal.removeEventListener('abort', stop);
  return promise.then(
    (value) => {
      done();
      return value;
    },
    (error: unknown) => {
      done();
      throw signal.aborted && GraphBitError.isInstance(error) && error.code === 'CANCELLED' ? aborted(signal) : error;
    },
  );
}
