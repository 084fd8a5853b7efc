import { createBoundedMap } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import { u8 } from '../../bytes.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import { formatAddress, isGroupAddress, macAddress } from '../../packet/address.js';
import type { Packet, PacketEndpoints } from '../../packet/packet.js';
import type { ByteSink } from '../flow.js';
import { noteIcmp } from '../icmp.js';
import { createQueue } from '../queue.js';
import { EapConversation, type HeldBytes, PEER, SERVER } from './conversation.js';
import { isAboutTls, noteRadius, type EapEndpoint, type EapFlow, type FlowEntry } from './flow.js';
import type { EapPacket } from './packet.js';
import { eapOfFrame, readEap, REQUEST, RESPONSE } from './packet.js';
import type { RadiusPacket } from './radius.js';
import { ACCESS_ACCEPT, readRadius } from './radius.js';

export interface EapTracker {
  /** Processes the frame of IEEE 802.1X in `packet`; false if it belongs to no conversation. */
  eapol(packet: Packet, stamp: FrameStamp): boolean;
  /**
   * Processes a UDP datagram; false if it is not RADIUS, or belongs to no conversation. Of an incomplete one
   * (`packet.missing`, as when IP fragments are missing) only its existence is noted.
   */
  radius(packet: Packet, stamp: FrameStamp): boolean;
  /** Processes an ICMP message; false if it is not about a RADIUS request. */
  icmp(packet: Packet, stamp: FrameStamp): boolean;
  /**
   * Ends up to `most` conversations when the capture is over at `now`; false when none is left. `isAlone`: the capture
   * has no packets but theirs.
   */
  finishSome(most: number, now: Timestamp, isAlone: boolean): boolean;
  /** Conversations ended early because there were more than the bound. */
  readonly evicted: () => number;
  /** Memory of the conversations being followed, without their TLS; the longest silent one is given up first. */
  readonly holder: MemoryHolder;
}

const MAX_CONVERSATIONS = BOUNDS.eapConversations.value;
const MAX_REQUESTS = BOUNDS.eapRequests.value;
/** UDP's IP protocol number. */
const UDP = 17;
/** Offset of the identifier in a RADIUS packet (RFC 2865 section 3). */
const IDENTIFIER = 1;
/** A conversation that was silent for so many seconds is over: supplicants and switches give up after 30 or 60. */
const SILENT_SECONDS = 120;
/** Bytes of a conversation, with the packets kept for its ladder but not its content, and of a key that leads to it. */
const CONVERSATION_BYTES = 4096;
const KEY_BYTES = 512;
const UNSEEN: EapEndpoint = { address: '', port: 0 };
/** The key of the last flow in which only the supplicant has been seen. */
const UNSEEN_AUTHENTICATOR = 'authenticator';

/** The last RADIUS request with this identifier between two ends. */
interface Request<Content> {
  readonly authenticator: string;
  readonly entry: FlowEntry<Content>;
}

/** Callbacks for conversations that are over. */
export interface EapListeners<Content> {
  /** Called for each one about TLS, at the capture's time `now`. */
  readonly ended: (flow: EapFlow<Content>, now: Timestamp) => void;
  /** Of each other one. */
  readonly other: (flow: EapFlow<Content>) => void;
}

/**
 * Follows EAP conversations. Over IEEE 802.1X, the supplicant's MAC address identifies them. A switch sends the RADIUS
 * requests of all its supplicants from one port, so over RADIUS it is what links answers to requests, and requests to
 * challenges.
 */
