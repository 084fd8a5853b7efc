import { party } from '../../message.js';
import type { Alert, Connection, HandshakeMessage, Side } from '../../connection/connection.js';
import {
  type Citation,
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  evidence,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { peerOf } from '../../connection/side.js';
import { alertText, fatalAlert, sidesOf } from '../evidence/alerts.js';
import { howEnded, closedWithoutAlert } from '../evidence/endings.js';
import { placesOf } from '../evidence/places.js';
import { lacksSecureRenegotiation, versionRank } from '../evidence/offers.js';
import { hasSentBehind } from '../evidence/progress.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { defineRule } from '../rule.js';

/** Whether a client left without an alert that its stack would have sent; Node.js, on OpenSSL, loses it. */
function hasLeft(connection: Connection): boolean {
  if (!closedWithoutAlert(connection) || connection.clientHello === null) return false;
  const library = libraryOf(connection.clientHello);
  return library === 'OpenSSL' || library === 'Node.js';
}

/**
 * Up to TLS 1.2: a handshake message after both Finished that the other side answers with an alert and nothing more. A
 * peer that only declines continues with its data.
 */
function refusedRenegotiation(
  connection: Connection,
): { readonly message: HandshakeMessage; readonly alert: Alert } | undefined {
  const { messages, alerts, serverHello, protocol, keys } = connection;
  // Over DTLS, a repeated Finished looks the same.
  if (protocol === 'dtls' && keys === null) return undefined;
  if (serverHello === null || versionRank(serverHello.version) >= versionRank('TLS 1.3')) return undefined;
  const firstOf = (side: Side): number =>
    messages.findIndex((message) => isProtected(message) && message.from === side);
  const [client, server] = [firstOf('client'), firstOf('server')];
  if (client < 0 || server < 0) return undefined;
  const later = messages.slice(Math.max(client, server) + 1);
  const message = later.find(isProtected);
  if (message === undefined || later.some(({ from, frame }) => from !== message.from && frame >= message.frame))
    return undefined;
  const alert = alerts.find(({ from, frame }) => from !== message.from && frame >= message.frame);
  if (alert === undefined || alerts.some(({ from, frame }) => from === message.from && frame < alert.frame))
    return undefined;
  // Go sends close_notify after it.
  const last = alerts.findLast(({ from }) => from === alert.from) ?? alert;
  return hasSentBehind(connection, last) ? undefined : { message, alert };
}

/** Up to TLS 1.2, what is encrypted on the wire is a Finished or comes after it, even if keys opened it. */
const isProtected = ({ encrypted, decrypted }: HandshakeMessage): boolean => encrypted || decrypted === true;

const hellosOf = (connection: Connection): Citation[] => [
  ...clientHelloEvidence(connection),
  ...serverHelloEvidence(connection),
];

/** What the side that began to renegotiate can do, and what shows that it is refused. */
const remedyFor = (side: Side) =>
  side === 'client' ? ({ id: 'anew', command: 'askServer' } as const) : ({ id: 'avoid', command: 'request' } as const);

export const renegotiationRefused = defineRule({
  id: 'renegotiation-refused',
  title: 'Renegotiation refused, or not secure',
  description:
    'A peer refuses to renegotiate, or (as OpenSSL 3 does) refuses a peer that cannot renegotiate securely (RFC 5746).',
  settledBy:
    'A server without secure renegotiation: the first handshake works as soon as the client allows it (see Confirm). A refused renegotiation: the same request works on a connection that needs none.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5746 §3.4', 'RFC 5746 §4.1', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      insecure:
        'The server does not know secure renegotiation (its ServerHello lacks renegotiation_info). The client rejected it {how}. OpenSSL 3 does so, and says "unsafe legacy renegotiation disabled".',
      said: 'One side wanted to renegotiate; the {from} {address} refused with alert no_renegotiation (100), and the connection ended.',
      encrypted:
        'After the handshake the {peer} {peerAddress} began another one (renegotiation). The {from} {address} answered with an encrypted alert in place of a handshake, and the connection ended: it does not renegotiate. Most servers (nginx, Go, all in TLS 1.3) and many clients never do.',
      answered:
        'After the handshake the {peer} {peerAddress} began another one (renegotiation). The {from} {address} answered with alert {alert} in place of a handshake, and the connection ended: it does not renegotiate. Most servers (nginx, Go, all in TLS 1.3) and many clients never do.',
    },
    evidence: {},
    remedies: {
      patch:
        'Upgrade the TLS library of {connect} to one that knows RFC 5746 (any since 2010). If a proxy or appliance in front of it answers, upgrade that.',
      allow:
        'As a stopgap, allow such servers in {client} (OpenSSL 3: Options = UnsafeLegacyServerConnect), only for this server.',
      anew: 'Find out why {client} renegotiates, and let it open a new connection instead, or switch that off in it.',
      avoid:
        'Find out what asks for the renegotiation (usually a client certificate wanted for some paths only), and ask for it in the first handshake instead.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni12} -legacy_server_connect </dev/null',
        does: 'shows whether the server supports secure renegotiation',
        where: 'from-client',
      },
      askServer: {
        run: '(sleep 1; echo R; sleep 1) | openssl s_client -connect {connect} {sni12}',
        does: 'shows whether the server renegotiates if the client asks for it ("no renegotiation" if not)',
        where: 'from-client',
      },
      request: {
        run: "(printf 'GET PATH HTTP/1.0\\r\\n\\r\\n'; sleep 2) | openssl s_client -connect {connect} {sni12} -msg",
        does: 'shows a HelloRequest where the server renegotiates because of that path',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, alerts }) => outcome === 'failed' || (outcome === 'established' && alerts.length > 0),
  judge(connection, context) {
    const again = refusedRenegotiation(connection);
    if (again !== undefined && context.surveys.asksForRenegotiation(connection)) return undefined;
    if (again !== undefined) {
      const { message, alert } = again;
      const data = { ...placesOf(connection), ...sidesOf(connection, alert) };
      return {
        support: 'supported',
        basis: 'fact',
        explanation: alert.encrypted
          ? { id: 'encrypted', data }
          : { id: 'answered', data: { ...data, alert: alertText(alert) } },
        evidence: [...hellosOf(connection), evidence(message, 'seenRenegotiation'), ...alertEvidence(alert)],
        remedies: [{ who: message.from, ...remedyFor(message.from), data }],
      };
    }
    if (connection.outcome !== 'failed') return undefined;
    const refusal = connection.alerts.find(({ code }) => code === 100);
    if (refusal !== undefined) {
      const { from } = refusal;
      const data = { ...placesOf(connection), from: party(from), address: connection[from].address };
      return {
        support: 'supported',
        basis: 'fact',
        explanation: { id: 'said', data },
        evidence: [...hellosOf(connection), ...alertEvidence(refusal)],
        remedies: [{ who: peerOf(from), ...remedyFor(peerOf(from)), data }],
      };
    }
    const alert = fatalAlert(connection, 'client');
    const isRefused = alert === undefined ? hasLeft(connection) : alert.name === 'handshake_failure';
    if (!isRefused || !lacksSecureRenegotiation(connection)) return undefined;
    const { serverHello, messages } = connection;
    // Such a client does not look at what follows the ServerHello.
    const hasGoneOn = messages.some(({ from, type }) => from === 'client' && type !== 'client_hello');
    if (serverHello === null || serverHello.resumed || hasGoneOn) return undefined;
    const data = { ...placesOf(connection), how: howEnded(connection, alert) };
    return {
      support: 'supported',
      basis: 'fact',
      explanation: { id: 'insecure', data },
      evidence: [...hellosOf(connection), ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert))],
      remedies: [
        { who: 'server', id: 'patch', command: 'confirm', data },
        { who: 'client', id: 'allow', data },
      ],
    };
  },
});
