import { cipherSuiteMismatch } from '../../../src/diagnose/rules/cipher-suite-mismatch.js';
import type { ClientHello } from '../../../src/connection/connection.js';
import { alert, at, connection, sighting } from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const GCM = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
const other = connection({ id: '2', serverHello: { frame: 25 } });
const cbcClient = {
  cipherSuites: ['GREASE_0x0A0A', 'TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
};

/** The server closes at once upon a ClientHello with these suites, and says nothing. */
const dropped = (hello: Partial<ClientHello> | null) =>
  connection({
    phase: 'client-hello',
    outcome: 'failed',
    ...(hello === null ? {} : { clientHello: hello }),
    serverHello: null,
    serverCertificates: [],
    ending: { by: 'server', how: 'close', frame: 6 },
    transport: { server: { bytes: 0 } },
  });

testRule(cipherSuiteMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'the capture lacks the ClientHello',
      connection: connection({ phase: 'client-hello', clientHello: null, messages: [], alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [6],
    },
    {
      name: 'others got through with a suite that this client offers too, but by another name, which may lead to another server',
      connection: connection({
        clientHello: { serverName: 'other.example.com' },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [other],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'only suites with pre-shared keys: the server has others, or no keys (OpenSSL 3.0, over DTLS)',
      connection: connection({
        clientHello: { cipherSuites: ['TLS_PSK_WITH_AES_128_GCM_SHA256', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'supported',
      explanation: 'preSharedKeys',
      data: { suites: 'TLS_PSK_WITH_AES_128_GCM_SHA256' },
      frames: [4, 6],
    },
    {
      name: 'the same with alert insufficient_security, which is not about their strength (Pion)',
      connection: connection({
        clientHello: { cipherSuites: ['TLS_PSK_WITH_AES_128_CCM_8'] },
        phase: 'client-hello',
        alerts: [alert({ code: 71, name: 'insufficient_security' })],
      }),
      support: 'confirmed',
      explanation: 'preSharedKeys',
      frames: [4, 6],
    },
    {
      name: 'a RADIUS server that ends it with EAP-Failure upon the ClientHello (FreeRADIUS 3.2.1)',
      connection: eapConnection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: { serverName: null, supportedVersions: ['TLS 1.2'] },
        serverHello: null,
        serverCertificates: [],
        alerts: [],
        eap: { result: { ...sighting('server', 9), isSuccess: false } },
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 9],
    },
    {
      name: 'the same, offered only suites for RSA keys: the only part of the offer in which servers differ',
      connection: eapConnection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: { serverName: null, supportedVersions: ['TLS 1.2'], cipherSuites: [GCM] },
        serverHello: null,
        serverCertificates: [],
        alerts: [],
        eap: { result: { ...sighting('server', 9), isSuccess: false } },
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 9],
    },
    {
      name: 'the server closes at once upon the one suite that it is offered (Dovecot 2.3.19, with another key)',
      connection: dropped({ cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the server closes at once upon ordinary suites of TLS 1.2: its own may be others (slapd 2.5.13 on GnuTLS)',
      connection: dropped({ supportedVersions: ['TLS 1.2'] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the server closes at once upon suites of old (Dovecot 2.3.19)',
      connection: dropped(cbcClient),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'it does, and a Java client answers with handshake_failure, which is no word of the server',
      connection: connection({
        clientHello: cbcClient,
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
        alerts: [alert({ from: 'client', frame: 7 })],
      }),
      others: [other],
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'a good-bye alone, as programs on GnuTLS say it: one of several reasons',
      connection: connection({
        clientHello: cbcClient,
        phase: 'client-hello',
        alerts: [alert({ code: 0, name: 'close_notify', level: 'warning' })],
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the same as a fatal alert, where others got through with a suite that this client lacks',
      connection: connection({
        clientHello: cbcClient,
        phase: 'client-hello',
        alerts: [alert({ code: 0, name: 'close_notify' })],
      }),
      others: [other],
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others got through with a suite that this client lacks',
      connection: connection({ clientHello: cbcClient, phase: 'client-hello', alerts: [alert()] }),
      others: [other],
      support: 'supported',
      explanation: 'otherConnections',
      data: { suites: ['TLS_RSA_WITH_AES_128_CBC_SHA'], accepted: [GCM], alert: 'handshake_failure (40)' },
      frames: [4, 6, 25],
    },
    {
      name: 'the same a minute later: the server may refuse everybody by now',
      connection: connection({ clientHello: cbcClient, phase: 'client-hello', alerts: [alert()] }),
      others: [{ ...other, startedAt: at(-60) }],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    ...Object.entries({
      'a group': { supportedGroups: ['secp521r1'] },
      'a signature scheme': { signatureSchemes: ['ed25519'] },
      'the server name': { serverName: 'shop.example.com' },
      'a pre-shared key': { pskOffered: true },
    }).map(([what, hello]) => ({
      name: `the same, and ${what} may be the reason as well`,
      connection: connection({ clientHello: { ...cbcClient, ...hello }, phase: 'client-hello', alerts: [alert()] }),
      others: [other],
      support: 'open' as const,
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    })),
    {
      name: 'TLS 1.3 alone, and others got through with older versions: see protocol-version-mismatch',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3'], cipherSuites: ['TLS_AES_128_GCM_SHA256'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [other],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'others got through with a version that this client no longer lists, and a suite of that time',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25, version: 'TLS 1.0', cipherSuite: 'TLS_RSA_WITH_3DES_EDE_CBC_SHA' },
        }),
      ],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'insufficient_security',
      connection: connection({
        clientHello: cbcClient,
        phase: 'client-hello',
        alerts: [alert({ code: 71, name: 'insufficient_security' })],
      }),
      support: 'confirmed',
      explanation: 'insufficient',
      frames: [4, 6],
    },
    {
      name: 'insufficient_security, and others got through with a suite that this client lacks',
      connection: connection({
        clientHello: cbcClient,
        phase: 'client-hello',
        alerts: [alert({ code: 71, name: 'insufficient_security' })],
      }),
      others: [other],
      support: 'supported',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'insufficient_security to strong suites: these need not be what is too weak (wolfSSL 5.5 says it of groups)',
      connection: connection({
        phase: 'client-hello',
        alerts: [alert({ code: 71, name: 'insufficient_security' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'strong',
      frames: [4, 6],
    },
    {
      name: 'obsolete suites alone, without a server name',
      connection: connection({
        clientHello: { cipherSuites: ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'], serverName: null },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'supported',
      explanation: 'obsolete',
      frames: [4, 6],
    },
    ...Object.entries({ handshake_failure: 'obsolete', insufficient_security: 'insufficient' }).map(([name, id]) => ({
      name: `${name} to obsolete suites alone, of which the server takes one by another name`,
      connection: connection({
        clientHello: { cipherSuites: ['TLS_RSA_WITH_3DES_EDE_CBC_SHA'], serverName: 'shop.example.com' },
        phase: 'client-hello',
        alerts: [alert({ code: name === 'handshake_failure' ? 40 : 71, name })],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25, cipherSuite: 'TLS_RSA_WITH_3DES_EDE_CBC_SHA' } })],
      support: 'open' as const,
      basis: id === 'insufficient' ? ('alert' as const) : ('fact' as const),
      explanation: id,
      frames: [4, 6],
    })),
    {
      name: 'obsolete suites alone, and an old version, of which Java 8 says the same',
      connection: connection({
        clientHello: { cipherSuites: ['TLS_RSA_WITH_RC4_128_SHA'], supportedVersions: ['TLS 1.0'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      explanation: 'obsolete',
      frames: [4, 6],
    },
    {
      name: 'nothing but static RSA and CBC; the rest is in order',
      connection: connection({ clientHello: cbcClient, phase: 'client-hello', alerts: [alert()] }),
      support: 'open',
      explanation: 'unusual',
      data: { suites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] },
      frames: [4, 6],
    },
    {
      name: 'nothing but static RSA and CBC, and no server name',
      connection: connection({
        clientHello: { ...cbcClient, serverName: null },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'nothing but static RSA and CBC, and unusual groups',
      connection: connection({
        clientHello: { ...cbcClient, supportedGroups: ['secp521r1'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the suites for ECDSA alone, because the client takes no other signatures',
      connection: connection({
        clientHello: {
          cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
          signatureSchemes: ['ecdsa_secp256r1_sha256'],
        },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [other],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'nothing is known of the server',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others got through with a version that this client does not speak',
      connection: connection({
        clientHello: { ...cbcClient, supportedVersions: ['TLS 1.0'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [other],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
  ],
  silent: [
    { name: 'the server closes at once upon suites that nearly every server takes', connection: dropped(null) },
    {
      name: 'the alert names the version',
      connection: connection({
        clientHello: cbcClient,
        phase: 'client-hello',
        alerts: [alert({ code: 70, name: 'protocol_version' })],
      }),
      others: [other],
    },
    {
      name: 'the alert names the application protocol',
      connection: connection({
        clientHello: cbcClient,
        phase: 'client-hello',
        alerts: [alert({ code: 120, name: 'no_application_protocol' })],
      }),
      others: [other],
    },
    {
      name: 'handshake_failure after the server has chosen a suite: it wants a client certificate',
      connection: connection({ phase: 'client-certificate', alerts: [alert()] }),
      others: [other],
    },
  ],
  excluded: [
    {
      name: 'insufficient_security, and another client got through with a suite that this one offers',
      connection: connection({
        clientHello: { supportedGroups: ['secp384r1'] },
        phase: 'client-hello',
        alerts: [alert({ code: 71, name: 'insufficient_security' })],
      }),
      others: [other],
      because: 'shared',
      frames: [25],
    },
    {
      name: 'others got through with a suite that this client offers too',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [other],
      because: 'shared',
      frames: [25],
    },
  ],
});
