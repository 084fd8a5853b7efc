import { periodOf } from '../../x509/validity.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { duration } from '../../message.js';
import { supportOf, howRefused, refusalByClient, whyUnseen } from '../evidence/refusals.js';
import { isOnPath } from '../evidence/chains.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const certificateExpired = defineRule({
  id: 'certificate-expired',
  title: 'Server certificate expired',
  description: "The server's certificate, or one of its chain, ended before the time of the handshake.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §4.1.2.5', 'RFC 5280 §6.1.3', 'RFC 8446 §6.2'],
  messages: {
    explanations: {
      leaf: 'The certificate of the server, {subject}, ended on {notAfter}, {ago} before this handshake, and the client refused it {how}.',
      issuer:
        'The certificate {subject} in the chain of the server ended on {notAfter}, {ago} before this handshake, and the client refused it {how}.',
      said: 'The client refused the certificate of the server with alert certificate_expired (45); {unseen}, so its dates cannot be checked here.',
    },
    evidence: {},
    remedies: {
      renew:
        'Renew the certificate at {connect} and reload the service; check why the renewal did not happen (serial {serialNumber}, issued by {issuer}).',
      renewHidden: 'Look at the certificate that {connect} shows; renew it if it has expired, and reload the service.',
      replaceIssuer:
        'Install the current certificate of {subject} in the chain at {connect}; the leaf itself need not change.',
      clock: 'If the certificate turns out to be valid, check the clock of the client {client}.',
    },
    commands: {
      confirm: 'openssl s_client -connect {connect} {sni} </dev/null | openssl x509 -noout -subject -serial -dates',
    },
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    const support = supportOf(refusal, ['certificate_expired'], 'certificate');
    if (support === undefined) return undefined;
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
        support: 'supported',
        basis: 'fact',
        explanation: { id: 'said', data: place },
        evidence: [...certificateEvidence(connection, 'server', undefined), ...refusal.evidence],
        remedies: [
          { who: 'server', id: 'renewHidden', command: 'confirm', data: place },
          { who: 'client', id: 'clock', data: place },
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
      support,
      basis: 'fact',
      subject: expired.sha256,
      explanation: { id: index === 0 ? 'leaf' : 'issuer', data },
      evidence: [...certificateEvidence(connection, 'server', expired), ...refusal.evidence],
      remedies: [{ who: 'server', id: index === 0 ? 'renew' : 'replaceIssuer', command: 'confirm', data }],
    };
  },
});
