import { isIP } from 'node:net';
import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { libraryOf, stackOf } from '../../knowledge/stacks/recognise.js';
import { memoizeLast } from '../../memoize.js';
import type { Certificate } from '../../x509/certificate.js';
import type { ChainVerdict } from '../../x509/chain.js';
import type { ClientFamily } from '../../x509/data/refusals.js';
import { nameKey } from '../../x509/distinguished-name.js';
import { checkSignature } from '../../x509/signature.js';
import type { PeculiarityKind } from '../../x509/peculiarity-kind.js';
import { peculiarities, type Peculiarity } from '../../x509/peculiarities.js';

// Properties of certificate chains.

/** Whether a certificate is on the path that was found from the leaf of a chain. */
export function isOnPath({ path }: ChainVerdict, { sha256 }: Certificate): boolean {
  return path.some(({ certificate }) => certificate.sha256 === sha256);
}

/**
 * Whether the chain has an authority under two issuers (a cross-certificate): then the path, and where it ends, depends
 * on the client.
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

/**
 * Whether one of the sent certificates signed this one although it names another key identifier, which some clients use
 * to find the issuer.
 */
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

/** The authority at the end of a chain, by name, and whether its own certificate is in the chain. */
export interface Authority {
  readonly name: string;
  readonly sent: boolean;
}

/**
 * The authority that the names of a chain lead to from its leaf, in whatever order; the name is empty if there is none.
 */
export function authorityOf(certificates: readonly Certificate[]): Authority {
  const remaining = new Set(certificates);
  let [top] = certificates;
  while (top !== undefined && !top.selfIssued) {
    remaining.delete(top);
    const issuer = nameKey(top.issuer);
    const next = [...remaining].find(({ subject }) => nameKey(subject) === issuer);
    if (next === undefined) return { name: top.issuer, sent: false };
    top = next;
  }
  return { name: top?.subject ?? '', sent: top !== undefined };
}

/**
 * Whether the server knows the authority at the end of the client's chain, by name: its CertificateRequest lists it, or
 * its own chain ends there.
 */
export function isKnownToServer({ clientCertificates, serverCertificates, certificateRequest }: Connection): boolean {
  const { name } = authorityOf(clientCertificates);
  const known = [...(certificateRequest?.certificateAuthorities ?? []), authorityOf(serverCertificates).name];
  return name !== '' && known.map(nameKey).includes(nameKey(name));
}

/**
 * What the client asked for: the name, or if it sent none, the address that it connected to; null without a
 * ClientHello.
 */
export function wantedName({ clientHello, server }: Connection): string | null {
  return clientHello === null ? null : (clientHello.serverName ?? server.address);
}

/** What some clients refuse in the chain that the server sent. */
export const peculiaritiesOf = memoizeLast((connection: Connection): readonly Peculiarity[] => {
  const { clientHello, serverCertificates, serverHello } = connection;
  if (serverCertificates.length === 0) return [];
  return peculiarities(serverCertificates, {
    name: wantedName(connection),
    cipherSuite: serverHello?.cipherSuite ?? null,
    groups: clientHello === null || clientHello.supportedGroups.length === 0 ? null : clientHello.supportedGroups,
  });
});

/**
 * Peculiarities between the last certificate sent and a trusted one that was given and issued it, but was not sent; some clients
 * do not find it then.
 */
export function peculiaritiesOfIssuer(connection: Connection, context: Context): readonly Peculiarity[] {
  const { serverCertificates } = connection;
  const chain = context.chainOf(serverCertificates, context.judgedAt(connection));
  const last = chain.path.findLast(({ origin }) => origin === 'sent');
  const issuer = last && givenIssuer(chain, last.certificate);
  if (last === undefined || issuer === undefined) return [];
  return peculiarities([last.certificate, issuer])
    .filter((one) => one.index === 0 && keepsFromIssuer(one))
    .map((one) => ({ ...one, index: last.index }));
}

/** The trusted certificate that was given and issued this one, whatever key identifier it names. */
const givenIssuer = (chain: ChainVerdict, certificate: Certificate): Certificate | undefined =>
  chain.status === 'trusted' && chain.anchor.origin === 'extra'
    ? chain.anchor.certificate
    : chain.namesakes.find(
        (one) => one.origin === 'extra' && isSignedDespiteKeyIdentifier(certificate, [one.certificate]),
      )?.certificate;

/** The families of clients that may have written the ClientHello. */
export const familiesOf = ({ clientHello }: Connection): readonly ClientFamily[] =>
  (clientHello === null ? null : stackOf(clientHello))?.judgesChainsAs ?? [];

/** Whether this client's family is known to refuse it. */
export function isKnownToRefuse(connection: Connection, { refusedBy }: Peculiarity): boolean {
  const families = familiesOf(connection);
  return refusedBy.some(({ client }) => families.includes(client));
}

