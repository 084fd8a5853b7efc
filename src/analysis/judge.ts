import { listOf } from '../message.js';
import { notice, noticePhrase } from '../notices.js';
import type { CaptureWarning } from '../capture/frame.js';
import type { CaptureSummary } from '../capture/open.js';
import type { FramePlace } from '../capture/places.js';
import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import { createNoteCounter, faultWarnings } from '../connection/warnings.js';
import { createHeldConnections } from '../connection/weight.js';
import { createContext } from '../diagnose/capture-context.js';
import type { DiagnosedConnection } from '../diagnose/finding.js';
import { locate } from '../diagnose/locate.js';
import type { KeyCounts, Results, Summary } from '../diagnose/results.js';
import { collectResults } from '../diagnose/results.js';
import { createWaiting } from '../diagnose/waiting.js';
import type { UnreadLine } from '../ends/configurations/configuration.js';
import type { Ends, WhatIfFile } from '../ends/ends.js';
import { canOnlyHaveRisks, diagnoseRisks, isPlain } from '../diagnose/risks.js';
import type { Faults } from '../fault.js';
import type { MemoryBudget, MemoryHolder } from '../memory.js';
import { createLookups, type Lookups } from '../names/lookups.js';
import {
  createServerNames,
  hostNamesOf,
  nameResults,
  type CapturedNames,
  type HostNames,
  type NameResults,
} from '../names/results.js';
import { createTrustAnchors } from '../x509/anchors.js';
import type { X509Reader } from '../x509/reader.js';
import { loadRoots, NO_ROOTS } from '../x509/roots.js';
import type { Read, ReadCounts } from './read.js';

/** How connections are judged, and who gets them. */
export interface JudgeOptions {
  /** Trust anchors in DER that join Mozilla's. */
  readonly anchors: readonly Uint8Array[];
  /** What files of the two ends tell. */
  readonly ends?: Ends;
  /** The file of `--if`: would handshakes have worked with it? */
  readonly otherEnd?: WhatIfFile;
  /** What names were looked up as; complete as far as the connections are that are given. */
  readonly lookups?: Lookups;
  /** Judge certificates at this time instead of that of the packet which carried them. */
  readonly at?: Date;
  /** Whether a connection is to be counted and reported; all are evidence for others. `start` is when the captures begin. */
  readonly select?: (connection: DiagnosedConnection, start: Timestamp | null, hosts: HostNames) => boolean;
  /**
   * Takes each connection that is selected, once it is settled: in order of the first frame, as long as no more wait than
   * are kept. The results keep a bounded number of them.
   */
  readonly onConnection?: (connection: DiagnosedConnection) => Promise<void> | void;
  /**
   * Takes each connection that has failed soon after it ended, as far as can be told then; `onConnection` takes it again when it
   * is settled. For who reads while the capture is made. Whether it is selected is not asked.
   */
  readonly onEarly?: (
    connection: DiagnosedConnection,
    start: Timestamp | null,
    hosts: HostNames,
  ) => Promise<void> | void;
  /** Failed connections that results hold, and others; if not given, as many as a report lists. */
  readonly mostHeld?: number;
}

/** Milliseconds of the capture's time that a failure waits for its neighbours before it is told of early. */
const EARLY_MS = 2000;

/** The captures, as far as the second half of an analysis asks of them. */
export interface JudgedCaptures {
  readonly count: number;
  readonly placeOf: (frame: number) => FramePlace;
  summaries(): readonly CaptureSummary[];
  /** Names of hosts that the capture files have. */
  names(): readonly CapturedNames[];
}

/** The second half of an analysis: from connections, in the order in which they ended, to results. */
export interface Judge {
  /** To be waited for where it gives a promise: what it needs is loaded then. */
  add(connection: Connection): Promise<void> | undefined;
  /** Hands on the connections that are judged for good, and those that may be told early at this time of the capture (milliseconds since 1970). */
  handOn(now?: number): Promise<void>;
  readonly summary: () => Summary;
  /** Of the connections so far, with those that are not settled yet, unless only some are selected. */
  readonly counts: () => { readonly connections: number; readonly failed: number };
  /** Whether of connections that worked nothing is asked any more but sums. */
  readonly wantsSums: () => boolean;
  /** Whether nothing is to be told of a connection but that it worked, nor of another one like it. */
  readonly isPlain: (connection: Connection) => boolean;
  /** Changes where what was judged before may be judged otherwise now. */
  readonly generation: () => number;
  /** What is remembered and waits, the least valuable first: of what waits, nothing is lost but later neighbours. */
  readonly holders: readonly MemoryHolder[];
  /** No connection comes any more: judges what still waits. */
  finish(read: Read, memory: MemoryBudget, keys: KeyCounts): Promise<Results>;
}

