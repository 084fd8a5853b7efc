import type { Alert, Connection } from '../../connection/connection.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { faultsFor } from '../../knowledge/stacks/responses.js';
import {
  alertEvidence,
  certificateEvidence,
  clientHelloEvidence,
  connectionCloseEvidence,
} from '../evidence/citations.js';
import {
  answeredMessage,
  encryptedRejection,
  fatalAlert,
  helloRejection,
  isAboutUnseen,
  sidesOf,
} from '../evidence/alerts.js';
import { unsignedCertificate } from '../evidence/client-key.js';
import { onlyUnusual, helloCandidates } from '../evidence/hello-refusals.js';
import { placesOf } from '../evidence/places.js';
import { refusingClose } from '../evidence/quic.js';
import { isRefusedByProgram } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';
import { endBeforeCertificate } from './server-certificate-missing.js';

/** QUIC's own code of that name (RFC 9000 §20.1), and that of TLS. */
const INTERNAL_ERROR = 0x01;
const INTERNAL_ERROR_ALERT = 80;

/** Whether the sender's stack is recorded to send internal_error for faults of its peer (GnuTLS: a key usage). */
function blamesOthers({ clientHello, serverHello }: Connection, { from }: Alert): boolean {
  const library = from === 'server' || clientHello === null ? null : libraryOf(clientHello);
  if (library === null) return false;
  return faultsFor(library, 'client', serverHello?.version ?? null, INTERNAL_ERROR_ALERT).length > 0;
}

/** The encrypted alert of a server that accepted the ClientHello, and sent no certificate before it. */
const hiddenBeforeCertificate = (connection: Connection): Alert | undefined =>
  endBeforeCertificate(connection)?.id === 'beforeCertificate' ? encryptedRejection(connection) : undefined;

export const internalError = defineRule({
  id: 'internal-error',
  title: 'Internal error',
  description:
    'A peer failed for an internal reason. What the other side sent may or may not have caused it; the alert does not say.',
  settledBy: 'The log of the side that sent the alert says what failed there.',
  role: 'cause',
  isObservation: true,
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2', 'RFC 9000 §20.1'],
  messages: {
    explanations: {
      explanation:
        'The {from} {address} gave up with alert internal_error (80): it says that the fault is on its own side, not in what it was sent. Typical reasons: a certificate or key is missing or unreadable, a callback fails, memory runs out, a bug.',
      afterCertificate:
        'The {from} {address} gave up with alert internal_error (80) after it got the certificate "{subject}" of the {peer}. With push services (APNs) the client certificate is usually of the wrong kind, or was made incorrectly.',
      hidden:
        'The server accepted the ClientHello, and then ended the handshake with an encrypted alert, before it sent a certificate (by the size of its records). Something may have failed there: the list of authorities whose client certificates it accepts is too long for its message (64 KiB), or a certificate or key cannot be read.',
      quic: 'The {from} {address} gave up with INTERNAL_ERROR: it says that the fault is on its own side, not in what it was sent.',
    },
    evidence: {},
    remedies: {
      logs: 'Look at the error log of the {from} {address} at that time: it has the reason. Check that its certificate and key are readable and belong together.',
      remake:
        'Check the certificate "{subject}" (serial {serialNumber}): its type, key usage and topic; make it again from a new signing request if in doubt.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
        does: 'shows the handshake, message by message',
        where: 'from-client',
      },
    },
  },
  applies: (connection) =>
    connection.outcome === 'failed' &&
    (fatalAlert(connection)?.name === 'internal_error' ||
      refusingClose(connection)?.code === INTERNAL_ERROR ||
      hiddenBeforeCertificate(connection) !== undefined),
  judge(connection, context) {
    const alert = fatalAlert(connection);
    const close = refusingClose(connection);
    if (alert === undefined && close !== undefined) {
      const data = { ...placesOf(connection), ...sidesOf(connection, close) };
      return {
        support: 'supported',
        basis: 'alert',
        explanation: { id: 'quic', data },
        evidence: [...clientHelloEvidence(connection), ...connectionCloseEvidence(close)],
        remedies: [{ who: close.from, id: 'logs', command: 'confirm', data }],
      };
    }
    const hidden = hiddenBeforeCertificate(connection);
    if (hidden !== undefined) {
      const data = { ...placesOf(connection), ...sidesOf(connection, hidden) };
      return {
        support: 'open',
        basis: 'alert',
        explanation: { id: 'hidden', data },
        evidence: [...clientHelloEvidence(connection), ...alertEvidence(hidden)],
        remedies: [{ who: 'server', id: 'logs', command: 'confirm', data }],
      };
    }
    // A key that cannot sign is more specific.
    if (alert === undefined || unsignedCertificate(connection) !== undefined) return undefined;
    const isProvoked = connection.violations.some((one) => one.from !== alert.from && one.frame <= alert.frame);
    const { from } = alert;
    const leaf = from === 'server' ? connection.clientCertificates[0] : undefined;
    // What the ClientHello may have led to; the server's own statement ranks above faults without support.
    const candidates = helloCandidates(connection, context);
    const isFirst = candidates.length > 0 && onlyUnusual(candidates) === undefined;
    const data = {
      ...placesOf(connection),
      ...sidesOf(connection, alert),
      subject: leaf?.subject ?? '',
      serialNumber: leaf?.serialNumber ?? '',
    };
    return {
      // Something that the capture does not show may have led to it.
      support:
        answeredMessage(connection, alert) === undefined ||
        // A name, a session or a certificate of one of several servers.
        helloRejection(connection) !== undefined ||
        isAboutUnseen(connection, alert) ||
        isProvoked ||
        blamesOthers(connection, alert) ||
        isRefusedByProgram(connection) ||
        leaf !== undefined
          ? 'open'
          : 'supported',
      basis: isFirst ? 'fact' : 'alert',
      explanation: { id: leaf === undefined ? 'explanation' : 'afterCertificate', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...(leaf === undefined ? [] : certificateEvidence(connection, 'client', leaf)),
        ...alertEvidence(alert),
      ],
      remedies: [
        ...(leaf === undefined ? [] : ([{ who: 'client', id: 'remake', data }] as const)),
        { who: from, id: 'logs', command: 'confirm', data },
      ],
    };
  },
});
