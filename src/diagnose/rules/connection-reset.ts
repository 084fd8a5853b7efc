import { sentClientHello } from '../evidence/progress.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Connection, Phase, Sighting } from '../../connection/connection.js';
import { duration, party } from '../../message.js';
import { phrase } from '../phrases.js';
import { overTcp } from '../../connection/connection.js';
import {
  clientHelloEvidence,
  closeEvidence,
  evidence,
  plaintextEvidence,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { endingAlert } from '../evidence/alerts.js';
import { hasServerWaitedInVain, hasWaitedInVain } from '../evidence/endings.js';
import { isDoubtful } from '../evidence/gaps.js';
import { closedOnServerFlight, isResetByRefusal, refusalByClient } from '../evidence/refusals.js';
import { isUnreadable } from '../evidence/hello-refusals.js';
import type { Context } from '../context.js';
import { type ForgedReset, forgedReset, isEarly } from '../evidence/resets.js';
import { isDroppedForSession } from '../evidence/refused-session.js';
import { isDroppedUnlikeOthers } from '../evidence/drops.js';
import { defineRule } from '../rule.js';
import { isUnansweredConnect } from '../evidence/plaintext.js';

/** By what shows that a device sent the reset. */
const FORGED = { data: 'contradicted', fin: 'closedLater', ttl: 'middlebox', early: 'early' } as const;

export const connectionReset = defineRule({
  id: 'connection-reset',
  title: 'Connection reset during the handshake',
  description: 'One side, or a device on the path that speaks in its name, cut the connection without an alert.',
  settledBy: 'A capture at the other end shows whether that side sent the reset, or a device on the path did.',
  role: 'cause',
  isObservation: true,
  severity: 'error',
  sources: ['RFC 9293 §3.5.2', 'RFC 8446 §6.2'],
  messages: {
    explanations: {
      explanation:
        'The connection was reset from the {by} after {after}, without a TLS alert. The TTL of the reset ({ttl}) is that of the other packets of that side: the host itself sent it, or a proxy in its place, or a device on the path that copies the TTL.',
      sameDistance:
        'The connection was reset from the {by} after {after}, without a TLS alert. The reset has TTL {ttl}, the other packets of that side {usual}: common starting values differ by as much, so that a host which resets with another one than it sends data may have sent it itself; or a device on the path did.',
      middlebox:
        'The connection was reset in the name of the {by} after {after}, but the reset has TTL {ttl}, and the other packets of that side have {usual}: probably a firewall or inspection device on the path sent it, not the {by}.',
      contradicted:
        'The connection was reset in the name of the {by} after {after}, but the {by} went on sending: a firewall or inspection device on the path sent the reset.',
      closedLater:
        'The connection was reset in the name of the {by} after {after}, but the {by} did not know of that: it closed the connection {later} later. A firewall or inspection device on the path sent the reset.',
      early:
        'The connection was reset in the name of the {by} after {after}. The reset came {passed} after the first packet that it can answer, but the round trip to the {by} takes {roundTrip}, unless the {by} was slow to accept the connection: probably a firewall or inspection device on the path sent the reset.',
      unknown: 'The connection was reset from the {by} after {after}, without a TLS alert.',
    },
    evidence: {
      seenAfterReset: 'the {by} sends more data, after the reset in its name',
      seenFinAfterReset: 'the {by} closes the connection (TCP FIN), after the reset in its name',
    },
    remedies: {
      serverLogs:
        'Look at the log of the process on {server} at that time: a crash, a limit, an access rule, or a load balancer without a healthy back end. If the process knows nothing of it, look for a firewall on the path.',
      clientLogs: "Look at the client's log at that time: it cut the connection.",
      path: 'Look for the device on the path that resets connections: its log names the rule; a server name or an unusual ClientHello is a common trigger.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
        does: 'shows the handshake, message by message',
        where: 'from-client',
      },
    },
  },
  applies: (connection) =>
    connection.ending.how === 'reset' &&
    (hasBegun(connection) ? connection.outcome === 'failed' : isUnansweredConnect(connection)),
  judge(connection, context) {
    const { clientHello, ending, phase } = connection;
    const tcp = overTcp(connection);
    if (tcp === null || endingAlert(connection) !== undefined || ending.by === 'none') return undefined;
    const reset = tcp.resets.find(({ frame }) => frame === ending.frame);
    if (reset === undefined) return undefined;
    const usual = tcp[ending.by].ttl;
    const marked = forgedReset(connection);
    const forged = marked !== null && isRefuted(marked, connection, context) ? null : marked;
    const proof = forged?.proof ?? null;
    // A server may reset what it does not take for a request: see client-speaks-plaintext.
    if (forged === null && !hasBegun(connection)) return undefined;
    const connect = connectTo(connection);
    const sni = sniOption(connection);
    const look = ending.by === 'server' ? 'serverLogs' : 'clientLogs';
    // Some programs reset to refuse what they have read (wolfSSL, for some faults without an alert), or after a timeout
    // (HAProxy's health checks): another rule knows the reason.
    const mayRefuse =
      isResetByRefusal(connection) ||
      refusalByClient(connection)?.how === 'close' ||
      closedOnServerFlight(connection) !== undefined ||
      isUnreadable(connection, context) ||
      isDroppedForSession(connection, context) ||
      isDroppedUnlikeOthers(connection, context) ||
      // It answered the ClientHello in plaintext before: see server-speaks-plaintext.
      connection.plaintext.some(({ from, frame }) => from === ending.by && frame > (clientHello?.frame ?? Infinity));
    return {
      support:
        forged !== null
          ? // The first packet to a host may have waited for more than the path.
            forged.mark === 'early'
            ? 'supported'
            : 'confirmed'
          : mayRefuse || hasWaitedInVain(connection) || hasServerWaitedInVain(connection) || isDoubtful(connection)
            ? 'open'
            : 'supported',
      basis: forged?.mark === 'early' ? 'fact' : 'ending',
      explanation: {
        id:
          forged !== null
            ? FORGED[forged.mark]
            : usual === null
              ? 'unknown'
              : isWithin(reset.ttl, tcp[ending.by].ttls)
                ? 'explanation'
                : 'sameDistance',
        data: {
          by: party(ending.by),
          after: phrase(
            sentClientHello(connection) === null
              ? hasBegun(connection)
                ? 'theBeginningOfTheClientHello'
                : 'theRequestForATunnel'
              : stepOf(isAheadOfFinished(connection) ? 'server-certificate' : phase),
          ),
          ttl: reset.ttl,
          usual: usual ?? '',
          passed: duration(forged?.afterMs ?? 0),
          roundTrip: duration(forged?.roundTripMs ?? 0),
          later: duration(proof === null ? 0 : millisecondsBetween(reset.at, proof.at)),
        },
      },
      evidence: [
        ...(hasBegun(connection) ? clientHelloEvidence(connection) : plaintextEvidence(connection)),
        ...serverHelloEvidence(connection),
        ...closeEvidence(connection),
        ...(proof === null
          ? []
          : [
              evidence(proof, forged?.mark === 'fin' ? 'seenFinAfterReset' : 'seenAfterReset', {
                by: party(ending.by),
              }),
            ]),
      ],
      remedies: [
        forged !== null
          ? { who: 'network', id: 'path', command: 'confirm', data: { connect, sni } }
          : { who: ending.by, id: look, command: 'confirm', data: { server: connect, connect, sni } },
      ],
    };
  },
});

