/** Times, spans and frames as reports for people write them. Where no line should break, a space is U+00A0. */
import { formatTimestamp, millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { CaptureSummary } from '../capture/open.js';
import { grouped } from './messages/english.js';
import { UTC, type TimeZone } from './time-zone.js';
import type { Wording } from './wording.js';

export { endpointText } from '../connection/endpoint.js';

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
export function spanText(first: Timestamp, last: Timestamp, words: Wording, zone: TimeZone = UTC): string {
  const milliseconds = millisecondsBetween(first, last);
  const digits = Math.abs(milliseconds) < 60_000 ? 3 : 0;
  const start = parts(first, digits, zone);
  const end = parts(last, digits, zone);
  const [before, mark] = [zone.mark(first.seconds), zone.mark(last.seconds)];
  if (start.date === end.date && start.time === end.time && before === mark)
    return `${start.date} ${start.time} ${mark}`;
  const from = `${start.date} ${before === mark ? start.time : `${start.time} ${before}`}`;
  const to = `${start.date === end.date ? end.time : `${end.date} ${end.time}`} ${mark}`;
  return words.spans.period({ from, to, length: durationText(milliseconds, words) });
}

/** `12 ms`, `1.5 s`, `12 min 31 s`, `5 h`, `5 h 12 min`, `12 days`. */
export function durationText(milliseconds: number, { spans }: Wording): string {
  const size = Math.abs(milliseconds);
  if (size < 1000) return spans.milliseconds({ number: Math.round(size) });
  if (size < 60_000) return spans.seconds({ number: String(Math.round(size / 100) / 10) });
  const seconds = Math.round(size / 1000);
  if (seconds < 3600) {
    const [number, rest] = [Math.floor(seconds / 60), seconds % 60];
    return rest === 0 ? spans.minutes({ number }) : spans.minutesAndSeconds({ number, rest });
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) {
    const [number, rest] = [Math.floor(minutes / 60), minutes % 60];
    return rest === 0 ? spans.hours({ number }) : spans.hoursAndMinutes({ number, rest });
  }
  return spans.days({ number: Math.round(minutes / 60 / 24) });
}

/**
 * Formats time spans up to the longest so that all have the same unit and precision, which is the capture's or coarser:
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
