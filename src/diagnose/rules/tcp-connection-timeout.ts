import { overTcp } from '../../connection/connection.js';
import { phrase } from '../phrases.js';
import { evidence, otherConnectionEvidence } from '../evidence/citations.js';
import { icmpSighting, icmpText, icmpToClient, portRefused } from '../evidence/icmp.js';
import { differencesOf, pointNumber } from '../evidence/path.js';
import { connectTo } from '../evidence/places.js';
import { times } from '../../message.js';
import { defineRule } from '../rule.js';

/** A server under load, or behind a limit of its rate, may answer the third SYN (three seconds later). */
const LEAST_SYNS = 2;

export const tcpConnectionTimeout = defineRule({
  id: 'tcp-connection-timeout',
  title: 'TCP connection not answered',
  description: 'Nothing answers the SYN: the host is down or unreachable, or a firewall drops the packets.',
  settledBy: 'A capture on the server shows whether the SYN arrives and whether it is answered.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 9293 §3.8.3'],
  messages: {
    explanations: {
      explanation:
        '{client} tried to connect to {server} (TCP SYN sent {times}) and got no answer. The network stopped it (a firewall or security group that drops packets, a wrong route, a host that is down), not TLS.',
      notSeen:
        '{client} tried to connect to {server} (TCP SYN sent {times}) and got no answer. Point {near} shows the SYN, point {far} nothing of the connection: the network dropped it between the two, or the capture at point {far} did not run at that time or leaves it out. It was not TLS.',
      told: '{client} tried to connect to {server} (TCP SYN sent {times}) and got no answer but an ICMP error from {router}: {meaning}. The network stopped it, not TLS.',
      othersAccepted:
        "{client} tried to connect to {server} (TCP SYN sent {times}) and got no answer, although the server accepted other connections within a second: it is up. Either a limit drops connections (a full accept queue, a firewall's rate limit), or one of several servers behind the address does not answer.",
    },
    evidence: {
      seenIcmp: 'ICMP of {router}: {meaning}',
    },
    remedies: {
      told: 'Look at {router}, which refuses the packets of {client} to {server}: its routes and its rules.',
      limit:
        'Look for dropped connections at {server} (the queue of the listening socket, limits by address), and at what distributes connections among several servers.',
      point:
        'Check that the capture at point {far} would have shown the connection: that it ran at that time, on the right interface, with a filter that lets it pass. If so, look for the firewall, security group or route between points {near} and {far} that drops the packets.',
      path: 'Look for the firewall, security group or route between {client} and {server} that drops the packets; capture at the server to see whether the SYN arrives.',
    },
    commands: {
      confirm: { run: 'nc -vz -w 5 {host} {port}', does: 'shows whether the port answers', where: 'from-client' },
    },
  },
  applies(connection) {
    const tcp = overTcp(connection);
    if (tcp === null || connection.outcome !== 'failed') return false;
    return tcp.synAck === null && tcp.syns.length > 0 && tcp.client.bytes + tcp.server.bytes === 0;
  },
  judge(connection, context) {
    const { server, client } = connection;
    const tcp = overTcp(connection);
    if (tcp === null || tcp.resets.some(({ from }) => from === 'server')) return undefined;
    // The client is told that the connection is refused (tcp-connection-refused).
    if (portRefused(tcp, connection) !== undefined) return undefined;
    // Another point shows the answer, which was lost (lost-between).
    if (differencesOf(connection, 'lost').some(({ from }) => from === 'server')) return undefined;
    const absences = differencesOf(connection, 'absent');
    const error = icmpToClient(tcp);
    // Where it was lost is more specific, unless ICMP says who refuses it.
    if (error === undefined && absences.some(({ isProven }) => isProven)) return undefined;
    const [near, far] = absences.find(({ isAnswered }) => !isAnswered)?.between ?? [];
    const to = connectTo(connection);
    const other = error === undefined ? context.serverHistory.acceptedAround(connection) : undefined;
    const data = {
      client: client.address,
      server: to,
      host: server.address,
      port: server.port,
      times: times(tcp.syns.length),
      near: pointNumber(near ?? 0),
      far: pointNumber(far ?? 0),
      router: error?.router ?? '',
      meaning: error === undefined ? '' : icmpText(error),
    };
    const [explanation, remedy] =
      error !== undefined
        ? (['told', 'told'] as const)
        : other !== undefined
          ? (['othersAccepted', 'limit'] as const)
          : far !== undefined
            ? (['notSeen', 'point'] as const)
            : (['explanation', 'path'] as const);
    return {
      support: tcp.syns.length > LEAST_SYNS || error !== undefined ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: explanation, data },
      evidence: [
        ...tcp.syns.map((syn) => evidence(syn, 'seenSyn')),
        ...(error === undefined ? [] : [evidence(icmpSighting(error), 'seenIcmp', data)]),
        ...(other === undefined ? [] : otherConnectionEvidence(other, phrase('atTheSameTime'))),
      ],
      remedies: [{ who: remedy === 'limit' ? 'server' : 'network', id: remedy, command: 'confirm', data }],
    };
  },
});
