import type { Connection } from '../../connection/connection.js';
import { inspectorNamed, isNamedForInspection } from '../../knowledge/inspection.js';
import { memoizeLast } from '../../memoize.js';
import type { Certificate } from '../../x509/certificate.js';
import { matchHostName } from '../../x509/names.js';
import { checkSignature } from '../../x509/signature.js';
import type { Context } from '../context.js';
import type { OwnHello } from './issuance.js';
import type { AcceptedConnection } from './server-history.js';

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
export const inspectionOf = memoizeLast((connection: Connection): Inspection | null => {
  const leaf = leafForName(connection);
  if (leaf === null) return null;
  for (const { issuer } of connection.serverCertificates) {
    const product = inspectorNamed(issuer);
    if (product !== null || isNamedForInspection(issuer)) return { leaf, issuer, product };
  }
  return null;
});

/** The certificate that some authority made for the name that the client asked for; null if none is visible. */
function leafForName({ clientHello, serverCertificates }: Connection): Certificate | null {
  const [leaf] = serverCertificates;
  const wanted = clientHello?.serverName ?? null;
  if (leaf === undefined || wanted === null || leaf.selfIssued || !matchHostName(leaf, wanted).covered) return null;
  return leaf;
}

/**
 * Signs of an inspecting device whose authority has an ordinary name. `own-key`: the certificate has the authority's own
 * key, as with Squid (5.7) and mitmproxy (8.1). `own-hello`: the client's proxy opened a TLS connection of its own.
 * `public-elsewhere`: the same server sent another client a trusted certificate for the same name. For the others, see
 * `Issuance`.
 */
export type InspectionSign =
  | { readonly kind: 'own-key' | 'on-demand' | 'unrelated' | 'per-connection'; readonly leaf: Certificate }
  | { readonly kind: 'own-hello'; readonly leaf: Certificate | null; readonly hello: OwnHello }
  | { readonly kind: 'public-elsewhere'; readonly leaf: Certificate; readonly other: AcceptedConnection };

/** The sign of an inspecting device that no name reveals; undefined if there is none. */
export function inspectionSign(connection: Connection, context: Context): InspectionSign | undefined {
  const leaf = leafForName(connection);
  const isEncrypted = connection.serverCertificates.length === 0;
  if (leaf !== null) {
    if (context.chainOf(connection.serverCertificates, context.judgedAt(connection)).status === 'trusted')
      return undefined;
    if (checkSignature(leaf, leaf) === 'valid') return { kind: 'own-key', leaf };
  }
  const hello = leaf !== null || isEncrypted ? context.issuance.ownHelloOf(connection) : null;
  if (hello !== null) return { kind: 'own-hello', leaf, hello };
  if (leaf === null) return undefined;
  const other = trustedElsewhere(connection, context, leaf);
  if (other !== undefined) return { kind: 'public-elsewhere', leaf, other };
  const kind = context.issuance.markOf(connection);
  return kind === null ? undefined : { kind, leaf };
}

/** A connection that got another certificate for the same name from the same server, by a trusted authority. */
function trustedElsewhere(connection: Connection, context: Context, leaf: Certificate): AcceptedConnection | undefined {
  const wanted = connection.clientHello?.serverName;
  const { certificates } = context.serverHistory.acceptedBy(connection);
  for (const [sha256, other] of certificates) {
    if (sha256 === leaf.sha256 || other.clientHello?.serverName !== wanted) continue;
    if (context.chainOf(other.serverCertificates, context.judgedAt(other)).status === 'trusted') return other;
  }
  return undefined;
}
