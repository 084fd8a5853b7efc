import { timestampOf } from '../../capture/timestamp.js';
import type { Packing } from '../../packing.js';
import type { Direction } from '../../transport/flow.js';
import type { Extension } from '../wire/extensions/extension.js';
import type { HandshakeContent } from '../wire/messages/handshake.js';
import type { ClientHelloTemplate, ServerHelloTemplate } from './template.js';
import type { MessageEvent, Protection, Transcript, TranscriptEvent } from '../handshake/transcript.js';

/**
 * What messages of several connections have in common. It is kept outside the packing, in the order of the messages.
 */
export type SharedPart =
  HandshakeContent | ClientHelloTemplate | ServerHelloTemplate | readonly Extension[] | Uint8Array;

/** Takes the next shared part, and how many bytes of its message it stands for. */
export type KeepShared = (part: SharedPart, bytes: number) => void;

// Numbers for kinds of events and of contents, and for their protection.
const MESSAGE = 0;
const CHANGE_CIPHER_SPEC = 1;
const ENCRYPTED_RECORD = 2;
const AS_IS = 0;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE = 3;
const KEY_EXCHANGE = 4;
const PROTECTIONS = ['none', 'encrypted', 'decrypted'] as const;
/** Stands for a number that is absent. */
const NONE = -1;

/** Packs a transcript; false if it has something unusual for TLS over TCP. */
export function packTranscript(transcript: Transcript, packing: Packing, keep: KeepShared): boolean {
  const { put } = packing;
  put(transcript.messages);
  put(transcript.alerts);
  put(transcript.changes);
  put(transcript.badLengths);
  for (const direction of [0, 1] as const) {
    put(transcript.applicationDataRecords[direction]);
    put(transcript.openedDataRecords[direction]);
    put(transcript.encryptedRecords[direction]);
  }
  put(transcript.events.length);
  return transcript.events.every((event) => packEvent(event, packing, keep));
}

/** Restores what `packTranscript` wrote into an empty transcript. */
export function unpackTranscript(transcript: Transcript, packing: Packing, next: () => SharedPart): void {
  const { take } = packing;
  transcript.messages = take();
  transcript.alerts = take();
  transcript.changes = take();
  transcript.badLengths = take();
  for (const direction of [0, 1] as const) {
    transcript.applicationDataRecords[direction] = take();
    transcript.openedDataRecords[direction] = take();
    transcript.encryptedRecords[direction] = take();
  }
  for (let left = take(); left > 0; left--) transcript.events.push(unpackEvent(packing, next));
}

function packEvent(event: TranscriptEvent, packing: Packing, keep: KeepShared): boolean {
  switch (event.kind) {
    case 'change_cipher_spec':
      packSeen(event, CHANGE_CIPHER_SPEC, packing);
      return true;
    case 'encrypted_record':
      packSeen(event, ENCRYPTED_RECORD, packing);
      packRecord(event, packing);
      return event.epoch === undefined;
    case 'message':
      packSeen(event, MESSAGE, packing);
      packRecord(event, packing);
      packing.put(event.pieces);
      packContent(event, packing, keep);
      return event.epoch === undefined && event.sequence === undefined && event.level === undefined;
    case 'alert':
    case 'bad_length':
      return false;
  }
}

/** Where `unpackEvent` reads a time to; overwritten by each call, and only read within it. */
const time = { seconds: 0, nanoseconds: 0, digits: 0 };

/**
 * Sets the properties in the same order as the session does, so that the engine gives all events the same hidden class.
 */
