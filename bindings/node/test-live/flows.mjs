// The guide's flows on a real model, then what each wire adds to them, which is in files of its own. The model is tiny, so
// only what the protocol promises is checked, never prose.
// A check is one entry of `checks`: a name, and a function that returns a fact worth printing.
// `cargo xtask test-live` starts the server and runs this file.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';

import { checks as answers } from './answers.mjs';
import { checks as embeddings } from './embeddings.mjs';
import { baseUrl, busySlots, config, failure, graphbit, untilBusy, untilIdle, watchingSlots } from './live.mjs';
import { checks as tools } from './tools.mjs';
import { checks as wires } from './wires.mjs';

const { Executor, LlmClient, Node, Workflow } = graphbit;

/** Long enough to be still under way when something is done about it: about 15 s at a hundred tokens a second. */
const LONG = { maxTokens: 1500, temperature: 0 };
const STORY = 'Write a long story about a ship that crosses the sea.';
/** A cancelled stream is gone from the server within this time. */
const RELEASE_MS = 1000;

const MB = 1024 * 1024;
const before = snapshot();

const checks = [
  ['workflow: three agents, one after the other', threeAgents],
  ['stream: chunks arrive one by one and join to the whole text', stream],
  ['stream: the text cannot be asked for after the first chunk', lateText],
  ['complete: maxTokens is respected', maxTokens],
  ['batch: six prompts, two at a time', batch],
  ['batch: a prompt that is too long fails alone, at its own index', batchWithOneFailure],
  ['cancel: leaving the loop frees the server', leaveLoop],
  ['cancel: an AbortSignal frees the server', abortStream],
  ['cancel: a signal already aborted sends nothing', abortedBefore],
  ['cancel: an aborted workflow rejects at once', abortWorkflow],
  ['error: a wrong key', wrongKey],
  ['error: a path the server does not know', unknownPath],
  ['error: nobody listens', nobodyListens],
  ...wires,
  ...tools,
  ...answers,
  ...embeddings,
  ['memory: nothing of all this is kept', memory],
];

// ---- workflows -------------------------------------------------------------------------------------------------------

async function chain() {
  const workflow = new Workflow('Live');
  const options = { maxTokens: 24, temperature: 0 };
  const first = await workflow.addNode(Node.agent('First', 'Name a fruit and say one thing about it.', 'first', options));
  const second = await workflow.addNode(Node.agent('Second', 'Say it in other words: {{first}}', 'second', options));
  const third = await workflow.addNode(Node.agent('Third', 'Give this a title: {{second}}', 'third', options));
  await workflow.connect(first, second);
  await workflow.connect(second, third);
  await workflow.validate();
  return { workflow, ids: [first, second, third] };
}

async function threeAgents() {
  const { workflow, ids } = await chain();
  const result = await new Executor(config()).execute(workflow);
  assert.equal(result.isSuccess(), true, String(result.error()));
  assert.equal(result.error(), null);
  for (const id of ids) {
    const output = result.output(id);
    assert.ok(typeof output === 'string' && output.trim().length > 0, `output of ${id}: ${JSON.stringify(output)}`);
  }
  assert.deepEqual(Object.keys(result.getAllOutputs()).sort(), [...ids].sort());
  return startsInOrder(result.stats(), ids);
}

/** The nodes started in the order of the edges, each after the one before had ended. */
function startsInOrder(stats, ids) {
  const nodes = ids.map((id) => stats.nodes.find((node) => node.id === id));
  for (let i = 1; i < nodes.length; i++) {
    const ended = nodes[i - 1].startedMs + nodes[i - 1].durationMs;
    assert.ok(nodes[i].startedMs >= ended, `${nodes[i].id} started at ${nodes[i].startedMs} ms, before ${nodes[i - 1].id} had ended at ${ended} ms`);
  }
  for (const node of nodes) assert.ok(node.usage.input > 0 && node.usage.output > 0, JSON.stringify(node.usage));
  return `starts ${nodes.map((node) => Math.round(node.startedMs)).join(', ')} ms`;
}

// ---- streams ---------------------------------------------------------------------------------------------------------

async function stream() {
  const stream = await new LlmClient(config()).stream(STORY, { maxTokens: 48, temperature: 0 });
  const text = stream.text;
  const chunks = [];
  const times = [];
  for await (const chunk of stream) {
    assert.equal(typeof chunk, 'string');
    chunks.push(chunk);
    times.push(performance.now());
  }
  assert.equal(chunks.join(''), await text);
  assert.ok(chunks.length >= 5, `${chunks.length} chunks for 48 tokens: buffered`);
  const spread = times.at(-1) - times[0];
  assert.ok(spread > 50, `all chunks came within ${Math.round(spread)} ms: buffered`);
  const usage = await stream.usage;
  assert.ok(usage.input > 0 && usage.output > 0 && usage.output <= 48, JSON.stringify(usage));
  const reason = await stream.finishReason;
  assert.ok(['stop', 'length'].includes(reason), `finish reason ${reason}`);
  return `${chunks.length} chunks over ${Math.round(spread)} ms, ${usage.input} + ${usage.output} tokens, ${reason}`;
}

async function lateText() {
  const stream = await new LlmClient(config()).stream(STORY, { maxTokens: 16, temperature: 0 });
  for await (const _ of stream) {
    assert.equal((await failure(stream.text)).code, 'INVALID_INPUT');
    break;
  }
  return 'INVALID_INPUT';
}

// ---- limits and batches ----------------------------------------------------------------------------------------------

