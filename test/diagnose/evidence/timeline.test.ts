import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../src/connection/connection.js';
import type { Timeline } from '../../../src/diagnose/evidence/timeline.js';
import { createChronology } from '../../../src/diagnose/evidence/chronology.js';
import { alert, at, connection, type ConnectionOverrides } from '../../support/connections.js';

const CAUSE = 'certificate-expired';

/** A connection that began so many seconds after the capture did; its id is that number. */
function seen(second: number, overrides: ConnectionOverrides = {}): Connection {
  return connection({ id: String(second), startedAt: at(second), ...overrides });
}

const failed = (second: number, overrides: ConnectionOverrides = {}): Connection =>
  seen(second, { alerts: [alert()], ...overrides });
const from = (address: string): ConnectionOverrides => ({ client: { address, port: 50000 } });
const named = (serverName: string | null): ConnectionOverrides => ({ clientHello: { serverName } });
const older: ConnectionOverrides = { clientHello: { supportedVersions: ['TLS 1.0'] } };
const unanswered: ConnectionOverrides = { clientHello: null, outcome: 'failed', phase: 'tcp-connect' };

interface Told {
  readonly order?: (all: readonly Connection[]) => readonly Connection[];
  /** Whether failures are told when they end, as the pipeline does, before any of them is judged. */
  readonly expected?: boolean;
}

function timelineOf(
  connections: readonly Connection[],
  { order = (all) => all, expected = true }: Told = {},
): Timeline {
  const chronology = createChronology();
  if (expected) for (const one of connections) chronology.ended(one);
  for (const one of order(connections)) {
    const key = one.outcome === 'failed' ? CAUSE : null;
    chronology.judged(one, key, key);
  }
  const { timeline } = chronology.of(CAUSE);
  assert.ok(timeline !== null);
  return timeline;
}

const told = ({ change, before, meanwhile, after }: Timeline): unknown[] => [
  change,
  before.last?.connection ?? null,
  meanwhile.count,
  after.first?.connection ?? null,
];

describe('places', () => {
  const counts = ({ places }: Timeline): unknown[] =>
    places.map(({ serverName, failed: failures, workedSince, firstFailureAt, lastFailureAt }) => [
      serverName,
      failures,
      workedSince,
      firstFailureAt,
      lastFailureAt,
    ]);

  test('failures of each name, and what worked there since the first of them, whoever made it', () => {
    const [a, b] = [from('192.0.2.11'), from('192.0.2.12')];
    const timeline = timelineOf([
      seen(1, a),
      failed(2, a),
      seen(3, b),
      failed(4, b),
      failed(5, { ...a, ...named('other.example') }),
      seen(6, a),
    ]);
    assert.deepEqual(counts(timeline), [
      ['www.example.com', 2, 2, at(2), at(4)],
      ['other.example', 1, 0, at(5), at(5)],
    ]);
  });

  test('of failures that show no name, what worked at the server under any', () => {
    const timeline = timelineOf([seen(1), failed(2, unanswered), seen(3), seen(4, named('other.example'))]);
    assert.deepEqual(counts(timeline), [[null, 1, 2, at(2), at(2)]]);
  });

  test('of more clients than are told apart, none are counted', () => {
    const timeline = timelineOf(
      Array.from({ length: 1001 }, (_, index) => failed(index, from(`10.0.${index >> 8}.${index & 255}`))),
    );
    assert.deepEqual(timeline.places, []);
  });
});

describe('a change', () => {
  test('worked, then failed', () => {
    assert.deepEqual(told(timelineOf([seen(1), seen(2), failed(3), failed(4)])), ['began', '2', 0, null]);
  });

  test('failed, then worked', () => {
    assert.deepEqual(told(timelineOf([failed(1), failed(2), seen(3), seen(4)])), ['ended', null, 0, '3']);
  });

  test('worked, failed, and works again', () => {
    assert.deepEqual(told(timelineOf([seen(1), failed(2), failed(3), seen(4)])), ['began-and-ended', '1', 0, '4']);
  });

  test('comes and goes', () => {
    const timeline = timelineOf([seen(1), failed(2), seen(3), failed(4), seen(5)]);
    assert.deepEqual(told(timeline), ['comes-and-goes', '1', 1, '5']);
  });

  test('comes and goes, now for one client, now for another', () => {
    const [a, b] = [from('192.0.2.11'), from('192.0.2.12')];
    const timeline = timelineOf([seen(1, a), failed(2, a), seen(3, a), seen(4, b), failed(5, b), seen(6, b)]);
    assert.equal(timeline.change, 'comes-and-goes');
  });

  test('began, though not for all clients at once', () => {
    const [a, b] = [from('192.0.2.11'), from('192.0.2.12')];
    const timeline = timelineOf([seen(1, a), seen(2, b), failed(3, a), seen(4, b), failed(5, b), failed(6, a)]);
    assert.deepEqual(told(timeline), ['began', '4', 0, null]);
  });

  test('of many clients, where none of them was there both before and after', () => {
    const clients = Array.from({ length: 8 }, (_, index) => from(`192.0.2.${index}`));
    const timeline = timelineOf(
      clients.map((client, index) => (index < 4 ? seen(index, client) : failed(index, client))),
    );
    assert.deepEqual([timeline.change, timeline.others.before.last?.connection], ['began', '3']);
  });
});

