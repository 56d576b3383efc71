// Workflow: a graph under construction. Its functions stay here, so that nothing native can keep them alive.
import { inspect } from 'node:util';
import { checkId, checkOptions, invalidInput, toJson, typeName } from './check.js';
import { edgePlace, edgeWhen } from './edge.js';
import type { Diagnostic } from './error.js';
import type { NodeFunction } from './kinds.js';
import { native, type NativeWorkflow } from './native.js';
import { Node, type NodeDefinition, nodeParts } from './node.js';
import type { EdgeCondition } from './predicate.js';

/**
 * How what is written joins what is there. `append` makes one more item, `extend` more items of a list, `union` those that are not yet
 * there; `merge` takes over an object's members; `count` counts the writes.
 */
export type Reducer = 'replace' | 'append' | 'extend' | 'sum' | 'min' | 'max' | 'merge' | 'union' | 'count';

/** A variable of a workflow's state: nodes write it (`writes`), templates read it as `{{state.name}}`. */
export interface StateVariable {
  /** The value at the start of a run (`null`, which stands for "nothing yet" with every reducer). */
  initial?: unknown;
  /** How what is written joins what is there (`replace`). */
  reducer?: Reducer | undefined;
}

export interface WorkflowOptions {
  description?: string | undefined;
  /** The JSON Schema of what runs take as their input. */
  input?: object | undefined;
  /** The JSON Schema of what runs give as their output. */
  output?: object | undefined;
  /** The variables that nodes of a run share, by name. */
  state?: { readonly [name: string]: StateVariable } | undefined;
}

/** @internal */
export interface WorkflowParts {
  native: NativeWorkflow;
  /** By place: a node's id, `body/id` in a body, `loop/until` for what ends a loop, `a->b` for what decides an edge. */
  functions: Map<string, NodeFunction>;
  /** The ids of its nodes, when they were asked for since the last was added. */
  ids: string[] | undefined;
  /** Of a workflow from JSON: the places that call a function and were given none. */
  missing: readonly string[];
}

/** What is behind a value, if it is a workflow. A private field: what a WeakMap holds, V8 keeps until its next full collection. */
let behind: (value: unknown) => WorkflowParts | undefined;

