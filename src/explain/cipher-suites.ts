import { isObsoleteSuite, isSinceTls12, lacksForwardSecrecy } from '../diagnose/evidence/offers.js';
import { PHRASES } from '../diagnose/phrases.js';
import { weaknessOf } from '../diagnose/rules/weak-cipher-suite.js';

/**
 * OpenSSL's name of a cipher suite, which curl, nginx, HAProxy and Node.js use as well: `ECDHE-RSA-AES128-GCM-SHA256`. Suites
 * of TLS 1.3 keep IANA's name there.
 */
export function openSslName(suite: string): string {
  const match = /^TLS_(.+)_WITH_(.+)$/.exec(suite);
  if (match === null) return suite;
  const [, keys = '', cipher = ''] = match;
  const exchange = EXCHANGE_NAMES[cipher.startsWith('ARIA') ? `${keys} ARIA` : keys] ?? `${keys.replaceAll('_', '-')}-`;
  const rest = cipher
    .replace('3DES_EDE_CBC', 'DES-CBC3')
    .replace(/^(AES|CAMELLIA|ARIA)_(\d+)/, '$1$2')
    .replace(/(\d)_CBC_/, '$1_')
    .replace(/^RC4_128_/, 'RC4_')
    .replace(/^(SEED|IDEA)_CBC_/, '$1_')
    .replace(/_POLY1305_SHA256$/, '_POLY1305')
    .replace(/_CCM_8(?:_SHA256)?$/, '_CCM8')
    .replaceAll('_', '-');
  return exchange + rest;
}

/** Key exchanges with other names in OpenSSL; RSA is omitted. */
const EXCHANGE_NAMES: Readonly<Record<string, string>> = {
  RSA: '',
  'RSA ARIA': '',
  'ECDHE_RSA ARIA': 'ECDHE-',
  DH_anon: 'ADH-',
  ECDH_anon: 'AECDH-',
};

const EXCHANGES: readonly (readonly [RegExp, string])[] = [
  [/^TLS_ECDHE_/, 'Keys are exchanged anew for each connection over an elliptic curve (forward secrecy).'],
  [/^TLS_DHE_/, 'Keys are exchanged anew for each connection by Diffie-Hellman (forward secrecy).'],
  [/_anon_/, 'Keys are exchanged, but nobody proves who he is.'],
  [/^TLS_(?:RSA_PSK|PSK)_/, 'Keys come from a secret that both sides know already.'],
  [/^TLS_RSA_/, 'The client sends the key encrypted for the certificate of the server (RSA): no forward secrecy.'],
  [/^TLS_(?:ECDH|DH)_/, 'Keys come from the key in the certificate of the server: no forward secrecy.'],
  [/^TLS_(?:AES|CHACHA20|SM4|AEGIS)/, 'A suite of TLS 1.3, where groups and signatures are agreed on apart from it.'],
];

const AUTHENTICATIONS: readonly (readonly [RegExp, string])[] = [
  [/_ECDSA_WITH_/, 'The server needs a certificate with an elliptic-curve key (ECDSA).'],
  [/_RSA_WITH_|^TLS_RSA_/, 'The server needs a certificate with an RSA key.'],
  [/_DSS_WITH_/, 'The server needs a certificate with a DSA key, which hardly anybody has.'],
];

const firstOf = (table: readonly (readonly [RegExp, string])[], suite: string): string[] => {
  const text = table.find(([pattern]) => pattern.test(suite))?.[1];
  return text === undefined ? [] : [text];
};

/** What a cipher suite's name means, in sentences. */
export function describeSuite(suite: string): string {
  const weak = isObsoleteSuite(suite) ? [`It is weak: ${PHRASES[weaknessOf(suite)]}.`] : [];
  return [...firstOf(EXCHANGES, suite), ...firstOf(AUTHENTICATIONS, suite), versionsOf(suite), ...weak].join(' ');
}

function versionsOf(suite: string): string {
  if (suite.endsWith('_SCSV')) return 'It is no cipher suite, but a signal of the client.';
  if (!suite.includes('_WITH_')) return 'It works with TLS 1.3 alone.';
  if (isSinceTls12(suite)) return 'It works with TLS 1.2 alone.';
  return 'It works with TLS 1.2 and before.';
}

/** Ids of the rules about suites like this one. */
export function suiteRules(suite: string): string[] {
  return [
    ...(isObsoleteSuite(suite) ? ['weak-cipher-suite'] : []),
    ...(lacksForwardSecrecy(suite) ? ['no-forward-secrecy'] : []),
    'cipher-suite-mismatch',
    'handshake-rejected',
  ];
}
