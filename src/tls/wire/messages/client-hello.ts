import { hex, u16, u8 } from '../../../bytes.js';
import { Cursor, DecodeError } from '../cursor.js';
import type { Extension } from '../extensions/extension.js';
import { readExtensions } from '../extensions/extension.js';
import { EXTENSION_DECODERS } from '../extensions/index.js';
import { isDtls } from '../registry/names.js';
import type { SharedContent } from './shared.js';
import { extensionsLike, RANDOM_END, templateKey, type ClientHelloTemplate } from '../../fast-path/template.js';

/** A ClientHello as on the wire: codes, in order. */
export interface ClientHelloMessage extends ClientHelloTemplate {
  /** Lower-case hexadecimal. */
  readonly random: string;
  /** Lower-case hexadecimal. */
  readonly sessionId: string;
  /** Length of the cookie, which only DTLS has (RFC 6347 §4.2.1): 0 in a first ClientHello. */
  readonly cookieLength: number;
  /** The same object for hellos that differ only in what is new in each connection. */
  readonly template: ClientHelloTemplate;
}

/** Decodes a ClientHello body (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2; of DTLS, RFC 6347 §4.2.1). May throw DecodeError. */
export function decodeClientHello(
  cursor: Cursor,
  { clientHellos }: Pick<SharedContent, 'clientHellos'>,
): ClientHelloMessage {
  const body = cursor.peek();
  const key = keyOf(body);
  const known = key === null ? undefined : clientHellos.get(key);
  if (known !== undefined) {
    cursor.rest('client hello');
    return fromTemplate(known, body);
  }
  const read = emptyHello();
  readClientHello(cursor, read);
  const hello = withTemplate(read);
  if (key !== null) clientHellos.set(key, hello.template);
  return hello;
}

/** The key of its template; null if its lengths do not fit. */
function keyOf(body: Uint8Array): string | null {
  const suites = suitesOf(body);
  const block = suites < 0 ? -1 : blockOf(body, suites);
  return block < 0 ? null : templateKey(body, suites, block);
}

/** Where the cipher suites of a ClientHello begin; -1 if it is too short to have any. */
export function suitesOf(body: Uint8Array): number {
  if (body.length <= RANDOM_END) return -1;
  const suites = cookieEnd(body);
  return suites + 2 > body.length ? -1 : suites;
}

/** Where its extensions begin, after suites and compression methods; -1 if their lengths do not fit. */
export function blockOf(body: Uint8Array, suites: number): number {
  const methods = suites + 2 + u16(body, suites);
  return methods >= body.length ? -1 : methods + 1 + u8(body, methods);
}

/** Where the DTLS cookie ends, which follows the session id; in TLS, where the session id ends. */
function cookieEnd(body: Uint8Array): number {
  const end = RANDOM_END + 1 + u8(body, RANDOM_END);
  return isDtls(u16(body, 0)) && end < body.length ? end + 1 + u8(body, end) : end;
}

/** The hello whose key was made last, and which has this template. */
function fromTemplate(template: ClientHelloTemplate, body: Uint8Array): ClientHelloMessage {
  const { legacyVersion, cipherSuites, compressionMethods } = template;
  const sessionIdEnd = RANDOM_END + 1 + u8(body, RANDOM_END);
  return {
    legacyVersion,
    random: hex(body, 2, RANDOM_END),
    sessionId: hex(body, RANDOM_END + 1, sessionIdEnd),
    cookieLength: isDtls(legacyVersion) ? u8(body, sessionIdEnd) : 0,
    cipherSuites,
    compressionMethods,
    extensions: extensionsLike(template, body, 'client_hello'),
    template,
  };
}

/**
 * The readable part of a ClientHello that is malformed, or of which only the first bytes are known; null if too few.
 */
