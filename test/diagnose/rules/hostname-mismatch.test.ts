import { decodeFault } from '../../../src/decode-faults.js';
import '../../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { hostnameMismatch } from '../../../src/diagnose/rules/hostname-mismatch.js';
import {
  alert,
  at,
  certificate,
  connection,
  encryptedRecord,
  issuingCa,
  message,
  sighting,
} from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { NODE_HELLO, PHP_SUITES } from '../../support/hellos.js';
import { preamble } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';
import { issue } from '../../x509/authority.js';

const wanted = (serverName: string) => ({ clientHello: { serverName } }) as const;
const covers = (...dns: string[]) => [certificate({ subjectAltNames: { dns, ip: [] } }), issuingCa()];
const said = (code: number, name: string) => alert({ from: 'client', code, name });
const unknown = [said(46, 'certificate_unknown')];

const named = await issue({
  name: 'CN=registry.example.com',
  by: await issue({ name: 'CN=Example Root', ca: true }),
  extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'registry.example.com' }])],
});
const registry = { serverCertificates: [named.certificate] };

const misnamed = await issue({
  name: 'CN=service',
  by: await issue({ name: 'CN=Example Root', ca: true }),
  extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: connection().server.address }])],
});

const local = await issue({
  name: 'CN=local',
  extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: '*.local' }])],
});

