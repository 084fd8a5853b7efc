import { periodOf } from '../../x509/validity.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { duration } from '../../message.js';
import { supportOf, howRefused, refusalByServer } from '../evidence/refusals.js';
import { expiredData, expiredInStore } from '../ends/trust.js';
import { defineRule } from '../rule.js';

export const clientCertificateExpired = defineRule({
  id: 'client-certificate-expired',
  title: 'Client certificate expired',
  description: "The client's certificate had expired before the handshake, and the server rejected it.",
  settledBy: 'The server\'s log (OpenSSL: "certificate has expired") names the certificate that it rejected.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §4.1.2.5', 'RFC 8446 §6.2', 'RFC 5246 §7.4.6'],
  messages: {
    explanations: {
      explanation:
        "The client's certificate ({subject}, serial {serialNumber}) expired on {notAfter}, {ago} before this handshake. The server rejected it {how}.",
      stored:
        "Every certificate that the client sent was valid. But its chain leads to {root}, whose certificate in the server's trust store expired on {notAfter}, {ago} before this handshake. The server rejected it {how}.",
      storedBeside:
        "Every certificate that the client sent was valid, that of {root} too. But the server's trust store has another one of {root}, for the same key, which expired on {notAfter}, {ago} before this handshake; programs on OpenSSL prefer the certificates of their store to those that were sent. The server rejected it {how}.",
    },
    evidence: {},
    remedies: {
      checkStored: 'Look at the dates of {root} in the file of authorities that {connect} accepts for clients.',
      renew:
        'Renew the client certificate "{subject}" (serial {serialNumber}, issued by {issuer}) and install it with its key on {client}. For push services (APNs) it lasts one year; renew with the same account, so that the topic stays.',
    },
    commands: {
      confirmStored: {
        run: 'openssl x509 -in authority.pem -noout -subject -dates',
        does: "shows the dates of an authority of the server's trust store",
        where: 'server',
      },
      confirm: {
        run: 'openssl x509 -in client.pem -noout -subject -serial -dates',
        does: 'shows whose the client certificate is, and its dates',
        where: 'client',
      },
    },
  },
  applies: ({ outcome, clientCertificates }) => outcome === 'failed' && clientCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByServer(connection);
    const support = refusal === undefined ? undefined : supportOf(refusal, ['certificate_expired'], 'certificate');
    if (refusal === undefined || support === undefined) return undefined;
    const at = context.judgedAt(connection);
    const expired = connection.clientCertificates.find((certificate) => periodOf(certificate).ends < at);
    const ended = expired === undefined ? expiredInStore(connection, context, 'client') : null;
    if (ended !== null && refusal.alert === 'certificate_expired') {
      const data = { connect: connectTo(connection), ...expiredData(ended, at), how: howRefused(refusal) };
      return {
        support: 'supported',
        basis: 'fact',
        subject: data.root,
        explanation: { id: ended.isSentValid ? 'storedBeside' : 'stored', data },
        evidence: [...certificateEvidence(connection, 'client', connection.clientCertificates[0]), ...refusal.evidence],
        remedies: [{ who: 'server', id: 'checkStored', command: 'confirmStored', data }],
      };
    }
    if (expired === undefined) return undefined;
    const data = {
      ...certificateData(expired),
      client: connection.client.address,
      connect: connectTo(connection),
      ago: duration(at - periodOf(expired).ends),
      how: howRefused(refusal),
    };
    return {
      support,
      basis: 'fact',
      subject: expired.sha256,
      explanation: { id: 'explanation', data },
      evidence: [...certificateEvidence(connection, 'client', expired), ...refusal.evidence],
      remedies: [{ who: 'client', id: 'renew', command: 'confirm', data }],
    };
  },
});