/** A graph of nodes. It may be run many times, also at once. */
export class Workflow {
  static {
    behind = (value) => (typeof value === 'object' && value !== null && #parts in value ? value.#parts : undefined);
  }

  readonly #parts: WorkflowParts;

  constructor(name: string, options?: WorkflowOptions);
  /** @internal */
  constructor(name: WorkflowParts);
  constructor(name: string | WorkflowParts, options?: WorkflowOptions) {
    if (isParts(name)) {
      this.#parts = name;
      return;
    }
    if (typeof name !== 'string' || name === '') throw invalidInput('a workflow needs a name: new Workflow("name")');
    const checked = checkOptions(options, ['description', 'input', 'output', 'state'], 'workflow option');
    if (typeof (checked.state ?? {}) !== 'object') throw invalidInput(`state must be an object { name: { initial, reducer } }, not ${typeName(checked.state)}`);
    for (const [variable, declared] of Object.entries(checked.state ?? {})) checkOptions(declared, ['initial', 'reducer'], `member of state.${variable}`);
    this.#parts = { native: new native.NativeWorkflow(name, toJson(checked, 'the workflow options')), functions: new Map(), ids: undefined, missing: [] };
  }

  /** A workflow from its JSON form. Functions are no data: give them by node id; in a body as `body/id`, of a loop as `loop/until`, of an edge as `a->b`. */
  static fromJSON(json: string | object, functions: Record<string, NodeFunction> = {}): Workflow {
    if (typeof json !== 'string' && (typeof json !== 'object' || json === null)) throw invalidInput(`fromJSON takes the text or the object that toJSON gave, not ${typeName(json)}`);
    const graph = native.NativeWorkflow.fromJson(typeof json === 'string' ? json : toJson(json, 'the workflow'));
    const places = graph.functionPlaces();
    const known = functionsOf(functions, places);
    return new Workflow({ native: graph, functions: known, ids: undefined, missing: places.filter((place) => !known.has(place)) });
  }

  get name(): string { return this.#parts.native.name(); }
  /** The ids of its nodes, in the order in which they were added. */
  get nodeIds(): string[] { return [...idsOf(this.#parts)]; }

  /**
   * Adds a node and gives its id. A second node of one id is refused. A workflow that is a node's body is taken over as it is now, with
   * its functions and models.
   */
  addNode(node: Node | NodeDefinition): Promise<string> {
    return settle(() => add(this.#parts, node instanceof Node ? node : Node.from(node)));
  }

  /**
   * Lets `to` run after `from`: always, or when the condition holds: a predicate, a value, or a function for the output of `from`;
   * `{ otherwise: true }` when no other edge with a condition is taken, `{ failed: true }` when `from` has failed, which is handled by
   * that. Unknown ends are found by `validate`.
   */
  connect(from: string, to: string, condition?: EdgeCondition): Promise<void> {
    return settle(() => {
      const { native: graph, functions } = this.#parts;
      const ends = [checkId(from, 'the first end of an edge'), checkId(to, 'the second end of an edge')] as const;
      const place = edgePlace(...ends);
      const when = edgeWhen(condition);
      if (typeof condition === 'function' && functions.has(place)) throw invalidInput(`a function is at "${place}" already: let one decide the edge from "${from}" to "${to}"`);
      graph.connect(...ends, when);
      if (typeof condition === 'function') functions.set(place, condition);
    });
  }

  /** As `connect`. */
  addEdge(from: string, to: string, condition?: EdgeCondition): Promise<void> {
    return this.connect(from, to, condition);
  }

  /** Resolves to `true`, or rejects with `INVALID_GRAPH` and every finding. */
  validate(): Promise<true> {
    return settle(() => {
      this.#parts.native.validate();
      return true as const;
    });
  }

  /** What validation would warn about. */
  warnings(): Diagnostic[] {
    return JSON.parse(this.#parts.native.validate()) as Diagnostic[];
  }

  /** Its nodes and edges as data. Functions are none: their places are there (an edge's is `"when": "function"`), for `fromJSON`. */
  toJSON(): object { return JSON.parse(this.#parts.native.toJson()) as object; }
  toMermaid(): string { return this.#parts.native.toMermaid(); }
  toDot(): string { return this.#parts.native.toDot(); }
  [inspect.custom](): string { return `Workflow(${this.name}: ${this.nodeIds.join(', ')})`; }
}

/** Parts that were made here, and not an object that somebody gave in place of a name. */
const isParts = (value: unknown): value is WorkflowParts => typeof value === 'object' && value !== null && (value as WorkflowParts).native instanceof native.NativeWorkflow;

/** @internal */
export function partsOf(workflow: unknown): WorkflowParts {
  const found = behind(workflow);
  if (!found) throw invalidInput('not a Workflow: make one with new Workflow("name")');
  return found;
}

/** A workflow from JSON runs with all its functions or not at all. @internal */
export function checkFunctions({ missing }: WorkflowParts): void {
  if (missing.length === 0) return;
  const places = missing.map((place) => `"${place}"`).join(', ');
  throw invalidInput(`no function was given for ${places}: functions are not in the JSON of a workflow, give them by place, Workflow.fromJSON(json, { ${places.split(', ')[0]}: … })`);
}

/** The ids of its nodes, in the order in which they were added. @internal */
export function idsOf(workflow: WorkflowParts): readonly string[] {
  return (workflow.ids ??= workflow.native.nodeIds());
}

function add(workflow: WorkflowParts, node: Node): string {
  const { spec, llm, fn, body } = nodeParts(node);
  const inner = hasBody(node) ? bodyOf(node, body) : undefined;
  if (fn && inner?.functions.has('until')) throw invalidInput(`the loop "${node.name}" has a function, which is found as "until", and so has a node of its body: give that another id`);
  if (node.id !== undefined) {
    for (const place of inner?.functions.keys() ?? []) {
      if (workflow.functions.has(`${node.id}/${place}`)) throw invalidInput(`there is a function at "${node.id}/${place}" already: give the node another id`);
    }
  }
  if (fn && node.id !== undefined && workflow.functions.has(node.id)) throw invalidInput(`there is a function at "${node.id}" already: give the node another id`);
  const id = workflow.native.addNode(toJson(spec, 'the node'), llm, inner?.native);
  workflow.ids = undefined;
  if (fn) workflow.functions.set(inner ? `${id}/until` : id, fn);
  for (const [place, innerFn] of inner?.functions ?? []) workflow.functions.set(`${id}/${place}`, innerFn);
  if (inner?.missing.length) workflow.missing = [...workflow.missing, ...inner.missing.map((place) => `${id}/${place}`)];
  return id;
}

const hasBody = ({ nodeType }: Node): boolean => nodeType === 'map' || nodeType === 'loop' || nodeType === 'subworkflow';

/** What runs inside of a node: a workflow, or one of a single node. */
function bodyOf(node: Node, body: unknown): WorkflowParts {
  if (body instanceof Node) {
    const single: WorkflowParts = { native: new native.NativeWorkflow(body.name, '{}'), functions: new Map(), ids: undefined, missing: [] };
    add(single, body);
    return single;
  }
  const found = behind(body);
  if (!found) throw invalidInput(`${node.nodeType} "${node.name}" needs a Workflow or a Node that it runs, not ${typeName(body)}: Node.${node.nodeType}(name, workflow)`);
  return found;
}

function functionsOf(functions: Record<string, NodeFunction>, places: string[]): Map<string, NodeFunction> {
  if (typeof functions !== 'object' || functions === null) throw invalidInput(`the functions must be an object by node id, not ${typeName(functions)}`);
  for (const [id, fn] of Object.entries(functions)) {
    if (typeof fn !== 'function') throw invalidInput(`what is given for "${id}" must be a function, not ${typeName(fn)}`);
    if (!places.includes(id)) {
      const near = native.nearestName(id, places);
      throw invalidInput(`nothing at "${id}" calls a function${near ? `: did you mean "${near}"?` : ''}`);
    }
  }
  return new Map(Object.entries(functions));
}

/** Argument errors of what gives a promise are rejections. */
function settle<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}
