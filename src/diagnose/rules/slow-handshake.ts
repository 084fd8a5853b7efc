import { clientHelloEvidence, evidence, EVIDENCE_MESSAGES, serverHelloEvidence } from '../evidence/citations.js';
import { duration, placesOf } from '../evidence/facts.js';
import type { Evidence, Rule } from '../rule.js';
import type { Connection } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';

/**
 * Milliseconds. TCP takes an unanswered SYN for lost after one second (RFC 6298 §2.1), farther than any two places on
 * Earth: what takes longer is a loss, a queue or a machine that is busy, not distance.
 */
const SLOW_MS = 1000;

/** People see a delay of three seconds, and the time limits of programs begin at some five. */
const SLOW_HANDSHAKE_MS = 3000;

/** No program waits longer: the capture's clock was set in between. */
const ABSURD_MS = 10 * 60 * 1000;

function tcpEvidence(connection: Connection): Evidence[] {
  const tcp = overTcp(connection);
  if (tcp === null) return [];
  return [
    ...tcp.syns.slice(0, 1).map((syn) => evidence(syn, 'seenSyn')),
    ...(tcp.synAck === null ? [] : [evidence(tcp.synAck, 'seenSynAck')]),
  ];
}

export const slowHandshake: Rule = {
  id: 'slow-handshake',
  title: 'Slow handshake',
  description: 'The handshake worked, and took so long that programs with a time limit would give up.',
  role: 'risk',
  severity: 'info',
  basis: 'fact',
  sources: ['RFC 6298 §2.1'],
  messages: {
    ...EVIDENCE_MESSAGES,
    server:
      'The server {connect} took {wait} to answer the ClientHello, {network}: it is busy, or waits for something itself (a back end, a key in a device, DNS).',
    network:
      'The TCP connection alone took {connected}: packets to {connect} are lost or wait in a queue. TLS is not to blame.',
    total:
      'The handshake took {total}, of which {answered} until the ServerHello; {resent} segments were sent again. Either packets were lost, or the client {client} took its time (it may look up revocation).',
    look: 'Look at the load of the process behind {connect} at that time, and at what it asks before it answers.',
    path: 'Look for loss and full queues between {client} and {connect}.',
    client:
      'Look at what the client {client} does in the handshake: OCSP and revocation lists, a slow disk, a key in a device.',
    confirm: 'time openssl s_client -connect {connect} {sni} </dev/null',
  },
  applies: ({ outcome, clientHello, timing: { tcpConnectMs, serverHelloMs, handshakeMs } }) =>
    outcome === 'established' &&
    clientHello !== null &&
    Math.max(tcpConnectMs ?? 0, serverHelloMs ?? 0, handshakeMs ?? 0) >= Math.min(SLOW_MS, SLOW_HANDSHAKE_MS),
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
      network: tcpConnectMs === null ? 'once it had it' : `beyond the ${duration(roundTrip)} of the network`,
      resent: transport.client.retransmissions + transport.server.retransmissions,
    };
    const hellos = [...clientHelloEvidence(connection), ...serverHelloEvidence(connection)];
    if (wait >= SLOW_MS && transport.client.retransmissions === 0) {
      return {
        certainty: 'certain',
        messageId: 'server',
        data,
        evidence: hellos,
        remedies: [{ who: 'server', messageId: 'look', commandId: 'confirm', data }],
      };
    }
    if (roundTrip >= SLOW_MS) {
      return {
        certainty: 'certain',
        messageId: 'network',
        data,
        evidence: tcpEvidence(connection),
        remedies: [{ who: 'network', messageId: 'path', commandId: 'confirm', data }],
      };
    }
    if ((handshakeMs ?? 0) < SLOW_HANDSHAKE_MS) return undefined;
    return {
      certainty: 'likely',
      messageId: 'total',
      data,
      evidence: hellos,
      remedies: [
        { who: 'client', messageId: 'client', commandId: 'confirm', data },
        { who: 'network', messageId: 'path', data },
      ],
    };
  },
};
