// The live server and the package under test: where they are, and what the server says of itself.
import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';

export const graphbit = createRequire(import.meta.url)('..');

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: \`cargo xtask test-live\` sets it`);
  return value;
};
export const baseUrl = required('GRAPHBIT_LIVE_BASE_URL');
const model = required('GRAPHBIT_LIVE_MODEL');
const apiKey = required('GRAPHBIT_LIVE_KEY');

/** The server as a program configures it; `changes` replace single options. */
export const config = (changes = {}) => graphbit.LlmConfig.openai({ apiKey, baseUrl, model, ...changes });

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
