import { notice } from './notices.js';
import { createJudge, type JudgeOptions } from './analysis/judge.js';
import { createConnectionReader } from './analysis/read.js';
import { loadEnds, readSecrets, type AnalyzeOptions } from './analyze.js';
import { type BoundedMap, createBoundedMap } from './bounded-map.js';
import { BOUNDS } from './bounds.js';
import { openCaptures, type Captures } from './capture/merge.js';
import { newReadContext, openCapture, type CaptureSummary } from './capture/open.js';
import { findCaptures } from './capture/paths.js';
import type { FramePlace } from './capture/places.js';
import {
  createConnectionsOfPath,
  type TracedConnection,
  type ConnectionsAtPoint,
  type ConnectionsOfPath,
} from './compare/kept-connections.js';
import { join, type Point } from './compare/join.js';
import { createSample, orderOfPoints, type Sample } from './compare/points.js';
import { createTraces } from './compare/trace.js';
import { viewOf, type PointVerdict, type View } from './compare/view.js';
import { buildConnection } from './connection/build.js';
import type { CaptureWarning } from './capture/frame.js';
import type { EndedConnection } from './connection/ended.js';
import type { UnreadPackets } from './connection/unread.js';
import type { Results } from './diagnose/results.js';
import { createFaults } from './fault.js';
import { createMemoryBudget } from './memory.js';
import { createLookups, type Lookup } from './names/lookups.js';
import { capturedNames, type CapturedNames } from './names/results.js';
import { createDecoder, EAPOL_FRAME, TCP_SEGMENT, UDP_DATAGRAM } from './packet/decode.js';
import { newPacket, type Packet } from './packet/packet.js';
import { createKeySources, type KeySources } from './tls/decrypt/key-sources.js';
import { eapOfFrame, readEap, RESPONSE, type EapPacket } from './transport/eap/packet.js';
import { readRadius } from './transport/eap/radius.js';
import { createX509Reader, type X509Reader } from './x509/reader.js';

/** What was read at one point. */
interface PointRead {
  /** Index of its first capture among those of all points. */
  readonly capture: number;
  readonly captures: readonly CaptureSummary[];
  readonly held: ConnectionsAtPoint;
  /** What it alone shows of each connection, by id. */
  readonly alone: BoundedMap<string, PointVerdict>;
  /** Whether it was read completely. */
  readonly isWhole: boolean;
  readonly unread: readonly UnreadPackets[];
  readonly datagrams: Point['datagrams'];
  readonly placeOf: (frame: number) => FramePlace;
  /** Frames of its captures. */
  readonly frames: number;
  readonly lookups: readonly Lookup[];
  readonly names: readonly CapturedNames[];
}

/** Counts over the points before this one. */
interface Before {
  readonly captures: number;
  readonly frames: number;
}

/**
 * Analyses captures from several points of one path, and judges each connection by what all of them show.
 * @param paths a capture, or a directory of captures, for each point, in order from the clients to the servers
 * @throws as `analyze`
 */
export async function compareCaptures(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const keys = createKeySources();
  try {
    for (const path of options.keys ?? []) await keys.readFile(path);
    // Keys in the captures of one point also open those of another.
    await readSecrets(
      paths.filter((path) => path !== '-'),
      keys,
      options.signal,
    );
    return await comparePoints(paths, options, keys);
  } finally {
    keys.secrets.wipe();
  }
}

