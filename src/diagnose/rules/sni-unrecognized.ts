import { isEndedByServer } from '../evidence/resets.js';
import { howEnded } from '../evidence/endings.js';
import { phrase } from '../phrases.js';
import { isAloneWithName } from '../evidence/offer-comparison.js';
import { alertEvidence, clientHelloEvidence, closeEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { alertText, fatalAlert } from '../evidence/alerts.js';
import { connectTo } from '../evidence/places.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { someOf } from '../../message.js';
import {
  ambiguousVersionAlert,
  isAboutName,
  isNameUnseen,
  REMAINING,
  REMAINING_VERSION,
  unsettledName,
  refusalOfUnseenHello,
} from '../evidence/hello-refusals.js';
import { defineRule } from '../rule.js';

export const sniUnrecognized = defineRule({
  id: 'sni-unrecognized',
  title: 'Server does not know the requested server name',
  description: 'The client asks for a server name that the server does not serve.',
  settledBy: 'The same handshake with a name that the server serves works if the name is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 6066 §3'],
  messages: {
    explanations: {
      left: REMAINING,
      leftVersion: REMAINING_VERSION,
      said: 'The client asks for {name}, which the server does not serve: alert unrecognized_name (112).',
      saidElsewhere:
        'The client asks for {name}, and the server refused that: alert unrecognized_name (112). In another connection, it served the same name: probably several servers share the address, and one does not serve it, or its configuration changed in between.',
      unseen:
        'The client {client} asked for a server name that the server does not serve: alert unrecognized_name (112). The capture lacks the ClientHello with that name.',
      warned:
        'The client asks for {name}. The server warned that it does not serve it (unrecognized_name, 112), and the client, which treats that as an error, ended the handshake with alert {alert}. Old clients do so (Java 7); others go on.',
      otherConnections:
        'The client asked for {name}. The server rejected that {how}. Other clients that asked this server for {names} succeeded, with parameters that this client offers too.',
      ended:
        'The client asked for {name}. The server ended the connection {how}. Other clients that asked this server for {names} succeeded, with parameters that this client offers too. Either the server does not serve that name, or what it forwards that name to is down, or a firewall or proxy on the way blocks it.',
    },
    evidence: {},
    remedies: {
      filter:
        'If {connect} serves {name}, look for a filter of names on the way (firewall, proxy, parental control): the server then lacks the connection in its log, or shows no ClientHello.',
      client: 'Check the name that {client} is configured with, and whether its DNS entry points to the right server.',
      share:
        'Compare the configurations of all servers behind {connect}: each must serve {name}, with a certificate for it. Repeat the command to meet each of them.',
      server: 'Or configure {name} at the server {connect}: a virtual host and a certificate for it.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} -servername {name} </dev/null',
        does: 'shows whether the server knows this name',
        where: 'from-client',
      },
    },
  },
  applies: (connection) =>
    (connection.outcome === 'failed' && (connection.clientHello?.serverName ?? null) !== null) ||
    refusalOfUnseenHello(connection) !== undefined ||
    isNameUnseen(connection),
  judge(connection, context) {
    const name = connection.clientHello?.serverName ?? 'NAME';
    const alert = fatalAlert(connection, 'server');
    const warning = connection.alerts.find(
      ({ code, from, level }) => code === 112 && from === 'server' && level !== 'fatal',
    );
    const complaint = fatalAlert(connection, 'client');
    if (warning !== undefined && complaint !== undefined && complaint.frame >= warning.frame) {
      const { serverHello } = connection;
      const isAlone = serverHello === null || serverHello.frame > complaint.frame;
      if (!isAlone && !WARNED.has(complaint.name ?? '')) return undefined;
      const data = {
        name,
        alert: alertText(complaint),
        client: connection.client.address,
        connect: connectTo(connection),
      };
      return {
        // The warning is all that the client had received.
        support: isAlone ? 'confirmed' : 'supported',
        basis: 'fact',
        explanation: { id: 'warned', data },
        evidence: [...clientHelloEvidence(connection), ...alertEvidence(warning), ...alertEvidence(complaint)],
        remedies: [
          { who: 'client', id: 'client', command: 'confirm', data },
          { who: 'server', id: 'server', data },
        ],
      };
    }
    const isSaid = alert?.name === 'unrecognized_name';
    const isRefused =
      alert === undefined
        ? isEndedByServer(connection)
        : REFUSALS.has(alert.name ?? '') || ambiguousVersionAlert(connection, context) !== undefined;
    const accepted = context.serverHistory.acceptedBy(connection);
    const names = [...accepted.serverNames.keys()].filter((other) => other !== null);
    const isOther = isAloneWithName(connection, accepted);
    const data = {
      name,
      names: someOf(names),
      how: howEnded(connection, alert),
      client: connection.client.address,
      connect: connectTo(connection),
    };
    const remedies = [
      { who: 'client', id: 'client', command: 'confirm', data },
      { who: 'server', id: 'server', data },
    ] as const;
    if (connection.clientHello === null || (!isSaid && (!isRefused || !isOther || hasServerAnswered(connection)))) {
      const unsettled = unsettledName(connection, context, 'sni-unrecognized');
      return unsettled && { ...unsettled, remedies };
    }
    const evidence = [
      ...clientHelloEvidence(connection),
      ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
    ];
    if (isSaid) {
      const served = accepted.serverNames.get(name);
      return {
        // Go says so, too, where it has no certificate at all (1.19): then nobody is served.
        support: accepted.full === null ? 'open' : served === undefined ? 'confirmed' : 'supported',
        basis: 'fact',
        explanation: { id: served === undefined ? 'said' : 'saidElsewhere', data },
        evidence: [
          ...evidence,
          ...(served === undefined ? [] : otherConnectionEvidence(served, phrase('serverNameOf', { name }))),
        ],
        remedies:
          served === undefined
            ? remedies
            : [{ who: 'server', id: 'share', command: 'confirm', data }, ...remedies.slice(0, 1)],
      };
    }
    const example = [...accepted.serverNames].find(([other]) => other !== null);
    return {
      // A device on the path that filters names resets, and a proxy that chooses the back end by the name closes if that is down,
      // or the back end refuses the offer. Go says internal_error of a name without a certificate, and of little else.
      support: alert?.name === 'internal_error' && isAboutName(connection, context) ? 'supported' : 'open',
      basis: 'fact',
      explanation: { id: alert === undefined ? 'ended' : 'otherConnections', data },
      evidence: [
        ...evidence,
        ...(example === undefined
          ? []
          : otherConnectionEvidence(example[1], phrase('serverNameOf', { name: example[0] ?? '' }))),
      ],
      remedies: [...remedies, ...(alert === undefined ? ([{ who: 'network', id: 'filter', data }] as const) : [])],
    };
  },
});

/** Alerts with which clients refuse the warning, if a ServerHello came with it. */
const WARNED: ReadonlySet<string> = new Set(['unexpected_message', 'handshake_failure', 'unrecognized_name']);

const REFUSALS: ReadonlySet<string> = new Set(['handshake_failure', 'internal_error', 'access_denied']);
