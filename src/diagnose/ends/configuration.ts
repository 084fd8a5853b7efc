import type { Alert, ClientHello, Connection } from '../../connection/connection.js';
import { someOf, type List } from '../../message.js';
import type { Accepted, Configuration, Refusals, Service, Setting } from '../../ends/configurations/configuration.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Context } from '../context.js';
import { agreement, certificatesFor, signing, TLS13_SUITE, type Agreement } from './agreement.js';
import { alertEvidence, certificateEvidence, clientHelloEvidence, closeEvidence } from '../evidence/citations.js';
import { helloRejection } from '../evidence/alerts.js';
import { helloCandidates, isDropped } from '../evidence/hello-refusals.js';
import { isForWeakness, refusalByClient } from '../evidence/refusals.js';
import { withoutGreaseAndSignals } from '../evidence/offers.js';
import { connectTo } from '../evidence/places.js';
import type { EndFact, Remedy, Verdict } from '../verdict.js';
import { unlessContradicted } from './in-force.js';
import { reachedService, servicesAt } from './service.js';
import { ENDS, type EndFactMessage } from './texts.js';
import type { Weigher, Weight } from './weight.js';

// What the configurations of the ends say about a fault.

const factAt = ({ path, line }: Setting<unknown>, message: EndFactMessage): EndFact => ({
  ...message,
  source: { path, line },
});

/** The place of a setting as people write it: the file, and the line if known. */
const placeOf = ({ path, line }: Setting<unknown>): string => (line === null ? path : `${path}:${line}`);

/** Results of scans have no line that could be changed. */
export const SCANS: ReadonlySet<string> = new Set(['testssl.sh', 'sslyze']);

function changes(
  connection: Connection,
  { format }: Configuration,
  setting: Setting<unknown>,
  wanted: readonly string[],
): readonly Remedy[] {
  if (SCANS.has(format)) return [];
  const data = { place: placeOf(setting), text: setting.text, connect: connectTo(connection), wanted: someOf(wanted) };
  return [{ who: 'server', id: 'changeLine', data, service: ENDS }];
}

/** A change of a line that is not a list of accepted values. */
function changesOfLine(
  id: 'changeDemand' | 'changeProxy' | 'changeProxyDemand' | 'changeNames' | 'changeNameless',
  connection: Connection,
  { format }: Configuration,
  setting: Setting<unknown>,
): readonly Remedy[] {
  if (SCANS.has(format)) return [];
  const data = {
    place: placeOf(setting),
    text: setting.text,
    connect: connectTo(connection),
    client: connection.client.address,
    name: connection.clientHello?.serverName ?? '',
  };
  return [{ who: 'server', id, data, service: ENDS }];
}

function changesOfClientOffer(connection: Connection, setting: Setting<unknown>, offered: List): Remedy {
  const client = connection.client.address;
  const data = { place: placeOf(setting), text: setting.text, connect: connectTo(connection), client, offered };
  return { who: 'client', id: 'changeClientOffer', data, service: ENDS };
}

function changesOfClient({ client }: Connection, setting: Setting<unknown>, wanted: string | List): Remedy {
  return {
    who: 'client',
    id: 'changeClientLine',
    data: { place: placeOf(setting), text: setting.text, client: client.address, wanted },
    service: ENDS,
  };
}

/** Alerts of a server that shares too little with a ClientHello. */
const REJECTIONS: ReadonlySet<string | null> = new Set([
  'handshake_failure',
  'insufficient_security',
  'protocol_version',
  'unrecognized_name',
]);

/** The alert with which the server rejected the ClientHello's offer; undefined if there is none. */
function rejection(connection: Connection): Alert | undefined {
  const alert = helloRejection(connection);
  return alert !== undefined && REJECTIONS.has(alert.name) ? alert : undefined;
}

/**
 * The verdict of a rule that finds nothing by itself, if the configuration confirms its fault: the ClientHello was
 * rejected, and the server could not have accepted it.
 */
