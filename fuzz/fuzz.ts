/**
 * Analyses mutated captures for a crash, a hang or growing memory:
 *
 *     npm run fuzz -- --seed 1 --inputs 1000000 [--seconds 600] [DIRECTORY...]
 *
 * What is mutated: the captures of samples/ and of the directories; the same in every file format, in fragments, and
 * compressed; handshakes with their keys; a capture for each link type and tunnel; what is said before TLS; and the structure of real handshakes and
 * certificates, over TCP, in QUIC, DTLS and EAP. Some are analysed together with others, compared with a changed copy, or read by way of their facts; of some, a report is drawn, in any format and width.
 * So that many are tried: parsers get inputs in memory (parsers.ts), and a capture holds a crowd of changed handshakes, each of which
 * counts. What is found is kept in fuzz/finds/, and becomes a test by being moved to test/finds/.
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
import type { Segment } from '../test/support/conversation.js';
import { captureOf, live } from '../test/support/live.js';
import { lz4Frame, zstdFrame } from '../test/support/compressed.js';
import { carried } from './carriers.js';
import { certificateSeeds, mutatedCertificates } from './certificates.js';
import { changedFlights, mutatedHandshake, recordedFlights } from './handshakes.js';
import { below, mutate } from './mutate.js';
import { othersOf, otherwise } from './others.js';
import { parsersOf } from './parsers.js';
import { seedsOf } from './seeds.js';
import { watch } from './watchdog.js';

/** What says that an input is none that can be read. */
const REFUSALS = [CaptureError, EndFileError, FactsError, KeyLogError];
/** Inputs under way at once. */
const LANES = 4;
/** Milliseconds after which an analysis counts as a hang. */
const HANG_MS = 1000;
/** Inputs that one parser gets, one after the other. */
const BURST = 64;
/** Handshakes in a capture that holds a crowd of them. */
const CROWD = 32;
/** Inputs between two looks at the memory. */
const MEMORY_EVERY = 50_000;
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
const parsers = parsersOf({ handshakes, chains, keyLogs: keyed.map(({ keyLog }) => keyLog) });
const writers = await Promise.all(Object.values(formats).map((format) => format.load()));
const random = createRandom(Number(values.seed));
// Where there is a file system in memory, most of the time is not spent on files.
const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fuzz-'));
const watched = watch(scratch, values.seed);
const started = Date.now();
const wanted = Number(values.inputs);
const deadline = Number(values.seconds) === 0 ? Infinity : started + 1000 * Number(values.seconds);

let finds = 0;
let slowest = 0;
let begun = 0;
let done = 0;
/** Inputs by what they were given to. */
const counts = new Map<string, number>();
let nextLook = MEMORY_EVERY;
/** Inputs that took long, maybe because others did. */
const suspects: Input[] = [];
let refused = 0;
let connections = 0;
let written = 0;
let firstMemory = 0;
/** Readings in a row that were too high. */
let tooHigh = 0;

function keep({ number, bytes }: Pick<Input, 'number' | 'bytes'>, why: string): void {
  finds++;
  mkdirSync(join('fuzz', 'finds'), { recursive: true });
  const file = join('fuzz', 'finds', `${values.seed}-${number}.pcap`);
  writeFileSync(file, bytes);
  console.log(`${file}: ${why}`);
}

const pick = <T>(list: readonly T[]): T => {
  const one = list[below(random, list.length)];
  if (one === undefined) throw new Error('nothing to mutate');
  return one;
};

/** An input with all that is drawn for it, so that it is the same whatever else is under way. */
interface Input {
  readonly number: number;
  /** What it is, for the counts; `size` is how many inputs are in it. */
  readonly kind: 'captures' | 'crowds' | 'otherwise' | 'keys' | 'others';
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly keyLog: Uint8Array | null;
  /** Reads what is no capture, or is compared; else undefined. */
  readonly read: ((path: string) => Promise<Results>) | undefined;
  /** Captures beside it, which overlap with it in time or do not. */
  readonly beside: readonly string[];
  /** How a report is drawn, if one is. */
  readonly report: readonly [writer: (typeof writers)[number], options: typeof DEFAULTS] | null;
}

