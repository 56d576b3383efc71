// The public types as a program uses them. It is compiled, never run; every `@ts-expect-error` must be one.
import graphbit, {
  configureRuntime, drain, Executor, getSystemInfo, GraphBitError, healthCheck, init, LlmClient, LlmConfig, LlmStream, MemoryLeakDetector, MemoryTracker,
  memoryUsage, Node, onTrace, Run, shutdown, version, Workflow, WorkflowResult,
} from '@infinitibit_gmbh/graphbit';
import type {
  AgentOptions, Branch, ConditionOptions, EdgeCondition, JoinOptions, JoinRule, LoopOptions, MapOptions, ModelChoice, NodeStatus, NodeTool, NodeType, OnError, Operator,
  PauseOptions, Predicate, Question, Reduce, Reducer, RunEvent, Scalar, StartOptions, StateVariable, Test, ToolOptions, WorkflowOptions, Writes, BatchOptions, BatchOutcome, CacheOptions, CallOptions, CircuitBreakerOptions, ClientStats, Completion, Diagnostic, Embeddings, EmbedOptions, ErrorCode, ExecutorOptions, ExecutorStats, FinishReason,
  EdgeFunction, FunctionContext, Health, InitOptions, LeakDetectorOptions, LeakVerdict, LlmOptions, MemoryDelta, MemorySnapshot, MemoryStats, MemoryUsage, Message,
  ModelEvent, NodeDefinition, NodeFunction, NodeOptions, NodeResult, PartialReply, PolicyOptions, Price, RateLimitOptions, Receipt, ReplyCache, RetryOptions, RunOptions, RunStats, RuntimeOptions,
  RuntimeSettings, Sampling, SeriesStats, Stopped, SystemInfo, Timeouts, TraceSpan, Usage,
} from '@infinitibit_gmbh/graphbit';

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

// ---- configuration -----------------------------------------------------------------------------------------------------------
const config = LlmConfig.openai({ apiKey: process.env['OPENAI_API_KEY'] }); // a string, or undefined
const timeouts: Timeouts = { connect: 1000, total: undefined };
const options: LlmOptions = { model: 'm', baseUrl: 'http://127.0.0.1', maxRetries: 0, timeouts, headers: { a: 'b' }, extra: { a: [1] } };
LlmConfig.from('vendor/model', options).provider().toUpperCase();
same<ReturnType<typeof config.toJSON>, { provider: string; model: string }>(true);
// @ts-expect-error: a misspelt option
LlmConfig.openai({ baseURL: 'http://x' });
// @ts-expect-error: a key is a string
LlmConfig.openai({ apiKey: 5 });
// @ts-expect-error: made by its factories only
new LlmConfig('openai', {});
// @ts-expect-error: no vendor of ours
LlmConfig.nobody();

// ---- policies ----------------------------------------------------------------------------------------------------------------
const rateLimit: RateLimitOptions = { requestsPerMinute: 500, tokensPerMinute: undefined, maxWaitMs: 0 };
const circuitBreaker: CircuitBreakerOptions = { failures: 5, cooldownMs: 30_000 };
const cache: CacheOptions = { maxBytes: 1, maxEntries: 1, ttlMs: 1 };
const price: Price = { input: 1, output: 2, cachedInput: 0.5, cacheWrite: undefined, request: 0 };
const policies: PolicyOptions = {
  maxConcurrency: 8, rateLimit, circuitBreaker, cache, totalTimeoutMs: 1, retryBudgetMs: 1, trace: { content: true }, fallback: [config] as const,
  fallbackOn: ['RATE_LIMITED'], prices: { 'gpt-4.1*': price },
};
LlmConfig.openai({ ...policies, trace: true, cache: {}, fallback: [LlmConfig.groq()] });
// @ts-expect-error: a misspelt suboption
LlmConfig.openai({ rateLimit: { requestPerMinute: 5 } });
// @ts-expect-error: no code of ours
LlmConfig.openai({ fallback: [config], fallbackOn: ['RATE_LIMIT'] });
// @ts-expect-error: models that are asked are configurations
LlmConfig.openai({ fallback: ['openai/gpt-4.1'] });
// @ts-expect-error: what is written has its price, too
LlmConfig.openai({ prices: { m: { input: 1 } } });

