import type { ClientHello, Connection } from '../../connection/connection.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import { isPhp } from '../../knowledge/stacks/openssl.js';
import { saysProtocol } from '../../preamble/preamble.js';
import type { Certificate } from '../../x509/certificate.js';
import { matchHostName } from '../../x509/names.js';
import type { PeculiarityKind } from '../../x509/peculiarity-kind.js';
import {
  certificateData,
  certificateEvidence,
  clientHelloEvidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { eapData } from '../evidence/eap.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { offersSuiteB } from '../evidence/offers.js';
import { isAddressMisnamed, isAddressUnnamed, knownToRefuse } from '../evidence/chains.js';
import {
  howRefused,
  isAnswerTo,
  isRefusedByProgram,
  mayBeCurlOnOpenssl,
  mayOnlyHaveLooked,
  type Refusal,
  refusalByClient,
  supportOf,
  whyUnseen,
} from '../evidence/refusals.js';
import { someOf } from '../../message.js';
import { phrase } from '../phrases.js';
import type { Context } from '../context.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';
import type { AcceptedConnection } from '../evidence/server-history.js';

const messages = defineMessages({
  explanations: {
    unseen:
      "The client, which looks like OpenSSL (by its ClientHello), sent internal_error (80) as soon as it had the server's certificate. OpenSSL does so where the program checks the certificate itself and refuses it, mostly because it does not cover the name {name} (Mosquitto, Perl), or because its fingerprint is not the one that is configured (fetchmail). The capture does not show that: {unseen}.",
    explanation:
      "The client asked for {name}, but the server's certificate covers only {presented}. The client rejected it {how}.",
    oneLabelOnly:
      "The client asked for {name}, but the server's certificate covers only {presented}. The client rejected it {how}. The wildcard {pattern} matches one label only.",
    notTheDomain:
      "The client asked for {name}, but the server's certificate covers only {presented}. The client rejected it {how}. The wildcard {pattern} does not cover the domain itself.",
    invalidWildcard:
      "The client asked for {name}, but the server's certificate covers only {presented}. The client rejected it {how}. The pattern {pattern} is not a valid wildcard.",
    commonNameOnly:
      "The client asked for {name}, but the server's certificate covers only {presented}. The client rejected it {how}. Its common name would match, but does not count (RFC 9525).",
    defaultCertificate:
      'The client asked for {name}. The server has no certificate for that name and sent one that covers only {presented}, its default certificate. The client rejected it {how}. For another name the server has the right certificate.',
    address:
      "The client connected to {name} and sent no server name. The server's certificate covers only {presented}, not that address. The client rejected it {how}.",
    addressAsName:
      "The client connected to {name} and sent no server name. The server's certificate has that address only as a DNS name, where it does not count. The client rejected it {how}.",
    profile:
      "The supplicant {client} rejected the certificate of the RADIUS server, which covers {presented}, {how}. Supplicants compare the names with those in the network's profile (wpa_supplicant: domain_match, domain_suffix_match, altsubject_match, subject_match), which the capture does not show: probably the profile names another server.",
    profileUnseen:
      "The supplicant {client}, which looks like OpenSSL (by its ClientHello), sent internal_error (80) as soon as it had the RADIUS server's certificate. wpa_supplicant does so if one of its own checks fails, mostly because the names do not match those of the network's profile (domain_match, domain_suffix_match, altsubject_match, subject_match). The capture does not show that: {unseen}.",
    otherName:
      "The server's certificate covers {name}, which the client sent as the server name. A program may check another name: if it expects one other than {presented}, it rejects the certificate, as it did here {how}.",
    looked:
      "The client asked for {name}, but the server's certificate covers only {presented}. The client closed the connection as soon as the handshake was complete, without data: it rejected the certificate, or only wanted to see it.",
    wildcardRefused:
      "The client asked for {name}; only {pattern} in the server's certificate covers it. The client looks like {library} (by its ClientHello), which does not accept that pattern for that name. It rejected the certificate {how}.",
    wildcardAlone:
      "The client asked for {name}; only the wildcard {pattern} in the server's certificate covers it. The client looks like {library} (by its ClientHello), which accepts no wildcards unless the program configures it to. It rejected the certificate {how}.",
    noHostNames:
      "The client asked for {name}, but the server's certificate has no host name: its subject alternative names are {others}. The client rejected it {how}.",
    spiffe:
      "The client asked for {name}, but the server's certificate has no host name: its subject alternative names are {others}. The client rejected it {how}. Such a certificate is for programs that check those names instead (SPIFFE).",
    noNames:
      "The client asked for {name}, but the server's certificate has no host name among its subject alternative names. Its common name ({commonNames}) does not count (RFC 9525). The client rejected it {how}.",
  },
  evidence: {},
  remedies: {
    check: 'See with the command whether the certificate that {connect} sends covers {name}.',
    reissue: 'Have the certificate issued again with {name} among its subject alternative names.',
    reissueWildcard:
      'Have the certificate issued again with {name} among its subject alternative names, or {wildcard}.',
    wrongServer:
      'If {connect} is not meant to serve {name}, correct the DNS entry or the virtual host that chooses the certificate.',
    reissueAddress:
      'Have the certificate issued again with {name} as an IP address among its subject alternative names; as a DNS name it does not count.',
    nameHost: 'Configure {name} at {connect}, with a certificate that covers it.',
    profile:
      "Correct the name of the server in the network profile of {client}: the certificate has {presented}. wpa_supplicant's log names the check that failed (CTRL-EVENT-EAP-TLS-CERT-ERROR).",
    profileLog:
      "Look at the log of {client}: wpa_supplicant names the check that failed (CTRL-EVENT-EAP-TLS-CERT-ERROR). Correct the name of the server in its network profile, or in the RADIUS server's certificate.",
    reissueRadius:
      'Or have the certificate of the RADIUS server issued again, with the name that the profiles ask for among its subject alternative names.',
    matchWildcards: 'Let {client} match names as HTTPS does: {code}.',
    useName: 'Or let the client use a name that the certificate covers: {usable}.',
  },
  commands: {
    eap: {
      run: 'eapol_test -c SUPPLICANT.conf -a {host} -p {port} -s SECRET -o radius.pem; openssl x509 -in radius.pem -noout -subject -ext subjectAltName',
      does: "shows the names in the RADIUS server's certificate",
      where: 'radius-client',
    },
    confirmAddress: {
      run: 'openssl s_client -connect {connect} {sni} -verify_ip {name} </dev/null',
      does: 'shows whether the certificate is valid for this address',
      where: 'from-client',
    },
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -verify_hostname {name} </dev/null',
      does: 'shows whether the certificate is valid for this name',
      where: 'from-client',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

export const hostnameMismatch = defineRule({
  id: 'hostname-mismatch',
  title: 'Server certificate does not cover the requested name',
  description: "The server's certificate is for other names than the one that the client asked for.",
  settledBy: 'The client\'s log (OpenSSL: "hostname mismatch") says which name it looked for.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9525 §6', 'RFC 6066 §3'],
  messages,
  applies: ({ clientHello, serverHello }) => clientHello !== null && serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    const { clientHello } = connection;
    if (refusal === undefined || clientHello === null) return undefined;
    if (leaf === undefined) {
      return isRefusedByProgram(connection) ? unseenCertificate(connection, clientHello, refusal) : undefined;
    }
    if (leaf.error !== null) return undefined;
    // Go checks names during the handshake.
    if (refusal.how === 'after-handshake' && refusal.library === 'Go') return undefined;
    const rejection: Rejection = { connection, clientHello, leaf, refusal };
    if (connection.eap !== null) return profileMismatch(rejection);
    return clientHello.serverName === null
      ? addressMismatch(rejection, context)
      : nameMismatch(rejection, clientHello.serverName, context);
  },
});

/** A client's refusal of a certificate that the capture shows. */
interface Rejection {
  readonly connection: Connection;
  readonly clientHello: ClientHello;
  readonly leaf: Certificate;
  readonly refusal: Refusal;
}

/** A program refused a certificate that the capture does not show; it does so mostly for its name. */
function unseenCertificate(connection: Connection, { serverName }: ClientHello, refusal: Refusal): Verdict {
  const data = {
    name: serverName ?? connection.server.address,
    connect: connectTo(connection),
    sni: sniOption(connection),
    unseen: whyUnseen(connection),
    ...eapData(connection),
  };
  const isOfProfile = connection.eap !== null;
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: isOfProfile ? 'profileUnseen' : 'unseen', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...certificateEvidence(connection, 'server', undefined),
      ...refusal.evidence,
    ],
    remedies: isOfProfile
      ? [{ who: 'client', id: 'profileLog', command: 'eap', data }]
      : [{ who: 'server', id: 'check', command: 'confirm', data }],
  };
}

