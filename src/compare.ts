import { notice } from './notices.js';
import { createJudge, type JudgeOptions } from './analysis/judge.js';
import { createConnectionReader } from './analysis/read.js';
import { loadEnds, readSecrets, type AnalyzeOptions } from './analyze.js';
import { BOUNDS } from './bounds.js';
import { openCaptures } from './capture/merge.js';
import { newReading, openCapture, type CaptureSummary } from './capture/open.js';
import { findCaptures } from './capture/paths.js';
import type { FramePlace } from './capture/places.js';
import { join, type Point } from './compare/join.js';
import { createSample, orderOfPoints, type Sample } from './compare/points.js';
import { createTraces, type Trace } from './compare/trace.js';
import { viewOf, type Alone } from './compare/view.js';
import { buildConnection } from './connection/build.js';
import type { Connection } from './connection/connection.js';
import type { EndedConnection } from './connection/ended.js';
import type { UnreadPackets } from './connection/unread.js';
import { relocated } from './diagnose/locate.js';
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
  readonly point: Point;
  readonly results: Results;
  readonly placeOf: (frame: number) => FramePlace;
  /** Frames of its captures. */
  readonly frames: number;
  /** What was looked up, its frames counted over all points. */
  readonly lookups: readonly Lookup[];
  readonly names: readonly CapturedNames[];
}

/** What the points before one have taken up. */
interface Before {
  readonly captures: number;
  readonly frames: number;
}

/**
 * Analyses captures that were taken at several points of one path, and judges each connection by what all of them show.
 * @param paths a capture, or a directory of captures, for each point, in order from the clients to the servers
 * @throws as `analyze`
 */
export async function compareCaptures(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const keys = createKeySources();
  try {
    for (const path of options.keys ?? []) await keys.readFile(path);
    // What the captures of one point carry opens those of another.
    await readSecrets(
      paths.filter((path) => path !== '-'),
      keys,
    );
    return await comparePoints(paths, options, keys);
  } finally {
    keys.secrets.wipe();
  }
}

async function comparePoints(paths: readonly string[], options: AnalyzeOptions, keys: KeySources): Promise<Results> {
  const known = await loadEnds(options);
  const x509 = createX509Reader();
  const reads: PointRead[] = [];
  let before: Before = { captures: 0, frames: 0 };
  for (const [place, path] of paths.entries()) {
    const read = await readPoint(path, place, before, { x509, keys }, { ...options, ...known });
    reads.push(read);
    before = { captures: before.captures + read.results.captures.length, frames: before.frames + read.frames };
  }
  const { connections, summary } = join(reads.map(({ point }) => point));
  const captures = reads.flatMap(({ results }) => results.captures);
  const judged = {
    count: captures.length,
    placeOf: placesOf(reads),
    summaries: () => captures,
    names: () => reads.flatMap(({ names }) => names),
  };
  const lookups = createLookups();
  for (const lookup of reads.flatMap((read) => read.lookups)) lookups.add(lookup);
  const judge = createJudge(x509, judged, createFaults(), { ...options, ...known, lookups });
  for (const [index, connection] of connections.entries()) {
    await judge.add({ ...connection, id: String(index + 1) });
    await judge.handOn();
  }
  const counts = { incompleteFragments: 0, duplicates: 0, evicted: 0, forgotten: 0 };
  const read = { warnings: new Map(), unread: unreadOf(reads), counts };
  const results = await judge.finish(read, createMemoryBudget(BOUNDS.memory.value, []), keys);
  // What is odd about connections was noted where they were read.
  return { ...results, captures, path: summary };
}

/** More captures are pieces of a long recording. */
const MOST_POINTS = BOUNDS.comparedPoints.value;
/** Chunks that are read of a capture to tell its point. */
const MOST_CHUNKS = BOUNDS.pointChunks.value;

/**
 * Captures in the order of the path that they show the same packets of; null where they are to be read as one, as pieces of a
 * recording are. Looks at the beginning of each.
 */
export async function findPoints(paths: readonly string[]): Promise<readonly string[] | null> {
  if (paths.includes('-')) return null;
  const found = await findCaptures(paths);
  if (found.length < 2 || found.length > MOST_POINTS) return null;
  const samples: Sample[] = [];
  for (const { path } of found) samples.push(await sampleOf(path));
  return orderOfPoints(samples)?.flatMap((place) => found[place]?.path ?? []) ?? null;
}

/** The EAP packet of a packet that was decoded with this result; null if there is none. */
function eapOf(packet: Packet, result: number): EapPacket | null {
  if (result === EAPOL_FRAME) return eapOfFrame(packet);
  const eap = result === UDP_DATAGRAM ? readRadius(packet)?.eap : null;
  return eap ? readEap(eap, 0, eap.length) : null;
}

