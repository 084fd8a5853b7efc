import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import {
  canBeAlert,
  canBeCertificateVerify,
  canBeEmptyCertificate,
  canBeEncryptedExtensions,
  canBeFinished,
  canBeginWithEmptyCertificate,
  canBeKeyUpdate,
  canBePaddedAlert,
  mustHoldCertificate,
  type RecordProtection,
} from '../../../src/tls/record/sizes.js';
import { recordedConnections } from '../../support/recorded.js';

const tls13 = (cipherSuite: string): RecordProtection => ({ version: 'TLS 1.3', cipherSuite });
const SHA256 = tls13('TLS_AES_128_GCM_SHA256');
const SHA384 = tls13('TLS_AES_256_GCM_SHA384');
const CCM_8 = tls13('TLS_AES_128_CCM_8_SHA256');

type Test = (protection: RecordProtection, length: number) => boolean;

/** All lengths that pass. */
const lengthsOf = (passes: Test, protection: RecordProtection): number[] =>
  Array.from({ length: 600 }, (_, length) => length).filter((length) => passes(protection, length));

describe('TLS 1.3', () => {
  test('an alert, a Finished, a KeyUpdate and an empty Certificate have one length each', () => {
    const cases: [RecordProtection, number[][]][] = [
      [SHA256, [[19], [35], [53], [22], [25]]],
      [SHA384, [[19], [35], [69], [22], [25]]],
      [CCM_8, [[11], [27], [45], [14], [17]]],
    ];
    for (const [protection, lengths] of cases) {
      const tests = [canBeAlert, canBePaddedAlert, canBeFinished, canBeKeyUpdate, canBeEmptyCertificate];
      assert.deepEqual(
        tests.map((one) => lengthsOf(one, protection)),
        lengths,
        protection.cipherSuite ?? '',
      );
    }
  });

  test('without a ServerHello, every suite is possible', () => {
    const unknown = { version: null, cipherSuite: null };
    assert.deepEqual(lengthsOf(canBeAlert, unknown), [11, 19]);
    assert.deepEqual(lengthsOf(canBeFinished, unknown), [45, 53, 61, 69]);
  });

  test('an empty Certificate may have the Finished behind it, and padding', () => {
    assert.deepEqual(lengthsOf(canBeginWithEmptyCertificate, SHA256), [25, 41, 61, 77]);
    assert.deepEqual(lengthsOf(canBeginWithEmptyCertificate, SHA384), [25, 41, 77, 93]);
    assert.deepEqual(
      [77, 78].map((length) => mustHoldCertificate(SHA256, length)),
      [false, true],
    );
    assert.deepEqual(
      [93, 94].map((length) => mustHoldCertificate(SHA384, length)),
      [false, true],
    );
  });

  test('EncryptedExtensions tell by their length whether ALPN is answered', () => {
    assert.deepEqual(
      [null, 'h2', 'http/1.1'].map((protocol) =>
        lengthsOf((protection, length) => canBeEncryptedExtensions(protection, length, protocol), SHA256),
      ),
      // Alone, with server_name, and with one to sixteen groups, each of two bytes: no name of an odd length changes into another.
      [23, 32, 38].map((alone) => [
        alone,
        alone + 4,
        ...Array.from({ length: 18 }, (_, index) => alone + 8 + 2 * index),
      ]),
    );
  });
});

test('up to TLS 1.2, an alert and a Finished are as long as cipher and MAC make them', () => {
  const cases: [version: string, suite: string, alert: number[], finished: number[]][] = [
    ['TLS 1.2', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', [26], [40]],
    ['TLS 1.2', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', [18], [32]],
    ['TLS 1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', [18], [32]],
    ['TLS 1.2', 'TLS_RSA_WITH_AES_128_CBC_SHA', [48, 52], [64, 68]],
    ['TLS 1.2', 'TLS_RSA_WITH_AES_128_CBC_SHA256', [64], [80]],
    ['TLS 1.0', 'TLS_RSA_WITH_AES_128_CBC_SHA', [32, 36], [48, 52]],
    ['TLS 1.0', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', [24, 28], [40, 44]],
    ['TLS 1.0', 'TLS_RSA_WITH_RC4_128_SHA', [22], [36]],
    ['SSL 3.0', 'TLS_RSA_WITH_RC4_128_MD5', [18], [56]],
  ];
  for (const [version, cipherSuite, alert, finished] of cases) {
    const protection = { version, cipherSuite };
    assert.deepEqual(lengthsOf(canBeAlert, protection), alert, cipherSuite);
    assert.deepEqual(lengthsOf(canBeFinished, protection), finished, cipherSuite);
  }
});

test('up to TLS 1.2, an empty Certificate, of a renegotiation, has no request_context', () => {
  const protection = { version: 'TLS 1.2', cipherSuite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' };
  assert.deepEqual(lengthsOf(canBeEmptyCertificate, protection), [31]);
});

describe('recorded handshakes', () => {
  async function recorded(sample: string): Promise<{ connection: Connection; protection: RecordProtection }> {
    const [connection] = await recordedConnections(sample);
    assert.ok(connection?.serverHello);
    const { version, cipherSuite } = connection.serverHello;
    return { connection, protection: { version, cipherSuite } };
  }

  const lengths = ({ encryptedRecords }: Connection, from: string, contentType: string): number[] =>
    encryptedRecords.filter((one) => one.from === from && one.contentType === contentType).map(({ length }) => length);

  test('TLS 1.3: EncryptedExtensions, Certificate, CertificateVerify and Finished of a server, Finished of its client', async () => {
    const { connection, protection } = await recorded('tls13-success.pcap');
    const [extensions = 0, , verify = 0, finished = 0] = lengths(connection, 'server', 'application_data');
    assert.ok([null, 'h2', 'http/1.1'].some((one) => canBeEncryptedExtensions(protection, extensions, one)));
    assert.ok([64, 70, 71, 72, 256, 512].some((signature) => canBeCertificateVerify(protection, verify, signature)));
    assert.ok(canBeFinished(protection, finished));
    assert.ok(canBeFinished(protection, lengths(connection, 'client', 'application_data')[0] ?? 0));
  });

  test('TLS 1.3: a client without a certificate', async () => {
    const { connection, protection } = await recorded('client-certificate-missing-tls13.pcap');
    const [first = 0] = lengths(connection, 'client', 'application_data');
    assert.ok(canBeginWithEmptyCertificate(protection, first));
    assert.ok(!mustHoldCertificate(protection, first));
  });

  test('TLS 1.3: a server that answers ALPN not at all, a client with a certificate, and alerts', async () => {
    const { connection, protection } = await recorded('client-certificate-rejected-gnutls.pcap');
    const [extensions = 0, ...others] = lengths(connection, 'server', 'application_data');
    assert.ok(canBeEncryptedExtensions(protection, extensions, null));
    const [first = 0, verify = 0, finished = 0] = lengths(connection, 'client', 'application_data');
    assert.ok(mustHoldCertificate(protection, first));
    assert.ok(canBeCertificateVerify(protection, verify, 256));
    assert.ok(canBeFinished(protection, finished));
    assert.deepEqual(
      others.map((length) => canBeAlert(protection, length)),
      [false, false, false, false, true, true],
    );
  });

  test('TLS 1.2: the Finished of both sides', async () => {
    const { connection, protection } = await recorded('tls12-success.pcap');
    for (const side of ['client', 'server']) {
      const [finished = 0] = lengths(connection, side, 'handshake').slice(-1);
      assert.ok(canBeFinished(protection, finished), `${side}: ${finished}`);
    }
  });
});
