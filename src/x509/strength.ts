import type { Certificate } from './certificate.js';

/**
 * `weak`: below 112 bits of security, refused at OpenSSL's level 2 (the default of Debian, Ubuntu and Fedora), by
 * browsers and by Java. `broken`: refused nearly everywhere.
 */
export type Strength = 'strong' | 'weak' | 'broken';

/** The least size in bits of a key that is not weak, and of one that is not broken (NIST SP 800-57 part 1, table 2). */
const leastBits: Readonly<Record<string, readonly [strong: number, weak: number]>> = {
  RSA: [2048, 1024],
  'RSA-PSS': [2048, 1024],
  DSA: [2048, 1024],
  ECDSA: [224, 160],
};

/** The strength of a certificate's key. A key of unknown size or kind counts as strong. */
export function keyStrength({ keyType, keyBits, keyExponent }: Certificate): Strength {
  if (keyExponent === '1') return 'broken';
  const [strong, weak] = leastBits[keyType] ?? [0, 0];
  return keyBits === 0 || keyBits >= strong ? 'strong' : keyBits >= weak ? 'weak' : 'broken';
}

/** The strength of the hash in a certificate's signature. That of a self-signed root does not matter. */
export function signatureStrength({ signatureHash }: Certificate): Strength {
  if (signatureHash === null) return 'strong';
  if (/^md\d/.test(signatureHash)) return 'broken';
  return signatureHash === 'sha1' ? 'weak' : 'strong';
}
