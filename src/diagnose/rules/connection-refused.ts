import { clientHelloEvidence, connectionCloseEvidence } from '../evidence/citations.js';
import { placesOf } from '../evidence/places.js';
import { refusingClose } from '../evidence/quic.js';
import { defineRule } from '../rule.js';

export const connectionRefused = defineRule({
  id: 'connection-refused',
  title: 'QUIC server refuses the connection',
  description: 'The server is there, speaks QUIC, and takes no connection at that time, or none of this client.',
  settledBy: "The server's log at that time says by which limit or rule it rejected the connection.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9000 §5.2.2', 'RFC 9000 §20.1'],
  messages: {
    explanations: {
      explanation:
        '{connect} refused the connection with CONNECTION_REFUSED: it has too much to do, is about to stop, or lets this client in by no rule. Nothing is wrong with the ClientHello.',
      reason:
        '{connect} refused the connection with CONNECTION_REFUSED and says why: {reason}. Nothing is wrong with the ClientHello.',
    },
    evidence: {},
    remedies: {
      limits:
        'Look at the log of the process on {connect} at that time: its limit of connections, an access rule that is about {client}, a restart.',
      retry: 'Let {client} try again later, or over TCP: that is a limit of its own on most servers.',
    },
    commands: {
      confirm: 'curl --http3-only -v https://{connect}/',
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
