import { nameKey } from '../../x509/distinguished-name.js';
import { certificateData, certificateEvidence, evidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { connectTo, fits, howRefused, refusalByServer, someOf } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

export const clientCertificateUntrusted: Rule = {
  id: 'client-certificate-untrusted',
  title: 'Server does not trust the issuer of the client certificate',
  description: "The client's certificate comes from an authority that the server does not take.",
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 5246 §7.4.4', 'RFC 8446 §4.2.4', 'RFC 8446 §6.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    notListed:
      'The client {client} sent {subject}, issued by {issuer}. The server takes certificates of other authorities only ({wanted}) and refused it{how}.',
    said: 'The client {client} sent {subject}, issued by {issuer}; the server does not trust that authority and refused it{how}.',
    trust: 'If the certificate is the right one, add {issuer} to the authorities that {connect} takes for clients.',
    change:
      'If not, configure the client with a certificate of one of the authorities that the server takes: {wanted}.',
    confirm: 'openssl verify -CAfile server-client-ca.pem client.pem',
  },
  applies: ({ outcome, clientCertificates }) => outcome === 'failed' && clientCertificates.length > 0,
  judge(connection) {
    const refusal = refusalByServer(connection);
    const certainty = refusal === undefined ? undefined : fits(refusal, ['unknown_ca'], 'trust');
    const { clientCertificates, certificateRequest } = connection;
    const leaf = clientCertificates[0];
    if (refusal === undefined || certainty === undefined || leaf === undefined) return undefined;
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
      wanted: wanted.length === 0 ? 'see the configuration of the server' : someOf(wanted).join('; '),
      how: howRefused(refusal),
    };
    const request =
      certificateRequest === null
        ? []
        : [evidence({ ...certificateRequest, from: 'server' }, 'seenCertificateRequest')];
    return {
      certainty,
      subject: leaf.sha256,
      messageId: isForeign ? 'notListed' : 'said',
      data,
      evidence: [...request, ...certificateEvidence(connection, 'client', leaf), ...refusal.evidence],
      remedies: [
        { who: 'server', messageId: 'trust', commandId: 'confirm', data },
        { who: 'client', messageId: 'change', data },
      ],
    };
  },
};
