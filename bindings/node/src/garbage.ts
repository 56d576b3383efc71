// V8's garbage keeps native memory, and V8 looks only when a program allocates: it is asked to when a burst is over.
import v8 from 'node:v8';
import { native } from './native.js';

/** So many bytes, or a quarter of V8's heap, must have come together: what it costs to look grows with the heap. */
const LEAST = 8 * 1024 * 1024;
/** A collection that was asked for goes on beside the program; after so many ms it is not waited for any more. */
const LONGEST = 5000;

const heapBytes = (): number => v8.getHeapStatistics().total_heap_size;

/** The heap after the last collection that was asked for. */
let after = 0;
/** Bytes of native memory that JavaScript's objects got since. */
let handedOver = 0;
/** When the one that is under way was asked for. */
let asked = -Infinity;

/** Its objects die in collections of the whole heap. */
const canaries = new FinalizationRegistry<undefined>(() => {
  asked = -Infinity;
  after = heapBytes();
  collectWhereWorth(0); // what was asked meanwhile
});

/** Has V8 collect where that is worth it; called when nothing is under way, or memory is short, with what was handed over. @internal */
export function collectWhereWorth(bytes: number): void {
  handedOver += bytes;
  const now = performance.now();
  if (now - asked < LONGEST || heapBytes() - after + handedOver < Math.max(LEAST, after / 4)) return;
  asked = now;
  handedOver = 0;
  canaries.register({}, undefined); // before it begins: what is made meanwhile lives on
  native.collectGarbage();
}
