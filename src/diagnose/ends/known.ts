import type { Configuration } from '../../ends/configurations/configuration.js';
import type { Ends } from '../../ends/ends.js';
import type { CertificateStore, StoredCertificate } from '../../ends/stores/store.js';
import { createTrustAnchors, type TrustAnchors } from '../../x509/anchors.js';
import type { Certificate } from '../../x509/certificate.js';
import { nameKey } from '../../x509/distinguished-name.js';
import { matchHostName } from '../../x509/names.js';
import { NO_ROOTS } from '../../x509/roots.js';

/** A store with the lookups that rules need. */
export interface KnownStore extends CertificateStore {
  /** Its certificates, and no others, as trust anchors. */
  readonly anchors: TrustAnchors;
  /** The entry of a certificate, by its SHA-256. */
  entryOf(sha256: string): StoredCertificate | undefined;
  /** The first entry whose subject is this name. */
  entryNamed(name: string): StoredCertificate | undefined;
}

/** What the files of the ends say, prepared for rules. */
export interface KnownEnds {
  readonly clientTrusts: KnownStore | null;
  readonly serverTrusts: KnownStore | null;
  readonly serverCertificates: KnownStore | null;
  readonly serverConfiguration: Configuration | null;
  readonly clientConfiguration: Configuration | null;
  /**
   * The configured chain of the server for a client that asks for this name, the leaf first; null if none of its leaves
   * has it, or several do.
   */
  configuredChain(serverName: string | null): readonly Certificate[] | null;
}

/** Null if nothing is known. @param publicAnchors describes public roots, which are no anchors of the stores */
export function knownEnds(ends: Ends | undefined, publicAnchors: TrustAnchors): KnownEnds | null {
  if (ends === undefined) return null;
  const { serverCertificates } = ends;
  const known = (store: CertificateStore | null): KnownStore | null => store && knownStore(store, publicAnchors);
  const leaves = serverCertificates === null ? [] : chainsIn(serverCertificates);
  return {
    clientTrusts: known(ends.clientTrusts),
    serverTrusts: known(ends.serverTrusts),
    serverCertificates: known(serverCertificates),
    serverConfiguration: ends.serverConfiguration,
    clientConfiguration: ends.clientConfiguration,
    configuredChain(serverName) {
      const fitting =
        serverName === null
          ? leaves
          : leaves.filter(([leaf]) => leaf !== undefined && matchHostName(leaf, serverName).covered);
      return fitting.length === 1 ? (fitting[0] ?? null) : null;
    },
  };
}

function knownStore(store: CertificateStore, publicAnchors: TrustAnchors): KnownStore {
  const byHash = new Map(store.certificates.map((entry) => [entry.certificate.sha256, entry]));
  const byName = new Map<string, StoredCertificate>();
  for (const entry of store.certificates) {
    const key = nameKey(entry.certificate.subject);
    if (!byName.has(key)) byName.set(key, entry);
  }
  return {
    ...store,
    anchors: anchorsOf(
      store.certificates.map(({ certificate }) => certificate),
      publicAnchors,
    ),
    entryOf: (sha256) => byHash.get(sha256),
    entryNamed: (name) => byName.get(nameKey(name)),
  };
}

/** These certificates as the only anchors. @param publicAnchors describes public roots, which are none of them */
export function anchorsOf(certificates: readonly Certificate[], publicAnchors: TrustAnchors): TrustAnchors {
  const byBytes = new Map(certificates.map((certificate) => [certificate.der, certificate]));
  const anchors = createTrustAnchors(
    (der) => {
      const certificate = byBytes.get(der);
      if (certificate === undefined) throw new RangeError('a certificate that the store does not have');
      return certificate;
    },
    { extra: [...byBytes.keys()], roots: () => NO_ROOTS },
  );
  return { ...anchors, knownRoot: (name, keyIdentifier) => publicAnchors.knownRoot(name, keyIdentifier) };
}

/** The chains in a store: each certificate that is not a CA's, and those that follow it in the same file. */
function chainsIn({ certificates }: CertificateStore): Certificate[][] {
  const chains: Certificate[][] = [];
  let path: string | undefined;
  for (const entry of certificates) {
    const { certificate } = entry;
    const chain = chains.at(-1);
    if (!certificate.isCa || entry.path !== path) chains.push([certificate]);
    else chain?.push(certificate);
    path = entry.path;
  }
  return chains.filter(([leaf]) => leaf?.isCa === false);
}
