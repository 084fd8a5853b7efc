import { phrase } from '../phrases.js';
import type { Connection, QuicFacts } from '../../connection/connection.js';
import { overTcp, overUdp } from '../../connection/connection.js';
import { isUndeliverableToServer } from '../../connection/icmp.js';
import { SILENCE_MS } from '../../connection/outcome.js';
import { clientHelloEvidence, closeEvidence, evidence, serverHelloEvidence } from '../evidence/citations.js';
import { differencesOf, isIntact, pointNumber } from '../evidence/path.js';
import { connectTo, sniOption, urlOption } from '../evidence/places.js';
import { duration, type Value } from '../../message.js';
import { fatalAlert } from '../evidence/alerts.js';
import { PATIENCE_MS, silentFor } from '../evidence/endings.js';
import { silenceToOthers } from '../evidence/silence.js';
import { hasHelloArrived } from '../evidence/undelivered.js';
import { isDoubtful } from '../evidence/gaps.js';
import { isClientsTurn } from '../evidence/progress.js';
import { isDroppedForSession } from '../evidence/refused-session.js';
import { isOfHaproxy } from '../../knowledge/probes.js';
import { defineRule } from '../rule.js';

/** How long the server has been silent. */
function silence(connection: Connection): Value {
  const ms = silentFor(connection);
  return connection.ending.how === 'timeout'
    ? phrase('atLeast', { quantity: duration(ms + SILENCE_MS) })
    : duration(ms);
}

/**
 * Whether the client still waits when the capture ends, over TCP, which repeats nothing that was acknowledged: an answer may
 * only be slow.
 */
const mayStillAnswer = ({ ending, transport }: Connection): boolean =>
  ending.how === 'timeout' && transport.kind === 'tcp' && transport.server.bytes === 0;

/**
 * Whether the client resets the connection after it had closed it: something came from the server that the capture lacks, such as
 * an answer that was late.
 */
const hasAnsweredLate = ({ ending, transport }: Connection): boolean =>
  transport.kind === 'tcp' &&
  ending.by === 'client' &&
  ending.how === 'close' &&
  transport.server.bytes === 0 &&
  !transport.fins.some(({ from }) => from === 'server') &&
  transport.resets.some(({ from, frame }) => from === 'client' && frame > (ending.frame ?? Infinity));

