import type { CaptureSummary } from '../capture/open.js';
import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import { createSeenTwice, type SeenTwice } from '../connection/seen-twice.js';
import { createNoteCounter } from '../connection/warnings.js';
import { createHeldConnections } from '../connection/weight.js';
import { createContext } from '../diagnose/capture-context.js';
import type { DiagnosedConnection } from '../diagnose/finding.js';
import { locate } from '../diagnose/locate.js';
import type { KeyCounts, Results, Summary } from '../diagnose/results.js';
import { collectResults } from '../diagnose/results.js';
import { createWaiting } from '../diagnose/waiting.js';
import type { UnreadLine } from '../ends/configurations/configuration.js';
import type { Ends, WhatIfFile } from '../ends/ends.js';
import { createSharedVerdicts } from '../diagnose/fast-path/shared-verdicts.js';
import { createCopiedVerdicts } from '../diagnose/fast-path/copied-verdicts.js';
import { diagnoseRisks, isPlain } from '../diagnose/risks.js';
import type { Faults } from '../fault.js';
import type { MemoryBudget, MemoryHolder } from '../memory.js';
import { createLookups, type Lookups } from '../names/lookups.js';
import type { HostNames } from '../names/results.js';
import { createTrustAnchors } from '../x509/anchors.js';
import type { X509Reader } from '../x509/reader.js';
import { createNamesOfHosts, type NamedCaptures } from './host-names.js';
import { createOnDemand } from './on-demand.js';
import type { Read } from './read.js';
import { faultsByCapture, withAllWarnings } from './warnings.js';

/** How connections are judged, and who receives them. */
export interface JudgeOptions {
  /** Trust anchors in DER, in addition to Mozilla's. */
  readonly anchors: readonly Uint8Array[];
  /** What files of the two ends say. */
  readonly ends?: Ends;
  /** The file of `--if`: whether handshakes would have worked with it. */
  readonly otherEnd?: WhatIfFile;
  /** The names that were looked up; complete for all connections added so far. */
  readonly lookups?: Lookups;
  /** Judges certificates at this time instead of the time of their packets. */
  readonly at?: Date;
  /**
   * Whether a connection is counted and reported; connections that are not still serve as evidence for others. `start`
   * is when the captures begin.
   */
  readonly select?: (connection: DiagnosedConnection, start: Timestamp | null, hosts: HostNames) => boolean;
  /**
   * Called with each selected connection once its result is final: in order of the first frame, as long as no more wait
   * than are kept. The results keep only a bounded number of them.
   */
  readonly onConnection?: (connection: DiagnosedConnection) => Promise<void> | void;
  /**
   * For live reading: called with each connection that fails, soon after it ended, as far as it can be judged then;
   * `onConnection` is called again when the result is final. Called whether or not it is selected.
   */
  readonly onEarly?: (
    connection: DiagnosedConnection,
    start: Timestamp | null,
    hosts: HostNames,
  ) => Promise<void> | void;
  /** Failed connections that the results hold, and others; by default, as many as a report lists. */
  readonly mostHeld?: number;
  /**
   * Which of these need their own messages and frames, all by default. With `failed`, one that worked may have those of
   * an earlier connection that it repeats.
   */
  readonly detailed?: 'failed' | 'all';
}

/** Milliseconds of capture time that a failure waits for other connections before it is reported early. */
const EARLY_MS = 2000;

/** What the second half of an analysis needs of the captures. */
export interface JudgedCaptures extends NamedCaptures {
  readonly count: number;
}

/** The second half of an analysis: from connections, in the order in which they ended, to results. */
export interface Judge {
  /**
   * Takes connections that ended. Only what these two return is to be added: one view of each that a capture shows twice; `lastViews`
   * when no more come.
   */
  readonly firstViews: SeenTwice['firstViews'];
  readonly lastViews: SeenTwice['lastViews'];
  /** If it returns a promise, that must be awaited: something has to be loaded. */
  add(connection: Connection): Promise<void> | undefined;
  /** Takes a connection as evidence for others alone: it is neither judged nor counted. */
  addAsEvidence(connection: Connection): void;
  /**
   * Hands on the connections whose results are final, and those that are due to be reported early at this capture time
   * (milliseconds since 1970).
   */
  handOn(now?: number): Promise<void>;
  readonly summary: () => Summary;
  /** Of the connections so far, including those without a final result, unless only some are selected. */
  readonly counts: () => { readonly connections: number; readonly failed: number };
  /** Whether connections that worked are only counted from now on. */
  readonly wantsSums: () => boolean;
  /** Whether the report would say nothing about this connection but that it worked, nor about others of its kind. */
  readonly isPlain: (connection: Connection) => boolean;
  /** Changes when what was judged before might be judged differently now. */
  readonly generation: () => number;
  /**
   * Memory of caches and waiting connections, the least valuable first. A waiting connection that is given up is judged
   * without those that come later.
   */
  readonly holders: readonly MemoryHolder[];
  /** No more connections follow: judges those that still wait. */
  finish(read: Read, memory: MemoryBudget, keys: KeyCounts): Promise<Results>;
}