async function policed(client: LlmClient): Promise<void> {
  const kept: ReplyCache | null = client.cache;
  kept?.clear();
  const cost: number | null = (await client.completeFull('x')).cost;
  const whole: Usage | null = await client.stream('x').usage;
  const total: number | null = client.getStats().cost;
  const stop: () => void = onTrace((span: TraceSpan) => void [span.name, span.startTimeMs + span.durationMs, span.attributes['gen_ai.request.model'], span.error, span.dropped]);
  stop();
  void [kept?.bytes, kept?.entries, cost?.toFixed(), whole?.cost?.toFixed(), total?.toFixed()];
  // @ts-expect-error: what it holds is not set
  if (kept) kept.entries = 5;
  // @ts-expect-error: a function listens
  onTrace();
}

// ---- client --------------------------------------------------------------------------------------------------------------------
async function calls(client: LlmClient, signal: AbortSignal): Promise<void> {
  const messages: Message[] = [{ role: 'system', content: 's' }, { role: 'user', content: 'u' }];
  const call: CallOptions = { maxTokens: 5, temperature: 0.5, topP: 1, stop: ['x'], seed: 1, system: 's', extra: {}, signal };
  const text: string = await client.complete('hi', 100, 0.7);
  await client.complete(messages, call);
  await client.complete([{ role: 'user', content: text }]);
  const reply: Completion = await client.completeFull('hi');
  const reason: FinishReason | null = reply.finishReason;
  const usage: Usage | null = reply.usage;
  const tokens: number | null | undefined = usage?.input;
  const batch: BatchOptions = { maxConcurrency: 3, memoryLimitMb: 10, signal };
  same<Awaited<ReturnType<typeof client.warmup>>, void>(true);
  const texts: string[] = await client.completeBatch(['a'], 100, 0.7, 3);
  const more: string[] = await client.completeBatch(texts, batch);
  const outcomes: BatchOutcome[] = await client.completeBatch(more, { onError: 'collect' });
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') outcome.value.toUpperCase();
    else same<typeof outcome.reason, GraphBitError>(true);
  }
  const embed: EmbedOptions = { model: 'm', dimensions: 256, purpose: 'query', extra: {}, signal };
  const vector: Float32Array = await client.embed('a', embed);
  const vectors: Float32Array[] = await client.embed(['a', 'b'] as const);
  const embeddings: Embeddings = await client.embedFull('a', { purpose: 'document' });
  void [vector.length, vectors[0]?.buffer, embeddings.dimensions, embeddings.usage?.input];
  const stats: ClientStats = client.getStats();
  void [reason, tokens, stats.totalTokens, reply.toolCalls[0]?.arguments];
  // @ts-expect-error: a purpose that there is not
  await client.embed('a', { purpose: 'search' });
  // @ts-expect-error: a text gives one vector
  const list: Float32Array[] = await client.embed('a');
  void list;
  // @ts-expect-error: a role that there is not
  await client.complete([{ role: 'robot', content: 'x' }]);
  // @ts-expect-error: a misspelt option
  await client.complete('x', { maxtokens: 5 });
  // @ts-expect-error: a prompt must be given
  await client.complete();
  // @ts-expect-error: prompts are an array
  await client.completeBatch('x');
  // @ts-expect-error: collect or reject
  await client.completeBatch(['x'], { onError: 'ignore' });
}

async function streams(client: LlmClient, signal: AbortSignal): Promise<void> {
  const stream: LlmStream = client.stream('hi', { signal });
  same<typeof stream, Awaited<typeof stream>>(true); // await does nothing to it
  for await (const piece of stream) piece.toUpperCase();
  for await (const event of stream.events) describe(event);
  const text: string = await stream.text;
  const reason: FinishReason | null = await stream.finishReason;
  const usage: Usage | null = await stream.usage;
  const readable: ReadableStream<string> = stream.toReadableStream();
  await stream.close();
  void [text, reason, usage, readable];
  // @ts-expect-error: made by a client only
  new LlmStream();
  // @ts-expect-error: no thenable
  stream.then(() => 1);
}

