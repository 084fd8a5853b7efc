import { createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import type { Certificate } from '../x509/certificate.js';
import type { CertificateLine } from './line.js';

/**
 * The latest certificates that connections refer to. Writer and reader of a file of facts drop the same ones at the
 * same lines.
 */
const MAX_REFERENCES = BOUNDS.factsCertificates.value;

const MAX_BYTES = BOUNDS.factsCertificateBytes.value;

const newReferences = <Value extends object | number>(bytesOf: (value: Value) => number) =>
  createBoundedMap<string, Value>({
    size: MAX_REFERENCES,
    weight: { limit: MAX_BYTES, of: bytesOf },
    whenFull: 'forget oldest',
  });

/** References in the writer of facts. */
export interface References {
  /** Registers a certificate of a connection; returns its reference. */
  readonly refer: (certificate: Certificate) => string;
  /** The lines that must precede that connection's. */
  added(): CertificateLine[];
}

export function createReferences(): References {
  const known = newReferences<number>((length) => length);
  const added: CertificateLine[] = [];
  return {
    refer({ sha256, der }) {
      if (!known.has(sha256)) {
        known.set(sha256, der.length);
        added.push({ kind: 'certificate', sha256, der: Buffer.from(der).toString('base64') });
      }
      return sha256;
    },
    added: () => added.splice(0),
  };
}

/** The certificates that a reader of facts knows. */
export interface Referred {
  add(line: CertificateLine): void;
  /** Undefined if the file is damaged. */
  readonly of: (sha256: string) => Uint8Array | undefined;
}

export function createReferred(): Referred {
  const known = newReferences<Uint8Array>(({ length }) => length);
  return {
    add: ({ sha256, der }) => known.set(sha256, Buffer.from(der, 'base64')),
    of: (sha256) => known.get(sha256),
  };
}