export function createJudge(
  reader: X509Reader,
  captures: JudgedCaptures,
  faults: Faults,
  options: JudgeOptions,
): Judge {
  const onDemand = createOnDemand(faults);
  const held = createHeldConnections();
  const anchors = createTrustAnchors(reader.certificate, { extra: options.anchors, roots: onDemand.roots });
  const lookups = options.lookups ?? createLookups();
  const names = createNamesOfHosts(lookups, captures);
  const context = createContext(anchors, { at: options.at, ends: options.ends, lookups, held });
  const { otherEnd, onEarly, select, onConnection, ends } = options;
  const isEachWanted = [select, onConnection, onEarly, ends, otherEnd].some((option) => option !== undefined);
  const whatIf =
    otherEnd === undefined
      ? null
      : import('../diagnose/ends/what-if.js').then(({ createWhatIf }) =>
          createWhatIf(otherEnd, context, anchors, options),
        );
  const collector = collectResults(context.chronology, options.mostHeld, held);
  const mayShareVerdicts = [onEarly, ends, otherEnd].every((option) => option === undefined);
  const repeats = isEachWanted ? createCopiedVerdicts(context) : createSharedVerdicts(context);
  const notes = createNoteCounter();
  // Who reads along does not wait for others to end.
  const seenTwice = createSeenTwice(onEarly === undefined ? undefined : 0);
  let areSeveralViews: boolean | undefined;
  const settled: DiagnosedConnection[] = [];
  const early: DiagnosedConnection[] = [];
  const inFull = (connection: Connection): DiagnosedConnection => onDemand.diagnose()(connection, context);
  const waiting = createWaiting({
    context,
    diagnose: (connection) =>
      connection.repeats === undefined
        ? repeats.judge(connection, inFull, isEachWanted ? mayShareVerdicts : collector.isFullOfFailures())
        : diagnoseRisks(connection, context),
    settled: (diagnosed) => settled.push(diagnosed),
    early: onEarly === undefined ? null : { after: EARLY_MS, report: (diagnosed) => early.push(diagnosed) },
    faults,
    held,
  });

  let start: Timestamp | null = null;
  const startOfCaptures = (): Timestamp | null => (start ??= earliestPacket(captures.summaries()));

  async function handOn(now?: number): Promise<void> {
    names.update();
    if (now !== undefined) waiting.reportEarly(now);
    for (const each of early.splice(0)) {
      await onEarly?.(captures.count === 1 ? each : locate(each, captures.placeOf), startOfCaptures(), names.hosts);
    }
    for (const each of settled) {
      const located = captures.count === 1 ? each : locate(each, captures.placeOf);
      const isSelected = options.select?.(located, startOfCaptures(), names.hosts) !== false;
      collector.add(located, isSelected);
      if (isSelected && whatIf !== null) (await whatIf).add(each);
      const taking = isSelected ? options.onConnection?.(located) : undefined;
      if (taking !== undefined) await taking;
    }
    settled.length = 0;
  }

  function take(connection: Connection): void {
    notes.add(connection);
    // A connection that repeats an earlier one has the same names.
    if (connection.repeats === undefined) names.note(connection);
    waiting.add(connection);
  }

  return {
    firstViews(ended) {
      // Of two views, the one with the addresses that are selected may be the second.
      if (select !== undefined || ended.length === 0) return ended;
      areSeveralViews ??= mayShowTwice(captures);
      return areSeveralViews ? seenTwice.firstViews(ended) : ended;
    },
    lastViews: seenTwice.lastViews,
    add(connection) {
      const loading = onDemand.load(connection);
      if (loading === undefined) take(connection);
      return loading?.then(() => {
        take(connection);
      });
    },
    addAsEvidence(connection) {
      waiting.addAsEvidence(connection);
    },
    handOn,
    summary: () => collector.summary(),
    counts() {
      const { connections, failed } = collector.summary();
      if (select !== undefined) return { connections, failed };
      const waits = waiting.counts();
      return { connections: connections + waits.failed + waits.others, failed: failed + waits.failed };
    },
    wantsSums: () => !isEachWanted && (options.detailed === 'failed' || collector.isFull()),
    isPlain: (connection) => faults.attempt('judge', connection.firstFrame, () => isPlain(connection, context), false),
    generation: context.knownIssuers,
    holders: [
      reader.holder,
      ...names.holders,
      repeats.holder,
      ...waiting.holders,
      ...context.holders,
      collector.holder,
    ],
    async finish(read, memory, keys) {
      waiting.finish();
      await handOn();
      collector.addIncomplete(read.counts.forgotten);
      const results = collector.results(
        withAllWarnings(captures.summaries(), {
          read,
          memory,
          seenTwice: seenTwice.count(),
          givenUp: context.work.givenUp(),
          lookups,
          notes: notes.warnings(),
          faults: faultsByCapture(faults, captures.placeOf),
        }),
        read.unread,
        keys,
      );
      const lines = unreadLines(options.ends, options.otherEnd?.ends);
      return {
        ...results,
        names: names.of(results),
        ...(lines.length === 0 ? {} : { unreadLines: lines }),
        ...(whatIf === null ? {} : { whatIf: (await whatIf).result() }),
      };
    },
  };
}

/**
 * Whether captures may show a packet before and after a router: they are several, or may be of several interfaces (`-i any`, any
 * pcapng).
 */
const mayShowTwice = (captures: JudgedCaptures): boolean =>
  captures.count > 1 ||
  captures
    .summaries()
    .some(({ format, linkTypes }) => format === 'pcapng' || linkTypes.some((name) => name.startsWith('LINUX_SLL')));

/** The lines in configurations of the ends that are not understood. */
function unreadLines(...ends: readonly (Ends | undefined)[]): readonly UnreadLine[] {
  return ends.flatMap((each) => [
    ...(each?.serverConfiguration?.unread ?? []),
    ...(each?.clientConfiguration?.unread ?? []),
  ]);
}

/** The first frame of all is the first one read. */
function earliestPacket(summaries: readonly CaptureSummary[]): Timestamp | null {
  return summaries
    .map(({ firstPacketAt }) => firstPacketAt)
    .reduce((a, b) => (a === null || (b !== null && millisecondsBetween(b, a) > 0) ? b : a), null);
}
