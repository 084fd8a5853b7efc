/**
 * What a report says about captures at several points of one path: how their clocks compare, and what differs between
 * them.
 */
import type { Timestamp } from '../../capture/timestamp.js';
import type {
  Connection,
  PathClock,
  PathDifference,
  PathPacket,
  Sighting,
  PathFacts,
} from '../../connection/connection.js';
import type { Results } from '../../diagnose/results.js';
import { messageName } from '../../diagnose/evidence/messages.js';
import { endpointText, frameText } from '../phrases.js';
import type { Wording } from '../wording.js';
import { captureName } from './overview.js';
import type { Scope } from './scope.js';
import { code, wire, type Fact, type Text } from './text.js';

const MOST_DIFFERENCES = 12;
/** Packets in a ladder that only other points show. */
const MOST_ELSEWHERE = 8;

/** A message, or an encrypted record. */
const messageText = (type: string, { language }: Wording): string =>
  type === 'encrypted_record' ? language.phrases.encryptedRecord : messageName(type);

/** The number of a point for people: `1`. */
const pointName = (point: number): string => String(point + 1);

/** The points and their clocks, one per line; nothing unless the captures are from several points. */
export function pathLines(results: Results, words: Wording): Text[] {
  const { path } = results;
  if (path === undefined) return [];
  const say = words.path;
  const points = path.points.map(({ capture, captures, connections }, point) => {
    const values = {
      number: pointName(point),
      name: captureName(results, capture, words),
      connections: words.counts.connections({ count: connections }),
    };
    return captures > 1 ? say.pointWithMore({ ...values, count: captures - 1 }) : say.point(values);
  });
  return [...points, say.matched({ count: path.matched }), ...path.clocks.map((clock) => clockText(clock, words))];
}

function milliseconds(ms: number, { spans }: Wording): string {
  const size = Math.abs(ms);
  return size >= 1000
    ? spans.seconds({ number: (size / 1000).toFixed(6).replace(/0{1,3}$/, '') })
    : spans.milliseconds({ number: size.toFixed(3) });
}

/** `The clock of point 2 is 812.006 ms behind that of point 1, give or take 20.185 ms (6 packets, both ways)`. */
function clockText({ between: [here, there], basis, ...clock }: PathClock, words: Wording): Text {
  const say = words.path.clock;
  const points = { one: say.point({ number: pointName(here) }), other: say.point({ number: pointName(there) }) };
  const { aheadMs, errorMs, atLeastMs, atMostMs, driftPpm, packets } = clock;
  const ahead = (ms: number): string => (ms < 0 ? say.behind : say.ahead)({ span: milliseconds(ms, words) });
  if (basis === 'none') return say.unknown(points);
  if (aheadMs === null || errorMs === null) {
    const bound = atMostMs === null ? say.atLeast : say.atMost;
    return bound({ ...points, count: packets, ahead: ahead(atMostMs ?? atLeastMs ?? 0) });
  }
  const known = {
    ...points,
    ahead: ahead(aheadMs),
    error: milliseconds(errorMs, words),
    by: basis === 'nested' ? say.byProxy : say.byPackets({ count: packets }),
  };
  return driftPpm === null ? say.known(known) : say.knownWithDrift({ ...known, ppm: driftPpm.toFixed(1) });
}

/** What the points show of a connection; nothing for a single point. */
export function pathFacts(
  { path }: Connection,
  { results: { captures }, words }: Pick<Scope, 'results' | 'words'>,
): Fact[] {
  if (path === undefined) return [];
  const { path: say, labels } = words;
  const points = path.points.map(({ seen, capture }, index) => {
    const point = pointName(index);
    if (seen === null) return say.notSeen({ point });
    const { client, server, outcome, diagnosis, firstFrame } = seen;
    return say.seen({
      point,
      client: code(endpointText(client)),
      server: code(endpointText(server)),
      frame: frameText(firstFrame, seen.capture ?? capture, captures),
      result: diagnosis ?? words.outcomes[outcome],
    });
  });
  const texts = path.differences.map((difference) => {
    const text = differenceText(difference, words);
    return 'isProven' in difference && !difference.isProven ? say.unproven({ difference: text }) : text;
  });
  const shown = texts.slice(0, MOST_DIFFERENCES);
  const more = texts.length - shown.length;
  return [
    { label: labels.points, text: points.join(words.joins.clauses) },
    {
      label: labels.differ,
      text:
        texts.length === 0
          ? say.sameEverywhere
          : [...shown, ...(more > 0 ? [words.counts.more({ count: more })] : [])].join(words.joins.clauses),
    },
  ];
}

