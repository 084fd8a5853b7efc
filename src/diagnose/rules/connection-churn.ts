import { closeEvidence, clientHelloEvidence } from '../evidence/citations.js';
import { duration } from '../../message.js';
import { placesOf } from '../evidence/places.js';
import { CHURN_WINDOW_MS, CHURNING, isShort, SHORT_MS } from '../evidence/server-history.js';
import { defineRule } from '../rule.js';

export const connectionChurn = defineRule({
  id: 'connection-churn',
  title: 'Many short connections to one server',
  description: 'A client opens connection after connection to the same server instead of keeping one.',
  role: 'risk',
  severity: 'info',
  asksOthers: true,
  sources: ['RFC 9113 §9.1', 'RFC 9112 §9.3'],
  messages: {
    explanations: {
      explanation:
        'The client {client} opened {count} connections to {connect} that lasted less than {short} each, up to {most} of them within {window}. Each costs a handshake; push services (APNs) take this for an attack and lock the client out.',
    },
    evidence: {},
    remedies: {
      keep: 'Let {client} keep a connection open and use it again (HTTP keep-alive, HTTP/2, a connection pool). Several programs behind one address (NAT) look the same.',
    },
    commands: {
      confirm: {
        run: 'sleep 1 | openssl s_client -connect {connect} {sni} -sess_out session.pem; sleep 1 | openssl s_client -connect {connect} {sni} -sess_in session.pem',
        does: 'shows whether the server resumes the session ("Reused")',
        where: 'from-client',
      },
    },
  },
  applies: isShort,
  judge(connection, context) {
    const { most, count } = context.serverHistory.churnOf(connection, CHURNING);
    if (most < CHURNING) return undefined;
    const data = {
      ...placesOf(connection),
      most,
      count,
      short: duration(SHORT_MS),
      window: duration(CHURN_WINDOW_MS),
    };
    return {
      support: 'confirmed',
      basis: 'fact',
      subject: `${connection.client.address} ${data.connect}`,
      explanation: { id: 'explanation', data },
      evidence: [...clientHelloEvidence(connection), ...closeEvidence(connection)],
      remedies: [{ who: 'client', id: 'keep', command: 'confirm', data }],
    };
  },
});
