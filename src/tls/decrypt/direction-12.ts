import { BOUNDS } from '../../bounds.js';
import {
  ALERT,
  APPLICATION_DATA,
  type DirectionDecryption,
  HANDSHAKE,
  MAX_FAILURES,
  MAX_LOST,
  type OpenRecord,
  type SharedState,
} from './direction.js';
import { additionalData12, open12, type Protection12, updateChainedIv, wipeProtection12 } from './protection.js';

const TLS_1_0 = 0x0301;

/** Records of application data that are skipped although later ones are chained to them. */
const MAX_CHAINED = BOUNDS.chainedRecords.value;

/** The keys of one master secret; several may be known, of which at most one fits. */
export interface Candidate {
  readonly protections: { readonly client: Protection12; readonly server: Protection12 };
  /** It opened a record, of either direction. */
  isProven: boolean;
}

/** One direction up to TLS 1.2, from its ChangeCipherSpec on. */
export function createDirection12(
  session: SharedState,
  side: 'client' | 'server',
  candidates: readonly Candidate[],
): DirectionDecryption {
  let sequence = 0;
  let isSequenceKnown = true;
  let failures = 0;
  let chained = 0;

  /** Where records are chained, each one is needed to open the next (RFC 2246 §6.2.3.2). */
  const isChained = candidates.some(
    ({ protections: { client } }) => client.cipher.kind === 'cbc' && client.version <= TLS_1_0,
  );

  const openRecord: OpenRecord = ({ type, version }, body) => {
    if (type === APPLICATION_DATA) {
      sequence++;
      return 'closed';
    }
    const proven = candidates.filter(({ isProven }) => isProven);
    for (let number = sequence; number < sequence + (isSequenceKnown ? 1 : MAX_LOST); number++) {
      const header = additionalData12(0, number, type, version);
      for (const one of proven.length > 0 ? proven : candidates) {
        const content = open12(one.protections[side], { epoch: 0, sequence: number, header }, body);
        if (content === null) continue;
        one.isProven = true;
        sequence = number + 1;
        isSequenceKnown = true;
        failures = 0;
        session.opened();
        return { type, content };
      }
    }
    failures++;
    sequence++;
    return proven.length > 0 && isSequenceKnown ? 'altered' : 'closed';
  };

  return {
    wants({ type, length }) {
      const isHandshake = type === HANDSHAKE || type === ALERT;
      const isLink = isChained && type === APPLICATION_DATA && ++chained <= MAX_CHAINED;
      const isReadable = !isChained || chained <= MAX_CHAINED;
      if ((isHandshake || isLink) && isReadable && failures <= MAX_FAILURES && length > 0) return true;
      sequence++;
      return false;
    },
    open(record, body) {
      const opened = openRecord(record, body);
      for (const { protections } of candidates) updateChainedIv(protections[side], body);
      return opened;
    },
    message: () => undefined,
    gap() {
      isSequenceKnown = false;
    },
    wipe() {
      for (const { protections } of candidates) wipeProtection12(protections[side]);
    },
  };
}
