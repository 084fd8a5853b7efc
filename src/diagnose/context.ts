import type { Connection } from '../connection/connection.js';
import type { ChainVerdict } from '../x509/chain.js';
import type { Certificate } from '../x509/certificate.js';
import type { Neighbours } from './neighbours.js';

/** What a rule may ask besides the connection itself. */
export interface Context {
  readonly neighbours: Neighbours;
  /** The chain that a side sent, judged against the trust anchors. */
  chainOf(certificates: readonly Certificate[]): ChainVerdict;
  /** The time, in milliseconds since 1970, at which this connection's certificates are judged. */
  judgedAt(connection: Connection): number;
}
