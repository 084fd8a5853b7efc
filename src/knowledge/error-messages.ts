/**
 * What programs print when a handshake fails, and the diagnoses behind it. From the sources and logs of the libraries
 * named.
 */

/** A message, or several that mean the same. */
export interface ErrorMessage {
  /**
   * Searched for in the pasted text: lower case, with spaces for underscores and other space, and between the words of
   * CamelCase.
   */
  readonly pattern: RegExp;
  /** As a reader knows it. */
  readonly title: string;
  /** Who says it. */
  readonly of: string;
  /** One or two sentences. */
  readonly meaning: string;
  /** Ids of diagnoses, the most frequent first; empty if no connection was attempted. */
  readonly rules: readonly string[];
}

const OPENSSL = 'OpenSSL, and with it curl, nginx, Python, Node.js, Ruby, PHP';
const TRUST = ['certificate-authority-unknown', 'chain-incomplete', 'tls-intercepted', 'certificate-self-signed'];

/** The first match is the answer: specific messages come before general ones. */
export const ERROR_MESSAGES: readonly ErrorMessage[] = [
  // Messages that say "not trusted" for any fault, and then name it.
  {
    pattern: /name in the certificate does not match|certificate is not valid for any names/,
    title: 'The name in the certificate does not match the expected',
    of: 'GnuTLS; Go (certificate is not valid for any names, but wanted to match …)',
    meaning: 'The certificate is for other names than the one that the client asked for, or for none at all.',
    rules: ['hostname-mismatch'],
  },
  {
    pattern: /certificate is not trusted\. .*(?:chain uses expired|expired)/,
    title: 'The certificate is NOT trusted. The certificate chain uses expired certificate',
    of: 'GnuTLS',
    meaning: 'A certificate of the chain has expired. If it has not, the clock of the client is wrong.',
    rules: ['certificate-expired', 'client-clock-wrong'],
  },
  {
    pattern:
      /certificate transparency required|pinned (?:public )?key|pinning failure|insufficient certificate transparency|unexpected fingerprint|pin verification failed|cert hash and spki/,
    title: 'ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN',
    of: 'Chrome (also ERR_CERTIFICATE_TRANSPARENCY_REQUIRED), Firefox, curl (90), Android, Envoy (cert hash and spki)',
    meaning:
      'The chain is valid, but this client demands more of it: a key that it knows (pinning), or an entry in the public logs (Certificate Transparency). An inspecting device on the path causes the same.',
    rules: ['certificate-rejected', 'tls-intercepted'],
  },
  {
    pattern: /insecure algorithm/,
    title: 'cannot verify signature: insecure algorithm SHA1-RSA',
    of: 'Go',
    meaning: 'A certificate of the chain is signed with SHA-1 or MD5, which Go does not verify.',
    rules: ['certificate-weak'],
  },
  {
    pattern: /ssl routines:+(?:\w* ?:)?inappropriate fallback|downgrade (?:attempt )?detected/,
    title: 'tls: downgrade attempt detected',
    of: 'Go; BoringSSL and Chrome (TLS13_DOWNGRADE); OpenSSL (inappropriate fallback)',
    meaning:
      'One side saw that a lower version was agreed on than both can speak: a device on the path changed the handshake, or the client tried again with a lower version after a failure that had another cause.',
    rules: ['downgrade-detected', 'fallback-rejected', 'tls-intercepted'],
  },
  {
    pattern: /while trying to verify candidate authority certificate/,
    title: 'while trying to verify candidate authority certificate',
    of: 'Go (x509: certificate signed by unknown authority, possibly because of …)',
    meaning:
      'The client trusts an authority of this name, but it is not the one that signed: its trust store has an older certificate of the authority, or one with another key. After "parent certificate cannot sign" the certificate that it trusts is none of an authority.',
    rules: ['certificate-authority-unknown', 'certificate-signature-invalid', 'certificate-purpose-invalid'],
  },
  {
    pattern:
      /client (?:ssl )?certificate verif[^.]*(?:expired|not yet valid)|failed to verify client certificate.*expired|\b403\.17\b|\beap[- ]tls: .*certificate has expired/,
    title: 'client SSL certificate verify error: (10:certificate has expired)',
    of: "nginx, PostgreSQL, FreeRADIUS, IIS (403.17): the server's log",
    meaning: "The client's certificate has expired or is not valid yet, or the clock of the server is wrong.",
    rules: ['client-certificate-expired'],
  },
  {
    pattern:
      /client (?:ssl )?certificate (?:verif[^.]*(?:issuer|self[- ]signed|first certificate)|not trusted)|\beap[- ]tls: .*(?:issuer cert|self[- ]signed)|ah02039\b.*(?:issuer|self[- ]signed)|unknown ca in the client certificates? chain|reason code\W*(?:265|28[67]|295)\b|failed to verify client certificate.*unknown authority|\b403\.16\b/,
    title: 'client SSL certificate verify error: (20:unable to get local issuer certificate)',
    of: "nginx, Apache (AH02039), HAProxy, PostgreSQL, FreeRADIUS, Cisco ISE (12514), Windows NPS (reason codes 265, 286, 287, 295), IIS (403.16), Go (failed to verify client certificate): the server's log",
    meaning:
      "The server does not trust the authority that issued the client's certificate, or the client does not send an intermediate.",
    rules: ['client-certificate-untrusted', 'client-certificate-rejected'],
  },
  {
    pattern: /remote ?certificate ?name ?mismatch.*remote ?certificate ?chain ?errors/,
    title: 'RemoteCertificateNameMismatch, RemoteCertificateChainErrors',
    of: '.NET',
    meaning:
      'Two faults at once: the certificate is for other names, and its chain does not end in a root that the client trusts. Often another server, a default certificate or an inspecting device answers.',
    rules: ['hostname-mismatch', 'certificate-self-signed', 'certificate-authority-unknown', 'tls-intercepted'],
  },
  {
    pattern: /verify san list|san matcher/,
    title: 'CERTIFICATE_VERIFY_FAILED: verify cert failed: verify SAN list',
    of: 'Envoy, Istio',
    meaning:
      'The chain is valid, but no name in the certificate is among those that Envoy is told to accept (match_typed_subject_alt_names): another workload answers, or the list is out of date.',
    rules: ['hostname-mismatch', 'access-denied', 'client-certificate-rejected'],
  },
  {
    pattern: /certificate is not whitelisted|does not match (?:any of )?the trusted root/,
    title: 'Backend server certificate is not whitelisted with Application Gateway',
    of: 'Azure Application Gateway',
    meaning:
      'The gateway does not trust the root above the certificate of its back end, or the back end does not send its intermediates.',
    rules: ['certificate-authority-unknown', 'chain-incomplete', 'certificate-self-signed'],
  },
  {
    pattern: /bad header,<<22,3|<<22,3,[0-4],/,
    title: '{bad_header,<<22,3,1,…>>}',
    of: 'RabbitMQ and other servers in Erlang',
    meaning: 'A ClientHello came to a listener without TLS: the bytes 22, 3 begin a TLS record.',
    rules: ['server-speaks-plaintext'],
  },
  {
    pattern: /illegal server name|invalid server name extension/,
    title: 'Illegal server name, type=host_name(0)',
    of: 'Java',
    meaning:
      'The client asked for a server name (SNI) that is not a DNS host name: with an underscore, a port, or an address.',
    rules: ['sni-invalid'],
  },
  {
    pattern: /server certificate change is restricted/,
    title: 'server certificate change is restricted during renegotiation',
    of: 'Java 8',
    meaning:
      'A handshake that resumes a session, or renegotiates, brought another certificate than the first one. Several servers with different certificates share an address, or the certificate was replaced while the connection was open.',
    rules: ['resumption-broken', 'renegotiation-refused'],
  },
  {
    pattern: /pre-?login handshake/,
    title: 'an error occurred during the pre-login handshake',
    of: 'SQL Server clients (.NET, ODBC)',
    meaning:
      'TCP worked, and TLS inside of TDS did not. What stands behind it says why: a certificate that is not trusted, no TLS version in common, or a server that closed the connection.',
    rules: ['certificate-authority-unknown', 'protocol-version-mismatch', 'connection-reset', 'closed-without-alert'],
  },
  {
    pattern: /plaintext broker listener|security\.protocol configuration \(connecting to a ssl listener/,
    title: 'Disconnected: connecting to a PLAINTEXT broker listener?',
    of: 'librdkafka; the other way round: connecting to a SSL listener?',
    meaning:
      'Client and broker do not agree on whether that listener speaks TLS: compare security.protocol with the listener of that port.',
    rules: ['server-speaks-plaintext', 'client-speaks-plaintext', 'closed-without-alert'],
  },
  {
    pattern:
      /(?:rejected the ise local-certificate|\b12520\b.*client rejected|\b12321\b.*client rejected|treating as a rejection by the client)/,
    title: 'EAP-TLS failed SSL/TLS handshake because the client rejected the ISE local-certificate',
    of: 'Cisco ISE (12520 EAP-TLS, 12321 PEAP, 12511 a TLS alert)',
    meaning:
      'The client does not trust the authority of the RADIUS server, or expects another server name. Its network profile says which authorities and names it accepts.',
    rules: ['certificate-authority-unknown', 'hostname-mismatch', 'certificate-rejected', 'client-abandoned'],
  },
  // Trust.
  {
    pattern: /self[- ]signed cert(?:ificate)? in (?:certificate )?chain|err:?19\b|error 19 at/,
    title: 'self-signed certificate in certificate chain',
    of: OPENSSL,
    meaning:
      'The chain ends in a root certificate that the client does not trust: a private authority, or a device that inspects TLS.',
    rules: ['certificate-authority-unknown', 'tls-intercepted'],
  },
  {
    pattern:
      /self[- ]signed cert|depth zero self signed|mozilla pkix error self signed|error 18 at|\bself[- ]signed\b|bad cert,selfsigned peer/,
    title: 'self-signed certificate',
    of: `${OPENSSL}; Firefox (MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT)`,
    meaning: "The server's certificate is signed with its own key, and the client does not trust it.",
    rules: ['certificate-self-signed', 'certificate-authority-unknown'],
  },
  {
    pattern:
      /unable to verify the first certificate|certificate chain is incomplete|unable to verify leaf signature|error 21 at|partial ?chain/,
    title: 'unable to verify the first certificate',
    of: `${OPENSSL}; .NET (PartialChain)`,
    meaning: 'The client got the certificate, but not the intermediate certificate that issued it.',
    rules: ['chain-incomplete', 'certificate-authority-unknown'],
  },
  {
    pattern: /unable to get (?:local )?issuer cert|error 20 at|error 2 at/,
    title: 'unable to get local issuer certificate',
    of: OPENSSL,
    meaning:
      'Whoever says this does not find who issued a certificate of the other side: the other side does not send an intermediate, or this side does not trust the root.',
    rules: ['chain-incomplete', 'certificate-authority-unknown', 'tls-intercepted', 'client-certificate-untrusted'],
  },
  {
    pattern:
      /pkix path building failed|path does not chain with any of the trust anchors|unable to find valid certification path|sun ?cert ?path ?builder/,
    title: 'PKIX path building failed: unable to find valid certification path to requested target',
    of: 'Java',
    meaning:
      'Java found no path from the certificate to a root in its trust store (cacerts): the authority is not in it, or the server does not send an intermediate.',
    rules: TRUST,
  },
  {
    pattern:
      /pkix path validation failed: .*expired|(?:validity|timestamp) check failed|certificate ?expired ?exception|notafter:/,
    title: 'CertificateExpiredException: NotAfter',
    of: 'Java',
    meaning: 'A certificate of the chain has expired, or the clock of the client is wrong.',
    rules: ['certificate-expired', 'client-clock-wrong'],
  },
  {
    pattern: /mitm detected|known interception/,
    title: 'MOZILLA_PKIX_ERROR_MITM_DETECTED',
    of: 'Firefox',
    meaning: 'A device or program between client and server opens the connections and makes certificates of its own.',
    rules: ['tls-intercepted'],
  },
  {
    pattern: /trust ?anchors parameter must be non-empty/,
    title: 'the trustAnchors parameter must be non-empty',
    of: 'Java',
    meaning:
      'The trust store that Java was told to use is empty, missing, or opened with a wrong password: the client trusts nobody, and the server is not at fault.',
    rules: ['certificate-authority-unknown'],
  },
  {
    pattern: /root certificate file .*does not exist|could not find a suitable tls ca certificate bundle/,
    title: 'root certificate file does not exist',
    of: 'PostgreSQL (libpq), Python (Could not find a suitable TLS CA certificate bundle)',
    meaning:
      'The client is told to verify the server (PostgreSQL: sslmode=verify-ca or verify-full) and has no file of authorities to verify it with.',
    rules: ['certificate-authority-unknown'],
  },
  {
    pattern:
      /no trusted certificate found|peer certificate cannot be authenticated|no signer error|issuer is not recogni[sz]ed|server certificate verification failed\. cafile|issued by an untrusted certificate authority|signed by unknown authority|unknown ?issuer|issuer is unknown|cert authority invalid|sec error (?:unknown|untrusted) issuer|untrusted ?root|additional policy constraint failed|bear ?ssl.* 62\b|certificate (?:of .* )?(?:is )?not trusted|locally verify the issuer|issued by an authority that is not trusted|could not be built to a trusted root|0x800b010a|signed by an unknown certificate authority|did not trust this server.s certificate|symantec legacy|peer cert untrusted|signer may need to be added|server ?certificate ?has ?unknown ?root|-1203\b|\b36882\b|0x80090325|0x800b0109|anchor certificate not found|sec error untrusted cert|-9812\b|-9813\b|err ?sslunknown ?root ?cert|err ?sslno ?root ?cert|wolf ?ssl.* -188\b|trust anchor for certification path not found|could not establish trust relationship|remote ?certificate ?chain ?errors|certificate was not trusted|peer not trusted|rejected by chain ?verifier|not chosen to trust|untrusted server cert/,
    title: 'certificate signed by unknown authority',
    of: 'Go; rustls (UnknownIssuer); Firefox (SEC_ERROR_UNKNOWN_ISSUER); Chrome (ERR_CERT_AUTHORITY_INVALID); GnuTLS; Windows (SEC_E_UNTRUSTED_ROOT); SQL Server; .NET; Apple; Android; SAP; WebSphere; Elasticsearch',
    meaning:
      'The client does not trust the authority that issued the certificate, or the server does not send an intermediate.',
    rules: TRUST,
  },
  // Dates.
  {
    pattern:
      /(?<!expired or is )not yet valid|current time \S+ is before|cert not yet valid|certificate ?not ?yet ?valid|not ?valid ?yet|error 9 at|-9815\b|wolf ?ssl.* -150\b/,
    title: 'certificate is not yet valid',
    of: `${OPENSSL}; Java, Go, Firefox, rustls`,
    meaning: 'The certificate begins later than the time on the clock of the client. Often that clock is wrong.',
    rules: ['certificate-not-yet-valid', 'client-clock-wrong'],
  },
  {
    pattern:
      /bad cert,cert expired|certificate (?:sent by the peer )?has expired|cert has expired|issued certificate has expired|expired certificate|certificate expired|cert date invalid|cert e expired|sec e cert expired|invalid peer certificate: expired|server ?certificate ?has ?bad ?date|-1201\b|invalid ?certificate\(expired|certificate ?expired|0x80090328|0x800b0101|-9814\b|wolf ?ssl.* -151\b|err ?sslcert ?expired|not ?time ?valid|error 10 at|\b36881\b/,
    title: 'certificate has expired',
    of: `${OPENSSL}; Go, Java, rustls; Firefox (SEC_ERROR_EXPIRED_CERTIFICATE); Chrome (ERR_CERT_DATE_INVALID); Windows (SEC_E_CERT_EXPIRED)`,
    meaning: 'A certificate of the chain has expired. If it has not, the clock of the client is wrong.',
    rules: ['certificate-expired', 'client-clock-wrong', 'client-certificate-expired'],
  },
  // Names.
  {
    pattern: /relies on legacy common name|no subject alternative names? present|no ?subject ?alt ?name/,
    title: 'certificate relies on legacy Common Name field, use SANs instead',
    of: 'Go; Java (No subject alternative names present)',
    meaning:
      'The certificate has no subject alternative name for what was asked for; its common name does not count (RFC 9525).',
    rules: ['hostname-mismatch'],
  },
  {
    pattern:
      /hostname mismatch|hostname check failed|unable to match altnames|host ?name .*(?:does ?n.t|does not) match|does not match host ?name|verify x509name error|certificate does not match for hostname|target principal name|unable to obtain common name|certificate for .* does ?n.t match any of the subject|altname invalid|does not match (?:the )?certificate|no alternative certificate subject name matches|subject name .*does not match|no certificate subject alternative name matches|target host name|no name matching|no subject alternative .* matching|certificate is valid for .*, ?not|not ?valid ?for ?name|cert common name invalid|bad cert domain|cn no match|sec e wrong principal|0x80090322|0x800b010f|-9843\b|err ?sslhost ?name ?mismatch|wolf ?ssl.* -322\b|remote ?certificate ?name ?mismatch|doesn.t contain any ip sans|ip address mismatch|unexpected host ?name|peer name mismatch|server certificate .*does (?:not|n.t) (?:match|include)|host ?name .* not verified|server name mismatch|domain mismatch|did not match expected cn|upstream ssl certificate does not match|not contain the expected name|does not match the target address|server cert mismatch|\b36884\b|host ?name .*could not be verified|mismatched server certificate|must have a subject alternative name matching|common name .*certificate does(?:n.t| not) match/,
    title: 'Hostname mismatch, certificate is not valid for the name',
    of: `${OPENSSL}; Go (certificate is valid for …, not …); Java (No name matching … found); Chrome (ERR_CERT_COMMON_NAME_INVALID); Firefox (SSL_ERROR_BAD_CERT_DOMAIN); Node.js (ERR_TLS_CERT_ALTNAME_INVALID); rustls; Windows`,
    meaning: 'The certificate is for other names than the one that the client asked for.',
    rules: ['hostname-mismatch'],
  },
  // Plaintext and TLS mixed up.
  {
    pattern:
      /http ?s? request (?:was )?sent to|http ?s? request was sent|http request to an https|plain http request|ssl routines:+.*http request|https proxy request|http spoken on https port|ssl error rx unknown record|received plaintext (?:http )?traffic on an|combination of host and port requires tls|malformed http .*\\x1[56]\\x03|expected http\/|hpe invalid constant|ssslerr no ssl request|\bnot ssl \(40\)/,
    title: 'The plain HTTP request was sent to HTTPS port',
    of: 'nginx, Go, Apache, Spring, Elasticsearch, OpenSSL (http request); clients: Go (malformed HTTP response "\\x15\\x03\\x01…"), Node.js (Parse Error: Expected HTTP/)',
    meaning: 'The client speaks plaintext HTTP to a port where the server expects TLS: http:// in place of https://.',
    rules: ['client-speaks-plaintext'],
  },
  {
    pattern:
      /wrong version number|first record does not look like a tls handshake|rx record too long|unexpected tls packet|unrecognized ssl message|plaintext connection\?|http response to https client|invalid ?content ?type|cannot determine the frame size|corrupted frame|unknown protocol|packet length too long|record layer version error|received record with version|oversized record received|exceeded the maximum permissible length|bad packet length|-0x7200\b/,
    title: 'wrong version number',
    of: `${OPENSSL}; Go (first record does not look like a TLS handshake); Firefox (SSL_ERROR_RX_RECORD_TOO_LONG); Java (Unsupported or unrecognized SSL message); rustls (InvalidContentType); GnuTLS; .NET`,
    meaning:
      'What came in answer to the ClientHello is no TLS, nearly always: a plaintext service, a proxy, or a protocol that begins with STARTTLS. The message is not about the TLS version.',
    rules: ['server-speaks-plaintext', 'proxy-refused', 'protocol-version-mismatch'],
  },
  {
    pattern:
      /no pg hba\.conf entry .*(?:no encryption|ssl off)|insecure transport are prohibited|must issue a starttls|starttls is required to send/,
    title: 'no pg_hba.conf entry for host …, no encryption',
    of: 'PostgreSQL; MySQL (Connections using insecure transport are prohibited); SMTP servers (530 Must issue a STARTTLS command first)',
    meaning:
      'The server demands TLS, and the client connected without it: switch TLS on in the client (PostgreSQL: sslmode=require; MySQL: --ssl-mode=REQUIRED; mail: STARTTLS).',
    rules: ['tls-never-began'],
  },
  {
    pattern:
      /server does ?n.t support (?:ssl|it|tls)(?! ?1\d)|unsupported frontend protocol 1234\.5679|server does not support (?:ssl|tls)(?! ?1\d)|ssl is required,? but the server|ssl is not enabled on the server|unsupported extended operation|\btls not available\b/,
    title: 'server does not support SSL, but SSL was required',
    of: 'PostgreSQL, MySQL and their drivers; OpenLDAP (unsupported extended operation); mail servers (454 TLS not available)',
    meaning:
      'The client demands TLS, and the server answered that it has none: TLS is switched off there, or a proxy between them does not pass it on.',
    rules: ['starttls-refused', 'starttls-not-offered'],
  },
  {
    pattern: /starttls.*not (?:offered|supported|available)|tls is required, but was not offered/,
    title: 'TLS is required, but was not offered',
    of: 'Postfix, mail clients',
    meaning: 'The server does not offer STARTTLS, or a device on the path removes the offer.',
    rules: ['starttls-not-offered', 'starttls-refused'],
  },
  {
    pattern:
      /tunnel connection failed|proxy connect aborted|connection to proxy closed|connect tunnel failed|proxy authentication required|initial socks\d? response|(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?97\)?(?!\d)/,
    title: 'ERR_TUNNEL_CONNECTION_FAILED',
    of: 'Chrome, curl (56: CONNECT tunnel failed; 97: a SOCKS proxy)',
    meaning: 'The proxy did not open the connection: TLS never began.',
    rules: ['proxy-refused'],
  },
  {
    pattern:
      /not (?:seem to be|look like) a proxy protocol header|reading proxy protocol|proxy protocol (?:header|error)/,
    title: 'Received something which does not look like a PROXY protocol header',
    of: 'HAProxy; nginx (broken header while reading PROXY protocol)',
    meaning: 'One side sends, or expects, the header of the PROXY protocol before TLS, and the other does not.',
    rules: ['proxy-protocol-mismatch'],
  },
  {
    pattern:
      /outofmemoryerror.*kafka|out of memory ?error.*kafka|bootstrap broker .*disconnected|terminated during authentication/,
    title: 'Bootstrap broker … disconnected',
    of: 'Kafka (also: terminated during authentication; OutOfMemoryError in NetworkReceive)',
    meaning:
      'Most often the client speaks plaintext to a listener with TLS: set security.protocol=SSL or SASL_SSL. It may take the alert in answer for a length, and run out of memory. Otherwise the broker rejected the credentials, or a firewall closed the connection.',
    rules: ['client-speaks-plaintext', 'closed-without-alert', 'connection-reset'],
  },
  {
    pattern: /invalid receive \(size|not ssl record|not an ssl\/tls record/,
    title: 'not an SSL/TLS record, Invalid receive (size = …)',
    of: 'Netty; Kafka',
    meaning:
      'The bytes that arrived are of another protocol. Kafka takes the first four for a length: 369,29x,xxx is a ClientHello at a port without TLS, 1195725856 is "GET ", an HTTP request.',
    rules: ['client-speaks-plaintext', 'server-speaks-plaintext'],
  },
  {
    pattern: /provided via sni and hostname .* via http|misdirected request/,
    title: 'AH02032: Hostname provided via SNI and hostname provided via HTTP have no compatible SSL setup',
    of: 'Apache httpd (421 Misdirected Request)',
    meaning:
      'The handshake worked. But the request names another host than the ClientHello did (server_name), and the two have other TLS settings: a proxy sends its own name, or a client uses one connection for several hosts.',
    rules: ['sni-unrecognized', 'sni-missing'],
  },
  // What both sides can speak.
  {
    pattern: /version or cipher mismatch/,
    title: 'ERR_SSL_VERSION_OR_CIPHER_MISMATCH',
    of: 'Chrome',
    meaning:
      'Browser and server have no TLS version, cipher suite or group in common; the server answered with alert 40 or 70.',
    rules: ['protocol-version-mismatch', 'cipher-suite-mismatch', 'sni-unrecognized', 'group-mismatch'],
  },
  {
    pattern:
      /no available authentication scheme|no certificates? configured|no .ssl certificate. is defined|no certificate assigned|no certificate available(?! for client)/,
    title: 'no certificates configured',
    of: "Go (tls: no certificates configured); Java (No available authentication scheme), in the server's log",
    meaning:
      'The server has no certificate to present: none is configured, none could be loaded, or none has a key whose signatures the client accepts.',
    rules: ['server-certificate-missing', 'signature-scheme-mismatch'],
  },
  {
    pattern:
      /none of the cipher suites supported by the client|no cy?i?pher ?overlap|cipher ?spec negotiated .* does not match|no shared cipher|no cipher suites? (?:in common|supported by both)|no ?cipher ?suites ?in ?common|no negotiable cipher|no supported cipher suites|no ciphers available|no cipher match|do not possess a common algorithm|sec e algorithm mismatch|0x80090331|couldn.t use specified cipher|amq9641|remote cipherspec error|-9801\b|failed to set ciphers|no cipher chosen|-0x7380\b|err ?sslnegotiation/,
    title: 'no shared cipher',
    of: `${OPENSSL} (the server's log); Firefox (SSL_ERROR_NO_CYPHER_OVERLAP); Java (no cipher suites in common); Go; GnuTLS; rustls; Windows (SEC_E_ALGORITHM_MISMATCH)`,
    meaning:
      'The server accepts none of the cipher suites that the client offers, or none that fits its certificate; it may have no certificate at all. Some programs say the same of the versions.',
    rules: [
      'cipher-suite-mismatch',
      'protocol-version-mismatch',
      'signature-scheme-mismatch',
      'sni-missing',
      'server-certificate-missing',
    ],
  },
  {
    pattern: /inadequate transport security/,
    title: 'ERR_HTTP2_INADEQUATE_TRANSPORT_SECURITY',
    of: 'Chrome, Firefox (NS_ERROR_NET_INADEQUATE_SECURITY)',
    meaning:
      'The handshake worked, but agreed on a cipher suite or version that HTTP/2 forbids (RFC 9113, section 9.2 and appendix A): put suites of ECDHE with AES-GCM or ChaCha20 first.',
    rules: ['weak-cipher-suite', 'no-forward-secrecy'],
  },
  {
    pattern:
      /unsupported protocol|sec e unsupported function|0x80090302|unsupported sslv2 handshake|unsupported version|no protocols available|no appropriate protocol|protocol version not supported|illegal or unsupported version|no supported versions satisfy|obsolete version|is not accepted by client preferences|server does not support tls ?1|supported ?versions ?extension ?required|version too low|version too high|protocol version mismatch|-9836\b|peer protocol version|unsupported record version|no compatible quic version|bad protocol version number|protocol version is incorrect|does not support tls ?1[23]/,
    title: 'unsupported protocol',
    of: `${OPENSSL}; Firefox (SSL_ERROR_UNSUPPORTED_VERSION); Java (No appropriate protocol); Go; GnuTLS; rustls; Chrome (ERR_SSL_OBSOLETE_VERSION)`,
    meaning:
      'Client and server have no TLS version in common: one of them is too old, or is told to allow less than it can.',
    rules: ['protocol-version-mismatch'],
  },
  {
    pattern:
      /dh key too small|weak server ephemeral dh|diffie-hellman prime .*not acceptable|dh serverkeyexchange does not comply|could not generate dh keypair|prime is too short|weak ephemeral dh/,
    title: 'dh key too small',
    of: `${OPENSSL}; Firefox, GnuTLS, Java`,
    meaning: 'The server exchanges keys by Diffie-Hellman with a prime that the client considers too short.',
    rules: ['group-mismatch'],
  },
  {
    pattern:
      /no shared groups?|no suitable key share|no ?kx ?groups ?in ?common|no supported (?:elliptic )?curve|no elliptic curve|bad key share|wrong curve|no suitable groups/,
    title: 'no shared group',
    of: `${OPENSSL} (no suitable key share); Go, rustls`,
    meaning: 'Client and server have no key exchange group in common.',
    rules: ['group-mismatch'],
  },
  {
    pattern:
      /no (?:suitable|shared|common) signature algorithms?|wrong signature type|legacy sigalg|unsupported certificate: private key is|missing sigalgs extension|signature ?schemes ?in ?common|signature algorithms? .*not supported|peer doesn.t support any of the certificate|unsupported type of public key|signature algorithms extension required|no supported signature algorithm/,
    title: 'no shared signature algorithms',
    of: `${OPENSSL}; Go, rustls`,
    meaning: 'The key of the certificate can make no signature that the other side accepts.',
    rules: ['signature-scheme-mismatch'],
  },
  {
    pattern:
      /no (?:common )?application protocol|0x80090367|alpn.*(?:mismatch|not)|not select alpn|malformed http response ..x00.x00|unadvertised alpn|missing selected alpn|unexpected alpn protocol/,
    title: 'server selected unadvertised ALPN protocol',
    of: 'all libraries',
    meaning: 'Client and server have no application protocol (ALPN) in common.',
    rules: ['alpn-mismatch'],
  },
  {
    pattern:
      /unsafe legacy renegotiation|rejecting client initiated renegotiation|identity changed during renegotiation/,
    title: 'unsafe legacy renegotiation disabled',
    of: OPENSSL,
    meaning:
      'The server does not know secure renegotiation (RFC 5746), which OpenSSL 3 refuses; or it refuses a renegotiation that the client began (Apache).',
    rules: ['renegotiation-refused', 'insecure-renegotiation'],
  },
  {
    pattern: /extended master secret/,
    title: 'extended_master_secret is required',
    of: 'Java, OpenSSL and Go in FIPS mode',
    meaning: 'The server does not know the extended master secret (RFC 7627), and the client insists on it.',
    rules: ['extended-master-secret-missing'],
  },
  // Certificates.
  {
    pattern:
      /(?:ee|ca) key too small|(?:ee|ca) certificate key too weak|ca signature digest algorithm too weak|(?:ca|ee) md too weak|weak signature algorithm|cert weak key|weak server cert key|algorithm constraints check failed|certificates do not conform to algorithm constraints|insufficient security level|signed using an insecure algorithm|cert signature algorithm disabled|invalid peer certificate: unsupported (?:cert )?signature algorithm|cert signature algorithm unsupported/,
    title: 'ee key too small, ca md too weak',
    of: `${OPENSSL}; Java (Algorithm constraints check failed); Chrome (ERR_CERT_WEAK_SIGNATURE_ALGORITHM); GnuTLS`,
    meaning: 'A certificate of the chain has a key that is too short, or is signed with SHA-1 or MD5.',
    rules: ['certificate-weak'],
  },
  {
    pattern:
      /unsuitable certificate purpose|unsupported certificate purpose|incompatible key usage|key usage (?:does not|incompatible)|keyusage does not allow|inadequate (?:key|cert) (?:usage|type)|extended key usage|bad cert,(?:invalid key usage|key usage mismatch|name not permitted|missing basic constraint)|verify (?:ku|eku|ns ?cert ?type) error|for non[- ]signing certificate|path length constraint|permitted subtree|ca cert invalid|invalid ca certificate|ca (?:cert )?used as end entity|v1 cert used as ca|name constraint|basic constraints check failed|not authorized to sign for this name|reason code\W*283\b/,
    title: 'unsuitable certificate purpose',
    of: `${OPENSSL}; Go, Java, Firefox, Chrome, rustls, OpenVPN (VERIFY EKU ERROR)`,
    meaning: 'A certificate is used for what it does not allow: as a server, as a client, or as an authority.',
    rules: ['certificate-purpose-invalid', 'client-certificate-rejected'],
  },
  {
    pattern:
      /unable to get certificate crl|crl has expired|no revocation check|revocation offline|unable to check revocation|revocation ?status ?unknown|offline ?revocation|revocation status check failed|0x80092012|0x80092013|could not determine revocation status|reason code\W*(?:258|259|291)\b/,
    title: 'unable to get certificate CRL',
    of: `${OPENSSL}; Windows (CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE)`,
    meaning:
      'The program checks whether the certificate is revoked, and the revocation list or OCSP responder does not answer or is out of date.',
    rules: ['revocation-check-failed', 'ocsp-response-invalid'],
  },
  {
    pattern: /ocsp|required tls feature missing|bad certificate status|ssl stapling. ignored/,
    title: 'invalid OCSP response',
    of: 'all libraries; Firefox (MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING)',
    meaning: 'The OCSP response that the server staples is missing, out of date, or about another certificate.',
    rules: ['ocsp-response-invalid', 'certificate-revoked'],
  },
  {
    pattern:
      /certificate (?:is |was |has been )?revoked|\b403\.13\b|cert revoked|revoked certificate|reason code\W*289\b/,
    title: 'the certificate has been revoked',
    of: 'all libraries',
    meaning: 'The authority has revoked the certificate.',
    rules: ['certificate-revoked', 'client-certificate-rejected'],
  },
  {
    pattern:
      /certificate signature failure|0x80096004|bad signature|invalid signature|signature verification has failed|wolf ?ssl.* -155\b|block type is not 01|bad cert,invalid (?:signature|issuer)|crypto\/rsa: verification error|ecdsa verification failure|signature does not match/,
    title: 'certificate signature failure',
    of: `${OPENSSL}; Firefox (SEC_ERROR_BAD_SIGNATURE); GnuTLS, rustls`,
    meaning:
      'A signature does not verify: the issuer has another key than the one that signed, or a message was altered.',
    rules: ['certificate-signature-invalid', 'decryption-failed'],
  },
  {
    pattern:
      /negative serial number|bad ?encoding|strict.*basic constraints|missing (?:authority|subject) key identifier|ca cert not marked critical|key identifier marked critical|ca cert does not include key usage|explicit ecc? parameters|bad ecc cert|validity too long|unsupported ?cert ?version|unhandled critical extension|not standards compliant|server cert bad format|reused issuer and serial|sec error bad der/,
    title: 'x509: negative serial number',
    of: 'Go (negative serial number, unhandled critical extension, on macOS: not standards compliant), Python (VERIFY_X509_STRICT), rustls',
    meaning: 'The certificate breaks a rule that this client enforces and others do not.',
    rules: ['certificate-nonconforming'],
  },
  {
    pattern:
      /peer did not return a certificate|requires a valid client certificate|client didn.t provide a certificate|no required ssl certificate|empty (?:client|server) certificate chain|no ssl certificate provided by peer|url ?error ?client ?certificate ?required|-1206\b|client auth cert needed|no ?certificates ?presented|sec e incomplete credentials|0x80090320|certificate required|insufficient credentials|peer sent no certificates|lacking a certificate|no certificate was found|-0x7480\b|client didn.t send certificate|ssl error no certificate\b|required client certificate/,
    title: 'peer did not return a certificate',
    of: `${OPENSSL} (the server's log); nginx (No required SSL certificate was sent); Go; Chrome (ERR_SSL_CLIENT_AUTH_CERT_NEEDED); Java; rustls; Windows`,
    meaning: 'The server demands a client certificate, and the client sent none.',
    rules: ['client-certificate-missing'],
  },
  {
    pattern:
      /bad ssl client auth cert|495 ssl|ssl certificate error|client ssl certificate verify error|client certificate verification failed|client ca chain cannot be verified|url ?error ?client ?certificate ?rejected|-1205\b/,
    title: 'ERR_BAD_SSL_CLIENT_AUTH_CERT',
    of: "Chrome; nginx (client SSL certificate verify error) and HAProxy (SSL client CA chain cannot be verified), in the server's log",
    meaning: 'The server rejected the client certificate.',
    rules: ['client-certificate-untrusted', 'client-certificate-expired', 'client-certificate-rejected'],
  },
  {
    pattern:
      /key values mismatch|private key does not match|public key (?:does ?n.t|does not|mismatch)|key pair mismatch/,
    title: 'key values mismatch',
    of: OPENSSL,
    meaning:
      'A certificate and a private key do not belong together. The service does not start with them, or its handshakes fail with internal_error or a wrong signature.',
    rules: ['internal-error', 'decryption-failed', 'client-key-unusable'],
  },
  {
    pattern:
      /record mac|bad mac read|tag mismatch|decryption failed|message altered|0x8009030f|decrypt error|error decrypting|digest check failed/,
    title: 'decryption failed or bad record mac',
    of: 'all libraries',
    meaning: 'The two sides have different keys, or something on the path altered what was sent.',
    rules: ['decryption-failed', 'psk-rejected'],
  },
  {
    pattern:
      /excessive message size|certificate ?chain.*(?:too long|exceed)|handshake message .*exceed|max ?handshake ?message|header is too large|message exceeds|record overflow/,
    title: 'excessive message size',
    of: `${OPENSSL}; Java (The size of the handshake message exceeds the maximum allowed size)`,
    meaning: 'The peer sends a message, or more certificates, than this side accepts.',
    rules: ['message-too-large'],
  },
  {
    pattern:
      /session id context|(?:522|425) .*(?:session|data connection)|session reuse required|resumed a session with a different version/,
    title: 'SSL connection failed; session reuse required',
    of: 'vsftpd, ProFTPD, FileZilla Server',
    meaning: 'The FTP server wants the data connection to resume the TLS session of the control connection.',
    rules: ['session-reuse-required', 'resumption-broken'],
  },
  // The connection.
  {
    pattern: /client network socket disconnected/,
    title: 'Client network socket disconnected before secure TLS connection was established',
    of: 'Node.js (it says ECONNRESET beside it, also where the connection was closed)',
    meaning:
      'The connection ended before the handshake was complete, by a close or a reset: a proxy in between, a server without TLS on that port, or a policy. The capture shows which.',
    rules: ['closed-without-alert', 'connection-reset', 'proxy-refused', 'server-speaks-plaintext'],
  },
  {
    pattern:
      /connection (?:was )?reset|econnreset|connect reset|forcibly closed|errno=(?:104|54|10054)\b|connection termination\b|-0x0{0,2}50\b/,
    title: 'connection reset by peer',
    of: 'every operating system; Chrome (ERR_CONNECTION_RESET), Firefox (PR_CONNECT_RESET_ERROR), Node.js (ECONNRESET)',
    meaning: 'A TCP reset ended the handshake: from the peer, or from a firewall that speaks in its name.',
    rules: ['connection-reset'],
  },
  {
    pattern:
      /remote (?:error|host) .*handshake|terminated the handshake|shut down incorrectly|suddenly disconnected|ssl accept error .*lost connection|handshake failed: eof|unexpected eof|eof occurred in violation|without sending tls close notify|packet with unexpected length|ssl error syscall|non-properly terminated|end of file error|connection closed|closed connection in ssl handshake|closed the transport stream|tls handshake eof|empty reply|server closed the connection|-0x7280\b|ssl ?(?:error )?zero ?return|tls connection has been closed \(eof\)|socket hang up|: eof$|^eof$|ssl connection: (?:eof|success)|(?:read|write):errno=0\b|ssl syscall error|close notify during handshake|prematurely closed|terminated during handshake|other side closed|empty response|ssl ?(?:connect|accept) syscall returned|error in the pull function|ssl ?engine closed already|ssl ?closed ?engine|network connection was lost|shutdown while in init|error:0{8}\b|(?:error|reason) .eof\b|failed to receive handshake|\bclosed ?(?:graceful|no ?notify)\b|-98(?:05|16|44)\b|-0x7880\b|connect aborted|broken pipe|\bepipe\b|-9806\b|err ?sslclosed ?abort|wolf ?ssl.* -308\b|handshake eof|unexpected end of file|end of file reached|end of stream|\bconnection \S+ to \S+ closed|net interrupt|ssslerr conn closed/,
    title: 'unexpected eof while reading',
    of: `${OPENSSL} (SSL_ERROR_SYSCALL; error:00000000, which is no error of OpenSSL's own); Java (Remote host terminated the handshake); Go (EOF); Firefox (PR_END_OF_FILE_ERROR); Chrome (ERR_CONNECTION_CLOSED); GnuTLS; .NET; Node.js`,
    meaning:
      'The peer closed the connection in the middle of the handshake and did not say why: no TLS on that port, a proxy without a back end, a policy, or a client certificate that it rejected.',
    rules: ['closed-without-alert', 'client-abandoned', 'client-certificate-rejected', 'connection-reset'],
  },
  {
    pattern:
      /connection (?:was )?refused(?!: (?:not authori[sz]ed|bad user|identifier))|econnrefused|actively refused|connection to the server .* was refused|connect error: 111\b|econn refused|code=-1004\b/,
    title: 'connection refused',
    of: 'every operating system',
    meaning: 'Nothing listens on that port, or a firewall rejects the connection: TLS never began.',
    rules: ['tcp-connection-refused', 'udp-port-unreachable'],
  },
  {
    pattern:
      /negotiation failed to occur within|handshake time(?:d ?)?out|handshake is taking longer|-0x6800\b|tls handshake.*timeout|i\/o timeout|deadline exceeded|timed? ?out(?!=)|etimedout|connect error: 110\b/,
    title: 'TLS handshake timeout',
    of: 'Go, Java, curl, browsers',
    meaning:
      'The answer did not come in time: the server hangs, or packets get lost on the path (large ones above all).',
    rules: ['server-silent', 'path-mtu-blackhole', 'client-hello-lost', 'tcp-connection-timeout', 'handshake-stalled'],
  },
  {
    pattern: /\bah00957\b|\bah01114\b|failed to make connection to backend/,
    title: 'AH01114: HTTP: failed to make connection to backend',
    of: 'Apache httpd as a proxy (AH00957, AH01114)',
    meaning: 'The proxy could not open a TCP connection to its back end: it was refused, or nothing answered.',
    rules: ['tcp-connection-refused', 'tcp-connection-timeout'],
  },
  {
    pattern: /no route to host|network is unreachable|ehostunreach|enetunreach|address unreachable/,
    title: 'No route to host',
    of: 'every operating system; Node.js (EHOSTUNREACH, ENETUNREACH), Chrome (ERR_ADDRESS_UNREACHABLE)',
    meaning: 'A router, a firewall or this host itself says that no packet gets there: TLS never began.',
    rules: ['tcp-connection-timeout', 'udp-blocked'],
  },
  {
    pattern: /invalid length of startup packet/,
    title: 'invalid length of startup packet',
    of: "PostgreSQL, in the server's log",
    meaning:
      'The first bytes of a client were not those of PostgreSQL: TLS without the request that comes before it, an HTTP request, or a scan.',
    rules: ['server-speaks-plaintext', 'client-speaks-plaintext'],
  },
  {
    pattern: /client auth (?:signature failed|no common algorithms|private key access denied)/,
    title: 'ERR_SSL_CLIENT_AUTH_SIGNATURE_FAILED',
    of: 'Chrome',
    meaning:
      'The browser could not sign with the key of the client certificate: a token that is locked, a key that may not be used, or no scheme that both know.',
    rules: ['client-key-unusable', 'signature-scheme-mismatch'],
  },
  {
    pattern:
      /quic protocol error|quic .*(?:failed|error)|internal error .*\bquic\b|\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?9[56]\)?(?!\d)/,
    title: 'ERR_QUIC_PROTOCOL_ERROR',
    of: 'Chrome; curl (95, 96)',
    meaning: 'A connection over QUIC (HTTP/3) failed; the browser mostly tries again over TCP.',
    rules: ['protocol-violation', 'udp-blocked', 'connection-refused', 'decryption-failed'],
  },
  // Before TLS, and around it.
  {
    pattern:
      /could not resolve (?:host|proxy)|name or service not known|enotfound|eai again|no such host|name not resolved|unknown host ?exception|nodename nor servname|name resolution|code=-1003\b/,
    title: 'Could not resolve host',
    of: 'curl (6), and every program; Chrome (ERR_NAME_NOT_RESOLVED), Node.js (ENOTFOUND)',
    meaning:
      'The lookup of the name gave no address: nothing was sent to the server. A report lists such names as looked up in vain.',
    rules: [],
  },
  {
    pattern:
      /tls-(?:crypt|auth).*(?:unwrapping|authentication) failed|packet hmac authentication failed|cannot locate hmac|incoming packet authentication failed|tls keys are out of sync/,
    title: 'tls-crypt unwrapping failed, packet HMAC authentication failed',
    of: 'OpenVPN',
    meaning:
      'The two sides have different keys for --tls-crypt or --tls-auth, or only one of them has such a key. The packet is dropped without an answer, before TLS begins.',
    rules: ['server-silent', 'client-abandoned'],
  },
  {
    pattern:
      /invalid message-authenticator|message-authenticator attribute is invalid|shared secret is incorrect|reason code\W*262\b/,
    title: 'invalid Message-Authenticator! (Shared secret is incorrect.)',
    of: 'FreeRADIUS, Windows NPS (reason code 262), Cisco ISE',
    meaning: 'Authenticator and RADIUS server have different secrets: the server drops the request without an answer.',
    rules: ['radius-secret-mismatch', 'radius-silent'],
  },
  {
    pattern: /no eap session matching state/,
    title: 'rlm_eap (EAP): No EAP session matching state',
    of: 'FreeRADIUS',
    meaning:
      'The answer belongs to no conversation that this server remembers: it came too late, after a restart, or to another server than the one that began (a load balancer without stickiness).',
    rules: ['radius-silent', 'client-abandoned'],
  },
  {
    pattern: /ignoring request .*from unknown client/,
    title: 'Ignoring request from unknown client',
    of: 'FreeRADIUS',
    meaning: 'The RADIUS server does not know this access point or switch, and drops its requests without an answer.',
    rules: ['radius-silent'],
  },
  {
    pattern: /eap[- ]failure|eap authentication failed/,
    title: 'CTRL-EVENT-EAP-FAILURE EAP authentication failed',
    of: 'wpa_supplicant',
    meaning:
      'The server ended the conversation. Whether its TLS failed, or what was said inside it, the lines before and the log of the RADIUS server say.',
    rules: [
      'inner-authentication-failed',
      'client-certificate-untrusted',
      'client-certificate-rejected',
      'eap-method-mismatch',
      'handshake-rejected',
    ],
  },
  {
    pattern: /user credentials mismatch|reason code\W*16\b/,
    title: 'Authentication failed due to a user credentials mismatch',
    of: 'Windows NPS (reason code 16)',
    meaning:
      'The TLS of EAP is complete. The server then rejected user name, password or account; with EAP-TLS, it found no account for the certificate.',
    rules: ['inner-authentication-failed'],
  },
  {
    pattern: /eap type cannot be processed|reason code\W*22\b/,
    title: 'The client could not be authenticated because the EAP Type cannot be processed by the server',
    of: 'Windows NPS (reason code 22)',
    meaning:
      'Client and policy have no EAP method in common; or the method begins, and NPS has no certificate for it, or none that the client accepts.',
    rules: ['eap-method-mismatch', 'certificate-authority-unknown', 'certificate-rejected'],
  },
  {
    pattern: /network policy server use of the extensible authentication|reason code\W*23\b/,
    title: 'An error occurred during the Network Policy Server use of the Extensible Authentication Protocol (EAP)',
    of: 'Windows NPS (reason code 23)',
    meaning:
      'The TLS of EAP failed at the server, and NPS does not say how: its certificate or key, a version or cipher suite, or a message that could not be read. The capture, or the EAP trace log, says more.',
    rules: ['handshake-rejected', 'internal-error', 'protocol-version-mismatch', 'client-certificate-rejected'],
  },
  {
    pattern: /supplicant stopped responding|abandoned eap session/,
    title: 'Supplicant stopped responding to ISE',
    of: 'Cisco ISE (5411, 5440)',
    meaning:
      'The client left the conversation: it rejects the certificate of the RADIUS server, or a large fragment of EAP-TLS gets lost on the way.',
    rules: ['client-abandoned', 'certificate-authority-unknown', 'certificate-rejected', 'eap-fragment-lost'],
  },
  {
    pattern: /can.t contact ldap server|\bldap error 81\b|error <0x51>/,
    title: "Can't contact LDAP server",
    of: 'OpenLDAP',
    meaning:
      'OpenLDAP says this whenever it gets no connection: refused, unanswered, or over ldaps:// with a certificate that it rejects. The same command with -d 1 says which.',
    rules: ['tcp-connection-refused', 'tcp-connection-timeout', 'certificate-authority-unknown', 'hostname-mismatch'],
  },
  {
    pattern: /invalid ssl negotiation response|invalid response to ssl negotiation/,
    title: 'received invalid response to SSL negotiation',
    of: 'PostgreSQL (libpq and other drivers)',
    meaning: 'What answered the request for TLS is no PostgreSQL server, or a proxy in front of it.',
    rules: ['tls-never-began', 'starttls-refused'],
  },
  // Errors of one side alone: nothing was sent.
  {
    pattern:
      /invalid keystore format|keystore was tampered with|keystore password was incorrect|failed to decrypt safe contents/,
    title: 'Invalid keystore format',
    of: 'Java',
    meaning:
      'Java could not open a key store or trust store: it is of another type than it was told (JKS, PKCS12), is damaged, or the password is wrong. Nothing was sent; "keytool -list -keystore FILE" shows the same.',
    rules: [],
  },
  {
    pattern: /digital envelope routines:+(?:\w* ?:)?unsupported|err ossl evp unsupported/,
    title: 'error:0308010C:digital envelope routines::unsupported',
    of: 'OpenSSL 3, and with it Node.js 17 and later, Python',
    meaning:
      'No handshake failed: the program asks for an algorithm that OpenSSL 3 has only in its legacy provider, such as MD4 (webpack 4), RC4, or the RC2 of an old PKCS#12 file.',
    rules: [],
  },
  {
    pattern:
      /ssl support is not compiled in|ssl module .*is not available|open ?ssl appears to be unavailable|no attribute .wrap socket|protocol version conflict|either server ?name or insecure ?skip ?verify|failed to enable ssl support|ssl ?proxy requested for .*not enabled/,
    title: 'the ssl module in Python is not available',
    of: 'Python, conda, libpq, Node.js (ERR_TLS_PROTOCOL_VERSION_CONFLICT), Go (either ServerName or InsecureSkipVerify must be specified), Apache (AH00961, AH01961)',
    meaning: 'This program cannot speak TLS as it is built or configured. Nothing was sent.',
    rules: [],
  },
  {
    pattern: /cleartext (?:http|communication)|code=-1022\b/,
    title: 'CLEARTEXT communication not permitted by network security policy',
    of: 'Android; Apple (App Transport Security, NSURLError -1022)',
    meaning: 'The app asks for http://, which the system forbids without an exception. Nothing was sent.',
    rules: [],
  },
  {
    pattern:
      /ora-28759|\bpem lib\b|asn1: not enough data|failed to find any pem data|certificate verify locations|ssl ca cert\b.*(?:path|access)|keystore located at .* did not load|pkcs ?#?12 wallet|tls init def ctx failed|unable to load (?:certificate|private key|key|client certificate)|could not load pem|has group or world access|cannot load certificate|specified in tlscertificatename|unable to get (?:certificate|private key)\b|pem routines\b.*no start line|mac verify failure|cannot load inline|unable to load ssl (?:private key|certificate)|cannot recover key|tls initialization failed/,
    title: 'unable to load certificate',
    of: 'OpenSSL, curl (58, 77), Python (PEM lib), Go, OpenLDAP; Oracle (ORA-28759: failure to open file)',
    meaning:
      'The program could not read its own certificate, key, wallet or file of authorities: no such file, not PEM, no permission, or a wrong pass phrase. Nothing was sent.',
    rules: [],
  },
  // General ones.
  {
    pattern:
      /handshake message sequence violation|unexpected (?:handshake )?message|inappropriate ?(?:handshake )?message|error rx (?:malformed|unexpected)|ssl routines:+(?:[\w ]* ?:)?(?:bad extension|length mismatch|ccs received early|bad length|decode error)|unconfigured cipher suite|-0x7700\b|-9849\b|ssl routines:+(?:[\w ]* ?:)?(?:bad record type|length too long|invalid alert|data between ccs and finished|inconsistent extms)/,
    title: 'received unexpected handshake message',
    of: `Go; ${OPENSSL}; Java (Handshake message sequence violation); rustls (InappropriateHandshakeMessage)`,
    meaning: 'The peer sent a message that is not allowed at this point of the handshake, or that breaks its form.',
    rules: ['protocol-violation', 'server-speaks-plaintext'],
  },
  {
    pattern: /bad ssl certificate for channel|amq9633|gsk error bad cert|gskit.* 414\b/,
    title: 'AMQ9633: Bad SSL certificate for channel',
    of: 'IBM MQ; GSKit (414)',
    meaning: 'This side could not verify the certificate of its peer, or the peer rejected the one that it sent.',
    rules: [
      'certificate-authority-unknown',
      'client-certificate-untrusted',
      'certificate-expired',
      'certificate-rejected',
    ],
  },
  {
    pattern: /no peer certificate available|ssl handshake has read 0 bytes/,
    title: 'no peer certificate available',
    of: 'openssl s_client',
    meaning:
      'The handshake ended before the server sent its certificate. The lines above say how: an alert, "wrong version number", write:errno=104 (a reset), or an end without a word.',
    rules: ['handshake-rejected', 'connection-reset', 'closed-without-alert', 'server-speaks-plaintext'],
  },
  {
    pattern:
      /sec e illegal message|0x80090326|ssl protocol error|secure connection failed|-1200\b|an ssl error has occurred and a secure connection|could not create ssl\/tls secure channel|message received was unexpected or badly formatted|unexpected error occurred on a (?:send|receive)|-9802\b|secure channel failure|-9800\b|err ?sslprotocol\b/,
    title: 'SEC_E_ILLEGAL_MESSAGE, ERR_SSL_PROTOCOL_ERROR',
    of: 'Windows (Schannel, .NET), Chrome, Apple',
    meaning:
      'The handshake failed in a way for which this program has no name of its own: look at the alert in the capture.',
    rules: [
      'handshake-rejected',
      'protocol-version-mismatch',
      'cipher-suite-mismatch',
      'server-speaks-plaintext',
      'protocol-violation',
    ],
  },
  {
    pattern: /tls fatal alert has been received|-0x7780\b|fatal alert was generated and sent|\b36888\b/,
    title: 'A TLS fatal alert has been received',
    of: 'GnuTLS; Mbed TLS (-0x7780); Windows (Schannel event 36888: this side sent it)',
    meaning:
      'An alert ended the handshake. Its name or number, which stands beside this message or in the capture, says why; explain that.',
    rules: ['handshake-rejected', 'certificate-rejected', 'client-certificate-rejected'],
  },
  {
    pattern: /winhttp secure failure|\b12175\b|0x80072f8f|0x80072f7d|inet e security problem/,
    title: 'ERROR_WINHTTP_SECURE_FAILURE',
    of: 'Windows (WinHTTP 12175, 0x80072F8F, 0x80072F7D), Windows Update, PowerShell',
    meaning:
      'Windows could not agree on a version, or rejected the certificate: often its clock is wrong, the authority is not trusted, or the revocation list cannot be fetched.',
    rules: [
      'client-clock-wrong',
      'certificate-authority-unknown',
      'protocol-version-mismatch',
      'revocation-check-failed',
    ],
  },
  {
    pattern: /token supplied to the function is invalid|sec e invalid token|0x80090308/,
    title: 'The token supplied to the function is invalid',
    of: 'Windows (SEC_E_INVALID_TOKEN), .NET',
    meaning:
      'What the peer sent is no TLS, or a version or message that Windows does not accept: a plaintext service or STARTTLS on that port, or an old TLS version that is switched off.',
    rules: ['server-speaks-plaintext', 'protocol-version-mismatch', 'protocol-violation'],
  },
  {
    pattern: /does not have a private key information property/,
    title: "The SSL server credential's certificate does not have a private key information property",
    of: 'Windows (Schannel event 36869, IIS)',
    meaning:
      'The server is bound to a certificate without its private key, and closes every connection: import it again with the key (PFX), and bind it anew.',
    rules: ['closed-without-alert', 'connection-reset', 'server-certificate-missing'],
  },
  {
    pattern: /creating a tls (?:client|server) credential|\b36871\b/,
    title: 'A fatal error occurred while creating a TLS client credential',
    of: 'Windows (Schannel event 36871)',
    meaning:
      'Windows could not begin: every TLS version that the program asks for is switched off (internal error state 10013), or the private key cannot be read.',
    rules: ['protocol-version-mismatch', 'internal-error'],
  },
  {
    pattern: /0x8009030d|sec e unknown credentials|credentials supplied to the package were not recogni[sz]ed/,
    title: 'SEC_E_UNKNOWN_CREDENTIALS: The credentials supplied to the package were not recognized',
    of: 'Windows (0x8009030D), .NET, IIS',
    meaning:
      'The process may not use the private key of its certificate, or it has none: give the account of the service access to the key, or import the certificate with its key. Nothing was sent with it.',
    rules: ['internal-error', 'client-certificate-missing', 'client-key-unusable', 'server-certificate-missing'],
  },
  {
    pattern: /ech not negotiated|missing esni/,
    title: 'ERR_ECH_NOT_NEGOTIATED',
    of: 'Chrome; Firefox (SSL_ERROR_MISSING_ESNI_EXTENSION)',
    meaning:
      'The server does not know the key for Encrypted Client Hello that DNS publishes for it, and could not agree on another: the record of type HTTPS is out of date, or a device on the path answers in its place.',
    rules: ['handshake-rejected', 'tls-intercepted'],
  },
  {
    pattern: /fingerprint (?:mismatch|verification failed|does ?n.t match|does not match)/,
    title: 'DTLS handshake failed: certificate fingerprint mismatch',
    of: 'WebRTC',
    meaning: 'The certificate of the peer is not the one whose fingerprint the session description (SDP) announces.',
    rules: ['fingerprint-mismatch'],
  },
  {
    pattern: /secret is not supplied by sds/,
    title: 'Secret is not supplied by SDS',
    of: 'Envoy, Istio',
    meaning:
      'Envoy has not received its certificate or its authorities from the control plane, and closes connections until it has: look at the control plane, not at the peer.',
    rules: ['closed-without-alert', 'connection-reset'],
  },
  {
    pattern: /ssl routines:+(?:[\w ]* ?:)?(?:internal error|cert cb error|callback failed)|\bcallback failed\b/,
    title: 'SSL routines::internal error, cert cb error, callback failed',
    of: OPENSSL,
    meaning:
      'The program that says this failed by itself, not because of its peer: a function of its own that chooses the certificate, or its key, gave up.',
    rules: ['internal-error', 'server-certificate-missing', 'signature-scheme-mismatch'],
  },
  {
    pattern: /sec e internal error|0x80090304/,
    title: 'SEC_E_INTERNAL_ERROR',
    of: 'Windows (Schannel)',
    meaning: 'Windows could not use a key or a certificate, or failed for another reason of its own.',
    rules: ['internal-error', 'client-key-unusable'],
  },
  {
    pattern:
      /verify failed|certificate verification failed|certificate was rejected by the provided|526 invalid|invalid ssl certificate|certificate validation failure|error in the certificate\b|cert ?chain ?invalid|-9807\b|failed to verify certificate|cannot verify .*certificate|chain validation failed|invalid certificate chain|confirming the ssl certificate|peer cert untrusted or revoked|-9808\b|invalid peer certificate|remote certificate is invalid|cert(?:ificate)? invalid|certificate for this server is invalid|ns ?url ?error ?server ?certificate ?untrusted|-1202\b|connection is not private|validation of ssl server certificate failed|ssl peer certificate or ssh|pki verification of .* failed|-0x2700\b|\b36876\b|\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?(?:60|51)\)?(?!\d)|certificate (?:cannot|could not) be verified|server certificate not verified|ora-28791|ora-29002|ora-28868|certificate chain check failed|tic ssl trust error|\bcloudflare\W*526\b|-0x7680\b/,
    title: 'certificate verify failed',
    of: `${OPENSSL}; curl (60); GnuTLS, Go, rustls, .NET`,
    meaning:
      'The client rejected the certificate. What follows the message says why: the issuer, the dates or the name.',
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
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?35\)?(?!\d)|ssl connect error/,
    title: 'curl: (35) SSL connect error',
    of: 'curl',
    meaning: 'The handshake failed. What follows the number says why; explain that.',
    rules: ['handshake-rejected', 'protocol-version-mismatch', 'server-speaks-plaintext', 'connection-reset'],
  },
  {
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?(?:52|55|56)\)?(?!\d)/,
    title: 'curl: (56) Failure with receiving network data',
    of: 'curl',
    meaning:
      'The connection ended where an answer was due (52: an empty reply; 55, 56: sending or receiving failed). In TLS 1.3 a client certificate that is rejected looks like this.',
    rules: ['client-certificate-missing', 'client-certificate-rejected', 'connection-reset', 'closed-without-alert'],
  },
  {
    pattern:
      /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?(?:58|59|66|77|82|83|90|91|98)\)?(?!\d)/,
    title: 'curl: (58) Problem with the local certificate',
    of: 'curl',
    meaning:
      'Something that curl was given or told to check is at fault: 58 the client certificate, 59 the cipher list, 77 the CA file, 82 the CRL file, 83 the issuer, 90 the pinned key, 91 the stapled OCSP response, 98 a client certificate that is demanded.',
    rules: [
      'client-certificate-missing',
      'certificate-authority-unknown',
      'ocsp-response-invalid',
      'cipher-suite-mismatch',
    ],
  },
  {
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?7\)?(?!\d)/,
    title: 'curl: (7) Failed to connect',
    of: 'curl',
    meaning: 'The TCP connection was refused or not answered: TLS never began.',
    rules: ['tcp-connection-refused', 'tcp-connection-timeout'],
  },
  {
    pattern: /\b(?:curl|exit (?:code|status))(?:\W| exit| error| code| status)* ?\(?28\)?(?!\d)/,
    title: 'curl: (28)',
    of: 'curl',
    meaning: 'Connection or handshake took longer than the time limit.',
    rules: ['tcp-connection-timeout', 'server-silent', 'path-mtu-blackhole'],
  },
  {
    pattern:
      /handshake fail(?:ed|ure)|connection could not be established, see inner exception|communications link failure|ah02003|ssl proxy connect failed|record layer failure|ora-28860|\beproto\b|failed to enable crypto|ssl operation failed with code|can.?t establish a secure connection|sslc0008e|ora-28750|layer6 invalid response|ssl library error \d+ in handshake|ssl ?authentication ?exception|a tls error occurred|general ssl ?engine problem|read ?handshake ?record|call to sspi failed|authentication failed, see inner|bio read tls read plaintext|error during ssl handshake with remote|failed in error|\(tls\) server : error|unable to establish ssl connection|ssl accept error|tls accept failure|tls connect failed|disconnect\/reset before headers|ssslerr ssl (?:connect|accept)|ora-28862|amq9620|-313\b|sql30081n.*\bssl\b|\b(?:ssl|tls) ?(?:handshake )?(?:error|exception)\b(?! want)|could not establish a secure connection|mqrc ssl initialization error|cannot connect to mysql by ssl|\bbad handshake\b|ssl (?:accept|connect): ?error in|tls accept: error in|simple bind failed|error occurred during ssl communication|\b(?:cloudflare|error)\W*525\b|tls ?negotiation ?(?:error|failed)|error:0000000[15]:lib\(0\)/,
    title: 'SSL handshake failed',
    of: 'HAProxy (a health check: Layer6 invalid response), Apache (AH02008), Kafka, Postfix, GnuTLS, mosquitto, Node.js (EPROTO), .NET (see inner exception), MySQL Connector/J (Communications link failure), Oracle (ORA-28860), OpenVPN (BIO read tls_read_plaintext error), FreeRADIUS (Failed in error), Envoy (reset before headers), Java (General SSLEngine problem)',
    meaning: 'The handshake failed. What stands behind it, or in the lines around it, says why: explain that.',
    rules: ['handshake-rejected', 'certificate-rejected', 'client-abandoned', 'closed-without-alert'],
  },
];

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
