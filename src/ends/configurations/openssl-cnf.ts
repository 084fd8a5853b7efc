import { BOUNDS } from '../../bounds.js';
import {
  ConfigurationError,
  type ConfigurationFormat,
  type ConfigurationTools,
  type Refusals,
  UNKNOWN_SERVICE,
} from './configuration.js';
import { acceptsOf, type Place } from './openssl-context.js';
import { logicalLines, settingOf } from './values.js';

const MAX_INCLUDES = BOUNDS.configurationNesting.value;

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly path: string;
  readonly line: number;
}

/** Minimum bits of an RSA key by security level (SSL_CTX_set_security_level(3)), and of an ECDSA key. */
const LEAST_BITS: readonly (readonly [rsa: number, ecdsa: number])[] = [
  [0, 0],
  [1024, 160],
  [2048, 224],
  [3072, 256],
  [7680, 384],
  [15360, 512],
];

/** OpenSSL's own configuration, from which all programs of a host start (config(5), SSL_CONF_cmd(3)). */
export const opensslCnf: ConfigurationFormat = {
  name: 'openssl.cnf',
  recognise: (text) =>
    /^\s*\[\s*\w[\w ]*(?:\]|$)/m.test(text) && /^\s*(?:openssl_conf|(?:Min|Max)Protocol|CipherString)\s*=/m.test(text),
  read(text, path, tools) {
    const sections = new Map<string, Entry[]>();
    parse(text, path, sections, tools);
    const get = (section: string, key: string): Entry | undefined =>
      sections.get(section)?.findLast((entry) => nameOf(entry) === key);
    const named = (section: string | undefined, key: string): string | undefined =>
      section === undefined ? undefined : get(section, key)?.value;
    const ssl = named(named('default', 'openssl_conf'), 'ssl_conf');
    const system = named(ssl, 'system_default') ?? named(ssl, 'server') ?? named(ssl, 'client');
    if (system === undefined) {
      throw new ConfigurationError('no openssl_conf leads to a section with system_default: it sets nothing of TLS');
    }
    // Of two lines with a name, the second counts.
    const entries = (sections.get(system) ?? []).filter((entry) => get(system, nameOf(entry)) === entry);
    const commands = entries.map((entry) => ({ name: nameOf(entry), value: entry.value, at: placeOf(entry) }));
    const limits = commands.filter(({ name }) => /^(?:min|max)?protocol$/.test(name));
    const [first] = limits;
    const at = first?.at ?? { text: `[${system}]`, path, line: null };
    const accepts = acceptsOf(
      {
        versions: first === undefined ? 'unset' : { value: { without: new Set() }, at },
        ciphers: 'unset',
        tls13: 'unset',
        groups: 'unset',
        signatures: 'unset',
        clientSignatures: 'unset',
      },
      commands,
      { at, hasDhe: true },
      tools,
    );
    const ciphers = get(system, 'cipherstring');
    const range = limits.map((one) => one.at.text).join(', ');
    return {
      services: [
        {
          ...UNKNOWN_SERVICE,
          ...accepts,
          // What no line sets, each program sets itself.
          versions:
            first === undefined || accepts.versions === null
              ? null
              : { ...accepts.versions, ...settingOf(accepts.versions.value, range, at.path, at.line) },
          cipherSuites: ciphers === undefined ? null : accepts.cipherSuites,
        },
      ],
      ...(ciphers === undefined ? {} : { refusals: refusalsOf(ciphers.value, placeOf(ciphers)) }),
    };
  },
};

/** `1.MinProtocol` is `MinProtocol`: the part before the dot only makes names in a section unique. */
const nameOf = ({ key }: Entry): string => key.replace(/^.*\./, '').toLowerCase();

const placeOf = ({ key, value, path, line }: Entry): Place => settingOf(null, `${key} = ${value}`, path, line);

/** What the security level of a cipher string excludes. */
function refusalsOf(list: string, { text, path, line }: Place): Refusals {
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

function parse(text: string, path: string, sections: Map<string, Entry[]>, tools: ConfigurationTools, depth = 0): void {
  let section = 'default';
  for (const { line, text: own } of logicalLines(text)) {
    const trimmed = own.replace(/#.*$/, '').trim();
    const [, included] = /^\.include(?:\s+|\s*=\s*)(.*)$/.exec(trimmed) ?? [];
    if (included !== undefined) {
      const files = depth < MAX_INCLUDES ? tools.include(included.replace(/^(["'])(.*)\1$/, '$2')) : [];
      if (files.length === 0) tools.unread({ path, line, text: trimmed, why: 'no-such-file' });
      for (const file of files) parse(file.text, file.path, sections, tools, depth + 1);
    }
    if (trimmed === '' || trimmed.startsWith('.')) continue;
    if (trimmed.startsWith('[') && !trimmed.endsWith(']')) {
      throw new ConfigurationError('a section without "]"', line, path);
    }
    const head = /^\[\s*(.*?)\s*\]$/.exec(trimmed);
    if (head !== null) {
      section = head[1] ?? '';
      continue;
    }
    const [, key, value] = /^([^=]+?)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (key === undefined || value === undefined)
      throw new ConfigurationError('neither a section nor a "name = value"', line, path);
    const entry = { key, value: value.replace(/^(["'])(.*)\1$/, '$2'), path, line };
    const known = sections.get(section);
    if (known === undefined) sections.set(section, [entry]);
    else known.push(entry);
  }
}
