// Loads the native library, and says what is in it. Nobody else does.
import fs from 'node:fs';
import path from 'node:path';

export interface NativeConfig {
  provider(): string;
  model(): string;
}
export interface NativeCancel {
  cancel(): void;
}
export interface NativeStream {
  /** Texts, or a JSON array of events where those were asked for; `null` at the end. */
  next(events: boolean): Promise<string[] | string | null>;
  close(): void;
  summary(): string;
}
/** All numbers, and as JSON what else is known. */
export type NativeEmbeddings = [values: Float32Array, known: string];
export interface NativeClient {
  complete(request: string, cancel?: NativeCancel): Promise<string>;
  completeFull(request: string, cancel?: NativeCancel): Promise<string>;
  stream(request: string): NativeStream;
  batch(batch: string, cancel?: NativeCancel): Promise<string>;
  embed(request: string, cancel?: NativeCancel): Promise<NativeEmbeddings>;
  stats(): string;
  resetStats(): void;
  warmup(): Promise<void>;
  memory(): string;
  /** Bytes and replies; `null` without a cache. */
  cached(): [bytes: number, entries: number] | null;
  clearCache(): void;
}
export interface NativeWorkflow {
  name(): string;
  addNode(node: string, model?: NativeConfig, body?: NativeWorkflow): string;
  connect(from: string, to: string, when?: string): void;
  /** Every node that calls a function, by its place. */
  functionPlaces(): string[];
  validate(): string;
  nodeIds(): string[];
  toJson(): string;
  toMermaid(): string;
  toDot(): string;
}
export interface NativeRun {
  id(): string;
  cancel(reason: string): Promise<string>;
  drain(limitMs: number): Promise<string>;
  stop(reason: string): void;
  /** A JSON array; `null` at the end. */
  nextEvents(): Promise<string | null>;
  closeEvents(): void;
  emit(node: string, name: string, data: string): void;
  questions(): string;
  answer(node: string, answer: string): void;
  toMermaid(workflow: NativeWorkflow): string;
  memory(): string | null;
}
export interface NativeExecutor {
  start<R>(workflow: NativeWorkflow, options: string, functions?: number, run?: NativeRun): Promise<R>;
  stats(): string;
  resetStats(): void;
  profile(): string;
  drain(limitMs: number): Promise<string>;
  memory(): string;
  close(): Promise<void>;
}
export interface NativeResult {
  runId(): string;
  workflowName(): string;
  error(): string | null;
  output(id?: string): string | null;
  text(id?: string): string | null;
  outputBuffer(id: string): Buffer | null;
  outputs(): string;
  nodes(): string;
  node(id: string): string | null;
  state(): string;
  stats(): string;
  memory(): string;
}
export interface NativeTimeline {
  push(timeMs: number, heapUsed: number, heapTotal: number, external: number, arrayBuffers: number, rss: number, collected: boolean): number | null;
  len(): number;
  stats(): string | null;
  judge(minSamples?: number, minGrowthBytes?: number): string;
}
interface Native {
  /** Gives the number that names the facade. */
  register(functions: {
    error: (fields: string) => Error;
    result: (native: NativeResult, success: boolean, weight: ArrayBuffer | undefined) => unknown;
    dispatch: (run: number, node: number | string, input: string, name?: string) => string | number;
    giveUp: (run: number, name: string) => void;
    nextTurn: () => void;
    trace: (spans: string, dropped: number) => void;
    collect: (handedOver: number, collected: number, isShort: boolean) => void;
  }): number;
  resume(): void;
  /** Begins or ends to hand spans to a facade. */
  trace(facade: number, on: boolean): void;
  runNumber(): number;
  version(): string;
  systemInfo(): string;
  memorySnapshot(): string;
  /** Has V8 begin to collect its garbage, where it can be asked. */
  collectGarbage(): void;
  /** Bytes of RSS that the operating system got back; `null` where it does not say. */
  releaseFreeMemory(): number | null;
  pendingCalls(): number;
  /** Runs and calls of the process, streams of this thread, as JSON. */
  underWay(): string;
  whenIdle(): Promise<void>;
  stopAll(): number;
  configureRuntime(options: string): string;
  environmentNames(): string[];
  nearestName(name: string, candidates: string[]): string | null;
  settleFunction(run: number, call: number, answer: string): void;
  forgetFunctions(run: number): void;
  /** The variables of the state that a function sees, as JSON: of the one being called, or of a call that has promised its answer. */
  functionState(run: number, call?: number): string | null;
  NativeConfig: { create(vendor: string, options: string, key: string | undefined, environment: string[], fallback: NativeConfig[]): NativeConfig };
  NativeCancel: new () => NativeCancel;
  NativeClient: new (config: NativeConfig, profile: string, memoryLimitBytes?: number) => NativeClient;
  NativeWorkflow: { new (name: string, options: string): NativeWorkflow; fromJson(json: string): NativeWorkflow };
  NativeRun: new (events: boolean) => NativeRun;
  NativeExecutor: new (config: NativeConfig | undefined, profile: string, options: string, facade: number) => NativeExecutor;
  NativeTimeline: new (capacity: number, parts: boolean) => NativeTimeline;
}

/** Tries every library that was built for this platform: which C library a Linux has shows best by loading. */
function load(): Native {
  const wanted = `graphbit.${process.platform}-${process.arch}`;
  const candidates = fs.readdirSync(__dirname).filter((file) => file.startsWith(wanted) && file.endsWith('.node')).sort();
  const failures: string[] = [];
  for (const file of candidates) {
    try {
      return require(path.join(__dirname, file)) as Native;
    } catch (error) {
      failures.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const why = failures.length > 0 ? failures.join('; ') : `there is no ${wanted}*.node in ${__dirname}`;
  throw new Error(`GraphBit has no native library that loads here (${why}). Build it with \`cargo xtask build-js\`.`);
}

export const native: Native = load();

/** The number by which native code knows this copy of the facade; set when it is registered. @internal */
export const facade = { number: 0 };
