import { BOUNDS } from '../../bounds.js';
import {
  authoritiesOf,
  certificatesOf,
  ConfigurationError,
  type ConfigurationFormat,
  type ConfigurationTools,
  type Service,
  UNKNOWN_SERVICE,
} from './configuration.js';
import { acceptsOf, inEither, type Known, limitsOf, type Place } from './openssl-context.js';
import { createExpansionLimit, logicalLines, settingOf, VERSIONS, versionOf, versionRange, wordsOf } from './values.js';

const MAX_INCLUDES = BOUNDS.configurationNesting.value;

interface Line {
  readonly words: readonly string[];
  readonly path: string;
  readonly line: number;
  /**
   * Its scope within the virtual host. `conditional`: only the running server knows whether it applies, or its value
   * (`<IfDefine>`, `${NAME}`, a macro). `directory`: for a part of the site (`<Location>`), after the handshake.
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
  intermediateAnchors: 'refused',
  foreignProtocols: 'refused',
  recognise: (text) =>
    /^\s*(?:<VirtualHost\b|SSLEngine\b|SSLProtocol\b|SSLCipherSuite\b)/im.test(text) ||
    /^\s*(?:ServerRoot|LoadModule|IncludeOptional)\s/m.test(text),
  read(text, path, tools) {
    const { hosts, global } = hostsOf(createReader(tools).read(text, path));
    const taken = hosts.flatMap(({ head }) => socketsOf(head.words.slice(1)));
    const isFree = ({ address, ports }: Service): boolean => {
      tools.work(taken.length);
      return !taken.some((one) => (one.address === null || one.address === address) && sharePort(one.ports, ports));
    };
    const services = [
      ...hosts.flatMap((host) => servicesOf(host, global, tools)),
      ...servicesOf(mainServer(global), global, tools).filter(isFree),
    ];
    if (services.length === 0) throw new ConfigurationError('no <VirtualHost> with SSLEngine on in it');
    return { services: withDefaults(services, tools), nameMatching: 'first' };
  },
};

/** The server outside of virtual hosts, with its own listeners: it answers where no virtual host does. */
function mainServer(global: readonly Line[]): Host {
  const listens = global.filter(({ words }) => /^listen$/i.test(words[0] ?? ''));
  const [first = global[0] ?? { words: [], path: '', line: 1, scope: 'host' }] = listens;
  const addresses = listens.map(({ words: [, where = ''] }) => (/^\d+$/.test(where) ? `*:${where}` : where));
  return { head: { ...first, words: ['listen', ...addresses] }, lines: [] };
}

/**
 * Of the services of a socket, the first answers for names that none has. Releases differ in whose versions a name
 * gets.
 */
function withDefaults(services: readonly Service[], tools: ConfigurationTools): Service[] {
  return services.map((service) => {
    const place = services.findIndex((one) => one.address === service.address && sharePort(one.ports, service.ports));
    // A comparison is a small part of a step.
    tools.work(place / 16);
    const first = services[place] ?? service;
    return {
      ...service,
      isDefault: service === first,
      versions: inEither(service.versions, first.versions),
      groups: inEither(service.groups, first.groups),
    };
  });
}

/**
 * The virtual hosts, and what is outside of them. Content of `<IfModule>` counts: a server with TLS has the modules
 * named.
 */
function hostsOf(lines: readonly Line[]): { readonly hosts: readonly Host[]; readonly global: readonly Line[] } {
  const global: Line[] = [];
  const hosts: Host[] = [];
  const open: { name: string; at: Line; scope: Line['scope'] }[] = [];
  let host: Host | undefined;
  /** Number of sections that were open where the host began. */
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
      if (open.length > MAX_DEPTH) {
        throw new ConfigurationError('sections are nested too deeply', each.line, each.path);
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

const MAX_LINES = BOUNDS.configurationDirectives.value;
const MAX_DEPTH = BOUNDS.configurationNesting.value;
const MAX_LINE = BOUNDS.configurationLine.value;

interface Macro {
  readonly parameters: readonly string[];
  readonly lines: readonly { readonly line: number; readonly text: string }[];
  readonly path: string;
}

/**
 * Reads directives and section boundaries, with included files, macros and variables expanded, and without what a
 * variable's definition excludes.
 */
function createReader(tools: ConfigurationTools) {
  /** Null if only the running server knows the value. */
  const variables = new Map<string, string | null>();
  const macros = new Map<string, Macro>();
  const mayExpand = createExpansionLimit();
  let root: string | undefined;
  let count = 0;
  return { read: (text: string, path: string): Line[] => readLines(logicalLines(text), path, 0) };

  function readLines(
    lines: readonly { readonly line: number; readonly text: string }[],
    path: string,
    depth: number,
  ): Line[] {
    const found: Line[] = [];
    /** For each open `<IfDefine>` section: whether it applies; undefined if unknown. */
    const conditions: (boolean | undefined)[] = [];
    for (let index = 0; index < lines.length; index++) {
      const { line, text: own } = lines[index] ?? { line: 0, text: '' };
      if (++count > MAX_LINES) throw new ConfigurationError('too many directives', line, path);
      const trimmed = filled(own.trim());
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const words = wordsOf(trimmed.startsWith('<') ? trimmed.replace(/>\s*$/, '') : trimmed);
      const [first = '', second = ''] = words;
      const name = first.toLowerCase();
      if (name === '<ifdefine') {
        const [, not = '', variable = ''] = /^(!?)(.*)$/.exec(second) ?? [];
        const isDefined = variables.has(variable);
        if (conditions.length > MAX_DEPTH) throw new ConfigurationError('sections are nested too deeply', line, path);
        // A variable that no line defines may be defined on the command line.
        conditions.push(isDefined ? not === '' : undefined);
        if (!isDefined) {
          tools.unread({ path, line, text: trimmed, why: 'condition' });
          found.push({ words, path, line, scope: 'host' });
        }
        continue;
      }
      if (name === '</ifdefine' && conditions.length > 0) {
        if (conditions.pop() === undefined) found.push({ words, path, line, scope: 'host' });
        continue;
      }
      if (conditions.includes(false)) continue;
      if (name === '<ifversion' || (name === '<ifmodule' && second.startsWith('!')) || name === '<iffile') {
        tools.unread({ path, line, text: trimmed, why: 'condition' });
      }
      const isSure = !conditions.includes(undefined);
      if (name === 'define') variables.set(second, isSure ? (words[2] ?? '') : null);
      else if (name === 'undefine' && isSure) variables.delete(second);
      else if (name === 'serverroot') root = second;
      else if (name === '<macro') {
        let end = index + 1;
        while (end < lines.length && !/^\s*<\/macro>/i.test(lines[end]?.text ?? '')) end++;
        if (end === lines.length) throw new ConfigurationError('a <Macro> does not end', line, path);
        macros.set(second.toLowerCase(), { parameters: words.slice(2), lines: lines.slice(index + 1, end), path });
        index = end;
      } else if (name === 'use' && depth <= MAX_INCLUDES) {
        const macro = macros.get(second.toLowerCase());
        if (macro === undefined) found.push(missing({ words: ['include'], path, line, scope: 'host' }, trimmed));
        else found.push(...readLines(expanded(macro, words.slice(2)), macro.path, depth + 1));
      } else if (/^include(?:optional)?$/.test(name) && depth <= MAX_INCLUDES) {
        const files = tools.include(second, root);
        const isPattern = /[*?[]/.test(second);
        // The content of a missing file is unknown; a pattern may match no file.
        if (files.length === 0 && !isPattern && name === 'include')
          found.push(missing({ words: ['include'], path, line, scope: 'host' }, trimmed));
        else if (files.length === 0) tools.unread({ path, line, text: trimmed, why: 'no-such-file' });
        for (const file of files) found.push(...readLines(logicalLines(file.text), file.path, depth + 1));
      } else {
        const isVariable = trimmed.includes('${');
        if (isVariable && /^(?:<virtualhost|ssl|server(?:name|alias))/.test(name)) {
          tools.unread({ path, line, text: trimmed, why: 'variable' });
        }
        found.push({ words, path, line, scope: isVariable ? 'conditional' : 'host' });
      }
    }
    return found;
  }

  function missing(line: Line, text: string): Line {
    tools.unread({ path: line.path, line: line.line, text, why: 'no-such-file' });
    return line;
  }

  /** Expands variables whose values are known. */
  function filled(text: string): string {
    return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
      const value = variables.get(name) ?? whole;
      return mayExpand(value) ? value : whole;
    });
  }
}

/** The lines of a macro with its arguments: the longest parameter first, as in mod_macro. */
function expanded({ parameters, lines, path }: Macro, values: readonly string[]): Macro['lines'] {
  const pairs = parameters
    .map((parameter, index) => [parameter, values[index] ?? ''] as const)
    .sort(([a], [b]) => b.length - a.length);
  return lines.map(({ line, text }) => ({
    line,
    text: pairs.reduce((before, [parameter, value]) => {
      const after = before.split(parameter).join(value);
      if (after.length > MAX_LINE) throw new ConfigurationError('a macro makes a line too long', line, path);
      return after;
    }, text),
  }));
}

/**
 * The last directive of that name in the host, else in the server around it; also undefined if a condition decides
 * whether it applies.
 */
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

/** Directives that decide about a whole service: if one may apply, nothing is known of the service. */
const DECISIVE = /^(?:sslengine|sslverifyclient|remoteipproxyprotocol)$/i;

const NAMES = /^server(?:name|alias)$/i;

const namesIn = (lines: readonly Line[]): string[] =>
  lines
    .filter(({ words: [first = ''] }) => NAMES.test(first))
    .flatMap(({ words }) => words.slice(1))
    .map((name) => name.replace(/^.*:\/\//, '').replace(/:\d+$/, ''));

/** The service of a virtual host, and an unknown one for the names that it only may have; none without TLS. */
function servicesOf({ head, lines }: Host, global: readonly Line[], tools: ConfigurationTools): Service[] {
  tools.work(lines.length + global.length);
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
  const sockets = socketsOf(head.words.slice(1));
  if (perhaps.some((one) => one === head || isNamed(DECISIVE)(one)) || lines.some(isNamed(/^include$/i))) {
    return sockets.map((socket) => ({ ...UNKNOWN_SERVICE, names: namesIn(lines), ...socket, isPartlyRead: true }));
  }
  const names = namesIn(lines.filter(isPerhaps));
  const service = serviceOf(head, lines, global, tools);
  return sockets.flatMap((socket) => [
    { ...service, names: namesIn(lines.filter((one) => !isPerhaps(one))), ...socket },
    ...(names.length === 0 ? [] : [{ ...UNKNOWN_SERVICE, names, ...socket, isPartlyRead: true }]),
  ]);
}

/** `*:443`, `192.0.2.1:443`, `[2001:db8::1]:443`, `_default_:443`. */
function socketsOf(addresses: readonly string[]): Pick<Service, 'ports' | 'address'>[] {
  const ports = new Map<string | null, number[]>();
  for (const each of addresses.length === 0 ? [''] : addresses) {
    const [, host = '', port] = /^(.*?)(?::(\d+|\*))?$/.exec(each) ?? [];
    const isAny = /^(?:|\*|_default_|0\.0\.0\.0|\[::\])$/i.test(host) || !/^[\d.]+$|^\[/.test(host);
    const address = isAny ? null : host.replace(/^\[|\]$/g, '');
    ports.set(address, [...(ports.get(address) ?? []), ...(port === undefined || port === '*' ? [] : [Number(port)])]);
  }
  return [...ports].map(([address, some]) => ({ address, ports: some }));
}

function serviceOf(head: Line, own: readonly Line[], global: readonly Line[], tools: ConfigurationTools): Service {
  const isFor13 = ({ words }: Line): boolean => /^tlsv1\.3$/i.test(words[1] ?? '');
  const known = <Value>(
    name: string,
    read: (words: readonly string[]) => Value | undefined,
    isFitting?: (line: Line) => boolean,
  ): Known<Value> => {
    const fits = (one: Line): boolean =>
      one.words[0]?.toLowerCase() === name && one.scope !== 'directory' && (isFitting === undefined || isFitting(one));
    const isOwn = own.some(fits);
    const isOutside = !isOwn && global.some(({ words }) => words[0] === 'include');
    if (isOutside || (isOwn ? own : global).some((one) => fits(one) && one.scope !== 'host')) return 'unknown';
    const line = find(name, own, global, isFitting);
    if (line === undefined) return 'unset';
    const value = read(line.words.slice(1));
    if (value !== undefined) return { value, at: placeOf(line) };
    tools.unread({ ...placeOf(line), why: 'not-understood' });
    return 'unknown';
  };
  const commands = [...global, ...own].filter(({ words }) => /^sslopensslconfcmd$/i.test(words[0] ?? ''));
  const isConditional = commands.some(({ scope }) => scope !== 'host');
  const accepts = acceptsOf(
    {
      versions: known('sslprotocol', (words) => {
        const versions = versionsOf(words);
        return versions && limitsOf(versions);
      }),
      ciphers: known(
        'sslciphersuite',
        (words) => words.at(-1),
        (one) => !isFor13(one),
      ),
      tls13: known('sslciphersuite', ([, list]) => list, isFor13),
      groups: 'unset',
      signatures: 'unset',
      clientSignatures: 'unset',
    },
    commands.map((line) => ({ name: line.words[1] ?? '', value: line.words[2] ?? '', at: placeOf(line) })),
    { at: placeOf(head), hasDhe: true },
    tools,
  );
  const [certificates = []] = [own, global]
    .map((some) => some.filter(({ words }) => /^sslcertificatefile$/i.test(words[0] ?? '')))
    .filter(({ length }) => length > 0);
  const isOutside = certificates.some(({ scope }) => scope !== 'host');
  const leaves = isOutside
    ? null
    : certificatesOf(
        certificates.map(({ words }) => words[1]),
        tools,
      );
  const issuers = find('sslcertificatechainfile', own, global)?.words[1];
  if (leaves !== null && issuers !== undefined) tools.addIssuers(leaves, issuers);
  const verify = find('sslverifyclient', own, global);
  // For a part of the site, it asks for a certificate after the handshake, and may refuse the request.
  const asksLater = [...own, ...global].some(
    ({ words: [name = '', value = ''], scope }) =>
      scope === 'directory' && /^sslverifyclient$/i.test(name) && !/^none$/i.test(value),
  );
  const authorities = ['sslcacertificatefile', 'sslcacertificatepath'].flatMap((name) => find(name, own, global) ?? []);
  const isAnyIssuer = /^optional_no_ca$/i.test(verify?.words[1] ?? '');
  const depth = find('sslverifydepth', own, global) ?? verify;
  const proxy = find('remoteipproxyprotocol', own, global);
  return {
    ...UNKNOWN_SERVICE,
    ...(isConditional ? {} : accepts),
    isPartlyRead: isConditional || asksLater,
    certificates: leaves,
    clientAuthorities: authoritiesOf(
      authorities.map(({ words }) => words[1]),
      tools,
    ),
    clientLeniency: isAnyIssuer ? 'any-issuer' : 'none',
    clientDepth:
      depth === undefined ? null : settingOf(issuersOf(depth), depth.words.join(' '), depth.path, depth.line),
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
  };
}

/** The depth counts the root too; by default it is 1 (recorded with Apache httpd 2.4). */
const issuersOf = ({ words: [name = '', value = ''] }: Line): number =>
  /^sslverifydepth$/i.test(name) && /^\d+$/.test(value) ? Number(value) : 1;

const placeOf = ({ words, path, line }: Line): Place => settingOf(null, words.join(' '), path, line);

/** `all -SSLv3 +TLSv1.3`: `all` is what is not broken; a bare name starts over. */
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
