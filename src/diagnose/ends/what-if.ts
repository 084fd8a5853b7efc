import type { Connection } from '../../connection/connection.js';
import type { WhatIfFile } from '../../ends/ends.js';
import type { Configuration, Service } from '../../ends/configurations/configuration.js';
import type { Certificate } from '../../x509/certificate.js';
import { intermediateAnchorsOf } from '../../knowledge/stacks/anchors.js';
import type { IntermediateAnchors } from '../../knowledge/stacks/stack.js';
import type { TrustAnchors } from '../../x509/anchors.js';
import { judgeChain, type ChainLink, type ChainVerdict } from '../../x509/chain.js';
import { matchHostName } from '../../x509/names.js';
import { validityOf } from '../../x509/validity.js';
import { createBoundedMap, createBoundedSet } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import { memoize } from '../../memoize.js';
import type { Context } from '../context.js';
import type { DiagnosedConnection } from '../finding.js';
import { agreement, certificatesFor, mayRefuseSha1, signing, type ServerKnowledge } from './agreement.js';
import { canSign } from '../evidence/offer-comparison.js';
import { keyName } from '../evidence/server-history.js';
import { SCANS } from './configuration.js';
import { fateOf } from './other-chain.js';
import { anchorsOf, knownEnds, type KnownEnds, type KnownStore } from './known.js';
import { serviceFor } from './service.js';

/** Groups of connections with the same answer; further ones are merged into one. */
const MAX_GROUPS = BOUNDS.whatIfGroups.value;
/** Connections and clients that a group names. */
const MAX_NAMED = 8;

/** Why a handshake would end like that. */
export type WhatIfReason =
  | 'fits'
  | 'no-version'
  | 'no-cipher-suite'
  | 'no-group'
  | 'name-rejected'
  | 'no-service'
  | 'proxy-header'
  | 'proxy-header-unexpected'
  | 'client-certificate'
  | 'not-set'
  | 'name-not-covered'
  | 'not-valid'
  | 'no-signature-scheme'
  | 'key-type'
  | 'client-key-type'
  | 'client-untrusted'
  | 'client-chain-too-long'
  | 'client-certificate-unasked'
  | 'requests-refused'
  | 'client-trust-unknown'
  | 'certificates-absent'
  | 'trusted'
  | 'untrusted'
  | 'intermediate-anchor'
  | 'trust-unknown'
  | 'chain-hidden'
  | 'chain-shorter'
  | 'chain-unchecked'
  | 'no-client-certificate'
  | 'client-certificate-hidden'
  | 'no-hello'
  | 'other-cause'
  | 'cause-unsure';

/** What became of some connections, and what would have become of them with the other file. */
export interface WhatIfGroup {
  readonly was: 'established' | 'failed';
  readonly would: 'work' | 'fail' | 'unknown';
  readonly reason: WhatIfReason;
  readonly count: number;
  /** Ids of the first. */
  readonly connections: readonly string[];
  /** Addresses of the first. */
  readonly clients: readonly string[];
}

/** The answer to "would it have worked?" */
export interface WhatIf {
  /** Name of the file. */
  readonly path: string;
  /** What it replaces: a server's configuration, its chain, or the trust store of a side. */
  readonly kind: WhatIfFile['kind'];
  /** Of a configuration, what kind of file it is; null for others. */
  readonly format: string | null;
  /** Those that would change first: broken, then fixed, then what is not known. */
  readonly groups: readonly WhatIfGroup[];
}

