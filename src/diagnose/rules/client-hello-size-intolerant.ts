import type { Connection, Sighting } from '../../connection/connection.js';
import { overTcp, overUdp } from '../../connection/connection.js';
import { times } from '../../message.js';
import { phrase } from '../phrases.js';
import { clientHelloEvidence, evidence, otherConnectionEvidence } from '../evidence/citations.js';
import { compareOffer, isShared } from '../evidence/offer-comparison.js';
import { beginningOfSplitHello, helloBytes, helloRefusal, spansSegments } from '../evidence/hello-size.js';
import { isPostQuantum } from '../evidence/offers.js';
import { placesOf } from '../evidence/places.js';
import { defineMessages, defineRule } from '../rule.js';
import type { Context } from '../context.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    explanation:
      'The ClientHello has {bytes} bytes and comes in several TCP segments. It arrived, but was refused {how}. The ClientHellos that {connect} answered have at most {longest} bytes, fit into one segment each, and offer nothing that this one lacks: the server, or a device in front of it, reads only the first segment.',
    postQuantum:
      'The ClientHello has {bytes} bytes, because of its post-quantum key share ({group}), and comes in several TCP segments. It arrived, but was refused {how}. The ClientHellos that {connect} answered have at most {longest} bytes, fit into one segment each, and offer nothing that this one lacks: the server, or a device in front of it, reads only the first segment.',
    unlike:
      'The ClientHello has {bytes} bytes and comes in several TCP segments. It arrived, but was refused {how}. The ClientHellos that {connect} answered have at most {longest} bytes and fit into one segment each, but they differ from this one in more than their length. Some servers, and some devices in front of them, read only the first segment.',
    split:
      'The ClientHello has {bytes} bytes, and {client} sent it in several TCP segments. It arrived, but was refused {how}. One with the same server name and the same offer that came in one segment was answered: the server, or a device in front of it, reads only the first segment.',
    alone:
      'The ClientHello has {bytes} bytes and comes in several TCP segments. It arrived, but was refused {how}. Some servers, and some devices in front of them, read only the first segment. No connection shows whether {connect} answers a shorter one.',
    fragments:
      'The ClientHello has {bytes} bytes and comes in several datagrams, and {connect} never answered. Some DTLS servers do not put a ClientHello together from fragments, and drop it (Mbed TLS 2.28).',
    fragmentsAfterCookie:
      'The server {connect} answered a ClientHello in one datagram with a HelloVerifyRequest, but never the ClientHello of {bytes} bytes that followed, in {records} fragments, although the client sent it again {times}. Some DTLS servers do not put a ClientHello together from fragments, and drop it (Mbed TLS 2.28).',
  },
  evidence: {
    seenShort: 'ClientHello of {bytes} bytes in another connection',
    seenFragments: 'ClientHello in {records} fragments, which nothing answers',
    seenFragment: 'the first datagram of the ClientHello',
    seenBeginning: 'the first segment of the ClientHello',
    seenRest: 'the rest of the ClientHello',
    seenLong: 'ClientHello of {bytes} bytes, more than the {segment} of one segment',
  },
  remedies: {
    reassemble: 'Upgrade the DTLS library of {connect} to one that puts a ClientHello together from its fragments.',
    device:
      'Upgrade the server at {connect} and every load balancer, firewall and inspection device in front of it: they have to collect a ClientHello from several segments before they judge it.',
    smaller: 'Until then, let {client} send a smaller ClientHello: no post-quantum groups, no other large extension.',
  },
  commands: {
    confirm: {
      run: 'timeout 10 openssl s_client -connect {connect} {sni} -alpn http/1.1,$(seq -s, 1000 1300) </dev/null; openssl s_client -connect {connect} {sni} -alpn http/1.1 </dev/null',
      does: 'shows whether a small ClientHello works where a large one fails, filled up with application protocols',
      where: 'from-client',
    },
  },
  exclusions: {
    shorterFailed: 'A ClientHello of {shorter} bytes, which fits into one segment, was refused {how} as well.',
    longerWorked: 'The server answered another ClientHello of more than one segment ({longest} bytes).',
  },
});

