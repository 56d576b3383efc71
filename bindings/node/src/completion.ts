// A whole reply: its message as it came, and what most readers want of it.
import type { Message, Part, ToolCallPart } from './message.js';
import type { FinishReason, Usage } from './stream.js';

/** A call of a tool that the model asks for. */
export interface ToolCall {
  /** To answer with. */
  id: string | null;
  name: string;
  /** JSON text; not valid where the model was cut off. */
  arguments: string;
  /** The vendor called the tool itself: there is nothing to answer. */
  providerExecuted?: true;
}

/** How likely a token was. */
export interface TokenLogprob {
  token: string;
  /** The natural logarithm of its probability. */
  logprob: number;
  /** The likeliest tokens in its place, with theirs. */
  top?: [string, number][];
}

/** A whole reply. */
export interface Completion {
  text: string;
  reasoning: string;
  /** What the model said instead of answering. */
  refusal: string;
  toolCalls: ToolCall[];
  /** The answer's value, where a form was asked for; `undefined` when tools are called first. */
  output?: unknown;
  /** The reply as a turn of the conversation, to be sent back before the results of its calls or the user's next message. */
  message: Message & { role: 'assistant'; content: Part[] };
  finishReason: FinishReason | null;
  finishRaw: string | null;
  usage: Usage | null;
  /** What the reply cost, by the `prices` of the configuration; 0 where it came from the cache, `null` without a price. */
  cost: number | null;
  logprobs: TokenLogprob[];
  model: string | null;
  id: string | null;
}

type WireReply = Omit<Completion, 'text' | 'reasoning' | 'refusal' | 'toolCalls' | 'output' | 'message'> & { content: Part[] };

/** @internal */
export function completionOf(json: string, hasForm: boolean): Completion {
  const { content, ...rest } = JSON.parse(json) as WireReply;
  const text = textOf(content, 'text');
  const calls = content.filter((part): part is ToolCallPart => part.type === 'tool_call');
  return {
    text,
    reasoning: textOf(content, 'reasoning'),
    refusal: textOf(content, 'refusal'),
    toolCalls: calls.map((call) => ({
      id: call.id ?? null,
      name: call.name,
      arguments: call.arguments as string,
      ...(call.providerExecuted === true ? { providerExecuted: true as const } : {}),
    })),
    // A reply that was cut, filtered, declined or calls tools has no value of the form.
    ...(hasForm && rest.finishReason === 'stop' && text !== '' ? { output: JSON.parse(text) as unknown } : {}),
    message: { role: 'assistant', content },
    ...rest,
  };
}

const textOf = (content: Part[], type: 'text' | 'reasoning' | 'refusal'): string =>
  content.map((part) => (part.type === type ? part.text : '')).join('');
