import type { ClientHello } from '../connection/connection.js';

const hexOf = (text: string): string => Buffer.from(text).toString('hex');

/** What HAProxy's `ssl-hello-chk` sends in place of a random. */
const TEXT_OF_HAPROXY = hexOf('HAPROXYSSLCHK');

/** What Nmap's service probe `TLSSessionReq` has in its random (nmap-service-probes, 7.93). */
const TEXT_OF_NMAP = hexOf('random1random2random3random4');

/** The random of Nmap's service probe `SSLSessionReq` (nmap-service-probes, 7.93). */
const RANDOM_OF_NMAP = '3f47d7f7ba2ceeeab2607ef300fd827bb9d596c8779be6c4db3c3ddb6fef106e';

/** The versions that Nmap's scripts offer together (nselib/tls.lua, 7.93); a real client prefers TLS 1.3. */
const VERSIONS_OF_NMAP = ['TLS 1.2', 'TLS 1.1', 'TLS 1.3', 'SSL 3.0'];

type Hello = Pick<ClientHello, 'random' | 'supportedVersions'>;

/** Whether Nmap sent a ClientHello, to detect services or what they support. */
export function isOfNmap({ random, supportedVersions }: Hello): boolean {
  return (
    random === RANDOM_OF_NMAP ||
    random.includes(TEXT_OF_NMAP) ||
    (supportedVersions.length === VERSIONS_OF_NMAP.length &&
      supportedVersions.every((version, index) => version === VERSIONS_OF_NMAP[index]))
  );
}

/** Whether HAProxy's health check `option ssl-hello-chk` sent a ClientHello, which offers SSL 3.0 alone (haproxy 2.6.12). */
export const isOfHaproxy = ({ random }: Pick<ClientHello, 'random'>): boolean => random.includes(TEXT_OF_HAPROXY);

/** Whether a ClientHello comes from a program that only wants to see an answer, whatever it is, and leaves. */
export const isProbe = (hello: Hello): boolean => isOfNmap(hello) || isOfHaproxy(hello);

/** GOST R 34.10-2012 with 256 and 512 bits by the numbers of GnuTLS, from before IANA gave others. */
const GOST_OF_GNUTLS = ['0x0841', '0x0840'];

/**
 * Whether a ClientHello offers all signature schemes of GnuTLS, including those that are off by default. Only a program that
 * tests what a server supports does this: gnutls-cli-debug 3.7.9.
 */
export const offersEverySignature = ({ signatureSchemes }: Pick<ClientHello, 'signatureSchemes'>): boolean =>
  GOST_OF_GNUTLS.every((scheme) => signatureSchemes.includes(scheme));
