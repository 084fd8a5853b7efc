import { BOUNDS } from '../../bounds.js';
import {
  authoritiesOf,
  certificatesOf,
  ConfigurationError,
  type ConfigurationFormat,
  type ConfigurationTools,
  type Service,
  type Setting,
  UNKNOWN_SERVICE,
} from './configuration.js';
import { acceptsOf, inEither, type Known, type Place, type VersionLimits } from './openssl-context.js';
import { settingOf, VERSIONS, versionOf } from './values.js';

/** A directive, with its block if it has one. */
interface Directive {
  readonly words: readonly string[];
  readonly path: string;
  readonly line: number;
  readonly block: readonly Directive[] | null;
}

const MAX_DEPTH = BOUNDS.configurationNesting.value;
const MAX_DIRECTIVES = BOUNDS.configurationDirectives.value;

/**
 * The configuration of nginx: `server` blocks, and the settings of blocks around them (ngx_http_ssl_module,
 * ngx_stream_ssl_module).
 */
export const nginx: ConfigurationFormat = {
  name: 'nginx',
  intermediateAnchors: 'refused',
  refusesRequests: true,
  foreignProtocols: 'refused',
  recognise: (text) => /^\s*(?:server|http|stream|events)\s*\{/m.test(text),
  read(text, path, tools) {
    const directives = parse(text, path, tools, 0);
    const services: Service[] = [];
    collect(directives, [], tools, services);
    if (services.length === 0) throw new ConfigurationError('no server block with TLS (listen … ssl) in it');
    return { services: withDefaults(services) };
  },
};

function parse(text: string, path: string, tools: ConfigurationTools, depth: number): Directive[] {
  const token = /\s+|#[^\n]*|([{};])|"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|((?:\$\{\w*\}?|[^\s{};"'\\]|\\[^])+)/y;
  const root: Directive[] = [];
  const open: { words: string[]; line: number; block: Directive[] }[] = [];
  let block = root;
  let words: string[] = [];
  let line = 1;
  let first = 1;
  let count = 0;
  for (let offset = 0; offset < text.length;) {
    token.lastIndex = offset;
    const found = token.exec(text);
    if (found === null) throw new ConfigurationError('a quoted string does not end', line, path);
    offset = token.lastIndex;
    const [whole, mark, double, single, plain] = found;
    const word = double ?? single ?? plain;
    if (word !== undefined) {
      if (words.length === 0) first = line;
      words.push(word);
    } else if (mark === ';') {
      if (words.length === 0) throw new ConfigurationError('unexpected ";"', line, path);
      if (++count > MAX_DIRECTIVES) throw new ConfigurationError('too many directives', line, path);
      if (words[0] === 'include' && depth < MAX_DEPTH) {
        const pattern = words[1] ?? '';
        const files = tools.include(pattern);
        for (const file of files) block.push(...parse(file.text, file.path, tools, depth + 1));
        // The settings of a missing file are unknown.
        if (files.length === 0 && !/[*?[]/.test(pattern) && !WITHOUT_TLS.test(pattern)) {
          tools.unread({ path, line: first, text: words.join(' '), why: 'no-such-file' });
          block.push({ words, path, line: first, block: null });
        }
      } else {
        block.push({ words, path, line: first, block: null });
      }
      words = [];
    } else if (mark === '{') {
      if (words.length === 0) throw new ConfigurationError('unexpected "{"', line, path);
      if (open.length > MAX_DEPTH) throw new ConfigurationError('blocks are nested too deeply', line, path);
      open.push({ words, line: first, block });
      block = [];
      words = [];
    } else if (mark === '}') {
      const parent = open.pop();
      if (parent === undefined || words.length > 0) throw new ConfigurationError('unexpected "}"', line, path);
      parent.block.push({ words: parent.words, path, line: parent.line, block });
      block = parent.block;
    }
    line += whole.split('\n').length - 1;
  }
  if (words.length > 0) throw new ConfigurationError(`"${words[0] ?? ''}" does not end with ";"`, first, path);
  const [unclosed] = open;
  if (unclosed !== undefined) throw new ConfigurationError('a block does not end with "}"', unclosed.line, path);
  return root;
}

/** Collects the servers; `outer` are the directives of the surrounding blocks, the nearest last. */
function collect(
  directives: readonly Directive[],
  outer: readonly Directive[],
  tools: ConfigurationTools,
  services: Service[],
): void {
  tools.work(outer.length);
  const all = [...outer, ...directives.filter(({ block }) => block === null)];
  for (const { words, block } of directives) {
    if (block === null) continue;
    if (words[0] === 'server') services.push(...serviceOf(all, block, tools));
    else if (words[0] === 'http' || words[0] === 'stream' || words[0] === 'mail') collect(block, all, tools, services);
  }
}

/** Files that come with nginx and say nothing about TLS. */
const WITHOUT_TLS =
  /(?:^|\/)(?:mime\.types|(?:fastcgi|uwsgi|scgi|proxy)_params|fastcgi\.conf|koi-(?:utf|win)|win-utf)$/;

/** A service for each socket of a server block. */
function serviceOf(outer: readonly Directive[], own: readonly Directive[], tools: ConfigurationTools): Service[] {
  tools.work(outer.length + own.length);
  const of = (name: string): Directive[] => own.filter(({ words }) => words[0] === name);
  // A directive may occur once in a block: if it is there, no included file sets it.
  const isUnread = of('include').length > 0;
  const last = (name: string): Directive | undefined =>
    of(name).at(-1) ?? (isUnread ? undefined : outer.findLast(({ words }) => words[0] === name));
  const isSet = (name: string): boolean => last(name) !== undefined;
  const listens = of('listen').filter(
    ({ words }) => words.includes('ssl') || words.includes('quic') || isOn(last('ssl')),
  );
  const [listen] = listens;
  if (listen === undefined) return [];
  const isOutside = isUnread || outer.some(({ words }) => words[0] === 'include');
  const known = <Value>(name: string, read: (words: readonly string[]) => Value | undefined): Known<Value> => {
    const directive = last(name);
    if (directive === undefined) return isOutside ? 'unknown' : 'unset';
    const value = directive.words.some((word) => word.includes('$')) ? undefined : read(directive.words.slice(1));
    const at = placeOf(directive);
    if (value !== undefined) return { value, at };
    tools.unread({ ...at, why: at.text.includes('$') ? 'variable' : 'not-understood' });
    return 'unknown';
  };
  // Commands of a block replace those around it.
  const ownCommands = of('ssl_conf_command');
  const commands = (
    ownCommands.length > 0 ? ownCommands : outer.filter(({ words }) => words[0] === 'ssl_conf_command')
  ).map((one) => ({ name: one.words[1] ?? '', value: one.words[2] ?? '', at: placeOf(one) }));
  const accepts = acceptsOf(
    {
      versions: known('ssl_protocols', versionsOf),
      ciphers: known('ssl_ciphers', ([list]) => list),
      tls13: isOutside ? 'unknown' : 'unset',
      groups: isSet('ssl_ecdh_curve') || isOutside ? known('ssl_ecdh_curve', ([list]) => list) : 'unset',
      signatures: isOutside ? 'unknown' : 'unset',
      clientSignatures: isOutside ? 'unknown' : 'unset',
    },
    commands,
    // It has no default parameters since 1.11.
    { at: placeOf(listen), hasDhe: isSet('ssl_dhparam') ? true : isOutside ? 'perhaps' : false },
    tools,
  );
  const ownCertificates = of('ssl_certificate');
  const certificates = certificatesOf(
    (ownCertificates.length > 0 ? ownCertificates : outer.filter(({ words }) => words[0] === 'ssl_certificate')).map(
      ({ words }) => words[1],
    ),
    tools,
  );
  const authorities = ['ssl_client_certificate', 'ssl_trusted_certificate'].flatMap((name) => last(name) ?? []);
  const clientAuthorities = authoritiesOf(
    authorities.map(({ words }) => words[1]),
    tools,
  );
  const verify = last('ssl_verify_client');
  const isAnyIssuer = verify?.words[1] === 'optional_no_ca';
  const depth = last('ssl_verify_depth') ?? (isOutside ? undefined : verify);
  const reject = last('ssl_reject_handshake');
  const names = of('server_name')
    .flatMap(({ words }) => words.slice(1))
    .filter((name) => name !== '_' && name !== '');
  return sockets(listens).map(({ address, port, listen: at }): Service => ({
    ...UNKNOWN_SERVICE,
    ...accepts,
    names,
    ports: port === null ? [] : [port],
    address,
    isDefault: at.words.includes('default_server') || at.words.includes('default'),
    clientCertificate: setting(verify, ([value]) =>
      value === 'on' ? 'required' : value === 'off' ? 'none' : 'optional',
    ),
    clientAuthorities: isOutside ? null : clientAuthorities,
    clientLeniency: isAnyIssuer ? 'any-issuer' : 'none',
    // A chain that is longer counts as one without a known issuer then (recorded with nginx 1.22.1 on OpenSSL 3.0.19).
    clientDepth: isAnyIssuer ? null : setting(depth, issuersOf),
    certificates: isOutside ? null : certificates,
    proxyProtocol: settingAt(at.words.includes('proxy_protocol'), at),
    rejects: isOn(reject) ? setting(reject, () => true as const) : null,
  }));
}

/** The sockets of `listen` directives, each once; several wildcard addresses count once. */
function sockets(listens: readonly Directive[]) {
  const found = new Map<string, { address: string | null; port: number | null; listen: Directive }>();
  for (const listen of listens) {
    const where = listen.words[1] ?? '';
    // No network packet reaches it.
    if (where.startsWith('unix:')) continue;
    const [, host = '', port] = /^(?:(.*):)?(\d+)$/.exec(where) ?? [undefined, where, '80'];
    const isKnown = !where.includes('$');
    const address = ANY_ADDRESS.test(host) || !isKnown ? null : host.replace(/^\[|\]$/g, '');
    const socket = { address, port: isKnown ? Number(port) : null, listen };
    const key = `${address ?? ''} ${socket.port ?? ''}`;
    if (!found.has(key) || listen.words.includes('default_server')) found.set(key, socket);
  }
  return [...found.values()];
}

const ANY_ADDRESS = /^(?:|\*|0\.0\.0\.0|\[::\]|localhost)$/;

/** Undefined if a word is unknown, since it may matter. */
function versionsOf(words: readonly string[]): VersionLimits | undefined {
  const versions = words.map(versionOf);
  if (versions.includes(undefined)) return undefined;
  // Each version that is not named is switched off separately.
  return { without: new Set(VERSIONS.filter((version) => !versions.includes(version))), least: 'SSL 3.0' };
}

/** The depth counts intermediates, as in OpenSSL; by default there may be one (recorded with nginx 1.22.1). */
const issuersOf = ([value = '']: readonly string[]): number | undefined =>
  /^\d+$/.test(value) ? Number(value) + 1 : /^(?:on|optional)$/.test(value) ? 2 : undefined;

const isOn = (directive: Directive | undefined): boolean => directive?.words[1] === 'on';

const placeOf = ({ words, path, line }: Directive): Place => settingOf(null, words.join(' '), path, line);

const settingAt = <Value>(value: Value, { words, path, line }: Directive): Setting<Value> =>
  settingOf(value, words.join(' '), path, line);

function setting<Value>(
  directive: Directive | undefined,
  read: (words: readonly string[]) => Value | undefined,
): Setting<Value> | null {
  const value = directive && read(directive.words.slice(1));
  return directive === undefined || value === undefined ? null : settingAt(value, directive);
}

/**
 * The first server of a socket is the default one unless another is marked. Curves are negotiated before the name is
 * looked at, so those of the default server apply to all of its socket; so do versions in nginx 1.22, and its manual
 * says that they may.
 */
function withDefaults(services: readonly Service[]): Service[] {
  const sockets = new Map<string, Service[]>();
  const socketOf = ({ ports, address }: Service): Service[] => {
    const key = `${address ?? ''} ${ports[0] ?? ''}`;
    const alike = sockets.get(key) ?? [];
    sockets.set(key, alike);
    return alike;
  };
  for (const service of services) socketOf(service).push(service);
  const defaults = new Map(
    [...sockets.values()].map((alike) => {
      const first = alike.find(({ isDefault }) => isDefault) ?? alike[0];
      const proxy = alike.find(({ proxyProtocol }) => proxyProtocol?.value === true)?.proxyProtocol;
      return [alike, { first, proxy }];
    }),
  );
  return services.map((service) => {
    const { first = service, proxy } = defaults.get(socketOf(service)) ?? {};
    return {
      ...service,
      isDefault: service === first,
      versions: inEither(service.versions, first.versions),
      groups: first.groups,
      proxyProtocol: proxy ?? service.proxyProtocol,
    };
  });
}
