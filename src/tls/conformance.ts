import type { DecodeFault } from '../message.js';
import { isIP } from 'node:net';
import { BOUNDS } from '../bounds.js';
import type { Timestamp } from '../capture/timestamp.js';
import { type Direction, opposite } from '../transport/flow.js';
import type {
  BadLengthEvent,
  ChangeCipherSpecEvent,
  EncryptedRecordEvent,
  MessageEvent,
  Transcript,
  TranscriptEvent,
} from './handshake/transcript.js';
import { MAX_MESSAGES } from './handshake/transcript.js';
import type { TrailingBytes } from './wire/cursor.js';
import type { Extension } from './wire/extensions/extension.js';
import { contentOf } from './wire/extensions/extension.js';
import { keyShare } from './wire/extensions/key-share.js';
import { serverName } from './wire/extensions/server-name.js';
import { supportedGroups } from './wire/extensions/supported-groups.js';
import { supportedVersions } from './wire/extensions/supported-versions.js';
import type { ClientHelloMessage } from './wire/messages/client-hello.js';
import type { ServerHelloMessage } from './wire/messages/server-hello.js';
import {
  cipherSuiteName,
  contentTypeName,
  extensionName,
  groupName,
  handshakeTypeName,
  isDtls,
  isTls13,
  versionName,
} from './wire/registry/names.js';

/** A place where a side breaks the rules of its protocol's RFC. `message`: its name, also `change_cipher_spec`. */
export type Violation = {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  readonly from: 'client' | 'server';
} & ViolationDetail;

type ViolationDetail =
  /** Bytes after the end of `what`; `offset` counts within the extension, or else within the message's body. */
  | ({ readonly kind: 'trailing-bytes' } & InMessage & TrailingBytes)
  /** A structure that cannot be decoded, with the reason; `offset` as above. */
  | ({ readonly kind: 'malformed-message'; readonly reason: DecodeFault; readonly offset: number } & InMessage)
  /**
   * A message that must not follow what this side sent before (RFC 8446 §4, RFC 5246 §7.3); `after` is the last of
   * that.
   */
  | { readonly kind: 'unexpected-message'; readonly message: string; readonly after: string | null }
  /** RFC 8446 §4.1.4 */
  | { readonly kind: 'second-hello-retry-request' }
  /**
   * The server's mark that it supports a higher version than the one chosen, which the client offers too (RFC 8446
   * §4.1.3).
   */
  | { readonly kind: 'downgrade-mark'; readonly offered: string; readonly negotiated: string }
  /** A server_name that is not a host name (RFC 6066 §3). `name` as sent: hostile. */
  | { readonly kind: 'invalid-server-name'; readonly name: string; readonly reason: ServerNameFault }
  /** RFC 8446 §5.1 and §5.2, RFC 5246 §6.2 */
  | {
      readonly kind: 'record-too-long';
      readonly contentType: string;
      readonly length: number;
      readonly limit: number;
    }
  /** RFC 8446 §5.1 */
  | { readonly kind: 'empty-record'; readonly contentType: string }
  /** Bytes where a record should begin, that are none (RFC 8446 §5.1), such as plaintext of another protocol. */
  | { readonly kind: 'not-a-record' }
  /**
   * What a server may only answer if the client offered it (RFC 8446 §4.1.3, §4.2 and §4.2.8, RFC 5246 §7.4.1.3);
   * `session-id`: one that does not repeat the client's (TLS 1.3). From a client, a `key-share` of a group that it does
   * not offer itself (RFC 8446 §4.2.8).
   */
  | { readonly kind: 'not-offered'; readonly what: Unoffered; readonly value: string }
  /**
   * A ServerHello of TLS 1.3 from which no keys can be agreed: neither key_share nor pre_shared_key (RFC 8446 §9.2). A
   * ClientHello over QUIC without transport parameters (RFC 9001 §8.2).
   */
  | { readonly kind: 'missing-extension'; readonly message: string; readonly extension: string }
  /** A plaintext alert that is not two bytes long (RFC 8446 §6). */
  | { readonly kind: 'alert-length'; readonly length: number }
  /** A message longer than stacks accept; no RFC forbids it. */
  | {
      readonly kind: 'message-too-long';
      readonly message: string;
      readonly length: number;
      readonly limit: number;
    };

