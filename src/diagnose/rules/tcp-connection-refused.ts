import { overTcp } from '../../connection/connection.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { evidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const tcpConnectionRefused = defineRule({
  id: 'tcp-connection-refused',
  title: 'TCP connection refused',
  description: 'The server answers the SYN with a reset: nothing listens on that port, or a firewall says so.',
  settledBy:
    'On the server, "ss -ltn" shows whether anything listens on the port; a capture there shows whether the reset is its own.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9293 §3.10.7.1'],
  messages: {
    explanations: {
      explanation: '{server} refused the TCP connection (SYN answered by RST after {ms} ms): TLS never began.',
    },
    evidence: {},
    remedies: {
      start: 'Start the service, or correct the address and port that it listens on.',
      target:
        'Check the address and port that the client is configured with; a firewall that rejects answers in the same way.',
    },
    commands: {
      confirm: 'nc -vz {host} {port}',
      listening: 'ss -ltnp sport = :{port}',
    },
  },
  applies(connection) {
    const tcp = overTcp(connection);
    if (tcp === null || connection.outcome !== 'failed') return false;
    return tcp.synAck === null && tcp.syns.length > 0 && tcp.client.bytes === 0;
  },
  judge(connection) {
    const { server } = connection;
    const tcp = overTcp(connection);
    const reset = tcp?.resets.find(({ from }) => from === 'server');
    const syn = tcp?.syns.filter(({ frame }) => reset === undefined || frame < reset.frame).at(-1);
    if (reset === undefined || syn === undefined) return undefined;
    const ms = millisecondsBetween(syn.at, reset.at);
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: 'explanation', data: { server: connectTo(connection), ms: Number(ms.toFixed(3)) } },
      evidence: [evidence(syn, 'seenSyn'), evidence(reset, 'seenReset', { ttl: reset.ttl })],
      remedies: [
        { who: 'server', id: 'start', command: 'listening', data: { port: server.port } },
        { who: 'client', id: 'target', command: 'confirm', data: { host: server.address, port: server.port } },
      ],
    };
  },
});
