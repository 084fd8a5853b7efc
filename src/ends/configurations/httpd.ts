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
}

/** Apache httpd: mod_ssl's directives of virtual hosts, and of the server around them. */
export const httpd: ConfigurationFormat = {
  name: 'Apache httpd',
  recognise: (text) => /^\s*(?:<VirtualHost\b|SSLEngine\b|SSLProtocol\b|SSLCipherSuite\b)/im.test(text),
  read(text, path, tools) {
    const global: Line[] = [];
    const hosts: { head: Line; lines: Line[] }[] = [];
    let host: { head: Line; lines: Line[] } | undefined;
    for (const each of linesOf(text, path, tools, 0)) {
      const name = (each.words[0] ?? '').toLowerCase();
      if (name === '<virtualhost') {
        if (host !== undefined) throw new ConfigurationError('a <VirtualHost> within another', each.line, each.path);
        host = { head: each, lines: [] };
      } else if (name === '</virtualhost') {
        if (host === undefined) throw new ConfigurationError('unexpected </VirtualHost>', each.line, each.path);
        hosts.push(host);
        host = undefined;
      } else {
        (host?.lines ?? global).push(each);
      }
    }
    if (host !== undefined)
      throw new ConfigurationError('a <VirtualHost> does not end', host.head.line, host.head.path);
    const services = hosts
      .filter(({ lines }) => /^(?:on|optional)$/i.test(valueOf('sslengine', lines, global) ?? ''))
      .map(({ head, lines }) => serviceOf(head, lines, global, tools));
    if (services.length === 0) throw new ConfigurationError('no <VirtualHost> with SSLEngine on in it');
    return {
      services: services.map((one) => ({
        ...one,
        isDefault: services.find(({ ports }) => sharePort(ports, one.ports)) === one,
      })),
    };
  },
};

const sharePort = (some: readonly number[], others: readonly number[]): boolean =>
  some.length === 0 || others.length === 0 || some.some((port) => others.includes(port));

/** The directives with those of included files; of sections only virtual hosts are kept apart. */
function linesOf(text: string, path: string, tools: ConfigurationTools, depth: number): Line[] {
  return logicalLines(text).flatMap(({ line, text: own }): Line[] => {
    const trimmed = own.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const words = wordsOf(trimmed.startsWith('<') ? trimmed.replace(/>\s*$/, '') : trimmed);
    const isInclude = /^include(?:optional)?$/i.test(words[0] ?? '');
    if (!isInclude || depth > MAX_INCLUDES) return [{ words, path, line }];
    return tools.include(words[1] ?? '', path).flatMap((file) => linesOf(file.text, file.path, tools, depth + 1));
  });
}

const find = (
  name: string,
  own: readonly Line[],
  global: readonly Line[],
  isFitting: (line: Line) => boolean = () => true,
): Line | undefined => {
  const fits = (one: Line): boolean => one.words[0]?.toLowerCase() === name && isFitting(one);
  return own.findLast(fits) ?? global.findLast(fits);
};

const valueOf = (name: string, own: readonly Line[], global: readonly Line[]): string | undefined =>
  find(name, own, global)?.words[1];

function serviceOf(head: Line, own: readonly Line[], global: readonly Line[], tools: ConfigurationTools): Service {
  const protocol = find('sslprotocol', own, global);
  const isFor13 = ({ words }: Line): boolean => /^tlsv1\.3$/i.test(words[1] ?? '');
  const ciphers = find('sslciphersuite', own, global, (one) => !isFor13(one));
  const tls13 = find('sslciphersuite', own, global, isFor13);
  const command = (name: RegExp): Line | undefined =>
    find('sslopensslconfcmd', own, global, ({ words }) => name.test(words[1] ?? ''));
  const groups = command(/^(?:groups|curves)$/i);
  const verify = find('sslverifyclient', own, global);
  const proxy = find('remoteipproxyprotocol', own, global);
  const strict = find('sslstrictsnivhostcheck', own, global);
  const names = own.filter(({ words }) => /^server(?:name|alias)$/i.test(words[0] ?? ''));
  return {
    ...UNKNOWN_SERVICE,
    names: names
      .flatMap(({ words }) => words.slice(1))
      .map((name) => name.replace(/^.*:\/\//, '').replace(/:\d+$/, '')),
    ports: head.words.slice(1).flatMap((address) => /:(\d+)$/.exec(address)?.slice(1, 2).map(Number) ?? []),
    versions:
      protocol === undefined
        ? null
        : settingIf(versionsOf(protocol.words.slice(1)), protocol.words.join(' '), protocol.path, protocol.line),
    cipherSuites:
      ciphers === undefined
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
