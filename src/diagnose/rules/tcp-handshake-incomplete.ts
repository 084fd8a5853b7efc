import { overTcp } from '../../connection/connection.js';
import { isAckLost, isSynAckLost } from '../../connection/outcome.js';
import { times } from '../../message.js';
import { clientHelloEvidence, evidence } from '../evidence/citations.js';
import { placesOf } from '../evidence/places.js';
import { synAcksAgain } from '../evidence/undelivered.js';
import { defineRule } from '../rule.js';

export const tcpHandshakeIncomplete = defineRule({
  id: 'tcp-handshake-incomplete',
  title: 'TCP handshake never completes',
  description:
    'The server sends its SYN-ACK again and again: nothing that the client sends after its SYN arrives, not even the ACK.',
  settledBy: "Captures at both ends show which of the client's packets and of the server's SYN-ACKs arrive.",
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 9293 §3.5', 'RFC 9293 §3.8.1'],
  messages: {
    explanations: {
      explanation:
        'The client {client} answered the SYN-ACK of {connect} and sent its ClientHello, but the server sent the SYN-ACK {times} more and acknowledged nothing: no packet of the client arrived after its SYN. Something on the path (a firewall that saw only one direction, a load balancer, asymmetric routing, a lost NAT entry) drops them.',
      unheard:
        'The client {client} sent its SYN to {connect} {times}, although the server had answered each with a SYN-ACK: the SYN-ACKs do not reach the client. Something on the way back (a firewall that saw only one direction, asymmetric routing, a lost NAT entry) drops them.',
      halfOpen:
        'The server {connect} sent its SYN-ACK {times}, and nothing of the client {client} came after its SYN, not even the ACK. Either something on the path (a firewall that saw only one direction, a load balancer, asymmetric routing) drops what the client sends, or the SYN-ACKs do not reach it and it has given up, or there is no such client (a scan, a spoofed address).',
    },
    evidence: {
      seenAgain: 'TCP SYN-ACK again: the server has not received the ACK',
    },
    remedies: {
      path: 'Follow the packets of {client} to {connect}: both directions have to pass the same stateful firewall or load balancer. Capture on the server to see which packets arrive.',
    },
    commands: {
      confirm: {
        run: 'tcpdump -ni any host {client} and port {port}',
        does: "shows whether the client's packets arrive",
        where: 'server',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && overTcp(connection) !== null,
  judge(connection) {
    const { clientHello, server } = connection;
    const tcp = overTcp(connection);
    if (tcp === null || tcp.server.bytes > 0) return undefined;
    if (isSynAckLost(tcp)) {
      const data = { ...placesOf(connection), times: times(tcp.syns.length), port: server.port };
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'unheard', data },
        evidence: [
          ...tcp.syns.map((syn) => evidence(syn, 'seenSyn')),
          ...tcp.synAcks.map((one) => evidence(one, 'seenSynAck')),
        ],
        remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
      };
    }
    if (isAckLost(tcp)) {
      const data = { ...placesOf(connection), times: times(tcp.synAcks.length), port: server.port };
      return {
        support: 'open',
        basis: 'fact',
        explanation: { id: 'halfOpen', data },
        evidence: [
          ...tcp.syns.map((syn) => evidence(syn, 'seenSyn')),
          ...tcp.synAcks.map((one, index) => evidence(one, index === 0 ? 'seenSynAck' : 'seenAgain')),
        ],
        remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
      };
    }
    if (clientHello === null || tcp.client.acknowledged) return undefined;
    const again = synAcksAgain(connection);
    if (again.length === 0) return undefined;
    const data = { ...placesOf(connection), times: times(again.length), port: server.port };
    return {
      support: again.length > 1 ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [
        ...(tcp.synAck === null ? [] : [evidence(tcp.synAck, 'seenSynAck')]),
        ...clientHelloEvidence(connection),
        ...again.map((one) => evidence(one, 'seenAgain')),
      ],
      remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
    };
  },
});
