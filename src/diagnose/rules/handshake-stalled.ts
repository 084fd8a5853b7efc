import type { Connection, QuicFacts, Sighting, UdpFacts, UdpSide } from '../../connection/connection.js';
import { overTcp, overUdp } from '../../connection/connection.js';
import { unansweredFlight, unansweredFinished } from '../../connection/quic-outcome.js';
import { duration, party, times } from '../../message.js';
import { hasFatalAlert } from '../evidence/alerts.js';
import { clientHelloEvidence, evidence, serverHelloEvidence } from '../evidence/citations.js';
import { waited } from '../evidence/endings.js';
import { beginsLate } from '../evidence/gaps.js';
import { icmpRefusal, icmpSighting, icmpText } from '../evidence/icmp.js';
import { connectTo, placesOf } from '../evidence/places.js';
import { messageName } from '../evidence/messages.js';
import { hearsNoAnswer, LEAST_ASKED } from '../evidence/quic.js';
import { undelivered } from '../evidence/undelivered.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

/** The last plaintext message that a side sent for the first time, as far as the capture has it. */
function lastNew({ messages }: Connection, from: 'client' | 'server') {
  return messages.findLast((message) => message.from === from);
}

/**
 * Whose messages do not arrive: the client's, if it repeats them and the server visibly sends nothing new in answer;
 * the server's, if it visibly answered, and the client repeats what that answers.
 */
function lostFrom(connection: Connection, resent: NonNullable<UdpSide['mostResent']>): 'client' | 'server' {
  const peer = resent.from === 'client' ? 'server' : 'client';
  const answer = lastNew(connection, peer);
  const first = connection.messages.find(({ from, type }) => from === resent.from && type === resent.message);
  const isAnswered =
    answer !== undefined &&
    answer.type !== 'hello_verify_request' &&
    first !== undefined &&
    answer.frame > first.frame &&
    answer.frame < resent.frame;
  return isAnswered ? peer : resent.from;
}

const messages = defineMessages({
  explanations: {
    inVain:
      'The {from} sent {bytes} bytes of the handshake again {times}, and the {peer} never acknowledged them, though it was still there and ended the connection later: what the {from} sends is lost on the path.',
    refused:
      'The {from} sent {bytes} bytes of the handshake again {times}, and {router} says (ICMP) why they do not arrive: {meaning}.',
    gone: 'The {from} sent {bytes} bytes of the handshake again {times}, and nothing new came from the {peer}: either what they send each other is lost on the path, or the {peer} is gone (switched off, asleep, on another network).',
    unseen:
      'The {from} had sent {bytes} bytes of the handshake, as the sequence number of its later packet shows. They did not arrive within {waited}, and the {peer} never acknowledged them: they are lost on the path.',
    unanswered:
      'The {from} sent its {message} again {times}, and nothing new came from the {peer}, which had answered before: either it is lost on the path, or the answer is, or the {peer} does not answer it.',
    lost: 'The {peer} answered, as the capture shows, but the {from} sent its {message} again {times}: what the {peer} sends is lost between the capture point and the {from}.',
    quicLost:
      'The server answered, as the capture shows, but the client asked again {times} and acknowledged none of the answers: they are lost between the capture point and the client, or the client discards them, as it may if they were altered or come from another address.',
    quicFinished:
      "The client had the server's flight and continued, but the server sent its flight again and again, to the end: what the client sent, its Finished first, did not reach the server, or the client was gone by then.",
    quicFinishedAgain:
      "The client had the server's flight and continued, but it sent its Finished again and again, to the end, and the server never confirmed the handshake: either the Finished did not reach the server, or the server's answer did not reach the client, or the server was gone by then.",
    quicFlight:
      'The server answered the ClientHello and sent its answer again and again, to the end, but nothing more came from the client: either what they send each other is lost on the path, or the client is gone, or it only looked whether a server answers (scanners do).',
    quicUnanswered:
      'The client asked again {times}, and nothing more came from the server, which had answered before: what one of them sends is lost on the path, or the server waits. A server that sent three times as many bytes as it received sends no more until the client shows that the answers reach its address.',
  },
  evidence: {
    seenInVain: 'sends the same {bytes} bytes again; they were never acknowledged',
    seenIcmp: 'ICMP of {router}: {meaning}',
    seenAnswer: '{message} of the {peer}',
    seenAgain: 'the same {message} again, copy {ordinal}',
    seenFinished: 'the client continues: with its Finished before it, or in it',
    seenFlight: "the server's Handshake packets again, for the last time: it has no Finished",
    seenFinishedAgain: "the client's Handshake packets again, for the last time: nothing has confirmed the handshake",
    seenFlightAgain: 'the server sends its answer again, for the last time',
    seenLastOfClient: 'the last that came from the client',
    seenLastAnswer: 'the last that came from the server',
    seenAsks: 'the client asks again, for the last time',
  },
  remedies: {
    path: 'Look for what drops packets of the {from} between {client} and {connect}: a firewall or its table of connections, a link with a smaller MTU, a route that works in one direction only.',
    forbidden:
      'Find the rule on {router} that rejects packets of TCP from {sender} to {receiver} (nft list ruleset, or iptables -L -n -v: its counter grows), and let them pass in both directions.',
    refused: 'Look at {router}, which refuses the packets of the {from}: its routes and its rules.',
    size: "Find out whether the lost datagrams are the large ones: then lower the datagram size of the {late}'s DTLS library, or find the link between {client} and {connect} that drops them (a tunnel, a VPN, a firewall that drops IP fragments).",
    other: 'Compare with a capture at the {other}: what is sent there, and what arrives.',
  },
  commands: {
    confirm: {
      run: 'ping -c 3 -M do -s 1400 {host}',
      does: 'shows whether packets of this size get through without fragmentation',
      where: 'from-client',
    },
    trace: {
      run: 'traceroute -n -T -p {port} {host}',
      does: 'shows where packets are refused (!X: forbidden; !H, !N: unreachable)',
      where: 'from-client',
    },
    traceBack: {
      run: 'traceroute -n -T {client}',
      does: 'shows where packets are refused (!X: forbidden; !H, !N: unreachable)',
      where: 'server',
    },
  },
});

