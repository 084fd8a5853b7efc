import type { Connection } from '../../connection/connection.js';
import { canHoldCertificate, isEmptyCertificate } from '../../tls/record/sizes.js';
import { encryptedRejection, helloRejection, fatalAlert } from '../evidence/alerts.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  evidence,
  otherConnectionEvidence,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { acceptedForName } from '../evidence/offer-comparison.js';
import { faultBehindVersionAlert, REMAINING, REMAINING_VERSION, remainingFault } from '../evidence/hello-refusals.js';
import { closedWithoutAlert } from '../evidence/endings.js';
import { placesOf } from '../evidence/places.js';
import { encryptedDataRecords, openedCertificate } from '../evidence/progress.js';
import { phrase } from '../phrases.js';
import { defineMessages, defineRule } from '../rule.js';

const messages = defineMessages({
  explanations: {
    left: REMAINING,
    leftVersion: REMAINING_VERSION,
    unnamed:
      'The client sent no server name (SNI), and the server rejected the ClientHello with alert unrecognized_name (112). Go 1.19 also sends this alert if it has no certificate at all; then a name would not help.',
    named:
      'The server rejected the ClientHello with alert unrecognized_name (112). Go 1.19 also sends this alert if it has no certificate at all.',
    closedBeforeCertificate:
      'The server accepted the ClientHello, and closed the connection before it sent a certificate (by the size of its records). It may have none to present, and say so only in its log, as the HTTPS server of OpenJDK 17.',
    beforeCertificate:
      'The server accepted the ClientHello, and then ended the handshake with an encrypted alert, before it sent a certificate (by the size of its records). It may have none to present: none is configured, none could be loaded, or none has a key whose signatures the client accepts.',
    empty:
      'The server sent a Certificate message without a certificate: it has none to present. A server that authenticates by a certificate must send one (RFC 8446 §4.4.2.4, RFC 5246 §7.4.2).',
  },
  evidence: { seenEmpty: 'Certificate without a certificate' },
  remedies: {
    configure:
      'Check that the server {connect} has a certificate and its private key configured for {name}, and that it could load both: its log says so, at its start and at this handshake.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
      does: 'shows whether the server presents a certificate',
      where: 'from-client',
    },
  },
  exclusions: { presented: 'The server presented a certificate to a client that asked for the same name.' },
});

function emptyCertificate({ messages: sent, serverCertificates }: Connection) {
  if (serverCertificates.length > 0) return undefined;
  return sent.find(
    ({ from, type, length }) => from === 'server' && type === 'certificate' && isEmptyCertificate(length),
  );
}

/**
 * How a server ended the handshake behind records too short for a certificate (TLS 1.3): by an encrypted alert, as JSSE where it has
 * none, or a close.
 */
export function endBeforeCertificate(connection: Connection) {
  const { serverHello, transport, ending } = connection;
  if (serverHello === null || serverHello.resumed || transport.server.missing > 0) return undefined;
  if (serverHello.version !== 'TLS 1.3' || openedCertificate(connection, 'server') !== undefined) return undefined;
  const sent = encryptedDataRecords(connection, 'server');
  if (canHoldCertificate(sent.reduce((sum, { length }) => sum + length, 0))) return undefined;
  const alert = encryptedRejection(connection);
  if (alert !== undefined) return { id: 'beforeCertificate', evidence: alertEvidence(alert) } as const;
  if (ending.by !== 'server' || ending.how !== 'close' || sent.length === 0) return undefined;
  return { id: 'closedBeforeCertificate', evidence: closeEvidence(connection) } as const;
}

const isEndedByServer = ({ ending }: Connection): boolean =>
  ending.by === 'server' && (ending.how === 'close' || ending.how === 'reset');

export const serverCertificateMissing = defineRule({
  id: 'server-certificate-missing',
  title: 'Server has no certificate to present',
  description: 'The server has no certificate that it could present: none is configured, or it could not be loaded.',
  settledBy:
    'The server\'s log of this handshake (OpenSSL: "no shared cipher", Java: "No available authentication scheme", Go: "no certificates configured").',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §4.4.2', 'RFC 5246 §7.4.2'],
  messages,
  applies: (connection) =>
    connection.outcome === 'failed' &&
    connection.clientHello !== null &&
    ((helloRejection(connection) ?? encryptedRejection(connection) ?? emptyCertificate(connection)) !== undefined ||
      isEndedByServer(connection)),
  judge(connection, context) {
    const data = { ...placesOf(connection), name: connection.clientHello?.serverName ?? phrase('anyName') };
    const remedies = [{ who: 'server', id: 'configure', command: 'confirm', data }] as const;
    const empty = emptyCertificate(connection);
    const complaint = fatalAlert(connection, 'client');
    if (empty !== undefined && (complaint !== undefined || closedWithoutAlert(connection))) {
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'empty', data },
        evidence: [
          ...serverHelloEvidence(connection),
          evidence(empty, 'seenEmpty'),
          ...(complaint === undefined ? closeEvidence(connection) : alertEvidence(complaint)),
        ],
        remedies,
      };
    }
    const before = endBeforeCertificate(connection);
    const accepted = context.serverHistory.acceptedBy(connection);
    if (before !== undefined && acceptedForName(connection, context).full === null) {
      return {
        support: 'open',
        basis: 'alert',
        explanation: { id: before.id, data },
        evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...before.evidence],
        remedies,
      };
    }
    const alert = helloRejection(connection);
    if (alert?.name === 'unrecognized_name') {
      if (accepted.full !== null) return undefined;
      return {
        support: 'open',
        basis: 'alert',
        explanation: { id: connection.clientHello?.serverName === null ? 'unnamed' : 'named', data },
        evidence: [...clientHelloEvidence(connection), ...alertEvidence(alert)],
        remedies,
      };
    }
    const left =
      faultBehindVersionAlert(connection, context, 'server-certificate-missing') ??
      remainingFault(connection, context, 'server-certificate-missing');
    if (left !== undefined) return { ...left, remedies };
    const { full, serverNames } = accepted;
    if (alert === undefined || full === null || !serverNames.has(connection.clientHello?.serverName ?? null))
      return undefined;
    return {
      support: 'excluded',
      because: { id: 'presented', data: {} } as const,
      evidence: otherConnectionEvidence(full, phrase('theServersCertificate')),
    };
  },
});
