import { u16, u24, u32, u8 } from '../../bytes.js';
import type { Datagram } from '../../transport/flow.js';
import { isHandshakeType } from '../wire/registry/names.js';
import { ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HEARTBEAT } from './tls.js';

/** ContentTypes that DTLS alone has: records with a connection ID (RFC 9146 §4), acknowledgements (RFC 9147 §7). */
export const CONNECTION_ID = 25;
export const ACK = 26;

/** Type, version, epoch, sequence number, length (RFC 6347 §4.1). */
const HEADER_LENGTH = 13;
/** Type, length, sequence number, offset and length of the fragment (RFC 6347 §4.2.2). */
export const FRAGMENT_HEADER_LENGTH = 12;
const DTLS_1_0 = 0xfeff;
const DTLS_1_2 = 0xfefd;
/** Spoken by OpenSSL and AnyConnect before RFC 4347. */
const DTLS_0_9 = 0x0100;

/** One record of a datagram; one object is reused for all. */
export interface DtlsRecord {
  /** ContentType in the header; 0 in the unified header, which encrypts it. */
  type: number;
  version: number;
  /** In the unified header, only its low two bits. */
  epoch: number;
  /** In the unified header -1: its sequence number is masked. */
  sequence: number;
  hasConnectionId: boolean;
  /** Where the record begins, where its connection ID ends, and the ID's length in bytes (0 while unknown). */
  headerStart: number;
  idEnd: number;
  idLength: number;
  /** Where the body is in the datagram; `end` is earlier if the capture cuts the datagram. */
  start: number;
  end: number;
  /** Bytes of the body on the wire. */
  length: number;
}

export const newDtlsRecord = (): DtlsRecord => ({
  type: 0,
  version: 0,
  epoch: 0,
  sequence: 0,
  hasConnectionId: false,
  headerStart: 0,
  idEnd: 0,
  idLength: 0,
  start: 0,
  end: 0,
  length: 0,
});

/**
 * Reads the header of the record at `at` (RFC 6347 §4.1, RFC 9146 §4). Returns where the record ends on the wire, or -1
 * if none begins there. `connectionIdLength`: length of the receiver's connection ID, or -1 while unknown; then the ID
 * counts as part of the body.
 */
export function readRecord(record: DtlsRecord, datagram: Datagram, at: number, connectionIdLength: number): number {
  const { bytes, end, missing } = datagram;
  if (end - at < HEADER_LENGTH) return -1;
  const type = u8(bytes, at);
  const version = u16(bytes, at + 1);
  if (type < CHANGE_CIPHER_SPEC || type > ACK) return -1;
  if (version !== DTLS_1_2 && version !== DTLS_1_0 && version !== DTLS_0_9) return -1;
  record.type = type;
  record.version = version;
  record.epoch = u16(bytes, at + 3);
  record.sequence = u16(bytes, at + 5) * 2 ** 32 + u32(bytes, at + 7);
  record.hasConnectionId = type === CONNECTION_ID;
  const lengthAt = at + HEADER_LENGTH - 2 + (type === CONNECTION_ID ? Math.max(0, connectionIdLength) : 0);
  const isLengthKnown = type !== CONNECTION_ID || connectionIdLength >= 0;
  if (lengthAt + 2 > end) return -1;
  record.headerStart = at;
  record.idEnd = lengthAt;
  record.idLength = lengthAt - at - HEADER_LENGTH + 2;
  record.start = isLengthKnown ? lengthAt + 2 : lengthAt;
  record.length = isLengthKnown ? u16(bytes, lengthAt) : end + missing - lengthAt;
  const next = record.start + record.length;
  record.end = Math.min(next, end);
  return next > end + missing ? -1 : next;
}

/** Whether a first byte belongs to the unified header of DTLS 1.3, which encrypts the type (RFC 9147 §4). */
export const isUnifiedHeader = (first: number): boolean => (first & 0xe0) === 0x20;

/** As `readRecord`, for a record with the unified header (RFC 9147 §4). */
export function readUnifiedRecord(
  record: DtlsRecord,
  datagram: Datagram,
  at: number,
  connectionIdLength: number,
): number {
  const { bytes, end, missing } = datagram;
  const first = u8(bytes, at);
  record.type = 0;
  record.version = DTLS_1_2;
  record.epoch = first & 0x03;
  record.sequence = -1;
  record.hasConnectionId = (first & 0x10) !== 0;
  const idLength = record.hasConnectionId ? Math.max(0, connectionIdLength) : 0;
  record.headerStart = at;
  record.idEnd = at + 1 + idLength;
  record.idLength = idLength;
  const lengthAt = record.idEnd + ((first & 0x08) !== 0 ? 2 : 1);
  const hasLength = (first & 0x04) !== 0 && !(record.hasConnectionId && connectionIdLength < 0);
  record.start = hasLength ? lengthAt + 2 : lengthAt;
  if (record.start > end) return -1;
  record.length = hasLength ? u16(bytes, lengthAt) : end + missing - record.start;
  const next = record.start + record.length;
  record.end = Math.min(next, end);
  return next > end + missing ? -1 : next;
}

/** Scratch memory of `isDtlsDatagram`, not read outside of it. */
const scratch = newDtlsRecord();

/** Whether a datagram consists of plausible DTLS records, the first of them with the plain header. */
export function isDtlsDatagram(datagram: Datagram): boolean {
  const { bytes, offset, end, missing } = datagram;
  if (end - offset < HEADER_LENGTH) return false;
  const first = u8(bytes, offset);
  if (first < CHANGE_CIPHER_SPEC || first > ACK) return false;
  let at = offset;
  while (at < end) {
    if (at > offset && isUnifiedHeader(u8(bytes, at))) return true;
    // The capture cut the header of a later record.
    if (at > offset && missing > 0 && end - at < HEADER_LENGTH) return true;
    const next = readRecord(scratch, datagram, at, -1);
    if (next < 0 || (scratch.epoch === 0 && !isPlausible(scratch, bytes))) return false;
    at = next;
  }
  return at <= end + missing;
}

/** Whether a plaintext record has the content that its type demands. */
function isPlausible({ type, start, end, length }: DtlsRecord, bytes: Uint8Array): boolean {
  if (type === CHANGE_CIPHER_SPEC) return length === 1 || length === 3;
  if (type === ALERT) return length === 2;
  if (type === HANDSHAKE) return end - start < FRAGMENT_HEADER_LENGTH || isFragment(bytes, start, length);
  return type === ACK ? length >= 2 && u16(bytes, start) === length - 2 : type === HEARTBEAT;
}

/** Whether the header of a fragment may stand at `at`, in a record with `length` bytes left. */
export function isFragment(bytes: Uint8Array, at: number, length: number): boolean {
  const total = u24(bytes, at + 1);
  const offset = u24(bytes, at + 6);
  const size = u24(bytes, at + 9);
  return isHandshakeType(u8(bytes, at)) && offset + size <= total && size <= length - FRAGMENT_HEADER_LENGTH;
}
