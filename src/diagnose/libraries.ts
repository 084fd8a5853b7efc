import type { ClientHello } from '../connection/connection.js';

/** TLS libraries whose alerts and habits differ, and whose ClientHello betrays them. */
export type Library = 'OpenSSL' | 'JSSE' | 'NSS';

/**
 * Which library wrote a ClientHello, by the extensions that it sends and their order, or null if it is none of these, or
 * not certain. Browsers other than Firefox mix GREASE in (RFC 8701), and are none of these.
 */
export function libraryOf({ extensions }: Pick<ClientHello, 'extensions'>): Library | null {
  if (extensions.some((name) => name.startsWith('GREASE'))) return null;
  const has = (name: string): boolean => extensions.includes(name);
  const hasInRow = (...names: readonly string[]): boolean => {
    const start = extensions.indexOf(names[0] ?? '');
    return start >= 0 && names.every((name, index) => extensions[start + index] === name);
  };
  if (hasInRow('extended_master_secret', 'renegotiation_info', 'supported_groups', 'ec_point_formats')) return 'NSS';
  if (hasInRow('ec_point_formats', 'supported_groups') && has('encrypt_then_mac') && !has('record_size_limit')) {
    return 'OpenSSL';
  }
  if (has('signature_algorithms_cert') && has('extended_master_secret') && !has('encrypt_then_mac')) return 'JSSE';
  return null;
}
