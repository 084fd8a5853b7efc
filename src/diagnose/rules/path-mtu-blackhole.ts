import type { Connection, Side, TcpSide } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { clientHelloEvidence, evidence, EVIDENCE_MESSAGES, neighbourEvidence } from '../evidence.js';
import { hasFatalAlert, placesOf, times } from '../facts.js';
import type { Evidence, Rule } from '../rule.js';

/** Payload sizes of segments, where the capture's facts have them. */
export type SizedSide = TcpSide & {
  /** Payload of the largest segment that the peer acknowledged, in bytes. */
  readonly largestAcknowledged?: number;
  /** Payload of the largest segment that it did not. */
  readonly largestUnacknowledged?: number;
};

/**
 * IPv6 and its tunnels pass 1280 bytes (RFC 8200 §5), less 60 of headers and a dozen of TCP options: what is lost above
 * that can be lost for its size.
 */
const LEAST_LARGE = 1208;

/** What a side sent in vain: large segments, while smaller ones got through. */
function lostSizes(side: SizedSide): { readonly large: number; readonly small: number } | undefined {
  const { acknowledged, retransmissions, largestAcknowledged: small, largestUnacknowledged: large } = side;
  if (acknowledged || retransmissions === 0 || large === undefined || small === undefined) return undefined;
  return large >= LEAST_LARGE && large > small ? { large, small } : undefined;
}

/** A ClientHello of another client that fits into a smaller segment and got through to the same server. */
function smallerHello(connection: Connection, context: Context, size: number): Evidence[] {
  const longest = context.neighbours.acceptedBy(connection).longestClientHello;
  return longest === null || longest[0] >= size
    ? []
    : neighbourEvidence(longest[1], `the longest ClientHello that did has ${longest[0]} bytes`);
}

export const pathMtuBlackhole: Rule = {
  id: 'path-mtu-blackhole',
  title: 'Large packets get lost on the way',
  description:
    'Small packets pass and full-size ones do not: a link on the way takes only smaller ones, and nobody is told (path MTU).',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 2923 §2.1', 'RFC 4821 §2', 'RFC 8899 §1.1', 'RFC 9293 §3.7.5'],
  messages: {
    ...EVIDENCE_MESSAGES,
    seenLarge: 'sends a segment of {large} bytes again; it was never acknowledged',
    explanation:
      'Segments of up to {small} bytes from the {from} arrived, those of {large} bytes never did, though it sent them again {times}: a link on the way takes only smaller packets, and the message that says so (ICMP "fragmentation needed", "packet too big") does not come back.',
    hello:
      'The ClientHello fills segments of {large} bytes, which never arrived, though the client sent them again {times}; shorter ClientHellos of others got through to the same server. A link on the way takes only smaller packets, or a device drops what spans several.',
    path: 'Find the link between {client} and {connect} with the smaller MTU (a tunnel, VPN, PPPoE, an overlay network) and let ICMP "fragmentation needed" (IPv6: "packet too big") pass through every firewall.',
    clamp: 'Or limit the size of TCP segments at that link (MSS clamping: iptables -j TCPMSS --clamp-mss-to-pmtu).',
    confirm: 'ping -M do -s {size} {host}',
  },
  applies: ({ outcome, tcp }) => outcome === 'failed' && tcp.synAck !== null,
  judge(connection, context) {
    const { tcp, server } = connection;
    if (hasFatalAlert(connection)) return undefined;
    for (const from of ['server', 'client'] as const satisfies readonly Side[]) {
      const side = tcp[from];
      const sizes = lostSizes(side);
      if (sizes === undefined || side.lastData === null) continue;
      const { small, large } = sizes;
      const neighbours = small === 0 ? smallerHello(connection, context, large) : [];
      // Without a small segment that passed, the sizes tell nothing.
      if (small === 0 && neighbours.length === 0) continue;
      const data = {
        ...placesOf(connection),
        from,
        small,
        large,
        times: times(side.retransmissions),
        // The segment, and the headers of TCP with timestamps (32); ping adds 8 of its own.
        size: large + 24,
        host: server.address,
      };
      return {
        certainty: 'likely',
        messageId: small === 0 ? 'hello' : 'explanation',
        data,
        evidence: [...clientHelloEvidence(connection), evidence(side.lastData, 'seenLarge', { large }), ...neighbours],
        remedies: [
          { who: 'network', messageId: 'path', commandId: 'confirm', data },
          { who: 'network', messageId: 'clamp', data },
        ],
      };
    }
    return undefined;
  },
};
