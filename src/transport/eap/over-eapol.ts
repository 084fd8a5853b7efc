import type { FrameStamp } from '../../capture/frame.js';
import { isGroupAddress, macAddress } from '../../packet/address.js';
import type { Packet } from '../../packet/packet.js';
import type { EapEndpoint, EapFlow } from './flow.js';
import type { EapFlows } from './flows.js';
import { eapOfFrame, type EapPacket, REQUEST, RESPONSE } from './packet.js';

const UNSEEN: EapEndpoint = { address: '', port: 0 };
/** The key of the last conversation in which only the supplicant has been seen. */
const UNSEEN_AUTHENTICATOR = 'authenticator';

const supplicantKey = (address: string): string => `supplicant ${address}`;
const authenticatorKey = (address: string): string =>
  address === '' ? UNSEEN_AUTHENTICATOR : `authenticator ${address}`;

/**
 * Takes a frame of IEEE 802.1X, where the supplicant's MAC address identifies a conversation; false if it belongs to
 * none.
 */
export function takeEapol<Content>(flows: EapFlows<Content>, packet: Packet, stamp: FrameStamp): boolean {
  const { bytes, linkSource, linkDestination } = packet;
  const eap = linkSource < 0 ? null : eapOfFrame(packet);
  if (eap === null) return false;
  const source = macAddress(bytes, linkSource);
  const destination = linkDestination < 0 ? '' : macAddress(bytes, linkDestination);
  const isGroup = destination === '' || isGroupAddress(destination);
  const flow =
    eap.code === RESPONSE
      ? flowOfResponse(flows, eap, { source, destination, isGroup }, stamp)
      : flowOfRequest(flows, eap, { source, destination, isGroup }, stamp);
  if (flow === undefined) return false;
  if (eap.code !== RESPONSE && flow.server.address === '') {
    flow.server = { address: source, port: 0 };
    flows.removeKey(UNSEEN_AUTHENTICATOR);
  }
  flows.addKey(supplicantKey(flow.client.address), flow);
  flows.addKey(authenticatorKey(flow.server.address), flow);
  flow.conversation.take(eap, stamp);
  flows.note(flow, stamp);
  return true;
}

/** The MAC addresses of a frame. `isGroup`: its destination is a group address. */
interface Addresses {
  readonly source: string;
  readonly destination: string;
  readonly isGroup: boolean;
}

/** The conversation of a supplicant's packet: a new one, if it talks to another authenticator than before. */
function flowOfResponse<Content>(
  flows: EapFlows<Content>,
  eap: EapPacket,
  { source, destination, isGroup }: Addresses,
  stamp: FrameStamp,
): EapFlow<Content> {
  const flow = flows.find(supplicantKey(source));
  const isRoaming = !isGroup && flow !== undefined && isWithAnother(flow, destination);
  const server = isGroup ? (flow?.server ?? UNSEEN) : { address: destination, port: 0 };
  if (flow === undefined || isRoaming) return flows.add({ address: source, port: 0 }, server, false, stamp);
  return flow.conversation.isOther(eap) ? flows.addAfter(flow, eap, stamp) : flow;
}

/** The conversation of an authenticator's packet; undefined if it neither has nor begins one. */
function flowOfRequest<Content>(
  flows: EapFlows<Content>,
  eap: EapPacket,
  { source, destination, isGroup }: Addresses,
  stamp: FrameStamp,
): EapFlow<Content> | undefined {
  const flow = isGroup
    ? (flows.find(authenticatorKey(source)) ?? flows.find(UNSEEN_AUTHENTICATOR))
    : flows.find(supplicantKey(destination));
  if (flow !== undefined && !isWithAnother(flow, source)) {
    return flow.conversation.isOther(eap) ? flows.addAfter(flow, eap, stamp) : flow;
  }
  if (isGroup || eap.code !== REQUEST) return undefined;
  return flows.add({ address: destination, port: 0 }, { address: source, port: 0 }, false, stamp);
}

const isWithAnother = ({ server }: EapFlow, authenticator: string): boolean =>
  server.address !== '' && server.address !== authenticator;
