import { phrase } from '../phrases.js';
import type { Connection } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { clientHelloEvidence, evidence, otherConnectionEvidence } from '../evidence/citations.js';
import { icmpRefusal, icmpSighting, icmpText } from '../evidence/icmp.js';
import { isPostQuantum } from '../evidence/offers.js';
import { ONE_SEGMENT } from '../evidence/packet-sizes.js';
import { connectTo, placesOf } from '../evidence/places.js';
import { synAcksAgain } from '../evidence/undelivered.js';
import { times } from '../../message.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { SILENCE_MS } from '../../connection/outcome.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    explanation:
      'The TCP connection to {server} opened, but the ClientHello ({bytes} bytes) was never acknowledged, though the client sent it {times}: something on the path drops it, or every answer of the server.',
    refused:
      'The TCP connection to {server} opened, but {router} does not let the ClientHello ({bytes} bytes) through, which the client sent {times}. It says (ICMP): {meaning}.',
    quic: 'Only a part of the ClientHello reached {server}: the server acknowledged it and waits for the rest. The rest never came, though the client sent it {times}. A ClientHello of {bytes} bytes takes several QUIC packets: something on the path drops all but the first.',
    large:
      'The TCP connection to {server} opened, but the ClientHello ({size}) was never acknowledged, though the client sent it {times}: something on the path drops it, probably because of its size, or every answer of the server.',
    rest: 'The TCP connection to {server} opened, and the first {heard} bytes of the ClientHello ({size}) were acknowledged, but never the rest, though the client sent that {times}: something on the path drops it.',
    largeAlone:
      'The TCP connection to {server} opened, but the ClientHello ({size}) was never acknowledged, though the client sent it {times}: something on the path drops it, probably because of its size. Shorter ones, of up to {shorter} bytes, got through to the same server.',
  },
  evidence: {
    seenIcmp: 'ICMP of {router}: {meaning}',
    seenPartAcknowledged: 'acknowledges a part of the ClientHello, and nothing more',
  },
  remedies: {
    split:
      'Look for a firewall or inspection device between {client} and {server} that does not accept a ClientHello in several segments. Look also for a link with a smaller MTU (tunnel, VPN) where ICMP "fragmentation needed" is blocked. Until then, let the client offer no post-quantum groups.',
    splitQuic:
      'Look for a firewall or inspection device between {client} and {server} that does not accept a ClientHello in several UDP packets. Until then, let the client offer no post-quantum groups: its ClientHello then fits into one packet.',
    refused: 'Look at {router}, which refuses the ClientHello of {client} to {server}: its rules, and its routes.',
    path: 'Look for a firewall or inspection device between {client} and {server} that drops TLS by name or version, for answers that get lost on the way back, and for a path MTU problem if the ClientHello is larger than one segment.',
  },
  commands: {
    confirmQuic: {
      run: 'curl --http3-only --curves X25519 -vk {url}',
      does: 'shows whether QUIC works with a small ClientHello',
      where: 'from-client',
    },
    confirmSmall: {
      run: 'timeout 10 openssl s_client -connect {connect} {sni} -alpn http/1.1,$(seq -s, 1000 1300) </dev/null; timeout 10 openssl s_client -connect {connect} {sni} -alpn http/1.1 </dev/null',
      does: 'shows whether a small ClientHello works where a large one fails, filled up with application protocols',
      where: 'from-client',
    },
    confirm: {
      run: 'timeout 10 openssl s_client -connect {connect} {sni} -alpn http/1.1,$(seq -s, 1000 1300) </dev/null; timeout 10 openssl s_client -connect {connect} {sni12} </dev/null',
      does: 'shows whether a ClientHello of TLS 1.2, which is small, works where a large one fails, filled up with application protocols',
      where: 'from-client',
    },
  },
});

