/** What an extension is for. */
export interface ExtensionText {
  readonly meaning: string;
  /** Ids of the rules that it leads to. */
  readonly rules: readonly string[];
  readonly source: string;
  /** A command that shows how a server reacts to it. */
  readonly command?: string;
}

/** Extensions that matter for handshakes, by number; of others, only the name is known. */
export const EXTENSION_TEXTS: ReadonlyMap<number, ExtensionText> = new Map([
  [
    0,
    {
      meaning:
        'The name of the server that the client wants (SNI), in the clear. Servers with several certificates choose by it, and some refuse a client that sends none. Addresses are never sent.',
      rules: ['sni-missing', 'sni-unrecognized', 'hostname-mismatch'],
      source: 'RFC 6066 §3',
      command:
        'openssl s_client -connect HOST:443 -servername NAME </dev/null; openssl s_client -connect HOST:443 -noservername </dev/null',
    },
  ],
  [
    5,
    {
      meaning:
        'The client asks the server to staple an OCSP response: a fresh word of the authority that the certificate was not revoked.',
      rules: ['ocsp-response-invalid', 'certificate-revoked'],
      source: 'RFC 6066 §8',
      command: 'openssl s_client -connect HOST:443 -servername NAME -status </dev/null',
    },
  ],
  [
    10,
    {
      meaning: 'The groups (elliptic curves, Diffie-Hellman groups) in which the client can exchange keys, best first.',
      rules: ['group-mismatch'],
      source: 'RFC 8446 §4.2.7',
      command: 'openssl s_client -connect HOST:443 -servername NAME -groups P-256:X25519 </dev/null',
    },
  ],
  [
    11,
    {
      meaning: 'The forms of curve points that the sender reads; only one is used today.',
      rules: [],
      source: 'RFC 8422 §5.1.2',
    },
  ],
  [
    13,
    {
      meaning:
        'The signatures that the client can verify. They decide which certificate (RSA, ECDSA) a server can use with it.',
      rules: ['signature-scheme-mismatch', 'certificate-weak'],
      source: 'RFC 8446 §4.2.3',
      command: 'openssl s_client -connect HOST:443 -servername NAME -sigalgs RSA-PSS+SHA256:ECDSA+SHA256 </dev/null',
    },
  ],
  [
    16,
    {
      meaning: 'The application protocols that the client speaks (ALPN): h2 is HTTP/2, http/1.1 is HTTP/1.1.',
      rules: ['alpn-mismatch'],
      source: 'RFC 7301 §3.1',
      command: 'openssl s_client -connect HOST:443 -servername NAME -alpn h2,http/1.1 </dev/null',
    },
  ],
  [
    18,
    {
      meaning: 'Proofs that the certificate is in public logs (Certificate Transparency).',
      rules: [],
      source: 'RFC 6962 §3.3.1',
    },
  ],
  [
    21,
    {
      meaning: 'Padding: makes a ClientHello longer, for old servers that choke on certain lengths.',
      rules: [],
      source: 'RFC 7685 §3',
    },
  ],
  [
    22,
    {
      meaning: 'Encrypts before it authenticates, which is safer with CBC cipher suites.',
      rules: [],
      source: 'RFC 7366 §2',
    },
  ],
  [
    23,
    {
      meaning: 'Binds the keys to the whole handshake. Sides that demand it refuse those that lack it.',
      rules: ['handshake-rejected'],
      source: 'RFC 7627 §5.1',
    },
  ],
  [27, { meaning: 'The client takes compressed certificates.', rules: [], source: 'RFC 8879 §3' }],
  [
    28,
    {
      meaning: 'The largest record that the sender takes.',
      rules: ['message-too-large', 'protocol-violation'],
      source: 'RFC 8449 §4',
    },
  ],
  [
    35,
    {
      meaning: 'A ticket by which a session of TLS 1.2 is resumed, or the wish for one.',
      rules: [],
      source: 'RFC 5077 §3.2',
    },
  ],
  [
    41,
    {
      meaning: 'Keys that both sides know already: mostly the ticket of an earlier session (TLS 1.3).',
      rules: ['psk-rejected'],
      source: 'RFC 8446 §4.2.11',
    },
  ],
  [
    42,
    {
      meaning: 'The client sends data before the handshake is complete (0-RTT).',
      rules: [],
      source: 'RFC 8446 §4.2.10',
    },
  ],
  [
    43,
    {
      meaning:
        'The versions that the client speaks. Without it, the ClientHello names the newest alone, TLS 1.2 at most.',
      rules: ['protocol-version-mismatch'],
      source: 'RFC 8446 §4.2.1',
      command: 'openssl s_client -connect HOST:443 -servername NAME -tls1_2 </dev/null',
    },
  ],
  [
    44,
    {
      meaning: 'A value that the server wants back in a second ClientHello.',
      rules: ['group-mismatch'],
      source: 'RFC 8446 §4.2.2',
    },
  ],
  [
    45,
    {
      meaning: 'How the client is willing to use pre-shared keys.',
      rules: ['psk-rejected'],
      source: 'RFC 8446 §4.2.9',
    },
  ],
  [
    47,
    {
      meaning: 'The authorities whose certificates the sender takes.',
      rules: ['client-certificate-untrusted'],
      source: 'RFC 8446 §4.2.4',
    },
  ],
  [
    49,
    {
      meaning: 'The client can send a certificate after the handshake.',
      rules: ['client-certificate-missing'],
      source: 'RFC 8446 §4.2.6',
    },
  ],
  [
    50,
    {
      meaning: 'The signatures that the sender can verify within certificates.',
      rules: ['signature-scheme-mismatch'],
      source: 'RFC 8446 §4.2.3',
    },
  ],
  [
    51,
    {
      meaning:
        'Public keys for some of the groups, sent ahead. If the server wants another group, it answers with a HelloRetryRequest. Post-quantum ones are large, and span segments.',
      rules: ['group-mismatch', 'client-hello-lost', 'client-hello-size-intolerant'],
      source: 'RFC 8446 §4.2.8',
    },
  ],
  [
    13172,
    {
      meaning: 'The predecessor of ALPN (NPN), no longer used.',
      rules: ['alpn-mismatch'],
      source: 'draft-agl-tls-nextprotoneg-04',
    },
  ],
  [
    65037,
    {
      meaning: 'The true ClientHello, encrypted (ECH): the name in the clear is then that of a front.',
      rules: ['sni-unrecognized', 'hostname-mismatch'],
      source: 'draft-ietf-tls-esni-22',
    },
  ],
  [
    65281,
    {
      meaning: 'Protects renegotiation against an attacker. Current clients refuse servers that lack it.',
      rules: ['renegotiation-refused', 'insecure-renegotiation'],
      source: 'RFC 5746 §3.2',
    },
  ],
]);
