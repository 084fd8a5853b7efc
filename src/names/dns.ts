/**
 * Messages of DNS (RFC 1035 §4), as far as they say which addresses names lead to. mDNS and LLMNR have the same form.
 */
import { BOUNDS } from '../bounds.js';
import { u16, u32, u8 } from '../bytes.js';
import { formatAddress } from '../packet/address.js';

export interface DnsMessage {
  readonly isResponse: boolean;
  /** RCODE of the header: 0 is NOERROR, 3 NXDOMAIN. */
  readonly code: number;
  /** Null where there is none, as in answers of mDNS. */
  readonly question: DnsQuestion | null;
  /** The records of the answer section that lead to addresses: A, AAAA and CNAME. */
  readonly answers: readonly DnsRecord[];
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
}

export interface DnsRecord {
  /** Whose record it is. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME';
  /** The address, or the name that the alias stands for. */
  readonly value: string;
  /** Seconds. */
  readonly ttl: number;
}

const HEADER = 12;
const RESPONSE = 0x8000;
const OPCODE = 0x7800;
const CODE = 0x000f;
const IN = 1;
/** mDNS puts flags into the class: flush the cache, answer by unicast (RFC 6762 §10.2, §5.4). */
const CLASS = 0x7fff;
export const A = 1;
export const AAAA = 28;
const CNAME = 5;
const TYPES: ReadonlyMap<number, DnsRecord['type']> = new Map([
  [A, 'A'],
  [AAAA, 'AAAA'],
  [CNAME, 'CNAME'],
]);
/** Records of one answer that are read: resolvers send some dozen. */
const MOST_RECORDS = BOUNDS.dnsRecords.value;
/** A name has at most 127 labels, and 255 bytes (RFC 1035 §2.3.4); each label may come by a pointer. */
const MOST_STEPS = BOUNDS.dnsNameSteps.value;
const MOST_BYTES = 255;

/**
 * The message in `bytes` from `start` to `end`. Total: null if they are not one; if it is malformed or cut after its
 * question, the part before that. Names are in lower case, hostile text escaped as in zone files (RFC 1035 §5.1).
 */
export function readDnsMessage(bytes: Uint8Array, start: number, end: number): DnsMessage | null {
  if (end - start < HEADER) return null;
  const flags = u16(bytes, start + 2);
  const questions = u16(bytes, start + 4);
  if ((flags & OPCODE) !== 0 || questions > 1) return null;
  const isResponse = (flags & RESPONSE) !== 0;
  let at = start + HEADER;
  let question: DnsQuestion | null = null;
  if (questions === 1) {
    const name = readName(bytes, start, at, end);
    if (name === null || name.next + 4 > end) return null;
    if ((u16(bytes, name.next + 2) & CLASS) !== IN) return null;
    question = { name: name.text, type: u16(bytes, name.next) };
    at = name.next + 4;
  }
  const answers = isResponse ? readRecords(bytes, start, at, end, u16(bytes, start + 6)) : [];
  return { isResponse, code: flags & CODE, question, answers };
}

function readRecords(bytes: Uint8Array, message: number, start: number, end: number, count: number): DnsRecord[] {
  const records: DnsRecord[] = [];
  let at = start;
  for (let record = 0; record < Math.min(count, MOST_RECORDS); record++) {
    const owner = readName(bytes, message, at, end);
    if (owner === null || owner.next + 10 > end) break;
    const type = TYPES.get(u16(bytes, owner.next));
    const isInternet = (u16(bytes, owner.next + 2) & CLASS) === IN;
    const ttl = u32(bytes, owner.next + 4);
    const data = owner.next + 10;
    at = data + u16(bytes, owner.next + 8);
    if (at > end) break;
    const value = type === undefined || !isInternet ? null : valueOf(bytes, message, data, at, type);
    if (type !== undefined && value !== null) records.push({ name: owner.text, type, value, ttl });
  }
  return records;
}

function valueOf(
  bytes: Uint8Array,
  message: number,
  start: number,
  end: number,
  type: DnsRecord['type'],
): string | null {
  if (type === 'CNAME') return readName(bytes, message, start, end)?.text ?? null;
  return end - start === (type === 'A' ? 4 : 16) ? addressText(bytes.subarray(start, end)) : null;
}

/** The text of an address of 4 or 16 bytes, in the same form as in connections. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  return formatAddress(
    Uint32Array.from({ length: 4 }, (_, word) => u32(bytes, 4 * word)),
    0,
    6,
  );
}

/** A name without the dot at its end, and where it ends. Pointers only lead backwards, so there are no loops. */
function readName(
  bytes: Uint8Array,
  message: number,
  start: number,
  end: number,
): { readonly text: string; readonly next: number } | null {
  const labels: string[] = [];
  let [at, next, length] = [start, -1, 0];
  for (let step = 0; step < MOST_STEPS; step++) {
    if (at >= end) return null;
    const size = u8(bytes, at);
    if (size === 0) return { text: labels.join('.'), next: next < 0 ? at + 1 : next };
    if (size >= 0xc0) {
      if (at + 2 > end) return null;
      if (next < 0) next = at + 2;
      const target = message + (u16(bytes, at) & 0x3fff);
      if (target >= at) return null;
      at = target;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > MOST_BYTES || at + 1 + size > end) return null;
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + size)));
    at += 1 + size;
  }
  return null;
}

/**
 * A label in lower case; bytes that are not visible ASCII, or ambiguous, are escaped as in zone files: `\.`, `\032`.
 */
function labelText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (byte <= 0x20 || byte >= 0x7f) text += `\\${String(byte).padStart(3, '0')}`;
    else text += char === '.' || char === '\\' ? `\\${char}` : char.toLowerCase();
  }
  return text;
}