export const clientHelloSizeIntolerant = defineRule({
  id: 'client-hello-size-intolerant',
  title: 'Server cannot read a ClientHello in several segments',
  description: 'The server, or a device in front of it, cannot read a ClientHello that comes in several TCP segments.',
  settledBy:
    'The same client gets an answer to a ClientHello in one packet (without post-quantum groups, or not split), and none to one without a server name that is padded to the same size.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 8446 §4.1.2', 'RFC 8446 §5.1', 'RFC 7685 §3'],
  messages,
  applies: (connection) =>
    connection.outcome === 'failed' &&
    connection.clientHello !== null &&
    (overTcp(connection) !== null || connection.protocol === 'dtls'),
  judge(connection, context) {
    const { clientHello } = connection;
    const tcp = overTcp(connection);
    const bytes = helloBytes(connection);
    const split = fragmentsOf(connection);
    if (split !== null) {
      const data = { ...placesOf(connection), bytes: split.bytes };
      return {
        // Nothing shows that any of it arrived: see udp-blocked.
        support: 'open',
        basis: 'fact',
        explanation: { id: 'fragments', data },
        evidence: [evidence(split.first, 'seenFragment'), ...clientHelloEvidence(connection)],
        remedies: [
          { who: 'server', id: 'reassemble', command: 'confirm', data },
          { who: 'client', id: 'smaller', data },
        ],
      };
    }
    const unread = unreadFragmentsOf(connection);
    if (unread !== null) {
      const { length, records } = unread.hello;
      const data = { ...placesOf(connection), bytes: length, records, times: times(unread.times) };
      return {
        // Its fragments are no larger than what the server did answer, so the path does not drop them for their size.
        support: 'supported',
        basis: 'fact',
        explanation: { id: 'fragmentsAfterCookie', data },
        evidence: [...clientHelloEvidence(connection), evidence(unread.hello, 'seenFragments', data)],
        remedies: [
          { who: 'server', id: 'reassemble', command: 'confirm', data },
          { who: 'client', id: 'smaller', data },
        ],
      };
    }
    if (tcp === null || clientHello === null || bytes === null) return undefined;
    if (spansSegments(connection) !== true) return judgeSplit(connection, context, bytes);
    const end = helloRefusal(connection);
    const accepted = context.serverHistory.acceptedBy(connection);
    const other = accepted.longestClientHello?.[1];
    if (end === undefined) return undefined;
    // Without another one to compare, a ClientHello that may never have arrived says nothing about sizes.
    const isAboutElse = accepted.count > 0 || end.isRead || !tcp.client.acknowledged;
    if (other === undefined && isAboutElse) return undefined;
    const longest = other === undefined ? 0 : (helloBytes(other) ?? 0);
    const worked =
      other === undefined ? [] : otherConnectionEvidence(other, phrase('clientHelloOf', { bytes: longest }));
    if (other !== undefined && other.spansSegments !== false) {
      return { support: 'excluded', because: { id: 'longerWorked' as const, data: { longest } }, evidence: worked };
    }
    const short = context.serverHistory.refusedShort(connection, end.way);
    if (short !== undefined && other === undefined) {
      return {
        support: 'excluded',
        because: { id: 'shorterFailed' as const, data: { shorter: short.bytes, how: end.how } },
        evidence: [evidence({ ...short.hello, from: 'client' }, 'seenShort', { bytes: short.bytes })],
      };
    }
    const isAlike =
      other !== undefined &&
      isShared(compareOffer(connection, accepted)) &&
      accepted.serverNames.has(clientHello.serverName);
    const group = clientHello.keyShareGroups.find(isPostQuantum);
    const data = {
      ...placesOf(connection),
      bytes,
      longest,
      group: group ?? '',
      how: end.how,
      segment: Math.min(tcp.server.mss ?? Infinity, tcp.client.largestSegment || Infinity),
    };
    return {
      // Another name, or another offer, may be the reason as well, or what the server that read it means.
      support:
        isAlike && !end.isRead && short === undefined && context.serverHistory.isServing(connection)
          ? 'supported'
          : 'open',
      basis: 'fact',
      explanation: {
        id: other === undefined ? 'alone' : !isAlike ? 'unlike' : group === undefined ? 'explanation' : 'postQuantum',
        data,
      },
      evidence: [
        ...clientHelloEvidence(connection),
        evidence({ ...clientHello, from: 'client' }, 'seenLong', data),
        ...end.evidence,
        ...worked,
      ],
      remedies: [
        { who: 'network', id: 'device', command: 'confirm', data },
        { who: 'client', id: 'smaller', data },
      ],
    };
  },
});

