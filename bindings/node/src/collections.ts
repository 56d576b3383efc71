// V8's collections of its whole heap, as a program can see them.
import v8 from 'node:v8';

/** V8's heap now, in bytes. @internal */
export const heapBytes = (): number => v8.getHeapStatistics().total_heap_size;

/** Watches them for as long as it is kept: an object dies in each that the collections of V8's nursery leave alone. @internal */
export class Collections {
  /** How many there were. */
  count = 0;
  /** The heap after the last one. */
  heapAfter = heapBytes();
  readonly #canaries = new FinalizationRegistry<undefined>(() => {
    this.count++;
    this.heapAfter = heapBytes();
    this.#canaries.register({}, undefined);
  });

  constructor() {
    this.#canaries.register({}, undefined);
  }
}
