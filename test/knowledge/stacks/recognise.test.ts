import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { libraryOf } from '../../../src/knowledge/stacks/recognise.js';

/** Extensions as real stacks send them. */
const HELLOS: readonly (readonly [program: string, library: ReturnType<typeof libraryOf>, extensions: string])[] = [
  [
    'OpenSSL 3.0, Python 3.11',
    'OpenSSL',
    'server_name ec_point_formats supported_groups session_ticket encrypt_then_mac extended_master_secret signature_algorithms supported_versions psk_key_exchange_modes key_share',
  ],
  [
    'curl 7.88 on OpenSSL',
    'OpenSSL',
    'server_name ec_point_formats supported_groups application_layer_protocol_negotiation encrypt_then_mac extended_master_secret post_handshake_auth signature_algorithms supported_versions psk_key_exchange_modes key_share padding_0x0015',
  ],
  [
    'Java 17',
    'JSSE',
    'server_name status_request supported_groups ec_point_formats status_request_v2 extended_master_secret session_ticket signature_algorithms supported_versions psk_key_exchange_modes signature_algorithms_cert key_share',
  ],
  [
    'NSS 3.87',
    'NSS',
    'server_name extended_master_secret renegotiation_info supported_groups ec_point_formats key_share supported_versions signature_algorithms psk_key_exchange_modes record_size_limit padding_0x0015',
  ],
  [
    'GnuTLS 3.7',
    null,
    'status_request supported_groups ec_point_formats signature_algorithms encrypt_then_mac extended_master_secret session_ticket key_share supported_versions renegotiation_info server_name psk_key_exchange_modes record_size_limit',
  ],
  [
    'Go 1.19',
    'Go',
    'server_name status_request supported_groups ec_point_formats signature_algorithms renegotiation_info application_layer_protocol_negotiation signed_certificate_timestamp supported_versions key_share',
  ],
  ['a browser', null, 'GREASE_0x0A0A server_name ec_point_formats supported_groups encrypt_then_mac'],
  ['none', null, ''],
];

const OPENSSL_SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'];
const NODE_SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'];

describe('the library of a ClientHello', () => {
  for (const [program, library, extensions] of HELLOS) {
    test(program, () => {
      assert.equal(libraryOf({ extensions: extensions.split(' '), cipherSuites: OPENSSL_SUITES }), library);
    });
  }

  test('Node.js 20, by the suite that it prefers', () => {
    const extensions = HELLOS[0]?.[2].split(' ') ?? [];
    assert.equal(libraryOf({ extensions, cipherSuites: NODE_SUITES }), 'Node.js');
  });
});