function describe(event: ModelEvent): string | number {
  switch (event.type) {
    case 'started': return event.model ?? 'unknown';
    case 'part.started': return event.kind === 'tool_call' ? event.name : event.part;
    case 'delta': return event.text;
    case 'signature': return event.signature.wire;
    case 'logprobs': return event.tokens[0]?.token ?? '';
    case 'part.finished': return event.part;
    case 'usage': return event.usage.output ?? 0;
    case 'finished': return event.reason;
    case 'unknown': return event.frame ?? '';
  }
}

// ---- graphs ----------------------------------------------------------------------------------------------------------------------
async function graphs(): Promise<Workflow> {
  const workflow = new Workflow('w');
  const retry: RetryOptions = { maxRetries: 1 };
  const common: NodeOptions = { description: 'd', retry, timeout: 1000 };
  const agent: AgentOptions = { ...common, llm: config, model: 'm', systemPrompt: 's', temperature: 0, maxTokens: 5 };
  const variables = ({ state }: FunctionContext): Readonly<Record<string, any>> | null => state;
  // @ts-expect-error: it is written by the node's writes
  const writes = (context: FunctionContext): void => { context.state!['count'] = 1; };
  void [variables, writes];
  const fn: NodeFunction = (input, context: FunctionContext) => context.signal.aborted || `${context.nodeId} ${context.runId} ${input}`;
  const definition: NodeDefinition = { id: 'd', name: 'D', nodeType: 'agent', prompt: 'p' };
  const a: string = await workflow.addNode(Node.agent('A', 'p', 'a', agent));
  const b: string = await workflow.addNode(Node.transform('B', async (n: number) => ({ n }), 'b', common));
  await workflow.addNode(Node.transform('F', fn));
  await workflow.addNode(Node.join('C'));
  await workflow.addNode(definition);
  await workflow.addNode({ name: 'E', nodeType: 'transform', function: (n: number) => n });
  await workflow.connect(a, b);
  await workflow.addEdge(a, b);
  same<Awaited<ReturnType<typeof workflow.validate>>, true>(true);
  const findings: Diagnostic[] = workflow.warnings();
  const copy: Workflow = Workflow.fromJSON(workflow.toJSON(), { b: (n: number) => n });
  void [findings[0]?.severity, copy.name, copy.nodeIds, copy.toMermaid(), copy.toDot()];
  // @ts-expect-error: a transform has a function
  await workflow.addNode({ name: 'E', nodeType: 'transform' });
  // @ts-expect-error: made by its factories only
  new Node('A');
  // @ts-expect-error: no node
  await workflow.addNode({ name: 'X' });
  // @ts-expect-error: an agent has no function
  Node.agent('A', () => 1);
  // @ts-expect-error: a name is fixed
  workflow.name = 'x';
  return copy;
}

