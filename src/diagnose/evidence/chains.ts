import { isIP } from 'node:net';
import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { memoizeLast } from '../../memoize.js';
import type { Certificate } from '../../x509/certificate.js';
import type { ChainVerdict } from '../../x509/chain.js';
import type { ClientFamily } from '../../x509/data/refusals.js';
import { nameKey } from '../../x509/distinguished-name.js';
import { checkSignature } from '../../x509/signature.js';
import type { PeculiarityKind } from '../../x509/peculiarity-kind.js';
import { peculiarities, type Peculiarity } from '../../x509/peculiarities.js';

// What a certificate chain is like.

/** Whether the path that was found from the leaf of a chain on goes through a certificate. */
export function isOnPath({ path }: ChainVerdict, { sha256 }: Certificate): boolean {
  return path.some(({ certificate }) => certificate.sha256 === sha256);
}

/**
 * Whether the chain has one authority twice, under two issuers (a cross-certificate): which path a client takes, and where it
 * ends, depends on the client.
 */
export function hasAlternatePaths(chain: readonly Certificate[]): boolean {
  return chain.some((one) =>
    chain.some(
      (other) =>
        one.subjectKeyIdentifier !== null &&
        one.subjectKeyIdentifier === other.subjectKeyIdentifier &&
        nameKey(one.subject) === nameKey(other.subject) &&
        nameKey(one.issuer) !== nameKey(other.issuer),
    ),
  );
}

/** Whether one of the certificates sent signed this one, and is named by another key identifier in it: some clients go by that. */
export function isSignedDespiteKeyIdentifier(certificate: Certificate, chain: readonly Certificate[]): boolean {
  const { authorityKeyIdentifier: wanted } = certificate;
  return chain.some(
    (issuer) =>
      wanted !== null &&
      issuer.subjectKeyIdentifier !== null &&
      issuer.subjectKeyIdentifier !== wanted &&
      nameKey(issuer.subject) === nameKey(certificate.issuer) &&
      checkSignature(certificate, issuer) === 'valid',
  );
}

/** The authority that a chain ends at, by name, and whether its own certificate is in the chain. */
export interface Authority {
  readonly name: string;
  readonly sent: boolean;
}

/** The authority that the names of a chain lead to from its leaf on, whatever their order; the name is empty if there is none. */
export function authorityOf(certificates: readonly Certificate[]): Authority {
  const left = new Set(certificates);
  let [top] = certificates;
  while (top !== undefined && !top.selfIssued) {
    left.delete(top);
    const issuer = nameKey(top.issuer);
    const next = [...left].find(({ subject }) => nameKey(subject) === issuer);
    if (next === undefined) return { name: top.issuer, sent: false };
    top = next;
  }
  return { name: top?.subject ?? '', sent: top !== undefined };
}

/**
 * Whether the server knows the authority that the client's chain ends at, as far as names tell: its CertificateRequest lists
 * it, or its own chain ends there.
 */
export function isKnownToServer({ clientCertificates, serverCertificates, certificateRequest }: Connection): boolean {
  const { name } = authorityOf(clientCertificates);
  const known = [...(certificateRequest?.certificateAuthorities ?? []), authorityOf(serverCertificates).name];
  return name !== '' && known.map(nameKey).includes(nameKey(name));
}

/** What the client asked for: the name, or where it sent none the address that it connected to; null without a ClientHello. */
export function wantedName({ clientHello, server }: Connection): string | null {
  return clientHello === null ? null : (clientHello.serverName ?? server.address);
}

/** What some clients refuse about the chain that the server sent. */
export const peculiaritiesOf = memoizeLast((connection: Connection): readonly Peculiarity[] => {
  const { clientHello, serverCertificates, serverHello } = connection;
  if (serverCertificates.length === 0) return [];
  return peculiarities(serverCertificates, {
    name: wantedName(connection),
    cipherSuite: serverHello?.cipherSuite ?? null,
    groups: clientHello === null || clientHello.supportedGroups.length === 0 ? null : clientHello.supportedGroups,
  });
});

