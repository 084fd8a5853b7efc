import { BOUNDS } from '../../bounds.js';
import {
  ConfigurationError,
  type ConfigurationFormat,
  type ConfigurationTools,
  type Service,
  UNKNOWN_SERVICE,
} from './configuration.js';
import {
  groupsOf,
  logicalLines,
  settingIf,
  settingOf,
  tls13SuitesOf,
  VERSIONS,
  versionOf,
  versionRange,
  wordsOf,
} from './values.js';

const MAX_INCLUDES = BOUNDS.configurationNesting.value;

interface Line {
  readonly words: readonly string[];
  readonly path: string;
  readonly line: number;
  /**
   * Where it stands within its virtual host. `conditional`: whether it holds, or with what value, is known to the running server
   * alone (`<IfDefine>`, `${NAME}`, a macro). `directory`: for a part of the site (`<Location>`), after the handshake.
   */
  readonly scope: 'host' | 'conditional' | 'directory';
}

interface Host {
  readonly head: Line;
  readonly lines: Line[];
}

/** Apache httpd: mod_ssl's directives of virtual hosts, and of the server around them. */
export const httpd: ConfigurationFormat = {
  name: 'Apache httpd',
  recognise: (text) => /^\s*(?:<VirtualHost\b|SSLEngine\b|SSLProtocol\b|SSLCipherSuite\b)/im.test(text),
  read(text, path, tools) {
    const { hosts, global } = hostsOf(linesOf(text, path, tools, 0));
    const services = hosts.flatMap((host) => servicesOf(host, global, tools));
    if (services.length === 0) throw new ConfigurationError('no <VirtualHost> with SSLEngine on in it');
    return {
      services: services.map((one) => ({
        ...one,
        isDefault: services.find(({ ports }) => sharePort(ports, one.ports)) === one,
      })),
    };
  },
};

/** The virtual hosts, and what stands outside of them. What is in `<IfModule>` counts: a server with TLS has the modules it names. */
function hostsOf(lines: readonly Line[]): { readonly hosts: readonly Host[]; readonly global: readonly Line[] } {
  const global: Line[] = [];
  const hosts: Host[] = [];
  const open: { name: string; at: Line; scope: Line['scope'] }[] = [];
  let host: Host | undefined;
  /** Sections that were open where the host began. */
  let outside = 0;
  for (const each of lines) {
    const name = (each.words[0] ?? '').toLowerCase();
    const scopes = open.slice(outside).map(({ scope }) => scope);
    const scope = [...scopes, each.scope].find((one) => one !== 'host') ?? 'host';
    if (name.startsWith('</')) {
      const section = open.pop();
      if (section?.name !== name.slice(2)) {
        throw new ConfigurationError(`unexpected ${each.words[0] ?? ''}>`, each.line, each.path);
      }
      if (name === '</virtualhost') {
        host = undefined;
        outside = 0;
      }
    } else if (name.startsWith('<')) {
      if (name === '<virtualhost') {
        if (host !== undefined) throw new ConfigurationError('a <VirtualHost> within another', each.line, each.path);
        host = { head: { ...each, scope }, lines: [] };
        hosts.push(host);
        outside = open.length + 1;
      }
      open.push({ name: name.slice(1), at: each, scope: scopeOf(each) });
    } else {
      (host?.lines ?? global).push({ ...each, scope });
    }
  }
  const [section] = open;
  if (section !== undefined) {
    const { words, line, path } = section.at;
    throw new ConfigurationError(`a ${words[0] ?? ''}> does not end`, line, path);
  }
  return { hosts, global };
}

function scopeOf({ words: [name = '', condition = ''] }: Line): Line['scope'] {
  if (/^<virtualhost$/i.test(name) || (/^<ifmodule$/i.test(name) && !condition.startsWith('!'))) return 'host';
  return /^<(?:if\w+|macro)$/i.test(name) ? 'conditional' : 'directory';
}

const sharePort = (some: readonly number[], others: readonly number[]): boolean =>
  some.length === 0 || others.length === 0 || some.some((port) => others.includes(port));

