import { HANDSHAKE_TYPES } from './handshake-types.js';
import { ALERTS, CIPHER_SUITES, EXTENSION_TYPES, SIGNATURE_SCHEMES, SUPPORTED_GROUPS } from './tables.js';

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0002, 'SSL 2.0'],
  [0x0300, 'SSL 3.0'],
  [0x0301, 'TLS 1.0'],
  [0x0302, 'TLS 1.1'],
  [0x0303, 'TLS 1.2'],
  [0x0304, 'TLS 1.3'],
  // Versions of DTLS count down (RFC 6347 §4.1, RFC 9147 §5.3); 0x0100 is what OpenSSL and AnyConnect spoke before the
  // RFC.
  [0x0100, 'DTLS 0.9'],
  [0xfeff, 'DTLS 1.0'],
  [0xfefd, 'DTLS 1.2'],
  [0xfefc, 'DTLS 1.3'],
]);

/** The TLS version that each version of DTLS is based on, and shares its messages with (RFC 6347 §1, RFC 9147 §1). */
const TLS_OF_DTLS: ReadonlyMap<number, number> = new Map([
  [0x0100, 0x0302],
  [0xfeff, 0x0302],
  [0xfefd, 0x0303],
  [0xfefc, 0x0304],
]);

/** Whether a version is one of DTLS. */
export const isDtls = (version: number): boolean => TLS_OF_DTLS.has(version);

/** The TLS version that this version of DTLS is based on; any other version unchanged. */
export const tlsVersion = (version: number): number => TLS_OF_DTLS.get(version) ?? version;

const CLIENT_CERTIFICATE_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'rsa_sign'],
  [2, 'dss_sign'],
  [3, 'rsa_fixed_dh'],
  [4, 'dss_fixed_dh'],
  [5, 'rsa_ephemeral_dh_RESERVED'],
  [6, 'dss_ephemeral_dh_RESERVED'],
  [20, 'fortezza_dms_RESERVED'],
  [64, 'ecdsa_sign'],
  [65, 'rsa_fixed_ecdh'],
  [66, 'ecdsa_fixed_ecdh'],
  [67, 'gost_sign256'],
  [68, 'gost_sign512'],
]);

/** How a code without a name is written, e.g. `0x1234`. */
function hexadecimal(code: number, digits: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(digits, '0')}`;
}

/** Whether a cipher suite, extension, group, version or scheme is one of the reserved GREASE values (RFC 8701 §2). */
export function isGrease(code: number): boolean {
  return (code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff);
}

/** Whether a name can be negotiated: not that of a GREASE value or of a signalling suite. */
export function isNoGrease(name: string): boolean {
  return !name.startsWith('GREASE') && !name.endsWith('_SCSV');
}

function name16(table: ReadonlyMap<number, string>, code: number): string {
  return table.get(code) ?? (isGrease(code) ? `GREASE_${hexadecimal(code, 4)}` : hexadecimal(code, 4));
}

/** The name of a code in IANA's registry, `GREASE_0x0A0A`, or the code in hexadecimal. */
export const cipherSuiteName = (code: number): string => name16(CIPHER_SUITES, code);
export const extensionName = (code: number): string => name16(EXTENSION_TYPES, code);
export const groupName = (code: number): string => name16(SUPPORTED_GROUPS, code);
export const signatureSchemeName = (code: number): string => name16(SIGNATURE_SCHEMES, code);
export const versionName = (code: number): string => name16(VERSIONS, code);
export const alertName = (code: number): string => ALERTS.get(code) ?? hexadecimal(code, 2);
export const certificateTypeName = (code: number): string => CLIENT_CERTIFICATE_TYPES.get(code) ?? hexadecimal(code, 2);

const CONTENT_TYPES: ReadonlyMap<number, string> = new Map([
  [20, 'change_cipher_spec'],
  [21, 'alert'],
  [22, 'handshake'],
  [23, 'application_data'],
  [24, 'heartbeat'],
]);

/** The ContentType's name. */
export const contentTypeName = (code: number): string => CONTENT_TYPES.get(code) ?? hexadecimal(code, 2);

/** The handshake type's name; `handshake_type_99` for one without. */
export const handshakeTypeName = (code: number): string => HANDSHAKE_TYPES.get(code) ?? `handshake_type_${code}`;

/** Whether IANA assigns the handshake type; other values are usually ciphertext. */
export const isHandshakeType = (code: number): boolean => HANDSHAKE_TYPES.has(code);

/** TLS 1.3, DTLS 1.3, or one of the drafts of TLS 1.3 that were deployed (0x7Fnn; Facebook's 0xFBnn). */
export function isTls13(version: number): boolean {
  return (
    version === 0x0304 || version === 0xfefc || version >> 8 === 0x7f || version >> 8 === 0xfb || version === 0x7e02
  );
}
