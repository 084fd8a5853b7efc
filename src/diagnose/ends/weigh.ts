import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { refusalByClient, refusalByServer } from '../evidence/refusals.js';
import type { EndFact, Evidence, Exclusion, Remedy, Verdict } from '../verdict.js';
import type { KnownStore } from './known.js';
import { configuredChainOf } from './chain.js';
import {
  allOffersOfClient,
  cipherSuites,
  clientCertificate,
  clientDepth,
  clientSignatures,
  groups,
  missingName,
  offersOfClient,
  proxyProtocol,
  schemesOfClient,
  signatureSchemes,
  unknownName,
  verdictOf,
  versions,
  weakCertificate,
} from './configuration.js';
import { unlessContradicted } from './in-force.js';
import type { Weigher, Weight } from './weight.js';
import { ENDS, type EndFactMessage, type EndRemedy } from './texts.js';
import {
  expiredInStore,
  type ExpiredAuthority,
  trustOfClient,
  trustOfServer,
  type StoreVerdict,
  type Trust,
} from './trust.js';

/** By rule id: how the files of the ends weigh its fault. */
const WEIGHERS: Readonly<Record<string, readonly Weigher[]>> = {
  'certificate-authority-unknown': [serverTrust, otherLeaf],
  'certificate-self-signed': [serverTrust, otherLeaf],
  'chain-incomplete': [completeness, unsentIntermediate],
  'certificate-expired': [expiredAuthority, otherLeaf],
  'certificate-not-yet-valid': [otherLeaf],
  'hostname-mismatch': [otherLeaf],
  'client-certificate-untrusted': [clientTrust],
  'client-certificate-expired': [expiredClientAuthority],
  'protocol-version-mismatch': [versions, offersOfClient('versions')],
  'cipher-suite-mismatch': [unlessContradicted(cipherSuites), offersOfClient('cipherSuites')],
  'group-mismatch': [unlessContradicted(groups), offersOfClient('groups')],
  'signature-scheme-mismatch': [unlessContradicted(signatureSchemes), schemesOfClient],
  'handshake-rejected': [allOffersOfClient],
  'internal-error': [unlessContradicted(clientDepth)],
  'client-certificate-missing': [unlessContradicted(clientCertificate), clientSignatures],
  'client-key-unusable': [clientSignatures],
  'proxy-protocol-mismatch': [unlessContradicted(proxyProtocol)],
  'sni-unrecognized': [unlessContradicted(unknownName)],
  'sni-missing': [unlessContradicted(missingName)],
  'certificate-weak': [weakCertificate],
};

/**
 * A rule's verdict on a connection, weighed against the files of the ends: confirmed, excluded, or with what they say
 * added. What the capture itself excludes stays excluded.
 */
export function weighByEnds(
  rule: string,
  verdict: Verdict | Exclusion | undefined,
  connection: Connection,
  context: Context,
): Verdict | Exclusion | undefined {
  const weigher = WEIGHERS[rule];
  if (weigher === undefined || verdict?.support === 'excluded') return verdict;
  const weights = weigher.map((weigh) => weigh(connection, context, verdict)).filter((weight) => weight !== null);
  if (weights.length === 0) return verdict;
  const excluding = weights.find(({ support }) => support === 'excluded');
  const [because] = excluding?.facts ?? [];
  if (because !== undefined) return { support: 'excluded', because, evidence: verdict?.evidence ?? [] };
  if (verdict === undefined || isGuess(verdict)) {
    const confirming = weights.find(({ support }) => support === 'confirmed');
    if (confirming !== undefined) return verdictOf(connection, confirming);
    if (verdict === undefined) return undefined;
  }
  const remedies = weights.flatMap((weight) => weight.remedies);
  const cited = new Set(verdict.evidence.map(({ frame }) => frame));
  const isNew = ({ frame }: Evidence): boolean => !cited.has(frame);
  return {
    ...verdict,
    support: weights.some(({ support }) => support === 'confirmed') ? 'confirmed' : verdict.support,
    evidence: [...verdict.evidence, ...weights.flatMap(({ evidence = [] }) => evidence.filter(isNew))],
    known: weights.flatMap(({ facts }) => facts),
    remedies: [...remedies.filter((one) => !isChoice(one)), ...verdict.remedies, ...remedies.filter(isChoice)],
  };
}

/** What only the ending allows says less than what the files confirm. */
const isGuess = ({ support, basis }: Verdict): boolean => support === 'open' && basis === 'ending';

