// What surrounds calls: limits, a circuit breaker, a cache, a second model behind the first, prices, and spans of it all.
import { LlmClient, LlmConfig, onTrace } from '@infinitibit_gmbh/graphbit';

const behind = LlmConfig.openai({ maxRetries: 1 });
const config = LlmConfig.openai({
  baseUrl: 'http://127.0.0.1:9', // nobody is there: the model behind answers
  maxRetries: 0,
  maxConcurrency: 4,
  rateLimit: { requestsPerMinute: 500, maxWaitMs: 10_000 },
  circuitBreaker: { failures: 2, cooldownMs: 30_000 },
  totalTimeoutMs: 60_000,
  fallback: [behind],
  prices: { '*': { input: 0.4, output: 1.6 } }, // a million tokens, in your currency
  trace: true,
});

const stop = onTrace(({ name, durationMs, attributes }) => {
  console.log(`${name}: ${durationMs.toFixed(0)} ms, ${attributes['gen_ai.usage.output_tokens']} tokens written`);
});
const client = new LlmClient(config);
for (const fruit of ['apples', 'pears', 'plums']) {
  const { text, model, cost } = await client.completeFull(`Say one thing about ${fruit}.`, { maxTokens: 40 });
  console.log(`${model}: ${text} (${cost?.toFixed(6)})`);
}
console.log(`together ${client.getStats().cost?.toFixed(6)}`);

// A configuration's cache is shared by all its clients.
const cached = new LlmClient(LlmConfig.openai({ cache: { maxBytes: 1024 * 1024, ttlMs: 60_000 } }));
await cached.complete('Say one thing about quinces.');
console.log(await cached.complete('Say one thing about quinces.'), `(${cached.cache.entries} reply, ${cached.cache.bytes} bytes)`);
cached.cache.clear();
stop();