/** A supplicant refused the certificate of a RADIUS server, whose names it compares with its profile. */
function profileMismatch({ connection, leaf, refusal }: Rejection): Verdict | undefined {
  const isByProgram = isRefusedByProgram(connection);
  // wpa_supplicant on OpenSSL compares names itself.
  const isOfLibrary = refusal.library !== 'OpenSSL' && isAnswerTo(refusal, 'hostname-mismatch') !== false;
  if (!isByProgram && (!isOfLibrary || supportOf(refusal, [], 'name', 'hostname-mismatch') === undefined)) {
    return undefined;
  }
  const data = {
    presented: someOf([...leaf.subjectAltNames.dns, ...leaf.subjectAltNames.ip]),
    how: howRefused(refusal),
    ...eapData(connection),
  };
  return {
    support: isByProgram && !offersSuiteB(connection) ? 'supported' : 'open',
    basis: 'fact',
    subject: leaf.sha256,
    explanation: { id: 'profile', data },
    evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
    remedies: [
      { who: 'client', id: 'profile', command: 'eap', data },
      { who: 'server', id: 'reissueRadius', data },
    ],
  };
}

/** The client sent no name, and the certificate does not cover the address that it connected to. */
function addressMismatch({ connection, clientHello, leaf, refusal }: Rejection, context: Context): Verdict | undefined {
  // A client that checks the name has done so during the handshake; one that sends none and leaves may not need one.
  const isMisnamed = isAddressMisnamed(connection);
  const isByProgram = isRefusedByProgram(connection);
  // Behind address translation, the capture shows another address than the client used: only that it sent no data is
  // known.
  const isUnasked = refusal.how === 'after-handshake' && mayBeCurlOnOpenssl(clientHello);
  // A client without an alert about names may not have checked any; these stacks leave without an alert whatever they refuse.
  const isLate =
    isUnasked || (refusal.how !== 'alert' && !refusal.isOrderlyClose && REFUSE_SILENTLY.has(libraryOf(clientHello)));
  // Erlang's alert for names is not one about certificates.
  const isOfNames = refusal.how === 'alert' && !refusal.isExplicit && isAnswerTo(refusal, 'hostname-mismatch') === true;
  if (!refusal.isExplicit && !isMisnamed && !isByProgram && !isLate && !isOfNames) return undefined;
  if (supportOf(refusal, [], 'name', 'hostname-mismatch') === undefined || !isAddressUnnamed(connection))
    return undefined;
  if (!isByProgram && isAnswerTo(refusal, 'hostname-mismatch') === false) return undefined;
  const { status } = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
  const taken = context.serverHistory.acceptedChain(connection, 'same-host');
  const isTrusted = status === 'trusted' || (taken !== undefined && taken.nameUsed !== null);
  const names = [...leaf.subjectAltNames.dns, ...leaf.subjectAltNames.ip];
  const usable = names.filter((name) => name !== connection.server.address);
  const data = {
    ...certificateData(leaf),
    name: connection.server.address,
    presented: someOf(names),
    usable: someOf(usable, 'alternatives'),
    connect: connectTo(connection),
    sni: sniOption(connection),
    how: howRefused(refusal),
  };
  return {
    support: isMisnamed || isByProgram || isOfNames || (!isUnasked && isTrusted) ? 'supported' : 'open',
    basis: 'fact',
    subject: `${leaf.sha256} ${connection.server.address}`,
    explanation: { id: isMisnamed ? 'addressAsName' : 'address', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...certificateEvidence(connection, 'server', leaf),
      ...refusal.evidence,
    ],
    remedies: [
      { who: 'server', id: 'reissueAddress', command: 'confirmAddress', data },
      ...(usable.length === 0 ? [] : ([{ who: 'client', id: 'useName', data }] as const)),
    ],
  };
}