export const serverSilent = defineRule({
  id: 'server-silent',
  title: 'Server does not answer the handshake',
  description: 'The ClientHello was delivered, or sent again and again, but the server says nothing, or nothing more.',
  settledBy: "The server's log and its load at that time. A capture there shows whether it answered at all.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §2'],
  messages: {
    explanations: {
      explanation:
        '{server} accepted the TCP connection and acknowledged the ClientHello, but sent nothing for {waited}: the process behind the port hangs, is overloaded, or does not speak TLS; or a proxy accepted the connection in its place and does not reach it.',
      check:
        '{server} accepted the TCP connection and acknowledged the ClientHello of a health check of HAProxy (ssl-hello-chk, which offers SSL 3.0 alone), but sent nothing for {waited}, so HAProxy takes it for down: the process behind the port hangs, is overloaded, or does not speak TLS.',
      cutShort:
        '{server} accepted the TCP connection and acknowledged the ClientHello, and had sent nothing when the client left {waited} later. It left another ClientHello unanswered too, whose client waited longer: the process behind the port hangs, is overloaded, or does not speak TLS.',
      quic: '{server} acknowledged the ClientHello, but sent no part of its answer for {waited}: the process behind the port hangs, is overloaded, or waits for something else (a key in a device, a back end).',
      unanswered:
        '{server} answered nothing in {waited} (datagrams that {client} sent: {count}): UDP is dropped on the path, the packets were altered or are too large for it, or nothing at that address speaks QUIC.',
      halfway:
        '{server} began the handshake and then sent nothing for {waited}: its process hangs or waits for something else (a key in a device, a back end).',
    },
    evidence: { seenUnanswered: 'another ClientHello, that was not answered' },
    remedies: {
      process:
        'Look at the process that listens on port {port}: is it overloaded, stopped, waiting, or not a TLS server at all?',
      delivered:
        'If a proxy or load balancer is in between, check that it reaches its back end: it accepts a connection before it has one to the back end.',
    },
    commands: {
      confirmQuic: {
        run: 'curl --http3-only -vk {url}',
        does: 'shows whether QUIC works, without falling back to TCP',
        where: 'from-client',
      },
      confirm: {
        run: 'timeout 20 openssl s_client -connect {connect} {sni} -msg </dev/null',
        does: 'shows the handshake, message by message',
        where: 'from-client',
      },
    },
    exclusions: {
      elsewhere: '{server} answered: point {near} of the path shows the answer, point {far} does not.',
      sent: '{server} had answered: it had sent {bytes} bytes that are not in the capture.',
    },
  },
  applies(connection) {
    if (connection.outcome !== 'failed' || connection.clientHello === null) return false;
    // For EAP, see radius-silent and eap-fragment-lost.
    if (connection.eap !== null) return false;
    // Over DTLS, it is unknown what arrived: see handshake-stalled.
    if (connection.protocol === 'dtls') return false;
    if (connection.quic !== null) return true;
    return connection.transport.server.bytes > 0 || hasHelloArrived(connection);
  },
  judge(connection, context) {
    const { ending, transport, server } = connection;
    const ms = silentFor(connection);
    if (fatalAlert(connection) !== undefined || ending.by === 'server') return undefined;
    // Over QUIC, which shows more, other rules are more specific.
    const isUnanswered = isUnansweredQuic(connection);
    if (connection.quic !== null && !isUnanswered && !hasAcknowledgedHello(connection.quic)) return undefined;
    const other = ending.how === 'timeout' ? undefined : silenceToOthers(connection, context);
    if (ending.how !== 'timeout' && ms < PATIENCE_MS && other === undefined) return undefined;
    if (isClientsTurn(connection)) return undefined;
    const lost = differencesOf(connection, 'lost').find(({ from }) => from === 'server');
    if (lost !== undefined) {
      const [here, there] = lost.between;
      const data = { server: connectTo(connection), near: pointNumber(there), far: pointNumber(here) };
      return {
        support: 'excluded',
        because: { id: 'elsewhere' as const, data },
        evidence: [evidence(lost.at, 'seenElsewhere')],
      };
    }
    const unseen = overTcp(connection)?.server.uncaptured ?? null;
    if (unseen !== null) {
      return {
        support: 'excluded',
        because: { id: 'sent' as const, data: { server: connectTo(connection), bytes: unseen.bytes } },
        evidence: [evidence(unseen, 'seenUncaptured', { bytes: unseen.bytes })],
      };
    }
    const data = {
      client: connection.client.address,
      count: overUdp(connection)?.client.datagrams ?? 0,
      server: connectTo(connection),
      waited: silence(connection),
      port: server.port,
      connect: connectTo(connection),
      url: urlOption(connection),
      sni: sniOption(connection),
    };
    const last = transport.client.lastData;
    const synAck = overTcp(connection)?.synAck ?? null;
    return {
      // The server's packets may be lost before the capture point, without a trace: only points on both sides exclude
      // that.
      support:
        isDoubtful(connection) ||
        mayStillAnswer(connection) ||
        hasAnsweredLate(connection) ||
        isDroppedForSession(connection, context)
          ? 'open'
          : isIntact(connection)
            ? 'confirmed'
            : 'supported',
      basis: 'ending',
      explanation: {
        id: isUnanswered
          ? 'unanswered'
          : other !== undefined
            ? 'cutShort'
            : connection.quic !== null
              ? 'quic'
              : transport.server.bytes > 0
                ? 'halfway'
                : connection.clientHello !== null && isOfHaproxy(connection.clientHello)
                  ? 'check'
                  : 'explanation',
        data,
      },
      evidence: [
        ...(synAck === null ? [] : [evidence(synAck, 'seenSynAck')]),
        ...clientHelloEvidence(connection),
        ...serverHelloEvidence(connection),
        ...(ending.frame === null || ending.frame === last?.frame ? [] : closeEvidence(connection)),
        ...(other === undefined ? [] : [evidence({ ...other.hello, from: 'client' }, 'seenUnanswered')]),
      ],
      remedies: [
        { who: 'server', id: 'process', command: connection.quic === null ? 'confirm' : 'confirmQuic', data },
        { who: 'network', id: 'delivered', data },
      ],
    };
  },
});

/** Whether nothing answers a QUIC client, not even a router. */
function isUnansweredQuic(connection: Connection): boolean {
  const udp = overUdp(connection);
  return connection.quic !== null && udp?.server.datagrams === 0 && !udp.icmp.some(isUndeliverableToServer);
}

/** Whether the server acknowledged a ClientHello over QUIC, and sent no answer. */
const hasAcknowledgedHello = ({ isHelloAcknowledged, version, server }: QuicFacts): boolean =>
  isHelloAcknowledged === true && version === null && server.packets.handshake === 0;
