import { phrase } from '../phrases.js';
import type { Connection, QuicFacts, Side, TcpFacts, TcpSide } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { clientHelloEvidence, evidence, otherConnectionEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { hasFatalAlert } from '../evidence/alerts.js';
import { waited } from '../evidence/endings.js';
import { icmpRefusal, icmpSighting, icmpText } from '../evidence/icmp.js';
import { HEADERS, LEAST_LARGE, LEAST_TOO_LARGE, pingSize, SMALL_DATAGRAM } from '../evidence/packet-sizes.js';
import { lostBySize, pointNumber } from '../evidence/path.js';
import { RESENT_MS, isAwaited } from '../evidence/undelivered.js';
import { placesOf } from '../evidence/places.js';
import { duration, party, times } from '../../message.js';
import { defineMessages, defineRule } from '../rule.js';
import type { ExclusionOf, VerdictOf } from '../verdict.js';

const SIDES: readonly Side[] = ['server', 'client'];

/** Repeats of a segment, or of a server's flight over QUIC, that show that it does not arrive. */
const LEAST_RESENT = 2;

/** A ClientHello of another client that fits into a smaller segment and reached the same server. */
function smallerHello(connection: Connection, context: Context, size: number) {
  const longest = context.serverHistory.acceptedBy(connection).longestClientHello;
  return longest === null || longest[0] >= size
    ? []
    : otherConnectionEvidence(longest[1], phrase('longestClientHello', { bytes: longest[0] }));
}

const messages = defineMessages({
  explanations: {
    explanation:
      'The {from}\'s small packets arrived, but a segment of {large} bytes never did, although it was sent again {times}: a link on the path carries only smaller packets, and the message that says so (ICMP "fragmentation needed", "packet too big") does not come back.',
    hole: 'The {from}\'s small packets arrived, but {large} bytes before them, sent in full-size packets, never did, and were never acknowledged: a link on the path carries only smaller packets, and the message that says so (ICMP "fragmentation needed", "packet too big") does not come back.',
    unseen:
      'The {from} had sent {large} bytes, as the sequence number of its later packet shows. They did not arrive within {waited}, though its small packets did: a link on the path carries only smaller packets, and the message that says so (ICMP "fragmentation needed", "packet too big") does not reach the {from}, or is ignored.',
    told: 'The {from} sent a segment of {large} bytes that never arrived, although it was sent again {times}: {router} says (ICMP) that packets of more than {mtu} bytes do not go through, and the {from} keeps sending larger ones. A firewall drops that ICMP message before it arrives, or the sender ignores it.',
    quicUnseen:
      'Small packets of {connect} arrived (up to {small} bytes): it acknowledged the ClientHello and sent parts of its answer. Its larger datagrams, with the ServerHello, did not arrive within {waited}: a link on the path carries only smaller packets.',
    quicUnacknowledged:
      '{connect} sent its answer, in datagrams of up to {large} bytes, and sent it again {times}; the client acknowledged smaller packets from the server, but never the ServerHello: a link on the path carries only smaller packets.',
    between:
      'Packets of the {from} of up to {small} bytes came from point {near} to point {far}. None of {large} bytes or more did, though it sent {count} of them: a link between the two carries only smaller packets, and the message that says so (ICMP "fragmentation needed", "packet too big") does not come back.',
    hello:
      'The ClientHello fills segments of {large} bytes, which never arrived, though the client sent them again {times}; shorter ClientHellos of others got through to the same server. A link on the path carries only smaller packets, or a device drops what spans several.',
  },
  evidence: {
    seenBefore: 'the first of {large} bytes or more that point {far} does not show',
    seenSmall: 'a small packet of the server arrives; it has none of the ServerHello',
    seenLarge: 'sends a segment of {large} bytes again; it was never acknowledged',
    seenIcmp: 'ICMP of {router}: {meaning}',
    seenTooLarge: 'ICMP of {router}: fragmentation needed, at most {mtu} bytes',
    seenLater: 'the last that arrived; {large} bytes before it never did',
  },
  remedies: {
    path: 'Find the link between {client} and {connect} with the smaller MTU (a tunnel, VPN, PPPoE, an overlay network) and let ICMP "fragmentation needed" (IPv6: "packet too big") pass through every firewall.',
    clamp: 'Or limit the size of TCP segments at that link (MSS clamping: iptables -j TCPMSS --clamp-mss-to-pmtu).',
  },
  commands: {
    confirm: {
      run: 'ping -c 3 -M do -s {size} {host}',
      does: 'shows whether packets of this size get through without fragmentation',
      where: 'from-client',
    },
  },
  exclusions: {
    refused: '{router} says (ICMP) why the packets of the {from} do not arrive, and it is not their size: {meaning}.',
  },
});

export const pathMtuBlackhole = defineRule({
  id: 'path-mtu-blackhole',
  title: 'Large packets get lost on the path',
  description:
    'Small packets pass and full-size ones do not: a link on the path carries only smaller ones, and the sender does not learn of it (path MTU).',
  settledBy:
    'A ping of 1,472 bytes with fragmentation forbidden ("ping -M do -s 1472") from either end: it is lost if the path carries only smaller packets.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 2923 §2.1', 'RFC 4821 §2', 'RFC 8899 §1.1', 'RFC 9293 §3.7.5'],
  messages,
  applies: (connection) =>
    connection.outcome === 'failed' &&
    (connection.quic !== null || hasBeginning(connection) || lostBySize(connection) !== undefined),
  judge(connection, context): VerdictOf<typeof messages> | ExclusionOf<typeof messages> | undefined {
    const lost = lostBySize(connection);
    if (lost !== undefined && !hasFatalAlert(connection)) return judgeTwoPoints(connection, lost);
    if (connection.quic !== null) return judgeQuic(connection, connection.quic);
    const { server } = connection;
    const tcp = overTcp(connection);
    if (tcp === null || hasFatalAlert(connection)) return undefined;
    for (const from of SIDES) {
      const side = tcp[from];
      const unseen = isAwaited(connection, side) ? side.uncaptured : null;
      const hole = hasTimeToResend(connection) ? side.lost : 0;
      const large = side.resentInVain?.bytes ?? (hole > 0 ? hole : (unseen?.bytes ?? 0));
      const last = side.lastData ?? unseen;
      const told = tcp.icmp.find(({ about, meaning }) => about === from && meaning === 'fragmentation-needed');
      const most = told?.mtu ?? null;
      const isTold = most !== null && side.resentInVain !== null && large > most - HEADERS;
      if ((large < LEAST_TOO_LARGE && !isTold) || last === null) continue;
      // The peer may have gone before the first copy arrived.
      if (side.resentInVain !== null && side.resentInVain.times < LEAST_RESENT) continue;
      const isHole = side.resentInVain === null;
      const isUnseen = isHole && hole === 0;
      // If a client has sent nothing else, only the success of shorter ClientHellos shows that size matters. A device that drops the
      // ClientHello for its name drops both of its parts.
      const isFirst = from === 'client' && tcp.server.bytes === 0;
      const others = isFirst ? smallerHello(connection, context, large) : [];
      if (isFirst && others.length === 0 && !isTold) continue;
      const refusal = icmpRefusal(tcp, from);
      if (refusal !== undefined && !isTold) {
        return {
          support: 'excluded',
          because: {
            id: 'refused',
            data: { router: refusal.router, from: party(from), meaning: icmpText(refusal) },
          },
          evidence: [
            evidence(icmpSighting(refusal), 'seenIcmp', { router: refusal.router, meaning: icmpText(refusal) }),
          ],
        };
      }
      const data = {
        ...placesOf(connection),
        from: party(from),
        large,
        times: times(side.resentInVain?.times ?? 0),
        size: pingSize(large),
        host: server.address,
        waited: duration(waited(connection)),
        router: told?.router ?? '',
        mtu: told?.mtu ?? 0,
      };
      return {
        support: isTold
          ? 'confirmed'
          : large < LEAST_LARGE ||
              hasPassed(side, tcp[from === 'client' ? 'server' : 'client'], large) ||
              !(isFirst ? isAskedFor(side) : isHeard(connection, tcp, from))
            ? 'open'
            : 'supported',
        basis: 'fact',
        explanation: {
          id: isTold ? 'told' : isFirst ? 'hello' : isUnseen ? 'unseen' : isHole ? 'hole' : 'explanation',
          data,
        },
        evidence: [
          ...clientHelloEvidence(connection),
          isUnseen
            ? evidence(last, 'seenUncaptured', { bytes: large })
            : evidence(last, isHole ? 'seenLater' : 'seenLarge', { large }),
          ...(told === undefined || !isTold
            ? []
            : [evidence({ ...told, from: from === 'client' ? 'server' : 'client' }, 'seenTooLarge', data)]),
          ...others,
        ],
        remedies: [
          { who: 'network', id: 'path', command: 'confirm', data },
          { who: 'network', id: 'clamp', data },
        ],
      };
    }
    return undefined;
  },
});