interface InMessage {
  readonly message: string;
  /** null outside of extensions. */
  readonly extension: string | null;
}

/** Which part of a hello the client did not offer. */
export type Unoffered = 'cipher-suite' | 'extension' | 'key-share' | 'session-id';

/** Why a server_name is not a host name. `underscore`: many servers accept it anyway. */
export type ServerNameFault =
  | 'empty'
  | 'ip-address'
  | 'port'
  | 'non-ascii'
  | 'invalid-character'
  | 'trailing-dot'
  | 'empty-label'
  | 'too-long'
  | 'hyphen'
  | 'underscore';

/** Violations kept of one connection. */
export const MAX_VIOLATIONS = BOUNDS.violations.value;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const HELLO_REQUEST = 0;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const SERVER_HELLO_DONE = 14;
const CLIENT_KEY_EXCHANGE = 16;
const FINISHED = 20;

/** ContentType */
const APPLICATION_DATA = 23;

/**
 * The order of the plaintext messages that follow a hello up to TLS 1.2 (RFC 5246 §7.3, RFC 4680, RFC 5077, RFC 6066);
 * any of them may be absent. TLS 1.3 encrypts all that follow (RFC 8446 §4).
 */
const FLIGHTS: Readonly<Record<Violation['from'], readonly (readonly number[])[]>> = {
  client: [[CLIENT_HELLO], [23], [CERTIFICATE, 21], [CLIENT_KEY_EXCHANGE], [15]],
  server: [[SERVER_HELLO], [23], [CERTIFICATE], [22], [SERVER_KEY_EXCHANGE], [13], [SERVER_HELLO_DONE], [4]],
};

/** The position of each HandshakeType in a side's flight. */
const PLACES = { client: placesIn(FLIGHTS.client), server: placesIn(FLIGHTS.server) };

function placesIn(flight: readonly (readonly number[])[]): ReadonlyMap<number, number> {
  return new Map(flight.flatMap((types, place) => types.map((type) => [type, place] as const)));
}

/** What one side sent so far. */
interface SideProgress {
  readonly from: Violation['from'];
  /** Place of the last message in its flight; -1 before the hello. */
  place: number;
  /** The last message; null before the first. */
  last: MessageEvent | null;
  /** A bit for each HandshakeType below 32. */
  types: number;
  hellos: number;
  /** The order of its messages is unknown: bytes are missing, or another handshake has begun. */
  isUnknown: boolean;
  hasEncrypted: boolean;
}

const newProgress = (from: Violation['from']): SideProgress => ({
  from,
  place: -1,
  last: null,
  types: 0,
  hellos: 0,
  isUnknown: false,
  hasEncrypted: false,
});

const hasSent = ({ types }: SideProgress, type: number): boolean => (types & (1 << type)) !== 0;

/** A HelloRetryRequest is a ServerHello on the wire (RFC 8446 §4.1.4), but has a name of its own here. */
const isRetryRequest = ({ content }: MessageEvent): boolean =>
  content.kind === 'server_hello' && content.hello.isHelloRetryRequest;

const nameOf = (event: MessageEvent): string =>
  isRetryRequest(event) ? 'hello_retry_request' : handshakeTypeName(event.type);

const afterOf = ({ last }: SideProgress): string | null => (last === null ? null : nameOf(last));

