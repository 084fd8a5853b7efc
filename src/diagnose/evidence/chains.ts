import type { Connection } from '../../connection/connection.js';
import { memoize } from '../../memoize.js';
import type { Certificate } from '../../x509/certificate.js';
import type { ChainVerdict } from '../../x509/chain.js';
import { judgeConstraints, type ConstraintProblem } from '../../x509/constraints.js';
import { nameKey } from '../../x509/distinguished-name.js';

// What a certificate chain is like.

/** Whether the path that was found from the leaf of a chain on goes through a certificate. */
export function isOnPath({ path }: ChainVerdict, { sha256 }: Certificate): boolean {
  return path.some(({ certificate }) => certificate.sha256 === sha256);
}

/** What is wrong with the path that was found from a server's leaf on, dates apart. */
export const problemsOf = memoize((path: ChainVerdict['path']): readonly ConstraintProblem[] =>
  judgeConstraints(path, { purpose: 'server' }),
);

/** The authority that a chain ends at, by name, and whether its own certificate is in the chain. */
export interface Authority {
  readonly name: string;
  readonly sent: boolean;
}

/** The authority that the names of a chain lead to from its leaf on, whatever their order; the name is empty if there is none. */
export function authorityOf(certificates: readonly Certificate[]): Authority {
  const left = new Set(certificates);
  let [top] = certificates;
  while (top !== undefined && !top.selfIssued) {
    left.delete(top);
    const issuer = nameKey(top.issuer);
    const next = [...left].find(({ subject }) => nameKey(subject) === issuer);
    if (next === undefined) return { name: top.issuer, sent: false };
    top = next;
  }
  return { name: top?.subject ?? '', sent: top !== undefined };
}

/**
 * Whether the server knows the authority that the client's chain ends at, as far as names tell: its CertificateRequest lists
 * it, or its own chain ends there.
 */
export function isKnownToServer({ clientCertificates, serverCertificates, certificateRequest }: Connection): boolean {
  const { name } = authorityOf(clientCertificates);
  const known = [...(certificateRequest?.certificateAuthorities ?? []), authorityOf(serverCertificates).name];
  return name !== '' && known.map(nameKey).includes(nameKey(name));
}
