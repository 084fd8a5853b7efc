import type { IcmpError, UdpFacts } from '../../connection/connection.js';
import { overUdp } from '../../connection/connection.js';
import { evidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** The ICMP error with which the server's host, or a device on the way, says that nothing listens on the port. */
function refusal({ icmp, server }: UdpFacts): IcmpError | undefined {
  if (server.datagrams > 0) return undefined;
  return icmp.find(({ about, meaning }) => about === 'client' && meaning === 'port-unreachable');
}

export const udpPortUnreachable = defineRule({
  id: 'udp-port-unreachable',
  title: 'UDP port unreachable',
  description:
    'ICMP answers the first datagram: nothing listens on that UDP port of the server, or a firewall refuses it.',
  settledBy:
    'On the server, "ss -lun" shows whether anything listens on the port; a capture there shows whether the ICMP message is its own.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 1122 §4.1.3.1', 'RFC 4443 §3.1'],
  messages: {
    explanations: {
      explanation:
        '{host} answered the client\'s datagram with ICMP "port unreachable": nothing listens on UDP port {port} there, or a firewall in its name refuses it. The handshake never began.',
      elsewhere:
        '{router}, which is not the address of the server, answered the client\'s datagram with ICMP "port unreachable". It is a firewall or router that refuses UDP port {port} of {host}; or {host} under another address of its own, and nothing listens there. The handshake never began.',
    },
    evidence: {
      seenFirst: "the client's first datagram",
      seenUnreachable: 'ICMP of {router}: port unreachable',
    },
    remedies: {
      look: 'Look at the rules of {router} for UDP port {port} of {host}.',
      start: 'Start the service, or correct the address and UDP port that it listens on.',
      target:
        'Check the address and port that the client is configured with; a firewall that rejects answers in the same way.',
    },
    commands: {
      listening: { run: 'ss -lunp sport = :{port}', does: 'shows which program listens on the port', where: 'server' },
      confirm: { run: 'nc -vzu {host} {port}', does: 'shows whether the port answers', where: 'from-client' },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && overUdp(connection) !== null,
  judge(connection) {
    const { server } = connection;
    const udp = overUdp(connection);
    const error = udp === null ? undefined : refusal(udp);
    const first = udp?.client.firstData ?? null;
    if (error === undefined || first === null) return undefined;
    const data = { host: server.address, port: server.port, router: error.router };
    const isServer = error.router === server.address;
    return {
      support: 'confirmed',
      basis: 'fact',
      subject: connectTo(connection),
      explanation: { id: isServer ? 'explanation' : 'elsewhere', data },
      evidence: [evidence(first, 'seenFirst'), evidence({ ...error, from: 'server' }, 'seenUnreachable', data)],
      remedies: [
        ...(isServer ? [] : [{ who: 'network', id: 'look', data } as const]),
        { who: 'server', id: 'start', command: 'listening', data },
        { who: 'client', id: 'target', command: 'confirm', data },
      ],
    };
  },
});
