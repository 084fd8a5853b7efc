import { memoizeByFields } from '../../memoize.js';

/** TLS libraries, and programs on them, whose alerts and habits differ, and whose ClientHello betrays them. */
export type Library = 'OpenSSL' | 'Node.js' | 'JSSE' | 'NSS' | 'Go';

/** Node.js is on OpenSSL, but prefers AES-128 and checks certificates by itself. */
const NODE_PREFERENCE = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';

/**
 * Which library wrote a ClientHello, by the extensions that it sends and their order, or null if it is none of these, or
 * not certain. Browsers other than Firefox mix GREASE in (RFC 8701), and are none of these.
 */
export const libraryOf = memoizeByFields(
  ['extensions', 'cipherSuites'],
  ({ extensions, cipherSuites }): Library | null => {
    if (extensions.some((name) => name.startsWith('GREASE'))) return null;
    const has = (name: string): boolean => extensions.includes(name);
    const hasInRow = (...names: readonly string[]): boolean => {
      const start = extensions.indexOf(names[0] ?? '');
      return start >= 0 && names.every((name, index) => extensions[start + index] === name);
    };
    if (hasInRow('extended_master_secret', 'renegotiation_info', 'supported_groups', 'ec_point_formats')) return 'NSS';
    if (hasInRow('ec_point_formats', 'supported_groups') && has('encrypt_then_mac') && !has('record_size_limit')) {
      const first = cipherSuites.find((suite) => suite.includes('_WITH_'));
      return first === NODE_PREFERENCE ? 'Node.js' : 'OpenSSL';
    }
    if (has('encrypt_then_mac')) return null;
    if (has('signed_certificate_timestamp') && has('renegotiation_info')) return 'Go';
    const isJsse = has('signature_algorithms_cert') && has('extended_master_secret') && !has('renegotiation_info');
    return isJsse ? 'JSSE' : null;
  },
);