/** The state of checking one handshake; events come in the order in which each side sent them. */
interface ConformanceCheck {
  readonly transcript: Transcript;
  /** Whether the capture has all bytes of a direction. */
  readonly isWhole: readonly [boolean, boolean];
  /** The extension that a ClientHello must have here; null if there is none. */
  readonly required: number | null;
  readonly sides: readonly [SideProgress, SideProgress];
  readonly found: Violation[];
  /** The version that the server chose; 0 before that. */
  version: number;
  /** The name of the cipher suite that it chose; empty before that. */
  suite: string;
  offer: ClientHelloMessage | null;
  /** HelloRetryRequests. */
  retries: number;
  hasAlert: boolean;
  hasChangedCipher: boolean;
}

/**
 * Where the two sides of a handshake break its rules. `client` is the client's direction; `isWhole` says for each
 * direction whether the capture has all its bytes. Where a side's hello is missing, or bytes before a message, that
 * message is not judged. `required`: an extension that what carries TLS demands of a ClientHello.
 */
export function violationsOf(
  transcript: Transcript,
  client: Direction,
  isWhole: readonly [boolean, boolean],
  required: number | null = null,
): readonly Violation[] {
  const check: ConformanceCheck = {
    transcript,
    isWhole,
    required,
    sides: [newProgress(client === 0 ? 'client' : 'server'), newProgress(client === 0 ? 'server' : 'client')],
    found: [],
    version: 0,
    suite: '',
    offer: null,
    retries: 0,
    hasAlert: false,
    hasChangedCipher: false,
  };
  // Each direction in the order of its bytes: in frame order, a repeated segment would change places with those after
  // it.
  for (const event of inSentOrder(transcript.events)) judge(check, event);
  return check.found.length === 0 ? NONE : check.found;
}

function judge(check: ConformanceCheck, event: TranscriptEvent): void {
  switch (event.kind) {
    case 'alert':
      check.hasAlert = true;
      break;
    case 'encrypted_record':
      if (event.type === APPLICATION_DATA) judgeFirst(check, event);
      check.sides[event.direction].hasEncrypted = true;
      break;
    case 'bad_length':
      judgeBadLength(check, event);
      break;
    case 'change_cipher_spec':
      judgeFirst(check, event);
      judgeChangeCipherSpec(check, event);
      break;
    case 'message':
      if (isInOrder(check, event)) judgeContent(check, event);
      break;
  }
}

function add({ found, sides }: ConformanceCheck, event: TranscriptEvent, detail: ViolationDetail): void {
  const { frame, at } = event;
  if (found.length < MAX_VIOLATIONS) found.push({ ...detail, frame, at, from: sides[event.direction].from });
}

/** From here on, the order of neither side is known. */
function loseOrder({ sides }: ConformanceCheck): void {
  sides[0].isUnknown = sides[1].isUnknown = true;
}

function judgeBadLength(check: ConformanceCheck, event: BadLengthEvent): void {
  const { hellos, hasEncrypted } = check.sides[event.direction];
  // After TLS, another protocol may follow.
  const isOver = event.what === 'not-a-record' && hasEncrypted;
  if (!event.isBehindGap && hellos > 0 && !isOver) add(check, event, badLength(event));
}

/** A server that has sent no hello yet has nothing to encrypt. Datagrams may overtake its hello. */
function judgeFirst(check: ConformanceCheck, event: ChangeCipherSpecEvent | EncryptedRecordEvent): void {
  const { sides, isWhole, offer, hasAlert } = check;
  const side = sides[event.direction];
  const isFirst = side.from === 'server' && side.last === null && !side.isUnknown && !side.hasEncrypted && !hasAlert;
  if (!isFirst || offer === null || isDtls(offer.legacyVersion) || !isWhole[0] || !isWhole[1]) return;
  const message = event.kind === 'change_cipher_spec' ? event.kind : contentTypeName(event.type);
  add(check, event, { kind: 'unexpected-message', message, after: null });
  side.isUnknown = true;
}