export const handshakeStalled = defineRule({
  id: 'handshake-stalled',
  title: 'Handshake makes no progress',
  description: 'A side sends the same messages again and again, and the handshake does not go on: an answer gets lost.',
  settledBy: 'A capture at the other end: it shows whether the messages arrive there, and whether it answers.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 6347 §4.2.4', 'RFC 9147 §5.8', 'RFC 9000 §8.1', 'RFC 9002 §6.2', 'RFC 9293 §3.8.1'],
  messages,
  applies(connection) {
    const udp = overUdp(connection);
    if (connection.outcome !== 'failed') return false;
    return udp === null ? undelivered(connection) !== undefined : udp.server.datagrams > 0;
  },
  judge(connection) {
    const udp = overUdp(connection);
    if (hasFatalAlert(connection)) return undefined;
    if (udp === null) return judgeTcp(connection);
    if (connection.quic !== null) return judgeQuic(connection, connection.quic, udp);
    const { client, server } = udp;
    const resent = client.mostResent ?? server.mostResent;
    if (resent === null) return undefined;
    const late = lostFrom(connection, resent);
    const peer = resent.from === 'client' ? 'server' : 'client';
    const isLost = late === peer;
    const answer = lastNew(connection, peer);
    const data = {
      ...placesOf(connection),
      from: party(resent.from),
      peer: party(peer),
      late: party(late),
      other: party(peer),
      message: messageName(resent.message),
      times: times(resent.times),
      ordinal: resent.times,
      host: connection.server.address,
    };
    return {
      // That nobody answers is seen; why is not. What the capture lacks before may be the reason.
      support: beginsLate(connection) ? 'open' : 'supported',
      basis: 'ending',
      explanation: { id: isLost ? 'lost' : 'unanswered', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...(answer === undefined
          ? []
          : [evidence(answer, 'seenAnswer', { ...data, message: messageName(answer.type) })]),
        evidence(resent, 'seenAgain', data),
      ],
      remedies: [
        { who: 'network', id: 'size', command: 'confirm', data },
        { who: isLost ? resent.from : peer, id: 'other', data },
      ],
    };
  },
});

/**
 * A part of the handshake over TCP that does not get through, whatever its size: as seen by its sender, and by its
 * receiver.
 */
