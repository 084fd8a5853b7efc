import { BOUNDS } from '../bounds.js';
import { u16, u32, u8 } from '../bytes.js';
import { EAPOL_FRAME, ETHER_TYPE, ICMP_MESSAGE, IP_PROTOCOL, OTHER_PROTOCOL, UDP_DATAGRAM } from './layer.js';
import type { Packet } from './packet.js';

/** Packets of one kind that are not analysed. */
export interface UnreadPackets {
  /** Their protocol: `quic`, `dtls`, `dns`, …; the value of `over` if no more is known. */
  readonly kind: string;
  /** What carries them: `ip` and `link` for other protocols directly over IP, and over the link. */
  readonly over: 'udp' | 'icmp' | 'ip' | 'link';
  readonly packets: number;
}

export interface UnreadCounter {
  /** Counts the packet with this outcome of decoding, if it is one that is not analysed. */
  count(outcome: number, packet: Packet): void;
  /** Counts packets of a kind that were taken for something else before. */
  add(over: UnreadPackets['over'], kind: string, packets: number): void;
  /** The most frequent first. */
  list(): UnreadPackets[];
}

/** Well-known UDP ports (IANA), for datagrams whose content does not tell. */
const UDP_SERVICES: ReadonlyMap<number, string> = new Map([
  [53, 'dns'],
  [67, 'dhcp'],
  [68, 'dhcp'],
  [69, 'tftp'],
  [123, 'ntp'],
  [137, 'netbios'],
  [138, 'netbios'],
  [161, 'snmp'],
  [162, 'snmp'],
  [500, 'ike'],
  [514, 'syslog'],
  [546, 'dhcp'],
  [547, 'dhcp'],
  [1645, 'radius'],
  [1646, 'radius'],
  [1812, 'radius'],
  [1813, 'radius'],
  [1900, 'ssdp'],
  [4500, 'ike'],
  [5060, 'sip'],
  [5353, 'mdns'],
  [5355, 'llmnr'],
  [5683, 'coap'],
  [51820, 'wireguard'],
]);

const IP_PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [2, 'igmp'],
  [50, 'esp'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [132, 'sctp'],
]);

const ETHER_TYPES: ReadonlyMap<number, string> = new Map([
  [0x0806, 'arp'],
  [0x8809, 'slow-protocols'],
  [0x88cc, 'lldp'],
  [0x88e5, 'macsec'],
]);

/**
 * Flows remembered by the hash of an earlier datagram, a power of two; a later flow replaces one in its slot. 80 KiB.
 */
const MAX_KNOWN_FLOWS = BOUNDS.udpFlows.value;
/** The protocol of a remembered flow: QUIC and DTLS can only be recognised by their handshake. */
const FLOW_KINDS = ['', 'quic', 'dtls'] as const;

