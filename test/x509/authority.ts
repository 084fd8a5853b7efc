import '../../src/x509/reflect.js';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import type { TrustAnchors } from '../../src/x509/anchors.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parseCertificate } from '../../src/x509/parse.js';

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
  const keys = options.keys ?? (await makeKeys());
  const signer = by?.keys ?? keys;
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: (++serial).toString(16).padStart(4, '0'),
    subject: name,
    issuer: by?.name ?? name,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2040-01-01T00:00:00Z'),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      ...(ca ? [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true)] : []),
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
  return createTrustAnchors(parseCertificate, { extra: extra.map(({ certificate }) => certificate.der) });
}

/** A certificate with these facts and no DER behind them. */
export function stub(facts: Partial<Certificate>): Certificate {
  return {
    sha256: '00'.repeat(32),
    der: new Uint8Array(),
    error: null,
    subject: '',
    issuer: '',
    commonNames: [],
    serialNumber: '01',
    notBefore: '2020-01-01T00:00:00Z',
    notAfter: '2040-01-01T00:00:00Z',
    subjectAltNames: { dns: [], ip: [] },
    keyType: 'ECDSA',
    keyBits: 256,
    signatureAlgorithm: 'ecdsa-with-SHA256',
    isCa: false,
    selfIssued: false,
    keyUsage: null,
    extendedKeyUsage: null,
    subjectKeyIdentifier: null,
    authorityKeyIdentifier: null,
    caIssuers: [],
    ...facts,
  };
}

export function toPem({ der }: Certificate): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
