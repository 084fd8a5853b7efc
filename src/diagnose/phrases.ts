import type { DataOf, Phrase } from '../message.js';
import { NOTICE_PHRASES } from '../notices.js';

/** Parts of sentences that depend on what was found, by id. Each fills a placeholder in a rule's text. */
export const PHRASES = {
  ...NOTICE_PHRASES,
  // How a side refused: to follow "refused it".
  withAlert: 'with alert {alert}',
  withEncryptedAlert: 'with an encrypted alert',
  withHiddenClose: 'with a CONNECTION_CLOSE that QUIC hides',
  byClosing: 'by closing the connection',
  byEapFailure: 'with EAP-Failure',
  byReset: 'with a TCP reset',
  bySilence: 'with silence',
  byClosingWhenComplete: 'by closing the connection as soon as the handshake was complete',
  // Why a certificate cannot be examined.
  hiddenByTls13: 'TLS 1.3 hides the certificate',
  missingInCapture: 'the capture lacks the certificate',
  clockNeverSet: 'the clock of the capture was never set',
  // What a side had received, or sent.
  messageOf: "the {peer}'s {message}",
  encryptedMessage: 'encrypted handshake message',
  encryptedRecord: 'an encrypted record',
  encryptedMessageOf: 'an encrypted handshake message from the {peer}',
  encryptedRecordOf: 'an encrypted record from the {peer}',
  encryptedPacketOf: 'an encrypted packet from the {peer}',
  plaintextOf: 'plaintext from the {peer}',
  restOf: 'bytes from the {peer} whose beginning is not in the capture',
  alertOfLevel: '{level} alert {alert}',
  alertOf: '{alert} from the {peer}',
  anEncryptedAlert: 'an encrypted alert',
  // Names of a protocol inside TLS.
  schemeOrCommand: '{scheme} (or {command} on port {port})',
  schemeOnPort: '{scheme} (port {port})',
  // Who asked, over EAP.
  noIdentity: 'no identity',
  // What was lost between two points.
  aMessage: 'with {message}',
  aSegment: 'a TCP {segment}',
  unknownBytes: 'of bytes that do not show what they are',
  aPacketWith: 'a packet with {message}',
  anUnknownPacket: 'a packet that does not show what it is',
  // Steps of a handshake.
  theClientHello: 'the ClientHello',
  theServerHello: 'the ServerHello',
  theServersCertificate: "the server's certificate",
  theClientsCertificate: "the client's certificate",
  theClientsFinished: "the client's Finished",
  // What may be the reason for a refusal of the ClientHello.
  theRecordVersion: 'the version: the alert comes in a record of {version}, which may be all that the server speaks',
  theMissingServerName: 'the missing server name (SNI): the server may need it to choose a certificate',
  theSignatureSchemes: "the client's signature schemes, which exclude certificates with a key of {keys}",
  theCipherSuites: "no cipher suite in common (the client offers {count}), or none that fits the server's certificate",
  theOldVersion: "the client's old version ({version})",
  tls13Alone: 'the version: the client offers only TLS 1.3, the server may not speak it',
  theVersion: 'the version: the server may want a newer one than {version}',
  theGroups: 'no supported group in common',
  thePreSharedKey: 'the pre-shared key or ticket, which the server may not know, without a certificate to fall back on',
  theServerName: 'the server name, which the server may not serve',
  noSignatureScheme: 'no signature scheme in common',
  theMissingCertificate: "the server's certificate: it may have none configured, or could not load it",
  // What an alert complains about: to follow "it complains of".
  unexpectedMessage: 'a message that it did not expect at that point',
  recordTooLong: 'a record longer than allowed',
  notDecompressed: 'data that it could not decompress',
  illegalValue: 'a field with a value that is not allowed, or that contradicts another one',
  notDecoded: 'a message that it could not decode: a length or a field that is out of range',
  missingExtension: 'an extension that is missing',
  unsolicitedExtension: 'an extension that it had not asked for',
  // What QUIC's codes complain of.
  quicFlowControl: 'more data than it had allowed',
  quicStreams: 'a stream that it had not allowed, or that is used against the rules',
  quicFrame: 'a frame that it could not decode',
  quicTransportParameter: 'a transport parameter that is missing, not allowed, or out of range',
  quicConnectionIds: 'more connection IDs than it had allowed',
  quicProtocol: 'a packet or frame that is not allowed at that point',
  quicCryptoBuffer: 'a handshake message longer than it holds',
  quicKeyUpdate: 'a change of keys that is not allowed',
  quicVersionInformation: 'the version: what was negotiated is not what the client had asked for',
  // Why a server name is not a host name.
  nameEmpty: 'it is empty',
  nameAddress: 'it is an IP address',
  namePort: 'it ends with a port',
  nameNotAscii: 'it is not in ASCII',
  nameCharacter: 'it has a character that is not allowed',
  nameTrailingDot: 'it ends with a dot',
  nameEmptyLabel: 'one of its labels is empty',
  nameTooLong: 'it is too long',
  nameHyphen: 'one of its labels begins or ends with a hyphen',
  nameUnderscore: 'it has an underscore',
  // A side's breach of the protocol's rules: to follow "it sent".
  trailingBytes: '{place} with extra bytes after its end',
  malformedMessage: '{place} in a form that cannot be decoded',
  outOfOrder: '{place} where it is not allowed',
  tooLongRecord: 'a record of {length} bytes, more than the {limit} allowed',
  emptyRecord: 'an empty record',
  alertOfLength: 'an alert of {length} bytes',
  // What is wrong with a stapled OCSP response.
  isUnreadable: 'cannot be read',
  isResponderError: 'is an error of the OCSP responder, and says nothing',
  isAboutAnother: 'is about another certificate',
  hasWrongSignature: 'has a wrong signature',
  isUnauthorised: 'is signed by somebody who may not sign it',
  isEarly: 'is not valid before {thisUpdate}',
  hasEnded: 'expired on {nextUpdate}: the server has not fetched a new one',
  saysUnknown: 'says that the authority does not know the certificate',
  // Why a cipher suite is weak.
  weakByNull: 'it does not encrypt',
  weakByAnonymity: 'nobody authenticates the server',
  weakByKeyLength: 'its keys are so short that anybody can try them all',
  weakByRc4: 'RC4 betrays what it encrypts (RFC 7465)',
  weakByBlockLength: 'its blocks of 64 bits betray long streams (Sweet32)',
  weakByAge: 'current software refuses it',
  // What another connection shows.
  fullHandshake: 'a full handshake',
  resumedSession: 'a resumed session',
  atTheSameTime: 'within a second of this one',
  noClientCertificate: 'without a client certificate',
  theControlConnection: 'the control connection of FTP',
  serverNameOf: 'server name {name}',
  certificateKeyOf: 'certificate key {key}',
  clientHelloOf: 'a ClientHello of {bytes} bytes',
  longestClientHello: 'the longest ClientHello that did has {bytes} bytes',
  aCookie: 'a cookie',
  // What ICMP says about a packet: to follow "says that".
  icmpNoRoute: 'it has no route to that network',
  icmpHostUnreachable: 'the host cannot be reached',
  icmpProtocolUnreachable: 'the host does not speak TCP',
  icmpPortUnreachable: 'the port cannot be reached',
  icmpFragmentationNeeded: 'the packet is too large for the next link',
  icmpSourceRouteFailed: 'the route that the packet asks for does not work',
  icmpProhibited: 'a policy forbids it (administratively prohibited)',
  icmpTimeExceeded: 'the packet went through too many routers: there may be a loop',
  icmpOther: 'the packet cannot be delivered',
  // Names and times with more detail.
  byKey: '{name} (key identifier {keyIdentifier})',
  forReason: '{time} ({reason})',
  // Sizes of a ClientHello.
  moreThanOneSegment: '{bytes} bytes, more than one segment',
  moreThanOneSegmentByKeyShare: '{bytes} bytes, more than one segment, because of its post-quantum key share {group}',
  theSameCertificates: 'the same certificates, which that client accepted',
  theSameChain: 'the same chain of certificates, to a client on the same host',
  // Which rule a certificate breaks: to follow "the certificate".
  certificateUnreadable: 'cannot be read by a strict reader ({details})',
  anyPurposeAlone: 'is for any purpose (anyExtendedKeyUsage), but does not name TLS servers (serverAuth)',
  oldPurposeAlone:
    'is for the old purpose of server-gated cryptography ({details}), and not for TLS servers (serverAuth)',
  explicitCurve: 'has a key on a curve given by its parameters instead of its name',
  unknownCriticalExtension: 'has critical extensions that few clients know ({details})',
  criticalDirectoryConstraint: 'has critical name constraints for directory names ({details})',
  issuerEncodedOtherwise: 'names its issuer in another encoding than the issuer names itself ({details})',
  issuerIn16BitCharacters:
    'names its issuer in another encoding than the issuer names itself, one of them in characters of 16 bits (BMPString)',
  issuerSpacedOtherwise:
    'names its issuer with other spaces than the issuer names itself (its name, then theirs: {details})',
  keyIdentifierDiffers: 'names a key of its issuer that differs from the one sent ({details})',
  issuerSerialDiffers:
    'names, by serial number, a certificate of its issuer that differs from the one sent ({details})',
  authorityForAnyPurpose: 'is an authority that may issue for servers only by the extended key usage "any"',
  criticalNameConstraint: 'is an authority with critical name constraints',
  criticalUriConstraint: 'is an authority with critical name constraints for URIs',
  criticalIdentifierConstraint:
    'is an authority with critical name constraints for registered identifiers or other rare names',
  criticalOtherNameConstraint: 'is an authority with critical name constraints for names of other types (otherName)',
  criticalPolicyConstraint: 'is an authority with critical policy constraints',
  malformedTime: 'has dates that are not written as RFC 5280 requires (without seconds, or not in UTC)',
  noExpirationDate: 'has no expiration date (99991231235959Z)',
  signatureAlgorithmsDiffer: 'names one signature algorithm in its signed part and another one outside ({details})',
  emptySubject: 'has no subject, and alternative names that are not critical',
  pathLengthWithoutAuthority: 'has a path length without being an authority',
  noAuthorityKeyIdentifier: 'has no authority key identifier',
  noSubjectKeyIdentifier: 'is an authority and has no subject key identifier',
  basicConstraintsNotCritical: 'is an authority whose basic constraints are not critical',
  authorityWithoutKeyUsage: 'is an authority and has no key usage',
  negativeSerialNumber: 'has a negative serial number ({details})',
  authorityAsLeaf: 'is an authority (basic constraints: CA) and at the same time that of the server',
  keyUsageAgainstSuite: 'does not allow {needed}, which the cipher suite needs (it allows {allowed})',
  largeKey: 'has an RSA key of {details} bits',
  uncommonCurve: 'has a key on a curve that few programs know ({details})',
  edwardsKey: 'has an {details} key',
  pssSignature: 'is signed with RSASSA-PSS',
  curveNotOffered: 'has a key on a curve that the client does not offer ({details})',
  versionOne: 'is of version 1, which has no extensions',
  repeatedExtension: 'has the same extension twice ({details})',
  malformedName: 'contains a name that is not a host name ({details})',
  // Quantities, and their absence.
  none: 'none',
  anyName: 'any name',
  atLeast: 'at least {quantity}',
  onceItHadIt: 'once it had it',
  beyondRoundTrip: 'beyond the {roundTrip} of the network',
  atMost: '{quantity} at most',
} as const;

export type PhraseId = keyof typeof PHRASES;

/** A phrase of the table; it may not be given fewer values than its text needs. */
export function phrase<Id extends PhraseId>(
  id: Id,
  ...[data]: keyof DataOf<(typeof PHRASES)[Id]> extends never ? [] : [data: DataOf<(typeof PHRASES)[Id]>]
): Phrase {
  return { phrase: id, data: data ?? {} };
}
