import { alertEvidence, clientHelloEvidence, closeEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { fatalAlert } from '../evidence/alerts.js';
import { howEnded } from '../evidence/endings.js';
import { otherConnectionEvidence } from '../evidence/citations.js';
import { phrase } from '../phrases.js';
import { offerOptions } from '../evidence/openssl-offer.js';
import { placesOf } from '../evidence/places.js';
import type { Connection, Sighting } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { refusedSession } from '../evidence/refused-session.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    othersWorked:
      'The server resumed an earlier session, and the handshake ended {how}. Full handshakes with the same server worked, and no resumed one did: the session that the server resumed is not the one that the client has. Usually, several servers behind {connect} share an address, but not their ticket keys or session cache.',
    alone:
      'The server resumed an earlier session, and the handshake ended {how}. The two sides may not hold the same session: usually, several servers behind {connect} share an address, but not their ticket keys or session cache.',
    refused:
      'The client offered to resume an earlier session, and the server answered {how}. A full handshake with the same ClientHello, but without a session, worked. So the server fails when it resumes the session.',
    refusedLater:
      'The client offered to resume an earlier session, and the server answered {how}. A full handshake with the same ClientHello, but without a session, worked at another time. Either the server fails when it resumes the session, or it refused all handshakes by then.',
    refusedSometimes:
      'The client offered to resume an earlier session, and the server answered {how}. A full handshake with the same ClientHello, but without a session, worked, and so did the resumption of a session in another connection. Either the server fails when it resumes this session, or one of several servers behind {connect} refuses the client for another reason.',
    dropped:
      'The client offered to resume an earlier session, and the server refused it {how}, without an alert. A full handshake with the same ClientHello, but without a session, worked. Either the server fails when it resumes the session, or something else ended this connection.',
    unanswered:
      'The client offered to resume an earlier session, and the server did not answer. A full handshake with the same ClientHello, but without a session, worked. Either the server hangs when it resumes the session, or something else kept it from answering.',
    refusedAlone:
      'The client offered to resume an earlier session, and the server answered {how}. It may have failed when it resumed the session.',
  },
  evidence: {},
  remedies: {
    log: 'Look at the log of {connect}: OpenSSL says "session id context uninitialized" if the server asks for client certificates and its program sets no session id context (SSL_CTX_set_session_id_context). Let it set one, or switch resumption off there.',
    share:
      'Give all servers behind {connect} the same ticket keys or session cache, with the same configuration of certificates and versions; or switch resumption off there (nginx: ssl_session_tickets off, ssl_session_cache off).',
    full: 'Until then, let {client} make full handshakes: without session tickets and session cache.',
  },
  commands: {
    confirm: {
      run: 'sleep 1 | openssl s_client -connect {connect} {offer} -sess_out session.pem; sleep 1 | openssl s_client -connect {connect} {offer} -sess_in session.pem',
      does: 'shows whether the server resumes the session ("Reused"), or what it says',
      where: 'from-client',
    },
  },
  exclusions: {
    resumedElsewhere: 'Another connection to this server resumed a session, and worked.',
  },
});

type Verdict = VerdictOf<typeof messages>;

/**
 * Whether the server sent anything protected with the session's keys between these frames, or in the packet of its
 * ServerHello.
 */
function hasProtected(
  { encryptedRecords, messages }: Connection,
  { after, before }: { readonly after: number; readonly before: number },
): boolean {
  const isThere = ({ from, frame }: Sighting): boolean => from === 'server' && frame >= after && frame < before;
  return encryptedRecords.some(isThere) || messages.some((message) => message.encrypted && isThere(message));
}

/** A server that ends the connection, or says nothing, instead of answering the offer of a session. */
function judgeDropped(
  connection: Connection,
  { full, how: { how, way } }: NonNullable<ReturnType<typeof refusedSession>> & { readonly alert: null },
): Verdict {
  const data = { ...placesOf(connection), offer: offerOptions(connection), how };
  return {
    support: 'open',
    basis: 'fact',
    explanation: { id: way === 'silence' ? 'unanswered' : 'dropped', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...closeEvidence(connection),
      ...otherConnectionEvidence(full, phrase('fullHandshake')),
    ],
    remedies: [
      { who: 'server', id: 'share', command: 'confirm', data },
      { who: 'client', id: 'full', data },
    ],
  };
}