describe('no change', () => {
  test('is a success of another client', () => {
    const timeline = timelineOf([seen(1, from('192.0.2.77')), failed(2), seen(3, from('192.0.2.77')), failed(4)]);
    assert.deepEqual(told(timeline), ['none', null, 0, null]);
    const { before, meanwhile, after } = timeline.others;
    assert.deepEqual([before.count, meanwhile.count, after.count], [1, 1, 0]);
    assert.deepEqual(meanwhile.clients, ['192.0.2.77']);
  });

  test('is a success with another ClientHello from the same address', () => {
    const timeline = timelineOf([seen(1), failed(2, older)]);
    assert.deepEqual(told(timeline), ['none', null, 0, null]);
    assert.equal(timeline.otherOffers.last?.connection, '1');
  });

  test('is a success with another name at the same server', () => {
    const timeline = timelineOf([seen(1, named('a.example')), failed(2, named('b.example'))]);
    assert.deepEqual(told(timeline), ['none', null, 0, null]);
    assert.deepEqual(timeline.otherNames, { count: 1, serverNames: ['a.example'] });
  });

  test('is a success of the same client at another server', () => {
    const timeline = timelineOf([seen(1, { server: { address: '198.51.100.99', port: 443 } }), failed(2)]);
    assert.deepEqual(told(timeline), ['none', null, 0, null]);
    const servers = ['198.51.100.99:443'];
    assert.deepEqual(timeline.elsewhere, { count: 1, servers, sameName: servers });
  });

  test('of the same name only where the same client had success with it', () => {
    const elsewhere: ConnectionOverrides = { server: { address: '198.51.100.99', port: 443 } };
    const timeline = timelineOf([
      seen(1, { ...elsewhere, ...named('other.example') }),
      seen(2, { ...elsewhere, ...from('192.0.2.99') }),
      failed(3),
    ]);
    assert.deepEqual(timeline.elsewhere, { count: 1, servers: ['198.51.100.99:443'], sameName: [] });
  });

  test('is what few clients show, none of which was there both before and after', () => {
    const clients = Array.from({ length: 6 }, (_, index) => from(`192.0.2.${index}`));
    const timeline = timelineOf(
      clients.map((client, index) => (index < 3 ? seen(index, client) : failed(index, client))),
    );
    assert.deepEqual([timeline.change, timeline.others.before.count], ['none', 3]);
  });
});

test('GREASE, and a session to resume, do not make another client', () => {
  const grease = (value: string): ConnectionOverrides => ({
    clientHello: { supportedGroups: [value, 'x25519'], extensions: [value, 'server_name', 'pre_shared_key'] },
  });
  assert.equal(timelineOf([seen(1, grease('GREASE_0x0A0A')), failed(2, grease('GREASE_0xFAFA'))]).change, 'began');
});

test('of a failure without a ClientHello any name is the same', () => {
  const timeline = timelineOf([seen(1, named('a.example')), failed(2, unanswered), seen(3, named('b.example'))]);
  assert.deepEqual(told(timeline), ['began-and-ended', '1', 0, '3']);
});

test('another cause at the same place is not this one, and success between the two belongs to neither', () => {
  const chronology = createChronology();
  for (const [one, key] of [
    [seen(1), null],
    [failed(2), CAUSE],
    [seen(3), null],
    [failed(4), 'server-silent'],
    [seen(5), null],
  ] as const) {
    chronology.judged(one, key, key);
  }
  const [first, second] = [chronology.of(CAUSE).timeline, chronology.of('server-silent').timeline];
  assert.ok(first !== null && second !== null);
  assert.deepEqual(told(first), ['began-and-ended', '1', 0, '3']);
  assert.deepEqual(told(second), ['began-and-ended', '3', 0, '5']);
});

test('what is not a diagnosis has no timeline', () => {
  assert.deepEqual(createChronology().of('unheard-of'), { timeline: null, retries: null });
});

