import { messageTooLarge } from '../../../src/diagnose/rules/message-too-large.js';
import { alert, at, certificate, connection, encryptedRecord, message, sighting } from '../../support/connections.js';
import { ERLANG_HELLO, GNUTLS_HELLO, MBEDTLS_HELLO } from '../../support/hellos.js';
import { testRule } from '../../support/rule-tester.js';
import { issue, type Issued } from '../../x509/authority.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const java = {
  extensions: ['server_name', 'supported_versions', 'psk_key_exchange_modes', 'signature_algorithms_cert'],
};
const wolfssl = {
  extensions: ['signature_algorithms', 'supported_groups', 'server_name'],
  signatureSchemes: ['ecdsa_secp521r1_sha512', 'rsa_pss_rsae_sha256'],
};
const many = Array.from({ length: 13 }, (_, index) => certificate({ serialNumber: `0${index}` }));
/** A chain of so many certificates below a root, each with its own key, the leaf first. */
async function chainOf(length: number): Promise<readonly Issued[]> {
  let by = await issue({ name: 'CN=Example Trust R1', ca: true });
  const issued: Issued[] = [];
  for (let left = length; left > 0; left--)
    issued.unshift(
      (by = await issue({ name: left === 1 ? 'CN=www.example.com' : `CN=Level ${left}`, by, ca: left > 1 })),
    );
  return issued;
}

const ten = (await chainOf(10)).map(({ certificate }) => certificate);
const nine = ten.slice(0, 9);
const long = [
  message('client_hello', 'client', 4),
  message('server_hello', 'server', 5),
  message('certificate', 'server', 5, { length: 40_000 }),
];

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
      name: 'Erlang: handshake_failure, where the chain has an intermediate: its depth may be 0',
      connection: connection({
        clientHello: ERLANG_HELLO,
        serverCertificates: nine.slice(0, 2),
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      explanation: 'lowDepth',
      data: { library: 'Erlang', count: 2 },
      frames: [4, 5, 6],
    },
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
      name: 'Mbed TLS says access_denied of ten certificates',
      connection: connection({
        clientHello: MBEDTLS_HELLO,
        serverCertificates: ten,
        alerts: said(49, 'access_denied'),
      }),
      support: 'supported',
      explanation: 'tooMany',
      data: { count: 10, limit: 9, library: 'Mbed TLS' },
      frames: [4, 5, 6],
    },
    {
      name: 'wolfSSL resets the connection upon a Certificate of 20,000 bytes',
      connection: connection({
        clientHello: wolfssl,
        messages: [
          ...hellos,
          message('certificate', 'server', 5, { length: 20_000, records: 2 }),
          message('server_hello_done', 'server', 5),
        ],
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'reset', frame: 6 },
      }),
      support: 'supported',
      explanation: 'longChain',
      data: { bytes: 20_000, library: 'wolfSSL' },
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
      support: 'open',
      explanation: 'record',
      data: { bytes: 12_526, received: 3967 },
      frames: [4, 6, 7],
    },
    {
      name: 'Mbed TLS says so by record_overflow',
      connection: connection({
        ...begun(12_526),
        clientHello: MBEDTLS_HELLO,
        alerts: [alert({ from: 'client', code: 22, name: 'record_overflow', frame: 7 })],
      }),
      support: 'supported',
      explanation: 'record',
      frames: [4, 6, 7],
    },
    {
      name: 'Mbed TLS leaves upon a Certificate in two records',
      connection: connection({ outcome: 'failed', clientHello: MBEDTLS_HELLO, messages: inPieces, ending: leaves }),
      support: 'supported',
      explanation: 'fragments',
      data: { records: 2 },
      frames: [4, 5, 7],
    },
    {
      name: 'Mbed TLS leaves upon the first of two records with a Certificate',
      connection: connection({
        outcome: 'failed',
        clientHello: MBEDTLS_HELLO,
        messages: inPieces.map((one) => (one.type === 'certificate' ? { ...one, frame: 8 } : one)),
        ending: leaves,
      }),
      support: 'supported',
      explanation: 'fragments',
      frames: [4, 7, 8],
    },
    {
      name: 'wolfSSL leaves before the rest of a Certificate message of 28 KB has come',
      connection: connection({
        outcome: 'failed',
        clientHello: wolfssl,
        serverCertificates: [],
        messages: [...hellos, message('certificate', 'server', 8, { length: 28_000 })],
        phase: 'server-certificate',
        ending: leaves,
      }),
      support: 'supported',
      explanation: 'longChain',
      data: { bytes: 28_000 },
      frames: [4, 7, 8],
    },
    {
      name: 'TLS 1.3: wolfSSL resets the connection within a flight of 28 KB',
      connection: connection({
        outcome: 'failed',
        clientHello: wolfssl,
        serverHello: { version: 'TLS 1.3' },
        serverCertificates: [],
        messages: hellos,
        encryptedRecords: [encryptedRecord('server', 5, 16_401), encryptedRecord('server', 6, 11_917)],
        phase: 'server-hello',
        ending: leaves,
      }),
      support: 'open',
      explanation: 'longFlight',
      data: { bytes: 28_318 },
      frames: [4, 5, 7],
    },
    {
      name: 'GnuTLS, and seventeen certificates',
      connection: connection({
        clientHello: GNUTLS_HELLO,
        serverCertificates: [...many, ...many.slice(0, 4)],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported',
      explanation: 'tooMany',
      data: { count: 17, limit: 16, library: 'GnuTLS' },
      frames: [4, 5, 6],
    },
  ],
  silent: [
    {
      name: 'TLS 1.3: wolfSSL leaves upon a flight of the usual length',
      connection: connection({
        outcome: 'failed',
        clientHello: wolfssl,
        serverHello: { version: 'TLS 1.3' },
        serverCertificates: [],
        messages: hellos,
        encryptedRecords: [encryptedRecord('server', 5, 3000)],
        phase: 'server-hello',
        ending: leaves,
      }),
    },
    {
      name: 'GnuTLS, and sixteen certificates',
      connection: connection({
        clientHello: GNUTLS_HELLO,
        serverCertificates: [...many, ...many.slice(0, 3)],
        alerts: said(42, 'bad_certificate'),
      }),
    },
    {
      name: 'Erlang: handshake_failure, and the server sends its own certificate alone',
      connection: connection({
        clientHello: ERLANG_HELLO,
        serverCertificates: nine.slice(0, 1),
        alerts: said(40, 'handshake_failure'),
      }),
    },
    {
      name: 'Mbed TLS says access_denied of nine certificates',
      connection: connection({
        clientHello: MBEDTLS_HELLO,
        serverCertificates: nine,
        alerts: said(49, 'access_denied'),
      }),
    },
    {
      name: 'Mbed TLS accepts what does not lead to the root, however much it is',
      connection: connection({
        clientHello: MBEDTLS_HELLO,
        serverCertificates: [ten[0]!, ...many],
        alerts: said(49, 'access_denied'),
      }),
    },
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
        clientHello: MBEDTLS_HELLO,
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
