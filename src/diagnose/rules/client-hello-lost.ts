import { phrase } from '../phrases.js';
import { overTcp } from '../../connection/connection.js';
import { clientHelloEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { connectTo, placesOf } from '../evidence/places.js';
import { times } from '../../message.js';
import { defineRule } from '../rule.js';

/** Payload that fits into one segment on an Ethernet: 1500 bytes less the headers of IPv4 and TCP. */
const ONE_SEGMENT = 1460;

/** Key shares of more than a kilobyte. */
const POST_QUANTUM = /MLKEM|Kyber/i;

export const clientHelloLost = defineRule({
  id: 'client-hello-lost',
  title: 'ClientHello never acknowledged',
  description: 'TCP connects, but the ClientHello is never acknowledged: something on the way drops it.',
  settledBy: 'A capture on the server shows whether the ClientHello arrives.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9293 §3.8.1'],
  messages: {
    explanations: {
      explanation:
        'The TCP connection to {server} opened, but the ClientHello ({bytes} bytes) was never acknowledged, though the client sent it {times}: something on the way drops it.',
      large:
        'The TCP connection to {server} opened, but the ClientHello ({size}) was never acknowledged, though the client sent it {times}: something on the way drops it, most likely for its size.',
      largeAlone:
        'The TCP connection to {server} opened, but the ClientHello ({size}) was never acknowledged, though the client sent it {times}: something on the way drops it, most likely for its size. Shorter ones, of up to {shorter} bytes, got through to the same server.',
    },
    evidence: {},
    remedies: {
      split:
        'Look for a firewall or inspection device between {client} and {server} that does not take a ClientHello in several segments, and for a link with a smaller MTU (tunnel, VPN) while ICMP "fragmentation needed" is blocked. To get through until then, let the client offer no post-quantum groups.',
      path: 'Look for a firewall or inspection device between {client} and {server} that drops TLS by name or version, and for a path MTU problem if the ClientHello is larger than one segment.',
    },
    commands: {
      confirmSmall: 'openssl s_client -connect {connect} {sni} -groups X25519:P-256 </dev/null',
      confirm: 'openssl s_client -connect {connect} {sni} -tls1_2 </dev/null',
    },
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
      size:
        postQuantum === undefined
          ? phrase('moreThanOneSegment', { bytes })
          : phrase('moreThanOneSegmentByKeyShare', { bytes, group: postQuantum }),
      shorter: shorter?.[0] ?? 0,
    };
    return {
      support: 'confirmed',
      basis: 'ending',
      explanation: { id: !isLarge ? 'explanation' : shorter === null ? 'large' : 'largeAlone', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...(shorter === null
          ? []
          : otherConnectionEvidence(shorter[1], phrase('clientHelloOf', { bytes: shorter[0] }))),
      ],
      remedies: [
        isLarge
          ? { who: 'network', id: 'split', command: 'confirmSmall', data }
          : { who: 'network', id: 'path', command: 'confirm', data },
      ],
    };
  },
});
