import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ending, TcpFacts } from '../../../src/connection/connection.js';
import { isDoubtful } from '../../../src/diagnose/evidence/gaps.js';
import { connection, reset, sighting } from '../../support/connections.js';
import { quicConnection } from '../../support/quic-connections.js';

type Transport = NonNullable<NonNullable<Parameters<typeof connection>[0]>['transport']>;

const doubtful = (transport: Transport, ending: Partial<Ending> = {}): boolean =>
  isDoubtful(
    connection({ phase: 'client-hello', ending: { by: 'server', how: 'close', frame: 6, ...ending }, transport }),
  );

describe('what the last word was cannot be said', () => {
  test('where the capture lacks bytes that were acknowledged, but not where they got lost on the way', () => {
    assert.equal(doubtful({}), false);
    assert.equal(doubtful({ server: { missing: 7 } }), true);
    assert.equal(doubtful({ server: { missing: 1448, lost: 1448 } }), false);
    assert.equal(doubtful({ client: { uncaptured: { ...sighting('client', 7), bytes: 7 } } }), true);
  });

  test('where its frames are out of order', () => {
    assert.equal(doubtful({ server: { late: sighting('server', 7) } }), true);
  });

  test('where it began late, or lacks the SYN-ACK of a server that says nothing', () => {
    assert.equal(doubtful({ syns: [], synAck: null, synAcks: [] }), true);
    assert.equal(doubtful({ synAck: null, synAcks: [] }), true);
    assert.equal(doubtful({ synAck: null, synAcks: [], server: { bytes: 900 } }), false);
  });

  test('where a FIN or a reset acknowledges, or a reset stands behind, what it lacks', () => {
    const fin = { ...sighting('server', 6), acknowledgesUnseen: true } as const;
    assert.equal(doubtful({ fins: [fin] }), true);
    const by = (overrides: Partial<TcpFacts['resets'][number]>): boolean =>
      doubtful({ resets: [reset({ from: 'server', frame: 6, ...overrides })] }, { how: 'reset' });
    assert.equal(by({ isInSequence: true }), false);
    assert.equal(by({ isInSequence: false }), true);
    assert.equal(by({ isInSequence: true, acknowledgesUnseen: true }), true);
  });

  test('of other carriers, this does not tell', () => {
    assert.equal(isDoubtful(quicConnection({})), false);
  });
});