/** Causes that another file of a kind can fix. */
const FIXES: Readonly<Record<WhatIf['kind'], ReadonlySet<string>>> = {
  configuration: new Set([
    ...['protocol-version-mismatch', 'cipher-suite-mismatch', 'group-mismatch', 'signature-scheme-mismatch'],
    ...['sni-unrecognized', 'sni-missing'],
    ...['client-certificate-missing', 'client-certificate-expired', 'client-certificate-untrusted'],
    ...['client-certificate-rejected', 'client-key-unusable', 'proxy-protocol-mismatch', 'fallback-rejected'],
    'alpn-mismatch',
  ]),
  chain: new Set([
    ...[
      'certificate-expired',
      'certificate-not-yet-valid',
      'hostname-mismatch',
      'chain-incomplete',
      'chain-out-of-order',
    ],
    ...['certificate-self-signed', 'certificate-authority-unknown', 'certificate-weak'],
  ]),
  'client-trusts': new Set(['certificate-self-signed', 'certificate-authority-unknown', 'chain-incomplete']),
  // Clients choose a certificate by the authorities that the server names, and may have found none.
  'server-trusts': new Set(['client-certificate-untrusted', 'client-certificate-missing']),
};

/** Refusals without a visible reason, which a file of the kind may fix. */
const MAY_FIX: Readonly<Record<WhatIf['kind'], string | null>> = {
  configuration: null,
  chain: 'certificate-rejected',
  'client-trusts': 'certificate-rejected',
  'server-trusts': 'client-certificate-rejected',
};

interface Answer extends Pick<WhatIfGroup, 'would' | 'reason'> {
  /** Whether the server would send another chain than now, which may fix what was wrong; undefined if unknown. */
  readonly hasOtherChain?: boolean | undefined;
}

/** Receives the judged connections of a capture, and says what would have become of them. */
export interface WhatIfJudge {
  add(diagnosed: DiagnosedConnection): void;
  result(): WhatIf;
}

/**
 * @param options.at judges certificates at this time; without it, no certificate counts as not yet valid, since the
 * future is meant
 */
export function createWhatIf(
  file: WhatIfFile,
  context: Context,
  publicAnchors: TrustAnchors,
  { at }: { readonly at?: Date | undefined } = {},
): WhatIfJudge {
  const { kind, path } = file;
  const ends = knownEnds(file.ends, publicAnchors);
  const known: Known = {
    context,
    isTimeGiven: at !== undefined,
    anchorsOf: memoize((certificates: readonly Certificate[]) => anchorsOf(certificates, publicAnchors)),
  };
  const groups = createBoundedMap<string, { group: WhatIfGroup; clients: Set<string> }>({
    size: MAX_GROUPS,
    whenFull: 'refuse',
  });
  return {
    add(diagnosed) {
      const { connection, cause } = diagnosed;
      const was = connection.outcome;
      if (was !== 'established' && was !== 'failed') return;
      const answer = ends === null ? null : answerOf(connection, kind, ends, known);
      if (answer === null) return;
      note(was, was === 'failed' ? afterFailure(answer, kind, cause) : answer, connection);
    },
    result: () => ({
      path,
      kind,
      format: ends?.serverConfiguration?.format ?? null,
      groups: Array.from(groups.values(), ({ group }) => group).sort(byWeight),
    }),
  };

  function note(was: WhatIfGroup['was'], { would, reason }: Answer, { id, client }: Connection): void {
    const key = `${was} ${would} ${reason}`;
    const known = groups.getOrAdd(key, () => ({
      group: { was, would, reason, count: 0, connections: [], clients: [] },
      clients: createBoundedSet<string>(MAX_NAMED),
    }));
    if (known === undefined) return;
    const { group, clients } = known;
    clients.add(client.address);
    const connections = group.connections.length < MAX_NAMED ? [...group.connections, id] : group.connections;
    known.group = { ...group, count: group.count + 1, connections, clients: [...clients] };
  }
}

/** Broken first, then fixed, then unknown, then unchanged. */
function byWeight(a: WhatIfGroup, b: WhatIfGroup): number {
  const weight = ({ was, would }: WhatIfGroup): number =>
    would === 'unknown' ? 2 : (was === 'established') === (would === 'work') ? 3 : would === 'fail' ? 0 : 1;
  return weight(a) - weight(b) || b.count - a.count;
}