export function createJudge(
  reader: X509Reader,
  captures: JudgedCaptures,
  faults: Faults,
  options: JudgeOptions,
): Judge {
  // Loaded with the first certificate that is sent, and the first connection that may have failed: most of a start's time would
  // go into them.
  let roots = NO_ROOTS;
  let diagnose = diagnoseRisks;
  const held = createHeldConnections();
  const anchors = createTrustAnchors(reader.certificate, { extra: options.anchors, roots: () => roots });
  const lookups = options.lookups ?? createLookups();
  const serverNames = createServerNames();
  const certificateNames = createServerNames();
  const context = createContext(anchors, { at: options.at, ends: options.ends, lookups, held });
  const { otherEnd, onEarly, select, onConnection, ends } = options;
  const whatIf =
    otherEnd === undefined
      ? null
      : import('../diagnose/ends/what-if.js').then(({ createWhatIf }) =>
          createWhatIf(otherEnd, context, anchors, options),
        );
  const collector = collectResults(context.chronology, options.mostHeld, held);
  const notes = createNoteCounter();
  const settled: DiagnosedConnection[] = [];
  const early: DiagnosedConnection[] = [];
  const waiting = createWaiting({
    context,
    diagnose: (connection) => diagnose(connection, context),
    settled: (diagnosed) => settled.push(diagnosed),
    early: onEarly === undefined ? null : { after: EARLY_MS, tell: (diagnosed) => early.push(diagnosed) },
    faults,
    held,
  });

  let start: Timestamp | null = null;
  /** The first frame of all is the first that is read. */
  function startOfCaptures(): Timestamp | null {
    start ??= captures
      .summaries()
      .map(({ firstPacketAt }) => firstPacketAt)
      .reduce((a, b) => (a === null || (b !== null && millisecondsBetween(b, a) > 0) ? b : a), null);
    return start;
  }

  /** More names come while the captures are read: made anew for those that are handed on together. */
  let ofCaptures: ReadonlyMap<string, readonly string[]> | null = null;
  const hosts: HostNames = {
    lookedUp: (address) => lookups.namesOf(address),
    captured: (address) => (ofCaptures ??= namesByAddress(captures.names())).get(address) ?? [],
  };

  async function handOn(now?: number): Promise<void> {
    ofCaptures = null;
    if (now !== undefined) waiting.tellEarly(now);
    for (const each of early.splice(0)) {
      await onEarly?.(captures.count === 1 ? each : locate(each, captures.placeOf), startOfCaptures(), hosts);
    }
    for (const each of settled) {
      const located = captures.count === 1 ? each : locate(each, captures.placeOf);
      const isSelected = options.select?.(located, startOfCaptures(), hosts) !== false;
      collector.add(located, isSelected);
      if (isSelected && whatIf !== null) (await whatIf).add(each);
      const taking = isSelected ? options.onConnection?.(located) : undefined;
      if (taking !== undefined) await taking;
    }
    settled.length = 0;
  }

  /** Loads what the connection is the first to need; undefined if all is there. */
  function load(connection: Connection): Promise<void> | undefined {
    const { serverCertificates, clientCertificates, firstFrame } = connection;
    const lacksRoots = roots === NO_ROOTS && serverCertificates.length + clientCertificates.length > 0;
    const lacksCauses =
      diagnose === diagnoseRisks && !faults.attempt('judge', firstFrame, () => canOnlyHaveRisks(connection), false);
    if (!lacksRoots && !lacksCauses) return undefined;
    return (async () => {
      if (lacksCauses) diagnose = (await import('../diagnose/diagnose.js')).diagnose;
      if (lacksRoots) roots = await loadRoots();
    })();
  }

  const isEachWanted = [select, onConnection, onEarly, ends, otherEnd].some((option) => option !== undefined);

  function noteNames({ clientHello, server, serverCertificates: [leaf], firstFrame }: Connection): void {
    const name = clientHello?.serverName ?? null;
    if (name !== null) serverNames.add(server.address, name, firstFrame);
    if (leaf === undefined) return;
    for (const one of hostNamesOf(leaf.subjectAltNames.dns)) certificateNames.add(server.address, one, firstFrame);
  }

  function take(connection: Connection): void {
    notes.add(connection);
    // One that is like another has its names.
    if (connection.like === undefined) noteNames(connection);
    waiting.add(connection);
  }

  /** The names of the addresses of all connections that are held, and the names that led nowhere. */
  function namesOf({ connections }: Results): NameResults {
    const addresses = connections.flatMap(({ connection: { client, server } }) => [client.address, server.address]);
    const { addresses: named, unresolved } = nameResults(addresses, {
      lookups,
      serverNames,
      certificateNames,
      captured: captures.names(),
      end: latestOf(captures.summaries().map(({ lastPacketAt }) => lastPacketAt)),
    });
    const located = <Named extends { readonly frame: number | null }>(one: Named): Named =>
      one.frame === null ? one : { ...one, ...captures.placeOf(one.frame) };
    return {
      addresses: named.map(({ address, names }) => ({ address, names: names.map(located) })),
      unresolved: unresolved.map(located),
    };
  }

  return {
    add(connection) {
      const loading = load(connection);
      if (loading === undefined) take(connection);
      return loading?.then(() => {
        take(connection);
      });
    },
    handOn,
    summary: () => collector.summary(),
    counts() {
      const { connections, failed } = collector.summary();
      if (select !== undefined) return { connections, failed };
      const waits = waiting.counts();
      return { connections: connections + waits.failed + waits.others, failed: failed + waits.failed };
    },
    wantsSums: () => !isEachWanted && collector.isFull(),
    isPlain: (connection) => faults.attempt('judge', connection.firstFrame, () => isPlain(connection, context), false),
    generation: context.knownIssuers,
    holders: [
      reader.holder,
      serverNames.holder,
      certificateNames.holder,
      ...waiting.holders,
      ...context.holders,
      collector.holder,
    ],
    async finish(read, memory, keys) {
      waiting.finish();
      await handOn();
      collector.addIncomplete(read.counts.forgotten);
      const noted = notes.warnings();
      const faulty = faultsByCapture(faults, captures.placeOf);
      const results = collector.results(
        captures.summaries().map((summary, index) =>
          withWarnings(
            summary,
            read.warnings.get(index),
            // What is odd about all captures together is the first one's.
            index === 0 ? countWarnings(read.counts) : [],
            noted.get(index),
            faulty.get(index),
            index === 0
              ? [...memoryWarnings(memory), ...counted('work-limit', context.work.givenUp()), ...nameWarnings(lookups)]
              : [],
          ),
        ),
        read.unread,
        keys,
      );
      const lines = unreadLines(options.ends, options.otherEnd?.ends);
      return {
        ...results,
        names: namesOf(results),
        ...(lines.length === 0 ? {} : { unreadLines: lines }),
        ...(whatIf === null ? {} : { whatIf: (await whatIf).result() }),
      };
    },
  };
}

