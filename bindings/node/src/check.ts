// What the user gave, checked before native code sees it: an argument of the wrong type is a GraphBitError that says what is right.
import { type ErrorCode, GraphBitError, messageOf } from './error.js';
import { native } from './native.js';

/** @internal */
export const invalidInput = (message: string, fields?: { cause?: unknown }): GraphBitError => new GraphBitError('INVALID_INPUT', message, fields);

/** A value's type in words. @internal */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}

/**
 * Options, left out or an object. Names that nobody reads are refused: a misspelt option must not be ignored.
 * So are numbers that are none: JSON would say `null`, which is an option left out.
 * @internal
 */
export function checkOptions<T extends object>(options: T | undefined, known: readonly string[], what: string, code: ErrorCode = 'INVALID_INPUT'): T {
  if (options === undefined) return {} as T;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new GraphBitError(code, `the ${what}s must be an object, not ${typeName(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) {
      const near = native.nearestName(name, [...known]);
      throw new GraphBitError(code, `unknown ${what} "${name}": ${near ? `did you mean "${near}"?` : `known are ${known.join(', ')}`}`);
    }
    checkFinite(name, value, code);
  }
  return options;
}

/** @internal */
export function checkFinite(name: string, value: unknown, code: ErrorCode): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new GraphBitError(code, `${name} must be a finite number, not ${value}`);
}

/** @internal */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  const { aborted, addEventListener } = signal as Record<string, unknown>;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    throw invalidInput(`signal must be an AbortSignal, not ${typeName(signal)}`);
  }
}

/** A whole number above 0, or nothing. @internal */
export function checkWhole(name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) >= 2 ** 32) throw invalidInput(`${name} must be a whole number above 0, not ${shown(value)}`);
}

/** A number above 0, or nothing. @internal */
export function checkPositive(name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) throw invalidInput(`${name} must be a number above 0, not ${shown(value)}`);
}

/** Megabytes as whole bytes; nothing where no limit is set. @internal */
export function bytesOf(name: string, megabytes: number | undefined): number | undefined {
  checkPositive(name, megabytes);
  return megabytes === undefined ? undefined : Math.max(1, Math.floor(megabytes * 1024 * 1024));
}

/** A number as itself, anything else as its type: it may be long, or refuse to be text. */
const shown = (value: unknown): string => (typeof value === 'number' ? String(value) : typeName(value));

/** How long a drain may take, in milliseconds. @internal */
export function drainLimit(options: { timeoutMs?: number | undefined } | undefined): number {
  const { timeoutMs = 30_000 } = checkOptions(options, ['timeoutMs'], 'drain option');
  if (typeof timeoutMs !== 'number' || timeoutMs < 0) throw invalidInput(`timeoutMs must be a number of milliseconds, not ${typeof timeoutMs === 'number' ? timeoutMs : typeName(timeoutMs)}`);
  return Math.min(timeoutMs, 2 ** 31 - 1);
}

/** A node's id, where one must be given. @internal */
export function checkId(id: unknown, what: string): string {
  if (typeof id !== 'string') throw invalidInput(`${what} must be a node's id, a string, not ${typeName(id)}`);
  return id;
}

/** The JSON text of a value that the user gave. @internal */
export function toJson(value: unknown, what: string, code: ErrorCode = 'INVALID_INPUT'): string {
  try {
    return jsonText(value);
  } catch (cause) {
    throw new GraphBitError(code, `${what} cannot be written as JSON: ${messageOf(cause)}`, { cause });
  }
}

/** JSON whose texts are Unicode: a surrogate without its other half becomes U+FFFD, as in every encoder of the platform. @internal */
export function jsonText(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  // `JSON.stringify` escapes only surrogates that are alone; the backslashes are paired, so that `\\ud800` stays a text.
  return json.includes('\\ud') ? json.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) => (escape.length > 2 ? '\\ufffd' : escape)) : json;
}