/** A failure counts as fixed only if the file concerns its cause, and the cause is more than possible. */
function afterFailure(answer: Answer, kind: WhatIf['kind'], cause: DiagnosedConnection['cause']): Answer {
  if (answer.would === 'fail') return answer;
  const isSure = cause !== null && cause.certainty !== 'possible' && cause.basis !== 'ending';
  if (!isSure || cause.rule.id === MAY_FIX[kind]) {
    return { would: 'unknown', reason: 'cause-unsure' };
  }
  const isOfChain = kind === 'configuration' && FIXES.chain.has(cause.rule.id);
  if (isOfChain && answer.hasOtherChain === undefined) return { would: 'unknown', reason: 'certificates-absent' };
  const isFixed = FIXES[kind].has(cause.rule.id) || (isOfChain && answer.hasOtherChain === true);
  return isFixed ? answer : { would: 'fail', reason: 'other-cause' };
}

/** What a connection is judged by besides the file. */
interface Known {
  readonly context: Context;
  readonly isTimeGiven: boolean;
  readonly anchorsOf: (certificates: readonly Certificate[]) => TrustAnchors;
}

/** When a chain that was not in use would be judged, in milliseconds since 1970: not before its certificates begin. */
function judgedAt(connection: Connection, chain: readonly Certificate[], { context, isTimeGiven }: Known): number {
  const now = context.judgedAt(connection);
  if (isTimeGiven) return now;
  return chain.reduce((latest, { notBefore }) => {
    const begin = Date.parse(notBefore);
    return begin > latest ? begin : latest;
  }, now);
}

/** Null if the file plays no role in the connection. */
function answerOf(connection: Connection, kind: WhatIf['kind'], ends: KnownEnds, known: Known): Answer | null {
  const { clientHello } = connection;
  const { context } = known;
  if (clientHello === null) return connection.protocol === null ? null : { would: 'unknown', reason: 'no-hello' };
  switch (kind) {
    case 'configuration':
      return byConfiguration(connection, clientHello, ends, known);
    case 'chain':
      return byChain(connection, clientHello, ends, known);
    case 'client-trusts':
      return byClientStore(connection, ends, context);
    case 'server-trusts':
      return byServerStore(connection, ends, context);
  }
}

const FAIL = (reason: WhatIfReason): Answer => ({ would: 'fail', reason });
const UNKNOWN = (reason: WhatIfReason): Answer => ({ would: 'unknown', reason });

type Hello = NonNullable<Connection['clientHello']>;