// ---- control flow ------------------------------------------------------------------------------------------------------------------
async function flow(body: Workflow): Promise<Workflow> {
  const scalar: Scalar = null;
  const operator: Operator = { in: [1, 'a', scalar] };
  const test: Test = { path: 'a.b', ...operator };
  const predicate: Predicate = { all: [test, { not: { any: ['x', 5, { exists: true }] } }] };
  const log: StateVariable = { initial: [], reducer: 'append' };
  const reducer: Reducer = 'sum';
  const options: WorkflowOptions = { description: 'd', input: { type: 'object' }, output: {}, state: { log, total: { reducer }, last: {} } };
  const workflow = new Workflow('w', options);
  const onError: OnError = 'skip';
  const writes: Writes = { log: true, total: 'n' };
  const common: NodeOptions = { onError, fallback: null, cache: '{{input.id}}', idleTimeout: 5, writes };
  const branch: Branch = { name: 'b', when: predicate };
  const choice: ModelChoice = { prompt: 'p', branches: ['a', { name: 'b', description: 'd' }] as const };
  const asks: ConditionOptions = { ...common, llm: config };
  Node.condition('C', predicate, 'c', common);
  Node.condition('C', [branch] as const);
  Node.condition('C', choice, undefined, asks);
  Node.condition('C', async (input: { n: number }, { emit }) => { emit('seen', input); return input.n > 5 ? 'big' : 'small'; });
  const tool: NodeTool = { name: 't', parameters: {}, execute: async ({ city }: { city: string }, context) => [city, context.nodeId] };
  const called: ToolOptions = { ...common, arguments: { city: '{{input.city}}' } };
  Node.tool('T', tool, 't', called);
  const mapped: MapOptions = { items: '{{input}}', concurrency: 5, onError: 'collect', writes: ['log', { variable: 'total', path: 'n' }] };
  Node.map('M', body, 'm', mapped);
  Node.map('M', Node.agent('A', 'p'));
  const rule: JoinRule = { quorum: 2 };
  const reduce: Reduce = 'list';
  const joined: JoinOptions = { rule, reduce };
  Node.join('J', 'j', joined);
  Node.join('J', undefined, { rule: 'first' });
  Node.delay('D', 5);
  Node.subworkflow('S', body, 's', common);
  const paused: PauseOptions = { answer: { type: 'boolean' } };
  Node.pause('P', '?', 'p', paused);
  const repeated: LoopOptions = { until: (output: { done: boolean }) => output.done, limit: 5 };
  const type: NodeType = Node.loop('L', body, 'l', repeated).nodeType;
  await workflow.addNode({ name: 'L', nodeType: 'loop', body, while: { path: 'x', less: 5 }, limit: 3 });
  await workflow.addNode({ name: 'P', nodeType: 'Pause', question: '?', onError: 'continue' });
  const condition: EdgeCondition = { failed: true };
  await workflow.connect('a', 'b', condition);
  await workflow.connect('a', 'b', { otherwise: true });
  await workflow.connect('a', 'b', { path: 'score', greaterOrEqual: 8 });
  await workflow.addEdge('a', 'b', 'urgent');
  void type;
  await workflow.connect('a', 'b', (output: { score: number }, { state }) => output.score > (state?.['least'] ?? 8));
  const later: EdgeFunction = async (text: string, context) => text !== context.nodeId;
  await workflow.addEdge('a', 'b', later);
  // @ts-expect-error: true or false
  await workflow.connect('a', 'b', () => 'yes');
  // @ts-expect-error: there is no such operator
  Node.condition('C', { path: 'x', equal: 5 });
  // @ts-expect-error: a loop has a limit
  Node.loop('L', body, 'l', { until: true });
  // @ts-expect-error: a body is a workflow or a node
  Node.map('M', (item: number) => item);
  // @ts-expect-error: no rule of ours
  Node.join('J', 'j', { rule: 'most' });
  // @ts-expect-error: a tool has a function
  Node.tool('T', { name: 't' });
  // @ts-expect-error: only maps collect
  Node.delay('D', 5, 'd', { onError: 'collect' });
  // @ts-expect-error: no reducer of ours
  new Workflow('w', { state: { x: { reducer: 'product' } } });
  return workflow;
}

async function events(executor: Executor, workflow: Workflow, signal: AbortSignal): Promise<void> {
  const run: Run = executor.stream(workflow, { input: 1, signal });
  for await (const event of run) {
    told(event);
    if (event.type === 'node.paused') await run.answer(event.nodeId, event.question);
  }
  const options: StartOptions = { events: true };
  const started = executor.start(workflow, options);
  for await (const event of started.events) told(event);
  const questions: Question[] = started.questions();
  const drained: Receipt = await started.drain({ timeoutMs: 5 });
  const all: (Receipt & { runId: string })[] = await executor.drain();
  const state: Record<string, any> | null = (await started.result).state();
  void [questions[0]?.nodeId, drained.stillRunning[0], drained.inputTokens + drained.outputTokens, all[0]?.runId, state?.['log'], started.toMermaid()];
  // @ts-expect-error: to wait for a result nobody reads events
  await executor.execute(workflow, { events: true });
}

function told(event: RunEvent): string | number | undefined {
  switch (event.type) {
    case 'run.started': return event.workflow + event.runId;
    case 'node.started': return event.nodeId;
    case 'node.retried': return event.error.code + event.attempt;
    case 'node.delta': return event.kind + event.text;
    case 'node.paused': return event.question;
    case 'node.skipped': return event.status;
    case 'node.finished': {
      const status: NodeStatus = event.status;
      return status + (event.error?.code ?? event.usage?.input ?? event.finishReason ?? event.output) + event.durationMs + event.attempts;
    }
    case 'custom': return event.name + event.data;
    case 'lagged': return event.missed;
    case 'run.finished': return event.status + event.durationMs + event.error?.message;
  }
}

