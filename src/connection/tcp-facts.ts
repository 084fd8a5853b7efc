import { BOUNDS } from '../bounds.js';
import { timestampOf } from '../capture/timestamp.js';
import type { Direction, FrameRef } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { TcpConnection, TcpEnd, TcpEvent, TcpFinEvent, TcpResetEvent } from '../transport/tcp/connection.js';
import { distance } from '../transport/tcp/sequence.js';
import { icmpError } from './icmp.js';
import type { ResentInVain, Side, Sighting, TcpFacts, TcpFin, TcpReset, TcpSide } from './connection.js';
import { sideOf } from './side.js';

/** What TCP shows of both sides. */
export function tcpFacts({ ends, icmp }: TcpConnection, client: Direction): TcpFacts {
  const [one, other] = ends;
  const sightings = (events: readonly TcpEvent[]): readonly Sighting[] =>
    events.length === 0 ? NONE : events.map((event) => sightingOf(event, client));
  const resets = (events: readonly TcpResetEvent[]): readonly TcpReset[] =>
    events.length === 0 ? NONE : events.map((event) => resetOf(event, ends, client));
  const fins = ({ fin }: TcpEnd): readonly TcpFin[] => (fin === null ? NONE : [finOf(fin, ends, client)]);
  const synAcks = inOrder(sightings(one.synAcks), sightings(other.synAcks));
  return {
    kind: 'tcp',
    syns: inOrder(sightings(one.syns), sightings(other.syns)),
    synAck: synAcks[0] ?? null,
    synAcks,
    resets: inOrder(resets(one.resets), resets(other.resets)),
    fins: inOrder(fins(one), fins(other)),
    icmp: icmp.length === 0 ? NONE : icmp.map((event) => icmpError(event, client)),
    client: sideFacts(ends[client], 'client'),
    server: sideFacts(ends[opposite(client)], 'server'),
  };
}

const NONE: readonly never[] = [];

function sightingOf({ direction, frame, at }: TcpEvent, client: Direction): Sighting {
  return { frame, at, from: sideOf(direction, client) };
}

function finOf(fin: TcpFinEvent, ends: TcpConnection['ends'], client: Direction): TcpFin {
  const { direction, frame, at, follows } = fin;
  const from = sideOf(direction, client);
  if (follows !== null) return { frame, at, from, follows };
  return acknowledgesUnseen(fin, ends) ? { frame, at, from, acknowledgesUnseen: true } : { frame, at, from };
}

function resetOf(event: TcpResetEvent, ends: TcpConnection['ends'], client: Direction): TcpReset {
  const { direction, frame, at, ttl, ipId, isInSequence } = event;
  const plain: TcpReset = { frame, at, from: sideOf(direction, client), ttl, ipId, isInSequence };
  const reset: TcpReset = isBeyond(event.sequence, ends[direction]) ? { ...plain, followsUnseen: true } : plain;
  const isUnseen = acknowledgesUnseen(event, ends);
  if (!isUnseen && !acknowledgesData(event, ends)) return reset;
  return isUnseen
    ? { ...reset, acknowledgesUnseen: true, acknowledgesData: true }
    : { ...reset, acknowledgesData: true };
}

/** Whether a reset acknowledges any payload of the other end, whose first sequence number the capture has. */
function acknowledgesData({ direction, acknowledges }: TcpResetEvent, ends: TcpConnection['ends']): boolean {
  const { initialSequence, syns, synAcks, stream } = ends[opposite(direction)];
  if (acknowledges === null || syns.length + synAcks.length === 0 || !stream.isStarted) return false;
  const bytes = distance(acknowledges, initialSequence) - 1;
  return bytes > 0 && distance(acknowledges, stream.next) <= BOUNDS.aheadBytes.value;
}

/**
 * Whether a segment acknowledges more than the capture has of the other end, FIN included. Absurd numbers do not count.
 */
function acknowledgesUnseen(
  { direction, acknowledges }: TcpFinEvent | TcpResetEvent,
  ends: TcpConnection['ends'],
): boolean {
  return acknowledges !== null && isBeyond(acknowledges, ends[opposite(direction)]);
}

/** Whether a sequence number lies beyond what the capture has of an end, FIN included; an absurd one does not. */
function isBeyond(sequence: number, { stream }: TcpEnd): boolean {
  if (!stream.isStarted) return false;
  const beyond = distance(sequence, stream.next) - Number(stream.isFinished);
  return beyond > 0 && beyond <= BOUNDS.aheadBytes.value;
}

function sideFacts(end: TcpEnd, from: Side): TcpSide {
  const {
    stream,
    lastData,
    retransmissions,
    resent,
    ahead,
    announced,
    largestPayload: largest,
    ttl,
    leastTtl,
    greatestTtl,
  } = end;
  const seen = (event: FrameRef | null): Sighting | null =>
    event === null ? null : { frame: event.frame, at: event.at, from };
  const uncaptured = ahead === null ? 0 : distance(ahead.sequence, stream.next);
  return {
    bytes: stream.delivered,
    retransmissions,
    missing: stream.missing,
    resentInVain: resent !== null && resent.sequence === stream.acknowledged ? unacknowledgedResend(end, resent) : null,
    lost: stream.lost,
    ...(stream.missing > stream.holes ? { cut: stream.missing - stream.holes } : {}),
    uncaptured:
      ahead === null || uncaptured <= 0 ? null : { frame: ahead.frame, at: ahead.at, from, bytes: uncaptured },
    acknowledged: stream.isStarted && stream.isAcknowledging && distance(stream.acknowledged, stream.next) >= 0,
    initialSequence: end.syns.length + end.synAcks.length === 0 ? null : end.initialSequence,
    window: announced?.window ?? null,
    mss: announced?.mss ?? null,
    largestSegment: largest,
    ttl: ttl < 0 ? null : ttl,
    ttls: ttl < 0 ? null : [leastTtl, greatestTtl],
    dataAfterReset: seen(end.dataAfterReset),
    ackAfterReset: seen(end.ackAfterReset),
    firstData: seen(end.firstData),
    late: seen(end.outOfOrder),
    lastData: lastData === null ? null : { frame: lastData.number, at: timestampOf(lastData), from },
  };
}

function unacknowledgedResend(
  { initialSequence, syns, synAcks, requestedAgain: askedFor }: TcpEnd,
  { sequence, length, times }: NonNullable<TcpEnd['resent']>,
): ResentInVain {
  const after = syns.length + synAcks.length === 0 ? undefined : distance(sequence, initialSequence) - 1;
  return {
    bytes: length,
    times,
    ...(after === undefined ? {} : { after }),
    ...(askedFor === sequence ? { isAskedFor: true } : {}),
  };
}

/** Merges two lists that are in frame order. Sorting them together takes 600 bytes more for each connection. */
function inOrder<T extends { readonly frame: number }>(one: readonly T[], other: readonly T[]): readonly T[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const all: T[] = [];
  let at = 0;
  for (const next of one) {
    for (let before = other[at]; before !== undefined && before.frame < next.frame; before = other[++at]) {
      all.push(before);
    }
    all.push(next);
  }
  for (; at < other.length; at++) all.push(other[at] as T);
  return all;
}
