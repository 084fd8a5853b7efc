import { party } from '../../message.js';
import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import { periodOf } from '../../x509/validity.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { duration } from '../../message.js';
import { placesOf } from '../evidence/places.js';
import { isServed } from '../evidence/progress.js';
import { refusalByClient } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Time enough for people to renew a certificate. */
const LAST_DAYS = 30;

/**
 * Automatic renewal begins when a third of the lifetime is left (RFC 9773 §4.1's example); before that, nothing is
 * late.
 */
const LAST_SHARE = 1 / 3;

export const certificateExpiring = defineRule({
  id: 'certificate-expiring',
  title: 'Certificate expires soon, or has expired',
  description: 'A certificate that the peer accepted expires within thirty days, or had expired unnoticed.',
  role: 'risk',
  severity: 'warning',
  sources: ['RFC 5280 §4.1.2.5', 'RFC 9773 §4.1'],
  messages: {
    explanations: {
      soon: "The {from}'s certificate ({subject}, serial {serialNumber}) expires on {notAfter}, {left} after this handshake.",
      issuer: 'The certificate "{subject}" in the {from}\'s chain expires on {notAfter}, {left} after this handshake.',
      ended:
        "The {from}'s certificate ({subject}, serial {serialNumber}) expired on {notAfter}, {left} before this handshake, and the peer accepted it anyway: it does not check. Others will refuse it.",
    },
    evidence: {},
    remedies: {
      renew:
        'Renew it before it expires, and check that the service loads the new one (issued by {issuer}). If renewal is automatic, find out why it has not happened.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} </dev/null | openssl x509 -noout -subject -serial -enddate',
        does: 'shows the certificate that the server sends now, and when it expires',
        where: 'from-client',
      },
      confirmClient: {
        run: 'openssl x509 -in client.pem -noout -subject -serial -enddate',
        does: 'shows whose the client certificate is, and when it expires',
        where: 'client',
      },
    },
  },
  applies: ({ outcome, serverCertificates, clientCertificates }) =>
    outcome === 'established' && serverCertificates.length + clientCertificates.length > 0,
  judge(connection, context) {
    const at = context.judgedAt(connection);
    const { path } = context.chainOf(connection.serverCertificates, at);
    const link = path.find(
      ({ certificate, origin }, index) => origin === 'sent' && isPressing(certificate, index === 0, at, connection),
    );
    const [leaf] = connection.clientCertificates;
    const from = link === undefined ? 'client' : 'server';
    const certificate = link?.certificate ?? (leaf && isPressing(leaf, true, at, connection) ? leaf : undefined);
    if (certificate === undefined) return undefined;
    const left = periodOf(certificate).ends - at;
    const isIssuer = link !== undefined && link !== path[0];
    const data = {
      ...certificateData(certificate),
      ...placesOf(connection),
      from: party(from),
      left: duration(Math.abs(left)),
    };
    return {
      support: 'confirmed',
      basis: 'fact',
      subject: certificate.sha256,
      explanation: { id: left < 0 ? 'ended' : isIssuer ? 'issuer' : 'soon', data },
      evidence: certificateEvidence(connection, from, certificate),
      remedies: [{ who: from, id: 'renew', command: from === 'server' ? 'confirm' : 'confirmClient', data }],
    };
  },
});

/** Whether a certificate expires so soon that it must be reported, or has expired without any other report. */
function isPressing(certificate: Certificate, isLeaf: boolean, at: number, connection: Connection): boolean {
  const { begins, ends } = periodOf(certificate);
  const left = ends - at;
  if (certificate.error !== null || !(left <= LAST_DAYS * DAY_MS) || left > (ends - begins) * LAST_SHARE) return false;
  // A refusal already reports it, or nothing shows that it was accepted; and clients may build paths without an expired issuer.
  return left >= 0 || (isLeaf && refusalByClient(connection) === undefined && isServed(connection));
}
