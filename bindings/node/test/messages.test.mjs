// Conversations of parts, tools and forms: what reaches the server, what comes back, and what is refused before anything is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertError, rejection, startServer } from './support.mjs';

const server = await startServer();

/** The body of the only request since `work` began. */
async function sent(work) {
  await server.clear();
  await work();
  const journal = await server.journal();
  assert.equal(journal.length, 1);
  return journal[0].body;
}

const weather = { name: 'get_weather', description: 'The weather.', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);

test('images go as bytes or by address', async () => {
  const body = await sent(() => server.client().complete([{
    role: 'user',
    content: [
      { type: 'text', text: 'What is this?' },
      { type: 'image', data: PNG, mediaType: 'image/png', detail: 'low' },
      { type: 'image', url: 'https://example.com/cat.png' },
    ],
  }]));
  assert.deepEqual(body.messages[0].content, [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${Buffer.from(PNG).toString('base64')}`, detail: 'low' } },
    { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
  ]);
});

test('a tool is offered, called and answered', async () => {
  const client = server.client({ tool: 'get_weather', arguments: { city: 'Graz' } });
  const messages = [{ role: 'user', content: 'The weather in Graz?' }];
  const reply = await client.completeFull(messages, { tools: [weather], toolChoice: 'required' });
  assert.equal(reply.toolCalls[0].name, 'get_weather');
  assert.equal(reply.output, undefined);
  const [call] = reply.toolCalls;
  messages.push(reply.message, { role: 'tool', content: [{ type: 'tool_result', id: call.id, content: '18 °C' }] });
  const body = await sent(() => server.client({ text: '18 degrees.' }).complete(messages, { tools: [weather], parallelToolCalls: false }));
  assert.deepEqual(body.tools, [{ type: 'function', function: { ...weather } }]);
  assert.equal(body.parallel_tool_calls, false);
  assert.deepEqual(body.messages.map((message) => message.role), ['user', 'assistant', 'tool']);
  assert.equal(body.messages[1].tool_calls[0].id, call.id);
  assert.deepEqual(JSON.parse(body.messages[1].tool_calls[0].function.arguments), { city: 'Graz' });
  assert.deepEqual([body.messages[2].tool_call_id, body.messages[2].content], [call.id, '18 °C']);
});

const person = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'], additionalProperties: false };

test('calls that a provider made itself are not sent back', async () => {
  const search = { type: 'tool_call', id: 's', name: 'web_search', arguments: { q: 'Graz' }, providerExecuted: true };
  const body = await sent(() => server.client().complete([
    { role: 'user', content: 'The weather?' },
    { role: 'assistant', content: [search, { type: 'text', text: 'Sunny.' }] },
    { role: 'user', content: 'Thanks.' },
  ]));
  assert.deepEqual(body.messages[1], { role: 'assistant', content: 'Sunny.' });
});

test('an answer of a given form comes as its value', async () => {
  const client = server.client({ text: '```json\n{"name":"Ada","age":36}\n```' });
  let reply;
  const body = await sent(async () => {
    reply = await client.completeFull('Who?', { output: { schema: person, name: 'person' } });
  });
  assert.deepEqual(reply.output, { name: 'Ada', age: 36 });
  assert.equal(reply.text, '{"name":"Ada","age":36}');
  assert.equal(body.response_format.type, 'json_schema');
  assert.equal(body.response_format.json_schema.name, 'person');
});

test('an answer that does not fit is repaired once, then told', async () => {
  await server.clear();
  const error = await rejection(server.client({ text: '{"name":"Ada"}' }).completeFull('Who?', { output: { schema: person } }));
  assertError(error, 'OUTPUT');
  assert.match(error.message, /"age" is a required property/);
  const journal = await server.journal();
  assert.equal(journal.length, 2);
  assert.match(journal[1].body.messages.at(-1).content, /does not fit the schema/);
});

test('a stream of a given form is checked at its end', async () => {
  const stream = server.client({ text: 'no JSON' }).stream('Who?', { output: { schema: person } });
  const chunks = [];
  const error = await rejection((async () => { for await (const chunk of stream) chunks.push(chunk); })());
  assertError(error, 'OUTPUT');
  assert.equal(chunks.join(''), 'no JSON');
});

test('settings reach the wire', async () => {
  const body = await sent(() => server.client().complete('hi', {
    topP: 0.9, presencePenalty: 0.5, frequencyPenalty: -0.5, logprobs: 2, reasoningEffort: 'low', cacheKey: 'k', extra: { user: 'u', temperature: null }, temperature: 1,
  }));
  assert.deepEqual(
    [body.top_p, body.presence_penalty, body.frequency_penalty, body.logprobs, body.top_logprobs, body.reasoning_effort, body.prompt_cache_key, body.user],
    [0.9, 0.5, -0.5, true, 2, 'low', 'k', 'u'],
  );
  assert.equal('temperature' in body, false);
});

test('what nobody could read is refused before anything is sent', async () => {
  await server.clear();
  const client = server.client();
  const part = (part) => client.complete([{ role: 'user', content: [part] }]);
  for (const [work, said] of [
    [() => part({ type: 'picture', url: 'x' }), /part 0 has the unknown type "picture": known are text, image/],
    [() => part({ type: 'image' }), /give one of data \(with mediaType\), url and fileId$/],
    [() => part({ type: 'image', data: PNG }), /data needs a mediaType/],
    [() => part({ type: 'image', url: 'https://a', fileId: 'b' }), /not url and fileId/],
    [() => part({ type: 'image', data: 7, mediaType: 'image/png' }), /must be bytes/],
    [() => part({ type: 'text' }), /needs a text/],
    [() => part({ type: 'text', text: 'a', txet: 'b' }), /has no member "txet"/],
    [() => part({ type: 'image', url: 'cat.png' }), /must be absolute/],
    [() => client.complete([{ role: 'user', content: 7 }]), /message 0 must have a content that is a string or an array of parts, not number/],
    [() => client.complete([{ role: 'robot', content: 'a' }]), /unknown role "robot"/],
    [() => client.complete([{ role: 'tool', content: [{ type: 'tool_result', id: 'x', content: 'y' }] }]), /answers no call/],
    [() => client.complete('hi', { tools: [{ name: 'get weather' }] }), /the tool name "get weather"/],
    [() => client.complete('hi', { tools: [{ name: 'f', params: {} }] }), /unknown member of tool 0 "params"/],
    [() => client.complete('hi', { toolChoice: 'required' }), /there are none/],
    [() => client.complete('hi', { toolChoice: 'sometimes' }), /toolChoice must be/],
    [() => client.complete('hi', { output: person }), /unknown member of output "type"/],
    [() => client.complete('hi', { output: { schema: { type: 'strng' } } }), /schema of output cannot be used/],
    [() => client.complete('hi', { reasoningEffort: 'extreme' }), /reasoningEffort must be one of/],
    [() => client.complete('hi', { logprobs: 21 }), /logprobs must be/],
  ]) {
    const error = await rejection(work());
    assertError(error, 'INVALID_INPUT');
    assert.match(error.message, said);
  }
  assert.equal((await server.journal()).length, 0);
});