async function comparePoints(paths: readonly string[], options: AnalyzeOptions, keys: KeySources): Promise<Results> {
  const known = await loadEnds(options);
  const x509 = createX509Reader();
  const budget = budgetOf(options);
  const compared = createConnectionsOfPath(budget / HELD_PART / LEAST_COMPARED / paths.length);
  const reads: PointRead[] = [];
  let before: Before = { captures: 0, frames: 0 };
  for (const path of paths) {
    const read = await readPoint(path, before, { x509, keys, compared }, { ...options, ...known });
    reads.push(read);
    before = { captures: before.captures + read.captures.length, frames: before.frames + read.frames };
  }
  /** What is kept of each view until it is joined. */
  const heldOf = new Map<View, TracedConnection>();
  const { connections, summary, unsearched } = join(reads.map((read, place) => pointOf(read, place, heldOf)));
  const captures = reads.flatMap((read) => read.captures);
  const judged = {
    count: captures.length,
    placeOf: placesOf(reads),
    // Their warnings were noted when they were read.
    summaries: () => captures.map((capture) => ({ ...capture, warnings: [] })),
    names: () => reads.flatMap(({ names }) => names),
  };
  const lookups = createLookups();
  for (const lookup of reads.flatMap((read) => read.lookups)) lookups.add(lookup);
  const judge = createJudge(x509, judged, createFaults(), { ...options, ...known, lookups });
  const holders = [{ ...compared.others, giveUp: () => 0 }, ...judge.holders, lookups.holder];
  const memory = createMemoryBudget(budget, holders);
  let id = 0;
  for (const { connection, views } of connections) {
    await judge.add({ ...connection, id: String(++id) });
    for (const view of views) {
      const held = heldOf.get(view);
      if (held !== undefined) compared.release(held);
      heldOf.delete(view);
    }
    if (id % JOINED_AT_ONCE === 0) memory.relieve();
    await judge.handOn();
  }
  const counts = { incompleteFragments: 0, duplicates: 0, evicted: 0, forgotten: 0 };
  const results = await judge.finish({ warnings: new Map(), unread: unreadOf(reads), counts }, memory, keys);
  const warnings = captures.map((capture, index): CaptureWarning[] => [
    ...capture.warnings,
    ...(unsearched.some((point) => reads[point]?.capture === index) ? [notice('not-compared', 'proxies')] : []),
    ...(results.captures[index]?.warnings ?? []).filter(({ code }) => OF_JOINED.has(code)),
  ]);
  return {
    ...results,
    captures: captures.map((capture, index) => ({ ...capture, warnings: warnings[index] ?? [] })),
    path: summary,
  };
}

/** The share of the memory for kept connections. The rest is reserved for the payloads of packets, which are separate allocations. */
const HELD_PART = 0.8;

const budgetOf = ({ memory = BOUNDS.memory.value }: AnalyzeOptions): number => memory * HELD_PART;

/** Connections to be compared keep at least one part in this many of the memory, whatever else needs it. */
const LEAST_COMPARED = 4;
/** Connections joined between two checks of memory. */
const JOINED_AT_ONCE = 64;
/** Warnings that joining and judging connections may add to those of the points. */
const OF_JOINED: ReadonlySet<string> = new Set(['memory-limit', 'work-limit', 'internal-error']);

/** With more captures, they are the pieces of a long recording. */
const MOST_POINTS = BOUNDS.comparedPoints.value;
/** Chunks of a capture that are read to find its point. */
const MOST_CHUNKS = BOUNDS.pointChunks.value;

/**
 * The captures in the order of the path on which they show the same packets; null if they should be read as one, like
 * the pieces of a recording. Reads the beginning of each.
 */
export async function findPoints(paths: readonly string[]): Promise<readonly string[] | null> {
  if (paths.includes('-')) return null;
  const found = await findCaptures(paths);
  if (found.length < 2 || found.length > MOST_POINTS) return null;
  const samples: Sample[] = [];
  for (const { path } of found) samples.push(await sampleOf(path));
  return orderOfPoints(samples)?.flatMap((place) => found[place]?.path ?? []) ?? null;
}

/** The EAP packet in a packet that was decoded with this result; null if there is none. */
function eapOf(packet: Packet, result: number): EapPacket | null {
  if (result === EAPOL_FRAME) return eapOfFrame(packet);
  const eap = result === UDP_DATAGRAM ? readRadius(packet)?.eap : null;
  return eap ? readEap(eap, 0, eap.length) : null;
}

