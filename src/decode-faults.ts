import type { DataOf, DecodeFault } from './message.js';

/**
 * What is wrong with bytes from the wire, or with a line of a key log: texts by id, as with notices. Values for
 * `{field}` are the names of fields and structures in the RFCs.
 */
export const DECODE_FAULTS = {
  // TLS messages.
  tooFewBytes: '{field} needs {needed} bytes, {left} are left',
  uncompressedTooLong: 'uncompressed_length of {length} bytes',
  notDecompressed: 'the certificate cannot be decompressed',
  otherUncompressedLength: '{length} bytes where {announced} are announced',
  // DER.
  elementCut: 'element cut short at byte {byte}',
  multiByteTag: 'multi-byte tag at byte {byte}',
  indefiniteLength: 'indefinite length at byte {byte}',
  impossibleLength: 'impossible length at byte {byte}',
  lengthPassesEnd: 'length {length} at byte {byte} passes the end',
  tooManyEntries: 'more than {limit} entries',
  missing: '{field} is missing',
  otherTag: '{field} has tag {tag}, not {wanted}',
  booleanLength: 'boolean of {length} bytes',
  notNonNegative: 'not a number of zero or more at byte {byte}',
  oidCut: 'object identifier cut short at {byte}',
  oidArcTooLong: 'object identifier with an arc of over {limit} bytes',
  trailingBytes: '{count} bytes follow the {field}',
  // Certificates and OCSP responses.
  notACertificate: 'not a certificate',
  certificateTooLong: '{length} bytes are too many for a certificate',
  attributeWithoutValue: 'attribute without a value',
  notAGeneralName: "tag {tag} is no general name's",
  notATime: 'not a time: {text}',
  notAnOcspResponse: 'not an OCSP response',
  ocspResponseTooLong: '{length} bytes are too many for an OCSP response',
  unknownResponseType: 'response of an unknown type, {oid}',
  emptyResponder: 'responder is empty',
  unknownCertificateStatus: 'certificate status is of no known kind',
  // Lines of key logs.
  noLabel: 'does not begin with a label',
  noSecret: 'is not of a label, a client random and a secret',
  noMasterKey: '{label}: no Master-Key: stands behind it',
  clientRandomInvalid: '{label}: the client random is not of {digits} hexadecimal digits',
  encryptedPremasterInvalid:
    '{label}: what begins the encrypted premaster secret is not of {digits} hexadecimal digits',
  sessionIdInvalid: '{label}: the session ID is not of up to {digits} hexadecimal digits',
  textBehindSecret: '{label}: there is something behind the secret',
  secretLength: '{label}: the secret has {digits} digits, not {wanted}',
  secretLengthEither: '{label}: the secret has {digits} digits, not {wanted} or {other}',
  secretLengthUpTo: '{label}: the secret has {digits} digits, not an even number up to {limit}',
  secretNotHexadecimal: '{label}: the secret is not hexadecimal',
  lineTooLong: 'is longer than {limit} bytes',
} as const;

const NO_DATA: DecodeFault['data'] = {};

type FaultData<Id extends keyof typeof DECODE_FAULTS> = DataOf<(typeof DECODE_FAULTS)[Id], string | number>;

/** A fault; the compiler checks the values against the text. */
export function decodeFault<Id extends keyof typeof DECODE_FAULTS>(
  id: Id,
  ...[data]: keyof FaultData<Id> extends never ? [] : [data: FaultData<Id>]
): DecodeFault {
  return { fault: id, data: data ?? NO_DATA };
}

/** A fault in English, for the message of an error. */
export const faultInEnglish = ({ fault, data }: DecodeFault): string =>
  DECODE_FAULTS[fault as keyof typeof DECODE_FAULTS].replace(/\{(\w+)\}/g, (_, name: string) => String(data[name]));
