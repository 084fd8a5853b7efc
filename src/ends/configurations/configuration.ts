import type { Certificate } from '../../x509/certificate.js';

/** A value of a configuration, and the line that says so. */
export interface Setting<Value> {
  readonly value: Value;
  /** As it is written there, in short. Hostile, as all of a file. */
  readonly text: string;
  readonly path: string;
  /** From 1; null where the file has no lines to speak of. */
  readonly line: number | null;
}

/** What an end accepts for sure. */
export interface Accepted extends Setting<readonly string[]> {
  /** What it may accept besides: the release, the system, or what is not read decides. Absent: nothing. */
  readonly perhaps?: readonly string[] | 'any';
}

/** What one end accepts, as far as its configuration says; null for what it does not, where its software decides. */
export interface Accepts {
  /** Versions by the names of connections: `TLS 1.2`. */
  readonly versions: Accepted | null;
  /** IANA names of suites up to TLS 1.2. */
  readonly cipherSuites: Accepted | null;
  readonly tls13CipherSuites: Accepted | null;
  readonly groups: Accepted | null;
  /** Of a server, those that it signs its handshake by; of a client, those that it takes of servers. */
  readonly signatureSchemes: Accepted | null;
  /** Those by which a client signs with the key of its certificate: taken by a server, used by a client. */
  readonly clientSignatureSchemes: Accepted | null;
}

/** One service of a server: a server block, a virtual host, a bind line, a host that was scanned. */
export interface Service extends Accepts {
  /** The names that it answers to, wildcards as they are written; empty: any. */
  readonly names: readonly string[];
  /** Empty: any. */
  readonly ports: readonly number[];
  /** Where it listens; null: at any address. */
  readonly address: string | null;
  /** It answers to whoever asks for a name that no other service of its port has. */
  readonly isDefault: boolean;
  readonly clientCertificate: Setting<'none' | 'optional' | 'required'> | null;
  /** The authorities whose certificates it takes of clients; null where their files are not all at hand. */
  readonly clientAuthorities: readonly Certificate[] | null;
  /** Whether it expects a PROXY header before TLS. */
  readonly proxyProtocol: Setting<boolean> | null;
  /** It answers no handshake that reaches it: as the default service, none for a name that no service has. */
  readonly rejects: Setting<true> | null;
  /** Those of the server itself that it may send, without their issuers; null where their files are not all at hand. */
  readonly certificates: readonly Certificate[] | null;
  /** With certificates of RSA and ECDSA, it settles by the signatures that a client has which one it sends, whatever else the client lacks. */
  readonly isEcdsaFirst: boolean;
  /** Something of it that bears on handshakes is not read: what it rules out holds, that nothing else does is not known. */
  readonly isPartlyRead: boolean;
}

/** What an end refuses of certificates. */
export interface Refusals {
  /** The smallest key that it takes, in bits, by key type (`RSA`, `ECDSA`). */
  readonly smallestKeys: Readonly<Record<string, Setting<number>>>;
  /** Hashes of signatures that it does not take: `md5`, `sha1`. */
  readonly hashes: Readonly<Record<string, Setting<true>>>;
}

/** A configuration file as it was understood. */
export interface Configuration {
  /** As its users call it: `nginx`. */
  readonly format: string;
  readonly path: string;
  readonly services: readonly Service[];
  /**
   * How a service is found by a name: `first` takes the first that has it, the others the one with the longest pattern, an exact
   * name before all. In `label`, the `*` of a pattern is one label. A pattern behind `!` is one that a service does not have.
   */
  readonly nameMatching: 'first' | 'longest' | 'label';
  readonly refusals: Refusals;
  /** What the program makes of trust anchors that are no roots, as recorded; null where that is not known. */
  readonly issuingAnchors: 'taken' | 'refused' | null;
  /** It completes the handshake with a client whose certificate it does not accept, and then refuses its requests. */
  readonly refusesRequests: boolean;
  /** What is sent with a certificate that a service names, itself first. */
  readonly chains: ReadonlyMap<Certificate, readonly Certificate[]>;
  /** Lines that bear on handshakes and are not understood, or lead to what is not at hand. */
  readonly unread: readonly UnreadLine[];
}

