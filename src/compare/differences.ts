/** What differs between two points that both show a connection. */
import { BOUNDS } from '../bounds.js';
import { hex } from '../bytes.js';
import type { Between, Connection, PathDifference, Side } from '../connection/connection.js';
import { overEap } from '../connection/connection.js';
import { peerOf } from '../connection/side.js';
import { ACK, RST, SYN } from '../packet/packet.js';
import type { Pairing } from './pairs.js';
import type { TracedPacket } from './trace.js';
import { sightingOf, synOf, whatOf, type View } from './view.js';

/** The two points compared, and what their captures can have seen. */
export interface Comparison {
  readonly here: View;
  readonly there: View;
  readonly between: Between;
  readonly pairing: Pairing;
  /** Whether the other point's capture was running when a packet passed one of them. */
  readonly running: (packet: TracedPacket, seenAt: View) => Running;
}

/** `perhaps`: the capture shows nothing later, but nothing later may have come. */
export type Running = 'yes' | 'perhaps' | 'no';

const SIDES: readonly Side[] = ['client', 'server'];
/** Bytes of a side's stream that are compared. */
const MOST_COMPARED = BOUNDS.comparedStreamBytes.value;
/** Changed bytes that are reported. */
const MOST_REPORTED = BOUNDS.changedBytes.value;
/** So many packets of a size must be lost, each time while smaller ones arrived; fewer may be coincidence. */
const LEAST_BY_SIZE = 2;
/**
 * Microseconds that must lie between the first and the last of them: one burst is lost together, whatever the sizes.
 */
const LEAST_APART = 100_000;

export function differencesOf(comparison: Comparison): PathDifference[] {
  const { here, there, between } = comparison;
  if (overEap(here.connection) !== null) return eapDifferences(comparison);
  const differences: PathDifference[] = [...translations(here.connection, there.connection, between)];
  if (here.connection.transport.kind === 'tcp') {
    const isTerminated = isTcpTerminated(comparison);
    if (isTerminated) differences.push({ kind: 'tcp-terminated', between });
    for (const from of SIDES) {
      if (!isTerminated) differences.push(...rewritten(comparison, from));
      differences.push(...ofStream(comparison, from, isTerminated));
    }
  } else {
    for (const from of SIDES) differences.push(...ofDatagrams(comparison, from));
  }
  return differences;
}

function translations(here: Connection, there: Connection, between: Between): PathDifference[] {
  return SIDES.filter((side) => here[side].address !== there[side].address || here[side].port !== there[side].port).map(
    (side) => ({ kind: 'address-translated', between, side, here: here[side], there: there[side] }),
  );
}

/** The points where a side's packet is sent from, and where it arrives. */
const waysOf = (from: Side): readonly [0 | 1, 0 | 1] => (from === 'client' ? [0, 1] : [1, 0]);

function nearAndFar({ here, there }: Comparison, from: Side): readonly [View, View] {
  return from === 'client' ? [here, there] : [there, here];
}

/**
 * A side's packets that one of the points lacks although its capture may have been running: those sent, and those that
 * arrived.
 */
function onlyOf(comparison: Comparison, from: Side): readonly [readonly TracedPacket[], readonly TracedPacket[]] {
  const { pairing, running } = comparison;
  const [near, far] = nearAndFar(comparison, from);
  const [sent, arrived] = waysOf(from).map((way) => pairing.only[from][way]) as [TracedPacket[], TracedPacket[]];
  return [
    lacksDirection(far, near, from) ? [] : sent.filter((packet) => running(packet, near) !== 'no'),
    near.packets[from].length === 0 ? [] : arrived.filter((packet) => running(packet, far) !== 'no'),
  ];
}

/**
 * Whether a capture shows nothing of a side whose peer answers according to the other view: then the capture lacks that
 * direction.
 */
export function lacksDirection(far: View, near: View, from: Side): boolean {
  const peer = peerOf(from);
  if (far.packets[from].length > 0 || far.packets[peer].length === 0) return false;
  if (near.connection.transport.kind === 'tcp') {
    return far.packets[peer].some(({ flags }) => (flags & (ACK | RST)) === ACK);
  }
  const { messages, alerts } = near.connection;
  const moved = messages.some(({ from: sender, type }) => sender === peer && type !== 'client_hello');
  return moved || alerts.some((alert) => alert.from === peer);
}

