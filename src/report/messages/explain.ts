/** What `tls-postmortem explain` says in English: headings and sentences. What it says of diagnoses is the rules'. */
import type { Catalogue } from './catalogue.js';
import { ERROR_MESSAGE_TEXTS } from './error-messages.js';

export const EXPLAIN = {
  titles: {
    alert: '{name} ({code}): a TLS alert',
    extension: '{name} ({code}): a TLS extension',
    version: '{name}: a protocol version',
    group: '{name} ({code}): a key exchange group',
    signatureScheme: '{name} ({code}): a signature scheme',
    cipherSuite: '{name} ({code}): a cipher suite',
    errorMessage: '"{name}": an error message',
  },
  /** Over the list of all terms. */
  kinds: {
    diagnosis: 'Diagnoses',
    alert: 'Alerts',
    extension: 'Extensions',
    version: 'Versions',
    group: 'Groups',
    signatureScheme: 'Signature schemes',
    cipherSuite: 'Cipher suites',
  },
  headings: {
    leadsTo: 'Leads to these diagnoses',
    sender: 'Who sends it, and why',
    otherName: 'Other name',
    saidBy: 'Said by',
    toDoIf: 'To do, if it is {diagnosis}',
    commands: 'Confirm',
    sources: 'Sources',
  },
  unknownAlert: 'unknown alert',
  rareAlert: 'An alert of the IANA registry that is hardly ever seen.',
  otherExtension: 'An extension of the IANA registry that no diagnosis depends on.',
  nameIn: '{name} ({programs})',
  suites: {
    exchanges: {
      ecdhe: 'Keys are exchanged anew for each connection over an elliptic curve (forward secrecy).',
      dhe: 'Keys are exchanged anew for each connection by Diffie-Hellman (forward secrecy).',
      anonymous: 'Keys are exchanged, but neither side proves who it is.',
      preShared: 'Keys come from a secret that both sides know already.',
      rsa: 'The client sends the key encrypted for the certificate of the server (RSA): no forward secrecy.',
      static: 'Keys come from the key in the certificate of the server: no forward secrecy.',
      tls13: 'A suite of TLS 1.3, which negotiates groups and signatures separately.',
    },
    certificates: {
      ecdsa: 'The server needs a certificate with an elliptic-curve key (ECDSA).',
      rsa: 'The server needs a certificate with an RSA key.',
      dsa: 'The server needs a certificate with a DSA key, which hardly anybody has.',
    },
    versions: {
      signal: 'It is not a cipher suite, but a signal from the client.',
      tls13: 'It works only with TLS 1.3.',
      tls12: 'It works only with TLS 1.2.',
      upToTls12: 'It works with TLS 1.2 and older versions.',
    },
    weak: 'It is weak: {weakness}.',
  },
  versions: {
    'TLS 1.3':
      'The current version (2018). It encrypts the certificate and most alerts: a capture shows only the sizes of their records.',
    'TLS 1.2':
      'The version before (2008), secure with ECDHE and authenticated encryption. Certificates are not encrypted.',
    'TLS 1.1': 'Of 2006, deprecated since 2021: current clients and servers refuse it.',
    'TLS 1.0': 'Of 1999, deprecated since 2021: current clients and servers refuse it.',
    'SSL 3.0': 'Of 1996, broken (POODLE) and forbidden: hardly any library still has it.',
  },
  groups: {
    postQuantum:
      'A post-quantum key exchange. Its key share has more than a thousand bytes, so the ClientHello takes several segments; some devices on the path drop it.',
    common: 'An elliptic curve that nearly everybody supports.',
    finiteField: 'A Diffie-Hellman group over a prime of that many bits.',
    uncommon: 'An elliptic curve or group that not everybody supports: secp256r1 and x25519 suit nearly everybody.',
  },
  signatureSchemes: {
    pkcs1: 'RSA in its old form (PKCS #1 v1.5); TLS 1.3 accepts it only within certificates.',
    pssRsae: 'RSA in its current form (PSS), with an ordinary RSA certificate.',
    pssPss: 'RSA in its current form (PSS), with a certificate only for PSS.',
    ecdsa: 'Needs a certificate with a key on that elliptic curve (ECDSA).',
    dsa: 'Needs a certificate with a DSA key, which hardly anybody has.',
    general: 'Needs a certificate with a key of this kind.',
    weakHash: 'Its hash is broken or too short: current software refuses it.',
  },
  /** By IANA's name. */
  extensions: {
    server_name:
      'The name of the server that the client wants (SNI), not encrypted. Servers with several certificates choose by it, and some refuse a client that sends none. IP addresses are not allowed in it.',
    status_request:
      'The client asks the server to staple an OCSP response: a recent statement of the authority that the certificate is not revoked.',
    supported_groups:
      'The groups (elliptic curves, Diffie-Hellman groups) in which the client can exchange keys, best first.',
    ec_point_formats: 'The forms of curve points that the sender reads; only one is used today.',
    signature_algorithms:
      'The signatures that the client can verify. They decide which of its certificates (RSA, ECDSA) a server can use.',
    application_layer_protocol_negotiation:
      'The application protocols that the client speaks (ALPN): h2 is HTTP/2, http/1.1 is HTTP/1.1.',
    signed_certificate_timestamp: 'Proofs that the certificate is in public logs (Certificate Transparency).',
    padding_0x0015: 'Padding: makes a ClientHello longer, for old servers that fail on certain lengths.',
    encrypt_then_mac: 'Encrypts before it authenticates, which is safer with CBC cipher suites.',
    extended_master_secret: 'Binds the keys to the whole handshake. Sides that demand it refuse those that lack it.',
    compress_certificate: 'The client accepts compressed certificates.',
    record_size_limit: 'The largest record that the sender accepts.',
    session_ticket: 'A ticket to resume a session of TLS 1.2, or the request for one.',
    pre_shared_key: 'Keys that both sides know already: mostly the ticket of an earlier session (TLS 1.3).',
    early_data: 'The client sends data before the handshake is complete (0-RTT).',
    supported_versions:
      'The versions that the client speaks. Without it, the ClientHello names only the newest, TLS 1.2 at most.',
    cookie: 'A value that the server wants back in a second ClientHello.',
    psk_key_exchange_modes: 'How the client is willing to use pre-shared keys.',
    certificate_authorities: 'The authorities whose certificates the sender accepts.',
    post_handshake_auth: 'The client can send a certificate after the handshake.',
    signature_algorithms_cert: 'The signatures that the sender can verify within certificates.',
    key_share:
      'Public keys for some of the groups, sent ahead. If the server wants another group, it answers with a HelloRetryRequest. Post-quantum keys are large, so the ClientHello takes several segments.',
    next_protocol_negotiation: 'The predecessor of ALPN (NPN), no longer used.',
    encrypted_client_hello:
      'The true ClientHello, encrypted (ECH): the visible server name is then that of a front-end server.',
    renegotiation_info: 'Protects renegotiation against an attacker. Current clients refuse servers that lack it.',
  },
  errorMessages: ERROR_MESSAGE_TEXTS,
  unknownTerm: {
    near: 'nothing is known of "{term}"; did you mean {names}?',
    nothingNear: 'nothing is known of "{term}"; "tls-postmortem explain" alone lists what is',
  },
  /** Of a file or directory of certificates. */
  certificates: {
    file: 'File: {path}',
    alias: 'Alias: {name}',
    none: '{path}: no certificate in it',
    moreInFile: '(the file has {count} more, which are not shown)',
    moreInDirectory: '(the directory has {count} more, which are not shown)',
  },
} as const satisfies Catalogue;