function byConfiguration(connection: Connection, hello: Hello, ends: KnownEnds, known: Known): Answer {
  const { context } = known;
  const configuration = ends.serverConfiguration;
  const found = configuration && serviceFor(configuration, connection.server, hello.serverName);
  if (found === null) return UNKNOWN('no-service');
  const { service } = found;
  if (service.rejects !== null) return FAIL('name-rejected');
  const hasHeader = connection.preamble?.kind === 'proxy-protocol';
  if (service.proxyProtocol?.value === true && !hasHeader) return FAIL('proxy-header');
  if (service.proxyProtocol?.value === false && hasHeader) return FAIL('proxy-header-unexpected');
  const knowledge = knowledgeOf(connection, hello, service, context);
  const agreed = agreement(hello, service, knowledge);
  const { versions, suites, tls13, groups, schemes } = agreed;
  if (versions.state === 'apart') return FAIL('no-version');
  if (tls13.state === 'apart' && suites.state === 'apart') {
    return FAIL(groups.state === 'apart' && suites.shared.length > 0 ? 'no-group' : 'no-cipher-suite');
  }
  // A server that accepts TLS 1.3 does not fall back to an older version for lack of a group.
  if (tls13.state === 'shared' && groups.state === 'apart') return FAIL('no-group');
  if (schemes.state === 'apart') return FAIL('no-signature-scheme');
  const { leaves, areAll, isAnyOne } = knowledge;
  const signatures = leaves.map((leaf) => signing(leaf, agreed, service, tls13.state === 'shared'));
  const isUnsigned = signatures.every((state) => state === 'apart');
  if (areAll && tls13.state === 'shared' && isUnsigned) return FAIL('key-type');
  const chains = areAll && configuration !== null ? leaves.filter((_, index) => signatures[index] !== 'apart') : [];
  // A scan shows certificates, but not the chains that are sent with them.
  const ofChain = byConfigured(
    connection,
    chains.flatMap((leaf) => [configuration?.chains.get(leaf) ?? []]).filter(({ length }) => length > 0),
    known,
  );
  if (ofChain.would === 'fail') return ofChain;
  const { hasOtherChain } = ofChain;
  if (service.clientCertificate?.value === 'required' && connection.clientCertificates.length === 0) {
    return { ...UNKNOWN('client-certificate'), hasOtherChain };
  }
  const ofClient = clientSignature(connection, hello, service, tls13.state === 'shared');
  if (ofClient === 'apart' && service.clientCertificate?.value === 'required') return FAIL('client-key-type');
  // A client without supported_versions may not accept an older version than the one that it names.
  const isNamed =
    hello.extensions.includes('supported_versions') || versions.shared.includes(versions.offered[0] ?? '');
  // Up to TLS 1.2, a client names signatures too, which matter for all suites but those that encrypt to the server's
  // key.
  const areSettled = service.signatureSchemes !== null;
  const hasSignature = isAnyOne
    ? signatures.every((state) => state === 'shared')
    : signatures.includes('shared') || (leaves.length === 0 && !areSettled);
  // A scanned server may have other certificates than that of the capture; suites up to TLS 1.2 show its kinds of keys.
  const isOfUnknownKeys = !areAll && configuration !== null && SCANS.has(configuration.format);
  const isSigned =
    hasSignature && (!isOfUnknownKeys || verifiesUsualKeys(hello) || (tls13.state === 'apart' && leaves.length > 0));
  if (hasHeader && service.proxyProtocol === null) return { ...UNKNOWN('not-set'), hasOtherChain };
  const isSure = isSigned && (tls13.state === 'shared' || (tls13.state === 'apart' && suites.state === 'shared'));
  const isAccepted = isNamed && !mayRefuseSha1(agreed) && !mayRefuseProtocols(connection, hello, configuration);
  const isSettled = isSure && isAccepted && ofClient === 'shared' && !service.isPartlyRead;
  if (!isSettled) return { ...UNKNOWN('not-set'), hasOtherChain };
  const ofTrust = clientTrust(connection, service, configuration, known);
  return ofTrust.would === 'work' ? ofChain : { ...ofTrust, hasOtherChain };
}

/**
 * Whether the server may share no protocol of ALPN with the client, and refuse it for that. Configurations are not read
 * for protocols; servers of HTTP have HTTP/1.1.
 */
function mayRefuseProtocols({ outcome }: Connection, { alpn }: Hello, configuration: Configuration | null): boolean {
  if (alpn.length === 0 || alpn.includes('http/1.1')) return false;
  const { foreignProtocols = null } = configuration ?? {};
  return foreignProtocols === null ? outcome === 'failed' : foreignProtocols === 'refused';
}

/** Whether a client takes the signatures of both usual kinds of keys. */
function verifiesUsualKeys({ signatureSchemes }: Hello): boolean {
  const verifies = (key: string): boolean => signatureSchemes.some((scheme) => canSign(key, scheme, true));
  return signatureSchemes.length === 0 || (verifies('RSA') && verifies('ECDSA secp256r1'));
}

