/** Phrases that the reports for people share. Where no line should break, a space is U+00A0. */
import { formatTimestamp, millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Outcome } from '../connection/connection.js';
import type { CaptureSummary } from '../capture/open.js';
import type { Actor } from '../message.js';
import type { Certainty } from '../diagnose/certainty.js';
import { UTC, type TimeZone } from './time-zone.js';

export { endpointText } from '../connection/endpoint.js';

/** How certain a diagnosis is, in words. */
export const certaintyPhrases: Readonly<Record<Certainty, string>> = {
  certain: 'certain: the capture proves it',
  likely: 'likely: the evidence supports it, and supports no other cause',
  possible: 'possible: one of several causes that fit',
};

/** Who has to act. */
export const actorNames: Readonly<Record<Actor, string>> = { server: 'Server', client: 'Client', network: 'Network' };

/** How a connection went. */
export const outcomePhrases: Readonly<Record<Outcome, string>> = {
  failed: 'failed',
  incomplete: 'end not captured',
  established: 'ok',
  'not-tls': 'not TLS',
};

/**
 * A whole number, its digits in groups of three: `1,204`. Node.js's own function would first load a locale, for 15 ms.
 */
export function grouped(whole: number | string): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1,204 packets`, `1 packet`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(number)} ${number === 1 ? singular : plural}`;
}

/** The items in words, at most `most` of them: `a, b and 3 more`. */
export function listed(items: readonly string[], most: number): string {
  if (items.length > most)
    return `${items.slice(0, most).join(', ')} and ${count(items.length - most, 'more', 'more')}`;
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** The name of a frame in a table: its number, after that of its file if there are several: `2:469`. */
export function frameText(frame: number, capture: number, { length }: readonly CaptureSummary[]): string {
  return length > 1 ? `${capture + 1}:${frame}` : String(frame);
}

/**
 * How a report writes times: with their date if the capture spans midnight, with their offset from UTC if clocks change
 * during it.
 */
export interface Clock {
  readonly zone: TimeZone;
  /** The one date of all times, or null. */
  readonly date: string | null;
  /** To the millisecond, or the capture's resolution if that is coarser: `10:00:00.050`. */
  time(time: Timestamp): string;
  /** To the second. */
  shortTime(time: Timestamp): string;
}

export function clockOf(captures: readonly CaptureSummary[], zone: TimeZone = UTC): Clock {
  const ends = captures
    .flatMap(({ firstPacketAt, lastPacketAt }) => [firstPacketAt, lastPacketAt])
    .filter((time) => time !== null);
  const dates = ends.map((time) => parts(time, 0, zone).date);
  const isOneDay = new Set(dates).size <= 1;
  const isOneOffset = new Set(ends.map(({ seconds }) => zone.mark(seconds))).size <= 1;
  const text = (time: Timestamp, digits: number): string => {
    const { date, time: ofDay } = parts(time, digits, zone);
    return (isOneDay ? '' : `${date} `) + ofDay + (isOneOffset ? '' : ` ${zone.mark(time.seconds)}`);
  };
  return {
    zone,
    date: isOneDay ? (dates[0] ?? null) : null,
    time: (time) => text(time, 3),
    shortTime: (time) => text(time, 0),
  };
}

/** From when to when: `2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)`. */
export function spanText(first: Timestamp, last: Timestamp, zone: TimeZone = UTC): string {
  const milliseconds = millisecondsBetween(first, last);
  const digits = Math.abs(milliseconds) < 60_000 ? 3 : 0;
  const start = parts(first, digits, zone);
  const end = parts(last, digits, zone);
  const [before, mark] = [zone.mark(first.seconds), zone.mark(last.seconds)];
  if (start.date === end.date && start.time === end.time && before === mark)
    return `${start.date} ${start.time} ${mark}`;
  const from = before === mark ? start.time : `${start.time} ${before}`;
  const until = start.date === end.date ? end.time : `${end.date} ${end.time}`;
  return `${start.date} ${from} to ${until} ${mark} (${durationText(milliseconds)})`;
}

/** `12 ms`, `1.5 s`, `12 min 31 s`, `5 h`, `5 h 12 min`, `12 days`. */
export function durationText(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  if (size < 1000) return `${Math.round(size)}\u00a0ms`;
  if (size < 60_000) return `${Math.round(size / 100) / 10}\u00a0s`;
  const seconds = Math.round(size / 1000);
  const both = (large: number, unit: string, small: number, smallUnit: string): string =>
    `${large}\u00a0${unit}${small === 0 ? '' : `\u00a0${small}\u00a0${smallUnit}`}`;
  if (seconds < 3600) return both(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return both(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return `${grouped(Math.round(minutes / 60 / 24))}\u00a0days`;
}

/**
 * How spans up to the longest are written so that all have one unit and one precision, which is the capture's or coarser:
 * `+0.04 ms` beside `+3,104.20 ms`, or `+0.012 s` beside `+75.100 s`.
 * @param digits of a second that the capture's times have
 */
export function gapFormat(longestMs: number, digits: number): (milliseconds: number) => string {
  const isLong = longestMs >= 10_000;
  const decimals = Math.max(0, Math.min(isLong ? 3 : 2, isLong ? digits : digits - 3));
  return (milliseconds) => {
    const [whole = '', rest] = (Math.abs(milliseconds) / (isLong ? 1000 : 1)).toFixed(decimals).split('.');
    const size = grouped(whole) + (rest === undefined ? '' : `.${rest}`);
    return `${milliseconds < 0 ? '-' : '+'}${size}\u00a0${isLong ? 's' : 'ms'}`;
  };
}

// The date is all before the T: a hostile capture's year may have six digits and a sign.
function parts(time: Timestamp, digits: number, zone: TimeZone): { date: string; time: string } {
  const seconds = time.seconds + zone.offset(time.seconds);
  const [date = '', rest = ''] = formatTimestamp({ ...time, seconds, digits: Math.min(digits, time.digits) }).split(
    'T',
  );
  return { date, time: rest.slice(0, -1) };
}
