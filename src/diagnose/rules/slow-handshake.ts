import { phrase } from '../phrases.js';
import { clientHelloEvidence, evidence, serverHelloEvidence } from '../evidence/citations.js';
import { duration } from '../../message.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';
import type { Connection, Timing } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';

/**
 * Milliseconds. TCP sends an unanswered SYN again after one second (RFC 6298 §2.1), longer than a round trip between
 * any two places on Earth: anything slower is loss, a queue or a busy machine, not distance.
 */
const SLOW_MS = 1000;

/** People notice a delay of three seconds, and time limits of programs begin at some five. */
const SLOW_HANDSHAKE_MS = 3000;

/** No program waits longer: the capture's clock was set in between. */
const ABSURD_MS = 10 * 60 * 1000;

function tcpEvidence(connection: Connection) {
  const tcp = overTcp(connection);
  if (tcp === null) return [];
  return [
    ...tcp.syns.slice(0, 1).map((syn) => evidence(syn, 'seenSyn')),
    ...(tcp.synAck === null ? [] : [evidence(tcp.synAck, 'seenSynAck')]),
  ];
}

/** Whether a handshake took so long that there may be something to report. */
export const isSlow = ({ tcpConnectMs, serverHelloMs, handshakeMs }: Timing): boolean =>
  Math.max(tcpConnectMs ?? 0, serverHelloMs ?? 0, handshakeMs ?? 0) >= Math.min(SLOW_MS, SLOW_HANDSHAKE_MS);

export const slowHandshake = defineRule({
  id: 'slow-handshake',
  title: 'Slow handshake',
  description: 'The handshake worked, and took so long that programs with a time limit would give up.',
  role: 'risk',
  severity: 'info',
  sources: ['RFC 6298 §2.1'],
  messages: {
    explanations: {
      server:
        'The server {connect} took {wait} to answer the ClientHello, {network}: it is busy, or waits for something itself (a back end, a key in a device, DNS).',
      network:
        'The TCP connection alone took {connected}: packets to {connect} are lost or wait in a queue. TLS is not to blame.',
      total:
        'The handshake took {total}: {answered} of that until the ServerHello. Segments sent again: {resent}. Either packets were lost, or the client {client} took its time (it may look up revocation).',
    },
    evidence: {},
    remedies: {
      look: 'Look at the load of the process behind {connect} at that time, and at what it waits for before it answers.',
      path: 'Look for loss and full queues between {client} and {connect}.',
      client: 'Look at what {client} does in the handshake: OCSP and revocation lists, a slow disk, a key in a device.',
    },
    commands: {
      confirm: {
        run: 'time openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows how long a handshake takes',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, clientHello, timing }) => outcome === 'established' && clientHello !== null && isSlow(timing),
  judge(connection) {
    const { tcpConnectMs, serverHelloMs, handshakeMs } = connection.timing;
    const { transport } = connection;
    const roundTrip = tcpConnectMs ?? 0;
    if (Math.max(roundTrip, handshakeMs ?? 0) > ABSURD_MS) return undefined;
    const wait = (serverHelloMs ?? 0) - roundTrip;
    const data = {
      ...placesOf(connection),
      wait: duration(wait),
      connected: duration(roundTrip),
      total: duration(handshakeMs ?? 0),
      answered: duration(serverHelloMs ?? 0),
      network:
        tcpConnectMs === null ? phrase('onceItHadIt') : phrase('beyondRoundTrip', { roundTrip: duration(roundTrip) }),
      resent: transport.client.retransmissions + transport.server.retransmissions,
    };
    const hellos = [...clientHelloEvidence(connection), ...serverHelloEvidence(connection)];
    if (wait >= SLOW_MS && transport.client.retransmissions === 0) {
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'server', data },
        evidence: hellos,
        remedies: [{ who: 'server', id: 'look', command: 'confirm', data }],
      };
    }
    if (roundTrip >= SLOW_MS) {
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'network', data },
        evidence: tcpEvidence(connection),
        remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
      };
    }
    if ((handshakeMs ?? 0) < SLOW_HANDSHAKE_MS) return undefined;
    return {
      support: 'supported',
      basis: 'fact',
      explanation: { id: 'total', data },
      evidence: hellos,
      remedies: [
        { who: 'client', id: 'client', command: 'confirm', data },
        { who: 'network', id: 'path', data },
      ],
    };
  },
});
