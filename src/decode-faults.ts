import { FILE_REASONS } from './file-reasons.js';
import type { DataOf, DecodeFault } from './message.js';

const LZ4_DAMAGED = 'the lz4 data are damaged:';
const GZIP_DAMAGED = 'the gzip data are damaged:';

/**
 * What is wrong with a file, with bytes from the wire, or with a line of a key log: texts by id, as with notices. Values
 * for `{field}` are the names of fields and structures in the RFCs.
 */
export const DECODE_FAULTS = {
  // Files, by the error code of the system.
  ...FILE_REASONS,
  // Inputs that are no captures.
  terminal: 'is a terminal',
  device: 'is a device, not a capture',
  hiddenFile: 'hidden',
  directory: 'a directory',
  noFile: 'no file',
  noCaptureInDirectory: 'a directory in which there is no capture',
  interrupted: 'interrupted before a capture began',
  sliceInterrupted: 'interrupted before the slice was found',
  // Compressed files.
  compressedCut: 'the {compression} data end too early',
  decompressionBomb:
    'more than {ratio} times the size of the {compression} data; decompress the file first if it is to be read further',
  lz4NoFrame: `${LZ4_DAMAGED} no frame begins where one should`,
  lz4Version: `${LZ4_DAMAGED} unknown version {version}`,
  lz4Dictionary: `${LZ4_DAMAGED} they need a dictionary`,
  lz4BlockSize: `${LZ4_DAMAGED} unknown block size {code}`,
  lz4LongBlock: `${LZ4_DAMAGED} a block of {length} bytes is more than {limit}`,
  lz4LengthCut: `${LZ4_DAMAGED} a block ends within a length`,
  lz4Literals: `${LZ4_DAMAGED} a block has too many literals`,
  lz4MatchCut: `${LZ4_DAMAGED} a block ends within a match`,
  lz4NoMatch: `${LZ4_DAMAGED} a match refers to what is not there`,
  lz4BlockGrows: `${LZ4_DAMAGED} a block is larger than its frame allows`,
  lz4MatchLast: `${LZ4_DAMAGED} a block ends with a match`,
  gzipCheck: `${GZIP_DAMAGED} incorrect data check`,
  gzipOtherData: `${GZIP_DAMAGED} other data follow`,
  gzipMethod: `${GZIP_DAMAGED} unknown compression method {method}`,
  gzipFlags: `${GZIP_DAMAGED} unknown header flags`,
  gzipInflate: `${GZIP_DAMAGED} {error}`,
  zstdMemory: 'the zstd data need more than 128 MiB of memory',
  zstdDamaged: 'the zstd data are damaged (error {error})',
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

/** A fault in English, for the message of an error; a text, from elsewhere, as it is. */
export const faultInEnglish = (what: DecodeFault | string): string =>
  typeof what === 'string'
    ? what
    : DECODE_FAULTS[what.fault as keyof typeof DECODE_FAULTS].replace(/\{(\w+)\}/g, (_, name: string) =>
        String(what.data[name]),
      );
