import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween, timestampOf } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import { type Packet, SOURCE } from '../../packet/packet.js';
import { directionOf, flowEndpoints, hashOf } from '../endpoints.js';
import type { DatagramProtocol, DatagramReader, Direction } from '../flow.js';
import { createIds } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import { noteIcmp } from '../icmp.js';
import { createFlowTable } from '../flow-table.js';
import { createQueue } from '../queue.js';
import type { UdpAssociation, UdpEnd } from './association.js';
import { createUnanswered, isStrayAnswer, waitingKey } from './unanswered.js';

export interface UdpTracker {
  /** Processes the datagram in `packet`, which came in frame `stamp`; false if no known protocol claims it. */
  datagram(packet: Packet, stamp: FrameStamp): boolean;
  /** As `datagram`, for one that lacks later IP fragments: called late, with the stamp of its first fragment. */
  partialDatagram(packet: Packet, stamp: FrameStamp): boolean;
  /** Processes an ICMP message; false if it is not about a datagram of a followed association. */
  icmp(packet: Packet, stamp: FrameStamp): boolean;
  /**
   * Ends up to `most` associations when the capture is over at `now`, which may be later than the last datagram; false when none is
   * left.
   */
  finishSome(most: number, now?: Timestamp): boolean;
  /** Associations ended early because there were more than the bound. */
  readonly evicted: () => number;
  /** Memory of the associations being followed; the longest silent one is given up first. */
  readonly holder: MemoryHolder;
}

/** Bounds of a tracker. */
export interface UdpLimits {
  /** Associations followed at once; beyond it, the longest silent one is ended. */
  readonly associations: number;
  /** Associations that are over but kept for repeats; beyond it, the longest silent one is ended. */
  readonly over: number;
  /** Associations with the same endpoints: each of their datagrams is offered to all of them. */
  readonly sameEndpoints: number;
}

const LIMITS: UdpLimits = {
  associations: BOUNDS.udpAssociations.value,
  over: BOUNDS.udpAssociationsOver.value,
  sameEndpoints: BOUNDS.udpAssociationsOfEndpoints.value,
};
/** UDP's IP protocol number. */
const UDP = 17;
/** Bytes of an association, without what its reader holds. */
const ASSOCIATION_BYTES = 1024;
/** Associations given up at once. */
const GIVEN_UP_AT_ONCE = 64;
/** An association silent for so many seconds is ended when room is needed, without a warning. */
const SILENT_SECONDS = 60;
const NO_ICMP: readonly IcmpEvent[] = [];

/** A stamp that is changed in place. */
type Stamp = { -readonly [Key in keyof FrameStamp]: FrameStamp[Key] };

const newStamp = (): Stamp => ({ number: 0, seconds: 0, nanoseconds: 0, digits: 0 });

function setStamp(to: Stamp, from: FrameStamp): void {
  to.number = from.number;
  to.seconds = from.seconds;
  to.nanoseconds = from.nanoseconds;
  to.digits = from.digits;
}

/**
 * Follows what datagrams carry, recognised by content and not by port. Nothing is kept of a datagram that begins
 * nothing known: a flood of them costs no memory.
 * @param ended called with each association when it is over, at the capture's time `now`; nothing more comes of it
 */
