// Embeddings: documents and a question as vectors, and which document is nearest.
import { LlmClient, LlmConfig } from '@infinitibit_gmbh/graphbit';

const client = new LlmClient(LlmConfig.openai());
const documents = ['Quinces ripen in October.', 'A kettle hums before it boils.', 'Plums are dried on racks.', 'Pears keep in the cellar.'];

// Any number of texts: they are split over as many requests as the vendor wants. The vectors are views of one buffer.
const { vectors, dimensions, usage } = await client.embedFull(documents, { dimensions: 256, purpose: 'document' });
console.log(`${vectors.length} vectors of ${dimensions} numbers for ${usage?.input} tokens`);

const question = await client.embed('When is fruit harvested?', { dimensions: 256, purpose: 'query' });
const length = (vector) => Math.hypot(...vector);
const cosine = (a, b) => a.reduce((sum, x, index) => sum + x * b[index], 0) / (length(a) * length(b));
const ranked = documents.map((text, index) => ({ text, score: cosine(vectors[index], question) })).sort((a, b) => b.score - a.score);
for (const { text, score } of ranked) console.log(score.toFixed(3), text);
