/** Certificates that are compressed (RFC 8879), as keys show them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { brotliCompressSync, deflateSync } from 'node:zlib';
import { analyze } from '../../../src/analyze.js';
import type { DiagnosedConnection } from '../../../src/diagnose/finding.js';
import { be16, concat } from '../../support/captures.js';
import { zstdBomb, zstdFrame } from '../../support/compressed.js';
import { captureOf, certificate } from '../../support/live.js';
import { begun, keyLogOf, sealed } from '../../support/sealed.js';
import { be24, extension, message, TYPE, vector16, vector24, vector8 } from '../../support/tls.js';

const folder = await mkdtemp(join(tmpdir(), 'compressed-'));
after(() => rm(folder, { recursive: true }));

const [ZLIB, BROTLI, ZSTD] = [1, 2, 3];
const CHAIN = concat(vector8([]), vector24(vector24(certificate.der), be16(0)));
const compressed = (algorithm: number, bytes: Uint8Array, length = CHAIN.length): Uint8Array =>
  message(25, be16(algorithm), be24(length), vector24(bytes));
const WAYS: readonly (readonly [name: string, algorithm: number, bytes: Uint8Array])[] = [
  ['zlib', ZLIB, deflateSync(CHAIN)],
  ['brotli', BROTLI, brotliCompressSync(CHAIN)],
  ['zstd', ZSTD, zstdFrame(CHAIN, 200)],
];

/** A handshake in which the server sends one certificate message, the client another, and the server refuses with `alert`. */
async function refused(server: Uint8Array, client: Uint8Array, alert: number): Promise<DiagnosedConnection> {
  const talk = begun();
  const request = message(13, vector8([]), vector16(extension(13, vector16(be16(0x0403)))));
  const rest = [message(15, be16(0x0403), vector16(new Uint8Array(70))), message(20, new Uint8Array(32))];
  const flight = concat(message(8, vector16()), request, server, ...rest);
  talk.say('server', sealed('handshake', 'server', 0, TYPE.handshake, flight));
  talk.say('client', sealed('handshake', 'client', 0, TYPE.handshake, concat(client, ...rest)));
  talk.say('server', sealed('application', 'server', 0, TYPE.alert, [2, alert]));
  talk.fin('server');
  talk.fin('client');
  await writeFile(join(folder, 'a.pcap'), captureOf(talk));
  await writeFile(join(folder, 'a.keys'), keyLogOf('handshake', 'application'));
  const { connections } = await analyze([join(folder, 'a.pcap')], { keys: [join(folder, 'a.keys')] });
  assert.ok(connections[0] !== undefined && connections.length === 1);
  return connections[0];
}

const BAD_CERTIFICATE = 42;

describe('CompressedCertificate', () => {
  for (const [name, algorithm, bytes] of WAYS) {
    test(`of ${name} is read, and rules take it for the certificates of its sender`, async () => {
      const both = compressed(algorithm, bytes);
      const { connection, cause } = await refused(both, both, BAD_CERTIFICATE);
      const [server, client] = [connection.serverCertificates, connection.clientCertificates];
      assert.deepEqual(
        [server, client].map((chain) => chain.map(({ sha256 }) => sha256)),
        [[certificate.sha256], [certificate.sha256]],
      );
      const own = connection.messages.find(({ from, type }) => from === 'client' && type === 'compressed_certificate');
      assert.ok(own !== undefined && cause !== null);
      assert.notEqual(cause.rule.id, 'client-certificate-missing');
      assert.ok(cause.evidence.some(({ frame }) => frame === own.frame));
    });
  }

  test('that cannot be decompressed is malformed, and not taken for one without certificates', async () => {
    const damaged = compressed(ZSTD, zstdFrame(CHAIN).subarray(1));
    const tooLong = compressed(ZSTD, zstdBomb(CHAIN, 0, 2000));
    const unknown = compressed(4, CHAIN);
    for (const [one, faults] of [
      [damaged, 2],
      [tooLong, 2],
      [unknown, 0],
    ] as const) {
      const { connection, cause } = await refused(one, one, BAD_CERTIFICATE);
      assert.equal(connection.notes.filter(({ code }) => code === 'malformed-message').length, faults);
      assert.deepEqual([connection.serverCertificates, connection.clientCertificates], [[], []]);
      assert.notEqual(cause?.rule.id, 'client-certificate-missing');
    }
  });

  test('of another length than it announces is malformed', async () => {
    for (const [, algorithm, bytes] of WAYS) {
      const one = compressed(algorithm, bytes, CHAIN.length + 1);
      const { connection } = await refused(one, one, BAD_CERTIFICATE);
      assert.equal(connection.notes.filter(({ code }) => code === 'malformed-message').length, 2);
    }
  });
});
