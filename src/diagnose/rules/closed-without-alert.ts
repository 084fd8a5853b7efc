import { clientHelloEvidence, closeEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { isOfHaproxy } from '../../knowledge/probes.js';
import { innermost, isProxy, preambleName, proxyTarget } from '../../preamble/preamble.js';
import { closeText } from '../evidence/quic.js';
import { endingAlert, unboundAt } from '../evidence/alerts.js';
import { hasAgreedToTls, isUnreadable } from '../evidence/hello-refusals.js';
import { eapRefusal } from '../evidence/eap.js';
import { isDoubtful } from '../evidence/gaps.js';
import { refusalByServer } from '../evidence/refusals.js';
import { hasServerAnswered, sentClientHello } from '../evidence/progress.js';
import { duration } from '../../message.js';
import type { Connection } from '../../connection/connection.js';
import { hasServerWaitedInVain, lateFlight, waited } from '../evidence/endings.js';
import { isDroppedForSession } from '../evidence/refused-session.js';
import { isDroppedUnlikeOthers } from '../evidence/drops.js';
import { defineRule } from '../rule.js';

export const closedWithoutAlert = defineRule({
  id: 'closed-without-alert',
  title: 'Server closes the connection without an alert',
  description: 'The server ends the TCP connection in the middle of the handshake and does not say why.',
  settledBy: "The server's log at that time says why it closed the connection.",
  role: 'cause',
  isObservation: true,
  severity: 'error',
  sources: ['RFC 8446 §6.1', 'RFC 5246 §7.2.1'],
  messages: {
    explanations: {
      explanation:
        '{server} closed the connection {waited} after the ClientHello, without a TLS alert: it may not speak TLS on this port, may be a proxy without a healthy back end, or may refuse this client by policy.',
      check:
        '{server} closed the connection {waited} after the ClientHello of a health check of HAProxy (ssl-hello-chk), without a TLS alert, so HAProxy takes it for down. The check offers SSL 3.0 alone: a server that no longer reads that may close; or it may not speak TLS on this port.',
      proxied:
        'The proxy {server} agreed to lead to {target}, and closed the connection {waited} after the ClientHello, without a TLS alert: it may refuse that server by policy, or pass on what {target} did, which may not speak TLS or may be out of reach.',
      before:
        '{server} closed the connection before a ClientHello came, so nothing that the client offered is the reason. It may be a proxy without a healthy back end, may refuse the client by its address, or may not speak TLS on this port.',
      agreed:
        '{server} agreed to TLS ({kind}), and closed the connection {waited} after the ClientHello, without a TLS alert: it may have no usable certificate or key, no version or cipher suite in common with this client, or may refuse this client by policy.',
      half: '{server} closed the connection {waited} after the first {bytes} bytes of a ClientHello. The rest never came: the client stopped in the middle of it, or a device on the path dropped the rest.',
      eap: "{server} began the handshake, and then ended the conversation with EAP-Failure, without an alert. RADIUS servers do so when they refuse the supplicant's certificate, or anything else about it.",
      halfway: '{server} began the handshake, then closed the connection without an alert.',
      tooSlow:
        '{server} began the handshake, and closed the connection, without an alert, after it had waited {silence} for the client {client} to go on: it probably has a time limit for handshakes. The client went on {later} later. It may be too slow for that limit, as devices with a weak processor are.',
      coded:
        '{server} closed the connection with {close}, which is not a TLS alert: the program behind the port gave up the connection.',
    },
    evidence: {},
    remedies: {
      check:
        'Let HAProxy check {server} over the TLS that the server speaks: "option httpchk" or "tcp-check" with "check-ssl" in place of ssl-hello-chk.',
      proxy: 'Look at the log of the proxy {server} at that time, and at its rules for {target}.',
      limit: 'Raise the time limit of {server} for handshakes (RabbitMQ: ssl_handshake_timeout).',
      faster:
        'Find out what {client} does for so long once it has the messages of the server: computing with RSA keys on a weak processor (ECDSA takes less), a look-up of revocation, a key in a device, a question to its user.',
      logs: 'Look at the log of the process on {server} at that time. Check that the port is configured for TLS and, behind a load balancer, that its back ends are healthy.',
    },
    commands: {
      through: {
        run: 'openssl s_client -proxy {connect} -connect {target} {sni} </dev/null; openssl s_client -connect {target} {sni} </dev/null',
        does: 'shows what comes back through the proxy, and what without it',
        where: 'from-client',
      },
      direct: {
        run: 'openssl s_client -connect {target} {sni} </dev/null',
        does: 'shows what comes back without the proxy',
        where: 'from-client',
      },
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows whether the handshake works, and what the server answers',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, clientHello, partialClientHello, ending }) =>
    outcome === 'failed' &&
    (clientHello ?? partialClientHello) !== null &&
    ending.how === 'close' &&
    ending.by === 'server',
  judge(connection, context) {
    // EAP-Failure as the answer to a ClientHello is a refusal of it.
    if (endingAlert(connection) !== undefined || eapRefusal(connection) !== undefined) return undefined;
    // It closes on a client that has given up TLS.
    if (unboundAt(connection) !== null) return undefined;
    const connect = connectTo(connection);
    const target = proxyTarget(connection.preamble);
    const step = stepOf(connection, target);
    const late = lateFlight(connection);
    const coded = connection.quic?.closes.find(({ from }) => from === 'server');
    return {
      // EAP-Failure, or a close on the client's certificate, usually has a more specific reason, and so has a client that stopped.
      support:
        connection.eap !== null ||
        isDoubtful(connection) ||
        isOnCertificate(connection) ||
        isUnreadable(connection, context) ||
        connection.clientHello === null ||
        hasServerWaitedInVain(connection) ||
        late !== null ||
        isDroppedForSession(connection, context) ||
        isDroppedUnlikeOthers(connection, context)
          ? 'open'
          : 'supported',
      basis: 'ending',
      explanation: {
        id: coded === undefined ? step : 'coded',
        data: {
          server: connect,
          target: target ?? '',
          kind: connection.preamble === null ? '' : preambleName(innermost(connection.preamble).kind),
          close: coded === undefined ? '' : closeText(coded),
          waited: duration(waited(connection)),
          client: connection.client.address,
          silence: duration(late?.waitedMs ?? 0),
          later: duration(late?.lateMs ?? 0),
          bytes: connection.transport.client.bytes,
        },
      },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...closeEvidence(connection)],
      remedies: remediesFor(connection, step, {
        server: connect,
        connect,
        target: target ?? '',
        client: connection.client.address,
      }),
    };
  },
});

function remediesFor(
  connection: Connection,
  step: string,
  places: Readonly<Record<'server' | 'connect' | 'target' | 'client', string>>,
) {
  const data = { ...places, sni: sniOption(connection) };
  if (step === 'check') return [{ who: 'client', id: 'check', command: 'confirm', data }] as const;
  if (step === 'tooSlow')
    return [
      { who: 'server', id: 'limit', command: 'confirm', data },
      { who: 'client', id: 'faster', data },
    ] as const;
  if (step !== 'proxied') return [{ who: 'server', id: 'logs', command: 'confirm', data }] as const;
  // s_client speaks no SOCKS.
  return connection.preamble?.kind === 'http-connect'
    ? ([{ who: 'network', id: 'proxy', command: 'through', data }] as const)
    : ([{ who: 'network', id: 'proxy', command: 'direct', data }] as const);
}

/** Whether the server closed on the flight with the client's certificate, as Node.js does to refuse it. */
const isOnCertificate = (connection: Connection): boolean =>
  connection.clientCertificates.length > 0 && refusalByServer(connection)?.how === 'close';

/** How far the handshake was when the server closed the connection. */
function stepOf(connection: Connection, target: string | null) {
  const { ending } = connection;
  if (connection.eap !== null) return 'eap';
  const clientHello = sentClientHello(connection);
  if (clientHello === null) return 'half';
  if (hasServerAnswered(connection)) return lateFlight(connection) === null ? 'halfway' : 'tooSlow';
  if ((ending.frame ?? Infinity) < clientHello.frame) return 'before';
  if (isOfHaproxy(clientHello)) return 'check';
  if (target !== null) return 'proxied';
  // Behind a proxy, the address is that of the proxy.
  const isProxied = connection.preamble !== null && isProxy(connection.preamble);
  return hasAgreedToTls(connection) && !isProxied ? 'agreed' : 'explanation';
}
