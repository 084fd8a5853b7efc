import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { listOf } from '../../message.js';
import type { ClientFamily } from '../../x509/data/refusals.js';
import type { Peculiarity } from '../../x509/peculiarities.js';
import type { PeculiarityKind } from '../../x509/peculiarity-kind.js';
import {
  familiesOf,
  isKnownToRefuse,
  isSignedDespiteKeyIdentifier,
  keepsFromIssuer,
  peculiaritiesOf,
  peculiaritiesOfIssuer,
} from '../evidence/chains.js';
import { certificateData, certificateEvidence, evidence, otherConnectionEvidence } from '../evidence/citations.js';
import { placesOf } from '../evidence/places.js';
import { howRefused, isAnswerTo, refusalByClient, type Refusal, unseenFault } from '../evidence/refusals.js';
import { phrase } from '../phrases.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';
import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { endpointText } from '../../connection/endpoint.js';

/**
 * Requirements of X.509 that only some clients enforce, and how a breach is described. Names, order and number of
 * certificates belong to other rules.
 */
const RULES_BROKEN = {
  unreadable: 'certificateUnreadable',
  'any-purpose-alone': 'anyPurposeAlone',
  'server-gated-crypto-alone': 'oldPurposeAlone',
  'explicit-curve': 'explicitCurve',
  'unknown-critical-extension': 'unknownCriticalExtension',
  'critical-directory-constraint': 'criticalDirectoryConstraint',
  'name-encoding-differs': 'issuerEncodedOtherwise',
  'name-in-16-bit-characters': 'issuerIn16BitCharacters',
  'name-spacing-differs': 'issuerSpacedOtherwise',
  'key-identifier-differs': 'keyIdentifierDiffers',
  'issuer-serial-differs': 'issuerSerialDiffers',
  'authority-for-any-purpose': 'authorityForAnyPurpose',
  'critical-name-constraint': 'criticalNameConstraint',
  'critical-uri-constraint': 'criticalUriConstraint',
  'critical-identifier-constraint': 'criticalIdentifierConstraint',
  'critical-other-name-constraint': 'criticalOtherNameConstraint',
  'critical-policy-constraint': 'criticalPolicyConstraint',
  'critical-certificate-policies': 'criticalCertificatePolicies',
  'malformed-time': 'malformedTime',
  'no-expiration-date': 'noExpirationDate',
  'signature-algorithms-differ': 'signatureAlgorithmsDiffer',
  'empty-subject': 'emptySubject',
  'path-length-without-authority': 'pathLengthWithoutAuthority',
  'authority-key-identifier-missing': 'noAuthorityKeyIdentifier',
  'subject-key-identifier-missing': 'noSubjectKeyIdentifier',
  'basic-constraints-not-critical': 'basicConstraintsNotCritical',
  'authority-without-key-usage': 'authorityWithoutKeyUsage',
  'signs-without-basic-constraints': 'signsWithoutBasicConstraints',
  'negative-serial-number': 'negativeSerialNumber',
  'authority-as-leaf': 'authorityAsLeaf',
  'key-usage-against-suite': 'keyUsageAgainstSuite',
  'large-rsa-key': 'largeKey',
  'rsa-key-over-4096-bits': 'largeKey',
  'uncommon-curve': 'uncommonCurve',
  'edwards-key': 'edwardsKey',
  'pss-signature': 'pssSignature',
  'curve-not-offered': 'curveNotOffered',
  'version-1': 'versionOne',
  'extensions-before-version-3': 'extensionsInOldVersion',
  'repeated-extension': 'repeatedExtension',
  'malformed-name': 'malformedName',
} as const satisfies Partial<Record<PeculiarityKind, string>>;

const isBroken = (kind: PeculiarityKind): kind is keyof typeof RULES_BROKEN => kind in RULES_BROKEN;

/** The alert of OpenSSL, and programs on it, for breaches of its strict mode, which have no alert of their own. */
const STRICT_ALERT = 'certificate_unknown';

/**
 * Stacks that send unknown_ca if an issuer may not issue, or cannot be found because of what is written about it; null
 * for an unknown stack.
 */
