import type { MessageOf } from '../../message.js';

/** The facts that many rules cite, in one wording; see citations.ts. */
export const SHARED_EVIDENCE = {
  seenClientHello: 'ClientHello: {versions}; server name: {serverName}; cipher suites: {count}',
  seenPartialClientHello: 'the beginning of a ClientHello: {versions}',
  seenFirstBytesOfClientHello: 'the first bytes of a ClientHello',
  seenServerHello: 'ServerHello: {version}, {cipherSuite}',
  seenCertificate: 'certificate {subject}, issued by {issuer}, valid {notBefore} to {notAfter}, serial {serialNumber}',
  seenUnreadableCertificate: 'certificate that cannot be read ({error}), SHA-256 {sha256}',
  seenHiddenCertificate: 'encrypted flight of the server, its certificate in it (TLS 1.3)',
  seenRenegotiation: 'encrypted handshake message, after both Finished: renegotiation',
  seenEmptyCertificate: 'Certificate message without a certificate',
  seenCertificateRequest: 'CertificateRequest: the server asks for a certificate',
  seenAlert: '{level} alert {name} ({code})',
  seenHiddenAlert: 'encrypted alert (by the size of its record; what it says is hidden)',
  seenEncryptedAlert: 'encrypted alert; what it says is hidden',
  seenReset: 'TCP reset (TTL {ttl})',
  seenConnectionClose: 'CONNECTION_CLOSE: {close}',
  seenConnectionCloseFor: 'CONNECTION_CLOSE: {close}, with the reason: {reason}',
  seenFin: 'closes the connection (TCP FIN)',
  seenEapFailure: 'EAP-Failure',
  seenHiddenClose: "the client's last packet; the server sends nothing again",
  seenServersHiddenClose: "the server's last packet; the client acknowledges nothing any more",
  seenEapPacket: 'the last EAP packet of this side ({bytes} bytes)',
  seenSyn: 'TCP SYN',
  seenSynAck: 'TCP SYN-ACK: the server accepts the connection',
  seenPlaintext: 'plaintext: {words}',
  seenUncaptured: 'the sequence number lies {bytes} bytes further than what came before',
  seenElsewhere: 'seen at another point of the path, and not where it should have arrived',
  seenOtherPlaintext: 'on another connection ({client}), the server spoke {protocol} in plaintext',
  seenOtherConnection: 'another connection ({client}) to this server worked: {what}',
} as const;

/** A fact that any rule may cite. */
export type SharedEvidence = MessageOf<typeof SHARED_EVIDENCE>;
