import type { Direction } from '../../transport/flow.js';
import { BOUNDS } from '../../bounds.js';
import type { KeyUse } from '../handshake/session.js';
import { contentOfNull, innerPlaintext } from './protection.js';
import type { Secrets } from './secrets.js';
import type { NullCipher } from './suites.js';

/** A protected record, as its header describes it. */
export interface ProtectedRecord {
  readonly direction: Direction;
  readonly type: number;
  readonly version: number;
  /** Bytes of its body. */
  readonly length: number;
}

/** The content of a record, and its ContentType, the inner one in TLS 1.3. */
export interface OpenedRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

/**
 * Opens a record that was wanted. `closed`: no key opens it; `altered`: a key that opened other records of the session
 * does not open it, although its sequence number is known, so it was altered on the way.
 */
export type OpenRecord = (record: ProtectedRecord, body: Uint8Array) => OpenedRecord | 'altered' | 'closed';

/** Opens the records of one direction. */
export interface DirectionDecryption {
  wants(record: ProtectedRecord): boolean;
  readonly open: OpenRecord;
  message(type: number): void;
  /**
   * The other side asks for its certificate, so its next record may be a handshake message, even if it sent only data.
   */
  certificateRequested?(): void;
  gap(): void;
  /** Overwrites its keys. */
  wipe(): void;
}

/** What both directions share. */
export interface SharedState {
  readonly secrets: Secrets;
  readonly use: KeyUse;
  readonly random: () => string;
  /** Called for each record that was opened. */
  opened(): void;
}

export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

/** The most records that a gap is assumed to have swallowed. */
export const MAX_LOST = BOUNDS.lostRecords.value;
/** After so many records in a row that no key opens, reading stops. */
export const MAX_FAILURES = BOUNDS.unopenedRecords.value;

/**
 * A direction whose cipher suite encrypts nothing, from its ChangeCipherSpec on, or from the ServerHello in TLS 1.3.
 */
export function createNullDirection(cipher: NullCipher, is13: boolean): DirectionDecryption {
  return {
    wants: ({ type }) => (is13 ? type === APPLICATION_DATA : type === HANDSHAKE || type === ALERT),
    open({ type }, body) {
      const content = contentOfNull(cipher, body);
      if (content === null) return 'closed';
      if (!is13) return { type, content };
      const inner = innerPlaintext(content);
      return inner === null ? 'closed' : { type: inner.type, content: content.subarray(0, inner.end) };
    },
    message: () => undefined,
    gap: () => undefined,
    wipe: () => undefined,
  };
}
