import type { AnalyzeOptions } from '../analyze.js';
import { distanceOf } from '../explain/nearest.js';
import { formats, type Selection } from '../report/index.js';
import { EVERYTHING } from '../report/selection.js';

/** When the exit code is 1: if `any` handshake failed, if one failed or there is a `risk`, or `never`. */
export type FailOn = 'any' | 'risk' | 'never';

/** Which of the selected connections the report lists. */
export type Only = 'failed' | 'all';

/** What the command line asks for. */
export interface Options {
  /** Paths; `-` is standard input. */
  readonly captures: readonly string[];
  /** Id of a format. */
  readonly format: string;
  /** File to write to, or undefined for standard output. */
  readonly output: string | undefined;
  /** Paths of stores that both sides trust in addition to the public roots. */
  readonly ca: readonly string[];
  /** Paths of key log files. */
  readonly keys: readonly string[];
  /** Paths of stores: what the clients trust, what the server trusts, and what it is configured to send. */
  readonly clientTrusts: readonly string[];
  readonly serverTrusts: readonly string[];
  readonly serverCertificates: readonly string[];
  /** Configuration of the server, or JSON of a scan of it, and of the clients. */
  readonly serverConfig: string | undefined;
  readonly clientConfig: string | undefined;
  /** The file of `--if`, and its kind where the content does not show it. */
  readonly whatIf: NonNullable<AnalyzeOptions['whatIf']> | undefined;
  /** File of passwords for stores, one a line. */
  readonly passwordFile: string | undefined;
  readonly at: Date | undefined;
  readonly failOn: FailOn;
  /** Whether a capture that could not be read to its end counts as not analysed. */
  readonly strict: boolean;
  /** File of known failures. */
  readonly baseline: string | undefined;
  readonly selection: Selection;
  /** IANA's name of the time zone for the report's times, and for those of the selection. */
  readonly timeZone: string;
  /** Undefined: not asked for. */
  readonly only: Only | undefined;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** Directory for certificates. */
  readonly exportCertificates: string | undefined;
  /** File for a capture of the selected connections. */
  readonly exportFrames: string | undefined;
  /** Whether that capture has the keys of its connections. */
  readonly exportKeys: boolean;
  /** MiB for everything that is buffered and cached. */
  readonly memory: number | undefined;
  /** Whether to wait for more at the end of a capture that is still being written. */
  readonly follow: boolean;
  /** Whether to show progress on a terminal. */
  readonly progress: boolean;
  /** Whether to show a report longer than the screen in a pager. */
  readonly pager: boolean;
  /** Whether captures are named as given, including absolute paths. */
  readonly fullPaths: boolean;
  /** If undefined: as the terminal and its locale allow. */
  readonly ascii: boolean | undefined;
  /** If undefined: as the terminal and its environment allow. */
  readonly color: boolean | undefined;
  /** If undefined: the terminal's. */
  readonly width: number | undefined;
}

/** A command line that cannot be parsed; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes: at least one handshake failed, or the input could not be analysed. */
export const FAILED = 1;
export const NOT_ANALYSED = 2;

/** Defaults, also for the parser. */
export const DEFAULTS: Omit<Options, 'captures'> = {
  format: 'text',
  output: undefined,
  ca: [],
  keys: [],
  clientTrusts: [],
  serverTrusts: [],
  serverCertificates: [],
  serverConfig: undefined,
  clientConfig: undefined,
  whatIf: undefined,
  passwordFile: undefined,
  at: undefined,
  failOn: 'any',
  strict: false,
  baseline: undefined,
  selection: EVERYTHING,
  timeZone: 'UTC',
  only: undefined,
  verbose: false,
  quiet: false,
  exportCertificates: undefined,
  exportFrames: undefined,
  exportKeys: false,
  memory: undefined,
  follow: false,
  progress: true,
  pager: true,
  fullPaths: false,
  ascii: undefined,
  color: undefined,
  width: undefined,
};

/** The format of a report, by the extension of its file; text for any other. */
export function formatOf(output: string | undefined): string {
  const [, extension = ''] = /\.([a-z]+)$/i.exec(output ?? '') ?? [];
  const found = Object.entries(formats).find(([, { extensions }]) => extensions.includes(extension.toLowerCase()));
  return found?.[0] ?? DEFAULTS.format;
}

/** Words that are commands, not captures, if they come first. */
export const COMMANDS: ReadonlySet<string> = new Set(['explain', 'compare', 'facts', 'merge', 'completion']);

/** The command that a word may have meant if it names no file, or undefined. */
export function commandLike(word: string): string | undefined {
  return [...COMMANDS].find((command) => distanceOf(command, word) <= 2);
}

/**
 * The options of a command line with only captures and perhaps a format, as most are; undefined for all others. The
 * parser would return the same, which a test checks, but loading it takes a fifth of the time for a small capture (70
 * ms of processor time; 15 alternating pairs).
 */
export function plainOptions(args: readonly string[]): Options | undefined {
  let { format } = DEFAULTS;
  const captures: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument === '-f' || argument === '--format') {
      format = args[++index] ?? '';
      if (!Object.hasOwn(formats, format)) return undefined;
    } else if (argument === '-' || !argument.startsWith('-')) {
      captures.push(argument);
    } else {
      return undefined;
    }
  }
  if (captures.length === 0 || COMMANDS.has(captures[0] ?? '')) return undefined;
  return { ...DEFAULTS, captures, format };
}
