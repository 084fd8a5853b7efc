/** Who prints the error messages of ../../knowledge/error-messages.ts, and what they mean, in English. */
import type { ErrorMessageId } from '../../knowledge/error-messages.js';

const OPENSSL = 'OpenSSL, and with it curl, nginx, Python, Node.js, Ruby, PHP';

export const ERROR_MESSAGE_TEXTS = {
  nameDoesNotMatch: {
    of: 'GnuTLS; Go (certificate is not valid for any names, but wanted to match …)',
    meaning: 'The certificate is for other names than the one that the client asked for, or for none at all.',
  },
  chainUsesExpiredCertificate: {
    of: 'GnuTLS',
    meaning: 'A certificate of the chain has expired. If it has not, the clock of the client is wrong.',
  },
  pinnedKeyNotInChain: {
    of: 'Chrome (also ERR_CERTIFICATE_TRANSPARENCY_REQUIRED), Firefox, curl (90), Android, Envoy (cert hash and spki)',
    meaning:
      'The chain is valid, but this client demands more of it: a key that it knows (pinning), or an entry in the public logs (Certificate Transparency). An inspecting device on the path causes the same.',
  },
  cannotVerifySignatureInsecureAlgorithmSha1Rsa: {
    of: 'Go',
    meaning: 'A certificate of the chain is signed with SHA-1 or MD5, which Go does not verify.',
  },
  tlsDowngradeAttemptDetected: {
    of: 'Go; BoringSSL and Chrome (TLS13_DOWNGRADE); OpenSSL (inappropriate fallback)',
    meaning:
      'One side saw that a lower version was agreed on than both can speak: a device on the path changed the handshake, or the client tried again with a lower version after a failure that had another cause.',
  },
  candidateAuthority: {
    of: 'Go (x509: certificate signed by unknown authority, possibly because of …)',
    meaning:
      'The client trusts an authority of this name, but it is not the one that signed: its trust store has an older certificate of the authority, or one with another key. With "parent certificate cannot sign", the certificate that it trusts is not that of an authority.',
  },
  clientCertificateExpired: {
    of: "nginx, PostgreSQL, FreeRADIUS, IIS (403.17): the server's log",
    meaning: "The client's certificate has expired or is not valid yet, or the clock of the server is wrong.",
  },
  clientCertificateUntrusted: {
    of: "nginx, Apache (AH02039), HAProxy, PostgreSQL, FreeRADIUS, Cisco ISE (12514), Windows NPS (reason codes 265, 286, 287, 295), IIS (403.16), Go (failed to verify client certificate): the server's log",
    meaning:
      "The server does not trust the authority that issued the client's certificate, or the client does not send an intermediate.",
  },
  dotNetPolicyErrors: {
    of: '.NET',
    meaning:
      'Two faults at once: the certificate is for other names, and its chain does not end in a root that the client trusts. Often a wrong server, a default certificate or an inspecting device answers.',
  },
  envoyVerifySanList: {
    of: 'Envoy, Istio',
    meaning:
      'The chain is valid, but no name in the certificate is among those that Envoy is told to accept (match_typed_subject_alt_names): another workload answers, or the list is out of date.',
  },
  applicationGatewayBackend: {
    of: 'Azure Application Gateway',
    meaning:
      'The gateway does not trust the root above the certificate of its back end, or the back end does not send its intermediates.',
  },
  erlangBadHeader: {
    of: 'RabbitMQ and other servers in Erlang',
    meaning: 'A ClientHello came to a listener without TLS: the bytes 22, 3 begin a TLS record.',
  },
  illegalServerName: {
    of: 'Java',
    meaning:
      'The client asked for a server name (SNI) that is not a DNS host name: with an underscore, a port, or an address.',
  },
  certificateChangedInRenegotiation: {
    of: 'Java 8',
    meaning:
      'A handshake that resumes a session, or renegotiates, brought another certificate than the first one. Several servers with different certificates share an address, or the certificate was replaced while the connection was open.',
  },
  preLoginHandshake: {
    of: 'SQL Server clients (.NET, ODBC)',
    meaning:
      'TCP worked, and TLS within TDS did not. The rest of the message says why: a certificate that is not trusted, no TLS version in common, or a server that closed the connection.',
  },
  plaintextBrokerListener: {
    of: 'librdkafka; the other way round: connecting to a SSL listener?',
    meaning:
      'Client and broker do not agree on whether that listener speaks TLS: compare security.protocol with the listener of that port.',
  },
  clientRejectedIseCertificate: {
    of: 'Cisco ISE (12520 EAP-TLS, 12321 PEAP, 12511 a TLS alert)',
    meaning:
      'The client does not trust the authority of the RADIUS server, or expects another server name. Its network profile says which authorities and names it accepts.',
  },
  selfSignedCertificateInCertificateChain: {
    of: OPENSSL,
    meaning:
      'The chain ends in a root certificate that the client does not trust: a private authority, or a device that inspects TLS.',
  },
  selfSignedCertificate: {
    of: `${OPENSSL}; Firefox (MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT)`,
    meaning: "The server's certificate is signed with its own key, and the client does not trust it.",
  },
  unableToVerifyTheFirstCertificate: {
    of: `${OPENSSL}; .NET (PartialChain)`,
    meaning: 'The client got the certificate, but not the intermediate certificate that issued it.',
  },
  unableToGetLocalIssuerCertificate: {
    of: OPENSSL,
    meaning:
      'Whoever says this does not find who issued a certificate of the other side: the other side does not send an intermediate, or this side does not trust the root.',
  },
  pkixPathBuildingFailed: {
    of: 'Java',
    meaning:
      'Java found no path from the certificate to a root in its trust store (cacerts): the authority is not in it, or the server does not send an intermediate.',
  },
  certificateExpiredExceptionNotAfter: {
    of: 'Java',
    meaning: 'A certificate of the chain has expired, or the clock of the client is wrong.',
  },
  mozillaPkixErrorMitmDetected: {
    of: 'Firefox',
    meaning: 'A device or program between client and server opens the connections and makes certificates of its own.',
  },
  noTrustAnchors: {
    of: 'Java',
    meaning:
      'The trust store that Java was told to use is empty, missing, or opened with a wrong password: the client trusts nobody, and the server is not at fault.',
  },
  rootCertificateFileDoesNotExist: {
    of: 'PostgreSQL (libpq), Python (Could not find a suitable TLS CA certificate bundle)',
    meaning:
      'The client is told to verify the server (PostgreSQL: sslmode=verify-ca or verify-full) and has no file of authorities to verify it with.',
  },
  certificateSignedByUnknownAuthority: {
    of: 'Go; rustls (UnknownIssuer); Firefox (SEC_ERROR_UNKNOWN_ISSUER); Chrome (ERR_CERT_AUTHORITY_INVALID); GnuTLS; Windows (SEC_E_UNTRUSTED_ROOT); SQL Server; .NET; Apple; Android; SAP; WebSphere; Elasticsearch',
    meaning:
      'The client does not trust the authority that issued the certificate, or the server does not send an intermediate.',
  },
  certificateIsNotYetValid: {
    of: `${OPENSSL}; Java, Go, Firefox, rustls`,
    meaning: 'The certificate begins later than the time on the clock of the client. Often that clock is wrong.',
  },
  certificateHasExpired: {
    of: `${OPENSSL}; Go, Java, rustls; Firefox (SEC_ERROR_EXPIRED_CERTIFICATE); Chrome (ERR_CERT_DATE_INVALID); Windows (SEC_E_CERT_EXPIRED)`,
    meaning: 'A certificate of the chain has expired. If it has not, the clock of the client is wrong.',
  },
  legacyCommonName: {
    of: 'Go; Java (No subject alternative names present)',
    meaning:
      'The certificate has no subject alternative name for what was asked for; its common name does not count (RFC 9525).',
  },
  hostnameMismatch: {
    of: `${OPENSSL}; Go (certificate is valid for …, not …); Java (No name matching … found); Chrome (ERR_CERT_COMMON_NAME_INVALID); Firefox (SSL_ERROR_BAD_CERT_DOMAIN); Node.js (ERR_TLS_CERT_ALTNAME_INVALID); rustls; Windows`,
    meaning: 'The certificate is for other names than the one that the client asked for.',
  },
  plainHttpToHttpsPort: {
    of: 'nginx, Go, Apache, Spring, Elasticsearch, OpenSSL (http request); clients: Go (malformed HTTP response "\\x15\\x03\\x01…"), Node.js (Parse Error: Expected HTTP/)',
    meaning: 'The client speaks plaintext HTTP to a port where the server expects TLS: http:// in place of https://.',
  },
  wrongVersionNumber: {
    of: `${OPENSSL}; Go (first record does not look like a TLS handshake); Firefox (SSL_ERROR_RX_RECORD_TOO_LONG); Java (Unsupported or unrecognized SSL message); rustls (InvalidContentType); GnuTLS; .NET`,
    meaning:
      'The answer to the ClientHello is nearly always something other than TLS: from a plaintext service, a proxy, or a protocol that begins with STARTTLS. The message is not about the TLS version.',
  },
  noPgHbaEntry: {
    of: 'PostgreSQL; MySQL (Connections using insecure transport are prohibited); SMTP servers (530 Must issue a STARTTLS command first)',
    meaning:
      'The server demands TLS, and the client connected without it: switch TLS on in the client (PostgreSQL: sslmode=require; MySQL: --ssl-mode=REQUIRED; mail: STARTTLS).',
  },
  serverDoesNotSupportSsl: {
    of: 'PostgreSQL, MySQL and their drivers; OpenLDAP (unsupported extended operation); mail servers (454 TLS not available)',
    meaning:
      'The client demands TLS, and the server answered that it has none: TLS is switched off there, or a proxy between them does not pass it on.',
  },
  tlsIsRequiredButWasNotOffered: {
    of: 'Postfix, mail clients',
    meaning: 'The server does not offer STARTTLS, or a device on the path removes the offer.',
  },
  errTunnelConnectionFailed: {
    of: 'Chrome, curl (56: CONNECT tunnel failed; 97: a SOCKS proxy)',
    meaning: 'The proxy did not open the connection: TLS never began.',
  },
  noProxyProtocolHeader: {
    of: 'HAProxy; nginx (broken header while reading PROXY protocol)',
    meaning: 'One side sends, or expects, the header of the PROXY protocol before TLS, and the other does not.',
  },
  bootstrapBrokerDisconnected: {
    of: 'Kafka (also: terminated during authentication; OutOfMemoryError in NetworkReceive)',
    meaning:
      'Most often the client speaks plaintext to a listener with TLS: set security.protocol=SSL or SASL_SSL. It may read the alert that answers as a length, and run out of memory. Otherwise the broker rejected the credentials, or a firewall closed the connection.',
  },
  notAnSslRecord: {
    of: 'Netty; Kafka',
    meaning:
      'The bytes that arrived are of another protocol. Kafka reads the first four as a length: 369,29x,xxx is a ClientHello at a port without TLS, 1195725856 is "GET ", an HTTP request.',
  },
  misdirectedRequest: {
    of: 'Apache httpd (421 Misdirected Request)',
    meaning:
      'The handshake worked. But the request names another host than the ClientHello did (server_name), and the two have other TLS settings: a proxy sends its own name, or a client uses one connection for several hosts.',
  },
  errSslVersionOrCipherMismatch: {
    of: 'Chrome',
    meaning:
      'Browser and server have no TLS version, cipher suite or group in common; the server answered with alert 40 or 70.',
  },
  noCertificatesConfigured: {
    of: "Go (tls: no certificates configured); Java (No available authentication scheme), in the server's log",
    meaning:
      'The server has no certificate to present: none is configured, none could be loaded, or none has a key whose signatures the client accepts.',
  },
  noSharedCipher: {
    of: `${OPENSSL} (the server's log); Firefox (SSL_ERROR_NO_CYPHER_OVERLAP); Java (no cipher suites in common); Go; GnuTLS; rustls; Windows (SEC_E_ALGORITHM_MISMATCH)`,
    meaning:
      'The server accepts none of the cipher suites that the client offers, or none that fits its certificate; it may have no certificate at all. Some programs say the same of the versions.',
  },
  errHttp2InadequateTransportSecurity: {
    of: 'Chrome, Firefox (NS_ERROR_NET_INADEQUATE_SECURITY)',
    meaning:
      'The handshake worked, but agreed on a cipher suite or version that HTTP/2 forbids (RFC 9113, section 9.2 and appendix A): put suites of ECDHE with AES-GCM or ChaCha20 first.',
  },
  unsupportedProtocol: {
    of: `${OPENSSL}; Firefox (SSL_ERROR_UNSUPPORTED_VERSION); Java (No appropriate protocol); Go; GnuTLS; rustls; Chrome (ERR_SSL_OBSOLETE_VERSION)`,
    meaning:
      'Client and server have no TLS version in common: one of them is too old, or is told to allow less than it can.',
  },
  dhKeyTooSmall: {
    of: `${OPENSSL}; Firefox, GnuTLS, Java`,
    meaning: 'The server exchanges keys by Diffie-Hellman with a prime that the client considers too short.',
  },
  noSharedGroup: {
    of: `${OPENSSL} (no suitable key share); Go, rustls`,
    meaning: 'Client and server have no key exchange group in common.',
  },
  noSharedSignatureAlgorithms: {
    of: `${OPENSSL}; Go, rustls`,
    meaning: 'The key of the certificate can make no signature that the other side accepts.',
  },
  serverSelectedUnadvertisedAlpnProtocol: {
    of: 'all libraries',
    meaning: 'Client and server have no application protocol (ALPN) in common.',
  },
  unsafeLegacyRenegotiationDisabled: {
    of: OPENSSL,
    meaning:
      'The server does not know secure renegotiation (RFC 5746), which OpenSSL 3 refuses; or it refuses a renegotiation that the client began (Apache).',
  },
  extendedMasterSecretIsRequired: {
    of: 'Java, OpenSSL and Go in FIPS mode',
    meaning: 'The server does not know the extended master secret (RFC 7627), and the client insists on it.',
  },
  eeKeyTooSmall: {
    of: `${OPENSSL}; Java (Algorithm constraints check failed); Chrome (ERR_CERT_WEAK_SIGNATURE_ALGORITHM); GnuTLS`,
    meaning: 'A certificate of the chain has a key that is too short, or is signed with SHA-1 or MD5.',
  },
  unsuitableCertificatePurpose: {
    of: `${OPENSSL}; Go, Java, Firefox, Chrome, rustls, OpenVPN (VERIFY EKU ERROR)`,
    meaning: 'A certificate is used for what it does not allow: as a server, as a client, or as an authority.',
  },
  unableToGetCertificateCrl: {
    of: `${OPENSSL}; Windows (CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE)`,
    meaning:
      'The program checks whether the certificate is revoked, and the revocation list or OCSP responder does not answer or is out of date.',
  },
  invalidOcspResponse: {
    of: 'all libraries; Firefox (MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING)',
    meaning: 'The OCSP response that the server staples is missing, out of date, or about another certificate.',
  },
  theCertificateHasBeenRevoked: { of: 'all libraries', meaning: 'The authority has revoked the certificate.' },
  certificateSignatureFailure: {
    of: `${OPENSSL}; Firefox (SEC_ERROR_BAD_SIGNATURE); GnuTLS, rustls`,
    meaning:
      'A signature does not verify: the issuer has another key than the one that signed, or a message was altered.',
  },
  x509NegativeSerialNumber: {
    of: 'Go (negative serial number, unhandled critical extension, on macOS: not standards compliant), Python (VERIFY_X509_STRICT), rustls',
    meaning: 'The certificate breaks a rule that this client enforces and others do not.',
  },
  peerDidNotReturnACertificate: {
    of: `${OPENSSL} (the server's log); nginx (No required SSL certificate was sent); Go; Chrome (ERR_SSL_CLIENT_AUTH_CERT_NEEDED); Java; rustls; Windows`,
    meaning: 'The server demands a client certificate, and the client sent none.',
  },
  errBadSslClientAuthCert: {
    of: "Chrome; nginx (client SSL certificate verify error) and HAProxy (SSL client CA chain cannot be verified), in the server's log",
    meaning: 'The server rejected the client certificate.',
  },
  keyValuesMismatch: {
    of: OPENSSL,
    meaning:
      'A certificate and a private key do not belong together. The service does not start with them, or its handshakes fail with internal_error or a wrong signature.',
  },
  decryptionFailedOrBadRecordMac: {
    of: 'all libraries',
    meaning: 'The two sides have different keys, or something on the path altered what was sent.',
  },
  excessiveMessageSize: {
    of: `${OPENSSL}; Java (The size of the handshake message exceeds the maximum allowed size)`,
    meaning: 'The peer sends a message, or more certificates, than this side accepts.',
  },
  sslConnectionFailedSessionReuseRequired: {
    of: 'vsftpd, ProFTPD, FileZilla Server',
    meaning: 'The FTP server wants the data connection to resume the TLS session of the control connection.',
  },
  socketDisconnectedBeforeTls: {
    of: 'Node.js (it says ECONNRESET beside it, also where the connection was closed)',
    meaning:
      'The connection ended before the handshake was complete, by a close or a reset: a proxy in between, a server without TLS on that port, or a policy. The capture shows which.',
  },
  connectionResetByPeer: {
    of: 'every operating system; Chrome (ERR_CONNECTION_RESET), Firefox (PR_CONNECT_RESET_ERROR), Node.js (ECONNRESET)',
    meaning: 'A TCP reset ended the handshake: from the peer, or from a firewall that speaks in its name.',
  },
  unexpectedEofWhileReading: {
    of: `${OPENSSL} (SSL_ERROR_SYSCALL; error:00000000, which is no error of OpenSSL's own); Java (Remote host terminated the handshake); Go (EOF); Firefox (PR_END_OF_FILE_ERROR); Chrome (ERR_CONNECTION_CLOSED); GnuTLS; .NET; Node.js`,
    meaning:
      'The peer closed the connection in the middle of the handshake and did not say why: no TLS on that port, a proxy without a back end, a policy, or a client certificate that it rejected.',
  },
  connectionRefused: {
    of: 'every operating system',
    meaning: 'Nothing listens on that port, or a firewall rejects the connection: TLS never began.',
  },
  tlsHandshakeTimeout: {
    of: 'Go, Java, curl, browsers',
    meaning: 'The answer did not come in time: the server hangs, or packets get lost on the path (mostly large ones).',
  },
  httpdBackendConnection: {
    of: 'Apache httpd as a proxy (AH00957, AH01114)',
    meaning: 'The proxy could not open a TCP connection to its back end: it was refused, or nothing answered.',
  },
  noRouteToHost: {
    of: 'every operating system; Node.js (EHOSTUNREACH, ENETUNREACH), Chrome (ERR_ADDRESS_UNREACHABLE)',
    meaning: 'A router, a firewall or this host itself reports that packets cannot reach the server: TLS never began.',
  },
  invalidLengthOfStartupPacket: {
    of: "PostgreSQL, in the server's log",
    meaning:
      'The first bytes of a client were not those of PostgreSQL: TLS without the request that comes before it, an HTTP request, or a scan.',
  },
  errSslClientAuthSignatureFailed: {
    of: 'Chrome',
    meaning:
      'The browser could not sign with the key of the client certificate: a token that is locked, a key that may not be used, or no scheme that both know.',
  },
  errQuicProtocolError: {
    of: 'Chrome; curl (95, 96)',
    meaning: 'A connection over QUIC (HTTP/3) failed; the browser mostly tries again over TCP.',
  },
  couldNotResolveHost: {
    of: 'curl (6), and every program; Chrome (ERR_NAME_NOT_RESOLVED), Node.js (ENOTFOUND)',
    meaning:
      'The lookup of the name gave no address: nothing was sent to the server. A report lists such names as looked up in vain.',
  },
  tlsCryptUnwrappingFailed: {
    of: 'OpenVPN',
    meaning:
      'The two sides have different keys for --tls-crypt or --tls-auth, or only one of them has such a key. The packet is dropped without an answer, before TLS begins.',
  },
  invalidMessageAuthenticator: {
    of: 'FreeRADIUS, Windows NPS (reason code 262), Cisco ISE',
    meaning: 'Authenticator and RADIUS server have different secrets: the server drops the request without an answer.',
  },
  noEapSessionMatchingState: {
    of: 'FreeRADIUS',
    meaning:
      'The answer belongs to no conversation that this server remembers: it came too late, after a restart, or to another server than the one that began (a load balancer without stickiness).',
  },
  ignoringRequestFromUnknownClient: {
    of: 'FreeRADIUS',
    meaning: 'The RADIUS server does not know this access point or switch, and drops its requests without an answer.',
  },
  eapAuthenticationFailed: {
    of: 'wpa_supplicant',
    meaning:
      'The server ended the conversation. Whether its TLS failed, or what was said inside it, the lines before and the log of the RADIUS server say.',
  },
  npsReason16: {
    of: 'Windows NPS (reason code 16)',
    meaning:
      'The TLS of EAP is complete. The server then rejected user name, password or account; with EAP-TLS, it found no account for the certificate.',
  },
  npsReason22: {
    of: 'Windows NPS (reason code 22)',
    meaning:
      'Client and policy have no EAP method in common; or the method begins, and NPS has no certificate for it, or none that the client accepts.',
  },
  npsReason23: {
    of: 'Windows NPS (reason code 23)',
    meaning:
      'The TLS of EAP failed at the server, and NPS does not say how: its certificate or key, a version or cipher suite, or a message that could not be read. The capture, or the EAP trace log, says more.',
  },
  supplicantStoppedRespondingToIse: {
    of: 'Cisco ISE (5411, 5440)',
    meaning:
      'The client left the conversation: it rejects the certificate of the RADIUS server, or a large fragment of EAP-TLS gets lost on the way.',
  },
  cannotContactLdapServer: {
    of: 'OpenLDAP',
    meaning:
      'OpenLDAP says this whenever it gets no connection: refused, unanswered, or over ldaps:// with a certificate that it rejects. The same command with -d 1 says which.',
  },
  receivedInvalidResponseToSslNegotiation: {
    of: 'PostgreSQL (libpq and other drivers)',
    meaning: 'What answered the request for TLS is no PostgreSQL server, or a proxy in front of it.',
  },
  invalidKeystoreFormat: {
    of: 'Java',
    meaning:
      'Java could not open a key store or trust store: it is of another type than it was told (JKS, PKCS12), is damaged, or the password is wrong. Nothing was sent; "keytool -list -keystore FILE" shows the same.',
  },
  digitalEnvelopeRoutinesUnsupported: {
    of: 'OpenSSL 3, and with it Node.js 17 and later, Python',
    meaning:
      'No handshake failed: the program asks for an algorithm that OpenSSL 3 has only in its legacy provider, such as MD4 (webpack 4), RC4, or the RC2 of an old PKCS#12 file.',
  },
  pythonWithoutSslModule: {
    of: 'Python, conda, libpq, Node.js (ERR_TLS_PROTOCOL_VERSION_CONFLICT), Go (either ServerName or InsecureSkipVerify must be specified), Apache (AH00961, AH01961)',
    meaning: 'This program cannot speak TLS as it is built or configured. Nothing was sent.',
  },
  cleartextNotPermitted: {
    of: 'Android; Apple (App Transport Security, NSURLError -1022)',
    meaning: 'The app asks for http://, which the system forbids without an exception. Nothing was sent.',
  },
  unableToLoadCertificate: {
    of: 'OpenSSL, curl (58, 77), Python (PEM lib), Go, OpenLDAP; Oracle (ORA-28759: failure to open file)',
    meaning:
      'The program could not read its own certificate, key, wallet or file of authorities: no such file, not PEM, no permission, or a wrong pass phrase. Nothing was sent.',
  },
  receivedUnexpectedHandshakeMessage: {
    of: `Go; ${OPENSSL}; Java (Handshake message sequence violation); rustls (InappropriateHandshakeMessage)`,
    meaning: 'The peer sent a message that is not allowed at this point of the handshake, or that breaks its form.',
  },
  badCertificateForChannel: {
    of: 'IBM MQ; GSKit (414)',
    meaning: 'This side could not verify the certificate of its peer, or the peer rejected the one that it sent.',
  },
  noPeerCertificateAvailable: {
    of: 'openssl s_client',
    meaning:
      'The handshake ended before the server sent its certificate. The lines above say how: an alert, "wrong version number", write:errno=104 (a reset), or an end without a word.',
  },
  secEIllegalMessage: {
    of: 'Windows (Schannel, .NET), Chrome, Apple',
    meaning:
      'The handshake failed in a way for which this program has no name of its own: look at the alert in the capture.',
  },
  fatalAlertReceived: {
    of: 'GnuTLS; Mbed TLS (-0x7780); Windows (Schannel event 36888: this side sent it)',
    meaning:
      'An alert ended the handshake. Its name or number, which stands beside this message or in the capture, says why; explain that.',
  },
  errorWinhttpSecureFailure: {
    of: 'Windows (WinHTTP 12175, 0x80072F8F, 0x80072F7D), Windows Update, PowerShell',
    meaning:
      'Windows could not agree on a version, or rejected the certificate: often its clock is wrong, the authority is not trusted, or the revocation list cannot be fetched.',
  },
  invalidToken: {
    of: 'Windows (SEC_E_INVALID_TOKEN), .NET',
    meaning:
      'What the peer sent is no TLS, or a version or message that Windows does not accept: a plaintext service or STARTTLS on that port, or an old TLS version that is switched off.',
  },
  credentialWithoutPrivateKey: {
    of: 'Windows (Schannel event 36869, IIS)',
    meaning:
      'The server is bound to a certificate without its private key, and closes every connection: import it again with the key (PFX), and bind it anew.',
  },
  tlsClientCredential: {
    of: 'Windows (Schannel event 36871)',
    meaning:
      'Windows could not begin: every TLS version that the program asks for is switched off (internal error state 10013), or the private key cannot be read.',
  },
  secEUnknownCredentials: {
    of: 'Windows (0x8009030D), .NET, IIS',
    meaning:
      'The process may not use the private key of its certificate, or it has none: give the account of the service access to the key, or import the certificate with its key. Nothing was sent with it.',
  },
  errEchNotNegotiated: {
    of: 'Chrome; Firefox (SSL_ERROR_MISSING_ESNI_EXTENSION)',
    meaning:
      'The server does not know the key for Encrypted Client Hello that DNS publishes for it, and could not agree on another: the record of type HTTPS is out of date, or a device on the path answers in its place.',
  },
  certificateFingerprintMismatch: {
    of: 'WebRTC',
    meaning: 'The certificate of the peer is not the one whose fingerprint the session description (SDP) announces.',
  },
  secretIsNotSuppliedBySds: {
    of: 'Envoy, Istio',
    meaning:
      'Envoy has not received its certificate or its authorities from the control plane, and closes connections until it has: look at the control plane, not at the peer.',
  },
  certCbError: {
    of: OPENSSL,
    meaning:
      'The program that says this failed by itself, not because of its peer: a function of its own that chooses the certificate, or its key, gave up.',
  },
  secEInternalError: {
    of: 'Windows (Schannel)',
    meaning: 'Windows could not use a key or a certificate, or failed for another reason of its own.',
  },
  certificateVerifyFailed: {
    of: `${OPENSSL}; curl (60); GnuTLS, Go, rustls, .NET`,
    meaning:
      'The client rejected the certificate. What follows the message says why: the issuer, the dates or the name.',
  },
  curl35SslConnectError: {
    of: 'curl',
    meaning: 'The handshake failed. What follows the number says why; explain that.',
  },
  curl56FailureWithReceivingNetworkData: {
    of: 'curl',
    meaning:
      'The connection ended where an answer was due (52: an empty reply; 55, 56: sending or receiving failed). In TLS 1.3 a client certificate that is rejected looks like this.',
  },
  curl58ProblemWithTheLocalCertificate: {
    of: 'curl',
    meaning:
      'Something that curl was given or told to check is at fault: 58 the client certificate, 59 the cipher list, 77 the CA file, 82 the CRL file, 83 the issuer, 90 the pinned key, 91 the stapled OCSP response, 98 a client certificate that is demanded.',
  },
  curl7FailedToConnect: { of: 'curl', meaning: 'The TCP connection was refused or not answered: TLS never began.' },
  curl28: { of: 'curl', meaning: 'Connection or handshake took longer than the time limit.' },
  sslHandshakeFailed: {
    of: 'HAProxy (a health check: Layer6 invalid response), Apache (AH02008), Kafka, Postfix, GnuTLS, mosquitto, Node.js (EPROTO), .NET (see inner exception), MySQL Connector/J (Communications link failure), Oracle (ORA-28860), OpenVPN (BIO read tls_read_plaintext error), FreeRADIUS (Failed in error), Envoy (reset before headers), Java (General SSLEngine problem)',
    meaning: 'The handshake failed. What stands behind it, or in the lines around it, says why: explain that.',
  },
} as const satisfies Readonly<Record<ErrorMessageId, { readonly of: string; readonly meaning: string }>>;
