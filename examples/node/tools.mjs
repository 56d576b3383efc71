// Tools and answers of a given form: the model asks for a function of this program, and its last answer is a value.
import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';

const client = new LlmClient(LlmConfig.openai());

const tools = [{
  name: 'get_weather',
  description: 'The temperature in a city, in degrees Celsius.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}];
const functions = { get_weather: ({ city }) => `${city}: ${10 + (city.length % 15)} degrees` };

const messages = [{ role: 'user', content: 'Is it warmer in Graz or in Oslo?' }];
let reply = await client.completeFull(messages, { tools });
for (let turn = 1; reply.toolCalls.length > 0 && turn <= 5; turn++) {
  messages.push(reply.message); // with the calls, and whatever the vendor wants to have back
  for (const { id, name, arguments: text } of reply.toolCalls) {
    console.log(`the model calls ${name} with ${text}`);
    const content = functions[name](JSON.parse(text));
    messages.push({ role: 'tool', content: [{ type: 'tool_result', id, name, content }] });
  }
  reply = await client.completeFull(messages, { tools });
}
console.log(reply.text);

// The value is checked against the schema, whatever the vendor promises; one that does not fit is repaired once.
const schema = { type: 'object', properties: { warmer: { type: 'string' }, sure: { type: 'boolean' } }, required: ['warmer', 'sure'] };
const { output, usage } = await client.completeFull('Which of the two is warmer, and are you sure?', { output: { schema } });
console.log(output, `${usage.input} tokens read, ${usage.output} written`);