/** Whether the SYNs at both points belong to two TCP connections, one in place of the other. */
function isTcpTerminated({ here, there }: Comparison): boolean {
  return SIDES.every((side) => {
    const one = synOf(here, side);
    const other = synOf(there, side);
    if (one === undefined || other === undefined || one.sequence === other.sequence) return false;
    const hasTimestamps = one.timestamp !== null && other.timestamp !== null;
    return hasTimestamps ? !sharesTimestamp(here, there, side) : one.ttl > 0 && one.ipId !== other.ipId;
  });
}

function sharesTimestamp(here: View, there: View, side: Side): boolean {
  const seen = new Set(here.packets[side].map(({ timestamp }) => timestamp));
  return there.packets[side].some(({ timestamp }) => timestamp !== null && seen.has(timestamp));
}

/** What a side's SYN shows of devices that rewrite it. */
function rewritten(comparison: Comparison, from: Side): PathDifference[] {
  const { between } = comparison;
  const [near, far] = nearAndFar(comparison, from);
  const sent = synOf(near, from);
  const arrived = synOf(far, from);
  if (sent === undefined || arrived === undefined) return [];
  const differences: PathDifference[] = [];
  if (sent.sequence !== arrived.sequence) differences.push({ kind: 'sequence-rewritten', between, from });
  if (sent.mss !== null && arrived.mss !== null && arrived.mss !== sent.mss) {
    differences.push({ kind: 'mss-clamped', between, from, sent: sent.mss, arrived: arrived.mss });
  }
  return differences;
}

/** Bytes of a side's stream that a packet is the first to bring. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly packet: TracedPacket;
  /** Where the packet begins in the stream. */
  readonly from: number;
}

/** A side's bytes by their place in the stream. Missing ones take no memory. */
interface Stream {
  /** The captured bytes, in order, without overlaps. */
  readonly pieces: readonly Piece[];
  /** Whether a range is covered by packets' lengths, captured or not. */
  readonly covers: (start: number, end: number) => boolean;
}

function streamOf(packets: readonly TracedPacket[], base: number, origin: number): Stream {
  const pieces: Piece[] = [];
  const covered: (readonly [start: number, end: number])[] = [];
  for (const packet of packets) {
    const { sequence, length, bytes } = packet;
    const from = (sequence - base - origin) | 0;
    if (from < 0 || from >= MOST_COMPARED) continue;
    covered.push([from, Math.min(MOST_COMPARED, from + length)]);
    const end = Math.min(MOST_COMPARED, from + bytes.length);
    const added: Piece[] = [];
    let start = from;
    for (const known of pieces) {
      if (known.end <= start) continue;
      if (known.start >= end) break;
      if (known.start > start) added.push({ start, end: known.start, packet, from });
      start = known.end;
    }
    if (start < end) added.push({ start, end, packet, from });
    pieces.push(...added);
    if (added.length > 0) pieces.sort((a, b) => a.start - b.start);
  }
  covered.sort(([a], [b]) => a - b);
  return {
    pieces,
    covers(start, end) {
      let known = start;
      for (const [from, to] of covered) if (from <= known) known = Math.max(known, to);
      return start >= 0 && known >= end;
    },
  };
}

/** What a side of a TCP connection sent and what arrived, as streams that count from the same byte. */
interface BothEnds {
  readonly near: View;
  readonly far: View;
  /** Packets that only the nearer, or only the further point shows. */
  readonly unseen: readonly TracedPacket[];
  readonly unsent: readonly TracedPacket[];
  /** Packets with data. */
  readonly sent: readonly TracedPacket[];
  readonly arrived: readonly TracedPacket[];
  readonly sentStream: Stream;
  readonly arrivedStream: Stream;
  /** Whether a SYN tells where the streams begin. */
  readonly hasBase: boolean;
  /** Place of a sequence number in the stream, from what the nearer or the further point counts. */
  readonly placeNear: (sequence: number) => number;
  readonly placeFar: (sequence: number) => number;
}

function bothEndsOf(comparison: Comparison, from: Side): BothEnds {
  const [near, far] = nearAndFar(comparison, from);
  const [nearBase, farBase] = waysOf(from).map((way) => comparison.pairing.bases[from][way]) as [number, number];
  const [unseen, unsent] = onlyOf(comparison, from);
  const sent = near.packets[from].filter(hasData);
  const arrived = far.packets[from].filter(hasData);
  // Without a SYN, counting starts where the earlier of the two captures does.
  const hasBase = nearBase !== 0 || farBase !== 0;
  const first = sent[0] ?? arrived[0];
  const origin = hasBase || first === undefined ? 0 : (first.sequence - nearBase) | 0;
  return {
    near,
    far,
    unseen,
    unsent,
    sent,
    arrived,
    sentStream: streamOf(sent, nearBase, origin),
    arrivedStream: streamOf(arrived, farBase, origin),
    hasBase,
    placeNear: (sequence) => (sequence - nearBase - origin) | 0,
    placeFar: (sequence) => (sequence - farBase - origin) | 0,
  };
}

