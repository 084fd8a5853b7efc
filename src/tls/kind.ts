import { hex, u16, u24, u32, u8 } from '../bytes.js';
import type { Direction, KeptSegments } from '../transport/flow.js';
import { NO_SECRETS, type Secrets } from './decrypt/secrets.js';
import type { ProtectedRecord, StreamDecryption } from './decrypt/stream.js';
import { createStreamDecryption } from './decrypt/stream.js';
import { recordCipher } from './decrypt/suites.js';
import type { KeyUse } from './handshake/session.js';
import { createKindKey, createMeanings } from './kind-key.js';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  MAX_PLAINTEXT_LENGTH,
  MAX_RECORD_LENGTH_13,
} from './record/tls.js';
import { keyShare } from './wire/extensions/key-share.js';
import { preSharedKey } from './wire/extensions/pre-shared-key.js';
import { serverName } from './wire/extensions/server-name.js';
import { supportedVersions } from './wire/extensions/supported-versions.js';
import { blockOf, suitesOf } from './wire/messages/client-hello.js';
import { choicesOf, isHelloRetryRequest } from './wire/messages/server-hello.js';
import { RANDOM_END, readTemplate, templateBytes } from './wire/messages/template.js';
import { cipherSuiteName, isTls13 } from './wire/registry/names.js';

/** Where the handshake is in the log of a connection. */
export interface Places {
  /** By direction: the segments, counted from 0, of the hellos, and of what completes the handshake; -1 for none. */
  clientHello: number;
  serverHello: number;
  readonly finished: [number, number];
  /** Where the randoms of the hellos begin in the bytes of the log. */
  clientRandom: number;
  serverRandom: number;
}

/**
 * Finds the kind of a closed connection by its segments. Connections of one kind have the same messages and records in
 * the same order, and agree in everything that is reported, except what is new in each connection: randoms, session
 * ids, keys, tickets, signatures, and lengths of encrypted records as far as these mean nothing. What keys open in TLS
 * 1.3 counts as if it were plaintext.
 */
export interface KindReader {
  /**
   * Reads the kind; false where the log has anything that no kind has. `others` are further numbers that belong to the
   * kind, and come first.
   */
  read(log: KeptSegments, others: readonly number[]): boolean;
  /** Identifies the kind that was read last: the first `length` bytes; reused by the next `read`. */
  readonly key: Uint8Array;
  readonly length: () => number;
  /** The same for the same kind, and nearly always different for different ones. */
  readonly hash: () => number;
  /** As `hash`, for only the hellos of what was read last, if keys opened what follows them; else null. */
  readonly beginning: () => number | null;
  /** Of what was read last; reused by the next `read`. */
  readonly places: Readonly<Places>;
}

const HEADER_LENGTH = 5;
/**
 * If a segment ends within so many bytes after the beginning of a record, the record's content may still be unknown.
 */
const UNDECIDED = 11;
const MESSAGE_HEADER_LENGTH = 4;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_KEY_EXCHANGE = 12;
/**
 * Messages that are the same in all connections of a kind: Certificate, CertificateRequest, ServerHelloDone,
 * CertificateStatus.
 */
const SAME: ReadonlySet<number> = new Set([11, 13, 14, 22]);
/**
 * Messages whose content is new in each connection, and ignored: NewSessionTicket, CertificateVerify,
 * ClientKeyExchange.
 */
const DRAWN: ReadonlySet<number> = new Set([4, 15, 16]);
/**
 * The same after the hellos of TLS 1.3, where keys open them: EncryptedExtensions, Certificate, CertificateRequest,
 * CompressedCertificate.
 */
const SAME_13: ReadonlySet<number> = new Set([8, 11, 13, 25]);
/** NewSessionTicket, EndOfEarlyData, CertificateVerify, Finished, KeyUpdate. */
const DRAWN_13: ReadonlySet<number> = new Set([4, 5, 15, 20, 24]);
const FINISHED = 20;
/** The extension (RFC 8446 §4.2.10). */
const EARLY_DATA = 42;
const NAMED_CURVE = 3;
/** The end of the random of a server that supports more (RFC 8446 §4.1.3): "DOWNGRD" and a number. */
const DOWNGRADE = 0x444f574e;

// Tags of the parts of a key (that of a run of records is 5): messages of the client and of the server, ChangeCipherSpec.
const MESSAGE = 1;
const CHANGE = 3;
const RETRY = 7;
const DOWNGRADED = 8;
const NAME = 9;
const SHARES = 10;
/** Tags of what keys opened: messages of the client and of the server, alerts, and how many records. */
const OPENED_MESSAGE = 11;
const OPENED_ALERT = 13;
const OPENED = 14;
/** In a run: records that keys opened and that hold application data. */
const OPENED_DATA = 0x8000;

