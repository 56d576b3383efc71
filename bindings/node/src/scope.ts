// Scopes: what a part of a program has begun and not ended, and the memory that it left behind.
import fs from 'node:fs';
import { checkOptions, invalidInput, typeName } from './check.js';
import { openFunctions } from './functions.js';
import { memoryUsage, type RunMemory } from './memory.js';
import { native } from './native.js';

/** What is alive, beyond what was when the scope began. */
export interface Alive {
  /** Workflows under way. */
  runs: number;
  /** Direct calls under way, and streams whose reply has not ended. */
  calls: number;
  /** Streams that were begun and neither read to their end nor closed. */
  streams: number;
  /** Functions that native code may call: those of runs under way. */
  functions: number;
  /** Timers of the whole program that keep it alive. */
  timers: number;
  /** Sockets of the whole program; connections that wait for the next call (30 s) are among them. `null` where the system does not tell. */
  sockets: number | null;
}

/** What a scope left behind. */
export interface ScopeReport {
  name: string;
  durationMs: number;
  alive: Alive;
  /** Bytes of native memory beyond those at the scope's beginning: of runs and their results, of calls, and of what they share. `null` where they are not tracked. */
  native: { runsBytes: number; callsBytes: number; sharedBytes: number } | null;
  /** Runs that began within the scope and still hold something: they are under way, or somebody keeps their results. */
  runs: RunMemory[];
  /** V8's heap beyond that at the beginning, garbage included unless the program runs with `--expose-gc`. */
  heapBytes: number;
  /** Whether nothing of GraphBit's that began within the scope is left: no run, call, stream or function, and no byte of a run. */
  clean: boolean;
}

export interface ScopeOptions {
  /** For the report. */
  name?: string | undefined;
  /** Takes the report at the end of the scope. Without it, a scope that is not clean warns (`process.emitWarning`). */
  onEnd?: ((report: ScopeReport) => void) | undefined;
}

type Counts = Pick<Alive, 'runs' | 'calls' | 'streams'>;

function sockets(): number | null {
  try {
    const folder = '/proc/self/fd';
    return fs.readdirSync(folder).filter((fd) => isSocket(`${folder}/${fd}`)).length;
  } catch {
    return null; // another system than Linux
  }
}

function isSocket(path: string): boolean {
  try {
    return fs.readlinkSync(path).startsWith('socket:');
  } catch {
    return false; // closed meanwhile
  }
}

const alive = (): Alive => ({
  ...(JSON.parse(native.underWay()) as Counts),
  functions: openFunctions(),
  timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'Immediate').length,
  sockets: sockets(),
});

/** The garbage is not what is left. Twice, for what finalizers free may be garbage's own. */
async function settled(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A part of a program that is watched, from `trackScope` to the end of its block: `await using scope = trackScope()`. */
export class TrackedScope {
  readonly #name: string;
  readonly #onEnd: ((report: ScopeReport) => void) | undefined;
  readonly #began = performance.now();
  readonly #alive: Alive;
  readonly #native: ScopeReport['native'];
  readonly #heap: number;
  /** Runs that held something before. */
  readonly #runs: Set<string>;
  #report: Promise<ScopeReport> | undefined;

  /** @internal */
  constructor(options: ScopeOptions) {
    this.#name = options.name ?? 'scope';
    this.#onEnd = options.onEnd;
    const usage = memoryUsage();
    this.#alive = alive();
    this.#native = usage.native;
    this.#heap = usage.heapUsed;
    this.#runs = new Set(usage.native?.byRun.map((run) => run.runId));
  }

  /** What is left now. */
  report(): ScopeReport {
    const [now, usage] = [alive(), memoryUsage()];
    const more = (name: keyof Alive): number => Math.max(0, (now[name] ?? 0) - (this.#alive[name] ?? 0));
    const left: Alive = {
      runs: more('runs'), calls: more('calls'), streams: more('streams'), functions: more('functions'), timers: more('timers'),
      sockets: now.sockets === null || this.#alive.sockets === null ? null : more('sockets'),
    };
    const runs = usage.native?.byRun.filter((run) => !this.#runs.has(run.runId)) ?? [];
    const grown = (name: keyof NonNullable<ScopeReport['native']>): number => (usage.native?.[name] ?? 0) - (this.#native?.[name] ?? 0);
    return {
      name: this.#name,
      durationMs: performance.now() - this.#began,
      alive: left,
      native: usage.native && this.#native && { runsBytes: grown('runsBytes'), callsBytes: grown('callsBytes'), sharedBytes: grown('sharedBytes') },
      runs,
      heapBytes: usage.heapUsed - this.#heap,
      clean: left.runs + left.calls + left.streams + left.functions === 0 && runs.length === 0,
    };
  }

  /** Ends the scope and reports, after a garbage collection where the program may ask for one. A second call gives the same report. */
  end(): Promise<ScopeReport> {
    this.#report ??= settled().then(() => {
      const report = this.report();
      if (this.#onEnd) this.#onEnd(report);
      else if (!report.clean) process.emitWarning(said(report), { type: 'GraphBitScopeWarning' });
      return report;
    });
    return this.#report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

function said({ name, alive: left, runs, native: grown }: ScopeReport): string {
  const counted = Object.entries(left).filter(([kind, count]) => count && kind !== 'timers' && kind !== 'sockets');
  const parts = counted.map(([kind, count]) => `${count} ${kind} under way`);
  if (runs.length > 0) parts.push(`${grown?.runsBytes ?? 0} bytes more of runs, most of them of ${runs.slice(0, 3).map((run) => run.runId).join(', ')}`);
  return `${name} left behind: ${parts.join('; ')}`;
}

/** Watches a part of a program: what it begins and does not end, and the memory that it leaves behind. */
export function trackScope(options?: ScopeOptions | string): TrackedScope {
  const given = checkOptions<ScopeOptions>(typeof options === 'string' ? { name: options } : options, ['name', 'onEnd'], 'scope option');
  if (given.name !== undefined && typeof given.name !== 'string') throw invalidInput(`name must be a string, not ${typeName(given.name)}`);
  if (given.onEnd !== undefined && typeof given.onEnd !== 'function') throw invalidInput(`onEnd must be a function, not ${typeName(given.onEnd)}`);
  return new TrackedScope(given);
}
