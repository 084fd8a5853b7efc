import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import type { Packet, PacketEndpoints } from '../../packet/packet.js';
import { flowEndpoints, hashOf, isSourceFirst } from '../endpoints.js';
import type { DatagramProtocol, DatagramReader, Direction } from '../flow.js';
import { createIds, opposite } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import { noteIcmp } from '../icmp.js';
import { createFlowTable } from '../flow-table.js';
import { createQueue } from '../queue.js';
import type { UdpAssociation, UdpEnd } from './association.js';

export interface UdpTracker {
  /** Processes the datagram in `packet`, which came in frame `stamp`; false if no known protocol claims it. */
  datagram(packet: Packet, stamp: FrameStamp): boolean;
  /** As `datagram`, for one that lacks later IP fragments: called late, with the stamp of its first fragment. */
  partialDatagram(packet: Packet, stamp: FrameStamp): boolean;
  /** Processes an ICMP message; false if it is not about a datagram of a followed association. */
  icmp(packet: Packet, stamp: FrameStamp): boolean;
  /** Ends up to `most` associations when the capture is over; false when none is left. */
  finishSome(most: number): boolean;
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
  const clock: { -readonly [Key in keyof FrameStamp]: FrameStamp[Key] } = {
    number: 0,
    seconds: 0,
    nanoseconds: 0,
    digits: 0,
  };
  /** Associations without an answer, the latest of each end that waits for one. */
  const unanswered = new Map<number, Association>();
  let evicted = 0;
  let held = 0;

  const setStamp = (to: typeof clock, from: FrameStamp): void => {
    to.number = from.number;
    to.seconds = from.seconds;
    to.nanoseconds = from.nanoseconds;
    to.digits = from.digits;
  };

  /** The key in `unanswered` of the source of a packet, or of its destination. */
  const keyOf = ({ addresses, sourcePort, destinationPort }: PacketEndpoints, isSource: boolean): number => {
    const at = isSource ? 0 : 4;
    let key = isSource ? sourcePort : destinationPort;
    for (let word = at; word < at + 4; word++) key = Math.imul(key ^ (addresses[word] as number), 0x01000193);
    return key;
  };

  const isUnanswered = ({ ends, firstDirection }: Association): boolean =>
    ends[opposite(firstDirection)].datagrams === 0;

  const forgetUnanswered = (association: Association): void => {
    if (!isUnanswered(association)) return;
    if (unanswered.get(association.waits) === association) unanswered.delete(association.waits);
  };

  /** Whether this is only a stray answer to another association, which reports it, and that nobody accepted. */
  const isStrayAnswer = (association: Association): boolean => {
    const { answers } = association;
    return answers !== null && answers.strayAnswer !== null && isUnanswered(answers) && isUnanswered(association);
  };

  const end = (association: Association): void => {
    table.remove(association);
    queueOf(association).remove(association);
    forgetUnanswered(association);
    held -= association.bytes;
    association.bytes = 0;
    association.reader.end();
    if (!isStrayAnswer(association)) ended(association, timestampOf(clock));
  };

  const add = (
    packet: Packet,
    stamp: FrameStamp,
    { reader, answers }: Pick<Association, 'reader' | 'answers'>,
    hash: number,
    first: number,
  ): Association => {
    const oldest = oldestOf();
    if (oldest !== null && open.length + over.length >= limits.associations) {
      if (clock.seconds - oldest.last.seconds < SILENT_SECONDS) evicted++;
      end(oldest);
    }
    const association: Association = {
      id: nextId(),
      reader,
      ends: [newEnd(), newEnd()],
      icmp: NO_ICMP,
      ...flowEndpoints(packet, first),
      firstFrame: stamp.number,
      startedAt: timestampOf(stamp),
      firstDirection: first === 0 ? 0 : 1,
      waits: keyOf(packet, true),
      strayAnswer: null,
      answers,
      last: { number: stamp.number, seconds: stamp.seconds, nanoseconds: stamp.nanoseconds, digits: stamp.digits },
      isOver: false,
      bytes: 0,
      hash,
      chained: null,
      before: null,
      after: null,
    };
    table.add(association);
    open.add(association);
    unanswered.set(association.waits, association);
    return association;
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
    if (mine.datagrams === 0 && direction !== association.firstDirection) forgetUnanswered(association);
    const stray = association.answers?.strayAnswer ?? null;
    if (stray !== null && mine.datagrams > 0 && direction === association.firstDirection) stray.datagrams++;
    mine.datagrams++;
    mine.bytes += packet.end - packet.offset;
    if (isPartial) {
      mine.fragmented++;
      mine.firstFragmented ??= { frame: stamp.number, at: timestampOf(stamp) };
      if (stamp.number < association.last.number) return;
    } else {
      mine.missing += packet.missing;
    }
    mine.ttl = packet.ttl;
    mine.firstData ??= { frame: stamp.number, at: timestampOf(stamp) };
    setStamp((mine.lastData ??= { number: 0, seconds: 0, nanoseconds: 0, digits: 0 }), stamp);
    setStamp(association.last, stamp);
    queueOf(association).remove(association);
    association.isOver = association.reader.isOver === true;
    queueOf(association).add(association);
    if (over.length > limits.over && over.first !== null) end(over.first);
  };

