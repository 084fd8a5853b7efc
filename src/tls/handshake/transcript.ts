import { BOUNDS } from '../../bounds.js';
import type { Direction, FrameRef } from '../../transport/flow.js';
import type { HandshakeContent } from '../wire/messages/handshake.js';

/** Something that was seen, in a form that can be kept. */
export interface Seen extends FrameRef {
  readonly direction: Direction;
}

/** `decrypted`: encrypted on the wire, and opened with keys. */
export type Protection = 'none' | 'encrypted' | 'decrypted';

interface SeenEvent extends Seen {
  readonly protection: Protection;
}

/** A handshake message that could be read. */
export interface MessageEvent extends SeenEvent {
  readonly kind: 'message';
  /** HandshakeType code. */
  readonly type: number;
  /** Length of the body in bytes. */
  readonly length: number;
  readonly content: HandshakeContent;
  /** Version field of the record it began in; 0x0002 for the SSLv2 format. */
  readonly recordVersion: number;
  /** In how many pieces it came: records, fragments of DTLS, or frames of QUIC. */
  readonly pieces: number;
  /** The capture lacks bytes before it, so where it begins follows from lengths and not from what was read. */
  readonly isBehindGap: boolean;
  /** The epoch of the record that carried it; DTLS alone counts them (RFC 6347 §4.1). */
  readonly epoch?: number;
  /** Its place among those of its direction, by epoch and message_seq; DTLS alone numbers them (RFC 6347 §4.2.2). */
  readonly sequence?: number;
  /** The encryption level of the packet that carried it; QUIC alone has them (RFC 9001 §4). */
  readonly level?: EncryptionLevel;
}

/** QUIC's encryption levels that carry handshake messages (RFC 9001 §4). */
export type EncryptionLevel = 'initial' | 'handshake' | '1rtt';

/** An alert that could be read. */
export interface AlertEvent extends SeenEvent {
  readonly kind: 'alert';
  /** AlertLevel and AlertDescription codes. */
  readonly level: number;
  readonly description: number;
  readonly recordVersion: number;
}

export interface ChangeCipherSpecEvent extends SeenEvent {
  readonly kind: 'change_cipher_spec';
}

/**
 * A record of which only the header could be read, or one that keys opened (`decrypted`), whose inner type is known.
 */
export interface EncryptedRecordEvent extends SeenEvent {
  readonly kind: 'encrypted_record';
  /** ContentType code; in TLS 1.3 the header says application data, whatever the record holds. */
  readonly type: number;
  /** Bytes of its body. */
  readonly length: number;
  readonly recordVersion: number;
  readonly isBehindGap: boolean;
  /** As of a message. */
  readonly epoch?: number;
}

/** A record or message whose length its protocol does not allow, or that is longer than is read. */
export interface BadLengthEvent extends SeenEvent {
  readonly kind: 'bad_length';
  /** `not-a-record`: no header, whatever its length. */
  readonly what: 'record-too-long' | 'empty-record' | 'alert-length' | 'message-too-long' | 'not-a-record';
  /** ContentType of the record; HandshakeType of a message. */
  readonly type: number;
  readonly length: number;
  /** The longest that is allowed, or read. */
  readonly limit: number;
  readonly isBehindGap: boolean;
}

export type TranscriptEvent = MessageEvent | AlertEvent | ChangeCipherSpecEvent | EncryptedRecordEvent | BadLengthEvent;

export const MAX_MESSAGES = BOUNDS.messages.value;
export const MAX_ALERTS = BOUNDS.alerts.value;
/** Encrypted records kept for each direction. */
export const MAX_ENCRYPTED_RECORDS = BOUNDS.encryptedRecords.value;
const MAX_CHANGES = BOUNDS.changeCipherSpecs.value;
const MAX_BAD_LENGTHS = BOUNDS.badLengths.value;

const ALERT = 21;
/** AlertLevel. */
const FATAL = 2;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

/** What the two sides of a handshake sent, in frame order. */
export interface Transcript {
  /** In the order read: a message in a late segment may be behind later ones until `inFrameOrder`. Bounded. */
  readonly events: TranscriptEvent[];
  /** How many application_data records each direction sent, without those that keys opened. */
  readonly applicationDataRecords: [number, number];
  /** Records of each direction that keys opened and that hold application data. */
  readonly openedDataRecords: [number, number];
  /** Number of events kept, by kind that is bounded. */
  messages: number;
  alerts: number;
  changes: number;
  badLengths: number;
  readonly encryptedRecords: [number, number];
}