/** Up to TLS 1.2, a ChangeCipherSpec must not come before the plaintext messages that its side has to send. */
function judgeChangeCipherSpec(check: ConformanceCheck, event: ChangeCipherSpecEvent): void {
  if (event.protection !== 'none') return;
  check.hasChangedCipher = true;
  const { version, isWhole, sides, transcript } = check;
  const side = sides[event.direction];
  const isJudged = version !== 0 && !isTls13(version) && !side.isUnknown && isWhole[0] && isWhole[1];
  if (!isJudged || transcript.messages >= MAX_MESSAGES) return;
  const isTooEarly =
    side.from === 'server'
      ? (hasSent(side, CERTIFICATE) || hasSent(side, SERVER_KEY_EXCHANGE)) && !hasSent(side, SERVER_HELLO_DONE)
      : hasSent(sides[opposite(event.direction)], SERVER_HELLO_DONE) && !hasSent(side, CLIENT_KEY_EXCHANGE);
  if (isTooEarly) add(check, event, { kind: 'unexpected-message', message: event.kind, after: afterOf(side) });
}

/** Judges the place of a message, and notes it as its side's last; false if its place is not known. */
function isInOrder(check: ConformanceCheck, event: MessageEvent): boolean {
  const side = check.sides[event.direction];
  if (event.isBehindGap) side.isUnknown = true;
  if (side.isUnknown) return false;
  const { type } = event;
  const place = PLACES[side.from].get(type) ?? -1;
  if (side.from === 'server' && isRetryRequest(event)) {
    if (side.hellos > 0) add(check, event, unexpected(event, side));
    else if (++check.retries > 1) add(check, event, { kind: 'second-hello-retry-request' });
  } else if (place === 0) {
    if (!isHelloInOrder(check, event)) return false;
    side.place = 0;
  } else if (side.hellos > 0 || type === CLIENT_HELLO || type === SERVER_HELLO) {
    if (type === HELLO_REQUEST && side.from === 'server') return false;
    judgePlace(check, event, place);
    // Later messages are compared with this one.
    if (place > 0) side.place = place;
  } else {
    // Without the hello, neither the next message nor its structure is known.
    side.isUnknown = true;
    return false;
  }
  side.last = event;
  if (type < 32) side.types |= 1 << type;
  return true;
}

/** Judges a hello, which begins a handshake or answers a HelloRetryRequest; false if it may begin another handshake. */
function isHelloInOrder(check: ConformanceCheck, event: MessageEvent): boolean {
  const { isWhole, hasAlert, hasChangedCipher, retries, transcript } = check;
  const side = check.sides[event.direction];
  const isClient = side.from === 'client';
  if (++side.hellos <= (isClient ? 1 + retries : 1)) return true;
  // After an alert, or a completed handshake, another one may begin.
  const mayBeginAnother = hasAlert || hasChangedCipher;
  const mayAnswerRetry = isClient && (!isWhole[opposite(event.direction)] || hasRetryLater(transcript, event));
  if (mayBeginAnother || mayAnswerRetry) {
    loseOrder(check);
    return false;
  }
  add(check, event, unexpected(event, side));
  return true;
}

/** A message after the hello must come after what precedes it in its side's flight. */
function judgePlace(check: ConformanceCheck, event: MessageEvent, place: number): void {
  const { version, suite, isWhole, hasChangedCipher } = check;
  const side = check.sides[event.direction];
  // The tag of a decrypted message proves its order; with a cipher suite that does not encrypt, Finished is plaintext.
  if (event.protection === 'decrypted' || (event.type === FINISHED && hasChangedCipher)) return;
  const isEarly = side.from === 'server' && isWhole[0] && isWhole[1] && lacksMessage(side, event.type, suite);
  if (isTls13(version) || place <= side.place || isEarly) add(check, event, unexpected(event, side));
}

