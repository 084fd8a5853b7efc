import {
  ConfigurationError,
  type ConfigurationFormat,
  type ConfigurationTools,
  type Service,
  type Setting,
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

interface Line {
  readonly words: readonly string[];
  readonly text: string;
  readonly line: number;
}

const SECTION =
  /^(?:global|defaults|frontend|backend|listen|peers|resolvers|mailers|userlist|cache|program|ring|http-errors|log-forward|fcgi-app|crt-store)$/;

/** HAProxy: `bind … ssl` of frontends, and the defaults of `global`. */
export const haproxy: ConfigurationFormat = {
  name: 'HAProxy',
  recognise: (text) => /^\s*(?:frontend|listen)\s+\S+/m.test(text) && /^\s*bind\s/m.test(text),
  read(text, path, tools) {
    const global: Line[] = [];
    const binds: Line[] = [];
    let section = '';
    for (const { line, text: own } of logicalLines(text)) {
      const words = wordsOf(own.replace(/(^|\s)#.*$/, ''));
      const [first] = words;
      if (first === undefined) continue;
      if (SECTION.test(first)) section = first;
      else if (section === '') throw new ConfigurationError(`"${first}" stands outside of any section`, line);
      else if (section === 'global') global.push({ words, text: own, line });
      else if (first === 'bind' && words.includes('ssl')) binds.push({ words, text: own, line });
    }
    if (binds.length === 0) throw new ConfigurationError('no bind line with ssl in it');
    return { services: binds.map((bind) => serviceOf(bind, global, path, tools)) };
  },
};

function serviceOf(bind: Line, global: readonly Line[], path: string, tools: ConfigurationTools): Service {
  const after = (words: readonly string[], name: string): string | undefined => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : words[at + 1];
  };
  const set = <Value>(
    own: string,
    common: string,
    read: (value: string) => Value | undefined,
  ): Setting<Value> | null => {
    const value = after(bind.words, own);
    if (value !== undefined) return settingIf(read(value), `${own} ${value}`, path, bind.line);
    const line = global.findLast(({ words }) => words[0] === common);
    return line === undefined ? null : settingIf(read(line.words[1] ?? ''), line.text, path, line.line);
  };
  const options = global.findLast(({ words }) => words[0] === 'ssl-default-bind-options');
  const verify = after(bind.words, 'verify');
  const isProxy = bind.words.includes('accept-proxy');
  return {
    ...UNKNOWN_SERVICE,
    ports: (bind.words[1] ?? '')
      .split(',')
      .flatMap((address) => /:(\d+)$/.exec(address)?.slice(1, 2).map(Number) ?? []),
    versions: versionsOf(bind.words, options, path, bind),
    cipherSuites: set('ciphers', 'ssl-default-bind-ciphers', (list) => tools.ciphers(list)),
    tls13CipherSuites: set('ciphersuites', 'ssl-default-bind-ciphersuites', tls13SuitesOf),
    groups: set('curves', 'ssl-default-bind-curves', groupsOf) ?? set('ecdhe', 'ssl-default-bind-ecdhe', groupsOf),
    clientCertificate:
      verify === undefined
        ? settingOf('none', bind.text, path, bind.line)
        : settingOf(
            verify === 'required' ? 'required' : verify === 'optional' ? 'optional' : 'none',
            bind.text,
            path,
            bind.line,
          ),
    proxyProtocol: settingOf(isProxy, bind.text, path, bind.line),
    rejectsUnknownNames: bind.words.includes('strict-sni') ? settingOf(true, bind.text, path, bind.line) : null,
  };
}

/** By `ssl-min-ver`, `ssl-max-ver`, `force-…` and `no-…`; null where nothing is said, since the default is the release's. */
function versionsOf(
  words: readonly string[],
  options: Line | undefined,
  path: string,
  bind: Line,
): Service['versions'] {
  const own = limitsOf(words);
  const common = options === undefined ? null : limitsOf(options.words);
  const limits = own ?? common;
  if (limits === null) return null;
  const least = own?.least ?? common?.least;
  const most = own?.most ?? common?.most;
  const no = new Set([...(own?.no ?? []), ...(common?.no ?? [])]);
  const source = own === null && options !== undefined ? options : bind;
  // Without a lower limit, releases since 2.2 take TLS 1.2, older ones less: only an upper limit is sure then.
  if (least === undefined && no.size === 0) {
    const isOld =
      most !== undefined && VERSIONS.indexOf(most as (typeof VERSIONS)[number]) < VERSIONS.indexOf('TLS 1.2');
    if (!isOld) return null;
  }
  return settingOf(
    versionRange(least, most).filter((version) => !no.has(version)),
    source.text,
    path,
    source.line,
  );
}

function limitsOf(words: readonly string[]) {
  let least: string | undefined;
  let most: string | undefined;
  const no: string[] = [];
  for (const [index, word] of words.entries()) {
    const version = versionOf(words[index + 1] ?? '');
    const [, kind, name = ''] = /^(no|force)-((?:tls|ssl)v\d\d?)$/.exec(word) ?? [];
    const named = versionOf(name.replace(/v(\d)(\d)$/, 'v$1.$2'));
    if (word === 'ssl-min-ver') least = version;
    else if (word === 'ssl-max-ver') most = version;
    else if (kind === 'force') least = most = named;
    else if (kind === 'no' && named !== undefined) no.push(named);
  }
  return least === undefined && most === undefined && no.length === 0 ? null : { least, most, no };
}