function differenceText(one: PathDifference, words: Wording): Text {
  const { path: say, language } = words;
  const between = say.between({ here: pointName(one.between[0]), there: pointName(one.between[1]) });
  const side = 'from' in one ? language.parties[one.from] : '';
  switch (one.kind) {
    case 'lost': {
      const all = say.lost({ what: say.what[one.what]({ count: one.packets }), side, between });
      const lost = one.message === null ? all : say.lostWith({ lost: all, message: messageText(one.message, words) });
      if (one.bySize === null) return lost;
      return say.lostBySize({ lost, size: String(one.bySize.lost), arrived: String(one.bySize.arrived) });
    }
    case 'absent':
      return (one.isAnswered ? say.absentAnswered : say.absent)({ point: pointName(one.between[1]) });
    case 'inserted': {
      const what = insertedText(one, say);
      const values = { what, side, between, ttl: String(one.ttl) };
      return one.usualTtl === null
        ? say.inserted(values)
        : say.insertedUnlike({ ...values, usual: String(one.usualTtl) });
    }
    case 'altered':
      return say.altered({
        count: one.bytes,
        side,
        between,
        offset: String(one.offset),
        message: one.message === null ? say.aPacket : messageText(one.message, words),
        sent: one.sent,
        received: one.received,
      });
    case 'recut':
      return say.recut({ side, count: one.sent, arrived: String(one.arrived), between });
    case 'mss-clamped':
      return say.mssClamped({ side, between, sent: String(one.sent), arrived: String(one.arrived) });
    case 'address-translated':
      return say.addressTranslated({
        side: language.parties[one.side],
        between,
        here: code(endpointText(one.here)),
        there: code(endpointText(one.there)),
      });
    case 'sequence-rewritten':
      return say.sequenceRewritten({ side, between });
    case 'tcp-terminated':
      return say.tcpTerminated({ between });
    case 'tls-terminated': {
      const [issuer, other] = one.issuers.map((each) => (each === null ? say.hidden : wire(each))) as [Text, Text];
      const [client, server] = [code(endpointText(one.client)), code(endpointText(one.server))];
      return say.tlsTerminated({ between, client, server, issuer, other });
    }
  }
}

function insertedText({ what, bytes }: Pick<PathPacket, 'what' | 'bytes'>, say: Wording['path']): string {
  if (what === 'data') return say.packetOf({ bytes: String(bytes) });
  return what === 'reset' || what === 'acknowledgment' ? say[what] : what;
}

/**
 * Where a packet was seen, by point: `1:5`, `—` if not. A packet of another connection is shown only at its own point.
 */
type PlacesOf = (frame: number, capture: number, isElsewhere: boolean) => readonly string[];

/** The places of each frame of a connection at all points; null for a single point. */
export function placesAtPoints(
  { path, capture: own }: Connection,
  { captures }: Pick<Results, 'captures'>,
): PlacesOf | null {
  if (path === undefined) return null;
  const rows = new Map<string, PathPacket>();
  for (const packet of path.packets) {
    for (const seen of packet.seen) if (seen !== null) rows.set(`${seen.capture ?? own} ${seen.frame}`, packet);
  }
  return (frame, capture, isElsewhere) => {
    const row = isElsewhere ? undefined : rows.get(`${capture} ${frame}`);
    const atPoint = isElsewhere ? path.points.findLastIndex((point) => point.capture <= capture) : path.own;
    return path.points.map((_, point) => {
      const seen = row?.seen[point] ?? null;
      if (seen !== null) return frameText(seen.frame, seen.capture ?? own, captures);
      if (row !== undefined) return '—';
      return point === atPoint ? frameText(frame, capture, captures) : '';
    });
  };
}

/** A packet that the connection's own point does not show: where another point shows it, and when, by the own point's clock. */
interface PacketElsewhere extends Sighting {
  readonly packet: PathPacket;
  /** Its own point shows the same bytes, in other segments. */
  readonly isRecut: boolean;
}

/** Packets that the connection's own point does not show. */
export function packetsElsewhere({ path, capture: own }: Connection): readonly PacketElsewhere[] {
  if (path === undefined) return [];
  return path.packets
    .filter(({ seen, what }) => seen[path.own] === null && what !== 'acknowledgment')
    .slice(0, MOST_ELSEWHERE)
    .flatMap((packet) => {
      const point = packet.seen.findIndex((one) => one !== null);
      const seen = packet.seen[point] ?? null;
      if (seen === null) return [];
      const { frame, capture = own } = seen;
      const at = earlier(seen.at, path.points[point]?.aheadMs ?? 0);
      return [{ frame, capture, at, from: packet.from, packet, isRecut: isRecut(packet, point, frame, path) }];
    });
}

/** Whether a packet of a point is made of bytes that came in other segments on one side of it. */
function isRecut({ from, what }: PathPacket, point: number, frame: number, { differences }: PathFacts): boolean {
  if (what !== 'data') return false;
  const isOf = (one: PathDifference, kind: PathDifference['kind']): boolean =>
    one.kind === kind && 'from' in one && one.from === from && one.between.includes(point);
  const isInserted = differences.some(
    (one) => one.kind === 'inserted' && isOf(one, 'inserted') && one.at.frame === frame,
  );
  return !isInserted && differences.some((one) => isOf(one, 'recut'));
}

function earlier({ seconds, nanoseconds, digits }: Timestamp, ms: number): Timestamp {
  const total = nanoseconds - Math.round(ms * 1e6);
  const carry = Math.floor(total / 1e9);
  return { seconds: seconds + carry, nanoseconds: total - carry * 1e9, digits };
}
