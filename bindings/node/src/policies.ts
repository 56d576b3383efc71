// What surrounds the calls of a configuration: limits, a circuit breaker, a cache, deadlines, prices, and other models behind it.
import type { LlmConfig } from './config.js';
import type { ErrorCode } from './error.js';

/** How much may be asked in a minute. A call waits for its turn, in the order in which calls come. */
export interface RateLimitOptions {
  /** Requests a minute (no limit, but the server's own as its headers tell it). */
  requestsPerMinute?: number | undefined;
  /** Tokens a minute, read and written: estimated when a call goes out, corrected when the vendor has counted (as above). */
  tokensPerMinute?: number | undefined;
  /** The longest wait, in milliseconds (600,000). A call that would wait longer fails at once with `RATE_LIMITED` and `retryAfterMs`. */
  maxWaitMs?: number | undefined;
}

/** When an endpoint that keeps failing is left alone. */
export interface CircuitBreakerOptions {
  /** So many failures in a row open the circuit (5): `UNAVAILABLE`, `NETWORK`, `TIMEOUT`, or a reply that breaks off. */
  failures?: number | undefined;
  /** For so many milliseconds calls then fail at once with `CIRCUIT_OPEN` and `retryAfterMs` (30,000). After that one call tries. */
  cooldownMs?: number | undefined;
}

/** Which replies are kept in memory. The least recently used go first. */
export interface CacheOptions {
  /** The most bytes of all replies together (16,777,216). */
  maxBytes?: number | undefined;
  /** The most replies (1,000). */
  maxEntries?: number | undefined;
  /** How long a reply is good for, in milliseconds (for ever). */
  ttlMs?: number | undefined;
}

/** What a model costs, in any one currency. */
export interface Price {
  /** A million tokens read. */
  input: number;
  /** A million tokens written. */
  output: number;
  /** A million tokens that came from the vendor's cache (as `input`). */
  cachedInput?: number | undefined;
  /** A million tokens that were written to the vendor's cache (as `input`). */
  cacheWrite?: number | undefined;
  /** A request, beside its tokens (0). */
  request?: number | undefined;
}

/**
 * What happens around the calls of a configuration; none of it unless set. All clients, executors and agents that use the
 * configuration share its limits, its circuit and its cache. Embeddings pass them by, but for `prices`.
 */
export interface PolicyOptions {
  /** Calls that may be under way at once; others wait in order. A streamed reply counts until it has ended. */
  maxConcurrency?: number | undefined;
  rateLimit?: RateLimitOptions | undefined;
  circuitBreaker?: CircuitBreakerOptions | undefined;
  /** Replies are given again for the same request, `{}` with the usual limits. See `client.cache`. */
  cache?: CacheOptions | undefined;
  /** The most milliseconds of a whole call, with its waits and attempts; over it, `TIMEOUT`. `timeouts` are those of one attempt. */
  totalTimeoutMs?: number | undefined;
  /** The most milliseconds of all attempts together, until the first event; what would go beyond it is not begun. */
  retryBudgetMs?: number | undefined;
  /** Tells `onTrace` of each call, with `content` also what is asked and answered. */
  trace?: boolean | { content?: boolean | undefined } | undefined;
  /** Models that are asked, in this order, when this one cannot answer; each with the policies of its own configuration. */
  fallback?: readonly LlmConfig[] | undefined;
  /**
   * The errors that lead to the next model, before anything was handed on (`UNAVAILABLE`, `RATE_LIMITED`, `QUOTA`, `NETWORK`,
   * `TIMEOUT`, `CIRCUIT_OPEN`, `CONTEXT_LENGTH`). What was cancelled is over, whatever is chosen.
   */
  fallbackOn?: readonly ErrorCode[] | undefined;
  /**
   * Prices by model or `vendor/model`, with a `*` at the end for all names that begin so; an exact name counts first, then the
   * longest beginning. They hold for the models of `fallback`, too, unless those have their own.
   */
  prices?: Readonly<Record<string, Price>> | undefined;
}

/** The replies that a configuration's cache holds; all its clients share them. */
export interface ReplyCache {
  /** Bytes of native memory, about. */
  readonly bytes: number;
  readonly entries: number;
  /** Forgets them all. */
  clear(): void;
}
