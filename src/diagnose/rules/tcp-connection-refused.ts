import { overTcp } from '../../connection/connection.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { phrase } from '../phrases.js';
import { evidence, otherConnectionEvidence } from '../evidence/citations.js';
import { icmpSighting, icmpText, portRefused } from '../evidence/icmp.js';
import { differencesOf } from '../evidence/path.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const tcpConnectionRefused = defineRule({
  id: 'tcp-connection-refused',
  title: 'TCP connection refused',
  description:
    'The server answers the SYN with a reset, or ICMP says that the port cannot be reached: nothing listens on that port, or a firewall rejects the connection.',
  settledBy:
    'On the server, "ss -ltn" shows whether anything listens on the port; a capture there shows whether the answer is its own.',
  role: 'cause',
  readsGaps: true,
  severity: 'error',
  sources: ['RFC 9293 §3.10.7.1'],
  messages: {
    explanations: {
      explanation:
        'The TCP connection to {server} was refused: a reset answered the SYN after {ms} ms, in the name of the server. TLS never began.',
      othersAccepted:
        'The TCP connection to {server} was refused: a reset answered the SYN after {ms} ms, in the name of the server, although it accepted others within a second. The service is up. It was restarting, has reached a limit, or is one of several servers behind the address; or a firewall refuses this client.',
      rejected:
        'The TCP connection to {server} was refused: an ICMP error of {router} answered the SYN after {ms} ms: {meaning}. Firewalls that reject a connection answer like this (REJECT of iptables); a host on which nothing listens sends a reset. TLS never began.',
      scan: 'The TCP connection to {server} was refused: a reset answered the SYN after {ms} ms, in the name of the server. The client also tried other ports there in vain: it may have looked for open ones, and nothing needs to be mended then.',
    },
    evidence: {
      seenIcmp: 'ICMP of {router}: {meaning}',
    },
    remedies: {
      rejected:
        'Look for the rule that rejects connections to {server} in the firewall of {router}: what comes from this client may have to be allowed.',
      limit:
        'Look at the log of the service at {server} at that time: a restart, or a limit of connections. Behind a load balancer, check that all its servers listen on the port.',
      start: 'Start the service, or correct the address and port that it listens on.',
      target:
        'Check the address and port that the client is configured with; a firewall that rejects answers in the same way.',
    },
    commands: {
      confirm: { run: 'nc -vz {host} {port}', does: 'shows whether the port answers', where: 'from-client' },
      listening: { run: 'ss -ltnp sport = :{port}', does: 'shows which program listens on the port', where: 'server' },
    },
  },
  applies(connection) {
    const tcp = overTcp(connection);
    if (tcp === null || connection.outcome !== 'failed') return false;
    const bytes = tcp.client.bytes + tcp.server.bytes;
    return tcp.synAck === null && tcp.syns.length > 0 && bytes === 0 && !tcp.server.acknowledged;
  },
  judge(connection, context) {
    const { server } = connection;
    const tcp = overTcp(connection);
    const reset = tcp?.resets.find(({ from }) => from === 'server');
    const error = tcp === null || reset !== undefined ? undefined : portRefused(tcp, connection);
    const answer = reset ?? error;
    const syn = tcp?.syns.filter(({ frame }) => answer !== undefined && frame < answer.frame).at(-1);
    if (answer === undefined || syn === undefined) return undefined;
    const [absent] = differencesOf(connection, 'absent');
    // Something before the server refused it: see middlebox-reset.
    if (absent?.isProven === true) return undefined;
    const ms = Number(millisecondsBetween(syn.at, answer.at).toFixed(3));
    const data = {
      server: connectTo(connection),
      ms,
      port: server.port,
      router: error?.router ?? '',
      meaning: error === undefined ? '' : icmpText(error),
    };
    const mayBeScan = context.scans.mayBeScan(connection);
    const other = context.serverHistory.acceptedAround(connection);
    const target = {
      who: 'client',
      id: 'target',
      command: 'confirm',
      data: { host: server.address, port: server.port },
    } as const;
    return {
      support: mayBeScan ? 'open' : absent === undefined ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: {
        id:
          error !== undefined
            ? 'rejected'
            : other !== undefined
              ? 'othersAccepted'
              : mayBeScan
                ? 'scan'
                : 'explanation',
        data,
      },
      evidence: [
        evidence(syn, 'seenSyn'),
        ...(reset === undefined ? [] : [evidence(reset, 'seenReset', { ttl: reset.ttl })]),
        ...(error === undefined ? [] : [evidence(icmpSighting(error), 'seenIcmp', data)]),
        ...(other === undefined ? [] : otherConnectionEvidence(other, phrase('atTheSameTime'))),
      ],
      remedies: [
        error !== undefined
          ? { who: 'network', id: 'rejected', data }
          : { who: 'server', id: other === undefined ? 'start' : 'limit', command: 'listening', data },
        target,
      ],
    };
  },
});
