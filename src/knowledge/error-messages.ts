/**
 * What programs print when a handshake fails, and the diagnoses behind it. From the sources and logs of the libraries
 * named.
 */

/** A message, or several that mean the same. The program that prints it, and its meaning, are in the language's table under its id. */
export interface ErrorMessage {
  readonly id: string;
  /**
   * Searched for in the pasted text: lower case, with spaces for underscores and other space, and between the words of
   * CamelCase.
   */
  readonly pattern: RegExp;
  /** As a reader knows it. */
  readonly title: string;
  /** Ids of diagnoses, the most frequent first; empty if no connection was attempted. */
  readonly rules: readonly string[];
}

const TRUST = ['certificate-authority-unknown', 'chain-incomplete', 'tls-intercepted', 'certificate-self-signed'];

/** The first match is the answer: specific messages come before general ones. */
export const ERROR_MESSAGES = [
  // Messages that say "not trusted" for any fault, and then name it.
  {
    id: 'nameDoesNotMatch',
    pattern: /name in the certificate does not match|certificate is not valid for any names/,
    title: 'The name in the certificate does not match the expected',
    rules: ['hostname-mismatch'],
  },
  {
    id: 'chainUsesExpiredCertificate',
    pattern: /certificate is not trusted\. .*(?:chain uses expired|expired)/,
    title: 'The certificate is NOT trusted. The certificate chain uses expired certificate',
    rules: ['certificate-expired', 'client-clock-wrong'],
  },
  {
    id: 'pinnedKeyNotInChain',
    pattern:
      /certificate transparency required|pinned (?:public )?key|pinning failure|insufficient certificate transparency|unexpected fingerprint|pin verification failed|cert hash and spki/,
    title: 'ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN',
    rules: ['certificate-rejected', 'tls-intercepted'],
  },
  {
    id: 'cannotVerifySignatureInsecureAlgorithmSha1Rsa',
    pattern: /insecure algorithm/,
    title: 'cannot verify signature: insecure algorithm SHA1-RSA',
    rules: ['certificate-weak'],
  },
  {
    id: 'tlsDowngradeAttemptDetected',
    pattern: /ssl routines:+(?:\w* ?:)?inappropriate fallback|downgrade (?:attempt )?detected/,
    title: 'tls: downgrade attempt detected',
    rules: ['downgrade-detected', 'fallback-rejected', 'tls-intercepted'],
  },
  {
    id: 'candidateAuthority',
    pattern: /while trying to verify candidate authority certificate/,
    title: 'while trying to verify candidate authority certificate',
    rules: ['certificate-authority-unknown', 'certificate-signature-invalid', 'certificate-purpose-invalid'],
  },
  {
    id: 'clientCertificateExpired',
    pattern:
      /client (?:ssl )?certificate verif[^.]*(?:expired|not yet valid)|failed to verify client certificate.*expired|\b403\.17\b|\beap[- ]tls: .*certificate has expired/,
    title: 'client SSL certificate verify error: (10:certificate has expired)',
    rules: ['client-certificate-expired'],
  },
  {
    id: 'clientCertificateUntrusted',
    pattern:
      /client (?:ssl )?certificate (?:verif[^.]*(?:issuer|self[- ]signed|first certificate)|not trusted)|\beap[- ]tls: .*(?:issuer cert|self[- ]signed)|ah02039\b.*(?:issuer|self[- ]signed)|unknown ca in the client certificates? chain|reason code\W*(?:265|28[67]|295)\b|failed to verify client certificate.*unknown authority|\b403\.16\b/,
    title: 'client SSL certificate verify error: (20:unable to get local issuer certificate)',
    rules: ['client-certificate-untrusted', 'client-certificate-rejected'],
  },
  {
    id: 'dotNetPolicyErrors',
    pattern: /remote ?certificate ?name ?mismatch.*remote ?certificate ?chain ?errors/,
    title: 'RemoteCertificateNameMismatch, RemoteCertificateChainErrors',
    rules: ['hostname-mismatch', 'certificate-self-signed', 'certificate-authority-unknown', 'tls-intercepted'],
  },
  {
    id: 'envoyVerifySanList',
    pattern: /verify san list|san matcher/,
    title: 'CERTIFICATE_VERIFY_FAILED: verify cert failed: verify SAN list',
    rules: ['hostname-mismatch', 'access-denied', 'client-certificate-rejected'],
  },
  {
    id: 'applicationGatewayBackend',
    pattern: /certificate is not whitelisted|does not match (?:any of )?the trusted root/,
    title: 'Backend server certificate is not whitelisted with Application Gateway',
    rules: ['certificate-authority-unknown', 'chain-incomplete', 'certificate-self-signed'],
  },
  {
    id: 'erlangBadHeader',
    pattern: /bad header,<<22,3|<<22,3,[0-4],/,
    title: '{bad_header,<<22,3,1,…>>}',
    rules: ['server-speaks-plaintext'],
  },
  {
    id: 'illegalServerName',
    pattern: /illegal server name|invalid server name extension/,
    title: 'Illegal server name, type=host_name(0)',
    rules: ['sni-invalid'],
  },
  {
    id: 'certificateChangedInRenegotiation',
    pattern: /server certificate change is restricted/,
    title: 'server certificate change is restricted during renegotiation',
    rules: ['resumption-broken', 'renegotiation-refused'],
  },
  {
    id: 'preLoginHandshake',
    pattern: /pre-?login handshake/,
    title: 'an error occurred during the pre-login handshake',
    rules: ['certificate-authority-unknown', 'protocol-version-mismatch', 'connection-reset', 'closed-without-alert'],
  },
  {
    id: 'plaintextBrokerListener',
    pattern: /plaintext broker listener|security\.protocol configuration \(connecting to a ssl listener/,
    title: 'Disconnected: connecting to a PLAINTEXT broker listener?',
    rules: ['server-speaks-plaintext', 'client-speaks-plaintext', 'closed-without-alert'],
  },
  {
    id: 'clientRejectedIseCertificate',
    pattern:
      /(?:rejected the ise local-certificate|\b12520\b.*client rejected|\b12321\b.*client rejected|treating as a rejection by the client)/,
    title: 'EAP-TLS failed SSL/TLS handshake because the client rejected the ISE local-certificate',
    rules: ['certificate-authority-unknown', 'hostname-mismatch', 'certificate-rejected', 'client-abandoned'],
  },
  // Trust.
  {
    id: 'selfSignedCertificateInCertificateChain',
    pattern: /self[- ]signed cert(?:ificate)? in (?:certificate )?chain|err:?19\b|error 19 at/,
    title: 'self-signed certificate in certificate chain',
    rules: ['certificate-authority-unknown', 'tls-intercepted'],
  },
  {
    id: 'selfSignedCertificate',
    pattern:
      /self[- ]signed cert|depth zero self signed|mozilla pkix error self signed|error 18 at|\bself[- ]signed\b|bad cert,selfsigned peer/,
    title: 'self-signed certificate',
    rules: ['certificate-self-signed', 'certificate-authority-unknown'],
  },
  {
    id: 'unableToVerifyTheFirstCertificate',
    pattern:
      /unable to verify the first certificate|certificate chain is incomplete|unable to verify leaf signature|error 21 at|partial ?chain/,
    title: 'unable to verify the first certificate',
    rules: ['chain-incomplete', 'certificate-authority-unknown'],
  },
  {
    id: 'unableToGetLocalIssuerCertificate',
    pattern: /unable to get (?:local )?issuer cert|error 20 at|error 2 at/,
    title: 'unable to get local issuer certificate',
    rules: ['chain-incomplete', 'certificate-authority-unknown', 'tls-intercepted', 'client-certificate-untrusted'],
  },
  {
    id: 'pkixPathBuildingFailed',
    pattern:
      /pkix path building failed|path does not chain with any of the trust anchors|unable to find valid certification path|sun ?cert ?path ?builder/,
    title: 'PKIX path building failed: unable to find valid certification path to requested target',
    rules: TRUST,
  },
  {
    id: 'certificateExpiredExceptionNotAfter',
    pattern:
      /pkix path validation failed: .*expired|(?:validity|timestamp) check failed|certificate ?expired ?exception|notafter:/,
    title: 'CertificateExpiredException: NotAfter',
    rules: ['certificate-expired', 'client-clock-wrong'],
  },
  {
    id: 'mozillaPkixErrorMitmDetected',
    pattern: /mitm detected|known interception/,
    title: 'MOZILLA_PKIX_ERROR_MITM_DETECTED',
    rules: ['tls-intercepted'],
  },
  {
    id: 'noTrustAnchors',
    pattern: /trust ?anchors parameter must be non-empty/,
    title: 'the trustAnchors parameter must be non-empty',
    rules: ['certificate-authority-unknown'],
  },
  {
    id: 'rootCertificateFileDoesNotExist',
    pattern: /root certificate file .*does not exist|could not find a suitable tls ca certificate bundle/,
    title: 'root certificate file does not exist',
    rules: ['certificate-authority-unknown'],
  },
  {
    id: 'certificateSignedByUnknownAuthority',
    pattern:
      /no trusted certificate found|peer certificate cannot be authenticated|no signer error|issuer is not recogni[sz]ed|server certificate verification failed\. cafile|issued by an untrusted certificate authority|signed by unknown authority|unknown ?issuer|issuer is unknown|cert authority invalid|sec error (?:unknown|untrusted) issuer|untrusted ?root|additional policy constraint failed|bear ?ssl.* 62\b|certificate (?:of .* )?(?:is )?not trusted|locally verify the issuer|issued by an authority that is not trusted|could not be built to a trusted root|0x800b010a|signed by an unknown certificate authority|did not trust this server.s certificate|symantec legacy|peer cert untrusted|signer may need to be added|server ?certificate ?has ?unknown ?root|-1203\b|\b36882\b|0x80090325|0x800b0109|anchor certificate not found|sec error untrusted cert|-9812\b|-9813\b|err ?sslunknown ?root ?cert|err ?sslno ?root ?cert|wolf ?ssl.* -188\b|trust anchor for certification path not found|could not establish trust relationship|remote ?certificate ?chain ?errors|certificate was not trusted|peer not trusted|rejected by chain ?verifier|not chosen to trust|untrusted server cert/,
    title: 'certificate signed by unknown authority',
    rules: TRUST,
  },
  // Dates.
  {
    id: 'certificateIsNotYetValid',
    pattern:
      /(?<!expired or is )not yet valid|current time \S+ is before|cert not yet valid|certificate ?not ?yet ?valid|not ?valid ?yet|error 9 at|-9815\b|wolf ?ssl.* -150\b/,
    title: 'certificate is not yet valid',
    rules: ['certificate-not-yet-valid', 'client-clock-wrong'],
  },
  {
    id: 'certificateHasExpired',
    pattern:
      /bad cert,cert expired|certificate (?:sent by the peer )?has expired|cert has expired|issued certificate has expired|expired certificate|certificate expired|cert date invalid|cert e expired|sec e cert expired|invalid peer certificate: expired|server ?certificate ?has ?bad ?date|-1201\b|invalid ?certificate\(expired|certificate ?expired|0x80090328|0x800b0101|-9814\b|wolf ?ssl.* -151\b|err ?sslcert ?expired|not ?time ?valid|error 10 at|\b36881\b/,
    title: 'certificate has expired',
    rules: ['certificate-expired', 'client-clock-wrong', 'client-certificate-expired'],
  },
  // Names.
  {
    id: 'legacyCommonName',
    pattern: /relies on legacy common name|no subject alternative names? present|no ?subject ?alt ?name/,
    title: 'certificate relies on legacy Common Name field, use SANs instead',
    rules: ['hostname-mismatch'],
  },
  {
    id: 'hostnameMismatch',
    pattern:
      /hostname mismatch|hostname check failed|unable to match altnames|host ?name .*(?:does ?n.t|does not) match|does not match host ?name|verify x509name error|certificate does not match for hostname|target principal name|unable to obtain common name|certificate for .* does ?n.t match any of the subject|altname invalid|does not match (?:the )?certificate|no alternative certificate subject name matches|subject name .*does not match|no certificate subject alternative name matches|target host name|no name matching|no subject alternative .* matching|certificate is valid for .*, ?not|not ?valid ?for ?name|cert common name invalid|bad cert domain|cn no match|sec e wrong principal|0x80090322|0x800b010f|-9843\b|err ?sslhost ?name ?mismatch|wolf ?ssl.* -322\b|remote ?certificate ?name ?mismatch|doesn.t contain any ip sans|ip address mismatch|unexpected host ?name|peer name mismatch|server certificate .*does (?:not|n.t) (?:match|include)|host ?name .* not verified|server name mismatch|domain mismatch|did not match expected cn|upstream ssl certificate does not match|not contain the expected name|does not match the target address|server cert mismatch|\b36884\b|host ?name .*could not be verified|mismatched server certificate|must have a subject alternative name matching|common name .*certificate does(?:n.t| not) match/,
    title: 'Hostname mismatch, certificate is not valid for the name',
    rules: ['hostname-mismatch'],
  },
  // Plaintext and TLS mixed up.
  {
    id: 'plainHttpToHttpsPort',
    pattern:
      /http ?s? request (?:was )?sent to|http ?s? request was sent|http request to an https|plain http request|ssl routines:+.*http request|https proxy request|http spoken on https port|ssl error rx unknown record|received plaintext (?:http )?traffic on an|combination of host and port requires tls|malformed http .*\\x1[56]\\x03|expected http\/|hpe invalid constant|ssslerr no ssl request|\bnot ssl \(40\)/,
    title: 'The plain HTTP request was sent to HTTPS port',
    rules: ['client-speaks-plaintext'],
  },
  {
    id: 'wrongVersionNumber',
    pattern:
      /wrong version number|first record does not look like a tls handshake|rx record too long|unexpected tls packet|unrecognized ssl message|plaintext connection\?|http response to https client|invalid ?content ?type|cannot determine the frame size|corrupted frame|unknown protocol|packet length too long|record layer version error|received record with version|oversized record received|exceeded the maximum permissible length|bad packet length|-0x7200\b/,
    title: 'wrong version number',
    rules: ['server-speaks-plaintext', 'proxy-refused', 'protocol-version-mismatch'],
  },
  {
    id: 'noPgHbaEntry',
    pattern:
      /no pg hba\.conf entry .*(?:no encryption|ssl off)|insecure transport are prohibited|must issue a starttls|starttls is required to send/,
    title: 'no pg_hba.conf entry for host …, no encryption',
    rules: ['client-speaks-plaintext', 'tls-never-began'],
  },
  {
    id: 'serverDoesNotSupportSsl',
    pattern:
      /server does ?n.t support (?:ssl|it|tls)(?! ?1\d)|unsupported frontend protocol 1234\.5679|server does not support (?:ssl|tls)(?! ?1\d)|ssl is required,? but the server|ssl is not enabled on the server|unsupported extended operation|\btls not available\b/,
    title: 'server does not support SSL, but SSL was required',
    rules: ['starttls-refused', 'starttls-not-offered'],
  },
  {
    id: 'tlsIsRequiredButWasNotOffered',
    pattern: /starttls.*not (?:offered|supported|available)|tls is required, but was not offered/,
    title: 'TLS is required, but was not offered',
    rules: ['starttls-not-offered', 'starttls-refused'],
  },
  {
    id: 'errTunnelConnectionFailed',
    pattern:
      /tunnel connection failed|proxy connect aborted|connection to proxy closed|connect tunnel failed|proxy authentication required|initial socks\d? response|(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?97\)?(?!\d)/,
    title: 'ERR_TUNNEL_CONNECTION_FAILED',
    rules: ['proxy-refused'],
  },
  {
    id: 'noProxyProtocolHeader',
    pattern:
      /not (?:seem to be|look like) a proxy protocol header|reading proxy protocol|proxy protocol (?:header|error)/,
    title: 'Received something which does not look like a PROXY protocol header',
    rules: ['proxy-protocol-mismatch'],
  },
  {
    id: 'bootstrapBrokerDisconnected',
    pattern:
      /outofmemoryerror.*kafka|out of memory ?error.*kafka|bootstrap broker .*disconnected|terminated during authentication/,
    title: 'Bootstrap broker … disconnected',
    rules: ['client-speaks-plaintext', 'closed-without-alert', 'connection-reset'],
  },
  {
    id: 'notAnSslRecord',
    pattern: /invalid receive \(size|not ssl record|not an ssl\/tls record/,
    title: 'not an SSL/TLS record, Invalid receive (size = …)',
    rules: ['client-speaks-plaintext', 'server-speaks-plaintext'],
  },
  {
    id: 'misdirectedRequest',
    pattern: /provided via sni and hostname .* via http|misdirected request/,
    title: 'AH02032: Hostname provided via SNI and hostname provided via HTTP have no compatible SSL setup',
    rules: ['sni-unrecognized', 'sni-missing'],
  },
  // What both sides can speak.
  {
    id: 'errSslVersionOrCipherMismatch',
    pattern: /version or cipher mismatch/,
    title: 'ERR_SSL_VERSION_OR_CIPHER_MISMATCH',
    rules: ['protocol-version-mismatch', 'cipher-suite-mismatch', 'sni-unrecognized', 'group-mismatch'],
  },
  {
    id: 'noCertificatesConfigured',
    pattern:
      /no available authentication scheme|no certificates? configured|no .ssl certificate. is defined|no certificate assigned|no certificate available(?! for client)/,
    title: 'no certificates configured',
    rules: ['server-certificate-missing', 'signature-scheme-mismatch'],
  },
  {
    id: 'noSharedCipher',
    pattern:
      /none of the cipher suites supported by the client|no cy?i?pher ?overlap|cipher ?spec negotiated .* does not match|no shared cipher|no cipher suites? (?:in common|supported by both)|no ?cipher ?suites ?in ?common|no negotiable cipher|no supported cipher suites|no ciphers available|no cipher match|do not possess a common algorithm|sec e algorithm mismatch|0x80090331|couldn.t use specified cipher|amq9641|remote cipherspec error|-9801\b|failed to set ciphers|no cipher chosen|-0x7380\b|err ?sslnegotiation/,
    title: 'no shared cipher',
    rules: [
      'cipher-suite-mismatch',
      'protocol-version-mismatch',
      'signature-scheme-mismatch',
      'sni-missing',
      'server-certificate-missing',
    ],
  },
  {
    id: 'errHttp2InadequateTransportSecurity',
    pattern: /inadequate transport security/,
    title: 'ERR_HTTP2_INADEQUATE_TRANSPORT_SECURITY',
    rules: ['weak-cipher-suite', 'no-forward-secrecy'],
  },
  {
    id: 'unsupportedProtocol',
    pattern:
      /unsupported protocol|sec e unsupported function|0x80090302|unsupported sslv2 handshake|unsupported version|no protocols available|no appropriate protocol|protocol version not supported|illegal or unsupported version|no supported versions satisfy|obsolete version|is not accepted by client preferences|server does not support tls ?1|supported ?versions ?extension ?required|version too low|version too high|protocol version mismatch|-9836\b|peer protocol version|unsupported record version|no compatible quic version|bad protocol version number|protocol version is incorrect|does not support tls ?1[23]/,
    title: 'unsupported protocol',
    rules: ['protocol-version-mismatch'],
  },
  {
    id: 'dhKeyTooSmall',
    pattern:
      /dh key too small|weak server ephemeral dh|diffie-hellman prime .*not acceptable|dh serverkeyexchange does not comply|could not generate dh keypair|prime is too short|weak ephemeral dh/,
    title: 'dh key too small',
    rules: ['group-mismatch'],
  },
  {
    id: 'noSharedGroup',
    pattern:
      /no shared groups?|no suitable key share|no ?kx ?groups ?in ?common|no supported (?:elliptic )?curve|no elliptic curve|bad key share|wrong curve|no suitable groups/,
    title: 'no shared group',
    rules: ['group-mismatch'],
  },
  {
    id: 'noSharedSignatureAlgorithms',
    pattern:
      /no (?:suitable|shared|common) signature algorithms?|wrong signature type|legacy sigalg|unsupported certificate: private key is|missing sigalgs extension|signature ?schemes ?in ?common|signature algorithms? .*not supported|peer doesn.t support any of the certificate|unsupported type of public key|signature algorithms extension required|no supported signature algorithm/,
    title: 'no shared signature algorithms',
    rules: ['signature-scheme-mismatch'],
  },
  {
    id: 'serverSelectedUnadvertisedAlpnProtocol',
    pattern:
      /no (?:common )?application protocol|0x80090367|alpn.*(?:mismatch|not)|not select alpn|malformed http response ..x00.x00|unadvertised alpn|missing selected alpn|unexpected alpn protocol/,
    title: 'server selected unadvertised ALPN protocol',
    rules: ['alpn-mismatch'],
  },
  {
    id: 'unsafeLegacyRenegotiationDisabled',
    pattern:
      /unsafe legacy renegotiation|rejecting client initiated renegotiation|identity changed during renegotiation/,
    title: 'unsafe legacy renegotiation disabled',
    rules: ['renegotiation-refused', 'insecure-renegotiation'],
  },
  {
    id: 'extendedMasterSecretIsRequired',
    pattern: /extended master secret/,
    title: 'extended_master_secret is required',
    rules: ['extended-master-secret-missing'],
  },
  // Certificates.
  {
    id: 'eeKeyTooSmall',
    pattern:
      /(?:ee|ca) key too small|(?:ee|ca) certificate key too weak|ca signature digest algorithm too weak|(?:ca|ee) md too weak|weak signature algorithm|cert weak key|weak server cert key|algorithm constraints check failed|certificates do not conform to algorithm constraints|insufficient security level|signed using an insecure algorithm|cert signature algorithm disabled|invalid peer certificate: unsupported (?:cert )?signature algorithm|cert signature algorithm unsupported/,
    title: 'ee key too small, ca md too weak',
    rules: ['certificate-weak'],
  },
  {
    id: 'unsuitableCertificatePurpose',
    pattern:
      /unsuitable certificate purpose|unsupported certificate purpose|incompatible key usage|key usage (?:does not|incompatible)|keyusage does not allow|inadequate (?:key|cert) (?:usage|type)|extended key usage|bad cert,(?:invalid key usage|key usage mismatch|name not permitted|missing basic constraint)|verify (?:ku|eku|ns ?cert ?type) error|for non[- ]signing certificate|path length constraint|permitted subtree|ca cert invalid|invalid ca certificate|ca (?:cert )?used as end entity|v1 cert used as ca|name constraint|basic constraints check failed|not authorized to sign for this name|reason code\W*283\b/,
    title: 'unsuitable certificate purpose',
    rules: ['certificate-purpose-invalid', 'client-certificate-rejected'],
  },
  {
    id: 'unableToGetCertificateCrl',
    pattern:
      /unable to get certificate crl|crl has expired|no revocation check|revocation offline|unable to check revocation|revocation ?status ?unknown|offline ?revocation|revocation status check failed|0x80092012|0x80092013|could not determine revocation status|reason code\W*(?:258|259|291)\b/,
    title: 'unable to get certificate CRL',
    rules: ['revocation-check-failed', 'ocsp-response-invalid'],
  },
  {
    id: 'invalidOcspResponse',
    pattern: /ocsp|required tls feature missing|bad certificate status|ssl stapling. ignored/,
    title: 'invalid OCSP response',
    rules: ['ocsp-response-invalid', 'certificate-revoked'],
  },
  {
    id: 'theCertificateHasBeenRevoked',
    pattern:
      /certificate (?:is |was |has been )?revoked|\b403\.13\b|cert revoked|revoked certificate|reason code\W*289\b/,
    title: 'the certificate has been revoked',
    rules: ['certificate-revoked', 'client-certificate-rejected'],
  },
  {
    id: 'certificateSignatureFailure',
    pattern:
      /certificate signature failure|0x80096004|bad signature|invalid signature|signature verification has failed|wolf ?ssl.* -155\b|block type is not 01|bad cert,invalid (?:signature|issuer)|crypto\/rsa: verification error|ecdsa verification failure|signature does not match/,
    title: 'certificate signature failure',
    rules: ['certificate-signature-invalid', 'decryption-failed'],
  },
  {
    id: 'x509NegativeSerialNumber',
    pattern:
      /negative serial number|bad ?encoding|strict.*basic constraints|missing (?:authority|subject) key identifier|ca cert not marked critical|key identifier marked critical|ca cert does not include key usage|explicit ecc? parameters|bad ecc cert|validity too long|unsupported ?cert ?version|unhandled critical extension|not standards compliant|server cert bad format|reused issuer and serial|sec error bad der/,
    title: 'x509: negative serial number',
    rules: ['certificate-nonconforming'],
  },
  {
    id: 'peerDidNotReturnACertificate',
    pattern:
      /peer did not return a certificate|requires a valid client certificate|client didn.t provide a certificate|no required ssl certificate|empty (?:client|server) certificate chain|no ssl certificate provided by peer|url ?error ?client ?certificate ?required|-1206\b|client auth cert needed|no ?certificates ?presented|sec e incomplete credentials|0x80090320|certificate required|insufficient credentials|peer sent no certificates|lacking a certificate|no certificate was found|-0x7480\b|client didn.t send certificate|ssl error no certificate\b|required client certificate/,
    title: 'peer did not return a certificate',
    rules: ['client-certificate-missing'],
  },
  {
    id: 'errBadSslClientAuthCert',
    pattern:
      /bad ssl client auth cert|495 ssl|ssl certificate error|client ssl certificate verify error|client certificate verification failed|client ca chain cannot be verified|url ?error ?client ?certificate ?rejected|-1205\b/,
    title: 'ERR_BAD_SSL_CLIENT_AUTH_CERT',
    rules: ['client-certificate-untrusted', 'client-certificate-expired', 'client-certificate-rejected'],
  },
  {
    id: 'keyValuesMismatch',
    pattern:
      /key values mismatch|private key does not match|public key (?:does ?n.t|does not|mismatch)|key pair mismatch/,
    title: 'key values mismatch',
    rules: ['internal-error', 'decryption-failed', 'client-key-unusable'],
  },
  {
    id: 'decryptionFailedOrBadRecordMac',
    pattern:
      /record mac|bad mac read|tag mismatch|decryption failed|message altered|0x8009030f|decrypt error|error decrypting|digest check failed/,
    title: 'decryption failed or bad record mac',
    rules: ['decryption-failed', 'psk-rejected'],
  },
  {
    id: 'excessiveMessageSize',
    pattern:
      /excessive message size|certificate ?chain.*(?:too long|exceed)|handshake message .*exceed|max ?handshake ?message|header is too large|message exceeds|record overflow/,
    title: 'excessive message size',
    rules: ['message-too-large'],
  },
  {
    id: 'sslConnectionFailedSessionReuseRequired',
    pattern:
      /session id context|(?:522|425) .*(?:session|data connection)|session reuse required|resumed a session with a different version/,
    title: 'SSL connection failed; session reuse required',
    rules: ['session-reuse-required', 'resumption-broken'],
  },
  // The connection.
  {
    id: 'socketDisconnectedBeforeTls',
    pattern: /client network socket disconnected/,
    title: 'Client network socket disconnected before secure TLS connection was established',
    rules: ['closed-without-alert', 'connection-reset', 'proxy-refused', 'server-speaks-plaintext'],
  },
  {
    id: 'connectionResetByPeer',
    pattern:
      /connection (?:was )?reset|econnreset|connect reset|forcibly closed|errno=(?:104|54|10054)\b|connection termination\b|-0x0{0,2}50\b/,
    title: 'connection reset by peer',
    rules: ['connection-reset'],
  },
  {
    id: 'unexpectedEofWhileReading',
    pattern:
      /remote (?:error|host) .*handshake|terminated the handshake|shut down incorrectly|suddenly disconnected|ssl accept error .*lost connection|handshake failed: eof|unexpected eof|eof occurred in violation|without sending tls close notify|packet with unexpected length|ssl error syscall|non-properly terminated|end of file error|connection closed|closed connection in ssl handshake|closed the transport stream|tls handshake eof|empty reply|server closed the connection|-0x7280\b|ssl ?(?:error )?zero ?return|tls connection has been closed \(eof\)|socket hang up|: eof$|^eof$|ssl connection: (?:eof|success)|(?:read|write):errno=0\b|ssl syscall error|close notify during handshake|prematurely closed|terminated during handshake|other side closed|empty response|ssl ?(?:connect|accept) syscall returned|error in the pull function|ssl ?engine closed already|ssl ?closed ?engine|network connection was lost|shutdown while in init|error:0{8}\b|(?:error|reason) .eof\b|failed to receive handshake|\bclosed ?(?:graceful|no ?notify)\b|-98(?:05|16|44)\b|-0x7880\b|connect aborted|broken pipe|\bepipe\b|-9806\b|err ?sslclosed ?abort|wolf ?ssl.* -308\b|handshake eof|unexpected end of file|end of file reached|end of stream|\bconnection \S+ to \S+ closed|net interrupt|ssslerr conn closed/,
    title: 'unexpected eof while reading',
    rules: ['closed-without-alert', 'client-abandoned', 'client-certificate-rejected', 'connection-reset'],
  },
  {
    id: 'connectionRefused',
    pattern:
      /connection (?:was )?refused(?!: (?:not authori[sz]ed|bad user|identifier))|econnrefused|actively refused|connection to the server .* was refused|connect error: 111\b|econn refused|code=-1004\b/,
    title: 'connection refused',
    rules: ['tcp-connection-refused', 'udp-port-unreachable'],
  },
  {
    id: 'tlsHandshakeTimeout',
    pattern:
      /negotiation failed to occur within|handshake time(?:d ?)?out|handshake is taking longer|-0x6800\b|tls handshake.*timeout|i\/o timeout|deadline exceeded|timed? ?out(?!=)|etimedout|connect error: 110\b/,
    title: 'TLS handshake timeout',
    rules: ['server-silent', 'path-mtu-blackhole', 'client-hello-lost', 'tcp-connection-timeout', 'handshake-stalled'],
  },
  {
    id: 'httpdBackendConnection',
    pattern: /\bah00957\b|\bah01114\b|failed to make connection to backend/,
    title: 'AH01114: HTTP: failed to make connection to backend',
    rules: ['tcp-connection-refused', 'tcp-connection-timeout'],
  },
  {
    id: 'noRouteToHost',
    pattern: /no route to host|network is unreachable|ehostunreach|enetunreach|address unreachable/,
    title: 'No route to host',
    rules: ['tcp-connection-timeout', 'udp-blocked'],
  },
  {
    id: 'invalidLengthOfStartupPacket',
    pattern: /invalid length of startup packet/,
    title: 'invalid length of startup packet',
    rules: ['server-speaks-plaintext', 'client-speaks-plaintext'],
  },
  {
    id: 'errSslClientAuthSignatureFailed',
    pattern: /client auth (?:signature failed|no common algorithms|private key access denied)/,
    title: 'ERR_SSL_CLIENT_AUTH_SIGNATURE_FAILED',
    rules: ['client-key-unusable', 'signature-scheme-mismatch'],
  },
  {
    id: 'errQuicProtocolError',
    pattern:
      /quic protocol error|quic .*(?:failed|error)|internal error .*\bquic\b|\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?9[56]\)?(?!\d)/,
    title: 'ERR_QUIC_PROTOCOL_ERROR',
    rules: ['protocol-violation', 'udp-blocked', 'connection-refused', 'decryption-failed'],
  },
  // Before TLS, and around it.
  {
    id: 'couldNotResolveHost',
    pattern:
      /could not resolve (?:host|proxy)|name or service not known|enotfound|eai again|no such host|name not resolved|unknown host ?exception|nodename nor servname|name resolution|code=-1003\b/,
    title: 'Could not resolve host',
    rules: [],
  },
  {
    id: 'tlsCryptUnwrappingFailed',
    pattern:
      /tls-(?:crypt|auth).*(?:unwrapping|authentication) failed|packet hmac authentication failed|cannot locate hmac|incoming packet authentication failed|tls keys are out of sync/,
    title: 'tls-crypt unwrapping failed, packet HMAC authentication failed',
    rules: ['server-silent', 'client-abandoned'],
  },
  {
    id: 'invalidMessageAuthenticator',
    pattern:
      /invalid message-authenticator|message-authenticator attribute is invalid|shared secret is incorrect|reason code\W*262\b/,
    title: 'invalid Message-Authenticator! (Shared secret is incorrect.)',
    rules: ['radius-secret-mismatch', 'radius-silent'],
  },
  {
    id: 'noEapSessionMatchingState',
    pattern: /no eap session matching state/,
    title: 'rlm_eap (EAP): No EAP session matching state',
    rules: ['radius-silent', 'client-abandoned'],
  },
  {
    id: 'ignoringRequestFromUnknownClient',
    pattern: /ignoring request .*from unknown client/,
    title: 'Ignoring request from unknown client',
    rules: ['radius-silent'],
  },
  {
    id: 'eapAuthenticationFailed',
    pattern: /eap[- ]failure|eap authentication failed/,
    title: 'CTRL-EVENT-EAP-FAILURE EAP authentication failed',
    rules: [
      'inner-authentication-failed',
      'client-certificate-untrusted',
      'client-certificate-rejected',
      'eap-method-mismatch',
      'handshake-rejected',
    ],
  },
  {
    id: 'npsReason16',
    pattern: /user credentials mismatch|reason code\W*16\b/,
    title: 'Authentication failed due to a user credentials mismatch',
    rules: ['inner-authentication-failed'],
  },
  {
    id: 'npsReason22',
    pattern: /eap type cannot be processed|reason code\W*22\b/,
    title: 'The client could not be authenticated because the EAP Type cannot be processed by the server',
    rules: ['eap-method-mismatch', 'certificate-authority-unknown', 'certificate-rejected'],
  },
  {
    id: 'npsReason23',
    pattern: /network policy server use of the extensible authentication|reason code\W*23\b/,
    title: 'An error occurred during the Network Policy Server use of the Extensible Authentication Protocol (EAP)',
    rules: ['handshake-rejected', 'internal-error', 'protocol-version-mismatch', 'client-certificate-rejected'],
  },
  {
    id: 'supplicantStoppedRespondingToIse',
    pattern: /supplicant stopped responding|abandoned eap session/,
    title: 'Supplicant stopped responding to ISE',
    rules: ['client-abandoned', 'certificate-authority-unknown', 'certificate-rejected', 'eap-fragment-lost'],
  },
  {
    id: 'cannotContactLdapServer',
    pattern: /can.t contact ldap server|\bldap error 81\b|error <0x51>/,
    title: "Can't contact LDAP server",
    rules: ['tcp-connection-refused', 'tcp-connection-timeout', 'certificate-authority-unknown', 'hostname-mismatch'],
  },
  {
    id: 'receivedInvalidResponseToSslNegotiation',
    pattern: /invalid ssl negotiation response|invalid response to ssl negotiation/,
    title: 'received invalid response to SSL negotiation',
    rules: ['tls-never-began', 'starttls-refused'],
  },
  // Errors of one side alone: nothing was sent.
  {
    id: 'invalidKeystoreFormat',
    pattern:
      /invalid keystore format|keystore was tampered with|keystore password was incorrect|failed to decrypt safe contents/,
    title: 'Invalid keystore format',
    rules: [],
  },
  {
    id: 'digitalEnvelopeRoutinesUnsupported',
    pattern: /digital envelope routines:+(?:\w* ?:)?unsupported|err ossl evp unsupported/,
    title: 'error:0308010C:digital envelope routines::unsupported',
    rules: [],
  },
  {
    id: 'pythonWithoutSslModule',
    pattern:
      /ssl support is not compiled in|ssl module .*is not available|open ?ssl appears to be unavailable|no attribute .wrap socket|protocol version conflict|either server ?name or insecure ?skip ?verify|failed to enable ssl support|ssl ?proxy requested for .*not enabled/,
    title: 'the ssl module in Python is not available',
    rules: [],
  },
  {
    id: 'cleartextNotPermitted',
    pattern: /cleartext (?:http|communication)|code=-1022\b/,
    title: 'CLEARTEXT communication not permitted by network security policy',
    rules: [],
  },
  {
    id: 'unableToLoadCertificate',
    pattern:
      /ora-28759|\bpem lib\b|asn1: not enough data|failed to find any pem data|certificate verify locations|ssl ca cert\b.*(?:path|access)|keystore located at .* did not load|pkcs ?#?12 wallet|tls init def ctx failed|unable to load (?:certificate|private key|key|client certificate)|could not load pem|has group or world access|cannot load certificate|specified in tlscertificatename|unable to get (?:certificate|private key)\b|pem routines\b.*no start line|mac verify failure|cannot load inline|unable to load ssl (?:private key|certificate)|cannot recover key|tls initialization failed/,
    title: 'unable to load certificate',
    rules: [],
  },
  // General ones.
  {
    id: 'receivedUnexpectedHandshakeMessage',
    pattern:
      /handshake message sequence violation|unexpected (?:handshake )?message|inappropriate ?(?:handshake )?message|error rx (?:malformed|unexpected)|ssl routines:+(?:[\w ]* ?:)?(?:bad extension|length mismatch|ccs received early|bad length|decode error)|unconfigured cipher suite|-0x7700\b|-9849\b|ssl routines:+(?:[\w ]* ?:)?(?:bad record type|length too long|invalid alert|data between ccs and finished|inconsistent extms)/,
    title: 'received unexpected handshake message',
    rules: ['protocol-violation', 'server-speaks-plaintext'],
  },
  {
    id: 'badCertificateForChannel',
    pattern: /bad ssl certificate for channel|amq9633|gsk error bad cert|gskit.* 414\b/,
    title: 'AMQ9633: Bad SSL certificate for channel',
    rules: [
      'certificate-authority-unknown',
      'client-certificate-untrusted',
      'certificate-expired',
      'certificate-rejected',
    ],
  },
  {
    id: 'noPeerCertificateAvailable',
    pattern: /no peer certificate available|ssl handshake has read 0 bytes/,
    title: 'no peer certificate available',
    rules: ['handshake-rejected', 'connection-reset', 'closed-without-alert', 'server-speaks-plaintext'],
  },
  {
    id: 'secEIllegalMessage',
    pattern:
      /sec e illegal message|0x80090326|ssl protocol error|secure connection failed|-1200\b|an ssl error has occurred and a secure connection|could not create ssl\/tls secure channel|message received was unexpected or badly formatted|unexpected error occurred on a (?:send|receive)|-9802\b|secure channel failure|-9800\b|err ?sslprotocol\b/,
    title: 'SEC_E_ILLEGAL_MESSAGE, ERR_SSL_PROTOCOL_ERROR',
    rules: [
      'handshake-rejected',
      'protocol-version-mismatch',
      'cipher-suite-mismatch',
      'server-speaks-plaintext',
      'protocol-violation',
    ],
  },
  {
    id: 'fatalAlertReceived',
    pattern: /tls fatal alert has been received|-0x7780\b|fatal alert was generated and sent|\b36888\b/,
    title: 'A TLS fatal alert has been received',
    rules: ['handshake-rejected', 'certificate-rejected', 'client-certificate-rejected'],
  },
  {
    id: 'errorWinhttpSecureFailure',
    pattern: /winhttp secure failure|\b12175\b|0x80072f8f|0x80072f7d|inet e security problem/,
    title: 'ERROR_WINHTTP_SECURE_FAILURE',
    rules: [
      'client-clock-wrong',
      'certificate-authority-unknown',
      'protocol-version-mismatch',
      'revocation-check-failed',
    ],
  },
  {
    id: 'invalidToken',
    pattern: /token supplied to the function is invalid|sec e invalid token|0x80090308/,
    title: 'The token supplied to the function is invalid',
    rules: ['server-speaks-plaintext', 'protocol-version-mismatch', 'protocol-violation'],
  },
  {
    id: 'credentialWithoutPrivateKey',
    pattern: /does not have a private key information property/,
    title: "The SSL server credential's certificate does not have a private key information property",
    rules: ['closed-without-alert', 'connection-reset', 'server-certificate-missing'],
  },
  {
    id: 'tlsClientCredential',
    pattern: /creating a tls (?:client|server) credential|\b36871\b/,
    title: 'A fatal error occurred while creating a TLS client credential',
    rules: ['protocol-version-mismatch', 'internal-error'],
  },
  {
    id: 'secEUnknownCredentials',
    pattern: /0x8009030d|sec e unknown credentials|credentials supplied to the package were not recogni[sz]ed/,
    title: 'SEC_E_UNKNOWN_CREDENTIALS: The credentials supplied to the package were not recognized',
    rules: ['internal-error', 'client-certificate-missing', 'client-key-unusable', 'server-certificate-missing'],
  },
  {
    id: 'errEchNotNegotiated',
    pattern: /ech not negotiated|missing esni/,
    title: 'ERR_ECH_NOT_NEGOTIATED',
    rules: ['handshake-rejected', 'tls-intercepted'],
  },
  {
    id: 'certificateFingerprintMismatch',
    pattern: /fingerprint (?:mismatch|verification failed|does ?n.t match|does not match)/,
    title: 'DTLS handshake failed: certificate fingerprint mismatch',
    rules: ['fingerprint-mismatch'],
  },
  {
    id: 'secretIsNotSuppliedBySds',
    pattern: /secret is not supplied by sds/,
    title: 'Secret is not supplied by SDS',
    rules: ['closed-without-alert', 'connection-reset'],
  },
  {
    id: 'certCbError',
    pattern: /ssl routines:+(?:[\w ]* ?:)?(?:internal error|cert cb error|callback failed)|\bcallback failed\b/,
    title: 'SSL routines::internal error, cert cb error, callback failed',
    rules: ['internal-error', 'server-certificate-missing', 'signature-scheme-mismatch'],
  },
  {
    id: 'secEInternalError',
    pattern: /sec e internal error|0x80090304/,
    title: 'SEC_E_INTERNAL_ERROR',
    rules: ['internal-error', 'client-key-unusable'],
  },
  {
    id: 'certificateVerifyFailed',
    pattern:
      /verify failed|certificate verification failed|certificate was rejected by the provided|526 invalid|invalid ssl certificate|certificate validation failure|error in the certificate\b|cert ?chain ?invalid|-9807\b|failed to verify certificate|cannot verify .*certificate|chain validation failed|invalid certificate chain|confirming the ssl certificate|peer cert untrusted or revoked|-9808\b|invalid peer certificate|remote certificate is invalid|cert(?:ificate)? invalid|certificate for this server is invalid|ns ?url ?error ?server ?certificate ?untrusted|-1202\b|connection is not private|validation of ssl server certificate failed|ssl peer certificate or ssh|pki verification of .* failed|-0x2700\b|\b36876\b|\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?(?:60|51)\)?(?!\d)|certificate (?:cannot|could not) be verified|server certificate not verified|ora-28791|ora-29002|ora-28868|certificate chain check failed|tic ssl trust error|\bcloudflare\W*526\b|-0x7680\b/,
    title: 'certificate verify failed',
    rules: [
      'certificate-authority-unknown',
      'chain-incomplete',
      'certificate-expired',
      'hostname-mismatch',
      'certificate-self-signed',
      'certificate-rejected',
    ],
  },
  {
    id: 'curl35SslConnectError',
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?35\)?(?!\d)|ssl connect error/,
    title: 'curl: (35) SSL connect error',
    rules: ['handshake-rejected', 'protocol-version-mismatch', 'server-speaks-plaintext', 'connection-reset'],
  },
  {
    id: 'curl56FailureWithReceivingNetworkData',
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?(?:52|55|56)\)?(?!\d)/,
    title: 'curl: (56) Failure with receiving network data',
    rules: ['client-certificate-missing', 'client-certificate-rejected', 'connection-reset', 'closed-without-alert'],
  },
  {
    id: 'curl58ProblemWithTheLocalCertificate',
    pattern:
      /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?(?:58|59|66|77|82|83|90|91|98)\)?(?!\d)/,
    title: 'curl: (58) Problem with the local certificate',
    rules: [
      'client-certificate-missing',
      'certificate-authority-unknown',
      'ocsp-response-invalid',
      'cipher-suite-mismatch',
    ],
  },
  {
    id: 'curl7FailedToConnect',
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?7\)?(?!\d)/,
    title: 'curl: (7) Failed to connect',
    rules: ['tcp-connection-refused', 'tcp-connection-timeout'],
  },
  {
    id: 'curl28',
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?28\)?(?!\d)/,
    title: 'curl: (28)',
    rules: ['tcp-connection-timeout', 'server-silent', 'path-mtu-blackhole'],
  },
  {
    id: 'sslHandshakeFailed',
    pattern:
      /handshake fail(?:ed|ure)|connection could not be established, see inner exception|communications link failure|ah02003|ssl proxy connect failed|record layer failure|ora-28860|\beproto\b|failed to enable crypto|ssl operation failed with code|can.?t establish a secure connection|sslc0008e|ora-28750|layer6 invalid response|ssl library error \d+ in handshake|ssl ?authentication ?exception|a tls error occurred|general ssl ?engine problem|read ?handshake ?record|call to sspi failed|authentication failed, see inner|bio read tls read plaintext|error during ssl handshake with remote|failed in error|\(tls\) server : error|unable to establish ssl connection|ssl accept error|tls accept failure|tls connect failed|disconnect\/reset before headers|ssslerr ssl (?:connect|accept)|ora-28862|amq9620|-313\b|sql30081n.*\bssl\b|\b(?:ssl|tls) ?(?:handshake )?(?:error|exception)\b(?! want)|could not establish a secure connection|mqrc ssl initialization error|cannot connect to mysql by ssl|\bbad handshake\b|ssl (?:accept|connect): ?error in|tls accept: error in|simple bind failed|error occurred during ssl communication|\b(?:cloudflare|error)\W*525\b|tls ?negotiation ?(?:error|failed)|error:0000000[15]:lib\(0\)/,
    title: 'SSL handshake failed',
    rules: ['handshake-rejected', 'certificate-rejected', 'client-abandoned', 'closed-without-alert'],
  },
] as const satisfies readonly ErrorMessage[];

