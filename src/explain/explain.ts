import { BOUNDS } from '../bounds.js';
import { RULES } from '../diagnose/rules/index.js';
import {
  ALERTS,
  CIPHER_SUITES,
  EXTENSION_TYPES,
  SIGNATURE_SCHEMES,
  SUPPORTED_GROUPS,
} from '../tls/wire/registry/tables.js';
import { lazy } from '../memoize.js';
import { ALERT_TEXTS } from '../knowledge/alerts.js';
import { ALERT_NAMES, ERROR_MESSAGES, type ErrorMessage } from '../knowledge/error-messages.js';
import { describeSuite, openSslName, suiteRules } from './cipher-suites.js';
import { EXTENSION_TEXTS } from './extensions.js';
import { describeGroup, describeScheme, GROUP_NAMES, VERSIONS } from './parameters.js';
import { distanceOf } from './nearest.js';
import { type Explanation, explainRule, type Section, section } from './rule.js';
import { commandsOf, sentencesOf } from './words.js';

/** A term that can be explained, with its name and aliases. */
interface Topic {
  readonly kind: 'diagnosis' | 'alert' | 'extension' | 'version' | 'group' | 'signature scheme' | 'cipher suite';
  readonly name: string;
  readonly aliases: readonly string[];
  explain(): Explanation;
}

const hexadecimal = (code: number): string => `0x${code.toString(16).toUpperCase().padStart(4, '0')}`;

/** The diagnoses that something leads to: each by id and title. */
function leadsTo(ids: readonly string[]): Section[] {
  const rules = ids.flatMap((id) => RULES.find((rule) => rule.id === id) ?? []);
  return section(
    'Leads to these diagnoses',
    rules.map(({ id, title }) => `${id}: ${title}`),
  );
}

function explainAlert(code: number, name: string): Explanation {
  const text = ALERT_TEXTS.get(code);
  return {
    title: `${name} (${code}): a TLS alert`,
    summary: text?.meaning ?? 'An alert of the IANA registry that is hardly ever seen.',
    sections: [
      ...section('Who sends it, and why', text === undefined ? [] : [text.sender]),
      ...leadsTo(text?.rules ?? []),
      ...section('Confirm', ['openssl s_client -connect HOST:443 -servername NAME -msg </dev/null'], true),
      ...section('Sources', [text?.source ?? 'IANA, TLS Alerts']),
    ],
  };
}

function explainExtension(code: number, name: string): Explanation {
  const text = EXTENSION_TEXTS.get(code);
  return {
    title: `${name} (${code}): a TLS extension`,
    summary: text?.meaning ?? 'An extension of the IANA registry that no diagnosis depends on.',
    sections: [
      ...leadsTo(text?.rules ?? []),
      ...section('Confirm', text?.command === undefined ? [] : text.command.split('; '), true),
      ...section('Sources', [text?.source ?? 'IANA, TLS ExtensionType Values']),
    ],
  };
}

function explainSuite(code: number, name: string): Explanation {
  const openssl = openSslName(name);
  const option = name.includes('_WITH_') ? `-tls1_2 -cipher ${openssl}:@SECLEVEL=0` : `-tls1_3 -ciphersuites ${name}`;
  return {
    title: `${name} (${hexadecimal(code)}): a cipher suite`,
    summary: describeSuite(name),
    sections: [
      ...(openssl === name ? [] : section('Other name', [`${openssl} (OpenSSL, nginx, curl, HAProxy, Node.js)`])),
      ...leadsTo(suiteRules(name)),
      ...section('Confirm', [`openssl s_client -connect HOST:443 -servername NAME ${option} </dev/null`], true),
      ...section('Sources', ['IANA, TLS Cipher Suites', 'RFC 9325 §4.2']),
    ],
  };
}

const topicsOf = (
  kind: Topic['kind'],
  table: ReadonlyMap<number, string>,
  explainOne: (code: number, name: string) => Explanation,
  aliasesOf: (code: number, name: string) => readonly string[] = (code) => [hexadecimal(code)],
): Topic[] =>
  [...table].map(([code, name]) => ({
    kind,
    name,
    aliases: aliasesOf(code, name),
    explain: () => explainOne(code, name),
  }));