/** Whether the server would take the certificate that the client has shown, or may have, if it would ask for one. */
function clientTrust(
  connection: Connection,
  service: Service,
  configuration: Configuration | null,
  known: Known,
): Answer {
  const { clientCertificates } = connection;
  const { clientCertificate, clientAuthorities, clientLeniency, clientDepth } = service;
  const isAsked = clientCertificate !== null && clientCertificate.value !== 'none';
  const fits = { would: 'work', reason: 'fits' } as const;
  if (!isAsked || clientLeniency === 'any') return fits;
  // A server may accept a client without a certificate, and refuse one with a certificate that it does not trust.
  if (clientCertificates.length === 0) return showsNone(connection) ? fits : UNKNOWN('client-certificate-unasked');
  const trusted =
    clientAuthorities === null
      ? (known.context.ends?.serverTrusts?.anchors ?? null)
      : known.anchorsOf(clientAuthorities);
  const at = judgedAt(connection, clientCertificates, known);
  const { intermediateAnchors = null, refusesRequests = false } = configuration ?? {};
  const judging = {
    purpose: 'client',
    at,
    intermediateAnchors,
    checksDates: true,
    takesAnyIssuer: clientLeniency === 'any-issuer',
    mostIssuers: clientDepth?.value ?? null,
  } as const;
  const answer =
    trusted === null
      ? UNKNOWN('client-trust-unknown')
      : byTrust(clientCertificates, { anchors: trusted }, judging, known.context);
  if (answer.would !== 'fail') return answer;
  if (clientLeniency === 'some-faults') return UNKNOWN('client-trust-unknown');
  if (refusesRequests) return FAIL('requests-refused');
  return answer.reason === 'untrusted' ? FAIL('client-untrusted') : answer;
}

/** Whether the client was asked for a certificate in the capture, and has shown none. */
const showsNone = ({ certificateRequest, outcome }: Connection): boolean =>
  certificateRequest !== null && outcome === 'established';

/**
 * What clients would do with the chains that the configuration might send; not checked if it names none that is
 * available.
 */
function byConfigured(connection: Connection, chains: readonly (readonly Certificate[])[], known: Known): Answer {
  const { context } = known;
  const store = context.ends?.clientTrusts ?? null;
  const answers = chains.map((chain): Answer => {
    const at = judgedAt(connection, chain, known);
    const fate = fateOf(connection, chain, at, context);
    if (fate === 'same') return { would: 'work', reason: 'fits', hasOtherChain: false };
    if (fate === 'not-valid' || fate === 'name-not-covered') return FAIL(fate);
    if (fate === 'name-perhaps') return UNKNOWN('name-not-covered');
    const answer =
      store !== null
        ? byTrust(chain, store, byClient(connection, at), context)
        : fate === 'trust-unknown' || fate === 'chain-shorter'
          ? UNKNOWN(fate)
          : ({ would: 'work', reason: 'fits' } as const);
    return { ...answer, hasOtherChain: true };
  });
  const [first = { would: 'work', reason: 'fits' }, ...others] = answers;
  if (others.every(({ would }) => would === first.would)) return first;
  return { ...UNKNOWN('trust-unknown'), hasOtherChain: true };
}

/**
 * Whether the client can sign with the key of its certificate by a scheme that the server accepts; also `shared` if
 * none is configured.
 */
function clientSignature(
  connection: Connection,
  hello: Hello,
  { clientSignatureSchemes: accepted, clientCertificate }: Service,
  isTls13: boolean,
) {
  const [leaf] = connection.clientCertificates;
  if (accepted === null || leaf === undefined || clientCertificate?.value === 'none') return 'shared';
  const fits = (scheme: string): boolean => canSign(keyName(leaf), scheme, isTls13);
  if (accepted.perhaps !== 'any' && ![...accepted.value, ...(accepted.perhaps ?? [])].some(fits)) return 'apart';
  // A client can sign with schemes that it accepts.
  return accepted.value.some((scheme) => fits(scheme) && hello.signatureSchemes.includes(scheme))
    ? 'shared'
    : 'perhaps';
}

/**
 * What is known of the certificates for that name: those of the configuration, if available; else what the server is
 * configured to send, or what the capture shows.
 */
