/**
 * A frame's capture time, as exact as the file has it. A JavaScript number cannot hold nanoseconds since 1970.
 */
export interface Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** Nanoseconds within the second, 0 to 999,999,999. */
  readonly nanoseconds: number;
  /** Decimal digits of the capture's resolution: 6 for microseconds, 9 for nanoseconds; 0 to 9. */
  readonly digits: number;
}

let lastStamp: Timestamp = { seconds: 0, nanoseconds: 0, digits: 0 };

/**
 * A copy of a frame's time, to be kept. All that is kept of one frame shares one object; without `lastStamp`, each call
 * would make one. Nobody changes it, so analyses may share it.
 */
export function timestampOf({ seconds, nanoseconds, digits }: Timestamp): Timestamp {
  if (lastStamp.nanoseconds !== nanoseconds || lastStamp.seconds !== seconds || lastStamp.digits !== digits) {
    lastStamp = { seconds, nanoseconds, digits };
  }
  return lastStamp;
}

// The range of ECMAScript's Date (±8.64e15 ms); a hostile capture may claim any time.
const MAX_SECONDS = 8.64e12;

// The last second and its text. Times come in order, so most share their second with the one before, and formatting a
// date takes longer than all the rest. The text depends on the second alone, whichever analysis asks.
let lastSecond = NaN;
let lastWritten = '';

function writtenSecond(second: number): string {
  if (second !== lastSecond) {
    lastSecond = second;
    lastWritten = new Date(second * 1000).toISOString().slice(0, -5);
  }
  return lastWritten;
}

/** ISO 8601 in UTC with the capture's own resolution, e.g. `2026-11-21T19:10:00.123456Z`. Never throws. */
export function formatTimestamp({ seconds, nanoseconds, digits }: Timestamp): string {
  const clamped = Math.min(Math.max(seconds, -MAX_SECONDS), MAX_SECONDS);
  const whole = writtenSecond(clamped);
  return digits === 0 ? `${whole}Z` : `${whole}.${String(nanoseconds).padStart(9, '0').slice(0, digits)}Z`;
}

/** Milliseconds since 1970, with fraction; for comparing with dates, not for differences of nanoseconds. */
export function toMilliseconds(time: Timestamp): number {
  return time.seconds * 1000 + time.nanoseconds / 1e6;
}

/** Milliseconds from `start` to `end`, negative if `end` is earlier. */
export function millisecondsBetween(start: Timestamp, end: Timestamp): number {
  return (end.seconds - start.seconds) * 1000 + (end.nanoseconds - start.nanoseconds) / 1e6;
}

/** Milliseconds, a year, by which times of one connection differ only if one of them is damaged. */
export const ABSURD_MS = 31_536_000_000;
