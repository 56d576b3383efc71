// Prompts, messages and call options, checked and written for native code.
import { checkOptions, checkSignal, checkWhole, invalidInput, toJson, typeName } from './check.js';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** What a model may be told about how to answer. */
export interface Sampling {
  /** The most tokens of the answer. */
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  stop?: string[] | undefined;
  seed?: number | undefined;
}

/** What a single call may say. */
export interface CallOptions extends Sampling {
  /** Instructions before the prompt. */
  system?: string | undefined;
  /** Merged into the request's body. */
  extra?: Record<string, unknown> | undefined;
  signal?: AbortSignal | undefined;
}

/** @internal */
export const SAMPLING = ['maxTokens', 'temperature', 'topP', 'stop', 'seed'] as const;
const CALL = [...SAMPLING, 'system', 'extra', 'signal'] as const;

/** Positional or named, as one object. @internal */
export function callOptions(second: number | CallOptions | undefined | null, temperature?: number | null): CallOptions {
  if (second === undefined || second === null || typeof second === 'number') {
    const options = { maxTokens: second ?? undefined, temperature: temperature ?? undefined };
    checkSampling(options);
    return options;
  }
  if (typeof second !== 'object') throw invalidInput(`the second argument must be maxTokens (a number) or an object of options, not ${typeName(second)}`);
  checkOptions(second, CALL, 'call option');
  checkSampling(second);
  checkSignal(second.signal);
  if (given(second.system) && typeof second.system !== 'string') throw invalidInput(`system must be a string, not ${typeName(second.system)}`);
  return second;
}

/** What of the options goes with every request. @internal */
export function sampling(options: Sampling): Record<string, unknown> {
  return Object.fromEntries(SAMPLING.filter((name) => given(options[name])).map((name) => [name, options[name]]));
}

/** @internal */
export function checkSampling({ maxTokens, temperature, topP, stop, seed }: Sampling): void {
  if (typeof maxTokens === 'number' && maxTokens <= 0) throw invalidInput('max_tokens must be greater than 0');
  checkWhole('max_tokens', maxTokens);
  if (given(temperature) && !(typeof temperature === 'number' && temperature >= 0 && temperature <= 2)) {
    throw invalidInput('temperature must be between 0.0 and 2.0');
  }
  if (given(topP) && !(typeof topP === 'number' && topP >= 0 && topP <= 1)) throw invalidInput('topP must be between 0.0 and 1.0');
  if (given(seed) && !Number.isSafeInteger(seed)) throw invalidInput(`seed must be a whole number, not ${typeName(seed)}`);
  if (given(stop) && !(Array.isArray(stop) && stop.every((text) => typeof text === 'string'))) throw invalidInput('stop must be an array of strings');
}

const given = (value: unknown): boolean => value !== undefined && value !== null;

/** @internal */
export function checkPrompt(prompt: unknown): string {
  if (typeof prompt !== 'string') throw invalidInput(`the prompt must be a string, not ${typeName(prompt)}`);
  if (prompt.trim() === '') throw invalidInput('Prompt cannot be empty');
  return prompt;
}

const ROLES = ['system', 'user', 'assistant'];

function messagesOf(prompt: string | Message[], system: string | null | undefined): Message[] {
  const first: Message[] = system === undefined || system === null ? [] : [{ role: 'system', content: system }];
  if (!Array.isArray(prompt)) return [...first, { role: 'user', content: checkPrompt(prompt) }];
  if (prompt.length === 0) throw invalidInput('Messages array cannot be empty');
  for (const [index, message] of prompt.entries()) {
    if (typeof message !== 'object' || message === null || typeof message.role !== 'string' || typeof message.content !== 'string') {
      throw invalidInput(`message ${index} must be { role: 'system' | 'user' | 'assistant', content: string }`);
    }
    if (!ROLES.includes(message.role)) throw invalidInput(`message ${index} has the unknown role "${message.role}": known are ${ROLES.join(', ')}`);
  }
  return [...first, ...prompt];
}

/** @internal */
export function requestOf(prompt: string | Message[], options: CallOptions): string {
  const request = { messages: messagesOf(prompt, options.system), settings: sampling(options), extra: options.extra ?? {} };
  return toJson(request, 'the request');
}