export const clientHelloLost = defineRule({
  id: 'client-hello-lost',
  title: 'ClientHello never acknowledged, or only a part',
  description:
    'The path to the server is open, but the ClientHello, or a part of it, is never acknowledged: something on the path drops it, or every answer of the server.',
  settledBy: 'A capture on the server shows whether the ClientHello arrives.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 9293 §3.8.1', 'RFC 9000 §7.5', 'RFC 9000 §13.2'],
  messages,
  applies(connection) {
    const { outcome, clientHello, partialClientHello, serverHello, alerts, quic } = connection;
    if (quic !== null) {
      // If it is answered, all of it has arrived.
      const isUnanswered = serverHello === null && (clientHello ?? partialClientHello) !== null;
      return outcome === 'failed' && quic.isHelloAcknowledged === false && alerts.length === 0 && isUnanswered;
    }
    const tcp = overTcp(connection);
    if (tcp === null || outcome !== 'failed' || clientHello === null) return false;
    return tcp.server.bytes === 0 && !tcp.client.acknowledged && alerts.length === 0;
  },
  judge(connection, context) {
    const { clientHello, quic } = connection;
    if (quic !== null) return judgeQuic(connection);
    const tcp = overTcp(connection);
    const synAck = tcp?.synAck ?? null;
    if (tcp === null || synAck === null || tcp.client.retransmissions === 0) return undefined;
    const { client } = tcp;
    const refusal = icmpRefusal(tcp, 'client');
    if (isResetAtOnce(connection) || isClosedBefore(connection)) return undefined;
    const { bytes } = client;
    const isLarge = bytes > ONE_SEGMENT;
    const postQuantum = clientHello?.keyShareGroups.find(isPostQuantum);
    const longest = context.serverHistory.acceptedBy(connection).longestClientHello;
    const shorter = isLarge && longest !== null && longest[0] < bytes ? longest : null;
    // What it sent again in vain is not the beginning, if that was acknowledged.
    const heard = client.resentInVain?.after ?? 0;
    const data = {
      ...placesOf(connection),
      server: connectTo(connection),
      bytes,
      heard,
      times: times(client.retransmissions + 1),
      size:
        postQuantum === undefined
          ? phrase('moreThanOneSegment', { bytes })
          : phrase('moreThanOneSegmentByKeyShare', { bytes, group: postQuantum }),
      shorter: shorter?.[0] ?? 0,
      router: refusal?.router ?? '',
      meaning: refusal === undefined ? '' : icmpText(refusal),
    };
    if (refusal !== undefined) {
      return {
        support: 'confirmed',
        basis: 'ending',
        explanation: { id: 'refused', data },
        evidence: [...clientHelloEvidence(connection), evidence(icmpSighting(refusal), 'seenIcmp', data)],
        remedies: [{ who: 'network', id: 'refused', command: 'confirm', data }],
      };
    }
    return {
      // A server that repeats its SYN-ACK lacks the ACK as well: see tcp-handshake-incomplete.
      support: synAcksAgain(connection).length > 0 ? 'open' : 'confirmed',
      basis: 'ending',
      explanation: {
        id: heard > 0 ? 'rest' : !isLarge ? 'explanation' : shorter === null ? 'large' : 'largeAlone',
        data,
      },
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

/** Whether a reset in the server's name answered the ClientHello: its sender saw the ClientHello. */
function isResetAtOnce({ clientHello, ending }: Connection): boolean {
  if (clientHello === null || ending.how !== 'reset' || ending.by !== 'server' || ending.at === null) return false;
  return millisecondsBetween(clientHello.at, ending.at) < SILENCE_MS;
}

/** Whether the server had closed the connection before the ClientHello came: nobody is there to acknowledge it. */
const isClosedBefore = ({ clientHello, ending }: Connection): boolean =>
  clientHello !== null && ending.by === 'server' && (ending.frame ?? Infinity) < clientHello.frame;

/** A ClientHello over QUIC that the server has only partly: each of its packets is acknowledged separately. */
function judgeQuic(connection: Connection): VerdictOf<typeof messages> | undefined {
  const { transport, messages: said, quic } = connection;
  const resent = transport.client.retransmissions;
  if (resent === 0 || quic === null || quic.closes.some(({ from, code }) => from === 'server' && code !== 0))
    return undefined;
  const data = {
    ...placesOf(connection),
    server: connectTo(connection),
    bytes: said.find(({ type }) => type === 'client_hello')?.length ?? 0,
    times: times(resent + 1),
  };
  const answer = quic.helloPart ?? transport.server.firstData;
  return {
    // If the capture ends while the client still tries, it may still get through.
    support: connection.ending.how === 'none' ? 'open' : 'confirmed',
    basis: 'ending',
    explanation: { id: 'quic', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...(answer === null ? [] : [evidence(answer, 'seenPartAcknowledged')]),
    ],
    remedies: [{ who: 'network', id: 'splitQuic', command: 'confirmQuic', data }],
  };
}
