/** Time zones by their IANA names, for times that people read. What programs read stays in UTC. */
import type { Language } from './messages/language.js';

/** A time zone. Times are in whole seconds since 1970-01-01T00:00:00Z. */
export interface TimeZone {
  /** IANA's: `Europe/Berlin`. */
  readonly name: string;
  /** Seconds that its clocks are ahead of UTC at a time; negative in the west. */
  offset(seconds: number): number;
  /** What follows a time in this zone: `UTC`, `+01:00`. */
  mark(seconds: number): string;
}

/** The zone of every report unless another is requested. */
export const UTC: TimeZone = { name: 'UTC', offset: () => 0, mark: () => 'UTC' };

/** Clocks change at a quarter of an hour, if not on the hour. */
const QUARTER = 900;
const DAY = 86_400;
// The range of ECMAScript's Date (±8.64e15 ms); a hostile capture may claim any time.
const MAX_SECONDS = 8.64e12;
/** How Intl writes an offset: `GMT`, `GMT+01:00`, for local mean times `GMT+00:53:28`. */
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** The zone with that name, in any case. Throws RangeError if there is none. */
export function timeZoneOf(name: string): TimeZone {
  if (name === UTC.name) return UTC;
  const format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' });
  const { timeZone } = format.resolvedOptions();
  if (timeZone === UTC.name) return UTC;
  // Some names have a newer one, which Node.js may prefer: the requested one is shown.
  const shown = timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  // Times come in order: most share their quarter of an hour with the one before.
  let lastQuarter = NaN;
  let lastOffset = 0;
  const offset = (seconds: number): number => {
    const quarter = Math.floor(Math.min(Math.max(seconds, -MAX_SECONDS), MAX_SECONDS) / QUARTER);
    if (quarter !== lastQuarter) {
      const [, sign, hours, minutes, rest] = OFFSET.exec(format.format(quarter * QUARTER * 1000)) ?? [];
      const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0);
      lastQuarter = quarter;
      lastOffset = sign === '-' ? -size : size;
    }
    return lastOffset;
  };
  return { name: shown, offset, mark: (seconds) => markOf(offset(seconds)) };
}

function markOf(offset: number): string {
  const size = Math.abs(offset);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, ...(size % 60 === 0 ? [] : [size % 60])];
  return (offset < 0 ? '-' : '+') + parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/**
 * When the clocks of a zone show that time, both in milliseconds since 1970; the earlier time if they show it twice.
 */
export function utcOf(local: number, zone: TimeZone): number {
  const seconds = Math.floor(local / 1000);
  // Clocks change at most once within two days: only the offsets a day before and after are possible.
  const before = zone.offset(seconds - DAY);
  const offset = zone.offset(seconds - before) === before ? before : zone.offset(seconds + DAY);
  return local - offset * 1000;
}

/** ISO 8601 in UTC, as `formatTimestamp` writes it. */
const ISO = /^([+-]?\d{4,6}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/;

/** A time in words: for `2026-03-02T10:00:00.5Z`, `2026-03-02 11:00:00.5 +01:00`. Anything else is unchanged. */
export function timeText(iso: string, zone: TimeZone): string {
  const found = ISO.exec(iso);
  if (found === null) return iso;
  const [, date = '', time = '', fraction = ''] = found;
  if (zone === UTC) return `${date} ${time}${fraction} UTC`;
  const seconds = Date.parse(`${date}T${time}Z`) / 1000;
  if (Number.isNaN(seconds)) return iso;
  const local = new Date(Math.min((seconds + zone.offset(seconds)) * 1000, MAX_SECONDS * 1000)).toISOString();
  return `${local.slice(0, -5).replace('T', ' ')}${fraction} ${zone.mark(seconds)}`;
}

/** The language, with times in a zone. */
export function inZone(language: Language, zone: TimeZone): Language {
  return zone === UTC ? language : { ...language, time: (iso) => timeText(iso, zone) };
}
