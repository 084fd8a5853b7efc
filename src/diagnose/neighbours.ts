import type { Connection } from '../connection/connection.js';
import { connectTo, sniOption } from './evidence/places.js';
import type { Success, Timeline } from './evidence/timeline.js';
import type { Finding } from './finding.js';
import type { Remedy } from './verdict.js';

/** What a report says of a similar connection that worked: the difference points to the fault. */
export const NEIGHBOURS = {
  id: 'neighbours',
  messages: {
    remedies: {
      client:
        'Compare {client} with {other}, which got through to {connect} with the same name (connection {connection}): its versions, settings and trust store.',
      offer:
        'Compare with connection {connection}, in which {other} got through to {connect} with another ClientHello: another program, or other settings.',
      server:
        'Compare {connect} with {other}, where the same client got through with the same name: certificates, settings, and what is in front of it.',
    },
    commands: {
      show: {
        run: 'openssl s_client -connect {other} {sni} -showcerts </dev/null',
        does: 'shows what the server that works sends',
        where: 'from-client',
      },
    },
  },
} as const;

type Neighbour = keyof typeof NEIGHBOURS.messages.remedies;

const ALL: readonly Neighbour[] = ['client', 'offer', 'server'];

/**
 * The causes for which a comparison helps, and with whom. A faulty certificate is faulty for every client, and one that
 * accepts it anyway proves nothing. What a mismatch is about is known without another client.
 */
const HELPFUL: ReadonlyMap<string, readonly Neighbour[]> = new Map<string, readonly Neighbour[]>([
  ['alpn-mismatch', ['server']],
  ['certificate-authority-unknown', ALL],
  ['certificate-expired', ['server']],
  ['certificate-not-yet-valid', ['server']],
  ['certificate-rejected', ALL],
  ['certificate-self-signed', ['server']],
  ['chain-incomplete', ['server']],
  ['chain-out-of-order', ['server']],
  ['cipher-suite-mismatch', ['server']],
  ['client-certificate-missing', ALL],
  ['client-certificate-rejected', ALL],
  ['client-certificate-untrusted', ALL],
  ['closed-without-alert', ALL],
  ['connection-reset', ALL],
  ['group-mismatch', ['server']],
  ['handshake-rejected', ALL],
  ['hostname-mismatch', ['server']],
  ['internal-error', ALL],
  ['protocol-version-mismatch', ['server']],
  ['protocol-violation', ALL],
  ['server-silent', ALL],
  ['signature-scheme-mismatch', ['server']],
  ['sni-unrecognized', ['server']],
]);

/**
 * The finding with a remedy that names a similar connection that worked, if the capture has one: the most similar, to
 * another server of the same name, with another ClientHello of the client, or of another client.
 * @param isOneServer the failures are all of the connection's server
 */
export function withNeighbour(
  finding: Finding,
  connection: Connection,
  timeline: Timeline | null,
  isOneServer: boolean,
): Finding {
  const helpful = HELPFUL.get(finding.rule.id);
  if (timeline === null || helpful === undefined || !isOneServer) return finding;
  for (const neighbour of NEAREST) {
    const remedy = helpful.includes(neighbour) ? REMEDIES[neighbour](connection, timeline) : undefined;
    if (remedy !== undefined) return { ...finding, remedies: [...finding.remedies, remedy] };
  }
  return finding;
}

const NEAREST: readonly Neighbour[] = ['server', 'offer', 'client'];

const REMEDIES: Readonly<Record<Neighbour, (connection: Connection, timeline: Timeline) => Remedy | undefined>> = {
  server: (connection, { elsewhere: { sameName } }) => {
    const [other] = sameName;
    if (other === undefined) return undefined;
    const data = { connect: connectTo(connection), other, sni: sniOption(connection) };
    return { who: 'server', id: 'server', command: 'show', data, service: NEIGHBOURS };
  },
  offer: (connection, { otherOffers: { last } }) => (last === null ? undefined : asClient('offer', connection, last)),
  client: (connection, { others: { before, meanwhile, after } }) => {
    const success = meanwhile.last ?? before.last ?? after.first;
    return success === null || success.client === connection.client.address
      ? undefined
      : asClient('client', connection, success);
  },
};

function asClient(id: 'client' | 'offer', connection: Connection, success: Success): Remedy {
  const data = {
    client: connection.client.address,
    connect: connectTo(connection),
    other: success.client,
    connection: success.connection,
  };
  return { who: 'client', id, data, service: NEIGHBOURS };
}
