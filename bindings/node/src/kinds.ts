// What each kind of node is told, checked and written as native code reads it.
import { checkOptions, checkWhole, invalidInput, typeName } from './check.js';
import type { LlmConfig } from './config.js';
import { defined, type NodeOptions, type OnError } from './policy.js';
import type { Predicate } from './predicate.js';

export interface AgentOptions extends NodeOptions {
  /** Another model than the executor's. */
  llm?: LlmConfig | undefined;
  /** Another model of the executor's vendor. */
  model?: string | undefined;
  systemPrompt?: string | undefined;
  temperature?: number | undefined;
  maxTokens?: number | undefined;
  /** A JSON Schema: the answer is a value that fits it, instead of a text. */
  output?: object | undefined;
}

/** What a function of a node is told besides its input. */
export interface FunctionContext {
  /** The node's id; in a body its path, with the number of the item or the turn, as in `each/3/summary`. Of an edge, its source's. */
  nodeId: string;
  runId: string;
  /** Aborts when nobody waits for the function any more: the run or its body has ended, or the node's time is over. */
  signal: AbortSignal;
  /**
   * The variables of the workflow's state, as they are when this is first read; `null` where it declares none. It is frozen: what the
   * function gives is written by its node's `writes`, through the reducers, so that nothing is lost beside other branches. A body has a
   * state of its own.
   */
  state: Readonly<Record<string, any>> | null;
  /** Sends an event of the program's own to whoever reads the run's events. */
  emit(name: string, data?: unknown): void;
}

/** A function of a node: plain or asynchronous; its value must be JSON. */
export type NodeFunction = (input: any, context: FunctionContext) => unknown;

/** A branch of a condition, with its test. */
export interface Branch {
  /** The condition's output when it is chosen. */
  name: string;
  when: Predicate;
}

/** A choice that a model makes. */
export interface ModelChoice {
  /** What the model is asked; it sees the branches below. */
  prompt: string;
  branches: readonly (string | { name: string; description?: string | undefined })[];
}

export interface ConditionOptions extends NodeOptions {
  /** For a choice that a model makes: another model than the executor's. */
  llm?: LlmConfig | undefined;
}

/** A function with the name and the form of a tool. */
export interface NodeTool {
  name: string;
  description?: string | undefined;
  /** The JSON Schema of the arguments, which are held to it before each call. */
  parameters?: object | undefined;
  execute: NodeFunction;
}

export interface ToolOptions extends NodeOptions {
  /** The arguments, whose texts are templates, as in `{ city: '{{input.city}}' }`. Without them the tool gets the node's input. */
  arguments?: unknown;
}

export interface MapOptions extends Omit<NodeOptions, 'onError'> {
  /** Where the list is, as in `'{{input.articles}}'`. Without it the node's input is the list. */
  items?: string | undefined;
  /** The most items at once. */
  concurrency?: number | undefined;
  /** `collect`: an item that fails leaves `{ error: { code, message } }` in its place. Else, as for every node. */
  onError?: OnError | 'collect' | undefined;
}

/** Which predecessors a join waits for. An edge that is not taken leads to nothing: only those that are taken count. */
export type JoinRule =
  /** Until all its edges are decided: none may be lost to a failure. */
  | 'all'
  /** For one. */
  | 'any'
  /** For one, whose output is the join's. */
  | 'first'
  /** For so many. */
  | { quorum: number };

/** What a join makes of the outputs, in the order of its edges: an object by id, a list, one of them, … */
export type Reduce = 'object' | 'list' | 'first' | 'merge' | 'concat' | 'sum' | 'count';

export interface JoinOptions extends NodeOptions {
  /** Which predecessors it waits for (`all`). */
  rule?: JoinRule | undefined;
  /** What it makes of their outputs (`object`). */
  reduce?: Reduce | undefined;
}

export interface PauseOptions extends NodeOptions {
  /** The JSON Schema of the answer. */
  answer?: object | undefined;
}

export interface LoopOptions extends NodeOptions {
  /** The loop ends when this holds for the body's output, or the function gives true for it. */
  until?: Predicate | NodeFunction | undefined;
  /** The loop ends when this does not hold. The body runs at least once. */
  while?: Predicate | NodeFunction | undefined;
  /** The most turns. A loop that is not done after them has failed. */
  limit: number;
}

/** A kind with its settings, and a function where it calls one. @internal */
export interface Kind {
  kind: unknown;
  fn?: NodeFunction | undefined;
}

