import type { analyze as Analyze, AnalyzeOptions } from '../analyze.js';
import { formats, type ReportWriter } from '../report/index.js';
import { partialText } from '../report/partial.js';
import { isSelected, selectsByName } from '../report/selection.js';
import { causeIds, unknownDiagnosis } from './diagnoses.js';
import { createExports } from './exports.js';
import { collectSooner, setUpHeap } from './heap.js';
import { analysisOf, checkCaptures, filesOf, isStream, readBaseline } from './inputs.js';
import { createInterruption, type Interruption } from './interruption.js';
import { printNotice, reportWords, warn } from './notices.js';
import { FAILED, NOT_ANALYSED, UsageError, type Options } from './options.js';
import { createPager, pagerOf } from './pager.js';
import { shownPath } from './paths.js';
import type { ProgressBar } from './progress.js';
import { createSelector } from './selected.js';
import { createSink } from './sink.js';
import { wantsAscii, wantsColor, widthOf } from './terminal.js';
import { WORDS } from './words.js';

type DiagnosedConnection = Parameters<ReportWriter['connection']>[0];
type Results = Parameters<ReportWriter['end']>[0];

const MEBI = 2 ** 20;

/**
 * Makes the report that the options ask for; returns the exit code.
 * @param compareCaptures for captures that are known to come from several points
 */
export async function report(options: Options, compareCaptures?: typeof Analyze): Promise<number> {
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
  const { writer, sink, write } = await openReport(options, interruption);
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
  const onEarly = isLive ? await earlyReporter(writer, write, options, isWatched ? progress : null) : undefined;
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
    ...(writer.detailed === undefined || exports.isAny ? { onConnection } : { detailed: writer.detailed }),
    ...(onEarly === undefined ? {} : { onEarly }),
  }).finally(() => {
    progress?.end();
  });

  const results =
    baseline === null ? analysed : { ...analysed, baseline: baseline.compareWithBaseline(analysed, baseline.known) };
  // The text report on standard output contains the warnings itself.
  if (!quiet && (output !== undefined || format !== 'text')) await warn(results);
  const shown = withShownPaths(results, options);
  for (const piece of writer.end(shown)) await write(piece);
  await sink.end();
  await exports.end(results, shown.captures);
  const nothing = selector.nothing();
  if (nothing !== null) {
    printNotice(nothing);
    return NOT_ANALYSED;
  }
  if (options.strict && partialText(results) !== null) return NOT_ANALYSED;
  return exitCodeOf(results, options);
}

/** The writer of the report, and where it goes: a file, standard output, or a pager. Throws UsageError. */
async function openReport(options: Options, interruption: Interruption) {
  const { output, format, quiet, selection } = options;
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
  // A format of lines is worth keeping even if it is incomplete.
  const isOfLines = writer.early !== undefined;
  const direct = createSink(output, isOfLines ? { ...interruption, begin: () => undefined } : interruption);
  const pager = isOnScreen && options.pager ? pagerOf(process.env) : null;
  const sink = pager === null ? direct : createPager(pager, process.stdout.rows, direct);
  const write = (text: string): Promise<void> | undefined =>
    text === '' || (quiet && output === undefined) ? undefined : sink.write(text);
  return { writer, sink, write };
}

/** The results with the names of captures and key logs as the report shows them. */
function withShownPaths(results: Results, { fullPaths }: Options): Results {
  const shown = <File extends { readonly path: string }>(file: File): File => ({
    ...file,
    path: shownPath(file.path, fullPaths),
  });
  const { captures, keys } = results;
  return { ...results, captures: captures.map(shown), keys: keys && { ...keys, logs: keys.logs.map(shown) } };
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
  { timeZone, selection }: Options,
  progress: ProgressBar | undefined | null,
): Promise<AnalyzeOptions['onEarly']> {
  if (writer.early !== undefined) {
    return (connection, start, hosts) =>
      isSelected(selection, connection, start, hosts) ? write(writer.early?.(connection) ?? '') : undefined;
  }
  if (progress === null) return undefined;
  const lines = (await import('./live.js')).createFailureLines(timeZone);
  return (connection, start, hosts) => {
    if (!isSelected(selection, connection, start, hosts)) return;
    progress?.hide();
    for (const line of lines.of(connection)) process.stderr.write(`${line}\n`);
  };
}
