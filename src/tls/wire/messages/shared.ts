import { BOUNDS } from '../../../bounds.js';
import type { BoundedMap } from '../../../bounded-map.js';
import { createBoundedMap } from '../../../bounded-map.js';
import { u32 } from '../../../bytes.js';
import type { ClientHelloTemplate, ServerHelloTemplate } from '../../fast-path/template.js';

/**
 * What the messages of one analysis share: servers send the same certificates again and again, programs the same
 * hellos.
 */
export interface SharedContent {
  /** By what `templateKey` gives. */
  readonly clientHellos: BoundedMap<string, ClientHelloTemplate>;
  readonly serverHellos: BoundedMap<string, ServerHelloTemplate>;
  /** A copy of a certificate's bytes; the same copy for the same bytes. */
  certificate(der: Uint8Array): Uint8Array;
}

export function createSharedContent(): SharedContent {
  const certificates = createBoundedMap<number, Uint8Array>({
    size: BOUNDS.sharedCertificates.value,
    weight: { limit: BOUNDS.sharedCertificateBytes.value, of: ({ length }) => length },
    whenFull: 'forget oldest',
  });
  return {
    clientHellos: createBoundedMap({
      size: BOUNDS.clientHelloTemplates.value,
      whenFull: 'forget least recently used',
    }),
    serverHellos: createBoundedMap({
      size: BOUNDS.serverHelloTemplates.value,
      whenFull: 'forget least recently used',
    }),
    certificate(der) {
      if (der.length < 4) return der.slice();
      // The end of a signature is as good as a hash.
      const key = u32(der, der.length - 4);
      const found = certificates.get(key);
      if (found !== undefined && Buffer.compare(found, der) === 0) return found;
      const copy = der.slice();
      certificates.set(key, copy);
      return copy;
    },
  };
}
