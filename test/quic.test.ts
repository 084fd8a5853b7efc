import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { analyze } from '../src/analyze.js';
import type { DiagnosedConnection } from '../src/diagnose/finding.js';
import { QUIC_SCENES, quicCapture, type QuicScene } from './support/quic-captures.js';

const folder = mkdtempSync(join(tmpdir(), 'quic-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** The one connection of a scene, judged. */
async function connectionOf(scene: QuicScene): Promise<DiagnosedConnection> {
  const path = join(folder, `${Object.keys(QUIC_SCENES).indexOf(scene)}.pcap`);
  writeFileSync(path, quicCapture(scene));
  const connections: DiagnosedConnection[] = [];
  await analyze([path], { onConnection: (connection) => void connections.push(connection) });
  const [connection] = connections;
  assert.ok(connection !== undefined && connections.length === 1);
  return connection;
}

/** What becomes of each scene: outcome, step, cause, and the frames that show it. */
const expected: Readonly<
  Record<QuicScene, readonly [outcome: string, phase: string, cause?: string, frames?: number[]]>
> = {
  established: ['established', 'application-data'],
  'established after a Retry': ['established', 'application-data'],
  'no version in common': ['failed', 'client-hello', 'protocol-version-mismatch', [1, 2]],
  'no protocol in common': ['failed', 'client-hello', 'alpn-mismatch', [1, 2]],
  refused: ['failed', 'client-hello', 'connection-refused', [1, 2]],
  'token refused': ['failed', 'client-hello', 'retry-token-invalid', [2, 3, 4]],
  'Retry upon Retry': ['failed', 'client-hello', 'address-validation-loop', [1, 2, 8]],
  'a transport parameter out of range': ['failed', 'client-hello', 'protocol-violation', [1, 2]],
  'half of the ClientHello arrives': ['failed', 'client-hello', 'client-hello-lost', [2, 3]],
  'the ClientHello arrives bit by bit': ['incomplete', 'client-hello'],
  'the ClientHello is altered': ['failed', 'client-hello', 'decryption-failed', [1]],
  'the first ClientHello is lost behind the capture point': ['established', 'application-data'],
  'the answers are lost in front of the client': ['failed', 'server-hello', 'handshake-stalled', [1, 2, 5, 6]],
  'the answers are lost in front of the capture point': ['failed', 'server-certificate', 'path-mtu-blackhole', [1, 6]],
  'the client asks on, as the server may not send more': [
    'failed',
    'server-certificate',
    'handshake-stalled',
    [1, 2, 6],
  ],
  'the Finished of the client is lost behind the capture point': [
    'failed',
    'finished',
    'handshake-stalled',
    [1, 2, 4, 9],
  ],
  'the client sends its Finished again, and the server has 0.5-RTT data alone': [
    'failed',
    'finished',
    'handshake-stalled',
    [1, 2, 4, 8],
  ],
  'the Finished of the client arrives late': ['established', 'application-data'],
  'the client says nothing to the flight of the server': [
    'failed',
    'server-certificate',
    'handshake-stalled',
    [1, 2, 5],
  ],
  'cut off': ['incomplete', 'server-hello'],
  'still asking': ['incomplete', 'client-hello'],
};

for (const scene of Object.keys(QUIC_SCENES) as QuicScene[]) {
  test(`QUIC: ${scene}`, async () => {
    const { connection, cause } = await connectionOf(scene);
    const [outcome, phase, rule, frames] = expected[scene];
    assert.deepEqual([connection.outcome, connection.phase, cause?.rule.id], [outcome, phase, rule]);
    assert.deepEqual(
      cause && [...new Set(cause.evidence.map(({ frame }) => frame))].sort((a, b) => a - b),
      frames ?? cause,
    );
    assert.equal(connection.protocol, 'quic');
    assert.equal(connection.client.port, 50_000);
  });
}

test('QUIC: the facts of a connection', async () => {
  const { connection } = await connectionOf('established after a Retry');
  const { quic, clientHello, serverHello, messages, timing } = connection;
  assert.deepEqual(
    messages.map(({ type, frame, level }) => [type, frame, level]),
    [
      ['client_hello', 1, 'initial'],
      ['server_hello', 4, 'initial'],
    ],
  );
  assert.match(clientHello?.ja4 ?? '', /^q13/);
  assert.equal(serverHello?.version, 'TLS 1.3');
  assert.deepEqual(
    quic?.retries.map(({ frame, isAgain, isIntact }) => [frame, isAgain, isIntact]),
    [[2, false, true]],
  );
  assert.deepEqual([quic.version, quic.offeredVersions, quic.token?.frame], ['QUIC v1', ['QUIC v1'], 3]);
  assert.deepEqual(quic.transportParameters, [15]);
  assert.equal(timing.handshakeMs, 31);
});

test('QUIC: closes, once, with code, name and reason', async () => {
  const { connection } = await connectionOf('no protocol in common');
  assert.deepEqual(
    connection.quic?.closes.map(({ frame, from, code, name, application, frameType, reason }) => {
      return { frame, from, code, name, application, frameType, reason };
    }),
    [
      {
        frame: 2,
        from: 'server',
        code: 0x178,
        name: 'CRYPTO_ERROR',
        application: false,
        frameType: 0,
        reason: 'no application protocol',
      },
    ],
  );
  assert.deepEqual(
    connection.alerts.map(({ name, from, frame }) => [name, from, frame]),
    [['no_application_protocol', 'server', 2]],
  );
});
