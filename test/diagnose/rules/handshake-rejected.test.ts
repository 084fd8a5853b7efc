import { handshakeRejected } from '../../../src/diagnose/rules/handshake-rejected.js';
import { alert, connection, sighting } from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const other = connection({ id: '2', serverHello: { frame: 25 } });
const NO_SUITE = "no cipher suite in common (the client offers 4), or none that fits the server's certificate";
const NO_CERTIFICATE = "the server's certificate: it may have none configured, or could not load it";

testRule(handshakeRejected, {
  basis: 'ending',
  fires: [
    {
      name: 'the capture lacks the ClientHello: any of its parts may be the reason',
      connection: connection({ phase: 'client-hello', clientHello: null, messages: [], alerts: [alert()] }),
      support: 'supported',
      explanation: 'candidates',
      frames: [6],
    },
    {
      name: 'EAP-Failure as the answer to a ClientHello, without an alert',
      connection: eapConnection({
        phase: 'client-hello',
        outcome: 'failed',
        alerts: [],
        eap: { result: { ...sighting('server', 9), isSuccess: false } },
        ending: { by: 'server', how: 'close', frame: 9 },
      }),
      support: 'open',
      explanation: 'eap',
      data: { address: '198.51.100.20:1812' },
      frames: [4, 9],
    },
    {
      name: 'handshake_failure, and nothing is known of the server',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      support: 'supported',
      explanation: 'candidates',
      data: {
        alert: 'handshake_failure (40)',
        candidates: [
          '1. the server name, which the server may not serve',
          `2. ${NO_CERTIFICATE}`,
          `3. ${NO_SUITE}`,
          '4. no supported group in common',
          '5. no signature scheme in common',
        ],
      },
      frames: [4, 6],
    },
    {
      name: 'access_denied, which has a meaning of its own: see access-denied',
      connection: connection({ phase: 'client-hello', alerts: [alert({ code: 49, name: 'access_denied' })] }),
      support: 'open',
      explanation: 'candidates',
      frames: [4, 6],
    },
    {
      name: 'an old client without a server name',
      connection: connection({
        clientHello: { serverName: null, supportedVersions: ['TLS 1.0'], supportedGroups: [] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'supported',
      explanation: 'candidates',
      data: {
        candidates: [
          '1. the missing server name (SNI): the server may need it to choose a certificate',
          "2. the client's old version (TLS 1.0)",
          `3. ${NO_CERTIFICATE}`,
          `4. ${NO_SUITE}`,
          '5. no signature scheme in common',
        ],
      },
      frames: [4, 6],
    },
    {
      name: 'unusual suites and groups come first',
      connection: connection({
        clientHello: { cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'], supportedGroups: ['secp521r1'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'supported',
      explanation: 'candidates',
      data: {
        candidates: [
          "1. no cipher suite in common (the client offers 1), or none that fits the server's certificate",
          '2. no supported group in common',
          '3. the server name, which the server may not serve',
          `4. ${NO_CERTIFICATE}`,
          '5. no signature scheme in common',
        ],
      },
      frames: [4, 6],
    },
    {
      name: 'behind STARTTLS many clients name no server: that comes last',
      connection: connection({
        clientHello: { serverName: null },
        phase: 'client-hello',
        preamble: preamble(),
        alerts: [alert()],
      }),
      support: 'supported',
      explanation: 'candidates',
      data: {
        candidates: [
          `1. ${NO_CERTIFICATE}`,
          `2. ${NO_SUITE}`,
          '3. no supported group in common',
          '4. no signature scheme in common',
          '5. the missing server name (SNI): the server may need it to choose a certificate',
        ],
      },
      frames: [4, 6],
    },
    {
      name: 'a client of TLS 1.3 alone without the suite that every server has: the suites before the version',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3'], cipherSuites: ['TLS_CHACHA20_POLY1305_SHA256'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'supported',
      explanation: 'candidates',
      data: {
        candidates: [
          "1. no cipher suite in common (the client offers 1), or none that fits the server's certificate",
          '2. the version: the client offers only TLS 1.3, the server may not speak it',
          '3. the server name, which the server may not serve',
          `4. ${NO_CERTIFICATE}`,
          '5. no supported group in common',
          '6. no signature scheme in common',
        ],
      },
      frames: [4, 6],
    },
    {
      name: 'one thing is out of the ordinary: its rule has more to say',
      connection: connection({
        clientHello: { cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      support: 'open',
      explanation: 'candidates',
      frames: [4, 6],
    },
    {
      name: 'one cause is left: what others got through with is no candidate',
      connection: connection({
        clientHello: { pskOffered: true },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [other],
      support: 'open',
      explanation: 'candidates',
      data: { candidates: ['1. the pre-shared key or ticket, which the server may not accept'] },
      frames: [4, 6],
    },
    {
      name: 'others got through with another name: for this one, there may be another server',
      connection: connection({
        clientHello: { serverName: 'other.example.com' },
        phase: 'client-hello',
        alerts: [alert()],
      }),
      others: [other],
      support: 'open',
      explanation: 'candidates',
      data: {
        candidates: [
          '1. the server name, which the server may not serve',
          "2. no cipher suite in common (the client offers 4), or none that fits the server's certificate",
          '3. no supported group in common',
          '4. no signature scheme in common',
        ],
      },
      frames: [4, 6],
    },
    {
      name: 'the server accepted the same offer: it is probably another one of several',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [other],
      support: 'open',
      explanation: 'acceptedAlike',
      data: { connect: '198.51.100.20:443' },
      frames: [4, 6, 25],
    },
    {
      name: 'nothing is left: what others got through with is no candidate, though they offered more',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
      others: [connection({ id: '2', clientHello: { alpn: ['h2'] }, serverHello: { frame: 25 } })],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the alert is about more than the offer, which the server had accepted here as well',
      connection: connection({ phase: 'server-certificate', alerts: [alert()] }),
      others: [other],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'an alert that names its reason has no other candidates',
      connection: connection({
        phase: 'client-hello',
        alerts: [alert({ code: 120, name: 'no_application_protocol' })],
      }),
      support: 'open',
      explanation: 'explanation',
      data: { alert: 'no_application_protocol (120)' },
      frames: [4, 6],
    },
    {
      name: 'the server, in the middle',
      connection: connection({ phase: 'server-certificate', alerts: [alert()] }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'the client, which takes it back',
      connection: connection({
        phase: 'server-certificate',
        outcome: 'failed',
        alerts: [alert({ from: 'client', level: 'warning', code: 90, name: 'user_canceled' })],
      }),
      support: 'open',
      explanation: 'explanation',
      data: { from: 'client', alert: 'user_canceled (90)' },
      frames: [4, 5, 6],
    },
    {
      name: 'an alert known by its size',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        alerts: [alert({ encrypted: true, inferred: true })],
      }),
      support: 'open',
      explanation: 'inferred',
      frames: [4, 5, 6],
    },
    {
      name: 'an encrypted alert',
      connection: connection({
        phase: 'finished',
        outcome: 'failed',
        alerts: [alert({ encrypted: true, frame: 7 })],
      }),
      support: 'open',
      explanation: 'hidden',
      frames: [4, 5, 7],
    },
    {
      name: 'all that it had received was plaintext',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'PING')],
        alerts: [alert({ code: 10, name: 'unexpected_message' })],
      }),
      support: 'open',
      explanation: 'plaintext',
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'a client that says good-bye to a server which never answered (Java, after its time limit)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        alerts: [alert({ from: 'client', level: 'warning', code: 0, name: 'close_notify' })],
      }),
    },
    {
      name: 'internal_error has its own rule',
      connection: connection({ phase: 'client-hello', alerts: [alert({ code: 80, name: 'internal_error' })] }),
    },
    { name: 'no alert', connection: connection({ phase: 'client-hello' }) },
    {
      name: 'a warning after which the handshake goes on',
      connection: connection({
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'reset', frame: 7 },
        alerts: [alert({ level: 'warning', code: 112, name: 'unrecognized_name', frame: 5 })],
      }),
    },
    {
      name: 'the client complains of the end that the server made (OpenSSL, Java)',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
        alerts: [alert({ from: 'client', frame: 7, code: 50, name: 'decode_error' })],
      }),
    },
    {
      name: 'a good-bye at the end of the data',
      connection: connection({
        outcome: 'established',
        phase: 'application-data',
        alerts: [alert({ from: 'client', encrypted: true, frame: 10 })],
      }),
    },
  ],
});
