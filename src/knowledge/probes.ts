import type { ClientHello } from '../connection/connection.js';

/** What programs that only probe a server send in place of a random. */
const TEXTS_IN_RANDOM = [
  // HAProxy's `ssl-hello-chk`.
  'HAPROXYSSLCHK',
  // Nmap's service probe `TLSSessionReq` (nmap-service-probes, 7.93).
  'random1random2random3random4',
].map((text) => Buffer.from(text).toString('hex'));

/** The random of Nmap's service probe `SSLSessionReq` (nmap-service-probes, 7.93). */
const RANDOM_OF_NMAP = '3f47d7f7ba2ceeeab2607ef300fd827bb9d596c8779be6c4db3c3ddb6fef106e';

/** The versions that Nmap's scripts offer together (nselib/tls.lua, 7.93); a real client prefers TLS 1.3. */
const VERSIONS_OF_NMAP = ['TLS 1.2', 'TLS 1.1', 'TLS 1.3', 'SSL 3.0'];

/** Whether a ClientHello comes from a program that only looks at the answer and leaves, whatever it is. */
export function isProbe({ random, supportedVersions }: Pick<ClientHello, 'random' | 'supportedVersions'>): boolean {
  return (
    random === RANDOM_OF_NMAP ||
    TEXTS_IN_RANDOM.some((text) => random.includes(text)) ||
    (supportedVersions.length === VERSIONS_OF_NMAP.length &&
      supportedVersions.every((version, index) => version === VERSIONS_OF_NMAP[index]))
  );
}
