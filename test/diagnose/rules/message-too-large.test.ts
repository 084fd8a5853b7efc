import { messageTooLarge } from '../../../src/diagnose/rules/message-too-large.js';
import { alert, at, certificate, connection, message, sighting } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const java = {
  extensions: ['server_name', 'supported_versions', 'psk_key_exchange_modes', 'signature_algorithms_cert'],
};
const wolfssl = {
  extensions: ['signature_algorithms', 'supported_groups', 'server_name'],
  signatureSchemes: ['ecdsa_secp521r1_sha512', 'rsa_pss_rsae_sha256'],
};
const many = Array.from({ length: 13 }, (_, index) => certificate({ serialNumber: `0${index}` }));
const long = [
  message('client_hello', 'client', 4),
  message('server_hello', 'server', 5),
  message('certificate', 'server', 5, { length: 40_000 }),
];

/** Mbed TLS: session_ticket is its last extension. */
const small = {
  extensions: [
    'server_name',
    'signature_algorithms',
    'supported_groups',
    'ec_point_formats',
    'encrypt_then_mac',
    'extended_master_secret',
    'session_ticket',
  ],
  cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
};
const openssl = {
  extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
  cipherSuites: ['TLS_AES_256_GCM_SHA384'],
};
const leaves = { by: 'client', how: 'close', frame: 7 } as const;
const hellos = [message('client_hello', 'client', 4), message('server_hello', 'server', 5)];
const inPieces = [...hellos, message('certificate', 'server', 5, { length: 856, records: 2 })];
const begun = (length: number, bytes = 3967) => ({
  messages: hellos,
  serverCertificates: [],
  unfinishedRecords: [{ from: 'server', length, bytes }] as const,
  transport: { server: { lastData: sighting('server', 6) } },
  ending: leaves,
});

testRule(messageTooLarge, {
  basis: 'fact',
  fires: [
    {
      name: 'Java, and thirteen certificates',
      connection: connection({ clientHello: java, serverCertificates: many, alerts: said(40, 'handshake_failure') }),
      support: 'supported',
      explanation: 'tooMany',
      data: { count: 13, limit: 10 },
      frames: [4, 5, 6],
    },
    {
      name: 'Java, and a CertificateRequest of 54,000 bytes',
      connection: connection({
        clientHello: java,
        messages: [
          ...hellos,
          message('certificate', 'server', 5),
          message('certificate_request', 'server', 5, { length: 54_000 }),
        ],
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'supported',
      explanation: 'requestTooLong',
      data: { bytes: 54_000, limit: 32_768 },
      frames: [4, 5, 6],
    },
    {
      name: 'wolfSSL resets the connection upon a CertificateRequest of 54,048 bytes',
      connection: connection({
        clientHello: wolfssl,
        messages: [
          ...hellos,
          message('certificate', 'server', 5),
          message('certificate_request', 'server', 5, { length: 54_048 }),
        ],
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'reset', frame: 6 },
      }),
      support: 'supported',
      explanation: 'longRequest',
      data: { bytes: 54_048, library: 'wolfSSL' },
      frames: [4, 5, 6],
    },
    {
      name: 'wolfSSL, and thirteen certificates',
      connection: connection({ clientHello: wolfssl, serverCertificates: many, alerts: said(50, 'decode_error') }),
      support: 'supported',
      explanation: 'tooMany',
      data: { count: 13, limit: 9, library: 'wolfSSL' },
      frames: [4, 5, 6],
    },
    {
      name: 'Java, and a Certificate of 40,000 bytes',
      connection: connection({ clientHello: java, messages: long, alerts: said(80, 'internal_error') }),
      support: 'supported',
      explanation: 'tooLong',
      frames: [4, 5, 6],
    },
    {
      name: 'a client that is not known, and thirteen certificates',
      connection: connection({ serverCertificates: many, alerts: said(40, 'handshake_failure') }),
      support: 'open',
      explanation: 'manyCertificates',
      frames: [4, 5, 6],
    },
    {
      name: 'a client that is not known leaves in the middle of a record of 12,526 bytes',
      connection: connection({ outcome: 'failed', ...begun(12_526) }),
      support: 'supported',
      explanation: 'record',
      data: { bytes: 12_526, received: 3967 },
      frames: [4, 6, 7],
    },
    {
      name: 'Mbed TLS says so by record_overflow',
      connection: connection({
        ...begun(12_526),
        clientHello: small,
        alerts: [alert({ from: 'client', code: 22, name: 'record_overflow', frame: 7 })],
      }),
      support: 'supported',
      explanation: 'record',
      frames: [4, 6, 7],
    },
    {
      name: 'Mbed TLS leaves upon a Certificate in two records',
      connection: connection({ outcome: 'failed', clientHello: small, messages: inPieces, ending: leaves }),
      support: 'supported',
      explanation: 'fragments',
      data: { records: 2 },
      frames: [4, 5, 7],
    },
  ],
  silent: [
    {
      name: 'OpenSSL, which takes all records, leaves in the middle of one',
      connection: connection({
        outcome: 'failed',
        ...begun(12_526),
        clientHello: openssl,
      }),
    },
    {
      name: 'the record is one that every client takes',
      connection: connection({ outcome: 'failed', ...begun(4096, 1200) }),
    },
    {
      name: 'the client had waited for the rest of the record',
      connection: connection({
        outcome: 'failed',
        ...begun(12_526),
        ending: { by: 'client', how: 'close', frame: 600, at: at(6) },
      }),
    },
    {
      name: 'Mbed TLS goes on after a Certificate in two records',
      connection: connection({
        outcome: 'failed',
        clientHello: small,
        messages: [...inPieces, message('client_key_exchange', 'client', 6)],
        ending: leaves,
      }),
    },
    {
      name: 'a client that joins fragments leaves upon a Certificate in two records',
      connection: connection({ outcome: 'failed', clientHello: java, messages: inPieces, ending: leaves }),
    },
    {
      name: 'the server leaves',
      connection: connection({ outcome: 'failed', ...begun(12_526), ending: { by: 'server', how: 'close', frame: 7 } }),
    },
    {
      name: 'Java, and a chain of the usual length',
      connection: connection({ clientHello: java, alerts: said(40, 'handshake_failure') }),
    },
    {
      name: 'Java says what is wrong with a certificate',
      connection: connection({ clientHello: java, serverCertificates: many, alerts: said(45, 'certificate_expired') }),
    },
  ],
});
