// The live server and the package under test: where they are, and what the server says of itself.
import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';

export const graphbit = createRequire(import.meta.url)('..');
const { LlmClient, LlmConfig } = graphbit;

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: \`cargo xtask test-live\` sets it`);
  return value;
};
export const baseUrl = required('GRAPHBIT_LIVE_BASE_URL');
export const model = required('GRAPHBIT_LIVE_MODEL');
const apiKey = required('GRAPHBIT_LIVE_KEY');
/** The options that reach the server. */
export const server = { apiKey, baseUrl, model };

/** The server as a program configures it; `changes` replace single options. */
export const config = (changes) => LlmConfig.openai({ ...server, ...changes });

/** The three ways to ask it. */
export const wires = {
  chat: config,
  responses: (changes) => config({ api: 'responses', ...changes }),
  messages: (changes) => LlmConfig.anthropic({ ...server, ...changes }),
};
export const client = (wire, changes) => new LlmClient(wires[wire](changes));

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How many of the server's slots work on a request now. */
export async function busySlots() {
  const slots = JSON.parse(await get('/slots'));
  return slots.filter((slot) => slot.is_processing).length;
}

/** A connection of its own each time: the server closes a kept one after a number of requests, at any moment. */
function get(path) {
  const options = { agent: false, headers: { authorization: `Bearer ${apiKey}` } };
  return new Promise((resolve, reject) => {
    const request = http.get(new URL(path, baseUrl), options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${path} answered ${response.statusCode}: ${body}`));
      });
    });
    request.on('error', reject);
  });
}

/** Waits until the server works on something. */
export async function untilBusy(limitMs = 5000) {
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(10)) if (await busySlots()) return;
  assert.fail(`no slot was busy within ${limitMs} ms`);
}

/** Waits until the server works on nothing, and says for how many milliseconds. */
export async function untilIdle(limitMs) {
  const start = performance.now();
  while (await busySlots()) {
    const waited = Math.round(performance.now() - start);
    assert.ok(waited < limitMs, `a slot is still busy after ${waited} ms`);
    await sleep(10);
  }
  return Math.round(performance.now() - start);
}

/** Runs `work` and returns its value and the largest number of slots that were busy meanwhile. */
export async function watchingSlots(work) {
  let done = false;
  let peak = 0;
  const watch = (async () => {
    for (; !done; await sleep(5)) peak = Math.max(peak, await busySlots());
  })();
  try {
    return { value: await work(), peak };
  } finally {
    done = true;
    await watch;
  }
}

/** The typed error that a promise rejects with. */
export async function failure(promise) {
  const error = await Promise.resolve(promise).then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(graphbit.GraphBitError.isInstance(error), `not a GraphBitError: ${error}`);
  return error;
}

/** Runs `work` with the base URL of a proxy before the server, and returns its value and the paths that were asked for. */
export async function watchingRequests(work) {
  const paths = [];
  const proxy = http.createServer((request, response) => {
    const { method, headers, url } = request;
    paths.push(url);
    const onward = http.request(new URL(url, baseUrl), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => response.destroy(error));
    request.pipe(onward);
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    return { value: await work(`http://127.0.0.1:${proxy.address().port}/v1`), paths };
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}
