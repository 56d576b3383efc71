// The one error class.
import { native } from './native.js';

export type ErrorCode =
  | 'INVALID_GRAPH' | 'INVALID_INPUT' | 'CONFIG' | 'AUTH' | 'RATE_LIMITED' | 'QUOTA' | 'CONTEXT_LENGTH' | 'REFUSED' | 'REJECTED'
  | 'UNAVAILABLE' | 'CIRCUIT_OPEN' | 'NETWORK' | 'TRUNCATED' | 'PROTOCOL' | 'TIMEOUT' | 'CANCELLED' | 'TOOL' | 'OUTPUT' | 'LIMIT'
  | 'MEMORY' | 'STORE' | 'INTERNAL';

/** A finding about a graph. */
export interface Diagnostic {
  code: string;
  severity: 'error' | 'warning';
  /** The node or edge it is about; empty for the graph as a whole. */
  location: string;
  message: string;
  help: string;
}

/** What had arrived before a call failed. */
export interface Partial {
  /** Only where the call was collecting text. */
  text?: string;
  events: number;
  textBytes: number;
  inputTokens?: number;
  outputTokens?: number;
}

/** The fields of an error as native code gives them. */
interface Fields {
  code: ErrorCode;
  message: string;
  retryable?: boolean;
  retryAfterMs?: number;
  status?: number;
  provider?: string;
  model?: string;
  requestId?: string;
  nodeId?: string;
  runId?: string;
  clock?: string;
  attempts?: number;
  partial?: Partial;
  diagnostics?: Diagnostic[];
  cause?: unknown;
}

const BRAND = Symbol.for('graphbit.error');
const NAMES = [
  'retryAfterMs', 'status', 'provider', 'model', 'requestId', 'nodeId', 'runId', 'clock', 'attempts', 'partial', 'diagnostics',
] as const;

/** Everything that goes wrong is one of these; `code` says what kind it is, and never changes its meaning. */
export class GraphBitError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** How long the server asked to wait. */
  declare readonly retryAfterMs?: number;
  /** The HTTP status. */
  declare readonly status?: number;
  declare readonly provider?: string;
  declare readonly model?: string;
  /** The id that the vendor gave the request. */
  declare readonly requestId?: string;
  declare readonly nodeId?: string;
  declare readonly runId?: string;
  /** Which clock a `TIMEOUT` is about. */
  declare readonly clock?: string;
  declare readonly attempts?: number;
  declare readonly partial?: Partial;
  /** Every finding of an `INVALID_GRAPH`. */
  declare readonly diagnostics?: Diagnostic[];

  constructor(code: ErrorCode, message: string, fields: Omit<Fields, 'code' | 'message'> = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.retryable = fields.retryable ?? false;
    for (const name of NAMES) {
      if (fields[name] !== undefined) Object.defineProperty(this, name, { value: fields[name], enumerable: true });
    }
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Whether a value is a GraphBit error, also one of another realm or of a second copy of this package. */
  static isInstance(value: unknown): value is GraphBitError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
  }

  /** The fields as plain data. */
  toJSON(): Record<string, unknown> {
    const cause = this.cause instanceof Error ? this.cause.message : this.cause;
    const fields: Record<string, unknown> = { name: this.name, message: this.message };
    return Object.assign(fields, this, cause === undefined ? {} : { cause });
  }
}
Object.defineProperty(GraphBitError.prototype, 'name', { value: 'GraphBitError', writable: true, configurable: true });

/** @internal */
export function errorFromNative(json: string): GraphBitError {
  const { code, message, ...fields } = JSON.parse(json) as Fields;
  // The text of a native cause becomes an error, so that `cause` is one wherever it is set.
  if (typeof fields.cause === 'string') fields.cause = new Error(fields.cause);
  return new GraphBitError(code, message, fields);
}

/** @internal */
export const invalidInput = (message: string, fields?: { cause?: unknown }): GraphBitError => new GraphBitError('INVALID_INPUT', message, fields);

/** Refuses names that nobody reads: a misspelt option must not be ignored. @internal */
export function checkNames(options: object, known: readonly string[], what: string, code: ErrorCode = 'INVALID_INPUT'): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = native.nearestName(name, [...known]);
    throw new GraphBitError(code, `unknown ${what} "${name}": ${near ? `did you mean "${near}"?` : `known are ${known.join(', ')}`}`);
  }
}

/** JSON text of a value that the user gave. @internal */
export function toJson(value: unknown, what: string): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (cause) {
    throw invalidInput(`${what} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
