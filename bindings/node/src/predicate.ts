// Predicates: tests of a value that are data themselves, so that they can be stored, drawn, and evaluated by native code.

import type { FunctionContext } from './kinds.js';

/** A text, a number, true or false, or null. */
export type Scalar = string | number | boolean | null;

/** What a test looks for. A value of another type than an operator expects fails the test; nothing is ever an error. */
export type Operator =
  /** The value; numbers are compared by what they count. */
  | { equals: unknown }
  /** Anything else, also where the path leads nowhere. */
  | { notEquals: unknown }
  /** Two numbers, or two texts by their characters. */
  | { greater: number | string }
  | { greaterOrEqual: number | string }
  | { less: number | string }
  | { lessOrEqual: number | string }
  /** One of these. */
  | { in: readonly unknown[] }
  /** A text with that text in it, a list with that value, an object with a member of that name. */
  | { contains: unknown }
  /** A path that leads somewhere, or nowhere. */
  | { exists: boolean };

/** A test of a value, or of what a path into it (`a.b.0`) leads to. */
export type Test = Operator & { path?: string | undefined };

/** A test, several together, or a value that must be equal: `{ path: 'score', greaterOrEqual: 8 }`, `'yes'`. */
export type Predicate = Scalar | Test | { all: readonly Predicate[] } | { any: readonly Predicate[] } | { not: Predicate };

/**
 * Decides an edge by what its source gave: plain or asynchronous. It must give true or false; what it throws fails the source, whose
 * output is kept. `context` is the source's.
 */
export type EdgeFunction = (output: any, context: FunctionContext) => boolean | PromiseLike<boolean>;

/**
 * When an edge is taken: by what its source gave, when no other edge with a predicate or a function is, or when its source failed. A
 * function is no data: in JSON there stands only that there is one.
 */
export type EdgeCondition = Predicate | EdgeFunction | { otherwise: true } | { failed: true };
