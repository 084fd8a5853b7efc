import type { Connection } from '../../connection/connection.js';
import { inspectorNamed, isNamedForInspection } from '../../knowledge/inspection.js';
import { memoizeLast } from '../../memoize.js';
import type { Certificate } from '../../x509/certificate.js';
import { matchHostName } from '../../x509/names.js';

// Devices and programs that answer in the server's place.

/** What shows that something answered in the server's place. */
export interface Inspection {
  /** Its certificate, made for the name that the client asked for. */
  readonly leaf: Certificate;
  /** The issuer that names it. */
  readonly issuer: string;
  /** The product known by that name; null if the name only says the purpose. */
  readonly product: string | null;
}

/**
 * Whether an inspecting device made the certificate: it has the name that the client asked for, and an issuer in its
 * chain is named after such a product or purpose. A device's own certificate is self-signed or has the device's name.
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
