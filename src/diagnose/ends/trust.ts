import type { Connection, Side } from '../../connection/connection.js';
import type { StoredCertificate } from '../../ends/stores/store.js';
import type { Certificate } from '../../x509/certificate.js';
import { intermediateAnchorsOf } from '../../knowledge/stacks/anchors.js';
import type { IntermediateAnchors } from '../../knowledge/stacks/stack.js';
import { judgeChain, type ChainVerdict } from '../../x509/chain.js';
import { nameKey } from '../../x509/distinguished-name.js';
import { periodOf, validityOf } from '../../x509/validity.js';
import { duration } from '../../message.js';
import type { Context } from '../context.js';
import type { KnownStore } from './known.js';

/** How a trust store judges a chain. */
export type StoreVerdict =
  | {
      readonly state: 'trusted' | 'expired';
      /** Where the chain ends. */
      readonly stored: StoredCertificate;
    }
  | {
      /** The chain ends in a certificate of the store that is not a root, and the store has no root above it. */
      readonly state: 'intermediate';
      readonly stored: StoredCertificate;
      /** The side accepts only roots; otherwise that is not known. */
      readonly isRefused: boolean;
    }
  | {
      readonly state: 'other-key';
      readonly stored: StoredCertificate;
      /** The certificate of that name that was sent with the chain; null if none. */
      readonly sent: Certificate | null;
    }
  | {
      /** The store has the authority that the chain would lead to with one more certificate, which was not sent. */
      readonly state: 'intermediate-missing';
      readonly stored: StoredCertificate;
      readonly missing: string;
    }
  | {
      readonly state: 'absent';
      readonly authority: string;
      readonly sent: Certificate | null;
      readonly keyIdentifier: string | null;
    };

/** Whose certificates are judged, by the other side's store. */
export interface Trust {
  readonly store: KnownStore;
  readonly chain: ChainVerdict;
  /** Null if nothing can be said: no certificate is visible, or one is damaged. */
  readonly verdict: StoreVerdict | null;
}

/** How the clients' store judges the server's chain; null without such a store, or without a visible chain. */
export const trustOfServer = (connection: Connection, context: Context): Trust | null => {
  const store = context.ends?.clientTrusts ?? null;
  if (store === null || connection.serverCertificates.length === 0) return null;
  const at = context.judgedAt(connection);
  const chain = context.chainOf(connection.serverCertificates, at);
  const anchors = intermediateAnchorsOf(connection.clientHello);
  return { store, chain, verdict: asJudgedBy(anchors, chain, storeVerdictOf(chain, store, at)) };
};

/** What the judging side makes of a chain that ends in an intermediate. */
function asJudgedBy(
  anchors: IntermediateAnchors | null,
  chain: ChainVerdict,
  verdict: StoreVerdict | null,
): StoreVerdict | null {
  const isAccepted = chain.status !== 'trusted' || chain.isRooted || anchors === 'accepted';
  if (verdict?.state !== 'trusted' || isAccepted) return verdict;
  return { state: 'intermediate', stored: verdict.stored, isRefused: anchors === 'refused' };
}

/** An authority above a chain that one side sent, which has expired in the store of the other side. */
export interface ExpiredAuthority {
  readonly stored: StoredCertificate;
  readonly store: KnownStore;
  /** It was also sent, in a valid certificate: programs on OpenSSL still use the one in their store (recorded, 3.0.19). */
  readonly isSentValid: boolean;
}

/** The values that messages need of it; `at`: time of the handshake, in milliseconds. */
export const expiredData = ({ stored: { certificate } }: ExpiredAuthority, at: number) => ({
  root: certificate.subject,
  notAfter: certificate.notAfter,
  ago: duration(at - periodOf(certificate).ends),
});

/** An authority above the chain of `sender` of which the other side's store has only expired certificates; or null. */
export function expiredInStore(connection: Connection, context: Context, sender: Side): ExpiredAuthority | null {
  const store = (sender === 'server' ? context.ends?.clientTrusts : context.ends?.serverTrusts) ?? null;
  if (store === null) return null;
  const sent = sender === 'server' ? connection.serverCertificates : connection.clientCertificates;
  const at = context.judgedAt(connection);
  for (const { issuer, authorityKeyIdentifier: key } of sent) {
    const isIssuer = ({ subjectKeyIdentifier: own }: Certificate): boolean =>
      key === null || own === null || key === own;
    const held = store.anchors.bySubject(issuer).filter(({ certificate }) => isIssuer(certificate));
    if (!held.every(({ certificate }) => validityOf(certificate, at).state === 'expired')) continue;
    const [first] = held;
    const stored = first && store.entryOf(first.certificate.sha256);
    if (stored === undefined || sent.some(({ sha256 }) => sha256 === stored.certificate.sha256)) continue;
    const isSame = (one: Certificate): boolean => nameKey(one.subject) === nameKey(issuer) && isIssuer(one);
    return { stored, store, isSentValid: sent.some((one) => isSame(one) && validityOf(one, at).state === 'valid') };
  }
  return null;
}

/** How the store of the server judges the chain of the client; null without such a store, or without a visible chain. */
export const trustOfClient = (connection: Connection, context: Context): Trust | null => {
  const store = context.ends?.serverTrusts ?? null;
  if (store === null || connection.clientCertificates.length === 0) return null;
  const at = context.judgedAt(connection);
  const chain = judgeChain(connection.clientCertificates, store.anchors, {
    at,
    purpose: 'client',
    budget: context.work,
  });
  const anchors = context.ends?.serverConfiguration?.intermediateAnchors ?? null;
  return { store, chain, verdict: asJudgedBy(anchors, chain, storeVerdictOf(chain, store, at)) };
};

function storeVerdictOf(chain: ChainVerdict, store: KnownStore, at: number): StoreVerdict | null {
  const entryOf = ({ sha256 }: Certificate): StoredCertificate | undefined => store.entryOf(sha256);
  const held = chain.namesakes.find(({ certificate }) => entryOf(certificate) !== undefined);
  const namesake = held && entryOf(held.certificate);
  switch (chain.status) {
    case 'trusted': {
      const stored = entryOf(chain.anchor.certificate);
      if (stored === undefined) return null;
      return { state: validityOf(stored.certificate, at).state === 'expired' ? 'expired' : 'trusted', stored };
    }
    case 'private-root':
      return namesake === undefined
        ? {
            state: 'absent',
            authority: chain.root.subject,
            sent: chain.root,
            keyIdentifier: chain.root.subjectKeyIdentifier,
          }
        : { state: 'other-key', stored: namesake, sent: chain.root };
    case 'self-signed': {
      const leaf = chain.path[0]?.certificate;
      if (leaf === undefined) return null;
      return namesake === undefined
        ? { state: 'absent', authority: leaf.subject, sent: leaf, keyIdentifier: leaf.subjectKeyIdentifier }
        : { state: 'other-key', stored: namesake, sent: leaf };
    }
    case 'incomplete': {
      const { name, keyIdentifier } = chain.missing;
      if (namesake !== undefined) return { state: 'other-key', stored: namesake, sent: null };
      const anchor = chain.completion?.anchor;
      const stored = anchor ? entryOf(anchor.certificate) : undefined;
      return stored === undefined
        ? { state: 'absent', authority: name, sent: null, keyIdentifier }
        : { state: 'intermediate-missing', stored, missing: name };
    }
    case 'bad-signature': {
      const stored = entryOf(chain.issuer);
      return stored === undefined ? null : { state: 'other-key', stored, sent: null };
    }
    case 'empty':
    case 'unreadable':
    case 'undecided':
      return null;
  }
}
