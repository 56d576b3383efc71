// What nodes share: variables that they write, each by its own rule, and that templates and functions read. And what becomes of failures.
import { Executor, LlmConfig, Node, Workflow } from '@infinitibit_gmbh/graphbit';

const workflow = new Workflow('research', {
  state: { findings: { reducer: 'append' }, words: { initial: 0, reducer: 'sum' }, sources: { reducer: 'union' } },
});
const study = (topic) => Node.agent(`About ${topic}`, `One fact about ${topic}.`, topic, {
  writes: ['findings'],
  retry: { maxRetries: 2, initialDelayMs: 100 },
  fallback: `nothing is known about ${topic}`,
  cache: topic, // the next run of this executor has it already
});
for (const topic of ['bees', 'ants']) await workflow.addNode(study(topic));
await workflow.addNode(Node.transform('Measure', (facts) => ({ words: Object.values(facts).join(' ').split(' ').length, sources: Object.keys(facts) }), 'measure', {
  writes: { words: 'words', sources: 'sources' },
}));
await workflow.addNode(Node.transform('Check', (_, { state }) => `${state.findings.length} facts of ${state.words} words`, 'check')); // read-only
await workflow.addNode(Node.transform('Archive', () => { throw new Error('no archive here'); }, 'archive', { onError: 'skip' }));
await workflow.addNode(Node.agent('Report', 'A report of {{state.words}} words: {{state.findings}}', 'report'));
for (const [from, to] of [['bees', 'measure'], ['ants', 'measure'], ['measure', 'check'], ['measure', 'archive'], ['measure', 'report']]) await workflow.connect(from, to);

const executor = new Executor(LlmConfig.openai());
for (let round = 1; round <= 2; round++) {
  const result = await executor.execute(workflow);
  console.log(result.output('check'));
  console.log(result.output('report'));
  console.log(result.state(), `${result.stats().inputTokens} tokens read`);
}
