import type { Certificate } from '../../x509/certificate.js';
import {
  type Accepts,
  authoritiesOf,
  certificatesOf,
  ConfigurationError,
  type ConfigurationFormat,
  type ConfigurationTools,
  type Service,
  UNKNOWN_SERVICE,
  type UnreadLine,
} from './configuration.js';
import { acceptsOf, inEither, type Known, type Place, type VersionLimits } from './openssl-context.js';
import { createExpansionLimit, logicalLines, settingOf, versionOf } from './values.js';

/** A line split into words; a word with an unknown variable is null. */
interface Line {
  readonly words: readonly (string | null)[];
  readonly at: Place;
  /** It is conditional (`.if`). */
  readonly isConditional: boolean;
}

/**
 * Options of a bind line, or of a certificate in a list: those with a value by their names, the others with an empty
 * value.
 */
interface Options {
  readonly at: Place;
  /** The last value of each; null if unknown. */
  readonly values: ReadonlyMap<string, string | null>;
  /** Certificates and lists of them, in order. */
  readonly certificates: readonly (readonly [option: string, path: string | null])[];
  /** Some words are known only to the running server. */
  readonly isUnknown: boolean;
}

interface Bind extends Options {
  readonly addresses: string | null;
  /** A rule in its section requires a PROXY header. */
  readonly section: Section;
  readonly isConditional: boolean;
}

interface Section {
  expectsProxy: Place | null;
}

/**
 * A certificate of a `crt-store` section, under the names by which lines refer to it: `@store/alias`, `@store/file`.
 */
interface Stored {
  readonly names: readonly string[];
  readonly file: string;
  /** The section with its `crt-base`, which holds for all of it; that of `global` holds without. */
  readonly store: { folder: string | undefined };
}

const SECTION =
  /^(?:global|defaults|frontend|backend|listen|peers|resolvers|mailers|userlist|cache|program|ring|http-errors|log-forward|log-profile|fcgi-app|crt-store|traces|acme)$/;

/** Options of a bind line that are followed by a value. */
const VALUED =
  /^(?:crt|crt-list|default-crt|ca-file|ca-verify-file|crl-file|ca-ignore-err|crt-ignore-err|ciphers|ciphersuites|curves|ecdhe|sigalgs|client-sigalgs|alpn|npn|verify|ssl-min-ver|ssl-max-ver|name|id|interface|maxconn|backlog|mode|user|uid|group|gid|mss|nice|namespace|process|thread|proto|severity-output|tcp-ut|tls-ticket-keys|ca-sign-file|ca-sign-pass|quic-cc-algo|quic-socket|shards|guid-prefix|nbconn|level|label|idle-ping|cc|ocsp|ocsp-update|issuer|sctl|key)$/;

/** HAProxy: `bind … ssl` of frontends with the lists of certificates that they name, and the defaults of `global`. */
export const haproxy: ConfigurationFormat = {
  name: 'HAProxy',
  intermediateAnchors: 'refused',
  foreignProtocols: 'ignored',
  recognise: (text) => /^\s*(?:frontend|listen)\s+\S+/m.test(text) && /^\s*bind\s/m.test(text),
  read(text, path, tools) {
    const { global, binds, stores } = parse(text, path, tools);
    if (binds.length === 0) throw new ConfigurationError('no bind line with ssl in it');
    const own = withStores(tools, stores, folderOf('crt-base', global));
    return { services: binds.flatMap((bind) => servicesOf(bind, global, own)), nameMatching: 'label' };
  },
};

