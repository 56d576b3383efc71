// A streamed reply: pulled, never pushed. Nothing is asked before the first pull, nothing is kept that nobody asked for.
import { GraphBitError, invalidInput } from './error.js';
import type { NativeStream } from './native.js';
import { aborted } from './signal.js';

/** Tokens, as the vendor counted them. */
export interface Usage {
  input: number | null;
  output: number | null;
  cached: number | null;
  reasoning: number | null;
  /** The vendor's own object. */
  raw: unknown;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'other';

/** A step of a reply. */
export type ModelEvent =
  | { type: 'started'; id: string | null; model: string | null }
  | { type: 'part.started'; part: number; kind: 'text' | 'reasoning' | 'refusal' }
  | { type: 'part.started'; part: number; kind: 'tool_call'; id: string | null; name: string }
  | { type: 'delta'; part: number; text: string }
  | { type: 'part.finished'; part: number }
  | { type: 'usage'; usage: Usage }
  | { type: 'finished'; reason: FinishReason; raw: string }
  | { type: 'unknown'; frame?: string };

/** A promise that tells when somebody waits for it. */
class Watched<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor { return Promise; }
  onAwait: (() => void) | undefined;
  override then<A = T, B = never>(yes?: ((value: T) => A | PromiseLike<A>) | null, no?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    this.onAwait?.();
    return super.then(yes, no);
  }
}

interface Later<T> { promise: Watched<T>; resolve(value: T): void; reject(error: unknown): void }

/** A promise whose rejection is only somebody's business who asked for it. */
function later<T>(onAwait: () => void): Later<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Watched<T>((yes, no) => { resolve = yes; reject = no; });
  promise.catch(() => undefined);
  promise.onAwait = onAwait;
  return { promise, resolve, reject };
}

type Summary = { usage: Usage | null; finishReason: FinishReason | null };
type Mode = 'texts' | 'events';

/** The pieces of a reply as they arrive. It can be read once: as texts, as events, or by awaiting what it ends with. */
export class LlmStream implements AsyncIterable<string> {
  readonly #native: NativeStream;
  readonly #signal: AbortSignal | undefined;
  #mode: Mode | undefined;
  #started = false;
  #ended = false;
  #failure: unknown;
  /** The pieces so far; only where `text` was asked for. */
  #kept: string[] | undefined;
  #text: Later<string> | undefined;
  #usage: Later<Usage | null> | undefined;
  #finish: Later<FinishReason | null> | undefined;
  #abort: (() => void) | undefined;

  /** @internal */
  constructor(native: NativeStream, signal: AbortSignal | undefined) {
    this.#native = native;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return this.#reader<string>('texts');
  }

