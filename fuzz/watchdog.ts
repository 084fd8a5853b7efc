import { copyFileSync, mkdirSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Seconds that one input may take before it is taken to hang for good, other work on the machine included. */
const PATIENCE_S = 60;
const LOOK_S = 5;

interface Watched {
  /** The folder in which the inputs in hand lie. */
  readonly folder: string;
  /** Names the inputs in hand, as does the count of inputs behind it. */
  readonly seed: string;
  readonly count: SharedArrayBuffer;
}

/**
 * Watches from another thread, since one that hangs cannot tell: the inputs at which `count` stands still are kept as finds,
 * and the process is ended. Returns the count to be increased with each input.
 */
export function watch(folder: string, seed: string): Int32Array {
  const count = new SharedArrayBuffer(4);
  new Worker(new URL(import.meta.url), { workerData: { folder, seed, count } satisfies Watched }).unref();
  return new Int32Array(count);
}

if (!isMainThread) {
  const { folder, seed, count } = workerData as Watched;
  const inputs = new Int32Array(count);
  let [last, since] = [-1, 0];
  setInterval(() => {
    const done = Atomics.load(inputs, 0);
    since = done === last ? since + LOOK_S : 0;
    last = done;
    if (since < PATIENCE_S) return;
    mkdirSync(join('fuzz', 'finds'), { recursive: true });
    for (const name of readdirSync(folder)) {
      const file = join('fuzz', 'finds', `${seed}-${done}-${name}.pcap`);
      copyFileSync(join(folder, name), file);
      // Everything else goes by the other thread.
      writeSync(1, `${file}: this or another one hangs\n`);
    }
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_S * 1000);
}
