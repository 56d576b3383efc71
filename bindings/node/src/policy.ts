// What every node may say: when it is tried again, how long it may take, what becomes of its failure, what is kept of its output.
import { checkOptions, checkPositive, invalidInput, typeName } from './check.js';

/**
 * When a node that failed is tried again. A model's calls are tried again by their configuration (`maxRetries`), and retries do not
 * multiply: what it has given up is not tried again by the node. To leave them to the node, give the configuration `maxRetries: 0`.
 */
export interface RetryOptions {
  /** Attempts after the first (2). */
  maxRetries?: number | undefined;
  /** The pause before the first of them, in milliseconds (500); it doubles. */
  initialDelayMs?: number | undefined;
  /** The longest pause, in milliseconds (30,000). */
  maxDelayMs?: number | undefined;
}

/**
 * What follows from a failure that no `fallback` replaces. `fail`: what depends on the node is skipped, and the run fails, unless an
 * edge with `{ failed: true }` handles it. `skip`: as if no way had led to the node. `continue`: as if it had given `null`.
 */
export type OnError = 'fail' | 'skip' | 'continue';

/** Which variables of the workflow's state a node's output updates: by `true` with all of it, by a path with a part. */
export type Writes = { readonly [variable: string]: string | true } | readonly (string | { variable: string; path?: string | undefined })[];

/** What every node may say. */
export interface NodeOptions {
  description?: string | undefined;
  retry?: RetryOptions | undefined;
  /** Milliseconds for all attempts together. */
  timeout?: number | undefined;
  /** Milliseconds that an agent's model may pause while it answers. */
  idleTimeout?: number | undefined;
  onError?: OnError | undefined;
  /** The output in place of a failure. Its texts are templates, as in `'{{input.draft}}'`. */
  fallback?: unknown;
  /** A template: an output is kept under this key, and given again by later runs of the executor that make the same key. */
  cache?: string | undefined;
  writes?: Writes | undefined;
}

/** @internal */
export const COMMON = ['description', 'retry', 'timeout', 'idleTimeout', 'onError', 'fallback', 'cache', 'writes'] as const;
const ON_ERROR = ['fail', 'skip', 'continue'];

/** The options as native code reads them. @internal */
export function policyOf(options: NodeOptions): Record<string, unknown> {
  const { description, retry, timeout, idleTimeout, onError, fallback, cache, writes } = options;
  checkPositive('timeout', timeout);
  checkPositive('idleTimeout', idleTimeout);
  if (retry !== undefined && retry !== null) checkOptions(retry, ['maxRetries', 'initialDelayMs', 'maxDelayMs'], 'retry option');
  if (given(onError) && !ON_ERROR.includes(onError as string)) throw invalidInput(`onError must be one of ${ON_ERROR.join(', ')}`);
  if (given(cache) && typeof cache !== 'string') throw invalidInput(`cache must be the key, a template as in '{{input.id}}', not ${typeName(cache)}`);
  const known = defined({ description, retry, timeoutMs: timeout, idleTimeoutMs: idleTimeout, onError, cache });
  if (fallback !== undefined) known['fallback'] = fallback;
  if (given(writes)) known['writes'] = writesOf(writes as Writes);
  return known;
}

function writesOf(writes: Writes): unknown[] {
  if (typeof writes !== 'object') throw invalidInput(`writes must be an object { variable: path or true } or a list, not ${typeName(writes)}`);
  if (Array.isArray(writes)) {
    return (writes as readonly (string | { variable: string; path?: string | undefined })[]).map((write) => {
      if (typeof write === 'string') return { variable: write };
      if (typeof write !== 'object' || write === null || typeof write.variable !== 'string') throw invalidInput('an item of writes must be the name of a variable, or { variable, path }');
      return checkOptions(write, ['variable', 'path'], 'member of writes');
    });
  }
  return Object.entries(writes).map(([variable, path]) => {
    if (path !== true && typeof path !== 'string') throw invalidInput(`writes.${variable} must be true, or a path into the output, not ${typeName(path)}`);
    return path === true ? { variable } : { variable, path };
  });
}

const given = (value: unknown): boolean => value !== undefined && value !== null;

/** An object without what is not given. @internal */
export function defined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => given(value)));
}