const SAY_UNKNOWN_CA: ReadonlySet<Refusal['library']> = new Set([null, 'OpenSSL', 'Mbed TLS', 'wolfSSL']);

/** Stacks that verify chains after the handshake, or let programs do so. */
const VERIFY_LATE: readonly ClientFamily[] = ['Node.js', 'GnuTLS', 'NSS'];

/** Faults for which a certificate, or its key, cannot be parsed. */
const UNREADABLE: ReadonlySet<PeculiarityKind> = new Set([
  'unreadable',
  'extensions-before-version-3',
  'repeated-extension',
  'negative-serial-number',
  'malformed-time',
  'explicit-curve',
  'signature-algorithms-differ',
  'no-expiration-date',
]);

/** The alerts by which stacks were recorded to refuse a certificate that cannot be read. */
const SAY_UNREADABLE: ReadonlySet<Refusal['alert']> = new Set(['bad_certificate', 'decode_error']);

/** Checks that depend on the program (the Go version in its go.mod, or GODEBUG), so that the library alone says nothing. */
const LEFT_TO_PROGRAMS: ReadonlySet<PeculiarityKind> = new Set(['negative-serial-number']);

/** Faults for which a signature cannot be verified, whatever it is. */
const CANNOT_VERIFY: ReadonlySet<PeculiarityKind> = new Set([
  'explicit-curve',
  'uncommon-curve',
  'large-rsa-key',
  'signature-algorithms-differ',
]);

/** Faults that OpenSSL's strict check names, though it does not know the root. */
const NAMED_BY_OPENSSL: ReadonlySet<PeculiarityKind> = new Set([
  'unknown-critical-extension',
  'any-purpose-alone',
  'explicit-curve',
  'authority-without-key-usage',
  'basic-constraints-not-critical',
]);

/** Whether the client's reaction fits a refusal of this. */
function fits(refusal: Refusal, { kind, refusedBy }: Peculiarity, families: readonly ClientFamily[]): boolean {
  const { alert, how } = refusal;
  // A client that sends close_notify refuses nothing.
  if (refusal.isOrderlyClose) return false;
  // Some verify after the handshake, or leave that to the program.
  if (how !== 'alert') return how === 'close' || VERIFY_LATE.some((family) => families.includes(family));
  const isStrict = refusedBy.length > 0 && refusedBy.every(({ client }) => client === 'Python strict');
  if (families.includes('OpenSSL') && isStrict) {
    // "invalid CA certificate" has the alert of an unknown authority.
    return alert === (kind === 'signs-without-basic-constraints' ? 'unknown_ca' : STRICT_ALERT);
  }
  switch (alert) {
    case 'bad_certificate':
    case 'certificate_unknown':
    case 'unsupported_certificate':
      return true;
    case 'unknown_ca':
      return keepsFromIssuer({ kind });
    case 'decode_error':
      return UNREADABLE.has(kind);
    case 'decrypt_error':
      return CANNOT_VERIFY.has(kind);
    case 'unexpected_message':
      // Java's alert for an extension that it cannot read.
      return families.includes('JSSE') && kind === 'critical-other-name-constraint';
    case 'internal_error':
      if ((families.includes('Botan') || families.includes('Erlang')) && UNREADABLE.has(kind)) return true;
      // OpenSSL's for a key that it cannot read: "unable to find public key parameters".
      if (families.includes('OpenSSL') && kind === 'explicit-curve') return true;
      return kind === 'key-usage-against-suite' || kind === 'curve-not-offered';
    case 'handshake_failure':
      // Erlang's alert for faults that it names in a text of its own.
      if (families.includes('Erlang')) return true;
      return kind === 'key-usage-against-suite' || kind === 'curve-not-offered';
    case 'illegal_parameter':
      return kind === 'key-usage-against-suite' || kind === 'curve-not-offered';
    case null:
    default:
      return false;
  }
}

