import { decodeFault } from '../decode-faults.js';
import type { DecodeFault } from '../message.js';
import { WireError } from '../wire-error.js';
import { createHash } from 'node:crypto';
import { BOUNDS } from '../bounds.js';
import { hex } from '../bytes.js';
import { memoizeLastQuestion } from '../memoize.js';
import { hashName, signatureAlgorithmName, signatureHash } from './algorithms.js';
import type { Certificate } from './certificate.js';
import {
  children,
  content,
  contextTag,
  type DerElement,
  DerError,
  encoding,
  expectTag,
  objectIdentifier,
  readElement,
  smallInteger,
  tag,
} from './der.js';
import { nameKey, readName } from './distinguished-name.js';
import type { CertificateParser } from './store.js';
import { outlineCertificate, serialNumberText } from './outline.js';
import { checkSignature, checkSignedData, type SignatureCheck } from './signature.js';
import { readTime } from './time.js';
import { validityOf } from './validity.js';
import { createWorkBudget, type Work, type WorkBudget } from './work.js';

// OCSP responses as servers staple them (RFC 6960 §4.2). @peculiar/asn1-ocsp would decode them too, but it lags behind
// the packages that it builds on, and reads a damaged time as one in 1899; the structure is small.

/** An OCSP response as plain data. */
export interface OcspResponse {
  readonly der: Uint8Array;
  /** Why it could not be decoded, or null. If set, what was read before the damage is kept, and the rest is empty. */
  readonly error: DecodeFault | null;
  /** `successful`, or the error that the responder returned; `status 7` for an unknown one. */
  readonly responseStatus: string;
  /** How the responder names itself. */
  readonly responder: { readonly name: string } | { readonly keyHash: string } | null;
  /** ISO 8601, UTC, seconds; empty if nothing was produced. */
  readonly producedAt: string;
  readonly responses: readonly SingleOcspResponse[];
  /** Certificates that came with it, to verify it with. */
  readonly certificates: readonly Certificate[];
  readonly signatureAlgorithm: string;
  readonly signatureHash: string | null;
  /** What is signed, and the signature. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** What a response says about one certificate. */
export interface SingleOcspResponse {
  readonly certificate: OcspCertificateId;
  readonly status: 'good' | 'revoked' | 'unknown';
  /** ISO 8601, UTC, seconds, or null. */
  readonly revokedAt: string | null;
  /** As in RFC 5280 §5.3.1 (`keyCompromise`), or null if none is given. */
  readonly reason: string | null;
  readonly thisUpdate: string;
  /** null: newer information is always available. */
  readonly nextUpdate: string | null;
}

/** A certificate as OCSP names it; hexadecimal. */
export interface OcspCertificateId {
  readonly hashAlgorithm: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  readonly serialNumber: string;
}

/**
 * What keeps a response from proving what it says, the worst first.
 * - `malformed`: it could not be decoded.
 * - `responder-error`: the responder returned an error (`try_later`, `unauthorized`), and nothing else.
 * - `wrong-certificate`: it is about other certificates.
 * - `bad-signature`: the signature is wrong.
 * - `unauthorised-responder`: neither the issuer nor a delegate of the issuer signed it.
 * - `not-yet-valid`, `expired`: the time is before thisUpdate, or after nextUpdate.
 */
export type OcspProblem =
  | 'malformed'
  | 'responder-error'
  | 'wrong-certificate'
  | 'bad-signature'
  | 'unauthorised-responder'
  | 'not-yet-valid'
  | 'expired';

/** What an OCSP response proves for one certificate at one time. */
export interface OcspVerdict {
  /** What it says, whether or not it proves it; `error` if it says nothing about this certificate. */
  readonly status: 'good' | 'revoked' | 'unknown' | 'error';
  readonly problem: OcspProblem | null;
  /** The part about this certificate, or null. */
  readonly single: SingleOcspResponse | null;
  /** Who signed it: the `issuer`, or its `delegate`; null if nobody authorised. */
  readonly signer: 'issuer' | 'delegate' | null;
  /** `unsupported`: it could not be verified here: an unknown algorithm, or the issuer's certificate is missing. */
  readonly signature: SignatureCheck;
}

const responseStatuses = [
  'successful',
  'malformed_request',
  'internal_error',
  'try_later',
  'status 4',
  'sig_required',
  'unauthorized',
];

const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'reason 7',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];

const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/** Bytes; larger than any real response. Bounds the work on a hostile one. */
const MAX_SIZE = BOUNDS.ocspResponseLength.value;
/** Work for a response, in microseconds. */
const WORK_PER_RESPONSE = BOUNDS.chainWork.value;
/** Certificates of a response that are looked at. */
const MAX_CERTIFICATES = BOUNDS.ocspCertificates.value;

const nothing = {
  responseStatus: '',
  responder: null,
  producedAt: '',
  responses: [],
  certificates: [],
  signatureAlgorithm: '',
  signatureHash: null,
  signed: new Uint8Array(),
  signature: new Uint8Array(),
} satisfies Omit<OcspResponse, 'der' | 'error'>;

