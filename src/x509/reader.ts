import { BOUNDS } from '../bounds.js';
import { createBoundedMap } from '../bounded-map.js';
import { latin1 } from '../bytes.js';
import type { MemoryHolder } from '../memory.js';
import type { Certificate } from './certificate.js';
import { formatDistinguishedName } from './distinguished-name.js';
import type { OcspResponse } from './ocsp.js';
import { readOcspResponse } from './ocsp.js';
import { parseCertificate } from './parse.js';
import type { CertificateParser } from './store.js';
import { createCertificateStore } from './store.js';

/**
 * Reads the DER that TLS carries, for one analysis. Servers send the same again and again: identical bytes are decoded
 * once, and share one object, as long as they are cached. Nothing here throws.
 */
export interface X509Reader {
  readonly certificate: CertificateParser;
  /** The first `most` certificates of a chain; the same list object if the last chain with this leaf was equal. */
  readonly chain: (encoded: readonly Uint8Array[], most: number) => readonly Certificate[];
  /** An OCSPResponse (RFC 6960 §4.2.1), as servers staple it. */
  readonly ocspResponse: (der: Uint8Array) => OcspResponse;
  /** A Name, as in certificate_authorities, in the form of RFC 4514. */
  readonly distinguishedName: (der: Uint8Array) => string;
  /** The certificates that it remembers. */
  readonly holder: MemoryHolder;
}

/** OCSP responses remembered, and their bytes: a server staples the same one for days. */
const MAX_RESPONSES = BOUNDS.ocspResponses.value;
const MAX_RESPONSE_BYTES = BOUNDS.ocspResponseBytes.value;
/** Names of certificate authorities remembered, and their characters: servers list the same ones for every client. */
const MAX_NAMES = BOUNDS.authorityNames.value;
const MAX_NAME_CHARACTERS = BOUNDS.authorityNameCharacters.value;

export function createX509Reader(): X509Reader {
  const { parse: certificate, holder } = createCertificateStore(parseCertificate);
  const responses = createBoundedMap<string, OcspResponse>({
    size: MAX_RESPONSES,
    weight: { limit: MAX_RESPONSE_BYTES, of: ({ der }) => der.length },
    whenFull: 'forget oldest',
  });
  const names = createBoundedMap<string, string>({
    size: MAX_NAMES,
    weight: { limit: MAX_NAME_CHARACTERS, of: (name) => name.length },
    whenFull: 'forget oldest',
  });
  const chains = new WeakMap<Certificate, readonly Certificate[]>();
  return {
    certificate,
    chain(encoded, most) {
      const length = Math.min(encoded.length, most);
      const [leaf] = encoded;
      if (leaf === undefined) return [];
      const first = certificate(leaf);
      const known = chains.get(first);
      if (known?.length === length && known.every((one, index) => one === certificate(encoded[index] as Uint8Array))) {
        return known;
      }
      const chain = encoded.slice(0, length).map((der) => certificate(der));
      chains.set(first, chain);
      return chain;
    },
    ocspResponse: (der) => responses.getOrMake(latin1(der), () => readOcspResponse(der, certificate)),
    holder,
    distinguishedName: (der) => names.getOrMake(latin1(der), () => formatDistinguishedName(der)),
  };
}
