import { BOUNDS } from '../../bounds.js';
import {
  ConfigurationError,
  type ConfigurationFormat,
  type ConfigurationTools,
  type Service,
  type Setting,
  UNKNOWN_SERVICE,
} from './configuration.js';
import { groupsOf, settingIf, settingOf, tls13SuitesOf, versionOf } from './values.js';

/** A directive, with its block if it has one. */
interface Directive {
  readonly words: readonly string[];
  readonly path: string;
  readonly line: number;
  readonly block: readonly Directive[] | null;
}

const MAX_DEPTH = BOUNDS.configurationNesting.value;
const MAX_DIRECTIVES = BOUNDS.configurationDirectives.value;

/** The configuration of nginx: `server` blocks, and what the blocks around them set (ngx_http_ssl_module, ngx_stream_ssl_module). */
export const nginx: ConfigurationFormat = {
  name: 'nginx',
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
        const files = tools.include(words[1] ?? '', path);
        for (const file of files) block.push(...parse(file.text, file.path, tools, depth + 1));
        // What a file sets that is not here is not known.
        if (files.length === 0 && !/[*?[]/.test(words[1] ?? '')) block.push({ words, path, line: first, block: null });
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

/** Gathers the servers; `outer` are the directives of the blocks around, the nearest last. */
function collect(
  directives: readonly Directive[],
  outer: readonly Directive[],
  tools: ConfigurationTools,
  services: Service[],
): void {
  const all = [...outer, ...directives.filter(({ block }) => block === null)];
  for (const { words, block } of directives) {
    if (block === null) continue;
    if (words[0] === 'server') services.push(...serviceOf([...all], block, tools));
    else if (words[0] === 'http' || words[0] === 'stream' || words[0] === 'mail') collect(block, all, tools, services);
  }
}

function serviceOf(outer: readonly Directive[], own: readonly Directive[], tools: ConfigurationTools): Service[] {
  const of = (name: string): Directive[] => own.filter(({ words }) => words[0] === name);
  // A directive stands once in a block: what is set in one is not set in a file that it includes.
  const isUnread = of('include').length > 0;
  const last = (name: string): Directive | undefined =>
    of(name).at(-1) ?? (isUnread ? undefined : outer.findLast(({ words }) => words[0] === name));
  const listens = of('listen').filter(
    ({ words }) => words.includes('ssl') || words.includes('quic') || isOn(last('ssl')),
  );
  if (listens.length === 0) return [];
  const ciphers = last('ssl_ciphers');
  const protocols = last('ssl_protocols');
  const curves = last('ssl_ecdh_curve');
  const verify = last('ssl_verify_client');
  const proxy = listens.find(({ words }) => words.includes('proxy_protocol'));
  const reject = of('ssl_reject_handshake').find((one) => isOn(one));
  const command = (name: RegExp): Directive | undefined =>
    [...outer, ...own].findLast(({ words }) => words[0] === 'ssl_conf_command' && name.test(words[1] ?? ''));
  const tls13 = command(/^ciphersuites$/i);
  // Commands of OpenSSL come after the directives, and are not read but for the suites of TLS 1.3.
  const unless = (name: RegExp, directive: Directive | undefined): Directive | undefined =>
    command(name) === undefined ? directive : undefined;
  const [listen] = listens;
  return [
    {
      ...UNKNOWN_SERVICE,
      names: of('server_name')
        .flatMap(({ words }) => words.slice(1))
        .filter((name) => name !== '_' && name !== ''),
      ports: listens.map(({ words }) => Number(/(?:^|:)(\d+)$/.exec(words[1] ?? '')?.[1] ?? 80)),
      isDefault: listens.some(({ words }) => words.includes('default_server')),
      versions: setting(unless(/^(?:min|max)?protocol$/i, protocols), versionsOf),
      cipherSuites: setting(unless(/^cipherstring$/i, ciphers), ([list = '']) => tools.ciphers(list)),
      tls13CipherSuites: setting(tls13, ([, list = '']) => tls13SuitesOf(list)),
      groups: setting(unless(/^(?:groups|curves)$/i, curves), ([list = '']) => groupsOf(list)),
      clientCertificate: setting(verify, ([value]) =>
        value === 'on' ? 'required' : value === 'off' ? 'none' : 'optional',
      ),
      proxyProtocol:
        proxy === undefined
          ? listen === undefined
            ? null
            : settingOf(false, listen.words.join(' '), listen.path, listen.line)
          : settingOf(true, proxy.words.join(' '), proxy.path, proxy.line),
      rejectsUnknownNames: setting(reject, () => true as const),
    },
  ];
}

/** Undefined if one of the words is none that is known, since it may be the one that counts. */
function versionsOf(words: readonly string[]): readonly string[] | undefined {
  const versions = words.map(versionOf);
  return versions.every((version) => version !== undefined) ? versions : undefined;
}

const isOn = (directive: Directive | undefined): boolean => directive?.words[1] === 'on';

function setting<Value>(
  directive: Directive | undefined,
  read: (words: readonly string[]) => Value | undefined,
): Setting<Value> | null {
  if (directive === undefined) return null;
  const { words, path, line } = directive;
  return settingIf(read(words.slice(1)), words.join(' '), path, line);
}

/**
 * The first server of a port is the default one unless another says so. Versions and curves are settled before the name is
 * looked at, so those of the default server hold for all of its port.
 */
function withDefaults(services: readonly Service[]): Service[] {
  return services.map((service) => {
    const [port] = service.ports;
    const alike = services.filter(({ ports }) => port !== undefined && ports.includes(port));
    const first = alike.find(({ isDefault }) => isDefault) ?? alike[0] ?? service;
    return { ...service, isDefault: service === first, versions: first.versions, groups: first.groups };
  });
}
