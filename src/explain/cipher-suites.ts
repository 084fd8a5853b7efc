import { isObsoleteSuite, isSinceTls12, lacksForwardSecrecy } from '../diagnose/evidence/offers.js';
import { weaknessOf } from '../diagnose/rules/weak-cipher-suite.js';
import type { EXPLAIN } from '../report/messages/explain.js';
import type { ExplainWording } from './wording.js';

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

type SuiteTexts = (typeof EXPLAIN)['suites'];
type Patterns<Id> = readonly (readonly [RegExp, Id])[];

const EXCHANGES: Patterns<keyof SuiteTexts['exchanges']> = [
  [/^TLS_ECDHE_/, 'ecdhe'],
  [/^TLS_DHE_/, 'dhe'],
  [/_anon_/, 'anonymous'],
  [/^TLS_(?:RSA_PSK|PSK)_/, 'preShared'],
  [/^TLS_RSA_/, 'rsa'],
  [/^TLS_(?:ECDH|DH)_/, 'static'],
  [/^TLS_(?:AES|CHACHA20|SM4|AEGIS)/, 'tls13'],
];

const CERTIFICATES: Patterns<keyof SuiteTexts['certificates']> = [
  [/_ECDSA_WITH_/, 'ecdsa'],
  [/_RSA_WITH_|^TLS_RSA_/, 'rsa'],
  [/_DSS_WITH_/, 'dsa'],
];

const firstOf = <Id extends string>(
  patterns: Patterns<Id>,
  texts: Readonly<Record<Id, string>>,
  suite: string,
): string[] => {
  const id = patterns.find(([pattern]) => pattern.test(suite))?.[1];
  return id === undefined ? [] : [texts[id]];
};

/** What a cipher suite's name means, in sentences. */
export function describeSuite(suite: string, { suites, language, joins }: ExplainWording): string {
  const weak = isObsoleteSuite(suite) ? [suites.weak({ weakness: language.phrases[weaknessOf(suite)] })] : [];
  return [
    ...firstOf(EXCHANGES, suites.exchanges, suite),
    ...firstOf(CERTIFICATES, suites.certificates, suite),
    suites.versions[versionsOf(suite)],
    ...weak,
  ].join(joins.sentences);
}

function versionsOf(suite: string): keyof SuiteTexts['versions'] {
  if (suite.endsWith('_SCSV')) return 'signal';
  if (!suite.includes('_WITH_')) return 'tls13';
  return isSinceTls12(suite) ? 'tls12' : 'upToTls12';
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