/**
 * Whether a segment as large as the lost one had arrived before: then size hardly explains the loss. Everything before a
 * segment that is repeated without success was acknowledged.
 */
const hasPassed = ({ resentInVain, largestSegment }: TcpSide, { mss }: TcpSide, large: number): boolean =>
  resentInVain === null
    ? largestSegment >= (fullSegmentOf(large, mss ?? 0) ?? LEAST_LARGE)
    : (resentInVain.after ?? 0) >= large;

/** Bytes of the TCP timestamps option, padded (RFC 7323 §3.2). */
const TIMESTAMPS = 12;

/** The length of the full-size segments that `bytes` are made of, by the maximum segment size; undefined if they are not. */
const fullSegmentOf = (bytes: number, mss: number): number | undefined =>
  [mss, mss - TIMESTAMPS].find((length) => length >= LEAST_LARGE && bytes % length === 0);

/** Whether its peer asks for what is missing: it has what came behind it. */
const isAskedFor = ({ resentInVain }: TcpSide): boolean => resentInVain?.isAskedFor === true;

/**
 * Whether small packets of a side arrive: its peer asks for what is missing, or ends the connection later, and repeats nothing
 * that was acknowledged.
 */
function isHeard({ ending }: Connection, tcp: TcpFacts, from: Side): boolean {
  const { resentInVain } = tcp[from];
  if (resentInVain === null || isAskedFor(tcp[from])) return true;
  const by = from === 'client' ? 'server' : 'client';
  const peer = tcp[by];
  return ending.by === by && !(peer.acknowledged && peer.retransmissions >= LEAST_RESENT);
}

