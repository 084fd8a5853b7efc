import { hex, u16, u32, u8 } from '../../bytes.js';

// Codes of RADIUS packets (RFC 2865 section 3).
const ACCESS_REQUEST = 1;
export const ACCESS_ACCEPT = 2;
const ACCESS_REJECT = 3;
const ACCESS_CHALLENGE = 11;

// Types of attributes (RFC 2865 section 5, RFC 3579 section 3).
const FRAMED_MTU = 12;
const STATE = 24;
const CALLING_STATION_ID = 31;
const EAP_MESSAGE = 79;
const MESSAGE_AUTHENTICATOR = 80;

/** A RADIUS packet of access control, as far as EAP needs it. */
export interface RadiusPacket {
  /** ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT, or a challenge. */
  readonly code: number;
  readonly isRequest: boolean;
  /** It accepts or rejects. */
  readonly isResult: boolean;
  /** The same in a request and in the answer to it. */
  readonly identifier: number;
  /** Random in a request, so that a repeat can be told from a new request; lower-case hexadecimal. */
  readonly authenticator: string;
  /** Links a challenge to the next request (State), in hexadecimal; null if absent. */
  readonly state: string | null;
  /**
   * The supplicant as the device names it (Calling-Station-Id), usually its MAC address, one character a byte; null if
   * absent.
   */
  readonly callingStationId: string | null;
  /** The largest EAP packet that the device accepts, in bytes; null if not said. */
  readonly framedMtu: number | null;
  readonly hasMessageAuthenticator: boolean;
  /** The EAP packet: the content of all EAP-Message attributes, joined (RFC 3579 section 3.1); null without one. */
  readonly eap: Uint8Array | null;
  /** Bytes of the packet that were not captured. */
  readonly missing: number;
}

/** Code, identifier, length, authenticator. */
const HEADER = 20;
/** The longest packet (RFC 2865 section 3). */
const MAX_LENGTH = 4096;

/** The bytes from `start` to `end` are a datagram; `missing` more bytes of it were not captured. */
interface Datagram {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly end: number;
  readonly missing: number;
}

/**
 * Reads the RADIUS packet in a datagram, recognised by content alone: a code of access control, a length that fits, and
 * attributes that fill it; else null. Allocates nothing for datagrams of other protocols, except by rare chance.
 */
export function readRadius({ bytes, offset, end, missing }: Datagram): RadiusPacket | null {
  if (end - offset < HEADER) return null;
  const code = u8(bytes, offset);
  if (!(code >= ACCESS_REQUEST && code <= ACCESS_REJECT) && code !== ACCESS_CHALLENGE) return null;
  const length = u16(bytes, offset + 2);
  // Anything after the length is padding.
  if (length < HEADER || length > MAX_LENGTH || length > end - offset + missing) return null;
  const stop = Math.min(end, offset + length);
  const isCut = stop < offset + length;
  if (!isFilled(bytes, offset + HEADER, stop, isCut)) return null;

  let state: string | null = null;
  let callingStationId: string | null = null;
  let framedMtu: number | null = null;
  let hasMessageAuthenticator = false;
  const messages: Uint8Array[] = [];
  for (let at = offset + HEADER; at + 2 <= stop; at += u8(bytes, at + 1)) {
    const next = Math.min(stop, at + u8(bytes, at + 1));
    const value = bytes.subarray(at + 2, next);
    switch (u8(bytes, at)) {
      case FRAMED_MTU:
        if (value.length === 4) framedMtu = u32(value, 0);
        break;
      case STATE:
        state = hex(value);
        break;
      case CALLING_STATION_ID:
        callingStationId = Buffer.from(value).toString('latin1');
        break;
      case EAP_MESSAGE:
        messages.push(value);
        break;
      case MESSAGE_AUTHENTICATOR:
        hasMessageAuthenticator = true;
        break;
    }
  }
  return {
    code,
    isRequest: code === ACCESS_REQUEST,
    isResult: code === ACCESS_ACCEPT || code === ACCESS_REJECT,
    identifier: u8(bytes, offset + 1),
    authenticator: hex(bytes, offset + 4, offset + HEADER),
    state,
    callingStationId,
    framedMtu,
    hasMessageAuthenticator,
    eap: messages.length === 0 ? null : messages.length === 1 ? (messages[0] as Uint8Array) : Buffer.concat(messages),
    missing: offset + length - stop,
  };
}

/** Whether attributes of at least two bytes exactly fill `start` to `end`; if the packet is cut, as far as it goes. */
function isFilled(bytes: Uint8Array, start: number, end: number, isCut: boolean): boolean {
  let at = start;
  while (at + 2 <= end) {
    const length = u8(bytes, at + 1);
    if (length < 2) return false;
    at += length;
  }
  return at === end || (isCut && at + 2 > end);
}