/** Counts what is not analysed, by kind. */
export function createUnreadCounter(): UnreadCounter {
  const counts = new Map<string, number>();
  const flows = new Int32Array(MAX_KNOWN_FLOWS);
  const kinds = new Uint8Array(MAX_KNOWN_FLOWS);

  const add = (over: UnreadPackets['over'], kind: string, packets = 1): void => {
    const key = `${over} ${kind}`;
    counts.set(key, (counts.get(key) ?? 0) + packets);
  };

  const udpKind = (packet: Packet): string => {
    const hash = flowHash(packet);
    const place = hash & (MAX_KNOWN_FLOWS - 1);
    const shown = isQuicLongHeader(packet) ? 1 : isDtlsRecord(packet) ? 2 : 0;
    if (shown > 0) {
      flows[place] = hash;
      kinds[place] = shown;
      return FLOW_KINDS[shown];
    }
    if (flows[place] === hash && kinds[place] !== 0) return FLOW_KINDS[kinds[place] as 1 | 2];
    if (isStun(packet)) return 'stun';
    const { sourcePort, destinationPort } = packet;
    // A flow that began before the capture: QUIC over its usual port (RFC 9000 §17.3.1, the fixed bit).
    if ((sourcePort === 443 || destinationPort === 443) && hasQuicFixedBit(packet)) return 'quic';
    return UDP_SERVICES.get(destinationPort) ?? UDP_SERVICES.get(sourcePort) ?? 'udp';
  };

  return {
    add,
    count(outcome, packet) {
      if (outcome === UDP_DATAGRAM) add('udp', udpKind(packet));
      else if (outcome === ICMP_MESSAGE) add('icmp', 'icmp');
      else if (outcome === EAPOL_FRAME) add('link', 'eap');
      else if (outcome === OTHER_PROTOCOL) addOther(packet.unknownKey);
    },
    list: () =>
      Array.from(counts, ([key, packets]) => {
        const [over, kind] = key.split(' ') as [UnreadPackets['over'], string];
        return { kind, over, packets };
      }).sort((a, b) => b.packets - a.packets || (a.kind < b.kind ? -1 : 1)),
  };

  function addOther(key: number): void {
    if (key >= IP_PROTOCOL && key <= IP_PROTOCOL + 0xff) add('ip', IP_PROTOCOLS.get(key - IP_PROTOCOL) ?? 'ip');
    else add('link', ETHER_TYPES.get(key - ETHER_TYPE) ?? 'link');
  }
}

/** The same for both directions. */
function flowHash({ addresses, sourcePort, destinationPort }: Packet): number {
  let hash = Math.imul(sourcePort ^ destinationPort, 0x9e3779b1) ^ (sourcePort + destinationPort);
  for (let word = 0; word < 4; word++) {
    hash = Math.imul(hash ^ (addresses[word] as number) ^ (addresses[word + 4] as number), 0x85ebca6b);
  }
  return hash ^ (hash >>> 15);
}

const hasQuicFixedBit = ({ bytes, offset, end }: Packet): boolean =>
  end > offset && (u8(bytes, offset) & 0xc0) === 0x40;

/** A long header (RFC 9000 §17.2) of a version that exists, or Version Negotiation (§17.2.1). */
function isQuicLongHeader({ bytes, offset, end }: Packet): boolean {
  if (end - offset < 7 || (u8(bytes, offset) & 0x80) === 0) return false;
  const version = u32(bytes, offset + 1);
  const destination = u8(bytes, offset + 5);
  const sourceAt = offset + 6 + destination;
  if (destination > 20 || sourceAt >= end || u8(bytes, sourceAt) > 20) return false;
  // Version Negotiation need not have the fixed bit.
  return version === 0 || ((u8(bytes, offset) & 0x40) !== 0 && isQuicVersion(version));
}

/**
 * Version 1 and 2 (RFC 9000, RFC 9369), drafts, those reserved to be refused (RFC 9000 §15), and Google's with this
 * header.
 */
function isQuicVersion(version: number): boolean {
  return (
    version === 1 ||
    version === 0x6b3343cf ||
    version >>> 8 === 0xff0000 ||
    (version & 0x0f0f0f0f) === 0x0a0a0a0a ||
    (version >>> 16 === 0x5130 && version >>> 0 >= 0x51303433) ||
    version >>> 16 === 0x5430
  );
}

/**
 * A record header of DTLS 1.0 or 1.2, or of a DTLS 1.3 handshake (RFC 6347 §4.1): type, version, and a length that
 * fits.
 */
function isDtlsRecord({ bytes, offset, end, missing }: Packet): boolean {
  if (end - offset < 13) return false;
  const type = u8(bytes, offset);
  const version = u16(bytes, offset + 1);
  if (type < 20 || type > 26 || (version !== 0xfeff && version !== 0xfefd && version !== 0x0100)) return false;
  return u16(bytes, offset + 11) <= end - offset - 13 + missing;
}

/** STUN, as WebRTC has it beside DTLS (RFC 8489 §5): two zero bits, and the magic cookie. */
function isStun({ bytes, offset, end }: Packet): boolean {
  return end - offset >= 20 && u8(bytes, offset) < 0x40 && u32(bytes, offset + 4) === 0x2112a442;
}
