/** TLS bytes built by hand: records, handshake messages, hellos, extensions; and a session that has read some. */
import { newFrame, type FrameStamp } from '../../src/capture/frame.js';
import {
  MAX_ENCRYPTED_RECORDS,
  type AlertEvent,
  type MessageEvent,
  type TranscriptEvent,
} from '../../src/tls/handshake/transcript.js';
import { NO_SECRETS } from '../../src/tls/decrypt/secrets.js';
import { createBufferPool } from '../../src/tls/record/buffer-pool.js';
import { TlsSession } from '../../src/tls/session.js';
import { createSharedContent } from '../../src/tls/wire/messages/shared.js';
import { type Direction } from '../../src/transport/flow.js';
import { be16, concat } from './captures.js';

export type Bytes = Uint8Array | readonly number[];

export const be24 = (value: number): number[] => [(value >>> 16) & 0xff, ...be16(value & 0xffff)];

export function vector8(...content: readonly Bytes[]): Uint8Array {
  const body = concat(...content);
  return concat([body.length], body);
}

export function vector16(...content: readonly Bytes[]): Uint8Array {
  const body = concat(...content);
  return concat(be16(body.length), body);
}

export function vector24(...content: readonly Bytes[]): Uint8Array {
  const body = concat(...content);
  return concat(be24(body.length), body);
}

export const codes = (values: readonly number[]): Uint8Array => concat(...values.map(be16));

export const TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export function record(type: number, body: Bytes, version = 0x0303): Uint8Array {
  return concat([type], be16(version), be16(body.length), body);
}

export function message(type: number, ...body: readonly Bytes[]): Uint8Array {
  return concat([type], vector24(...body));
}

export const handshake = (...messages: readonly Uint8Array[]): Uint8Array =>
  record(TYPE.handshake, concat(...messages));
export const alert = (level: number, description: number): Uint8Array => record(TYPE.alert, [level, description]);
export const changeCipherSpec = record(TYPE.changeCipherSpec, [1]);

/** An encrypted record: bytes that look like nothing. */
export function encrypted(type: number, length: number): Uint8Array {
  return record(
    type,
    Uint8Array.from({ length }, (_, index) => 0x80 | ((index * 37) & 0x7f)),
  );
}

export const applicationData = (length: number): Uint8Array => encrypted(TYPE.applicationData, length);

export function extension(type: number, ...body: readonly Bytes[]): Uint8Array {
  return concat(be16(type), vector16(...body));
}

export const RANDOM: Uint8Array = new Uint8Array(32).fill(0x11);

export interface HelloOptions {
  readonly version?: number;
  readonly random?: Bytes;
  readonly sessionId?: Bytes;
  readonly suites?: readonly number[];
  /** null: the message ends before its extension block. */
  readonly extensions?: readonly Uint8Array[] | null;
}

export function clientHelloBody(options: HelloOptions = {}): Uint8Array {
  const { version = 0x0303, random = RANDOM, sessionId = [], suites = [0x1301, 0xc02f], extensions = [] } = options;
  return concat(
    be16(version),
    random,
    vector8(sessionId),
    vector16(codes(suites)),
    vector8([0]),
    extensions === null ? [] : vector16(...extensions),
  );
}

export function serverHelloBody(options: HelloOptions = {}): Uint8Array {
  const { version = 0x0303, random = RANDOM, sessionId = [], suites = [0xc02f], extensions = [] } = options;
  return concat(
    be16(version),
    random,
    vector8(sessionId),
    codes(suites),
    [0],
    extensions === null ? [] : vector16(...extensions),
  );
}

export const clientHello = (options?: HelloOptions): Uint8Array => message(1, clientHelloBody(options));
export const serverHello = (options?: HelloOptions): Uint8Array => message(2, serverHelloBody(options));

/** supported_versions and key_share as a TLS 1.3 server answers. */
export const tls13Extensions: readonly Uint8Array[] = [
  extension(43, be16(0x0304)),
  extension(51, be16(29), vector16(new Uint8Array(32))),
];
export const serverHello13: Uint8Array = serverHello({ suites: [0x1301], extensions: tls13Extensions });
// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
export const RETRY_RANDOM: Uint8Array = Buffer.from(
  'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c',
  'hex',
);
export const helloRetryRequest: Uint8Array = serverHello({
  random: RETRY_RANDOM,
  suites: [0x1301],
  extensions: [extension(43, be16(0x0304)), extension(51, be16(23))],
});

/** A Certificate message of TLS 1.2 with one certificate of so many bytes. */
export const certificate = (length: number): Uint8Array =>
  message(11, vector24(vector24(new Uint8Array(length).fill(0x30))));
