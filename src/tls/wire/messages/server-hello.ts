import type { Cursor } from '../cursor.js';
import type { Extension } from '../extensions/extension.js';
import { contentOf, readExtensions } from '../extensions/extension.js';
import { EXTENSION_DECODERS } from '../extensions/index.js';
import { supportedVersions } from '../extensions/supported-versions.js';
import { isDtls, isTls13 } from '../registry/names.js';

/** A ServerHello or HelloRetryRequest as it stands on the wire. */
export interface ServerHelloMessage {
  readonly isHelloRetryRequest: boolean;
  readonly legacyVersion: number;
  /** The negotiated version: supported_versions where present, else legacy_version. */
  readonly version: number;
  readonly random: string;
  readonly sessionId: string;
  readonly cipherSuite: number;
  readonly extensions: readonly Extension[];
}

// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
const HELLO_RETRY_REQUEST_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** Decodes a ServerHello body (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3). May throw DecodeError. */
export function decodeServerHello(cursor: Cursor): ServerHelloMessage {
  const legacyVersion = cursor.u16('legacy_version');
  const random = cursor.hex(32, 'random');
  // Drafts 18 to 21 of TLS 1.3 wrote their version here and had neither session id nor compression method.
  const isOldDraft = isTls13(legacyVersion) && !isDtls(legacyVersion);
  const sessionId = isOldDraft ? '' : cursor.hex(cursor.u8('legacy_session_id_echo'), 'legacy_session_id_echo');
  const cipherSuite = cursor.u16('cipher_suite');
  if (!isOldDraft) cursor.u8('legacy_compression_method');
  const isHelloRetryRequest = random === HELLO_RETRY_REQUEST_RANDOM;
  const extensions =
    cursor.remaining === 0
      ? []
      : readExtensions(
          cursor.vector16('extensions'),
          isHelloRetryRequest ? 'hello_retry_request' : 'server_hello',
          EXTENSION_DECODERS,
        );
  const version = contentOf(extensions, supportedVersions)?.[0] ?? legacyVersion;
  return { isHelloRetryRequest, legacyVersion, version, random, sessionId, cipherSuite, extensions };
}
