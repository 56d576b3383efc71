// The one error class.
import type { BatchOutcome } from './client.js';

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
export interface PartialReply {
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
  partial?: PartialReply;
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
  declare readonly partial?: PartialReply;
  /** Every finding of an `INVALID_GRAPH`. */
  declare readonly diagnostics?: Diagnostic[];
  /** Every outcome of a batch, where one of its prompts failed. */
  declare readonly results?: BatchOutcome[];

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

  /** The fields as plain data; of the cause, its text. */
  toJSON(): Record<string, unknown> {
    const fields: Record<string, unknown> = { name: this.name, message: this.message };
    return Object.assign(fields, this, this.cause === undefined ? {} : { cause: messageOf(this.cause) });
  }
}
Object.defineProperty(GraphBitError.prototype, 'name', { value: 'GraphBitError', writable: true, configurable: true });

/** @internal */
export function errorFromNative(json: string): GraphBitError {
  return errorFromFields(JSON.parse(json) as object);
}

/** What JavaScript functions threw in a run, by the nodes' ids. @internal */
export interface Thrown {
  byNode: Map<string, unknown> | undefined;
}

/** @internal */
export function errorFromFields(native: object, thrown?: Thrown): GraphBitError {
  const { code, message, ...fields } = native as Fields;
  if (typeof fields.cause === 'string') fields.cause = nativeCause(fields.cause);
  const error = new GraphBitError(code, message, fields);
  if (code === 'TOOL' && fields.nodeId !== undefined && thrown?.byNode?.has(fields.nodeId)) {
    Object.defineProperty(error, 'cause', { value: thrown.byNode.get(fields.nodeId), configurable: true });
  }
  return error;
}

/** An error, so that `cause` is one wherever it is set; it happened at no line of JavaScript. */
function nativeCause(message: string): Error {
  const cause = new Error(message);
  cause.stack = `Error: ${message}`;
  return cause;
}

/**
 * Points an error's stack at the line of the program that waits for it. V8 knows that line where a promise's rejection is
 * handled: `handler`, the function that calls this there, is left out of the stack.
 * @internal
 */
export function locate(error: unknown, handler: (error: unknown) => void): void {
  if (error instanceof GraphBitError) Error.captureStackTrace(error, handler);
}

/** For the `catch` of a native call's promise. @internal */
export function rethrow(error: unknown): never {
  locate(error, rethrow);
  throw error;
}

/** The text of anything that was thrown. @internal */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something was thrown that has no text';
  }
}
