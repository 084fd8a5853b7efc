import { BOUNDS } from '../../bounds.js';
import { u32 } from '../../bytes.js';

/** Packets with a long header (RFC 9000 §17.2). */
export type LongPacketType = 'initial' | '0rtt' | 'handshake' | 'retry';

export type KeyLabel = 'quic' | 'quicv2';

/** What differs between versions of QUIC. */
export interface QuicVersion {
  /** The 32 bits of a long header. */
  readonly code: number;
  /** Salt of the Initial keys (RFC 9001 §5.2). */
  readonly salt: Buffer;
  /** Prefix of the key derivation labels. */
  readonly label: KeyLabel;
  /** By the two type bits of a long header. */
  readonly types: readonly [LongPacketType, LongPacketType, LongPacketType, LongPacketType];
  /** Key and nonce of a Retry's integrity tag (RFC 9001 §5.8); null in drafts whose Retry has none. */
  readonly retry: { readonly key: Buffer; readonly nonce: Buffer } | null;
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const TYPES = ['initial', '0rtt', 'handshake', 'retry'] as const;

const SALT_1 = bytes('38762cf7f55934b34d179ae6a4c80cadccbb7f0a');
const SALT_29 = bytes('afbfec289993d24c9e9786f19c6111e04390a899');
const SALT_23 = bytes('c3eef712c72ebb5a11a7d2432bb46365bef9f502');
const SALT_22 = bytes('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a');

const RETRY_1 = { key: bytes('be0c690b9f66575a1d766b54e368c84e'), nonce: bytes('461599d35d632bf2239825bb') };
const RETRY_29 = { key: bytes('ccce187ed09a09d05728155a6cb96be1'), nonce: bytes('e54930f97f2136f0530a8c1c') };
const RETRY_25 = { key: bytes('4d32ecdb2a2133c841e4043df27d4430'), nonce: bytes('4d1611d05513a552c587d575') };

const like1 = (code: number, salt: Buffer, retry: QuicVersion['retry']): QuicVersion => ({
  code,
  salt,
  label: 'quic',
  types: TYPES,
  retry,
});

const like2 = (code: number, salt: Buffer, retry: QuicVersion['retry']): QuicVersion => ({
  code,
  salt,
  label: 'quicv2',
  types: ['retry', 'initial', '0rtt', 'handshake'],
  retry,
});

export const QUIC_V1 = 0x00000001;
export const QUIC_V2 = 0x6b3343cf;
/** Of the drafts of RFC 9369; ngtcp2 0.12 and quic-go 0.29 speak it. */
const QUIC_V2_DRAFT = 0x709a50c4;
const DRAFT = 0xff000000;

/** Draft `number` of the working group, 22 to 34; earlier ones had another header. */
function draft(number: number): QuicVersion {
  if (number >= 33) return like1(DRAFT + number, SALT_1, RETRY_1);
  if (number >= 29) return like1(DRAFT + number, SALT_29, RETRY_29);
  if (number >= 25) return like1(DRAFT + number, SALT_23, RETRY_25);
  return like1(DRAFT + number, number >= 23 ? SALT_23 : SALT_22, null);
}

/**
 * Every version whose Initial packets can be opened: RFC 9000, RFC 9369, their drafts, Facebook's (mvfst) and Google's.
 */
const VERSIONS: ReadonlyMap<number, QuicVersion> = new Map(
  [
    like1(QUIC_V1, SALT_1, RETRY_1),
    like2(QUIC_V2, bytes('0dede3def700a6db819381be6e269dcbf9bd2ed9'), {
      key: bytes('8fb4b01b56ac48e260fbcbcead7ccc92'),
      nonce: bytes('d86969bc2d7c6d9990efb04a'),
    }),
    like2(QUIC_V2_DRAFT, bytes('a707c203a59b47184a1d62ca570406ea7ae3e5d3'), {
      key: bytes('ba858dc7b43de5dbf87617ff4ab253db'),
      nonce: bytes('141b99c239b03e785d6a2e9f'),
    }),
    ...Array.from({ length: 13 }, (_, index) => draft(22 + index)),
    like1(0xfaceb001, SALT_22, null),
    like1(0xfaceb002, SALT_23, null),
    like1(0xfaceb00e, SALT_23, RETRY_25),
    like1(0x54303530, bytes('7ff579e5acd072915580304c43a2367c60488310'), null),
    like1(0x54303531, bytes('7a4edef4e7ccee5fa4506c19124fc8ccda6e033d'), RETRY_29),
  ].map((version): [number, QuicVersion] => [version.code, version]),
);

/** A version by its 32 bits; undefined if its packets cannot be opened. */
export const quicVersion = (code: number): QuicVersion | undefined => VERSIONS.get(code);

/** Reserved so that servers answer it with Version Negotiation, and clients ignore it in one (RFC 9000 §15). */
export const isReservedVersion = (code: number): boolean => (code & 0x0f0f0f0f) === 0x0a0a0a0a;

/** Google's names: a letter and three digits, in ASCII. */
const GOOGLE_NAME = /^[QT]\d{3}$/;

/** The name of a version: `QUIC v1`, `QUIC v2`, `draft-29`, `Q046`; else the number, as `0xfaceb002`. */
export function quicVersionName(code: number): string {
  if (code === QUIC_V1) return 'QUIC v1';
  if (code === QUIC_V2) return 'QUIC v2';
  if (code > DRAFT && code <= DRAFT + 0xff) return `draft-${String(code - DRAFT).padStart(2, '0')}`;
  const name = String.fromCharCode(code >>> 24, (code >>> 16) & 0xff, (code >>> 8) & 0xff, code & 0xff);
  return GOOGLE_NAME.test(name) ? name : `0x${code.toString(16).padStart(8, '0')}`;
}

/** The versions listed in a Version Negotiation packet, after its connection IDs (RFC 9000 §17.2.1); bounded. */
export function listedVersions(bytes: Uint8Array, start: number, end: number): number[] {
  const versions: number[] = [];
  for (let at = start; at + 4 <= end && versions.length < BOUNDS.quicVersions.value; at += 4) {
    versions.push(u32(bytes, at));
  }
  return versions;
}
