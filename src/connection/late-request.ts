import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import { canBeFinished, type RecordProtection } from '../tls/record/sizes.js';
import type { EncryptedRecord } from './connection.js';

/** A request this many milliseconds behind the client's flight is late: a client that waits for nothing sends it at once. */
const LATE_MS = 20;
/**
 * A reaction to a request comes within this part of the time between the flight and the request, and not before the round trip is over,
 * by more than this part of it.
 */
const PART = 0.25;

/** How long a packet and its answer take, in milliseconds. */
export interface RoundTrip {
  readonly least: number;
  readonly most: number;
}

/**
 * The round trip, by the time from the SYN to the SYN-ACK; if the capture lacks one of these, it is at most the time from the
 * ClientHello to its answer. Milliseconds; null where not known.
 */
export function roundTrip(connectMs: number | null, helloMs: number | null): RoundTrip | null {
  if (connectMs !== null) return { least: connectMs, most: connectMs };
  return helloMs === null ? null : { least: 0, most: helloMs };
}

/**
 * Whether a TLS 1.3 server reacted to the client's request, and not to its flight: it kept silent about the flight while the
 * request was not there (Nagle's algorithm holds it back until the flight is acknowledged), and acted as soon as it was.
 * Before the round trip is over, nothing can be an answer.
 * @param records encrypted records of both sides, in frame order
 * @param action what the server sent or did
 * @param trip null if unknown, then false
 */
export function isAboutLateRequest(
  records: readonly EncryptedRecord[],
  protection: RecordProtection,
  action: { readonly frame: number; readonly at: Timestamp },
  trip: RoundTrip | null,
): boolean {
  const sent = records.filter(({ from, frame }) => from === 'client' && frame < action.frame);
  const last = sent.findIndex(({ length }) => canBeFinished(protection, length));
  const [finished, request] = [sent[last], sent.at(-1)];
  if (trip === null || finished === undefined || request === undefined || request === finished) return false;
  const late = millisecondsBetween(finished.at, request.at);
  const reaction = millisecondsBetween(request.at, action.at);
  const isLate = late >= LATE_MS;
  return isLate && reaction >= trip.least * (1 - PART) && reaction <= trip.most + Math.min(late * PART, LATE_MS);
}
