import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../src/connection/connection.js';
import type { Retries } from '../../../src/diagnose/evidence/attempts.js';
import { createChronology } from '../../../src/diagnose/evidence/chronology.js';
import { alert, at, clientHello, connection, type ConnectionOverrides } from '../../support/connections.js';
import { GNUTLS_HELLO, NODE_HELLO } from '../../support/hellos.js';

const CAUSE = 'connection-reset';

/** A connection that began so many seconds after the capture did, and took a tenth of one. */
function tried(second: number, overrides: ConnectionOverrides = {}): Connection {
  const end = at(second + 0.1);
  return connection({
    id: String(Math.round(second * 10)),
    startedAt: at(second),
    endedAt: end,
    ending: { by: 'server', how: 'close', frame: 7, at: end },
    ...overrides,
  });
}

const failed = (second: number, overrides: ConnectionOverrides = {}): Connection =>
  tried(second, { alerts: [alert({ at: at(second + 0.1) })], ...overrides });
const from = (address: string): ConnectionOverrides => ({ client: { address, port: 50000 } });
const to = (address: string): ConnectionOverrides => ({ server: { address, port: 443 } });
const offering = (...supportedVersions: string[]): ConnectionOverrides => ({ clientHello: { supportedVersions } });

function retriesOf(connections: readonly Connection[], key = CAUSE): Retries | null {
  const chronology = createChronology();
  for (const one of connections) chronology.ended(one);
  for (const one of connections) {
    const rule = one.outcome === 'failed' ? CAUSE : null;
    chronology.judged(one, rule, rule);
  }
  return chronology.of(key).retries;
}

/** Attempts, such as were tried again, and such as worked; and the tries of the example. */
function told(connections: readonly Connection[]): unknown {
  const retries = retriesOf(connections);
  if (retries === null) return null;
  const { attempts, retried, succeeded, example } = retries;
  return [attempts, retried, succeeded, example?.tries.map((each) => each.connection).join(' ')];
}

describe('one attempt', () => {
  test('tries that step down to older versions, and fail', () => {
    const steps = [
      failed(1, offering('TLS 1.3', 'TLS 1.2')),
      failed(2, offering('TLS 1.2')),
      failed(3, offering('TLS 1.0')),
    ];
    assert.deepEqual(told(steps), [1, 1, 0, '10 20 30']);
    const example = retriesOf(steps)?.example;
    assert.deepEqual(
      example?.tries.map(({ version, changes }) => [
        version,
        changes.map(({ field, removed, added }) => [field, removed, added]),
      ]),
      [
        ['TLS 1.3', []],
        ['TLS 1.2', [['supportedVersions', ['TLS 1.3'], []]]],
        ['TLS 1.0', [['supportedVersions', ['TLS 1.2'], ['TLS 1.0']]]],
      ],
    );
    assert.deepEqual([example.succeeded, example.count, example.client], [false, 3, '192.0.2.10']);
  });

  test('that works in the end', () => {
    assert.deepEqual(told([failed(1), tried(1.5, offering('TLS 1.2'))]), [1, 1, 1, '10 15']);
  });

  test('tries that differ in nothing', () => {
    assert.deepEqual(told([failed(1), failed(2), tried(3)]), [1, 1, 1, '10 20 30']);
  });

  test('is of one program: another with another stack at the same address tries nothing again', () => {
    const gnutls = { clientHello: GNUTLS_HELLO };
    const node = { clientHello: NODE_HELLO };
    assert.equal(told([failed(1, node), tried(2, gnutls)]), null);
    assert.deepEqual(told([failed(1, node), failed(2, gnutls), tried(3, node)]), [2, 1, 1, '10 30']);
    // What wrote a hello is not always known: then it may be the same.
    const unknown = { clientHello: { ...NODE_HELLO, extensions: ['server_name', 'supported_versions'] } };
    assert.deepEqual(told([failed(1, node), tried(2, unknown)]), [1, 1, 1, '10 20']);
    assert.deepEqual(
      told([failed(1, node), failed(2, unknown), tried(3, gnutls)]),
      [1, 1, 0, '10 20'],
      'nor by way of that',
    );
  });

  test('is of one program: a fallback keeps the cipher suites of the older version', () => {
    const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_CBC_SHA'];
    const wide = { clientHello: { supportedVersions: ['TLS 1.3', 'TLS 1.2'], cipherSuites: tls13 } };
    const below = (version: string, ...cipherSuites: string[]): ConnectionOverrides => ({
      clientHello: { supportedVersions: [version], cipherSuites },
    });
    const [, aead = '', cbc = ''] = tls13;
    assert.deepEqual(told([failed(1, wide), tried(2, below('TLS 1.2', aead, cbc))]), [1, 1, 1, '10 20']);
    assert.deepEqual(told([failed(1, wide), tried(2, below('TLS 1.0', cbc))]), [1, 1, 1, '10 20']);
    assert.equal(told([failed(1, wide), tried(2, below('TLS 1.2', aead))]), null);
    assert.deepEqual(told([failed(1, wide), tried(2, below('TLS 1.2', aead, 'TLS_FALLBACK_SCSV'))]), [
      1,
      1,
      1,
      '10 20',
    ]);
  });

  test('a retry begins while the server still closes the connection before', () => {
    const lingering = failed(1, { endedAt: at(6) });
    assert.deepEqual(told([lingering, tried(2)]), [1, 1, 1, '10 20']);
  });

  test('the same name at another address', () => {
    assert.deepEqual(told([failed(1), tried(2, to('198.51.100.21'))]), [1, 1, 1, '10 20']);
  });

  test('an address that does not answer, then another, if the capture shows that both have the name', () => {
    const unanswered = failed(5, {
      clientHello: null,
      outcome: 'failed',
      phase: 'tcp-connect',
      alerts: [],
      endedAt: at(8),
    });
    const next = tried(5.3, to('198.51.100.21'));
    assert.deepEqual(told([tried(1, from('192.0.2.77')), unanswered, next]), [1, 1, 1, '50 53']);
    assert.equal(told([unanswered, next]), null);
  });

  test('a fallback is told by its signal', () => {
    const { cipherSuites } = clientHello();
    const fallback = tried(2, {
      clientHello: { supportedVersions: ['TLS 1.2'], cipherSuites: [...cipherSuites, 'TLS_FALLBACK_SCSV'] },
    });
    const changes = retriesOf([failed(1), fallback])?.example?.tries[1]?.changes;
    assert.deepEqual(changes?.find(({ field }) => field === 'cipherSuites')?.added, ['TLS_FALLBACK_SCSV']);
  });

  test('GREASE, the order of extensions and padding are no difference', () => {
    const one = { cipherSuites: ['GREASE_0x0A0A', 'TLS_AES_128_GCM_SHA256'], extensions: ['server_name', 'key_share'] };
    const other = {
      cipherSuites: ['GREASE_0x1A1A', 'TLS_AES_128_GCM_SHA256'],
      extensions: ['key_share', 'GREASE_0x2A2A', 'padding_0x0015', 'server_name'],
    };
    const example = retriesOf([failed(1, { clientHello: one }), failed(2, { clientHello: other })])?.example;
    assert.deepEqual(example?.tries[1]?.changes, []);
  });

  test('of many tries the first ones and the last are told', () => {
    const example = retriesOf(Array.from({ length: 40 }, (_, index) => failed(index + 1)))?.example;
    assert.deepEqual([example?.count, example?.tries.length, example?.tries.at(-1)?.connection], [40, 8, '400']);
  });
});