export function verdictOf(connection: Connection, { facts, evidence: shown, remedies }: Weight): Verdict | undefined {
  const alert = rejection(connection);
  const [fact] = facts;
  if (fact === undefined || (alert === undefined && shown === undefined)) return undefined;
  const { id, data } = fact;
  const evidence = shown ?? [...clientHelloEvidence(connection), ...(alert === undefined ? [] : alertEvidence(alert))];
  return { support: 'confirmed', basis: 'fact', explanation: { id, data }, evidence, remedies, known: facts };
}

interface Reached {
  readonly configuration: Configuration;
  readonly service: Service;
  readonly isNamed: boolean;
  readonly agreement: Agreement;
}

/**
 * Null unless the rule has a verdict, or the server rejected the ClientHello, and the configuration shows which service
 * answers.
 */
function reached(connection: Connection, { ends }: Context, verdict: Verdict | undefined): Reached | null {
  const configuration = ends?.serverConfiguration ?? null;
  const found = reachedService(configuration, connection);
  const { clientHello } = connection;
  if (configuration === null || found === null || clientHello === null) return null;
  if (verdict === undefined && rejection(connection) === undefined) return null;
  return { configuration, ...found, agreement: agreement(clientHello, found.service) };
}

export function versions(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  const own = context.ends?.clientConfiguration?.services[0]?.versions ?? null;
  const chosen = connection.serverHello?.version;
  if (verdict !== undefined && own !== null && chosen !== undefined && !own.value.includes(chosen)) {
    const data = { accepted: someOf(own.value), text: own.text, offered: chosen };
    const remedies = [changesOfClient(connection, own, chosen)];
    return { support: 'confirmed', facts: [factAt(own, { id: 'clientVersions', data })], remedies };
  }
  return unlessContradicted(serverVersions)(connection, context, verdict);
}

function serverVersions(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  const found = reached(connection, context, verdict);
  const setting = found?.service.versions ?? null;
  if (found === null || setting === null) return null;
  const { shared, offered, state } = found.agreement.versions;
  if (state === 'perhaps') return null;
  if (state === 'apart') {
    const data = { accepted: someOf(setting.value), text: setting.text, offered: someOf(offered) };
    const fact = factAt(setting, { id: 'versionsApart', data });
    return {
      support: 'confirmed',
      facts: [fact],
      remedies: changes(connection, found.configuration, setting, offered),
    };
  }
  const data = { shared: someOf(shared), text: setting.text };
  // What the server itself says of the version, no file refutes.
  const isSaid = helloRejection(connection)?.name === 'protocol_version';
  if (isSaid)
    return { support: null, facts: [factAt(setting, { id: 'versionsSharedButRefused', data })], remedies: [] };
  const fact = factAt(setting, { id: 'versionsShared', data });
  return { support: 'excluded', facts: [fact], remedies: [] };
}

export function cipherSuites(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  const found = reached(connection, context, verdict);
  const setting = found?.service.cipherSuites ?? null;
  if (found === null || setting === null) return null;
  const { suites, tls13, versions: agreed, groups: common } = found.agreement;
  // What ends the handshake first: without a shared version, or group, no suite is shared either.
  if (agreed.state === 'apart' || (common.state === 'apart' && common.offered.length > 0)) return null;
  if (tls13.state === 'shared') {
    const fact = factAt(setting, { id: 'suitesShared', data: { shared: someOf(tls13.shared) } });
    return { support: 'excluded', facts: [fact], remedies: [] };
  }
  if (suites.state !== 'apart' || tls13.state !== 'apart') return null;
  const data = { accepted: someOf(setting.value), text: setting.text };
  const fact = factAt(setting, { id: 'suitesApart', data });
  return {
    support: 'confirmed',
    facts: [fact],
    remedies: changes(connection, found.configuration, setting, suites.offered),
  };
}

