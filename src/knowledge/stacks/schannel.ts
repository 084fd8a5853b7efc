import { hasInRow, type HelloTraits, type Recording, type Stack } from './stack.js';

/** Windows 10, and 7 with its later updates: secure renegotiation comes last, behind the extended master secret. */
function hasWindowsEnding(extensions: readonly string[]): boolean {
  const rest = extensions.filter((name) => name !== 'token_binding');
  return hasInRow(rest.slice(-2), 'extended_master_secret', 'renegotiation_info');
}

/** Windows 7 without updates: only it prefers RSA to ECDHE, and AES-128 to AES-256. */
function hasFirstSuitesOfWindows7({ cipherSuites }: HelloTraits): boolean {
  return hasInRow(
    cipherSuites.slice(0, 5),
    'TLS_RSA_WITH_AES_128_CBC_SHA',
    'TLS_RSA_WITH_AES_256_CBC_SHA',
    'TLS_RSA_WITH_RC4_128_SHA',
    'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
    'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  );
}

/**
 * From PcapPlusPlus's IgmpPackets.pcap (2010): two hosts that find each other by LLMNR, `chmuthu-w7-test` and
 * `chmuthu-w7-tst3`. The certificate is signed with SHA-1 by another one, and has its name in the subject alone; data follow.
 */
const recordings: readonly Recording[] = [
  {
    by: 'Windows 7 (public capture IgmpPackets)',
    role: 'client',
    tls: 'TLS 1.0',
    responses: { 'signature-weak': { kind: 'accept' }, 'subject-alt-name-missing': { kind: 'accept' } },
  },
  {
    by: 'Windows 7 (public capture IgmpPackets)',
    role: 'server',
    tls: 'TLS 1.0',
    responses: { 'protocol-version-mismatch': { kind: 'accept' } },
  },
];

/**
 * Windows, TLS 1.2 and before, known only from public captures, in which names and HTTP of the same host identify the clients: Suricata's tls-subjectaltname (Internet Explorer 11 on Windows 7, by its `User-Agent`; `Microsoft-CryptoAPI/6.1`
 * beside it) and bug-2769 (Windows 10, by the `User-Agent` in its CONNECT), PcapPlusPlus's tls2 (2021; Microsoft's SmartScreen)
 * and IgmpPackets, nDPI's 4in6tunnel (www.bing.com, with `token_binding`).
 *
 * One more capture shows its reaction to a fault: in tls-subjectaltname, Internet Explorer 11 completes the handshake with
 * a certificate that is expired, self-signed and without subject alternative name, and leaves within 3 ms of the server's
 * Finished by a FIN, without an alert (frames 269, 2730, 2731); later it sends its request to the same server (frame 284). Which
 * of the three faults it was is not shown, so it is no entry. No capture shows SChannel send an alert, a server on it refuse a
 * ClientHello, or TLS 1.3.
 */
export const schannel: Stack<'SChannel'> = {
  name: 'SChannel',
  wrote: (hello) => {
    const { extensions } = hello;
    return (
      hasInRow(extensions, 'supported_groups', 'ec_point_formats') &&
      !extensions.includes('encrypt_then_mac') &&
      !extensions.includes('supported_versions') &&
      (hasWindowsEnding(extensions) || hasFirstSuitesOfWindows7(hello))
    );
  },
  recordings,
};