  /** The typed events, instead of the texts. */
  get events(): AsyncIterable<ModelEvent> {
    return { [Symbol.asyncIterator]: () => this.#reader<ModelEvent>('events') };
  }

  /** The whole text. To be asked for before the first piece is read: later, nothing was kept. */
  get text(): Promise<string> {
    if (!this.#text) {
      this.#text = later(() => this.#drive());
      if (this.#started || this.#mode === 'events') {
        this.#text.reject(invalidInput('text must be asked for before the first piece is read: pieces that were handed out are not kept'));
      } else {
        this.#kept = [];
      }
    }
    return this.#text.promise;
  }

  /** The tokens, when the reply has ended; `null` where the vendor did not count. */
  get usage(): Promise<Usage | null> {
    this.#usage ??= this.#closing(later<Usage | null>(() => this.#drive()), (summary) => summary.usage);
    return this.#usage.promise;
  }

  /** Why the model stopped, when it has. */
  get finishReason(): Promise<FinishReason | null> {
    this.#finish ??= this.#closing(later<FinishReason | null>(() => this.#drive()), (summary) => summary.finishReason);
    return this.#finish.promise;
  }

  /** The texts as a Web stream; nothing is read before it is. */
  toReadableStream(): ReadableStream<string> {
    const reader = this.#reader<string>('texts');
    return new ReadableStream<string>(
      {
        async pull(controller) {
          const step = await reader.next();
          if (step.done) controller.close();
          else controller.enqueue(step.value);
        },
        cancel: () => void reader.return?.(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Closes the connection. What was still to come rejects with `CANCELLED`. */
  close(): Promise<void> {
    this.#end(new GraphBitError('CANCELLED', 'the stream was closed before its end'));
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends the stream with an error. @internal */
  abandon(error: unknown): void {
    this.#end(error);
  }

  #claim(mode: Mode): void {
    if (this.#mode) throw invalidInput('the stream is being read already: it can be read once');
    this.#mode = mode;
  }

  #reader<T>(mode: Mode): AsyncIterator<T, undefined> {
    // What was read for `text` before anybody iterated is handed out first.
    const replayed = mode === 'texts' && this.#mode === 'texts' && this.#kept !== undefined;
    let refused: unknown;
    if (!replayed) {
      try {
        this.#claim(mode);
      } catch (error) {
        refused = error;
      }
    }
    const done = { done: true, value: undefined } as const;
    let ready: T[] = [];
    let at = 0;
    let over = false;
    let position = 0; // in #kept, when replaying
    // Calls queue up behind each other, as with an async generator.
    let last: Promise<unknown> = Promise.resolve();
    const step = async (): Promise<IteratorResult<T, undefined>> => {
      if (over) return done;
      if (refused) { over = true; throw refused; }
      while (at === ready.length) {
        if (replayed) {
          const kept = this.#kept as unknown as T[];
          while (position === kept.length && !this.#ended) await this.#pump;
          if (position === kept.length) { over = true; if (this.#failure) throw this.#failure; return done; }
          [ready, at] = [kept.slice(position), 0];
          position = kept.length;
          break;
        }
        const brought = await this.#pull(mode).catch((error: unknown) => { over = true; throw error; });
        if (brought === null) { over = true; return done; }
        [ready, at] = [brought as T[], 0];
      }
      const value = ready[at] as T;
      ready[at++] = undefined as T; // handed out: not ours to keep
      return { done: false, value };
    };
    return {
      next: () => {
        if (at < ready.length && !over) { // nothing to wait for
          const value = ready[at] as T;
          ready[at++] = undefined as T;
          return Promise.resolve({ done: false, value });
        }
        const next = last.then(step, step);
        last = next.catch(() => undefined);
        return next;
      },
      return: () => {
        over = true;
        ready = [];
        void this.close();
        return Promise.resolve(done);
      },
    };
  }

  /** One crossing into native code. */
  #pull(mode: Mode): Promise<unknown[] | null> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(null);
    if (!this.#started) {
      this.#started = true;
      if (this.#signal?.aborted) {
        this.#end(aborted(this.#signal));
        return Promise.reject(this.#failure);
      }
      if (this.#signal) {
        // Weak, so that a signal of the program's does not keep a forgotten stream, and its socket, alive.
        const stream = new WeakRef(this);
        const signal = this.#signal;
        this.#abort = () => void stream.deref()?.abandon(aborted(signal));
        signal.addEventListener('abort', this.#abort, { once: true });
      }
    }
    return this.#native.next(mode === 'events').then(
      (brought) => {
        if (this.#failure) throw this.#failure;
        if (brought === null) {
          this.#end(undefined);
          return null;
        }
        const pieces = typeof brought === 'string' ? (JSON.parse(brought) as unknown[]) : brought;
        if (mode === 'texts') this.#kept?.push(...(pieces as string[]));
        return pieces;
      },
      (error: unknown) => {
        this.#end(error);
        throw this.#failure;
      },
    );
  }

  #pump: Promise<unknown> | undefined;

  /** Somebody waits for the end: reads on if nobody else does. */
  #drive(): void {
    queueMicrotask(() => {
      if (this.#mode || this.#ended) return;
      this.#mode = 'texts';
      const next = (): void => {
        if (this.#ended) return;
        this.#pump = this.#pull('texts').then(next, () => undefined);
      };
      next();
    });
  }

  #closing<T>(waiting: Later<T>, read: (summary: Summary) => T): Later<T> {
    if (this.#ended) this.#settle(waiting, read);
    return waiting;
  }

  #settle<T>(waiting: Later<T> | undefined, read: (summary: Summary) => T): void {
    if (!waiting) return;
    if (this.#failure) waiting.reject(this.#failure);
    else waiting.resolve(read(JSON.parse(this.#native.summary()) as Summary));
  }

  #end(failure: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    if (this.#abort) this.#signal?.removeEventListener('abort', this.#abort);
    this.#native.close();
    if (failure) this.#text?.reject(failure);
    else this.#text?.resolve((this.#kept ?? []).join(''));
    this.#settle(this.#usage, (summary) => summary.usage);
    this.#settle(this.#finish, (summary) => summary.finishReason);
  }
}
