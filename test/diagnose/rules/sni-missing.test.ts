import { sniMissing } from '../../../src/diagnose/rules/sni-missing.js';
import { alert, at, connection } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { preamble } from '../../support/plaintext.js';
import { hiddenAnswer, testRule } from '../../support/rule-tester.js';

const nameless = { serverName: null } as const;
const other = connection({ id: '2', serverHello: { frame: 25 } });
const manyNames = Array.from({ length: 9 }, (_, index) =>
  connection({ id: `${index + 2}`, clientHello: { serverName: `${index}.example.com` }, serverHello: { frame: 25 } }),
);

testRule(sniMissing, {
  basis: 'fact',
  fires: [
    {
      name: 'unrecognized_name, and the capture lacks the ClientHello',
      connection: connection({
        clientHello: null,
        messages: [],
        alerts: [alert({ code: 112, name: 'unrecognized_name' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'unseen',
      frames: [6],
    },
    {
      name: 'the capture lacks the ClientHello',
      connection: connection({ phase: 'client-hello', clientHello: null, messages: [], alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [6],
    },
    {
      name: 'unrecognized_name, and the server has shown a certificate to others (nginx, HAProxy)',
      connection: connection({
        clientHello: nameless,
        phase: 'client-hello',
        alerts: [alert({ code: 112, name: 'unrecognized_name' })],
      }),
      others: [other],
      support: 'confirmed',
      explanation: 'said',
      data: { how: 'with alert unrecognized_name (112)' },
      frames: [4, 6],
    },
    {
      name: 'unrecognized_name of a server that may have no certificate at all (Go)',
      connection: connection({
        clientHello: nameless,
        phase: 'client-hello',
        alerts: [alert({ code: 112, name: 'unrecognized_name' })],
      }),
      support: 'supported',
      explanation: 'said',
      frames: [4, 6],
    },
    {
      name: 'protocol_version to a client of TLS 1.3 alone: OpenSSL says so of names, too',
      connection: connection({
        clientHello: { ...nameless, supportedVersions: ['TLS 1.3'] },
        phase: 'client-hello',
        alerts: [alert({ code: 70, name: 'protocol_version' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'leftVersion',
      frames: [4, 6],
    },
    {
      name: 'missing_extension',
      connection: connection({
        clientHello: nameless,
        phase: 'client-hello',
        alerts: [alert({ code: 109, name: 'missing_extension' })],
      }),
      support: 'confirmed',
      explanation: 'said',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure, and others got through with a name (Node.js)',
      connection: connection({ clientHello: nameless, phase: 'client-hello', alerts: [alert()] }),
      others: [other],
      support: 'supported',
      explanation: 'otherConnections',
      data: { names: ['www.example.com'] },
      frames: [4, 6, 25],
    },
    {
      name: 'the same a minute later: the server may refuse everybody by now',
      connection: connection({ clientHello: nameless, phase: 'client-hello', alerts: [alert()] }),
      others: [{ ...other, startedAt: at(-60) }],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'access_denied, which means who asks',
      connection: connection({
        clientHello: nameless,
        phase: 'client-hello',
        alerts: [alert({ code: 49, name: 'access_denied' })],
      }),
      others: [other],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'handshake_failure to a client that also offers a session, and others got through with a name',
      connection: connection({
        clientHello: { ...nameless, pskOffered: true },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [other],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'handshake_failure, but the server refused a name that it serves as well',
      connection: connection({ clientHello: nameless, phase: 'client-hello', alerts: [alert()] }),
      others: [other, connection({ id: '3', phase: 'client-hello', outcome: 'failed', alerts: [alert()] })],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'the server closes, and others got through with many names: it may close on anybody',
      connection: connection({
        clientHello: nameless,
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
      }),
      others: manyNames,
      support: 'open',
      explanation: 'otherConnections',
      data: {
        how: 'by closing the connection',
        names: ['0.example.com', '1.example.com', '2.example.com', '3.example.com', '4.example.com', 'and 4 more'],
      },
      frames: [4, 6, 25],
    },
    {
      name: 'an encrypted alert before the client has answered (Java, TLS 1.3)',
      connection: connection({
        clientHello: nameless,
        serverHello: { version: 'TLS 1.3' },
        phase: 'server-certificate',
        encryptedRecords: [],
        alerts: [alert({ encrypted: true, inferred: true })],
      }),
      others: [other],
      support: 'supported',
      explanation: 'otherConnections',
      data: { how: 'with an encrypted alert' },
      frames: [4, 6, 25],
    },
    {
      name: 'handshake_failure to a ClientHello with which nothing else is wrong (Node.js)',
      connection: connection({ clientHello: nameless, phase: 'client-hello', alerts: [alert()] }),
      support: 'open',
      explanation: 'alone',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure, and the server refused a client with a name in the same way: a name alone does not help',
      connection: connection({ clientHello: nameless, phase: 'client-hello', alerts: [alert()] }),
      others: [connection({ id: '3', phase: 'client-hello', outcome: 'failed', alerts: [alert()] })],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure behind STARTTLS, where many clients name no server',
      connection: connection({ clientHello: nameless, phase: 'client-hello', preamble: preamble(), alerts: [alert()] }),
      support: 'open',
      explanation: 'left',
      basis: 'alert',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure to an old client',
      connection: connection({
        clientHello: { ...nameless, supportedVersions: ['TLS 1.0'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure to a client with a ticket',
      connection: connection({
        clientHello: { ...nameless, pskOffered: true },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure over DTLS, where few clients name the server (WebRTC, CoAP): as good as any other reason',
      connection: dtlsConnection({
        clientHello: nameless,
        phase: 'client-hello',
        outcome: 'failed',
        serverHello: null,
        serverCertificates: [],
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [1, 6],
    },
    {
      name: 'handshake_failure in a record of an old version',
      connection: connection({
        clientHello: nameless,
        phase: 'client-hello',
        alerts: [alert({ recordVersion: 'TLS 1.0' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure to a client without common groups',
      connection: connection({
        clientHello: { ...nameless, supportedGroups: ['secp521r1'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others got through with a suite that this client lacks',
      connection: connection({
        clientHello: { ...nameless, cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] },
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
    {
      name: 'a health check of HAProxy, which offers SSL 3.0: a server that reads it needs no name',
      connection: connection({
        phase: 'client-hello',
        clientHello: {
          random: `6b0cc900${Buffer.from('HAPROXYSSLCHK\nHAPROXYSSLCHK\n').toString('hex')}`,
          supportedVersions: ['SSL 3.0'],
          serverName: null,
        },
        ending: { by: 'server', how: 'close', frame: 6, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
    },
    {
      name: 'internal_error, which the server also sent to a client with a name: the fault is its own',
      connection: connection({
        clientHello: nameless,
        phase: 'client-hello',
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      others: [
        connection({
          id: '3',
          phase: 'client-hello',
          outcome: 'failed',
          alerts: [alert({ code: 80, name: 'internal_error' })],
        }),
      ],
    },
    {
      name: 'others got through without a name',
      connection: connection({ clientHello: nameless, phase: 'client-hello', alerts: [alert()] }),
      others: [other, connection({ id: '3', clientHello: nameless })],
    },
    {
      name: 'the client sends a name',
      connection: connection({ phase: 'client-hello', alerts: [alert({ code: 112, name: 'unrecognized_name' })] }),
    },
    {
      name: 'the alert names the version',
      connection: connection({
        clientHello: { ...nameless, supportedVersions: ['TLS 1.2'] },
        phase: 'client-hello',
        alerts: [alert({ code: 70, name: 'protocol_version' })],
      }),
      others: [other],
    },
    {
      name: 'the server has shown its certificate, and refuses for want of one from the client',
      connection: connection({ clientHello: nameless, phase: 'client-certificate', alerts: [alert({ frame: 7 })] }),
      others: [other],
    },
    {
      name: 'the same in TLS 1.3: the encrypted alert comes after the answer of the client',
      connection: connection({
        clientHello: nameless,
        serverHello: { version: 'TLS 1.3' },
        phase: 'finished',
        encryptedRecords: hiddenAnswer(25, 53),
        alerts: [alert({ encrypted: true, inferred: true, frame: 7 })],
      }),
      others: [other],
    },
    {
      name: 'unrecognized_name as a warning: the server goes on',
      connection: connection({
        clientHello: nameless,
        alerts: [alert({ level: 'warning', code: 112, name: 'unrecognized_name', frame: 5 })],
      }),
    },
  ],
});