export function groups(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  const found = reached(connection, context, verdict);
  const setting = found?.service.groups ?? null;
  if (found === null || setting === null) return null;
  const { shared, offered, state } = found.agreement.groups;
  if (state === 'perhaps' || offered.length === 0 || found.agreement.versions.state === 'apart') return null;
  if (state === 'shared') {
    const fact = factAt(setting, { id: 'groupsShared', data: { shared: someOf(shared), text: setting.text } });
    return { support: 'excluded', facts: [fact], remedies: [] };
  }
  const data = { accepted: someOf(setting.value), text: setting.text, offered: someOf(offered) };
  const fact = factAt(setting, { id: 'groupsApart', data });
  return { support: 'confirmed', facts: [fact], remedies: changes(connection, found.configuration, setting, offered) };
}

export function signatureSchemes(
  connection: Connection,
  context: Context,
  verdict: Verdict | undefined,
): Weight | null {
  const found = reached(connection, context, verdict);
  const setting = found?.service.signatureSchemes ?? null;
  if (found === null || setting === null) return null;
  const { service, agreement: agreed, configuration } = found;
  if (agreed.versions.state === 'apart') return null;
  const { shared, offered, state } = agreed.schemes;
  const change = (): readonly Remedy[] => changes(connection, configuration, setting, offered);
  if (state === 'apart') {
    const data = { accepted: someOf(setting.value), text: setting.text, offered: someOf(offered) };
    return { support: 'confirmed', facts: [factAt(setting, { id: 'schemesApart', data })], remedies: change() };
  }
  if (state === 'perhaps') return null;
  const data = { shared: someOf(shared), text: setting.text };
  const hello = connection.clientHello;
  const { leaves, isAnyOne } =
    hello === null ? { leaves: [], isAnyOne: false } : certificatesFor(hello, service, service.certificates ?? []);
  const signaturesOf = (isTls13: boolean) => leaves.map((leaf) => signing(leaf, agreed, service, isTls13));
  const [recent, old] = [signaturesOf(true), signaturesOf(false)];
  const areApart = recent.length > 0 && recent.every((one) => one === 'apart');
  if (areApart && (agreed.tls13.state === 'shared' || old.every((one) => one === 'apart'))) {
    return { support: 'confirmed', facts: [factAt(setting, { id: 'schemesUnfit', data })], remedies: change() };
  }
  const isSure = [recent, old].every((states) =>
    isAnyOne ? states.every((state) => state === 'shared') : states.includes('shared'),
  );
  if (!isSure) return null;
  return { support: 'excluded', facts: [factAt(setting, { id: 'schemesShared', data })], remedies: [] };
}

/** What a client can offer of one kind. */
type OfferKind = 'versions' | 'cipherSuites' | 'groups';

/** What the client's own configuration keeps it from offering, where the server rejected what it offers. */
export const offersOfClient =
  (kind: OfferKind): Weigher =>
  (connection, context, verdict) => {
    const { clientHello, serverHello } = connection;
    const own = context.ends?.clientConfiguration?.services[0]?.[kind] ?? null;
    if (verdict === undefined || own === null || own.perhaps === 'any') return null;
    if (clientHello === null || serverHello !== null) return null;
    const allowed = new Set([...own.value, ...(own.perhaps ?? [])]);
    const offered = offeredOf(kind, clientHello);
    // It offered more than this configuration allows, so another one is in use.
    if (offered.length === 0 || offered.some((name) => !allowed.has(name))) return null;
    const accepted = acceptedByServer(kind, connection, context);
    const wanted = accepted.filter((name) => !allowed.has(name));
    if (accepted.length > 0 && wanted.length === 0) return null;
    const isLimit = accepted.length > 0 || (own.value.length > 0 && USUAL[kind].some((name) => !allowed.has(name)));
    if (!isLimit) return null;
    const fact: EndFactMessage =
      wanted.length > 0
        ? { id: 'clientKeptFrom', data: { wanted: someOf(wanted), text: own.text } }
        : { id: 'clientOffers', data: { accepted: someOf(offered), text: own.text } };
    const remedy =
      wanted.length > 0
        ? changesOfClient(connection, own, someOf(wanted))
        : changesOfClientOffer(connection, own, someOf(offered));
    return { support: null, facts: [factAt(own, fact)], remedies: [remedy] };
  };

