import '../../src/report/reflect.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../src/connection/connection.js';
import { createChronology } from '../../src/diagnose/evidence/chronology.js';
import { withNeighbour } from '../../src/diagnose/neighbours.js';
import { actionOf, commandOf } from '../../src/report/words.js';
import { alert, at, connection, type ConnectionOverrides } from '../support/connections.js';
import { finding, rule } from '../support/results.js';

const seen = (second: number, overrides: ConnectionOverrides = {}): Connection =>
  connection({ id: String(second), startedAt: at(second), ...overrides });
const failed = (second: number): Connection => seen(second, { alerts: [alert()] });
const otherServer: ConnectionOverrides = { server: { address: '198.51.100.99', port: 443 } };
const otherClient: ConnectionOverrides = { client: { address: '192.0.2.99', port: 50000 } };
const otherOffer: ConnectionOverrides = { clientHello: { supportedVersions: ['TLS 1.0'] } };

/** What is said of a neighbour in a capture with these and a failure after them, and the command with it. */
function said(neighbours: readonly Connection[], id: string, isOneServer = true): readonly (string | null)[] {
  const failure = failed(9);
  const chronology = createChronology();
  for (const one of [...neighbours, failure]) chronology.judged(one, one === failure ? id : null, null);
  const own = finding({ rule: rule({ id }), remedies: [] });
  const { remedies } = withNeighbour(own, failure, chronology.of(id).timeline, isOneServer);
  return remedies.flatMap((remedy) => [
    actionOf(own.rule, remedy, (text) => text),
    commandOf(own.rule, remedy, (text) => text)?.text ?? null,
  ]);
}

const CLIENT =
  'Compare 192.0.2.10 with 192.0.2.99, which got through to 198.51.100.20:443 with the same name (connection 1): its versions, settings and trust store.';
const OFFER =
  'Compare with connection 2, in which 192.0.2.10 got through to 198.51.100.20:443 with another ClientHello: another program, or other settings.';
const SERVER =
  'Compare 198.51.100.20:443 with 198.51.100.99:443, where the same client got through with the same name: certificates, settings, and what is in front of it.';
const SHOW = 'openssl s_client -connect 198.51.100.99:443 -servername www.example.com -showcerts </dev/null';

describe('a neighbour that worked is named', () => {
  test('another client at the same server', () => {
    assert.deepEqual(said([seen(1, otherClient)], 'handshake-rejected'), [CLIENT, null]);
  });

  test('another ClientHello of the client, before another client', () => {
    assert.deepEqual(said([seen(1, otherClient), seen(2, otherOffer)], 'closed-without-alert'), [OFFER, null]);
  });

  test('another server of the same name, before both', () => {
    const all = [seen(1, otherClient), seen(2, otherOffer), seen(3, otherServer)];
    assert.deepEqual(said(all, 'handshake-rejected'), [SERVER, SHOW]);
  });
});

describe('no neighbour is named', () => {
  test('where none worked', () => {
    assert.deepEqual(said([], 'handshake-rejected'), []);
  });

  test('where others take a certificate that is at fault for all', () => {
    assert.deepEqual(said([seen(1, otherClient), seen(2, otherOffer)], 'certificate-expired'), []);
    assert.deepEqual(said([seen(3, otherServer)], 'certificate-expired'), [SERVER, SHOW]);
  });

  test('where the comparison brings nothing nearer, or the failures are at several servers', () => {
    assert.deepEqual(said([seen(3, otherServer)], 'user-canceled'), []);
    assert.deepEqual(said([seen(3, otherServer)], 'handshake-rejected', false), []);
  });
});
