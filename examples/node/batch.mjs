// Many prompts, a few at a time. One that fails wastes no other.
import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';

const client = new LlmClient(LlmConfig.openai({ maxRetries: 1 }));
const prompts = ['apples', 'pears', 'plums', 'quinces', 'medlars'].map((fruit) => `Say one thing about ${fruit}.`);
const outcomes = await client.completeBatch(prompts, { maxConcurrency: 2, maxTokens: 40, onError: 'collect' });
for (const [index, outcome] of outcomes.entries()) {
  console.log(`${prompts[index]} → ${outcome.status === 'fulfilled' ? outcome.value : `${outcome.reason.code}: ${outcome.reason.message}`}`);
}
console.log(client.getStats());
