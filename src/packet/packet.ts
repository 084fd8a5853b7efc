/**
 * What decoding knows of one packet: filled again for each frame, never kept. Layers move `offset` and `end` inwards as
 * they strip their headers; at the end they enclose the transport payload.
 */
export interface Packet {
  bytes: Uint8Array;
  /** First byte not yet decoded. */
  offset: number;
  /** End of the captured bytes that belong to the current layer (padding excluded). */
  end: number;
  /** Bytes of the current layer that were on the wire behind `end` but not captured (snapshot length); 0 if complete. */
  missing: number;

  /** 4 or 6; 0 before an IP header was decoded. */
  ipVersion: number;
  /** Source then destination, four 32-bit words each; IPv4 as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2). */
  readonly addresses: Uint32Array;
  /** IPv4 time to live or IPv6 hop limit. */
  ttl: number;
  /** IPv4 identification; 0 for IPv6. */
  ipId: number;
  /** What the last IP header of a fragment said of it. */
  readonly fragment: FragmentHeader;

  sourcePort: number;
  destinationPort: number;
  /** TCP sequence number as a signed 32-bit integer. */
  sequence: number;
  /** TCP acknowledgment number as a signed 32-bit integer. */
  acknowledgment: number;
  /** The TCP flags of RFC 9293 §3.1, low eight bits. */
  flags: number;
  window: number;
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
  };
}