/** What somebody may do instead of what the fault asks for. */
const isChoice = ({ id }: Remedy): boolean =>
  id === 'changeDemand' || id === 'changeProxy' || id === 'changeClientOffer';

const factOf = ({ path }: Pick<KnownStore, 'path'>, message: EndFactMessage): EndFact => ({
  ...message,
  source: { path, line: null },
});

const remedyOf = (remedy: EndRemedy): Remedy => ({ ...remedy, service: ENDS });

function serverTrust(connection: Connection, context: Context): Weight | null {
  const refusal = refusalByClient(connection);
  const trust = trustOfServer(connection, context);
  const verdict = trust?.verdict ?? null;
  if (refusal === undefined || trust === null || verdict === null) return null;
  const weight = weightOf(trust, verdict, 'client', connection.client.address, refusal.alert === 'unknown_ca');
  // A program on this host accepted the same chain: it used another store.
  const isAccepted = context.serverHistory.acceptedChain(connection, 'same-host') !== undefined;
  return isAccepted && weight.support === 'confirmed' ? { ...weight, support: null } : weight;
}

function clientTrust(connection: Connection, context: Context): Weight | null {
  const refusal = refusalByServer(connection);
  const trust = trustOfClient(connection, context);
  const verdict = trust?.verdict ?? null;
  if (refusal === undefined || trust === null || verdict === null) return null;
  return weightOf(trust, verdict, 'server', connectTo(connection), refusal.alert === 'unknown_ca');
}

/** Whether a side can have trusted the chain. */
function weightOf(
  { store }: Pick<Trust, 'store'>,
  verdict: StoreVerdict,
  side: 'client' | 'server',
  place: string,
  isSaidUnknown: boolean,
): Weight {
  const at = { party: { party: side }, store: store.name } as const;
  const toImport = { path: store.path, place, alias: 'new-authority' };
  const isKeyStore = store.format === 'JKS' || store.format === 'PKCS#12';
  const command = store.isDirectory ? 'importIntoDirectory' : isKeyStore ? 'importIntoKeyStore' : 'importIntoPem';
  if (verdict.state === 'absent') {
    const { authority, sent, keyIdentifier } = verdict;
    const data = { ...toImport, authority };
    const remedy: EndRemedy =
      sent !== null
        ? { who: side, id: 'importAuthority', command, data: { ...data, seen: sent.sha256 } }
        : keyIdentifier !== null
          ? { who: side, id: 'importUnsentByKey', command, data: { ...data, keyIdentifier } }
          : { who: side, id: 'importUnsent', command, data };
    return {
      support: 'confirmed',
      facts: [factOf(store, { id: 'authorityAbsent', data: { ...at, authority } })],
      remedies: [remedyOf(remedy)],
    };
  }
  const { certificate } = verdict.stored;
  const data = { ...at, authority: certificate.subject, stored: certificate.sha256, notAfter: certificate.notAfter };
  const replace = remedyOf({ who: side, id: 'replaceAuthority', command, data: { ...toImport, ...data } });
  switch (verdict.state) {
    case 'trusted':
      return isSaidUnknown
        ? {
            support: null,
            facts: [factOf(store, { id: 'authorityTrustedButRefused', data })],
            remedies: [
              remedyOf({
                who: side,
                id: 'checkStoreInForce',
                command: isKeyStore ? 'listKeyStore' : 'verifyPem',
                data: toImport,
              }),
            ],
          }
        : { support: 'excluded', facts: [factOf(store, { id: 'authorityTrusted', data })], remedies: [] };
    case 'intermediate': {
      const { certificate: anchor } = verdict.stored;
      const above = { ...data, above: anchor.issuer };
      const id = verdict.isRefused ? 'anchorIsNoRoot' : 'anchorMayBeNoRoot';
      const remedy: EndRemedy = {
        who: side,
        id: 'importRoot',
        command,
        data: { ...toImport, authority: anchor.issuer },
      };
      return {
        support: verdict.isRefused ? 'confirmed' : null,
        facts: [factOf(store, { id, data: above })],
        remedies: [remedyOf(remedy)],
      };
    }
    case 'expired':
      return { support: null, facts: [factOf(store, { id: 'authorityExpired', data })], remedies: [replace] };
    case 'other-key': {
      const { sent } = verdict;
      const fact: EndFactMessage =
        sent === null
          ? { id: 'authorityHasOtherKeyUnsent', data }
          : { id: 'authorityHasOtherKey', data: { ...data, seen: sent.sha256 } };
      return { support: 'confirmed', facts: [factOf(store, fact)], remedies: [replace] };
    }
    case 'intermediate-missing': {
      const { missing } = verdict;
      return {
        support: 'excluded',
        facts: [factOf(store, { id: 'intermediateNotSent', data: { ...data, missing } })],
        remedies: [],
      };
    }
  }
}

