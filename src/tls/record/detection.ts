import { u16, u24, u8 } from '../../bytes.js';

const HANDSHAKE = 22;
const ALERT = 21;
/** Bytes of a record that identify a hello: two headers and the version within. */
const HELLO_LENGTH = 11;
const ALERT_LENGTH = 7;
/** The largest hello that is looked for; real ones with post-quantum key shares are under 4 KiB. */
const MAX_HELLO = 1 << 16;

/** Whether a hello may begin here, as far as the bytes go. */
export function isHelloStart(bytes: Uint8Array, at: number, end: number): boolean {
  const length = end - at;
  if (length > 0 && u8(bytes, at) !== HANDSHAKE) return false;
  if (length > 1 && u8(bytes, at + 1) !== 3) return false;
  if (length > 2 && u8(bytes, at + 2) > 4) return false;
  if (length > 4 && (u16(bytes, at + 3) < 4 || u16(bytes, at + 3) > 16384)) return false;
  if (length > 5 && (u8(bytes, at + 5) < 1 || u8(bytes, at + 5) > 2)) return false;
  if (length > 8 && (u24(bytes, at + 6) < 38 || u24(bytes, at + 6) > MAX_HELLO)) return false;
  if (length > 9 && u8(bytes, at + 9) !== 3) return false;
  return length <= 10 || u8(bytes, at + 10) <= 4;
}

/** Whether this is the alert of a server that cannot read its input: a fatal one, complete. */
function isAlert(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    end - at === ALERT_LENGTH &&
    u8(bytes, at) === ALERT &&
    u8(bytes, at + 1) === 3 &&
    u8(bytes, at + 2) <= 4 &&
    u16(bytes, at + 3) === 2 &&
    u8(bytes, at + 5) === 2
  );
}

/** Where TLS begins in a chunk of plaintext, by a hello (or ends, by an alert); `end` if nowhere. */
export function findHello(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at);
    if (byte === HANDSHAKE && end - at >= HELLO_LENGTH && isHelloStart(bytes, at, end)) return at;
    if (byte === ALERT && isAlert(bytes, at, end)) return at;
  }
  return end;
}

/** Where, at the end of a chunk, the first bytes of a possible hello begin; `end` if there are none. */
export function heldHello(bytes: Uint8Array, start: number, end: number): number {
  for (let at = Math.max(start, end - HELLO_LENGTH + 1); at < end; at++) {
    if (isHelloStart(bytes, at, end)) return at;
  }
  return end;
}