/** A DTLS ClientHello in several datagrams that was never answered; null for any other. */
function fragmentsOf(connection: Connection): { readonly first: Sighting; readonly bytes: number } | null {
  const udp = overUdp(connection);
  if (udp === null || connection.protocol !== 'dtls' || udp.server.datagrams > 0) return null;
  const first = udp.client.firstData;
  const hello = connection.messages.find(({ type }) => type === 'client_hello');
  return hello !== undefined && first !== null && first.frame < hello.frame ? { first, bytes: hello.length } : null;
}

/** How often a client sends a ClientHello again before chance does not explain that no answer comes. */
const LEAST_RESENT = 2;

/** A DTLS ClientHello in fragments that was never answered, behind one that was; null for any other. */
function unreadFragmentsOf({ protocol, transport, messages }: Connection) {
  if (protocol !== 'dtls' || transport.kind !== 'udp') return null;
  const { mostResent, missing } = transport.client;
  if (mostResent?.message !== 'client_hello' || mostResent.times < LEAST_RESENT || missing > 0) return null;
  const [whole, ...later] = messages.filter(({ type }) => type === 'client_hello');
  const hello = later.at(-1);
  const answers = messages.filter(({ from }) => from === 'server');
  const isAsked =
    answers.length > 0 &&
    answers.every(({ type, frame }) => type === 'hello_verify_request' && frame < (hello?.frame ?? 0));
  return isAsked && whole?.records === 1 && hello !== undefined && hello.records > 1
    ? { hello, times: mostResent.times }
    : null;
}

/** A ClientHello that the client splits, although it would fit into one segment, beside one that came in one. */
function judgeSplit(connection: Connection, context: Context, bytes: number): VerdictOf<typeof messages> | undefined {
  const { clientHello } = connection;
  const beginning = beginningOfSplitHello(connection);
  const end = helloRefusal(connection);
  if (clientHello === null || beginning === null || end === undefined || end.isRead) return undefined;
  const accepted = context.serverHistory.acceptedBy(connection);
  const whole = accepted.longestClientHello?.[1];
  if (whole?.preamble !== null || accepted.split !== null) return undefined;
  if (!accepted.serverNames.has(clientHello.serverName) || !isShared(compareOffer(connection, accepted)))
    return undefined;
  const data = { ...placesOf(connection), bytes, how: end.how };
  return {
    support: context.serverHistory.isServing(connection) ? 'supported' : 'open',
    basis: 'fact',
    explanation: { id: 'split', data },
    evidence: [
      evidence(beginning, 'seenBeginning'),
      evidence({ ...clientHello, from: 'client' }, 'seenRest'),
      ...end.evidence,
      ...otherConnectionEvidence(whole, phrase('clientHelloOf', { bytes: helloBytes(whole) ?? 0 })),
    ],
    remedies: [{ who: 'network', id: 'device', command: 'confirm', data }],
  };
}
