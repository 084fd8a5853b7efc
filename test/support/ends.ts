import type { Ends } from '../../src/ends/ends.js';
import type { CertificateStore } from '../../src/ends/stores/store.js';
import type { Issued } from '../x509/authority.js';

/** Files of the ends of which only some are given. */
export const endsOf = (some: Partial<Ends>): Ends => ({
  clientTrusts: null,
  serverTrusts: null,
  serverCertificates: null,
  serverConfiguration: null,
  clientConfiguration: null,
  ...some,
});

/** A store with these certificates, in one file. */
export const storeOf = (...issued: readonly Issued[]): CertificateStore => ({
  name: 'store.pem',
  path: '/etc/store.pem',
  isDirectory: false,
  format: 'PEM',
  certificates: issued.map(({ certificate }) => ({ certificate, path: '/etc/store.pem', alias: null })),
});