/** The directives and the beginnings and ends of sections, with those of included files. */
function linesOf(text: string, path: string, tools: ConfigurationTools, depth: number): Line[] {
  return logicalLines(text).flatMap(({ line, text: own }): Line[] => {
    const trimmed = own.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const words = wordsOf(trimmed.startsWith('<') ? trimmed.replace(/>\s*$/, '') : trimmed);
    const isInclude = /^include(?:optional)?$/i.test(words[0] ?? '');
    const scope = trimmed.includes('${') ? 'conditional' : 'host';
    if (!isInclude || depth > MAX_INCLUDES) return [{ words, path, line, scope }];
    const files = tools.include(words[1] ?? '', path);
    // What a file says that is not here is not known.
    if (files.length === 0 && !/[*?[]/.test(words[1] ?? '')) return [{ words: ['include'], path, line, scope }];
    return files.flatMap((file) => linesOf(file.text, file.path, tools, depth + 1));
  });
}

/** The last of these directives, of the host or else of the server around; undefined too if one of them holds but perhaps. */
function find(
  name: string,
  own: readonly Line[],
  global: readonly Line[],
  isFitting: (line: Line) => boolean = () => true,
): Line | undefined {
  const fits = (one: Line): boolean => one.words[0]?.toLowerCase() === name && isFitting(one);
  const isOwn = own.some(fits);
  if (!isOwn && global.some(({ words }) => words[0] === 'include')) return undefined;
  const nearest = (isOwn ? own : global).filter(fits);
  return nearest.every(({ scope }) => scope === 'host') ? nearest.at(-1) : undefined;
}

/** What decides about all of a service: of one that perhaps has it, nothing is known. */
const DECISIVE = /^(?:sslengine|sslverifyclient|remoteipproxyprotocol|sslstrictsnivhostcheck|use)$/i;

const NAMES = /^server(?:name|alias)$/i;

const namesIn = (lines: readonly Line[]): string[] =>
  lines
    .filter(({ words: [first = ''] }) => NAMES.test(first))
    .flatMap(({ words }) => words.slice(1))
    .map((name) => name.replace(/^.*:\/\//, '').replace(/:\d+$/, ''));

/** The service of a virtual host, and one of which nothing is known for the names that it has but perhaps; none without TLS. */
function servicesOf({ head, lines }: Host, global: readonly Line[], tools: ConfigurationTools): Service[] {
  const isNamed =
    (name: RegExp) =>
    ({ words: [first = ''] }: Line): boolean =>
      name.test(first);
  const engines = [lines, global].map((some) => some.filter(isNamed(/^sslengine$/i))).find(({ length }) => length > 0);
  const isOn = ({ words }: Line): boolean => /^(?:on|optional)$/i.test(words[1] ?? '');
  const isPerhaps = ({ scope }: Line): boolean => scope === 'conditional';
  const perhaps = [head, ...lines, ...global].filter(isPerhaps);
  const last = engines?.at(-1);
  if (engines === undefined || last === undefined || !(isOn(last) || engines.some((one) => isPerhaps(one)))) return [];
  const ports = head.words.slice(1).flatMap((address) => /:(\d+)$/.exec(address)?.slice(1, 2).map(Number) ?? []);
  if (perhaps.some((one) => one === head || isNamed(DECISIVE)(one)) || lines.some(isNamed(/^(?:use|include)$/i))) {
    return [{ ...UNKNOWN_SERVICE, names: namesIn(lines), ports }];
  }
  const names = namesIn(lines.filter(isPerhaps));
  return [
    {
      ...serviceOf(lines, global, tools),
      names: namesIn(lines.filter((one) => !isPerhaps(one))),
      ports,
    },
    ...(names.length === 0 ? [] : [{ ...UNKNOWN_SERVICE, names, ports }]),
  ];
}

function serviceOf(own: readonly Line[], global: readonly Line[], tools: ConfigurationTools): Service {
  const protocol = find('sslprotocol', own, global);
  const isFor13 = ({ words }: Line): boolean => /^tlsv1\.3$/i.test(words[1] ?? '');
  const ciphers = find('sslciphersuite', own, global, (one) => !isFor13(one));
  const tls13 = find('sslciphersuite', own, global, isFor13);
  const command = (name: RegExp): Line | undefined =>
    find('sslopensslconfcmd', own, global, ({ words }) => name.test(words[1] ?? ''));
  // OpenSSL's own commands come after the directives, and are not read but for the groups.
  const has = (name: RegExp): boolean =>
    [...own, ...global].some(({ words }) => /^sslopensslconfcmd$/i.test(words[0] ?? '') && name.test(words[1] ?? ''));
  const groups = command(/^(?:groups|curves)$/i);
  const verify = find('sslverifyclient', own, global);
  const proxy = find('remoteipproxyprotocol', own, global);
  const strict = find('sslstrictsnivhostcheck', own, global);
  return {
    ...UNKNOWN_SERVICE,
    versions:
      protocol === undefined || has(/^(?:(?:min|max)?protocol)$/i)
        ? null
        : settingIf(versionsOf(protocol.words.slice(1)), protocol.words.join(' '), protocol.path, protocol.line),
    cipherSuites:
      ciphers === undefined || has(/^cipherstring$/i)
        ? null
        : settingIf(tools.ciphers(ciphers.words.at(-1) ?? ''), ciphers.words.join(' '), ciphers.path, ciphers.line),
    tls13CipherSuites:
      tls13 === undefined
        ? null
        : settingOf(tls13SuitesOf(tls13.words[2] ?? ''), tls13.words.join(' '), tls13.path, tls13.line),
    groups:
      groups === undefined
        ? null
        : settingIf(groupsOf(groups.words[2] ?? ''), groups.words.join(' '), groups.path, groups.line),
    clientCertificate:
      verify === undefined
        ? null
        : settingOf(
            /^require$/i.test(verify.words[1] ?? '')
              ? 'required'
              : /^none$/i.test(verify.words[1] ?? '')
                ? 'none'
                : 'optional',
            verify.words.join(' '),
            verify.path,
            verify.line,
          ),
    proxyProtocol:
      proxy === undefined
        ? null
        : settingOf(/^on$/i.test(proxy.words[1] ?? ''), proxy.words.join(' '), proxy.path, proxy.line),
    rejectsUnknownNames:
      strict !== undefined && /^on$/i.test(strict.words[1] ?? '')
        ? settingOf(true, strict.words.join(' '), strict.path, strict.line)
        : null,
  };
}

/** `all -SSLv3 +TLSv1.3`: `all` is what is not broken; a bare name begins anew. */
function versionsOf(words: readonly string[]): readonly string[] | undefined {
  let versions = new Set<string>();
  for (const word of words) {
    const [, sign = '', name = ''] = /^([+-]?)(.*)$/.exec(word) ?? [];
    const named = /^all$/i.test(name) ? versionRange('TLS 1.0', 'TLS 1.3') : [versionOf(name) ?? ''];
    if (named.includes('')) return undefined;
    if (sign === '') versions = new Set(named);
    for (const version of named) {
      if (sign === '-') versions.delete(version);
      else versions.add(version);
    }
  }
  return VERSIONS.filter((version) => versions.has(version));
}
