// LlmClient: direct calls to one model.
import { inspect } from 'node:util';
import { bytesOf, checkOptions, checkPositive, checkSignal, checkWhole, invalidInput, toJson, typeName } from './check.js';
import { type Completion, completionOf } from './completion.js';
import { type LlmConfig, configOf } from './config.js';
import { type EmbedOptions, type Embeddings, embedOptions, embedRequestOf, embeddings, vector, vectors } from './embed.js';
import { GraphBitError, errorFromNative, rethrow } from './error.js';
import type { MemoryUse } from './memory.js';
import type { Message } from './message.js';
import { native, type NativeCancel, type NativeClient, type NativeEmbeddings } from './native.js';
import type { ReplyCache } from './policies.js';
import { type CallOptions, SAMPLING, type Sampling, callOptions, checkPrompt, checkSampling, requestOf, sampling } from './request.js';
import { withSignal } from './signal.js';
import { LlmStream } from './stream.js';

/** What holds for all calls of a client. */
export interface ClientOptions {
  /** What its calls may hold together in native memory: as of an executor. */
  memoryLimitMb?: number | undefined;
}

/** How a batch is run. */
export interface BatchOptions extends Sampling {
  /** Calls at once (10). */
  maxConcurrency?: number | undefined;
  /** The most that all replies may hold together. */
  memoryLimitMb?: number | undefined;
  /** `collect` resolves to one outcome a prompt instead of rejecting with the first failure. */
  onError?: 'reject' | 'collect' | undefined;
  signal?: AbortSignal | undefined;
}

/** The outcome of one prompt of a batch. */
export type BatchOutcome = { status: 'fulfilled'; value: string } | { status: 'rejected'; reason: GraphBitError };

export interface ClientStats {
  totalRequests: number;
  successfulRequests: number;
  failedRequests: number;
  averageResponseTimeMs: number;
  totalTokens: number;
  /** What they cost, by the `prices` of the configuration; `null` when nothing was priced. */
  cost: number | null;
}

const BATCH = [...SAMPLING, 'maxConcurrency', 'memoryLimitMb', 'onError', 'signal'] as const;

/** Calls one model. Making one starts nothing. */
export class LlmClient {
  readonly #native: NativeClient;
  readonly #name: string;

  constructor(config: LlmConfig, options?: ClientOptions) {
    const { memoryLimitMb } = checkOptions(options, ['memoryLimitMb'], 'client option', 'CONFIG');
    this.#native = new native.NativeClient(configOf(config), 'low_latency', bytesOf('memoryLimitMb', memoryLimitMb));
    this.#name = config.toString();
  }

  /** The answer as text. */
  complete(prompt: string | Message[], maxTokens?: number, temperature?: number): Promise<string>;
  complete(prompt: string | Message[], options: CallOptions): Promise<string>;
  complete(prompt: string | Message[], second?: number | CallOptions, temperature?: number): Promise<string> {
    return this.#call(prompt, second, temperature, (request, cancel) => this.#native.complete(request, cancel));
  }

  /** The whole reply. */
  completeFull(prompt: string | Message[], maxTokens?: number, temperature?: number): Promise<Completion>;
  completeFull(prompt: string | Message[], options: CallOptions): Promise<Completion>;
  completeFull(prompt: string | Message[], second?: number | CallOptions, temperature?: number): Promise<Completion> {
    const hasForm = typeof second === 'object' && second?.output !== undefined;
    return this.#call(prompt, second, temperature, (request, cancel) => this.#native.completeFull(request, cancel)).then((json) => completionOf(json, hasForm));
  }