function unpackEvent(packing: Packing, next: () => SharedPart): TranscriptEvent {
  const { take, takePlace } = packing;
  const frame = takePlace(time);
  const at = timestampOf(time);
  const marks = take();
  const direction = (marks & 1) as Direction;
  const protection = PROTECTIONS[(marks >>> 1) & 3] as Protection;
  const kind = marks >>> 3;
  if (kind === CHANGE_CIPHER_SPEC) return { kind: 'change_cipher_spec', direction, frame, at, protection };
  const type = take();
  const length = take();
  const recordVersion = take();
  const isBehindGap = take() === 1;
  if (kind === ENCRYPTED_RECORD) {
    return {
      kind: 'encrypted_record',
      direction,
      frame,
      at,
      protection,
      type,
      length,
      recordVersion,
      isBehindGap,
    };
  }
  const pieces = take();
  const content = unpackContent(packing, next);
  return {
    kind: 'message',
    direction,
    frame,
    at,
    protection,
    type,
    length,
    content,
    recordVersion,
    pieces,
    isBehindGap,
  };
}

function packSeen({ direction, frame, at, protection }: TranscriptEvent, kind: number, packing: Packing): void {
  packing.putPlace(frame, at);
  packing.put(direction | (PROTECTIONS.indexOf(protection) << 1) | (kind << 3));
}

function packRecord(
  { type, length, recordVersion, isBehindGap }: Pick<MessageEvent, 'type' | 'length' | 'recordVersion' | 'isBehindGap'>,
  { put }: Packing,
): void {
  put(type);
  put(length);
  put(recordVersion);
  put(Number(isBehindGap));
}

function packContent({ content, length }: MessageEvent, { put, putHex }: Packing, keep: KeepShared): void {
  const isPlain = content.trailingBytes === undefined;
  if (isPlain && content.kind === 'client_hello') {
    const { hello } = content;
    put(CLIENT_HELLO);
    putHex(hello.random);
    putHex(hello.sessionId);
    put(hello.cookieLength);
    keep(hello.template, length);
    keep(hello.extensions, length);
  } else if (isPlain && content.kind === 'server_hello') {
    const { hello } = content;
    put(SERVER_HELLO);
    put(Number(hello.isHelloRetryRequest));
    putHex(hello.random);
    putHex(hello.sessionId);
    keep(hello.template, length);
    keep(hello.extensions, length);
  } else if (isPlain && content.kind === 'certificate' && content.ocspResponse === undefined) {
    put(CERTIFICATE);
    put(content.certificates.length);
    for (const certificate of content.certificates) keep(certificate, certificate.length);
  } else if (isPlain && content.kind === 'server_key_exchange') {
    const { group, dhBits, signatureScheme } = content.exchange;
    put(KEY_EXCHANGE);
    put(group ?? NONE);
    put(dhBits ?? NONE);
    put(signatureScheme ?? NONE);
  } else {
    put(AS_IS);
    keep(content, length);
  }
}

function unpackContent(packing: Packing, next: () => SharedPart): HandshakeContent {
  const { take, takeHex } = packing;
  const orNull = (value: number): number | null => (value === NONE ? null : value);
  switch (take()) {
    case CLIENT_HELLO: {
      const template = next() as ClientHelloTemplate;
      const { legacyVersion, cipherSuites, compressionMethods } = template;
      const hello = {
        legacyVersion,
        random: takeHex(),
        sessionId: takeHex(),
        cookieLength: take(),
        cipherSuites,
        compressionMethods,
        extensions: next() as readonly Extension[],
        template,
      };
      return { kind: 'client_hello', hello };
    }
    case SERVER_HELLO: {
      const template = next() as ServerHelloTemplate;
      const { legacyVersion, version, cipherSuite } = template;
      const hello = {
        isHelloRetryRequest: take() === 1,
        legacyVersion,
        version,
        random: takeHex(),
        sessionId: takeHex(),
        cipherSuite,
        extensions: next() as readonly Extension[],
        template,
      };
      return { kind: 'server_hello', hello };
    }
    case CERTIFICATE:
      return { kind: 'certificate', certificates: Array.from({ length: take() }, () => next() as Uint8Array) };
    case KEY_EXCHANGE:
      return {
        kind: 'server_key_exchange',
        exchange: { group: orNull(take()), dhBits: orNull(take()), signatureScheme: orNull(take()) },
      };
    default:
      return next() as HandshakeContent;
  }
}
