import { certificateRejected } from '../../../src/diagnose/rules/certificate-rejected.js';
import type { ClientHello } from '../../../src/connection/connection.js';
import { notice } from '../../../src/notices.js';
import { parseCertificate } from '../../../src/x509/parse.js';
import { alert, at, certificate, connection, encryptedRecord, reset, sighting } from '../../support/connections.js';
import { GNUTLS_HELLO, NODE_HELLO } from '../../support/hellos.js';
import { preamble } from '../../support/plaintext.js';
import { closedUponFlight, quicConnection, UNFINISHED } from '../../support/quic-connections.js';
import { hiddenAnswer, openedHandshake, testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string) => alert({ from: 'client', code, name });
const tls13 = { serverHello: { version: 'TLS 1.3' } } as const;
const hidden = alert({ from: 'client', encrypted: true, inferred: true });

const OPENSSL = ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'];

const CURL_HELLO = {
  extensions: [
    'server_name',
    'ec_point_formats',
    'supported_groups',
    'encrypt_then_mac',
    'extended_master_secret',
    'post_handshake_auth',
  ],
  cipherSuites: ['TLS_AES_256_GCM_SHA384'],
};

/** curl on OpenSSL, which completes a TLS 1.3 handshake and leaves at once. */
const curl = (overrides: Parameters<typeof connection>[0] = {}, lengths: readonly number[] = [53, 19]) => {
  return connection({
    clientHello: CURL_HELLO,
    ...tls13,
    outcome: 'established',
    encryptedRecords: [
      encryptedRecord('server', 5, 3000),
      ...lengths.map((length) => encryptedRecord('client', 6, length)),
      encryptedRecord('server', 7, 239),
    ],
    alerts: [hidden],
    ending: { by: 'client', how: 'close', frame: 6 },
    ...overrides,
  });
};

/** MariaDB's client, which checks the name when the handshake is complete, and leaves. */
const mariadb = (version: 'TLS 1.2' | 'TLS 1.3', overrides: Parameters<typeof connection>[0] = {}) =>
  connection({
    serverHello: { version },
    outcome: 'established',
    phase: 'finished',
    preamble: preamble({ kind: 'mysql' }),
    ending: { by: 'client', how: 'close', frame: 8, at: at(0.08) },
    ...overrides,
  });

/** A QUIC client that closes upon the server's flight, out of sight; the server's last packet was under way then. */
const quic = ({
  lastOfServer = 8,
  length = 36,
  ...packets
}: { lastOfServer?: number; length?: number; '1rtt'?: number } = {}) =>
  quicConnection({
    outcome: 'failed',
    phase: 'server-certificate',
    ...tls13,
    serverCertificates: [],
    udp: {
      client: { lastData: sighting('client', 7) },
      server: { lastData: sighting('server', lastOfServer) },
    },
    quic: {
      version: 'QUIC v1',
      client: {
        packets: { handshake: 2, ...packets },
        protectedPackets: [4, 7].map((frame) => ({ ...sighting('client', frame), level: 'handshake', length })),
      },
      server: { packets: { handshake: 3 } },
    },
  });

const later = [encryptedRecord('server', 5, 3000), encryptedRecord('client', 6, 53), encryptedRecord('client', 60, 19)];

/** As BoringSSL writes it. */
const BORINGSSL = {
  extensions: ['extended_master_secret', 'renegotiation_info'],
  signatureSchemes: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256'],
};

/** A client that closes as soon as it has the server's encrypted flight. */
const leaving = (hello: Partial<ClientHello>, overrides: Parameters<typeof connection>[0] = {}) =>
  connection({
    clientHello: hello,
    ...tls13,
    phase: 'server-certificate',
    outcome: 'failed',
    encryptedRecords: hiddenAnswer(),
    ending: { by: 'client', how: 'close', frame: 6 },
    ...overrides,
  });

/** Keys open its flight. */
const inView = { ...openedHandshake(), serverCertificates: [certificate()] };