/** A server that does not answer the offer of a session by a full handshake, as it should if it does not take it. */
function judgeRefused(connection: Connection, context: Context): Verdict | undefined {
  const refused = refusedSession(connection, context);
  if (refused === undefined) return undefined;
  if (refused.alert === null) return judgeDropped(connection, refused);
  const { alert, full, mayBeKey, mayRefuseAll } = refused;
  const data = { ...placesOf(connection), offer: offerOptions(connection), how: howEnded(connection, alert) };
  const { resumed } = context.serverHistory.acceptedBy(connection);
  const id = mayRefuseAll ? 'refusedLater' : resumed === null ? 'refused' : 'refusedSometimes';
  return {
    // Where others were resumed, it depends on the session: its age, or who made it.
    support: mayRefuseAll || mayBeKey || resumed !== null ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: full === null ? 'refusedAlone' : id, data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...alertEvidence(alert),
      ...(full === null ? [] : otherConnectionEvidence(full, phrase('fullHandshake'))),
      ...(full === null || id !== 'refusedSometimes' || resumed === null
        ? []
        : otherConnectionEvidence(resumed, phrase('resumedSession'))),
    ],
    remedies: [
      { who: 'server', id: 'log', command: 'confirm', data },
      { who: 'client', id: 'full', data },
    ],
  };
}

/** Alerts of a side that holds another session: what it cannot decrypt or verify, or what the session lacks (RFC 7627 §5.3). */
const OF_SESSIONS: ReadonlySet<string> = new Set([
  'bad_record_mac',
  'decrypt_error',
  'decryption_failed',
  'handshake_failure',
  'illegal_parameter',
]);

export const resumptionBroken = defineRule({
  id: 'resumption-broken',
  title: 'Only resumed sessions fail',
  description:
    'A session that is resumed fails where a full handshake works: the two sides do not hold the same session.',
  settledBy: 'A full handshake of the same client (with its session cache emptied) works if the session is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5077 §3.1', 'RFC 5246 §7.3', 'RFC 8446 §2.2'],
  messages,
  applies: ({ outcome, clientHello, serverHello }) =>
    outcome === 'failed' && (serverHello === null ? clientHello !== null : serverHello.resumed),
  judge(connection, context) {
    if (connection.serverHello === null) return judgeRefused(connection, context);
    const alert = fatalAlert(connection);
    const { full, resumed } = context.serverHistory.acceptedBy(connection);
    const { ending, serverHello } = connection;
    if (alert === undefined && ending.by === 'none') return undefined;
    // Data protected with the wrong session's keys follow the ServerHello: a client without any of it cannot find
    // anything wrong.
    const isEarly = alert === undefined && ending.by === 'client' && ending.frame !== null;
    if (isEarly && !hasProtected(connection, { after: serverHello.frame, before: ending.frame })) return undefined;
    if (resumed !== null) {
      return {
        support: 'excluded',
        because: { id: 'resumedElsewhere', data: {} } as const,
        evidence: otherConnectionEvidence(resumed, phrase('resumedSession')),
      };
    }
    const data = { ...placesOf(connection), offer: offerOptions(connection), how: howEnded(connection, alert) };
    return {
      // Stacks that cannot read what the other side protects say so; a side that just leaves, or says anything else, may have another
      // reason, and a server that accepted nobody since may serve nobody by now.
      support:
        full !== null && OF_SESSIONS.has(alert?.name ?? '') && context.serverHistory.isServing(connection)
          ? 'supported'
          : 'open',
      basis: 'fact',
      explanation: { id: full === null ? 'alone' : 'othersWorked', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...serverHelloEvidence(connection),
        ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
        ...(full === null ? [] : otherConnectionEvidence(full, phrase('fullHandshake'))),
      ],
      remedies: [
        { who: 'server', id: 'share', command: 'confirm', data },
        { who: 'client', id: 'full', data },
      ],
    };
  },
});
