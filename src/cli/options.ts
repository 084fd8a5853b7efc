import type { AnalyzeOptions } from '../analyze.js';
import { distanceOf } from '../explain/nearest.js';
import { formats, type Selection } from '../report/index.js';
import { EVERYTHING } from '../report/selection.js';

/** When the exit code is 1: `any` handshake failed, one failed or runs a `risk`, or `never`. */
export type FailOn = 'any' | 'risk' | 'never';

/** Which of the connections selected the report lists. */
export type Only = 'failed' | 'all';

/** What the command line asks for. */
export interface Options {
  /** Paths; `-` is standard input. */
  readonly captures: readonly string[];
  /** Id of a format. */
  readonly format: string;
  /** File to write to, or undefined for standard output. */
  readonly output: string | undefined;
  /** Paths of stores that both sides trust besides the public roots. */
  readonly ca: readonly string[];
  /** Paths of key log files. */
  readonly keys: readonly string[];
  /** Paths of stores: what the clients trust, what the server does, and what it is configured to send. */
  readonly clientTrusts: readonly string[];
  readonly serverTrusts: readonly string[];
  readonly serverCertificates: readonly string[];
  /** Configuration of the server, or JSON of a scan of it, and of the clients. */
  readonly serverConfig: string | undefined;
  readonly clientConfig: string | undefined;
  /** The file of which is asked whether handshakes would have worked with it, and what it is where content does not tell. */
  readonly whatIf: NonNullable<AnalyzeOptions['whatIf']> | undefined;
  /** File of passwords for stores, one a line. */
  readonly passwordFile: string | undefined;
  readonly at: Date | undefined;
  readonly failOn: FailOn;
  /** Whether a capture that could not be read to its end counts as one that could not be analysed. */
  readonly strict: boolean;
  /** File of failures that are known. */
  readonly baseline: string | undefined;
  readonly selection: Selection;
  /** IANA's name of the zone of the report's times, and of those of the selection. */
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
  /** MiB for all that is buffered and remembered. */
  readonly memory: number | undefined;
  /** Whether more is waited for at the end of the capture, which is still being written. */
  readonly follow: boolean;
  /** Whether long work shows itself on a terminal. */
  readonly progress: boolean;
  /** Whether a report that is longer than the screen goes to a pager. */
  readonly pager: boolean;
  /** Captures are named as they were given, absolute paths too. */
  readonly fullPaths: boolean;
  /** Undefined: as the terminal and its locale say. */
  readonly ascii: boolean | undefined;
  /** Undefined: as the terminal and its environment say. */
  readonly color: boolean | undefined;
  /** Undefined: as the terminal says. */
  readonly width: number | undefined;
}

/** A command line that cannot be understood; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What is not asked for otherwise; the parser has its defaults from here. */
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

/** The format of a report by the extension of the file that it is written to; text of any other. */
export function formatOf(output: string | undefined): string {
  const [, extension = ''] = /\.([a-z]+)$/i.exec(output ?? '') ?? [];
  const found = Object.entries(formats).find(([, { extensions }]) => extensions.includes(extension.toLowerCase()));
  return found?.[0] ?? DEFAULTS.format;
}

/** Words that are commands, and no captures, when they come first. */
export const COMMANDS: ReadonlySet<string> = new Set(['explain', 'compare', 'facts', 'merge', 'completion']);

/** The command that a word which names no file may have meant, or undefined. */
export function commandLike(word: string): string | undefined {
  return [...COMMANDS].find((command) => distanceOf(command, word) <= 2);
}

/**
 * The options of a command line that has captures and at most a format, which is most of them; undefined for all others.
 * The parser makes the same of it, as a test holds, but to load it takes a fifth of the time that a small capture takes
 * (70 ms of processor time; 15 pairs by turns).
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
