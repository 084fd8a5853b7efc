import { BOUNDS } from '../bounds.js';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FactsLine } from '../facts/line.js';
import type { SliceNumber } from '../facts/recording.js';
import { generator } from '../report/generator.js';
import { last, mebibytesOf, newParser, type OptionTable } from './arguments.js';
import { collectSooner, setUpHeap } from './heap.js';
import type { Interruption } from './interruption.js';
import { UsageError } from './options.js';
import { WORDS } from './words.js';

/** What `facts` is asked for. */
export interface FactsOptions {
  readonly captures: readonly string[];
  readonly slice: SliceNumber;
  /** Key log files. */
  readonly keys: readonly string[];
  /** Undefined: standard output. */
  readonly output: string | undefined;
  /** MiB. */
  readonly memory: number | undefined;
}

const MEBI = 2 ** 20;
const MOST_SLICES = BOUNDS.slices.value;

const OPTIONS = {
  slice: {
    requiresArg: true,
    type: 'string',
    default: '1/1',
    coerce: (value: string | string[]) => sliceOf(last(value)),
    describe: WORDS.options.slice,
  },
  output: {
    alias: 'o',
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.factsOutput,
  },
  keys: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [],
    defaultDescription: WORDS.defaults.none,
    describe: WORDS.options.keys,
  },
  memory: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => mebibytesOf(last(value)),
    describe: WORDS.options.factsMemory,
  },
} as const satisfies OptionTable;

/** Parses the words after `facts`. Throws UsageError. */
export function parseFactsOptions(args: readonly string[], width: number): FactsOptions | { readonly text: string } {
  let printed = '';
  const parsed = newParser(OPTIONS, ['help'])
    .usage(WORDS.usage.facts)
    .help('help')
    .alias('help', 'h')
    .version(false)
    .example('$0 facts --slice 2/7 -o 2.facts.gz trace.pcap*', WORDS.examples.slice)
    .example('$0 merge -f html -o report.html *.facts.gz', WORDS.examples.merge)
    .wrap(width)
    .parseSync([...args], {}, (_error, _argv, output: string) => {
      printed = output;
    });
  if (printed !== '') return { text: printed };
  const captures = parsed._.map(String);
  if (captures.length === 0) throw new UsageError(WORDS.errors.noCaptureForFacts);
  if (captures.includes('-')) throw new UsageError(WORDS.errors.factsFromPipe);
  return { captures, slice: parsed.slice, keys: parsed.keys, output: parsed.output, memory: parsed.memory };
}

function sliceOf(value: string): SliceNumber {
  const [, index = '', count = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? [];
  const slice = { index: Number(index), count: Number(count) };
  if (slice.index < 1 || slice.index > slice.count || slice.count > MOST_SLICES) {
    throw new UsageError(WORDS.errors.slice({ value }));
  }
  return slice;
}

/** Writes the requested facts; returns a message about what was written. */
export async function writeFactsFile(options: FactsOptions, interruption: Interruption): Promise<string> {
  const { captures, slice, keys, output, memory } = options;
  const [{ writeFacts }, { lineText }] = await Promise.all([import('../facts/slice.js'), import('../facts/read.js')]);
  const input = output === undefined || output.endsWith('.gz') ? createGzip({ level: 1 }) : new PassThrough();
  const file = output === undefined ? process.stdout : createWriteStream(output);
  if (output !== undefined)
    file.once('open', () => {
      interruption.begin(output);
    });
  const written = pipeline(input, file, { end: output !== undefined });
  let connections = 0;
  const write = (line: FactsLine): Promise<unknown> | undefined => {
    if (line.kind === 'connection') connections++;
    return input.write(lineText(line)) ? undefined : Promise.race([once(input, 'drain'), written]);
  };
  setUpHeap();
  await writeFacts(captures, {
    slice,
    keys,
    generator: `${generator.name} ${generator.version}`,
    signal: interruption.signal,
    write,
    onProgress: collectSooner,
    ...(memory === undefined ? {} : { memory: memory * MEBI }),
  });
  input.end();
  await written;
  if (output !== undefined) interruption.end(output);
  return WORDS.wroteFacts({
    path: output ?? WORDS.files.standardOutput,
    slice: String(slice.index),
    slices: String(slice.count),
    how: interruption.signal.aborted ? WORDS.interrupted : '',
    count: connections,
  });
}
