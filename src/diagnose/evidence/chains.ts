import { memoize } from '../../memoize.js';
import type { Certificate } from '../../x509/certificate.js';
import type { ChainVerdict } from '../../x509/chain.js';
import { judgeConstraints, type ConstraintProblem } from '../../x509/constraints.js';

// What a certificate chain is like.

/** Whether the path that was found from the leaf of a chain on goes through a certificate. */
export function isOnPath({ path }: ChainVerdict, { sha256 }: Certificate): boolean {
  return path.some(({ certificate }) => certificate.sha256 === sha256);
}

/** What is wrong with the path that was found from a server's leaf on, dates apart. */
export const problemsOf = memoize((path: ChainVerdict['path']): readonly ConstraintProblem[] =>
  judgeConstraints(path, { purpose: 'server' }),
);
