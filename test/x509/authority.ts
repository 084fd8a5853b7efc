import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import type { TrustAnchors } from '../../src/x509/anchors.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';

const ROOTS = await loadRoots();

/** A certificate made for a test, and the key that it certifies. */
export interface Issued {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: Certificate;
}

export interface IssueOptions {
  /** As @peculiar/x509 reads names: the first relative name first. */
  readonly name: string;
  /** Absent: self-signed. */
  readonly by?: Issued;
  readonly keys?: webcrypto.CryptoKeyPair;
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** `null`: no such extension. */
  readonly basicConstraints?: null;
  /** null: no such extension. Absent: what an authority needs, and nothing for others. */
  readonly keyUsage?: readonly x509.KeyUsageFlags[] | null;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Of the signature; the signer's key has to fit. */
  readonly algorithm?: webcrypto.Algorithm & { readonly hash: string };
  readonly keyIdentifiers?: boolean;
  readonly extensions?: readonly x509.Extension[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

let serial = 0;

export async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Makes a certificate of an ECDSA P-256 key, valid from 2020 to 2040. */
export async function issue(options: IssueOptions): Promise<Issued> {
  const { name, by, ca = false, keyIdentifiers = true, extensions = [] } = options;
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const certSign = ca ? [keyCertSign, cRLSign] : null;
  const keyUsage = options.keyUsage === undefined ? certSign : options.keyUsage;
  const keys = options.keys ?? (await makeKeys());
  const signer = by?.keys ?? keys;
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: (++serial).toString(16).padStart(4, '0'),
    subject: name,
    issuer: by?.name ?? name,
    notBefore: new Date(options.notBefore ?? '2020-01-01T00:00:00Z'),
    notAfter: new Date(options.notAfter ?? '2040-01-01T00:00:00Z'),
    signingAlgorithm: options.algorithm ?? algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    extensions: [
      ...(options.basicConstraints === null ? [] : [new x509.BasicConstraintsExtension(ca, options.pathLength, true)]),
      ...(keyUsage === null ? [] : [keyUsageExtension(keyUsage)]),
      ...(keyIdentifiers
        ? [
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
            await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
          ]
        : []),
      ...extensions,
    ],
  });
  return { name, keys, certificate: parseCertificate(new Uint8Array(made.rawData)) };
}

/** Mozilla's roots and these. */
export function trusting(...extra: readonly Issued[]): TrustAnchors {
  return createTrustAnchors(parseCertificate, {
    extra: extra.map(({ certificate }) => certificate.der),
    roots: () => ROOTS,
  });
}

/** A DER value: identifier octet, length, content. */
export function der(tag: number, ...content: readonly (Uint8Array | readonly number[] | string)[]): Uint8Array {
  const bytes = Buffer.concat(
    content.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part))),
  );
  const length = bytes.length;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return new Uint8Array([tag, ...header, ...bytes]);
}

/** Key usage as a bit string, the flag of value 1 being its first bit. */
function keyUsageExtension(flags: readonly x509.KeyUsageFlags[]): x509.Extension {
  const bits = flags.reduce<number>((all, flag) => all | (0x80 >> Math.log2(flag)), 0);
  return extension('2.5.29.15', der(0x03, [0, bits]), true);
}

export function extension(oid: string, value: Uint8Array, critical = false): x509.Extension {
  return new x509.Extension(oid, critical, new Uint8Array(value));
}

/** A name constraints extension; the entries are encoded general names. */
export function nameConstraints({
  permitted = [],
  excluded = [],
}: {
  readonly permitted?: readonly Uint8Array[];
  readonly excluded?: readonly Uint8Array[];
}): x509.Extension {
  const subtrees = (tag: number, names: readonly Uint8Array[]) =>
    names.length === 0 ? [] : [der(tag, ...names.map((name) => der(0x30, name)))];
  return extension('2.5.29.30', der(0x30, ...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded)), true);
}

/** A certificate with these facts and no DER behind them. */
export function stub(facts: Partial<Certificate>): Certificate {
  return {
    sha256: '00'.repeat(32),
    der: new Uint8Array(),
    error: null,
    version: 3,
    subject: '',
    issuer: '',
    commonNames: [],
    serialNumber: '01',
    notBefore: '2020-01-01T00:00:00Z',
    notAfter: '2040-01-01T00:00:00Z',
    subjectAltNames: { dns: [], ip: [] },
    uriNames: [],
    otherNames: [],
    emailAddresses: [],
    keyType: 'ECDSA',
    keyBits: 256,
    keyCurve: 'secp256r1',
    keyExponent: null,
    signatureAlgorithm: 'ecdsa-with-SHA256',
    signatureHash: 'sha256',
    isCa: false,
    hasBasicConstraints: true,
    pathLength: null,
    selfIssued: false,
    keyUsage: null,
    extendedKeyUsage: null,
    nameConstraints: null,
    subjectKeyIdentifier: null,
    authorityKeyIdentifier: null,
    caIssuers: [],
    ocspResponders: [],
    namesRevocationList: false,
    mustStaple: false,
    signedCertificateTimestamps: 0,
    policies: [],
    unknownCriticalExtensions: [],
    ...facts,
  };
}

export function toPem({ der }: Pick<Certificate, 'der'>): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
