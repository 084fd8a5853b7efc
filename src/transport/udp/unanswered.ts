import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import { DESTINATION, type Packet, type PacketEnd, type PacketEndpoints, SOURCE } from '../../packet/packet.js';
import { type DatagramReader, type Direction, opposite } from '../flow.js';
import type { UdpAssociation } from './association.js';

/** The latest association without an answer of each client: its answer may come from another address or port. */
export interface Unanswered<Reader> {
  /** Adds an association. */
  add(association: UdpAssociation<Reader>): void;
  /** Removes an association, if it is still without an answer. */
  forget(association: UdpAssociation<Reader>): void;
  /** Forgets a stray answer if `packet` goes from the client to where it came from: the client accepts it. */
  accept(packet: Packet): void;
  /** The association that a packet answers from another address or port, which is noted in it; else null. */
  answeredBy(packet: Packet, stamp: FrameStamp): UdpAssociation<Reader> | null;
}

const WORDS = [0, 1, 2, 3];

const isUnanswered = ({ ends, firstDirection }: UdpAssociation): boolean =>
  ends[opposite(firstDirection)].datagrams === 0;

/** Whether this is only a stray answer to another association, which reports it, and that nobody accepted. */
export function isStrayAnswer(association: UdpAssociation): boolean {
  const { answers } = association;
  return answers !== null && answers.strayAnswer !== null && isUnanswered(answers) && isUnanswered(association);
}

/** The key by which an end of a packet is found. */
export function waitingKey({ addresses, sourcePort, destinationPort }: PacketEndpoints, at: PacketEnd): number {
  let key = at === SOURCE ? sourcePort : destinationPort;
  for (let word = at; word < at + 4; word++) key = Math.imul(key ^ (addresses[word] as number), 0x01000193);
  return key;
}

export function createUnanswered<Reader extends DatagramReader>(): Unanswered<Reader> {
  const waiting = new Map<number, UdpAssociation<Reader>>();

  const accept = (packet: Packet): void => {
    if (waiting.size === 0) return;
    const association = waiting.get(waitingKey(packet, SOURCE));
    const stray = association?.strayAnswer;
    if (association === undefined || stray?.port !== packet.destinationPort) return;
    if (stray.address.every((word, at) => word === packet.addresses[4 + at])) association.strayAnswer = null;
  };

  return {
    add(association) {
      waiting.set(association.clientKey, association);
    },
    forget(association) {
      if (!isUnanswered(association)) return;
      if (waiting.get(association.clientKey) === association) waiting.delete(association.clientKey);
    },
    accept,
    answeredBy(packet, stamp) {
      if (waiting.size === 0) return null;
      accept(packet);
      const association = waiting.get(waitingKey(packet, DESTINATION));
      if (association === undefined || !isToClientOf(association, packet)) return null;
      const answer = association.reader.strayAnswerOf(packet);
      if (answer === null || (answer === 'plausible' && !isNearServerOf(association, packet))) return null;
      noteStray(association, packet, stamp, answer === 'proven');
      return association;
    },
  };
}

/** Whether an address of a packet is that of an end. */
const isAddressOf = ({ addresses }: UdpAssociation, end: Direction, packet: Packet, at: PacketEnd): boolean =>
  WORDS.every((word) => addresses[4 * end + word] === packet.addresses[at + word]);

const isToClientOf = (association: UdpAssociation, packet: Packet): boolean =>
  association.ports[association.firstDirection] === packet.destinationPort &&
  isAddressOf(association, association.firstDirection, packet, DESTINATION) &&
  association.ipVersion === packet.ipVersion;

/** Whether a packet comes from the address or from the port of the server. */
function isNearServerOf(association: UdpAssociation, packet: Packet): boolean {
  const server = opposite(association.firstDirection);
  return association.ports[server] === packet.sourcePort || isAddressOf(association, server, packet, SOURCE);
}

function noteStray(association: UdpAssociation, packet: Packet, stamp: FrameStamp, isProven: boolean): void {
  if (association.strayAnswer !== null) {
    association.strayAnswer.datagrams++;
    return;
  }
  const [a = 0, b = 0, c = 0, d = 0] = packet.addresses;
  association.strayAnswer = {
    frame: stamp.number,
    at: timestampOf(stamp),
    address: [a, b, c, d],
    port: packet.sourcePort,
    isProven,
    datagrams: 1,
  };
}
