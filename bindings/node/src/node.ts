// Node: the factories, one pattern: KIND(name, what, id?, options?).
import { checkOptions, invalidInput, typeName } from './check.js';
import { type LlmConfig, configOf } from './config.js';
import {
  type AgentOptions, type Branch, type ConditionOptions, type JoinOptions, type Kind, type LoopOptions, type MapOptions, type ModelChoice, type NodeFunction,
  type NodeTool, type PauseOptions, type ToolOptions, conditionKind, delayKind, joinKind, loopKind, mapKind, pauseKind, toolKind,
} from './kinds.js';
import type { NativeConfig } from './native.js';
import { COMMON, type NodeOptions, defined, policyOf } from './policy.js';
import type { Predicate } from './predicate.js';
import { checkSampling } from './request.js';
import type { Workflow } from './workflow.js';

export type NodeType = 'agent' | 'transform' | 'condition' | 'tool' | 'map' | 'join' | 'delay' | 'subworkflow' | 'pause' | 'loop';

interface Named<T extends NodeType> {
  id?: string | undefined;
  name: string;
  nodeType: T | Capitalize<T>;
}

/** A node as plain data, for `addNode`: its type, what its factory takes, and its options. */
export type NodeDefinition =
  | (Named<'agent'> & { prompt: string } & AgentOptions)
  | (Named<'transform'> & { function: NodeFunction } & NodeOptions)
  | (Named<'condition'> & { condition: Predicate | readonly Branch[] | ModelChoice | NodeFunction } & ConditionOptions)
  | (Named<'tool'> & { tool: NodeTool } & ToolOptions)
  | (Named<'map'> & { body: Workflow | Node } & MapOptions)
  | (Named<'join'> & JoinOptions)
  | (Named<'delay'> & { ms: number } & NodeOptions)
  | (Named<'subworkflow'> & { body: Workflow | Node } & NodeOptions)
  | (Named<'pause'> & { question: string } & PauseOptions)
  | (Named<'loop'> & { body: Workflow | Node } & LoopOptions);

const AGENT = [...COMMON, 'llm', 'model', 'systemPrompt', 'temperature', 'maxTokens', 'output'] as const;
const TYPES: readonly NodeType[] = ['agent', 'transform', 'condition', 'tool', 'map', 'join', 'delay', 'subworkflow', 'pause', 'loop'];

/** What a workflow needs of a node. @internal */
export interface NodeParts {
  spec: Record<string, unknown>;
  llm: NativeConfig | undefined;
  fn: NodeFunction | undefined;
  body: Workflow | Node | undefined;
}

/** What belongs to a node and is no data. */
interface Bound {
  llm?: LlmConfig | null | undefined;
  body?: Workflow | Node | undefined;
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

  private constructor(nodeType: NodeType, name: string, id: string | null | undefined, { kind, fn }: Kind, options: NodeOptions, { llm, body }: Bound = {}) {
    if (typeof name !== 'string' || name === '') throw invalidInput(`a node needs a name: Node.${nodeType}(name, …)`);
    if (id !== undefined && id !== null && typeof id !== 'string') throw invalidInput(`the id of node "${name}" must be a string, not ${typeName(id)}`);
    this.name = name;
    this.nodeType = nodeType;
    this.id = id ?? undefined;
    const spec = { ...defined({ id, name, kind }), ...policyOf(options) };
    this.#parts = { spec, llm: llm === undefined || llm === null ? undefined : configOf(llm), fn, body };
  }

  /** Asks a model. The prompt sees other nodes as `{{id}}` and the run's input as `{{input.x}}`. */
  static agent(name: string, prompt: string, id?: string, options?: AgentOptions): Node {
    if (typeof prompt !== 'string') throw invalidInput(`the prompt of an agent must be a string, not ${typeName(prompt)}: Node.agent(name, prompt)`);
    const checked = checkOptions(options, AGENT, 'agent option');
    const { systemPrompt, temperature, maxTokens, model, output, llm } = checked;
    checkSampling({ maxTokens, temperature });
    const kind = { agent: defined({ prompt, systemPrompt, temperature, maxTokens, model, output }) };
    return new Node('agent', name, id, { kind }, checked, { llm });
  }

  /** Calls a function. Its input is the only predecessor's output, an object by id of several, or the run's input. */
  static transform(name: string, fn: NodeFunction, id?: string, options?: NodeOptions): Node {
    if (typeof fn !== 'function') throw invalidInput(`a transform needs a function, not ${typeName(fn)}: Node.transform(name, (input) => output)`);
    return new Node('transform', name, id, { kind: 'transform', fn }, checkOptions(options, COMMON, 'node option'));
  }