/** Every term that can be explained. A plain number is an alert's; a hexadecimal one is a cipher suite's. */
const topics = lazy((): readonly Topic[] => [
  ...RULES.map((rule): Topic => ({
    kind: 'diagnosis',
    name: rule.id,
    aliases: [rule.title],
    explain: () => explainRule(rule),
  })),
  ...topicsOf('alert', ALERTS, explainAlert, (code) => [String(code), `alert ${code}`]),
  ...topicsOf('extension', EXTENSION_TYPES, explainExtension, (code) =>
    code === 0 ? ['sni'] : code === 16 ? ['alpn'] : [],
  ),
  ...VERSIONS.map(({ name, aliases, summary, rules, option, sources }): Topic => ({
    kind: 'version',
    name,
    aliases,
    explain: () => ({
      title: `${name}: a protocol version`,
      summary,
      sections: [
        ...leadsTo(rules),
        ...section('Confirm', [`openssl s_client -connect HOST:443 -servername NAME ${option} </dev/null`], true),
        ...section('Sources', sources),
      ],
    }),
  })),
  ...topicsOf(
    'group',
    SUPPORTED_GROUPS,
    (code, name) => ({
      title: `${name} (${hexadecimal(code)}): a key exchange group`,
      summary: describeGroup(name),
      sections: [
        ...leadsTo(['group-mismatch']),
        ...section(
          'Confirm',
          [`openssl s_client -connect HOST:443 -servername NAME -groups ${GROUP_NAMES[name] ?? name} </dev/null`],
          true,
        ),
        ...section('Sources', ['RFC 8446 §4.2.7', 'IANA, TLS Supported Groups']),
      ],
    }),
    (_code, name) => [
      ...(GROUP_NAMES[name] === undefined ? [] : [GROUP_NAMES[name]]),
      ...(name === 'secp256r1' ? ['prime256v1'] : []),
    ],
  ),
  ...topicsOf(
    'signature scheme',
    SIGNATURE_SCHEMES,
    (code, name) => ({
      title: `${name} (${hexadecimal(code)}): a signature scheme`,
      summary: describeScheme(name),
      sections: [
        ...leadsTo(['signature-scheme-mismatch']),
        ...section('Sources', ['RFC 8446 §4.2.3', 'IANA, TLS SignatureScheme']),
      ],
    }),
    () => [],
  ),
  ...topicsOf('cipher suite', CIPHER_SUITES, explainSuite, (code, name) => [hexadecimal(code), openSslName(name)]),
]);

const keyOf = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, '-');

/**
 * The explanation of a term (a diagnosis, an alert by name or number, a cipher suite, an extension, and so on), or of an error
 * message or a line of a log; or null.
 */
export function explain(term: string): Explanation | null {
  const key = keyOf(term.trim());
  const message = (): Explanation | null => explainMessage(term.slice(0, LONGEST_MESSAGE));
  const named = topics().find(({ name }) => keyOf(name) === key);
  // "connection refused" is what an operating system says, connection-refused a diagnosis.
  if (named?.kind === 'diagnosis' && /\s/.test(term.trim())) return message() ?? named.explain();
  const topic = named ?? topics().find(({ aliases }) => aliases.some((alias) => keyOf(alias) === key));
  return topic?.explain() ?? message();
}

/** Characters of a pasted text that are searched. */
const LONGEST_MESSAGE = BOUNDS.explainedCharacters.value;

/** The explanation of a pasted message: of the alert that it reports, or of what the program means; or null. */
function explainMessage(pasted: string): Explanation | null {
  const text = plainWords(pasted);
  const alert = alertIn(text);
  const ofAlert = (code: number): Explanation => explainAlert(code, ALERTS.get(code) ?? 'unknown alert');
  if (alert !== null && alert !== CLOSE_NOTIFY && !HAS_ITS_REASON.test(text)) return ofAlert(alert);
  const message = ERROR_MESSAGES.find(({ pattern }) => pattern.test(text));
  if (message !== undefined) return explainErrorMessage(message);
  // OpenSSL's constants: SSL_R_INAPPROPRIATE_FALLBACK.
  const code = alert ?? (/\bssl r /.test(text) ? alertNamedIn(text) : null);
  return code === null ? null : ofAlert(code);
}

/**
 * In lower case, without quotation marks and calls of a stack trace, with single spaces for other space and
 * underscores, and between the words of CamelCase.
 */
function plainWords(text: string): string {
  return text
    .replace(/\bat [\w.$/<>]+\([^()]*\)/g, ' ')
    .replace(/\n[ \t]*(?:[>|][ \t]?)+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_\s]+/g, ' ')
    .trim()
    .toLowerCase();
}

