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

/**
 * Whether a TLS 1.3 server reacted to the client's request, and not to its flight: it kept silent about the flight while the
 * request was not there (Nagle's algorithm holds it back until the flight is acknowledged), and acted as soon as it was.
 * Before the round trip is over, nothing can be an answer.
 * @param records encrypted records of both sides, in frame order
 * @param action what the server sent or did
 * @param roundTripMs milliseconds; null if unknown, then false
 */
export function isAboutLateRequest(
  records: readonly EncryptedRecord[],
  protection: RecordProtection,
  action: { readonly frame: number; readonly at: Timestamp },
  roundTripMs: number | null,
): boolean {
  const sent = records.filter(({ from, frame }) => from === 'client' && frame < action.frame);
  const last = sent.findIndex(({ length }) => canBeFinished(protection, length));
  const [finished, request] = [sent[last], sent.at(-1)];
  if (roundTripMs === null || finished === undefined || request === undefined || request === finished) return false;
  const late = millisecondsBetween(finished.at, request.at);
  const reaction = millisecondsBetween(request.at, action.at) - roundTripMs;
  return late >= LATE_MS && reaction >= -roundTripMs * PART && reaction <= Math.min(late * PART, LATE_MS);
}
