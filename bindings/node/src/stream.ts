// A streamed reply: pulled, never pushed. Nothing is asked before the first pull, nothing is kept that nobody asked for.
import { invalidInput } from './check.js';
import type { TokenLogprob } from './completion.js';
import { GraphBitError, locate } from './error.js';
import { type Later, later } from './later.js';
import type { Signature } from './message.js';
import type { NativeStream } from './native.js';
import { Reader } from './reader.js';
import { type Stoppable, aborted, unwatch, watch } from './signal.js';

/** Tokens, as the vendor counted them. A part is always counted in its whole as well; what the vendor did not say is `null`. */
export interface Usage {
  /** All tokens read, from the vendor's cache or not. */
  input: number | null;
  /** All tokens written, thinking among them. */
  output: number | null;
  /** Of those read, how many came from the vendor's cache. */
  cached: number | null;
  /** Of those read, how many went into the vendor's cache. */
  cacheWrite: number | null;
  /** Of those written, how many were thinking. */
  reasoning: number | null;
  /** What they cost; only where the configuration has `prices` for the model. */
  cost?: number;
  /** The vendor's own object. */
  raw: unknown;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'other';

/** A step of a reply. */
export type ModelEvent =
  | { type: 'started'; id: string | null; model: string | null }
  | { type: 'part.started'; part: number; kind: 'text' | 'reasoning' | 'refusal' }
  | { type: 'part.started'; part: number; kind: 'tool_call'; id: string | null; name: string; providerExecuted?: true }
  | { type: 'delta'; part: number; text: string }
  | { type: 'signature'; part: number; signature: Signature }
  | { type: 'logprobs'; tokens: TokenLogprob[] }
  | { type: 'part.finished'; part: number }
  | { type: 'usage'; usage: Usage }
  | { type: 'finished'; reason: FinishReason; raw: string }
  | { type: 'unknown'; frame?: string };

type Summary = { usage: Usage | null; finishReason: FinishReason | null };
type Mode = 'texts' | 'events';

/** Ends a stream with an error. */
let abandon: (stream: LlmStream, error: unknown) => void;

/** The pieces of a reply as they arrive. It can be read once: as texts, as events, or by awaiting what it ends with. */
export class LlmStream implements AsyncIterable<string> {
  static {
    abandon = (stream, error) => stream.#end(error);
  }

  readonly #native: NativeStream;
  readonly #signal: AbortSignal | null | undefined;
  /** Who reads; there is only one. */
  #mode: Mode | undefined;
  #started = false;
  #ended = false;
  #failure: unknown;
  /** The pieces so far; only where `text` was asked for. */
  #kept: string[] | undefined;
  /** Pieces were handed out that nobody had asked to keep. */
  #unkept = false;
  #text: Later<string> | undefined;
  #usage: Later<Usage | null> | undefined;
  #finish: Later<FinishReason | null> | undefined;
  #onAbort: Abandon | undefined;

  private constructor(native: NativeStream, signal: AbortSignal | null | undefined) {
    this.#native = native;
    this.#signal = signal;
  }

  /** @internal */
  static of(native: NativeStream, signal: AbortSignal | null | undefined): LlmStream {
    return new LlmStream(native, signal);
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
      if (this.#failure && !this.#unkept && this.#mode !== 'events') {
        this.#text.reject(this.#failure); // nothing had been handed out: that it failed says more
      } else if (this.#unkept || this.#ended || this.#mode === 'events') {
        this.#text.reject(invalidInput('text must be asked for before the first piece is read: pieces that were handed out are not kept'));
      } else {
        this.#kept = [];
      }
    }
    return this.#text.promise;
  }

  /** The tokens, when the reply has ended; `null` where the vendor did not count. */
  get usage(): Promise<Usage | null> {
    this.#usage ??= this.#closing((summary) => summary.usage);
    return this.#usage.promise;
  }

  /** Why the model stopped, when it has. */
  get finishReason(): Promise<FinishReason | null> {
    this.#finish ??= this.#closing((summary) => summary.finishReason);
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
        cancel: () => void reader.return(),
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

  #reader<T>(mode: Mode): Reader<T> {
    const refused = this.#mode && invalidInput('the stream is being read already: it can be read once');
    if (refused) return new Reader<T>({ pull: () => Promise.reject(refused), close: () => undefined });
    this.#mode = mode;
    return new Reader<T>({ pull: () => this.#pull(mode) as Promise<T[] | null>, close: () => void this.close() });
  }

  /** One crossing into native code. */
  #pull(mode: Mode): Promise<unknown[] | null> {
    if (!this.#started) this.#start();
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(null);
    const failed = (error: unknown): never => {
      this.#end(error);
      locate(this.#failure, failed);
      throw this.#failure;
    };
    return this.#native.next(mode === 'events').then((brought) => {
      if (this.#failure) throw this.#failure;
      if (brought === null) {
        this.#end(undefined);
        return null;
      }
      const pieces = typeof brought === 'string' ? (JSON.parse(brought) as unknown[]) : brought;
      if (this.#kept) this.#kept.push(...(pieces as string[]));
      else this.#unkept = true;
      return pieces;
    }, failed);
  }

  #start(): void {
    this.#started = true;
    if (!this.#signal || this.#ended) return;
    if (this.#signal.aborted) this.#end(aborted(this.#signal));
    else this.#onAbort = new Abandon(this, this.#signal);
  }

  /** Somebody waits for the end: reads on if nobody else does. */
  #drive(): void {
    queueMicrotask(() => {
      if (this.#mode || this.#ended) return;
      this.#mode = 'texts';
      const next = (): void => {
        if (!this.#ended) this.#pull('texts').then(next, () => undefined);
      };
      next();
    });
  }

  #closing<T>(read: (summary: Summary) => T): Later<T> {
    const waiting = later<T>(() => this.#drive());
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
    this.#onAbort?.forget();
    this.#native.close();
    if (failure) this.#text?.reject(failure);
    else this.#text?.resolve((this.#kept ?? []).join(''));
    this.#kept = undefined;
    this.#settle(this.#usage, (summary) => summary.usage);
    this.#settle(this.#finish, (summary) => summary.finishReason);
  }
}

/** Ends a stream when its signal aborts. Weak: a long-lived signal does not keep a forgotten stream, and its socket, alive. */
class Abandon implements Stoppable {
  readonly #stream: WeakRef<LlmStream>;
  readonly #signal: AbortSignal;

  constructor(stream: LlmStream, signal: AbortSignal) {
    this.#stream = new WeakRef(stream);
    this.#signal = signal;
    forgotten.register(stream, this, this);
    watch(signal, this);
  }

  cancel(): void {
    const stream = this.#stream.deref();
    if (stream) abandon(stream, aborted(this.#signal));
  }

  forget(): void {
    forgotten.unregister(this);
    unwatch(this.#signal, this);
  }
}

const forgotten = new FinalizationRegistry<Abandon>((abandon) => abandon.forget());