const wild = await issue({
  name: 'CN=wild',
  extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: '*.wild.example' }])],
});
/** The only name that covers www.example.com ends in a dot. */
const dotted = await issue({
  name: 'CN=dotted',
  extensions: [
    new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'www.example.com.' },
      { type: 'dns', value: 'shop.example.net' },
    ]),
  ],
});
const ERLANG = {
  extensions: ['server_name', 'ec_point_formats', 'signature_algorithms', 'supported_groups'],
  cipherSuites: ['TLS_EMPTY_RENEGOTIATION_INFO_SCSV', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
};

const OPENSSL = ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'];
/** A supplicant that refuses the certificate of radius.example. */
const supplicant = (hello = {}, alerts = [said(80, 'internal_error')]) =>
  eapConnection({
    outcome: 'failed',
    phase: 'server-certificate',
    clientHello: {
      serverName: null,
      extensions: OPENSSL,
      cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_RSA_WITH_AES_128_GCM_SHA256'],
      ...hello,
    },
    serverCertificates: covers('radius.example'),
    alerts,
  });
/** It offers authentication after the handshake. */
const CURL = [...OPENSSL, 'post_handshake_auth'];
const GO = [
  'supported_groups',
  'ec_point_formats',
  'signature_algorithms',
  'renegotiation_info',
  'signed_certificate_timestamp',
];
/** A client that completes the handshake and leaves with close_notify, without data. */
const looksOnly = (extensions: readonly string[], alpn: readonly string[]) =>
  ({
    phase: 'finished',
    outcome: 'established',
    lastFrame: 9,
    clientHello: { extensions, alpn, cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
    alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
  }) as const;
const byAnotherName = { serverCertificates: covers('shop.example.net') };

/** Java rejects a certificate of a private authority for another name. */
const javaRefuses = connection({
  clientHello: {
    serverName: 'shop.example.net',
    extensions: ['supported_groups', 'ec_point_formats', 'supported_versions', 'signature_algorithms_cert'],
  },
  alerts: unknown,
});

testRule(hostnameMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'a supplicant whose profile names another server (wpa_supplicant 2.10 on OpenSSL)',
      connection: supplicant(),
      support: 'supported',
      explanation: 'profile',
      data: { presented: 'radius.example' },
      frames: [5, 6],
    },
    {
      name: 'the same in the 192-bit mode, where the key may be too small',
      connection: supplicant({ cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'] }),
      support: 'open',
      explanation: 'profile',
      frames: [5, 6],
    },
    {
      name: 'the same in TLS 1.3, which hides the certificate',
      connection: {
        ...supplicant(),
        serverCertificates: [],
        encryptedRecords: [encryptedRecord('server', 5, 1200)],
      },
      support: 'open',
      basis: 'alert',
      explanation: 'profileUnseen',
      frames: [4, 5, 6],
    },
    {
      name: 'a supplicant of another library, by an alert about the certificate',
      connection: supplicant({ extensions: ['supported_groups'] }, unknown),
      support: 'open',
      explanation: 'profile',
      frames: [5, 6],
    },
    {
      name: 'OpenSSL completes the handshake and says good-bye, though it offers HTTP: curl checks the name last',
      connection: connection({ ...looksOnly(CURL, ['http/1.1']), ...byAnotherName }),
      support: 'supported',
      explanation: 'commonNameOnly',
      frames: [4, 5, 8, 9],
    },
    {
      name: 'the same behind a proxy',
      connection: connection({
        ...looksOnly(CURL, ['http/1.1']),
        ...byAnotherName,
        preamble: preamble({ kind: 'http-connect' }),
      }),
      support: 'supported',
      explanation: 'commonNameOnly',
      frames: [4, 5, 8, 9],
    },
    {
      name: 'after STARTTLS, it may only have looked',
      connection: connection({
        ...looksOnly(CURL, ['http/1.1']),
        ...byAnotherName,
        preamble: preamble({ kind: 'smtp-starttls' }),
      }),
      support: 'open',
      explanation: 'looked',
      frames: [4, 5, 8, 9],
    },
    {
      name: 'PHP completes the handshake and says good-bye: it checks the name last, or did not want to',
      connection: connection({
        ...looksOnly(OPENSSL, []),
        clientHello: { extensions: OPENSSL, cipherSuites: PHP_SUITES },
        ...byAnotherName,
      }),
      support: 'open',
      explanation: 'looked',
      frames: [4, 5, 8, 9],
    },
    {
      name: 'Node.js completes the handshake and leaves: it checks the name last, or did not want to',
      connection: connection({
        clientHello: NODE_HELLO,
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
        ...byAnotherName,
      }),
      support: 'open',
      explanation: 'looked',
      frames: [4, 5, 8],
    },
    {
      name: 'the same host takes the same chain for the same name: it checks nothing there',
      connection: connection({
        ...byAnotherName,
        phase: 'server-certificate',
        alerts: [said(46, 'certificate_unknown')],
      }),
      others: [connection(byAnotherName)],
      support: 'open',
      explanation: 'commonNameOnly',
      frames: [4, 5, 6],
    },
    {
      name: 'Go, by address: the certificate bears names alone, and the same client took the chain before',
      connection: connection({
        ...registry,
        clientHello: { serverName: null },
        alerts: [said(42, 'bad_certificate')],
      }),
      others: [connection(registry)],
      support: 'supported',
      explanation: 'address',
      data: { presented: ['registry.example.com'] },
      frames: [4, 5, 6],
    },
    {
      name: 'OpenSSL says internal_error of a certificate that TLS 1.3 hides: the program refused it (Mosquitto, Perl)',
      connection: connection({
        clientHello: { extensions: OPENSSL, cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
        serverHello: { version: 'TLS 1.3' },
        alerts: [said(80, 'internal_error')],
      }),
      basis: 'alert',
      support: 'open',
      explanation: 'unseen',
      data: { name: 'www.example.com' },
      frames: [4, 5, 6],
    },
    {
      name: 'Erlang says handshake_failure by address, which the certificate does not bear',
      connection: connection({
        ...registry,
        clientHello: { serverName: null, ...ERLANG },
        alerts: [said(40, 'handshake_failure')],
      }),
      support: 'supported',
      explanation: 'address',
      frames: [4, 5, 6],
    },
    {
      name: 'OpenSSL says internal_error by address, which the certificate does not bear',
      connection: connection({
        ...registry,
        clientHello: { serverName: null, extensions: OPENSSL, cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
        alerts: [said(80, 'internal_error')],
      }),
      support: 'supported',
      explanation: 'address',
      frames: [4, 5, 6],
    },
    {
      name: 'by address, which stands among the DNS names: curl leaves when the handshake is complete',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        lastFrame: 9,
        serverCertificates: [misnamed.certificate],
        clientHello: {
          extensions: CURL,
          alpn: ['http/1.1'],
          serverName: null,
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
      }),
      support: 'supported',
      explanation: 'addressAsName',
      remedies: ['server reissueAddress'],
      frames: [4, 5, 8, 9],
    },
    {
      name: 'by address, which the certificate does not bear: curl leaves without a request, or somebody stopped it',
      connection: connection({
        ...looksOnly(CURL, ['http/1.1']),
        ...registry,
        clientHello: {
          extensions: CURL,
          alpn: ['http/1.1'],
          serverName: null,
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
      }),
      support: 'open',
      explanation: 'address',
      frames: [4, 5, 8, 9],
    },
    {
      name: 'OpenSSL says bad_certificate of a certificate that covers the name: it may check another one',
      connection: connection({
        clientHello: { extensions: OPENSSL, cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
        alerts: [said(42, 'bad_certificate')],
      }),
      basis: 'alert',
      support: 'open',
      explanation: 'otherName',
      frames: [4, 5, 6],
    },
    {
      name: 'by address, and nothing tells whether the client knows the authority',
      connection: connection({ ...registry, clientHello: { serverName: null }, alerts: unknown }),
      support: 'open',
      explanation: 'address',
      frames: [4, 5, 6],
    },
    {
      name: 'the default certificate: another name gets another one, and unknown_ca is said of this one',
      connection: connection({
        ...wanted('shop.example.net'),
        serverCertificates: [
          certificate({ subject: 'CN=ingress.local', subjectAltNames: { dns: ['ingress.local'], ip: [] } }),
        ],
        alerts: [said(48, 'unknown_ca')],
      }),
      others: [connection()],
      support: 'supported',
      explanation: 'defaultCertificate',
      data: { name: 'shop.example.net' },
      frames: [4, 5, 6],
    },
    {
      name: 'Python, which lets OpenSSL check the name, does not take one that ends in a dot',
      connection: connection({
        clientHello: { extensions: CURL, alpn: ['http/1.1'], cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
        serverCertificates: [dotted.certificate],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'wildcardRefused',
      data: { pattern: 'www.example.com.' },
      remedies: ['server reissue', 'server wrongServer', 'client useName'],
      frames: [4, 5, 6],
    },
    {
      name: 'OpenSSL does not take a wildcard over one label',
      connection: connection({
        clientHello: {
          serverName: 'host.local',
          extensions: [
            'server_name',
            'ec_point_formats',
            'supported_groups',
            'encrypt_then_mac',
            'extended_master_secret',
          ],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        serverCertificates: [local.certificate],
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'supported',
      explanation: 'wildcardRefused',
      data: { pattern: '*.local', library: 'OpenSSL' },
      frames: [4, 5, 6],
    },
    {
      name: 'Erlang: handshake_failure, where a wildcard alone covers the name',
      connection: connection({
        clientHello: { serverName: 'www.wild.example', ...ERLANG },
        serverCertificates: [wild.certificate],
        alerts: [said(40, 'handshake_failure')],
      }),
      support: 'supported',
      explanation: 'wildcardAlone',
      data: { pattern: '*.wild.example', library: 'Erlang' },
      remedies: ['client matchWildcards', 'server reissue', 'server wrongServer'],
      frames: [4, 5, 6],
    },
    {
      name: 'Java: certificate_unknown',
      connection: connection({ ...wanted('shop.example.net'), alerts: unknown }),
      support: 'supported',
      explanation: 'explanation',
      data: {
        name: 'shop.example.net',
        presented: ['www.example.com', 'example.com'],
        wildcard: '*.example.net',
        how: 'with alert certificate_unknown (46)',
      },
      frames: [4, 5, 6],
    },
    {
      name: 'a client of an unknown stack that resets without a word, as scanners do that have seen enough',
      connection: connection({
        ...wanted('shop.example.net'),
        phase: 'server-certificate',
        ending: { by: 'client', how: 'reset', frame: 6, at: at(0.06) },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'Java, which may not know the private authority, and never have come to the name',
      connection: javaRefuses,
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'the same, where another name gets another certificate: trusting this one would not help',
      connection: connection({
        clientHello: javaRefuses.clientHello ?? {},
        serverCertificates: [
          certificate({
            subject: 'CN=ingress.local',
            sha256: 'c'.repeat(64),
            subjectAltNames: { dns: ['ingress.local'], ip: [] },
          }),
        ],
        alerts: unknown,
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'defaultCertificate',
      frames: [4, 5, 6, 25],
    },
    {
      name: 'the same, where the same program accepted the chain',
      connection: javaRefuses,
      others: [
        connection({
          id: '2',
          clientHello: { frame: 13, serverName: 'www.example.com' },
          serverHello: { frame: 14 },
          phase: 'application-data',
          outcome: 'established',
        }),
      ],
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'Go, GnuTLS: bad_certificate',
      connection: connection({ ...wanted('shop.example.net'), alerts: [said(42, 'bad_certificate')] }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'a program on OpenSSL leaves within the handshake, without the alert that OpenSSL has for names',
      connection: connection({
        ...byAnotherName,
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'open',
      explanation: 'commonNameOnly',
      frames: [4, 5, 6],
    },
    {
      name: 'curl: completes, says good-bye and closes',
      connection: connection({
        ...wanted('shop.example.net'),
        phase: 'finished',
        outcome: 'established',
        lastFrame: 9,
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
        ending: { by: 'client', how: 'close', frame: 9 },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { how: 'by closing the connection as soon as the handshake was complete' },
      frames: [4, 5, 8, 9],
    },
    {
      name: 'a wildcard that is one label short',
      connection: connection({
        ...wanted('a.b.example.com'),
        serverCertificates: covers('*.example.com'),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'oneLabelOnly',
      data: { pattern: '*.example.com', wildcard: '*.b.example.com' },
      frames: [4, 5, 6],
    },
    {
      name: 'a wildcard for the domain itself',
      connection: connection({
        ...wanted('example.com'),
        serverCertificates: covers('*.example.com'),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'notTheDomain',
      data: { pattern: '*.example.com' },
      frames: [4, 5, 6],
    },
    {
      name: 'a misplaced wildcard',
      connection: connection({
        ...wanted('www1.example.com'),
        serverCertificates: covers('www*.example.com'),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'invalidWildcard',
      data: { pattern: 'www*.example.com' },
      frames: [4, 5, 6],
    },
    {
      name: 'the common name would match, but there are alternative names',
      connection: connection({
        ...wanted('www.example.com'),
        serverCertificates: covers('shop.example.com'),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'commonNameOnly',
      frames: [4, 5, 6],
    },
    {
      name: 'a common name alone',
      connection: connection({ ...wanted('www.example.com'), serverCertificates: covers(), alerts: unknown }),
      support: 'supported',
      explanation: 'noNames',
      data: { commonNames: ['www.example.com'] },
      frames: [4, 5, 6],
    },
    {
      name: 'names that are no host names (SPIFFE)',
      connection: connection({
        ...wanted('www.example.com'),
        serverCertificates: covers().map((leaf) => ({ ...leaf, uriNames: ['spiffe://example.com/shop'] })),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'spiffe',
      data: { others: ['spiffe://example.com/shop'] },
      frames: [4, 5, 6],
    },
    {
      name: 'a host name among the names for URIs',
      connection: connection({
        ...wanted('www.example.com'),
        serverCertificates: covers().map((leaf) => ({ ...leaf, uriNames: ['www.example.com'] })),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'noHostNames',
      data: { others: ['www.example.com'] },
      frames: [4, 5, 6],
    },
    {
      name: 'a certificate with a mail address alone, as people have them',
      connection: connection({
        ...wanted('www.example.com'),
        serverCertificates: covers().map((leaf) => ({ ...leaf, emailAddresses: ['www@example.com'] })),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'noHostNames',
      data: { others: ['www@example.com'] },
      frames: [4, 5, 6],
    },
    {
      name: 'many names',
      connection: connection({
        ...wanted('shop.example.net'),
        serverCertificates: covers(...Array.from({ length: 100 }, (_, index) => `${index}.example.com`)),
        alerts: unknown,
      }),
      support: 'supported',
      explanation: 'explanation',
      data: {
        presented: ['0.example.com', '1.example.com', '2.example.com', '3.example.com', '4.example.com', 'and 95 more'],
      },
      frames: [4, 5, 6],
    },
  ],
  silent: [
    {
      name: 'a supplicant on OpenSSL that says something of the certificate: it compares names itself',
      connection: supplicant({}, [said(42, 'bad_certificate')]),
    },
    {
      name: 'curl on OpenSSL checks the name itself, and takes one that ends in a dot',
      connection: connection({ ...looksOnly(CURL, ['http/1.1']), serverCertificates: [dotted.certificate] }),
    },
    {
      name: 'Erlang: another alert, where a wildcard covers the name: its program may take wildcards',
      connection: connection({
        clientHello: { serverName: 'www.wild.example', ...ERLANG },
        serverCertificates: [wild.certificate],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'openssl s_client -alpn http/1.1 looks, and takes any name',
      connection: connection({ ...looksOnly(OPENSSL, ['http/1.1']), ...byAnotherName }),
    },
    {
      name: 'a QUIC client whose good-bye keys show: nothing shows what it asked for',
      connection: quicConnection({
        outcome: 'established',
        phase: 'application-data',
        ...wanted('api.example.com'),
        encryptedRecords: [],
        keys: { opened: 4, altered: null, unreadable: null },
        serverHello: { version: 'TLS 1.3' },
        serverCertificates: covers('shop.example.com'),
        messages: [
          message('client_hello', 'client', 1),
          message('server_hello', 'server', 2),
          { ...message('certificate', 'server', 3), decrypted: true },
          { ...message('finished', 'client', 4), decrypted: true },
        ],
        quic: {
          version: 'QUIC v1',
          closes: [
            quicClose({
              ...sighting('client', 5),
              level: '1rtt',
              application: true,
              code: 256,
              name: null,
              frameType: null,
            }),
          ],
        },
      }),
    },
    { name: 'the name is covered', connection: connection({ ...wanted('WWW.example.com.'), alerts: unknown }) },
    {
      name: 'a wildcard covers it',
      connection: connection({ serverCertificates: covers('*.example.com'), alerts: unknown }),
    },
    { name: 'no server name', connection: connection({ clientHello: { serverName: null }, alerts: unknown }) },
    { name: 'the client does not mind', connection: connection(wanted('shop.example.net')) },
    {
      name: 'the client names another fault: unknown_ca',
      connection: connection({ ...wanted('shop.example.net'), alerts: [said(48, 'unknown_ca')] }),
    },
    {
      name: 'the client names another fault: certificate_expired',
      connection: connection({ ...wanted('shop.example.net'), alerts: [said(45, 'certificate_expired')] }),
    },
    {
      name: 'a certificate that cannot be read',
      connection: connection({
        ...wanted('shop.example.net'),
        serverCertificates: [
          certificate({ error: decodeFault('notACertificate'), subjectAltNames: { dns: [], ip: [] } }),
        ],
        alerts: unknown,
      }),
    },
    {
      name: 'OpenSSL completes the handshake, asks for nothing and says good-bye: a monitor',
      connection: connection({ ...looksOnly(OPENSSL, []), ...byAnotherName }),
    },
    {
      name: 'Go, which checks names within the handshake, completes it and says good-bye',
      connection: connection({ ...looksOnly(GO, ['h2']), ...byAnotherName }),
    },
    {
      name: 'TLS 1.3 hides it',
      connection: connection({
        ...wanted('shop.example.net'),
        serverHello: { version: 'TLS 1.3' },
        alerts: unknown,
      }),
    },
  ],
});
