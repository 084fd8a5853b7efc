import type { Connection } from '../../connection/connection.js';
import { endpointText } from '../../connection/endpoint.js';
import { someOf } from '../../message.js';
import type { Context } from '../context.js';
import { fatalAlert, hasFatalAlert } from '../evidence/alerts.js';
import { evidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { defineRule } from '../rule.js';
import type { AcceptedConnection } from '../evidence/server-history.js';

export const addressChanged = defineRule({
  id: 'address-changed',
  title: 'Name leads to another address than the one that works',
  description:
    "Lookups of the server's name gave different addresses. Handshakes work at the other address, but not where the client went.",
  settledBy: 'The same handshake with the other address works if the address is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 1035 §4.1'],
  messages: {
    explanations: {
      before:
        'The latest lookup of {name} leads to {server}. Before, it led to {others}. Handshakes worked there; none did here.',
      since:
        'The client went to {server}, but by then {name} led to {others}. Handshakes worked there; none did here. The client uses an old lookup.',
    },
    evidence: {
      seenLookup: 'answer of {resolver}: {name} leads to {server}',
      seenOtherLookup: 'answer to another lookup: {name} leads to {others}',
      seenSuccess: 'ServerHello of {other}, where {client} completed its handshake',
    },
    remedies: {
      record: 'Check the address records of {name}: is {server} meant, and does it serve that name?',
      again:
        'Let {client} look up {name} again (answers are valid for {ttl} s), or restart the program that remembers the old address.',
    },
    commands: {
      lookUp: {
        run: 'dig +noall +answer {name} A {name} AAAA',
        does: 'shows where the name leads now, and for how many seconds the answer holds',
        where: 'from-client',
      },
      other: {
        run: 'openssl s_client -connect {other} {sni} </dev/null',
        does: 'shows whether the handshake works at the other address',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome }) => outcome === 'failed',
  judge(connection, context) {
    // An alert says more about the fault, except the one that says nothing.
    if (hasFatalAlert(connection) && fatalAlert(connection)?.name !== 'handshake_failure') return undefined;
    const lookup = context.lookups.of(connection);
    const [id, answer] = lookup?.since ? (['since', lookup.since] as const) : (['before', lookup?.before] as const);
    if (lookup === null || !answer) return undefined;
    // A lookup of another name for the same address says nothing about the requested one.
    const asked = connection.clientHello?.serverName?.toLowerCase() ?? lookup.name;
    if (asked !== lookup.name) return undefined;
    const other = workedAt(connection, answer.addresses, lookup.name, context);
    if (other === undefined || workedAt(connection, [connection.server.address], lookup.name, context))
      return undefined;
    const data = {
      name: lookup.name,
      server: connectTo(connection),
      others: someOf(answer.addresses),
      other: endpointText(other.server),
      client: connection.client.address,
      resolver: lookup.resolver,
      ttl: lookup.ttl,
      sni: sniOption(connection),
    };
    return {
      support: 'open',
      basis: 'fact',
      explanation: { id, data },
      evidence: [
        evidence({ ...answer, from: 'server' }, 'seenOtherLookup', { name: lookup.name, others: data.others }),
        evidence({ ...lookup, from: 'server' }, 'seenLookup', data),
        ...(other.serverHello === null
          ? []
          : [
              evidence({ ...other.serverHello, from: 'server' }, 'seenSuccess', {
                other: data.other,
                client: endpointText(other.client),
              }),
            ]),
      ],
      remedies: [
        ...(id === 'since' ? ([{ who: 'client', id: 'again', command: 'lookUp', data }] as const) : []),
        { who: 'server', id: 'record', command: id === 'since' ? 'other' : 'lookUp', data },
      ],
    };
  },
});

/** A handshake for the same name that worked at one of these addresses. */
function workedAt(
  connection: Connection,
  addresses: readonly string[],
  name: string,
  { serverHistory }: Context,
): AcceptedConnection | undefined {
  const { server, clientHello } = connection;
  for (const address of addresses) {
    const { serverNames } = serverHistory.acceptedBy({ ...connection, server: { ...server, address } });
    const found =
      clientHello === null ? (serverNames.get(name) ?? serverNames.get(null)) : serverNames.get(clientHello.serverName);
    if (found !== undefined) return found;
  }
  return undefined;
}
