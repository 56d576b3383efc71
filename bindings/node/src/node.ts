// Node: the factories, one pattern: KIND(name, what, id?, options?).
import { checkOptions, invalidInput, typeName } from './check.js';
import { type LlmConfig, configOf } from './config.js';
import type { NativeConfig } from './native.js';
import { checkSampling } from './request.js';

/** When a node that failed is tried again. */
export interface RetryOptions {
  /** Attempts after the first (2). */
  maxRetries?: number | undefined;
  /** The pause before the first of them, in milliseconds (500); it doubles. */
  initialDelayMs?: number | undefined;
  /** The longest pause, in milliseconds (30,000). */
  maxDelayMs?: number | undefined;
}

/** What every node may say. */
export interface NodeOptions {
  description?: string | undefined;
  retry?: RetryOptions | undefined;
  /** Milliseconds for all attempts together. */
  timeout?: number | undefined;
}

export interface AgentOptions extends NodeOptions {
  /** Another model than the executor's. */
  llm?: LlmConfig | undefined;
  /** Another model of the executor's vendor. */
  model?: string | undefined;
  systemPrompt?: string | undefined;
  temperature?: number | undefined;
  maxTokens?: number | undefined;
}

/** What a function of a node is told besides its input. */
export interface FunctionContext {
  nodeId: string;
  runId: string;
  /** Aborts when the run ends before the function does. */
  signal: AbortSignal;
}

/** A function of a node: plain or asynchronous; its value must be JSON. */
export type NodeFunction = (input: any, context: FunctionContext) => unknown;

/** A node as plain data, for `addNode`. */
export interface NodeDefinition extends AgentOptions {
  id?: string | undefined;
  name: string;
  nodeType: 'agent' | 'transform' | 'join' | 'Agent' | 'Transform' | 'Join';
  prompt?: string | undefined;
  function?: NodeFunction | undefined;
}

const COMMON = ['description', 'retry', 'timeout'] as const;
const AGENT = [...COMMON, 'llm', 'model', 'systemPrompt', 'temperature', 'maxTokens'] as const;

type NodeType = 'agent' | 'transform' | 'join';

/** What a workflow needs of a node. @internal */
export interface NodeParts {
  spec: Record<string, unknown>;
  llm: NativeConfig | undefined;
  fn: NodeFunction | undefined;
}

/** @internal */
export let nodeParts: (node: Node) => NodeParts;

/** A step of a workflow. */
export class Node {
  static {
    nodeParts = (node) => node.#parts;
  }

  readonly name: string;
  readonly nodeType: NodeType;
  readonly id: string | undefined;
  readonly #parts: NodeParts;

  private constructor(nodeType: NodeType, name: string, id: string | null | undefined, kind: unknown, options: NodeOptions, bound: { llm?: NativeConfig | undefined; fn?: NodeFunction }) {
    if (typeof name !== 'string' || name === '') throw invalidInput(`a node needs a name: Node.${nodeType}(name, …)`);
    if (id !== undefined && id !== null && typeof id !== 'string') throw invalidInput(`the id of node "${name}" must be a string, not ${typeName(id)}`);
    this.name = name;
    this.nodeType = nodeType;
    this.id = id ?? undefined;
    const { description, timeout, retry } = options;
    this.#parts = { spec: defined({ id, name, kind, description, timeoutMs: timeout, retry }), llm: bound.llm, fn: bound.fn };
  }

  /** Asks a model. The prompt sees other nodes as `{{id}}` and the run's input as `{{input.x}}`. */
  static agent(name: string, prompt: string, id?: string, options?: AgentOptions): Node {
    if (typeof prompt !== 'string') throw invalidInput(`the prompt of an agent must be a string, not ${typeName(prompt)}: Node.agent(name, prompt)`);
    const checked = checkOptions(options, AGENT, 'agent option');
    const { systemPrompt, temperature, maxTokens, model, llm } = checked;
    checkSampling({ maxTokens, temperature });
    const kind = { agent: defined({ prompt, systemPrompt, temperature, maxTokens, model }) };
    return new Node('agent', name, id, kind, checked, { llm: llm === undefined || llm === null ? undefined : configOf(llm) });
  }

  /** Calls a function. Its input is the only predecessor's output, an object by id of several, or the run's input. */
  static transform(name: string, fn: NodeFunction, id?: string, options?: NodeOptions): Node {
    if (typeof fn !== 'function') throw invalidInput(`a transform needs a function, not ${typeName(fn)}: Node.transform(name, (input) => output)`);
    return new Node('transform', name, id, 'transform', checkOptions(options, COMMON, 'node option'), { fn });
  }

  /** Waits for all its predecessors; its output is an object of theirs by id. */
  static join(name: string, id?: string, options?: NodeOptions): Node {
    return new Node('join', name, id, 'join', checkOptions(options, COMMON, 'node option'), {});
  }

  /** A node from plain data. @internal */
  static from(definition: NodeDefinition): Node {
    if (typeof definition !== 'object' || definition === null) throw invalidInput(`addNode takes a Node or an object { name, nodeType, … }, not ${typeName(definition)}`);
    const { id, name, nodeType, prompt, function: fn, ...options } = definition;
    switch (typeof nodeType === 'string' ? nodeType.toLowerCase() : undefined) {
      case 'agent': return Node.agent(name, prompt as string, id, options);
      case 'transform': return Node.transform(name, fn as NodeFunction, id, options);
      case 'join': return Node.join(name, id, options);
      default: throw invalidInput(`unknown nodeType ${typeof nodeType === 'string' ? `"${String(nodeType)}"` : typeName(nodeType)}: known are agent, transform, join`);
    }
  }
}

function defined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}
