import yargs from 'yargs';
import { formats } from '../report/index.js';
import { generator } from '../report/generator.js';

/** When the exit code says that handshakes failed. */
export type FailOn = 'any' | 'never';

/** What the command line asks for. */
export interface Options {
  /** Paths; `-` is standard input. */
  readonly captures: readonly string[];
  /** Id of a format. */
  readonly format: string;
  /** File to write to, or undefined for standard output. */
  readonly output: string | undefined;
  /** Paths of PEM files. */
  readonly ca: readonly string[];
  readonly at: Date | undefined;
  readonly failOn: FailOn;
  /** Undefined: as the terminal and its environment say. */
  readonly color: boolean | undefined;
  /** Undefined: as the terminal says. */
  readonly width: number | undefined;
}

/** A command line that cannot be understood; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const NARROWEST = 60;
const WIDEST = 1000;

/** Reads the command line's arguments: options, or the text that `--help` or `--version` ask for. Throws UsageError. */
export function parseOptions(args: readonly string[], helpWidth: number): Options | { readonly text: string } {
  let printed = '';
  // Help and version are printed by main.ts, which also ends the program.
  const parsed = parser(helpWidth).parseSync([...args], {}, (_error, _argv, output: string) => {
    printed = output;
  });
  if (printed !== '') return { text: printed };
  // Asked for here rather than of yargs, which would complain of it before it complains of an unknown option.
  const captures = parsed._.map(String);
  if (captures.length === 0) throw new UsageError('no capture given');
  return {
    captures,
    format: parsed.format,
    output: parsed.output,
    ca: parsed.ca,
    at: parsed.at,
    failOn: parsed.failOn,
    color: parsed.color,
    width: parsed.width,
  };
}

function parser(helpWidth: number) {
  return yargs()
    .scriptName(generator.name)
    .usage(
      '$0 [options] <capture...>\n\n' +
        'Says why TLS handshakes failed: reads packet captures offline and names what broke, who broke it, the frames ' +
        'that prove it, and what each side must change.\n\n' +
        'A capture is a pcap or pcapng file, as tcpdump and Wireshark write them; - is standard input.',
    )
    .option('format', {
      alias: 'f',
      requiresArg: true,
      type: 'string',
      choices: Object.keys(formats),
      default: 'text',
      coerce: last<string>,
      describe: `Format of the report: ${Object.entries(formats)
        .map(([id, { name }]) => `${id} (${name})`)
        .join(', ')}`,
    })
    .option('output', {
      alias: 'o',
      requiresArg: true,
      type: 'string',
      coerce: last<string>,
      describe: 'Write the report to this file instead of standard output',
    })
    .option('ca', {
      requiresArg: true,
      type: 'string',
      array: true,
      default: [] as string[],
      defaultDescription: 'the Mozilla roots alone',
      describe: 'Trust the certificates in this PEM file too; may be given more than once',
    })
    .option('at', {
      requiresArg: true,
      type: 'string',
      coerce: (value: string | string[]) => timeOf(last(value)),
      describe: "Judge certificates at this time (ISO 8601, e.g. 2026-03-02T10:00:00Z) instead of their packets'",
    })
    .option('fail-on', {
      requiresArg: true,
      choices: ['any', 'never'] as const,
      default: 'any' as const,
      coerce: last<FailOn>,
      describe: 'Exit with 1 when any handshake failed, or never',
    })
    .option('color', {
      type: 'boolean',
      coerce: last<boolean>,
      describe: 'Colour the report; --no-color does not [default: on a terminal; NO_COLOR, FORCE_COLOR]',
    })
    .option('width', {
      requiresArg: true,
      type: 'string',
      coerce: (value: string | string[]) => columnsOf(last(value)),
      describe: `Columns of the text report, ${NARROWEST} to ${WIDEST} [default: the terminal's, or 80]`,
    })
    .help('help')
    .alias('help', 'h')
    .describe('help', 'Show this help')
    .version(`${generator.name} ${generator.version}`)
    .describe('version', 'Show the version')
    .example('$0 incident.pcap', 'Say why handshakes in a capture failed')
    .example('$0 --ca internal-root.pem gateway.pcap', 'Where servers have certificates of your own authority')
    .example('$0 -f json -o report.json a.pcap b.pcapng', 'Two captures, one report for programs')
    .example('ssh gateway tcpdump -w - -s 0 port 443 | $0 -', 'Analyse while it is captured; end it with Ctrl-C')
    .example('$0 --at 2026-03-02T10:00:00Z old.pcap', "Where the capturing host's clock was wrong")
    .epilogue(
      'Exit code: 0 analysed, no handshake failed; 1 at least one failed (see --fail-on); 2 could not analyse ' +
        '(wrong usage, unreadable input).',
    )
    .strictOptions()
    .parserConfiguration({ 'greedy-arrays': false, 'parse-numbers': false, 'parse-positional-numbers': false })
    .detectLocale(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(helpWidth)
    .fail((message: string | null, error: Error | undefined) => {
      throw error instanceof UsageError ? error : new UsageError(oneLine(message ?? error?.message ?? 'wrong usage'));
    });
}

/** An option that takes one value and is given twice: the last one counts, as in most programs. */
function last<T>(value: T | T[]): T {
  return Array.isArray(value) ? (value.at(-1) as T) : value;
}

/** What yargs says, in one line and in this program's words where its own are hard to follow. */
function oneLine(message: string): string {
  const line = message
    .split('\n')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
  return line
    .replace(/^Invalid values: Argument: (\S+), Given: (.*), Choices: (.*)$/, '--$1: $2 is not one of $3')
    .replace(/^Not enough arguments following: (\S)$/, '-$1 needs a value')
    .replace(/^Not enough arguments following: (\S+)$/, '--$1 needs a value')
    .replace(/^Unknown arguments?: (.*)$/, 'unknown option: $1');
}

// A date alone is UTC; a time needs its zone, or the report would depend on the machine's.
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function timeOf(value: string): Date {
  const time = new Date(ISO_TIME.test(value) ? value : NaN);
  if (Number.isNaN(time.getTime())) {
    throw new UsageError(`--at: "${value}" is not a time such as 2026-03-02T10:00:00Z (ISO 8601 with its zone)`);
  }
  return time;
}

function columnsOf(value: string): number {
  const columns = /^\d{1,4}$/.test(value) ? Number(value) : NaN;
  if (!(columns >= NARROWEST && columns <= WIDEST)) {
    throw new UsageError(`--width: "${value}" is not a number from ${NARROWEST} to ${WIDEST}`);
  }
  return columns;
}
