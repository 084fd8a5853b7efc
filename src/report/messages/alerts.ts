/** What alerts mean, and who sends them and why, in English. */
import type { KnownAlertName } from '../../knowledge/alerts.js';

export const ALERT_TEXTS = {
  close_notify: {
    meaning: 'The sender will send nothing more: the proper end of a connection.',
    sender:
      'Either side, as a warning, at the end of every well-behaved connection. In the middle of a handshake it means that the sender gives up; as a fatal alert in answer to a ClientHello it is how old Java servers refuse a version that they do not know.',
  },
  unexpected_message: {
    meaning: 'A message arrived that has no place at that point of the handshake.',
    sender:
      'Either side. A fault of a TLS library, a renegotiation, which TLS 1.3 does not have, or a device on the path that answers in place of the other side.',
  },
  bad_record_mac: {
    meaning: 'A record could not be decrypted, or was altered.',
    sender:
      'Either side. A wrong pre-shared key, a private key that does not belong to the certificate (RSA key exchange), or data altered on the path.',
  },
  decryption_failed: {
    meaning: 'A record could not be decrypted. No longer used: it told attackers too much.',
    sender: 'Only very old implementations (TLS 1.0 and before).',
  },
  record_overflow: {
    meaning: 'A record is longer than TLS allows.',
    sender:
      'Either side, usually because it received something other than TLS: plaintext read as a record has an absurd length.',
  },
  decompression_failure: {
    meaning: 'Compressed data could not be decompressed.',
    sender: 'Only old implementations: TLS compression has been abandoned (CRIME).',
  },
  handshake_failure: {
    meaning: 'The sender cannot agree to what the other side offers. The alert does not say what is missing.',
    sender:
      'Mostly a server, right after the ClientHello: no cipher suite, group or signature scheme in common, no server name where it needs one, or no certificate of its own; GnuTLS also for a version. OpenSSL, Node.js and others send it when a client certificate is missing. Compare with a client that succeeds.',
  },
  no_certificate: {
    meaning: 'The client has no certificate. Only SSL 3.0 has this alert.',
    sender: 'Clients of SSL 3.0, in place of an empty Certificate message.',
  },
  bad_certificate: {
    meaning: 'A certificate is bad: it cannot be read, its signature is wrong, or something else is wrong with it.',
    sender:
      'Whoever got the certificate. Go and GnuTLS say it for every fault of a certificate, expiry and unknown authority included; OpenSSL for one that is not yet valid. Java says it as a server when a client certificate is missing. The certificate itself tells more than the alert.',
  },
  unsupported_certificate: {
    meaning: 'A certificate is of a type that the sender cannot use, or is not for this use.',
    sender:
      'Whoever got the certificate: OpenSSL for one whose extended key usage is not for servers, or not for clients.',
  },
  certificate_revoked: {
    meaning: 'A certificate was revoked by its authority.',
    sender: 'Whoever got the certificate, after it looked it up in a revocation list or by OCSP.',
  },
  certificate_expired: {
    meaning: 'A certificate has expired, or is not valid at this time.',
    sender:
      'Whoever got the certificate: OpenSSL, curl and Java send it for one that has expired. If the certificate is valid, the clock of the sender is wrong.',
  },
  certificate_unknown: {
    meaning: 'Something else is wrong with a certificate. The alert does not say what.',
    sender:
      'Whoever got the certificate. Java says it for an unknown authority, a missing intermediate and a wrong name alike. Compare the certificate with the trust store of the sender.',
  },
  illegal_parameter: {
    meaning: 'A field holds a value that is not allowed, or that contradicts another one.',
    sender: 'Either side: a fault of a TLS library, a group that was not offered, or a parameter that is too weak.',
  },
  unknown_ca: {
    meaning: 'The chain of a certificate leads to no authority that the sender trusts.',
    sender:
      'Whoever got the certificate. Either the authority is not in its trust store, or the other side fails to send the intermediate certificate that leads there. OpenSSL, curl and Python say it for self-signed certificates too.',
  },
  access_denied: {
    meaning: 'The certificate is valid, but an access rule forbids the connection.',
    sender:
      'Mostly a server or an inspecting firewall. GnuTLS says it of every client certificate that it refuses, and why in a second alert.',
  },
  decode_error: {
    meaning: 'A message could not be decoded: a length or a field is out of range.',
    sender:
      'Either side. OpenSSL also says it when the other side closes the connection in the middle of the handshake: then it is only an echo. GnuTLS says it of a missing client certificate.',
  },
  decrypt_error: {
    meaning: 'A signature or the Finished message could not be verified.',
    sender:
      'Either side. A private key that does not belong to its certificate, a damaged signature in the chain (OpenSSL), a wrong pre-shared key, or messages altered on the path.',
  },
  export_restriction: {
    meaning: 'The negotiated parameters are not allowed for export. No longer used.',
    sender: 'Only very old implementations (TLS 1.0 and before).',
  },
  protocol_version: {
    meaning: 'The other side offers or chose a protocol version that the sender does not speak.',
    sender:
      'Mostly a server, right after the ClientHello: it is too old for the client, or the client is too old for it. An OpenSSL 3.0 server also sends it, to clients that offer only TLS 1.3, if it has no certificate or rejects the name. A client says it of a ServerHello.',
  },
  insufficient_security: {
    meaning: 'The sender demands stronger parameters than the other side supports.',
    sender: 'Mostly a server, or a client that finds a key or a Diffie-Hellman group too small.',
  },
  internal_error: {
    meaning: 'The sender failed for a reason of its own, which has nothing to do with the other side, or hides it.',
    sender:
      'Either side: a key or certificate that cannot be read, a callback that fails, too little memory. OpenSSL 3 also says it of a version (TLS 1.0, 1.1) whose signatures its security level forbids. From the push notification service of Apple, after the client certificate, it usually means that this certificate was issued wrongly.',
  },
  inappropriate_fallback: {
    meaning: 'The client retries with an older version than both sides could speak.',
    sender: 'A server that speaks a newer version than the client marks as its fallback (TLS_FALLBACK_SCSV).',
  },
  user_canceled: {
    meaning: 'The handshake was cancelled for a reason outside TLS.',
    sender: 'Mostly a client: a user or a time limit ended it. Java says it when a program closes a socket.',
  },
  no_renegotiation: {
    meaning: 'The sender does not want to renegotiate. A warning.',
    sender: 'Either side, in answer to a request for renegotiation (TLS 1.2 and before).',
  },
  missing_extension: {
    meaning: 'An extension that is mandatory here is missing.',
    sender: 'Either side (TLS 1.3): for example a ClientHello without key_share or signature_algorithms.',
  },
  unsupported_extension: {
    meaning: 'The server answered with an extension that the client had not asked for.',
    sender: 'Mostly a client: the server, or a device on the path, breaks the protocol.',
  },
  unrecognized_name: {
    meaning: 'The server has no certificate for the name that the client asked for (server_name, SNI).',
    sender:
      'A server. nginx (ssl_reject_handshake) and HAProxy (strict-sni) also say it when no name was given, and Go 1.19 where it has no certificate at all. As a warning, it does not end the handshake.',
  },
  bad_certificate_status_response: {
    meaning: 'The OCSP response that came with the certificate (stapled) is missing or wrong.',
    sender: 'A client: the response is out of date, wrongly signed, or says that the certificate was revoked.',
  },
  unknown_psk_identity: {
    meaning: 'The server does not know the identity of the pre-shared key.',
    sender: 'A server.',
  },
  certificate_required: {
    meaning: 'The server demands a client certificate, and the client sent none.',
    sender:
      'A server of TLS 1.3; encrypted, so that a capture rarely shows it. Before TLS 1.3, it is handshake_failure (40).',
  },
  no_application_protocol: {
    meaning: 'Client and server have no application protocol (ALPN) in common.',
    sender: 'A server that speaks none of the protocols that the client offers, for example only HTTP/2 (h2).',
  },
} as const satisfies Readonly<Record<KnownAlertName, { readonly meaning: string; readonly sender: string }>>;
