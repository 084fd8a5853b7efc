import { clientHelloEvidence, connectionCloseEvidence } from '../evidence/citations.js';
import { placesOf } from '../evidence/places.js';
import { refusingClose } from '../evidence/quic.js';
import { defineRule } from '../rule.js';

export const connectionRefused = defineRule({
  id: 'connection-refused',
  title: 'QUIC server refuses the connection',
  description: 'The server speaks QUIC, but accepts no connection at that time, or none from this client.',
  settledBy: "The server's log at that time says which limit or rule made it reject the connection.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9000 §5.2.2', 'RFC 9000 §20.1'],
  messages: {
    explanations: {
      explanation:
        '{connect} refused the connection with CONNECTION_REFUSED: it is overloaded, is about to stop, or has no rule that admits this client. Nothing is wrong with the ClientHello.',
      reason:
        '{connect} refused the connection with CONNECTION_REFUSED and says why: {reason}. Nothing is wrong with the ClientHello.',
    },
    evidence: {},
    remedies: {
      limits:
        'Look at the log of the process on {connect} at that time: its limit of connections, an access rule that concerns {client}, a restart.',
      retry: 'Let {client} try again later, or over TCP, which has its own limit on most servers.',
    },
    commands: {
      confirm: {
        run: 'curl --http3-only -vk {url}',
        does: 'shows whether QUIC works, without falling back to TCP',
        where: 'from-client',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && refusingClose(connection, 'server')?.code === REFUSED,
  judge(connection) {
    const close = refusingClose(connection, 'server');
    if (close === undefined) return undefined;
    const { reason } = close;
    const data = { ...placesOf(connection), reason };
    return {
      support: 'confirmed',
      basis: 'alert',
      explanation: { id: reason === '' ? 'explanation' : 'reason', data },
      evidence: [...clientHelloEvidence(connection), ...connectionCloseEvidence(close)],
      remedies: [
        { who: 'server', id: 'limits', command: 'confirm', data },
        { who: 'client', id: 'retry', data },
      ],
    };
  },
});

/** CONNECTION_REFUSED (RFC 9000 §20.1). */
const REFUSED = 0x02;
