import { proxyProtocolMismatch } from '../../../src/diagnose/rules/proxy-protocol-mismatch.js';
import { alert, at, connection } from '../../support/connections.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const header = {
  step: 'request',
  from: 'client',
  frame: 3,
  at: at(0.03),
  text: 'PROXY TCP4 192.0.2.1 198.51.100.7 51234 443',
} as const;
const announced = preamble({ kind: 'proxy-protocol', state: 'announced', reply: null, steps: [header] });
const hello = { phase: 'client-hello', preamble: announced } as const;
const closes = (frame: number) => ({ by: 'server', how: 'close', frame }) as const;

/** A ClientHello without a header, and the server closes. */
const bare = connection({
  phase: 'client-hello',
  outcome: 'failed',
  ending: { ...closes(6), at: at(0.06) },
  transport: { server: { bytes: 0 } },
});

testRule(proxyProtocolMismatch, {
  basis: 'fact',
  fires: [
    ...['TLS 1.3', 'TLS 1.2'].map((version) => ({
      name: `an alert of the version to a client of ${version}, where no client with a header is accepted`,
      connection: connection({
        ...hello,
        clientHello: { supportedVersions: [version] },
        alerts: [alert({ code: 70, name: 'protocol_version', frame: 6 })],
      }),
      support: 'supported' as const,
      explanation: 'alert' as const,
      frames: [3, 4, 6, 7],
    })),
    {
      name: 'an alert of the version before the ClientHello was sent',
      connection: connection({
        ...hello,
        clientHello: { supportedVersions: ['TLS 1.3'], frame: 7 },
        alerts: [alert({ code: 70, name: 'protocol_version', frame: 6 })],
      }),
      support: 'confirmed',
      explanation: 'alert',
      frames: [3, 6, 7],
    },
    {
      name: 'no header, and Postfix, which may expect one, speaks of a fault of its own',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '421 4.3.0 mail.example Server local error')],
      }),
      support: 'open',
      explanation: 'untold',
      frames: [4, 6],
    },
    {
      name: 'no header, and a server of which nothing is known closes (nginx 1.22 resets)',
      connection: bare,
      support: 'open',
      basis: 'ending',
      explanation: 'unseen',
      frames: [4, 6],
    },
    {
      name: 'no header where all that are accepted send one, and the server closes (HAProxy 2.6 resets)',
      connection: bare,
      others: [connection({ id: '2', preamble: announced, serverHello: { frame: 25 } })],
      support: 'supported',
      explanation: 'missing',
      frames: [4, 6, 25],
    },
    {
      name: 'the same, and the server accepted the last one long before: it may let nobody in by then',
      connection: { ...bare, startedAt: at(60) },
      others: [connection({ id: '2', preamble: announced, serverHello: { frame: 25 } })],
      support: 'open',
      explanation: 'missing',
      frames: [4, 6, 25],
    },
    {
      name: 'nginx: 400 in plaintext',
      connection: connection({
        ...hello,
        plaintext: [words('client', 3, header.text), words('server', 6, 'HTTP/1.1 400 Bad Request')],
        ending: closes(7),
      }),
      support: 'confirmed',
      explanation: 'badRequest',
      frames: [3, 4, 6, 7],
    },
    {
      name: 'the server closes before the ClientHello comes: a limit, or a proxy without a back end, closes as well',
      connection: connection({ ...BEFORE_TLS, outcome: 'not-tls', preamble: announced, ending: closes(6) }),
      support: 'open',
      explanation: 'beforeHello',
      frames: [3, 6],
    },
    {
      name: 'the server closes before the ClientHello comes, and accepts clients without a header at that time',
      connection: connection({ ...BEFORE_TLS, outcome: 'not-tls', preamble: announced, ending: closes(6) }),
      others: [connection({ id: '2' })],
      support: 'supported',
      explanation: 'beforeHello',
      frames: [3, 6],
    },
    {
      name: 'an alert',
      connection: connection({
        ...hello,
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 6 })],
        ending: closes(7),
      }),
      support: 'confirmed',
      explanation: 'alert',
      frames: [3, 4, 6, 7],
    },
    {
      name: 'an alert of the length that letters of the header make (wolfSSL)',
      connection: connection({
        ...hello,
        alerts: [alert({ code: 22, name: 'record_overflow', frame: 6 })],
        ending: closes(7),
      }),
      support: 'confirmed',
      explanation: 'alert',
      frames: [3, 4, 6, 7],
    },
    {
      name: 'the server closes upon header and ClientHello, for one reason or another',
      connection: connection({ ...hello, ending: closes(6) }),
      support: 'open',
      explanation: 'closed',
      frames: [3, 4, 6],
    },
    {
      name: 'the server closes upon header and ClientHello, and accepted clients without a header long before',
      connection: connection({ ...hello, startedAt: at(60), ending: closes(6) }),
      others: [connection({ id: '2' })],
      support: 'open',
      explanation: 'closed',
      frames: [3, 4, 6],
    },
    {
      name: 'the server closes upon header and ClientHello, and accepts clients without a header at that time',
      connection: connection({ ...hello, ending: closes(6) }),
      others: [connection({ id: '2' })],
      support: 'supported',
      explanation: 'closed',
      frames: [3, 4, 6],
    },
  ],
  silent: [
    {
      name: 'an alert of the version by a server that accepts clients with a header',
      connection: connection({
        ...hello,
        clientHello: { supportedVersions: ['TLS 1.3'] },
        alerts: [alert({ code: 70, name: 'protocol_version', frame: 6 })],
      }),
      others: [connection({ id: '2', preamble: announced })],
    },
    {
      name: 'a close by a server that accepts clients with a header',
      connection: connection({ ...hello, ending: closes(6) }),
      others: [connection({ id: '2', preamble: announced }), connection({ id: '3' })],
    },
    {
      name: 'no header, and a server of mail that has too many connections',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        plaintext: [words('server', 6, '421 Too many concurrent SMTP connections')],
      }),
    },
    {
      name: 'a close on a ClientHello where others are accepted without a header',
      connection: bare,
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
    },
    {
      name: 'an alert of the version, which may be that of the ClientHello',
      connection: connection({
        ...hello,
        clientHello: { supportedVersions: ['TLS 1.0'] },
        alerts: [alert({ code: 70, name: 'protocol_version', frame: 6 })],
      }),
    },
    {
      name: 'the server expects the header, and refuses the handshake for another reason',
      connection: connection({ ...hello, alerts: [alert({ code: 40, name: 'handshake_failure', frame: 6 })] }),
    },
    {
      name: 'the server answers the ClientHello',
      connection: connection({ phase: 'server-hello', preamble: announced, outcome: 'failed' }),
    },
    {
      name: 'the client leaves',
      connection: connection({ ...hello, ending: { by: 'client', how: 'close', frame: 7 } }),
    },
    {
      name: 'no header, and the server closes, which answers others in TLS',
      connection: connection({ phase: 'client-hello', ending: closes(6) }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
    },
  ],
});
