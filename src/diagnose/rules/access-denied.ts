import { phrase } from '../phrases.js';
import { alertEvidence, certificateEvidence, clientHelloEvidence } from '../evidence/citations.js';
import type { Alert, Connection } from '../../connection/connection.js';
import { answeredMessage, fatalAlert, helloRejection, sidesOf } from '../evidence/alerts.js';
import type { Context } from '../context.js';
import { isDoubtful } from '../evidence/gaps.js';
import { helloCandidates, onlyUnusual } from '../evidence/hello-refusals.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { placesOf } from '../evidence/places.js';
import { refusalByServer } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';

export const accessDenied = defineRule({
  id: 'access-denied',
  title: 'Access denied',
  description: 'A peer understood the handshake, but one of its access rules forbids the connection.',
  settledBy: 'The access log of the side that sent the alert names the rule.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      explanation:
        'The {from} {address} refused the connection because of one of its access rules: alert access_denied (49). The alert says that the handshake itself was in order (RFC 8446 §6.2). The rule may look at the address, the server name ({name}) or the time.',
      hello:
        'The {from} {address} refused the ClientHello with alert access_denied (49). Either one of its access rules forbids the connection, by the address, the server name ({name}) or the time; or it means something else in the ClientHello, such as a server name that is missing, or for which it has no certificate.',
      certificate:
        'The {from} {address} accepted the client certificate "{subject}" as valid, but one of its access rules refuses the holder: alert access_denied (49).',
    },
    evidence: {},
    remedies: {
      rule: 'Find the access rule at the {from} {address} that refuses {peerAddress}: its log names the rule. A firewall or proxy that inspects TLS may have answered in its place.',
      allow: 'Allow {subject} (serial {serialNumber}) in that rule, or use another client certificate.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} </dev/null',
        does: 'shows whether the handshake works, and what the server answers',
        where: 'from-client',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && fatalAlert(connection)?.name === 'access_denied',
  judge(connection, context) {
    const alert = fatalAlert(connection);
    // GnuTLS also sends it before it says what is wrong with a certificate.
    if (alert === undefined || refusalByServer(connection)?.isExplicit === true) return undefined;
    const { from } = alert;
    const mayBeName = mayBeAboutName(connection, context, alert);
    const leaf = from === 'server' ? connection.clientCertificates[0] : undefined;
    const data = {
      ...placesOf(connection),
      ...sidesOf(connection, alert),
      name: connection.clientHello?.serverName ?? phrase('none'),
      subject: leaf?.subject ?? '',
      serialNumber: leaf?.serialNumber ?? '',
    };
    return {
      support: mayBeName || isOfDepth(connection, alert) ? 'open' : supportOf(connection, alert),
      // Its own statement ranks above faults that nothing but the alert speaks for.
      basis: mayBeName && onlyUnusual(helloCandidates(connection, context)) === undefined ? 'fact' : 'alert',
      explanation: { id: mayBeName ? 'hello' : leaf === undefined ? 'explanation' : 'certificate', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...(leaf === undefined ? [] : certificateEvidence(connection, 'client', leaf)),
        ...alertEvidence(alert),
      ],
      remedies: [
        { who: from, id: 'rule', command: 'confirm', data },
        ...(leaf === undefined ? [] : ([{ who: from, id: 'allow', data }] as const)),
      ],
    };
  },
});

/** Whether the server may mean that it has no certificate for the name: nothing shows that it serves that name. */
const mayBeAboutName = (connection: Connection, { serverHistory }: Context, alert: Alert): boolean =>
  alert === helloRejection(connection) &&
  answeredMessage(connection, alert) !== undefined &&
  connection.clientHello?.pskOffered === false &&
  !serverHistory.acceptedBy(connection).serverNames.has(connection.clientHello.serverName);

/** Whether Mbed TLS may have sent it because it cannot verify the chain, for example a chain that is too long (message-too-large). */
const isOfDepth = ({ clientHello, serverCertificates }: Connection, { from }: Alert): boolean =>
  from === 'client' && serverCertificates.length > 0 && clientHello !== null && libraryOf(clientHello) === 'Mbed TLS';

/**
 * It is meant for a peer whose certificate or key was valid (RFC 8446 §6.2). After a ClientHello without a key, some
 * servers send it for another reason, such as no certificate for the name.
 */
function supportOf(connection: Connection, alert: Alert): 'confirmed' | 'supported' | 'open' {
  // If the capture lacks the certificate, its role is unknown.
  if (answeredMessage(connection, alert) === undefined) return 'open';
  // GnuTLS says at once what is wrong with the certificate, in an alert that the capture may lack.
  if (connection.clientCertificates.length > 0 && (connection.ending.by === 'none' || isDoubtful(connection)))
    return 'open';
  const isAboutHello = alert === helloRejection(connection) && connection.clientHello?.pskOffered !== true;
  return isAboutHello ? 'supported' : 'confirmed';
}