/** OpenSSL's code of a received alert: its reason is the alert's number plus 1000. */
const OPENSSL_ERROR = /\berror:(?:0a|14)[\da-f]{3}([\da-f]{3})\b/;
/** QUIC's code of an alert: 0x100 plus the alert's number (RFC 9001, section 4.8). */
const CRYPTO_ERROR = /\bcrypto ?error\W{0,3}0x1([\da-f]{2})\b/;
/** A number after one of these words is an alert's. */
const ALERT_NUMBER =
  /(?:\balert(?: ?[[(]| number | code is | )|fatal error code is |cryptographic handshake failed: error )(\d+)/;
/** OpenSSL omits the word in alerts about extensions (tlsv1 unrecognized name), Secure Transport in all. */
const NAMES_AN_ALERT =
  /\balert\b|\b(?:remote|local) error: tls:|\btlsv1 (?:un|bad cert|cert)|\berr ?sslpeer|-98(?:19|[23]\d|40)\b|\bcrypto ?error\b|\b(?:gnutls|fatal) error\b.*\binsufficient security\b|fatal alert has been received/;
/**
 * An alert that this side sent, with its reason: Erlang's {bad_cert,hostname_check_failed}, the following lines of curl
 * -v.
 */
const HAS_ITS_REASON = /\{bad cert,|\(out\), tls alert/;
/** It ends a connection, and does not say why. */
const CLOSE_NOTIFY = 0;

/** The code of the alert in a message, by number (`SSL alert number 48`) or by name; or null. */
function alertIn(text: string): number | null {
  const reason = parseInt(OPENSSL_ERROR.exec(text)?.[1] ?? '', 16) - 1000;
  if (ALERTS.has(reason)) return reason;
  const ofQuic = parseInt(CRYPTO_ERROR.exec(text)?.[1] ?? '', 16);
  if (ALERTS.has(ofQuic)) return ofQuic;
  const byNumber = ALERT_NUMBER.exec(text)?.[1];
  if (byNumber !== undefined && ALERTS.has(Number(byNumber))) return Number(byNumber);
  return NAMES_AN_ALERT.test(text) ? alertNamedIn(text) : null;
}

/** The code of the alert whose name, or other name, is in a text; null if there is none. */
function alertNamedIn(text: string): number | null {
  const named = [...ALERTS].map(([code, name]): readonly [string, number] => [name.replaceAll('_', ' '), code]);
  // The longest name is meant: certificate unknown, not certificate.
  const found = [...named, ...ALERT_NAMES]
    .filter(([name]) => text.includes(name))
    .sort(([a], [b]) => b.length - a.length)[0];
  return found?.[1] ?? null;
}

function explainErrorMessage({ title, of, meaning, rules }: ErrorMessage): Explanation {
  const first = RULES.find(({ id }) => id === rules[0]);
  return {
    title: `"${title}": an error message`,
    summary: meaning,
    sections: [
      ...section('Said by', [of]),
      ...leadsTo(rules),
      ...(first === undefined
        ? []
        : [
            ...section(`To do, if it is ${first.id}`, sentencesOf(first.messages.remedies)),
            ...section('Confirm', commandsOf(first.messages.commands), true),
          ]),
    ],
  };
}

const MOST_NEAR = 5;

/** The names closest to an unknown term, closest first; none if nothing is close. */
export function nearTerms(term: string): string[] {
  const key = keyOf(term.trim().slice(0, 100));
  const scored = topics().flatMap(({ name, aliases }) => {
    const distances = [name, ...aliases].map((one) => distanceOf(keyOf(one), key));
    const distance = Math.min(...distances);
    const isPart = key.length > 2 && keyOf(name).includes(key);
    return distance <= Math.max(1, key.length / 3) || isPart ? [{ name, distance: isPart ? 0 : distance }] : [];
  });
  scored.sort((a, b) => a.distance - b.distance);
  return [...new Set(scored.map(({ name }) => name))].slice(0, MOST_NEAR);
}

/** The names of all terms, by kind, in the order of their registries. */
export function allTerms(): ReadonlyMap<string, readonly string[]> {
  const terms = new Map<string, string[]>();
  for (const { kind, name, aliases } of topics()) {
    const list = terms.get(kind) ?? [];
    terms.set(kind, list);
    list.push(kind === 'alert' ? `${name} (${aliases[0] ?? ''})` : name);
  }
  return terms;
}
