import { BOUNDS } from '../../../src/bounds.js';
import { sniUnrecognized } from '../../../src/diagnose/rules/sni-unrecognized.js';
import { alert, at, connection } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const other = { serverName: 'shop.example.com' };
const worked = connection({ id: '2', serverHello: { frame: 25 } });
const unrecognized = { code: 112, name: 'unrecognized_name' } as const;

testRule(sniUnrecognized, {
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
      name: 'unrecognized_name, and the capture lacks the ClientHello',
      connection: connection({ phase: 'client-hello', clientHello: null, messages: [], alerts: [alert(unrecognized)] }),
      support: 'open',
      explanation: 'unseen',
      frames: [6],
    },
    {
      name: 'unrecognized_name (Go says so, too, where it has no certificate)',
      connection: connection({ clientHello: other, phase: 'client-hello', alerts: [alert(unrecognized)] }),
      support: 'open',
      explanation: 'said',
      data: { name: 'shop.example.com' },
      frames: [4, 6],
    },
    {
      name: 'unrecognized_name, and another connection got through with the same name',
      connection: connection({ clientHello: other, phase: 'client-hello', alerts: [alert(unrecognized)] }),
      others: [connection({ id: '2', clientHello: other, serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'saidElsewhere',
      data: { name: 'shop.example.com' },
      frames: [4, 6, 25],
    },
    {
      name: 'unrecognized_name, and others got through with another name',
      connection: connection({ clientHello: other, phase: 'client-hello', alerts: [alert(unrecognized)] }),
      others: [worked],
      support: 'confirmed',
      explanation: 'said',
      frames: [4, 6],
    },
    {
      name: 'protocol_version to a client of TLS 1.3 alone, and others got through by TLS 1.3 with another name (nginx), or another server',
      connection: connection({
        clientHello: { ...other, supportedVersions: ['TLS 1.3'] },
        phase: 'client-hello',
        alerts: [alert({ code: 70, name: 'protocol_version' })],
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25, version: 'TLS 1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256' },
        }),
      ],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'protocol_version to a client of TLS 1.3 alone: OpenSSL says so of a name that the program rejects, too',
      connection: connection({
        clientHello: { ...other, supportedVersions: ['TLS 1.3'] },
        phase: 'client-hello',
        alerts: [alert({ code: 70, name: 'protocol_version' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'leftVersion',
      frames: [4, 6],
    },
    {
      name: 'handshake_failure, and others got through with another name: this one may lead to a server with other suites',
      connection: connection({ clientHello: other, phase: 'client-hello', alerts: [alert()] }),
      others: [worked],
      support: 'open',
      explanation: 'otherConnections',
      data: { names: ['www.example.com'], how: 'with alert handshake_failure (40)' },
      frames: [4, 6, 25],
    },
    {
      name: 'handshake_failure to an offer of old suites, and others got through with another name and other suites as well',
      connection: connection({
        clientHello: { ...other, cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25, cipherSuite: 'TLS_RSA_WITH_AES_128_CBC_SHA' } })],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'internal_error (Go), and no other connection is known: the server may lack a certificate of that name',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'internal_error (Go), and others got through with another name',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      others: [worked],
      support: 'supported',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'the same a minute later: the server may refuse everybody by now',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      others: [{ ...worked, startedAt: at(-60) }],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    ...Object.entries({
      'of groups without secp256r1': { supportedGroups: ['x25519'] },
      'of a session in TLS 1.2 (OpenSSL says so without a session id context)': {
        supportedVersions: ['TLS 1.2'],
        sessionIdLength: 32,
      },
    }).map(([what, hello]) => ({
      name: `the same, upon an offer ${what}`,
      connection: connection({
        clientHello: { ...other, ...hello },
        phase: 'client-hello',
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      others: [worked],
      support: 'open' as const,
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    })),
    {
      name: 'the same, at a server of more names than are remembered: it may have served this one',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      others: [
        worked,
        ...Array.from({ length: BOUNDS.serverNames.value }, (_, index) =>
          connection({ id: String(index + 3), clientHello: { serverName: `shop${index}.example.com` } }),
        ),
      ],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'internal_error, but the server refused a name that it serves as well',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        alerts: [alert({ code: 80, name: 'internal_error' })],
      }),
      others: [
        worked,
        connection({
          id: '3',
          phase: 'client-hello',
          outcome: 'failed',
          alerts: [alert({ code: 80, name: 'internal_error' })],
        }),
      ],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'the server closes (Node.js; a proxy whose back end is down), and others got through with another name',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
      }),
      others: [worked],
      support: 'open',
      explanation: 'ended',
      data: { how: 'by closing the connection' },
      frames: [4, 6, 25],
    },
    {
      name: 'a reset, and others got through with another name: a device on the way may filter names',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        ending: { by: 'server', how: 'reset', frame: 6 },
      }),
      others: [worked],
      support: 'open',
      explanation: 'ended',
      frames: [4, 6, 25],
    },
    {
      name: 'unrecognized_name as a warning, which the client takes for a fault (Java 7)',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        alerts: [
          alert({ ...unrecognized, level: 'warning', frame: 5 }),
          alert({ from: 'client', code: 10, name: 'unexpected_message' }),
        ],
      }),
      support: 'confirmed',
      explanation: 'warned',
      frames: [4, 5, 6],
    },
    {
      name: 'the ServerHello came with the warning',
      connection: connection({
        clientHello: other,
        phase: 'server-certificate',
        alerts: [
          alert({ ...unrecognized, level: 'warning', frame: 5 }),
          alert({ from: 'client', code: 10, name: 'unexpected_message' }),
        ],
      }),
      support: 'supported',
      explanation: 'warned',
      frames: [4, 5, 6],
    },
    {
      name: 'handshake_failure, and nothing is known of the server',
      connection: connection({ clientHello: other, phase: 'client-hello', alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the server closes upon the ClientHello (HAProxy as a filter), and nothing is known of it',
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
        transport: { server: { bytes: 0 } },
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others got through with a suite that this client lacks',
      connection: connection({
        clientHello: { ...other, cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [worked],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others got through with a version that this client does not speak',
      connection: connection({
        clientHello: { ...other, supportedVersions: ['TLS 1.0'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [worked],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    ...(['behind a proxy', 'by a reset'] as const).map((how) => ({
      name: `the server ends the connection upon the ClientHello ${how}`,
      connection: connection({
        clientHello: other,
        phase: 'client-hello',
        ending: { by: 'server', how: how === 'by a reset' ? 'reset' : 'close', frame: 6 },
        transport: { server: { bytes: 0 } },
        ...(how === 'by a reset' ? {} : { preamble: preamble({ kind: 'http-connect' }) }),
      }),
      support: 'open' as const,
      basis: 'alert' as const,
      explanation: 'left',
      frames: [4, 6],
    })),
  ],
  silent: [
    {
      name: 'unrecognized_name as a warning: the server goes on',
      connection: connection({
        clientHello: other,
        phase: 'server-certificate',
        alerts: [
          alert({ ...unrecognized, level: 'warning', frame: 5 }),
          alert({ from: 'client', code: 48, name: 'unknown_ca' }),
        ],
      }),
    },
    {
      name: 'handshake_failure, and others got through with the same name',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [worked],
    },
    {
      name: 'the client sends no name',
      connection: connection({
        clientHello: { serverName: null },
        phase: 'client-hello',
        alerts: [alert(unrecognized)],
      }),
    },
    {
      name: 'the server has chosen a certificate for the name, and then fails',
      connection: connection({ clientHello: other, phase: 'server-certificate', alerts: [alert()] }),
      others: [worked],
    },
  ],
});