/** The certificate does not cover the name that the client sent, or only in a way that this client does not accept. */
function nameMismatch(rejection: Rejection, wanted: string, context: Context): Verdict | undefined {
  const { connection, clientHello, leaf, refusal } = rejection;
  const other = otherCertificate(rejection, wanted, context);
  // A client that gets the default certificate instead of the right one may just as well report an unknown authority.
  const support =
    supportOf(refusal, [], 'name', 'hostname-mismatch') ?? (other && refusal.isExplicit ? 'supported' : undefined);
  if (support === undefined) return undefined;
  const match = matchHostName(leaf, wanted);
  // curl checks the name itself, after the handshake.
  const isByCurl = refusal.how === 'after-handshake' && mayBeCurlOnOpenssl(clientHello);
  const refused = match.covered
    ? knownToRefuse(connection).find(
        ({ kind, index }) => index === 0 && NAME_PECULIARITIES.has(kind) && !(isByCurl && ACCEPTED_BY_CURL.has(kind)),
      )
    : undefined;
  // A program may check another name than it sends: OpenSSL has one alert for that, with few other reasons.
  const isOtherName =
    match.covered &&
    refused === undefined &&
    ((refusal.library === 'OpenSSL' && refusal.alert === 'bad_certificate') || isRefusedByProgram(connection));
  if (match.covered && refused === undefined && !isOtherName) return undefined;
  // Programs that check names with OpenSSL use the common name if there is no other name.
  if (refusal.isOrderlyClose && match.presented.length === 0 && match.commonNameMatches) return undefined;
  // A program may have configured its library to accept wildcards; then the alert must be the one for names.
  const isWildcardAlone = refused?.kind === 'wildcard-alone';
  if (isWildcardAlone && isAnswerTo(refusal, 'hostname-mismatch') !== true) return undefined;
  const refusedPattern = refused?.details[0];
  const usable = match.presented.filter((name) => name !== refusedPattern && !(isWildcardAlone && name.includes('*')));
  const data = {
    ...certificateData(leaf),
    name: match.name,
    presented: someOf(match.presented),
    usable: someOf(usable, 'alternatives'),
    commonNames: leaf.commonNames,
    others: someOf(otherNamesOf(leaf)),
    pattern: refusedPattern ?? match.nearMisses[0]?.pattern ?? '',
    library: libraryOf(clientHello) ?? '',
    wildcard: match.wildcard ?? '',
    client: connection.client.address,
    code: MATCH_WILDCARDS,
    connect: connectTo(connection),
    sni: sniOption(connection),
    how: howRefused(refusal),
  };
  const isLook = mayOnlyLook(rejection);
  // A program that uses the chain for the very name checks the name as little as the authority.
  const isUsedForName =
    !match.covered && context.serverHistory.acceptedChain(connection, 'same-host')?.nameUsed === wanted;
  // Whom the client trusts does not matter where the server has another certificate, and sent its default one.
  const isUnclear = other === undefined && mayBeDistrust(rejection, context);
  const certificateOfName = refused === undefined ? other : undefined;
  return {
    support: isOtherName || isLook || isUsedForName || isUnclear ? 'open' : support,
    basis: isOtherName ? 'alert' : 'fact',
    subject: `${leaf.sha256} ${match.name}`,
    explanation: {
      id: isOtherName
        ? 'otherName'
        : refused !== undefined
          ? isWildcardAlone
            ? 'wildcardAlone'
            : 'wildcardRefused'
          : isLook && match.presented.length > 0
            ? 'looked'
            : other !== undefined
              ? 'defaultCertificate'
              : explanationFor(match, leaf),
      data,
    },
    evidence: [
      ...clientHelloEvidence(connection),
      ...certificateEvidence(connection, 'server', leaf),
      ...(certificateOfName === undefined ? [] : evidenceOfOther(certificateOfName)),
      ...refusal.evidence,
    ],
    remedies: [
      ...(isWildcardAlone ? ([{ who: 'client', id: 'matchWildcards', command: 'confirm', data }] as const) : []),
      ...(certificateOfName === undefined ? [] : ([{ who: 'server', id: 'nameHost', data }] as const)),
      {
        who: 'server',
        id: match.wildcard === null || refused !== undefined ? 'reissue' : 'reissueWildcard',
        command: 'confirm',
        data,
      },
      { who: 'server', id: 'wrongServer', data },
      ...(usable.length === 0 ? [] : ([{ who: 'client', id: 'useName', data }] as const)),
    ],
  };
}