/** What this client's family is known to refuse in the chain. */
export const knownToRefuse = memoizeLast((connection: Connection): readonly Peculiarity[] =>
  peculiaritiesOf(connection).filter((one) => isKnownToRefuse(connection, one)),
);

/** Whether the client sent no name, and the certificate does not have the address that it connected to. */
export function isAddressUnnamed(connection: Connection): boolean {
  return (
    connection.clientHello?.serverName === null &&
    isIP(connection.server.address) !== 0 &&
    peculiaritiesOf(connection).some(({ kind }) => kind === 'address-not-named')
  );
}

/**
 * Whether the certificate has the address that the client connected to as a DNS name, which its stack does not accept.
 */
export function isAddressMisnamed(connection: Connection): boolean {
  return (
    connection.clientHello?.serverName === null &&
    knownToRefuse(connection).some(({ kind }) => kind === 'address-as-host-name')
  );
}

/**
 * Whether an authority with the right name but another key, in the client's store, would make a signature look wrong.
 * OpenSSL compares the key identifier, if there is one, and then does not take such an authority for the issuer.
 */
export function mayMeetNamesake({ clientHello, serverCertificates }: Connection): boolean {
  const isOpenssl = clientHello !== null && libraryOf(clientHello) === 'OpenSSL';
  return !isOpenssl || serverCertificates.some(({ authorityKeyIdentifier }) => authorityKeyIdentifier === null);
}

/**
 * Whether an authority with the issuer's name but another key may be taken for the issuer: OpenSSL compares the key
 * identifier, if there is one.
 */
export const lacksIssuerKey = ({ authorityKeyIdentifier, selfIssued }: Certificate): boolean =>
  authorityKeyIdentifier === null && !selfIssued;

/** An authority that signed the certificates of client and server with two keys, which have different identifiers. */
export interface RenewedAuthority {
  readonly name: string;
  readonly clientKey: string;
  readonly serverKey: string;
}

/**
 * The authority that issued a certificate to each side, but with two keys: it was created again, and one side still has a
 * certificate of the old one. Undefined if there is none, or key identifiers are missing.
 */
export function renewedAuthority({ clientCertificates, serverCertificates }: Connection): RenewedAuthority | undefined {
  const issued = serverCertificates.filter(({ selfIssued }) => !selfIssued);
  for (const { selfIssued, issuer, authorityKeyIdentifier: clientKey } of clientCertificates) {
    if (selfIssued || clientKey === null) continue;
    const keys = issued
      .filter((one) => nameKey(one.issuer) === nameKey(issuer))
      .map((one) => one.authorityKeyIdentifier);
    const [serverKey] = keys;
    if (serverKey === undefined || serverKey === null || keys.includes(clientKey)) continue;
    return { name: issuer, clientKey, serverKey };
  }
  return undefined;
}

/** The certificate in the client's chain that the issuer in that chain did not sign; undefined if there is none. */
export function forgedByClient(connection: Connection, context: Context): Certificate | undefined {
  const { clientCertificates } = connection;
  if (clientCertificates.length === 0) return undefined;
  const chain = context.chainOf(clientCertificates, context.judgedAt(connection));
  // The issuer may be known from elsewhere: then it was not sent, and another of its name may have signed.
  const isSent =
    chain.status === 'bad-signature' && clientCertificates.some(({ sha256 }) => sha256 === chain.issuer.sha256);
  return isSent ? chain.at.certificate : undefined;
}

/** Peculiarities in what a client uses to find a certificate's issuer. */
const LEADS_TO_ISSUER: ReadonlySet<PeculiarityKind> = new Set([
  'key-identifier-differs',
  'issuer-serial-differs',
  'name-encoding-differs',
  'name-in-16-bit-characters',
  'name-spacing-differs',
  'repeated-extension',
  'subject-key-identifier-missing',
]);

/** Whether a fault in the chain keeps this client, or an unknown one, from finding an issuer. */
export function cannotFindIssuer(connection: Connection, context: Context): boolean {
  const isUnknown = familiesOf(connection).length === 0;
  return [...peculiaritiesOf(connection), ...peculiaritiesOfIssuer(connection, context)].some(
    (one) => keepsFromIssuer(one) && (isUnknown || isKnownToRefuse(connection, one)),
  );
}

/** Whether a client that refuses this does not find the issuer. */
export const keepsFromIssuer = ({ kind }: Pick<Peculiarity, 'kind'>): boolean => LEADS_TO_ISSUER.has(kind);

/** Whether the chain is out of order, and the client uses certificates in the order in which they come. */
export function needsOrder(connection: Connection): boolean {
  return knownToRefuse(connection).some(({ kind }) => kind === 'out-of-order');
}
