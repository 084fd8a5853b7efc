/**
 * What is known of a TLS alert besides its name: what it means, who sends it and why, and which diagnoses it leads to.
 */
export interface AlertText {
  readonly meaning: string;
  readonly sender: string;
  /** Ids of the rules that it leads to, the most common first. */
  readonly rules: readonly string[];
  readonly source: string;
}

const CERTIFICATE_CAUSES = [
  'certificate-expired',
  'certificate-not-yet-valid',
  'hostname-mismatch',
  'chain-incomplete',
  'certificate-authority-unknown',
  'certificate-self-signed',
  'certificate-purpose-invalid',
  'tls-intercepted',
  'certificate-rejected',
  'client-certificate-expired',
  'client-certificate-untrusted',
  'client-certificate-rejected',
];

/** By number; RFC 8446 §6 and RFC 5246 §7.2 unless another source is named. */
export const ALERT_TEXTS: ReadonlyMap<number, AlertText> = new Map([
  [
    0,
    {
      meaning: 'The sender will send nothing more: the good-bye of a connection that is over.',
      sender:
        'Either side, as a warning, at the end of every well-behaved connection. In the middle of a handshake it means that the sender gives up; as a fatal alert in answer to a ClientHello it is how old Java servers refuse a version that they do not know.',
      rules: ['protocol-version-mismatch', 'handshake-rejected'],
      source: 'RFC 8446 §6.1',
    },
  ],
  [
    10,
    {
      meaning: 'A message arrived that has no place at that point of the handshake.',
      sender:
        'Either side. A fault of a TLS library, a renegotiation that TLS 1.3 does not know, or a device on the path that answers in the place of the other side.',
      rules: ['protocol-violation', 'renegotiation-refused'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    20,
    {
      meaning: 'A record could not be decrypted, or was altered.',
      sender:
        'Either side. A wrong pre-shared key, a certificate whose private key is another one (RSA key exchange), or data altered on the path.',
      rules: ['decryption-failed', 'psk-rejected'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    21,
    {
      meaning: 'A record could not be decrypted. No longer used: it told attackers too much.',
      sender: 'Only very old implementations (TLS 1.0 and before).',
      rules: ['decryption-failed'],
      source: 'RFC 5246 §7.2.2',
    },
  ],
  [
    22,
    {
      meaning: 'A record is longer than TLS allows.',
      sender:
        'Either side, usually because what it reads is no TLS at all: plaintext read as a record has an absurd length.',
      rules: ['server-speaks-plaintext', 'client-speaks-plaintext', 'message-too-large', 'protocol-violation'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    30,
    {
      meaning: 'Compressed data could not be decompressed.',
      sender: 'Only old implementations: TLS compression has been given up (CRIME).',
      rules: ['protocol-violation'],
      source: 'RFC 5246 §7.2.2',
    },
  ],
  [
    40,
    {
      meaning: 'The sender cannot agree on what the other side offers. It does not say on what.',
      sender:
        'Mostly a server, right after the ClientHello: no cipher suite, group or signature scheme in common, no server name where it needs one, or no certificate of its own; GnuTLS also for a version. OpenSSL, Node.js and others send it when a client certificate is missing. Compare with a client that gets through.',
      rules: [
        'cipher-suite-mismatch',
        'sni-missing',
        'group-mismatch',
        'signature-scheme-mismatch',
        'server-certificate-missing',
        'protocol-version-mismatch',
        'client-certificate-missing',
        'handshake-rejected',
      ],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    41,
    {
      meaning: 'The client has no certificate. Only SSL 3.0 has it.',
      sender: 'Clients of SSL 3.0, in the place of an empty Certificate message.',
      rules: ['client-certificate-missing'],
      source: 'RFC 6101 §5.4.2',
    },
  ],
  [
    42,
    {
      meaning: 'A certificate is bad: it cannot be read, its signature is wrong, or something else is wrong with it.',
      sender:
        'Whoever got the certificate. Go and GnuTLS say it for every fault of a certificate, expiry and unknown authority included; OpenSSL for one that is not yet valid. Java says it as a server when a client certificate is missing. The certificate itself tells more than the alert.',
      rules: [...CERTIFICATE_CAUSES, 'client-certificate-missing', 'certificate-signature-invalid'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    43,
    {
      meaning: 'A certificate is of a type that the sender cannot use, or is not for this use.',
      sender:
        'Whoever got the certificate: OpenSSL for one whose extended key usage is not for servers, or not for clients.',
      rules: ['certificate-purpose-invalid', 'client-certificate-rejected', 'certificate-rejected'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    44,
    {
      meaning: 'A certificate was revoked by its authority.',
      sender: 'Whoever got the certificate, after it looked it up in a revocation list or by OCSP.',
      rules: ['certificate-revoked', 'client-certificate-rejected'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    45,
    {
      meaning: 'A certificate has expired, or is not valid at this time.',
      sender:
        'Whoever got the certificate: OpenSSL, curl and Java say it of one that has ended. If the certificate is valid, the clock of the sender is wrong.',
      rules: ['certificate-expired', 'client-certificate-expired', 'client-clock-wrong', 'certificate-not-yet-valid'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    46,
    {
      meaning: 'Something else is wrong with a certificate. The alert does not say what.',
      sender:
        'Whoever got the certificate. Java says it for an unknown authority, a missing intermediate and a wrong name alike. Hold the certificate against the trust store of the sender.',
      rules: CERTIFICATE_CAUSES,
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    47,
    {
      meaning: 'A field holds a value that is not allowed, or that contradicts another one.',
      sender: 'Either side: a fault of a TLS library, a group that was not offered, or a parameter that is too weak.',
      rules: ['protocol-violation', 'group-mismatch', 'psk-rejected'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    48,
    {
      meaning: 'The chain of a certificate leads to no authority that the sender trusts.',
      sender:
        'Whoever got the certificate. Either the authority is not in its trust store, or the other side fails to send the intermediate certificate that leads there. OpenSSL, curl and Python say it for self-signed certificates too.',
      rules: [
        'chain-incomplete',
        'certificate-authority-unknown',
        'certificate-self-signed',
        'tls-intercepted',
        'client-certificate-untrusted',
      ],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    49,
    {
      meaning: 'The certificate is valid, but an access rule forbids the connection.',
      sender:
        'Mostly a server or an inspecting firewall. GnuTLS says it of every client certificate that it refuses, and why in a second alert.',
      rules: ['access-denied', 'client-certificate-rejected'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    50,
    {
      meaning: 'A message could not be decoded: a length or a field is out of range.',
      sender:
        'Either side. OpenSSL also says it when the other side closes the connection in the middle of the handshake: then it is only an echo. GnuTLS says it of a missing client certificate.',
      rules: [
        'protocol-violation',
        'client-certificate-missing',
        'closed-without-alert',
        'client-hello-size-intolerant',
        'message-too-large',
      ],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    51,
    {
      meaning: 'A signature or the Finished message could not be verified.',
      sender:
        'Either side. A private key that does not belong to its certificate, a damaged signature in the chain (OpenSSL), a wrong pre-shared key, or messages altered on the path.',
      rules: ['decryption-failed', 'certificate-signature-invalid', 'psk-rejected'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    60,
    {
      meaning: 'The negotiated parameters are not allowed for export. No longer used.',
      sender: 'Only very old implementations (TLS 1.0 and before).',
      rules: ['handshake-rejected'],
      source: 'RFC 5246 §7.2.2',
    },
  ],
  [
    70,
    {
      meaning: 'The other side offers or chose a protocol version that the sender does not speak.',
      sender:
        'Mostly a server, right after the ClientHello: it is too old for the client, or the client is too old for it. OpenSSL 3.0 says it to clients of TLS 1.3 alone also where the server has no certificate, or rejects the name. A client says it of a ServerHello.',
      rules: ['protocol-version-mismatch', 'server-certificate-missing', 'sni-unrecognized'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    71,
    {
      meaning: 'The sender demands stronger parameters than the other side supports.',
      sender: 'Mostly a server, or a client that finds a key or a Diffie-Hellman group too small.',
      rules: ['cipher-suite-mismatch', 'group-mismatch', 'certificate-weak'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    80,
    {
      meaning: 'The sender failed for a reason of its own, which has nothing to do with the other side, or hides it.',
      sender:
        'Either side: a key or certificate that cannot be read, a callback that fails, too little memory. OpenSSL 3 also says it of a version (TLS 1.0, 1.1) whose signatures its security level forbids. From the push notification service of Apple, after the client certificate, it usually means that this was made wrongly.',
      rules: ['internal-error', 'protocol-version-mismatch', 'group-mismatch', 'server-certificate-missing'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    86,
    {
      meaning: 'The client retries with an older version than both sides could speak.',
      sender: 'A server that speaks a newer version than the client marks as its fallback (TLS_FALLBACK_SCSV).',
      rules: ['fallback-rejected'],
      source: 'RFC 7507 §3',
    },
  ],
  [
    90,
    {
      meaning: 'The handshake was cancelled for a reason outside TLS.',
      sender: 'Mostly a client: a user or a time limit ended it. Java says it when a program closes a socket.',
      rules: ['user-canceled'],
      source: 'RFC 8446 §6.1',
    },
  ],
  [
    100,
    {
      meaning: 'The sender does not want to renegotiate. A warning.',
      sender: 'Either side, in answer to a request for renegotiation (TLS 1.2 and before).',
      rules: ['renegotiation-refused'],
      source: 'RFC 5246 §7.2.2',
    },
  ],
  [
    109,
    {
      meaning: 'An extension that is mandatory here is missing.',
      sender: 'Either side (TLS 1.3): for example a ClientHello without key_share or signature_algorithms.',
      rules: ['protocol-violation', 'sni-missing', 'signature-scheme-mismatch'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    110,
    {
      meaning: 'The server answered with an extension that the client had not asked for.',
      sender: 'Mostly a client: the server, or a device on the path, breaks the protocol.',
      rules: ['protocol-violation'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    112,
    {
      meaning: 'The server has no certificate for the name that the client asked for (server_name, SNI).',
      sender:
        'A server. nginx (ssl_reject_handshake) and HAProxy (strict-sni) also say it when no name was given, and Go 1.19 where it has no certificate at all. As a warning the handshake goes on.',
      rules: ['sni-unrecognized', 'sni-missing', 'server-certificate-missing'],
      source: 'RFC 6066 §3',
    },
  ],
  [
    113,
    {
      meaning: 'The OCSP response that came with the certificate (stapled) is missing or wrong.',
      sender: 'A client: the response is out of date, wrongly signed, or says that the certificate was revoked.',
      rules: ['ocsp-response-invalid', 'certificate-revoked'],
      source: 'RFC 6066 §8',
    },
  ],
  [
    115,
    {
      meaning: 'The server does not know the identity of the pre-shared key.',
      sender: 'A server.',
      rules: ['psk-rejected'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    116,
    {
      meaning: 'The server demands a client certificate, and the client sent none.',
      sender:
        'A server of TLS 1.3; encrypted, so that a capture rarely shows it. Before, it is handshake_failure (40).',
      rules: ['client-certificate-missing'],
      source: 'RFC 8446 §6.2',
    },
  ],
  [
    120,
    {
      meaning: 'Client and server have no application protocol (ALPN) in common.',
      sender: 'A server that speaks none of the protocols that the client offers, for example HTTP/2 (h2) alone.',
      rules: ['alpn-mismatch'],
      source: 'RFC 7301 §3.2',
    },
  ],
]);
