import { overTcp } from '../../connection/connection.js';
import { clientHelloEvidence, EVIDENCE_MESSAGES, neighbourEvidence } from '../evidence/citations.js';
import { connectTo, placesOf, times } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

/** Payload that fits into one segment on an Ethernet: 1500 bytes less the headers of IPv4 and TCP. */
const ONE_SEGMENT = 1460;

/** Key shares of more than a kilobyte. */
const POST_QUANTUM = /MLKEM|Kyber/i;

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
      'The TCP connection to {server} opened, but the ClientHello ({bytes} bytes) was never acknowledged, though the client sent it {times}: something on the way drops it.',
    large:
      'The TCP connection to {server} opened, but the ClientHello ({bytes} bytes, more than one segment{why}) was never acknowledged, though the client sent it {times}: something on the way drops it, most likely for its size.{shorter}',
    split:
      'Look for a firewall or inspection device between {client} and {server} that does not take a ClientHello in several segments, and for a link with a smaller MTU (tunnel, VPN) while ICMP "fragmentation needed" is blocked. To get through until then, let the client offer no post-quantum groups.',
    path: 'Look for a firewall or inspection device between {client} and {server} that drops TLS by name or version, and for a path MTU problem if the ClientHello is larger than one segment.',
    confirmSmall: 'openssl s_client -connect {connect} {sni} -groups X25519:P-256 </dev/null',
    confirm: 'openssl s_client -connect {connect} {sni} -tls1_2 </dev/null',
  },
  applies(connection) {
    const { outcome, clientHello, alerts } = connection;
    const tcp = overTcp(connection);
    if (tcp === null || outcome !== 'failed' || clientHello === null) return false;
    return tcp.server.bytes === 0 && !tcp.client.acknowledged && alerts.length === 0;
  },
  judge(connection, context) {
    const { clientHello } = connection;
    const { synAck = null, client } = overTcp(connection) ?? {};
    if (synAck === null || client === undefined || client.retransmissions === 0) return undefined;
    const { bytes } = client;
    const isLarge = bytes > ONE_SEGMENT;
    const postQuantum = clientHello?.keyShareGroups.find((group) => POST_QUANTUM.test(group));
    const longest = context.serverHistory.acceptedBy(connection).longestClientHello;
    const shorter = isLarge && longest !== null && longest[0] < bytes ? longest : null;
    const data = {
      ...placesOf(connection),
      server: connectTo(connection),
      bytes,
      times: times(client.retransmissions + 1),
      why: postQuantum === undefined ? '' : `, because of its post-quantum key share ${postQuantum}`,
      shorter: shorter === null ? '' : ` Shorter ones, of up to ${shorter[0]} bytes, got through to the same server.`,
    };
    return {
      certainty: 'certain',
      messageId: isLarge ? 'large' : 'explanation',
      data,
      evidence: [
        ...clientHelloEvidence(connection),
        ...(shorter === null ? [] : neighbourEvidence(shorter[1], `a ClientHello of ${shorter[0]} bytes`)),
      ],
      remedies: [
        isLarge
          ? { who: 'network', messageId: 'split', commandId: 'confirmSmall', data }
          : { who: 'network', messageId: 'path', commandId: 'confirm', data },
      ],
    };
  },
};
