import { recordings } from './recorded/openssl.js';
import { firstTls12Suite, hasInRow, precedes, type HelloTraits, type Stack } from './stack.js';

/** The suite that Node.js, which uses OpenSSL, prefers; other programs seldom do. */
export const NODE_PREFERENCE = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';

/**
 * Whether OpenSSL (1.1.0 and later) wrote a ClientHello, in any program: its point formats come before its groups, or
 * both are absent, and its signature algorithms come after encrypt-then-MAC and extended master secret.
 */
export function isOpenssl({ extensions }: HelloTraits): boolean {
  if (!hasInRow(extensions, 'encrypt_then_mac', 'extended_master_secret')) return false;
  if (extensions.includes('record_size_limit')) return false;
  if (
    extensions.includes('signature_algorithms') &&
    !precedes(extensions, 'encrypt_then_mac', 'signature_algorithms')
  ) {
    return false;
  }
  // Bouncy Castle 1.72 begins with encrypt-then-MAC.
  return extensions.includes('supported_groups')
    ? hasInRow(extensions, 'ec_point_formats', 'supported_groups') &&
        precedes(extensions, 'supported_groups', 'encrypt_then_mac')
    : extensions.includes('signature_algorithms');
}

/** Whether PHP wrote a ClientHello of OpenSSL: its default list begins as that of Node.js does, and goes on with DSS (8.2). */
export const isPhp = (hello: HelloTraits): boolean =>
  isOpenssl(hello) &&
  hasInRow(
    hello.cipherSuites,
    'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
    'TLS_DHE_DSS_WITH_AES_128_GCM_SHA256',
    'TLS_DHE_DSS_WITH_AES_256_GCM_SHA384',
  );

export const openssl: Stack<'OpenSSL'> = {
  name: 'OpenSSL',
  wrote: (hello) => isOpenssl(hello) && (firstTls12Suite(hello) !== NODE_PREFERENCE || isPhp(hello)),
  recordings,
  judgesChainsAs: ['OpenSSL', 'Python strict'],
  sortsChains: true,
  // X509_V_FLAG_PARTIAL_CHAIN: set by curl, and by Python from 3.13 on; not by s_client, older Pythons and servers.
  intermediateAnchors: 'differs',
};
