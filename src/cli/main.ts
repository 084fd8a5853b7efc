#!/usr/bin/env node
import { fileReason } from '../file-reasons.js';
import { causeIds } from './diagnoses.js';
import { createInterruption } from './interruption.js';
import { printNotice, reportWords } from './notices.js';
import { DEFAULTS, NOT_ANALYSED, plainOptions, UsageError, type Options } from './options.js';
import { report } from './report.js';
import { createSink } from './sink.js';
import { widthOf } from './terminal.js';
import { WORDS } from './words.js';

/** Precedes the words that a completion script asks about. */
const COMPLETION_FLAG = '--get-yargs-completions';

/** The whole program; returns its exit code. */
async function run(args: readonly string[]): Promise<number> {
  try {
    if (args[0] === COMPLETION_FLAG) return await complete(args.slice(1));
    if (args[0] === 'explain') return await explainTerm(args.slice(1));
    if (args[0] === 'compare') return await compare(args.slice(1));
    if (args[0] === 'facts') return await facts(args.slice(1));
    if (args[0] === 'merge') return await merge(args.slice(1));
    const options = plainOptions(args) ?? (await parse(args));
    if ('text' in options) return await print(`${options.text}\n`);
    return await report(options);
  } catch (error) {
    printNotice(errorText(error));
    return NOT_ANALYSED;
  }
}

async function print(text: string): Promise<number> {
  const sink = createSink(undefined, null);
  await sink.write(text);
  await sink.end();
  return 0;
}

async function compare(args: readonly string[]): Promise<number> {
  const { parseOptions } = await import('./parser.js');
  const options = parseOptions(args, helpWidth(), 'compare');
  if ('text' in options) return print(`${options.text}\n`);
  const { compareCaptures, findPoints } = await import('../compare.js');
  const points = (await findPoints(options.captures)) ?? options.captures;
  if (points.length === options.captures.length && points.some((path, index) => path !== options.captures[index])) {
    printNotice((await reportWords()).written.orderTaken({ paths: points.join(', ') }));
    return report({ ...options, captures: points }, compareCaptures);
  }
  return report(options, compareCaptures);
}

const helpWidth = (): number => Math.min(100, widthOf(undefined, process.stdout));

async function parse(args: readonly string[]): Promise<Options | { readonly text: string }> {
  const { parseOptions } = await import('./parser.js');
  return parseOptions(args, helpWidth());
}

async function explainTerm(words: readonly string[]): Promise<number> {
  const { explainText } = await import('./explain.js');
  return print(`${await explainText(words, helpWidth())}\n`);
}

async function facts(args: readonly string[]): Promise<number> {
  const { parseFactsOptions, writeFactsFile } = await import('./facts.js');
  const options = parseFactsOptions(args, helpWidth());
  if ('text' in options) return print(`${options.text}\n`);
  await (await import('./targets.js')).checkTargets({ ...DEFAULTS, ...options });
  const interruption = createInterruption(options.output !== undefined);
  try {
    printNotice(await writeFactsFile(options, interruption));
  } finally {
    interruption.discard();
  }
  return interruption.signal.aborted ? NOT_ANALYSED : 0;
}

async function merge(args: readonly string[]): Promise<number> {
  const { parseOptions } = await import('./parser.js');
  const options = parseOptions(args, helpWidth(), 'merge');
  if ('text' in options) return print(`${options.text}\n`);
  if (options.captures.includes('-')) throw new UsageError(WORDS.errors.mergeFromPipe);
  if (options.exportFrames !== undefined) throw new UsageError(WORDS.errors.mergeExport);
  return report(options, (await import('../analyze.js')).analyzeFacts);
}

async function complete(words: readonly string[]): Promise<number> {
  const { completionsOf } = await import('./parser.js');
  const completions = await completionsOf(words, await causeIds());
  return print(completions.map((word) => `${word}\n`).join(''));
}

/** An error in one line; for an unexpected one, with the place in the program where it arose. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return WORDS.errors.internal({ message: String(error) });
  if (error instanceof UsageError) return WORDS.errors.usage({ message: error.message });
  const code = 'code' in error ? String(error.code) : '';
  if ('path' in error && typeof error.path === 'string') {
    const reason = fileReason(error);
    return reason !== undefined && !error.message.startsWith(error.path) ? `${error.path}: ${reason}` : error.message;
  }
  if (code !== '') return error.message;
  return WORDS.errors.internalAt({ place: error.stack?.split('\n').slice(0, 3).join(' ') ?? error.message });
}

process.exitCode = await run(process.argv.slice(2));
