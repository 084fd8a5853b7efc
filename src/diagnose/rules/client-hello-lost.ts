import { clientHelloEvidence, EVIDENCE_MESSAGES } from '../evidence.js';
import { connectTo } from '../facts.js';
import type { Rule } from '../rule.js';

export const clientHelloLost: Rule = {
  id: 'client-hello-lost',
  title: 'ClientHello never acknowledged',
  description: 'TCP connects, but the ClientHello is never acknowledged: something on the way drops it.',
  role: 'cause',
  severity: 'error',
  basis: 'ending',
  sources: ['RFC 9293 §3.8.1'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The TCP connection to {server} opened, but the ClientHello ({bytes} bytes) was never acknowledged, though sent again {retransmissions} times: something on the way drops it.',
    path: 'Look for a firewall or inspection device between {client} and {server} that drops TLS by name or version, and for a path MTU problem if the ClientHello is larger than one segment.',
    confirm: 'openssl s_client -connect {connect} -tls1_2',
  },
  applies: ({ outcome, clientHello, tcp, alerts }) =>
    outcome === 'failed' &&
    clientHello !== null &&
    tcp.server.bytes === 0 &&
    !tcp.client.acknowledged &&
    alerts.length === 0,
  judge(connection) {
    const { tcp, client } = connection;
    if (tcp.synAck === null || tcp.client.retransmissions === 0) return undefined;
    return {
      certainty: 'certain',
      messageId: 'explanation',
      data: {
        server: connectTo(connection),
        bytes: tcp.client.bytes,
        retransmissions: tcp.client.retransmissions,
      },
      evidence: clientHelloEvidence(connection),
      remedies: [
        {
          who: 'network',
          messageId: 'path',
          commandId: 'confirm',
          data: { client: client.address, server: connectTo(connection), connect: connectTo(connection) },
        },
      ],
    };
  },
};
