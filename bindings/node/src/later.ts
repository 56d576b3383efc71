// A promise that is settled from outside, and that tells when somebody waits for it.

class Watched<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor { return Promise; }
  onAwait: (() => void) | undefined;
  override then<A = T, B = never>(yes?: ((value: T) => A | PromiseLike<A>) | null, no?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    this.onAwait?.();
    return super.then(yes, no);
  }
}

/** @internal */
export interface Later<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A promise whose rejection is the business of those who ask for it, and of nobody else. @internal */
export function later<T>(onAwait: () => void): Later<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Watched<T>((yes, no) => { resolve = yes; reject = no; });
  promise.catch(() => undefined);
  promise.onAwait = onAwait;
  return { promise, resolve, reject };
}
