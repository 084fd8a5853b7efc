import { BOUNDS } from '../bounds.js';
import type { Rule } from '../diagnose/rule.js';
import { RULES } from '../diagnose/rules/index.js';
import {
  ALERTS,
  CIPHER_SUITES,
  EXTENSION_TYPES,
  SIGNATURE_SCHEMES,
  SUPPORTED_GROUPS,
} from '../tls/wire/registry/tables.js';
import { lazy } from '../memoize.js';
import { KNOWN_ALERTS } from '../knowledge/alerts.js';
import { ALERT_NAMES, ERROR_MESSAGES, type ErrorMessageId } from '../knowledge/error-messages.js';
import { ENGLISH } from '../report/messages/english.js';
import type { EXPLAIN } from '../report/messages/explain.js';
import type { Language } from '../report/messages/language.js';
import {
  commandsOf,
  type Explanation,
  explainRule,
  type Section,
  section,
  sentencesOf,
} from '../report/rule-explanation.js';
import { ruleHelp, ruleWords } from '../report/words.js';
import { describeSuite, openSslName, suiteRules } from './cipher-suites.js';
import { KNOWN_EXTENSIONS } from './extensions.js';
import { describeGroup, describeScheme, GROUP_NAMES, VERSIONS } from './parameters.js';
import { distanceOf } from './nearest.js';
import { type ExplainWording, explainWordingOf } from './wording.js';

/** Kinds of terms. */
export type TermKind = keyof (typeof EXPLAIN)['kinds'];

/** A term that can be explained, with its name and aliases. */
interface Topic {
  readonly kind: TermKind;
  readonly name: string;
  readonly aliases: readonly string[];
  explain(language: Language): Explanation;
}

const hexadecimal = (code: number): string => `0x${code.toString(16).toUpperCase().padStart(4, '0')}`;

/** The entry of a table, or undefined. */
const entryOf = <Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** A command that connects, as a reader of an explanation fills it in. */
const connectWith = (options: string): string =>
  `openssl s_client -connect HOST:443 -servername NAME ${options} </dev/null`;

/** The diagnoses that a term leads to, each by id and title. */
function leadsTo(ids: readonly string[], { headings, language }: ExplainWording): Section[] {
  const rules = ids.flatMap((id) => RULES.find((rule) => rule.id === id) ?? []);
  return section(
    headings.leadsTo,
    rules.map((rule) => `${rule.id}: ${ruleWords(rule, language).title}`),
  );
}

function explainAlert(code: number, name: string | undefined, words: ExplainWording): Explanation {
  const { titles, headings, language } = words;
  const known = entryOf(KNOWN_ALERTS, name ?? '');
  const text = entryOf(language.alerts, name ?? '');
  return {
    title: titles.alert({ name: name ?? words.unknownAlert, code: String(code) }),
    summary: text?.meaning ?? words.rareAlert,
    sections: [
      ...section(headings.sender, text === undefined ? [] : [text.sender]),
      ...leadsTo(known?.rules ?? [], words),
      ...section(headings.commands, [connectWith('-msg')], true),
      ...section(headings.sources, [known?.source ?? 'IANA, TLS Alerts']),
    ],
  };
}

function explainExtension(code: number, name: string, words: ExplainWording): Explanation {
  const { titles, headings } = words;
  const known = entryOf(KNOWN_EXTENSIONS, name);
  return {
    title: titles.extension({ name, code: String(code) }),
    summary: entryOf(words.extensions, name) ?? words.otherExtension,
    sections: [
      ...leadsTo(known?.rules ?? [], words),
      ...section(headings.commands, known?.command === undefined ? [] : known.command.split('; '), true),
      ...section(headings.sources, [known?.source ?? 'IANA, TLS ExtensionType Values']),
    ],
  };
}

function explainVersion(
  { name, rules, option, sources }: (typeof VERSIONS)[number],
  words: ExplainWording,
): Explanation {
  const { titles, headings, versions } = words;
  return {
    title: titles.version({ name }),
    summary: versions[name],
    sections: [
      ...leadsTo(rules, words),
      ...section(headings.commands, [connectWith(option)], true),
      ...section(headings.sources, sources),
    ],
  };
}

function explainGroup(code: number, name: string, words: ExplainWording): Explanation {
  const { titles, headings } = words;
  return {
    title: titles.group({ name, code: hexadecimal(code) }),
    summary: describeGroup(name, words),
    sections: [
      ...leadsTo(['group-mismatch'], words),
      ...section(headings.commands, [connectWith(`-groups ${GROUP_NAMES[name] ?? name}`)], true),
      ...section(headings.sources, ['RFC 8446 §4.2.7', 'IANA, TLS Supported Groups']),
    ],
  };
}

function explainScheme(code: number, name: string, words: ExplainWording): Explanation {
  const { titles, headings } = words;
  return {
    title: titles.signatureScheme({ name, code: hexadecimal(code) }),
    summary: describeScheme(name, words),
    sections: [
      ...leadsTo(['signature-scheme-mismatch'], words),
      ...section(headings.sources, ['RFC 8446 §4.2.3', 'IANA, TLS SignatureScheme']),
    ],
  };
}

