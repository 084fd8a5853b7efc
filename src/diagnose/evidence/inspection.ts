import type { Connection } from '../../connection/connection.js';
import { inspectorNamed, isNamedForInspection } from '../../knowledge/inspection.js';
import { memoizeLast } from '../../memoize.js';
import type { Certificate } from '../../x509/certificate.js';
import { matchHostName } from '../../x509/names.js';

// Devices and programs that answer in the server's place.

/** What betrays that somebody answered in the server's place. */
export interface Inspection {
  /** Its certificate, made for the name that the client asked for. */
  readonly leaf: Certificate;
  /** The issuer that names it. */
  readonly issuer: string;
  /** The product that is known by that name; null where the name tells the purpose alone. */
  readonly product: string | null;
}

/**
 * Whether the certificate was made by an inspecting device: it bears the name that the client asked for, and an issuer in its
 * chain bears the name of such a product, or of that purpose. The certificate that a device has for itself is self-signed or
 * bears its own name.
 */
export const inspectionOf = memoizeLast(({ clientHello, serverCertificates }: Connection): Inspection | null => {
  const [leaf] = serverCertificates;
  const wanted = clientHello?.serverName ?? null;
  if (leaf === undefined || wanted === null || leaf.selfIssued || !matchHostName(leaf, wanted).covered) return null;
  for (const { issuer } of serverCertificates) {
    const product = inspectorNamed(issuer);
    if (product !== null || isNamedForInspection(issuer)) return { leaf, issuer, product };
  }
  return null;
});
