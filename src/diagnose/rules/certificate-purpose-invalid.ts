import type { Certificate } from '../../x509/certificate.js';
import type { ConstraintProblem } from '../../x509/constraints.js';
import type { Connection } from '../../connection/connection.js';
import type { Phrase } from '../../message.js';
import { isOpenVpn } from '../../preamble/preamble.js';
import { type CertificateData, certificateData, certificateEvidence } from '../evidence/citations.js';
import { type Refusal, supportOf, howRefused, refusalByClient } from '../evidence/refusals.js';
import { placesOf } from '../evidence/places.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    purpose:
      "The server's certificate ({subject}) is only for {allowed} (extended key usage), not for TLS servers (serverAuth). The client rejected it {how}.",
    unstated:
      "The server's certificate ({subject}) does not say what it is for (no extended key usage). OpenVPN clients with remote-cert-tls server, as most profiles have it, then refuse the certificate. The client rejected it {how}.",
    issuerPurpose:
      'The authority "{subject}" may issue certificates only for {allowed} (extended key usage), not for TLS servers (serverAuth). The client rejected the chain {how}.',
    keyUsage:
      "The key of the server's certificate ({subject}) is only for {allowed} (key usage), which does not allow the key exchange {cipherSuite}. The client rejected it {how}.",
    withoutBasicConstraints:
      'The certificate "{subject}" issued another one in the chain, but may not: it does not say that it is an authority (no basic constraints). The client rejected the chain {how}.',
    notAnAuthority:
      'The certificate "{subject}" issued another one in the chain, but may not: it says that it is not an authority (basic constraints: CA false). The client rejected the chain {how}.',
    withoutCertSign:
      'The certificate "{subject}" issued another one in the chain, but may not: its key usage lacks keyCertSign. The client rejected the chain {how}.',
    pathTooLong:
      'The authority "{subject}" has the path length {limit}: no more intermediate certificates may be below it, and the chain has {length}. The client rejected the chain {how}.',
    nameConstraint:
      'The authority "{subject}" may not issue certificates for the name {name} (name constraints), which the certificate "{bearer}" contains. The client rejected the chain {how}.',
  },
  evidence: {},
  remedies: {
    reissue:
      'Have the certificate of {connect} issued again as one for TLS servers: extended key usage serverAuth, key usage digitalSignature (and keyEncipherment for RSA key exchange).',
    rightIssuer:
      'Have the certificate of {connect} issued by an authority that may do so, or correct the certificate of the authority "{subject}".',
  },
  commands: {
    showChain: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null | openssl crl2pkcs7 -nocrl -certfile /dev/stdin | openssl pkcs7 -print_certs -text -noout',
      does: 'shows what each certificate that the server sends may be used for',
      where: 'from-client',
    },
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null | openssl x509 -noout -subject -ext basicConstraints,keyUsage,extendedKeyUsage',
      does: 'shows what the certificate may be used for',
      where: 'from-client',
    },
  },
});

/** Faults that belong to other rules: certificate-weak and certificate-nonconforming. */
type OfOthers = 'weak-key' | 'weak-signature' | 'unknown-critical-extension';

/** The faults that the rule is about. */
type Misuse = Exclude<ConstraintProblem, { readonly kind: OfOthers }>;

const isMisuse = (problem: ConstraintProblem): problem is Misuse =>
  problem.kind !== 'weak-key' && problem.kind !== 'weak-signature' && problem.kind !== 'unknown-critical-extension';

/** The leaf's key usage must allow what the cipher suite needs the key for (RFC 5246 §7.4.2, RFC 8446 §4.4.2.2). */
function suiteMisuse(leaf: Certificate, cipherSuite: string): Misuse[] {
  const needed = cipherSuite.startsWith('TLS_RSA_WITH') ? 'keyEncipherment' : 'digitalSignature';
  const isStatic = /^TLS_(?:EC)?DH_(?!anon|E)/.test(cipherSuite);
  if (leaf.keyUsage === null || leaf.keyUsage.includes(needed) || isStatic) return [];
  return [{ kind: 'key-usage', certificate: leaf, position: 0, allowed: leaf.keyUsage }];
}

