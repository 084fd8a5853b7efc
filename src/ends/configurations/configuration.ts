/** A value of a configuration, and the line that says so. */
export interface Setting<Value> {
  readonly value: Value;
  /** As it is written there, in short. Hostile, as all of a file. */
  readonly text: string;
  readonly path: string;
  /** From 1; null where the file has no lines to speak of. */
  readonly line: number | null;
}

/** What one end accepts, as far as its configuration says; null for what it does not, where its software decides. */
export interface Accepts {
  /** Versions by the names of connections: `TLS 1.2`. */
  readonly versions: Setting<readonly string[]> | null;
  /** IANA names of suites up to TLS 1.2. */
  readonly cipherSuites: Setting<readonly string[]> | null;
  readonly tls13CipherSuites: Setting<readonly string[]> | null;
  readonly groups: Setting<readonly string[]> | null;
}

/** One service of a server: a server block, a virtual host, a bind line, a host that was scanned. */
export interface Service extends Accepts {
  /** The names that it answers to, wildcards as they are written; empty: any. */
  readonly names: readonly string[];
  /** Empty: any. */
  readonly ports: readonly number[];
  /** It answers to whoever asks for a name that no other service of its port has. */
  readonly isDefault: boolean;
  readonly clientCertificate: Setting<'none' | 'optional' | 'required'> | null;
  /** Whether it expects a PROXY header before TLS. */
  readonly proxyProtocol: Setting<boolean> | null;
  /** It refuses names that no service has. */
  readonly rejectsUnknownNames: Setting<true> | null;
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
  /** What a server accepts; the first fitting one counts. */
  readonly services: readonly Service[];
  readonly refusals: Refusals;
}

/** A configuration as a format reads it. */
export type ReadConfiguration = Pick<Configuration, 'services'> & Partial<Pick<Configuration, 'refusals'>>;

/** What formats ask of the outside: other files, and cipher strings in OpenSSL's language. */
export interface ConfigurationTools {
  /** The IANA names of the suites up to TLS 1.2 that a cipher string stands for; undefined if nobody understands it. */
  ciphers(list: string): readonly string[] | undefined;
  /** The files that an `include` names, by its pattern; empty if there are none. */
  include(pattern: string, from: string): readonly { readonly path: string; readonly text: string }[];
}

/** How a configuration is read. Adding a format takes a file and a line in index.ts. */
export interface ConfigurationFormat {
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

/** A service of which nothing is known. */
export const UNKNOWN_SERVICE: Service = {
  names: [],
  ports: [],
  isDefault: true,
  versions: null,
  cipherSuites: null,
  tls13CipherSuites: null,
  groups: null,
  clientCertificate: null,
  proxyProtocol: null,
  rejectsUnknownNames: null,
};