function judgeTcp(connection: Connection): VerdictOf<typeof messages> | undefined {
  const tcp = overTcp(connection);
  const lost = undelivered(connection);
  if (tcp === null || lost === undefined) return undefined;
  // Who has ended the connection sends its last data again as well, and gives up sooner or later.
  if (lost.times === 0 && connection.ending.by === lost.from) return undefined;
  const refusal = icmpRefusal(tcp, lost.from);
  const peer = lost.from === 'client' ? 'server' : 'client';
  const isThere = lost.times === 0 || connection.ending.by === peer;
  const data = {
    ...placesOf(connection),
    from: party(lost.from),
    peer: party(peer),
    bytes: lost.bytes,
    times: times(lost.times),
    waited: duration(waited(connection)),
    other: party(peer),
    host: connection.server.address,
    router: refusal?.router ?? '',
    sender: connection[lost.from].address,
    receiver: peer === 'server' ? connectTo(connection) : connection.client.address,
    port: connection.server.port,
    meaning: refusal === undefined ? '' : icmpText(refusal),
  };
  const isRefused = refusal !== undefined && lost.times > 0;
  return {
    support: isRefused ? 'confirmed' : 'supported',
    basis: 'ending',
    explanation: { id: lost.times === 0 ? 'unseen' : isRefused ? 'refused' : isThere ? 'inVain' : 'gone', data },
    evidence: [
      ...clientHelloEvidence(connection),
      evidence(lost.at, lost.times > 0 ? 'seenInVain' : 'seenUncaptured', data),
      ...(isRefused ? [evidence(icmpSighting(refusal), 'seenIcmp', data)] : []),
    ],
    remedies: [
      isRefused
        ? {
            who: 'network',
            id: refusal.meaning === 'prohibited' ? 'forbidden' : 'refused',
            command: lost.from === 'client' ? 'trace' : 'traceBack',
            data,
          }
        : { who: 'network', id: 'path', command: 'confirm', data },
      { who: peer, id: 'other', data },
    ],
  };
}

/**
 * A QUIC client that asks again: its Initial packets show that it repeats its hello or sends only PING. After it has
 * sent Handshake packets, silence may mean that it refused the certificate.
 */
function judgeQuic(connection: Connection, quic: QuicFacts, udp: UdpFacts): VerdictOf<typeof messages> | undefined {
  const unheard = unansweredFinished(quic, udp);
  if (unheard !== null) return judgeFinished(connection, unheard);
  const unanswered = hearsNoAnswer(connection) ? null : unansweredFlight(quic, udp);
  if (unanswered !== null) return judgeFlight(connection, udp, unanswered);
  const { client, server } = udp;
  if (quic.closes.some(({ code }) => code !== 0) || quic.client.packets.handshake > 0) return undefined;
  if (client.retransmissions < LEAST_ASKED || client.lastData === null || server.lastData === null) return undefined;
  const isLost = hearsNoAnswer(connection) && server.retransmissions > 0;
  const isUnanswered =
    quic.isHelloAcknowledged === true &&
    quic.isAnswerAcknowledged === true &&
    server.lastData.frame < client.lastData.frame;
  if (!isLost && !isUnanswered) return undefined;
  const data = {
    ...placesOf(connection),
    from: party(isLost ? 'server' : 'client'),
    other: party(isLost ? 'client' : 'server'),
    times: times(client.retransmissions),
    host: connection.server.address,
  };
  return {
    support: 'supported',
    basis: 'ending',
    explanation: { id: isLost ? 'quicLost' : 'quicUnanswered', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...serverHelloEvidence(connection),
      evidence(server.lastData, 'seenLastAnswer'),
      evidence(client.lastData, 'seenAsks'),
    ],
    remedies: [
      { who: 'network', id: 'path', command: 'confirm', data },
      { who: isLost ? 'client' : 'server', id: 'other', data },
    ],
  };
}

/** A client whose Finished never reached the server, or that does not know whether it did. */
function judgeFinished(
  connection: Connection,
  { finished, last, from }: NonNullable<ReturnType<typeof unansweredFinished>>,
): VerdictOf<typeof messages> {
  const isServers = from === 'server';
  const data = {
    ...placesOf(connection),
    from: party('client'),
    other: party('server'),
    host: connection.server.address,
  };
  return {
    support: 'supported',
    basis: 'ending',
    explanation: { id: isServers ? 'quicFinished' : 'quicFinishedAgain', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...serverHelloEvidence(connection),
      evidence(finished, 'seenFinished'),
      evidence(last, isServers ? 'seenFlight' : 'seenFinishedAgain'),
    ],
    remedies: [
      { who: 'network', id: 'path', command: 'confirm', data },
      { who: 'server', id: 'other', data },
    ],
  };
}

/** A server whose answer nobody answers: the sender of the ClientHello may not have wanted more. */
function judgeFlight(connection: Connection, { client }: UdpFacts, last: Sighting): VerdictOf<typeof messages> {
  const data = {
    ...placesOf(connection),
    from: party('server'),
    other: party('client'),
    host: connection.server.address,
  };
  return {
    support: 'open',
    basis: 'ending',
    explanation: { id: 'quicFlight', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...serverHelloEvidence(connection),
      ...(client.lastData === null ? [] : [evidence(client.lastData, 'seenLastOfClient')]),
      evidence(last, 'seenFlightAgain'),
    ],
    remedies: [
      { who: 'network', id: 'path', command: 'confirm', data },
      { who: 'client', id: 'other', data },
    ],
  };
}
