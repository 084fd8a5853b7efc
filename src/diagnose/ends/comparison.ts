import type { Connection } from '../../connection/connection.js';
import { validityOf } from '../../x509/validity.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Context } from '../context.js';
import { configuredChainOf, isTooShortFor } from './chain.js';
import type { KnownStore } from './known.js';
import { trustOfClient, trustOfServer, type StoreVerdict, type Trust } from './trust.js';

/**
 * How a certificate in the capture compares with a store.
 * - `same`: the same certificate is in the store. - `expired`: the store has it, or another one for its name and key, and
 * that had expired, whether it was sent or not.
 * - `same-key`: another certificate with that name and key identifier. - `other-key`: one with another key.
 * - `absent`: none with that name. - `not-sent`: only the store has it. - `unseen`: encrypted, so it cannot be
 * compared.
 */
export type StoreMatch = 'same' | 'expired' | 'same-key' | 'other-key' | 'absent' | 'not-sent' | 'unseen';

export interface ComparedCertificate {
  /** As RFC 4514 writes it. */
  readonly subject: string;
  /** SHA-256 of the one in the capture; null if not visible. */
  readonly seen: string | null;
  /** SHA-256 of the store's; null if it has none with that name. */
  readonly stored: string | null;
  readonly alias: string | null;
  readonly likeness: StoreMatch;
}

/** What a side sent, compared with a store of the other side, or with what it is configured to send. */
export interface Comparison {
  readonly kind: 'client-trusts' | 'server-trusts' | 'server-certificates';
  /** Name of the store. */
  readonly store: string;
  /** `seen` is what the server is configured to send, in place of what is encrypted. */
  readonly isAssumed: boolean;
  /**
   * `trusted`, `untrusted`: whether the chain ends in the store. `intermediate-anchor`: it ends there in an intermediate,
   * which this side does not accept as its end, or perhaps not. `as-configured`, `otherwise`; `unknown`.
   */
  readonly result: 'trusted' | 'untrusted' | 'intermediate-anchor' | 'as-configured' | 'otherwise' | 'unknown';
  readonly certificates: readonly ComparedCertificate[];
}

/** All comparisons that are possible with the files of the ends for a connection. */
export function compareWithEnds(connection: Connection, context: Context): readonly Comparison[] {
  const { ends } = context;
  if (ends === null) return [];
  const at = context.judgedAt(connection);
  const comparisons: Comparison[] = [];
  // A configured chain that replaces an encrypted one is also compared with the clients' store: nothing else is known.
  const trusts = [
    ['client-trusts', trustOfServer(connection, context)],
    ['server-trusts', trustOfClient(connection, context)],
  ] as const;
  for (const [kind, trust] of trusts) {
    if (trust === null) continue;
    const isAssumed = kind === 'client-trusts' && connection.hasStandInChain === true;
    const sent = kind === 'client-trusts' ? connection.serverCertificates : connection.clientCertificates;
    const hashes = new Set(sent.map(({ sha256 }) => sha256));
    comparisons.push({ ...comparedTrust(kind, trust, hashes, at), isAssumed });
  }
  const store = ends.serverCertificates;
  const configured = store === null ? null : configuredChainOf(connection, context);
  if (store !== null && configured !== null) {
    comparisons.push(comparedChain(connection, store, configured));
  }
  return comparisons;
}

const RESULTS: Partial<Record<StoreVerdict['state'], Comparison['result']>> = {
  trusted: 'trusted',
  intermediate: 'intermediate-anchor',
};

function comparedTrust(
  kind: Comparison['kind'],
  { store, chain, verdict }: Trust,
  sent: ReadonlySet<string>,
  at: number,
): Omit<Comparison, 'isAssumed'> {
  const certificates = chain.path.map(({ certificate }): ComparedCertificate => {
    const row = compared(certificate, store, at);
    // The anchor comes from the store, unless it was sent too.
    if (sent.has(certificate.sha256)) return row;
    return { ...row, seen: null, likeness: row.likeness === 'same' ? 'not-sent' : row.likeness };
  });
  const missing = chain.status === 'incomplete' ? chain.missing : null;
  if (missing !== null) {
    const stored = store.entryNamed(missing.name);
    certificates.push({
      subject: missing.name,
      seen: null,
      stored: stored?.certificate.sha256 ?? null,
      alias: stored?.alias ?? null,
      likeness: stored === undefined ? 'absent' : 'other-key',
    });
  }
  const result = verdict === null ? 'unknown' : (RESULTS[verdict.state] ?? 'untrusted');
  return { kind, store: store.name, result, certificates };
}

function compared(certificate: Certificate, store: KnownStore, at: number): ComparedCertificate {
  const { subject, sha256, subjectKeyIdentifier } = certificate;
  const same = store.entryOf(sha256);
  const stored = same ?? store.entryNamed(subject);
  const isSameKey = subjectKeyIdentifier !== null && stored?.certificate.subjectKeyIdentifier === subjectKeyIdentifier;
  return {
    subject,
    seen: sha256,
    stored: stored?.certificate.sha256 ?? null,
    alias: stored?.alias ?? null,
    likeness:
      same !== undefined
        ? validityOf(certificate, at).state === 'expired'
          ? 'expired'
          : 'same'
        : stored === undefined
          ? 'absent'
          : !isSameKey
            ? 'other-key'
            : validityOf(stored.certificate, at).state === 'expired'
              ? 'expired'
              : 'same-key',
  };
}

function comparedChain(connection: Connection, store: KnownStore, configured: readonly Certificate[]): Comparison {
  const { serverCertificates: sent, hasStandInChain } = connection;
  const isEncrypted = sent.length === 0 || hasStandInChain === true;
  const hashes = new Set(sent.map(({ sha256 }) => sha256));
  const rows = isEncrypted ? [] : sent.map((certificate) => compared(certificate, store, NaN));
  // A store's certificate next to another one of its name has its row already.
  const shown = new Set([...(isEncrypted ? [] : hashes), ...rows.map(({ stored }) => stored)]);
  const certificates = [
    ...rows,
    ...configured
      .filter(({ sha256 }) => !shown.has(sha256))
      .map(({ subject, sha256 }): ComparedCertificate => {
        const alias = store.entryOf(sha256)?.alias ?? null;
        return { subject, seen: null, stored: sha256, alias, likeness: isEncrypted ? 'unseen' : 'not-sent' };
      }),
  ];
  const isSame =
    configured.length === sent.length && configured.every((one, index) => one.sha256 === sent[index]?.sha256);
  const result = isEncrypted
    ? isTooShortFor(connection, configured)
      ? 'otherwise'
      : 'unknown'
    : isSame
      ? 'as-configured'
      : 'otherwise';
  return { kind: 'server-certificates', store: store.name, isAssumed: false, result, certificates };
}
