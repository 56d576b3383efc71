// Embeddings: the request checked and written for native code, the vectors as views of the one buffer that comes back.
import { checkOptions, checkSignal, checkWhole, invalidInput, toJson, typeName } from './check.js';
import type { NativeEmbeddings } from './native.js';
import type { Usage } from './stream.js';

/** What a call for embeddings may say. */
export interface EmbedOptions {
  /** Unset, it is the configured model where its name has `embed` in it or the vendor has no usual one; else the vendor's usual one. */
  model?: string | undefined;
  /** How many numbers a vector shall have, where the model can choose. */
  dimensions?: number | undefined;
  /** Whether the texts are to search with or to be found. Models that make no difference are not told. */
  purpose?: 'query' | 'document' | undefined;
  /** Merged into the body of every request. */
  extra?: Record<string, unknown> | undefined;
  signal?: AbortSignal | undefined;
}

/** Vectors, with what is known of them. */
export interface Embeddings {
  /** One a text, in their order: views of one buffer, which lives as long as any of them. */
  vectors: Float32Array[];
  dimensions: number;
  model: string | null;
  usage: Usage | null;
}

const EMBED = ['model', 'dimensions', 'purpose', 'extra', 'signal'] as const;

/** @internal */
export function embedOptions(options: EmbedOptions | undefined | null): EmbedOptions {
  const { model, dimensions, purpose, extra, signal } = checkOptions(options ?? undefined, EMBED, 'embed option');
  checkSignal(signal);
  checkWhole('dimensions', dimensions);
  if (model !== undefined && model !== null && typeof model !== 'string') throw invalidInput(`model must be a string, not ${typeName(model)}`);
  if (purpose !== undefined && purpose !== null && purpose !== 'query' && purpose !== 'document') {
    throw invalidInput(`purpose must be 'query' or 'document', not ${typeof purpose === 'string' ? `'${String(purpose)}'` : typeName(purpose)}`);
  }
  return { model, dimensions, purpose, extra: extra ?? {}, signal };
}

/** @internal */
export function embedRequestOf(texts: string | readonly string[], { signal: _, ...options }: EmbedOptions): string {
  const list = typeof texts === 'string' ? [texts] : texts;
  if (!Array.isArray(list)) throw invalidInput(`texts must be a string or an array of strings, not ${typeName(list)}`);
  for (const [index, text] of list.entries()) {
    if (typeof text !== 'string') throw invalidInput(`text ${index} must be a string, not ${typeName(text)}`);
  }
  return toJson({ texts: list, ...options }, 'the request');
}

/** @internal */
export function embeddings([values, known]: NativeEmbeddings): Embeddings {
  const { dimensions, model, usage } = JSON.parse(known) as Omit<Embeddings, 'vectors'>;
  const vectors: Float32Array[] = [];
  for (let start = 0; start < values.length; start += dimensions) vectors.push(values.subarray(start, start + dimensions));
  return { vectors, dimensions, model, usage };
}

/** @internal */
export const vectors = (native: NativeEmbeddings): Float32Array[] => embeddings(native).vectors;

/** The vector of the only text. @internal */
export const vector = ([values]: NativeEmbeddings): Float32Array => values;