async function sampleOf(path: string): Promise<Sample> {
  const sample = createSample();
  const capture = await openCapture(path, newReadContext());
  const packet = newPacket();
  // Incomplete packets show nothing.
  const decoder = createDecoder(() => undefined);
  let chunks = 0;
  do {
    while (!sample.isFull() && capture.next()) {
      const result = decoder.decode(capture.frame, packet);
      if (result === TCP_SEGMENT || result === UDP_DATAGRAM) sample.add(packet, capture.frame, result === TCP_SEGMENT);
      const eap = eapOf(packet, result);
      if (eap !== null)
        sample.addEap(
          { ...eap, isResponse: eap.code === RESPONSE },
          capture.frame,
          result === EAPOL_FRAME ? null : packet.ttl,
        );
    }
  } while (!sample.isFull() && ++chunks < MOST_CHUNKS && (await capture.fill()));
  await capture.close();
  return sample;
}

/** Reads one point: its connections with their packets, and what it alone shows of each. */
async function readPoint(
  path: string,
  before: Before,
  {
    x509,
    keys,
    compared,
  }: { readonly x509: X509Reader; readonly keys: KeySources; readonly compared: ConnectionsOfPath },
  options: AnalyzeOptions & Pick<JudgeOptions, 'anchors' | 'ends'>,
): Promise<PointRead> {
  const budget = budgetOf(options);
  const captures = numberedBehind(await openCaptures([path], options.signal), before.frames);
  const faults = createFaults();
  const traces = createTraces(Math.min(BOUNDS.tracedBytes.value, budget / 4));
  const held = compared.nextPoint(before.frames);
  const alone = createBoundedMap<string, PointVerdict>({
    size: 2 * BOUNDS.comparedConnections.value,
    whenFull: 'refuse',
  });
  const lookups = createLookups();
  const judged = { ...captures, names: () => capturedNames(captures) };
  const judge = createJudge(x509, judged, faults, {
    lookups,
    mostHeld: 0,
    anchors: options.anchors,
    ...(options.ends === undefined ? {} : { ends: options.ends }),
    ...(options.at === undefined ? {} : { at: options.at }),
    onConnection({ connection: { id, outcome }, cause }) {
      alone.set(id, { outcome, diagnosis: cause?.rule.id ?? null });
    },
  });
  const ended: EndedConnection[] = [];
  const reader = createConnectionReader(captures, {
    secrets: keys.secrets,
    faults,
    ended: (connection) => ended.push(connection),
    lookups,
    observe: (packet, stamp, kind) => {
      if (kind === 'unread') traces.addUnread(packet, stamp);
      else traces.add(packet, stamp, kind === 'tcp');
    },
  });
  const [early, ...open] = reader.holders;
  const traced = { what: null, bytes: traces.bytes, giveUp: () => 0 };
  const memory = createMemoryBudget(budget, [
    early,
    compared.others,
    ...judge.holders,
    compared.failed,
    ...open,
    keys.secrets.holder,
    lookups.holder,
    traced,
  ]);
  const build = async (): Promise<void> => {
    for (const each of ended) {
      const { capture } = captures.placeOf(each.firstFrame);
      const connection = faults.attempt('build', each.firstFrame, () => buildConnection(each, capture, x509), null);
      if (connection === null) continue;
      const isHeld = held.hold(connection, traces.take(connection, compared.bytes() > budget / 4));
      if (isHeld) await judge.add(connection);
      else judge.addAsEvidence(connection);
    }
    ended.length = 0;
    memory.relieve();
    await judge.handOn();
    const { connections, failed } = judge.summary();
    options.onProgress?.({ bytesRead: captures.bytesRead(), bytes: captures.bytes, connections, failed });
  };
  const read = await reader.read(build, options.signal);
  const { captures: summaries, unread } = await judge.finish(read, memory, keys);
  const dropped = held.dropped();
  return {
    capture: before.captures,
    captures: dropped + traces.dropped() === 0 ? summaries : withWarning(summaries, dropped, traces.dropped()),
    held,
    alone,
    isWhole: traces.dropped() + read.counts.forgotten === 0,
    unread,
    datagrams: traces.datagrams(),
    placeOf: captures.placeOf,
    lookups: lookups.list(),
    names: capturedNames(captures),
    frames: summaries.reduce((sum, { packets }) => sum + packets, 0),
  };
}

