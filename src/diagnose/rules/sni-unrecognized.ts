import { compare, isShared } from '../evidence/compare.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  EVIDENCE_MESSAGES,
  neighbourEvidence,
} from '../evidence/citations.js';
import { alertText, connectTo, fatalAlert, hasServerAnswered, someOf } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

export const sniUnrecognized: Rule = {
  id: 'sni-unrecognized',
  title: 'Server does not know the requested server name',
  description: 'The client asks for a server name that the server does not serve.',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 6066 §3'],
  messages: {
    ...EVIDENCE_MESSAGES,
    said: 'The client asks for {name}, which the server does not serve: alert unrecognized_name (112).',
    neighbours:
      'The client asks for {name}, and the server refuses it{how}. Other clients that asked the same server for {names} got through, with parameters that this client offers too.',
    client:
      'Check the name that the client {client} is configured with, and whether its DNS entry points to the right server.',
    server: 'Or configure {name} at the server {connect}: a virtual host and a certificate for it.',
    confirm: 'openssl s_client -connect {connect} -servername {name} </dev/null',
  },
  applies: ({ outcome, clientHello }) => outcome === 'failed' && (clientHello?.serverName ?? null) !== null,
  judge(connection, context) {
    const name = connection.clientHello?.serverName ?? '';
    const alert = fatalAlert(connection, 'server');
    const isSaid = alert?.name === 'unrecognized_name';
    const isRefused = alert === undefined ? connection.ending.by === 'server' : REFUSALS.has(alert.name ?? '');
    if (!isSaid && (!isRefused || hasServerAnswered(connection))) return undefined;
    const accepted = context.serverHistory.acceptedBy(connection);
    const names = [...accepted.serverNames.keys()].filter((other) => other !== null);
    const isOther = names.length > 0 && !accepted.serverNames.has(name) && isShared(compare(connection, accepted));
    if (!isSaid && !isOther) return undefined;
    const how = alert === undefined ? ' by closing the connection' : ` with alert ${alertText(alert)}`;
    const data = { name, names: someOf(names), how, client: connection.client.address, connect: connectTo(connection) };
    const remedies = [
      { who: 'client' as const, messageId: 'client', commandId: 'confirm', data },
      { who: 'server' as const, messageId: 'server', data },
    ];
    const evidence = [
      ...clientHelloEvidence(connection),
      ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
    ];
    if (isSaid) return { certainty: 'certain', messageId: 'said', data, evidence, remedies };
    const example = [...accepted.serverNames].find(([other]) => other !== null);
    return {
      certainty: 'likely',
      messageId: 'neighbours',
      data,
      evidence: [
        ...evidence,
        ...(example === undefined ? [] : neighbourEvidence(example[1], `server name ${example[0] ?? ''}`)),
      ],
      remedies,
    };
  },
};

const REFUSALS: ReadonlySet<string> = new Set(['handshake_failure', 'internal_error', 'access_denied']);