/** As `offersOfClient`, of all that may be the reason of a rejection that gives none. */
export function allOffersOfClient(
  connection: Connection,
  context: Context,
  verdict: Verdict | undefined,
): Weight | null {
  const faults = helloCandidates(connection, context).map(({ fault }) => fault);
  const weights = faults.flatMap((fault) => {
    const kind = KIND_OF_FAULT[fault];
    const weight = kind === undefined ? null : offersOfClient(kind)(connection, context, verdict);
    return weight ?? [];
  });
  if (weights.length === 0) return null;
  const facts = weights.flatMap((weight) => weight.facts);
  return { support: null, facts, remedies: weights.flatMap(({ remedies }) => remedies) };
}

const KIND_OF_FAULT: Readonly<Partial<Record<string, OfferKind>>> = {
  'protocol-version-mismatch': 'versions',
  'cipher-suite-mismatch': 'cipherSuites',
  'group-mismatch': 'groups',
};

function offeredOf(kind: OfferKind, hello: ClientHello): readonly string[] {
  switch (kind) {
    case 'versions':
      return withoutGreaseAndSignals(hello.supportedVersions).map((name) => name.replace(/^DTLS /, 'TLS '));
    case 'cipherSuites':
      return withoutGreaseAndSignals(hello.cipherSuites).filter((name) => !TLS13_SUITE.test(name));
    case 'groups':
      return withoutGreaseAndSignals(hello.supportedGroups);
  }
}

/** What the server is configured to accept, or was seen to choose. */
function acceptedByServer(
  kind: OfferKind,
  connection: Connection,
  { ends, serverHistory }: Context,
): readonly string[] {
  const configured = reachedService(ends?.serverConfiguration ?? null, connection)?.service[kind] ?? null;
  if (configured !== null && configured.value.length > 0) return configured.value;
  const seen = [...serverHistory.acceptedBy(connection)[kind].keys()].map((name) => name.replace(/^DTLS /, 'TLS '));
  return kind === 'cipherSuites' ? seen.filter((name) => !TLS13_SUITE.test(name)) : seen;
}

/** What nearly every client offers of versions, and most of groups; a client without some is kept from them. */
const USUAL: Readonly<Record<OfferKind, readonly string[]>> = {
  versions: ['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'],
  cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  groups: ['x25519', 'secp256r1', 'secp384r1'],
};

/** What the client's own configuration says about the signatures that it accepts. */
export function schemesOfClient(
  connection: Connection,
  { ends }: Context,
  verdict: Verdict | undefined,
): Weight | null {
  const own = ends?.clientConfiguration?.services[0]?.signatureSchemes ?? null;
  const offered = withoutGreaseAndSignals(connection.clientHello?.signatureSchemes ?? []);
  if (verdict === undefined || own === null || offered.length === 0) return null;
  // It offered others, so another configuration is in use.
  if (offered.some((scheme) => !own.value.includes(scheme) && own.perhaps?.includes(scheme) !== true)) return null;
  const fact = factAt(own, { id: 'clientSchemes', data: { accepted: someOf(own.value), text: own.text } });
  return { support: null, facts: [fact], remedies: [changesOfClient(connection, own, USUAL_SCHEMES)] };
}

/** One for each kind of key that nearly every server has. */
const USUAL_SCHEMES = 'rsa_pss_rsae_sha256, rsa_pkcs1_sha256, ecdsa_secp256r1_sha256';

