import { phrase } from '../phrases.js';
import { certificateData, certificateEvidence, evidence } from '../evidence/citations.js';
import type { Connection } from '../../connection/connection.js';
import { differencesOf } from '../evidence/path.js';
import { howRefused, isAnswerTo, refusalByClient, supportOf } from '../evidence/refusals.js';
import { mayMeetNamesake, peculiaritiesOf } from '../evidence/chains.js';
import { placesOf } from '../evidence/places.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    damaged:
      'The signature of the certificate "{subject}" does not verify with the key of its issuer {issuer}. The client rejected it {how}. The certificate was altered after it was signed, on the server or on the path, or made by hand.',
    otherKey:
      'The certificate "{subject}" was not signed by the {issuer} that the server sends: that one has another key under the same name (an authority that was renewed with a new key, or an impostor). The client rejected it {how}.',
    otherRoot:
      "The client {client} rejected the chain with alert decrypt_error (51): a signature does not verify. The signatures within the chain verify. So either the client trusts a certificate of {authority} with another key under the same name, or the server's key does not belong to its certificate.",
    unverified:
      'The client {client} rejected the chain with alert decrypt_error (51): a signature does not verify. That of the certificate "{subject}" may be the one: the capture lacks the key of its issuer {issuer}. Then the certificate was altered after it was signed, on the server or on the path. Or the server\'s key does not belong to its certificate.',
    hidden:
      'The client {client} rejected what the server sent with alert decrypt_error (51): a signature does not verify. OpenSSL, which wrote this ClientHello, sends this alert when a certificate was not signed by the issuer sent with it, or by the one in the trust store: the certificate was altered, or the issuer has another key under the same name. TLS 1.3 hides the certificate.',
  },
  exclusions: {
    altered:
      'What the server sent was altered between two points of the path, so the certificate may have been altered too.',
  },
  evidence: {
    seenArrived: 'bytes that are not as they were sent',
  },
  remedies: {
    trusted:
      'Compare the certificate of "{authority}" in the trust store of {client} with the one that issued the chain of {connect}, by its fingerprint: if the authority has renewed its key, replace it.',
    look: 'Look at the chain that {connect} sends: each certificate must be signed by the next one (compare their key identifiers). Put the intermediate in the chain file that belongs to the leaf, and reload the service.',
    reissue:
      'Install the certificate at {connect} again from the original file; if that does not help, have it issued again.',
    rightIssuer:
      'Replace the certificate of {issuer} in the chain file at {connect} by the one that signed {signed}, and reload the service.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
      does: 'shows the chain that the server sends',
      where: 'from-client',
    },
    verify: {
      run: 'openssl verify -partial_chain -trusted issuer.pem certificate.pem',
      does: 'shows whether the issuer signed it',
      where: 'files',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

/**
 * TLS 1.3 encrypts the certificate; OpenSSL's client sends a plaintext decrypt_error if its signature does not verify.
 */
function judgeEncrypted(connection: Connection): Verdict | undefined {
  const refusal = refusalByClient(connection);
  const { clientHello, serverHello } = connection;
  if (refusal?.alert !== 'decrypt_error' || serverHello?.version !== 'TLS 1.3' || serverHello.resumed) return undefined;
  if (clientHello === null || libraryOf(clientHello) !== 'OpenSSL') return undefined;
  const data = placesOf(connection);
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'hidden', data },
    evidence: [...certificateEvidence(connection, 'server', undefined), ...refusal.evidence],
    remedies: [{ who: 'server', id: 'look', command: 'confirm', data }],
  };
}

export const certificateSignatureInvalid = defineRule({
  id: 'certificate-signature-invalid',
  title: 'Signature of a certificate is wrong',
  description: "A certificate of the server's chain was not signed by the issuer that was sent with it.",
  settledBy: 'The chain verified by itself ("openssl verify") shows which signature is wrong.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §6.1.3', 'RFC 8446 §4.4.2'],
  messages,
  applies: ({ serverHello }) => serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    if (connection.serverCertificates.length === 0) return judgeEncrypted(connection);
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    // OpenSSL sends decrypt_error; to other stacks, the issuer is unknown.
    const support = supportOf(refusal, ['decrypt_error', 'bad_certificate', 'unknown_ca'], 'certificate');
    if (support === undefined) return undefined;
    const isSaidOfChains = isAnswerTo(refusal, 'certificate-signature-invalid') === true;
    if (
      isSaidOfChains &&
      mayMeetNamesake(connection) &&
      refusal.alert === 'decrypt_error' &&
      (chain.status === 'private-root' || chain.status === 'incomplete')
    ) {
      const authority = chain.status === 'incomplete' ? chain.missing.name : chain.root.subject;
      const data = { ...placesOf(connection), authority };
      return {
        support: 'open',
        basis: 'fact',
        explanation: { id: 'otherRoot', data },
        evidence: [
          ...certificateEvidence(connection, 'server', connection.serverCertificates.at(-1)),
          ...refusal.evidence,
        ],
        remedies: [{ who: 'client', id: 'trusted', command: 'confirm', data }],
      };
    }
    if (isSaidOfChains && refusal.alert === 'decrypt_error' && chain.status === 'incomplete') {
      const { certificate } = chain.at;
      const data = { ...certificateData(certificate), ...placesOf(connection) };
      return {
        support: 'open',
        basis: 'alert',
        explanation: { id: 'unverified', data },
        evidence: [...certificateEvidence(connection, 'server', certificate), ...refusal.evidence],
        remedies: [{ who: 'server', id: 'reissue', command: 'confirm', data }],
      };
    }
    if (chain.status !== 'bad-signature') return undefined;
    const altered = differencesOf(connection, 'altered').find(({ from }) => from === 'server');
    if (altered !== undefined) {
      return {
        support: 'excluded',
        because: { id: 'altered' as const, data: {} },
        evidence: [evidence(altered.arrived, 'seenArrived')],
      };
    }
    const { certificate } = chain.at;
    // A certificate that names two algorithms cannot verify, whoever signed it (certificate-nonconforming).
    const isAmbiguous = peculiaritiesOf(connection).some(
      ({ kind, index }) =>
        kind === 'signature-algorithms-differ' &&
        connection.serverCertificates[index ?? -1]?.sha256 === certificate.sha256,
    );
    if (isAmbiguous) return undefined;
    const { authorityKeyIdentifier: keyIdentifier } = certificate;
    const data = {
      ...certificateData(certificate),
      ...placesOf(connection),
      signed:
        keyIdentifier === null ? certificate.subject : phrase('byKey', { name: certificate.subject, keyIdentifier }),
      how: howRefused(refusal),
    };
    const isDamaged = chain.sameKeyIdentifier || chain.issuer === certificate;
    return {
      support,
      basis: 'fact',
      subject: certificate.sha256,
      explanation: { id: isDamaged ? 'damaged' : 'otherKey', data },
      evidence: [...certificateEvidence(connection, 'server', certificate), ...refusal.evidence],
      remedies: [
        {
          who: 'server',
          id: isDamaged ? 'reissue' : 'rightIssuer',
          command: isDamaged ? 'confirm' : 'verify',
          data,
        },
      ],
    };
  },
});