const hasData = ({ length }: TracedPacket): boolean => length > 0;

const isReset = (packet: TracedPacket): boolean => whatOf(packet) === 'reset';

/** What became of the bytes, resets and FINs of one side of a TCP connection. */
function ofStream(comparison: Comparison, from: Side, isTerminated: boolean): PathDifference[] {
  const ends = bothEndsOf(comparison, from);
  const lost = lostData(ends, from, isTerminated);
  const found = [
    lostOf(comparison, from, ends, lost),
    alteredOf(comparison, from, ends) ?? recutOf(comparison, from, ends, lost),
    isTerminated ? null : insertedOf(comparison, from, ends),
  ];
  return found.filter((each) => each !== null);
}

/** Packets with data that neither arrived nor were acknowledged. */
function lostData(ends: BothEnds, from: Side, isTerminated: boolean): TracedPacket[] {
  const { near, far, placeNear, placeFar } = ends;
  if (!far.isWhole) return [];
  // A peer that acknowledges bytes has them, whatever the capture lacks.
  const peer = peerOf(from);
  const acknowledged = (view: View, place: BothEnds['placeNear']): number =>
    view.packets[peer].reduce(
      (most, { flags, acknowledgment }) =>
        (flags & (ACK | RST)) !== ACK ? most : Math.max(most, place(acknowledgment)),
      0,
    );
  const confirmed = Math.max(acknowledged(far, placeFar), isTerminated ? 0 : acknowledged(near, placeNear));
  return ends.unseen.filter((packet) => {
    if (packet.length === 0) return false;
    const start = placeNear(packet.sequence);
    const end = start + packet.length;
    return end > confirmed && end <= MOST_COMPARED && !ends.arrivedStream.covers(start, end);
  });
}

/** What was lost: data, or a SYN where nothing arrived, or a reset where none did. */
function lostOf(
  { between, running }: Comparison,
  from: Side,
  { near, far, unseen, sent, arrived }: BothEnds,
  lost: readonly TracedPacket[],
): PathDifference | null {
  const lostSyn = far.isWhole ? unseen.filter((packet) => (packet.flags & SYN) !== 0) : [];
  const isSynLost = lostSyn.length > 0 && synOf(far, from) === undefined && arrived.length === 0;
  const lostReset = far.isWhole && !far.packets[from].some(isReset) ? unseen.filter(isReset) : [];
  const those = lost.length > 0 ? lost : isSynLost ? lostSyn : lostReset;
  const [one] = those;
  if (one === undefined) return null;
  const smallest = Math.min(...those.map(({ length }) => length));
  const others = sent.filter((packet) => !those.includes(packet));
  const largest = Math.max(0, ...others.map(({ length }) => length));
  // Later packets that arrived show that the other capture was still running.
  const isBetween = near.packets[from].some((packet) => packet.frame > one.frame && !those.includes(packet));
  return {
    kind: 'lost',
    between,
    from,
    at: sightingOf(one, from),
    what: whatOf(one),
    message: one.length === 0 ? null : messageAt(near.connection, from, one.frame),
    packets: those.length,
    of: lost.length > 0 ? sent.length : those.length,
    bySize:
      areTooLarge(lost) && isBetween && largest > 0 && smallest > largest ? { lost: smallest, arrived: largest } : null,
    isProven: running(one, near) === 'yes',
  };
}

/** Bytes that arrived changed. */
function alteredOf(
  { between }: Comparison,
  from: Side,
  { near, sentStream, arrivedStream }: BothEnds,
): PathDifference | null {
  const altered = firstAltered(sentStream, arrivedStream);
  if (altered === null) return null;
  const { sentIn, arrivedIn, offset, changed } = altered;
  return {
    kind: 'altered',
    between,
    from,
    at: sightingOf(sentIn, from),
    arrived: sightingOf(arrivedIn, from),
    offset,
    bytes: changed.length,
    sent: hex(Uint8Array.from(changed, ([before]) => before)),
    received: hex(Uint8Array.from(changed, ([, after]) => after)),
    message: messageAt(near.connection, from, sentIn.frame),
  };
}