/** A line of a configuration that was not read, and why. */
export interface UnreadLine {
  readonly path: string;
  readonly line: number | null;
  /** Hostile, as all of a file. */
  readonly text: string;
  readonly why: 'no-such-file' | 'not-understood' | 'variable' | 'condition';
}

/** A configuration as a format reads it. */
export type ReadConfiguration = Pick<Configuration, 'services'> &
  Partial<Pick<Configuration, 'refusals' | 'nameMatching'>>;

/** What formats ask of the outside: other files, and cipher strings in OpenSSL's language. */
export interface ConfigurationTools {
  /** The suites up to TLS 1.2 that a cipher string stands for; undefined if nobody understands it. */
  ciphers(list: string): ExpandedCiphers | undefined;
  /**
   * The files that a pattern names, in the order of their names; of a directory those in it. A relative path begins at `base`.
   * Beside the configuration comes first: it may have been copied, with the files it includes, from another machine.
   */
  include(pattern: string, base?: string): readonly { readonly path: string; readonly text: string }[];
  /** The first certificate of a PEM file, or of each in a directory; null if there is none at hand. */
  certificates(path: string, base?: string): readonly Certificate[] | null;
  /** All certificates of a PEM file, or of those in a directory; null if there is none at hand. */
  authorities(path: string, base?: string): readonly Certificate[] | null;
  /** Takes the certificates of another file for what is sent with these, besides what stands in their own. */
  addIssuers(leaves: readonly Certificate[], path: string): void;
  /**
   * Takes, for each of these without certificates behind it, those of the file of a directory whose first certificate issued it.
   * @returns false if there is no file
   */
  completeChains(leaves: readonly Certificate[], path: string): boolean;
  /**
   * Counts steps whose number grows with the product of two lengths, such as of servers and of the lines around them.
   * @throws ConfigurationError when they are too many
   */
  work(steps: number): void;
  /** Notes a line that is not read. */
  unread(line: UnreadLine): void;
}

/** Suites of a cipher string by IANA's names. */
export interface ExpandedCiphers {
  readonly sure: readonly string[];
  /** Those that some releases leave out, or refuse at the security level that they begin with. */
  readonly perhaps: readonly string[];
  /** The security level that it sets; null if it does not. */
  readonly securityLevel: number | null;
}

/** How a configuration is read. Adding a format takes a file and a line in index.ts. */
export interface ConfigurationFormat extends Partial<Pick<Configuration, 'issuingAnchors' | 'refusesRequests'>> {
  readonly name: string;
  /** Whether a file is of this format, by its content. */
  recognise(text: string): boolean;
  /** @throws ConfigurationError */
  read(text: string, path: string, tools: ConfigurationTools): ReadConfiguration;
}

/** Why a configuration cannot be used; `message` is a reason in one line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(
    reason: string,
    readonly line?: number,
    readonly path?: string,
  ) {
    super(reason);
  }
}

/** The certificates of several files, each of which a line names; null where one is not at hand. */
export function certificatesOf(
  paths: readonly (string | null | undefined)[],
  tools: Pick<ConfigurationTools, 'certificates'>,
  base?: string,
): readonly Certificate[] | null {
  const found = paths.map((path) =>
    typeof path === 'string' && !path.includes('$') ? tools.certificates(path, base) : null,
  );
  const known = found.filter((one) => one !== null);
  return known.length === 0 || known.length < found.length ? null : known.flat();
}

/** The authorities of several files; null where one is not at hand, or none is named. */
export function authoritiesOf(
  paths: readonly (string | null | undefined)[],
  tools: Pick<ConfigurationTools, 'authorities'>,
  base?: string,
): readonly Certificate[] | null {
  return certificatesOf(paths, { certificates: (path, from) => tools.authorities(path, from) }, base);
}

/** A service of which nothing is known. */
export const UNKNOWN_SERVICE: Service = {
  names: [],
  ports: [],
  address: null,
  isDefault: true,
  versions: null,
  cipherSuites: null,
  tls13CipherSuites: null,
  groups: null,
  signatureSchemes: null,
  clientSignatureSchemes: null,
  clientCertificate: null,
  clientAuthorities: null,
  proxyProtocol: null,
  rejects: null,
  certificates: null,
  isEcdsaFirst: false,
  isPartlyRead: false,
};
