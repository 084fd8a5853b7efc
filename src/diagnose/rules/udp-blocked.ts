import type { IcmpMeaning } from '../../connection/connection.js';
import { overUdp } from '../../connection/connection.js';
import { times } from '../../message.js';
import { evidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** ICMP errors of a host or network that does not accept the datagrams. */
const BLOCKED: ReadonlySet<IcmpMeaning> = new Set(['prohibited', 'no-route', 'host-unreachable']);

/**
 * Datagrams without an answer: the first, and two that follow one and two seconds later (RFC 6347 §4.2.4, RFC 9002
 * §6.2).
 */
const LEAST_UNANSWERED = 3;

export const udpBlocked = defineRule({
  id: 'udp-blocked',
  title: 'UDP does not get through',
  description:
    'The client sends its first datagrams again and again, and nothing comes back: UDP is blocked on the path.',
  settledBy:
    'A capture on the server shows whether the datagrams arrive, and whether it answers them; another UDP service there shows whether UDP gets through at all.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 6347 §4.2.4', 'RFC 9308 §2', 'RFC 1812 §5.2.7.1'],
  messages: {
    explanations: {
      silence:
        '{server} answered nothing that {client} sent (datagrams: {count}): a firewall drops UDP to or from port {port}, or nothing at that address answers.',
      prohibited:
        'The datagrams of {client} do not reach {server}: {router} says (ICMP) that a firewall or a policy forbids them.',
      noRoute: 'The datagrams of {client} do not reach {server}: {router} says (ICMP) that it has no route there.',
    },
    evidence: {
      seenFirst: "the client's first datagram",
      seenLast: 'sent again {times}, without an answer',
      seenProhibited: 'ICMP of {router}: administratively prohibited',
      seenNoRoute: 'ICMP of {router}: unreachable',
    },
    remedies: {
      open: "Let UDP pass between {client} and {server}, both ways, in every firewall between them, the hosts' own included.",
      listen: 'Check that the service at {server} runs and listens on UDP, not only on TCP.',
    },
    commands: {
      confirm: {
        run: 'timeout 10 openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows whether a handshake over UDP works; nc would call the port open where nothing answers',
        where: 'from-client',
      },
      listening: { run: 'ss -lunp sport = :{port}', does: 'shows which program listens on the port', where: 'server' },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && overUdp(connection)?.server.datagrams === 0,
  judge(connection) {
    const { server } = connection;
    const udp = overUdp(connection);
    const { firstData = null, lastData = null, datagrams = 0 } = udp?.client ?? {};
    if (udp === null || firstData === null || lastData === null) return undefined;
    if (udp.icmp.some(({ meaning }) => meaning === 'port-unreachable')) return undefined;
    // It answers, but from elsewhere.
    if (udp.strayAnswer !== null) return undefined;
    const told = udp.icmp.find(({ about, meaning }) => about === 'client' && BLOCKED.has(meaning));
    if (told === undefined && datagrams < LEAST_UNANSWERED) return undefined;
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      connect: connectTo(connection),
      sni: sniOption(connection),
      port: server.port,
      count: datagrams,
      times: times(datagrams - 1),
      router: told?.router ?? '',
    };
    const isProhibited = told?.meaning === 'prohibited';
    return {
      // A server is also silent if packets are altered, or do not fit through the path: silence proves nothing.
      support: told === undefined ? 'open' : 'confirmed',
      basis: 'fact',
      explanation: { id: told === undefined ? 'silence' : isProhibited ? 'prohibited' : 'noRoute', data },
      evidence: [
        evidence(firstData, 'seenFirst'),
        told === undefined
          ? evidence(lastData, 'seenLast', data)
          : evidence({ ...told, from: 'server' }, isProhibited ? 'seenProhibited' : 'seenNoRoute', data),
      ],
      remedies: [
        { who: 'network', id: 'open', command: 'confirm', data },
        { who: 'server', id: 'listen', command: 'listening', data },
      ],
    };
  },
});
