/**
 * Analyses mutated captures for a crash, a hang or growing memory:
 *
 *     npm run fuzz -- --seed 1 --inputs 100000 [--seconds 600] [DIRECTORY...]
 *
 * What is mutated: the captures of samples/ and of the directories; the same in every file format, in fragments, and
 * compressed; handshakes with their keys; a capture for each link type and tunnel; what is said before TLS; and the structure of real handshakes and
 * certificates, over TCP, in QUIC, DTLS and EAP. Some are analysed together with others; of some, a report is drawn, in any format and width. What is found is kept in fuzz/finds/, and becomes a test by being moved to test/finds/.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createRandom } from '../bench/random.js';
import { analyze } from '../src/analyze.js';
import { CaptureError } from '../src/capture/error.js';
import type { Results } from '../src/diagnose/results.js';
import { EndFileError } from '../src/ends/file.js';
import { FactsError } from '../src/facts/error.js';
import { KeyLogError } from '../src/tls/decrypt/key-sources.js';
import { DEFAULTS, formats, writeReport } from '../src/report/index.js';
import { captureOf, live } from '../test/support/live.js';
import { lz4Frame, zstdFrame } from '../test/support/compressed.js';
import { carried } from './carriers.js';
import { certificateSeeds, mutatedCertificates } from './certificates.js';
import { changedFlights, mutatedHandshake, recordedFlights } from './handshakes.js';
import { below, mutate } from './mutate.js';
import { othersOf } from './others.js';
import { seedsOf } from './seeds.js';
import { watch } from './watchdog.js';

/** What says that an input is none that can be read. */
const REFUSALS = [CaptureError, EndFileError, FactsError, KeyLogError];
/** Milliseconds after which an analysis counts as a hang. */
const HANG_MS = 1000;
/** Inputs between two looks at the memory. */
const MEMORY_EVERY = 5000;
/** Megabytes by which memory may differ from its first reading: caches fill up. */
const MEMORY_SLACK = 64;
/** The first inputs load and compile the program. */
const WARM_UP = 50;
/** Handshakes whose structure is mutated. */
const HANDSHAKES = [
  'tls12-success.pcap',
  'tls13-success.pcap',
  'client-certificate-missing-tls12.pcap',
  'client-certificate-expired.pcap',
  'chain-incomplete.pcap',
  'certificate-expired-node.pcap',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    inputs: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '0' },
  },
});

/** Handshakes with keys: the capture and the key log are mutated, each alone or both. */
const keyed = await Promise.all(
  (['TLSv1.2', 'TLSv1.3'] as const).map(async (version) => {
    const { talk, keyLog } = await live({ version, renegotiates: version === 'TLSv1.2' });
    return { capture: captureOf(talk), keyLog: Buffer.from(keyLog) };
  }),
);
const seeds = await seedsOf(['samples', ...positionals]);
const handshakes = await Promise.all(HANDSHAKES.map(recordedFlights));
const chains = await certificateSeeds(HANDSHAKES);
const others = await othersOf(HANDSHAKES);
const writers = await Promise.all(Object.values(formats).map((format) => format.load()));
const random = createRandom(Number(values.seed));
// Where there is a file system in memory, most of the time is not spent on files.
const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fuzz-'));
const path = join(scratch, 'input');
const keysPath = join(scratch, 'keys');
let keys: readonly string[] = [];
/** Reads the input in hand where it is no capture, or is compared; else undefined. */
let readOther: ((path: string) => Promise<Results>) | undefined;
const watched = watch(path, values.seed);
const started = Date.now();
const wanted = Number(values.inputs);
const deadline = Number(values.seconds) === 0 ? Infinity : started + 1000 * Number(values.seconds);

let finds = 0;
let slowest = 0;
let done = 0;
let refused = 0;
let connections = 0;
let written = 0;
let firstMemory = 0;
/** Readings in a row that were too high. */
let tooHigh = 0;

function keep(input: Uint8Array, why: string): void {
  finds++;
  mkdirSync(join('fuzz', 'finds'), { recursive: true });
  const file = join('fuzz', 'finds', `${values.seed}-${done}.pcap`);
  writeFileSync(file, input);
  console.log(`${file}: ${why}`);
}

const pick = <T>(list: readonly T[]): T => {
  const one = list[below(random, list.length)];
  if (one === undefined) throw new Error('nothing to mutate');
  return one;
};

