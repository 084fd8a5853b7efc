import { alertEvidence, clientHelloEvidence, closeEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { fatalAlert } from '../evidence/alerts.js';
import { howEnded } from '../evidence/endings.js';
import { otherConnectionEvidence } from '../evidence/citations.js';
import { phrase } from '../phrases.js';
import { placesOf } from '../evidence/places.js';
import type { Connection, Sighting } from '../../connection/connection.js';
import { defineRule } from '../rule.js';

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

export const resumptionBroken = defineRule({
  id: 'resumption-broken',
  title: 'Only resumed sessions fail',
  description:
    'A session that is resumed fails where a full handshake works: the two sides do not hold the same session.',
  settledBy: 'A full handshake of the same client (with its session cache emptied) works if the session is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5077 §3.1', 'RFC 5246 §7.3', 'RFC 8446 §2.2'],
  messages: {
    explanations: {
      othersWorked:
        'The server resumed an earlier session, and the handshake ended {how}. Full handshakes with the same server worked, and no resumed one did: the session that the server resumed is not the one that the client has. Usually, several servers behind {connect} share an address, but not their ticket keys or session cache.',
      alone:
        'The server resumed an earlier session, and the handshake ended {how}. The two sides may not hold the same session: usually, several servers behind {connect} share an address, but not their ticket keys or session cache.',
    },
    evidence: {},
    remedies: {
      share:
        'Give all servers behind {connect} the same ticket keys or session cache, with the same configuration of certificates and versions; or switch resumption off there (nginx: ssl_session_tickets off, ssl_session_cache off).',
      full: 'Until then, let {client} make full handshakes: without session tickets and session cache.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni12} -reconnect </dev/null',
        does: 'shows whether the server resumes the session',
        where: 'from-client',
      },
    },
    exclusions: {
      resumedElsewhere: 'Another connection to this server resumed a session, and worked.',
    },
  },
  applies: ({ outcome, serverHello }) => outcome === 'failed' && serverHello?.resumed === true,
  judge(connection, context) {
    const alert = fatalAlert(connection);
    const { full, resumed } = context.serverHistory.acceptedBy(connection);
    const { ending, serverHello } = connection;
    if (alert === undefined && ending.by === 'none') return undefined;
    // Data protected with the wrong session's keys follow the ServerHello: a client without any of it cannot find
    // anything wrong.
    const isEarly = alert === undefined && ending.by === 'client' && ending.frame !== null;
    if (isEarly && !hasProtected(connection, { after: serverHello?.frame ?? 0, before: ending.frame }))
      return undefined;
    if (resumed !== null) {
      return {
        support: 'excluded',
        because: { id: 'resumedElsewhere', data: {} } as const,
        evidence: otherConnectionEvidence(resumed, phrase('resumedSession')),
      };
    }
    const data = { ...placesOf(connection), how: howEnded(alert) };
    return {
      // Stacks that cannot read what the server protects send an alert; a client that just leaves may have another
      // reason.
      support: full === null || (alert === undefined && ending.by === 'client') ? 'open' : 'supported',
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
