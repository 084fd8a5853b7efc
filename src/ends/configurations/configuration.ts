import type { Certificate } from '../../x509/certificate.js';

/** A value in a configuration, and its line. */
export interface Setting<Value> {
  readonly value: Value;
  /** As written there, shortened. Hostile, like everything in a file. */
  readonly text: string;
  readonly path: string;
  /** From 1; null if line numbers make no sense for the file. */
  readonly line: number | null;
}

/** What an end certainly accepts. */
export interface Accepted extends Setting<readonly string[]> {
  /**
   * What it may accept in addition, depending on the release, the system, or something that is not understood. Absent:
   * nothing.
   */
  readonly perhaps?: readonly string[] | 'any';
}

/** What one end accepts according to its configuration; null if that is left to the software. */
export interface Accepts {
  /** Versions with the names used in connections: `TLS 1.2`. */
  readonly versions: Accepted | null;
  /** IANA names of suites up to TLS 1.2. */
  readonly cipherSuites: Accepted | null;
  readonly tls13CipherSuites: Accepted | null;
  readonly groups: Accepted | null;
  /** For a server: the schemes that it signs with; for a client: those that it accepts from servers. */
  readonly signatureSchemes: Accepted | null;
  /** Schemes for the client's certificate: accepted by a server, used by a client. */
  readonly clientSignatureSchemes: Accepted | null;
}

/** One service of a server: a server block, a virtual host, a bind line, a scanned host. */
export interface Service extends Accepts {
  /** The names that it answers to, with wildcards as written; empty: any. */
  readonly names: readonly string[];
  /** Empty: any. */
  readonly ports: readonly number[];
  /** Where it listens; null: at any address. */
  readonly address: string | null;
  /** It answers if no other service of its port has the requested name. */
  readonly isDefault: boolean;
  readonly clientCertificate: Setting<'none' | 'optional' | 'required'> | null;
  /** The authorities whose client certificates it accepts; null if some of their files are missing. */
  readonly clientAuthorities: readonly Certificate[] | null;
  /** Which client certificates it accepts that none of these authorities issued, or that are otherwise faulty. */
  readonly clientLeniency: ClientLeniency;
  /** How many issuers a client's certificate may have above it, the root included; null: more than any chain has. */
  readonly clientDepth: Setting<number> | null;
  /** Whether it expects a PROXY header before TLS. */
  readonly proxyProtocol: Setting<boolean> | null;
  /** It rejects every handshake that reaches it: as the default service, those for a name that no service has. */
  readonly rejects: Setting<true> | null;
  /** The server's own certificates that it may send, without issuers; null if some of their files are missing. */
  readonly certificates: readonly Certificate[] | null;
  /**
   * How it selects one of RSA and ECDSA certificates: the one that fits what the client offers; by the client's
   * signatures alone, whatever else the client lacks; or in a way that is not known.
   */
  readonly choosesBy: 'fit' | 'signatures' | 'unknown';
  /**
   * Something in it that matters for handshakes is not understood. What it rules out is certain, but it may rule out
   * more.
   */
  readonly isPartlyRead: boolean;
}

/**
 * What a server accepts of clients' certificates besides those that it can verify: nothing; those of any issuer
 * (`optional_no_ca`), if nothing else is wrong with them; any; or those with some faults, which depend on the library.
 */
type ClientLeniency = 'none' | 'any-issuer' | 'any' | 'some-faults';

/** What an end refuses in certificates. */
export interface Refusals {
  /** The smallest key that it accepts, in bits, by key type (`RSA`, `ECDSA`). */
  readonly smallestKeys: Readonly<Record<string, Setting<number>>>;
  /** Hashes in signatures that it does not accept: `md5`, `sha1`. */
  readonly hashes: Readonly<Record<string, Setting<true>>>;
}

