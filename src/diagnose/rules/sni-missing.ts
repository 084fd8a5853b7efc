import { isEndedByServer } from '../evidence/resets.js';
import { howEnded } from '../evidence/endings.js';
import { phrase } from '../phrases.js';
import type { Alert, Connection } from '../../connection/connection.js';
import { hasOrdinaryOffer, isAloneWithName } from '../evidence/offer-comparison.js';
import { alertEvidence, clientHelloEvidence, closeEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { fatalAlert, helloRejection, encryptedRejection } from '../evidence/alerts.js';
import { connectTo } from '../evidence/places.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { someOf } from '../../message.js';
import { versionRank } from '../evidence/offers.js';
import {
  hasAgreedToTls,
  isAboutName,
  isNameUnseen,
  refusalOfUnseenHello,
  refusesWithName,
  REMAINING,
  REMAINING_VERSION,
  unsettledName,
} from '../evidence/hello-refusals.js';
import { defineRule } from '../rule.js';

export const sniMissing = defineRule({
  id: 'sni-missing',
  title: 'Client does not say which server name it wants',
  description: 'The ClientHello lacks server_name, and the server, which serves several names, refuses it.',
  settledBy: 'The same handshake with a server name works if the missing name is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 6066 §3', 'RFC 8446 §9.2', 'RFC 8446 §4.4.2.2'],
  messages: {
    explanations: {
      left: REMAINING,
      leftVersion: REMAINING_VERSION,
      said: 'The client sent no server name (SNI). The server rejected the ClientHello {how}: it serves several names and has no default.',
      otherConnections:
        'The client sent no server name (SNI). The server rejected the ClientHello {how}. Other clients that asked this server for {names} succeeded, with parameters that this client offers too.',
      unseen:
        'The client {client} sent no server name (SNI), and the server has no default: it sent alert unrecognized_name (112). The capture lacks the ClientHello.',
      alone:
        "The client sent no server name (SNI). The server rejected the ClientHello {how}. Nearly every server accepts the client's versions, cipher suites, groups and signature schemes, so the missing name is probably the reason: without it, a server with several names cannot choose a certificate.",
    },
    evidence: {},
    remedies: {
      enable:
        'Let {client} send the server name (SNI). Java: remove -Djsse.enableSNIExtension=false, and connect by a name with a dot: it sends neither addresses nor short names; old libraries need a setting or an upgrade.',
      fallback: 'Or give the server a default certificate for clients without SNI.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} -noservername </dev/null; openssl s_client -connect {connect} -servername {name} </dev/null',
        does: 'shows the difference that the server name makes',
        where: 'from-client',
      },
    },
  },
  applies: (connection) =>
    (connection.outcome === 'failed' && connection.clientHello?.serverName === null) ||
    refusalOfUnseenHello(connection) !== undefined ||
    isNameUnseen(connection),
  judge(connection, context) {
    const alert = fatalAlert(connection, 'server') ?? encryptedRejection(connection);
    if (connection.serverCertificates.length > 0 || fatalAlert(connection, 'client') !== undefined) return undefined;
    const accepted = context.serverHistory.acceptedBy(connection);
    const names = [...accepted.serverNames.keys()].filter((name) => name !== null);
    const data = {
      client: connection.client.address,
      connect: connectTo(connection),
      name: names[0] ?? 'NAME',
      names: someOf(names),
      how: howEnded(connection, alert),
    };
    const remedies = [
      { who: 'client', id: 'enable', command: 'confirm', data },
      { who: 'server', id: 'fallback', data },
    ] as const;
    if (connection.clientHello === null) {
      const unsettled = unsettledName(connection, context, 'sni-missing');
      return unsettled && { ...unsettled, remedies };
    }
    const ending = alert === undefined ? closeEvidence(connection) : alertEvidence(alert);
    const evidence = [...clientHelloEvidence(connection), ...ending];
    const isLacking = alert?.code === MISSING_EXTENSION && hasOtherExtensions(connection);
    if (alert?.name === 'unrecognized_name' || isLacking) {
      // Go sends unrecognized_name if it has no certificate at all.
      const isSure = isLacking || accepted.full !== null;
      return {
        support: isSure ? 'confirmed' : 'supported',
        basis: 'fact',
        explanation: { id: 'said', data },
        evidence,
        remedies,
      };
    }
    // Whatever else the server says, another connection's success with a name proves it.
    const isRefused =
      alert === undefined ? isEndedByServer(connection) && !hasServerAnswered(connection) : REFUSALS.has(alert.name);
    const isUnknown = accepted.count === 0 && !refusesWithName(connection, context);
    if (isUnknown && alert !== undefined && isOtherwiseOrdinary(connection, alert)) {
      return { support: 'open', basis: 'fact', explanation: { id: 'alone', data }, evidence, remedies };
    }
    if (!isRefused || !isAloneWithName(connection, accepted)) {
      const unsettled = unsettledName(connection, context, 'sni-missing');
      return unsettled && { ...unsettled, remedies };
    }
    const example = [...accepted.serverNames].find(([name]) => name !== null);
    return {
      // A server closes without a word for other reasons, too: a limit, a list of addresses, a reload. With access_denied it means
      // who asks, and with illegal_parameter what is offered.
      support: isOfNames(alert) && isAboutName(connection, context) ? 'supported' : 'open',
      basis: 'fact',
      explanation: { id: 'otherConnections', data },
      evidence: [
        ...evidence,
        ...(example === undefined
          ? []
          : otherConnectionEvidence(example[1], phrase('serverNameOf', { name: example[0] ?? '' }))),
      ],
      remedies,
    };
  },
});

/** Whether the server refuses a ClientHello in which only the missing name is unusual. */
function isOtherwiseOrdinary(connection: Connection, alert: Alert): boolean {
  if (alert !== helloRejection(connection) || alert.name !== 'handshake_failure') return false;
  // Many clients name no server behind STARTTLS.
  if (hasAgreedToTls(connection)) return false;
  // An older version in the record may be the only one that the server speaks.
  return versionRank(alert.recordVersion) >= versionRank('TLS 1.2') && hasOrdinaryOffer(connection);
}

const MISSING_EXTENSION = 109;

/**
 * Whether the other extensions that TLS 1.3 requires are there (RFC 8446 §9.2), so that the server misses none of them.
 */
function hasOtherExtensions({ clientHello }: Connection): boolean {
  const there = clientHello?.extensions ?? [];
  return ['supported_groups', 'signature_algorithms', 'key_share'].every((name) => there.includes(name));
}

/** Whether the alert is hidden, or one that servers send which have no certificate for a client without a name. */
const isOfNames = (alert: Alert | undefined): boolean =>
  alert !== undefined && (alert.name === null || alert.name === 'handshake_failure' || alert.name === 'internal_error');

const REFUSALS: ReadonlySet<string | null> = new Set([
  'handshake_failure',
  'internal_error',
  'access_denied',
  'illegal_parameter',
  null,
]);
