import { periodOf } from '../../x509/validity.js';
import { authorityOf, isKnownToServer } from '../evidence/chains.js';
import { certificateData, certificateEvidence, certificateRequestEvidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { howRefused, refusalByServer } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';

export const revocationCheckFailed = defineRule({
  id: 'revocation-check-failed',
  title: 'Server cannot check whether the client certificate is revoked',
  description: 'The server checks revocation lists, and one of them is missing or out of date.',
  settledBy:
    'The server\'s log (OpenSSL: "unable to get certificate CRL", "CRL has expired") says which list it lacks.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §6.3.3', 'RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      missing:
        "The server rejected the client's certificate ({subject}) {how}, although it knows the authority at the end of the client's chain, {authority}. It may lack the revocation list (CRL) of an authority in that chain: OpenSSL then sends unknown_ca.",
      outdated:
        "The server rejected the client's certificate ({subject}) {how}, although each certificate that the client sent is valid. The revocation list (CRL) of an authority in that chain may be out of date: OpenSSL then sends certificate_expired.",
    },
    evidence: {},
    remedies: {
      load: "If {connect} checks revocation lists, give it a current list of every authority in the client's chain, including intermediates, and renew the lists before they expire.",
    },
    commands: {
      confirm: {
        run: 'openssl verify -crl_check_all -CAfile server-client-ca.pem -CRLfile server-crl.pem client.pem',
        does: "shows whether the server's CA file and revocation list accept the client certificate",
        where: 'server',
      },
    },
  },
  applies: ({ outcome, clientCertificates }) => outcome === 'failed' && clientCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByServer(connection);
    const { clientCertificates } = connection;
    const [leaf] = clientCertificates;
    if (refusal === undefined || leaf === undefined || !isKnownToServer(connection)) return undefined;
    const at = context.judgedAt(connection);
    const isValid = clientCertificates.every((certificate) => {
      const { begins, ends } = periodOf(certificate);
      return certificate.error === null && begins <= at && at <= ends;
    });
    const isOutdated = refusal.alert === 'certificate_expired';
    // A self-signed certificate has no revocation list above it.
    if (!isValid || leaf.selfIssued || !(isOutdated || refusal.alert === 'unknown_ca')) return undefined;
    const data = {
      ...certificateData(leaf),
      client: connection.client.address,
      connect: connectTo(connection),
      authority: authorityOf(clientCertificates).name,
      how: howRefused(refusal),
    };
    return {
      support: 'open',
      basis: 'fact',
      subject: leaf.sha256,
      explanation: { id: isOutdated ? 'outdated' : 'missing', data },
      evidence: [
        ...certificateRequestEvidence(connection),
        ...certificateEvidence(connection, 'client', leaf),
        ...refusal.evidence,
      ],
      remedies: [{ who: 'server', id: 'load', command: 'confirm', data }],
    };
  },
});
