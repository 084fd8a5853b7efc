import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { phrase } from '../phrases.js';
import type { Context } from '../context.js';
import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import {
  acceptedForName,
  canSign,
  compareOffer,
  isCurveLacking,
  isObsoleteScheme,
  isShared,
  lackedKeys,
  lackedSchemes,
  offeredGroups,
  type OfferComparison,
} from '../evidence/offer-comparison.js';
import {
  alertEvidence,
  certificateData,
  certificateEvidence,
  closeEvidence,
  evidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { fatalAlert, helloRejection, encryptedRejection } from '../evidence/alerts.js';
import { howEnded, closedWithoutAlert } from '../evidence/endings.js';
import { isObsoleteSuite, offeredCipherSuites } from '../evidence/offers.js';
import { offerOptions } from '../evidence/openssl-offer.js';
import { placesOf } from '../evidence/places.js';
import { listOf, someOf } from '../../message.js';
import { withoutGreaseAndSignals } from '../evidence/offers.js';
import { keyName } from '../evidence/server-history.js';
import { refusalOfUnseenHello, REMAINING, remainingFault } from '../evidence/hello-refusals.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    left: REMAINING,
    chosen:
      'The server signed its key exchange with {scheme}, which the client does not accept (it offers {schemes}). The client rejected it {how}. A server must choose among the schemes offered: its TLS library is old, or its key allows nothing else.',
    chain:
      'The certificate "{subject}" is signed by {algorithm}, which the client does not accept (it offers {schemes}). The client rejected the chain with alert decrypt_error (51): it cannot verify a signature. TLS libraries without that algorithm answer so (rustls).',
    othersChain:
      'The certificate "{subject}", which other clients got, is signed by {algorithm}, and this client accepts no such signature of a certificate (signature_algorithms_cert; it offers {schemes}). The server rejected its ClientHello {how}, as it has no other certificate (OpenSSL: "no suitable signature algorithm"). The rest of the offer would fit.',
    unsigned:
      'The server chose {cipherSuite} and sent its certificate ({subject}), with a key ({key}) that can sign by none of the schemes that the client accepts ({schemes}), or only by obsolete ones. Before it had signed the key exchange, it gave up {how}.',
    otherConnections:
      "The client accepts no signature scheme but {schemes}. The server rejected it {how}. Other connections show that the server's certificate has a key ({keys}) that can make none of them. The rest of the client's offer would fit.",
    otherCurve:
      "The server rejected the client's offer {how}. Other connections show that the server's certificate has a key ({keys}) on a curve that this client does not support: it offers the groups {groups}. The rest of the client's offer would fit.",
    eliminated:
      "The client accepts no signature scheme but {schemes}. The server rejected it {how}. All clients that succeeded accept {lacking} as well. The server accepted this client's version, cipher suite, group and server name from others, so its certificate probably needs such a signature.",
    unusual:
      "The client accepts no signature scheme but {schemes}. The server rejected it {how}. A certificate with a key of the common kind {lacking} can make none of them. The client's cipher suites would allow such a certificate.",
  },
  evidence: {
    seenOffer: 'ClientHello; signature schemes: {schemes}',
    seenChoice: 'ServerKeyExchange, signed by {scheme}',
  },
  remedies: {
    client:
      'Let {client} accept the usual schemes (rsa_pss_rsae_sha256, rsa_pkcs1_sha256, ecdsa_secp256r1_sha256): lift the restriction (OpenSSL: SignatureAlgorithms; Java: jdk.tls.client.SignatureSchemes, jdk.tls.disabledAlgorithms), or upgrade its TLS library.',
    server: 'Or install a second certificate at {connect}, with a key that fits the client (RSA in addition to ECDSA).',
    usualCurve: 'Install a certificate at {connect} with a key that every client accepts (RSA, or ECDSA on P-256).',
    upgrade:
      'Upgrade the TLS library of {connect}, or lift its restriction of signature schemes, so that it signs with SHA-256 or better.',
    sign: 'Have "{subject}" issued with a signature that every client verifies: SHA-256 with RSA or P-256, SHA-384 with P-384.',
    verify: 'Or give {client} a TLS library that verifies {algorithm}.',
    take: 'As a stopgap only, let {client} accept {scheme} for this one server (OpenSSL: SignatureAlgorithms, and SECLEVEL=0 for SHA-1); signatures with SHA-1 or MD5 can be forged.',
  },
  commands: {
    showChain: {
      run: 'openssl s_client -connect {connect} {sni} </dev/null',
      does: 'shows by what each certificate of the chain is signed (sigalg)',
      where: 'from-client',
    },
    confirm: {
      run: 'openssl s_client -connect {connect} {offer} </dev/null; openssl s_client -connect {connect} {sni} -sigalgs {option} </dev/null',
      does: "shows whether the server signs with the client's schemes, as far as OpenSSL has them, and whether it signs with the usual ones",
      where: 'from-client',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

/** Suites that go with either key, or with both in the list. */
const isOrdinary = (suites: readonly string[]): boolean =>
  suites.some((suite) => suite.startsWith('TLS_AES_128_GCM')) ||
  ['RSA', 'ECDSA'].every((key) => suites.some((suite) => suite.includes(`_ECDHE_${key}_WITH_AES`)));

/** Alerts of servers that can make none of the client's signatures. */
const OFFER_ALERTS: ReadonlySet<string> = new Set(['handshake_failure', 'insufficient_security']);

/** Other connections cited. */
const MAX_EXAMPLES = 2;

/** The schemes that nearly every client accepts, as OpenSSL's option. */
const USUAL_SCHEMES = 'rsa_pss_rsae_sha256:rsa_pkcs1_sha256:ecdsa_secp256r1_sha256';

/** Alerts of clients for a signature of a scheme that they did not offer. */
const CHOICE_ALERTS: ReadonlySet<string> = new Set(['illegal_parameter', 'handshake_failure', 'decrypt_error']);

/** The server signs its key exchange with a scheme that the client does not accept (RFC 5246 §7.4.3). */
function judgeChoice(connection: Connection): Verdict | undefined {
  const { clientHello, serverHello, messages } = connection;
  const alert = fatalAlert(connection, 'client');
  const scheme = serverHello?.signatureScheme ?? null;
  if (clientHello === null || scheme === null) return undefined;
  const isRefused = alert === undefined ? closedWithoutAlert(connection) : CHOICE_ALERTS.has(alert.name ?? '');
  const schemes = withoutGreaseAndSignals(clientHello.signatureSchemes);
  if (!isRefused || schemes.length === 0 || schemes.includes(scheme)) return undefined;
  const exchange = messages.find(({ type }) => type === 'server_key_exchange');
  if (exchange === undefined) return undefined;
  const data = {
    ...placesOf(connection),
    scheme,
    schemes: someOf(schemes),
    how: howEnded(connection, alert),
    offer: offerOptions(connection, 'schemes'),
    option: USUAL_SCHEMES,
  };
  return {
    support: 'confirmed',
    basis: 'fact',
    explanation: { id: 'chosen', data },
    evidence: [
      evidence({ ...clientHello, from: 'client' }, 'seenOffer', { schemes }),
      evidence(exchange, 'seenChoice', { scheme }),
      ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
    ],
    remedies: [
      { who: 'server', id: 'upgrade', command: 'confirm', data },
      { who: 'client', id: 'take', data },
    ],
  };
}

/** The scheme of TLS for the signature of a certificate (RFC 8446 §4.2.3); undefined for those without a hash, and for PSS. */
function schemeOf({ signatureAlgorithm, signatureHash }: Certificate): string | undefined {
  if (signatureHash === null) return undefined;
  if (signatureAlgorithm === `${signatureHash}WithRSAEncryption`) return `rsa_pkcs1_${signatureHash}`;
  const curve = CURVES.get(signatureHash);
  return signatureAlgorithm.startsWith('ecdsa-with-') && curve !== undefined
    ? `ecdsa_${curve}_${signatureHash}`
    : undefined;
}

/** The curve in the name of the scheme with each hash; before TLS 1.3, it stands for any. */
const CURVES: ReadonlyMap<string, string> = new Map([
  ['sha256', 'secp256r1'],
  ['sha384', 'secp384r1'],
  ['sha512', 'secp521r1'],
]);

/** A client cannot verify the signature of a certificate, whose scheme it does not offer. */
function judgeChain(connection: Connection): Verdict | undefined {
  const { clientHello, serverCertificates } = connection;
  const alert = fatalAlert(connection, 'client');
  if (clientHello === null || alert?.name !== 'decrypt_error') return undefined;
  const schemes = withoutGreaseAndSignals(clientHello.signatureSchemes);
  if (schemes.length === 0 || clientHello.extensions.includes('signature_algorithms_cert')) return undefined;
  const foreign = serverCertificates.find((certificate) => {
    const scheme = certificate.selfIssued ? undefined : schemeOf(certificate);
    return scheme !== undefined && !isObsoleteScheme(scheme) && !schemes.includes(scheme);
  });
  if (foreign === undefined) return undefined;
  const data = {
    ...placesOf(connection),
    ...certificateData(foreign),
    algorithm: foreign.signatureAlgorithm,
    schemes: someOf(schemes),
    offer: offerOptions(connection, 'schemes'),
    option: USUAL_SCHEMES,
  };
  return {
    // Libraries that have the algorithm say so of any signature that is wrong.
    support: libraryOf(clientHello) === 'rustls' ? 'supported' : 'open',
    basis: 'fact',
    subject: foreign.sha256,
    explanation: { id: 'chain', data },
    evidence: [
      evidence({ ...clientHello, from: 'client' }, 'seenOffer', { schemes }),
      ...certificateEvidence(connection, 'server', foreign),
      ...alertEvidence(alert),
    ],
    remedies: [
      { who: 'server', id: 'sign', command: 'showChain', data },
      { who: 'client', id: 'verify', data },
    ],
  };
}

/**
 * The server refuses a client that names the signatures it accepts of certificates (RFC 8446 §4.2.3), where all certificates that
 * others got have another one.
 */
function judgeOthersChain(connection: Connection, context: Context): Verdict | undefined {
  const { clientHello } = connection;
  const alert = helloRejection(connection);
  if (clientHello?.extensions.includes('signature_algorithms_cert') !== true) return undefined;
  if (alert === undefined || !OFFER_ALERTS.has(alert.name ?? '')) return undefined;
  const accepted = acceptedForName(connection, context);
  if (!isShared(compareOffer(connection, accepted))) return undefined;
  const schemes = withoutGreaseAndSignals(clientHello.signatureSchemes);
  const seen = [...accepted.certificates.values()].map((other) => ({ other, foreign: foreignOf(other, schemes) }));
  const first = seen.find(({ foreign }) => foreign !== undefined);
  if (first?.foreign === undefined || seen.some(({ foreign }) => foreign === undefined)) return undefined;
  const { other, foreign } = first;
  const data = {
    ...placesOf(connection),
    ...certificateData(foreign),
    algorithm: foreign.signatureAlgorithm,
    schemes: someOf(schemes),
    how: howEnded(connection, alert),
    offer: offerOptions(connection, 'schemes'),
    option: USUAL_SCHEMES,
  };
  return {
    support: context.serverHistory.isServing(connection) ? 'supported' : 'open',
    basis: 'fact',
    explanation: { id: 'othersChain', data },
    evidence: [
      evidence({ ...clientHello, from: 'client' }, 'seenOffer', { schemes }),
      ...alertEvidence(alert),
      ...otherConnectionEvidence(other, foreign.signatureAlgorithm),
    ],
    remedies: [
      { who: 'server', id: 'sign', command: 'showChain', data },
      { who: 'client', id: 'verify', data },
    ],
  };
}

/**
 * The first certificate that a server sent whose signature is none of these schemes. SHA-1 may be among those for certificates
 * alone (Go).
 */
const foreignOf = (
  { serverCertificates }: Pick<Connection, 'serverCertificates'>,
  schemes: readonly string[],
): Certificate | undefined =>
  serverCertificates.find((certificate) => {
    const scheme = certificate.selfIssued ? undefined : schemeOf(certificate);
    return scheme !== undefined && !scheme.endsWith('_sha1') && !schemes.includes(scheme);
  });

/**
 * The server sent a certificate whose key can make no signature that the client accepts, and gives up where it has to
 * sign.
 */
function judgeUnsigned(connection: Connection): Verdict | undefined {
  const { clientHello, serverHello, messages, serverCertificates } = connection;
  const alert = fatalAlert(connection, 'server');
  const leaf = serverCertificates[0];
  if (clientHello === null || serverHello === null || leaf === undefined || alert === undefined) return undefined;
  if (!SIGNING_ALERTS.has(alert.name ?? '') || !/_(?:EC)?DHE_/.test(serverHello.cipherSuite)) return undefined;
  // A server that reached its key exchange has signed it; then the client's next messages may be at fault.
  const last = messages.findLast(({ from }) => from === 'server')?.type;
  if (messages.some(({ from, type }) => from === 'client' && type !== 'client_hello')) return undefined;
  if (last !== 'certificate' && last !== 'certificate_status') return undefined;
  const schemes = withoutGreaseAndSignals(clientHello.signatureSchemes);
  const key = keyName(leaf);
  const fitting = schemes.filter((scheme) => canSign(key, scheme, false));
  if (schemes.length === 0 || fitting.some((scheme) => !isObsoleteScheme(scheme))) return undefined;
  const data = {
    ...placesOf(connection),
    ...certificateData(leaf),
    cipherSuite: serverHello.cipherSuite,
    key,
    schemes: someOf(schemes),
    how: howEnded(connection, alert),
    offer: offerOptions(connection, 'schemes'),
    option: USUAL_SCHEMES,
  };
  return {
    support: fitting.length === 0 ? 'confirmed' : 'supported',
    basis: 'fact',
    explanation: { id: 'unsigned', data },
    evidence: [
      evidence({ ...clientHello, from: 'client' }, 'seenOffer', { schemes }),
      ...certificateEvidence(connection, 'server', leaf),
      ...alertEvidence(alert),
    ],
    remedies: [
      { who: 'client', id: 'client', command: 'confirm', data },
      { who: 'server', id: 'server', data },
    ],
  };
}

/** Alerts of servers that cannot sign. */
const SIGNING_ALERTS: ReadonlySet<string> = new Set(['handshake_failure', 'internal_error', 'illegal_parameter']);

export const signatureSchemeMismatch = defineRule({
  id: 'signature-scheme-mismatch',
  title: 'No signature scheme in common',
  description:
    'The client accepts no signature that the server can make with the key of its certificate, or not that of a certificate.',
  settledBy: 'The server\'s log (OpenSSL: "no shared signature algorithms"), or a handshake with other schemes.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §4.2.3', 'RFC 8446 §4.4.2.2', 'RFC 5246 §7.4.1.4.1'],
  messages,
  applies: (connection) =>
    connection.outcome === 'failed' &&
    (connection.clientHello !== null || refusalOfUnseenHello(connection) !== undefined),
  judge(connection, context) {
    const { clientHello } = connection;
    const choice = judgeChoice(connection) ?? judgeUnsigned(connection) ?? judgeChain(connection);
    if (choice !== undefined) return choice;
    if (clientHello === null) return judgeUnseen(connection, context);
    // By then, Java has chosen everything else, and encrypts its alert.
    const alert = helloRejection(connection) ?? encryptedRejection(connection);
    if (alert === undefined) return undefined;
    if (!OFFER_ALERTS.has(alert.name ?? '') && !alert.encrypted) return undefined;
    const schemes = withoutGreaseAndSignals(clientHello.signatureSchemes);
    if (schemes.length === 0) return undefined;
    const chain = judgeOthersChain(connection, context);
    if (chain !== undefined) return chain;
    const accepted = acceptedForName(connection, context);
    const comparison = compareOffer(connection, accepted);
    const lacking = lackedKeys(connection);
    const groups = offeredGroups(connection);
    const suites = offeredCipherSuites(connection);
    const isAlone = comparison.signatures === null;
    const lackedByOthers = lackedSchemes(connection, accepted);
    const isEliminated =
      isAlone &&
      lackedByOthers.length > 0 &&
      isShared(comparison) &&
      accepted.serverNames.has(clientHello.serverName) &&
      !clientHello.pskOffered;
    const keys = [...accepted.keys.keys()];
    const isOtherCurve = !isAlone && keys.every((key) => isCurveLacking(key, groups));
    // One of several servers may refuse everybody, or all by now: few have a key that needs such a scheme.
    const support = isEliminated
      ? 'open'
      : isAlone
        ? supportAlone(lacking, suites)
        : supportAmong(
            comparison,
            suites,
            isOtherCurve && !accepted.versions.has('TLS 1.3'),
            context.serverHistory.isServing(connection),
          );
    const data = {
      ...placesOf(connection),
      schemes: someOf(schemes),
      how: howEnded(connection, alert),
      keys,
      lacking: isEliminated ? someOf(lackedByOthers) : listOf(lacking, 'alternatives'),
      groups: someOf(groups),
      offer: offerOptions(connection, isOtherCurve ? 'groups' : 'schemes'),
      option: USUAL_SCHEMES,
    };
    const remedies = isOtherCurve
      ? ([{ who: 'server', id: 'usualCurve', command: 'confirm', data }] as const)
      : ([
          { who: 'client', id: 'client', command: 'confirm', data },
          { who: 'server', id: 'server', data },
        ] as const);
    if (support === undefined) {
      const left = remainingFault(connection, context, 'signature-scheme-mismatch');
      return left && { ...left, remedies };
    }
    return {
      support,
      basis: 'fact',
      explanation: {
        id: isEliminated ? 'eliminated' : isAlone ? 'unusual' : isOtherCurve ? 'otherCurve' : 'otherConnections',
        data,
      },
      evidence: [
        evidence({ ...clientHello, from: 'client' }, 'seenOffer', { schemes }),
        ...alertEvidence(alert),
        ...(isAlone ? [] : [...accepted.keys]).flatMap(([key, other]) =>
          otherConnectionEvidence(other, phrase('certificateKeyOf', { key })),
        ),
        ...(isEliminated ? [...accepted.signatureSchemes].slice(0, MAX_EXAMPLES) : []).flatMap(([list, other]) =>
          otherConnectionEvidence(other, someOf(list.split(','))),
        ),
      ],
      remedies,
    };
  },
});

/** The server refuses a ClientHello that the capture lacks. */
function judgeUnseen(connection: Connection, context: Context): VerdictOf<typeof messages> | undefined {
  const left = remainingFault(connection, context, 'signature-scheme-mismatch');
  const data = { ...placesOf(connection), keys: [], option: USUAL_SCHEMES, offer: offerOptions(connection, 'schemes') };
  return left && { ...left, remedies: [{ who: 'client', id: 'client', command: 'confirm', data }] };
}

/**
 * The support if others succeeded with keys whose signatures the client does not accept; undefined if they did not. A server that
 * accepted nobody since (`isServing`) may refuse everybody by now.
 */
function supportAmong(
  { versions, cipherSuites, groups, signatures }: OfferComparison,
  suites: readonly string[],
  needsTls12Suite: boolean,
  isServing: boolean,
): Verdict['support'] | undefined {
  // A curve does not change which suites a client offers. In TLS 1.3, suites say nothing about keys; in TLS 1.2, a client without
  // the signatures omits the suites that need them.
  const hasSuite = cipherSuites === true || (!needsTls12Suite && suites.some((suite) => suite.startsWith('TLS_AES_')));
  if (signatures !== false || !hasSuite || versions !== true || groups === false) return undefined;
  return isServing ? 'supported' : 'open';
}

/** The support by the offer alone; undefined if there is none. */
function supportAlone(lacking: readonly string[], suites: readonly string[]): Verdict['support'] | undefined {
  const lacksBoth = lacking.length > 1;
  const isInOrder = lacksBoth ? !suites.every(isObsoleteSuite) : isOrdinary(suites);
  if (lacking.length === 0 || !isInOrder) return undefined;
  // A client that accepts one of the two common kinds of key may have failed for any other reason.
  return lacksBoth ? 'supported' : 'open';
}