testRule(certificateRejected, {
  basis: 'ending',
  fires: [
    {
      name: 'QUIC: both sides fall silent on a Handshake packet of the client that is longer than an acknowledgement',
      connection: quic({ length: 219 }),
      support: 'supported',
      explanation: 'hiddenClose',
      frames: [5, 7],
    },
    {
      name: 'QUIC: both sides fall silent on two Handshake packets of the client in a row: one ACK would do',
      connection: quic({ lastOfServer: 3 }),
      support: 'supported',
      explanation: 'hiddenClose',
      frames: [5, 7],
    },
    {
      name: 'QUIC: both sides fall silent on a packet that may be the flight of a client without a certificate (quiche)',
      connection: closedUponFlight(119, { ...UNFINISHED, answers: [7] }),
      support: 'open',
      explanation: 'hiddenCloseOfEither',
      frames: [5, 6],
    },
    ...[119, 1177].map((length) => ({
      name: `QUIC: the last packet of the client, of ${length} bytes, may be its flight, which a server refused unseen`,
      connection: quic({ length }),
      support: 'open' as const,
      explanation: 'hiddenCloseOrFlight' as const,
      frames: [5, 7],
    })),
    {
      name: 'QUIC: both sides fall silent on what may be an acknowledgement: the client may have been stopped',
      connection: quic(),
      support: 'open',
      explanation: 'hiddenCloseUnclear',
      frames: [5, 7],
    },
    {
      name: 'TLS 1.3: GnuTLS completes, and leaves without a word',
      connection: curl({ clientHello: GNUTLS_HELLO, alerts: [] }, [53]),
      support: 'open',
      explanation: 'afterFinished',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: GnuTLS completes, says that it has no certificate, and leaves without a word',
      connection: curl({ clientHello: GNUTLS_HELLO, alerts: [] }, [25, 53]),
      support: 'open',
      explanation: 'afterFinished',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: libldap on GnuTLS completes, and takes its leave in plaintext, which the server answers with an alert',
      connection: curl(
        {
          clientHello: GNUTLS_HELLO,
          outcome: 'failed',
          notes: [{ ...notice('ldap-unbind', 'connection'), frame: 6 }],
          alerts: [alert({ level: null, code: null, name: null, encrypted: true, inferred: true, frame: 7 })],
          ending: { by: 'server', how: 'close', frame: 8, at: at(0.08) },
        },
        [53],
      ),
      support: 'open',
      explanation: 'afterFinished',
      frames: [5, 8],
    },
    {
      name: 'TLS 1.2: curl on OpenSSL completes, and takes its leave in order of a certificate that has the name',
      connection: connection({
        clientHello: { ...CURL_HELLO, alpn: ['h2', 'http/1.1'], supportedVersions: ['TLS 1.3', 'TLS 1.2'] },
        phase: 'finished',
        outcome: 'established',
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
        ending: { by: 'client', how: 'close', frame: 9 },
      }),
      support: 'open',
      explanation: 'withoutRequestInView',
      frames: [5, 8, 9],
    },
    {
      name: 'TLS 1.2: Node.js completes, and leaves without a word by an authority that is not public',
      connection: connection({
        clientHello: NODE_HELLO,
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
      }),
      support: 'open',
      explanation: 'unsaid',
      frames: [5, 8],
    },
    {
      name: 'TLS 1.3: a client on GnuTLS that speaks HTTP completes, and takes its leave in order (git)',
      connection: curl({ clientHello: { ...GNUTLS_HELLO, alpn: ['h2', 'http/1.1'] } }),
      support: 'open',
      explanation: 'withoutRequestLate',
      frames: [5, 6],
    },
    ...(
      [
        ['TLS_AES_128_GCM_SHA256', [53, 19]],
        ['TLS_AES_256_GCM_SHA384', [25, 69, 19]],
      ] as const
    ).map(([cipherSuite, lengths]) => ({
      name: `TLS 1.3: curl leaves at once, records of ${lengths.join(', ')} bytes`,
      connection: curl({ serverHello: { version: 'TLS 1.3', cipherSuite } }, lengths),
      support: 'open' as const,
      explanation: 'withoutRequest',
      data: { name: 'www.example.com' },
      frames: [5, 6],
    })),
    ...(['TLS 1.2', 'TLS 1.3'] as const).map((version) => ({
      name: `MySQL, ${version}: the client leaves at once, without a login and without close_notify`,
      connection: mariadb(version),
      support: 'open' as const,
      explanation: 'withoutLogin',
      frames: [5, 8],
    })),
    {
      name: 'MySQL, TLS 1.3: the client leaves by a reset, as it has not read the tickets',
      connection: mariadb('TLS 1.3', {
        encryptedRecords: [encryptedRecord('server', 5, 3000), encryptedRecord('client', 7, 53)],
        ending: { by: 'client', how: 'reset', frame: 8, at: at(0.08) },
        transport: { resets: [reset({ from: 'client', frame: 8 })] },
      }),
      support: 'open',
      explanation: 'withoutLogin',
      frames: [5, 8],
    },
    {
      name: 'certificate_unknown on a certificate with which nothing is wrong',
      connection: connection({ alerts: [said(46, 'certificate_unknown')] }),
      support: 'open',
      explanation: 'said',
      data: { how: 'with alert certificate_unknown (46)' },
      frames: [5, 6],
    },
    {
      name: 'bad_certificate of a certificate that cannot be read, and has no name',
      connection: connection({
        serverCertificates: [parseCertificate(new Uint8Array(300))],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'open',
      explanation: 'saidUnreadable',
      data: { subject: 'SHA-256 d13d4a8b3b8add19…', error: 'certificate has tag 0x0, not 0x30' },
      frames: [5, 6],
    },
    {
      name: 'certificate_revoked, without a server name',
      connection: connection({ clientHello: { serverName: null }, alerts: [said(44, 'certificate_revoked')] }),
      support: 'open',
      explanation: 'said',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3, and the alert is in the clear',
      connection: connection({ ...tls13, alerts: [said(42, 'bad_certificate')] }),
      support: 'supported',
      explanation: 'saidHidden',
      data: { unseen: 'TLS 1.3 hides the certificate' },
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: OpenSSL says internal_error once it has the certificate: the program refused it (fetchmail, a fingerprint)',
      connection: connection({
        clientHello: { extensions: OPENSSL, cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
        ...tls13,
        encryptedRecords: [encryptedRecord('server', 5, 3000)],
        alerts: [said(80, 'internal_error')],
      }),
      support: 'open',
      explanation: 'saidHidden',
      data: { how: 'with alert internal_error (80)' },
      frames: [5, 6],
    },
    {
      name: 'a certificate whose message is longer than is read',
      connection: connection({
        serverCertificates: [],
        alerts: [said(42, 'bad_certificate')],
        notes: [{ ...notice('message-too-long', 'connection', { bytes: 300_265 }), frame: 5 }],
      }),
      support: 'open',
      explanation: 'saidHidden',
      data: { unseen: 'the message with the certificate is longer than is read' },
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: a record of 19 bytes answers the flight of the server (Go, curl, GnuTLS)',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(19), alerts: [hidden] }),
      support: 'supported',
      explanation: 'hidden',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: another client says in the clear that the flight of the server does not verify',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(19), alerts: [hidden] }),
      others: [connection({ id: '2', ...tls13, alerts: [{ ...said(51, 'decrypt_error'), frame: 26 }] })],
      support: 'open',
      explanation: 'hiddenBeside',
      data: { said: 'decrypt_error (51)' },
      frames: [5, 6, 26],
    },
    {
      name: 'TLS 1.3: the same client is served on another connection: an altered record ends like that, too (Go 1.19, GnuTLS 3.7.9)',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(19), alerts: [hidden] }),
      others: [
        connection({
          id: '2',
          serverHello: { version: 'TLS 1.3', frame: 25 },
          encryptedRecords: [
            ...hiddenAnswer(53).map((record) => ({ ...record, frame: record.frame + 20 })),
            encryptedRecord('client', 28, 120),
            ...[250, 250, 900].map((length) => encryptedRecord('server', 29, length)),
          ],
        }),
      ],
      support: 'open',
      explanation: 'hiddenUnlike',
      frames: [5, 6, 25],
    },
    {
      name: 'TLS 1.3: one of 35 bytes does, since Java pads, and the server closes first',
      connection: connection({
        ...tls13,
        encryptedRecords: hiddenAnswer(35),
        alerts: [hidden],
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'hidden',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: the client resets the connection as soon as it has the flight of the server (Bun)',
      connection: connection({
        ...tls13,
        clientHello: BORINGSSL,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: hiddenAnswer(),
        ending: { by: 'client', how: 'reset', frame: 6 },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'supported',
      explanation: 'left',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: a client on Node.js that offers HTTP closes as soon as it has the flight of the server',
      connection: leaving({ ...NODE_HELLO, alpn: ['http/1.1'] }),
      support: 'supported',
      explanation: 'left',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: a client on Node.js that asks for nothing closes so: it may only have looked at the certificate',
      connection: leaving({ ...NODE_HELLO, alpn: [] }),
      support: 'open',
      explanation: 'leftUnclear',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: keys open the flight that a client on Node.js closes upon: it has refused the certificate all the same',
      connection: leaving({ ...NODE_HELLO, alpn: ['http/1.1'] }, inView),
      support: 'supported',
      explanation: 'leftInView',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: keys open the flight, and the client on Node.js asks for nothing',
      connection: leaving({ ...NODE_HELLO, alpn: [] }, inView),
      support: 'open',
      explanation: 'leftInViewUnclear',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: a client of another stack than is recorded to reset so',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: hiddenAnswer(),
        ending: { by: 'client', how: 'reset', frame: 6 },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'open',
      explanation: 'leftUnclear',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: a client of a stack that would send an alert closes so: it may have been stopped',
      connection: leaving({ alpn: ['http/1.1'] }),
      support: 'open',
      explanation: 'leftUnclear',
      frames: [5, 6],
    },
  ],
  silent: [
    { name: 'QUIC: it is the server that closes', connection: closedUponFlight(1177, { outcome: 'failed' }) },
    {
      name: 'TLS 1.3: the client leaves while it waits for the rest of the flight (HAProxy 2.6, a health check of a slow JSSE)',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: [encryptedRecord('server', 5, 65), encryptedRecord('server', 5, 1875)],
        ending: { by: 'client', how: 'reset', frame: 6 },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
    },
    { name: 'QUIC: the server goes on after the client fell silent', connection: quic({ lastOfServer: 90 }) },
    { name: 'QUIC: the client has finished the handshake', connection: quic({ '1rtt': 1 }) },
    {
      name: 'TLS 1.3: gnutls-cli looks, and takes its leave in order',
      connection: curl({ clientHello: { ...GNUTLS_HELLO, alpn: [] } }),
    },
    {
      name: 'TLS 1.3: so does gnutls-cli --alpn http/1.1',
      connection: curl({ clientHello: { ...GNUTLS_HELLO, alpn: ['http/1.1'] } }),
    },
    {
      name: 'TLS 1.3: GnuTLS completes, sends data, and leaves',
      connection: curl({ clientHello: GNUTLS_HELLO, alerts: [] }, [53, 120]),
    },
    {
      name: 'MySQL: the client logs in',
      connection: mariadb('TLS 1.2', { encryptedRecords: [encryptedRecord('client', 7, 120)] }),
    },
    {
      name: 'MySQL: the client says close_notify (openssl s_client)',
      connection: mariadb('TLS 1.3', { alerts: [hidden] }),
    },
    {
      name: 'PostgreSQL: the client leaves',
      connection: mariadb('TLS 1.2', { preamble: preamble({ kind: 'postgres' }) }),
    },
    { name: 'TLS 1.3: curl sends a request', connection: curl({}, [53, 120, 19]) },
    {
      name: 'TLS 1.3: a client that does not speak HTTP leaves at once (openssl s_client)',
      connection: curl({
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          alpn: [],
        },
      }),
    },
    {
      name: 'TLS 1.3: openssl s_client -alpn h2,http/1.1 looks: it offers no authentication after the handshake, as curl does',
      connection: curl({
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
          alpn: ['h2', 'http/1.1'],
        },
      }),
    },
    { name: 'TLS 1.3: a browser drops a connection that it does not need', connection: curl({ clientHello: {} }) },
    {
      name: 'TLS 1.3: curl leaves later',
      connection: curl({ encryptedRecords: later, alerts: [{ ...hidden, frame: 60, at: at(0.6) }] }),
    },
    {
      name: 'TLS 1.3: the server leaves first',
      connection: curl({ alerts: [alert({ encrypted: true, inferred: true, frame: 5 }), hidden] }),
    },
    {
      name: 'TLS 1.3: the server closes, and curl says good-bye',
      connection: curl({ ending: { by: 'server', how: 'close', frame: 5 } }),
    },
    { name: 'TLS 1.3: without a good-bye', connection: curl({ alerts: [] }, [53]) },
    { name: 'TLS 1.3: resumed', connection: curl({ serverHello: { version: 'TLS 1.3', resumed: true } }) },
    {
      name: 'TLS 1.3: the server gives up by an encrypted alert, and the client leaves',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: [encryptedRecord('server', 5, 65), encryptedRecord('server', 5, 35)],
        alerts: [alert({ encrypted: true, inferred: true, frame: 5 })],
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
    },
    {
      name: 'TLS 1.3: the client closes before it has the certificate: its patience was at an end',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: [encryptedRecord('server', 5, 65)],
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
    },
    {
      name: 'TLS 1.3: the client closes much later, as one whose time is up',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: hiddenAnswer(),
        ending: { by: 'client', how: 'close', frame: 600, at: at(6) },
      }),
    },
    {
      name: 'the server refuses the client: its encrypted alert follows the second flight of the client',
      connection: connection({
        ...tls13,
        phase: 'finished',
        encryptedRecords: hiddenAnswer(25, 53),
        alerts: [alert({ encrypted: true, inferred: true, frame: 7 })],
      }),
    },
    {
      name: 'the server refuses the certificate of the client',
      connection: connection({
        phase: 'client-certificate',
        alerts: [alert({ code: 42, name: 'bad_certificate', frame: 7 })],
      }),
    },
    {
      name: 'an alert that says nothing of certificates',
      connection: connection({ alerts: [said(40, 'handshake_failure')] }),
    },
    {
      name: 'before TLS 1.3 an encrypted alert comes after the client has taken the certificate',
      connection: connection({
        phase: 'finished',
        outcome: 'failed',
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
      }),
    },
    { name: 'no alert', connection: connection({ phase: 'server-certificate' }) },
    {
      name: 'a client that completes and leaves without a word',
      connection: connection({ phase: 'finished', outcome: 'established', lastFrame: 8 }),
    },
    {
      name: 'a resumed handshake, in which no certificate is sent',
      connection: connection({
        serverHello: { version: 'TLS 1.3', resumed: true },
        encryptedRecords: hiddenAnswer(19),
        alerts: [hidden],
      }),
    },
    {
      name: 'the server closes, and OpenSSL complains of it',
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'server', how: 'close', frame: 6 },
        alerts: [alert({ from: 'client', code: 50, name: 'decode_error', frame: 7 })],
      }),
    },
  ],
});