/** Several captures may have names of one address. */
function namesByAddress(captured: readonly CapturedNames[]): ReadonlyMap<string, readonly string[]> {
  const table = new Map<string, readonly string[]>();
  for (const { address, names } of captured) table.set(address, [...(table.get(address) ?? []), ...names]);
  return table;
}

/** What is not read of the configurations of the ends. */
function unreadLines(...ends: readonly (Ends | undefined)[]): readonly UnreadLine[] {
  return ends.flatMap((each) => [
    ...(each?.serverConfiguration?.unread ?? []),
    ...(each?.clientConfiguration?.unread ?? []),
  ]);
}

function latestOf(times: readonly (Timestamp | null)[]): Timestamp | null {
  return times.reduce((a, b) => (a === null || (b !== null && millisecondsBetween(a, b) > 0) ? b : a), null);
}

function countWarnings({ incompleteFragments, duplicates, evicted, forgotten }: ReadCounts): CaptureWarning[] {
  return [
    ...counted('incomplete-fragments', incompleteFragments),
    ...counted('duplicate-packets', duplicates),
    ...counted('too-many-connections', evicted),
    ...(forgotten === 0
      ? []
      : [notice('too-many-connections', forgotten === 1 ? 'oneSyn' : 'severalSyns', { count: forgotten })]),
  ];
}

/** A warning about so many things, if there are any. */
function counted(
  code: 'incomplete-fragments' | 'duplicate-packets' | 'too-many-connections' | 'work-limit',
  count: number,
): CaptureWarning[] {
  return count === 0 ? [] : [notice(code, count === 1 ? 'one' : 'several', { count })];
}

function memoryWarnings(memory: MemoryBudget): CaptureWarning[] {
  const lost = memory.givenUp().map(([what, count]) => noticePhrase(what, { count }));
  return lost.length === 0 ? [] : [notice('memory-limit', 'givenUp', { lost: listOf(lost, 'plain') })];
}

function nameWarnings(lookups: Lookups): CaptureWarning[] {
  return lookups.isFull() ? [notice('names-left-out', 'lookups')] : [];
}

/** What this program's faults kept from being reported, by capture. */
export function faultsByCapture(
  faults: Faults,
  placeOf: JudgedCaptures['placeOf'],
): ReadonlyMap<number, readonly CaptureWarning[]> {
  const faulty = new Map<number, CaptureWarning[]>();
  for (const warning of faultWarnings(faults)) {
    const { capture, frame } = placeOf(warning.frame ?? 1);
    faulty.set(capture, [...(faulty.get(capture) ?? []), { ...warning, frame }]);
  }
  return faulty;
}

function withWarnings(
  summary: CaptureSummary,
  ...warnings: readonly (readonly CaptureWarning[] | undefined)[]
): CaptureSummary {
  return { ...summary, warnings: [...summary.warnings, ...warnings.flatMap((some) => some ?? [])] };
}