function parse(text: string, path: string, tools: ConfigurationTools) {
  const global: Line[] = [];
  const binds: Bind[] = [];
  const stores: Stored[] = [];
  let store: Stored['store'] & { readonly name: string } = { name: '', folder: undefined };
  const values = new Map<string, string>();
  const mayExpand = createExpansionLimit();
  const valueOf = (variable: string): string | undefined => {
    const value = values.get(variable);
    return value !== undefined && mayExpand(value) ? value : undefined;
  };
  let name = '';
  let section: Section = { expectsProxy: null };
  let conditions = 0;
  for (const { line, text: own } of logicalLines(text)) {
    const at = settingOf(null, own, path, line);
    const words = wordsOf(own, valueOf, { line, path });
    const [first, second = null] = words;
    if (first === undefined) continue;
    if (first?.startsWith('.') === true) {
      if (first === '.if') conditions++;
      if (first === '.endif' && --conditions < 0) throw new ConfigurationError('.endif without .if', line);
      continue;
    }
    const isConditional = conditions > 0;
    if (first !== null && SECTION.test(first)) {
      name = first;
      section = { expectsProxy: null };
      store = { name: second ?? '', folder: undefined };
    } else if (name === '') {
      throw new ConfigurationError(`"${first ?? own.trim()}" stands outside of any section`, line);
    } else if (name === 'global') {
      global.push({ words, at, isConditional });
      if (first === 'setenv' && second !== null) {
        const value = words[2];
        if (typeof value === 'string' && !isConditional) values.set(second, value);
        else values.delete(second);
      }
    } else if (name === 'crt-store') {
      if (first === 'crt-base') store.folder = second ?? undefined;
      else if (first === 'load') stores.push(...storedOf(words.slice(1), store));
      if (isConditional || words.includes(null)) tools.unread({ ...at, why: isConditional ? 'condition' : 'variable' });
    } else if (first === 'bind') {
      const options = optionsOf(words.slice(2), at);
      if (options.values.has('ssl') || options.isUnknown)
        binds.push({ ...options, addresses: second, section, isConditional });
    } else if (words.slice(0, 4).join(' ').startsWith('tcp-request connection expect-proxy layer4')) {
      section.expectsProxy = at;
    }
  }
  for (const { at, words, isConditional } of global) {
    if (isConditional && /^(?:ssl-|tune\.ssl)/.test(words[0] ?? '')) tools.unread({ ...at, why: 'condition' });
  }
  return { global, binds, stores };
}

/** `load crt FILE [alias NAME] …`, of a store with or without a name; none if its file is not known. */
function storedOf(words: readonly (string | null)[], store: Stored['store'] & { readonly name: string }): Stored[] {
  const valueOf = (option: string): string | null => {
    const index = words.findIndex((word, at) => at % 2 === 0 && word === option);
    return index < 0 ? null : (words[index + 1] ?? null);
  };
  const [file, alias] = [valueOf('crt'), valueOf('alias')];
  if (file === null) return [];
  return [{ names: [file, alias ?? file].map((name) => `@${store.name}/${name}`), file, store }];
}

/** Reads certificates by their names in stores (HAProxy 3.0), too. */
function withStores(
  tools: ConfigurationTools,
  stores: readonly Stored[],
  common: string | undefined,
): ConfigurationTools {
  const byName = new Map(stores.flatMap((stored) => stored.names.map((name) => [name, stored] as const)));
  return {
    ...tools,
    certificates(path, base) {
      if (!path.startsWith('@')) return tools.certificates(path, base);
      const stored = byName.get(path);
      return stored === undefined ? null : tools.certificates(stored.file, stored.store.folder ?? common);
    },
  };
}

/** The value of a variable; undefined if unknown. */
type Values = (variable: string) => string | undefined;