  /**
   * Chooses where the run goes on: its output is what the edges behind it compare. A predicate gives `true` or `false`; of a list of
   * branches the first whose predicate holds gives its name, or none `'otherwise'`; a function gives the name of a branch, or true or
   * false; of `{ prompt, branches }` a model picks one.
   */
  static condition(name: string, what: Predicate | readonly Branch[] | ModelChoice | NodeFunction, id?: string, options?: ConditionOptions): Node {
    const checked = checkOptions(options, [...COMMON, 'llm'], 'condition option');
    return new Node('condition', name, id, conditionKind(what), checked, { llm: checked.llm });
  }

  /** Calls a tool with given arguments, without a model in between. */
  static tool(name: string, tool: NodeTool, id?: string, options?: ToolOptions): Node {
    const checked = checkOptions(options, [...COMMON, 'arguments'], 'tool option');
    return new Node('tool', name, id, toolKind(tool, checked), checked);
  }

  /**
   * Runs a body once for each item of a list. It sees `{ item, index, input }` as its input; the output is the list of the bodies'
   * outputs, in the order of the items.
   */
  static map(name: string, body: Workflow | Node, id?: string, options?: MapOptions): Node {
    const checked = checkOptions(options, [...COMMON, 'items', 'concurrency'], 'map option');
    const { onError, ...rest } = checked;
    return new Node('map', name, id, mapKind(checked), onError === 'collect' ? rest : { ...rest, onError }, { body });
  }

  /** Waits for its predecessors, all or some, and puts their outputs together; else, an object of them by id. */
  static join(name: string, id?: string, options?: JoinOptions): Node {
    const checked = checkOptions(options, [...COMMON, 'rule', 'reduce'], 'join option');
    return new Node('join', name, id, joinKind(checked), checked);
  }

  /** Waits so many milliseconds, and passes its input on. */
  static delay(name: string, ms: number, id?: string, options?: NodeOptions): Node {
    return new Node('delay', name, id, delayKind(ms), checkOptions(options, COMMON, 'node option'));
  }

  /** Runs a workflow as one step. It sees the node's input as its input. */
  static subworkflow(name: string, workflow: Workflow | Node, id?: string, options?: NodeOptions): Node {
    return new Node('subworkflow', name, id, { kind: { subgraph: {} } }, checkOptions(options, COMMON, 'node option'), { body: workflow });
  }

  /** Asks somebody outside, and waits for `run.answer(nodeId, value)`: the answer is its output. The question is a template. */
  static pause(name: string, question: string, id?: string, options?: PauseOptions): Node {
    const checked = checkOptions(options, [...COMMON, 'answer'], 'pause option');
    return new Node('pause', name, id, pauseKind(question, checked), checked);
  }

  /**
   * Runs a body until its output is good enough. It sees `{ last, iteration, input }` as its input: the last output (`null` at first),
   * how often it ran before, and the node's own input. The output is the last output.
   */
  static loop(name: string, body: Workflow | Node, id: string | undefined, options: LoopOptions): Node {
    const checked = checkOptions(options, [...COMMON, 'until', 'while', 'limit'], 'loop option');
    return new Node('loop', name, id, loopKind(checked), checked, { body });
  }

  /** A node from plain data. @internal */
  static from(definition: NodeDefinition): Node {
    if (typeof definition !== 'object' || definition === null) throw invalidInput(`addNode takes a Node or an object { name, nodeType, … }, not ${typeName(definition)}`);
    const { nodeType: given } = definition as { nodeType: unknown };
    const nodeType = TYPES.find((known) => typeof given === 'string' && given.toLowerCase() === known);
    if (given === undefined) throw invalidInput(`a node needs its nodeType${'type' in definition ? ', which is not called "type"' : ''}: known are ${TYPES.join(', ')}`);
    if (!nodeType) throw invalidInput(`unknown nodeType ${typeof given === 'string' ? `"${given}"` : typeName(given)}: known are ${TYPES.join(', ')}`);
    const { id, name, nodeType: _, ...rest } = definition as Record<string, any>;
    const take = (member: string): any => {
      const value: unknown = rest[member];
      delete rest[member];
      return value;
    };
    switch (nodeType) {
      case 'agent': return Node.agent(name, take('prompt'), id, rest);
      case 'transform': return Node.transform(name, take('function'), id, rest);
      case 'condition': return Node.condition(name, take('condition'), id, rest);
      case 'tool': return Node.tool(name, take('tool'), id, rest);
      case 'map': return Node.map(name, take('body'), id, rest);
      case 'join': return Node.join(name, id, rest);
      case 'delay': return Node.delay(name, take('ms'), id, rest);
      case 'subworkflow': return Node.subworkflow(name, take('body'), id, rest);
      case 'pause': return Node.pause(name, take('question'), id, rest);
      case 'loop': return Node.loop(name, take('body'), id, rest as LoopOptions);
    }
  }
}