function knowledgeOf(
  connection: Connection,
  hello: Hello,
  service: Service,
  { ends, serverHistory }: Context,
): Required<ServerKnowledge> {
  const { names, certificates, choosesBy } = service;
  const { serverName } = hello;
  const [leaf = connection.serverCertificates[0]] = ends?.configuredChain(serverName) ?? [];
  // A service with names uses its certificates for these, whatever names they have.
  const own = choosesBy === 'signatures' && names.length === 0 ? namedBy(serverName, certificates) : certificates;
  const seen = leaf === undefined ? [] : [leaf];
  const chosenFrom = own === null ? { leaves: seen, isAnyOne: false } : certificatesFor(hello, service, own);
  const [shown] = connection.serverCertificates;
  const isSame = own === null || (shown !== undefined && own.some(({ der }) => isEqual(der, shown.der)));
  if (!isSame) return { ...chosenFrom, areAll: true, chosen: new Set() };
  const { cipherSuites, serverNames } = serverHistory.acceptedBy(connection);
  // If a server has one name, all suites belong to the certificate for it.
  const isOne = own === null && serverNames.size === 1 && serverNames.has(serverName);
  const suite = connection.serverHello?.cipherSuite;
  const chosen = new Set([...(suite === undefined ? [] : [suite]), ...(isOne ? cipherSuites.keys() : [])]);
  return { ...chosenFrom, areAll: own !== null, chosen };
}

/** The certificates that have a name; null if another one is used, the server's first. */
function namedBy(name: string | null, certificates: readonly Certificate[] | null): readonly Certificate[] | null {
  const named = name === null ? [] : (certificates ?? []).filter((leaf) => matchHostName(leaf, name).covered);
  return named.length === 0 ? null : named;
}

/** Whether a client has signatures for that kind of key; without the extension, it has. */
function hasSignature({ signatureSchemes }: Hello, { keyType }: Certificate): boolean {
  const wanted = keyType === 'ECDSA' ? /^ecdsa/ : keyType === 'RSA' ? /^rsa/ : null;
  return wanted === null || signatureSchemes.length === 0 || signatureSchemes.some((scheme) => wanted.test(scheme));
}

const isEqual = (one: Uint8Array, other: Uint8Array): boolean => Buffer.from(one).equals(other);

function byChain(connection: Connection, hello: Hello, ends: KnownEnds, known: Known): Answer {
  const { context } = known;
  const name = hello.serverName;
  const chain = ends.configuredChain(null) ?? ends.configuredChain(name);
  const leaf = chain?.[0];
  if (chain === null || leaf === undefined) return name === null ? UNKNOWN('no-service') : FAIL('name-not-covered');
  if (name !== null && !matchHostName(leaf, name).covered) return FAIL('name-not-covered');
  const at = judgedAt(connection, chain, known);
  if (chain.some((certificate) => validityOf(certificate, at).state !== 'valid')) return FAIL('not-valid');
  if (!hasSignature(hello, leaf)) return FAIL('key-type');
  const store = context.ends?.clientTrusts ?? null;
  if (store !== null) return byTrust(chain, store, byClient(connection, at), context);
  // A client that accepted a chain of the same issuer accepts this one.
  const [seen] = connection.serverCertificates;
  const isAlike = connection.outcome === 'established' && seen?.issuer === leaf.issuer;
  return isAlike && seen.authorityKeyIdentifier === leaf.authorityKeyIdentifier
    ? { would: 'work', reason: 'trusted' }
    : UNKNOWN('trust-unknown');
}

function byClientStore(connection: Connection, { clientTrusts: store }: KnownEnds, context: Context): Answer {
  const { serverCertificates } = connection;
  if (store === null || serverCertificates.length === 0) return UNKNOWN('chain-hidden');
  return byTrust(serverCertificates, store, byClient(connection, context.judgedAt(connection)), context);
}

function byServerStore(connection: Connection, { serverTrusts: store }: KnownEnds, context: Context): Answer {
  const { clientCertificates, certificateRequest, messages, serverHello, outcome } = connection;
  if (store !== null && clientCertificates.length > 0) {
    const intermediateAnchors = context.ends?.serverConfiguration?.intermediateAnchors ?? null;
    const judging = { purpose: 'client', at: context.judgedAt(connection), intermediateAnchors } as const;
    return byTrust(clientCertificates, store, judging, context);
  }
  const isSeen = (side: 'client' | 'server', ...types: readonly string[]): boolean =>
    messages.some(({ from, type }) => from === side && types.includes(type));
  // A resumed session continues with the certificate of the first handshake. TLS 1.3 encrypts the request for one.
  const isFlightSeen = serverHello?.resumed === false && isSeen('server', 'server_hello_done', 'finished');
  if (!isFlightSeen) return UNKNOWN('client-certificate-hidden');
  if (certificateRequest === null) return { would: 'work', reason: 'no-client-certificate' };
  if (outcome === 'failed') return UNKNOWN('client-certificate');
  return isSeen('client', 'certificate', 'compressed_certificate')
    ? { would: 'work', reason: 'no-client-certificate' }
    : UNKNOWN('client-certificate-hidden');
}