/** Whether a connection that worked shows that the server is near enough to have sent a reset that seems early. */
function isRefuted({ mark, afterMs }: ForgedReset, connection: Connection, { serverHistory }: Context): boolean {
  const { full, resumed } = serverHistory.acceptedBy(connection);
  const roundTripMs = (full ?? resumed)?.timing.tcpConnectMs ?? null;
  return mark === 'early' && afterMs !== null && roundTripMs !== null && !isEarly(afterMs, roundTripMs);
}

const isWithin = (ttl: number, ttls: readonly [number, number] | null): boolean =>
  ttls !== null && ttl >= ttls[0] && ttl <= ttls[1];

/** Whether the Finished that the capture shows of the client came after the reset, which others sent in its name. */
function isAheadOfFinished({ ending, phase, messages, encryptedRecords }: Connection): boolean {
  const end = ending.frame ?? Infinity;
  const isFinished = ({ from, frame }: Sighting): boolean => from === 'client' && frame <= end;
  const sent = encryptedRecords.length + messages.length > 0;
  return (
    sent &&
    phase === 'finished' &&
    !encryptedRecords.some(isFinished) &&
    !messages.some((message) => message.type === 'finished' && isFinished(message))
  );
}

/** Whether TLS began: the capture shows at least a part of the ClientHello. */
const hasBegun = ({ clientHello, partialClientHello }: Connection): boolean =>
  (clientHello ?? partialClientHello) !== null;

/** The last step of the handshake that was reached. */
function stepOf(phase: Phase) {
  switch (phase) {
    case 'server-hello':
      return 'theServerHello';
    case 'server-certificate':
      return 'theServersCertificate';
    case 'client-certificate':
      return 'theClientsCertificate';
    case 'finished':
      return 'theClientsFinished';
    case 'tcp-connect':
    case 'preamble':
    case 'client-hello':
    case 'application-data':
      return 'theClientHello';
  }
}
