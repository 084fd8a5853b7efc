import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { supportOf, howRefused, isForWeakness, isRefusedByProgram, refusalByClient } from '../evidence/refusals.js';
import { eapData } from '../evidence/eap.js';
import { offersSuiteB } from '../evidence/offers.js';
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
      suiteB:
        'The client offers only the cipher suites of WPA3-Enterprise with 192 bits. The certificate "{subject}" has a key of only {bits} bits ({type}), and the client rejected it {how}. In that mode clients demand RSA with 3072 bits or more, or ECDSA P-384.',
      signature:
        'The certificate "{subject}" is signed with {hash} ({algorithm}), which can be forged. The client rejected it {how}. Current clients want SHA-256 or better (OpenSSL: "ca md too weak").',
    },
    evidence: {},
    remedies: {
      reissue:
        'Have the certificate of {connect} issued again, with a new key (RSA with 2048 bits or more, or ECDSA P-256) and signed with SHA-256.',
      reissueLarge:
        'Have the certificates of the RADIUS server and of its authorities issued again with ECDSA P-384, or RSA with 3072 bits or more; or leave the 192-bit mode.',
      replaceIssuer:
        'Have the certificate of {connect} issued by an authority with a current certificate: the certificate of {subject} is too weak.',
      allow:
        'Only as a stopgap, let {client} accept it (OpenSSL: CipherString = DEFAULT@SECLEVEL=1 or 0; Java: jdk.certpath.disabledAlgorithms).',
    },
    commands: {
      eap: {
        run: 'eapol_test -c SUPPLICANT.conf -a {host} -p {port} -s SECRET -o radius.pem; openssl x509 -in radius.pem -noout -text',
        does: "shows the key of the RADIUS server's certificate",
        where: 'radius-client',
      },
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
    const small = refusal === undefined ? undefined : tooSmallForSuiteB(connection);
    if (refusal !== undefined && small !== undefined) {
      const data = {
        ...certificateData(small),
        bits: small.keyBits,
        type: small.keyType,
        how: howRefused(refusal),
        ...eapData(connection),
      };
      return {
        support: 'supported',
        basis: 'fact',
        subject: small.sha256,
        explanation: { id: 'suiteB', data },
        evidence: [...certificateEvidence(connection, 'server', small), ...refusal.evidence],
        remedies: [{ who: 'server', id: 'reissueLarge', command: 'eap', data }],
      };
    }
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

/** Bits that WPA3-Enterprise in its 192-bit mode demands of RSA keys (WPA3 Specification 3.5). */
const LEAST_RSA_BITS = 3072;

/**
 * The first certificate whose RSA key is too small for a supplicant in 192-bit mode. wpa_supplicant sends internal_error for it,
 * as for everything that it checks itself.
 */
function tooSmallForSuiteB(connection: Connection): Certificate | undefined {
  if (connection.eap === null || !offersSuiteB(connection) || !isRefusedByProgram(connection)) return undefined;
  return connection.serverCertificates.find(({ keyType, keyBits }) => keyType === 'RSA' && keyBits < LEAST_RSA_BITS);
}
