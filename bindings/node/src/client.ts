// LlmClient: direct calls to one model.
import { inspect } from 'node:util';
import { type LlmConfig, configOf } from './config.js';
import { GraphBitError, checkNames, errorFromNative, invalidInput, toJson } from './error.js';
import { native, type NativeClient } from './native.js';
import { type CallOptions, type Message, callOptions, checkPrompt, requestOf, settings } from './request.js';
import { withSignal } from './signal.js';
import { type FinishReason, LlmStream, type Usage } from './stream.js';

/** A whole reply. */
export interface Completion {
  text: string;
  reasoning: string;
  /** What the model said instead of answering. */
  refusal: string;
  toolCalls: { id: string | null; name: string; arguments: string }[];
  finishReason: FinishReason | null;
  finishRaw: string | null;
  usage: Usage | null;
  model: string | null;
  id: string | null;
}

/** How a batch is run. */
export interface BatchOptions {
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  stop?: string[] | undefined;
  seed?: number | undefined;
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
}

const BATCH = ['maxTokens', 'temperature', 'topP', 'stop', 'seed', 'maxConcurrency', 'memoryLimitMb', 'onError', 'signal'] as const;

/** Calls one model. Making one starts nothing. */
export class LlmClient {
  readonly #native: NativeClient;
  readonly #name: string;

  constructor(config: LlmConfig) {
    this.#native = new native.NativeClient(configOf(config), 'low_latency');
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
    return this.#call(prompt, second, temperature, (request, cancel) => this.#native.completeFull(request, cancel)).then(
      (reply) => JSON.parse(reply) as Completion,
    );
  }

  /** The answer piece by piece, as it is read. Nothing is sent before the first piece is asked for. */
  stream(prompt: string | Message[], maxTokens?: number, temperature?: number): LlmStream;
  stream(prompt: string | Message[], options: CallOptions): LlmStream;
  stream(prompt: string | Message[], second?: number | CallOptions, temperature?: number): LlmStream {
    const options = callOptions(second, temperature);
    return new LlmStream(this.#native.stream(requestOf(prompt, options)), options.signal);
  }

  /**
   * The answers to many prompts, in their order. All are asked, whatever fails; then the first failure rejects, carrying
   * `results` with every outcome.
   */
  completeBatch(prompts: string[], maxTokens?: number, temperature?: number, maxConcurrency?: number): Promise<string[]>;
  completeBatch(prompts: string[], options: BatchOptions & { onError: 'collect' }): Promise<BatchOutcome[]>;
  completeBatch(prompts: string[], options: BatchOptions): Promise<string[]>;
  completeBatch(prompts: string[], second?: number | BatchOptions, temperature?: number, maxConcurrency?: number): Promise<string[] | BatchOutcome[]> {
    let options: BatchOptions;
    let batch: string;
    try {
      options = typeof second === 'object' && second !== null ? second : { maxTokens: second, temperature, maxConcurrency };
      batch = batchOf(prompts, options);
    } catch (error) {
      return Promise.reject(error);
    }
    const collect = options.onError === 'collect';
    return withSignal(options.signal, (cancel) => this.#native.batch(batch, cancel)).then((json) => settled(json, collect));
  }

  getStats(): ClientStats {
    return JSON.parse(this.#native.stats()) as ClientStats;
  }

  resetStats(): void {
    this.#native.resetStats();
  }

  /** Starts the runtime, so that the first call finds it up. Sends nothing. */
  warmup(): Promise<void> {
    return this.#native.warmup();
  }

  toJSON(): { model: string } { return { model: this.#name }; }
  [inspect.custom](): string { return `LlmClient(${this.#name})`; }

  #call<T>(prompt: string | Message[], second: number | CallOptions | undefined, temperature: number | undefined, start: (request: string, cancel?: import('./native.js').NativeCancel) => Promise<T>): Promise<T> {
    try {
      const options = callOptions(second, temperature);
      const request = requestOf(prompt, options);
      return withSignal(options.signal, (cancel) => start(request, cancel));
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function batchOf(prompts: string[], options: BatchOptions): string {
  if (!Array.isArray(prompts)) throw invalidInput(`prompts must be an array of strings, not ${typeof prompts}`);
  if (prompts.length === 0) throw invalidInput('Prompts array cannot be empty');
  prompts.forEach(checkPrompt);
  checkNames(options, BATCH, 'batch option');
  const { maxConcurrency, memoryLimitMb, onError, maxTokens, temperature, topP, stop, seed } = options;
  callOptions({ maxTokens, temperature });
  if (maxConcurrency !== undefined && maxConcurrency !== null && !(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
    throw invalidInput(`maxConcurrency must be a whole number above 0, not ${String(maxConcurrency)}`);
  }
  if (memoryLimitMb !== undefined && memoryLimitMb !== null && !(typeof memoryLimitMb === 'number' && memoryLimitMb > 0)) {
    throw invalidInput(`memoryLimitMb must be a number above 0, not ${String(memoryLimitMb)}`);
  }
  if (onError !== undefined && onError !== 'reject' && onError !== 'collect') {
    throw invalidInput(`onError must be 'reject' or 'collect', not ${String(onError)}`);
  }
  return toJson(
    {
      prompts,
      settings: settings({ maxTokens, temperature, topP, stop, seed }),
      ...(maxConcurrency ? { maxConcurrency } : {}),
      ...(memoryLimitMb ? { memoryLimit: Math.floor(memoryLimitMb * 1024 * 1024) } : {}),
    },
    'the batch',
  );
}

function settled(json: string, collect: boolean): string[] | BatchOutcome[] {
  const items = JSON.parse(json) as ({ text: string } | { error: object })[];
  if (!collect && items.every((item) => 'text' in item)) return items.map((item) => (item as { text: string }).text);
  const results = items.map((item): BatchOutcome => 'text' in item
    ? { status: 'fulfilled', value: item.text }
    : { status: 'rejected', reason: errorFromNative(JSON.stringify(item.error)) });
  if (collect) return results;
  const first = results.find((result) => result.status === 'rejected') as { reason: GraphBitError };
  throw Object.defineProperty(first.reason, 'results', { value: results, enumerable: false });
}
