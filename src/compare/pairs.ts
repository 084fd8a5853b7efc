/** Finds the packets of one connection at one point among those of another. */
import type { Side } from '../connection/connection.js';
import { ACK, FIN, PSH, RST, SYN } from '../packet/packet.js';
import { peerOf } from '../connection/side.js';
import type { TracedPacket } from './trace.js';
import { synOf, whatOf, type View } from './view.js';

/** One packet at two points. */
export interface Pair {
  readonly from: Side;
  readonly here: TracedPacket;
  readonly there: TracedPacket;
  /** Whether both are one transmission, rather than copies sent one after the other. */
  readonly isSame: boolean;
  /** Whether it is a datagram that was altered on the way. */
  readonly isAltered: boolean;
}

/** The packets of a connection that both points show, and those that only one of them shows. */
export interface Pairing {
  readonly pairs: readonly Pair[];
  /** By side: packets of the first and of the second point that the other one lacks. */
  readonly only: Readonly<Record<Side, readonly [readonly TracedPacket[], readonly TracedPacket[]]>>;
  /** By side: what to add to the sequence numbers at each point so that they count the bytes of the stream. */
  readonly bases: Readonly<Record<Side, readonly [number, number]>>;
}

const SIDES: readonly Side[] = ['client', 'server'];
/** Bytes of data that are unique in practice. */
const LEAST_UNIQUE = 32;
const COMPARED_FLAGS = SYN | ACK | FIN | RST | PSH;

/** The sequence number of the first byte of a side's stream, at both points; 0 if one of them lacks the SYN. */
function basesOf(here: View, there: View, side: Side): readonly [number, number] {
  const one = synOf(here, side);
  const other = synOf(there, side);
  if (one !== undefined && other !== undefined) return [(one.sequence + 1) | 0, (other.sequence + 1) | 0];
  const ahead = rewritingOf(here, there, side);
  if (ahead === 0) return [0, 0];
  const starts = [
    ...here.packets[side].map(({ sequence }) => sequence),
    ...there.packets[side].map(({ sequence }) => (sequence - ahead) | 0),
  ];
  const start = starts.reduce((least, next) => (((next - least) | 0) < 0 ? next : least));
  return [start, (start + ahead) | 0];
}

/**
 * By how much a device on the way shifts a side's sequence numbers, according to its data or its peer's
 * acknowledgments; else 0.
 */
function rewritingOf(here: View, there: View, side: Side): number {
  const [one, other] = sameData(here.packets[side], there.packets[side]);
  if (one !== undefined && other !== undefined) return (other.sequence - one.sequence) | 0;
  const peer = peerOf(side);
  const [answer, same] = sameData(here.packets[peer], there.packets[peer]);
  return answer === undefined || same === undefined ? 0 : (same.acknowledgment - answer.acknowledgment) | 0;
}

/** The first transmission of data that both points show; empty if there is none. */
function sameData(here: readonly TracedPacket[], there: readonly TracedPacket[]): readonly TracedPacket[] {
  const isUnique = ({ length, isWhole }: TracedPacket): boolean => isWhole && length >= LEAST_UNIQUE;
  for (const one of here.filter(isUnique)) {
    const other = there.find(
      (two) => isUnique(two) && two.hash === one.hash && two.length === one.length && isSameTransmission(one, two),
    );
    if (other !== undefined) return [one, other];
  }
  return [];
}

/** Identifies a packet among those of its side; the same at both points. */
function keyOf(packet: TracedPacket, isTcp: boolean, base: number, peerBase: number): string {
  const { length, hash, flags, sequence, acknowledgment } = packet;
  if (!isTcp) return `${length} ${hash}`;
  const own = (sequence - base) | 0;
  // The acknowledgment number tells several empty segments apart.
  const acknowledged = length === 0 && (flags & (SYN | RST)) === 0 ? (acknowledgment - peerBase) | 0 : 0;
  return `${flags & COMPARED_FLAGS} ${own} ${length} ${acknowledged}`;
}

export function pairUp(here: View, there: View): Pairing {
  const isTcp = here.connection.transport.kind === 'tcp';
  const pairs: Pair[] = [];
  const only: Record<Side, [TracedPacket[], TracedPacket[]]> = { client: [[], []], server: [[], []] };
  const bases = { client: basesOf(here, there, 'client'), server: basesOf(here, there, 'server') };
  for (const from of SIDES) {
    const [base, otherBase] = bases[from];
    const [peerBase, otherPeerBase] = bases[peerOf(from)];
    const others = new Map<string, TracedPacket[]>();
    for (const packet of there.packets[from]) {
      const key = keyOf(packet, isTcp, otherBase, otherPeerBase);
      const same = others.get(key);
      if (same === undefined) others.set(key, [packet]);
      else same.push(packet);
    }
    const own = new Map<string, TracedPacket[]>();
    for (const packet of here.packets[from]) {
      const key = keyOf(packet, isTcp, base, peerBase);
      const same = own.get(key);
      if (same === undefined) own.set(key, [packet]);
      else same.push(packet);
    }
    const paired: Paired = {
      add: (here, there, { isSame = true, isAltered = false } = {}) => {
        pairs.push({ from, here, there, isSame, isAltered });
      },
      only: only[from],
    };
    for (const [key, mine] of own) {
      pairCopies(mine, others.get(key) ?? [], paired);
      others.delete(key);
    }
    for (const rest of others.values()) only[from][1].push(...rest);
    only[from][0].sort((a, b) => a.frame - b.frame);
    only[from][1].sort((a, b) => a.frame - b.frame);
    if (isTcp) continue;
    pairAlike(hasSameBeginning, false, paired);
    pairAlike((one, other) => sameBytes(one, other) >= LEAST_SAME, true, paired);
  }
  pairs.sort((a, b) => a.here.time - b.here.time);
  return { pairs, only, bases };
}

