import { BOUNDS } from '../../bounds.js';
import { u8 } from '../../bytes.js';
import type { DtlsRecord } from '../record/dtls.js';
import { CONNECTION_ID } from '../record/dtls.js';
import { isTls13, tlsVersion } from '../wire/registry/names.js';
import { DTLS_13_PREFIX, expandLabel, nextTrafficSecret } from './key-schedule.js';
import type { NumberKey } from './number-mask.js';
import { fullNumber, numberKey, numberMask, SAMPLE_LENGTH } from './number-mask.js';
import type { Protection12, TrafficKeys } from './protection.js';
import {
  additionalData12,
  contentOfNull,
  innerPlaintext,
  open12,
  openAead13,
  protections12,
  trafficKeys,
  wipeProtection12,
  wipeTrafficKeys,
} from './protection.js';
import type { SecretLabel, Secrets } from './secrets.js';
import type { AeadCipher, NullCipher, RecordCipher } from './suites.js';

type Side = 'client' | 'server';

/** What the hellos say about the protection of records. */
export interface DtlsHellos {
  /** In hexadecimal. */
  readonly clientRandom: string;
  readonly serverRandom: string;
  /** As in the ServerHello. */
  readonly version: number;
  readonly encryptThenMac: boolean;
  /** The connection IDs follow a draft, which authenticates other data (draft-ietf-tls-dtls-connection-id-05 §5). */
  readonly isDraftConnectionId: boolean;
}

/** The content of a protected record. */
export interface OpenedRecord {
  /** ContentType. */
  readonly type: number;
  readonly content: Uint8Array;
  /** In full, where the header has its low bits. */
  readonly epoch: number;
}

/**
 * An opened record. `closed`: no secret opens it, or there is none; `altered`: not even the secret known to be this
 * session's opens it.
 */
export type Opening = OpenedRecord | 'altered' | 'closed';

/** Opens the protected records of one handshake. */
export interface DtlsKeys {
  open(side: Side, record: DtlsRecord, bytes: Uint8Array): Opening;
  /** Overwrites the keys: nothing more will be opened. */
  wipe(): void;
}

/** After so many records in a row of a side and epoch that do not open, no more are tried. */
const MAX_FAILURES = BOUNDS.unopenedPackets.value;

/** Opens the records after a ServerHello; its cipher suite can be decrypted. */
export function createDtlsKeys(secrets: Secrets, hellos: DtlsHellos, cipher: RecordCipher): DtlsKeys {
  if (!isTls13(hellos.version)) return keys12(secrets, hellos, cipher);
  if (cipher.kind === 'null') return integrityOnly(cipher);
  return cipher.kind === 'aead' ? keys13(secrets, hellos, cipher) : { open: () => 'closed', wipe: () => undefined };
}

/** RFC 9150: what is there can be read, and no number is masked. */
function integrityOnly(cipher: NullCipher): DtlsKeys {
  return {
    open(_side, { epoch, start, end }, bytes) {
      const plaintext = contentOfNull(cipher, bytes.subarray(start, end));
      return plaintext === null ? 'closed' : contentOf(plaintext, epoch);
    },
    wipe: () => undefined,
  };
}

function contentOf(plaintext: Uint8Array, epoch: number): OpenedRecord | 'closed' {
  const inner = innerPlaintext(plaintext);
  return inner === null ? 'closed' : { type: inner.type, content: plaintext.subarray(0, inner.end), epoch };
}

// DTLS up to 1.2.

/** The additional data of a record with a connection ID (RFC 9146 §5.3), without the length. */
function connectionIdData(record: DtlsRecord, bytes: Uint8Array, isDraft: boolean): Buffer {
  const { epoch, sequence, version, idEnd, idLength } = record;
  const id = bytes.subarray(idEnd - idLength, idEnd);
  const place = additionalData12(epoch, sequence, CONNECTION_ID, version);
  if (isDraft) return Buffer.concat([place, id, Buffer.from([idLength])]);
  const versionBytes = place.subarray(9);
  const start = Buffer.concat([Buffer.alloc(8, 0xff), Buffer.from([CONNECTION_ID, idLength, CONNECTION_ID])]);
  return Buffer.concat([start, versionBytes, place.subarray(0, 8), id]);
}

function keys12(secrets: Secrets, hellos: DtlsHellos, cipher: RecordCipher): DtlsKeys {
  const { clientRandom, serverRandom, version, encryptThenMac, isDraftConnectionId } = hellos;
  type Candidate12 = Readonly<Record<Side, Protection12>>;
  let candidates: readonly Candidate12[] | null = null;
  let isProven = false;
  /** Epoch of the first record, and of all that this handshake protects. */
  let ownEpoch: number | null = null;
  let failures = 0;

  const derive = (): readonly Candidate12[] =>
    secrets.of(clientRandom, 'CLIENT_RANDOM').map((master) =>
      protections12({
        cipher,
        version: tlsVersion(version),
        master,
        clientRandom: Buffer.from(clientRandom, 'hex'),
        serverRandom: Buffer.from(serverRandom, 'hex'),
        encryptThenMac,
      }),
    );

  /** Keeps only these candidates, and overwrites the others. */
  const keep = (kept: readonly Candidate12[]): void => {
    for (const one of candidates ?? []) {
      if (kept.includes(one)) continue;
      wipeProtection12(one.client);
      wipeProtection12(one.server);
    }
    candidates = kept;
  };

  return {
    open(side, record, bytes) {
      const { type, epoch, sequence, start, end } = record;
      const body = bytes.subarray(start, end);
      ownEpoch ??= epoch;
      const read = (content: Uint8Array): Opening =>
        type === CONNECTION_ID ? contentOf(content, epoch) : { type, content, epoch };
      if (cipher.kind === 'null') {
        const content = contentOfNull(cipher, body);
        return content === null ? 'closed' : read(content);
      }
      candidates ??= derive();
      const header =
        type === CONNECTION_ID
          ? connectionIdData(record, bytes, isDraftConnectionId)
          : additionalData12(epoch, sequence, type, record.version);
      for (const candidate of candidates) {
        const content = open12(candidate[side], { epoch, sequence, header }, body);
        if (content === null) continue;
        keep([candidate]);
        isProven = true;
        failures = 0;
        secrets.used(clientRandom);
        return read(content);
      }
      if (++failures >= MAX_FAILURES) keep([]);
      return isProven && epoch === ownEpoch ? 'altered' : 'closed';
    },
    wipe() {
      keep([]);
    },
  };
}

