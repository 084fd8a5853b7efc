import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** One run of a whole process. */
export interface Run {
  /** Seconds from start to end. */
  readonly wall: number;
  /** Seconds of processor time, user and system; null if it cannot be told. */
  readonly cpu: number | null;
  /** Most memory held at once (resident), in bytes; null if it cannot be told. */
  readonly peak: number | null;
  /** Why it does not count, or null. */
  readonly failure: string | null;
}

// GNU time: a small process in between, so that the peak is the child's own. What Node.js tells of its children is less.
const TIME = '/usr/bin/time';
export const canMeasureMemory = process.platform === 'linux' && existsSync(TIME);

/** Runs a command with its output to /dev/null, for at most `limit` seconds. */
export async function measure([program, ...args]: Command, limit: number): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const usage = join(folder, 'usage');
  const timed: Command = canMeasureMemory
    ? [TIME, '-q', '-o', usage, '-f', '%U %S %M', program, ...args]
    : [program, ...args];
  try {
    const { wall, failure } = await run(timed, limit);
    if (!canMeasureMemory || failure !== null) return { wall, cpu: null, peak: null, failure };
    const [user = 0, system = 0, kibibytes = 0] = readFileSync(usage, 'utf8').trim().split(' ').map(Number);
    return { wall, cpu: user + system, peak: kibibytes * 1024, failure };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run([program, ...args]: Command, limit: number): Promise<Pick<Run, 'wall' | 'failure'>> {
  const start = process.hrtime.bigint();
  // A process group of its own: when time is up, what the program started ends too.
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, limit * 1000);
  const failure = await new Promise<string | null>((resolve) => {
    child.on('error', (error) => {
      resolve(error.message);
    });
    child.on('exit', (code, signal) => {
      resolve(code === 0 ? null : (signal ?? `exit code ${code ?? '?'}`));
    });
  });
  clearTimeout(timer);
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  return { wall, failure: wall >= limit ? `more than ${limit} s` : failure };
}

/** The median of the values, which must be some. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
