// WorkflowResult: what a run leaves behind. Outputs stay native until they are read.
import { inspect } from 'node:util';
import { checkId } from './check.js';
import { type GraphBitError, type Thrown, errorFromFields, locate } from './error.js';
import type { MemoryUse } from './memory.js';
import type { NativeResult } from './native.js';
import type { FinishReason, Usage } from './stream.js';

/** How a node ended. `skipped`: something upstream failed; `notTaken`: no way that was taken led to it, or its policy passed over its failure. */
export type NodeStatus = 'succeeded' | 'failed' | 'skipped' | 'notTaken' | 'cancelled';

/** What one node did. */
export interface NodeResult {
  id: string;
  status: NodeStatus;
  /** Milliseconds after the run's start; `null` when it never started. */
  startedMs: number | null;
  durationMs: number;
  attempts: number;
  usage: Usage | null;
  finishReason: FinishReason | null;
  error: GraphBitError | null;
}

/** Sums over the nodes of a run. */
export interface RunStats {
  totalNodes: number;
  successfulNodes: number;
  failedNodes: number;
  skippedNodes: number;
  notTakenNodes: number;
  cancelledNodes: number;
  attempts: number;
  totalExecutionTimeMs: number;
  avgExecutionTimeMs: number;
  maxConcurrentNodes: number;
  inputTokens: number;
  outputTokens: number;
  /** What the agents' replies cost, each by the `prices` of its own configuration; `null` when nothing was priced. */
  cost: number | null;
  nodes: NodeResult[];
}

/** What a node took of its run's memory. */
export interface NodeMemory {
  /** Allocated by its work, in all attempts, bodies included; `null` where nobody counts, and of functions. */
  allocatedBytes: number | null;
  /** What is kept of it: its output, unless that is somebody else's too, like an input that is passed on. */
  retainedBytes: number;
}

/** What a run took, and what is still kept of it. */
export interface ResultMemory extends MemoryUse {
  /** Outputs and variables that this object keeps: what V8 is told. */
  retainedBytes: number;
  byNode: Record<string, NodeMemory>;
}

/** The outcome of a run that was not cancelled. A failed node fails the result, not the promise. */
export class WorkflowResult {
  readonly #native: NativeResult;
  readonly #success: boolean;
  /** As long as the outputs in native memory, for V8's books; it holds none. */
  // @ts-expect-error it is only kept
  readonly #weight: ArrayBuffer | undefined;
  #thrown: Thrown | undefined;

  private constructor(native: NativeResult, success: boolean, weight: ArrayBuffer | undefined) {
    this.#native = native;
    this.#success = success;
    this.#weight = weight;
  }

  /** @internal */
  static of(native: NativeResult, success: boolean, weight: ArrayBuffer | undefined): WorkflowResult {
    return new WorkflowResult(native, success, weight);
  }

  /** @internal */
  blame(thrown: Thrown): void {
    this.#thrown = thrown;
  }

  get runId(): string { return this.#native.runId(); }
  get workflowName(): string { return this.#native.workflowName(); }

  /** Whether every way that was taken came to its end, with no failure that was not handled. */
  isSuccess(): boolean { return this.#success; }
  /** As `isSuccess`. */
  isCompleted(): boolean { return this.isSuccess(); }
  isFailed(): boolean { return !this.isSuccess(); }

  /** The error that came first, with the node's id. */
  error(): GraphBitError | null {
    const json = this.#native.error();
    if (json === null) return null;
    const error = errorFromFields(JSON.parse(json) as object, this.#thrown);
    locate(error, this.error);
    return error;
  }

  /** A node's output, by id or name; without one, the graph's: its last node's, or an object by id of several. */
  output(id?: string): any {
    if (id !== undefined) checkId(id, 'the output asked for');
    const text = this.#native.text(id);
    if (text !== null) return text;
    const json = this.#native.output(id);
    return json === null ? undefined : JSON.parse(json);
  }

  #read(node: NodeResult): NodeResult {
    return { ...node, error: node.error === null ? null : errorFromFields(node.error, this.#thrown) };
  }

  /** What a node did, by id or name, with its output; `null` where there is no such node. */
  node(id: string): (NodeResult & { output: any }) | null {
    const json = this.#native.node(checkId(id, 'the node asked for'));
    if (json === null) return null;
    const known = this.#read(JSON.parse(json) as NodeResult);
    return { ...known, output: this.output(known.id) };
  }

  /** A node's output as bytes, made by native code: a text as UTF-8, anything else as JSON. */
  outputBuffer(id: string): Buffer | undefined {
    return this.#native.outputBuffer(checkId(id, 'the output asked for')) ?? undefined;
  }

  /** All outputs by node id. */
  variables(): Record<string, any> {
    return JSON.parse(this.#native.outputs()) as Record<string, any>;
  }

  /** As `variables`. */
  getAllOutputs(): Record<string, any> { return this.variables(); }

  /** The variables of the workflow's state at the end; `null` where it has none. */
  state(): Record<string, any> | null {
    return JSON.parse(this.#native.state()) as Record<string, any> | null;
  }

  /** Durations, tokens and attempts, as sums and by node. */
  stats(): RunStats {
    const sums = JSON.parse(this.#native.stats()) as Omit<RunStats, 'nodes'>;
    const nodes = (JSON.parse(this.#native.nodes()) as NodeResult[]).map((node) => this.#read(node));
    return { ...sums, nodes };
  }

  /** What this object keeps in native memory, and what the run took, by node and by what it is for. */
  memory(): ResultMemory { return JSON.parse(this.#native.memory()) as ResultMemory; }

  toJSON(): object {
    return { runId: this.runId, workflowName: this.workflowName, success: this.isSuccess(), error: this.error(), outputs: this.variables() };
  }

  [inspect.custom](): string {
    return `WorkflowResult(${this.workflowName}, ${this.isSuccess() ? 'succeeded' : `failed: ${this.error()?.message ?? ''}`})`;
  }
}