/** Whether the clients' store confirms that an intermediate is missing. */
function completeness(connection: Connection, context: Context): Weight | null {
  const trust = trustOfServer(connection, context);
  const verdict = trust?.verdict;
  if (trust === null || refusalByClient(connection) === undefined) return null;
  if (verdict?.state === 'trusted') return weightOf(trust, verdict, 'client', '', false);
  if (verdict?.state !== 'intermediate-missing') return null;
  const { facts } = weightOf(trust, verdict, 'client', '', false);
  return { support: 'confirmed', facts, remedies: [] };
}

/** Whether the missing intermediate is configured to be sent. */
function unsentIntermediate(connection: Connection, context: Context): Weight | null {
  const store = context.ends?.serverCertificates ?? null;
  const [leaf] = connection.serverCertificates;
  if (store === null || leaf === undefined || connection.hasStandInChain === true) return null;
  const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
  if (chain.status !== 'incomplete') return null;
  const { name } = chain.missing;
  const intermediate = chain.completion?.certificates.find(({ sha256 }) => store.entryOf(sha256) !== undefined);
  if (intermediate === undefined) {
    return {
      support: null,
      facts: [factOf(store, { id: 'notConfigured', data: { missing: name, store: store.name } })],
      remedies: [],
    };
  }
  const data = { missing: name, store: store.name, stored: intermediate.sha256 };
  return {
    support: null,
    facts: [factOf(store, { id: 'configuredButNotSent', data })],
    remedies: [reload(connection, store)],
  };
}

/** Whether the server sent another certificate than the configured one. */
function otherLeaf(connection: Connection, context: Context): Weight | null {
  const store = context.ends?.serverCertificates ?? null;
  const [sent] = connection.serverCertificates;
  if (store === null || sent === undefined || connection.hasStandInChain === true) return null;
  const [configured] = configuredChainOf(connection, context) ?? [];
  if (configured === undefined || store.entryOf(sent.sha256) !== undefined) return null;
  const { sha256, notBefore, notAfter } = configured;
  const data = { store: store.name, seen: sent.sha256, stored: sha256, notBefore, notAfter };
  return {
    support: null,
    facts: [factOf(store, { id: 'otherLeafConfigured', data })],
    remedies: [reload(connection, store)],
  };
}

function reload(connection: Connection, store: KnownStore): Remedy {
  const data = { connect: connectTo(connection), sni: sniOption(connection), path: store.path };
  return remedyOf({ who: 'server', id: 'reloadCertificates', command: 'showSent', data });
}

/** Whether the root that the client relies on had expired in its own store. */
function expiredAuthority(connection: Connection, context: Context): Weight | null {
  const trust = trustOfServer(connection, context);
  const refusal = refusalByClient(connection);
  if (refusal === undefined) return null;
  if (trust?.verdict?.state === 'expired') {
    const weight = weightOf(trust, trust.verdict, 'client', connection.client.address, false);
    return { ...weight, support: 'confirmed' };
  }
  const ended = refusal.alert === 'certificate_expired' ? expiredInStore(connection, context, 'server') : null;
  return ended && weightOfExpired(ended, 'client', connection.client.address);
}

/** The same of the store of the server, and the client's chain. */
function expiredClientAuthority(connection: Connection, context: Context): Weight | null {
  const refusal = refusalByServer(connection);
  const ended = refusal?.alert === 'certificate_expired' ? expiredInStore(connection, context, 'client') : null;
  return ended && weightOfExpired(ended, 'server', connectTo(connection));
}

function weightOfExpired(
  { store, stored, isSentValid }: ExpiredAuthority,
  side: 'client' | 'server',
  place: string,
): Weight {
  const trust = { store, verdict: { state: 'expired', stored } } as const;
  const weight = weightOf(trust, trust.verdict, side, place, false);
  return isSentValid ? weight : { ...weight, support: 'confirmed' };
}
