import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Diagnosis } from '../../src/diagnose/finding.js';
import { describedCauses } from '../../src/report/document/causes.js';
import { moreCausesText, verdictOf } from '../../src/report/document/overview.js';
import { grouped } from '../../src/report/messages/english.js';
import { clockOf, durationText, frameText } from '../../src/report/phrases.js';
import { ENGLISH_WORDING } from '../../src/report/wording.js';
import { alert, at, connection } from '../support/connections.js';
import { capture, diagnosed, results } from '../support/results.js';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test('the digits of a whole number are grouped as in English', () => {
  const wholes = [0, 7, -7, 999, 1000, -1000, 12_345, 999_999, 1_000_000, Number.MAX_SAFE_INTEGER];
  for (const whole of wholes) assert.equal(grouped(whole), whole.toLocaleString('en-US'));
  fc.assert(fc.property(fc.maxSafeInteger(), (whole) => grouped(whole) === whole.toLocaleString('en-US')));
});

test('times have their date where the captures span midnight, in UTC', () => {
  const day = clockOf([capture()]);
  assert.deepEqual([day.date, day.time(at(1.5)), day.shortTime(at(1.5))], ['2026-03-02', '10:00:01.500', '10:00:01']);
  const days = clockOf([capture(), capture({ lastPacketAt: at(86_400) })]);
  assert.deepEqual([days.date, days.shortTime(at(86_400))], [null, '2026-03-03 10:00:00']);
});

test('a frame is named with its file where there are several', () => {
  assert.equal(frameText(469, 0, [capture()]), '469');
  assert.equal(frameText(469, 1, [capture(), capture()]), '2:469');
});

test('durations leave out units that are zero', () => {
  const texts = [3_600_000, 3_660_000, 60_000, 61_000, 1500, 12].map((ms) => plain(durationText(ms, ENGLISH_WORDING)));
  assert.deepEqual(texts, ['1 h', '1 h 1 min', '1 min', '1 min 1 s', '1.5 s', '12 ms']);
});

test('many causes of a kind are described as one, few one by one', () => {
  const of = results([diagnosed(connection({ alerts: [alert()] }))]);
  const [cause] = of.diagnoses;
  assert.ok(cause);
  const many: Diagnosis[] = Array.from({ length: 10 }, (_, index) => ({ ...cause, servers: [`192.0.2.${index}:443`] }));
  const { described, others } = describedCauses(many, 12);
  assert.deepEqual([described.length, others.length], [1, 0]);
  assert.deepEqual([described[0]?.count, described[0]?.servers.length, described[0]?.members.length], [10, 10, 10]);
  assert.equal(describedCauses(many.slice(0, 3), 12).described.length, 3);
  assert.equal(describedCauses(many.slice(0, 3), 2).others.length, 1);
  assert.match(
    plain(moreCausesText(many, ENGLISH_WORDING) ?? ''),
    /^10 more causes not shown here: certificate-expired \(10 handshakes\)\. /,
  );
  assert.match(verdictOf({ ...of, diagnoses: many }), /, 10 causes of 1 kind/);
});

test('of causes described as one, the surest is shown, and how the others differ in time and end is kept', () => {
  const failed = (id: string, second: number, code: number, name: string) =>
    diagnosed(
      connection({ id, startedAt: at(second), alerts: [alert({ from: 'client', code, name })], outcome: 'failed' }),
    );
  const groups = [
    results([failed('1', 5, 42, 'bad_certificate')]),
    results([failed('2', 3, 45, 'certificate_expired'), failed('3', 9, 45, 'certificate_expired')]),
    results([failed('4', 4, 42, 'bad_certificate')]),
    results([failed('5', 6, 42, 'bad_certificate')]),
  ];
  const [cause] = describedCauses(
    groups.flatMap(({ diagnoses }, index) =>
      diagnoses.map((each) => ({ ...each, certainty: index === 1 ? 'certain' : 'likely' }) as const),
    ),
    12,
  ).described;
  assert.ok(cause);
  assert.deepEqual([cause.certainty, cause.example.connection.id], ['certain', '2']);
  assert.deepEqual([cause.firstSeenAt, cause.lastSeenAt], [at(3), at(9)]);
  assert.deepEqual(cause.connections, ['1', '2', '3', '4', '5']);
  assert.deepEqual(
    cause.endings.map(({ count }) => count),
    [3, 2],
  );
});
