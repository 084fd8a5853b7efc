import { overTcp } from '../../connection/connection.js';
import { evidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { times } from '../../message.js';
import { defineRule } from '../rule.js';

export const tcpConnectionTimeout = defineRule({
  id: 'tcp-connection-timeout',
  title: 'TCP connection not answered',
  description: 'Nothing answers the SYN: the host is down or unreachable, or a firewall drops the packets.',
  settledBy: 'A capture on the server shows whether the SYN arrives and whether it is answered.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9293 §3.8.3'],
  messages: {
    explanations: {
      explanation:
        '{client} asked {server} for a connection (TCP SYN) {times} and got no answer. The network stopped it (a firewall or security group that drops, a wrong route, a host that is down), not TLS.',
    },
    evidence: {},
    remedies: {
      path: 'Look for the firewall, security group or route between {client} and {server} that drops the packets; capture at the server to see whether the SYN arrives.',
    },
    commands: {
      confirm: 'nc -vz -w 5 {host} {port}',
    },
  },
  applies(connection) {
    const tcp = overTcp(connection);
    if (tcp === null || connection.outcome !== 'failed') return false;
    return tcp.synAck === null && tcp.syns.length > 0 && tcp.client.bytes + tcp.server.bytes === 0;
  },
  judge(connection) {
    const { server, client } = connection;
    const tcp = overTcp(connection);
    if (tcp === null || tcp.resets.some(({ from }) => from === 'server')) return undefined;
    const to = connectTo(connection);
    return {
      support: tcp.syns.length > 1 ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: 'explanation', data: { server: to, client: client.address, times: times(tcp.syns.length) } },
      evidence: tcp.syns.map((syn) => evidence(syn, 'seenSyn')),
      remedies: [
        {
          who: 'network',
          id: 'path',
          command: 'confirm',
          data: { client: client.address, server: to, host: server.address, port: server.port },
        },
      ],
    };
  },
});
