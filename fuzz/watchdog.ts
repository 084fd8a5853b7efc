import { copyFileSync, mkdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Seconds that one input may take before it is taken to hang for good, other work on the machine included. */
const PATIENCE_S = 60;
const LOOK_S = 5;

interface Watched {
  /** Where the input in hand lies. */
  readonly path: string;
  /** Names the input in hand, as does the count of inputs behind it. */
  readonly seed: string;
  readonly count: SharedArrayBuffer;
}

/**
 * Watches from another thread, since one that hangs cannot tell: an input at which `count` stands still is kept as a find,
 * and the process is ended. Returns the count to be increased with each input.
 */
export function watch(path: string, seed: string): Int32Array {
  const count = new SharedArrayBuffer(4);
  new Worker(new URL(import.meta.url), { workerData: { path, seed, count } satisfies Watched }).unref();
  return new Int32Array(count);
}

if (!isMainThread) {
  const { path, seed, count } = workerData as Watched;
  const inputs = new Int32Array(count);
  let [last, since] = [-1, 0];
  setInterval(() => {
    const done = Atomics.load(inputs, 0);
    since = done === last ? since + LOOK_S : 0;
    last = done;
    if (since < PATIENCE_S) return;
    mkdirSync(join('fuzz', 'finds'), { recursive: true });
    const file = join('fuzz', 'finds', `${seed}-${done}.pcap`);
    copyFileSync(path, file);
    // Everything else goes by the other thread.
    writeSync(1, `${file}: hangs\n`);
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_S * 1000);
}
