import type { Commands, MessageOf, RemedyOf } from '../../message.js';

/** What the files of the ends show: sentences that explain a verdict or exclude it. */
export const END_FACTS = {
  authorityAbsent: 'The trust store of the {party}, {store}, has no certificate of {authority}.',
  authorityHasOtherKey:
    'The trust store of the {party}, {store}, has a certificate of {authority} with another key: SHA-256 {stored} there, {seen} in the chain.',
  authorityHasOtherKeyUnsent:
    'The trust store of the {party}, {store}, has a certificate of {authority} with another key (SHA-256 {stored}) than the one that issued the chain, which was not sent.',
  authorityExpired:
    'The trust store of the {party}, {store}, has {authority} (SHA-256 {stored}), to which the chain leads, but that certificate expired on {notAfter}.',
  authorityTrusted:
    'The trust store of the {party}, {store}, has {authority} (SHA-256 {stored}), in which the chain ends.',
  authorityTrustedButRefused:
    'The trust store of the {party}, {store}, has {authority} (SHA-256 {stored}), in which the chain ends; the {party} refused it nevertheless: the store in force is another one, or the program has not read it again since it was changed.',
  anchorIsNoRoot:
    'The trust store of the {party}, {store}, has {authority} (SHA-256 {stored}), in which the chain ends, and not the certificate of {above}, which issued that one: the {party} accepts only a root as the end of a chain (OpenSSL: "unable to get issuer certificate").',
  anchorMayBeNoRoot:
    'The trust store of the {party}, {store}, has {authority} (SHA-256 {stored}), in which the chain ends, and not the certificate of {above}, which issued that one. Programs on OpenSSL accept only a root as the end of a chain, unless they set X509_V_FLAG_PARTIAL_CHAIN, as curl does; Java, Go, GnuTLS and NSS accept an intermediate.',
  intermediateNotSent:
    'The trust store of the {party}, {store}, has {authority} (SHA-256 {stored}), to which the chain would lead with {missing}, which is in neither.',
  otherLeafConfigured:
    'The server sent another certificate than {store} has for it: SHA-256 {seen} sent, {stored} (valid {notBefore} to {notAfter}) configured.',
  configuredButNotSent:
    'The certificate of {missing} is in {store} (SHA-256 {stored}), and the server did not send it.',
  notConfigured: 'The certificate of {missing} is not in {store} either.',
  configuredStandsIn:
    'TLS 1.3 encrypts the certificates of the server; those of {store} are used in their place: SHA-256 {stored}, {subject}.',
  notInForce:
    'The server chose {chosen}, which the file given does not allow ({text}): another configuration is in force, and this one settles nothing.',
  versionsApart: 'The server accepts {accepted} only ({text}); the client offers {offered}.',
  versionsShared: 'The configuration of the server accepts {shared}, which the client offers ({text}).',
  versionsSharedButRefused:
    'The configuration given for the server accepts {shared}, which the client offers ({text}); the server refused the version nevertheless: another configuration is in force.',
  clientVersions: 'The configuration of the client accepts {accepted} only ({text}); the server chose {offered}.',
  suitesApart:
    'None of the cipher suites that the client offers is among those that the server accepts ({text}): {accepted}.',
  suitesShared: 'The server accepts TLS 1.3, which the client offers, with {shared}.',
  groupsApart: 'The server accepts the groups {accepted} only ({text}); the client offers {offered}.',
  groupsShared: 'The configuration of the server accepts {shared}, which the client offers ({text}).',
  schemesApart: 'The server signs by {accepted} only ({text}); the client accepts {offered}.',
  schemesUnfit:
    'By the signature schemes that both have ({shared}), the keys of the certificates that the server is configured with cannot sign ({text}).',
  schemesShared:
    'The configuration of the server lets it sign by {shared}, which the client accepts and a key of its certificates can make ({text}).',
  clientSchemes: 'The configuration of the client accepts signatures of servers by {accepted} only ({text}).',
  clientOffers: 'The configuration of the client lets it offer {accepted} only ({text}).',
  clientKeptFrom: 'The configuration of the client keeps it from offering {wanted}, which the server accepts ({text}).',
  clientSignaturesTaken: 'The server accepts signatures of clients by {accepted} only ({text}).',
  clientSignaturesMade: 'The configuration of the client lets it sign by {accepted} only ({text}).',
  clientCertificateRequired: 'The configuration of the server demands a certificate of every client ({text}).',
  clientCertificateOptional:
    'The configuration of the server asks for a certificate, and continues without one ({text}).',
  clientCertificateNotAsked: 'The configuration of the server asks for no certificate of clients ({text}).',
  clientChainTooLong:
    'The server lets a chain of a client have {most} above the first certificate, the root among them ({text}); this one has {count}, and httpd then sends internal_error.',
  proxyHeaderNotExpected: 'The listener expects no PROXY header ({text}).',
  proxyHeaderExpected: 'The listener expects a PROXY header ({text}).',
  proxyHeaderMissing:
    'The listener expects a PROXY header before TLS ({text}); the client {client} sent none, and the server ended the connection when the ClientHello came.',
  nameRejected: 'The server rejects names that none of its services has ({text}), and none has the one asked for.',
  handshakesRejected: 'The server rejects all handshakes for this name ({text}).',
  keyTooSmall: 'The client accepts {type} keys from {least} bits on ({text}); {subject} has {bits}.',
  hashRefused: 'The client accepts no signatures with {hash} ({text}); {subject} has one.',
} as const;

