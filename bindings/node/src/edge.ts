// The condition of an edge, checked and written as native code reads it.
import { invalidInput, toJson } from './check.js';
import type { EdgeCondition } from './predicate.js';

/** @internal */
export function edgeWhen(condition: EdgeCondition | undefined): string | undefined {
  if (condition === undefined) return undefined;
  if (typeof condition === 'function') {
    // A node in between would decide, and what follows would see its output instead of the source's: that must be seen in the graph.
    throw invalidInput("an edge's condition is a value or a predicate, which are data. For a function put a node in between, Node.condition(name, fn), and connect it with what it gives");
  }
  for (const name of ['otherwise', 'failed'] as const) {
    if (typeof condition !== 'object' || condition === null || !(name in condition)) continue;
    if ((condition as Record<string, unknown>)[name] !== true || Object.keys(condition).length !== 1) throw invalidInput(`an edge that is taken ${name === 'failed' ? 'when its source has failed' : 'when no other is'} has the condition { ${name}: true }, and nothing beside it`);
    return JSON.stringify(name);
  }
  return toJson({ matches: condition }, "the edge's condition");
}