// DTLS 1.3.

const HANDSHAKE_EPOCH = 2;
const DATA_EPOCH = 3;
const LABELS: Readonly<Record<Side, Readonly<Record<2 | 3, SecretLabel>>>> = {
  client: { 2: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', 3: 'CLIENT_TRAFFIC_SECRET_0' },
  server: { 2: 'SERVER_HANDSHAKE_TRAFFIC_SECRET', 3: 'SERVER_TRAFFIC_SECRET_0' },
};

/** What one secret gives. */
interface Candidate extends TrafficKeys {
  readonly number: NumberKey;
}

/** What a side sends in one epoch. */
interface Epoch {
  candidates: readonly Candidate[];
  /** The largest sequence number that opened; -1 before the first. */
  largest: number;
  failures: number;
}

function keys13(secrets: Secrets, { clientRandom }: DtlsHellos, cipher: AeadCipher): DtlsKeys {
  const { hash, keyLength } = cipher;
  const epochs: Readonly<Record<Side, Map<number, Epoch>>> = { client: new Map(), server: new Map() };
  let isProven = false;
  /** The latest epoch in which a record opened. */
  const latest: Record<Side, number> = { client: HANDSHAKE_EPOCH, server: HANDSHAKE_EPOCH };

  const candidateOf = (secret: Uint8Array, isDerived: boolean): Candidate => ({
    ...trafficKeys(cipher, secret, { isDerived, prefix: DTLS_13_PREFIX }),
    number: numberKey(cipher, expandLabel(hash, secret, 'sn', keyLength, DTLS_13_PREFIX)),
  });

  /** The secrets of an epoch; after the first data epoch, each is derived from the one before (RFC 9147 §6.1). */
  const secretsOf = (side: Side, epoch: number): readonly Uint8Array[] => {
    if (epoch === HANDSHAKE_EPOCH || epoch === DATA_EPOCH) return secrets.of(clientRandom, LABELS[side][epoch]);
    const before = epoch > DATA_EPOCH ? (epochs[side].get(epoch - 1)?.candidates ?? []) : [];
    return before.map(({ secret }) => nextTrafficSecret(hash, secret, DTLS_13_PREFIX));
  };

  /** Keeps only these candidates, and overwrites the others. */
  const keep = (epoch: Epoch, kept: readonly Candidate[]): void => {
    for (const one of epoch.candidates) {
      if (kept.includes(one)) continue;
      wipeTrafficKeys(one);
      one.number.key.fill(0);
    }
    epoch.candidates = kept;
  };

  const epochOf = (side: Side, number: number): Epoch => {
    let epoch = epochs[side].get(number);
    if (epoch === undefined) {
      const candidates = secretsOf(side, number).map((secret) => candidateOf(secret, number > DATA_EPOCH));
      epoch = { candidates, largest: -1, failures: 0 };
      epochs[side].set(number, epoch);
    }
    return epoch;
  };

  return {
    open(side, record, bytes) {
      const { headerStart, idEnd, start, end } = record;
      if (start + SAMPLE_LENGTH > end) return 'closed';
      // The nearest epoch with these low bits, at most the next one (RFC 9147 §4.2.2).
      const number = latest[side] + 1 - ((latest[side] + 1 - record.epoch) & 3);
      const epoch = epochOf(side, number);
      const length = (u8(bytes, headerStart) & 0x08) === 0 ? 1 : 2;
      for (const candidate of epoch.candidates) {
        const mask = numberMask(candidate.number, bytes, start);
        const header = Buffer.from(bytes.subarray(headerStart, start));
        let truncated = 0;
        for (let index = 0; index < length; index++) {
          const at = idEnd - headerStart + index;
          const byte = u8(header, at) ^ u8(mask, index);
          header[at] = byte;
          truncated = truncated * 256 + byte;
        }
        const sequence = fullNumber(epoch.largest, truncated, length);
        const plaintext = openAead13(candidate.keys, sequence, header, bytes.subarray(start, end));
        if (plaintext === null) continue;
        keep(epoch, [candidate]);
        epoch.largest = Math.max(epoch.largest, sequence);
        epoch.failures = 0;
        latest[side] = Math.max(latest[side], number);
        isProven = true;
        secrets.used(clientRandom);
        return contentOf(plaintext, number);
      }
      const isRight = isProven && epoch.candidates.length === 1 && number <= DATA_EPOCH;
      if (++epoch.failures >= MAX_FAILURES) keep(epoch, []);
      return isRight ? 'altered' : 'closed';
    },
    wipe() {
      for (const side of [epochs.client, epochs.server]) for (const epoch of side.values()) keep(epoch, []);
    },
  };
}