function explainSuite(code: number, name: string, words: ExplainWording): Explanation {
  const { titles, headings } = words;
  const openssl = openSslName(name);
  const option = name.includes('_WITH_') ? `-tls1_2 -cipher ${openssl}:@SECLEVEL=0` : `-tls1_3 -ciphersuites ${name}`;
  const other = words.nameIn({ name: openssl, programs: 'OpenSSL, nginx, curl, HAProxy, Node.js' });
  return {
    title: titles.cipherSuite({ name, code: hexadecimal(code) }),
    summary: describeSuite(name, words),
    sections: [
      ...section(headings.otherName, openssl === name ? [] : [other]),
      ...leadsTo(suiteRules(name), words),
      ...section(headings.commands, [connectWith(option)], true),
      ...section(headings.sources, ['IANA, TLS Cipher Suites', 'RFC 9325 §4.2']),
    ],
  };
}

const topicsOf = (
  kind: TermKind,
  table: ReadonlyMap<number, string>,
  explainOne: (code: number, name: string, words: ExplainWording) => Explanation,
  aliasesOf: (code: number, name: string) => readonly string[],
): Topic[] =>
  [...table].map(([code, name]) => ({
    kind,
    name,
    aliases: aliasesOf(code, name),
    explain: (language) => explainOne(code, name, explainWordingOf(language)),
  }));

/** Every term that can be explained. A plain number is an alert's; a hexadecimal one is a cipher suite's. */
const topics = lazy((): readonly Topic[] => [
  ...RULES.map((rule): Topic => ({
    kind: 'diagnosis',
    name: rule.id,
    aliases: [rule.title],
    explain: (language) => explainRule(rule, language),
  })),
  ...topicsOf('alert', ALERTS, explainAlert, (code) => [String(code), `alert ${code}`]),
  ...topicsOf('extension', EXTENSION_TYPES, explainExtension, (code) =>
    code === 0 ? ['sni'] : code === 16 ? ['alpn'] : [],
  ),
  ...VERSIONS.map((version): Topic => ({
    kind: 'version',
    name: version.name,
    aliases: version.aliases,
    explain: (language) => explainVersion(version, explainWordingOf(language)),
  })),
  ...topicsOf('group', SUPPORTED_GROUPS, explainGroup, (_code, name) => [
    ...(GROUP_NAMES[name] === undefined ? [] : [GROUP_NAMES[name]]),
    ...(name === 'secp256r1' ? ['prime256v1'] : []),
  ]),
  ...topicsOf('signatureScheme', SIGNATURE_SCHEMES, explainScheme, () => []),
  ...topicsOf('cipherSuite', CIPHER_SUITES, explainSuite, (code, name) => [hexadecimal(code), openSslName(name)]),
]);

const keyOf = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, '-');

/**
 * The explanation of a term (a diagnosis, an alert by name or number, a cipher suite, an extension, and so on), or of an error
 * message or a line of a log; or null.
 */
export function explain(term: string, language: Language = ENGLISH): Explanation | null {
  const key = keyOf(term.trim());
  const message = (): Explanation | null => explainMessage(term.slice(0, LONGEST_MESSAGE), explainWordingOf(language));
  const named = topics().find(({ name }) => keyOf(name) === key);
  // "connection refused" is what an operating system says, connection-refused a diagnosis.
  if (named?.kind === 'diagnosis' && /\s/.test(term.trim())) return message() ?? named.explain(language);
  const topic = named ?? topics().find(({ aliases }) => aliases.some((alias) => keyOf(alias) === key));
  return topic?.explain(language) ?? message();
}

/** Characters of a pasted text that are searched. */
const LONGEST_MESSAGE = BOUNDS.explainedCharacters.value;

/** The explanation of a pasted message: of the alert that it reports, or of what the program means; or null. */
function explainMessage(pasted: string, words: ExplainWording): Explanation | null {
  const text = plainWords(pasted);
  const alert = alertIn(text);
  const ofAlert = (code: number): Explanation => explainAlert(code, ALERTS.get(code), words);
  if (alert !== null && alert !== CLOSE_NOTIFY && !HAS_ITS_REASON.test(text)) return ofAlert(alert);
  const message = ERROR_MESSAGES.find(({ pattern }) => pattern.test(text));
  if (message !== undefined) return explainErrorMessage(message.id, message.title, message.rules, words);
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
/** The alert that ends a connection without an error. */
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

function explainErrorMessage(
  id: ErrorMessageId,
  name: string,
  rules: readonly string[],
  words: ExplainWording,
): Explanation {
  const { titles, headings } = words;
  const { of, meaning } = words.errorMessages[id];
  const first = RULES.find((rule) => rule.id === rules[0]);
  return {
    title: titles.errorMessage({ name }),
    summary: meaning,
    sections: [
      ...section(headings.saidBy, [of]),
      ...leadsTo(rules, words),
      ...(first === undefined ? [] : toDo(first, words)),
    ],
  };
}

function toDo(rule: Rule, { headings, language }: ExplainWording): Section[] {
  const { remedies, commands } = ruleHelp(rule, language);
  return [
    ...section(headings.toDoIf({ diagnosis: rule.id }), sentencesOf(remedies)),
    ...section(headings.commands, commandsOf(commands), true),
  ];
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
export function allTerms(): ReadonlyMap<TermKind, readonly string[]> {
  const terms = new Map<TermKind, string[]>();
  for (const { kind, name, aliases } of topics()) {
    const list = terms.get(kind) ?? [];
    terms.set(kind, list);
    list.push(kind === 'alert' ? `${name} (${aliases[0] ?? ''})` : name);
  }
  return terms;
}
