import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Side } from '../../../src/connection/connection.js';
import { isServed } from '../../../src/diagnose/evidence/progress.js';
import { connection, encryptedRecord, sighting } from '../../support/connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';

const FINISHED = 69;
const TICKET = 250;
const ALERT = 19;

/** A handshake in TLS 1.3 and the records behind it, a frame each. */
const followedBy = (...records: readonly (readonly [Side, number])[]): ReturnType<typeof connection> =>
  connection({
    outcome: 'established',
    serverHello: { version: 'TLS 1.3', cipherSuite: 'TLS_AES_256_GCM_SHA384' },
    encryptedRecords: [['server', 1200] as const, ['client', FINISHED] as const, ...records].map(
      ([from, length], index) => encryptedRecord(from, 5 + index, length),
    ),
  });

describe('an answer in TLS 1.3', () => {
  const tickets = [
    ['server', TICKET],
    ['server', TICKET],
  ] as const;

  test('is what comes behind the request, and is more than two tickets', () => {
    assert.equal(isServed(followedBy(...tickets, ['client', 90], ['server', 160])), true);
    assert.equal(isServed(followedBy(['client', 90], ...tickets, ['server', 160])), true);
    assert.equal(isServed(followedBy(['client', 90], ['server', TICKET], ['server', 160])), false);
  });

  test('is no greeting before a request, and no alert behind it', () => {
    assert.equal(isServed(followedBy(...tickets, ['server', 160])), false);
    assert.equal(isServed(followedBy(...tickets, ['server', 160], ['client', 90])), false);
    assert.equal(isServed(followedBy(...tickets, ['client', 90], ['server', ALERT])), false);
  });
});

describe('an answer over QUIC', () => {
  const finished = { ...sighting('client', 9), level: '1rtt', length: 40 } as const;
  const served = (server: number, last: number, more: Parameters<typeof quicConnection>[0] = {}) =>
    isServed(
      quicConnection({
        outcome: 'established',
        ...more,
        quic: {
          client: { packets: { '1rtt': 2 }, protectedPackets: [finished] },
          server: { packets: { '1rtt': server } },
          ...more.quic,
        },
        udp: { server: { lastData: sighting('server', last) } },
      }),
    );

  test('is what comes when the client has finished, in more packets than tickets take', () => {
    assert.equal(served(3, 12), true);
    assert.equal(served(2, 12), false);
  });

  test('is none before the client has finished, or behind a close', () => {
    assert.equal(served(3, 8), false);
    assert.equal(served(3, 12, { quic: { halfRtt: 1 } }), false);
    assert.equal(served(3, 12, { quic: { closes: [quicClose({ level: '1rtt' })] } }), false);
  });
});