/** Judges what a message says, and how it is built. */
function judgeContent(check: ConformanceCheck, event: MessageEvent): void {
  const { content } = event;
  if (content.kind === 'client_hello' && check.sides[event.direction].from === 'client') {
    check.offer = content.hello;
    const { required } = check;
    if (required !== null && !hasType(content.hello.extensions, required))
      add(check, event, { kind: 'missing-extension', message: 'client_hello', extension: extensionName(required) });
    const name = contentOf(content.hello.extensions, serverName) ?? null;
    const reason = name === null ? null : serverNameFault(name);
    if (name !== null && reason !== null) add(check, event, { kind: 'invalid-server-name', name, reason });
    const group = groupNotOffered(content.hello);
    if (group !== undefined) add(check, event, { kind: 'not-offered', what: 'key-share', value: groupName(group) });
  } else if (content.kind === 'server_hello') {
    const { hello } = content;
    check.version = hello.version;
    if (isTls13(hello.version) && hello.version !== TLS_1_3) {
      // Drafts of TLS 1.3 have rules of their own.
      loseOrder(check);
      return;
    }
    check.suite = cipherSuiteName(hello.cipherSuite);
    if (check.offer !== null) judgeChoice(check, event, check.offer, hello);
  }
  if (!isWellFormed(event)) for (const detail of structure(event)) add(check, event, detail);
  // What follows depends on what was negotiated.
  if (content.kind === 'malformed' && event.type === SERVER_HELLO) loseOrder(check);
}

/** Judges what a server chose of an offer. */
function judgeChoice(
  check: ConformanceCheck,
  event: MessageEvent,
  offer: ClientHelloMessage,
  hello: ServerHelloMessage,
): void {
  const mark = hello.isHelloRetryRequest ? null : downgradeMark(offer, hello);
  if (mark !== null) add(check, event, mark);
  for (const detail of notOffered(offer, hello)) add(check, event, detail);
  if (!isTls13(hello.version) || hello.isHelloRetryRequest) return;
  // The shares that count are those of the ClientHello that answers a HelloRetryRequest.
  const { hellos } = check.sides[opposite(event.direction)];
  const detail = hellos === check.retries + 1 ? shareFault(offer, hello) : null;
  if (detail !== null) add(check, event, detail);
}

const NONE: readonly Violation[] = [];

/**
 * The events, with messages of one direction that overtook each other put back in order: datagrams have no order, but
 * messages have numbers.
 */
function inSentOrder(events: readonly TranscriptEvent[]): readonly TranscriptEvent[] {
  const last = [-1, -1];
  let isOrdered = true;
  for (const event of events) {
    if (event.kind !== 'message' || event.sequence === undefined) continue;
    isOrdered &&= event.sequence >= (last[event.direction] as number);
    last[event.direction] = event.sequence;
  }
  if (isOrdered) return events;
  const numbered = (direction: Direction): MessageEvent[] =>
    events
      .filter((event) => event.kind === 'message')
      .filter((event) => event.direction === direction && event.sequence !== undefined)
      .sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  const sent = [numbered(0).values(), numbered(1).values()] as const;
  return events.map((event) =>
    event.kind === 'message' && event.sequence !== undefined ? (sent[event.direction].next().value ?? event) : event,
  );
}

function unexpected(event: MessageEvent, side: SideProgress): ViolationDetail {
  return { kind: 'unexpected-message', message: nameOf(event), after: afterOf(side) };
}

/** Suites up to TLS 1.2 that need both the server's certificate and its key exchange (RFC 5246 §7.4.2, RFC 8422 §2). */
const SIGNED_EXCHANGE = /^TLS_(ECDHE|DHE)_(RSA|ECDSA|DSS)_WITH_/;

/** Whether a server's message follows where its suite demands another one before it. */
function lacksMessage(side: SideProgress, type: number, suite: string): boolean {
  if (!SIGNED_EXCHANGE.test(suite)) return false;
  if (type === SERVER_KEY_EXCHANGE) return !hasSent(side, CERTIFICATE);
  return type === SERVER_HELLO_DONE && !hasSent(side, SERVER_KEY_EXCHANGE);
}

/** A capture near the client may show its second ClientHello before the HelloRetryRequest that it answers. */
function hasRetryLater({ events }: Transcript, { direction }: MessageEvent): boolean {
  return events.some((event) => event.kind === 'message' && event.direction !== direction && isRetryRequest(event));
}

