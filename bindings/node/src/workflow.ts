// Workflow: a graph under construction. Its functions stay here, so that nothing native can keep them alive.
import { configOf } from './config.js';
import { type Diagnostic, invalidInput, toJson } from './error.js';
import { native, type NativeWorkflow } from './native.js';
import { Node, type NodeDefinition, type NodeFunction } from './node.js';

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
    const text = typeof json === 'string' ? json : toJson(json, 'the workflow');
    const workflow = Object.create(Workflow.prototype) as Workflow;
    parts.set(workflow, { native: native.NativeWorkflow.fromJson(text), functions: new Map(Object.entries(functions)) });
    return workflow;
  }

  get name(): string { return partsOf(this).native.name(); }
  /** The ids of its nodes, in the order in which they were added. */
  get nodeIds(): string[] { return partsOf(this).native.nodeIds(); }

  /** Adds a node and gives its id. A second node of one id is refused. */
  addNode(node: Node | NodeDefinition): Promise<string> {
    return settle(() => {
      const { native: graph, functions } = partsOf(this);
      const added = node instanceof Node ? node : Node.from(node);
      const id = graph.addNode(toJson(added.spec, 'the node'), added.llm && configOf(added.llm));
      if (added.fn) functions.set(id, added.fn);
      return id;
    });
  }

  /** Lets `to` run after `from`. Unknown ends are found by `validate`. */
  connect(from: string, to: string): Promise<void> {
    return settle(() => {
      for (const end of [from, to]) if (typeof end !== 'string') throw invalidInput(`connect takes the ids of two nodes, not ${typeof end}`);
      partsOf(this).native.connect(from, to);
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
}

/** @internal */
export function partsOf(workflow: Workflow): WorkflowParts {
  const found = parts.get(workflow);
  if (!found) throw invalidInput('not a Workflow: make one with new Workflow("name")');
  return found;
}

function settle<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}
