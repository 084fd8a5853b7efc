import type { Certificate } from './certificate.js';
import { nameKey } from './distinguished-name.js';
import type { CertificateParser } from './store.js';
import { type KnownRoot, type RootEntry, type RootTable, standingAt } from './roots.js';

/** A certificate that chains may end in. */
export interface TrustAnchor {
  readonly certificate: Certificate;
  /** `mozilla`: a root of Mozilla's store at the time asked for. `extra`: given by the user. */
  readonly origin: 'mozilla' | 'extra';
  /** What is known of a root of Mozilla's store; null for others. */
  readonly root: KnownRoot | null;
}

/** The certificates that are trusted without proof, at a time in milliseconds since 1970 (absent: at any time). */
export interface TrustAnchors {
  /** Anchors whose subject is this name (as RFC 4514 writes it), the user's first. */
  bySubject(name: string, time?: number): readonly TrustAnchor[];
  /** The anchor that is this very certificate, or null. */
  find(certificate: Certificate, time?: number): TrustAnchor | null;
  /**
   * The public root of this name, whether or not it is an anchor; of several, the one that is trusted longest. A name
   * is no proof, since anyone can make a root of that name, so the key identifiers must agree where both are known.
   */
  knownRoot(name: string, keyIdentifier: string | null): KnownRoot | null;
}

const decodeBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/**
 * The trust anchors: the roots of Mozilla's store, and the user's own. Any certificate may be an anchor, self-signed or
 * not, as in the trust stores of Go, Java, GnuTLS and browsers (`openssl verify` calls that `-partial_chain`).
 * @param extra the user's own, as DER
 * @param roots the result of `loadRoots`; called with the first question. Only the roots that chains need are decoded
 */
export function createTrustAnchors(
  parse: CertificateParser,
  { extra = [], roots }: { readonly extra?: readonly Uint8Array[]; readonly roots: () => RootTable },
): TrustAnchors {
  const own = new Map<string, TrustAnchor[]>();
  const ownByHash = new Map<string, TrustAnchor>();
  for (const der of extra) {
    const anchor: TrustAnchor = { certificate: parse(der), origin: 'extra', root: null };
    const key = nameKey(anchor.certificate.subject);
    const same = own.get(key);
    if (same === undefined) own.set(key, [anchor]);
    else same.push(anchor);
    ownByHash.set(anchor.certificate.sha256, anchor);
  }
  const decoded = new Map<RootEntry, TrustAnchor>();
  /** The anchor that a root is at that time, if it is one. */
  const anchorOf = (entry: RootEntry, time: number | undefined): readonly TrustAnchor[] => {
    const { root, encoded } = entry;
    if (encoded === null || standingAt(root, time) !== 'included') return [];
    let anchor = decoded.get(entry);
    if (anchor === undefined) {
      anchor = { certificate: parse(decodeBase64(encoded)), origin: 'mozilla', root };
      decoded.set(entry, anchor);
    }
    return [anchor];
  };
  return {
    bySubject(name, time) {
      const key = nameKey(name);
      const extras = own.get(key) ?? [];
      const included = (roots().bySubject.get(key) ?? []).flatMap((entry) => anchorOf(entry, time));
      return included.length === 0 ? extras : [...extras, ...included];
    },
    find({ sha256 }, time) {
      const entry = roots().byHash.get(sha256);
      return ownByHash.get(sha256) ?? (entry === undefined ? undefined : anchorOf(entry, time)[0]) ?? null;
    },
    knownRoot(name, keyIdentifier) {
      const end = ({ until, notAfter }: KnownRoot): string => `${until ?? '9999'} ${notAfter ?? ''}`;
      const known = (roots().bySubject.get(nameKey(name)) ?? [])
        .map(({ root }) => root)
        .filter(
          ({ subjectKeyIdentifier }) =>
            keyIdentifier === null || subjectKeyIdentifier === null || keyIdentifier === subjectKeyIdentifier,
        );
      return known.sort((a, b) => (end(a) < end(b) ? 1 : -1))[0] ?? null;
    },
  };
}