/** What to do about a file of an end. */
export const END_REMEDIES = {
  importAuthority: 'Import the certificate of {authority} (SHA-256 {seen}) into the trust store {path} of {place}.',
  importUnsent:
    'Get the certificate of {authority}, which was not sent, and import it into the trust store {path} of {place}.',
  importUnsentByKey:
    'Get the certificate of {authority} with the key identifier {keyIdentifier}, which was not sent, and import it into the trust store {path} of {place}.',
  importRoot:
    'Import the certificate of {authority}, and of all above it up to the root, into the trust store {path} of {place}, or let the program accept intermediates as trust anchors (OpenSSL: X509_V_FLAG_PARTIAL_CHAIN).',
  replaceAuthority:
    'Replace the certificate of {authority} (SHA-256 {stored}) in the trust store {path} of {place} by the current one.',
  reloadCertificates:
    'Let the service at {connect} read {path} again (reload or restart it), or point its configuration at that file: it sends something else.',
  changeLine: 'Change {place} ({text}) so that {connect} accepts what the client offers: {wanted}.',
  changeDemand:
    'If {connect} is to accept clients without a certificate as well, change {place} ({text}), by which it demands one.',
  changeDepth:
    'Let {connect} accept longer chains of clients: set SSLVerifyDepth {count} or more at {place}, or use certificates closer to the root.',
  changeProxy:
    'If all clients of {connect} are to send a PROXY header, change {place} ({text}), so that it expects one.',
  changeProxyDemand:
    'Let {client} send a PROXY header to {connect}, if it is a load balancer or a proxy; for clients that send none, change {place} ({text}), or give them a listener of their own.',
  changeNames:
    'Configure {connect} with a service for the name that the client {client} asks for ({name}), or change {place} ({text}), which rejects all other names.',
  changeNameless:
    'Make the client {client} send the server name (SNI), or configure {connect} with a service for clients that send none: change {place} ({text}), which rejects them.',
  changeClientLine: 'Change {place} ({text}) of the client {client} so that it accepts {wanted}.',
  changeClientOffer:
    'If {connect} cannot be changed, change {place} ({text}) of the client {client}: that line keeps it from offering more than {offered}.',
  acceptWeak:
    'Only as a stopgap, until the certificate is issued again, change {place} ({text}) of the client {client}: that line makes it refuse the certificate.',
  checkStoreInForce: 'See which trust store the program at {place} really uses, and restart it if {path} was changed.',
} as const;

/** Commands that confirm them. */
export const END_COMMANDS = {
  importIntoKeyStore: {
    run: 'keytool -importcert -alias {alias} -file authority.pem -keystore {path}',
    does: 'adds the certificate of the authority to the store',
    where: 'store',
  },
  importIntoPem: {
    run: 'openssl x509 -in authority.pem >> {path}',
    does: 'adds the certificate of the authority to the store',
    where: 'store',
  },
  importIntoDirectory: {
    run: 'cp authority.pem {path} && openssl rehash {path}',
    does: 'adds the certificate of the authority to the store',
    where: 'store',
  },
  listKeyStore: { run: 'keytool -list -v -keystore {path}', does: 'lists what the store trusts', where: 'store' },
  verifyPem: {
    run: 'openssl verify -CAfile {path} -untrusted chain.pem leaf.pem',
    does: 'shows whether the store accepts the chain',
    where: 'store',
  },
  showSent: {
    run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
    does: 'shows the chain that the server sends',
    where: 'from-client',
  },
} as const satisfies Commands;

/** The messages of remedies about the files of the ends; the `Remedy.service` of these. */
export const ENDS = { id: 'ends', messages: { remedies: END_REMEDIES, commands: END_COMMANDS } } as const;

export type EndFactMessage = MessageOf<typeof END_FACTS>;
export type EndRemedy = RemedyOf<typeof END_REMEDIES, typeof END_COMMANDS>;
