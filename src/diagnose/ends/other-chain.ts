/** What clients would do with a chain in a configuration, compared with the one that their server sends now. */
import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import { matchHostName } from '../../x509/names.js';
import { validityOf } from '../../x509/validity.js';
import type { Context } from '../context.js';

/** What a client would do with the chain; `same` if the server already sends it. */
export type ChainFate =
  | 'same'
  | 'fits'
  | 'name-not-covered'
  | 'name-perhaps'
  | 'not-valid'
  | 'chain-shorter'
  | 'trust-unknown'
  | 'now-unknown';

type Chain = readonly Certificate[];

/**
 * What the client of a connection would do with `chain`, as far as its checks are known: a client that accepted an
 * expired certificate, or one for another name, accepts the next such one too. If nothing shows what the server now sends:
 * `now-unknown`, or `name-perhaps` if the chain has another name.
 * @param at when it would be judged, in milliseconds since 1970
 */
export function fateOf(connection: Connection, chain: Chain, at: number, context: Context): ChainFate {
  const now = chainNow(connection, chain, context);
  if (now !== null && isSame(now, chain)) return 'same';
  const hasWorked = connection.outcome === 'established';
  const [leaf] = chain;
  const name = connection.clientHello?.serverName ?? null;
  const hasName = (one: Certificate | undefined): boolean =>
    name === null || one === undefined || matchHostName(one, name).covered;
  const areValid = (some: Chain, then: number): boolean => some.every((one) => validityOf(one, then).state === 'valid');
  const accepted = hasWorked ? now : null;
  if (!areValid(chain, at) && (accepted === null || areValid(accepted, context.judgedAt(connection))))
    return 'not-valid';
  if (now === null) return hasName(leaf) ? 'now-unknown' : 'name-perhaps';
  if (!hasName(leaf) && (accepted === null || hasName(accepted[0]))) return 'name-not-covered';
  const [leafNow, ...issuersNow] = now;
  const isOfSameIssuer =
    hasWorked && leafNow?.issuer === leaf?.issuer && leafNow?.authorityKeyIdentifier === leaf?.authorityKeyIdentifier;
  if (!isOfSameIssuer) return 'trust-unknown';
  const keeps = issuersNow.every((issuer) => issuer.selfIssued || chain.some(({ sha256 }) => sha256 === issuer.sha256));
  return keeps ? 'fits' : 'chain-shorter';
}

/** The chain that the server now sends for that name; null if TLS 1.3 always encrypts it. */
function chainNow(connection: Connection, next: Chain, context: Context): Chain | null {
  const { serverCertificates, clientHello } = connection;
  if (serverCertificates.length > 0) return serverCertificates;
  const name = clientHello?.serverName ?? null;
  const configured = context.ends?.configuredChain(name) ?? null;
  if (configured !== null) return configured;
  const shown = [...context.serverHistory.acceptedBy(connection).certificates.values()];
  const ofName = shown.find((other) => other.clientHello?.serverName === name);
  const ofAny = shown.find((other) => isSame(other.serverCertificates, next));
  // A server that shows only one certificate, whatever the name, sends it to all.
  const ofAll = shown.length === 1 ? shown[0] : undefined;
  return (ofName ?? ofAny ?? ofAll)?.serverCertificates ?? null;
}

function isSame(one: Chain, other: Chain): boolean {
  return one.length === other.length && one.every(({ sha256 }, index) => sha256 === other[index]?.sha256);
}
