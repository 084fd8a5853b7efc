import { groupMismatch } from '../../../src/diagnose/rules/group-mismatch.js';
import { alert, at, connection, message } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const p521 = { supportedGroups: ['secp521r1'], keyShareGroups: ['secp521r1'] };
const x25519 = { supportedGroups: ['GREASE_0x0A0A', 'x25519'], keyShareGroups: ['x25519'] };
const ECDHE = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'];
const DHE = ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256'];
const said = (code: number, name: string, from: 'client' | 'server' = 'server') => [alert({ code, name, from })];
const other = connection({ id: '2', serverHello: { frame: 25, group: 'secp256r1' } });
const retry = (group: string | null) => ({
  frame: 5,
  at: at(0.05),
  version: 'TLS 1.3',
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  extensions: ['supported_versions', 'key_share'],
  group,
});
const retried = { serverHello: null, phase: 'server-hello', outcome: 'failed' } as const;

const dhe = (dhBits: number) => ({
  serverHello: { cipherSuite: 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', group: null, dhBits },
  messages: [
    message('client_hello', 'client', 4),
    message('server_hello', 'server', 5),
    message('certificate', 'server', 5),
    message('server_key_exchange', 'server', 5),
    message('server_hello_done', 'server', 5, { length: 0 }),
  ],
});

testRule(groupMismatch, {
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
      name: 'HelloRetryRequest for a group that the client lacks, illegal_parameter (OpenSSL)',
      connection: connection({
        ...retried,
        clientHello: x25519,
        helloRetryRequest: retry('secp384r1'),
        alerts: said(47, 'illegal_parameter', 'client'),
      }),
      support: 'confirmed',
      explanation: 'foreign',
      data: { group: 'secp384r1', groups: ['x25519'] },
      frames: [4, 5, 6],
    },
    {
      name: 'HelloRetryRequest for a share that is there already; the client closes',
      connection: connection({
        ...retried,
        clientHello: x25519,
        helloRetryRequest: retry('x25519'),
        ending: { by: 'client', how: 'close' },
      }),
      support: 'confirmed',
      explanation: 'loop',
      frames: [4, 5, 7],
    },
    {
      name: 'TLS 1.2: the server uses a curve that the client lacks',
      connection: connection({
        clientHello: x25519,
        serverHello: { group: 'secp521r1' },
        alerts: said(47, 'illegal_parameter', 'client'),
      }),
      support: 'confirmed',
      explanation: 'chosen',
      data: { group: 'secp521r1' },
      frames: [4, 5, 6],
    },
    {
      name: 'a Diffie-Hellman prime of 1024 bits (OpenSSL: "dh key too small")',
      connection: connection({
        ...dhe(1024),
        alerts: said(40, 'handshake_failure', 'client'),
      }),
      support: 'supported',
      explanation: 'small',
      data: { bits: 1024 },
      frames: [5, 6],
    },
    {
      name: 'a Diffie-Hellman prime of 768 bits, and the alert that says so (GnuTLS)',
      connection: connection({ ...dhe(768), alerts: said(71, 'insufficient_security', 'client') }),
      support: 'confirmed',
      explanation: 'small',
      data: { bits: 768 },
      frames: [5, 6],
    },
    {
      name: 'a Diffie-Hellman prime of 1024 bits, and the client closes (Node.js)',
      connection: connection({
        ...dhe(1024),
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'supported',
      explanation: 'small',
      data: { how: 'by closing the connection' },
      frames: [5, 6],
    },
    {
      name: 'a Diffie-Hellman prime of 512 bits, internal_error',
      connection: connection({ ...dhe(512), alerts: said(80, 'internal_error', 'client') }),
      support: 'supported',
      explanation: 'small',
      frames: [5, 6],
    },
    {
      name: 'others agreed on a group that this client lacks',
      connection: connection({
        clientHello: x25519,
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      others: [other],
      support: 'supported',
      explanation: 'otherConnections',
      data: { accepted: ['secp256r1'], groups: ['x25519'] },
      frames: [4, 6, 25],
    },
    {
      name: 'the same a minute later: the server may refuse everybody by now',
      connection: connection({ clientHello: x25519, phase: 'client-hello', alerts: said(40, 'handshake_failure') }),
      others: [{ ...other, startedAt: at(-60) }],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'the same by illegal_parameter, which servers say of an offer that contradicts itself',
      connection: connection({ clientHello: x25519, phase: 'client-hello', alerts: said(47, 'illegal_parameter') }),
      others: [other],
      support: 'open',
      explanation: 'otherConnections',
      frames: [4, 6, 25],
    },
    {
      name: 'others agreed on another group, but by another name: this one may lead to another server',
      connection: connection({
        clientHello: { ...x25519, serverName: 'other.example' },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      others: [other],
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'an unusual group alone (Go answers handshake_failure)',
      connection: connection({
        clientHello: { ...p521, serverName: null },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'supported',
      explanation: 'unusual',
      frames: [4, 6],
    },
    {
      name: 'finite fields alone, with suites that need no curve: a server of TLS 1.2 may lack these (Java without jdk.crypto.ec)',
      connection: connection({
        clientHello: {
          supportedGroups: ['ffdhe2048', 'ffdhe3072'],
          cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256'],
        },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      explanation: 'unusual',
      frames: [4, 6],
    },
    {
      name: 'an unusual group alone, by a client of TLS 1.3 alone, which the server may not speak (Mbed TLS 2.28)',
      connection: connection({
        clientHello: { ...p521, supportedVersions: ['TLS 1.3'] },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      explanation: 'unusual',
      frames: [4, 6],
    },
    {
      name: 'internal_error (GnuTLS) to a client of unusual groups alone, and no other connection is known',
      connection: connection({
        clientHello: { supportedGroups: ['secp521r1'], cipherSuites: [...ECDHE, ...DHE] },
        phase: 'client-hello',
        alerts: said(80, 'internal_error'),
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'internal_error (GnuTLS) to a client of TLS 1.2, and others got through by a group that it lacks and TLS 1.3',
      connection: connection({
        clientHello: {
          supportedVersions: ['TLS 1.2'],
          supportedGroups: ['secp256r1'],
          keyShareGroups: [],
          cipherSuites: [...ECDHE, ...DHE],
        },
        phase: 'client-hello',
        alerts: said(80, 'internal_error'),
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25, version: 'TLS 1.3', group: 'secp521r1', cipherSuite: 'TLS_AES_256_GCM_SHA384' },
        }),
      ],
      support: 'supported',
      explanation: 'saidOfGroups',
      data: { accepted: ['secp521r1'] },
      frames: [4, 6, 25],
    },
    {
      name: 'the same to a client without DHE, to which no stack is recorded to say it of groups',
      connection: connection({
        clientHello: {
          supportedVersions: ['TLS 1.2'],
          supportedGroups: ['secp256r1'],
          keyShareGroups: [],
          cipherSuites: ECDHE,
        },
        phase: 'client-hello',
        alerts: said(80, 'internal_error'),
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25, version: 'TLS 1.3', group: 'secp521r1', cipherSuite: 'TLS_AES_256_GCM_SHA384' },
        }),
      ],
      basis: 'alert',
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'unexpected_message in answer to a ClientHello with the usual groups, of whatever stack',
      connection: connection({
        clientHello: { supportedGroups: ['x25519', 'secp256r1'], keyShareGroups: ['x25519'] },
        phase: 'client-hello',
        alerts: said(10, 'unexpected_message'),
      }),
      support: 'open',
      explanation: 'unexpected',
      frames: [4, 6],
    },
    {
      name: 'unexpected_message in answer to the ClientHello (Java)',
      connection: connection({
        clientHello: x25519,
        phase: 'client-hello',
        alerts: said(10, 'unexpected_message'),
      }),
      support: 'supported',
      explanation: 'unexpected',
      data: { groups: ['x25519'] },
      frames: [4, 6],
    },
    {
      name: 'insufficient_security, and others got through with a group that this client lacks (Erlang, wolfSSL)',
      connection: connection({
        clientHello: { supportedGroups: ['secp384r1'], keyShareGroups: ['secp384r1'] },
        phase: 'client-hello',
        alerts: [alert({ code: 71, name: 'insufficient_security' })],
      }),
      others: [connection({ id: '2', serverHello: { frame: 25, version: 'TLS 1.3' } })],
      support: 'supported',
      explanation: 'otherConnections',
      data: { accepted: ['x25519'] },
      frames: [4, 6, 25],
    },
    {
      name: 'ordinary groups',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'others agreed on a suite that this client lacks as well',
      connection: connection({
        clientHello: { ...x25519, cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA'] },
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
      name: 'obsolete suites: these may be the reason',
      connection: connection({
        clientHello: { ...p521, cipherSuites: ['TLS_ECDHE_RSA_WITH_RC4_128_SHA'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'a HelloRetryRequest before the only ClientHello: the capture lacks the first one',
      connection: connection({
        ...retried,
        clientHello: { ...x25519, frame: 6, at: at(0.06) },
        helloRetryRequest: retry('x25519'),
        alerts: [alert({ code: 48, name: 'unknown_ca', from: 'client', frame: 8 })],
      }),
    },
    {
      name: 'one HelloRetryRequest after another: that breaks the rules',
      connection: connection({
        ...retried,
        messages: [
          message('client_hello', 'client', 4),
          message('hello_retry_request', 'server', 5),
          message('client_hello', 'client', 6),
          message('hello_retry_request', 'server', 7),
        ],
        alerts: [alert({ code: 10, name: 'unexpected_message', from: 'client', frame: 8 })],
      }),
    },
    {
      name: 'unexpected_message, though others agreed on a group that this client has',
      connection: connection({
        clientHello: x25519,
        phase: 'client-hello',
        alerts: said(10, 'unexpected_message'),
      }),
      others: [connection({ id: '2', serverHello: { frame: 25, group: 'x25519' } })],
    },
    {
      name: 'unexpected_message to a client without key shares',
      connection: connection({
        clientHello: { ...x25519, keyShareGroups: [] },
        phase: 'client-hello',
        alerts: said(10, 'unexpected_message'),
      }),
    },
    {
      name: 'others agreed on a group that this client has',
      connection: connection({ clientHello: p521, phase: 'client-hello', alerts: [alert()] }),
      others: [connection({ id: '2', serverHello: { frame: 25, group: 'secp521r1' } })],
    },
    {
      name: 'a HelloRetryRequest that the client can follow',
      connection: connection({
        ...retried,
        clientHello: { supportedGroups: ['x25519', 'secp384r1'] },
        helloRetryRequest: retry('secp384r1'),
        alerts: said(40, 'handshake_failure', 'client'),
      }),
    },
    {
      name: 'a Diffie-Hellman prime of 2048 bits',
      connection: connection({
        ...dhe(2048),
        alerts: said(40, 'handshake_failure', 'client'),
      }),
    },
    {
      name: 'a small prime, and an alert about the certificate',
      connection: connection({
        ...dhe(1024),
        alerts: said(48, 'unknown_ca', 'client'),
      }),
    },
  ],
});