/** Whether a lost segment would have been sent again before the end. */
const hasTimeToResend = (connection: Connection): boolean =>
  connection.ending.how === 'timeout' || waited(connection) >= RESENT_MS;

/** Whether the capture shows how the TCP connection began. */
function hasBeginning(connection: Connection): boolean {
  const tcp = overTcp(connection);
  return tcp !== null && tcp.syns.length + tcp.synAcks.length > 0;
}

/** What was lost between two points of the path because of its size. */
function judgeTwoPoints(
  connection: Connection,
  { between: [here, there], bySize, from, at, packets }: NonNullable<ReturnType<typeof lostBySize>>,
): VerdictOf<typeof messages> {
  const [near, far] = from === 'client' ? [here, there] : [there, here];
  const data = {
    ...placesOf(connection),
    from: party(from),
    near: pointNumber(near),
    far: pointNumber(far),
    small: bySize.arrived,
    large: bySize.lost,
    count: packets,
    size: bySize.lost,
    host: connection.server.address,
  };
  return {
    // The loss is proven; but a filter that drops packets by their content would look the same.
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'between', data },
    evidence: [...clientHelloEvidence(connection), evidence(at, 'seenBefore', data)],
    remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
  };
}

/** A server's flight over QUIC that does not arrive: as seen by the client, and by the server. */
function judgeQuic(connection: Connection, quic: QuicFacts): VerdictOf<typeof messages> | undefined {
  const { transport, server } = connection;
  if (hasFatalAlert(connection) || quic.closes.some(({ code }) => code !== 0)) return undefined;
  const { longestDatagram, packets } = quic.server;
  const isUnseen =
    quic.isHelloAcknowledged === true &&
    quic.version === null &&
    packets.handshake > 0 &&
    longestDatagram < SMALL_DATAGRAM;
  const isUnacknowledged =
    quic.version !== null &&
    quic.isAnswerAcknowledged === false &&
    longestDatagram >= SMALL_DATAGRAM &&
    transport.server.retransmissions >= LEAST_RESENT;
  const last = transport.server.lastData;
  if (!(isUnseen || isUnacknowledged) || last === null) return undefined;
  const data = {
    ...placesOf(connection),
    small: longestDatagram,
    large: longestDatagram,
    times: times(transport.server.retransmissions),
    waited: duration(waited(connection)),
    // The headers of UDP and IPv4 (28); ping adds its own.
    size: longestDatagram,
    host: server.address,
  };
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: isUnseen ? 'quicUnseen' : 'quicUnacknowledged', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...serverHelloEvidence(connection),
      ...(isUnseen ? [evidence(last, 'seenSmall')] : []),
    ],
    remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
  };
}