describe('within its bounds', () => {
  const event = fc.record({
    second: fc.integer({ min: 1, max: 10_000 }),
    isFailed: fc.boolean(),
    client: fc.integer({ min: 1, max: 3 }),
    name: fc.constantFrom('a.example', 'b.example'),
    version: fc.constantFrom('TLS 1.2', 'TLS 1.1'),
  });
  const events = fc.uniqueArray(event, { selector: ({ second }) => second, minLength: 1, maxLength: 32 });
  const connectionOf = ({
    second,
    isFailed,
    client,
    name,
    version,
  }: {
    second: number;
    isFailed: boolean;
    client: number;
    name: string;
    version: string;
  }): Connection =>
    (isFailed ? failed : seen)(second, {
      ...from(`192.0.2.${client}`),
      clientHello: { serverName: name, supportedVersions: [version] },
    });

  test('the order in which connections are judged does not matter', () => {
    const cases = events.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.boolean()),
    );
    fc.assert(
      fc.property(cases, ([all, shuffled, expected]) => {
        fc.pre(all.some(({ isFailed }) => isFailed));
        const inOrder = [...all].sort((a, b) => a.second - b.second).map(connectionOf);
        const other = timelineOf(shuffled.map(connectionOf), { expected });
        assert.deepEqual(sorted(other), sorted(timelineOf(inOrder)));
      }),
    );
  });

  test('it agrees with what one would count by hand', () => {
    fc.assert(
      fc.property(events, (all) => {
        const failures = all.filter(({ isFailed }) => isFailed);
        fc.pre(failures.length > 0);
        const timeline = timelineOf(all.map(connectionOf));
        const others = all.filter(
          ({ isFailed, client, name, version }) =>
            !isFailed &&
            failures.some((one) => one.client === client) &&
            failures.some((one) => one.name === name) &&
            !failures.some((one) => one.client === client && one.name === name && one.version === version),
        );
        assert.equal(timeline.otherOffers.count, others.length);
        const same = all.flatMap(({ second, isFailed, client, name, version }) => {
          const times = failures
            .filter((one) => one.client === client && one.name === name && one.version === version)
            .map((one) => one.second);
          if (isFailed || times.length === 0) return [];
          const phase = second < Math.min(...times) ? 'before' : second > Math.max(...times) ? 'after' : 'meanwhile';
          return [{ second, phase }];
        });
        for (const phase of ['before', 'meanwhile', 'after'] as const) {
          const seconds = same.filter((one) => one.phase === phase).map(({ second }) => second);
          assert.equal(timeline[phase].count, seconds.length);
          assert.equal(
            timeline[phase].first?.connection,
            seconds.length > 0 ? String(Math.min(...seconds)) : undefined,
          );
          assert.equal(timeline[phase].last?.connection, seconds.length > 0 ? String(Math.max(...seconds)) : undefined);
        }
      }),
    );
  });
});

describe('beyond them', () => {
  const many = (from: number, to: number, make: (second: number) => Connection): Connection[] =>
    Array.from({ length: to - from }, (_, index) => make(from + index));

  test('failures that are judged when thousands have succeeded since still know what was before and after them', () => {
    const all = [...many(1, 3000, seen), ...many(3000, 3100, failed), ...many(3100, 6000, seen)];
    const late = (of: readonly Connection[]): Connection[] => [
      ...of.filter(({ outcome }) => outcome !== 'failed'),
      ...of.filter(({ outcome }) => outcome === 'failed'),
    ];
    const timeline = timelineOf(all, { order: late });
    assert.deepEqual(told(timeline), ['began-and-ended', '2999', 0, '3100']);
    assert.deepEqual([timeline.before.count, timeline.after.count], [2999, 2900]);
  });

  test('programs of one client remain apart where a failure turns up between successes that were counted', () => {
    const worked = many(1, 100, (second) => seen(second, second % 2 === 0 ? older : {})).filter(
      ({ id }) => id !== '50',
    );
    const timeline = timelineOf([...worked, failed(50, older)], { expected: false });
    const { before, meanwhile, after, otherOffers } = timeline;
    assert.equal(before.count + meanwhile.count + after.count, 48);
    assert.deepEqual([otherOffers.count, otherOffers.first?.connection, otherOffers.last?.connection], [50, '1', '99']);
  });

  test('clients are told in the order in which they succeeded, however many successes wait to be counted', () => {
    for (const count of [1, 31, 32, 33, 100]) {
      const clients = Array.from({ length: count }, (_, index) => `192.0.2.${index + 1}`);
      const worked = clients.map((address, index) => seen(index + 1, from(address)));
      const { others } = timelineOf([...worked, failed(count + 1, from('192.0.2.200'))]);
      assert.deepEqual(others.before.clients, clients);
      assert.deepEqual([others.before.first?.at, others.before.last?.at], [at(1), at(count)]);
    }
  });

  test('thousands that come and go are counted', () => {
    const all = many(1, 8001, (second) => (second % 2 === 0 ? failed(second) : seen(second)));
    const timeline = timelineOf(all);
    assert.deepEqual(told(timeline), ['comes-and-goes', '1', 3999, null]);
  });

  test('of more places than are followed nothing is said', () => {
    const chronology = createChronology();
    for (const second of Array(5000).keys()) {
      const one = seen(second, { server: { address: '198.51.100.20', port: second } });
      chronology.judged(one, null, null);
    }
    const one = failed(5001, { server: { address: '198.51.100.20', port: 6000 } });
    chronology.judged(one, CAUSE, CAUSE);
    assert.equal(chronology.of(CAUSE).timeline, null);
  });
});

/** Lists are in order of their coming. */
function sorted(timeline: Timeline): unknown {
  return JSON.parse(
    JSON.stringify(timeline, (_, value: unknown) =>
      Array.isArray(value) ? value.map(String).sort((a, b) => a.localeCompare(b)) : value,
    ),
  );
}
