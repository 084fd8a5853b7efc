import { endpointText } from '../../connection/endpoint.js';
import { overUdp } from '../../connection/connection.js';
import { evidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const answerFromElsewhere = defineRule({
  id: 'answer-from-elsewhere',
  title: 'The server answers from another address',
  description:
    "The server's datagrams come from another address or port than the one that the client sent to. The client accepts answers only from that one, and drops these.",
  settledBy:
    'A capture on the server, on all interfaces: it shows from which of its addresses the answers leave, or which device on the way changed them.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9000 §9', 'RFC 1122 §4.1.3.5'],
  messages: {
    explanations: {
      explanation:
        '{client} sent to {server}, but the answer came from {source}. A client drops answers from elsewhere: it asked again, {server} itself said nothing, and the handshake ended there.',
    },
    evidence: {
      seenFirst: "the client's first datagram, to {server}",
      seenAnswer: 'an answer to it, from {source}',
      seenAgain: 'the client asks {server} again: it dropped the answer',
    },
    remedies: {
      bind: 'Let the service answer from the address and port that the client sent to: bind it to each of its addresses instead of to all, or let it set the source address of its answers (IP_PKTINFO, IPV6_RECVPKTINFO).',
      translate:
        'If a device between them translates addresses, or balances load: let the way back pass the same device, and let it put {server} back as the source.',
    },
    commands: {
      listening: {
        run: 'ss -lunp sport = :{port}',
        does: 'shows which address the service is bound to',
        where: 'server',
      },
    },
  },
  applies: (connection) => {
    const udp = overUdp(connection);
    return connection.outcome === 'failed' && udp?.server.datagrams === 0 && udp.strayAnswer !== null;
  },
  judge(connection) {
    const udp = overUdp(connection);
    const { firstData = null, lastData = null } = udp?.client ?? {};
    const stray = udp?.strayAnswer ?? null;
    // Only a client that asks again has not accepted it.
    if (stray === null || firstData === null || lastData === null || lastData.frame < stray.frame) return undefined;
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      source: endpointText(stray.source),
      port: connection.server.port,
    };
    return {
      support: stray.isProven ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [
        evidence(firstData, 'seenFirst', data),
        evidence(stray, 'seenAnswer', data),
        evidence(lastData, 'seenAgain', data),
      ],
      remedies: [
        { who: 'server', id: 'bind', command: 'listening', data },
        { who: 'network', id: 'translate', data },
      ],
    };
  },
});
