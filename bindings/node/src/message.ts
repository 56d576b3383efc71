// Messages and their parts, checked and written for native code.
import { invalidInput, typeName } from './check.js';

/** What a vendor wants to have back exactly as it sent it. To be kept with its part, and not looked into. */
export interface Signature {
  wire: string;
  provider?: string;
  value: string;
}

/** Where an image or a file is: its bytes with their type, an address, or the vendor's id of what was uploaded before. */
export type Media =
  | { data: string | Uint8Array; mediaType: string }
  | { url: string; mediaType?: string | undefined }
  | { fileId: string };

export interface TextPart { type: 'text'; text: string; signature?: Signature | undefined }
export type ImagePart = Media & { type: 'image'; detail?: string | undefined };
export type FilePart = Media & { type: 'file'; name?: string | undefined };
export interface ReasoningPart { type: 'reasoning'; text: string; signature?: Signature | undefined }
export interface RefusalPart { type: 'refusal'; text: string }
/** The model calls a tool. In replies the arguments are JSON text, not valid where the model was cut off. */
export interface ToolCallPart { type: 'tool_call'; id?: string | null | undefined; name: string; arguments: string | Record<string, unknown>; providerExecuted?: boolean | undefined; signature?: Signature | undefined }
/** What a tool gave. Without an id it answers the first call that has no answer yet. */
export interface ToolResultPart { type: 'tool_result'; id?: string | null | undefined; name?: string | undefined; content: string | (TextPart | ImagePart | FilePart)[]; isError?: boolean | undefined }
export type Part = TextPart | ImagePart | FilePart | ReasoningPart | RefusalPart | ToolCallPart | ToolResultPart;

/** One turn of a conversation. */
export interface Message {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | Part[];
  /** A hint: everything up to here comes back in later requests and is worth the vendor's cache. */
  cache?: boolean | undefined;
}

/** A tool that the model may call. */
export interface Tool {
  name: string;
  description?: string | undefined;
  /** The arguments, as a JSON Schema of an object. */
  parameters?: Record<string, unknown> | undefined;
  /** Whether the vendor should hold the model to the schema, where it can. */
  strict?: boolean | undefined;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { tool: string };

/** The form that an answer must have. */
export interface OutputSchema {
  /** A JSON Schema. */
  schema: Record<string, unknown>;
  name?: string | undefined;
  description?: string | undefined;
  /** Whether the vendor should hold the model to the schema while it writes, where it can. */
  strict?: boolean | undefined;
}

const ROLES = ['system', 'user', 'assistant', 'tool'];
/** The members of each kind of part, and of those the texts. */
const PARTS: Record<string, readonly string[]> = {
  text: ['text', 'signature'],
  image: ['data', 'url', 'fileId', 'mediaType', 'detail'],
  file: ['data', 'url', 'fileId', 'mediaType', 'name'],
  reasoning: ['text', 'signature'],
  refusal: ['text'],
  tool_call: ['id', 'name', 'arguments', 'providerExecuted', 'signature'],
  tool_result: ['id', 'name', 'content', 'isError'],
};
const TEXTS = ['text', 'url', 'fileId', 'mediaType', 'detail', 'id', 'name'];

/** A conversation as native code reads it. @internal */
export function wireMessages(messages: readonly Message[]): unknown[] {
  if (messages.length === 0) throw invalidInput('Messages array cannot be empty');
  return messages.map((message, index) => {
    const place = `message ${index}`;
    if (typeof message !== 'object' || message === null) throw invalidInput(`${place} must be { role, content }, not ${typeName(message)}`);
    const { role, content, cache } = message;
    if (!ROLES.includes(role)) {
      throw invalidInput(`${place} has ${typeof role === 'string' ? `the unknown role "${String(role)}"` : `${typeName(role)} for a role`}: known are ${ROLES.join(', ')}`);
    }
    return { role, content: wireContent(content, place), cache: cache === true };
  });
}

function wireContent(content: unknown, place: string): unknown {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw invalidInput(`${place} must have a content that is a string or an array of parts, not ${typeName(content)}`);
  return content.map((part: unknown, index) => wirePart(part, `${place}, part ${index}`));
}

function wirePart(part: unknown, place: string): unknown {
  if (typeof part !== 'object' || part === null) throw invalidInput(`${place} must be an object with a type, not ${typeName(part)}`);
  const { type, ...rest } = part as { type: string } & Record<string, unknown>;
  const known = typeof type === 'string' && Object.hasOwn(PARTS, type) ? PARTS[type] : undefined;
  if (!known) throw invalidInput(`${place} has ${typeof type === 'string' ? `the unknown type "${type}"` : `${typeName(type)} for a type`}: known are ${Object.keys(PARTS).join(', ')}`);
  const out: Record<string, unknown> = { type };
  for (const [name, value] of Object.entries(rest)) {
    if (!known.includes(name)) throw invalidInput(`${place}: a part of type "${type}" has no member "${name}"; it has ${known.join(', ')}`);
    if (value === undefined || value === null) continue;
    if (TEXTS.includes(name) && typeof value !== 'string') throw invalidInput(`${place}: ${name} must be a string, not ${typeName(value)}`);
    out[name] = value;
  }
  if (known.includes('text') && out.text === undefined) throw invalidInput(`${place}: a part of type "${type}" needs a text`);
  if (known.includes('data')) wireMedia(out, place);
  if (type === 'tool_call') {
    if (!out.name) throw invalidInput(`${place}: a tool call needs the name of the tool`);
    out.arguments ??= '';
  }
  if (type === 'tool_result') out.content = wireContent(out.content, place);
  return out;
}

/** Bytes become base64; one of the three ways must be taken. */
function wireMedia(out: Record<string, unknown>, place: string): void {
  const { data } = out;
  if (data instanceof Uint8Array) out.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  else if (data !== undefined && typeof data !== 'string') throw invalidInput(`${place}: data must be bytes (a Uint8Array) or base64, not ${typeName(data)}`);
  const ways = ['data', 'url', 'fileId'].filter((name) => out[name] !== undefined);
  if (ways.length !== 1) throw invalidInput(`${place}: give one of data (with mediaType), url and fileId${ways.length > 1 ? `, not ${ways.join(' and ')}` : ''}`);
  if (data !== undefined && out.mediaType === undefined) throw invalidInput(`${place}: data needs a mediaType, as in "image/png"`);
}
