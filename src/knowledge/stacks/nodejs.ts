import { isOpenssl, NODE_PREFERENCE } from './openssl.js';
import { recordings } from './recorded/nodejs.js';
import { hasInRow, type Stack } from './stack.js';

/** Node.js, by its default cipher suites. It uses OpenSSL, but checks certificates itself, after the handshake. */
export const nodejs: Stack<'Node.js'> = {
  name: 'Node.js',
  wrote: (hello) =>
    isOpenssl(hello) &&
    hasInRow(
      hello.cipherSuites,
      NODE_PREFERENCE,
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
    ),
  recordings,
  judgesChainsAs: ['Node.js'],
  sortsChains: true,
  intermediateAnchors: 'refused',
};