function nextInput(number: number): Input {
  const alone = { size: 1, keyLog: null, read: undefined };
  const drawn = ((): Pick<Input, 'kind' | 'size' | 'bytes' | 'keyLog' | 'read'> => {
    if (below(random, 3) === 0) {
      const bytes = captureOf({ segments: crowd() });
      const isReadOtherwise = below(random, 8) === 0;
      const read = isReadOtherwise ? otherwise(below(random, 2) === 0 ? null : changedCopy(bytes)) : undefined;
      return { ...alone, kind: isReadOtherwise ? 'otherwise' : 'crowds', size: CROWD, bytes, read };
    }
    if (below(random, 10) === 0) {
      const { bytes, read } = pick(others);
      return { ...alone, kind: 'others', bytes: mutate(bytes, random), read };
    }
    if (below(random, 8) === 0) {
      const { capture, keyLog } = pick(keyed);
      const which = below(random, 3);
      const keys = which === 0 ? keyLog : mutate(keyLog, random);
      return { ...alone, kind: 'keys', bytes: which === 1 ? capture : mutate(capture, random), keyLog: keys };
    }
    return { ...alone, kind: 'captures', bytes: nextCapture() };
  })();
  const beside = below(random, 8) === 0 ? [join('samples', pick(HANDSHAKES)), join('samples', pick(HANDSHAKES))] : [];
  // A report takes much longer than the analysis of so little.
  const isDrawn = below(random, 20) === 0;
  const options = (): typeof DEFAULTS => ({
    ...DEFAULTS,
    verbose: below(random, 2) === 0,
    width: 60 + below(random, 141),
    ascii: below(random, 2) === 0,
  });
  return { number, ...drawn, beside, report: isDrawn ? [pick(writers), options()] : null };
}

/** As another point of a path may show it: whole, cut short, or changed. */
function changedCopy(bytes: Uint8Array): Uint8Array {
  const isWhole = below(random, 3) === 0;
  return isWhole
    ? bytes
    : below(random, 2) === 0
      ? bytes.subarray(0, below(random, bytes.length))
      : mutate(bytes, random);
}

/** Changed handshakes of one client and one server: one after the other, or all at once, packet by packet. */
function crowd(): Segment[] {
  const conversations = Array.from({ length: CROWD }, (_, index) => {
    const options = { clientPort: 40_000 + index, time: 1_700_000_000 + index };
    return below(random, 2) === 0
      ? mutatedCertificates(pick(chains), random, options)
      : mutatedHandshake(pick(handshakes), random, options);
  });
  if (below(random, 2) === 0) return conversations.flat();
  return conversations.flat().sort((a, b) => (a.time % 1) - (b.time % 1));
}

