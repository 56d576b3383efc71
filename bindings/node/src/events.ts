// What happens in a run, as it happens: typed, in order, complete up to a bound that is told when it is reached.
import { type GraphBitError, type Thrown, errorFromFields } from './error.js';
import type { MemoryUse } from './memory.js';
import type { NativeRun } from './native.js';
import { Reader } from './reader.js';
import type { NodeMemory, NodeStatus } from './result.js';
import type { FinishReason, Usage } from './stream.js';

/**
 * A step of a run. The first and the last are `run.started` and `run.finished`; a node's events come between those of its beginning and
 * its end. A node of a body is named by its path, with the number of the item or the turn, as in `each/3/summary`.
 */
export type RunEvent =
  | { type: 'run.started'; runId: string; workflow: string }
  /** It has not begun: what its executor, or the process, holds has reached a soft limit, and other runs are under way. */
  | { type: 'run.waiting'; runId: string }
  | { type: 'node.started'; nodeId: string }
  /** An attempt failed, counted from 1, and another one follows. */
  | { type: 'node.retried'; nodeId: string; attempt: number; error: GraphBitError }
  /** The node's model writes. */
  | { type: 'node.delta'; nodeId: string; kind: 'text' | 'reasoning' | 'tool_call'; text: string }
  /** The node waits for `run.answer(nodeId, value)`. */
  | { type: 'node.paused'; nodeId: string; question: any }
  /** The node never starts. */
  | { type: 'node.skipped'; nodeId: string; status: 'skipped' | 'notTaken' }
  | {
    type: 'node.finished';
    nodeId: string;
    status: NodeStatus;
    /** `null` where it has none. */
    output: any;
    /** Also where a fallback or the node's policy took the place of the failure. */
    error: GraphBitError | null;
    durationMs: number;
    attempts: number;
    usage: Usage | null;
    finishReason: FinishReason | null;
    memory: NodeMemory;
  }
  /** The program's own, by `context.emit`. */
  | { type: 'custom'; nodeId: string; name: string; data: any }
  /** So many events were dropped here: 4,096 wait for a reader that is slow, or a mebibyte of them. */
  | { type: 'lagged'; missed: number }
  | { type: 'run.finished'; runId: string; status: 'succeeded' | 'failed' | 'cancelled'; error: GraphBitError | null; durationMs: number; memory: MemoryUse };

/** Reads a run's events: one crossing into native code brings all that have arrived. @internal */
export function reader(run: NativeRun, thrown: Thrown, atEnd: () => Promise<unknown>, onLeave: () => void): Reader<RunEvent> {
  const parse = (json: string): RunEvent[] => {
    const events = JSON.parse(json) as RunEvent[];
    for (const event of events) {
      if ('error' in event && event.error) event.error = errorFromFields(event.error, thrown);
    }
    return events;
  };
  return new Reader<RunEvent>({
    pull: () => run.nextEvents().then((json) => (json === null ? atEnd().then(() => null) : parse(json))),
    close: () => {
      run.closeEvents();
      onLeave();
    },
  });
}
