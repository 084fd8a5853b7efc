import { nameKey } from '../../x509/distinguished-name.js';
import { certificateData, certificateEvidence, certificateRequestEvidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { supportOf, howRefused, refusalByServer } from '../evidence/refusals.js';
import { someOf } from '../../message.js';
import { defineRule } from '../rule.js';

export const clientCertificateUntrusted = defineRule({
  id: 'client-certificate-untrusted',
  title: 'Server does not trust the issuer of the client certificate',
  description: "The client's certificate comes from an authority that the server does not take.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5246 §7.4.4', 'RFC 8446 §4.2.4', 'RFC 8446 §6.2'],
  messages: {
    explanations: {
      notListed:
        'The client {client} sent {subject}, issued by {issuer}. The server takes certificates of other authorities only ({wanted}) and refused it {how}.',
      said: 'The client {client} sent {subject}, issued by {issuer}; the server does not trust that authority and refused it {how}.',
    },
    evidence: {},
    remedies: {
      trust: 'If the certificate is the right one, add {issuer} to the authorities that {connect} takes for clients.',
      change:
        'If not, configure the client with a certificate of one of the authorities that the server takes: {wanted}.',
      changeUnlisted:
        'If not, configure the client with a certificate of one of the authorities that the server takes: see the configuration of the server.',
    },
    commands: {
      confirm: 'openssl verify -CAfile server-client-ca.pem client.pem',
    },
  },
  applies: ({ outcome, clientCertificates }) => outcome === 'failed' && clientCertificates.length > 0,
  judge(connection) {
    const refusal = refusalByServer(connection);
    const support = refusal === undefined ? undefined : supportOf(refusal, ['unknown_ca'], 'trust');
    const { clientCertificates, certificateRequest } = connection;
    const leaf = clientCertificates[0];
    if (refusal === undefined || support === undefined || leaf === undefined) return undefined;
    const wanted = certificateRequest?.certificateAuthorities ?? [];
    const listed = new Set(wanted.map(nameKey));
    const isListed = clientCertificates.some(
      ({ issuer, subject }) => listed.has(nameKey(issuer)) || listed.has(nameKey(subject)),
    );
    const isForeign = wanted.length > 0 && !isListed;
    if (!isForeign && refusal.alert !== 'unknown_ca') return undefined;
    const data = {
      ...certificateData(leaf),
      client: connection.client.address,
      connect: connectTo(connection),
      wanted: someOf(wanted, 'names'),
      how: howRefused(refusal),
    };
    return {
      support,
      basis: 'fact',
      subject: leaf.sha256,
      explanation: { id: isForeign ? 'notListed' : 'said', data },
      evidence: [
        ...certificateRequestEvidence(connection),
        ...certificateEvidence(connection, 'client', leaf),
        ...refusal.evidence,
      ],
      remedies: [
        { who: 'server', id: 'trust', command: 'confirm', data },
        { who: 'client', id: wanted.length === 0 ? 'changeUnlisted' : 'change', data },
      ],
    };
  },
});