/** Decodes an OCSPResponse (RFC 6960 §4.2.1). Never throws; keeps `der` itself. `parse` reads its certificates. */
export function readOcspResponse(der: Uint8Array, parse: CertificateParser): OcspResponse {
  let facts: Omit<OcspResponse, 'der' | 'error'> = nothing;
  let error: DecodeFault | null = null;
  try {
    if (der.length > MAX_SIZE) throw new DerError(decodeFault('ocspResponseTooLong', { length: der.length }));
    const outer = expectTag(readElement(der), tag.sequence, 'OCSP response');
    if (outer.end !== der.length)
      throw new DerError(decodeFault('trailingBytes', { count: der.length - outer.end, field: 'OCSP response' }));
    const [status, wrapper] = children(outer);
    const code = smallInteger(status, tag.enumerated);
    facts = { ...facts, responseStatus: responseStatuses[code] ?? `status ${code}` };
    if (code === 0) {
      const bytes = expectTag(wrapper, contextTag(0, 'constructed'), 'response bytes');
      const [type, octets] = children(expectTag(children(bytes)[0], tag.sequence, 'response bytes'));
      const oid = objectIdentifier(type);
      if (oid !== basicResponse) throw new DerError(decodeFault('unknownResponseType', { oid }));
      const basic = content(expectTag(octets, tag.octetString, 'basic response'));
      facts = { ...facts, ...basicFacts(readElement(basic), parse) };
    }
  } catch (reason) {
    error = reason instanceof WireError ? reason.fault : decodeFault('notAnOcspResponse');
  }
  return { der, error, ...facts };
}

function basicFacts(
  element: DerElement,
  parse: CertificateParser,
): Omit<OcspResponse, 'der' | 'error' | 'responseStatus'> {
  const [data, algorithm, signature, certificates] = children(expectTag(element, tag.sequence, 'basic response'));
  const signed = expectTag(data, tag.sequence, 'response data');
  const fields = children(signed);
  const [responderId, producedAt, responses] = fields.slice(fields[0]?.tag === tag.version ? 1 : 0);
  const [oid, parameters] = children(expectTag(algorithm, tag.sequence, 'signature algorithm'));
  const list =
    certificates === undefined ? [] : children(expectTag(children(certificates)[0], tag.sequence, 'certificates'));
  return {
    responder: readResponder(responderId),
    producedAt: readTime(producedAt),
    responses: children(expectTag(responses, tag.sequence, 'responses')).map(readSingle),
    certificates: list.slice(0, MAX_CERTIFICATES).map((certificate) => parse(encoding(certificate))),
    signatureAlgorithm: signatureAlgorithmName(objectIdentifier(oid)),
    signatureHash: signatureHash(objectIdentifier(oid), parameters),
    signed: encoding(signed),
    signature: content(expectTag(signature, tag.bitString, 'signature')).subarray(1),
  };
}

function readResponder(element: DerElement | undefined): OcspResponse['responder'] {
  if (element === undefined) throw new DerError(decodeFault('missing', { field: 'responder' }));
  const [inner] = children(element);
  if (inner === undefined) throw new DerError(decodeFault('emptyResponder'));
  if (element.tag === contextTag(1, 'constructed')) return { name: readName(inner).text };
  expectTag(element, contextTag(2, 'constructed'), 'responder');
  return { keyHash: hex(content(expectTag(inner, tag.octetString, 'key hash'))) };
}

function readSingle(element: DerElement): SingleOcspResponse {
  const [id, status, thisUpdate, ...optional] = children(expectTag(element, tag.sequence, 'single response'));
  const [algorithm, nameHash, keyHash, serial] = children(expectTag(id, tag.sequence, 'certificate ID'));
  const next = optional.find((field) => field.tag === contextTag(0, 'constructed'));
  return {
    certificate: {
      hashAlgorithm: hashName(objectIdentifier(children(expectTag(algorithm, tag.sequence, 'hash algorithm'))[0])),
      issuerNameHash: hex(content(expectTag(nameHash, tag.octetString, 'issuer name hash'))),
      issuerKeyHash: hex(content(expectTag(keyHash, tag.octetString, 'issuer key hash'))),
      serialNumber: serialNumberText(content(expectTag(serial, tag.integer, 'serial number'))),
    },
    ...readStatus(status),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: next === undefined ? null : readTime(children(next)[0]),
  };
}

function readStatus(element: DerElement | undefined): Pick<SingleOcspResponse, 'status' | 'revokedAt' | 'reason'> {
  if (element === undefined) throw new DerError(decodeFault('missing', { field: 'certificate status' }));
  switch (element.tag) {
    case contextTag(0, 'primitive'):
      return { status: 'good', revokedAt: null, reason: null };
    case contextTag(2, 'primitive'):
      return { status: 'unknown', revokedAt: null, reason: null };
    case contextTag(1, 'constructed'): {
      const [at, wrapper] = children(element);
      const code = wrapper === undefined ? null : smallInteger(children(wrapper)[0], tag.enumerated);
      const reason = code === null ? null : (revocationReasons[code] ?? `reason ${code}`);
      return { status: 'revoked', revokedAt: readTime(at), reason };
    }
    default:
      throw new DerError(decodeFault('unknownCertificateStatus'));
  }
}