function nextInput(): Uint8Array {
  keys = [];
  readOther = undefined;
  if (below(random, 10) === 0) {
    const { bytes, read } = pick(others);
    readOther = read;
    return mutate(bytes, random);
  }
  if (below(random, 8) === 0) {
    const { capture, keyLog } = pick(keyed);
    keys = [keysPath];
    const which = below(random, 3);
    writeFileSync(keysPath, which === 0 ? keyLog : mutate(keyLog, random));
    return which === 1 ? capture : mutate(capture, random);
  }
  if (below(random, 5) === 0) {
    const certificates = mutatedCertificates(pick(chains), random);
    return below(random, 6) === 0 ? mutate(certificates, random) : certificates;
  }
  if (below(random, 5) === 0) return carried(changedFlights(pick(handshakes), random), random);
  if (below(random, 3) === 0) {
    const handshake = mutatedHandshake(pick(handshakes), random);
    return below(random, 4) === 0 ? mutate(handshake, random) : handshake;
  }
  const { bytes } = pick(seeds);
  switch (below(random, 40)) {
    case 0:
      return gzipSync(mutate(bytes, random), { level: 1 });
    case 1:
      return zstdFrame(mutate(bytes, random));
    case 2:
      return lz4Frame(mutate(bytes, random), { isStored: true });
    case 3:
      return mutate(
        pick([gzipSync, (plain: Uint8Array) => zstdFrame(plain), (plain: Uint8Array) => lz4Frame(plain)])(bytes),
        random,
      );
    default:
      return mutate(bytes, random);
  }
}

async function analyzeInput(input: Uint8Array): Promise<void> {
  // Now and then beside others, which overlap with it in time or do not.
  const beside = below(random, 8) === 0 ? [join('samples', pick(HANDSHAKES)), join('samples', pick(HANDSHAKES))] : [];
  try {
    const results = await (readOther?.(path) ?? analyze([path, ...beside], { keys }));
    connections += results.summary.connections;
    const fault = results.captures.flatMap(({ warnings }) => warnings).find(({ code }) => code === 'internal-error');
    if (fault !== undefined) keep(input, fault.message);
    // A report takes much longer than the analysis of so little.
    if (below(random, 20) === 0) {
      const options = {
        ...DEFAULTS,
        verbose: below(random, 2) === 0,
        width: 60 + below(random, 141),
        ascii: below(random, 2) === 0,
      };
      const text = [...writeReport(pick(writers)(options), results)].join('');
      written += text.length;
      if (text.includes('internal error'))
        keep(input, `a report of ${options.width} columns has an internal error in it`);
    }
  } catch (error) {
    if (REFUSALS.some((refusal) => error instanceof refusal)) refused++;
    else keep(input, error instanceof Error ? (error.stack ?? '') : String(error));
  }
}

for (; done < wanted && Date.now() < deadline; done++) {
  const input = nextInput();
  writeFileSync(path, input);
  Atomics.store(watched, 0, done);
  const begun = performance.now();
  await analyzeInput(input);
  const took = performance.now() - begun;
  if (done >= WARM_UP) slowest = Math.max(slowest, took);
  if (took > HANG_MS) {
    // Again, by the processor's time: other work on the machine does not count.
    const before = process.cpuUsage();
    await analyzeInput(input);
    const { user, system } = process.cpuUsage(before);
    if (user + system > 1000 * HANG_MS) keep(input, `took ${Math.round((user + system) / 1000)} ms`);
  }
  if (done % MEMORY_EVERY === MEMORY_EVERY - 1) {
    // What the first collection finds to be of no use any more, buffers among it, is free after the second.
    globalThis.gc?.();
    await nextTurn(50);
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const memory = (heapUsed + external) / 2 ** 20;
    if (firstMemory === 0) firstMemory = memory;
    console.log(
      `${done + 1} inputs, ${finds} finds, slowest ${slowest.toFixed(0)} ms, memory ${memory.toFixed(0)} MiB`,
    );
    // What the last input took (zstd may ask for 128 MiB) is sometimes freed only after the reading: growth stays.
    tooHigh = memory > firstMemory + MEMORY_SLACK ? tooHigh + 1 : 0;
    if (tooHigh > 1) {
      console.log('memory grows');
      finds++;
      break;
    }
  }
}
rmSync(scratch, { recursive: true });
const seconds = ((Date.now() - started) / 1000).toFixed(0);
console.log(`${done} inputs, seed ${values.seed}, ${seconds} s, ${finds} finds, slowest ${slowest.toFixed(0)} ms`);
console.log(
  `${refused} were refused as no captures, or no other files; the others had ${connections} connections, and reports of ${written} characters were written`,
);
process.exitCode = finds === 0 ? 0 : 1;
