// Node: the factories, one pattern: KIND(name, what, id?, options?).
import { type LlmConfig } from './config.js';
import { checkNames, invalidInput } from './error.js';

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

/** A step of a workflow. */
export class Node {
  readonly name: string;
  readonly nodeType: 'agent' | 'transform' | 'join';
  readonly id: string | undefined;
  /** @internal */
  readonly spec: Record<string, unknown>;
  /** @internal */
  readonly llm: LlmConfig | undefined;
  /** @internal */
  readonly fn: NodeFunction | undefined;

  private constructor(nodeType: 'agent' | 'transform' | 'join', name: string, id: string | undefined, kind: unknown, options: AgentOptions, fn?: NodeFunction) {
    if (typeof name !== 'string' || name === '') throw invalidInput('a node needs a name: Node.agent(name, prompt)');
    if (id !== undefined && id !== null && typeof id !== 'string') throw invalidInput(`the id of node "${name}" must be a string, not ${typeof id}`);
    this.name = name;
    this.nodeType = nodeType;
    this.id = id ?? undefined;
    this.llm = options.llm;
    this.fn = fn;
    this.spec = defined({ id: this.id, name, kind, description: options.description, timeoutMs: options.timeout, retry: options.retry });
  }

  /** Asks a model. The prompt sees other nodes as `{{id}}` and the run's input as `{{input.x}}`. */
  static agent(name: string, prompt: string, id?: string, options: AgentOptions = {}): Node {
    if (typeof prompt !== 'string') throw invalidInput(`the prompt of agent "${String(name)}" must be a string, not ${typeof prompt}`);
    checkNames(options, AGENT, 'agent option');
    const { systemPrompt, temperature, maxTokens, model } = options;
    return new Node('agent', name, id, { agent: defined({ prompt, systemPrompt, temperature, maxTokens, model }) }, options);
  }

  /** Calls a function. Its input is the only predecessor's output, an object by id of several, or the run's input. */
  static transform(name: string, fn: NodeFunction, id?: string, options: NodeOptions = {}): Node {
    if (typeof fn !== 'function') throw invalidInput(`transform "${String(name)}" needs a function: Node.transform(name, (input) => output)`);
    checkNames(options, COMMON, 'node option');
    return new Node('transform', name, id, 'transform', options, fn);
  }

  /** Waits for all its predecessors; its output is an object of theirs by id. */
  static join(name: string, id?: string, options: NodeOptions = {}): Node {
    checkNames(options, COMMON, 'node option');
    return new Node('join', name, id, 'join', options);
  }

  /** A node from plain data. @internal */
  static from(definition: NodeDefinition): Node {
    if (typeof definition !== 'object' || definition === null) throw invalidInput('addNode takes a Node or an object { name, nodeType, … }');
    const { id, name, nodeType, prompt, function: fn, ...options } = definition;
    switch (String(nodeType).toLowerCase()) {
      case 'agent': return Node.agent(name, prompt as string, id, options);
      case 'transform': return Node.transform(name, fn as NodeFunction, id, options);
      case 'join': return Node.join(name, id, options);
      default: throw invalidInput(`unknown nodeType "${String(nodeType)}": known are agent, transform, join`);
    }
  }
}

function defined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}