/**
 * Whether the client's alert may as well mean that it does not know the authority: nothing shows that it does. Java looks at the
 * chain first, has one alert for both, and leaves names to the program (JavaMail and drivers of databases do not compare them).
 */
function mayBeDistrust({ connection, refusal }: Rejection, context: Context): boolean {
  if (refusal.library !== 'JSSE' || refusal.alert !== 'certificate_unknown') return false;
  // Java has a store of its own: what other programs accept says nothing of it.
  if (context.serverHistory.acceptedChain(connection, 'same-program') !== undefined) return false;
  return context.chainOf(connection.serverCertificates, context.judgedAt(connection)).status !== 'trusted';
}

/** A connection that got another certificate from this server, for another name. */
const otherCertificate = (
  { connection, leaf }: Rejection,
  wanted: string,
  context: Context,
): AcceptedConnection | undefined =>
  [...context.serverHistory.acceptedBy(connection).certificates].find(
    ([sha256, accepted]) => sha256 !== leaf.sha256 && accepted.clientHello?.serverName !== wanted,
  )?.[1];

const evidenceOfOther = (other: AcceptedConnection) =>
  otherConnectionEvidence(other, phrase('serverNameOf', { name: other.clientHello?.serverName ?? '' }));

/**
 * Whether the client may only have wanted to see the certificate, whatever its name. Programs on PHP and Node.js leave in the
 * same way in both cases, and so do many programs after STARTTLS.
 */
