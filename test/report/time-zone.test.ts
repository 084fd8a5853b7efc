import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { clockOf, spanText } from '../../src/report/phrases.js';
import { timeText, timeZoneOf, UTC, utcOf } from '../../src/report/time-zone.js';
import { at } from '../support/connections.js';
import { capture } from '../support/results.js';
import { ENGLISH_WORDING } from '../../src/report/wording.js';

const seconds = (iso: string): number => Date.parse(iso) / 1000;

describe('time zones', () => {
  test('say how far their clocks are ahead, in summer and in winter', () => {
    const berlin = timeZoneOf('Europe/Berlin');
    // Clocks went on at 01:00 UTC.
    assert.deepEqual(
      [berlin.mark(seconds('2026-03-29T00:59:59Z')), berlin.offset(seconds('2026-03-29T01:00:00Z'))],
      ['+01:00', 7200],
    );
    assert.equal(timeZoneOf('America/St_Johns').mark(seconds('2026-01-01T00:00:00Z')), '-03:30');
    assert.equal(timeZoneOf('Europe/London').mark(seconds('2026-01-01T00:00:00Z')), '+00:00');
  });

  test("are known by IANA's names, in any case", () => {
    assert.equal(timeZoneOf('europe/berlin').name, 'Europe/Berlin');
    assert.equal(timeZoneOf('Etc/UTC'), UTC);
    assert.throws(() => timeZoneOf('Europe/Atlantis'), RangeError);
  });

  test('any time that a hostile capture may claim has an offset', () => {
    const kiritimati = timeZoneOf('Pacific/Kiritimati');
    for (const claimed of [-1e18, -8.64e12, 8.64e12, 1e18]) assert.ok(Math.abs(kiritimati.offset(claimed)) < 86_400);
    assert.match(timeText('+275760-09-12T23:59:59Z', kiritimati), /^\+275760-09-13 /);
    assert.match(
      spanText({ ...at(0), seconds: 8.64e12 }, { ...at(1), seconds: 8.64e12 }, ENGLISH_WORDING, kiritimati),
      /\+14:00/,
    );
  });

  test('a local time is the time of a zone turned back, but for the hours that clocks show twice or never', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'].map(timeZoneOf);
    const time = fc.integer({ min: seconds('1975-01-01T00:00:00Z'), max: seconds('2037-01-01T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom(...zones), time, (zone, second) => {
        const local = (second + zone.offset(second)) * 1000;
        const found = utcOf(local, zone) / 1000;
        assert.equal((found + zone.offset(found)) * 1000, local);
        assert.ok(Math.abs(found - second) <= 3600);
      }),
    );
  });
});

test('times in words have the date and the clock of the zone, and say which it is', () => {
  const berlin = timeZoneOf('Europe/Berlin');
  assert.equal(timeText('2026-03-01T23:30:00.123456Z', berlin), '2026-03-02 00:30:00.123456 +01:00');
  assert.equal(timeText('2026-03-01T23:30:00Z', UTC), '2026-03-01 23:30:00 UTC');
  for (const other of ['shop.example', '2026-13-45T99:00:00Z', '2026-03-01'])
    assert.equal(timeText(other, berlin), other);
});

test('where clocks are changed within the captures, each time says how far it is ahead', () => {
  const berlin = timeZoneOf('Europe/Berlin');
  const first = { ...at(0), seconds: seconds('2026-10-25T00:30:00Z') };
  const last = { ...at(0), seconds: seconds('2026-10-25T01:30:00Z') };
  const clock = clockOf([capture({ firstPacketAt: first, lastPacketAt: last })], berlin);
  assert.deepEqual([clock.shortTime(first), clock.shortTime(last)], ['02:30:00 +02:00', '02:30:00 +01:00']);
  assert.match(spanText(first, last, ENGLISH_WORDING, berlin), /^2026-10-25 02:30:00 \+02:00 to 02:30:00 \+01:00 /);
  const day = clockOf([capture()], berlin);
  assert.deepEqual([day.date, day.shortTime(at(0))], ['2026-03-02', '11:00:00']);
});