/** What both configurations say about signatures with the key of a client's certificate. */
export function clientSignatures(
  connection: Connection,
  context: Context,
  verdict: Verdict | undefined,
): Weight | null {
  if (verdict === undefined) return null;
  const accepted = reached(connection, context, verdict)?.service.clientSignatureSchemes ?? null;
  const made = context.ends?.clientConfiguration?.services[0]?.clientSignatureSchemes ?? null;
  const factOf = (id: 'clientSignaturesTaken' | 'clientSignaturesMade', setting: Accepted | null): EndFact[] =>
    setting === null ? [] : [factAt(setting, { id, data: { accepted: someOf(setting.value), text: setting.text } })];
  const facts = [...factOf('clientSignaturesTaken', accepted), ...factOf('clientSignaturesMade', made)];
  return facts.length === 0 ? null : { support: null, facts, remedies: [] };
}

export function clientCertificate(
  connection: Connection,
  context: Context,
  verdict: Verdict | undefined,
): Weight | null {
  const found = reached(connection, context, verdict);
  const setting = found?.service.clientCertificate ?? null;
  // A server that rejects the ClientHello never asks for a certificate.
  if (found === null || setting === null || verdict === undefined) return null;
  const id = {
    required: 'clientCertificateRequired',
    optional: 'clientCertificateOptional',
    none: 'clientCertificateNotAsked',
  } as const;
  const fact = factAt(setting, { id: id[setting.value], data: { text: setting.text } });
  // A server may ask in a renegotiation, or only for some paths, whatever the listener says.
  return setting.value === 'required'
    ? {
        support: 'confirmed',
        facts: [fact],
        remedies: changesOfLine('changeDemand', connection, found.configuration, setting),
      }
    : { support: null, facts: [fact], remedies: [] };
}

/** Whether the client's chain is longer than httpd allows, which it refuses with internal_error (recorded, 2.4). */
export function clientDepth(connection: Connection, { ends }: Context, verdict: Verdict | undefined): Weight | null {
  const configuration = ends?.serverConfiguration ?? null;
  const setting = reachedService(configuration, connection)?.service.clientDepth ?? null;
  const { clientCertificates, alerts, client } = connection;
  if (verdict === undefined || setting === null || configuration?.format !== 'Apache httpd') return null;
  if (
    clientCertificates.length === 0 ||
    !alerts.some(({ from, name }) => from === 'server' && name === 'internal_error')
  )
    return null;
  // The root is rarely sent.
  const count = clientCertificates.slice(1).filter(({ selfIssued }) => !selfIssued).length + 1;
  if (count <= setting.value) return null;
  const data = { place: placeOf(setting), connect: connectTo(connection), client: client.address, count };
  return {
    support: 'confirmed',
    facts: [factAt(setting, { id: 'clientChainTooLong', data: { most: setting.value, text: setting.text, count } })],
    remedies: [{ who: 'server', id: 'changeDepth', data, service: ENDS }],
  };
}

export function proxyProtocol(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  const configuration = context.ends?.serverConfiguration ?? null;
  const services = configuration === null ? [] : servicesAt(configuration, connection.server);
  const [setting = null, ...others] = services.map((service) => service.proxyProtocol);
  if (configuration === null || setting === null) return null;
  // It comes before any name.
  if (others.some((other) => other?.value !== setting.value)) return null;
  const isSent = connection.preamble?.kind === 'proxy-protocol';
  if (!isSent && setting.value) return missingHeader(connection, context, configuration, setting);
  if (!isSent && verdict === undefined) return null;
  const fact = factAt(setting, {
    id: setting.value ? 'proxyHeaderExpected' : 'proxyHeaderNotExpected',
    data: { text: setting.text },
  });
  return setting.value === isSent
    ? { support: 'excluded', facts: [fact], remedies: [] }
    : {
        support: 'confirmed',
        facts: [fact],
        remedies: changesOfLine('changeProxy', connection, configuration, setting),
      };
}

