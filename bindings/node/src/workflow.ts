// Workflow: a graph under construction. Its functions stay here, so that nothing native can keep them alive.
import { inspect } from 'node:util';
import { checkId, invalidInput, toJson, typeName } from './check.js';
import type { Diagnostic } from './error.js';
import { native, type NativeWorkflow } from './native.js';
import { Node, type NodeDefinition, type NodeFunction, nodeParts } from './node.js';

/** @internal */
export interface WorkflowParts {
  native: NativeWorkflow;
  functions: Map<string, NodeFunction>;
}

const parts = new WeakMap<Workflow, WorkflowParts>();

/** A graph of nodes. It may be run many times, also at once. */
export class Workflow {
  constructor(name: string) {
    if (typeof name !== 'string' || name === '') throw invalidInput('a workflow needs a name: new Workflow("name")');
    parts.set(this, { native: new native.NativeWorkflow(name), functions: new Map() });
  }

  /** A workflow from its JSON form. Functions are no data: give them by node id. */
  static fromJSON(json: string | object, functions: Record<string, NodeFunction> = {}): Workflow {
    if (typeof json !== 'string' && (typeof json !== 'object' || json === null)) throw invalidInput(`fromJSON takes the text or the object that toJSON gave, not ${typeName(json)}`);
    const graph = native.NativeWorkflow.fromJson(typeof json === 'string' ? json : toJson(json, 'the workflow'));
    const workflow = Object.create(Workflow.prototype) as Workflow;
    parts.set(workflow, { native: graph, functions: functionsOf(functions, graph.nodeIds()) });
    return workflow;
  }

  get name(): string { return partsOf(this).native.name(); }
  /** The ids of its nodes, in the order in which they were added. */
  get nodeIds(): string[] { return partsOf(this).native.nodeIds(); }

  /** Adds a node and gives its id. A second node of one id is refused. */
  addNode(node: Node | NodeDefinition): Promise<string> {
    return settle(() => {
      const { native: graph, functions } = partsOf(this);
      const { spec, llm, fn } = nodeParts(node instanceof Node ? node : Node.from(node));
      const id = graph.addNode(toJson(spec, 'the node'), llm);
      if (fn) functions.set(id, fn);
      return id;
    });
  }

  /** Lets `to` run after `from`. Unknown ends are found by `validate`. */
  connect(from: string, to: string): Promise<void> {
    return settle(() => {
      partsOf(this).native.connect(checkId(from, 'the first end of an edge'), checkId(to, 'the second end of an edge'));
    });
  }

  /** As `connect`. */
  addEdge(from: string, to: string): Promise<void> {
    return this.connect(from, to);
  }

  /** Resolves to `true`, or rejects with `INVALID_GRAPH` and every finding. */
  validate(): Promise<true> {
    return settle(() => {
      partsOf(this).native.validate();
      return true as const;
    });
  }

  /** What validation would warn about. */
  warnings(): Diagnostic[] {
    return JSON.parse(partsOf(this).native.validate()) as Diagnostic[];
  }

  toJSON(): object { return JSON.parse(partsOf(this).native.toJson()) as object; }
  toMermaid(): string { return partsOf(this).native.toMermaid(); }
  toDot(): string { return partsOf(this).native.toDot(); }
  [inspect.custom](): string { return `Workflow(${this.name}: ${this.nodeIds.join(', ')})`; }
}

/** @internal */
export function partsOf(workflow: unknown): WorkflowParts {
  const found = parts.get(workflow as Workflow);
  if (!found) throw invalidInput('not a Workflow: make one with new Workflow("name")');
  return found;
}

function functionsOf(functions: Record<string, NodeFunction>, ids: string[]): Map<string, NodeFunction> {
  if (typeof functions !== 'object' || functions === null) throw invalidInput(`the functions must be an object by node id, not ${typeName(functions)}`);
  for (const [id, fn] of Object.entries(functions)) {
    if (typeof fn !== 'function') throw invalidInput(`what is given for node "${id}" must be a function, not ${typeName(fn)}`);
    if (!ids.includes(id)) {
      const near = native.nearestName(id, ids);
      throw invalidInput(`there is no node "${id}" to give a function to${near ? `: did you mean "${near}"?` : ''}`);
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
