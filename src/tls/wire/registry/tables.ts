/** The names of TLS's code points: those that IANA registered, and others that occur. */
import * as iana from './iana.js';
import * as unregistered from './unregistered.js';

type Names = ReadonlyMap<number, string>;

export const ALERTS: Names = new Map(iana.ALERTS);
export const CIPHER_SUITES: Names = new Map([...iana.CIPHER_SUITES, ...unregistered.CIPHER_SUITES]);
export const SIGNATURE_SCHEMES: Names = new Map([...iana.SIGNATURE_SCHEMES, ...unregistered.SIGNATURE_SCHEMES]);
export const SUPPORTED_GROUPS: Names = new Map([...iana.SUPPORTED_GROUPS, ...unregistered.SUPPORTED_GROUPS]);

/**
 * A name in a report means one code point: where two share a name (padding, application_settings), the number is added.
 */
export const EXTENSION_TYPES: Names = new Map(
  [...iana.EXTENSION_TYPES, ...unregistered.EXTENSION_TYPES].map(([code, name], _, all) => [
    code,
    all.some((other) => other[0] !== code && other[1] === name)
      ? `${name}_0x${code.toString(16).toUpperCase().padStart(4, '0')}`
      : name,
  ]),
);
