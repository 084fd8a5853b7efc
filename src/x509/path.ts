import type { Certificate } from './certificate.js';

/** One step of a path. */
export interface ChainLink {
  readonly certificate: Certificate;
  /** Position among the sent certificates (the first such), or null if it was not sent. */
  readonly index: number | null;
  /** `anchor`: it ends the path, sent or not. `elsewhere`: it was not sent, but is known from another connection. */
  readonly origin: 'sent' | 'anchor' | 'elsewhere';
}