/** As of TLS 1.3 (RFC 8446 §4.4.2). */
export const certificate13 = (length: number): Uint8Array =>
  message(11, [0], vector24(vector24(new Uint8Array(length).fill(0x30)), [0, 0]));
export const serverHelloDone: Uint8Array = message(14);

/** A step of a script: bytes from one direction, or a gap in it. */
export type Step = readonly [direction: Direction, what: Uint8Array | { readonly gap: number }];

export const stampOf = (number: number): FrameStamp => ({ ...newFrame(), number, seconds: number });

export const newSession = (): TlsSession =>
  new TlsSession({ buffers: createBufferPool(), secrets: NO_SECRETS, shared: createSharedContent() });

type SeenMessage = Omit<MessageEvent, 'kind' | 'type' | 'pieces'> & { readonly type: number | null };
type SeenAlert = Omit<AlertEvent, 'kind' | 'level' | 'description'> & {
  readonly level: number | null;
  readonly description: number | null;
};

/** What a session saw, by kind; `type`, `level` and `description` are null for what is encrypted. */
export function seenBy(session: TlsSession) {
  const { events, applicationDataRecords } = session.transcript;
  const ofKind = <Kind extends TranscriptEvent['kind']>(kind: Kind) =>
    events.filter((event): event is Extract<TranscriptEvent, { kind: Kind }> => event.kind === kind);
  const kept = [0, 0];
  return {
    session,
    events,
    isTls: session.isTls,
    version: session.negotiated.version,
    cipherSuite: session.negotiated.cipherSuite,
    messages: events.flatMap<SeenMessage>((event) => {
      if (event.kind === 'message') return [event];
      if (event.kind !== 'encrypted_record' || event.type !== TYPE.handshake) return [];
      return [{ ...event, type: null, content: { kind: 'other' } }];
    }),
    alerts: events.flatMap<SeenAlert>((event) => {
      if (event.kind === 'alert') return [event];
      return event.kind === 'encrypted_record' && event.type === TYPE.alert
        ? [{ ...event, level: null, description: null }]
        : [];
    }),
    cipherChanges: ofKind('change_cipher_spec'),
    encryptedRecords: ofKind('encrypted_record').filter(({ direction }) => kept[direction]!++ < MAX_ENCRYPTED_RECORDS),
    applicationDataRecords,
    plaintext: session.plaintextTurns,
    partialHello: session.partialHello,
    problems: session.problems,
  };
}

export type Seen = ReturnType<typeof seenBy>;

/** Reads the steps as frames 1, 2 … into a session. */
export function read(...steps: readonly Step[]): Seen {
  const session = newSession();
  for (const [index, [direction, what]] of steps.entries()) {
    const stamp = stampOf(index + 1);
    if ('gap' in what) {
      session.records[direction].gap(what.gap, stamp);
      continue;
    }
    // In the middle of a buffer that is used again afterwards.
    const before = 3;
    const bytes = concat(new Uint8Array(before).fill(0x16), what, new Uint8Array(20).fill(0x16));
    session.records[direction].read(bytes, before, before + what.length, stamp);
    bytes.fill(0xdd);
  }
  for (const direction of [0, 1] as const) session.end(direction, stampOf(steps.length));
  return seenBy(session);
}

/** What a session saw, without frames and times: what may not depend on how the bytes came. */
export function gist(session: Seen) {
  return {
    isTls: session.isTls,
    version: session.version,
    cipherSuite: session.cipherSuite,
    messages: [0, 1].map((side) =>
      session.messages
        .filter(({ direction }) => direction === side)
        .map(({ type, length, content, recordVersion }) => ({ type, length, content, recordVersion })),
    ),
    alerts: [0, 1].map((side) =>
      session.alerts
        .filter(({ direction }) => direction === side)
        .map(({ level, description, recordVersion }) => ({ level, description, recordVersion })),
    ),
    cipherChanges: session.cipherChanges.map(({ direction }) => direction).sort(),
    encryptedRecords: [0, 1].map((side) =>
      session.encryptedRecords
        .filter(({ direction }) => direction === side)
        .map(({ type, length }) => ({ type, length })),
    ),
    applicationDataRecords: session.applicationDataRecords,
    problems: session.problems.map(({ notice: said }) => said.code),
  };
}

/** Messages as `direction:type`, `?` for an encrypted one. */
export const messageTypes = (session: Seen): string[] =>
  session.messages.map(({ direction, type }) => `${direction}:${type ?? '?'}`);

/** Alerts as `direction:level:description`. */
export const alertCodes = (session: Seen): string[] =>
  session.alerts.map(({ direction, level, description }) => `${direction}:${level ?? '?'}:${description ?? '?'}`);
