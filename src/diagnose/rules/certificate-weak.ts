import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { supportOf, howRefused, isForWeakness, refusalByClient } from '../evidence/refusals.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/**
 * What is weak today used to be normal: before the defaults of OpenSSL 3 (September 2021) spread, it is a fault only if
 * the client says that something is.
 */
const OBSOLETE_SINCE = Date.parse('2021-09-07T00:00:00Z');

export const certificateWeak = defineRule({
  id: 'certificate-weak',
  title: 'Server certificate is too weak',
  description:
    "The server's certificate, or one of its chain, has a key or a signature hash that current clients refuse.",
  settledBy: 'The client\'s log (OpenSSL: "EE key too small", "CA md too weak") says what is too weak for it.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9325 §4.5', 'RFC 9155', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      key: 'The certificate "{subject}" has a key of only {bits} bits ({type}). The client rejected it {how}. Current clients want 2048 bits or more for RSA (OpenSSL at security level 2: "ee key too small", "ca key too small").',
      signature:
        'The certificate "{subject}" is signed with {hash} ({algorithm}), which can be forged. The client rejected it {how}. Current clients want SHA-256 or better (OpenSSL: "ca md too weak").',
    },
    evidence: {},
    remedies: {
      reissue:
        'Have the certificate of {connect} issued again, with a new key (RSA with 2048 bits or more, or ECDSA P-256) and signed with SHA-256.',
      replaceIssuer:
        'Have the certificate of {connect} issued by an authority with a current certificate: the certificate of {subject} is too weak.',
      allow:
        'Only as a stopgap, let {client} accept it (OpenSSL: CipherString = DEFAULT@SECLEVEL=1 or 0; Java: jdk.certpath.disabledAlgorithms).',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -cipher DEFAULT@SECLEVEL=2 </dev/null',
        does: 'shows whether a client that demands 112 bits of security accepts the certificate',
        where: 'from-client',
      },
    },
  },
  applies: ({ serverCertificates }) => serverCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const isSaid = refusal?.how === 'alert' || context.judgedAt(connection) >= OBSOLETE_SINCE;
    const support =
      refusal !== undefined && isSaid && !refusal.isOrderlyClose
        ? (supportOf(refusal, ['insufficient_security'], 'certificate', 'key-weak', 'signature-weak') ??
          (isForWeakness(refusal) ? 'supported' : undefined))
        : undefined;
    if (refusal === undefined || support === undefined) return undefined;
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    const problem = context.problemsOf(chain.path).find(({ kind }) => kind === 'weak-key' || kind === 'weak-signature');
    // If nobody vouches for the certificate anyway, its strength matters only to a client that says so.
    if (problem === undefined || (chain.status === 'self-signed' && support !== 'confirmed')) return undefined;
    const { certificate, kind, position } = problem;
    const data = {
      ...certificateData(certificate),
      ...placesOf(connection),
      bits: certificate.keyBits,
      type: certificate.keyType,
      hash: certificate.signatureHash?.toUpperCase() ?? '',
      algorithm: certificate.signatureAlgorithm,
      how: howRefused(refusal),
    };
    return {
      support,
      basis: 'fact',
      subject: certificate.sha256,
      explanation: { id: kind === 'weak-key' ? 'key' : 'signature', data },
      evidence: [...certificateEvidence(connection, 'server', certificate), ...refusal.evidence],
      remedies: [
        { who: 'server', id: position === 0 ? 'reissue' : 'replaceIssuer', command: 'confirm', data },
        { who: 'client', id: 'allow', data },
      ],
    };
  },
});
