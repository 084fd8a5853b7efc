import { i32 } from '../bytes.js';

/** Where the addresses of a packet's source and of its destination begin in `addresses`. */
export const SOURCE = 0;
export const DESTINATION = 4;
export type PacketEnd = typeof SOURCE | typeof DESTINATION;

/** The endpoints of a packet. */
export interface PacketEndpoints {
  /** 4 or 6; 0 before an IP header was decoded. */
  ipVersion: number;
  /** Source then destination, four 32-bit words each; IPv4 as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2). */
  readonly addresses: Uint32Array;
  sourcePort: number;
  destinationPort: number;
}

/**
 * What decoding knows of one packet: reused for each frame, never kept. Layers move `offset` and `end` inwards as they
 * remove their headers; in the end they enclose the transport payload.
 */
export interface Packet extends PacketEndpoints {
  bytes: Uint8Array;
  /** First byte not yet decoded. */
  offset: number;
  /** End of the captured bytes that belong to the current layer (padding excluded). */
  end: number;
  /** Bytes of the current layer after `end` that were on the wire but not captured (snapshot length); 0 if complete. */
  missing: number;
  /** Where the frame has the MAC addresses of source and destination, 6 bytes each; -1 if the link has none. */
  linkSource: number;
  linkDestination: number;

  /** IPv4 time to live or IPv6 hop limit. */
  ttl: number;
  /** IPv4 identification; 0 for IPv6. */
  ipId: number;
  /** What the last IP header of a fragment says. */
  readonly fragment: FragmentHeader;

  /** The key of the unknown layer, if that ended the decoding; otherwise -1. */
  unknownKey: number;
  readonly icmp: IcmpHeader;

  /** TCP sequence number as a signed 32-bit integer. */
  sequence: number;
  /** TCP acknowledgment number as a signed 32-bit integer. */
  acknowledgment: number;
  /** The TCP flags of RFC 9293 §3.1, low eight bits. */
  flags: number;
  window: number;
  /** Where TCP's options begin in `bytes`; they end where the payload begins. */
  options: number;
}

/** What an ICMP message says (RFC 792, RFC 4443). */
export interface IcmpHeader {
  type: number;
  code: number;
  /** For "fragmentation needed" and "packet too big": the largest packet for the next link; 0 if not said. */
  mtu: number;
  /** The packet that an error is about. */
  readonly quoted: QuotedPacket;
}

/** The beginning of a packet, as an ICMP error quotes it. */
export interface QuotedPacket extends PacketEndpoints {
  /** Its IP protocol number; -1 if nothing is quoted, or too little to know its ports. */
  protocol: number;
  /** The protocol number of a packet over IPv6 whose ports the snapshot length cut off; else -1. */
  cutProtocol: number;
  /** How many words of its addresses are left then. */
  words: number;
  /** The four bytes after the ports, 0 if they are cut off; for TCP the sequence number, as a signed 32-bit integer. */
  sequence: number;
  /** Where the bytes after those begin: for UDP, its payload. How many there are depends on the error's sender. */
  contentStart: number;
}

/** A fragment's place in its packet. */
export interface FragmentHeader {
  /** What the fragments of one packet have in common: 16 bits of IPv4, 32 of IPv6, as a signed integer. */
  id: number;
  /** Key of the layer that the whole packet goes on with; IPv6 says it in the first fragment only. */
  next: number;
  /** Where the fragment's payload is in the packet's, in bytes. */
  offset: number;
  isLast: boolean;
}

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** A new packet, to be filled by `decode`. */
export function newPacket(): Packet {
  return {
    bytes: new Uint8Array(0),
    offset: 0,
    end: 0,
    missing: 0,
    linkSource: -1,
    linkDestination: -1,
    ipVersion: 0,
    addresses: new Uint32Array(8),
    ttl: 0,
    ipId: 0,
    fragment: { id: 0, next: 0, offset: 0, isLast: false },
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgment: 0,
    flags: 0,
    window: 0,
    options: 0,
    unknownKey: -1,
    icmp: {
      type: 0,
      code: 0,
      mtu: 0,
      quoted: {
        protocol: -1,
        cutProtocol: -1,
        words: 0,
        ipVersion: 0,
        addresses: new Uint32Array(8),
        sourcePort: 0,
        destinationPort: 0,
        sequence: 0,
        contentStart: 0,
      },
    },
  };
}

/** Reads the two addresses of an IPv4 header, which begin at `at`. */
export function setIpv4Addresses(addresses: Uint32Array, bytes: Uint8Array, at: number): void {
  addresses[0] = 0;
  addresses[1] = 0;
  addresses[2] = 0xffff;
  addresses[3] = i32(bytes, at);
  addresses[4] = 0;
  addresses[5] = 0;
  addresses[6] = 0xffff;
  addresses[7] = i32(bytes, at + 4);
}

/** Reads the two addresses of an IPv6 header, which begin at `at`. */
export function setIpv6Addresses(addresses: Uint32Array, bytes: Uint8Array, at: number): void {
  for (let word = 0; word < 8; word++) addresses[word] = i32(bytes, at + 4 * word);
}