function badLength({ what, type, length, limit }: BadLengthEvent): ViolationDetail {
  switch (what) {
    case 'record-too-long':
      return { kind: what, contentType: contentTypeName(type), length, limit };
    case 'empty-record':
      return { kind: what, contentType: contentTypeName(type) };
    case 'not-a-record':
      return { kind: what };
    case 'alert-length':
      return { kind: what, length };
    case 'message-too-long':
      return { kind: what, message: handshakeTypeName(type), length, limit };
  }
}

/** Whether the decoders found nothing wrong, as nearly always; allocates nothing. */
function isWellFormed({ content }: MessageEvent): boolean {
  if (content.kind === 'malformed' || content.trailingBytes !== undefined) return false;
  const extensions = extensionsOf(content);
  if (extensions === null) return true;
  for (const { error, trailingBytes } of extensions) {
    if (error !== null || trailingBytes.length > 0) return false;
  }
  return true;
}

function extensionsOf(content: MessageEvent['content']): readonly Extension[] | null {
  if (content.kind === 'client_hello' || content.kind === 'server_hello') return content.hello.extensions;
  return content.kind === 'encrypted_extensions' ? content.extensions : null;
}

/** What the decoders found wrong in a message and its extensions. */
function* structure(event: MessageEvent): Iterable<ViolationDetail> {
  const { content } = event;
  const message = nameOf(event);
  if (content.kind === 'malformed') {
    const { offset, fault: reason } = content.error;
    yield { kind: 'malformed-message', message, extension: null, offset, reason };
    return;
  }
  for (const bytes of content.trailingBytes ?? []) yield { kind: 'trailing-bytes', message, extension: null, ...bytes };
  for (const extension of extensionsOf(content) ?? []) yield* inExtension(extension, message);
}

function* inExtension({ type, error, trailingBytes }: Extension, message: string): Iterable<ViolationDetail> {
  const place = { message, extension: extensionName(type) };
  if (error !== null) yield { kind: 'malformed-message', ...place, offset: error.offset, reason: error.fault };
  for (const bytes of trailingBytes) yield { kind: 'trailing-bytes', ...place, ...bytes };
}

const COOKIE = 44;
const RENEGOTIATION_INFO = 0xff01;
/** Asks for renegotiation_info without an extension (RFC 5746 §3.3). */
const RENEGOTIATION_SCSV = 0x00ff;
/**
 * Signalling values among the cipher suites of a ClientHello, which no server may choose (RFC 5746 §3.3, RFC 7507 §2).
 */
const SIGNALS: readonly number[] = [RENEGOTIATION_SCSV, 0x5600];
const PRE_SHARED_KEY = 41;

const hasType = (extensions: readonly Extension[], type: number): boolean => {
  for (const one of extensions) if (one.type === type) return true;
  return false;
};

/** The parts of a ServerHello that the client did not offer; allocates nothing if there are none, as nearly always. */
function notOffered(offer: ClientHelloMessage, hello: ServerHelloMessage): readonly ViolationDetail[] {
  const { extensions, cipherSuites } = offer;
  // What cannot be read may have been offered.
  for (const { error } of extensions) if (error !== null) return NOTHING;
  let found = NOTHING;
  const add = (what: Unoffered, value: string): void => {
    found = [...found, { kind: 'not-offered', what, value }];
  };
  const isSuite = !SIGNALS.includes(hello.cipherSuite) && cipherSuites.includes(hello.cipherSuite);
  if (!isSuite) add('cipher-suite', cipherSuiteName(hello.cipherSuite));
  for (const { type } of hello.extensions) {
    const isAsked =
      hasType(extensions, type) ||
      (type === RENEGOTIATION_INFO && cipherSuites.includes(RENEGOTIATION_SCSV)) ||
      (type === COOKIE && hello.isHelloRetryRequest);
    if (!isAsked) add('extension', extensionName(type));
  }
  if (!isTls13(hello.version)) return found;
  // DTLS does not repeat it (RFC 9147 §5.3).
  if (hello.sessionId !== offer.sessionId && !isDtls(offer.legacyVersion)) add('session-id', hello.sessionId);
  return found;
}

