// LlmConfig: which model to ask. The key goes straight into native memory; no object here holds it.
import { inspect } from 'node:util';
import { checkFinite, toJson, typeName } from './check.js';
import { GraphBitError } from './error.js';
import { native, type NativeConfig } from './native.js';
import type { PolicyOptions } from './policies.js';
import type { Sampling } from './request.js';

/** Milliseconds. */
export interface Timeouts {
  /** To open a connection (10,000). */
  connect?: number | undefined;
  /** To the reply's headers (600,000). */
  headers?: number | undefined;
  /** To the first event (600,000). */
  firstEvent?: number | undefined;
  /** Between two reads of the reply (300,000). */
  idle?: number | undefined;
  /** For a whole attempt (none). */
  total?: number | undefined;
}

/** What every factory takes. */
export interface LlmOptions extends Sampling, PolicyOptions {
  /** Without it, the vendor's environment variable is read. It is checked at the first request. */
  apiKey?: string | undefined;
  /** Which API of a vendor that has several: OpenAI and most like it have `responses` beside `chat-completions`, some Anthropic's `messages` too. */
  api?: 'chat-completions' | 'responses' | 'messages' | undefined;
  model?: string | undefined;
  /** Another server that speaks the same wire; no key is needed there. */
  baseUrl?: string | undefined;
  /** How often a call that failed before its first event is tried again (2). */
  maxRetries?: number | undefined;
  timeouts?: Timeouts | undefined;
  /** The most bytes of a whole reply (64 MiB) and of one event of a stream (16 MiB). */
  limits?: { bodyBytes?: number | undefined; eventBytes?: number | undefined } | undefined;
  /** Added to every request. */
  headers?: Record<string, string> | undefined;
  /** Merged into every request's body (JSON Merge Patch): `null` takes a member out. */
  extra?: Record<string, unknown> | undefined;
}

let names: string[] | undefined;

/** The variables that matter, with their values: read here, because workers have an environment of their own. */
function environment(): string[] {
  names ??= [...new Set(native.environmentNames())];
  return names.flatMap((name) => (process.env[name] ? [name, process.env[name] as string] : []));
}

/** What is behind a value, if it is a configuration. */
let behind: (value: unknown) => NativeConfig | undefined;

/** A model of a vendor, or of any server that speaks its wire. Making one sends nothing. */
export class LlmConfig {
  static {
    behind = (value) => (typeof value === 'object' && value !== null && #native in value ? value.#native : undefined);
  }

  readonly #native: NativeConfig;

  private constructor(vendor: string, options: LlmOptions) {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw new GraphBitError('CONFIG', `the options of LlmConfig must be an object, as in { apiKey: process.env.OPENAI_API_KEY }, not ${typeName(options)}`);
    }
    const { apiKey, fallback, ...rest } = options;
    if (apiKey !== undefined && apiKey !== null && typeof apiKey !== 'string') {
      throw new GraphBitError('CONFIG', `apiKey must be a string, not ${typeName(apiKey)}`);
    }
    const { timeouts, rateLimit, circuitBreaker, cache, prices } = rest;
    for (const group of [rest, timeouts, rateLimit, circuitBreaker, cache, ...Object.values(prices ?? {})]) {
      for (const [name, value] of Object.entries(group ?? {})) checkFinite(name, value, 'CONFIG');
    }
    const others = fallbackOf(fallback);
    this.#native = native.NativeConfig.create(vendor, toJson(rest, 'an option', 'CONFIG'), apiKey ?? undefined, environment(), others);
  }

  /** `vendor/model`, as in `openai/gpt-4.1-mini`; the model may have slashes of its own. */
  static from(name: string, options: LlmOptions = {}): LlmConfig {
    const slash = typeof name === 'string' ? name.indexOf('/') : -1;
    if (slash < 1 || slash === name.length - 1) {
      const given = typeof name === 'string' ? `"${name}"` : typeName(name);
      throw new GraphBitError('CONFIG', `LlmConfig.from takes "vendor/model", as in "openai/gpt-4.1-mini", not ${given}`);
    }
    return new LlmConfig(name.slice(0, slash), named(options, name.slice(slash + 1)));
  }

