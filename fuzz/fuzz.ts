/**
 * Analyses mutated captures for a crash, a hang or growing memory:
 *
 *     npm run fuzz -- --seed 1 --inputs 100000 [--seconds 600] [DIRECTORY...]
 *
 * The captures to mutate are those of samples/ and of the directories. What is found is kept in fuzz/finds/, and becomes
 * a test by being moved to test/finds/.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createRandom } from '../bench/random.js';
import { analyze } from '../src/analyze.js';
import { CaptureError } from '../src/capture/error.js';
import { below, mutate } from './mutate.js';

/** Captures larger than this, in bytes, are left out: many small inputs find more than few large ones. */
const LARGEST = 65_536;
/** Milliseconds after which an analysis counts as a hang. */
const HANG_MS = 1000;
/** Inputs between two looks at the memory. */
const MEMORY_EVERY = 5000;
/** Megabytes by which the heap may differ from its first reading: caches fill up. */
const MEMORY_SLACK = 64;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    inputs: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '0' },
  },
});

const bases = ['samples', ...positionals].flatMap((directory) =>
  readdirSync(directory)
    .filter((name) => /\.(pcap|pcapng|cap)$/.test(name))
    .map((name) => readFileSync(join(directory, name)))
    .filter(({ length }) => length <= LARGEST),
);
const random = createRandom(Number(values.seed));
const scratch = mkdtempSync(join(tmpdir(), 'fuzz-'));
const path = join(scratch, 'input');
const started = Date.now();
const wanted = Number(values.inputs);
const deadline = Number(values.seconds) === 0 ? Infinity : started + 1000 * Number(values.seconds);

let finds = 0;
let slowest = 0;
let done = 0;
let firstHeap = 0;

function keep(input: Uint8Array, why: string): void {
  finds++;
  mkdirSync(join('fuzz', 'finds'), { recursive: true });
  const file = join('fuzz', 'finds', `${values.seed}-${done}.pcap`);
  writeFileSync(file, input);
  console.log(`${file}: ${why}`);
}

for (; done < wanted && Date.now() < deadline; done++) {
  const base = bases[below(random, bases.length)];
  if (base === undefined) throw new Error('no captures to mutate');
  const mutated = mutate(base, random);
  const input = below(random, 50) === 0 ? gzipSync(mutated) : mutated;
  writeFileSync(path, input);
  const begun = performance.now();
  try {
    await analyze([path]);
  } catch (error) {
    if (!(error instanceof CaptureError)) keep(input, error instanceof Error ? (error.stack ?? '') : String(error));
  }
  const took = performance.now() - begun;
  // The first input loads the certificate parser.
  if (done > 0) slowest = Math.max(slowest, took);
  if (took > HANG_MS && done > 0) keep(input, `took ${Math.round(took)} ms`);
  if (done % MEMORY_EVERY === MEMORY_EVERY - 1) {
    globalThis.gc?.();
    const heap = process.memoryUsage().heapUsed / 2 ** 20;
    if (firstHeap === 0) firstHeap = heap;
    console.log(`${done + 1} inputs, ${finds} finds, slowest ${slowest.toFixed(0)} ms, heap ${heap.toFixed(0)} MiB`);
    if (heap > firstHeap + MEMORY_SLACK) {
      console.log('the heap grows');
      finds++;
      break;
    }
  }
}
rmSync(scratch, { recursive: true });
const seconds = ((Date.now() - started) / 1000).toFixed(0);
console.log(`${done} inputs, seed ${values.seed}, ${seconds} s, ${finds} finds, slowest ${slowest.toFixed(0)} ms`);
process.exitCode = finds === 0 ? 0 : 1;