/** The captures of a point, with frames numbered after those of the points before. */
function numberedBehind(captures: Captures, frames: number): Captures {
  return {
    ...captures,
    get frame() {
      return captures.frame;
    },
    next() {
      if (!captures.next()) return false;
      captures.frame.number += frames;
      return true;
    },
    placeOf: (number) => captures.placeOf(number - frames),
  };
}

/** What is compared of a point, after all points have been read. */
function pointOf(read: PointRead, place: number, heldOf: Map<View, TracedConnection>): Point {
  const { capture, captures, held, alone, datagrams } = read;
  const isWhole = read.isWhole && held.isWhole();
  const views = held.takeAll().map((each) => {
    const { connection, trace } = each;
    const own = capture === 0 ? connection : { ...connection, capture: connection.capture + capture };
    const known = alone.get(connection.id) ?? { outcome: connection.outcome, diagnosis: null };
    const view = viewOf(place, own, trace, known);
    heldOf.set(view, each);
    return view;
  });
  return {
    capture,
    captures: captures.length,
    views,
    first: earliest(captures),
    last: latest(captures),
    datagrams,
    isWhole,
    hasUnreadEap: read.unread.some(({ kind }) => kind === 'eap' || kind === 'radius'),
  };
}

function withWarning([first, ...rest]: readonly CaptureSummary[], connections: number, packets: number) {
  const warning = notice('not-compared', 'left', { connections, packets });
  return first === undefined ? [] : [{ ...first, warnings: [...first.warnings, warning] }, ...rest];
}

function earliest(captures: readonly CaptureSummary[]): Point['first'] {
  return extreme(
    captures.map(({ firstPacketAt }) => firstPacketAt),
    -1,
  );
}

function latest(captures: readonly CaptureSummary[]): Point['last'] {
  return extreme(
    captures.map(({ lastPacketAt }) => lastPacketAt),
    1,
  );
}

function extreme(times: readonly Point['first'][], sign: 1 | -1): Point['first'] {
  return times.reduce((best, time) => {
    if (time === null || best === null) return time ?? best;
    return sign * (time.seconds - best.seconds || time.nanoseconds - best.nanoseconds) > 0 ? time : best;
  }, null);
}

/** The place of a frame that is numbered over all points. */
function placesOf(reads: readonly PointRead[]): (frame: number) => FramePlace {
  let before = 0;
  const ranges = reads.map(({ placeOf, frames, capture }) => {
    before += frames;
    return { end: before, placeOf, capture };
  });
  return (frame) => {
    const range = ranges.find(({ end }) => frame <= end) ?? ranges.at(-1);
    if (range === undefined) return { capture: 0, frame };
    const place = range.placeOf(frame);
    return { capture: place.capture + range.capture, frame: place.frame };
  };
}

/** What is not analysed at all points, by kind. */
function unreadOf(reads: readonly PointRead[]): UnreadPackets[] {
  const kinds = new Map<string, UnreadPackets>();
  for (const each of reads.flatMap(({ unread }) => unread)) {
    const key = JSON.stringify({ ...each, packets: 0 });
    const known = kinds.get(key);
    kinds.set(key, known === undefined ? each : { ...each, packets: known.packets + each.packets });
  }
  return [...kinds.values()].sort((a, b) => b.packets - a.packets);
}