export function createUdpTracker<Reader extends DatagramReader>(
  protocols: readonly DatagramProtocol<Reader>[],
  ended: (association: UdpAssociation<Reader>, now: Timestamp) => void,
  nextId = createIds(),
  bounds: Partial<UdpLimits> = {},
): UdpTracker {
  const limits = { ...LIMITS, ...bounds };
  type Association = UdpAssociation<Reader>;
  const table = createFlowTable<Association>();
  /** In the order of their last datagrams; those that are over are kept apart. */
  const open = createQueue<Association>();
  const over = createQueue<Association>();
  const queueOf = ({ isOver }: Association) => (isOver ? over : open);
  const oldestOf = (): Association | null => over.first ?? open.first;
  const unanswered = createUnanswered<Reader>();
  const clock = newStamp();
  let evicted = 0;
  let held = 0;

  /** When the capture was over, if frames of other kinds followed the last datagram. */
  let overAt: Timestamp | null = null;

  const end = (association: Association): void => {
    table.remove(association);
    queueOf(association).remove(association);
    unanswered.forget(association);
    held -= association.bytes;
    association.bytes = 0;
    association.reader.end();
    if (!isStrayAnswer(association)) ended(association, overAt ?? timestampOf(clock));
  };

  /** Ends up to `most` associations, those that are over first; returns how many. */
  const endOldest = (most: number): number => {
    let count = 0;
    for (let oldest = oldestOf(); count < most && oldest !== null; oldest = oldestOf(), count++) end(oldest);
    return count;
  };

  const makeRoom = (): void => {
    const oldest = oldestOf();
    if (oldest === null || open.length + over.length < limits.associations) return;
    if (clock.seconds - oldest.last.seconds < SILENT_SECONDS) evicted++;
    end(oldest);
  };

  const add = (association: Association): void => {
    table.add(association);
    open.add(association);
    unanswered.add(association);
  };

  /** Notes a datagram of an association. */
  const note = (
    association: Association,
    direction: Direction,
    packet: Packet,
    stamp: FrameStamp,
    isPartial: boolean,
  ): void => {
    const { bytes } = association.reader;
    held += bytes - association.bytes;
    association.bytes = bytes;
    const mine = association.ends[direction];
    if (mine.datagrams === 0 && direction !== association.firstDirection) unanswered.forget(association);
    const stray = association.answers?.strayAnswer ?? null;
    if (stray !== null && mine.datagrams > 0 && direction === association.firstDirection) stray.datagrams++;
    count(mine, packet, stamp, isPartial);
    // It is called late.
    if (isPartial && stamp.number < association.last.number) return;
    noteLast(mine, packet, stamp);
    setStamp(association.last, stamp);
    queueOf(association).remove(association);
    association.isOver = association.reader.isOver === true;
    queueOf(association).add(association);
    if (over.length > limits.over && over.first !== null) end(over.first);
  };

  /**
   * Whether a packet begins an association, or answers one from elsewhere.
   * @param replaced an association that ends if a new one begins: too many have these endpoints
   */
  const begins = (packet: Packet, stamp: FrameStamp, isPartial: boolean, replaced: Association | null): boolean => {
    const direction = directionOf(packet);
    const answers = unanswered.answeredBy(packet, stamp);
    // A datagram proven to be an answer begins nothing by itself.
    if (answers?.strayAnswer?.isProven === true) return true;
    for (const protocol of protocols) {
      if (!protocol.recognise(packet)) continue;
      const reader = protocol.open();
      if (!reader.datagram(direction, packet, stamp)) continue;
      if (replaced !== null) end(replaced);
      makeRoom();
      const association = newAssociation(nextId(), packet, stamp, { reader, answers });
      add(association);
      note(association, direction, packet, stamp, isPartial);
      return true;
    }
    return false;
  };

  const take = (packet: Packet, stamp: FrameStamp, isPartial: boolean): boolean => {
    const direction = directionOf(packet);
    let oldest: Association | null = null;
    let same = 0;
    for (
      let at = table.find(packet, hashOf(packet, direction), direction);
      at !== null;
      at = table.findBehind(at, packet, direction)
    ) {
      if (at.reader.datagram(direction, packet, stamp)) {
        note(at, direction, packet, stamp, isPartial);
        if (direction !== at.firstDirection) unanswered.accept(packet);
        return true;
      }
      oldest = at;
      same++;
    }
    return begins(packet, stamp, isPartial, same >= limits.sameEndpoints ? oldest : null);
  };

  return {
    datagram(packet, stamp) {
      setStamp(clock, stamp);
      return take(packet, stamp, false);
    },
    partialDatagram: (packet, stamp) => take(packet, stamp, true),
    icmp(packet, stamp) {
      const { quoted } = packet.icmp;
      if (quoted.protocol !== UDP) return false;
      const direction = directionOf(quoted);
      const association = table.find(quoted, hashOf(quoted, direction), direction);
      if (association === null) return false;
      noteIcmp(association, direction, packet, stamp);
      return true;
    },
    finishSome(most, now) {
      if (now !== undefined && millisecondsBetween(timestampOf(clock), now) > 0) overAt = now;
      return endOldest(most) === most;
    },
    evicted: () => evicted,
    holder: {
      what: 'openUdp',
      bytes: () => (open.length + over.length) * ASSOCIATION_BYTES + held,
      giveUp: () => endOldest(GIVEN_UP_AT_ONCE),
    },
  };
}

const newEnd = (): UdpEnd => ({
  datagrams: 0,
  bytes: 0,
  missing: 0,
  fragmented: 0,
  firstFragmented: null,
  firstData: null,
  lastData: null,
  ttl: -1,
});

function newAssociation<Reader>(
  id: number,
  packet: Packet,
  stamp: FrameStamp,
  { reader, answers }: Pick<UdpAssociation<Reader>, 'reader' | 'answers'>,
): UdpAssociation<Reader> {
  const direction = directionOf(packet);
  return {
    id,
    reader,
    ends: [newEnd(), newEnd()],
    icmp: NO_ICMP,
    ...flowEndpoints(packet, direction),
    firstFrame: stamp.number,
    startedAt: timestampOf(stamp),
    firstDirection: direction,
    clientKey: waitingKey(packet, SOURCE),
    strayAnswer: null,
    answers,
    last: { number: stamp.number, seconds: stamp.seconds, nanoseconds: stamp.nanoseconds, digits: stamp.digits },
    isOver: false,
    bytes: 0,
    hash: hashOf(packet, direction),
    chained: null,
    before: null,
    after: null,
  };
}

/** Counts a datagram of an end. */
function count(end: UdpEnd, packet: Packet, stamp: FrameStamp, isPartial: boolean): void {
  end.datagrams++;
  end.bytes += packet.end - packet.offset;
  if (isPartial) {
    end.fragmented++;
    end.firstFragmented ??= { frame: stamp.number, at: timestampOf(stamp) };
  } else {
    end.missing += packet.missing;
  }
}

/** Notes the latest datagram of an end. */
function noteLast(end: UdpEnd, packet: Packet, stamp: FrameStamp): void {
  end.ttl = packet.ttl;
  end.firstData ??= { frame: stamp.number, at: timestampOf(stamp) };
  setStamp((end.lastData ??= newStamp()), stamp);
}