  /** Whoever sends something to the origin of a stray answer accepts it: then it is not stray. */
  const settleStray = (packet: Packet): void => {
    const association = unanswered.get(keyOf(packet, true));
    const stray = association?.strayAnswer;
    if (association === undefined || stray?.port !== packet.destinationPort) return;
    if (stray.address.every((word, at) => word === packet.addresses[4 + at])) association.strayAnswer = null;
  };

  /** The association that a packet answers from elsewhere. */
  const answeredBy = (packet: Packet, stamp: FrameStamp): Association | null => {
    settleStray(packet);
    const association = unanswered.get(keyOf(packet, false));
    if (association === undefined) return null;
    const { addresses, ports, firstDirection, strayAnswer } = association;
    const isOfIt = (word: number, of: Direction, at: number): boolean =>
      addresses[4 * of + word] === packet.addresses[at + word];
    const words = [0, 1, 2, 3];
    const toIt =
      ports[firstDirection] === packet.destinationPort && words.every((word) => isOfIt(word, firstDirection, 4));
    if (!toIt || association.ipVersion !== packet.ipVersion) return null;
    const server = opposite(firstDirection);
    const isNear = ports[server] === packet.sourcePort || words.every((word) => isOfIt(word, server, 0));
    const answer = association.reader.answer(packet);
    if (answer === null || (answer === 'alike' && !isNear)) return null;
    if (strayAnswer !== null) {
      strayAnswer.datagrams++;
    } else {
      const [a = 0, b = 0, c = 0, d = 0] = packet.addresses;
      association.strayAnswer = {
        frame: stamp.number,
        at: timestampOf(stamp),
        address: [a, b, c, d],
        port: packet.sourcePort,
        isProven: answer === 'proven',
        datagrams: 1,
      };
    }
    return association;
  };

  const take = (packet: Packet, stamp: FrameStamp, isPartial: boolean): boolean => {
    const first = isSourceFirst(packet) ? 0 : 4;
    const direction: Direction = first === 0 ? 0 : 1;
    const hash = hashOf(packet, first);
    let oldest: Association | null = null;
    let count = 0;
    for (let at = table.find(packet, hash, first); at !== null; at = table.findBehind(at, packet, first)) {
      if (at.reader.datagram(direction, packet, stamp)) {
        note(at, direction, packet, stamp, isPartial);
        if (unanswered.size > 0 && direction !== at.firstDirection) settleStray(packet);
        return true;
      }
      oldest = at;
      count++;
    }
    const answers = unanswered.size > 0 ? answeredBy(packet, stamp) : null;
    // A datagram proven to be an answer begins nothing by itself.
    if (answers?.strayAnswer?.isProven === true) return true;
    for (const protocol of protocols) {
      if (!protocol.recognise(packet)) continue;
      const reader = protocol.open();
      if (!reader.datagram(direction, packet, stamp)) continue;
      if (oldest !== null && count >= limits.sameEndpoints) end(oldest);
      note(add(packet, stamp, { reader, answers }, hash, first), direction, packet, stamp, isPartial);
      return true;
    }
    return false;
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
      const first = isSourceFirst(quoted) ? 0 : 4;
      const association = table.find(quoted, hashOf(quoted, first), first);
      if (association === null) return false;
      noteIcmp(association, first === 0 ? 0 : 1, packet, stamp);
      return true;
    },
    finishSome(most) {
      for (let count = 0; count < most; count++) {
        const oldest = oldestOf();
        if (oldest === null) return false;
        end(oldest);
      }
      return true;
    },
    evicted: () => evicted,
    holder: {
      what: 'openUdp',
      bytes: () => (open.length + over.length) * ASSOCIATION_BYTES + held,
      giveUp() {
        let given = 0;
        for (let oldest = oldestOf(); given < GIVEN_UP_AT_ONCE && oldest !== null; oldest = oldestOf(), given++)
          end(oldest);
        return given;
      },
    },
  };
}