async function maxTokens() {
  const client = new LlmClient(config());
  const answer = await client.completeFull(STORY, { maxTokens: 5, temperature: 0 });
  assert.equal(answer.finishReason, 'length');
  assert.ok(answer.usage.output > 0 && answer.usage.output <= 5, JSON.stringify(answer.usage));
  assert.ok(answer.text.length > 0);
  assert.equal(typeof (await client.complete(STORY, 5, 0)), 'string');
  return `${answer.usage.output} tokens, ${answer.finishReason}`;
}

async function batch() {
  const prompts = ['sea', 'sky', 'sun', 'moon', 'snow', 'rain'].map((word) => `Write a story about the ${word}.`);
  const client = new LlmClient(config());
  const { value: results, peak } = await watchingSlots(() => client.completeBatch(prompts, 40, 0, 2));
  assert.equal(results.length, prompts.length);
  for (const text of results) assert.ok(typeof text === 'string' && text.length > 0, JSON.stringify(results));
  assert.ok(peak >= 1 && peak <= 2, `${peak} slots busy at once`);
  return `${results.length} results, at most ${peak} slots busy`;
}

async function batchWithOneFailure() {
  const tooLong = 'word '.repeat(4000);
  const prompts = ['Name a fruit.', 'Name a bird.', tooLong, 'Name a tree.'];
  const results = await new LlmClient(config()).completeBatch(prompts, {
    maxTokens: 8,
    temperature: 0,
    maxConcurrency: 2,
    onError: 'collect',
  });
  assert.deepEqual(results.map((one) => one.status), ['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  assert.equal(results[2].reason.code, 'CONTEXT_LENGTH');
  return results[2].reason.code;
}

// ---- cancellation ----------------------------------------------------------------------------------------------------

async function leaveLoop() {
  const stream = await new LlmClient(config()).stream(STORY, LONG);
  let chunks = 0;
  for await (const _ of stream) {
    if (++chunks < 3) continue;
    assert.equal(await busySlots(), 1);
    break;
  }
  return `idle after ${await untilIdle(RELEASE_MS)} ms`;
}

async function abortStream() {
  const abort = new AbortController();
  const reason = new Error('enough');
  const stream = await new LlmClient(config()).stream(STORY, { ...LONG, signal: abort.signal });
  const read = async () => {
    for await (const _ of stream) {
      assert.equal(await busySlots(), 1);
      abort.abort(reason);
    }
  };
  const error = await failure(read());
  assert.equal(error.code, 'CANCELLED');
  assert.equal(error.cause, reason);
  return `${error.code}, idle after ${await untilIdle(RELEASE_MS)} ms`;
}

async function abortedBefore() {
  const client = new LlmClient(config());
  const { value: error, peak } = await watchingSlots(() => failure(client.complete(STORY, { ...LONG, signal: AbortSignal.abort() })));
  assert.equal(error.code, 'CANCELLED');
  assert.equal(peak, 0, 'a request reached the server');
  return error.code;
}

// The server is not asked here: it finishes a request without a stream even when nobody waits for the answer.
async function abortWorkflow() {
  const abort = new AbortController();
  const workflow = new Workflow('Aborted');
  await workflow.addNode(Node.agent('Teller', STORY, 'teller', { maxTokens: 400, temperature: 0 }));
  const run = failure(new Executor(config()).execute(workflow, { signal: abort.signal }));
  await untilBusy();
  const start = performance.now();
  abort.abort();
  const error = await run;
  const waited = Math.round(performance.now() - start);
  assert.equal(error.code, 'CANCELLED');
  assert.ok(waited < 500, `it rejected after ${waited} ms`);
  return `${error.code} after ${waited} ms`;
}

// ---- errors ----------------------------------------------------------------------------------------------------------

async function wrongKey() {
  const wrong = 'not-the-key';
  const error = await failure(new LlmClient(config({ apiKey: wrong })).complete('Hello', 5));
  assert.equal(error.code, 'AUTH');
  assert.equal(error.status, 401);
  assert.equal(error.retryable, false);
  assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes(wrong), 'the error shows the key');
  return `${error.code} ${error.status}`;
}

async function unknownPath() {
  const error = await failure(new LlmClient(config({ baseUrl: `${baseUrl}/nowhere` })).complete('Hello', 5));
  assert.equal(error.code, 'REJECTED');
  assert.equal(error.status, 404);
  return `${error.code} ${error.status}`;
}

async function nobodyListens() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  const closed = config({ baseUrl: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
  const error = await failure(new LlmClient(closed).complete('Hello', 5));
  assert.equal(error.code, 'NETWORK');
  return error.code;
}

// ---- memory ----------------------------------------------------------------------------------------------------------

function snapshot() {
  globalThis.gc?.();
  return process.memoryUsage();
}

async function memory() {
  const after = snapshot();
  const growth = (figure) => (after[figure] - before[figure]) / MB;
  for (const figure of ['heapUsed', 'external']) {
    assert.ok(growth(figure) < 16, `${figure} grew by ${growth(figure).toFixed(1)} MB`);
  }
  const shown = ['heapUsed', 'external', 'rss'].map((figure) => `${figure} ${growth(figure).toFixed(1)}`);
  return `growth in MB: ${shown.join(', ')}`;
}

// ---- all of them -----------------------------------------------------------------------------------------------------

let passed = 0;
let failed = 0;
for (const [name, check] of checks) {
  try {
    await untilIdle(30_000); // whatever the check before left running
    console.log(`ok ${name} (${await check()})`);
    passed++;
  } catch (error) {
    console.log(`FAIL ${name}: ${error?.stack ?? error}`);
    failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0; // no process.exit: the script must end by itself
