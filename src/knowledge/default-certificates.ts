/** A certificate that a program makes itself, and sends if no other one is configured for the name. */
interface DefaultCertificate {
  /** To follow "the default certificate of". */
  readonly product: string;
  /** Matches the subject's distinguished name. */
  readonly subject: RegExp;
}

/** From the documentation of the products, and from what they are installed with. */
const DEFAULT_CERTIFICATES: readonly DefaultCertificate[] = [
  { product: 'Kubernetes ingress-nginx', subject: /\bCN=Kubernetes Ingress Controller Fake Certificate\b/ },
  { product: 'Traefik', subject: /\bCN=TRAEFIK DEFAULT CERT\b/ },
  { product: 'Plesk', subject: /\bCN=(?:Plesk|Parallels Panel)(?:,|$)/ },
  { product: 'F5 BIG-IP', subject: /\bCN=localhost\.localdomain\b.{0,80}\bO=MyCompany\b/ },
  { product: 'Red Hat mod_ssl', subject: /\bCN=localhost\.localdomain\b.{0,80}\bO=(?:SomeOrganization|Unspecified)\b/ },
];

/** The product whose default certificate has this subject, written as in RFC 4514; null if none is known. */
export function defaultCertificateOf(subject: string): string | null {
  return DEFAULT_CERTIFICATES.find((one) => one.subject.test(subject))?.product ?? null;
}
