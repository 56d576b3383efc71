// GraphBit: LLM-agent workflows on a native engine. This file is the whole public face.
import { errorFromNative } from './error.js';
import { dispatch, giveUp } from './functions.js';
import { collectWhereWorth } from './garbage.js';
import { facade, native } from './native.js';
import { WorkflowResult } from './result.js';
import { deliver } from './trace.js';

facade.number = native.register({
  error: errorFromNative,
  result: WorkflowResult.of,
  dispatch,
  giveUp,
  nextTurn: () => setImmediate(native.resume),
  trace: deliver,
  collect: collectWhereWorth,
});

export { GraphBitError } from './error.js';
export type { Diagnostic, ErrorCode, PartialReply } from './error.js';
export { LlmConfig } from './config.js';
export type { LlmOptions, Timeouts } from './config.js';
export type { CacheOptions, CircuitBreakerOptions, PolicyOptions, Price, RateLimitOptions, ReplyCache } from './policies.js';
export { LlmClient } from './client.js';
export type { BatchOptions, BatchOutcome, ClientOptions, ClientStats } from './client.js';
export type { Completion, TokenLogprob, ToolCall } from './completion.js';
export type { EmbedOptions, Embeddings } from './embed.js';
export type { CallOptions, Sampling } from './request.js';
export type {
  FilePart, ImagePart, Media, Message, OutputSchema, Part, ReasoningPart, RefusalPart, Signature, TextPart, Tool, ToolCallPart, ToolChoice, ToolResultPart,
} from './message.js';
export { LlmStream } from './stream.js';
export type { FinishReason, ModelEvent, Usage } from './stream.js';
export { Node } from './node.js';
export type { NodeDefinition, NodeType } from './node.js';
export type {
  AgentOptions, Branch, ConditionOptions, FunctionContext, JoinOptions, JoinRule, LoopOptions, MapOptions, ModelChoice, NodeFunction, NodeTool, PauseOptions, Reduce,
  ToolOptions,
} from './kinds.js';
export type { NodeOptions, OnError, RetryOptions, Writes } from './policy.js';
export type { EdgeCondition, EdgeFunction, Operator, Predicate, Scalar, Test } from './predicate.js';
export { Workflow } from './workflow.js';
export type { Reducer, StateVariable, WorkflowOptions } from './workflow.js';
export { Executor } from './executor.js';
export type { ExecutorMemory, ExecutorOptions, ExecutorStats } from './executor.js';
export { Run } from './run.js';
export type { Question, Receipt, RunOptions, StartOptions } from './run.js';
export type { RunEvent } from './events.js';
export { WorkflowResult } from './result.js';
export type { NodeMemory, NodeResult, NodeStatus, ResultMemory, RunStats } from './result.js';
export { MemoryLeakDetector, MemoryTracker, memoryUsage } from './memory.js';
export type {
  GrowingPart, Holdings, LeakDetectorOptions, LeakVerdict, MemoryDelta, MemorySnapshot, MemoryStats, MemoryUsage, MemoryUse, AllocatorUsage, RunMemory, SeriesStats,
} from './memory.js';
export { TrackedScope, trackScope } from './scope.js';
export type { Alive, ScopeOptions, ScopeReport } from './scope.js';
export { configureRuntime, drain, getSystemInfo, healthCheck, init, shutdown, version } from './system.js';
export type { Health, InitOptions, RuntimeOptions, RuntimeSettings, Stopped, SystemInfo } from './system.js';
export { onTrace } from './trace.js';
export type { TraceSpan } from './trace.js';