describe('no retry', () => {
  const alone: readonly [string, readonly Connection[]][] = [
    ['a single failure', [failed(1)]],
    ['what comes later', [failed(1), tried(12)]],
    ['what began before the failure', [failed(1), tried(1.05, offering('TLS 1.2'))]],
    ['what another client does', [failed(1), tried(2, from('192.0.2.11'))]],
    [
      'what goes to another server',
      [failed(1), tried(2, { ...to('198.51.100.21'), clientHello: { serverName: 'b.example' } })],
    ],
    ['another name at the same server', [failed(1), tried(2, { clientHello: { serverName: 'b.example' } })]],
    ['the next of many connections', [tried(1), tried(2), failed(3), tried(4)]],
  ];
  for (const [name, connections] of alone) {
    test(name, () => {
      assert.equal(told(connections), null);
    });
  }
});

describe('several attempts', () => {
  test('each success ends one', () => {
    const all = [failed(1), failed(1.05), tried(2, offering('TLS 1.2')), tried(2.1, offering('TLS 1.2'))];
    assert.deepEqual(told(all), [2, 2, 2, '10 21']);
  });

  test('the example is one whose tries differ, then one that worked, then the first', () => {
    const [a, b, c] = [from('192.0.2.11'), from('192.0.2.12'), from('192.0.2.13')];
    const all = [
      ...[failed(1, a), tried(2, a)],
      ...[failed(3, b), failed(4, { ...b, ...offering('TLS 1.2') })],
      ...[failed(5, c), tried(6, { ...c, ...offering('TLS 1.2') })],
    ];
    assert.deepEqual(told(all), [3, 3, 2, '50 60']);
    assert.deepEqual(told(all.slice(0, 4)), [2, 2, 1, '30 40']);
    assert.deepEqual(told(all.slice(0, 2)), [1, 1, 1, '10 20']);
  });

  test('one that meets two causes is one of each', () => {
    const chronology = createChronology();
    chronology.judged(failed(1), CAUSE, CAUSE);
    chronology.judged(failed(2, offering('TLS 1.2')), 'fallback-rejected', 'fallback-rejected');
    for (const key of [CAUSE, 'fallback-rejected']) {
      const { retries } = chronology.of(key);
      assert.deepEqual(
        retries?.example?.tries.map(({ connection: id, diagnosis }) => [id, diagnosis]),
        [
          ['10', CAUSE],
          ['20', 'fallback-rejected'],
        ],
      );
    }
  });
});

test('the order in which connections are judged does not matter', () => {
  const event = fc.record({
    tenth: fc.integer({ min: 1, max: 600 }),
    isFailed: fc.boolean(),
    client: fc.integer({ min: 1, max: 2 }),
    version: fc.constantFrom('TLS 1.3', 'TLS 1.2'),
  });
  // A success is held against the eight that follow a failure.
  const events = fc.uniqueArray(event, { selector: ({ tenth }) => tenth, maxLength: 8 });
  const cases = events.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  const told = (all: readonly { tenth: number; isFailed: boolean; client: number; version: string }[]): unknown =>
    retriesOf(
      all.map(({ tenth, isFailed, client, version }) =>
        (isFailed ? failed : tried)(tenth / 10, { ...from(`192.0.2.${client}`), ...offering(version) }),
      ),
    );
  fc.assert(
    fc.property(cases, ([all, shuffled]) => {
      assert.deepEqual(told(shuffled), told([...all].sort((a, b) => a.tenth - b.tenth)));
    }),
  );
});

test('failures beyond those that are followed cost nothing', () => {
  const retries = retriesOf(Array.from({ length: 20_000 }, (_, index) => failed(index * 20 + 1)));
  assert.equal(retries, null);
});
