// Prompts, messages and call options, checked and written for native code.
import { checkOptions, checkSignal, checkWhole, invalidInput, toJson, typeName } from './check.js';
import { type Message, type OutputSchema, type Tool, type ToolChoice, wireMessages } from './message.js';

/** What a model may be told about how to answer. */
export interface Sampling {
  /** The most tokens of the answer. */
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  stop?: string[] | undefined;
  seed?: number | undefined;
  /** Sampling among so many of the likeliest tokens. */
  topK?: number | undefined;
  /** From -2 to 2: how much tokens that have come up before are avoided. */
  presencePenalty?: number | undefined;
  /** From -2 to 2: how much tokens are avoided that have come up often. */
  frequencyPenalty?: number | undefined;
  /** Asks for the probability of each token, and of so many alternatives to it (0 to 20). */
  logprobs?: number | undefined;
  /** How much the model should think before it answers. */
  reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | undefined;
  /** The most tokens of thinking, where the vendor counts them. */
  reasoningBudget?: number | undefined;
  /** Requests that begin alike and share this key find each other's cached prompts, where the vendor has such a key. */
  cacheKey?: string | undefined;
}

/** What a single call may say. */
export interface CallOptions extends Sampling {
  /** Instructions before the prompt. */
  system?: string | undefined;
  /** The tools that the model may call. */
  tools?: Tool[] | undefined;
  toolChoice?: ToolChoice | undefined;
  /** Whether the model may call several tools in one turn. */
  parallelToolCalls?: boolean | undefined;
  /** The form that the answer must have. */
  output?: OutputSchema | undefined;
  /** Merged into the request's body (JSON Merge Patch): `null` takes a member out. */
  extra?: Record<string, unknown> | undefined;
  signal?: AbortSignal | undefined;
}

/** @internal */
export const SAMPLING = [
  'maxTokens', 'temperature', 'topP', 'stop', 'seed', 'topK', 'presencePenalty', 'frequencyPenalty', 'logprobs', 'reasoningEffort', 'reasoningBudget', 'cacheKey',
] as const;
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'];
const CALL = [...SAMPLING, 'system', 'tools', 'toolChoice', 'parallelToolCalls', 'output', 'extra', 'signal'] as const;

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
export function checkSampling(options: Sampling): void {
  const { maxTokens, temperature, topP, stop, seed, logprobs, reasoningEffort, cacheKey } = options;
  if (typeof maxTokens === 'number' && maxTokens <= 0) throw invalidInput('max_tokens must be greater than 0');
  checkWhole('max_tokens', maxTokens);
  checkWhole('topK', options.topK);
  checkWhole('reasoningBudget', options.reasoningBudget);
  if (!within(temperature, 0, 2)) throw invalidInput('temperature must be between 0.0 and 2.0');
  if (!within(topP, 0, 1)) throw invalidInput('topP must be between 0.0 and 1.0');
  if (!within(options.presencePenalty, -2, 2)) throw invalidInput('presencePenalty must be between -2.0 and 2.0');
  if (!within(options.frequencyPenalty, -2, 2)) throw invalidInput('frequencyPenalty must be between -2.0 and 2.0');
  if (!within(logprobs, 0, 20) || (given(logprobs) && !Number.isInteger(logprobs))) throw invalidInput('logprobs must be a whole number between 0 and 20');
  if (given(seed) && !Number.isSafeInteger(seed)) throw invalidInput(`seed must be a whole number, not ${typeName(seed)}`);
  if (given(stop) && !(Array.isArray(stop) && stop.every((text) => typeof text === 'string'))) throw invalidInput('stop must be an array of strings');
  if (given(reasoningEffort) && !EFFORTS.includes(reasoningEffort as string)) throw invalidInput(`reasoningEffort must be one of ${EFFORTS.join(', ')}`);
  if (given(cacheKey) && typeof cacheKey !== 'string') throw invalidInput(`cacheKey must be a string, not ${typeName(cacheKey)}`);
}

/** A number of a range, or nothing. */
const within = (value: unknown, low: number, high: number): boolean => !given(value) || (typeof value === 'number' && value >= low && value <= high);
const given = (value: unknown): boolean => value !== undefined && value !== null;

/** @internal */
export function checkPrompt(prompt: unknown): string {
  if (typeof prompt !== 'string') throw invalidInput(`the prompt must be a string, not ${typeName(prompt)}`);
  if (prompt.trim() === '') throw invalidInput('Prompt cannot be empty');
  return prompt;
}

function messagesOf(prompt: string | Message[], system: string | null | undefined): unknown[] {
  const first = given(system) ? [{ role: 'system', content: system }] : [];
  return [...first, ...(Array.isArray(prompt) ? wireMessages(prompt) : [{ role: 'user', content: checkPrompt(prompt) }])];
}

function checkTools({ tools, toolChoice, parallelToolCalls, output }: CallOptions): void {
  if (given(tools) && !Array.isArray(tools)) throw invalidInput(`tools must be an array of { name, description, parameters }, not ${typeName(tools)}`);
  for (const [index, tool] of (tools ?? []).entries()) {
    if (typeof tool !== 'object' || tool === null || typeof tool.name !== 'string') throw invalidInput(`tool ${index} must be { name, description, parameters }`);
    checkOptions(tool, ['name', 'description', 'parameters', 'strict'], `member of tool ${index}`);
  }
  if (given(toolChoice) && !['auto', 'none', 'required'].includes(toolChoice as string) && typeof (toolChoice as { tool?: unknown }).tool !== 'string') {
    throw invalidInput("toolChoice must be 'auto', 'none', 'required' or { tool: 'name' }");
  }
  if (given(parallelToolCalls) && typeof parallelToolCalls !== 'boolean') throw invalidInput(`parallelToolCalls must be a boolean, not ${typeName(parallelToolCalls)}`);
  if (!given(output)) return;
  checkOptions(output, ['schema', 'name', 'description', 'strict'], 'member of output');
  if (typeof output?.schema !== 'object' || output.schema === null) throw invalidInput('output must be { schema }, a JSON Schema');
}

/** @internal */
export function requestOf(prompt: string | Message[], options: CallOptions): string {
  const { system, tools, toolChoice, parallelToolCalls, output, extra } = options;
  checkTools(options);
  const request = {
    messages: messagesOf(prompt, system), settings: sampling(options),
    tools: tools ?? [], toolChoice, parallelToolCalls, output, extra: extra ?? {},
  };
  return toJson(request, 'the request');
}
