// What a pull brings at once, handed out one by one.

const DONE = { done: true, value: undefined } as const;

/** Where a reader gets its pieces. @internal */
export interface Source<T> {
  /** All that has arrived, at least one piece; `null` at the end. */
  pull(): Promise<T[] | null>;
  close(): void;
}

/** An iterator over the pieces of a source. Calls of `next` that overlap are answered in their order. @internal */
export class Reader<T> implements AsyncIterator<T, undefined> {
  readonly #source: Source<T>;
  #ready: T[] = [];
  #at = 0;
  #over = false;
  /** Calls that wait, and the promise of the last of them. */
  #waiting = 0;
  #last: Promise<IteratorResult<T, undefined>> | undefined;

  constructor(source: Source<T>) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#last) {
      if (this.#at < this.#ready.length) return Promise.resolve(this.#take());
      if (this.#over) return Promise.resolve(DONE);
    }
    this.#waiting++;
    return (this.#last = this.#last ? this.#after(this.#last) : this.#pull());
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#over = true;
    this.#ready = [];
    this.#source.close();
    return Promise.resolve(DONE);
  }

  #take(): IteratorResult<T, undefined> {
    const value = this.#ready[this.#at] as T;
    this.#ready[this.#at++] = undefined as T; // handed out: not ours to keep
    return { done: false, value };
  }

  #after(last: Promise<unknown>): Promise<IteratorResult<T, undefined>> {
    const step = (): IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>> => this.#step();
    return last.then(step, step);
  }

  #step(): IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>> {
    if (this.#at < this.#ready.length) return this.#answered(this.#take());
    return this.#over ? this.#answered(DONE) : this.#pull();
  }

  #pull(): Promise<IteratorResult<T, undefined>> {
    return this.#source.pull().then(
      (brought) => {
        if (this.#over || brought === null) {
          this.#over = true;
          return this.#answered(DONE);
        }
        this.#ready = brought;
        this.#at = 0;
        return this.#step();
      },
      (error: unknown) => {
        const returned = this.#over; // who has left does not want to hear of it
        this.#over = true;
        this.#answered(DONE);
        if (returned) return DONE;
        throw error;
      },
    );
  }

  /** One call waits no more. */
  #answered(result: IteratorResult<T, undefined>): IteratorResult<T, undefined> {
    if (--this.#waiting === 0) this.#last = undefined;
    return result;
  }
}