const messages = defineMessages({
  explanations: {
    known:
      'The certificate "{subject}" in the server\'s chain {broken}. The client looks like {library} (by its ClientHello), which may refuse that. It rejected the chain {how}.',
    open: 'The certificate "{subject}" in the server\'s chain {broken}, which some clients refuse. The client rejected the chain {how}.',
    reusedSerial:
      'The certificate "{subject}" has the same issuer ({issuer}) and serial number ({serialNumber}) as another certificate ("{other}"), which the server {server} sent to {who}. The client looks like NSS (by its ClientHello), which refuses the second one that it sees (SEC_ERROR_REUSED_ISSUER_AND_SERIAL). It rejected the chain {how}.',
    unseen:
      "The client rejected the server's certificate with alert unknown_ca (48): one in its chain may break a rule (an issuer that is no authority, a path length, a key identifier that does not fit, the same extension twice). The capture does not show it: {unseen}.",
  },
  evidence: {
    seenTwin: 'ServerHello of a connection on which {server} sent a certificate with the same issuer and serial number',
  },
  remedies: {
    renumber:
      'Have one of the two certificates issued again with a serial number of its own; an authority may use each only once (devices and scripts that are set up again often begin with the same number).',
    forget: 'Or remove the other certificate from the database of {client}, if it is out of use.',
    reinstall:
      'Install the certificate at {connect} again, as its authority issued it, and reload the service. If OpenSSL cannot read that file either, have it issued again.',
    reissue:
      'Have the certificate "{subject}" issued again without this fault: check the certificate profile of the authority that issued it ({issuer}).',
    check: 'Run the command: it verifies the chain that {connect} sends, and says what OpenSSL finds wrong with it.',
    relax:
      'Or let {client} be less strict, if its library has a switch for that (Python: VERIFY_X509_STRICT; Go: GODEBUG x509negativeserial=1), until the certificate is replaced.',
  },
  commands: {
    showSerial: {
      run: 'openssl s_client -connect {connect} {sni} </dev/null | openssl x509 -noout -issuer -serial -subject',
      does: 'shows issuer and serial number; ask the other server for the same',
      where: 'from-client',
    },
    showChain: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null | openssl crl2pkcs7 -nocrl -certfile /dev/stdin | openssl pkcs7 -print_certs -text -noout',
      does: 'shows each certificate that the server sends, with serial number, key and extensions',
      where: 'from-client',
    },
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts -x509_strict </dev/null',
      does: 'shows the chain that the server sends, and what a strict check says of it',
      where: 'from-client',
    },
  },
});

