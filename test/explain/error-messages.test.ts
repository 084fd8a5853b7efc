/** What people paste: lines as the programs write them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RULES } from '../../src/diagnose/rules/index.js';
import { explain } from '../../src/explain/explain.js';
import { ERROR_MESSAGES } from '../../src/knowledge/error-messages.js';
import { ALERTS } from '../../src/tls/wire/registry/tables.js';

const ALERT_MESSAGES: readonly (readonly [pasted: string, code: number])[] = [
  ['tlsv1 alert unknown ca', 48],
  ['error:0A000418:SSL routines::tlsv1 alert unknown ca:../ssl/record/rec_layer_s3.c:1605:SSL alert number 48', 48],
  ['SSL alert number 80', 80],
  ['SSL routines::tlsv1 alert user cancelled', 90],
  ['SSL_R_INAPPROPRIATE_FALLBACK', 86],
  ['errSSLPeerHandshakeFail', 40],
  ['CFNetwork SSLHandshake failed (-9824)', 40],
  ['NSURLConnection HTTP load failed (kCFStreamErrorDomainSSL, -9831)', 48],
  ['A fatal alert was generated and sent to the remote endpoint. The TLS protocol defined fatal error code is 40.', 40],
  ['ssl.SSLError: [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1129)', 40],
  ['ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1007)', 70],
  ['javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure', 40],
  ['javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate', 42],
  ['remote error: tls: unknown certificate authority', 48],
  ['remote error: tls: bad certificate', 42],
  ['remote error: tls: protocol version not supported', 70],
  ['remote error: tls: unknown certificate', 46],
  ['*** Received alert [40]: Handshake failed', 40],
  ['received fatal alert: UnrecognisedName', 112],
  ['received fatal alert: CertificateRequired', 116],
  ['error:0A00045C:SSL routines::tlsv13 alert certificate required:SSL alert number 116', 116],
  ['SSL_ERROR_UNKNOWN_CA_ALERT', 48],
  ['SSL_ERROR_INTERNAL_ERROR_ALERT', 80],
  ['ERR_SSL_UNRECOGNIZED_NAME_ALERT', 112],
  ['A fatal alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 46.', 46],
  ['(1) eap_peap: ERROR: TLS Alert read:fatal:unknown CA', 48],
  ['curl: (35) OpenSSL/3.0.13: error:0A000410:SSL routines::sslv3 alert handshake failure', 40],
  ['error:0A000458:SSL routines::tlsv1 unrecognized name', 112],
  ['ERROR: (TLS) Failed reading from OpenSSL: error:14094418', 48],
  ['CRYPTO_ERROR 0x12a (remote): tls: bad certificate', 42],
  ['CRYPTO_ERROR(0x178)', 120],
  ['tlsv1 unrecognized name', 112],
  ['(5) eap_tls: ERROR: (TLS) Alert read:fatal:unknown CA', 48],
  ['error:100003f2:SSL routines:OPENSSL_internal:SSLV3_ALERT_UNEXPECTED_MESSAGE', 10],
  ['SSL_ERROR_BAD_MAC_ALERT', 20],
  ['kCFStreamErrorCodeKey=-9838', 80],
  ['NSURLConnection HTTP load failed (kCFStreamErrorDomainSSL, -9820)', 20],
  ['aborted by peer: the cryptographic handshake failed: error 120', 120],
  ['CONNECTION_CLOSE (Transport) Error code: CRYPTO_ERROR (Internal Error)', 80],
  ['local error: tls: no renegotiation', 100],
  ['gnutls_handshake: A TLS fatal alert has been received.: Certificate is bad', 42],
  ['*** Fatal error: Insufficient security', 71],
  ['Connection error: ssl_passthru:5936: alert(40) not SSL', 40],
  ['TLSv1.2 Record Layer: Alert (Level: Fatal, Description: Handshake Failure)', 40],
  ['[notice] TLS :client: In state :certify at ssl_handshake.erl:1990 generated CLIENT ALERT: Fatal - Unknown CA', 48],
];

const MESSAGES: readonly (readonly [pasted: string, rule: string])[] = [
  [
    "javax.net.ssl.SSLPeerUnverifiedException: Certificate for <api.example.com> doesn't match any of the subject alternative names: [www.example.com]",
    'hostname-mismatch',
  ],
  [
    'java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors',
    'certificate-authority-unknown',
  ],
  ['java.security.cert.CertificateException: Certificates do not conform to algorithm constraints', 'certificate-weak'],
  ['FATAL: connection requires a valid client certificate', 'client-certificate-missing'],
  ['Peer certificate cannot be authenticated with given CA certificates', 'certificate-authority-unknown'],
  ['ERROR: The certificate of ‘example.com’ is not trusted.', 'certificate-authority-unknown'],
  [
    "ERROR: cannot verify example.com's certificate, issued by ‘CN=R3,O=Let's Encrypt,C=US’:",
    'certificate-authority-unknown',
  ],
  ['postfix/smtp[9]: mail.example.com[192.0.2.1]:25: Server certificate not trusted', 'certificate-authority-unknown'],
  [
    'Event ID 36884: The certificate received from the remote server does not contain the expected name.',
    'hostname-mismatch',
  ],
  ['server certificate for "db.internal" does not match host name "192.0.2.1"', 'hostname-mismatch'],
  [
    'AH01909: www.example.com:443:0 server certificate does NOT include an ID which matches the server name',
    'hostname-mismatch',
  ],
  ['javax.net.ssl.SSLPeerUnverifiedException: Hostname example.com not verified', 'hostname-mismatch'],
  ['EAP: Status notification: remote certificate verification (param=Server name mismatch)', 'hostname-mismatch'],
  ['The certificate for this server is invalid.', 'certificate-authority-unknown'],
  ['*** PKI verification of server certificate failed...', 'certificate-authority-unknown'],
  ['mbedtls_ssl_handshake returned -0x2700', 'certificate-authority-unknown'],
  ['wolfSSL_connect error -188', 'certificate-authority-unknown'],
  ['wolfSSL error: -151', 'certificate-expired'],
  ['wolfSSL_connect failed with error -322', 'hostname-mismatch'],
  ['errSSLXCertChainInvalid', 'certificate-authority-unknown'],
  ['errSSLUnknownRootCert (-9812)', 'certificate-authority-unknown'],
  ['errSSLHostNameMismatch', 'hostname-mismatch'],
  ['errSSLCertExpired', 'certificate-expired'],
  ['errSSLClosedAbort', 'closed-without-alert'],
  ['client sent no required SSL certificate while reading client request headers', 'client-certificate-missing'],
  ['An SSL error has occurred and a secure connection to the server cannot be made.', 'handshake-rejected'],
  ['SSL client CA chain cannot be verified', 'client-certificate-untrusted'],
  ['Received something which does not look like a PROXY protocol header', 'proxy-protocol-mismatch'],
  ['broken header: "GET / HTTP/1.1" while reading PROXY protocol, client: 192.0.2.1', 'proxy-protocol-mismatch'],
  [
    'AH01996: SSL handshake failed: HTTP spoken on HTTPS port; trying to send HTML error page',
    'client-speaks-plaintext',
  ],
  [
    'java.lang.IllegalArgumentException: Invalid receive (size = 1195725856 larger than 104857600)',
    'client-speaks-plaintext',
  ],
  ['io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: 474554202f', 'client-speaks-plaintext'],
  ['AH02042: rejecting client initiated renegotiation', 'renegotiation-refused'],
  ['peer closed connection in SSL handshake (104: Connection reset by peer) while SSL handshaking', 'connection-reset'],
  ['gnutls_handshake() failed: Handshake failed', 'handshake-rejected'],
  ['AH02008: SSL library error 1 in handshake (server www.example.com:443)', 'handshake-rejected'],
  ['org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed', 'handshake-rejected'],
  ['Error: A TLS error occurred.', 'handshake-rejected'],
  ['TLS Error: tls-crypt unwrapping failed from [AF_INET]192.0.2.1:1194', 'server-silent'],
  ['Authenticate/Decrypt packet error: packet HMAC authentication failed', 'server-silent'],
  [
    'Received packet from 192.0.2.1 with invalid Message-Authenticator! (Shared secret is incorrect.)',
    'radius-secret-mismatch',
  ],
  ['Ignoring request to auth address * port 1812 from unknown client 192.0.2.9 port 40000', 'radius-silent'],
  ['wlan0: CTRL-EVENT-EAP-FAILURE EAP authentication failed', 'inner-authentication-failed'],
  ['no compatible QUIC version found', 'protocol-version-mismatch'],
  ['credentials: cannot check peer: missing selected ALPN property', 'alpn-mismatch'],
  [
    'fe_https/1: SSL handshake failure (error:0A000086:SSL routines::certificate verify failed)',
    'certificate-authority-unknown',
  ],
  [
    'FATAL: no pg_hba.conf entry for host "192.0.2.9", user "app", database "app", no encryption',
    'client-speaks-plaintext',
  ],
  ['psycopg2.OperationalError: server does not support SSL, but SSL was required', 'starttls-refused'],
  ["SSL connection error: SSL is required but the server doesn't support it", 'starttls-refused'],
  ['root certificate file "/root/.postgresql/root.crt" does not exist', 'certificate-authority-unknown'],
  [
    'ERROR 3159 (HY000): Connections using insecure transport are prohibited while --require_secure_transport=ON.',
    'client-speaks-plaintext',
  ],
  [
    "fatal: unable to access 'https://git.example.com/x.git/': server certificate verification failed. CAfile: none CRLfile: none",
    'certificate-authority-unknown',
  ],
  [
    'An TLS 1.2 connection request was received from a remote client application, but none of the cipher suites supported by the client application are supported by the server.',
    'cipher-suite-mismatch',
  ],
  [
    'Event ID 36882: The certificate received from the remote server was issued by an untrusted certificate authority.',
    'certificate-authority-unknown',
  ],
  [
    'A fatal error occurred while creating a TLS client credential. The internal error state is 10013.',
    'protocol-version-mismatch',
  ],
  ['Server be/a is DOWN, reason: Layer6 invalid response, info: "SSL handshake failure"', 'handshake-rejected'],
  ['Secret is not supplied by SDS', 'closed-without-alert'],
  ['java.io.EOFException: SSL peer shut down incorrectly', 'closed-without-alert'],
  ['ValidatorException: No trusted certificate found', 'certificate-authority-unknown'],
  [
    'java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty',
    'certificate-authority-unknown',
  ],
  ['gnutls_handshake() failed: A TLS fatal alert has been received.', 'handshake-rejected'],
  ['mbedtls_ssl_handshake returned -0x7780', 'handshake-rejected'],
  ['wolfSSL_connect err = -188, ASN no signer error to confirm failure', 'certificate-authority-unknown'],
  ["Peer's Certificate issuer is not recognized.", 'certificate-authority-unknown'],
  ['tls: unsupported SSLv2 handshake received', 'protocol-version-mismatch'],
  ['rpc error: code = Unavailable desc = "transport: authentication handshake failed: EOF"', 'closed-without-alert'],
  ['stunnel: SSL_accept: Peer suddenly disconnected', 'closed-without-alert'],
  ['postfix/smtpd: SSL_accept error from unknown[192.0.2.1]: lost connection', 'closed-without-alert'],
  ['TLS Error: TLS key negotiation failed to occur within 60 seconds', 'server-silent'],
  ['curl: (60) SSL certificate problem: unable to get local issuer certificate', 'chain-incomplete'],
  ['SSL certificate problem: self-signed certificate in certificate chain', 'certificate-authority-unknown'],
  ['verify error:num=18:self-signed certificate', 'certificate-self-signed'],
  ['Error: DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-self-signed'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'chain-incomplete'],
  [
    'sun.security.validator.ValidatorException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target',
    'certificate-authority-unknown',
  ],
  ['PKIX path building failed', 'certificate-authority-unknown'],
  [
    'PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed',
    'certificate-expired',
  ],
  ['java.security.cert.CertificateExpiredException: NotAfter: Sat Feb 28 10:00:00 UTC 2026', 'certificate-expired'],
  ['x509: certificate signed by unknown authority', 'certificate-authority-unknown'],
  [
    'x509: certificate has expired or is not yet valid: current time 2026-03-02 is after 2026-02-27',
    'certificate-expired',
  ],
  ['x509: certificate is valid for shop.example, not gateway.example', 'hostname-mismatch'],
  ['x509: certificate relies on legacy Common Name field, use SANs instead', 'hostname-mismatch'],
  ["x509: cannot validate certificate for 192.0.2.1 because it doesn't contain any IP SANs", 'hostname-mismatch'],
  ['tls: first record does not look like a TLS handshake', 'server-speaks-plaintext'],
  ['http: server gave HTTP response to HTTPS client', 'server-speaks-plaintext'],
  ['http: TLS handshake error from 192.0.2.10:51790: EOF', 'closed-without-alert'],
  ['net/http: TLS handshake timeout', 'server-silent'],
  ['wrong version number', 'server-speaks-plaintext'],
  ['[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1129)', 'server-speaks-plaintext'],
  [
    '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1007)',
    'certificate-expired',
  ],
  [
    "certificate verify failed: Hostname mismatch, certificate is not valid for 'gateway.example'.",
    'hostname-mismatch',
  ],
  ['[SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED] unsafe legacy renegotiation disabled', 'renegotiation-refused'],
  ['[SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1129)', 'group-mismatch'],
  ['EOF occurred in violation of protocol (_ssl.c:1007)', 'closed-without-alert'],
  ['SSL_ERROR_SYSCALL', 'closed-without-alert'],
  ['SSL_ERROR_NO_CYPHER_OVERLAP', 'cipher-suite-mismatch'],
  ['SSL_ERROR_RX_RECORD_TOO_LONG', 'server-speaks-plaintext'],
  ['SSL_ERROR_UNSUPPORTED_VERSION', 'protocol-version-mismatch'],
  ['SEC_ERROR_UNKNOWN_ISSUER', 'certificate-authority-unknown'],
  ['SEC_ERROR_EXPIRED_CERTIFICATE', 'certificate-expired'],
  ['SSL_ERROR_BAD_CERT_DOMAIN', 'hostname-mismatch'],
  ['MOZILLA_PKIX_ERROR_MITM_DETECTED', 'tls-intercepted'],
  ['PR_END_OF_FILE_ERROR', 'closed-without-alert'],
  ['PR_CONNECT_RESET_ERROR', 'connection-reset'],
  ['NET::ERR_CERT_AUTHORITY_INVALID', 'certificate-authority-unknown'],
  ['NET::ERR_CERT_DATE_INVALID', 'certificate-expired'],
  ['NET::ERR_CERT_COMMON_NAME_INVALID', 'hostname-mismatch'],
  ['ERR_SSL_VERSION_OR_CIPHER_MISMATCH', 'protocol-version-mismatch'],
  ['ERR_BAD_SSL_CLIENT_AUTH_CERT', 'client-certificate-untrusted'],
  ['ERR_CERT_WEAK_SIGNATURE_ALGORITHM', 'certificate-weak'],
  ['net::ERR_CONNECTION_RESET', 'connection-reset'],
  [
    "Hostname/IP does not match certificate's altnames: Host: gateway.example. is not in the cert's altnames",
    'hostname-mismatch',
  ],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'hostname-mismatch'],
  ['javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake', 'closed-without-alert'],
  ['javax.net.ssl.SSLException: Unsupported or unrecognized SSL message', 'server-speaks-plaintext'],
  [
    'javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)',
    'protocol-version-mismatch',
  ],
  ['javax.net.ssl.SSLHandshakeException: no cipher suites in common', 'cipher-suite-mismatch'],
  [
    'java.security.cert.CertificateException: No subject alternative DNS name matching gateway.example found.',
    'hostname-mismatch',
  ],
  ['The certificate is NOT trusted. The certificate issuer is unknown.', 'certificate-authority-unknown'],
  ['*** Fatal error: The TLS connection was non-properly terminated.', 'closed-without-alert'],
  ['*** Fatal error: A packet with illegal or unsupported version was received.', 'protocol-version-mismatch'],
  ['*** Fatal error: An unexpected TLS packet was received.', 'server-speaks-plaintext'],
  ['invalid peer certificate: UnknownIssuer', 'certificate-authority-unknown'],
  ['invalid peer certificate: NotValidForName', 'hostname-mismatch'],
  ['invalid peer certificate: Expired', 'certificate-expired'],
  ['received corrupt message of type InvalidContentType', 'server-speaks-plaintext'],
  ['peer is incompatible: NoCipherSuitesInCommon', 'cipher-suite-mismatch'],
  ['SEC_E_UNTRUSTED_ROOT (0x80090325)', 'certificate-authority-unknown'],
  ['schannel: next InitializeSecurityContext failed: SEC_E_ILLEGAL_MESSAGE (0x80090326)', 'handshake-rejected'],
  ['The client and server cannot communicate, because they do not possess a common algorithm', 'cipher-suite-mismatch'],
  ['The remote certificate is invalid because of errors in the certificate chain: PartialChain', 'chain-incomplete'],
  [
    'The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch',
    'hostname-mismatch',
  ],
  ['Cannot determine the frame size or a corrupted frame was received.', 'server-speaks-plaintext'],
  ['schannel: CertGetCertificateChain trust error CRYPT_E_NO_REVOCATION_CHECK (0x80092012)', 'revocation-check-failed'],
  ['400 No required SSL certificate was sent', 'client-certificate-missing'],
  ['peer did not return a certificate', 'client-certificate-missing'],
  ["tls: client didn't provide a certificate", 'client-certificate-missing'],
  ['The plain HTTP request was sent to HTTPS port', 'client-speaks-plaintext'],
  ['Client sent an HTTP request to an HTTPS server.', 'client-speaks-plaintext'],
  ['SSL routines::no shared cipher', 'cipher-suite-mismatch'],
  ['SSL routines::unsupported protocol', 'protocol-version-mismatch'],
  ['SSL routines::ee key too small', 'certificate-weak'],
  ['SSL certificate problem: EE certificate key too weak', 'certificate-weak'],
  ['verify error:num=68:CA signature digest algorithm too weak', 'certificate-weak'],
  ['ORA-29024: Certificate validation failure', 'certificate-authority-unknown'],
  ['peer closed connection without sending TLS close_notify', 'closed-without-alert'],
  ['gnutls_handshake() failed: A TLS packet with unexpected length was received.', 'closed-without-alert'],
  ['SSL routines::unexpected eof while reading', 'closed-without-alert'],
  ['curl: (35) Recv failure: Connection reset by peer', 'connection-reset'],
  ['curl: (60)', 'certificate-authority-unknown'],
  ['curl exit code 35', 'handshake-rejected'],
  ['curl: (56)', 'client-certificate-missing'],
  ['curl 7', 'tcp-connection-refused'],
  ['connect: connection refused', 'tcp-connection-refused'],
  ['522 SSL connection failed; session reuse required: see require_ssl_reuse option', 'session-reuse-required'],
  ['Trust anchor for certification path not found.', 'certificate-authority-unknown'],
  // "Not trusted" of any fault: what stands behind it says which.
  [
    '- Status: The certificate is NOT trusted. The name in the certificate does not match the expected.',
    'hostname-mismatch',
  ],
  ['- Status: The certificate is NOT trusted. The certificate chain uses expired certificate.', 'certificate-expired'],
  [
    'failed calling webhook "x": Post "https://x.svc:443/validate?timeout=10s": x509: certificate is not valid for any names, but wanted to match x.svc',
    'hostname-mismatch',
  ],
  ['Post "https://x.svc:443/validate?timeout=10s": context deadline exceeded', 'server-silent'],
  ['curl: (90) SSL: public key does not match pinned public key', 'certificate-rejected'],
  ['x509: cannot verify signature: insecure algorithm SHA1-RSA', 'certificate-weak'],
  ['x509: unhandled critical extension', 'certificate-nonconforming'],
  ['X509 - Certificate verification failed, e.g. CRL, CA or signature check failed', 'certificate-authority-unknown'],
  ['write:errno=104', 'connection-reset'],
  ['read:errno=0', 'closed-without-alert'],
  ['write tcp 10.0.0.1:5000->10.0.0.2:443: write: broken pipe', 'closed-without-alert'],
  ['delayed connect error: 111', 'tcp-connection-refused'],
  ['dial tcp 10.0.0.1:443: connect: no route to host', 'tcp-connection-timeout'],
  ['no peer certificate available', 'handshake-rejected'],
  ['tls: received unexpected handshake message of type *tls.certificateMsg', 'protocol-violation'],
  ['LOG:  could not accept SSL connection: EOF detected', 'closed-without-alert'],
  ['received invalid response to SSL negotiation: H', 'tls-never-began'],
  ["ldap_sasl_bind(SIMPLE): Can't contact LDAP server (-1)", 'tcp-connection-refused'],
  ['0x80090367: No common application protocol exists between the client and the server.', 'alpn-mismatch'],
  ['exit code 28', 'tcp-connection-timeout'],
  ['exit status 60', 'certificate-authority-unknown'],
  // The reason stands beside the alert that this side sent, or below it.
  ['generated CLIENT ALERT: Fatal - Handshake Failure - {bad_cert,hostname_check_failed}', 'hostname-mismatch'],
  ['generated CLIENT ALERT: Fatal - Bad Certificate - {bad_cert,selfsigned_peer}', 'certificate-self-signed'],
  [
    '* TLSv1.3 (OUT), TLS alert, unknown CA (560):\n* SSL certificate problem: self-signed certificate in certificate chain',
    'certificate-authority-unknown',
  ],
  ['* TLSv1.3 (IN), TLS alert, close notify (256):\n* Empty reply from server', 'closed-without-alert'],
  [
    "ERROR: cannot verify h's certificate, issued by ‘CN=R3’:\n  Issued certificate has expired.",
    'certificate-expired',
  ],
  [
    "ERROR: cannot verify h's certificate, issued by ‘CN=h’:\n  Self-signed certificate encountered.",
    'certificate-self-signed',
  ],
  // The calls of a stack trace have names of alerts and of errors that are not the failure.
  [
    `javax.net.ssl.SSLHandshakeException: PKIX path building failed\n${'\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)\n'.repeat(60)}`,
    'certificate-authority-unknown',
  ],
  [
    `javax.net.ssl.SSLHandshakeException: No more details\n${'\tat a.b.C.d(C.java:131)\n'.repeat(300)}Caused by: java.security.cert.CertPathValidatorException: timestamp check failed`,
    'certificate-expired',
  ],
  ['> > curl: (60) SSL certificate problem: unable to get local\n> > issuer certificate', 'chain-incomplete'],
  // What the server says of the client's certificate is not about the server's.
  [
    'client SSL certificate verify error: (10:certificate has expired) while reading client request headers, client: 10.0.0.1',
    'client-certificate-expired',
  ],
  [
    'upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream, client: 10.0.0.1',
    'certificate-expired',
  ],
  [
    'DETAIL:  Client certificate verification failed at depth 0: unable to get local issuer certificate.',
    'client-certificate-untrusted',
  ],
  ['eap_tls: ERROR: SSL says error 20 : unable to get local issuer certificate', 'client-certificate-untrusted'],
  [
    '12514 EAP-TLS failed SSL/TLS handshake because of an unknown CA in the client certificates chain',
    'client-certificate-untrusted',
  ],
  [
    'x509: certificate has expired or is not yet valid: current time 2024-01-01T00:00:00Z is before 2024-02-01T00:00:00Z',
    'certificate-not-yet-valid',
  ],
  [
    'x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "kubernetes")',
    'certificate-authority-unknown',
  ],
  [
    'SSL Provider, error: 0 - The certificate chain was issued by an authority that is not trusted.',
    'certificate-authority-unknown',
  ],
  ['SSL Provider, error: 0 - The target principal name is incorrect.', 'hostname-mismatch'],
  [
    'A call to SSPI failed, see inner exception. ---> Win32Exception: The token supplied to the function is invalid',
    'server-speaks-plaintext',
  ],
  ['The message received was unexpected or badly formatted', 'handshake-rejected'],
  ['Error Domain=NSURLErrorDomain Code=-1200 UserInfo={_kCFStreamErrorCodeKey=-9816}', 'closed-without-alert'],
  ['WinHttpException: ERROR_WINHTTP_SECURE_FAILURE 12175', 'client-clock-wrong'],
  ['Bootstrap broker localhost:9092 (id: -1 rack: null) disconnected', 'client-speaks-plaintext'],
  [
    'java.lang.OutOfMemoryError: Java heap space\n at org.apache.kafka.common.memory.MemoryPool$1.tryAllocate(MemoryPool.java:30)\n[kafka-admin-client-thread]',
    'client-speaks-plaintext',
  ],
  [
    'net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02"',
    'client-speaks-plaintext',
  ],
  [
    'received plaintext http traffic on an https channel, closing connection Netty4HttpChannel',
    'client-speaks-plaintext',
  ],
  ['tls: oversized record received with length 20527', 'server-speaks-plaintext'],
  ['tls: received record with version 3100 when expecting version 303', 'server-speaks-plaintext'],
  ['tls: downgrade attempt detected, possibly due to a MitM attack or a broken middlebox', 'downgrade-detected'],
  ['GnuTLS recv error (-54): Error in the pull function.', 'closed-without-alert'],
  ['error:00000000:lib(0):func(0):reason(0)', 'closed-without-alert'],
  [
    'OpenSSL::SSL::SSLError: SSL_connect SYSCALL returned=5 errno=0 state=SSLv3/TLS write client hello',
    'closed-without-alert',
  ],
  ['VERIFY EKU ERROR', 'certificate-purpose-invalid'],
  ['VERIFY X509NAME ERROR: CN=vpn.example.com, must be vpn2.example.com', 'hostname-mismatch'],
  ['TLS Error: cannot locate HMAC in incoming packet from [AF_INET]198.51.100.7:1194', 'server-silent'],
  ['TLS_ERROR: BIO read tls_read_plaintext error', 'handshake-rejected'],
  ['AH02411: SSL Proxy: Peer certificate does not match for hostname backend', 'hostname-mismatch'],
  ['AMQ9637E: Channel is lacking a certificate.', 'client-certificate-missing'],
  [
    'certificate verify failed: Basic Constraints of CA cert not marked critical (_ssl.c:1000)',
    'certificate-nonconforming',
  ],
  ['SSL_ERROR_RX_MALFORMED_SERVER_HELLO', 'protocol-violation'],
  [
    "The SSL server credential's certificate does not have a private key information property attached to it.",
    'closed-without-alert',
  ],
  ['asyncio: SSL handshake is taking longer than 60.0 seconds: aborting the connection', 'server-silent'],
  ['javax.net.ssl.SSLHandshakeException: General SSLEngine problem', 'handshake-rejected'],
  ['Reason Code: 22', 'eap-method-mismatch'],
  [
    'The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch, RemoteCertificateChainErrors',
    'hostname-mismatch',
  ],
  [
    'transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: verify SAN list',
    'hostname-mismatch',
  ],
  ['CERTIFICATE_VERIFY_FAILED:verify cert failed: cert hash and spki', 'certificate-rejected'],
  [
    'javax.net.ssl.SSLHandshakeException: server certificate change is restricted during renegotiation',
    'resumption-broken',
  ],
  [
    'A connection was successfully established with the server, but then an error occurred during the pre-login handshake.',
    'certificate-authority-unknown',
  ],
  [
    'ssl://b:9093/bootstrap: SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener? (after 2ms in state SSL_HANDSHAKE)',
    'server-speaks-plaintext',
  ],
  [
    '12520 EAP-TLS failed SSL/TLS handshake because the client rejected the ISE local-certificate',
    'certificate-authority-unknown',
  ],
  ['java.security.cert.CertificateException: Pin verification failed', 'certificate-rejected'],
  ['HTTP Error 403.16 - Your client certificate is either not trusted or is invalid.', 'client-certificate-untrusted'],
  ['HTTP Error 403.17 - Client certificate has expired or is not yet valid.', 'client-certificate-expired'],
  [
    'SSL0234W: SSL Handshake Failed, The certificate sent by the peer has expired or is invalid.',
    'certificate-expired',
  ],
  ['NSURLErrorServerCertificateHasBadDate', 'certificate-expired'],
  ['NSURLErrorServerCertificateHasUnknownRoot', 'certificate-authority-unknown'],
  ['NSURLErrorClientCertificateRequired', 'client-certificate-missing'],
  ['NSURLErrorClientCertificateRejected', 'client-certificate-untrusted'],
  ['ORA-24263: Certificate of the remote server does not match the target address.', 'hostname-mismatch'],
  ['SSSLERR_SERVER_CERT_MISMATCH', 'hostname-mismatch'],
  ['ERROR 2026 (HY000): TLS/SSL error: Validation of SSL server certificate failed', 'certificate-authority-unknown'],
  ['[60] SSL peer certificate or SSH remote key was not OK', 'certificate-authority-unknown'],
  ['SSLHandshakeFailed: no SSL certificate provided by peer; connection rejected', 'client-certificate-missing'],
  ['530 5.7.0 Must issue a STARTTLS command first', 'client-speaks-plaintext'],
  ['454 4.7.0 TLS not available due to local problem', 'starttls-refused'],
  [
    'npm ERR! code ECONNRESET npm ERR! network Client network socket disconnected before secure TLS connection was established',
    'closed-without-alert',
  ],
  ['ssl.SSLZeroReturnError: TLS/SSL connection has been closed (EOF) (_ssl.c:1129)', 'closed-without-alert'],
  ['SSL received a record that exceeded the maximum permissible length.', 'server-speaks-plaintext'],
  ['Win32Exception (0x8009030D): The credentials supplied to the package were not recognized', 'internal-error'],
  ['Reason Code: 16 Authentication failed due to a user credentials mismatch.', 'inner-authentication-failed'],
  ['Discarded RADIUS packet: Message-Authenticator attribute is invalid', 'radius-secret-mismatch'],
  ['fopen(): Failed to enable crypto', 'handshake-rejected'],
  ["Safari can't establish a secure connection to the server", 'handshake-rejected'],
  ['Error [ERR_TLS_CERT_SIGNATURE_ALGORITHM_UNSUPPORTED]', 'certificate-weak'],
  ['peer is incompatible: ServerDoesNotSupportTls12Or13', 'protocol-version-mismatch'],
  ['tls_process_server_hello:bad protocol version number', 'protocol-version-mismatch'],
  ['error:0A0000EA:SSL routines::callback failed', 'internal-error'],
  ['SSL_do_handshake() failed (SSL: error:14201044:SSL routines:tls_choose_sigalg:internal error)', 'internal-error'],
  ['SSL routines::data between ccs and finished', 'protocol-violation'],
  ['MongooseServerSelectionError: connection <monitor> to 127.0.0.1:27017 closed', 'closed-without-alert'],
  ['com.mongodb.MongoSocketReadException: Prematurely reached end of stream', 'closed-without-alert'],
  [
    'java.security.cert.CertPathValidatorException: basic constraints check failed: this is not a CA certificate',
    'certificate-purpose-invalid',
  ],
  ['java.security.cert.CertPathValidatorException: Could not determine revocation status', 'revocation-check-failed'],
  ['java.lang.RuntimeException: Illegal server name, type=host_name(0), name=foo_bar', 'sni-invalid'],
  ['org.postgresql.util.PSQLException: The hostname 192.0.2.1 could not be verified.', 'hostname-mismatch'],
  [
    'tls: failed to verify client certificate: x509: certificate signed by unknown authority',
    'client-certificate-untrusted',
  ],
  ['http2: unexpected ALPN protocol ""; want "h2"', 'alpn-mismatch'],
  ['{bad_header,<<22,3,1,2,0,1,0,1>>}', 'server-speaks-plaintext'],
  ['(12) eap: ERROR: rlm_eap (EAP): No EAP session matching state 0x5a', 'radius-silent'],
  ['Reason Code: 295', 'client-certificate-untrusted'],
  ['Reason Code: 259', 'revocation-check-failed'],
  [
    '12511 Unexpectedly received TLS alert message; treating as a rejection by the client',
    'certificate-authority-unknown',
  ],
  ['ERR_CERT_KNOWN_INTERCEPTION_BLOCKED', 'tls-intercepted'],
  ['ERR_SSL_WEAK_EPHEMERAL_DH_KEY', 'group-mismatch'],
  ['451 5.7.3 STARTTLS is required to send mail', 'client-speaks-plaintext'],
  ['Backend server certificate is not whitelisted with Application Gateway', 'certificate-authority-unknown'],
  [
    'The root certificate of the server certificate used by the backend does not match the trusted root certificate added to the application gateway',
    'certificate-authority-unknown',
  ],
  ["The Common Name (CN) of the backend certificate doesn't match.", 'hostname-mismatch'],
  ['01260009:7: Connection error: ssl_passthru:5958: not SSL (40)', 'client-speaks-plaintext'],
  ['SSL Error 61: You have not chosen to trust "Example CA", the issuer', 'certificate-authority-unknown'],
  ['ORA-29003: SSL transport detected mismatched server certificate', 'hostname-mismatch'],
  ['SSSLERR_NO_SSL_REQUEST', 'client-speaks-plaintext'],
  [
    'iaik.security.ssl.SSLCertificateException: Peer certificate rejected by ChainVerifier',
    'certificate-authority-unknown',
  ],
  ['javax.naming.CommunicationException: simple bind failed: ad.example:636', 'handshake-rejected'],
  ['Problem setting up ssl connection: error:00000001:lib(0)::reason(1)', 'handshake-rejected'],
  ['AH01114: HTTP: failed to make connection to backend: 192.0.2.1', 'tcp-connection-refused'],
];

describe('a pasted message', () => {
  for (const [pasted, code] of ALERT_MESSAGES) {
    test(`about an alert: ${pasted}`, () => {
      assert.equal(explain(pasted)?.title, `${ALERTS.get(code) ?? ''} (${code}): a TLS alert`);
    });
  }

  for (const [pasted, rule] of MESSAGES) {
    test(`about a failure: ${pasted}`, () => {
      const explanation = explain(pasted);
      assert.ok(explanation !== null);
      const leads = explanation.sections.find(({ heading }) => heading === 'Leads to these diagnoses');
      assert.equal(leads?.lines[0]?.split(':')[0], rule);
    });
  }

  test('about a name without an address leads to no diagnosis', () => {
    for (const pasted of ['curl: (6) Could not resolve host: example.com', 'getaddrinfo ENOTFOUND example.com']) {
      const explanation = explain(pasted);
      assert.match(explanation?.summary ?? '', /nothing was sent to the server/);
      assert.deepEqual(
        explanation?.sections.map(({ heading }) => heading),
        ['Said by'],
      );
    }
  });

  test('that says nothing of TLS has no explanation', () => {
    for (const pasted of [
      'segmentation fault',
      'curl 607',
      'certificat',
      'disk full on /var',
      'Connection Refused: not authorised',
      'Public Key Retrieval is not allowed',
      'SSL_ERROR_WANT_READ',
      '2024/01/01 10:00:00 [alert] 48#48: *1 open socket #3 left in connection 2',
      '\u0000'.repeat(5000),
    ]) {
      assert.equal(explain(pasted), null, pasted.slice(0, 30));
    }
  });
});

/** Of what was never sent there is no diagnosis. */
const NOT_SENT = new Set([
  'Could not resolve host',
  'Invalid keystore format',
  'unable to load certificate',
  'error:0308010C:digital envelope routines::unsupported',
  'the ssl module in Python is not available',
  'CLEARTEXT communication not permitted by network security policy',
]);

test('every message leads to diagnoses that there are', () => {
  for (const { title, rules } of ERROR_MESSAGES) {
    assert.equal(rules.length === 0, NOT_SENT.has(title), title);
    for (const id of rules)
      assert.ok(
        RULES.some((rule) => rule.id === id),
        `${title}: ${id}`,
      );
  }
});

test('every message is found by its own title', () => {
  for (const { id, title } of ERROR_MESSAGES) {
    assert.equal(explain(title)?.title, `"${title}": an error message`, id);
  }
});
