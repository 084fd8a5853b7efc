import { clientHelloEvidence, closeEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { duration } from '../../message.js';
import { endingAlert } from '../evidence/alerts.js';
import { waited } from '../evidence/endings.js';
import { defineRule } from '../rule.js';

export const clientAbandoned = defineRule({
  id: 'client-abandoned',
  title: 'Client gives up in the middle of the handshake',
  description:
    'The client ends the connection, or falls silent, before the handshake is complete, and does not say why.',
  role: 'cause',
  severity: 'warning',
  sources: ['RFC 8446 §6.1'],
  messages: {
    explanations: {
      explanation:
        'The client {client} closed the connection {waited} after its ClientHello, before the handshake was complete, without an alert: it was cancelled, ran into its own time limit, or did not like what the server sent.',
      silent: 'The client {client} did not go on with the handshake after the answer of {server}.',
    },
    evidence: {},
    remedies: {
      logs: 'Look at the log of the client at that time: its time limit, a cancelled request, or what it says of the certificate.',
    },
    commands: {
      confirm: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
    },
  },
  applies: ({ outcome, clientHello, ending }) =>
    outcome === 'failed' && clientHello !== null && (ending.by === 'client' || ending.how === 'timeout'),
  judge(connection) {
    const { client, ending, transport } = connection;
    if (endingAlert(connection) !== undefined || ending.how === 'reset') return undefined;
    const isServersTurn = (transport.client.lastData?.frame ?? 0) > (transport.server.lastData?.frame ?? 0);
    if (ending.how === 'timeout' && isServersTurn) return undefined;
    return {
      support: 'supported',
      basis: 'ending',
      explanation: {
        id: ending.how === 'timeout' ? 'silent' : 'explanation',
        data: { client: client.address, server: connectTo(connection), waited: duration(waited(connection)) },
      },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...closeEvidence(connection)],
      remedies: [
        {
          who: 'client',
          id: 'logs',
          command: 'confirm',
          data: { connect: connectTo(connection), sni: sniOption(connection) },
        },
      ],
    };
  },
});
