import { clientHelloEvidence, closeEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { endingAlert } from '../evidence/alerts.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { defineRule } from '../rule.js';

export const closedWithoutAlert = defineRule({
  id: 'closed-without-alert',
  title: 'Server closes the connection without an alert',
  description: 'The server ends the TCP connection in the middle of the handshake and does not say why.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.1', 'RFC 5246 §7.2.1'],
  messages: {
    explanations: {
      explanation:
        '{server} closed the connection right after the ClientHello, without a word of TLS: it may speak no TLS on this port, be a proxy without a healthy back end, or refuse this client by policy.',
      halfway: '{server} began the handshake, then closed the connection without an alert.',
    },
    evidence: {},
    remedies: {
      logs: 'Look at the log of the process on {server} at that time, and whether the port is configured for TLS; behind a load balancer, whether its back ends are healthy.',
    },
    commands: {
      confirm: 'openssl s_client -connect {connect} {sni} </dev/null',
    },
  },
  applies: ({ outcome, clientHello, ending }) =>
    outcome === 'failed' && clientHello !== null && ending.how === 'close' && ending.by === 'server',
  judge(connection) {
    if (endingAlert(connection) !== undefined) return undefined;
    const connect = connectTo(connection);
    return {
      support: 'confirmed',
      basis: 'ending',
      explanation: { id: hasServerAnswered(connection) ? 'halfway' : 'explanation', data: { server: connect } },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...closeEvidence(connection)],
      remedies: [
        {
          who: 'server',
          id: 'logs',
          command: 'confirm',
          data: { server: connect, connect, sni: sniOption(connection) },
        },
      ],
    };
  },
});