/** How well the refusal supports the fault: some alerts are meant for it, others are sent instead. */
function supportFor(problem: Misuse, refusal: Refusal): ReturnType<typeof supportOf> {
  switch (problem.kind) {
    case 'extended-key-usage':
      return supportOf(refusal, ['unsupported_certificate'], 'certificate');
    case 'key-usage':
      return supportOf(refusal, ['unsupported_certificate', 'illegal_parameter'], 'certificate', 'key-usage-invalid');
    case 'unfit-issuer':
    case 'path-too-long':
    case 'name-constraint':
      // To such a client, the issuer does not count as one.
      return refusal.alert === 'unknown_ca'
        ? 'supported'
        : supportOf(refusal, ['unsupported_certificate'], 'certificate');
  }
}

const UNFIT = {
  'no-basic-constraints': 'withoutBasicConstraints',
  'not-a-ca': 'notAnAuthority',
  'no-cert-sign': 'withoutCertSign',
} as const;

/** The explanation of a misuse, with the values that all of them need. */
function explain(
  problem: Misuse,
  data: CertificateData & { readonly cipherSuite: string; readonly how: Phrase },
): VerdictOf<typeof messages>['explanation'] {
  switch (problem.kind) {
    case 'extended-key-usage':
      return {
        id: problem.position === 0 ? 'purpose' : 'issuerPurpose',
        data: { ...data, allowed: problem.allowed },
      };
    case 'key-usage':
      return { id: 'keyUsage', data: { ...data, allowed: problem.allowed } };
    case 'unfit-issuer':
      return { id: UNFIT[problem.why], data };
    case 'path-too-long':
      return { id: 'pathTooLong', data: { ...data, limit: problem.limit, length: problem.length } };
    case 'name-constraint':
      return { id: 'nameConstraint', data: { ...data, name: problem.name, bearer: problem.bearer.subject } };
  }
}

export const certificatePurposeInvalid = defineRule({
  id: 'certificate-purpose-invalid',
  title: 'Server certificate may not be used for this',
  description:
    "The server's certificate, or one of its chain, is used in a role that it does not allow: as a server, or as an authority.",
  settledBy:
    'The client\'s log (OpenSSL: "unsuitable certificate purpose") says which certificate and which use it rejected.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §4.2.1.12', 'RFC 5280 §4.2.1.3', 'RFC 5280 §6.1.4', 'RFC 8446 §4.4.2.2'],
  messages,
  applies: ({ serverCertificates }) => serverCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    if (refusal === undefined || leaf?.error !== null) return undefined;
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    const cipherSuite = connection.serverHello?.cipherSuite ?? '';
    const problems = context.problemsOf(chain.path).filter(isMisuse);
    for (const problem of [...problems, ...suiteMisuse(leaf, cipherSuite)]) {
      const support = supportFor(problem, refusal);
      // If nobody vouches for the certificate anyway, its purpose matters only to a client that says so.
      if (support === undefined || (chain.status === 'self-signed' && support !== 'confirmed')) continue;
      const { certificate } = problem;
      const data = {
        ...certificateData(certificate),
        ...placesOf(connection),
        cipherSuite,
        how: howRefused(refusal),
      };
      return {
        support,
        basis: 'fact',
        subject: certificate.sha256,
        explanation: explain(problem, data),
        evidence: [...certificateEvidence(connection, 'server', certificate), ...refusal.evidence],
        remedies: [
          problem.position === 0
            ? { who: 'server', id: 'reissue', command: 'confirm', data }
            : { who: 'server', id: 'rightIssuer', command: 'showChain', data },
        ],
      };
    }
    return isOpenVpn(connection.preamble) ? judgeUnstated(connection, leaf, refusal) : undefined;
  },
});

/** What OpenVPN demands beyond RFC 5280: that the certificate says that it is for servers. */
function judgeUnstated(
  connection: Connection,
  leaf: Certificate,
  refusal: Refusal,
): VerdictOf<typeof messages> | undefined {
  if (leaf.extendedKeyUsage !== null || supportOf(refusal, [], 'certificate') === undefined) return undefined;
  const data = { ...certificateData(leaf), ...placesOf(connection), how: howRefused(refusal) };
  return {
    // The client's profile may not have it, and only the name or the authority be wrong.
    support: 'open',
    basis: 'fact',
    subject: leaf.sha256,
    explanation: { id: 'unstated', data },
    evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
    remedies: [{ who: 'server', id: 'reissue', command: 'confirm', data }],
  };
}