export const certificateNonconforming = defineRule({
  id: 'certificate-nonconforming',
  title: 'Server certificate breaks a rule that this client enforces',
  description:
    "Some clients refuse the server's certificate, or one in its chain, although its dates, names and signatures are right.",
  settledBy:
    "The client's log says which rule it enforces; the same handshake works with a certificate that follows it.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §4.1', 'RFC 5280 §4.2', 'RFC 5246 §7.4.2', 'RFC 8446 §4.4.2.2'],
  messages,
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    if (connection.serverCertificates.length === 0) {
      if (refusal.alert !== 'unknown_ca' || !SAY_UNKNOWN_CA.has(refusal.library)) return undefined;
      const unseen = unseenFault(connection, refusal);
      return {
        ...unseen,
        remedies: [{ who: 'server', id: 'check', command: 'confirm', data: unseen.explanation.data }],
      };
    }
    const twin = judgeTwin(connection, context, refusal);
    if (twin !== undefined) return twin;
    const families = familiesOf(connection);
    // Faults of the leaf come first; for a known stack, only what that one refuses counts.
    const ofIssuer = peculiaritiesOfIssuer(connection, context);
    const all = [...peculiaritiesOf(connection), ...ofIssuer];
    const known = all.filter((one) => isKnownToRefuse(connection, one));
    // Whoever does not know a critical extension must refuse it (RFC 5280 §4.2), with or without an alert.
    const unknown = refusal.isExplicit ? all : all.filter(({ kind }) => kind === 'unknown-critical-extension');
    const candidates = [
      ...(families.length > 0 ? known : unknown),
      // Any client may fail on a certificate that cannot be read, whatever is known of its stack.
      ...all.filter(({ kind }) => kind === 'unreadable'),
    ];
    const { serverCertificates } = connection;
    // A certificate signed by another key lacks its issuer: see chain-incomplete.
    const isOtherKey = (one: Peculiarity): boolean => {
      const bearer = serverCertificates[one.index ?? 0];
      const isThere =
        ofIssuer.includes(one) || (bearer !== undefined && isSignedDespiteKeyIdentifier(bearer, serverCertificates));
      return one.kind === 'key-identifier-differs' && !isThere;
    };
    const found = candidates.find((one) => isBroken(one.kind) && fits(refusal, one, families) && !isOtherKey(one));
    const certificate = serverCertificates[found?.index ?? 0];
    if (found === undefined || certificate === undefined || !isBroken(found.kind)) return undefined;
    // A client that closes without an alert may have any reason, unless it always refuses like that.
    const isForAll = found.kind === 'unknown-critical-extension';
    const refusesSo =
      refusal.how === 'alert' ||
      VERIFY_LATE.some((family) => families.includes(family)) ||
      (isForAll && isAnswerTo(refusal, 'critical-extension-unknown') === true);
    const isRecorded = known.includes(found) && (found.kind !== 'unreadable' || SAY_UNREADABLE.has(refusal.alert));
    const isKnown = isRecorded && refusesSo && !LEFT_TO_PROGRAMS.has(found.kind);
    const taken = context.serverHistory.acceptedChain(connection, 'same-host');
    const library = connection.clientHello === null ? null : libraryOf(connection.clientHello);
    const data = {
      ...certificateData(certificate),
      ...placesOf(connection),
      broken: phrase(RULES_BROKEN[found.kind], {
        details: listOf(found.details, 'plain'),
        // For a key usage, the first detail is the one that is needed.
        needed: found.details[0] ?? '',
        allowed: listOf(found.details.slice(1), 'plain'),
      }),
      library: library ?? '',
      how: howRefused(refusal),
    };
    return {
      support: isKnown || (isForAll && refusal.isExplicit) ? 'supported' : 'open',
      basis: 'fact',
      subject: certificate.sha256,
      explanation: { id: isKnown ? 'known' : 'open', data },
      evidence: [
        ...certificateEvidence(connection, 'server', certificate),
        ...(taken === undefined ? [] : otherConnectionEvidence(taken, phrase('theSameChain'))),
        ...refusal.evidence,
      ],
      remedies:
        found.kind === 'unreadable'
          ? [{ who: 'server', id: 'reinstall', command: 'confirm', data }]
          : [
              {
                who: 'server',
                id: 'reissue',
                command: NAMED_BY_OPENSSL.has(found.kind) ? 'confirm' : 'showChain',
                data,
              },
              { who: 'client', id: 'relax', data },
            ],
    };
  },
});

/** The verdict on a certificate with the issuer and serial number of another one, which NSS refuses if it knows that. */
function judgeTwin(connection: Connection, context: Context, refusal: Refusal): VerdictOf<typeof messages> | undefined {
  const { clientHello, client, serverCertificates } = connection;
  const [leaf] = serverCertificates;
  if (leaf === undefined || clientHello === null || libraryOf(clientHello) !== 'NSS' || refusal.isOrderlyClose) {
    return undefined;
  }
  const twin = context.issuance.serialTwinOf(connection);
  if (twin === null) return undefined;
  const data = {
    ...certificateData(leaf),
    ...placesOf(connection),
    other: twin.subject,
    server: endpointText(twin.server),
    who: twin.client.address,
    how: howRefused(refusal),
  };
  return {
    // It has to know the other one.
    support: twin.client.address === client.address ? 'supported' : 'open',
    basis: 'fact',
    subject: leaf.sha256,
    explanation: { id: 'reusedSerial', data },
    evidence: [
      evidence({ frame: twin.frame, at: twin.at, from: 'server' }, 'seenTwin', { server: data.server }),
      ...certificateEvidence(connection, 'server', leaf),
      ...refusal.evidence,
    ],
    remedies: [
      { who: 'server', id: 'renumber', command: 'showSerial', data },
      { who: 'client', id: 'forget', data },
    ],
  };
}
