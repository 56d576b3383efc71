// A stream, and three ways to stop it: leave the loop, abort a signal, close it.
import { GraphBitError, LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';

const client = new LlmClient(LlmConfig.openai());

// Nothing is sent before the first piece is asked for; the server is read only as fast as this loop goes.
const stream = client.stream('Tell a long story.', { maxTokens: 400 });
let length = 0;
for await (const piece of stream) {
  length += piece.length;
  if (length > 200) break; // closes the connection: the server stops writing, and billing
}
console.log(`read ${length} characters and left`);

const aborter = new AbortController();
try {
  for await (const piece of client.stream('Tell another.', { signal: aborter.signal })) {
    if (piece.length > 0) aborter.abort(new Error('heard enough'));
  }
} catch (error) {
  if (!GraphBitError.isInstance(error)) throw error;
  console.log(`${error.code}: ${error.cause.message}`);
}

// All of it at once, with what it cost.
const whole = client.stream('And a short one.', { maxTokens: 40 });
const [text, usage] = await Promise.all([whole.text, whole.usage]);
console.log(text, usage);