/**
 * Judges a response, as in RFC 6960 §3.2: is it about this leaf, does it come from an authorised responder, and is it
 * current at this time (milliseconds since 1970)? Never throws.
 * @param issuer the leaf's issuer, or null if it is missing: then the signature cannot be verified
 * @param budget what this and other questions may take together
 */
export function ocspVerdict(
  response: OcspResponse,
  leaf: Certificate,
  issuer: Certificate | null,
  at: number,
  budget = createWorkBudget(Infinity),
): OcspVerdict {
  const silent = { status: 'error', single: null, signer: null, signature: 'unsupported' } as const;
  if (response.error !== null) return { ...silent, problem: 'malformed' };
  if (response.responseStatus !== 'successful') return { ...silent, problem: 'responder-error' };
  const { signature, by, single } = whatItSays(response, { leaf, issuer, budget });
  const isDelegate = by !== null && by !== issuer && validityOf(by, at).state === 'valid';
  const signer = by === null ? null : by === issuer ? 'issuer' : isDelegate ? 'delegate' : null;
  if (single === undefined) return { ...silent, signer, signature, problem: 'wrong-certificate' };
  const problem =
    signature === 'invalid'
      ? 'bad-signature'
      : signature === 'valid' && signer === null
        ? 'unauthorised-responder'
        : timeProblem(single, at);
  return { status: single.status, problem, single, signer, signature };
}

/** What a response says about a leaf, whatever the time. */
interface LeafAnswer {
  readonly single: SingleOcspResponse | undefined;
  /** The issuer, or its delegate, if one of them signed it. */
  readonly by: Certificate | null;
  readonly signature: SignatureCheck;
}

interface LeafQuestion {
  readonly leaf: Certificate;
  readonly issuer: Certificate | null;
  /** Only a new question draws on it. */
  readonly budget: WorkBudget;
}

/** Kept, since signatures and hashes take far longer than all the rest. */
const whatItSays = memoizeLastQuestion(
  (response: OcspResponse, { leaf, issuer, budget }: LeafQuestion): LeafAnswer => {
    const single = response.responses.find(({ certificate }) => isAbout(certificate, leaf, issuer));
    const work = budget.question(WORK_PER_RESPONSE, response.der.length);
    return { ...findSigner(response, issuer, work), single };
  },
  (one, other) => one.leaf === other.leaf && one.issuer === other.issuer,
);

function timeProblem({ thisUpdate, nextUpdate }: SingleOcspResponse, at: number): OcspProblem | null {
  if (at < Date.parse(thisUpdate)) return 'not-yet-valid';
  return nextUpdate !== null && at > Date.parse(nextUpdate) ? 'expired' : null;
}

function isAbout(id: OcspCertificateId, leaf: Certificate, issuer: Certificate | null): boolean {
  if (id.serialNumber !== leaf.serialNumber) return false;
  try {
    const name = digest(id.hashAlgorithm, encoding(outlineCertificate(leaf.der).issuer));
    if (name !== id.issuerNameHash) return false;
    return issuer === null || digest(id.hashAlgorithm, outlineCertificate(issuer.der).publicKey) === id.issuerKeyHash;
  } catch {
    // Node.js lacks the hash function: compare only the serial number.
    return true;
  }
}

function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/**
 * Who signed: the issuer, or a certificate in the response that the issuer signed for OCSP (RFC 6960 §4.2.2.2). One
 * signed by another authority must not sign responses.
 */
function findSigner(
  response: OcspResponse,
  issuer: Certificate | null,
  work: Work,
): Pick<LeafAnswer, 'by' | 'signature'> {
  const candidates = response.certificates.filter((certificate) => isNamed(response.responder, certificate));
  if (issuer !== null && (isNamed(response.responder, issuer) || candidates.length === 0)) {
    const signature = checkSignedData(response, issuer, work);
    if (signature === 'valid' || candidates.length === 0)
      return { by: signature === 'valid' ? issuer : null, signature };
  }
  let signature: SignatureCheck = 'unsupported';
  for (const candidate of candidates) {
    signature = checkSignedData(response, candidate, work);
    if (signature !== 'valid') continue;
    if (issuer === null) return { by: null, signature: 'unsupported' };
    const isDelegate =
      candidate.extendedKeyUsage?.includes('OCSPSigning') === true &&
      checkSignature(candidate, issuer, work) === 'valid';
    return { by: isDelegate ? candidate : null, signature };
  }
  return { by: null, signature };
}

function isNamed(responder: OcspResponse['responder'], certificate: Certificate): boolean {
  if (responder === null || certificate.error !== null) return false;
  if ('name' in responder) return nameKey(responder.name) === nameKey(certificate.subject);
  try {
    return digest('sha1', outlineCertificate(certificate.der).publicKey) === responder.keyHash;
  } catch {
    return false;
  }
}
