import { hash } from 'node:crypto';
import type { Certificate } from './certificate.js';
import { nameKey, readName } from './distinguished-name.js';
import type { CertificateParser } from './store.js';
import { outlineCertificate, subjectOf } from './outline.js';

/** A certificate that chains may end in. */
export interface TrustAnchor {
  readonly certificate: Certificate;
  /** `mozilla`: among the roots that Node.js carries. `extra`: given by the user. */
  readonly origin: 'mozilla' | 'extra';
}

/** The certificates that are trusted without proof. */
export interface TrustAnchors {
  /** Anchors whose subject is this name (as RFC 4514 writes it), the user's first. */
  bySubject(name: string): readonly TrustAnchor[];
  /** The anchor that is this very certificate, or null. */
  find(certificate: Certificate): TrustAnchor | null;
}

/** What a file of certificates held, or why it is not one. */
export type CertificateFile =
  | { readonly certificates: readonly Uint8Array[]; readonly error: null }
  | { readonly certificates: null; readonly error: string };

/** The certificates of a PEM file (any number; other blocks and text between are skipped) or a DER file (one), as DER. */
export function readCertificateFile(bytes: Uint8Array): CertificateFile {
  if (bytes[0] === 0x30) return checkedFile([bytes]);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return checkedFile([...text.matchAll(pemBlock)].map(([, body = '']) => decodePem(body)));
}

const pemBlock = /-----BEGIN (?:X509 )?CERTIFICATE-----([^-]*)-----END (?:X509 )?CERTIFICATE-----/g;

function decodePem(body: string): Uint8Array {
  return new Uint8Array(Buffer.from(body, 'base64'));
}

function checkedFile(certificates: readonly Uint8Array[]): CertificateFile {
  if (certificates.length === 0) return { certificates: null, error: 'no certificate in it (PEM or DER is expected)' };
  for (const [index, der] of certificates.entries()) {
    try {
      outlineCertificate(der);
    } catch (reason) {
      const detail = reason instanceof Error ? reason.message : 'not a certificate';
      return { certificates: null, error: `certificate ${index + 1} is damaged: ${detail}` };
    }
  }
  return { certificates, error: null };
}

/**
 * The trust anchors: Mozilla's roots, as this Node.js carries them, and the user's own. Any certificate may be an
 * anchor, self-signed or not, as in the trust stores of Go, Java, GnuTLS and browsers (`openssl verify` calls that
 * `-partial_chain`). Nothing is done before the first question; then the roots are indexed, which takes some
 * milliseconds, and only those that a chain asks for are parsed.
 */
export function createTrustAnchors(
  parse: CertificateParser,
  { extra = [] }: { readonly extra?: readonly Uint8Array[] } = {},
): TrustAnchors {
  let candidates: readonly Candidate[] | undefined;
  let bySubject: AnchorIndex | undefined;
  let byHash: AnchorIndex | undefined;

  const indexBy = (keyOf: (der: Uint8Array) => string | null): AnchorIndex => {
    candidates ??= [
      ...extra.map((der) => candidate(parse, der, 'extra')),
      ...mozillaRoots().map((der) => candidate(parse, der, 'mozilla')),
    ];
    const index = new Map<string | null, Candidate[]>();
    for (const entry of candidates) {
      const key = keyOf(entry.der);
      const others = index.get(key);
      if (others === undefined) index.set(key, [entry]);
      else others.push(entry);
    }
    return index;
  };
  return {
    bySubject(name) {
      bySubject ??= indexBy(subjectKey);
      return bySubject.get(nameKey(name))?.map(({ anchor }) => anchor()) ?? [];
    },
    find({ sha256 }) {
      byHash ??= indexBy(hashKey);
      return byHash.get(sha256)?.[0]?.anchor() ?? null;
    },
  };
}

/** An anchor that is parsed when it is asked for. */
interface Candidate {
  readonly der: Uint8Array;
  readonly anchor: () => TrustAnchor;
}

type AnchorIndex = ReadonlyMap<string | null, readonly Candidate[]>;

function candidate(parse: CertificateParser, der: Uint8Array, origin: TrustAnchor['origin']): Candidate {
  let parsed: TrustAnchor | undefined;
  return { der, anchor: () => (parsed ??= { certificate: parse(der), origin }) };
}

let roots: readonly Uint8Array[] | undefined;

/** Mozilla's roots in DER, decoded once in the life of the process; the module that has them is loaded for that alone. */
function mozillaRoots(): readonly Uint8Array[] {
  roots ??= process
    .getBuiltinModule('node:tls')
    .rootCertificates.map((pem) => decodePem(pem.replace(/-----[^-]*-----/g, '')));
  return roots;
}

/** A key of a certificate, worked out once: a program that analyses many captures asks for the same roots' each time. */
function once<Key>(keyOf: (der: Uint8Array) => Key): (der: Uint8Array) => Key {
  const known = new WeakMap<Uint8Array, { readonly key: Key }>();
  return (der) => {
    let entry = known.get(der);
    if (entry === undefined) known.set(der, (entry = { key: keyOf(der) }));
    return entry.key;
  };
}

const hashKey = once((der) => hash('sha256', der, 'hex'));

const subjectKey = once((der) => {
  try {
    return nameKey(readName(subjectOf(der)).text);
  } catch {
    return null;
  }
});