/** Words: double quotes may contain variables, a backslash escapes the next character, and `#` begins a comment. */
function wordsOf(text: string, valueOf: Values, { line, path }: Pick<Place, 'line' | 'path'>): (string | null)[] {
  const token = /\s+|#.*|"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'#\\]+)|(["'\\])/y;
  const words: (string | null)[] = [];
  let word: string | null | undefined;
  for (let offset = 0; offset < text.length; offset = token.lastIndex) {
    token.lastIndex = offset;
    const [whole = '', double, single, escaped, plain, rest] = token.exec(text) ?? [text.slice(offset)];
    if (/^[\s#]/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      if (whole.startsWith('#')) return words;
      continue;
    }
    if (rest === '"' || rest === "'")
      throw new ConfigurationError('a quoted string does not end', line ?? undefined, path);
    const part = double === undefined ? (single ?? escaped ?? plain ?? rest ?? '') : withVariables(double, valueOf);
    word = word === null || part === null ? null : (word ?? '') + part;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Null if it has an environment variable, which only the running server knows. */
function withVariables(text: string, valueOf: Values): string | null {
  let unknown = 0;
  const filled = text.replace(/\\(.)|\$(?:\{(\w+)(?:-[^}]*)?\}|(\w+))/g, (...groups: (string | undefined)[]) => {
    const [, escaped, braced, bare] = groups;
    const value = escaped ?? valueOf(braced ?? bare ?? '');
    if (value === undefined) unknown++;
    return value ?? '';
  });
  return unknown === 0 ? filled : null;
}

function optionsOf(words: readonly (string | null)[], at: Place): Options {
  const values = new Map<string, string | null>();
  const certificates: (readonly [string, string | null])[] = [];
  let isUnknown = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? null;
    if (word === null) {
      isUnknown = true;
    } else if (!VALUED.test(word)) {
      values.set(word, '');
    } else {
      const value = words[++index] ?? null;
      if (/^(?:crt|crt-list|default-crt)$/.test(word)) certificates.push([word, value]);
      else values.set(word, value);
    }
  }
  return { at, values, certificates, isUnknown };
}

/** The services of a bind line: one for each certificate with settings or names of its own, and one for other names. */
function servicesOf(bind: Bind, global: readonly Line[], tools: ConfigurationTools): Service[] {
  const { at, section } = bind;
  const hasHeader = bind.values.has('accept-proxy') || section.expectsProxy !== null;
  const isRuled = section.expectsProxy !== null && / (?:if|unless) /.test(section.expectsProxy.text);
  const header = {
    proxyProtocol: isRuled
      ? null
      : settingOf(hasHeader, (section.expectsProxy ?? at).text, at.path, (section.expectsProxy ?? at).line),
  };
  const unknown = (why: 'condition' | 'variable'): Service[] => {
    tools.unread({ ...at, why });
    return socketsOf(bind.addresses, tools).map((socket) => ({ ...UNKNOWN_SERVICE, ...socket, isPartlyRead: true }));
  };
  if (bind.isConditional) return unknown('condition');
  if (bind.isUnknown) return unknown('variable');
  const base = { ...UNKNOWN_SERVICE, ...header };
  const isStrict = bind.values.has('strict-sni');
  const isMissing = ([, path]: Bind['certificates'][number]): boolean =>
    path?.startsWith('@') === true && tools.certificates(path) === null;
  if (bind.certificates.some(isMissing)) tools.unread({ ...at, why: 'no-such-file' });
  const listedOwn: Service[] = [];
  for (const [option, path] of bind.certificates) {
    const directory = path === null ? undefined : folderOf(option === 'crt-list' ? '' : 'crt-base', global);
    if (option === 'crt-list') {
      const [list] = path === null ? [] : tools.include(path);
      if (list === undefined) {
        tools.unread({ ...at, why: path === null ? 'variable' : 'no-such-file' });
        listedOwn.push({ ...base, names: [UNKNOWN_NAME], isPartlyRead: true });
      } else {
        listedOwn.push(...listed(list, bind, global, tools).map((service) => ({ ...base, ...service })));
      }
    } else if (isStrict) {
      const certificates = ownCertificates([path], tools, directory);
      const names = namesOf(certificates);
      if (names === null) tools.unread({ ...at, why: path === null ? 'variable' : 'no-such-file' });
      listedOwn.push({
        ...base,
        ...settingsOf(bind, undefined, global, tools),
        names: names ?? [UNKNOWN_NAME],
        certificates: withIssuers(certificates, global, tools),
        choosesBy: chooserOf(certificates),
      });
    }
  }
  const own = withKindsOfKeys(listedOwn, tools);
  const [first] = own;
  const hasList = bind.certificates[0]?.[0] === 'crt-list';
  const common: Service = {
    ...base,
    ...settingsOf(bind, undefined, global, tools),
    certificates: withIssuers(
      ownCertificates(
        bind.certificates.map(([, path]) => path),
        tools,
        folderOf('crt-base', global),
      ),
      global,
      tools,
    ),
    choosesBy: 'signatures',
  };
  // Other names get the first certificate; whether with its own settings depends on the release.
  const others: Service = isStrict
    ? { ...base, rejects: settingOf(true, at.text, at.path, at.line) }
    : hasList && first !== undefined
      ? { ...eitherOf(first, common), names: [] }
      : common;
  return socketsOf(bind.addresses, tools).flatMap((socket) => {
    // Each makes a service.
    tools.work(own.length * 8);
    return [
      ...own.map((service) => ({ ...service, ...socket, isDefault: false })),
      { ...others, ...socket, isDefault: true },
    ];
  });
}

/** Services with the same names have each other's certificates: the kinds of keys decide which one is sent. */
function withKindsOfKeys(services: readonly Service[], tools: ConfigurationTools): readonly Service[] {
  const byName = new Map<string, Service[]>();
  for (const service of services) {
    for (const name of new Set(service.names)) {
      const alike = byName.get(name);
      if (alike === undefined) byName.set(name, [service]);
      else alike.push(service);
    }
  }
  return services.map((service) => {
    const alike = new Set(service.names.flatMap((name) => byName.get(name) ?? []));
    if (alike.size < 2) return service;
    tools.work(alike.size);
    const key = [...service.names].sort().join(' ');
    const areSame = [...alike].every(({ names }) => [...names].sort().join(' ') === key);
    const certificates = [...alike].flatMap((one) => (one.certificates === null ? [] : [one.certificates]));
    const isKnown = areSame && certificates.length === alike.size;
    return { ...service, certificates: isKnown ? certificates.flat() : null, choosesBy: 'signatures' };
  });
}

/** Certificates; those without further ones get those of `issuers-chain-path`; null if that is missing. */
function withIssuers(
  certificates: readonly Certificate[] | null,
  global: readonly Line[],
  tools: ConfigurationTools,
): readonly Certificate[] | null {
  const line = global.findLast(({ words }) => words[0] === 'issuers-chain-path');
  if (certificates === null || line === undefined) return certificates;
  const path = line.words[1] ?? null;
  if (path !== null && tools.completeChains(certificates, path)) return certificates;
  tools.unread({ ...line.at, why: path === null ? 'variable' : 'no-such-file' });
  return null;
}

/** A service with the settings of one, or of the other. */
const eitherOf = (one: Service, other: Service): Service => ({
  ...one,
  versions: inEither(one.versions, other.versions),
  cipherSuites: inEither(one.cipherSuites, other.cipherSuites),
  tls13CipherSuites: inEither(one.tls13CipherSuites, other.tls13CipherSuites),
  groups: inEither(one.groups, other.groups),
  signatureSchemes: inEither(one.signatureSchemes, other.signatureSchemes),
  clientSignatureSchemes: inEither(one.clientSignatureSchemes, other.clientSignatureSchemes),
  clientAuthorities: one.clientAuthorities === other.clientAuthorities ? one.clientAuthorities : null,
  clientLeniency: one.clientLeniency === other.clientLeniency ? one.clientLeniency : 'some-faults',
  clientCertificate: one.clientCertificate?.value === other.clientCertificate?.value ? one.clientCertificate : null,
  isPartlyRead: one.isPartlyRead || other.isPartlyRead,
});

/**
 * The certificates of files. One that is not there stands for a bundle, one file for each kind of key
 * (ssl-load-extra-files).
 */
function ownCertificates(
  paths: readonly (string | null)[],
  tools: ConfigurationTools,
  folder: string | undefined,
): readonly Certificate[] | null {
  const certificates = (path: string, base?: string): readonly Certificate[] | null => {
    const own = tools.certificates(path, base);
    if (own !== null || path.startsWith('@')) return own;
    const bundle = KINDS_OF_KEYS.flatMap((kind) => tools.certificates(`${path}.${kind}`, base) ?? []);
    return bundle.length === 0 ? null : bundle;
  };
  return certificatesOf(paths, { certificates }, folder);
}

const KINDS_OF_KEYS = ['rsa', 'ecdsa', 'dsa'];

/** It looks at signatures to select one of several. */
const chooserOf = (certificates: readonly Certificate[] | null): Service['choosesBy'] =>
  (certificates?.length ?? 0) > 1 ? 'signatures' : 'fit';

/** Names of the first certificate; null if there is none. */
const namesOf = (certificates: readonly Certificate[] | null): readonly string[] | null => {
  const [first] = certificates ?? [];
  return first === undefined ? null : [...new Set([...first.commonNames, ...first.subjectAltNames.dns])];
};

/** It may be any name: that of a missing certificate. */
const UNKNOWN_NAME = '$certificate';

const folderOf = (directive: string, global: readonly Line[]): string | undefined =>
  global.findLast(({ words }) => words[0] === directive)?.words[1] ?? undefined;

/** The services of a list of certificates: `FILE [options] name !name`. */
function listed(
  list: { readonly path: string; readonly text: string },
  bind: Bind,
  global: readonly Line[],
  tools: ConfigurationTools,
): Partial<Service>[] {
  return list.text.split(/\r?\n/).flatMap((text, index) => {
    const [, file, inside, names = ''] = /^\s*([^\s#[]+)\s*(?:\[([^\]]*)\])?\s*([^#]*)/.exec(text) ?? [];
    if (file === undefined) return [];
    const at = settingOf(null, text, list.path, index + 1);
    const options =
      inside === undefined
        ? undefined
        : optionsOf(
            wordsOf(inside, () => undefined, at),
            at,
          );
    const filters = names.split(/\s+/).filter((name) => name !== '');
    const certificates = withIssuers(ownCertificates([file], tools, folderOf('crt-base', global)), global, tools);
    const own = filters.length > 0 ? filters : namesOf(certificates);
    if (own === null) tools.unread({ ...at, why: 'no-such-file' });
    const settings = settingsOf(bind, options, global, tools);
    // At least in some releases, groups are negotiated before the name is looked at.
    const groups = inEither(settings.groups, settingsOf(bind, undefined, global, tools).groups);
    const choosesBy = chooserOf(certificates);
    return [{ ...settings, groups, names: own ?? [UNKNOWN_NAME], certificates, choosesBy }];
  });
}

/** What a bind line accepts, with the options of one of its certificates, and the defaults of `global`. */
function settingsOf(
  bind: Options,
  own: Options | undefined,
  global: readonly Line[],
  tools: ConfigurationTools,
): Accepts & Pick<Service, 'clientCertificate' | 'clientAuthorities' | 'clientLeniency' | 'isPartlyRead'> {
  tools.work(global.reduce((sum, { words }) => sum + words.length, 0));
  const noted: UnreadLine[] = [];
  const unread: ConfigurationTools['unread'] = (line) => {
    noted.push(line);
    tools.unread(line);
  };
  const last = (name: string): Line | undefined => global.findLast(({ words }) => words[0] === name);
  const known = (option: string, common: string): Known<string> => {
    for (const options of [own, bind]) {
      const value = options?.values.get(option);
      if (options === undefined || value === undefined) continue;
      if (value !== null) return { value, at: { ...options.at, text: `${option} ${value}` } };
      unread({ ...options.at, why: 'variable' });
      return 'unknown';
    }
    const line = last(common);
    if (line === undefined) return 'unset';
    const value = line.words[1] ?? null;
    if (value !== null && !line.isConditional) return { value, at: line.at };
    unread({ ...line.at, why: value === null ? 'variable' : 'condition' });
    return 'unknown';
  };
  const level = last('ssl-security-level')?.words[1];
  const withLevel = (ciphers: Known<string>): Known<string> =>
    typeof ciphers === 'string' || typeof level !== 'string' || ciphers.value.includes('@SECLEVEL')
      ? ciphers
      : { ...ciphers, value: `${ciphers.value}:@SECLEVEL=${level}` };
  const authorities = ['ca-file', 'ca-verify-file'].flatMap((option) => {
    const value = own?.values.get(option) ?? bind.values.get(option);
    return value === undefined ? [] : [value];
  });
  const curves = known('curves', 'ssl-default-bind-curves');
  const accepts = acceptsOf(
    {
      versions: versionsOf([own, bind], global, unread),
      ciphers: withLevel(known('ciphers', 'ssl-default-bind-ciphers')),
      tls13: known('ciphersuites', 'ssl-default-bind-ciphersuites'),
      groups: curves === 'unset' ? known('ecdhe', 'ssl-default-bind-ecdhe') : curves,
      signatures: known('sigalgs', 'ssl-default-bind-sigalgs'),
      clientSignatures: known('client-sigalgs', 'ssl-default-bind-client-sigalgs'),
    },
    [],
    {
      at: bind.at,
      // Releases before 2.6 have their own parameters.
      hasDhe: last('tune.ssl.default-dh-param') || last('ssl-dh-param-file') ? true : 'perhaps',
    },
    { ...tools, unread },
  );
  const verify = own?.values.has('verify') === true ? own : bind;
  const demand = verify.values.get('verify');
  const isKnown = demand !== null;
  // Of the issuers, and of the client's own certificate.
  const ignored = ['ca-ignore-err', 'crt-ignore-err'].map(
    (option) => own?.values.get(option) ?? bind.values.get(option),
  );
  return {
    ...accepts,
    clientAuthorities: authoritiesOf(authorities, tools, folderOf('ca-base', global)),
    clientLeniency: ignored.every((errors) => errors === 'all')
      ? 'any'
      : ignored.every((errors) => errors === undefined)
        ? 'none'
        : 'some-faults',
    clientCertificate: isKnown
      ? settingOf(
          demand === 'required' ? 'required' : demand === 'optional' ? 'optional' : 'none',
          verify.at.text,
          verify.at.path,
          verify.at.line,
        )
      : null,
    isPartlyRead: noted.length > 0 || !isKnown,
  };
}

/** From `ssl-min-ver`, `ssl-max-ver`, `force-…`, and `no-…`, which counts only without the others. */
function versionsOf(
  options: readonly (Options | undefined)[],
  global: readonly Line[],
  unread: ConfigurationTools['unread'],
): Known<VersionLimits> {
  const defaults = global.filter(({ words }) => words[0] === 'ssl-default-bind-options');
  for (const { at, words, isConditional } of defaults) {
    if (!isConditional && !words.includes(null)) continue;
    unread({ ...at, why: isConditional ? 'condition' : 'variable' });
    return 'unknown';
  }
  const sources = [
    ...options.filter((one) => one !== undefined),
    ...defaults.map(({ words, at }) => optionsOf(words.slice(1), at)).reverse(),
  ];
  let [least, most]: (string | undefined)[] = [];
  const without = new Set<string>();
  let at: Place | undefined;
  for (const { values, at: place } of sources) {
    for (const [name, value] of values) {
      const [, kind, digits = ''] = /^(no|force)-(?:tls|ssl)v(\d\d?)$/.exec(name) ?? [];
      const named = versionOf(`${digits === '3' ? 'SSL' : 'TLS'}v${digits.split('').join('.')}`);
      if (kind === undefined && name !== 'ssl-min-ver' && name !== 'ssl-max-ver') continue;
      if (value === null) {
        unread({ ...place, why: 'variable' });
        return 'unknown';
      }
      // The earlier source is the nearer one.
      at ??= place;
      if (name === 'ssl-min-ver') least ??= versionOf(value);
      else if (name === 'ssl-max-ver') most ??= versionOf(value);
      else if (kind === 'force') [least, most] = [least ?? named, most ?? named];
      else if (named !== undefined) without.add(named);
    }
  }
  if (at === undefined) return 'unset';
  const isBounded = least !== undefined || most !== undefined;
  return {
    // Without a lower limit, releases since 2.2 begin with TLS 1.2, older ones with 1.0.
    value: {
      least,
      most,
      without: isBounded ? new Set() : without,
      isPartial: least === undefined && without.size === 0,
    },
    at,
  };
}

/** `:443`, `*:443`, `192.0.2.1:443,[2001:db8::1]:443`, `:8000-8010`; any if unknown. */
function socketsOf(addresses: string | null, tools: ConfigurationTools): Pick<Service, 'ports' | 'address'>[] {
  if (addresses === null) return [{ ports: [], address: null }];
  return addresses.split(',').flatMap((each) => {
    const [, , family = '', where = ''] = /^((\w+)@)?(.*)$/.exec(each) ?? [];
    // No network packet reaches it.
    if (/^(?:unix|abns|abnsz|fd|sockpair)$/.test(family) || where.startsWith('/')) return [];
    const [, host = '', first = '', last = first] = /^(?:(.*):)?(\d+)(?:-(\d+))?$/.exec(where) ?? [];
    const count = Math.min(Math.max(Number(last) - Number(first), 0) + 1, MAX_PORTS);
    tools.work(count);
    const ports = first === '' ? [] : Array.from({ length: count }, (_, index) => Number(first) + index);
    return [{ ports, address: /^(?:|\*|0\.0\.0\.0|\[?::\]?)$/.test(host) ? null : host.replace(/^\[|\]$/g, '') }];
  });
}

const MAX_PORTS = 65536;
