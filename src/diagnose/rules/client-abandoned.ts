import { clientHelloEvidence, closeEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { duration } from '../../message.js';
import { endingAlert } from '../evidence/alerts.js';
import { isDoubtful } from '../evidence/gaps.js';
import { encryptedCloseByServer } from '../evidence/encrypted-closes.js';
import { hasServerAnswered, isClientsTurn } from '../evidence/progress.js';
import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { isWaitTimed, PATIENCE_MS, waited } from '../evidence/endings.js';
import { mayBeSilent } from '../evidence/silence.js';
import { closedOnServerFlight, refusalByClient } from '../evidence/refusals.js';
import { hearsNoAnswer } from '../evidence/quic.js';
import { undelivered } from '../evidence/undelivered.js';
import { isDroppedForSession } from '../evidence/refused-session.js';
import { defineRule } from '../rule.js';

export const clientAbandoned = defineRule({
  id: 'client-abandoned',
  title: 'Client gives up in the middle of the handshake',
  description:
    'The client ends the connection, or falls silent, before the handshake is complete, and does not say why.',
  settledBy: "The client's log at that time says why it gave up.",
  role: 'cause',
  isObservation: true,
  severity: 'warning',
  sources: ['RFC 8446 §6.1'],
  messages: {
    explanations: {
      explanation:
        'The client {client} closed the connection {waited} after its ClientHello, before the handshake was complete, without an alert: it was cancelled, ran into its own time limit, or rejected what the server sent.',
      unanswered:
        'The client {client} closed the connection {waited} after its ClientHello, before {server} had answered: it was cancelled, or ran into its own time limit.',
      overtaken:
        'The client {client} closed the connection {waited} after its ClientHello, before {server} had answered. The answer came {later} after that: the server is slow or busy. Or it accepts one connection at a time, and waits until the one before has ended its handshake.',
      tooSoon:
        'The client {client} closed the connection {waited} after its ClientHello, before {server} had answered. The client was cancelled, or ran into its own time limit; or the server, which answers at once if it is well, answers nobody: a client that waits longer shows that.',
      half: 'The client {client} sent only the beginning of a ClientHello ({bytes} bytes), and closed the connection {waited} later.',
      halfSilent:
        'The client {client} sent only the beginning of a ClientHello ({bytes} bytes): it stopped in the middle of it, or a device on the path dropped the rest.',
      silent: 'The client {client} did not go on with the handshake after {server} had answered.',
    },
    evidence: {},
    remedies: {
      busy: 'Find out what {server} did for so long before it answered: its load, what it waits for, and whether a client that connects and says nothing holds up the others.',
      logs: "Look at the client's log at that time: its time limit, a cancelled request, or what it says about the certificate.",
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
        does: 'shows the chain that the server sends',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, clientHello, partialClientHello, ending }) =>
    outcome === 'failed' &&
    (clientHello ?? partialClientHello) !== null &&
    (ending.by === 'client' || ending.how === 'timeout'),
  judge(connection, context) {
    const { client, ending, transport } = connection;
    if (endingAlert(connection) !== undefined || ending.how === 'reset') return undefined;
    const left = closedOnServerFlight(connection);
    if (left === 'refusal' && refusalByClient(connection)?.how === 'encrypted-close') return undefined;
    if (encryptedCloseByServer(connection) !== undefined) return undefined;
    const { bytes } = transport.client;
    // If a QUIC client and server fell silent together, it is unknown whose turn it was.
    if (ending.how === 'timeout' && left === undefined && !isClientsTurn(connection)) return undefined;
    // It waited for something that does not get through: see handshake-stalled.
    if (undelivered(connection) !== undefined || hearsNoAnswer(connection)) return undefined;
    // It left at once, or waited first: that tells reasons apart.
    const isUntimed = ending.how === 'close' && !isWaitTimed(connection);
    // The path may have dropped the rest of a ClientHello.
    const isUnclear = left === 'unclear' || isUntimed || isDoubtful(connection) || connection.clientHello === null;
    const step = stepOf(connection, context);
    const logs = {
      who: 'client',
      id: 'logs',
      command: 'confirm',
      data: { connect: connectTo(connection), sni: sniOption(connection) },
    } as const;
    return {
      // It may have rejected the certificate as well: see certificate-rejected.
      // Or the server is silent to everybody: see server-silent.
      support:
        isUnclear ||
        refusalByClient(connection)?.how === 'close' ||
        mayBeSilent(connection, context) ||
        isDroppedForSession(connection, context)
          ? 'open'
          : 'supported',
      basis: 'ending',
      explanation: {
        id: step,
        data: {
          client: client.address,
          server: connectTo(connection),
          waited: duration(waited(connection)),
          later: duration(answeredLater(connection) ?? 0),
          bytes,
        },
      },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...closeEvidence(connection)],
      remedies:
        step === 'overtaken' ? [{ who: 'server', id: 'busy', data: { server: connectTo(connection) } }, logs] : [logs],
    };
  },
});

/** How far the handshake was when the client left. */
function stepOf(connection: Connection, context: Context) {
  const { clientHello, ending, transport } = connection;
  if (clientHello === null) return ending.how === 'timeout' ? 'halfSilent' : 'half';
  if (ending.how === 'timeout') return 'silent';
  const { firstData } = transport.server;
  if (firstData !== null && firstData.frame < (ending.frame ?? Infinity)) return 'explanation';
  if (answeredLater(connection) !== null) return 'overtaken';
  return mayBeSilent(connection, context) ? 'tooSoon' : 'unanswered';
}

/**
 * Milliseconds from the client's leaving to the server's answer, if that took long; null if it did not, or none came. Anything but
 * a message of the handshake, such as an alert, may only be about the client's leaving.
 */
function answeredLater(connection: Connection): number | null {
  const { ending, transport } = connection;
  const { firstData } = transport.server;
  if (ending.at === null || firstData === null || !hasServerAnswered(connection)) return null;
  const later = millisecondsBetween(ending.at, firstData.at);
  return waited(connection) + later < PATIENCE_MS ? null : later;
}
