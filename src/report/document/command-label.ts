/** What the commands that confirm a fault show, and where to run them. */

export interface CommandLabel {
  /** `shows the certificate that the server sends now`. */
  readonly shows: string;
  /** `on the client's machine`. */
  readonly where: string;
}

const CLIENT = "on the client's machine, so that it takes the same path";
const SERVER = 'on the server';
/** What a supplicant's traffic goes through as RADIUS. */
const AUTHENTICATOR = 'on the access point or switch, or beside it, so that it takes the same path';

/** The first that fits, by what is special in a command: so the more special ones stand first. */
const LABELS: readonly (readonly [pattern: RegExp, shows: string, where: string])[] = [
  [/\bserver-client-ca\.pem\b/, "shows whether the server's CA file accepts the client's certificate", SERVER],
  [/\bprivate\.key\b/, 'shows whether the certificate and the private key belong together: equal hashes', SERVER],
  [/-in certificate\.pem .*-fingerprint/, 'shows the fingerprint to compare', 'where the certificate is'],
  [
    /-in (?:client|push)\.pem /,
    'shows whose the certificate is, and its dates',
    'where the client has its certificate',
  ],
  [/\bverify .*-trusted issuer\.pem/, 'shows whether the issuer signed it', 'anywhere, with both certificates saved'],
  [
    /\bopenssl verify\b/,
    'shows whether the chain leads to the root',
    'anywhere, with the certificates saved as these files',
  ],
  [/^date -u/, "shows the machine's clock, in UTC", "on the client's machine"],
  [/^ss\b/, 'shows which program listens on the port', SERVER],
  [/^tcpdump\b/, "shows whether the client's packets arrive", SERVER],
  [/^traceroute\b/, 'shows how far packets come', CLIENT],
  [/^dig\b/, 'shows where the name leads now, and for how many seconds the answer holds', CLIENT],
  [/^ping\b.*-M do/, 'shows whether packets of this size get through without fragmentation', CLIENT],
  [/^ping\b/, 'shows whether packets that are fragmented get through', CLIENT],
  [/^nc\b.*-\w*z/, 'shows whether the port answers', CLIENT],
  [/^nc\b/, 'shows what the server says first', CLIENT],
  [
    /^eapol_test\b/,
    'logs on as a supplicant would, step by step',
    'on a host that the RADIUS server knows as its client',
  ],
  [
    /\bradclient\b/,
    'shows whether the RADIUS server answers to this secret',
    'on the access point, or a host known to the server',
  ],
  [/^curl\b.*(?:-x|--proxy)\b/, 'shows whether the proxy opens the connection', CLIENT],
  [/--haproxy-protocol/, 'shows whether the server expects a PROXY header', 'on the proxy'],
  [/^curl --http3-only/, 'shows whether QUIC works, without falling back to TCP', CLIENT],
  [/^curl\b/, 'shows whether a request works', CLIENT],
  [/-sess_in|-reconnect/, 'shows whether the server resumes the session', CLIENT],
  [
    /-cert (?:client|push)\.pem/,
    'shows whether the server accepts the client certificate',
    'where the client has its certificate',
  ],
  [/\| openssl x509 .*(?:dates|enddate)/, 'shows the certificate that the server sends now, and its dates', CLIENT],
  [/\| openssl x509 .*-ext/, 'shows what the certificate may be used for', CLIENT],
  [/\| openssl x509\b/, 'shows the certificate that the server sends now', CLIENT],
  [/-starttls\b/, 'shows whether the server goes over to TLS', CLIENT],
  [/-verify_(?:ip|hostname)/, 'shows whether the certificate is valid for the name', CLIENT],
  [/-status\b/, 'shows what the server staples about revocation', CLIENT],
  [/-x509_strict|-showcerts/, 'shows the chain that the server sends', CLIENT],
  [/-psk\b/, 'shows whether the server knows this key', CLIENT],
  [/-alpn\b/, 'shows which application protocol the server chooses', CLIENT],
  [/-groups .*; .*-groups/, 'shows whether a small ClientHello works where a large one fails', CLIENT],
  [/-groups\b/, 'shows whether the server accepts these groups', CLIENT],
  [/-sigalgs\b/, 'shows whether the server signs with these schemes', CLIENT],
  [/-cipher\b/, 'shows whether a cipher suite of these is accepted', CLIENT],
  [/-noservername|-servername .*; .*/, 'shows the difference that the server name makes', CLIENT],
  [/-dtls\b|-msg\b|-maxfraglen\b/, 'shows the handshake, message by message', CLIENT],
  [/-(?:tls1(?:_\d)?|legacy_server_connect|fallback_scsv)\b/, 'shows whether this version works', CLIENT],
  [/^time openssl/, 'shows how long a handshake takes', CLIENT],
  [/\bopenssl s_client\b/, 'shows whether the handshake works, and what the server answers', CLIENT],
];

/**
 * The label of a command; of one that is not known, that it confirms the fault or the cure.
 * @param isEap the handshake goes to a RADIUS server, which the client itself does not reach
 */
export function commandLabel(command: string, isEap = false): CommandLabel {
  const [, shows, where] = LABELS.find(([pattern]) => pattern.test(command)) ?? [
    null,
    'confirms the fault, or that it is gone',
    'where the change is made',
  ];
  return { shows, where: isEap && where === CLIENT ? AUTHENTICATOR : where };
}