  /** The answer piece by piece, as it is read. Nothing is sent before the first piece is asked for. */
  stream(prompt: string | Message[], maxTokens?: number, temperature?: number): LlmStream;
  stream(prompt: string | Message[], options: CallOptions): LlmStream;
  stream(prompt: string | Message[], second?: number | CallOptions, temperature?: number): LlmStream {
    const options = callOptions(second, temperature);
    return LlmStream.of(this.#native.stream(requestOf(prompt, options)), options.signal);
  }

  /**
   * The answers to many prompts, in their order. All are asked, whatever fails; then the first failure rejects, carrying
   * `results` with every outcome.
   */
  completeBatch(prompts: string[], maxTokens?: number, temperature?: number, maxConcurrency?: number): Promise<string[]>;
  completeBatch(prompts: string[], options: BatchOptions & { onError: 'collect' }): Promise<BatchOutcome[]>;
  completeBatch(prompts: string[], options: BatchOptions): Promise<string[]>;
  completeBatch(prompts: string[], second?: number | BatchOptions, temperature?: number, maxConcurrency?: number): Promise<string[] | BatchOutcome[]> {
    try {
      const options = batchOptions(second, temperature, maxConcurrency);
      const outcomes = this.#batch(batchOf(prompts, options), options.signal);
      return options.onError === 'collect' ? outcomes.then(collected) : outcomes.then(texts);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The vector of a text, or one of each, in their order: views of one buffer, whose numbers were never copied one by one. */
  embed(text: string, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  embed(texts: string | readonly string[], options?: EmbedOptions): Promise<Float32Array | Float32Array[]> {
    const embedded = this.#embed(texts, options);
    return typeof texts === 'string' ? embedded.then(vector) : embedded.then(vectors);
  }

  /** The vectors, with the tokens they took. */
  embedFull(texts: string | readonly string[], options?: EmbedOptions): Promise<Embeddings> {
    return this.#embed(texts, options).then(embeddings);
  }

  /** What its calls hold in native memory. */
  memory(): MemoryUse { return JSON.parse(this.#native.memory()) as MemoryUse; }

  getStats(): ClientStats {
    return JSON.parse(this.#native.stats()) as ClientStats;
  }

  resetStats(): void {
    this.#native.resetStats();
  }

  /** What the configuration's `cache` holds; `null` where there is none. */
  get cache(): ReplyCache | null {
    if (this.#native.cached() === null) return null;
    const of = this.#native;
    return {
      get bytes() { return of.cached()?.[0] ?? 0; },
      get entries() { return of.cached()?.[1] ?? 0; },
      clear: () => of.clearCache(),
    };
  }

  /** Starts the runtime, so that the first call finds it up. Sends nothing. */
  warmup(): Promise<void> {
    return this.#native.warmup().catch(rethrow);
  }

  toJSON(): { model: string } { return { model: this.#name }; }
  [inspect.custom](): string { return `LlmClient(${this.#name})`; }

  #call(prompt: string | Message[], second: number | CallOptions | undefined, temperature: number | undefined, start: (request: string, cancel?: NativeCancel) => Promise<string>): Promise<string> {
    try {
      const options = callOptions(second, temperature);
      const request = requestOf(prompt, options);
      return withSignal(options.signal, (cancel) => start(request, cancel));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #embed(texts: string | readonly string[], given: EmbedOptions | undefined): Promise<NativeEmbeddings> {
    try {
      const options = embedOptions(given);
      const request = embedRequestOf(texts, options);
      return withSignal(options.signal, (cancel) => this.#native.embed(request, cancel));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Apart from what handles the outcome: functions of one scope keep each other's variables alive, and the batch is large. */
  #batch(batch: string, signal: AbortSignal | undefined): Promise<string> {
    return withSignal(signal, (cancel) => this.#native.batch(batch, cancel));
  }
}

/** Positional or named, as one object. */
function batchOptions(second: number | BatchOptions | undefined | null, temperature?: number, maxConcurrency?: number): BatchOptions {
  if (typeof second !== 'object' || second === null) {
    const options = { maxTokens: second ?? undefined, temperature, maxConcurrency };
    return checkOptions(options, BATCH, 'batch option');
  }
  return checkOptions(second, BATCH, 'batch option');
}

function batchOf(prompts: string[], options: BatchOptions): string {
  if (!Array.isArray(prompts)) throw invalidInput(`prompts must be an array of strings, not ${typeName(prompts)}`);
  if (prompts.length === 0) throw invalidInput('Prompts array cannot be empty');
  prompts.forEach(checkPrompt);
  const { maxConcurrency, memoryLimitMb, onError, signal } = options;
  checkSampling(options);
  checkSignal(signal);
  checkWhole('maxConcurrency', maxConcurrency);
  checkPositive('memoryLimitMb', memoryLimitMb);
  if (onError !== undefined && onError !== 'reject' && onError !== 'collect') {
    throw invalidInput(`onError must be 'reject' or 'collect', not ${typeof onError === 'string' ? `'${String(onError)}'` : typeName(onError)}`);
  }
  const batch = { prompts, settings: sampling(options), maxConcurrency, memoryLimit: memoryLimitMb && Math.floor(memoryLimitMb * 1024 * 1024) };
  return toJson(batch, 'the batch');
}

type WireOutcome = { text: string } | { error: object };

function collected(json: string): BatchOutcome[] {
  return (JSON.parse(json) as WireOutcome[]).map((outcome) => 'text' in outcome
    ? { status: 'fulfilled', value: outcome.text }
    : { status: 'rejected', reason: errorFromNative(JSON.stringify(outcome.error)) });
}

/** All texts, or the first failure with every outcome. */
function texts(json: string): string[] {
  const results = collected(json);
  const first = results.find((result) => result.status === 'rejected');
  if (first) throw Object.defineProperty(first.reason, 'results', { value: results });
  return results.map((result) => (result as { value: string }).value);
}
