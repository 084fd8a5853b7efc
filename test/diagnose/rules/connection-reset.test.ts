import { connectionReset } from '../../../src/diagnose/rules/connection-reset.js';
import {
  alert,
  at,
  clientHello,
  connection,
  encryptedRecord,
  message,
  reset,
  sighting,
} from '../../support/connections.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { hiddenAnswer, testRule } from '../../support/rule-tester.js';

const byServer = { by: 'server', how: 'reset', frame: 6 } as const;

/** As BoringSSL writes it. */
const BORINGSSL = {
  extensions: ['extended_master_secret', 'renegotiation_info'],
  signatureSchemes: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256'],
};

/** A request for a tunnel that a reset answers. */
const connectReset = (ttl: number) =>
  connection({
    ...BEFORE_TLS,
    server: { address: '198.51.100.20', port: 8888 },
    preamble: preamble({ kind: 'http-connect', state: 'requested', reply: null }),
    plaintext: [words('client', 4, 'CONNECT a.example:443 HTTP/1.1\r\n')],
    ending: byServer,
    transport: { server: { bytes: 0 }, resets: [reset({ ttl })] },
  });

testRule(connectionReset, {
  basis: 'ending',
  fires: [
    {
      name: 'a request for a tunnel is reset in the name of the proxy, with the TTL of another machine',
      connection: connectReset(64),
      support: 'confirmed',
      explanation: 'middlebox',
      data: { after: 'the request for a tunnel (CONNECT)', ttl: 64, usual: 57 },
      frames: [4, 6],
    },
    {
      name: 'the client offers a session, and only that differs from what worked: see resumption-broken',
      connection: connection({
        phase: 'client-hello',
        clientHello: { pskOffered: true },
        messages: [message('client_hello', 'client', 4, { length: 550 })],
        ending: { ...byServer, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25 },
          messages: [message('client_hello', 'client', 24, { length: 300 })],
        }),
      ],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    ...(['shop.example.com', null] as const).map((serverName) => ({
      name: `only ${serverName === null ? 'the missing server name' : 'the server name'} differs from what worked`,
      connection: connection({
        phase: 'client-hello',
        clientHello: { serverName },
        ending: { ...byServer, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      others: [connection({ id: '2' })],
      // A device on the way may filter names, and reset.
      support: serverName === null ? ('open' as const) : ('supported' as const),
      explanation: 'explanation',
      frames: [4, 6],
    })),
    {
      name: 'by the server after the ClientHello',
      connection: connection({ phase: 'client-hello', ending: byServer }),
      support: 'supported',
      explanation: 'explanation',
      data: { by: 'server', after: 'the ClientHello', ttl: 57 },
      frames: [4, 6],
    },
    {
      name: 'by the server a minute after its own answer: why the client did not go on is the reason',
      connection: connection({
        phase: 'server-certificate',
        ending: { ...byServer, at: at(60) },
        transport: { server: { lastData: sighting('server', 5) } },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'the snapshot length cut off the rest of the ClientHello: the client sent all of it',
      connection: connection({
        clientHello: null,
        partialClientHello: clientHello({ supportedVersions: [] }),
        phase: 'client-hello',
        ending: byServer,
        transport: { client: { missing: 400, cut: 400 } },
      }),
      support: 'open',
      explanation: 'explanation',
      data: { by: 'server', after: 'the ClientHello' },
      frames: [4, 6],
    },
    {
      name: 'by the client in the middle of its ClientHello',
      connection: connection({
        clientHello: null,
        partialClientHello: clientHello({ supportedVersions: [] }),
        phase: 'client-hello',
        ending: { by: 'client', how: 'reset', frame: 6 },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { by: 'client', after: 'the beginning of the ClientHello' },
      frames: [4, 6],
    },
    {
      name: 'by the server after the ClientHello, at a port where plaintext usually begins (Mosquitto 2.0.11)',
      connection: connection({
        phase: 'client-hello',
        server: { address: '198.51.100.20', port: 1883 },
        ending: { ...byServer, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'by a server that refused the ClientHello in plaintext (Postfix)',
      connection: connection({
        phase: 'client-hello',
        plaintext: [words('server', 5, '421 4.3.0 mail.example Server local error')],
        ending: byServer,
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'by a client that resets whatever it refuses (Bun)',
      connection: connection({
        clientHello: BORINGSSL,
        phase: 'server-certificate',
        ending: { by: 'client', how: 'reset', frame: 6 },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'open',
      explanation: 'explanation',
      data: { by: 'client' },
      frames: [4, 5, 6],
    },
    {
      name: 'TLS 1.3: by a client upon the flight of the server, of which it may have refused the certificate (Lynx)',
      connection: connection({
        serverHello: { version: 'TLS 1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256' },
        serverCertificates: [],
        phase: 'server-certificate',
        encryptedRecords: hiddenAnswer(),
        ending: { by: 'client', how: 'reset', frame: 6 },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'open',
      explanation: 'explanation',
      data: { by: 'client' },
      frames: [4, 5, 6],
    },
    {
      name: 'by the client upon the certificate of the server, which it may have refused (wolfSSL)',
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'client', how: 'reset', frame: 6 },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'open',
      explanation: 'explanation',
      data: { by: 'client', after: "the server's certificate" },
      frames: [4, 5, 6],
    },
    {
      name: 'by a client that waited two seconds for an answer (health checks of HAProxy)',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'reset', frame: 6, at: at(2.04) },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'open',
      explanation: 'explanation',
      data: { by: 'client' },
      frames: [4, 6],
    },
    {
      name: 'by the client long after the certificate of the server, without a server name',
      connection: connection({
        clientHello: { serverName: null },
        phase: 'server-certificate',
        ending: { by: 'client', how: 'reset', frame: 6, at: at(3) },
        transport: { resets: [reset({ from: 'client', ttl: 64 })] },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { by: 'client', after: "the server's certificate" },
      frames: [4, 5, 6],
    },
    {
      name: 'in the name of the server, with the TTL of another machine',
      connection: connection({ phase: 'client-hello', ending: byServer, transport: { resets: [reset({ ttl: 64 })] } }),
      support: 'confirmed',
      explanation: 'middlebox',
      data: { ttl: 64, usual: 57 },
      frames: [4, 6],
    },
    {
      name: 'in the name of the server, with a TTL that differs by one from all its others',
      connection: connection({ phase: 'client-hello', ending: byServer, transport: { resets: [reset({ ttl: 58 })] } }),
      support: 'confirmed',
      explanation: 'middlebox',
      frames: [4, 6],
    },
    {
      name: 'in the name of the server, with the TTL of a host at its distance that resets with 255 and sends with 64',
      connection: connection({ phase: 'client-hello', ending: byServer, transport: { resets: [reset({ ttl: 248 })] } }),
      support: 'supported',
      explanation: 'sameDistance',
      data: { ttl: 248, usual: 57 },
      frames: [4, 6],
    },
    {
      name: 'with a TTL that the server has in some of its packets',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        transport: { resets: [reset({ ttl: 58 })], server: { ttls: [57, 60] } },
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'in the name of the server, which goes on',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        transport: { server: { dataAfterReset: sighting('server', 7) } },
      }),
      support: 'confirmed',
      explanation: 'contradicted',
      data: { by: 'server' },
      frames: [4, 6, 7],
    },
    {
      name: 'in the name of the client, which sends its Finished after it',
      connection: connection({
        phase: 'finished',
        outcome: 'failed',
        ending: { by: 'client', how: 'reset', frame: 6, at: at(0.06) },
        encryptedRecords: [encryptedRecord('client', 7, 40)],
        transport: { resets: [reset({ from: 'client' })], client: { dataAfterReset: sighting('client', 7) } },
      }),
      support: 'confirmed',
      explanation: 'contradicted',
      data: { by: 'client', after: "the server's certificate" },
      frames: [4, 5, 6, 7],
    },
    {
      name: 'in the name of the server, which closes much later (iptables REJECT before Node.js 20)',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        transport: { resets: [reset({ at: at(0.06) })], fins: [sighting('server', 9, at(5.06))] },
      }),
      support: 'confirmed',
      explanation: 'closedLater',
      data: { by: 'server' },
      frames: [4, 6, 9],
    },
    {
      name: 'in the name of the server, before it can have had the ClientHello',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        transport: {
          synAck: sighting('server', 2, at(0.328)),
          synAcks: [sighting('server', 2, at(0.328))],
          client: { firstData: sighting('client', 4, at(0.33)) },
          resets: [reset({ at: at(0.337), acknowledgesData: true })],
        },
      }),
      support: 'supported',
      basis: 'fact',
      explanation: 'early',
      data: { passed: '7 ms', roundTrip: '318 ms' },
      frames: [4, 6],
    },
    {
      name: 'soon after the ClientHello, of a server that a connection which worked shows to be near',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        transport: {
          synAck: sighting('server', 2, at(0.328)),
          synAcks: [sighting('server', 2, at(0.328))],
          client: { firstData: sighting('client', 4, at(0.33)) },
          resets: [reset({ at: at(0.337), acknowledgesData: true })],
        },
      }),
      others: [connection({ id: '2', timing: { tcpConnectMs: 6 } })],
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'by a server of which nothing else is seen',
      connection: connection({
        phase: 'client-hello',
        ending: byServer,
        transport: { server: { ttl: null, ttls: null } },
      }),
      support: 'supported',
      explanation: 'unknown',
      frames: [4, 6],
    },
    {
      name: 'after a warning, which says nothing of it',
      connection: connection({
        phase: 'server-certificate',
        ending: { ...byServer, frame: 8 },
        alerts: [alert({ level: 'warning', code: 112, name: 'unrecognized_name', frame: 5 })],
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 5, 8],
    },
  ],
  silent: [
    { name: 'a request for a tunnel is reset from the host itself', connection: connectReset(57) },
    {
      name: 'the server closes instead',
      connection: connection({ phase: 'client-hello', ending: { by: 'server', how: 'close' } }),
    },
    {
      name: 'an alert says why',
      connection: connection({ phase: 'client-hello', ending: { ...byServer, frame: 7 }, alerts: [alert()] }),
    },
    {
      name: 'an encrypted alert says why',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        phase: 'server-certificate',
        ending: { ...byServer, frame: 7 },
        alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
      }),
    },
    {
      name: 'a client that resets after the data, as browsers do',
      connection: connection({ ending: { by: 'client', how: 'reset' } }),
    },
    {
      name: 'the SYN is refused',
      connection: connection({ phase: 'tcp-connect', ending: { by: 'server', how: 'reset', frame: 2 } }),
    },
  ],
});
