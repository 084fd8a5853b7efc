#!/usr/bin/env node
import { createReadStream, createWriteStream, existsSync, fstatSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { analyze as Analyze } from '../analyze.js';
import { BOUNDS } from '../bounds.js';
import { fileReason } from '../file-reasons.js';
import { bound, showUnprintable } from '../report/escape.js';
import { generator } from '../report/generator.js';
import { formats, type ReportWriter } from '../report/index.js';
import { partialText } from '../report/partial.js';
import { isSelected, selectsByName } from '../report/selection.js';
import { timeZoneOf } from '../report/time-zone.js';
import { unknownDiagnosis } from './diagnoses.js';
import { collectSooner, setUpHeap } from './heap.js';
import { createInterruption, type Interruption } from './interruption.js';
import { commandLike, DEFAULTS, plainOptions, UsageError, type Options } from './options.js';
import { shownPath } from './paths.js';
import type { ProgressBar } from './progress.js';
import { createPager, pagerOf } from './pager.js';
import { createSelector } from './selected.js';
import { createSink } from './sink.js';
import { wantsAscii, wantsColor, widthOf } from './terminal.js';
import { WORDS } from './words.js';

type DiagnosedConnection = Parameters<ReportWriter['connection']>[0];
type Results = Parameters<ReportWriter['end']>[0];

/** Precedes the words that a completion script asks about. */
const COMPLETION_FLAG = '--get-yargs-completions';
const FAILED = 1;
const NOT_ANALYSED = 2;
const MOST_WARNINGS = 20;

const MEBI = 2 ** 20;

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

async function causeIds(): Promise<string[]> {
  const { RULES } = await import('../index.js');
  return RULES.filter(({ role }) => role === 'cause').map(({ id }) => id);
}

/**
 * The analysis for these captures, and their order: `analyze` reads them as one recording; captures from several points
 * of one path, in which every packet would seem to be sent twice, are compared.
 */
async function analysisOf(captures: readonly string[]): Promise<readonly [typeof Analyze, readonly string[]]> {
  if (captures.length > 1 || statSync(captures[0] ?? '', { throwIfNoEntry: false })?.isDirectory() === true) {
    const { compareCaptures, findPoints } = await import('../compare.js');
    const points = await findPoints(captures);
    if (points !== null) return [compareCaptures, points];
  }
  return [(await import('../analyze.js')).analyze, captures];
}

/** Throws a UsageError where these captures cannot be read in the way asked for. */
async function checkCaptures(options: Options): Promise<void> {
  const { captures } = options;
  if (captures.includes('-') && process.stdin.isTTY) {
    throw new UsageError(WORDS.errors.terminal);
  }
  if (options.follow && (captures.length > 1 || captures.includes('-'))) {
    throw new UsageError(WORDS.errors.follow);
  }
  if (options.exportFrames !== undefined && captures.includes('-')) {
    throw new UsageError(WORDS.errors.exportFromPipe);
  }
  const [first = ''] = captures;
  const command = first === '-' || existsSync(first) ? undefined : commandLike(first);
  if (command !== undefined) throw new UsageError(WORDS.errors.noCommand({ word: first, command }));
  await (await import('./targets.js')).checkTargets(options);
}

/** @param compareCaptures for captures that are known to come from several points */
async function report(options: Options, compareCaptures?: typeof Analyze): Promise<number> {
  const interruption = createInterruption(options.output !== undefined || options.exportFrames !== undefined);
  try {
    return await reportUntil(interruption, options, compareCaptures);
  } finally {
    interruption.discard();
  }
}

async function reportUntil(
  interruption: Interruption,
  options: Options,
  compareCaptures?: typeof Analyze,
): Promise<number> {
  setUpHeap();
  await checkCaptures(options);
  const { captures, output, format, quiet, selection } = options;
  const [analyze, paths] = compareCaptures === undefined ? await analysisOf(captures) : [compareCaptures, captures];
  const unknown = selection.diagnoses.length > 0 ? unknownDiagnosis(selection.diagnoses, await causeIds()) : null;
  if (unknown !== null) throw new UsageError(unknown);

  const createWriter = await formats[format]?.load(options);
  if (createWriter === undefined) throw new UsageError(WORDS.errors.noFormat({ format }));
  const isOnScreen = output === undefined && process.stdout.isTTY && format === 'text' && !quiet;
  const destination = output === undefined ? process.stdout : {};
  const environment = output === undefined ? process.env : {};
  const writer = createWriter({
    color: wantsColor(options.color, environment, destination),
    width: widthOf(options.width, destination),
    ascii: wantsAscii(options.ascii, environment, destination),
    verbose: options.verbose,
    only: options.only ?? (isOnScreen ? 'failed' : 'all'),
    selection,
    timeZone: options.timeZone,
  });
  // Lines are whole one by one, and worth keeping.
  const isOfLines = writer.early !== undefined;
  const direct = createSink(output, isOfLines ? { ...interruption, begin: () => undefined } : interruption);
  const pager = isOnScreen && options.pager ? pagerOf(process.env) : null;
  const sink = pager === null ? direct : createPager(pager, process.stdout.rows, direct);
  const write = (text: string): Promise<void> | undefined =>
    text === '' || (quiet && output === undefined) ? undefined : sink.write(text);

  const baseline = options.baseline === undefined ? null : await readBaseline(options.baseline);
  const selector = createSelector(selection);
  const exports = await createExports(options, interruption);
  const onConnection = (connection: DiagnosedConnection): Promise<void> | undefined => {
    const exporting = exports.connection(connection);
    const text = writer.connection(connection);
    // For a report written at the end, nearly all connections need no waiting.
    return exporting === undefined ? write(text) : exporting.then(() => write(text));
  };
  const isWatched = options.progress && !quiet;
  const progress =
    isWatched && process.stderr.isTTY ? (await import('./progress.js')).createProgress(process.stderr) : undefined;
  const isLive = options.follow || captures.some(isStream);
  const reportEarly = isLive ? await earlyReporter(writer, write, options, isWatched ? progress : null) : undefined;
  const early =
    reportEarly === undefined
      ? null
      : async (
          ...[connection, start, hosts]: Parameters<NonNullable<NonNullable<Parameters<typeof Analyze>[1]>['onEarly']>>
        ): Promise<void> => {
          if (isSelected(selection, connection, start, hosts)) await reportEarly(connection);
        };
  const analysed = await analyze(paths, {
    ...(await filesOf(options)),
    follow: options.follow,
    signal: interruption.signal,
    ...(options.at === undefined ? {} : { at: options.at }),
    ...(options.memory === undefined ? {} : { memory: options.memory * MEBI }),
    onProgress(state) {
      collectSooner();
      progress?.show(state);
    },
    ...(selector.isAll ? {} : { select: selector.select }),
    readsNamesFirst: selectsByName(selection) && !options.follow && !captures.some(isStream),
    ...(writer.isOfResultsAlone === true && !exports.isAny ? {} : { onConnection }),
    ...(early === null ? {} : { onEarly: early }),
  }).finally(() => {
    progress?.end();
  });

  const results =
    baseline === null ? analysed : { ...analysed, baseline: baseline.compareWithBaseline(analysed, baseline.known) };
  // The text report on standard output contains the warnings itself.
  if (!quiet && (output !== undefined || format !== 'text')) await warn(results);
  const named = results.captures.map((one) => ({ ...one, path: shownPath(one.path, options.fullPaths) }));
  const { keys } = results;
  const logs = keys?.logs.map((one) => ({ ...one, path: shownPath(one.path, options.fullPaths) })) ?? [];
  for (const piece of writer.end({ ...results, captures: named, keys: keys && { ...keys, logs } })) await write(piece);
  await sink.end();
  await exports.end(results, named);
  const nothing = selector.nothing();
  if (nothing !== null) {
    printNotice(nothing);
    return NOT_ANALYSED;
  }
  if (options.strict && partialText(results) !== null) return NOT_ANALYSED;
  return exitCodeOf(results, options);
}

/** The exit code of what was analysed; says it where the report went to a file. */
async function exitCodeOf(results: Results, { failOn, output, format, quiet }: Options): Promise<number> {
  const failures = results.baseline?.newFailures ?? results.summary.failed;
  const risks = results.baseline?.newRisks ?? results.risks.length;
  const isBad = failures > 0 || (failOn === 'risk' && risks > 0);
  const code = failOn !== 'never' && isBad ? FAILED : 0;
  if (output !== undefined && !quiet) {
    const { verdictOf } = await import('../report/document/overview.js');
    const { written: say } = await reportWords();
    const [ofFailures, ofRisks] =
      results.baseline === undefined ? [say.failures, say.risks] : [say.newFailures, say.newRisks];
    const exit = code === FAILED ? say.exitOne({ why: failures > 0 ? ofFailures : ofRisks }) : say.exitZero;
    printNotice(say.report({ path: output, format, verdict: verdictOf(results), exit }));
  }
  return code;
}

/**
 * Reports a failure in a capture that is still being made: in the report, if its format can, else on standard error.
 * @param progress the bar there, if it is a terminal; null where nothing is to be shown of the work
 */
async function earlyReporter(
  writer: ReportWriter,
  write: (text: string) => Promise<void> | undefined,
  { timeZone }: Options,
  progress: ProgressBar | undefined | null,
): Promise<((connection: DiagnosedConnection) => Promise<void> | undefined) | undefined> {
  if (writer.early !== undefined) return (connection) => write(writer.early?.(connection) ?? '');
  if (progress === null) return undefined;
  const lines = (await import('./live.js')).createFailureLines(timeZone);
  return (connection) => {
    progress?.hide();
    for (const line of lines.of(connection)) process.stderr.write(`${line}\n`);
    return undefined;
  };
}

/** Known failures, and the code to compare with them, which is loaded only if there is a baseline. */
async function readBaseline(path: string) {
  const { BaselineError, compareWithBaseline, parseBaseline } = await import('../index.js');
  const { readWithoutConnections } = await import('./baseline.js');
  try {
    const text = await readWithoutConnections(createReadStream(path));
    if (text === null) {
      const most = BOUNDS.baselineBytes.value;
      throw new BaselineError(WORDS.errors.baselineTooLong({ most: String(most) }));
    }
    return { known: parseBaseline(text), compareWithBaseline };
  } catch (error) {
    if (error instanceof BaselineError) throw new UsageError(WORDS.errors.baseline({ path, message: error.message }));
    // Errors of reading, unlike those of opening, do not name the file.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

/** What the command is given besides captures: keys, and the files of both ends. */
async function filesOf(options: Options) {
  return {
    ca: options.ca,
    keys: options.keys,
    clientTrusts: options.clientTrusts,
    serverTrusts: options.serverTrusts,
    serverCertificates: options.serverCertificates,
    ...(options.serverConfig === undefined ? {} : { serverConfig: options.serverConfig }),
    ...(options.clientConfig === undefined ? {} : { clientConfig: options.clientConfig }),
    ...(options.whatIf === undefined ? {} : { whatIf: options.whatIf }),
    ...(await passwordsFor(options)),
  };
}

/** Nothing unless there are stores, only some of which are encrypted. */
async function passwordsFor({ ca, clientTrusts, serverTrusts, serverCertificates, whatIf, passwordFile }: Options) {
  const isNone = [ca, clientTrusts, serverTrusts, serverCertificates].every(({ length }) => length === 0);
  if (isNone && whatIf === undefined) return {};
  return { passwords: await (await import('./passwords.js')).passwordsOf(passwordFile) };
}

/** Whether a capture arrives while it is made: from a pipe. */
function isStream(path: string): boolean {
  try {
    return !(path === '-' ? fstatSync(0) : statSync(path)).isFile();
  } catch {
    return false;
  }
}

/** What is written besides the report; its code is loaded only if needed. */
async function createExports(
  { exportCertificates, exportFrames, exportKeys, keys, only, timeZone, quiet }: Options,
  interruption: Interruption,
) {
  const certificates =
    exportCertificates === undefined
      ? undefined
      : await (await import('../export/certificates.js')).createCertificateExport(exportCertificates);
  const frames =
    exportFrames === undefined
      ? undefined
      : (await import('../export/frames.js')).createFrameExport(timeZoneOf(timeZone));
  let leftOut = 0;
  return {
    isAny: certificates !== undefined || frames !== undefined,
    connection(diagnosed: DiagnosedConnection): Promise<void> | undefined {
      const { connection } = diagnosed;
      const isFailed = connection.outcome === 'failed';
      if ((isFailed || only === 'all') && frames?.add(diagnosed) === false) leftOut++;
      return isFailed || only !== 'failed' ? certificates?.add(connection) : undefined;
    },
    async end({ captures, keys: given }: Results, named: Results['captures']): Promise<void> {
      if (certificates === undefined && frames === undefined) return;
      const { written: say, counts } = await reportWords();
      if (certificates !== undefined && exportCertificates !== undefined) {
        const lacking = certificates.leftOut();
        if (!quiet) printNotice(say.certificates({ count: certificates.written(), path: exportCertificates }));
        if (lacking > 0) printNotice(say.certificatesLeftOut({ count: lacking, path: exportCertificates }));
      }
      if (frames === undefined || exportFrames === undefined) return;
      const pieces = frames.write(
        captures.map(({ path }) => path),
        named.map(({ path }) => path),
        exportKeys ? keys : null,
      );
      const file = createWriteStream(exportFrames);
      file.once('open', () => {
        interruption.begin(exportFrames);
      });
      await pipeline(Readable.from(pieces), file);
      interruption.end(exportFrames);
      if (!quiet) {
        const { connections, frames: number } = frames.written();
        const none = only === 'all' ? say.noFrames : say.noFailedFrames;
        const all = {
          frames: say.frameCount({ count: number }),
          connections: counts.connections({ count: connections }),
        };
        printNotice(say.frames({ path: exportFrames, what: connections === 0 ? none : say.framesOf(all) }));
      }
      if (given !== null) {
        const none = exportKeys ? say.noKeysFit : say.noKeysAsked;
        printNotice((frames.written().secrets > 0 ? say.keys : none)({ path: exportFrames }));
      }
      if (leftOut > 0) printNotice(say.framesLeftOut({ path: exportFrames, count: leftOut }));
    },
  };
}

/** The words of reports; their code is loaded only if something is said. */
async function reportWords() {
  return (await import('../report/wording.js')).ENGLISH_WORDING;
}

async function warn({ captures, keys }: Results): Promise<void> {
  if (keys === null && captures.every(({ warnings }) => warnings.length === 0)) return;
  const { warningOf } = await import('../report/words.js');
  const { written: say } = await reportWords();
  const warnings = captures.flatMap(({ path, warnings: own }) =>
    own.map((warning) =>
      say.warning({
        capture: path === '-' ? say.standardInput : path,
        warning: warningOf(warning, (value) => value),
      }),
    ),
  );
  if (keys !== null) {
    const [{ keyWarnings }, { plain }] = await Promise.all([
      import('../report/document/keys.js'),
      import('../report/document/text.js'),
    ]);
    warnings.push(...keyWarnings({ keys }).map(plain));
  }
  warnings.slice(0, MOST_WARNINGS).forEach(printNotice);
  if (warnings.length > MOST_WARNINGS) printNotice(say.moreWarnings({ count: warnings.length - MOST_WARNINGS }));
}

function printNotice(line: string): void {
  process.stderr.write(`${generator.name}: ${showUnprintable(bound(line, 1000))}\n`);
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