function nextCapture(): Uint8Array {
  if (below(random, 5) === 0) {
    const certificates = captureOf({ segments: mutatedCertificates(pick(chains), random) });
    return below(random, 6) === 0 ? mutate(certificates, random) : certificates;
  }
  if (below(random, 5) === 0) return carried(changedFlights(pick(handshakes), random), random);
  if (below(random, 3) === 0) {
    const handshake = captureOf({ segments: mutatedHandshake(pick(handshakes), random, { time: 1_700_000_000 }) });
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

async function analyzeInput(input: Input, path: string): Promise<void> {
  const { keyLog, read, beside, report } = input;
  const keys = keyLog === null ? [] : [`${path}-keys`];
  try {
    const results = await (read?.(path) ?? analyze([path, ...beside], { keys }));
    connections += results.summary.connections;
    const fault = results.captures.flatMap(({ warnings }) => warnings).find(({ code }) => code === 'internal-error');
    if (fault !== undefined) keep(input, JSON.stringify(fault.data));
    if (report !== null) {
      const [createWriter, options] = report;
      const text = [...writeReport(createWriter(options), results)].join('');
      written += text.length;
      if (text.includes('internal error'))
        keep(input, `a report of ${options.width} columns has an internal error in it`);
    }
  } catch (error) {
    if (REFUSALS.some((refusal) => error instanceof refusal)) refused++;
    else keep(input, error instanceof Error ? (error.stack ?? '') : String(error));
  }
}

const count = (kind: string, size: number): void => {
  counts.set(kind, (counts.get(kind) ?? 0) + size);
  done += size;
  Atomics.add(watched, 0, 1);
};

/** Gives one parser inputs, one after the other. */
function parse(): void {
  const parser = pick(parsers);
  const { name } = parser;
  const path = join(scratch, 'parsed');
  for (let index = 0; index < BURST; index++) {
    const input = { number: begun++, bytes: parser.make(random) };
    // For the watchdog, should this one hang.
    writeFileSync(path, input.bytes);
    const since = performance.now();
    try {
      parser.read(input.bytes);
    } catch (error) {
      keep(input, `${name}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
    }
    const took = performance.now() - since;
    if (took > HANG_MS) keep(input, `${name}: took ${Math.round(took)} ms`);
  }
  count(name, BURST);
}

/** Takes inputs one after another; what others wait for leaves this one time to compute. */
async function work(lane: number): Promise<void> {
  const path = join(scratch, `input-${lane}`);
  while (begun < wanted && Date.now() < deadline) {
    if (below(random, 3) === 0) {
      parse();
      continue;
    }
    const input = nextInput(begun);
    begun += input.size;
    writeFileSync(path, input.bytes);
    if (input.keyLog !== null) writeFileSync(`${path}-keys`, input.keyLog);
    const since = performance.now();
    await analyzeInput(input, path);
    if (performance.now() - since > HANG_MS) suspects.push(input);
    count(input.kind, input.size);
    if (done >= nextLook) return;
  }
}

/** Again, alone and by the processor's time: other inputs, and other work on the machine, do not count. */
async function time(input: Input): Promise<void> {
  const path = join(scratch, 'input-0');
  writeFileSync(path, input.bytes);
  if (input.keyLog !== null) writeFileSync(`${path}-keys`, input.keyLog);
  const before = process.cpuUsage();
  await analyzeInput(input, path);
  const { user, system } = process.cpuUsage(before);
  const took = (user + system) / 1000;
  slowest = Math.max(slowest, took);
  if (took > HANG_MS && input.number >= WARM_UP) keep(input, `took ${Math.round(took)} ms`);
}

/** Whether more memory is held than at first, in two looks one after the other. */
async function memoryGrows(): Promise<boolean> {
  // What the first collection finds to be of no use any more, buffers among it, is free after the second.
  globalThis.gc?.();
  await nextTurn(50);
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const memory = (heapUsed + external) / 2 ** 20;
  if (firstMemory === 0) firstMemory = memory;
  const rate = (1000 * done) / (Date.now() - started);
  console.log(
    `${done} inputs, ${rate.toFixed(0)} a second, ${finds} finds, slowest ${slowest.toFixed(0)} ms, memory ${memory.toFixed(0)} MiB`,
  );
  // What the last input took (zstd may ask for 128 MiB) is sometimes freed only after the reading: growth stays.
  tooHigh = memory > firstMemory + MEMORY_SLACK ? tooHigh + 1 : 0;
  return tooHigh > 1;
}

while (begun < wanted && Date.now() < deadline) {
  await Promise.all(Array.from({ length: LANES }, (_, lane) => work(lane)));
  for (const input of suspects.splice(0)) await time(input);
  if (done >= nextLook) {
    if (await memoryGrows()) {
      console.log('memory grows');
      finds++;
      break;
    }
    nextLook += MEMORY_EVERY;
  }
}
rmSync(scratch, { recursive: true });
const seconds = ((Date.now() - started) / 1000).toFixed(0);
console.log(`${done} inputs, seed ${values.seed}, ${seconds} s, ${finds} finds, slowest ${slowest.toFixed(0)} ms`);
console.log([...counts].map(([kind, size]) => `${kind} ${size}`).join(', '));
console.log(
  `${refused} were refused as no captures, or no other files; the others had ${connections} connections, and reports of ${written} characters were written`,
);
process.exitCode = finds === 0 ? 0 : 1;