export type ErrorMessageId = (typeof ERROR_MESSAGES)[number]['id'];

/** Names of alerts other than IANA's, written by Go, GnuTLS, NSS and rustls, by code. */
export const ALERT_NAMES: ReadonlyMap<string, number> = new Map([
  ['handshake failed', 40],
  ['user cancelled', 90],
  ['certificate is bad', 42],
  ['certificate is not supported', 43],
  ['certificate was revoked', 44],
  ['certificate is expired', 45],
  ['access was denied', 49],
  ['error in protocol version', 70],
  ['no renegotiation is allowed', 100],
  ['certificate is required', 116],
  ['no supported application protocol could be negotiated', 120],
  ['unknown certificate authority', 48],
  ['ca is unknown', 48],
  ['revoked certificate', 44],
  ['expired certificate', 45],
  ['error decoding message', 50],
  ['error decrypting message', 51],
  ['protocol version not supported', 70],
  ['insufficient security level', 71],
  ['unrecognised name', 112],
  ['server name was not recognized', 112],
  ['unknown certificate', 46],
  ['bad mac', 20],
  ['handshake unexpected', 10],
  ['bad cert status response', 113],
  ['bad cert', 42],
  ['unsupported cert', 43],
  ['revoked cert', 44],
  ['expired cert', 45],
  ['cert unknown', 46],
  // Secure Transport's: errSSLPeerHandshakeFail (-9824).
  ['peer handshake fail', 40],
  ['peer cert expired', 45],
  ['peer cert revoked', 44],
  ['-9819', 10],
  ['-9820', 20],
  ['-9821', 21],
  ['-9822', 22],
  ['-9824', 40],
  ['-9825', 42],
  ['-9826', 43],
  ['-9827', 44],
  ['-9828', 45],
  ['-9829', 46],
  ['-9830', 47],
  ['-9831', 48],
  ['-9832', 49],
  ['-9833', 50],
  ['-9834', 51],
  ['-9837', 71],
  ['-9838', 80],
  ['-9839', 90],
  ['-9840', 100],
]);