/** The families of clients that a ClientHello may be by, as far as it tells. */
export function familiesOf({ clientHello }: Connection): readonly ClientFamily[] {
  const library = clientHello === null ? null : libraryOf(clientHello);
  switch (library) {
    case null:
    case 'Apple':
    case 'SChannel':
    case 'Erlang':
      return [];
    case 'OpenSSL':
      return ['OpenSSL', 'Python strict'];
    case 'Chromium':
      return ['BoringSSL'];
    case 'Mbed TLS':
      return ['mbedTLS'];
    case 'BoringSSL':
    case 'Botan':
    case 'GnuTLS':
    case 'Go':
    case 'JSSE':
    case 'Node.js':
    case 'NSS':
    case 'rustls':
    case 'wolfSSL':
      return [library];
  }
}

/** What about the chain a client of this family is known to refuse. */
export const knownToRefuse = memoizeLast((connection: Connection): readonly Peculiarity[] => {
  const families = familiesOf(connection);
  return peculiaritiesOf(connection).filter(({ refusedBy }) =>
    refusedBy.some(({ client }) => families.includes(client)),
  );
});

/** Whether the client sent no name, and the certificate does not bear the address that it connected to. */
export function isAddressUnnamed(connection: Connection): boolean {
  return (
    connection.clientHello?.serverName === null &&
    isIP(connection.server.address) !== 0 &&
    peculiaritiesOf(connection).some(({ kind }) => kind === 'address-not-named')
  );
}

/** Whether the certificate has the address that the client connected to as a host name, which its stack does not take for it. */
export function isAddressMisnamed(connection: Connection): boolean {
  return (
    connection.clientHello?.serverName === null &&
    knownToRefuse(connection).some(({ kind }) => kind === 'address-as-host-name')
  );
}

/**
 * Whether an authority of the right name with another key, in the client's store, would let it find a signature wrong. OpenSSL
 * goes by the key identifier, where there is one: to it, such an authority is not the issuer.
 */
export function mayMeetNamesake({ clientHello, serverCertificates }: Connection): boolean {
  const isOpenssl = clientHello !== null && libraryOf(clientHello) === 'OpenSSL';
  return !isOpenssl || serverCertificates.some(({ authorityKeyIdentifier }) => authorityKeyIdentifier === null);
}

/**
 * Whether an authority of the issuer's name with another key may pass for the issuer: OpenSSL goes by the key identifier, where
 * there is one.
 */
export const lacksIssuerKey = ({ authorityKeyIdentifier, selfIssued }: Certificate): boolean =>
  authorityKeyIdentifier === null && !selfIssued;

/** The certificate of the client's chain that the issuer sent with it did not sign; undefined if there is none. */
export function forgedByClient(connection: Connection, context: Context): Certificate | undefined {
  const { clientCertificates } = connection;
  if (clientCertificates.length === 0) return undefined;
  const chain = context.chainOf(clientCertificates, context.judgedAt(connection));
  // The issuer may be known from elsewhere: then nobody sent it, and another of its name may have signed.
  const isSent =
    chain.status === 'bad-signature' && clientCertificates.some(({ sha256 }) => sha256 === chain.issuer.sha256);
  return isSent ? chain.at.certificate : undefined;
}

/** By what a client goes to find the issuer of a certificate. */
const LEADS_TO_ISSUER: ReadonlySet<PeculiarityKind> = new Set([
  'key-identifier-differs',
  'issuer-serial-differs',
  'name-encoding-differs',
  'name-in-16-bit-characters',
  'name-spacing-differs',
  'repeated-extension',
]);

/** Whether what is wrong about a certificate of the chain keeps this client, or one that is not known, from finding its issuer. */
export function cannotFindIssuer(connection: Connection): boolean {
  const isUnknown = familiesOf(connection).length === 0;
  return (isUnknown ? peculiaritiesOf(connection) : knownToRefuse(connection)).some(keepsFromIssuer);
}

/** Whether a client that minds this does not find the issuer. */
export const keepsFromIssuer = ({ kind }: Pick<Peculiarity, 'kind'>): boolean => LEADS_TO_ISSUER.has(kind);

/** Whether the chain is out of order, and the client takes certificates in the order that they come in. */
export function needsOrder(connection: Connection): boolean {
  return knownToRefuse(connection).some(({ kind }) => kind === 'out-of-order');
}