const NOTHING = new Uint8Array(0);

/** The state of reading one direction. */
interface Reading {
  /** Where the next record begins. */
  at: number;
  /** The beginning of a message that continues in later records. */
  rest: Uint8Array;
  isEncrypted: boolean;
  /** The record at `at` is to be opened once it is complete. */
  isWanted: boolean;
}

/**
 * @param secrets records of handshakes that these belong to are opened
 * @param mayOpen whether to open the records after hellos with this `beginning`; if not, they have no kind
 */
export function createKindReader(
  secrets: Secrets = NO_SECRETS,
  mayOpen: (beginning: number) => boolean = () => true,
): KindReader {
  let log: KeptSegments;
  const key = createKindKey();
  const { put, putBytes, putRecord, endRun } = key;
  const meaningOf = createMeanings();
  const readings: readonly [Reading, Reading] = [
    { at: 0, rest: NOTHING, isEncrypted: false, isWanted: false },
    { at: 0, rest: NOTHING, isEncrypted: false, isWanted: false },
  ];
  const places: Places = { clientHello: -1, serverHello: -1, finished: [-1, -1], clientRandom: 0, serverRandom: 0 };
  let version = 0;
  let suite = 0;
  let isRetried = false;
  /** ClientHello.random, if there are secrets for it; else empty. */
  let random = '';
  let offersEarlyData = false;
  let beginning: number | null = null;
  let decryption: StreamDecryption | null = null;
  let use: KeyUse = { opened: 0, altered: null, unreadable: null };

  const canBeEncrypted = (direction: Direction, type: number, bytes: number): boolean => {
    // In TLS 1.3, everything after the hellos is application_data; before TLS 1.3, encrypted records follow
    // ChangeCipherSpec.
    if (isTls13(version) ? type !== APPLICATION_DATA : !readings[direction].isEncrypted) return false;
    return bytes > 0 && bytes <= MAX_RECORD_LENGTH_13 && type >= ALERT && type <= APPLICATION_DATA;
  };

  const finish = (direction: Direction, index: number): void => {
    if (places.finished[direction] < 0) places.finished[direction] = index;
  };

  const addEncrypted = (direction: Direction, type: number, bytes: number, index: number): void => {
    putRecord((type << 8) | (meaningOf(version, suite, bytes) << 1) | Number(direction === log.client));
    // The client's first encrypted record in TLS 1.3 ends with its Finished; before TLS 1.3, each side's first message
    // is one.
    const isFinished = isTls13(version) ? direction === log.client && decryption === null : type === HANDSHAKE;
    if (isFinished) finish(direction, index);
  };

  /** Opens the record that begins at `at`, and adds its content; for application data, only that there is some. */
  const addOpened = (from: StreamDecryption, at: number, record: ProtectedRecord, index: number): boolean => {
    const { direction } = record;
    const body = at + HEADER_LENGTH;
    const opened = from.open(record, log.bytes.subarray(body, body + record.length));
    if (typeof opened === 'string') return false;
    const { type, content } = opened;
    if (type === HANDSHAKE) return addMessages(direction, content, 0, content.length, index);
    if (type === APPLICATION_DATA) {
      putRecord(OPENED_DATA | Number(direction === log.client));
      return true;
    }
    if (type !== ALERT || content.length < 2) return false;
    endRun();
    put((OPENED_ALERT << 24) | (Number(direction === log.client) << 16) | u16(content, 0));
    return true;
  };

  /** Adds what matters of the extensions that differ between hellos of one program; their lengths are known to fit. */
  const addOwnExtensions = (body: Uint8Array, block: number, isClient: boolean): boolean => {
    for (let at = block + 2; at + 4 <= body.length;) {
      const type = u16(body, at);
      const start = at + 4;
      const end = start + u16(body, at + 2);
      at = end;
      if (type === serverName.type) {
        put(NAME);
        putBytes(body, start, end);
      } else if (type === keyShare.type) {
        const first = isClient ? start + 2 : start;
        if (isClient && first + u16(body, start) !== end) return false;
        if (!addShares(body, first, end)) return false;
      } else if (type === preSharedKey.type && isClient) {
        const binders = start + 2 + u16(body, start);
        if (binders + 2 > end || binders + 2 + u16(body, binders) !== end) return false;
      } else if (type === EARLY_DATA && isClient) {
        offersEarlyData = true;
      } else if (type === supportedVersions.type && !isClient && end - start === 2) {
        version = u16(body, start);
      }
    }
    return true;
  };

  /** Adds the groups of key shares, in order. */
  const addShares = (body: Uint8Array, start: number, end: number): boolean => {
    let at = start;
    put(SHARES);
    while (at + 4 <= end) {
      put(u16(body, at));
      at += 4 + u16(body, at + 2);
    }
    return at === end;
  };

  /** @param start where in the bytes of the log the body begins */
  const addClientHello = (body: Uint8Array, start: number, index: number): boolean => {
    if (places.clientHello >= 0 && !isRetried) return false;
    const suites = suitesOf(body);
    const block = suites < 0 ? -1 : blockOf(body, suites);
    const common = block < 0 ? -1 : readTemplate(body, suites, block);
    if (common < 0) return false;
    if (places.clientHello < 0) {
      places.clientHello = index;
      places.clientRandom = start + 2;
    }
    putBytes(templateBytes, 0, common);
    put(u8(body, RANDOM_END));
    return addOwnExtensions(body, block, true) && findSecrets(body);
  };

  /** Looks up secrets for the ClientHello; false if only a later message would find them. */
  const findSecrets = (body: Uint8Array): boolean => {
    if (secrets.isEmpty) return true;
    // Later messages say what these secrets belong to.
    if (secrets.hasPremasters) return false;
    const own = hex(body, 2, RANDOM_END);
    const before = random;
    random = secrets.has(own) ? own : '';
    return !isRetried || before === random;
  };

  /** Prepares decryption of TLS 1.3; with keys up to TLS 1.2, connections are read in full. */
  const prepareDecryption = (): boolean => {
    if (random === '') return true;
    const hash = key.hash();
    if (!isTls13(version) || !mayOpen(hash)) return false;
    beginning = hash;
    use = { opened: 0, altered: null, unreadable: null };
    decryption = createStreamDecryption(secrets, log.client, { random, offersEarlyData }, use);
    decryption.serverHello({ isHelloRetryRequest: false, version, cipherSuite: suite, random: '', extensions: [] });
    return true;
  };

  const addServerHello = (body: Uint8Array, start: number, index: number): boolean => {
    const choices = choicesOf(body);
    if (choices < 0 || places.clientHello < 0 || places.serverHello >= 0) return false;
    if (isHelloRetryRequest(body)) {
      if (isRetried) return false;
      isRetried = true;
      put(RETRY);
      putBytes(body, choices, body.length);
      return true;
    }
    const common = readTemplate(body, choices, choices + 3);
    if (common < 0) return false;
    places.serverHello = index;
    places.serverRandom = start + 2;
    version = u16(body, 0);
    suite = u16(body, choices);
    // Records of a suite without encryption have to be read, alerts above all.
    if (recordCipher(suite)?.kind === 'null') return false;
    if (u32(body, RANDOM_END - 8) === DOWNGRADE) put((DOWNGRADED << 8) | u8(body, RANDOM_END - 1));
    putBytes(templateBytes, 0, common);
    return addOwnExtensions(body, choices + 3, false) && prepareDecryption();
  };

  /** Adds a key exchange over a named curve (RFC 8422 §5.4): its curve, and the scheme of the signature. */
  const addKeyExchange = (bytes: Uint8Array, start: number, end: number): boolean => {
    const isOverCurves = /^TLS_ECDHE_(RSA|ECDSA)_/.test(cipherSuiteName(suite));
    if (!isOverCurves || end - start < 6 || u8(bytes, start) !== NAMED_CURVE) return false;
    const point = u8(bytes, start + 3);
    let at = start + 4 + point;
    put((u16(bytes, start + 1) << 8) | point);
    if (version >= 0x0303) {
      if (at + 4 > end) return false;
      put(u16(bytes, at));
      at += 2;
    }
    return at + 2 <= end && at + 2 + u16(bytes, at) === end;
  };

  /** Adds a message that keys opened, with its body from `start` to `end`; `type` is its HandshakeType. */
  const addOpenedMessage = (type: number, bytes: Uint8Array, start: number, end: number): boolean => {
    if (SAME_13.has(type)) putBytes(bytes, start, end);
    else if (!DRAWN_13.has(type)) return false;
    return true;
  };

  /** Adds the handshake messages in the content of a record: `start` to `end` of the log, or of what keys opened. */
  const addMessages = (
    direction: Direction,
    source: Uint8Array,
    start: number,
    end: number,
    index: number,
  ): boolean => {
    const reading = readings[direction];
    const isOpened = source !== log.bytes;
    const isJoined = reading.rest.length > 0;
    const bytes: Uint8Array = isJoined ? Buffer.concat([reading.rest, source.subarray(start, end)]) : source;
    let at = isJoined ? 0 : start;
    const stop = isJoined ? bytes.length : end;
    const isClient = direction === log.client;
    while (stop - at >= MESSAGE_HEADER_LENGTH) {
      const body = at + MESSAGE_HEADER_LENGTH;
      const next = body + u24(bytes, at + 1);
      if (next > stop) break;
      const type = u8(bytes, at);
      endRun();
      put((((isOpened ? OPENED_MESSAGE : MESSAGE) + Number(isClient)) << 24) | type);
      if (isOpened) {
        if (!addOpenedMessage(type, bytes, body, next)) return false;
        if (type === FINISHED) finish(direction, index);
        decryption?.message(direction, type);
      } else if (type === CLIENT_HELLO || type === SERVER_HELLO) {
        if (isJoined || isClient !== (type === CLIENT_HELLO)) return false;
        put(u16(log.bytes, start - HEADER_LENGTH + 1));
        const hello = bytes.subarray(body, next);
        if (!(isClient ? addClientHello(hello, body, index) : addServerHello(hello, body, index))) return false;
      } else if (places.serverHello < 0 || isTls13(version)) {
        return false;
      } else if (SAME.has(type)) {
        putBytes(bytes, body, next);
      } else if (type === SERVER_KEY_EXCHANGE) {
        if (!addKeyExchange(bytes, body, next)) return false;
      } else if (!DRAWN.has(type)) {
        return false;
      }
      at = next;
    }
    reading.rest = at === stop ? NOTHING : bytes.slice(at, stop);
    return true;
  };

  /** Reads the records that a segment completes, and their headers; false if one of them is unusual. */
  const readSegment = (index: number): boolean => {
    const direction = log.directionOf(index);
    const reading = readings[direction];
    const end = log.endOf(index);
    const { bytes } = log;
    while (reading.at < end) {
      const { at } = reading;
      const there = end - at;
      if (there < UNDECIDED && (there < HEADER_LENGTH || there < HEADER_LENGTH + u16(bytes, at + 3))) return false;
      const type = u8(bytes, at);
      const size = u16(bytes, at + 3);
      if (u8(bytes, at + 1) !== 3 || u8(bytes, at + 2) > 4) return false;
      const body = at + HEADER_LENGTH;
      if (type === APPLICATION_DATA || reading.isEncrypted) {
        if (places.serverHello < 0 || !canBeEncrypted(direction, type, size)) return false;
        if (decryption !== null) {
          const record = { direction, type, version: u16(bytes, at + 1), length: size };
          reading.isWanted ||= decryption.wants(record);
          if (reading.isWanted) {
            if (body + size > end) return true;
            reading.isWanted = false;
            reading.at = body + size;
            if (!addOpened(decryption, at, record, index)) return false;
            continue;
          }
        }
        // Its frame is that of its header; its body is not read.
        addEncrypted(direction, type, size, index);
        reading.at = body + size;
        continue;
      }
      if (size === 0 || size > MAX_PLAINTEXT_LENGTH) return false;
      if (body + size > end) return true;
      reading.at = body + size;
      if (type === CHANGE_CIPHER_SPEC) {
        if (size !== 1 || u8(bytes, body) !== 1 || places.serverHello < 0 || reading.rest.length > 0) return false;
        endRun();
        put((CHANGE << 24) | Number(direction === log.client));
        if (!isTls13(version)) reading.isEncrypted = true;
      } else if (type !== HANDSHAKE || !addMessages(direction, bytes, body, reading.at, index)) {
        return false;
      }
    }
    return true;
  };

  const begin = (): void => {
    key.begin();
    version = suite = 0;
    isRetried = offersEarlyData = false;
    random = '';
    beginning = null;
    places.clientHello = places.serverHello = places.finished[0] = places.finished[1] = -1;
    for (const direction of [0, 1] as const) {
      const reading = readings[direction];
      reading.at = log.start(direction);
      reading.rest = NOTHING;
      reading.isEncrypted = reading.isWanted = false;
    }
  };

  const readSegments = (): boolean => {
    for (let index = 0; index < log.count; index++) if (!readSegment(index)) return false;
    return true;
  };

  return {
    key: key.bytes,
    length: key.length,
    hash: key.hash,
    beginning: () => beginning,
    places,
    read(given, others) {
      log = given;
      begin();
      for (const number of others) put(number);
      const isReadable = readSegments();
      decryption?.wipe();
      decryption = null;
      if (!isReadable) return false;
      endRun();
      if (random !== '') put((OPENED << 24) | use.opened);
      const [a, b] = readings;
      // The last record of an end may be incomplete.
      const isWhole = a.at === log.filled[0] && b.at === log.filled[1] && a.rest.length + b.rest.length === 0;
      return isWhole && places.serverHello >= 0 && key.isWhole();
    },
  };
}