async function sampleOf(path: string): Promise<Sample> {
  const sample = createSample();
  const capture = await openCapture(path, newReading());
  const packet = newPacket();
  // What is not whole tells nothing.
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

/** Reads one point: its connections with their packets, and what it says of each alone. */
async function readPoint(
  path: string,
  place: number,
  before: Before,
  { x509, keys }: { readonly x509: X509Reader; readonly keys: KeySources },
  options: AnalyzeOptions & Pick<JudgeOptions, 'anchors' | 'ends'>,
): Promise<PointRead> {
  const most = BOUNDS.comparedConnections.value;
  const captures = await openCaptures([path], options.signal);
  const faults = createFaults();
  const traces = createTraces(before.frames);
  const alone = new Map<string, Alone>();
  const lookups = createLookups();
  const judged = { ...captures, names: () => capturedNames(captures) };
  const judge = createJudge(x509, judged, faults, {
    lookups,
    anchors: options.anchors,
    ...(options.ends === undefined ? {} : { ends: options.ends }),
    ...(options.at === undefined ? {} : { at: options.at }),
    onConnection({ connection: { id, outcome }, cause }) {
      if (alone.size < 2 * most) alone.set(id, { outcome, diagnosis: cause?.rule.id ?? null });
    },
  });
  const failed: [Connection, Trace][] = [];
  const others: [Connection, Trace][] = [];
  let left = 0;
  const ended: EndedConnection[] = [];
  const reader = createConnectionReader(captures, {
    secrets: keys.secrets,
    faults,
    ended: (connection) => ended.push(connection),
    lookups,
    observe: (packet, stamp, isTcp) => {
      traces.add(packet, stamp, isTcp);
    },
  });
  const [early, ...open] = reader.holders;
  const holders = [early, ...judge.holders, ...open, keys.secrets.holder, lookups.holder];
  const memory = createMemoryBudget(options.memory ?? BOUNDS.memory.value, holders);
  const build = async (): Promise<void> => {
    for (const each of ended) {
      const { capture } = captures.placeOf(each.firstFrame);
      const connection = faults.attempt('build', each.firstFrame, () => buildConnection(each, capture, x509), null);
      if (connection === null) continue;
      const trace = traces.take(connection);
      const held = connection.outcome === 'failed' ? failed : others;
      if (held.length < most) held.push([connection, trace]);
      else left++;
      await judge.add(connection);
    }
    ended.length = 0;
    memory.relieve();
    await judge.handOn();
    const { connections, failed: failures } = judge.summary();
    options.onProgress?.({ bytesRead: captures.bytesRead(), bytes: captures.bytes, connections, failed: failures });
  };
  const read = await reader.read(build, options.signal);
  const results = await judge.finish(read, memory, keys);
  const shift = (frame: number): FramePlace => ({ capture: -1, frame: frame + before.frames });
  const views = [...failed, ...others]
    .sort(([a], [b]) => a.firstFrame - b.firstFrame)
    .map(([connection, trace]) => {
      const capture = connection.capture + before.captures;
      // Numbered over all points, as the packets are: in the end each frame gets its own number again.
      const shifted = { ...relocated(connection, -1, shift), capture };
      return viewOf(
        place,
        shifted,
        trace,
        alone.get(connection.id) ?? { outcome: connection.outcome, diagnosis: null },
      );
    });
  const named = left + traces.left() === 0 ? results.captures : withWarning(results.captures, left, traces.left());
  return {
    point: {
      capture: before.captures,
      captures: named.length,
      views,
      first: earliest(named),
      last: latest(named),
      hasUnread: results.unread.some(({ kind, over }) => over === 'udp' && (kind === 'quic' || kind === 'dtls')),
      isWhole: left + traces.left() + read.counts.forgotten === 0,
    },
    results: { ...results, captures: named },
    placeOf: captures.placeOf,
    lookups: lookups.list().map((lookup) => relocated(lookup, -1, shift)),
    names: capturedNames(captures),
    frames: named.reduce((sum, { packets }) => sum + packets, 0),
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
  const ranges = reads.map(({ placeOf, frames, point: { capture } }) => {
    const start = before;
    before += frames;
    return { start, end: before, placeOf, capture };
  });
  return (frame) => {
    const range = ranges.find(({ end }) => frame <= end) ?? ranges.at(-1);
    if (range === undefined) return { capture: 0, frame };
    const place = range.placeOf(frame - range.start);
    return { capture: place.capture + range.capture, frame: place.frame };
  };
}

/** What is not analysed of all points, by kind. */
function unreadOf(reads: readonly PointRead[]): UnreadPackets[] {
  const kinds = new Map<string, UnreadPackets>();
  for (const each of reads.flatMap(({ results }) => results.unread)) {
    const key = JSON.stringify({ ...each, packets: 0 });
    const known = kinds.get(key);
    kinds.set(key, known === undefined ? each : { ...each, packets: known.packets + each.packets });
  }
  return [...kinds.values()].sort((a, b) => b.packets - a.packets);
}
