/**
 * What a report says about captures at several points of one path: how their clocks compare, and what differs between
 * them.
 */
import type { Timestamp } from '../../capture/timestamp.js';
import type {
  Connection,
  Between,
  PathClock,
  PathDifference,
  PathPacket,
  Sighting,
  PathFacts,
} from '../../connection/connection.js';
import type { Results } from '../../diagnose/results.js';
import { messageName } from '../../diagnose/evidence/messages.js';
import { count, endpointText, frameText, outcomePhrases } from '../phrases.js';
import { captureName } from './overview.js';
import type { Scope } from './scope.js';
import { code, wire, type Fact, type Text } from './text.js';

const MOST_DIFFERENCES = 12;
/** Packets in a ladder that only other points show. */
const MOST_ELSEWHERE = 8;

/** A message, or an encrypted record. */
const messageText = (type: string): string => (type === 'encrypted_record' ? 'an encrypted record' : messageName(type));

/** The number of a point for people: `1`. */
const pointName = (point: number): string => String(point + 1);

/** `points 1 and 2`. */
const betweenText = ([here, there]: Between): string => `between points ${pointName(here)} and ${pointName(there)}`;

/** The points and their clocks, one per line; nothing unless the captures are from several points. */
export function pathLines(results: Results): Text[] {
  const { path } = results;
  if (path === undefined) return [];
  const points = path.points.map(
    ({ capture, captures, connections }, point) =>
      `Point\u00a0${pointName(point)}, ${captureName(results, capture)}${captures > 1 ? ` and ${count(captures - 1, 'more file')}` : ''}: ${count(connections, 'connection')}`,
  );
  return [...points, `${count(path.matched, 'connection')} seen at more than one point`, ...path.clocks.map(clockText)];
}

function milliseconds(ms: number): string {
  const size = Math.abs(ms);
  return size >= 1000 ? `${(size / 1000).toFixed(6).replace(/0{1,3}$/, '')}\u00a0s` : `${size.toFixed(3)}\u00a0ms`;
}

/** `The clock of point 2 is 812.006 ms behind that of point 1, give or take 20.185 ms (6 packets, both ways)`. */
function clockText({ between: [here, there], basis, ...clock }: PathClock): Text {
  const [one, other] = [here, there].map((point) => `point\u00a0${pointName(point)}`) as [string, string];
  const { aheadMs, errorMs, atLeastMs, atMostMs, driftPpm, packets } = clock;
  const signed = (ms: number): string => `${milliseconds(ms)} ${ms < 0 ? 'behind' : 'ahead of'}`;
  const drift = driftPpm === null ? '' : `, and drifts by ${driftPpm.toFixed(1)} ppm`;
  if (basis === 'none') return `The clocks of ${one} and ${other} cannot be compared: they show no packet in common`;
  if (aheadMs === null || errorMs === null) {
    const bound = atMostMs === null ? 'at least' : 'at most';
    const ms = atMostMs ?? atLeastMs ?? 0;
    return `The clock of ${other} is ${bound} ${signed(ms)} that of ${one}: a bound alone, since packets went one way only (${count(packets, 'packet')})`;
  }
  const by =
    basis === 'nested'
      ? 'by a connection that a proxy opened within another'
      : `${count(packets, 'packet')}, both ways`;
  return `The clock of ${other} is ${signed(aheadMs)} that of ${one}, give or take ${milliseconds(errorMs)} (${by})${drift}`;
}

/** What the points show of a connection; nothing for a single point. */
export function pathFacts({ path }: Connection, { results: { captures } }: Pick<Scope, 'results'>): Fact[] {
  if (path === undefined) return [];
  const points = path.points.map(({ seen, capture }, point) => {
    if (seen === null) return `${pointName(point)}: not seen`;
    const { client, server, outcome, diagnosis, firstFrame } = seen;
    const alone = diagnosis ?? outcomePhrases[outcome];
    return `${pointName(point)}: ${code(endpointText(client))} → ${code(endpointText(server))} from frame ${frameText(firstFrame, seen.capture ?? capture, captures)} (by itself: ${alone})`;
  });
  const texts = path.differences.map(differenceText);
  const shown = texts.slice(0, MOST_DIFFERENCES);
  const more = texts.length - shown.length;
  return [
    { label: 'Points', text: points.join('; ') },
    {
      label: 'Differ',
      text: texts.length === 0 ? 'in nothing' : shown.join('; ') + (more > 0 ? `; ${count(more, 'more', 'more')}` : ''),
    },
  ];
}

function differenceText(one: PathDifference): Text {
  const where = betweenText(one.between);
  const doubt = 'isProven' in one && !one.isProven ? ' (as far as the captures show)' : '';
  switch (one.kind) {
    case 'lost': {
      const what = one.what === 'data' ? count(one.packets, 'packet') : count(one.packets, one.what);
      const message = one.message === null ? '' : `, the first with ${messageText(one.message)}`;
      const size =
        one.bySize === null
          ? ''
          : `; none of ${one.bySize.lost} bytes or more arrived, ${one.bySize.arrived} bytes did`;
      return `${what} of the ${one.from} lost ${where}${message}${size}${doubt}`;
    }
    case 'absent':
      return `nothing of it at point ${pointName(one.between[1])}${one.isAnswered ? ', although it was answered: something in between answered' : ''}${doubt}`;
    case 'inserted':
      return `a ${one.what === 'data' ? `packet of ${one.bytes} bytes` : one.what} in the name of the ${one.from}, which never sent it, put in ${where} (TTL ${one.ttl}${one.usualTtl === null ? '' : `, others ${one.usualTtl}`})${doubt}`;
    case 'altered':
      return `${count(one.bytes, 'byte')} of the ${one.from} altered ${where}, from byte ${one.offset} of ${one.message === null ? 'a packet' : messageText(one.message)} on: ${one.sent} sent, ${one.received} arrived`;
    case 'recut':
      return `the ${one.from}'s ${count(one.sent, 'segment')} cut anew into ${one.arrived} ${where} (a proxy, or segmentation in a network card)`;
    case 'mss-clamped':
      return `maximum segment size of the ${one.from} changed ${where}: ${one.sent} announced, ${one.arrived} arrived`;
    case 'address-translated':
      return `address of the ${one.side} translated ${where}: ${code(endpointText(one.here))} to ${code(endpointText(one.there))}`;
    case 'sequence-rewritten':
      return `sequence numbers of the ${one.from} rewritten ${where}`;
    case 'tcp-terminated':
      return `two TCP connections ${where}, one TLS connection through both: a proxy that passes TLS on`;
    case 'tls-terminated': {
      const issuers = one.issuers.map((issuer) => (issuer === null ? 'hidden' : wire(issuer)));
      return `TLS ended ${where} by a proxy, whose own connection is ${code(endpointText(one.client))} → ${code(endpointText(one.server))} (issuers: ${issuers.join(' there, ')} here)${doubt}`;
    }
  }
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

/** A packet that the connection's own point does not show, where and when another one does, by the clock of its own. */
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
