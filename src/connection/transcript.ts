import { alertName, versionName } from '../tls/wire/registry/names.js';
import type { EncryptedRecordEvent, EncryptionLevel, TranscriptEvent } from '../tls/handshake/transcript.js';
import { inFrameOrder, MAX_ALERTS, MAX_ENCRYPTED_RECORDS, MAX_MESSAGES } from '../tls/handshake/transcript.js';
import type { HandshakeSession } from '../tls/handshake/session.js';
import type { Direction } from '../transport/flow.js';
import type { Alert, Connection, EncryptedRecord, HandshakeMessage, Sent, Side } from './connection.js';
import { messageName } from './messages.js';
import { sideOf } from './side.js';

/** What a connection's two sides sent, in order, and by kind. */
export interface TranscriptFacts extends Pick<Connection, 'transcript' | 'messages' | 'encryptedRecords'> {
  /** Alerts that are plaintext, or whose record type is. */
  readonly alerts: readonly Alert[];
  /** The raw events, in the same order. */
  readonly events: readonly TranscriptEvent[];
}

const RECORD_TYPES: ReadonlyMap<number, EncryptedRecord['contentType']> = new Map([
  [20, 'change_cipher_spec'],
  [21, 'alert'],
  [22, 'handshake'],
  [23, 'application_data'],
]);

/** The transcript of a session, with names for codes and sides for directions; `client` is the client's direction. */
export function transcriptFacts(session: HandshakeSession | null, client: Direction): TranscriptFacts {
  const transcript: Sent[] = [];
  const messages: HandshakeMessage[] = [];
  const alerts: Alert[] = [];
  const encryptedRecords: EncryptedRecord[] = [];
  const kept: Record<Side, number> = { client: 0, server: 0 };
  const events = inFrameOrder(session?.transcript.events ?? []);
  for (const event of events) {
    const from = sideOf(event.direction, client);
    switch (event.kind) {
      case 'message': {
        const { frame, at, length, pieces: records, isBehindGap } = event;
        const type = messageName(event);
        const message = placed(
          { kind: 'message', frame, at, from, type, length, encrypted: false, records, isBehindGap },
          event,
        );
        messages.push(message);
        transcript.push(message);
        break;
      }
      case 'alert': {
        const { level, description } = event;
        const alert = opened<Alert>(
          {
            kind: 'alert',
            frame: event.frame,
            at: event.at,
            from,
            level: level === 1 ? 'warning' : 'fatal',
            code: description,
            name: alertName(description),
            encrypted: false,
            recordVersion: versionName(event.recordVersion),
            inferred: false,
          },
          event,
        );
        alerts.push(alert);
        transcript.push(alert);
        break;
      }
      case 'bad_length':
        break;
      case 'change_cipher_spec':
        transcript.push({ kind: 'change_cipher_spec', frame: event.frame, at: event.at, from });
        break;
      case 'encrypted_record': {
        const { frame, at, type, length, isBehindGap } = event;
        const contentType = RECORD_TYPES.get(type) ?? 'application_data';
        const record = placed<EncryptedRecord>(
          { kind: 'encrypted_record', frame, at, from, contentType, length },
          event,
        );
        transcript.push(record);
        if (kept[from]++ < MAX_ENCRYPTED_RECORDS) encryptedRecords.push(record);
        if (event.protection === 'decrypted') break;
        if (contentType === 'handshake' && messages.length < MAX_MESSAGES) {
          const type = 'encrypted_handshake';
          messages.push(
            placed({ kind: 'message', frame, at, from, type, length, encrypted: true, records: 1, isBehindGap }, event),
          );
        } else if (contentType === 'alert' && alerts.length < MAX_ALERTS) {
          alerts.push(encryptedAlert(record, event, false));
        }
      }
    }
  }
  return { transcript, messages, alerts, encryptedRecords, events };
}

/** Marks a fact as decrypted, if keys opened it. In place: a spread takes a microsecond. */
function opened<Fact extends Alert | HandshakeMessage | EncryptedRecord>(
  fact: Fact,
  { protection }: Pick<TranscriptEvent, 'protection'>,
): Fact {
  const whole: { decrypted?: true } = fact;
  if (protection === 'decrypted') whole.decrypted = true;
  return fact;
}

/** As `opened`; also adds the event's epoch or level, if its carrier has one. */
function placed<Fact extends HandshakeMessage | EncryptedRecord>(
  fact: Fact,
  event: Pick<TranscriptEvent, 'protection'> & { readonly epoch?: number; readonly level?: EncryptionLevel },
): Fact {
  const whole: { epoch?: number; level?: EncryptionLevel } = opened(fact, event);
  const { epoch, level } = event;
  if (epoch !== undefined) whole.epoch = epoch;
  else if (level !== undefined) whole.level = level;
  return fact;
}

/** An alert that is encrypted. `inferred`: TLS 1.3 encrypts the record type too, and only its size tells. */
export function encryptedAlert(
  { frame, at, from }: EncryptedRecord,
  { recordVersion }: Pick<EncryptedRecordEvent, 'recordVersion'>,
  inferred: boolean,
): Alert {
  return {
    kind: 'alert',
    frame,
    at,
    from,
    level: null,
    code: null,
    name: null,
    encrypted: true,
    recordVersion: versionName(recordVersion),
    inferred,
  };
}
