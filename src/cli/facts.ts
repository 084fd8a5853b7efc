import { BOUNDS } from '../bounds.js';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FactsLine } from '../facts/line.js';
import type { SliceNumber } from '../facts/recording.js';
import { generator } from '../report/generator.js';
import { count } from '../report/messages/english.js';
import { last, mebibytesOf, newParser, type OptionTable } from './arguments.js';
import { collectSooner, setUpHeap } from './heap.js';
import type { Interruption } from './interruption.js';
import { UsageError } from './options.js';

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
    describe: 'Which part, of how many: 2/7 is the second of seven',
  },
  output: {
    alias: 'o',
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: 'Write to this file instead of standard output; not compressed if its name does not end in .gz',
  },
  keys: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [],
    defaultDescription: 'none',
    describe: 'Open what the secrets in this key log file are for; may be given more than once',
  },
  memory: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => mebibytesOf(last(value)),
    describe: 'MiB for all that is buffered [default: 256]',
  },
} as const satisfies OptionTable;

/** Parses the words after `facts`. Throws UsageError. */
export function parseFactsOptions(args: readonly string[], width: number): FactsOptions | { readonly text: string } {
  let printed = '';
  const parsed = newParser(OPTIONS, ['help'])
    .usage(
      '$0 facts [options] <capture...>\n\n' +
        'Writes what a report is made of, for `merge` to make it: the connections that begin in a part of a recording, as lines of ' +
        'JSON, compressed with gzip. The captures are the pieces of one recording; each process is given all of them, and reads ' +
        'only those that its part needs.',
    )
    .help('help')
    .alias('help', 'h')
    .version(false)
    .example('$0 facts --slice 2/7 -o 2.facts.gz trace.pcap*', 'The second of seven parts')
    .example('$0 merge -f html -o report.html *.facts.gz', 'The report of all parts')
    .wrap(width)
    .parseSync([...args], {}, (_error, _argv, output: string) => {
      printed = output;
    });
  if (printed !== '') return { text: printed };
  const captures = parsed._.map(String);
  if (captures.length === 0) throw new UsageError('facts: no capture given');
  if (captures.includes('-')) throw new UsageError('facts: a part of a pipe cannot be told from the rest; give files');
  return { captures, slice: parsed.slice, keys: parsed.keys, output: parsed.output, memory: parsed.memory };
}

function sliceOf(value: string): SliceNumber {
  const [, index = '', count = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? [];
  const slice = { index: Number(index), count: Number(count) };
  if (slice.index < 1 || slice.index > slice.count || slice.count > MOST_SLICES) {
    throw new UsageError(`--slice: "${value}" is not a part such as 2/7: a number from 1 on, of how many`);
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
  const how = interruption.signal.aborted ? 'interrupted, ' : '';
  return `wrote ${output ?? 'standard output'}: slice ${slice.index} of ${slice.count}, ${how}${count(connections, 'connection')}`;
}
