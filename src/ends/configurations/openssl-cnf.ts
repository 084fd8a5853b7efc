import { ConfigurationError, type ConfigurationFormat, type Refusals, UNKNOWN_SERVICE } from './configuration.js';
import { groupsOf, logicalLines, settingIf, settingOf, tls13SuitesOf, versionOf, versionRange } from './values.js';

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** The least bits of an RSA key by security level (SSL_CTX_set_security_level(3)), and of an ECDSA key. */
const LEAST_BITS: readonly (readonly [rsa: number, ecdsa: number])[] = [
  [0, 0],
  [1024, 160],
  [2048, 224],
  [3072, 256],
  [7680, 384],
  [15360, 512],
];

/** OpenSSL's own configuration: what all programs of a host start from (config(5), SSL_CONF_cmd(3)). */
export const opensslCnf: ConfigurationFormat = {
  name: 'openssl.cnf',
  recognise: (text) =>
    /^\s*\[\s*\w[\w ]*\]/m.test(text) && /^\s*(?:openssl_conf|(?:Min|Max)Protocol|CipherString)\s*=/m.test(text),
  read(text, path, tools) {
    const sections = parse(text);
    const get = (section: string, key: string): Entry | undefined =>
      sections.get(section)?.findLast((entry) => entry.key.replace(/^.*\./, '').toLowerCase() === key);
    const named = (section: string | undefined, key: string): string | undefined =>
      section === undefined ? undefined : get(section, key)?.value;
    const ssl = named(named('default', 'openssl_conf'), 'ssl_conf');
    const system = named(ssl, 'system_default') ?? named(ssl, 'server') ?? named(ssl, 'client');
    if (system === undefined) {
      throw new ConfigurationError('no openssl_conf leads to a section with system_default: it sets nothing of TLS');
    }
    const of = (...keys: readonly string[]): Entry | undefined =>
      keys.map((key) => get(system, key)).find((entry) => entry !== undefined);
    const shown = ({ key, value }: Entry): string => `${key} = ${value}`;
    const [least, most, ciphers, suites, groups] = [
      of('minprotocol'),
      of('maxprotocol'),
      of('cipherstring'),
      of('ciphersuites'),
      of('groups', 'curves'),
    ];
    const range = versionRange(versionOf(least?.value ?? ''), versionOf(most?.value ?? ''));
    const source = least ?? most;
    return {
      services: [
        {
          ...UNKNOWN_SERVICE,
          versions:
            source === undefined
              ? null
              : settingOf(
                  range,
                  [least, most].flatMap((one) => (one ? [shown(one)] : [])).join(', '),
                  path,
                  source.line,
                ),
          cipherSuites:
            ciphers === undefined ? null : settingIf(tools.ciphers(ciphers.value), shown(ciphers), path, ciphers.line),
          tls13CipherSuites:
            suites === undefined ? null : settingOf(tls13SuitesOf(suites.value), shown(suites), path, suites.line),
          groups: groups === undefined ? null : settingIf(groupsOf(groups.value), shown(groups), path, groups.line),
        },
      ],
      ...(ciphers === undefined ? {} : { refusals: refusalsOf(ciphers.value, shown(ciphers), path, ciphers.line) }),
    };
  },
};

/** What the security level of a cipher string keeps out. */
function refusalsOf(list: string, text: string, path: string, line: number): Refusals {
  const level = Number(/@SECLEVEL=(\d)/i.exec(list)?.[1] ?? NaN);
  const [rsa, ecdsa] = LEAST_BITS[level] ?? [0, 0];
  return {
    smallestKeys: rsa === 0 ? {} : { RSA: settingOf(rsa, text, path, line), ECDSA: settingOf(ecdsa, text, path, line) },
    hashes:
      level >= 1
        ? {
            md5: settingOf(true, text, path, line),
            ...(level >= 2 ? { sha1: settingOf(true, text, path, line) } : {}),
          }
        : {},
  };
}

function parse(text: string): ReadonlyMap<string, readonly Entry[]> {
  const sections = new Map<string, Entry[]>();
  let section = 'default';
  for (const { line, text: own } of logicalLines(text)) {
    const trimmed = own.replace(/#.*$/, '').trim();
    if (trimmed === '' || trimmed.startsWith('.')) continue;
    const head = /^\[\s*(.*?)\s*\]$/.exec(trimmed);
    if (head !== null) {
      section = head[1] ?? '';
      continue;
    }
    const [, key, value] = /^([^=]+?)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (key === undefined || value === undefined)
      throw new ConfigurationError('neither a section nor a "name = value"', line);
    sections.set(section, [
      ...(sections.get(section) ?? []),
      { key, value: value.replace(/^(["'])(.*)\1$/, '$2'), line },
    ]);
  }
  return sections;
}