/** @internal */
export function conditionKind(what: unknown): Kind {
  if (what === undefined) throw invalidInput('a condition needs a predicate, a list of branches, a function, or { prompt, branches }');
  if (typeof what === 'function') return { kind: { condition: 'function' }, fn: what as NodeFunction };
  if (Array.isArray(what)) {
    const branches = what.map((branch: Branch, index) => {
      if (typeof branch !== 'object' || branch === null || typeof branch.name !== 'string' || branch.when === undefined) throw invalidInput(`branch ${index} must be { name, when }, with a predicate as its \`when\``);
      return checkOptions(branch, ['name', 'when'], `member of branch ${index}`);
    });
    return { kind: { condition: { branches } } };
  }
  if (typeof what !== 'object' || what === null || !('branches' in what)) return { kind: { condition: { predicate: what } } };
  const { prompt, branches } = checkOptions(what as ModelChoice, ['prompt', 'branches'], 'member of a choice');
  if (typeof prompt !== 'string' || !Array.isArray(branches)) throw invalidInput('a choice that a model makes is { prompt, branches }, with the names of the branches');
  const choices = (branches as ModelChoice['branches']).map((branch, index) => {
    if (typeof branch === 'string') return { name: branch };
    if (typeof branch !== 'object' || branch === null || typeof branch.name !== 'string') throw invalidInput(`branch ${index} must be a name, or { name, description }`);
    return checkOptions(branch, ['name', 'description'], `member of branch ${index}`);
  });
  return { kind: { condition: { model: { prompt, branches: choices } } } };
}

/** @internal */
export function toolKind(tool: NodeTool, options: ToolOptions): Kind {
  if (typeof tool !== 'object' || tool === null) throw invalidInput(`a tool is an object { name, parameters, execute }, not ${typeName(tool)}`);
  const { name, parameters, execute } = checkOptions(tool, ['name', 'description', 'parameters', 'execute'], 'member of a tool');
  if (typeof name !== 'string') throw invalidInput(`the name of a tool must be a string, not ${typeName(name)}`);
  if (typeof execute !== 'function') throw invalidInput(`the tool "${name}" needs a function as its \`execute\`, not ${typeName(execute)}`);
  const settings: Record<string, unknown> = defined({ tool: name, parameters });
  if (options.arguments !== undefined) settings['arguments'] = options.arguments;
  return { kind: { tool: settings }, fn: execute };
}

/** @internal */
export function mapKind({ items, concurrency, onError }: MapOptions): Kind {
  checkWhole('concurrency', concurrency);
  if (items !== undefined && items !== null && typeof items !== 'string') throw invalidInput(`items must say where the list is, as in '{{input.list}}', not ${typeName(items)}`);
  return { kind: { map: defined({ items, concurrency, onError: onError === 'collect' ? 'collect' : undefined }) } };
}

/** @internal */
export function joinKind({ rule, reduce }: JoinOptions): Kind {
  if (rule === 'first') {
    if (reduce !== undefined && reduce !== 'first') throw invalidInput("the rule 'first' gives the first output; for another reduce say { rule: 'any', reduce }");
    return { kind: { join: { rule: 'any', reduce: 'first' } } };
  }
  if (typeof rule === 'object' && rule !== null) {
    checkWhole('quorum', checkOptions(rule, ['quorum'], 'member of rule').quorum);
    if (rule.quorum === undefined || rule.quorum === null) throw invalidInput('rule must be { quorum: number }, with the number of nodes');
  }
  const settings = defined({ rule, reduce });
  return { kind: Object.keys(settings).length === 0 ? 'join' : { join: settings } };
}

/** @internal */
export function delayKind(ms: number): Kind {
  if (typeof ms !== 'number' || !(ms >= 0) || !Number.isFinite(ms)) throw invalidInput(`a delay needs its milliseconds, a number not below 0: Node.delay(name, ms), not ${typeof ms === 'number' ? ms : typeName(ms)}`);
  return { kind: { delay: { durationMs: Math.ceil(ms) } } };
}

/** @internal */
export function pauseKind(question: string, { answer }: PauseOptions): Kind {
  if (typeof question !== 'string') throw invalidInput(`a pause needs its question, a string, not ${typeName(question)}: Node.pause(name, question)`);
  return { kind: { pause: defined({ question, answer }) } };
}

/** @internal */
export function loopKind(options: LoopOptions): Kind {
  const { until, while: going, limit } = options;
  if ((until === undefined) === (going === undefined)) throw invalidInput('a loop says when it ends: give it either `until` or `while`');
  if (limit === undefined || limit === null) throw invalidInput('a loop needs a limit, the most turns that it may take');
  checkWhole('limit', limit);
  if (typeof until === 'function') return { kind: { loop: { repeat: 'untilFunction', limit } }, fn: until };
  if (typeof going === 'function') return { kind: { loop: { repeat: 'untilFunction', limit } }, fn: opposite(going) };
  return { kind: { loop: { repeat: until === undefined ? { while: going } : { until }, limit } } };
}

/** Native code asks whether a loop is done. */
function opposite(going: NodeFunction): NodeFunction {
  const turn = (value: unknown): boolean => {
    if (typeof value !== 'boolean') throw invalidInput(`the function of a loop must give true or false, not ${typeName(value)}`);
    return !value;
  };
  return (input, context) => {
    const value = going(input, context);
    return typeof value === 'boolean' ? !value : Promise.resolve(value).then(turn);
  };
}