function mayOnlyLook({ connection: { preamble }, clientHello, refusal }: Rejection): boolean {
  if (refusal.how !== 'after-handshake') return false;
  return mayOnlyHaveLooked(refusal) || isPhp(clientHello) || (preamble !== null && saysProtocol(preamble));
}

/** Stacks that refuse certificates without an alert. */
const REFUSE_SILENTLY: ReadonlySet<Library | null> = new Set(['Node.js', 'GnuTLS', 'NSS', 'BoringSSL']);

/** The option with which a program makes Erlang accept wildcards. */
const MATCH_WILDCARDS = '{customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}';

/** Names that some clients refuse although they match. */
const NAME_PECULIARITIES: ReadonlySet<PeculiarityKind> = new Set([
  'wildcard-alone',
  'wildcard-over-one-label',
  'underscore-under-wildcard',
  'final-dot',
]);

/** Those that curl accepts even where OpenSSL does not (recorded of curl 7.88). */
const ACCEPTED_BY_CURL: ReadonlySet<PeculiarityKind> = new Set(['underscore-under-wildcard', 'final-dot']);

/** Subject alternative names that are no host names. A mail address of the subject's own name need not be among them. */
const otherNamesOf = ({ uriNames, otherNames, emailAddresses, subject }: Certificate): string[] => [
  ...uriNames,
  ...otherNames,
  ...emailAddresses.filter((address) => !subject.includes(address)),
];

/** The explanation why the closest name of the certificate does not match. */
function explanationFor(
  { nearMisses, commonNameMatches, presented }: ReturnType<typeof matchHostName>,
  leaf: Certificate,
) {
  if (presented.length === 0) {
    if (leaf.uriNames.some((name) => name.startsWith('spiffe://'))) return 'spiffe';
    return otherNamesOf(leaf).length > 0 ? 'noHostNames' : 'noNames';
  }
  switch (nearMisses[0]?.why) {
    case 'depth':
      return 'oneLabelOnly';
    case 'apex':
      return 'notTheDomain';
    case 'form':
      return 'invalidWildcard';
    case undefined:
      return commonNameMatches ? 'commonNameOnly' : 'explanation';
  }
}
