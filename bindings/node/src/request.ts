// Prompts, messages and call options, checked and written for native code.
import { checkNames, invalidInput, toJson } from './error.js';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** What a single call may say. */
export interface CallOptions {
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  stop?: string[] | undefined;
  seed?: number | undefined;
  /** Instructions before the prompt. */
  system?: string | undefined;
  /** Merged into the request's body. */
  extra?: Record<string, unknown> | undefined;
  signal?: AbortSignal | undefined;
}

const CALL = ['maxTokens', 'temperature', 'topP', 'stop', 'seed', 'system', 'extra', 'signal'] as const;
const SETTINGS = ['maxTokens', 'temperature', 'topP', 'stop', 'seed'] as const;

/** Positional or named, as one object. @internal */
export function callOptions(second: number | CallOptions | undefined | null, temperature?: number | null): CallOptions {
  if (second === undefined || second === null || typeof second === 'number') {
    return checkNumbers({ maxTokens: second ?? undefined, temperature: temperature ?? undefined });
  }
  if (typeof second !== 'object') throw invalidInput(`the second argument must be maxTokens (a number) or an object of options, not ${typeof second}`);
  checkNames(second, CALL, 'call option');
  return checkNumbers(second);
}

/** @internal */
export function settings(options: CallOptions): Record<string, unknown> {
  return Object.fromEntries(SETTINGS.filter((name) => options[name] !== undefined && options[name] !== null).map((name) => [name, options[name]]));
}

function checkNumbers(options: CallOptions): CallOptions {
  const { maxTokens, temperature } = options;
  if (maxTokens !== undefined && maxTokens !== null && !(Number.isInteger(maxTokens) && maxTokens > 0 && maxTokens < 2 ** 32)) {
    throw invalidInput(typeof maxTokens === 'number' && maxTokens <= 0 ? 'max_tokens must be greater than 0' : `max_tokens must be a whole number, not ${String(maxTokens)}`);
  }
  if (temperature !== undefined && temperature !== null && !(typeof temperature === 'number' && temperature >= 0 && temperature <= 2)) {
    throw invalidInput('temperature must be between 0.0 and 2.0');
  }
  return options;
}

/** @internal */
export function checkPrompt(prompt: unknown): string {
  if (typeof prompt !== 'string') throw invalidInput(`the prompt must be a string, not ${prompt === null ? 'null' : typeof prompt}`);
  if (prompt.trim() === '') throw invalidInput('Prompt cannot be empty');
  return prompt;
}

function messagesOf(prompt: string | Message[], system: string | undefined): Message[] {
  const first: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  if (!Array.isArray(prompt)) return [...first, { role: 'user', content: checkPrompt(prompt) }];
  if (prompt.length === 0) throw invalidInput('Messages array cannot be empty');
  for (const [index, message] of prompt.entries()) {
    if (typeof message !== 'object' || message === null || typeof message.role !== 'string' || typeof message.content !== 'string') {
      throw invalidInput(`message ${index} must be { role: 'system' | 'user' | 'assistant', content: string }`);
    }
  }
  return [...first, ...prompt];
}

/** @internal */
export function requestOf(prompt: string | Message[], options: CallOptions): string {
  const request = { messages: messagesOf(prompt, options.system), settings: settings(options), extra: options.extra ?? {} };
  return toJson(request, 'the request');
}