/** By whom a chain is judged, and when, in milliseconds since 1970. */
interface Judging {
  /** Whose chain it is. */
  readonly purpose: 'client' | 'server';
  readonly at: number;
  /** What the side that judges makes of intermediates as trust anchors. */
  readonly intermediateAnchors: IntermediateAnchors | null;
  /** Whether expired certificates below the anchor count. */
  readonly checksDates?: boolean;
  /** Chains that lead to no anchor are taken, if nothing else is wrong with them. */
  readonly takesAnyIssuer?: boolean;
  /** How many certificates may stand above the first, the root among them; null: any number. */
  readonly mostIssuers?: number | null;
}

const byClient = (connection: Connection, at: number): Judging => ({
  purpose: 'server',
  at,
  intermediateAnchors: intermediateAnchorsOf(connection.clientHello),
});

/** Whether a chain ends in a trust store. */
function byTrust(
  certificates: readonly Certificate[],
  { anchors }: Pick<KnownStore, 'anchors'>,
  { purpose, at, intermediateAnchors, checksDates = false, takesAnyIssuer = false, mostIssuers = null }: Judging,
  { work: budget }: Context,
): Answer {
  const chain = judgeChain(certificates, anchors, { at, purpose, budget });
  if (chain.status === 'undecided' || chain.status === 'unreadable') return UNKNOWN('chain-unchecked');
  const isAnchor = ({ origin }: ChainLink): boolean => origin === 'anchor';
  const hasExpired = chain.path.some((link) => !isAnchor(link) && validityOf(link.certificate, at).state === 'expired');
  if (checksDates && hasExpired) return FAIL('untrusted');
  if (chain.status !== 'trusted') {
    if (!takesAnyIssuer) return FAIL('untrusted');
    const isShort = mostIssuers === null || certificates.length - 1 <= mostIssuers;
    return isShort && chain.status !== 'bad-signature' ? { would: 'work', reason: 'fits' } : UNKNOWN('chain-unchecked');
  }
  if (!chain.isRooted && intermediateAnchors !== 'accepted') {
    return intermediateAnchors === 'refused' ? FAIL('intermediate-anchor') : UNKNOWN('intermediate-anchor');
  }
  if (mostIssuers !== null && issuersAbove(chain, anchors, at) > mostIssuers) return FAIL('client-chain-too-long');
  // Java takes an anchor that has expired, OpenSSL does not.
  const isValid = validityOf(chain.anchor.certificate, at).state === 'valid';
  return isValid ? { would: 'work', reason: 'trusted' } : UNKNOWN('not-valid');
}

/** How many certificates stand above the first one, up to a root: the path may end at an intermediate of the store. */
function issuersAbove({ path }: ChainVerdict, anchors: TrustAnchors, at: number): number {
  let last = path.at(-1)?.certificate;
  let count = path.length - 1;
  for (; last !== undefined && !last.selfIssued && count < MOST_ABOVE; count++) {
    const { issuer, authorityKeyIdentifier: key } = last;
    last = anchors
      .bySubject(issuer, at)
      .map(({ certificate }) => certificate)
      .find(
        ({ subjectKeyIdentifier }) => key === null || subjectKeyIdentifier === null || key === subjectKeyIdentifier,
      );
    if (last === undefined) break;
  }
  return count;
}

/** OpenSSL does not follow longer chains. */
const MOST_ABOVE = 100;
