import { hex, u16, u32, u8 } from '../../../bytes.js';
import type { Cursor } from '../cursor.js';
import { contentOf, readExtensions } from '../extensions/extension.js';
import { EXTENSION_DECODERS } from '../extensions/index.js';
import { supportedVersions } from '../extensions/supported-versions.js';
import { isDtls, isTls13 } from '../registry/names.js';
import type { SharedContent } from './shared.js';
import { extensionsLike, RANDOM_END, templateKey, type ServerHelloTemplate } from '../../fast-path/template.js';

/** A ServerHello or HelloRetryRequest as on the wire. */
export interface ServerHelloMessage extends ServerHelloTemplate {
  readonly isHelloRetryRequest: boolean;
  readonly random: string;
  readonly sessionId: string;
  /** The same object for ServerHellos that differ only in what is new in each connection. */
  readonly template: ServerHelloTemplate;
}

// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
const HELLO_RETRY_REQUEST_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
const HELLO_RETRY_REQUEST_START = 0xcf21ad74;

/** Decodes a ServerHello body (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3). May throw DecodeError. */
export function decodeServerHello(
  cursor: Cursor,
  { serverHellos }: Pick<SharedContent, 'serverHellos'>,
): ServerHelloMessage {
  const body = cursor.peek();
  const key = keyOf(body);
  const template = key === null ? undefined : serverHellos.get(key);
  if (template === undefined) {
    const hello = readServerHello(cursor);
    if (key !== null) serverHellos.set(key, hello.template);
    return hello;
  }
  cursor.rest('server hello');
  const { legacyVersion, version, cipherSuite } = template;
  return {
    isHelloRetryRequest: false,
    legacyVersion,
    version,
    random: hex(body, 2, RANDOM_END),
    sessionId: hex(body, RANDOM_END + 1, sessionIdEnd(body)),
    cipherSuite,
    extensions: extensionsLike(template, body, 'server_hello'),
    template,
  };
}

/** Whether the body of a ServerHello, which has a random, is that of a HelloRetryRequest. */
export const isHelloRetryRequest = (body: Uint8Array): boolean =>
  u32(body, 2) === HELLO_RETRY_REQUEST_START && hex(body, 2, RANDOM_END) === HELLO_RETRY_REQUEST_RANDOM;

/** Drafts 18 to 21 of TLS 1.3 wrote their version here and had neither session id nor compression method. */
const isOldDraft = (legacyVersion: number): boolean => isTls13(legacyVersion) && !isDtls(legacyVersion);

const sessionIdEnd = (body: Uint8Array): number => RANDOM_END + 1 + u8(body, RANDOM_END);

/** The key of its template; null if its lengths do not fit, or it has another structure. */
function keyOf(body: Uint8Array): string | null {
  const start = choicesOf(body);
  return start < 0 || isHelloRetryRequest(body) ? null : templateKey(body, start, start + 3);
}

/**
 * Where the choices of a ServerHello begin, cipher suite and compression method; -1 if it is too short, or has another
 * structure.
 */
export const choicesOf = (body: Uint8Array): number =>
  body.length <= RANDOM_END || isOldDraft(u16(body, 0)) ? -1 : sessionIdEnd(body);

function readServerHello(cursor: Cursor): ServerHelloMessage {
  const legacyVersion = cursor.u16('legacy_version');
  const random = cursor.hex(32, 'random');
  const isOld = isOldDraft(legacyVersion);
  const sessionId = isOld ? '' : cursor.hex(cursor.u8('legacy_session_id_echo'), 'legacy_session_id_echo');
  const cipherSuite = cursor.u16('cipher_suite');
  if (!isOld) cursor.u8('legacy_compression_method');
  const isHelloRetryRequest = random === HELLO_RETRY_REQUEST_RANDOM;
  const place = isHelloRetryRequest ? 'hello_retry_request' : 'server_hello';
  const extensions =
    cursor.remaining === 0 ? [] : readExtensions(cursor.vector16('extensions'), place, EXTENSION_DECODERS);
  const version = contentOf(extensions, supportedVersions)?.[0] ?? legacyVersion;
  const template = { legacyVersion, version, cipherSuite, extensions };
  return { ...template, isHelloRetryRequest, random, sessionId, template };
}