export function newTranscript(): Transcript {
  return {
    events: [],
    applicationDataRecords: [0, 0],
    openedDataRecords: [0, 0],
    messages: 0,
    alerts: 0,
    changes: 0,
    badLengths: 0,
    encryptedRecords: [0, 0],
  };
}

/** Adds an event, if there is room. Returns what there is no room for, or null. */
export function addEvent(transcript: Transcript, event: TranscriptEvent): 'messages' | 'alerts' | null {
  switch (event.kind) {
    case 'message':
      if (transcript.messages >= MAX_MESSAGES) return 'messages';
      transcript.messages++;
      break;
    case 'alert':
      if (transcript.alerts >= MAX_ALERTS) {
        if (event.level === FATAL && transcript.alerts === MAX_ALERTS) makeRoomFor(transcript, event);
        return 'alerts';
      }
      transcript.alerts++;
      break;
    case 'change_cipher_spec':
      if (transcript.changes >= MAX_CHANGES) return null;
      transcript.changes++;
      break;
    case 'bad_length':
      if (transcript.badLengths >= MAX_BAD_LENGTHS) return null;
      transcript.badLengths++;
      break;
    case 'encrypted_record':
      return addEncryptedRecord(transcript, event);
  }
  transcript.events.push(event);
  return null;
}

/** The first fatal alert ends the connection: it takes the place of the last of many warnings before it. */
function makeRoomFor(transcript: Transcript, fatal: AlertEvent): void {
  const { events } = transcript;
  // Counted beyond the bound: no further one is kept.
  transcript.alerts++;
  if (events.some((event) => event.kind === 'alert' && event.level === FATAL)) return;
  const last = events.findLastIndex(({ kind }) => kind === 'alert');
  if (last < 0) return;
  events.splice(last, 1);
  events.push(fatal);
}

/**
 * Whether the next record of a direction, with this ContentType, is application data that no key opened and that is
 * only counted: then it needs no event. Nearly all records of a long transfer are.
 */
export function countsAlone(transcript: Transcript, direction: Direction, type: number): boolean {
  const { applicationDataRecords, encryptedRecords } = transcript;
  if (type !== APPLICATION_DATA || applicationDataRecords[direction] === 0) return false;
  if (encryptedRecords[direction] < MAX_ENCRYPTED_RECORDS) return false;
  applicationDataRecords[direction]++;
  return true;
}

/** An encrypted handshake record counts as a message too, an encrypted alert as an alert. */
function addEncryptedRecord(transcript: Transcript, event: EncryptedRecordEvent): 'messages' | 'alerts' | null {
  const { direction, type, protection } = event;
  if (protection === 'decrypted') {
    if (type === APPLICATION_DATA) transcript.openedDataRecords[direction]++;
    if (transcript.encryptedRecords[direction]++ < MAX_ENCRYPTED_RECORDS) transcript.events.push(event);
    return null;
  }
  if (type === APPLICATION_DATA) transcript.applicationDataRecords[direction]++;
  const isMessage = type === HANDSHAKE && transcript.messages < MAX_MESSAGES;
  const isAlert = type === ALERT && transcript.alerts < MAX_ALERTS;
  const isRecord = transcript.encryptedRecords[direction] < MAX_ENCRYPTED_RECORDS;
  const isFirstData = type === APPLICATION_DATA && transcript.applicationDataRecords[direction] === 1;
  if (isMessage) transcript.messages++;
  if (isAlert) transcript.alerts++;
  if (isRecord) transcript.encryptedRecords[direction]++;
  if (isMessage || isAlert || isRecord || isFirstData) transcript.events.push(event);
  if (type === HANDSHAKE && !isMessage) return 'messages';
  return type === ALERT && !isAlert ? 'alerts' : null;
}

/** Events in frame order; those of one frame in the order they were read. */
export function inFrameOrder<Event extends { readonly frame: number }>(events: readonly Event[]): readonly Event[] {
  let last = 0;
  for (const { frame } of events) {
    if (frame < last) return events.toSorted((a, b) => a.frame - b.frame);
    last = frame;
  }
  return events;
}

/**
 * What `side` can have received when it sent `frame`: everything that its peer sent in earlier frames of the capture. A
 * capture near the peer, or in the middle, shows a message before it arrives, so this is the most that `side` can have
 * known. It can only have known something later if the frames are out of order.
 */
export function receivedBefore<From, Event extends { readonly frame: number; readonly from: From }>(
  events: readonly Event[],
  side: From,
  frame: number,
): readonly Event[] {
  return events.filter((event) => event.from !== side && event.frame < frame);
}
