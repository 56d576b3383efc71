// V8's garbage keeps native memory, and V8 looks only when a program allocates: it is asked to when a burst is over, or memory short.
import { performance } from 'node:perf_hooks';
import { Collections, heapBytes } from './collections.js';
import { native } from './native.js';

/** So many bytes may be garbage before V8 is asked; and a quarter of its heap, unless memory is short: a look at it costs in proportion. */
const LEAST = 8 * 1024 * 1024;
/** The least ms from one time to the next; where memory stays short, twice as many each time that little came of it, up to the second. */
const [PAUSE, LONGEST_PAUSE] = [500, 10_000];

const collections = new Collections();
/** When V8 was last asked, with which heap, and what had been collected by then. */
let last = { asked: -Infinity, heap: 0, collected: 0 };
let pause = PAUSE;

/**
 * Has V8 collect where that is worth it. Of the native bytes that were handed to JavaScript's objects so far, those of objects that
 * were collected have gone. @internal
 */
export function collectWhereWorth(handedOver: number, collected: number, isShort: boolean): void {
  const [now, heap] = [performance.now(), heapBytes()];
  collections.heapAfter = Math.min(collections.heapAfter, heap);
  const worth = heap - collections.heapAfter + handedOver - collected >= (isShort ? LEAST : Math.max(LEAST, heap / 4));
  if (!worth || now - last.asked < (isShort ? pause : PAUSE)) return;
  const gone = collected - last.collected + Math.max(0, last.heap - heap);
  pause = isShort && gone < Math.max(LEAST, heap / 16) ? Math.min(2 * pause, LONGEST_PAUSE) : PAUSE;
  last = { asked: now, heap, collected };
  native.collectGarbage();
}