// ---- runs ------------------------------------------------------------------------------------------------------------------------
async function runs(workflow: Workflow, signal: AbortSignal): Promise<void> {
  const settings: ExecutorOptions = { timeoutSeconds: 10, maxParallel: 4 };
  const executors: Executor[] = [new Executor(), new Executor(config), new Executor(null, settings), Executor.newLowLatency(config, settings), Executor.newHighThroughput(), Executor.newBalanced(), Executor.newMemoryOptimized(config)];
  const [executor = new Executor()] = executors;
  const run: RunOptions = { input: { a: 1 }, signal, timeout: 100, maxParallel: 2 };
  const result: WorkflowResult = await executor.execute(workflow, run);
  const error: GraphBitError | null = result.error();
  const buffer: Buffer | undefined = result.outputBuffer('a');
  const stats: RunStats = result.stats();
  const cost: number | null = stats.cost;
  const node: NodeResult | undefined = stats.nodes[0];
  const started: Run = executor.start(workflow);
  const receipt: Receipt = await started.cancel('enough');
  same<typeof started.result, Promise<WorkflowResult>>(true);
  const counts: ExecutorStats = executor.getStats();
  void [cost, error?.code, buffer?.length, node?.attempts, receipt.dropped, counts.totalExecutions, started.id, result.output('a'), result.output(), result.variables()['a'], result.memory().retainedBytes];
  // @ts-expect-error: made by an executor only
  new Run();
  // @ts-expect-error: made by an executor only
  new WorkflowResult();
  // @ts-expect-error: three parts of the profile are no option
  new Executor(config, {}, 'low_latency');
  // @ts-expect-error: seconds, by their name
  new Executor(config, { timeout: 5 });
  // @ts-expect-error: a workflow is needed
  await executor.execute();
}

// ---- errors ------------------------------------------------------------------------------------------------------------------------
function explain(thrown: unknown): string {
  if (!GraphBitError.isInstance(thrown)) return String(thrown);
  const code: ErrorCode = thrown.code;
  const partial: PartialReply | undefined = thrown.partial;
  const findings: Diagnostic[] | undefined = thrown.diagnostics;
  const outcomes: BatchOutcome[] | undefined = thrown.results;
  void [partial?.textBytes, findings?.length, outcomes?.length, thrown.status, thrown.retryAfterMs, thrown.cause];
  // @ts-expect-error: no code of ours
  if (code === 'OOPS') return '';
  // @ts-expect-error: an error is not changed
  thrown.code = 'CONFIG';
  return `${thrown.nodeId ?? ''} ${thrown.message}`;
}

// ---- memory and the module -----------------------------------------------------------------------------------------------------------
async function memory(): Promise<void> {
  const tracker = new MemoryTracker({ capacity: 10 });
  const before: MemorySnapshot = tracker.snapshot();
  const delta: MemoryDelta = tracker.delta(before, tracker.snapshot());
  const stats: MemoryStats | null = tracker.getStats();
  const series: SeriesStats | undefined = stats?.series['heapUsed'];
  const usage: MemoryUsage = memoryUsage();
  const detection: LeakDetectorOptions = { minSamples: 5 };
  const detector = new MemoryLeakDetector(detection);
  const timer: NodeJS.Timeout = detector.startMonitoring(1000, (verdict: LeakVerdict) => {
    if (verdict.verdict === 'growing') verdict.bytesPerSecond.toFixed();
  });
  clearInterval(timer);
  const leaks: boolean = detector.checkForLeaks();
  const runtime: RuntimeOptions = { workerThreads: 2, idleTimeoutMs: 10 };
  const first: InitOptions = { runtime };
  init(first);
  const settings: RuntimeSettings = configureRuntime(runtime);
  const info: SystemInfo = getSystemInfo();
  const health: Health = await healthCheck();
  const stopped: Stopped[] = [await drain({ timeoutMs: 5 }), await drain(), await shutdown()];
  void [delta.nativeLive, series?.growth, usage.native?.liveBytes, leaks, settings.workerThreads, info.platform, health.healthy, stopped, version().length, graphbit.version()];
}

const sampling: Sampling = { maxTokens: 5 };
export { calls, events, explain, flow, graphs, memory, policed, runs, sampling, streams };