/** The same bytes in other packets. */
function recutOf(
  { between }: Comparison,
  from: Side,
  { near, far, unseen, unsent, sent, arrived }: BothEnds,
  lost: readonly TracedPacket[],
): PathDifference | null {
  if (lost.length > 0 || !near.isWhole || !far.isWhole || sent.length === arrived.length) return null;
  const isOtherCut = unseen.some(hasData) && unsent.some(hasData);
  return isOtherCut ? { kind: 'recut', between, from, sent: sent.length, arrived: arrived.length } : null;
}

/** A packet with the address of a side that did not send it: a reset, or bytes that are not in its stream. */
function insertedOf({ between, pairing, running }: Comparison, from: Side, ends: BothEnds): PathDifference | null {
  const { near, far, unsent, sentStream, hasBase, placeFar } = ends;
  if (!near.isWhole) return null;
  const inserted =
    unsent.find(isReset) ??
    unsent.find((packet) => {
      if (packet.length === 0) return false;
      const start = placeFar(packet.sequence);
      const end = start + packet.length;
      return hasBase && start >= 0 && end <= MOST_COMPARED && !sentStream.covers(start, end);
    });
  if (inserted === undefined) return null;
  const ttls = far.packets[from].filter((packet) => !isReset(packet) && packet !== inserted).map(({ ttl }) => ttl);
  const hasOtherTtl = ttls.length > 0 && !ttls.includes(inserted.ttl);
  // Resets to both sides, which neither of them sent.
  const areBothReset = (['client', 'server'] as const).every((side) => {
    const [, farWay] = waysOf(side);
    return pairing.only[side][farWay].some(isReset);
  });
  const isResetByOther = isReset(inserted) && areBothReset;
  const isRunning = running(inserted, far) === 'yes';
  return {
    kind: 'inserted',
    between,
    from,
    at: sightingOf(inserted, from),
    what: whatOf(inserted),
    bytes: inserted.length,
    ttl: inserted.ttl,
    usualTtl: ttls.at(-1) ?? null,
    // If both captures are over, neither reset can be proven to be missing at the other point.
    isProven: (hasOtherTtl && isRunning) || isResetByOther,
    mayBeOver: !isRunning && !hasOtherTtl && !isResetByOther,
  };
}

interface Altered {
  readonly sentIn: TracedPacket;
  readonly arrivedIn: TracedPacket;
  readonly offset: number;
  /** Each changed byte of the packet, the first few, as sent and as it arrived. */
  readonly changed: readonly (readonly [number, number])[];
}

/** The first byte of a stream that arrived changed, and the changed bytes after it. */
function firstAltered(sent: Stream, arrived: Stream): Altered | null {
  let first: { readonly at: number; readonly sent: Piece; readonly arrived: Piece } | null = null;
  const changed: [number, number][] = [];
  for (const [one, other] of overlaps(sent.pieces, arrived.pieces)) {
    const end = Math.min(one.end, other.end, first === null ? Infinity : first.at + first.sent.packet.length);
    for (let at = Math.max(one.start, other.start); at < end && changed.length < MOST_REPORTED; at++) {
      const before = one.packet.bytes[at - one.from] as number;
      const after = other.packet.bytes[at - other.from] as number;
      if (before === after) continue;
      first ??= { at, sent: one, arrived: other };
      if (at < first.at + first.sent.packet.length) changed.push([before, after]);
    }
  }
  if (first === null) return null;
  return {
    sentIn: first.sent.packet,
    arrivedIn: first.arrived.packet,
    offset: first.at - first.sent.start,
    changed,
  };
}

/** The pieces of two streams that cover the same places, in order. */
function* overlaps(one: readonly Piece[], other: readonly Piece[]): Generator<readonly [Piece, Piece]> {
  let next = 0;
  for (const piece of one) {
    while ((other[next]?.end ?? Infinity) <= piece.start) next++;
    for (let index = next; index < other.length; index++) {
      const there = other[index] as Piece;
      if (there.start >= piece.end) break;
      yield [piece, there];
    }
  }
}

/** The message or record of a side in a frame, or the message that begins there and ends later. */
function messageAt({ messages, encryptedRecords }: Connection, from: Side, frame: number): string | null {
  const own = messages.filter((one) => one.from === from);
  const isRecord = encryptedRecords.some((one) => one.from === from && one.frame === frame);
  const message =
    own.find((one) => one.frame === frame) ?? (isRecord ? undefined : own.find((one) => one.frame > frame));
  if (message !== undefined) return message.type;
  return isRecord ? 'encrypted_record' : null;
}