const NOTHING: readonly ViolationDetail[] = [];

/**
 * The fault in the key share of a TLS 1.3 ServerHello (RFC 8446 §4.2.8); null if there is none, or it cannot be read.
 */
function shareFault(
  { extensions: offered }: ClientHelloMessage,
  { extensions }: ServerHelloMessage,
): ViolationDetail | null {
  if (extensions.some(({ error }) => error !== null)) return null;
  const [group] = contentOf(extensions, keyShare) ?? [];
  if (group === undefined) {
    if (hasType(extensions, PRE_SHARED_KEY)) return null;
    return { kind: 'missing-extension', message: 'server_hello', extension: extensionName(keyShare.type) };
  }
  const shares = contentOf(offered, keyShare);
  if (shares === undefined || shares.includes(group)) return null;
  return { kind: 'not-offered', what: 'key-share', value: groupName(group) };
}

/** The first group of a ClientHello's key shares that is not among its groups (RFC 8446 §4.2.8). */
function groupNotOffered({ extensions }: ClientHelloMessage): number | undefined {
  const groups = contentOf(extensions, supportedGroups);
  return groups && contentOf(extensions, keyShare)?.find((group) => !groups.includes(group));
}

const TLS_1_1 = 0x0302;
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
// "DOWNGRD", and 1 for a server that knows TLS 1.3, 0 for one that knows TLS 1.2.
const MARK_TLS13 = '444f574e47524401';
const MARK_TLS12 = '444f574e47524400';

function downgradeMark(offer: ClientHelloMessage, hello: ServerHelloMessage): ViolationDetail | null {
  const { version, random } = hello;
  const isMarked =
    (version <= TLS_1_2 && random.endsWith(MARK_TLS13)) || (version <= TLS_1_1 && random.endsWith(MARK_TLS12));
  if (!isMarked) return null;
  const known = random.endsWith(MARK_TLS13) ? TLS_1_3 : TLS_1_2;
  const versions = contentOf(offer.extensions, supportedVersions) ?? [offer.legacyVersion];
  // The highest version that both support: a client without supported_versions offers everything up to legacy_version.
  const common = Math.max(0, ...versions.filter((code) => code <= known));
  if (common <= version) return null;
  return { kind: 'downgrade-mark', offered: versionName(common), negotiated: versionName(version) };
}

/** Bytes of a host name (RFC 1035 §3.1). */
const MAX_NAME = 253;
/**
 * Nearly all names match; the last label begins with a letter, so it is not an address. The limits on labels bound the
 * work.
 */
const PLAIN_NAME = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*[a-z](?:[a-z\d-]{0,61}[a-z\d])?$/i;

/** Why this is not a host name (RFC 6066 §3, RFC 1123 §2.1), or null. */
export function serverNameFault(name: string): ServerNameFault | null {
  if (name.length <= MAX_NAME && PLAIN_NAME.test(name)) return null;
  if (name === '') return 'empty';
  // Only addresses have colons, or a last label of digits.
  if (/:|\d\]?$/.test(name) && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return 'ip-address';
  if (/:\d+$/.test(name)) return 'port';
  if (/[^\0-\x7f]/.test(name)) return 'non-ascii';
  if (/[^A-Za-z0-9._-]/.test(name)) return 'invalid-character';
  const labels = name.split('.');
  if (labels.length > 1 && labels.at(-1) === '') {
    labels.pop();
    if (!labels.includes('')) return 'trailing-dot';
  }
  if (labels.includes('')) return 'empty-label';
  if (name.length > MAX_NAME || labels.some((label) => label.length > 63)) return 'too-long';
  if (labels.some((label) => label.startsWith('-') || label.endsWith('-'))) return 'hyphen';
  return name.includes('_') ? 'underscore' : null;
}