/** A configuration file, as far as understood. */
export interface Configuration {
  /** The usual name of its format: `nginx`. */
  readonly format: string;
  readonly path: string;
  readonly services: readonly Service[];
  /**
   * How a name selects a service: `first` takes the first that has it; the others take the one with the longest
   * pattern, an exact name before all. With `label`, the `*` of a pattern is exactly one label. A service does not have
   * the names of patterns after `!`.
   */
  readonly nameMatching: 'first' | 'longest' | 'label';
  readonly refusals: Refusals;
  /** Whether the program accepts intermediates as trust anchors, as recorded; null if unknown. */
  readonly intermediateAnchors: 'accepted' | 'refused' | null;
  /** It completes the handshake with a client whose certificate it does not accept, and then refuses its requests. */
  readonly refusesRequests: boolean;
  /** What the program does with a client that names none of its protocols in ALPN; null where that is not known. */
  readonly foreignProtocols: 'refused' | 'ignored' | null;
  /** What is sent with a certificate that a service names, itself first. */
  readonly chains: ReadonlyMap<Certificate, readonly Certificate[]>;
  /** Lines that matter for handshakes and are not understood, or refer to missing files. */
  readonly unread: readonly UnreadLine[];
}

/** A line of a configuration that was not understood, and why. */
export interface UnreadLine {
  readonly path: string;
  readonly line: number | null;
  /** Hostile, as all of a file. */
  readonly text: string;
  readonly why: 'no-such-file' | 'not-understood' | 'variable' | 'condition';
}

/** A configuration as read by its format. */
export type ReadConfiguration = Pick<Configuration, 'services'> &
  Partial<Pick<Configuration, 'refusals' | 'nameMatching'>>;

/** What formats need from outside: other files, and OpenSSL's cipher strings. */
export interface ConfigurationTools {
  /** The suites up to TLS 1.2 of a cipher string; undefined if it is not understood. */
  ciphers(list: string): ExpandedCiphers | undefined;
  /**
   * The files that a pattern matches, ordered by name; for a directory, those in it. A relative path begins at `base`.
   * Files next to the configuration come first: it may have been copied from another machine together with its included
   * files.
   */
  include(pattern: string, base?: string): readonly { readonly path: string; readonly text: string }[];
  /** The first certificate of a PEM file, or of each in a directory; null if there is none. */
  certificates(path: string, base?: string): readonly Certificate[] | null;
  /** All certificates of a PEM file, or of those in a directory; null if there is none. */
  authorities(path: string, base?: string): readonly Certificate[] | null;
  /** Adds the certificates of another file to those sent with these, in addition to those in their own files. */
  addIssuers(leaves: readonly Certificate[], path: string): void;
  /**
   * For each of these without further certificates: adds those of the file in a directory whose first certificate
   * issued it.
   * @returns false if there is no such file
   */
  completeChains(leaves: readonly Certificate[], path: string): boolean;
  /**
   * Counts steps whose number grows with the product of two lengths, such as servers and the lines around them.
   * @throws ConfigurationError if there are too many
   */
  work(steps: number): void;
  /** Notes a line that is not understood. */
  unread(line: UnreadLine): void;
}

/** Suites of a cipher string, by IANA's names. */
export interface ExpandedCiphers {
  readonly sure: readonly string[];
  /** Suites that some releases leave out, or refuse at their default security level. */
  readonly perhaps: readonly string[];
  /** The security level that it sets, or null. */
  readonly securityLevel: number | null;
}

/** What is known of a program whatever its configuration says. */
type ProgramHabits = Pick<Configuration, 'intermediateAnchors' | 'refusesRequests' | 'foreignProtocols'>;

/** How a configuration is read. Adding a format takes a file and a line in index.ts. */
export interface ConfigurationFormat extends Partial<ProgramHabits> {
  readonly name: string;
  /** Whether a file has this format, by its content. */
  recognise(text: string): boolean;
  /** @throws ConfigurationError */
  read(text: string, path: string, tools: ConfigurationTools): ReadConfiguration;
}

/** Why a configuration cannot be used; `message` is the reason in one line. */
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

/** The certificates of several files, each named in a line; null if one is missing. */
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

/** The authorities of several files; null if one is missing, or none is named. */
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
  clientLeniency: 'none',
  clientDepth: null,
  proxyProtocol: null,
  rejects: null,
  certificates: null,
  choosesBy: 'fit',
  isPartlyRead: false,
};
