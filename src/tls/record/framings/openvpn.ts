import { u16, u8 } from '../../../bytes.js';
import type { Framing, FramingProtocol } from './framing.js';

// OpenVPN over TCP, as in "The OpenVPN wire protocol" (openvpn-rfc) and OpenVPN's ssl_pkt.h. Each packet has its length
// (two bytes), opcode and key id (one). On the control channel, a session id (eight) follows, with --tls-auth an HMAC
// with an id and a time, the ids of the packets that it acknowledges, and its own id before the TLS.

const LENGTH = 2;
const BEFORE_AUTH = LENGTH + 1 + 8;
const PACKET_ID = 4;
const SESSION_ID = 8;
const P_CONTROL_V1 = 4;
const MAX_OPCODE = 11;
/** Acknowledgements in one packet (RELIABLE_ACK_SIZE). */
const MAX_ACKS = 8;
/**
 * Bytes between the session id and the acknowledgments: none, or the HMAC of --auth (MD5 to SHA512), an id and a time.
 */
const AUTH_LENGTHS: readonly number[] = [0, ...[16, 20, 28, 32, 48, 64].map((hmac) => hmac + PACKET_ID + 4)];
const MAX_HEADER = BEFORE_AUTH + 72 + 1 + MAX_ACKS * PACKET_ID + SESSION_ID + PACKET_ID;

/**
 * The control channel of OpenVPN, which carries TLS in small pieces. With --tls-crypt it is encrypted, and not
 * recognised.
 */
export const openvpn: FramingProtocol = {
  begin(plaintext) {
    let at = 0;
    for (;;) {
      const left = plaintext.length - at;
      if (left < LENGTH + 1) return null;
      const end = at + LENGTH + u16(plaintext, at);
      const isControl = u8(plaintext, at + LENGTH) >> 3 === P_CONTROL_V1;
      if (isControl && end > plaintext.length) break;
      if (end > plaintext.length || end === at + LENGTH) return null;
      at = end;
    }
    // The packet in which the hello begins; its header ends where the plaintext ends.
    const header = plaintext.subarray(at);
    for (const authLength of AUTH_LENGTHS) {
      if (headerLength(header, authLength) !== header.length) continue;
      const framing = newFraming(authLength);
      framing.payload = LENGTH + u16(header, 0) - header.length;
      return framing;
    }
    return null;
  },
};

/** The length of a control packet's header, as far as `header` shows it; -1 if it is none. */
function headerLength(header: Uint8Array, authLength: number, held = header.length): number {
  const place = BEFORE_AUTH + authLength;
  if (held <= place) return place + 1;
  const acks = u8(header, place);
  if (acks > MAX_ACKS) return -1;
  return place + 1 + (acks === 0 ? 0 : acks * PACKET_ID + SESSION_ID) + PACKET_ID;
}

function newFraming(authLength: number): Framing {
  return {
    header: new Uint8Array(MAX_HEADER),
    held: 0,
    payload: 0,
    skipping: 0,
    next(framing) {
      const { header, held } = framing;
      if (held <= LENGTH) return 'more';
      const total = LENGTH + u16(header, 0);
      const opcode = u8(header, LENGTH) >> 3;
      if (total === LENGTH || opcode === 0 || opcode > MAX_OPCODE) return 'none';
      const length = opcode === P_CONTROL_V1 ? headerLength(header, authLength, held) : held;
      if (length < 0 || length > total) return 'none';
      if (held < length) return 'more';
      framing.held = 0;
      if (opcode === P_CONTROL_V1) framing.payload = total - length;
      else framing.skipping = total - length;
      return 'packet';
    },
  };
}
