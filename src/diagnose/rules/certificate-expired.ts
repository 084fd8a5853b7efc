import { periodOf } from '../../x509/validity.js';
import { certificateData, certificateEvidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { duration, fits, howRefused, isOnPath, placesOf, refusalByClient, whyUnseen } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

export const certificateExpired: Rule = {
  id: 'certificate-expired',
  title: 'Server certificate expired',
  description: "The server's certificate, or one of its chain, ended before the time of the handshake.",
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 5280 §4.1.2.5', 'RFC 5280 §6.1.3', 'RFC 8446 §6.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    leaf: 'The certificate of the server, {subject}, ended on {notAfter}, {ago} before this handshake, and the client refused it{how}.',
    issuer:
      'The certificate {subject} in the chain of the server ended on {notAfter}, {ago} before this handshake, and the client refused it{how}.',
    said: 'The client refused the certificate of the server with alert certificate_expired (45); {unseen}, so its dates cannot be checked here.',
    renew:
      'Renew the certificate at {connect} and reload the service; check why the renewal did not happen (serial {serialNumber}, issued by {issuer}).',
    renewHidden: 'Look at the certificate that {connect} shows; renew it if it has expired, and reload the service.',
    replaceIssuer:
      'Install the current certificate of {subject} in the chain at {connect}; the leaf itself need not change.',
    clock: 'If the certificate turns out to be valid, check the clock of the client {client}.',
    confirm: 'openssl s_client -connect {connect} {sni} </dev/null | openssl x509 -noout -subject -serial -dates',
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    const certainty = fits(refusal, ['certificate_expired'], 'certificate');
    if (certainty === undefined) return undefined;
    const at = context.judgedAt(connection);
    const { serverCertificates } = connection;
    // Beside the path, as expired cross-certificates are, it matters only to a client that says so.
    const index = serverCertificates.findIndex(
      (certificate) =>
        periodOf(certificate).ends < at &&
        (refusal.alert === 'certificate_expired' || isOnPath(context.chainOf(serverCertificates, at), certificate)),
    );
    const expired = serverCertificates[index];
    const isHidden = serverCertificates.length === 0 && refusal.alert === 'certificate_expired';
    if (expired === undefined && !isHidden) return undefined;
    const place = { ...placesOf(connection), unseen: whyUnseen(connection) };
    if (expired === undefined) {
      return {
        certainty: 'likely',
        messageId: 'said',
        data: place,
        evidence: [...certificateEvidence(connection, 'server', undefined), ...refusal.evidence],
        remedies: [
          { who: 'server', messageId: 'renewHidden', commandId: 'confirm', data: place },
          { who: 'client', messageId: 'clock', data: place },
        ],
      };
    }
    const data = {
      ...certificateData(expired),
      ...place,
      ago: duration(at - periodOf(expired).ends),
      how: howRefused(refusal),
    };
    return {
      certainty,
      subject: expired.sha256,
      messageId: index === 0 ? 'leaf' : 'issuer',
      data,
      evidence: [...certificateEvidence(connection, 'server', expired), ...refusal.evidence],
      remedies: [{ who: 'server', messageId: index === 0 ? 'renew' : 'replaceIssuer', commandId: 'confirm', data }],
    };
  },
};
