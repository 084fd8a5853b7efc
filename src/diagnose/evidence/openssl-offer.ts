import type { ClientHello, Connection } from '../../connection/connection.js';
import { OPENSSL_SUITES } from '../../ends/configurations/openssl-suites.js';
import { versionRank, withoutGreaseAndSignals } from './offers.js';
import { sniOption } from './places.js';

// What `openssl s_client` must be told to offer what a client offered, so that the server refuses it for the same reason.

/** OpenSSL 3 speaks the versions before TLS 1.2 at security level 0 alone. */
const ANY_STRENGTH = ':@SECLEVEL=0';

const FLAGS: Readonly<Record<string, string>> = {
  'TLS 1.0': '-tls1',
  'TLS 1.1': '-tls1_1',
  'TLS 1.2': '-tls1_2',
  'TLS 1.3': '-tls1_3',
  'DTLS 1.0': '-dtls1',
  'DTLS 1.2': '-dtls1_2',
  'DTLS 1.3': '-dtls',
};

/** The options for one version alone; undefined if OpenSSL does not have it. */
export function versionOptions(version: string): readonly string[] | undefined {
  const flag = FLAGS[version];
  if (flag === undefined) return undefined;
  return versionRank(version) < versionRank('TLS 1.2') ? [flag, '-cipher', `DEFAULT${ANY_STRENGTH}`] : [flag];
}

/** Nobody is refused for a longer list: it has what nearly every peer has. */
const MAX_NAMES = 12;

/** What OpenSSL 3.0 knows; it refuses options with other names. */
const TLS13_SUITE =
  /^TLS_(?:AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256|AES_128_CCM(?:_8)?_SHA256)$/;
const GROUP = /^(?:secp(?:160k1|192r1|224r1|256[rk]1|384r1|521r1)|x25519|x448|brainpoolP(?:256|384|512)r1|ffdhe\d+)$/;
const SCHEME = /^(?:ecdsa_secp(?:256|384|521)r1_sha\d+|ed25519|ed448|rsa_p(?:ss_rsae|ss_pss|kcs1)_sha\d+)$/;

type Part = 'suites' | 'groups' | 'schemes';

/**
 * The options that ask for what the client asked for, as `sniOption` gives them, and offer the same: version, and of these parts
 * what OpenSSL has. A part that it lacks, or that is long, is left out.
 */
export function offerOptions(connection: Connection, ...parts: readonly Part[]): readonly string[] {
  const { clientHello, protocol } = connection;
  if (clientHello === null || protocol !== 'tls') return sniOption(connection);
  const of = (part: Part, names: readonly string[]): readonly string[] =>
    parts.includes(part) ? withoutGreaseAndSignals(names) : [];
  const suites = of('suites', clientHello.cipherSuites);
  const tls13 = suites.filter((suite) => TLS13_SUITE.test(suite));
  const older = suites.flatMap((suite) => OPENSSL_SUITES.find(({ iana }) => iana === suite)?.name ?? []);
  const version = onlyVersion(clientHello, suites.length > 0 && tls13.length === 0);
  return [
    ...sniOption(connection),
    ...(version === null ? [] : (versionOptions(version) ?? [])),
    ...listOption('-ciphersuites', tls13),
    ...listOption('-cipher', older, ANY_STRENGTH),
    ...listOption('-groups', matching(of('groups', clientHello.supportedGroups), GROUP)),
    ...listOption('-sigalgs', matching(of('schemes', clientHello.signatureSchemes), SCHEME)),
  ];
}

/** The one version with which OpenSSL must try, or null for any. */
function onlyVersion({ supportedVersions }: ClientHello, lacksTls13Suites: boolean): string | null {
  const versions = withoutGreaseAndSignals(supportedVersions).toSorted((a, b) => versionRank(b) - versionRank(a));
  const [newest = null, second] = versions;
  if (newest !== 'TLS 1.3') return newest;
  if (second === undefined) return newest;
  return lacksTls13Suites ? second : null;
}

const matching = (names: readonly string[], pattern: RegExp): readonly string[] =>
  names.filter((name) => pattern.test(name));

const listOption = (option: string, names: readonly string[], more = ''): readonly string[] =>
  names.length === 0 || names.length > MAX_NAMES ? [] : [option, names.join(':') + more];
