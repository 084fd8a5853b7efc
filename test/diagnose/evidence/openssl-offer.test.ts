import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offerOptions, versionOptions } from '../../../src/diagnose/evidence/openssl-offer.js';
import { connection } from '../../support/connections.js';

const NAME = ['-servername', 'www.example.com'];
const hello = {
  supportedVersions: ['GREASE_0x1A1A', 'TLS 1.2'],
  cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_RC4_128_SHA', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
  supportedGroups: ['X25519MLKEM768', 'x25519', 'secp521r1'],
  signatureSchemes: ['rsa_pkcs1_sha256', 'ecdsa_sha1', 'ecdsa_secp256r1_sha256'],
};

test('s_client offers what the client did, as far as OpenSSL 3.0 has it', () => {
  assert.deepEqual(offerOptions(connection({ clientHello: hello }), 'suites', 'groups', 'schemes'), [
    ...[...NAME, '-tls1_2', '-cipher', 'AES128-SHA:@SECLEVEL=0', '-groups', 'x25519:secp521r1'],
    ...['-sigalgs', 'rsa_pkcs1_sha256:ecdsa_secp256r1_sha256'],
  ]);
  assert.deepEqual(offerOptions(connection({ clientHello: hello })), [...NAME, '-tls1_2']);
});

test('with suites of TLS 1.3 alone, or without any, it speaks no other version', () => {
  const both = ['TLS 1.3', 'TLS 1.2'];
  const suites = (cipherSuites: readonly string[], supportedVersions: readonly string[]) =>
    offerOptions(connection({ clientHello: { ...hello, cipherSuites, supportedVersions } }), 'suites');
  const aes = 'TLS_AES_128_GCM_SHA256';
  assert.deepEqual(suites([aes], ['TLS 1.3']), [...NAME, '-tls1_3', '-ciphersuites', aes]);
  assert.deepEqual(suites(['TLS_RSA_WITH_AES_128_CBC_SHA'], both), [
    ...NAME,
    '-tls1_2',
    '-cipher',
    'AES128-SHA:@SECLEVEL=0',
  ]);
  assert.deepEqual(suites([aes, 'TLS_RSA_WITH_AES_128_CBC_SHA'], both), [
    ...[...NAME, '-ciphersuites', aes, '-cipher', 'AES128-SHA:@SECLEVEL=0'],
  ]);
});

test('a list that is long, or that OpenSSL has nothing of, is left out', () => {
  const many = Array.from({ length: 13 }, (_, index) => `ffdhe${String(index)}`);
  const options = offerOptions(
    connection({ clientHello: { ...hello, cipherSuites: ['TLS_RSA_WITH_RC4_128_SHA'], supportedGroups: many } }),
    'suites',
    'groups',
  );
  assert.deepEqual(options, [...NAME, '-tls1_2']);
});

test('over DTLS and QUIC, and without a ClientHello, it asks for the name alone', () => {
  const dtls = connection({ protocol: 'dtls', clientHello: hello });
  assert.deepEqual(offerOptions(dtls, 'suites'), ['-dtls', ...NAME]);
  assert.deepEqual(offerOptions(connection({ clientHello: null }), 'suites'), ['-servername', 'NAME']);
});

test('OpenSSL 3 speaks versions before TLS 1.2 at security level 0 alone', () => {
  assert.deepEqual(versionOptions('TLS 1.0'), ['-tls1', '-cipher', 'DEFAULT:@SECLEVEL=0']);
  assert.deepEqual(versionOptions('DTLS 1.2'), ['-dtls1_2']);
  assert.equal(versionOptions('SSL 3.0'), undefined);
});
