import type { Connection } from '../connection/connection.js';
import type { Lookups } from '../names/lookups.js';
import type { Certificate } from '../x509/certificate.js';
import type { ChainVerdict } from '../x509/chain.js';
import type { ConstraintProblem } from '../x509/constraints.js';
import type { WorkBudget } from '../x509/work.js';
import type { KnownEnds } from './ends/known.js';
import type { Issuance } from './evidence/issuance.js';
import type { Races } from './evidence/races.js';
import type { Scans } from './evidence/scans.js';
import type { Surveys } from './evidence/surveys.js';
import type { ServerHistory } from './evidence/server-history.js';

/** What a rule may use besides the connection itself. */
export interface Context {
  readonly serverHistory: ServerHistory;
  readonly scans: Scans;
  /** Handshakes that only ask what a server supports. */
  readonly surveys: Surveys;
  readonly races: Races;
  /** How certificates were issued, and what proxies send. */
  readonly issuance: Issuance;
  /** How the addresses of servers were found. */
  readonly lookups: Pick<Lookups, 'of'>;
  /** What the user's files say about the two ends; null if none were given. */
  readonly ends: KnownEnds | null;
  /**
   * The verdict on the chain that a server sent, by the clients' trust store, if known, or the trust anchors; of
   * several paths, one that is valid at that time.
   */
  chainOf(certificates: readonly Certificate[], at: number): ChainVerdict;
  /** What is wrong with the path found from a server's leaf, except for dates. */
  problemsOf(path: ChainVerdict['path']): readonly ConstraintProblem[];
  /** The work that verification of certificates may take. */
  readonly work: WorkBudget;
  /**
   * The root with this name and key, an anchor at any time or a known public one, with the end of its validity; null if
   * there is none.
   */
  rootNamed(name: string, keyIdentifier: string | null): { readonly notAfter: string | null } | null;
  /**
   * The time, in milliseconds since 1970, at which this connection's certificates are judged; NaN if the capture's
   * clock was never set.
   */
  judgedAt(connection: Pick<Connection, 'messages' | 'startedAt' | 'endedAt'>): number;
}
