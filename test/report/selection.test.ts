import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULTS } from '../../src/report/format.js';
import { isSelected, type Selection, type TimeBound } from '../../src/report/selection.js';
import { at, certificate, connection } from '../support/connections.js';
import { diagnosed } from '../support/results.js';
import { timeZoneOf, UTC } from '../../src/report/time-zone.js';

const selection = (part: Partial<Selection>): Selection => ({ ...DEFAULTS.selection, ...part });

describe('a connection from 192.0.2.10:50000 to 198.51.100.20:443, www.example.com, is', () => {
  const cases: readonly [Partial<Selection>, boolean][] = [
    [{}, true],
    [{ hosts: ['192.0.2.10'] }, true],
    [{ hosts: ['198.51.100.20'] }, true],
    [{ hosts: ['192.0.2.1'] }, false],
    [{ hosts: ['WWW.example.com.'] }, true],
    [{ hosts: ['example.com'] }, false],
    [{ hosts: ['192.0.2.1', '192.0.2.10'] }, true],
    [{ hosts: ['192.0.2.0/24'] }, true],
    [{ hosts: ['192.0.2.128/25', '203.0.113.0/24'] }, false],
    [{ hosts: ['2001:db8::/32'] }, false],
    [{ clients: ['192.0.2.10'] }, true],
    [{ clients: ['198.51.100.20'] }, false],
    [{ clients: ['www.example.com'] }, false],
    [{ servers: ['198.51.100.0/24'] }, true],
    [{ servers: ['www.example.com'] }, true],
    [{ servers: ['192.0.2.10'] }, false],
    [{ ports: [443] }, true],
    [{ ports: [50000] }, true],
    [{ ports: [44] }, false],
    [{ hosts: ['192.0.2.10'], ports: [8443] }, false],
    [{ serverNames: ['www.example.com'] }, true],
    [{ serverNames: ['*.example.com'] }, true],
    [{ serverNames: ['*.www.example.com'] }, false],
    [{ serverNames: ['*.ample.com'] }, false],
    [{ protocols: ['quic', 'tls'] }, true],
    [{ protocols: ['dtls'] }, false],
    [{ diagnoses: ['certificate-expired'] }, true],
    [{ diagnoses: ['connection-reset'] }, false],
  ];
  for (const [part, expected] of cases) {
    test(`${expected ? 'selected' : 'left out'} by ${JSON.stringify(part)}`, () => {
      assert.equal(isSelected(selection(part), diagnosed()), expected);
    });
  }

  test('without a server name no name selects it', () => {
    const nameless = diagnosed(connection({ clientHello: { serverName: null } }));
    assert.equal(isSelected(selection({ serverNames: ['*.example.com'] }), nameless), false);
    assert.equal(isSelected(selection({ hosts: [''] }), nameless), false);
  });
});

test('where nobody asked for a name, that of the certificate is its name, as in reports', () => {
  const served = (dns: readonly string[], serverName: string | null = null) =>
    diagnosed(
      connection({
        clientHello: { serverName },
        serverCertificates: [certificate({ subjectAltNames: { dns, ip: [] } })],
      }),
    );
  const isFound = (of: ReturnType<typeof served>, part: Partial<Selection> = { hosts: ['api.example.org'] }): boolean =>
    isSelected(selection(part), of);
  assert.equal(isFound(served(['api.example.org'])), true);
  assert.equal(isFound(served(['api.example.org']), { servers: ['*.example.org'] }), true);
  assert.equal(isFound(served(['api.example.org']), { serverNames: ['api.example.org'] }), false);
  assert.equal(isFound(served(['api.example.org'], 'www.example.com')), false);
  assert.equal(isFound(served(['api.example.org', 'b.example.org', 'c.example.org'])), false);
});

describe('by time', () => {
  const bound = (kind: TimeBound['kind'], seconds: number, zone = UTC): TimeBound => ({
    kind,
    milliseconds: seconds * 1000,
    zone,
    text: '',
  });
  /** Of connections that began so many seconds after ten o'clock, those that are selected in a capture that begins then. */
  const selected = (part: Partial<Selection>, start = at(0)): number[] =>
    [1, 5, 9].filter((second) => isSelected(selection(part), diagnosed(connection({ startedAt: at(second) })), start));

  test('in points of time, times of day, and seconds into the capture', () => {
    assert.deepEqual(selected({ since: bound('at', at(5).seconds) }), [5, 9]);
    assert.deepEqual(selected({ until: bound('at', at(5).seconds) }), [1, 5]);
    assert.deepEqual(selected({ since: bound('of-day', 36_005) }), [5, 9]);
    assert.deepEqual(selected({ since: bound('into', 2), until: bound('into', 8) }), [5]);
    assert.deepEqual(selected({ since: bound('into', 2) }, at(5)), [9]);
  });

  test('a time of day is that of the clocks of its zone', () => {
    // In March New York is five hours behind UTC, Kolkata five and a half ahead.
    assert.deepEqual(selected({ since: bound('of-day', 18_005, timeZoneOf('America/New_York')) }), [5, 9]);
    assert.deepEqual(selected({ since: bound('of-day', 55_805, timeZoneOf('Asia/Kolkata')) }), [5, 9]);
  });

  const hours = (count: number): number => Math.round(count * 3600);

  test('a time of day soon before that of the beginning is of the same day', () => {
    assert.deepEqual(selected({ since: bound('of-day', hours(9)) }), [1, 5, 9]);
    assert.deepEqual(selected({ until: bound('of-day', hours(9)) }), []);
  });

  test('one that is half a day before it is the next day', () => {
    const atNight = { seconds: at(0).seconds + hours(13.9), nanoseconds: 0, digits: 6 };
    const select = (part: Partial<Selection>): boolean =>
      isSelected(selection(part), diagnosed(connection({ startedAt: atNight })), atNight);
    assert.ok(!select({ since: bound('of-day', hours(0.1)) }));
    assert.ok(select({ until: bound('of-day', hours(0.1)) }));
  });
});