export function createEapTracker<Content>(
  sink: ByteSink<Content>,
  { ended, other }: EapListeners<Content>,
  nextId: () => number,
  maxConversations = MAX_CONVERSATIONS,
): EapTracker {
  type Flow = EapFlow<Content>;
  const held: HeldBytes = { bytes: 0 };
  /** In the order of their last packets. */
  const queue = createQueue<Flow>();
  const requests = createBoundedMap<string, Request<Content>>({ size: MAX_REQUESTS, whenFull: 'forget oldest' });
  /** Flows by their keys; each has several. */
  const flows = createBoundedMap<string, FlowEntry<Content>>({ size: MAX_REQUESTS, whenFull: 'forget oldest' });
  let added = 0;
  let evicted = 0;

  const end = (flow: Flow, now: Timestamp): void => {
    queue.remove(flow);
    flow.entry.flow = null;
    flow.conversation.end();
    if (!isAboutTls(flow)) {
      other(flow);
      return;
    }
    if (flow.id === 0) flow.id = nextId();
    ended(flow, now);
  };

  const add = (client: EapEndpoint, server: EapEndpoint, isRadius: boolean, stamp: FrameStamp): Flow => {
    const now = timestampOf(stamp);
    while (queue.first !== null && stamp.seconds - queue.first.last.seconds > SILENT_SECONDS) end(queue.first, now);
    if (queue.first !== null && queue.length >= maxConversations) {
      evicted++;
      end(queue.first, now);
    }
    const { number, seconds, nanoseconds, digits } = stamp;
    const entry: FlowEntry<Content> = { flow: null };
    const flow: Flow = {
      id: 0,
      conversation: new EapConversation(sink, held),
      client,
      server,
      radius: isRadius ? { stationId: null, framedMtu: null, answers: 0, unanswered: null, icmp: [] } : null,
      firstFrame: number,
      startedAt: now,
      last: { number, seconds, nanoseconds, digits },
      packets: 0,
      isAlone: false,
      entry,
      before: null,
      after: null,
    };
    entry.flow = flow;
    queue.add(flow);
    added++;
    return flow;
  };

  /** A new conversation after `flow` between the same ends; what is known of the ends is carried over. */
  const addAfter = ({ client, server, radius, conversation }: Flow, packet: EapPacket, stamp: FrameStamp): Flow => {
    const next = add(client, server, radius !== null, stamp);
    if (radius !== null && next.radius !== null) next.radius.stationId = radius.stationId;
    // A server that starts a method again does not ask for the identity again.
    if (conversation.result === null && packet.code === REQUEST) next.conversation.identity = conversation.identity;
    return next;
  };

  /** The flow of a key, while it is being followed. */
  const known = (key: string): Flow | undefined => flows.get(key)?.flow ?? undefined;

  const note = (flow: Flow, { number, seconds, nanoseconds, digits }: FrameStamp): void => {
    flow.packets++;
    flow.last = { number, seconds, nanoseconds, digits };
    queue.remove(flow);
    queue.add(flow);
    if (flow.id === 0 && flow.conversation.isAboutTls) flow.id = nextId();
  };

  /** The flow of an EAP packet over IEEE 802.1X; undefined if unknown. */
  const flowOfEapol = (packet: EapPacket, source: string, destination: string, stamp: FrameStamp): Flow | undefined => {
    const isGroup = destination === '' || isGroupAddress(destination);
    if (packet.code === RESPONSE) {
      const flow = known(`supplicant ${source}`);
      const isRoaming =
        !isGroup && flow !== undefined && flow.server.address !== '' && flow.server.address !== destination;
      const server = isGroup ? (flow?.server ?? UNSEEN) : { address: destination, port: 0 };
      if (flow === undefined || isRoaming) return add({ address: source, port: 0 }, server, false, stamp);
      return flow.conversation.isOther(packet) ? addAfter(flow, packet, stamp) : flow;
    }
    const flow = isGroup
      ? (known(`authenticator ${source}`) ?? known(UNSEEN_AUTHENTICATOR))
      : known(`supplicant ${destination}`);
    const isRoaming = flow !== undefined && flow.server.address !== '' && flow.server.address !== source;
    if (flow !== undefined && !isRoaming) {
      return flow.conversation.isOther(packet) ? addAfter(flow, packet, stamp) : flow;
    }
    if (isGroup || packet.code !== REQUEST) return undefined;
    return add({ address: destination, port: 0 }, { address: source, port: 0 }, false, stamp);
  };

  /** The flow of a RADIUS request that was not seen before. */
  const flowOfRequest = (
    radius: RadiusPacket,
    eap: EapPacket | null,
    packet: Packet,
    stamp: FrameStamp,
  ): Flow | undefined => {
    const [client, server] = [endpoint(packet, 0), endpoint(packet, 4)];
    const ends = `${client.address} ${server.address}`;
    const station = radius.callingStationId === null ? undefined : known(`station ${ends} ${radius.callingStationId}`);
    const flow = radius.state === null ? station : (known(`state ${ends} ${radius.state}`) ?? station);
    if (radius.missing > 0) return flow;
    if (eap === null) return undefined;
    const isNew = flow === undefined || (radius.state === null && flow.conversation.lastFrom === SERVER);
    if (isNew || flow.conversation.isOther(eap)) return add(client, server, true, stamp);
    return flow;
  };

  const takeRequest = (radius: RadiusPacket, eap: EapPacket | null, packet: Packet, stamp: FrameStamp): boolean => {
    const key = requestKey(packet, 0, radius.identifier);
    const last = requests.get(key);
    const repeated = last?.authenticator === radius.authenticator ? (last.entry.flow ?? undefined) : undefined;
    const flow = repeated ?? flowOfRequest(radius, eap, packet, stamp);
    if (flow === undefined || flow.radius === null) return false;
    noteRadius(flow.radius, radius, stamp, repeated !== undefined);
    requests.set(key, { authenticator: radius.authenticator, entry: flow.entry });
    const ends = `${flow.client.address} ${flow.server.address}`;
    if (radius.callingStationId !== null) flows.set(`station ${ends} ${radius.callingStationId}`, flow.entry);
    flows.set(`ends ${endsKey(packet, 0)}`, flow.entry);
    if (eap !== null && radius.missing === 0) {
      if (repeated === undefined) flow.conversation.take(eap, stamp);
      else flow.conversation.takeRepeat(eap);
    }
    note(flow, stamp);
    return true;
  };

  const takeAnswer = (radius: RadiusPacket, eap: EapPacket | null, packet: Packet, stamp: FrameStamp): boolean => {
    let flow = requests.get(requestKey(packet, 4, radius.identifier))?.entry.flow ?? undefined;
    // The request may be missing, as when it came in IP fragments and the capture filter kept only ports. Most servers
    // count up.
    const last = known(`ends ${endsKey(packet, 4)}`);
    if (flow === undefined && eap !== null && last?.conversation.isNext(eap) === true) flow = last;
    if (flow === undefined || flow.radius === null) return false;
    noteRadius(flow.radius, radius, stamp, false);
    if (radius.state !== null)
      flows.set(`state ${flow.client.address} ${flow.server.address} ${radius.state}`, flow.entry);
    if (eap === null) {
      if (radius.isVerdict) flow.conversation.takeVerdict(radius.code === ACCESS_ACCEPT, stamp);
    } else if (flow.conversation.isOther(eap)) {
      const next = addAfter(flow, eap, stamp);
      requests.set(requestKey(packet, 4, radius.identifier), {
        authenticator: radius.authenticator,
        entry: next.entry,
      });
      if (radius.state !== null)
        flows.set(`state ${next.client.address} ${next.server.address} ${radius.state}`, next.entry);
      flow = next;
    }
    if (eap !== null) flow.conversation.take(eap, stamp);
    note(flow, stamp);
    return true;
  };

  /**
   * The flow whose request an ICMP error quotes. If the quote is too short for the identifier, the flow that sent the
   * last request there.
   */
  const flowOfQuoted = ({ bytes, end, icmp: { quoted } }: Packet): Flow | undefined => {
    const at = quoted.contentStart + IDENTIFIER;
    const request = at < end ? requests.get(requestKey(quoted, 0, u8(bytes, at))) : undefined;
    return request?.entry.flow ?? known(`ends ${endsKey(quoted, 0)}`);
  };

  return {
    eapol(packet, stamp) {
      const { bytes, linkSource, linkDestination } = packet;
      const eap = linkSource < 0 ? null : eapOfFrame(packet);
      if (eap === null) return false;
      const source = macAddress(bytes, linkSource);
      const destination = linkDestination < 0 ? '' : macAddress(bytes, linkDestination);
      const flow = flowOfEapol(eap, source, destination, stamp);
      if (flow === undefined) return false;
      if (eap.code !== RESPONSE && flow.server.address === '') {
        flow.server = { address: source, port: 0 };
        flows.delete(UNSEEN_AUTHENTICATOR);
      }
      flows.set(`supplicant ${flow.client.address}`, flow.entry);
      flows.set(flow.server.address === '' ? UNSEEN_AUTHENTICATOR : `authenticator ${flow.server.address}`, flow.entry);
      flow.conversation.take(eap, stamp);
      note(flow, stamp);
      return true;
    },
    radius(packet, stamp) {
      const radius = readRadius(packet);
      if (radius === null) return false;
      const eap = radius.eap === null ? null : readEap(radius.eap, 0, radius.eap.length);
      return (radius.isRequest ? takeRequest : takeAnswer)(radius, eap, packet, stamp);
    },
    icmp(packet, stamp) {
      const flow = packet.icmp.quoted.protocol === UDP ? flowOfQuoted(packet) : undefined;
      if (flow === undefined || flow.radius === null) return false;
      noteIcmp(flow.radius, PEER, packet, stamp);
      return true;
    },
    finishSome(most, now, isAlone) {
      if (queue.first !== null && added === 1) queue.first.isAlone = isAlone;
      for (let count = 0; count < most; count++) {
        if (queue.first === null) return false;
        end(queue.first, now);
      }
      return true;
    },
    evicted: () => evicted,
    holder: {
      what: 'openEap',
      bytes: () => queue.length * CONVERSATION_BYTES + (requests.size + flows.size) * KEY_BYTES + held.bytes,
      giveUp() {
        const { first } = queue;
        if (first === null) {
          // Keys lead to conversations, and none is left.
          requests.clear();
          flows.clear();
          return 0;
        }
        end(first, timestampOf(first.last));
        return 1;
      },
    },
  };
}

/** The source of a packet where `first` is 0, its destination where it is 4. */
const endpoint = (packet: PacketEndpoints, first: 0 | 4): EapEndpoint => ({
  address: formatAddress(packet.addresses, first, packet.ipVersion),
  port: first === 0 ? packet.sourcePort : packet.destinationPort,
});

/** The ends of a packet, the one that sends requests first: its source if `first` is 0. */
const endsKey = (packet: PacketEndpoints, first: 0 | 4): string => {
  const [client, server] = [endpoint(packet, first), endpoint(packet, first === 0 ? 4 : 0)];
  return `${client.address} ${client.port} ${server.address} ${server.port}`;
};

const requestKey = (packet: PacketEndpoints, first: 0 | 4, identifier: number): string =>
  `${endsKey(packet, first)} ${identifier}`;