/** Whether packets, in the order of time, suffice to show that packets of their size are always lost. */
function areTooLarge(lost: readonly TracedPacket[]): boolean {
  return lost.length >= LEAST_BY_SIZE && (lost.at(-1)?.time ?? 0) - (lost[0]?.time ?? 0) >= LEAST_APART;
}

/** What became of the datagrams of one side. */
function ofDatagrams(comparison: Comparison, from: Side): PathDifference[] {
  const { between, pairing, running } = comparison;
  const [near, far] = nearAndFar(comparison, from);
  if (!near.isWhole || !far.isWhole) return [];
  const [unseen, arrivedOnly] = onlyOf(comparison, from);
  const unsent = arrivedOnly.filter(({ isWhole }) => isWhole);
  const differences: PathDifference[] = [];
  const altered = pairing.pairs.find((pair) => pair.isAltered && pair.from === from);
  if (altered !== undefined) {
    const [sent, arrived] = from === 'client' ? [altered.here, altered.there] : [altered.there, altered.here];
    const both = Math.min(sent.bytes.length, arrived.bytes.length);
    const changed = [...sent.bytes.subarray(0, both).keys()].filter((at) => sent.bytes[at] !== arrived.bytes[at]);
    const reported = changed.slice(0, MOST_REPORTED);
    differences.push({
      kind: 'altered',
      between,
      from,
      at: sightingOf(sent, from),
      arrived: sightingOf(arrived, from),
      offset: changed[0] ?? 0,
      bytes: changed.length,
      sent: hex(Uint8Array.from(reported, (at) => sent.bytes[at] as number)),
      received: hex(Uint8Array.from(reported, (at) => arrived.bytes[at] as number)),
      message: messageAt(near.connection, from, sent.frame),
    });
  }

  const all = near.packets[from].filter((packet) => running(packet, near) !== 'no');
  const isLost = new Set(unseen);
  const passed = all.filter((packet) => !isLost.has(packet));
  const largest = Math.max(0, ...passed.map(({ length }) => length));
  const large = unseen.filter(({ length }) => length > largest);
  const atEnd = all.slice(all.findLastIndex((packet) => !isLost.has(packet)) + 1);
  const isBySize = areTooLarge(large) && passed.some(({ frame }) => frame > (large[0]?.frame ?? 0));
  const those = isBySize ? large : atEnd;
  const [one] = those;
  if (one !== undefined) {
    differences.push({
      kind: 'lost',
      between,
      from,
      at: sightingOf(one, from),
      what: 'data',
      message: messageAt(near.connection, from, one.frame),
      packets: those.length,
      of: all.length,
      bySize: isBySize ? { lost: Math.min(...large.map(({ length }) => length)), arrived: largest } : null,
      isProven: those.length > 1 && running(one, near) === 'yes',
    });
  }

  const [inserted] = unsent;
  if (inserted !== undefined && running(inserted, far) === 'yes') {
    const ttls = far.packets[from].filter((packet) => packet !== inserted).map(({ ttl }) => ttl);
    differences.push({
      kind: 'inserted',
      between,
      from,
      at: sightingOf(inserted, from),
      what: 'data',
      bytes: inserted.length,
      ttl: inserted.ttl,
      usualTtl: ttls.at(-1) ?? null,
      isProven: ttls.length > 0 && !ttls.includes(inserted.ttl),
      mayBeOver: false,
    });
  }
  return differences;
}

/** EAP packets change their carrier between the points: they are only counted, without repeats. */
function eapDifferences({ here, there, between }: Comparison): PathDifference[] {
  return SIDES.flatMap((from): PathDifference[] => {
    const [near, far] = from === 'client' ? [here, there] : [there, here];
    const sent = overEap(near.connection)?.[from];
    const arrived = overEap(far.connection)?.[from];
    if (sent === undefined || arrived === undefined || sent.last === null || sent.packets <= arrived.packets) return [];
    if (near.connection.outcome !== 'failed' && far.connection.outcome !== 'failed') return [];
    // It arrived, but without all of its IP fragments.
    if (overEap(far.connection)?.unanswered?.isCut === true) return [];
    return [
      {
        kind: 'lost',
        between,
        from,
        at: sent.last,
        what: 'data',
        message: null,
        packets: sent.packets - arrived.packets,
        of: sent.packets,
        bySize: null,
        isProven: false,
      },
    ];
  });
}