/** Where packets of one side go: `add` receives those of both points, the rest those of one point. */
interface Paired {
  readonly add: (here: TracedPacket, there: TracedPacket, how?: Partial<Pick<Pair, 'isSame' | 'isAltered'>>) => void;
  readonly only: readonly [TracedPacket[], TracedPacket[]];
}

/** Pairs the transmissions of something that was sent once or more. */
function pairCopies(mine: readonly TracedPacket[], theirs: readonly TracedPacket[], { add, only }: Paired): void {
  const remaining = [...theirs];
  const unpaired: TracedPacket[] = [];
  const take = (here: TracedPacket, index: number, isSame: boolean): void => {
    const [there] = remaining.splice(index, 1);
    if (there !== undefined) add(here, there, { isSame });
  };
  for (const packet of mine) {
    const index = remaining.findIndex((other) => isSameTransmission(packet, other));
    if (index >= 0) take(packet, index, true);
    else unpaired.push(packet);
  }
  // If marks were rewritten on the way, or mean nothing, only the order is left.
  const isAllSame = mine.length === theirs.length && remaining.length === mine.length;
  for (const packet of unpaired) {
    if (remaining.length > 0) take(packet, 0, isAllSame);
    else only[0].push(packet);
  }
  only[1].push(...remaining);
}

/** A datagram with at least this share of equal bytes was altered; otherwise it is another one. */
const LEAST_SAME = 0.75;
/**
 * Bytes at the beginning that identify a datagram: the number of a DTLS record is in its first 11, and QUIC is
 * encrypted.
 */
const LEAST_BEGINNING = 16;

/** Pairs similar datagrams in order, of those that only one point seemed to show. */
function pairAlike(
  areAlike: (one: TracedPacket, other: TracedPacket) => boolean,
  isAltered: boolean,
  { add, only: [mine, theirs] }: Paired,
): void {
  for (const here of [...mine]) {
    const there = theirs.find((other) => areAlike(here, other));
    if (there === undefined) continue;
    mine.splice(mine.indexOf(here), 1);
    theirs.splice(theirs.indexOf(there), 1);
    add(here, there, { isAltered });
  }
}

/** Whether two datagrams may be the same one, perhaps altered or cut short. */
export function mayBeSame(one: TracedPacket, other: TracedPacket): boolean {
  const isShort = Math.min(one.bytes.length, other.bytes.length) < LEAST_BEGINNING;
  return isShort || hasSameBeginning(one, other) || sameBytes(one, other) >= LEAST_SAME;
}

/**
 * Whether two datagrams have the same length and the same bytes as far as both were captured, one of them being cut
 * short.
 */
function hasSameBeginning(one: TracedPacket, other: TracedPacket): boolean {
  const size = Math.min(one.bytes.length, other.bytes.length);
  if (one.length !== other.length || (one.isWhole && other.isWhole) || size < LEAST_BEGINNING) return false;
  return one.bytes.subarray(0, size).every((byte, at) => byte === other.bytes[at]);
}

/** The share of bytes that two payloads have in common, as far as both were captured; 0 if their lengths differ. */
function sameBytes(one: TracedPacket, other: TracedPacket): number {
  const length = Math.min(one.bytes.length, other.bytes.length);
  const isTooShort = length < LEAST_BEGINNING && !(one.isWhole && other.isWhole);
  if (length === 0 || isTooShort || one.length !== other.length) return 0;
  let same = 0;
  for (let at = 0; at < length; at++) if (one.bytes[at] === other.bytes[at]) same++;
  return same / length;
}

/** Whether two packets agree in what a retransmission would change: timestamp, IP identification. */
function isSameTransmission(one: TracedPacket, other: TracedPacket): boolean {
  if (whatOf(one) === 'reset') return one.sequence === other.sequence && one.ipId === other.ipId;
  const hasTimestamp = one.timestamp !== null && other.timestamp !== null;
  const hasId = one.ipId !== 0 && other.ipId !== 0;
  if (hasTimestamp && one.timestamp !== other.timestamp) return false;
  if (hasId && one.ipId === other.ipId) return true;
  return hasTimestamp && !hasId;
}