  /** OpenAI chat completions, or any server that speaks it. */
  static openai(options: LlmOptions = {}): LlmConfig { return new LlmConfig('openai', options); }
  static ai21(options: LlmOptions = {}): LlmConfig { return new LlmConfig('ai21', options); }
  static alibaba(options: LlmOptions = {}): LlmConfig { return new LlmConfig('alibaba', options); }
  static anthropic(options: LlmOptions = {}): LlmConfig { return new LlmConfig('anthropic', options); }
  /** Claude in Microsoft Foundry: `baseUrl` is `https://RESOURCE.services.ai.azure.com/anthropic`, the model a deployment. */
  static azureAnthropic(options: LlmOptions = {}): LlmConfig { return new LlmConfig('azure-anthropic', options); }
  /** A key of Bedrock's API, or the AWS access keys of the environment; the region is `AWS_REGION`'s or `baseUrl`'s. */
  static bedrock(options: LlmOptions = {}): LlmConfig { return new LlmConfig('bedrock', options); }
  static bytedance(options: LlmOptions = {}): LlmConfig { return new LlmConfig('bytedance', options); }
  static cerebras(options: LlmOptions = {}): LlmConfig { return new LlmConfig('cerebras', options); }
  static cohere(options: LlmOptions = {}): LlmConfig { return new LlmConfig('cohere', options); }
  static deepseek(options: LlmOptions = {}): LlmConfig { return new LlmConfig('deepseek', options); }
  static fireworks(options: LlmOptions = {}): LlmConfig { return new LlmConfig('fireworks', options); }
  static gemini(options: LlmOptions = {}): LlmConfig { return new LlmConfig('gemini', options); }
  static groq(options: LlmOptions = {}): LlmConfig { return new LlmConfig('groq', options); }
  static huggingface(options: LlmOptions = {}): LlmConfig { return new LlmConfig('huggingface', options); }
  static minimax(options: LlmOptions = {}): LlmConfig { return new LlmConfig('minimax', options); }
  static mistral(options: LlmOptions = {}): LlmConfig { return new LlmConfig('mistral', options); }
  static moonshot(options: LlmOptions = {}): LlmConfig { return new LlmConfig('moonshot', options); }
  static ollama(options: LlmOptions = {}): LlmConfig { return new LlmConfig('ollama', options); }
  static openrouter(options: LlmOptions = {}): LlmConfig { return new LlmConfig('openrouter', options); }
  static perplexity(options: LlmOptions = {}): LlmConfig { return new LlmConfig('perplexity', options); }
  static together(options: LlmOptions = {}): LlmConfig { return new LlmConfig('together', options); }
  static venice(options: LlmOptions = {}): LlmConfig { return new LlmConfig('venice', options); }
  /** Gemini on Vertex AI: `baseUrl` names project and region, `apiKey` is an OAuth access token, which you renew (it lives an hour). */
  static vertexGemini(options: LlmOptions = {}): LlmConfig { return new LlmConfig('vertex-gemini', options); }
  /** Claude on Vertex AI: `baseUrl` is `https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION`, and `apiKey` an access token, which you fetch and renew. */
  static vertexAnthropic(options: LlmOptions = {}): LlmConfig { return new LlmConfig('vertex-anthropic', options); }
  static xai(options: LlmOptions = {}): LlmConfig { return new LlmConfig('xai', options); }
  static zai(options: LlmOptions = {}): LlmConfig { return new LlmConfig('zai', options); }

  provider(): string { return this.#native.provider(); }
  model(): string { return this.#native.model(); }
  toJSON(): { provider: string; model: string } { return { provider: this.provider(), model: this.model() }; }
  toString(): string { return `${this.provider()}/${this.model()}`; }
  [inspect.custom](): string { return `LlmConfig(${this.toString()})`; }
}

/** The model's name among the options; what is no options is left for the check. */
function named(options: LlmOptions, model: string): LlmOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  return { ...options, model: options.model ?? model };
}

function fallbackOf(configs: unknown): NativeConfig[] {
  if (configs === undefined || configs === null) return [];
  if (!Array.isArray(configs)) throw new GraphBitError('CONFIG', `fallback must be an array of LlmConfig, not ${typeName(configs)}`);
  return configs.map((config, index) => {
    const found = behind(config);
    if (!found) throw new GraphBitError('CONFIG', `fallback[${index}] is not an LlmConfig: make one with LlmConfig.openai({ … }) or LlmConfig.from("vendor/model")`);
    return found;
  });
}

/** The native side of a configuration. @internal */
export function configOf(config: unknown): NativeConfig {
  const found = behind(config);
  if (!found) throw new GraphBitError('CONFIG', 'not an LlmConfig: make one with LlmConfig.openai({ … }) or LlmConfig.from("vendor/model")');
  return found;
}