/** The listener expects a PROXY header, and the client begins with TLS: nginx, Apache httpd and HAProxy then close. */
function missingHeader(
  connection: Connection,
  { serverHistory }: Context,
  configuration: Configuration,
  setting: Setting<boolean>,
): Weight | null {
  const { full, resumed } = serverHistory.acceptedBy(connection);
  // A client that was accepted without one shows that another configuration is in use.
  const isContradicted = [full, resumed].some((other) => other !== null && other.preamble?.kind !== 'proxy-protocol');
  if (!setting.value || connection.preamble !== null || !isDropped(connection) || isContradicted) return null;
  const data = { text: setting.text, client: connection.client.address };
  return {
    support: 'confirmed',
    facts: [factAt(setting, { id: 'proxyHeaderMissing', data })],
    evidence: [...clientHelloEvidence(connection), ...closeEvidence(connection)],
    remedies: changesOfLine('changeProxyDemand', connection, configuration, setting),
  };
}

/** The server rejects the name that the client sent. */
export function unknownName(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  return (connection.clientHello?.serverName ?? null) === null ? null : rejectedName(connection, context, verdict);
}

/** The server rejects clients that send no name. */
export function missingName(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  return (connection.clientHello?.serverName ?? null) === null ? rejectedName(connection, context, verdict) : null;
}

function rejectedName(connection: Connection, context: Context, verdict: Verdict | undefined): Weight | null {
  const found = reached(connection, context, verdict);
  const setting = found?.service.rejects ?? null;
  if (found === null || setting === null) return null;
  const fact = factAt(setting, {
    id: found.isNamed ? 'handshakesRejected' : 'nameRejected',
    data: { text: setting.text },
  });
  const isNameless = (connection.clientHello?.serverName ?? null) === null;
  const id = isNameless ? 'changeNameless' : 'changeNames';
  const remedies = changesOfLine(id, connection, found.configuration, setting);
  return { support: 'confirmed', facts: [fact], remedies };
}

/** Whether the client's configuration refuses a server's certificate because of its key or signature. */
export function weakCertificate(
  connection: Connection,
  { ends }: Context,
  verdict: Verdict | undefined,
): Weight | null {
  const refusals = ends?.clientConfiguration?.refusals;
  const refusal = refusalByClient(connection);
  if (refusals === undefined || refusal === undefined) return null;
  if (verdict === undefined && (refusal.how !== 'alert' || !isForWeakness(refusal))) return null;
  for (const certificate of connection.serverCertificates) {
    const found = refusedBy(refusals, certificate);
    if (found === null) continue;
    const { setting, message } = found;
    const evidence = [...certificateEvidence(connection, 'server', certificate), ...refusal.evidence];
    const remedies = acceptWeak(connection, setting);
    return { support: 'confirmed', facts: [factAt(setting, message)], evidence, remedies };
  }
  return null;
}

function refusedBy(
  { smallestKeys, hashes }: Refusals,
  { keyType, keyBits, signatureHash, subject, selfIssued }: Certificate,
): { readonly setting: Setting<unknown>; readonly message: EndFactMessage } | null {
  const least = smallestKeys[keyType];
  if (least !== undefined && keyBits > 0 && keyBits < least.value) {
    const data = { type: keyType, least: least.value, text: least.text, subject, bits: keyBits };
    return { setting: least, message: { id: 'keyTooSmall', data } };
  }
  const hash = signatureHash === null || selfIssued ? undefined : hashes[signatureHash];
  if (hash === undefined || signatureHash === null) return null;
  return { setting: hash, message: { id: 'hashRefused', data: { hash: signatureHash, text: hash.text, subject } } };
}

function acceptWeak({ client }: Connection, setting: Setting<unknown>): readonly Remedy[] {
  const data = { place: placeOf(setting), text: setting.text, client: client.address };
  return [{ who: 'client', id: 'acceptWeak', data, service: ENDS }];
}
