import { hash } from 'node:crypto';
import { alpn } from './wire/extensions/alpn.js';
import { ecPointFormats } from './wire/extensions/ec-point-formats.js';
import { contentOf } from './wire/extensions/extension.js';
import { serverName } from './wire/extensions/server-name.js';
import { signatureAlgorithms } from './wire/extensions/signature-algorithms.js';
import { supportedGroups } from './wire/extensions/supported-groups.js';
import { supportedVersions } from './wire/extensions/supported-versions.js';
import type { ClientHelloTemplate, ServerHelloTemplate } from './fast-path/template.js';
import { isDtls, isGrease, tlsVersion } from './wire/registry/names.js';

const isMeaningful = (code: number): boolean => !isGrease(code);
const dashed = (codes: readonly number[]): string => codes.filter(isMeaningful).join('-');

/** JA3: MD5 over version, suites, extensions, groups and point formats, GREASE left out (github.com/salesforce/ja3). */
export function ja3(hello: ClientHelloTemplate): string {
  const fields = [
    hello.legacyVersion,
    dashed(hello.cipherSuites),
    dashed(hello.extensions.map(({ type }) => type)),
    dashed(contentOf(hello.extensions, supportedGroups) ?? []),
    (contentOf(hello.extensions, ecPointFormats) ?? []).join('-'),
  ];
  return hash('md5', fields.join(','), 'hex');
}

/** JA3S: MD5 over version, suite and extensions of a ServerHello (github.com/salesforce/ja3). */
export function ja3s(hello: ServerHelloTemplate): string {
  const fields = [hello.legacyVersion, hello.cipherSuite, hello.extensions.map(({ type }) => type).join('-')];
  return hash('md5', fields.join(','), 'hex');
}

const JA4_VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
  [0xfeff, 'd1'],
  [0xfefd, 'd2'],
  [0xfefc, 'd3'],
]);

/** Its number, and the one that drafts of QUIC had (RFC 9001 §8.2). */
const QUIC_TRANSPORT_PARAMETERS: ReadonlySet<number> = new Set([57, 0xffa5]);

const hex4 = (code: number): string => code.toString(16).padStart(4, '0');
const truncatedHash = (text: string): string =>
  text === '' ? '000000000000' : hash('sha256', text, 'hex').slice(0, 12);
const count2 = (count: number): string => String(Math.min(count, 99)).padStart(2, '0');

/**
 * First and last character of the first ALPN value, `00` without one; where either is not alphanumeric, first and last
 * digit of the value in hexadecimal.
 */
function ja4Alpn(bytes: Buffer | undefined): string {
  if (bytes === undefined || bytes.length === 0) return '00';
  const ends = bytes.toString('latin1', 0, 1) + bytes.toString('latin1', bytes.length - 1);
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const digits = bytes.toString('hex');
  return digits.slice(0, 1) + digits.slice(-1);
}

/** JA4, the TLS client fingerprint (github.com/FoxIO-LLC/ja4, the BSD-licensed part of that family). */
export function ja4(hello: ClientHelloTemplate): string {
  const types = hello.extensions.map(({ type }) => type).filter(isMeaningful);
  const suites = hello.cipherSuites.filter(isMeaningful);
  const offered = (contentOf(hello.extensions, supportedVersions) ?? []).filter(isMeaningful);
  const version = (offered.length > 0 ? offered : [hello.legacyVersion]).reduce((one, other) =>
    tlsVersion(other) > tlsVersion(one) ? other : one,
  );
  const isQuic = types.some((type) => QUIC_TRANSPORT_PARAMETERS.has(type));
  const carrier = isDtls(hello.legacyVersion) ? 'd' : isQuic ? 'q' : 't';
  const head =
    carrier +
    (JA4_VERSIONS.get(version) ?? '00') +
    (types.includes(serverName.type) ? 'd' : 'i') +
    count2(suites.length) +
    count2(types.length) +
    ja4Alpn(contentOf(hello.extensions, alpn)?.[0]);
  const sortedTypes = types
    .filter((type) => type !== serverName.type && type !== alpn.type)
    .map(hex4)
    .sort()
    .join(',');
  const schemes = (contentOf(hello.extensions, signatureAlgorithms) ?? []).filter(isMeaningful).map(hex4).join(',');
  const tail = types.length === 0 ? '' : schemes === '' ? sortedTypes : `${sortedTypes}_${schemes}`;
  return `${head}_${truncatedHash(suites.map(hex4).sort().join(','))}_${truncatedHash(tail)}`;
}
