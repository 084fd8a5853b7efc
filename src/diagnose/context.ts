import type { Connection } from '../connection/connection.js';
import type { Lookups } from '../names/lookups.js';
import type { Certificate } from '../x509/certificate.js';
import type { ChainVerdict } from '../x509/chain.js';
import type { ConstraintProblem } from '../x509/constraints.js';
import type { WorkBudget } from '../x509/work.js';
import type { KnownEnds } from './ends/known.js';
import type { Races } from './evidence/races.js';
import type { Scans } from './evidence/scans.js';
import type { Surveys } from './evidence/surveys.js';
import type { ServerHistory } from './evidence/server-history.js';

/** What a rule may ask besides the connection itself. */
export interface Context {
  readonly serverHistory: ServerHistory;
  readonly scans: Scans;
  /** Which handshakes only ask what a server supports. */
  readonly surveys: Surveys;
  readonly races: Races;
  /** How the addresses of servers were found. */
  readonly lookups: Pick<Lookups, 'of'>;
  /** What the user's files tell of the two ends; null where none was given. */
  readonly ends: KnownEnds | null;
  /**
   * The chain that a server sent, judged against the clients' trust store, if it is known, or the trust anchors; of several
   * paths one that is valid at that time.
   */
  chainOf(certificates: readonly Certificate[], at: number): ChainVerdict;
  /** What is wrong with the path that was found from a server's leaf on, dates apart. */
  problemsOf(path: ChainVerdict['path']): readonly ConstraintProblem[];
  /** What the verification of certificates may take. */
  readonly work: WorkBudget;
  /** The root of this name and key, an anchor at any time or a public one that is known, with the end of its validity; null if there is none. */
  rootNamed(name: string, keyIdentifier: string | null): { readonly notAfter: string | null } | null;
  /**
   * The time, in milliseconds since 1970, at which this connection's certificates are judged; NaN where the clock of the capture
   * was never set, so that nobody knows.
   */
  judgedAt(connection: Connection): number;
}
