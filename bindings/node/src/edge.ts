// The condition of an edge, checked and written as native code reads it.
import { invalidInput, toJson } from './check.js';
import type { EdgeCondition } from './predicate.js';

/** Where a workflow keeps the function of an edge. @internal */
export const edgePlace = (from: string, to: string): string => `${from}->${to}`;

/** @internal */
export function edgeWhen(condition: EdgeCondition | undefined): string | undefined {
  if (condition === undefined) return undefined;
  if (typeof condition === 'function') return '"function"'; // the function itself stays here, by its place
  for (const name of ['otherwise', 'failed'] as const) {
    if (typeof condition !== 'object' || condition === null || !(name in condition)) continue;
    if ((condition as Record<string, unknown>)[name] !== true || Object.keys(condition).length !== 1) throw invalidInput(`an edge that is taken ${name === 'failed' ? 'when its source has failed' : 'when no other is'} has the condition { ${name}: true }, and nothing beside it`);
    return JSON.stringify(name);
  }
  return toJson({ matches: condition }, "the edge's condition");
}
