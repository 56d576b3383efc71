// GraphBit: LLM-agent workflows on a native engine. This file is the whole public face.
import { errorFromNative } from './error.js';
import { dispatch } from './functions.js';
import { native } from './native.js';
import { WorkflowResult } from './result.js';

native.register(errorFromNative, (result) => new WorkflowResult(result), dispatch);

export { GraphBitError } from './error.js';
export type { Diagnostic, ErrorCode, Partial } from './error.js';
export { LlmConfig } from './config.js';
export type { LlmOptions, Timeouts } from './config.js';
export { LlmClient } from './client.js';
export type { BatchOptions, BatchOutcome, ClientStats, Completion } from './client.js';
export type { CallOptions, Message } from './request.js';
export { LlmStream } from './stream.js';
export type { FinishReason, ModelEvent, Usage } from './stream.js';
export { Node } from './node.js';
export type { AgentOptions, FunctionContext, NodeDefinition, NodeFunction, NodeOptions, RetryOptions } from './node.js';
export { Workflow } from './workflow.js';
export { Executor, Run } from './executor.js';
export type { ExecutorOptions, ExecutorStats, Receipt, RunOptions } from './executor.js';
export { WorkflowResult } from './result.js';
export type { NodeResult, RunStats } from './result.js';
export { MemoryLeakDetector, MemoryTracker, memoryUsage } from './memory.js';
export type { LeakDetectorOptions, LeakVerdict, MemorySnapshot, MemoryStats, MemoryUsage, SeriesStats } from './memory.js';
export { configureRuntime, getSystemInfo, healthCheck, init, version } from './system.js';
export type { Health, InitOptions, RuntimeOptions, RuntimeSettings, SystemInfo } from './system.js';
