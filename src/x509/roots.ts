import type { RootRow } from './data/roots.js';
import { nameKey } from './distinguished-name.js';

/** What is known of a public root without its certificate. */
export interface KnownRoot {
  /** As RFC 4514 writes it. */
  readonly subject: string;
  /** Lower-case hexadecimal, or null. */
  readonly subjectKeyIdentifier: string | null;
  /**
   * `mozilla`: it is, or was, in Mozilla's store. `vendor`: only in those of operating systems (Apple's, Microsoft's).
   */
  readonly store: 'mozilla' | 'vendor';
  /** SHA-256 of its certificate, lower-case hexadecimal, or null if only its name is known. */
  readonly sha256: string | null;
  /** ISO 8601, UTC, seconds; null if unknown. */
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  /**
   * Date of the first release of Mozilla's store that had it (`2014-03-10`); null if it is older than those included,
   * or unknown.
   */
  readonly from: string | null;
  /** Date of the last release that had it; null if it is in the newest one, or unknown. */
  readonly until: string | null;
  /** What it issued after this date is not trusted; null if there is no such date. */
  readonly distrustedAfter: string | null;
}

/**
 * How trust stores treat a public root at a time.
 * - `included`: in their stores. - `upcoming`: not yet in Mozilla's. - `retired`: no longer in Mozilla's.
 * - `vendor`: only in those of operating systems.
 */
export type RootStanding = 'included' | 'upcoming' | 'retired' | 'vendor';

/**
 * A root counts as included for a year before and after its dates in Mozilla's store. Other stores (Microsoft's,
 * Apple's, Java's) add roots earlier or later; distributions and devices follow a removal months later; and a release
 * follows the decision.
 */
const TOLERANCE_MS = 365 * 24 * 3_600_000;

/** The standing of a root at a time, in milliseconds since 1970; without a time, as included if it ever was. */
export function standingAt(root: KnownRoot, time: number | undefined): RootStanding {
  const { store, sha256, notBefore, from, until } = root;
  if (store === 'vendor') return 'vendor';
  // A root in no included release left the store before the first.
  if (sha256 === null) return 'retired';
  if (time === undefined) return 'included';
  if (until !== null && time > Date.parse(until) + TOLERANCE_MS) return 'retired';
  // If the root did not even exist at that time, the capture's clock is wrong, which says nothing about stores.
  const exists = time >= Date.parse(notBefore ?? '');
  return exists && from !== null && time < Date.parse(from) - TOLERANCE_MS ? 'upcoming' : 'included';
}

/** A known root, with its certificate if there is one. */
export interface RootEntry {
  readonly root: KnownRoot;
  /** DER in base64; null if only the name is known. */
  readonly encoded: string | null;
}

/** Known roots by the key of their subject, and by SHA-256. */
export interface RootTable {
  readonly bySubject: ReadonlyMap<string, readonly RootEntry[]>;
  readonly byHash: ReadonlyMap<string, RootEntry>;
}

export const NO_ROOTS: RootTable = { bySubject: new Map(), byHash: new Map() };

/** Loads the roots and indexes them, which takes some milliseconds; no certificate is decoded. */
export async function loadRoots(): Promise<RootTable> {
  const [{ ROOTS }, { OTHER_ROOTS }] = await Promise.all([import('./data/roots.js'), import('./data/other-roots.js')]);
  const bySubject = new Map<string, RootEntry[]>();
  const byHash = new Map<string, RootEntry>();
  const add = (entry: RootEntry): void => {
    const key = nameKey(entry.root.subject);
    const others = bySubject.get(key);
    if (others === undefined) bySubject.set(key, [entry]);
    else others.push(entry);
    if (entry.root.sha256 !== null) byHash.set(entry.root.sha256, entry);
  };
  for (const row of ROOTS) add({ root: rootOf(row), encoded: row[8] });
  const unknown = { sha256: null, notBefore: null, notAfter: null, from: null, until: null, distrustedAfter: null };
  for (const root of OTHER_ROOTS) add({ root: { ...unknown, ...root }, encoded: null });
  return { bySubject, byHash };
}

function rootOf(row: RootRow): KnownRoot {
  const [subject, subjectKeyIdentifier, sha256, notBefore, notAfter, from, until, distrustedAfter] = row;
  return {
    store: 'mozilla',
    subject,
    subjectKeyIdentifier,
    sha256,
    notBefore,
    notAfter,
    from,
    until,
    distrustedAfter,
  };
}
