import { u8 } from '../../bytes.js';
import type { FrameStamp } from '../../capture/frame.js';
import { formatAddress } from '../../packet/address.js';
import { DESTINATION, type Packet, type PacketEnd, type PacketEndpoints, SOURCE } from '../../packet/packet.js';
import { SERVER } from './conversation.js';
import { type EapEndpoint, type EapFlow, noteRadius } from './flow.js';
import type { EapFlows } from './flows.js';
import { type EapPacket, readEap } from './packet.js';
import { ACCESS_ACCEPT, type RadiusPacket, readRadius } from './radius.js';

/** Offset of the identifier in a RADIUS packet (RFC 2865 section 3). */
const IDENTIFIER = 1;

/** A packet of RADIUS in its datagram. */
interface Received {
  readonly radius: RadiusPacket;
  /** null if it carries none. */
  readonly eap: EapPacket | null;
  readonly packet: Packet;
  readonly stamp: FrameStamp;
}

/**
 * Takes a datagram of RADIUS; false if it is none, or belongs to no conversation. A switch sends the requests of all
 * its supplicants from one port, so addresses do not identify a conversation: the identifier links an answer to its
 * request, and State links a request to the challenge before it.
 */
export function takeRadius<Content>(flows: EapFlows<Content>, packet: Packet, stamp: FrameStamp): boolean {
  const radius = readRadius(packet);
  if (radius === null) return false;
  const eap = radius.eap === null ? null : readEap(radius.eap, 0, radius.eap.length);
  return (radius.isRequest ? takeRequest : takeAnswer)(flows, { radius, eap, packet, stamp });
}

/**
 * The conversation whose request an ICMP error quotes. If the quote is too short for the identifier, the one that sent
 * the last request there.
 */
export function flowOfQuoted<Content>(
  flows: EapFlows<Content>,
  { bytes, end, icmp: { quoted } }: Packet,
): EapFlow<Content> | undefined {
  const at = quoted.contentStart + IDENTIFIER;
  const request = at < end ? flows.findRequest(requestKey(quoted, SOURCE, u8(bytes, at))) : undefined;
  return request?.flow ?? flows.find(lastRequestKey(quoted, SOURCE));
}

function takeRequest<Content>(flows: EapFlows<Content>, received: Received): boolean {
  const { radius, eap, packet, stamp } = received;
  const key = requestKey(packet, SOURCE, radius.identifier);
  const last = flows.findRequest(key);
  const repeated = last?.authenticator === radius.authenticator ? last.flow : undefined;
  const flow = repeated ?? flowOfRequest(flows, received);
  if (flow === undefined || flow.radius === null) return false;
  noteRadius(flow.radius, radius, stamp, repeated !== undefined);
  flows.addRequest(key, radius.authenticator, flow);
  if (radius.callingStationId !== null) flows.addKey(stationKey(flow, radius.callingStationId), flow);
  flows.addKey(lastRequestKey(packet, SOURCE), flow);
  if (eap !== null && radius.missing === 0) {
    if (repeated === undefined) flow.conversation.take(eap, stamp);
    else flow.conversation.noteRepeat(eap);
  }
  flows.note(flow, stamp);
  return true;
}

/** The conversation of a request that was not seen before. */
function flowOfRequest<Content>(
  flows: EapFlows<Content>,
  { radius, eap, packet, stamp }: Received,
): EapFlow<Content> | undefined {
  const ends = { client: endpoint(packet, SOURCE), server: endpoint(packet, DESTINATION) };
  const { callingStationId, state } = radius;
  const station = callingStationId === null ? undefined : flows.find(stationKey(ends, callingStationId));
  const flow = state === null ? station : (flows.find(stateKey(ends, state)) ?? station);
  if (radius.missing > 0) return flow;
  if (eap === null) return undefined;
  const isNew = flow === undefined || (state === null && flow.conversation.lastFrom === SERVER);
  if (isNew || flow.conversation.isOther(eap)) return flows.add(ends.client, ends.server, true, stamp);
  return flow;
}

function takeAnswer<Content>(flows: EapFlows<Content>, received: Received): boolean {
  const { radius, eap, packet, stamp } = received;
  const key = requestKey(packet, DESTINATION, radius.identifier);
  const flow = flows.findRequest(key)?.flow ?? flowOfLastRequest(flows, received);
  if (flow === undefined || flow.radius === null) return false;
  noteRadius(flow.radius, radius, stamp, false);
  if (radius.state !== null) flows.addKey(stateKey(flow, radius.state), flow);
  if (eap === null) {
    if (radius.isResult) flow.conversation.takeResult(radius.code === ACCESS_ACCEPT, stamp);
    flows.note(flow, stamp);
    return true;
  }
  let of = flow;
  if (flow.conversation.isOther(eap)) {
    of = flows.addAfter(flow, eap, stamp);
    flows.addRequest(key, radius.authenticator, of);
    if (radius.state !== null) flows.addKey(stateKey(of, radius.state), of);
  }
  of.conversation.take(eap, stamp);
  flows.note(of, stamp);
  return true;
}

/**
 * The conversation of the last request between the ends of an answer, if that is the next packet there. The answer's
 * own request may be missing, as when it came in IP fragments and the capture filter kept only ports. Most servers
 * count up.
 */
function flowOfLastRequest<Content>(flows: EapFlows<Content>, { eap, packet }: Received): EapFlow<Content> | undefined {
  const last = flows.find(lastRequestKey(packet, DESTINATION));
  return eap !== null && last?.conversation.isNext(eap) === true ? last : undefined;
}

type Ends = Pick<EapFlow, 'client' | 'server'>;

const stationKey = ({ client, server }: Ends, id: string): string =>
  `station ${client.address} ${server.address} ${id}`;

const stateKey = ({ client, server }: Ends, state: string): string =>
  `state ${client.address} ${server.address} ${state}`;

const endpoint = (packet: PacketEndpoints, end: PacketEnd): EapEndpoint => ({
  address: formatAddress(packet.addresses, end, packet.ipVersion),
  port: end === SOURCE ? packet.sourcePort : packet.destinationPort,
});

// Keys by both ends of a packet, of which `client` is the one that sends requests.

const endsKey = (packet: PacketEndpoints, client: PacketEnd): string => {
  const one = endpoint(packet, client);
  const other = endpoint(packet, client === SOURCE ? DESTINATION : SOURCE);
  return `${one.address} ${one.port} ${other.address} ${other.port}`;
};

const lastRequestKey = (packet: PacketEndpoints, client: PacketEnd): string => `ends ${endsKey(packet, client)}`;

const requestKey = (packet: PacketEndpoints, client: PacketEnd, identifier: number): string =>
  `${endsKey(packet, client)} ${identifier}`;
