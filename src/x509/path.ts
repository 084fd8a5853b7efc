import type { Certificate } from './certificate.js';

/** One step of a path. */
export interface ChainLink {
  readonly certificate: Certificate;
  /** Position among the certificates sent (the first such), or null for one that was not sent. */
  readonly index: number | null;
  /** `anchor`: it ends the path, sent or not. `elsewhere`: it was not sent, and is known from another connection. */
  readonly origin: 'sent' | 'anchor' | 'elsewhere';
}
