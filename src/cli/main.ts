#!/usr/bin/env node
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bound, showUnprintable } from '../report/escape.js';
import { generator } from '../report/generator.js';
import { formats, type WriteReport } from '../report/index.js';
import { warningText } from '../report/phrases.js';
import { parseOptions, UsageError, type Options } from './options.js';
import { wantsColor, widthOf } from './terminal.js';

const FAILED = 1;
const NOT_ANALYSED = 2;
const MOST_WARNINGS = 20;

/** The whole program; gives its exit code. */
async function run(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args, Math.min(100, widthOf(undefined, process.stdout)));
    if ('text' in options) {
      await write([`${options.text}\n`], undefined);
      return 0;
    }
    return await report(options);
  } catch (error) {
    complain(explain(error));
    return NOT_ANALYSED;
  }
}

async function report(options: Options): Promise<number> {
  const { captures, output, format } = options;
  if (captures.includes('-') && process.stdin.isTTY) {
    throw new UsageError('standard input is a terminal: pipe a capture into it, e.g. tcpdump -w - | tls-postmortem -');
  }
  if (output !== undefined) await spareCaptures(output, captures);

  const { analyze } = await import('../analyze.js');
  const results = await analyze(captures, {
    ca: options.ca,
    signal: interruption(),
    ...(options.at === undefined ? {} : { at: options.at }),
  });
  // The text report on standard output has the warnings itself.
  if (output !== undefined || format !== 'text') warn(results);

  const writeReport = await formats[format]?.load();
  if (writeReport === undefined) throw new UsageError(`no format ${format}`);
  const destination = output === undefined ? process.stdout : {};
  const pieces = writeReport(results, {
    color: wantsColor(options.color, output === undefined ? process.env : {}, destination),
    width: widthOf(options.width, destination),
  });
  await write(pieces, output);
  return options.failOn === 'any' && results.summary.failed > 0 ? FAILED : 0;
}

/** Ctrl-C ends the reading, and what was read is reported; a second one ends the program. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort();
  });
  return controller.signal;
}

/** A capture is evidence: `-o` with its name by mistake must not destroy it. */
async function spareCaptures(output: string, captures: readonly string[]): Promise<void> {
  const target = await stat(output).catch(() => undefined);
  for (const path of captures) {
    const source = path === '-' ? undefined : await stat(path).catch(() => undefined);
    if (target?.isFile() && target.ino === source?.ino && target.dev === source.dev) {
      throw new UsageError(`--output would overwrite the capture ${path}`);
    }
  }
}

async function write(pieces: Iterable<string>, output: string | undefined): Promise<void> {
  try {
    if (output !== undefined) await pipeline(Readable.from(pieces), createWriteStream(output));
    else await pipeline(Readable.from(pieces), process.stdout, { end: false });
  } catch (error) {
    // The reader has seen enough: `| head`.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

function warn({ captures }: Parameters<WriteReport>[0]): void {
  const warnings = captures.flatMap(({ path, warnings: own }) =>
    own.map((warning) => `${path}: ${warningText(warning)}`),
  );
  warnings.slice(0, MOST_WARNINGS).forEach(complain);
  if (warnings.length > MOST_WARNINGS) complain(`${warnings.length - MOST_WARNINGS} more warnings are in the report`);
}

function complain(line: string): void {
  process.stderr.write(`${generator.name}: ${showUnprintable(bound(line, 1000))}\n`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOSPC: 'no space left on the device',
};

/** An error in one line; one that nobody foresaw with the place in the program where it arose. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return `internal error: ${String(error)}`;
  if (error instanceof UsageError) return `${error.message} (--help shows the usage)`;
  const code = 'code' in error ? String(error.code) : '';
  if ('path' in error && typeof error.path === 'string') {
    return Object.hasOwn(REASONS, code) && !error.message.startsWith(error.path)
      ? `${error.path}: ${REASONS[code] ?? ''}`
      : error.message;
  }
  if (code !== '') return error.message;
  return `internal error, please report it: ${error.stack?.split('\n').slice(0, 3).join(' ') ?? error.message}`;
}

process.exitCode = await run(process.argv.slice(2));
