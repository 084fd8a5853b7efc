import { u16, u32, u8 } from '../../bytes.js';
import type { Packet } from '../../packet/packet.js';

// Codes of EAP packets (RFC 3748 section 4).
export const REQUEST = 1;
export const RESPONSE = 2;
export const SUCCESS = 3;
export const FAILURE = 4;

// Types of requests and responses (RFC 3748 section 5, IANA's EAP registry).
export const IDENTITY = 1;
export const NOTIFICATION = 2;
const NAK = 3;
const EAP_TLS = 13;
const TTLS = 21;
const PEAP = 25;
const FAST = 43;
const TEAP = 55;
const EXPANDED = 254;

const TLS_METHODS: ReadonlyMap<number, string> = new Map([
  [EAP_TLS, 'EAP-TLS'],
  [TTLS, 'TTLS'],
  [PEAP, 'PEAP'],
  [FAST, 'FAST'],
  [TEAP, 'TEAP'],
]);

/** Whether a method carries a TLS handshake. */
export const carriesTls = (type: number): boolean => TLS_METHODS.has(type);

/** The name of a method that carries TLS; `type 4` of any other. */
export const methodName = (type: number): string => TLS_METHODS.get(type) ?? `type ${type}`;

const BASIC_TYPES: ReadonlyMap<number, string> = new Map([
  [IDENTITY, 'Identity'],
  [NOTIFICATION, 'Notification'],
  [NAK, 'Nak'],
]);

/** The name of a type: `Identity`, `Nak`, or that of a method. */
export const typeName = (type: number): string => BASIC_TYPES.get(type) ?? methodName(type);

/** An EAP packet: a view of bytes. Whoever keeps it must copy it. */
export interface EapPacket {
  /** REQUEST, RESPONSE, SUCCESS or FAILURE. */
  readonly code: number;
  /** The same in a request and in the response to it. */
  readonly identifier: number;
  /** Type of a request or response; 0 of SUCCESS and FAILURE, which have none. */
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Where the packet begins, where the data of its type begins, and where the captured part ends. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
  /** Bytes of it after `end` that were not captured. */
  readonly missing: number;
}

/** Code, identifier, length. */
const HEADER = 4;

/**
 * Reads the EAP packet (RFC 3748 section 4) between `start` and `end`; null if there is none. Anything after it is
 * padding.
 */
export function readEap(bytes: Uint8Array, start: number, end: number): EapPacket | null {
  if (end - start < HEADER) return null;
  const code = u8(bytes, start);
  const length = u16(bytes, start + 2);
  if (code < REQUEST || code > FAILURE) return null;
  const hasType = code <= RESPONSE;
  const header = hasType ? HEADER + 1 : HEADER;
  if (length < header || end - start < header) return null;
  return {
    code,
    identifier: u8(bytes, start + 1),
    type: hasType ? u8(bytes, start + HEADER) : 0,
    bytes,
    start,
    content: start + header,
    end: Math.min(end, start + length),
    missing: Math.max(0, start + length - end),
  };
}

/** Version, type, length of a frame of IEEE 802.1X (11.3); the type of one that carries EAP. */
const EAPOL_HEADER = 4;
const EAP_PACKET = 0;

/** The EAP packet in a frame of IEEE 802.1X between `offset` and `end`; null if there is none. */
export function eapOfFrame({ bytes, offset, end }: Pick<Packet, 'bytes' | 'offset' | 'end'>): EapPacket | null {
  return end - offset < EAPOL_HEADER || u8(bytes, offset + 1) !== EAP_PACKET
    ? null
    : readEap(bytes, offset + EAPOL_HEADER, end);
}

/** What a TLS method says about the TLS bytes in a packet (RFC 5216 section 3.1). */
export interface TlsFragment {
  /** The server starts the method: the packet has no TLS bytes. */
  readonly isStart: boolean;
  /** Further fragments of the same message follow. */
  readonly hasMore: boolean;
  /** Bytes of the whole message of which this is a fragment; null if not said. */
  readonly total: number | null;
  /** The bytes of TLS: from `start` to `end`. */
  readonly start: number;
  readonly end: number;
}

const LENGTH_INCLUDED = 0x80;
const MORE_FRAGMENTS = 0x40;
const START = 0x20;
/** Only in TEAP (RFC 7170 section 4.1): the length of what follows the TLS bytes is included. */
const OUTER_LENGTH_INCLUDED = 0x10;

/**
 * Reads the TLS part of a packet. The lower bits of the flags are the method's version. A packet too short for its
 * flags says no more than one that only acknowledges a fragment.
 */
export function readTlsFragment({ type, bytes, content, end, missing }: EapPacket): TlsFragment {
  const flags = content < end ? u8(bytes, content) : 0;
  let start = Math.min(end, content + 1);
  const field = (): number | null => {
    start += 4;
    return start <= end ? u32(bytes, start - 4) : null;
  };
  const total = (flags & LENGTH_INCLUDED) === 0 ? null : field();
  const outer = type === TEAP && (flags & OUTER_LENGTH_INCLUDED) !== 0 ? (field() ?? 0) : 0;
  const isStart = (flags & START) !== 0;
  return {
    isStart,
    hasMore: (flags & MORE_FRAGMENTS) !== 0,
    total,
    start: Math.min(start, end),
    // What FAST and TEAP send first, and what follows the TLS bytes, is not TLS.
    end: isStart ? Math.min(start, end) : Math.max(Math.min(start, end), end - Math.max(0, outer - missing)),
  };
}

/** The peer's identity (RFC 3748 section 5.1); null if the packet is not an Identity response. */
export function identityOf({ code, type, bytes, content, end }: EapPacket): string | null {
  if (code !== RESPONSE || type !== IDENTITY) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset + content, end - content).toString('utf8');
}

/** Methods that a Nak asks for instead of the requested one (RFC 3748 section 5.3); null if the packet is not a Nak. */
export function methodsWanted({ code, type, bytes, content, end }: EapPacket): readonly number[] | null {
  if (code !== RESPONSE) return null;
  if (type === NAK) return [...bytes.subarray(content, end)].filter((method) => method !== 0);
  // The expanded form: vendor and vendor's type of the Nak itself, then an expanded type for each method.
  if (type !== EXPANDED || end - content < 7 || u32(bytes, content) !== 0 || u32(bytes, content + 3) !== NAK)
    return null;
  const wanted: number[] = [];
  for (let at = content + 7; at + 8 <= end; at += 8) {
    const isIetf = u8(bytes, at) === EXPANDED && (u32(bytes, at) & 0xffffff) === 0;
    const method = isIetf ? u32(bytes, at + 4) : EXPANDED;
    if (method !== 0) wanted.push(method);
  }
  return wanted;
}
