import { u16, u24, u8 } from '../../../bytes.js';
import { cipherSuiteName, isTls13 } from '../../wire/registry/names.js';
import { addClientHello, addServerHello } from './hellos.js';
import { NOTHING, noteFinished, type PatternState } from './state.js';

const RECORD_HEADER_LENGTH = 5;
const MESSAGE_HEADER_LENGTH = 4;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_KEY_EXCHANGE = 12;
/**
 * Messages that are identical in all connections of a pattern: Certificate, CertificateRequest, ServerHelloDone,
 * CertificateStatus.
 */
const SAME: ReadonlySet<number> = new Set([11, 13, 14, 22]);
/**
 * Messages whose content is new in each connection, and ignored: NewSessionTicket, CertificateVerify,
 * ClientKeyExchange.
 */
const VARYING: ReadonlySet<number> = new Set([4, 15, 16]);
/**
 * The same after the hellos of TLS 1.3, where keys open them: EncryptedExtensions, Certificate, CertificateRequest,
 * CompressedCertificate.
 */
const SAME_13: ReadonlySet<number> = new Set([8, 11, 13, 25]);
/** NewSessionTicket, EndOfEarlyData, CertificateVerify, Finished, KeyUpdate. */
const VARYING_13: ReadonlySet<number> = new Set([4, 5, 15, 20, 24]);
const FINISHED = 20;
const NAMED_CURVE = 3;

/**
 * Tags of the parts of a key: plaintext messages, and messages that keys opened. These are the server's; the client's
 * are one higher.
 */
const MESSAGE = 1;
const OPENED_MESSAGE = 11;

/**
 * Adds the handshake messages in the content of a record; false if one of them is unusual. The state's
 * message has the direction, and the segment that completes the record.
 * @param source the bytes of the log, or what keys opened; the content is from `start` to `end`
 */
export function addMessages(state: PatternState, source: Uint8Array, start: number, end: number): boolean {
  const { message } = state;
  const reading = state.readings[message.direction];
  const isJoined = reading.rest.length > 0;
  const bytes: Uint8Array = isJoined ? Buffer.concat([reading.rest, source.subarray(start, end)]) : source;
  const stop = isJoined ? bytes.length : end;
  const isOpened = source !== state.log.bytes;
  let at = isJoined ? 0 : start;
  while (stop - at >= MESSAGE_HEADER_LENGTH) {
    const body = at + MESSAGE_HEADER_LENGTH;
    const next = body + u24(bytes, at + 1);
    if (next > stop) break;
    message.type = u8(bytes, at);
    message.bytes = bytes;
    message.body = body;
    message.next = next;
    const recordVersion = isJoined || isOpened ? null : u16(bytes, start - RECORD_HEADER_LENGTH + 1);
    if (!(isOpened ? addOpenedMessage(state) : addMessage(state, recordVersion))) return false;
    at = next;
  }
  reading.rest = at === stop ? NOTHING : bytes.slice(at, stop);
  return true;
}

/** @param recordVersion null if the message began in an earlier record */
function addMessage(state: PatternState, recordVersion: number | null): boolean {
  const { key, log, message, places } = state;
  const { direction, index, type, bytes, body, next } = message;
  const isClient = direction === log.client;
  key.endRun();
  key.put(((MESSAGE + Number(isClient)) << 24) | type);
  if (type === CLIENT_HELLO || type === SERVER_HELLO) {
    if (recordVersion === null || isClient !== (type === CLIENT_HELLO)) return false;
    key.put(recordVersion);
    const hello = bytes.subarray(body, next);
    return isClient ? addClientHello(state, hello, body, index) : addServerHello(state, hello, body, index);
  }
  if (places.serverHello < 0 || isTls13(state.version)) return false;
  if (type === SERVER_KEY_EXCHANGE) return addKeyExchange(state, bytes, body, next);
  if (SAME.has(type)) key.putBytes(bytes, body, next);
  else if (!VARYING.has(type)) return false;
  return true;
}

/** Adds a message that keys opened. */
function addOpenedMessage(state: PatternState): boolean {
  const { key, log, message } = state;
  const { direction, index, type, bytes, body, next } = message;
  key.endRun();
  key.put(((OPENED_MESSAGE + Number(direction === log.client)) << 24) | type);
  if (SAME_13.has(type)) key.putBytes(bytes, body, next);
  else if (!VARYING_13.has(type)) return false;
  if (type === FINISHED) noteFinished(state, direction, index);
  state.decryption?.message(direction, type);
  return true;
}

/** Adds a key exchange over a named curve (RFC 8422 §5.4): its curve, and the scheme of the signature. */
function addKeyExchange({ key, version, suite }: PatternState, bytes: Uint8Array, start: number, end: number): boolean {
  const isOverCurves = /^TLS_ECDHE_(RSA|ECDSA)_/.test(cipherSuiteName(suite));
  if (!isOverCurves || end - start < 6 || u8(bytes, start) !== NAMED_CURVE) return false;
  const point = u8(bytes, start + 3);
  let at = start + 4 + point;
  key.put((u16(bytes, start + 1) << 8) | point);
  if (version >= 0x0303) {
    if (at + 4 > end) return false;
    key.put(u16(bytes, at));
    at += 2;
  }
  return at + 2 <= end && at + 2 + u16(bytes, at) === end;
}
