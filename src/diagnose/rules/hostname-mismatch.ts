import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import { isPhp } from '../../knowledge/stacks/openssl.js';
import { saysProtocol } from '../../preamble/preamble.js';
import { matchHostName } from '../../x509/names.js';
import type { PeculiarityKind } from '../../x509/peculiarity-kind.js';
import {
  certificateData,
  certificateEvidence,
  clientHelloEvidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { isAddressMisnamed, isAddressUnnamed, knownToRefuse } from '../evidence/chains.js';
import {
  howRefused,
  isAnswerTo,
  isRefusedByProgram,
  mayBeCurlOnOpenssl,
  refusalByClient,
  supportOf,
  whyUnseen,
} from '../evidence/refusals.js';
import { someOf } from '../../message.js';
import { phrase } from '../phrases.js';
import { defineRule } from '../rule.js';

export const hostnameMismatch = defineRule({
  id: 'hostname-mismatch',
  title: 'Server certificate does not cover the requested name',
  description: "The server's certificate is for other names than the one that the client asked for.",
  settledBy: 'The client\'s log (OpenSSL: "hostname mismatch") says which name it looked for.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9525 §6', 'RFC 6066 §3'],
  messages: {
    explanations: {
      unseen:
        "The client, which looks like OpenSSL (by its ClientHello), sent internal_error (80) as soon as it had the server's certificate. OpenSSL does so where the program checks the certificate itself and refuses it, mostly because it does not cover the name {name} (Mosquitto, Perl). The capture does not show the certificate: {unseen}.",
      explanation:
        "The client asked for {name}, but the server's certificate covers only {presented}. The client rejected it {how}.",
      oneLabelOnly:
        "The client asked for {name}, but the server's certificate covers only {presented}. The client rejected it {how}. The wildcard {pattern} stands for one label only.",
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
      otherName:
        "The server's certificate covers {name}, which the client sent as the server name. A program may check another name: if it expects one that is not among {presented}, it rejects the certificate, as it did here {how}.",
      looked:
        "The client asked for {name}, but the server's certificate covers only {presented}. The client closed the connection as soon as the handshake was complete, without data: it rejected the certificate, or only wanted to see it.",
      wildcardRefused:
        "The client asked for {name}; only {pattern} in the server's certificate covers it. The client looks like {library} (by its ClientHello), which does not accept that pattern for that name. It rejected the certificate {how}.",
      wildcardAlone:
        "The client asked for {name}; only the wildcard {pattern} in the server's certificate covers it. The client looks like {library} (by its ClientHello), which takes no wildcards unless the program tells it to. It rejected the certificate {how}.",
      noNames:
        "The client asked for {name}, but the server's certificate has no subject alternative name. Its common name ({commonNames}) does not count (RFC 9525). The client rejected it {how}.",
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
      matchWildcards: 'Let {client} match names as HTTPS does: {code}.',
      useName: 'Or let the client use a name that the certificate covers: {presented}.',
    },
    commands: {
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
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null && serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    const { clientHello } = connection;
    if (refusal === undefined || clientHello === null) return undefined;
    if (leaf === undefined) {
      if (!isRefusedByProgram(connection)) return undefined;
      const data = {
        name: clientHello.serverName ?? connection.server.address,
        connect: connectTo(connection),
        sni: sniOption(connection),
        unseen: whyUnseen(connection),
      };
      return {
        support: 'open',
        basis: 'alert',
        explanation: { id: 'unseen', data },
        evidence: [
          ...clientHelloEvidence(connection),
          ...certificateEvidence(connection, 'server', undefined),
          ...refusal.evidence,
        ],
        remedies: [{ who: 'server', id: 'check', command: 'confirm', data }],
      };
    }
    if (leaf.error !== null) return undefined;
    // Go checks names during the handshake.
    if (refusal.how === 'after-handshake' && refusal.library === 'Go') return undefined;
    if (clientHello.serverName === null) {
      // A client that checks the name has done so during the handshake; one that sends none and leaves may not need
      // one.
      const isMisnamed = isAddressMisnamed(connection);
      const isByProgram = isRefusedByProgram(connection);
      // Where the capture was taken, the address may be another than the client's; that it asked for nothing is all that it shows.
      const isUnasked = refusal.how === 'after-handshake' && mayBeCurlOnOpenssl(clientHello);
      // A client that says nothing about names may not have checked any; these leave without an alert whatever they
      // refuse.
      const isLate =
        isUnasked || (refusal.how !== 'alert' && !refusal.isOrderlyClose && WORDLESS.has(libraryOf(clientHello)));
      const byAddress =
        refusal.isExplicit || isMisnamed || isByProgram || isLate
          ? supportOf(refusal, [], 'name', 'hostname-mismatch')
          : undefined;
      if (byAddress === undefined || !isAddressUnnamed(connection)) return undefined;
      if (!isByProgram && isAnswerTo(refusal, 'hostname-mismatch') === false) return undefined;
      const { status } = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
      const isTaken = context.serverHistory.chainTaken(connection, 'same-host') !== undefined;
      const data = {
        ...certificateData(leaf),
        name: connection.server.address,
        presented: someOf([...leaf.subjectAltNames.dns, ...leaf.subjectAltNames.ip]),
        connect: connectTo(connection),
        sni: sniOption(connection),
        how: howRefused(refusal),
      };
      return {
        support: isMisnamed || isByProgram || (!isUnasked && (status === 'trusted' || isTaken)) ? 'supported' : 'open',
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
          { who: 'client', id: 'useName', data },
        ],
      };
    }
    const wanted = clientHello.serverName;
    const other = [...context.serverHistory.acceptedBy(connection).certificates].find(
      ([sha256, accepted]) => sha256 !== leaf.sha256 && accepted.clientHello?.serverName !== wanted,
    )?.[1];
    // A client that gets the default certificate instead of the right one may just as well report an unknown authority.
    const support =
      supportOf(refusal, [], 'name', 'hostname-mismatch') ?? (other && refusal.isExplicit ? 'supported' : undefined);
    if (support === undefined) return undefined;
    const match = matchHostName(leaf, wanted);
    const pickyWith = match.covered
      ? knownToRefuse(connection).find(({ kind, index }) => index === 0 && NAME_PECULIARITIES.has(kind))
      : undefined;
    // A program may check another name than it sends: OpenSSL has one alert for that, with few other reasons.
    const isOtherName =
      match.covered &&
      pickyWith === undefined &&
      ((refusal.library === 'OpenSSL' && refusal.alert === 'bad_certificate') || isRefusedByProgram(connection));
    if (match.covered && pickyWith === undefined && !isOtherName) return undefined;
    // Programs that check names with OpenSSL use the common name if there is no other name.
    if (refusal.isOrderlyClose && match.presented.length === 0 && match.commonNameMatches) return undefined;
    const data = {
      ...certificateData(leaf),
      name: match.name,
      presented: someOf(match.presented),
      commonNames: leaf.commonNames,
      pattern: pickyWith?.details[0] ?? match.nearMisses[0]?.pattern ?? '',
      library: libraryOf(clientHello) ?? '',
      wildcard: match.wildcard ?? '',
      client: connection.client.address,
      code: MATCH_WILDCARDS,
      connect: connectTo(connection),
      sni: sniOption(connection),
      how: howRefused(refusal),
    };
    // A program may have told its library to take wildcards; then the alert must be the one for names.
    const isWildcardAlone = pickyWith?.kind === 'wildcard-alone';
    if (isWildcardAlone && isAnswerTo(refusal, 'hostname-mismatch') !== true) return undefined;
    // Who asks PHP or Node.js for a certificate and for nothing else may not mind the name: both leave in the same way then.
    // So do many programs after STARTTLS.
    const { preamble } = connection;
    const isWithin = preamble !== null && saysProtocol(preamble);
    const isUntold = refusal.library === 'Node.js' || isPhp(clientHello) || isWithin;
    const isLook = refusal.how === 'after-handshake' && isUntold;
    return {
      support: isOtherName || isLook ? 'open' : support,
      basis: isOtherName ? 'alert' : 'fact',
      subject: `${leaf.sha256} ${match.name}`,
      explanation: {
        id: isOtherName
          ? 'otherName'
          : pickyWith !== undefined
            ? isWildcardAlone
              ? 'wildcardAlone'
              : 'wildcardRefused'
            : isLook && match.presented.length > 0
              ? 'looked'
              : other !== undefined
                ? 'defaultCertificate'
                : match.presented.length === 0
                  ? 'noNames'
                  : explanationFor(match),
        data,
      },
      evidence: [
        ...clientHelloEvidence(connection),
        ...certificateEvidence(connection, 'server', leaf),
        ...(other === undefined || pickyWith !== undefined
          ? []
          : otherConnectionEvidence(other, phrase('serverNameOf', { name: other.clientHello?.serverName ?? '' }))),
        ...refusal.evidence,
      ],
      remedies: [
        ...(isWildcardAlone ? ([{ who: 'client', id: 'matchWildcards', command: 'confirm', data }] as const) : []),
        ...(other === undefined || pickyWith !== undefined ? [] : ([{ who: 'server', id: 'nameHost', data }] as const)),
        { who: 'server', id: match.wildcard === null ? 'reissue' : 'reissueWildcard', command: 'confirm', data },
        { who: 'server', id: 'wrongServer', data },
        ...(match.presented.length === 0 ? [] : ([{ who: 'client', id: 'useName', data }] as const)),
      ],
    };
  },
});

/** Stacks that refuse certificates without an alert. */
const WORDLESS: ReadonlySet<Library | null> = new Set(['Node.js', 'GnuTLS', 'NSS', 'BoringSSL']);

/** How a program has Erlang take wildcards. */
const MATCH_WILDCARDS = '{customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}';

/** Names that some clients refuse although they match. */
const NAME_PECULIARITIES: ReadonlySet<PeculiarityKind> = new Set([
  'wildcard-alone',
  'wildcard-over-one-label',
  'underscore-under-wildcard',
  'final-dot',
]);

/** The explanation why the closest name of the certificate does not match. */
function explanationFor({ nearMisses, commonNameMatches }: ReturnType<typeof matchHostName>) {
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