export function decodeClientHelloStart(body: Uint8Array): ClientHelloMessage | null {
  const hello = emptyHello();
  try {
    readClientHello(new Cursor(body, 0, body.length, true), hello);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return hello.random === '' ? null : withTemplate(hello);
}

/** A ClientHello of which nothing can be read. */
export const unreadClientHello = (): ClientHelloMessage => withTemplate(emptyHello());

const emptyHello = () => ({
  legacyVersion: 0,
  random: '',
  sessionId: '',
  cookieLength: 0,
  cipherSuites: [] as number[],
  compressionMethods: [] as number[],
  extensions: [] as Extension[],
});

function withTemplate(hello: Omit<ClientHelloMessage, 'template'>): ClientHelloMessage {
  const { legacyVersion, cipherSuites, compressionMethods, extensions } = hello;
  return { ...hello, template: { legacyVersion, cipherSuites, compressionMethods, extensions } };
}

function readClientHello(cursor: Cursor, hello: ReturnType<typeof emptyHello>): void {
  hello.legacyVersion = cursor.u16('legacy_version');
  hello.random = cursor.hex(32, 'random');
  hello.sessionId = hex(cursor.vector8('legacy_session_id').rest('session id'));
  if (isDtls(hello.legacyVersion)) hello.cookieLength = cursor.vector8('cookie').rest('cookie').length;
  hello.cipherSuites = cursor.vector16('cipher_suites').u16s('cipher suite');
  hello.compressionMethods = [...cursor.vector8('legacy_compression_methods').rest('compression methods')];
  if (cursor.remaining === 0) return;
  readExtensions(cursor.vector16('extensions'), 'client_hello', EXTENSION_DECODERS, hello.extensions);
}

/** Bytes of an SSLv2-format ClientHello before its three vectors. */
const V2_HEADER = 11;

/**
 * The length of the SSLv2 record if `bytes` begin with an SSLv2-format ClientHello (RFC 5246 §E.2), else 0. Its lengths
 * must agree with each other, so that other protocols are not mistaken for it. Needs 11 bytes.
 */
export function v2ClientHelloLength(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < V2_HEADER || (u8(bytes, start) & 0x80) === 0 || u8(bytes, start + 2) !== 1) return 0;
  const length = u16(bytes, start) & 0x7fff;
  const version = u16(bytes, start + 3);
  if (version !== 0x0002 && version >> 8 !== 3) return 0;
  const cipherSpecs = u16(bytes, start + 5);
  const sessionId = u16(bytes, start + 7);
  const challenge = u16(bytes, start + 9);
  if (cipherSpecs === 0 || cipherSpecs % 3 !== 0 || (sessionId !== 0 && sessionId !== 16)) return 0;
  if (challenge < 16 || challenge > 32 || length !== V2_HEADER - 2 + cipherSpecs + sessionId + challenge) return 0;
  return length;
}

/**
 * Decodes an SSLv2-format ClientHello without its two length bytes (RFC 5246 §E.2): cipher specs that begin with a zero
 * byte are TLS cipher suites; the challenge is the random, right-aligned. May throw DecodeError.
 */
export function decodeV2ClientHello(body: Uint8Array): ClientHelloMessage {
  const cursor = new Cursor(body, 1);
  const legacyVersion = cursor.u16('version');
  const cipherSpecLength = cursor.u16('cipher_spec_length');
  const sessionIdLength = cursor.u16('session_id_length');
  const challengeLength = cursor.u16('challenge_length');
  const specs = cursor.raw(cipherSpecLength, 'cipher specs');
  const cipherSuites: number[] = [];
  for (let at = 0; at + 3 <= specs.length; at += 3) {
    if (u8(specs, at) === 0) cipherSuites.push(u16(specs, at + 1));
  }
  const sessionId = hex(cursor.raw(sessionIdLength, 'session id'));
  const random = hex(cursor.raw(challengeLength, 'challenge')).padStart(64, '0');
  const nothing = { cookieLength: 0, compressionMethods: [], extensions: [] };
  return withTemplate({ legacyVersion, random, sessionId, cipherSuites, ...nothing });
}
