import type { Finding } from '../diagnose/finding.js';
import type { Observation } from '../diagnose/observed.js';
import type { Rule } from '../diagnose/rule.js';
import type { Evidence, Exclusion, Messages, Remedy, Verdict } from '../diagnose/verdict.js';
import type { Data, Message, Phrase, Texts, Value } from '../message.js';
import { bound, showUnprintable } from './escape.js';
import { ENGLISH } from './messages/english.js';
import type { Language } from './messages/language.js';

/** Makes text from outside safe and readable in one medium. */
export type Escape = (value: string) => string;

const asItIs: Escape = (text) => text;

const PLACEHOLDER = /\{(\w+)\}/g;

/** Nothing in it means anything to a POSIX shell, wherever in a word it stands. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** How messages become words: a language, and two ways to make a text suit the medium. */
interface Wording {
  readonly language: Language;
  /** For values from the capture. */
  readonly escape: Escape;
  /** For the text of rules and languages. */
  readonly own: Escape;
}

/**
 * A message in words: each `{name}` of the template replaced by that value of the data. Values go through `escape`; the
 * template's own text, and what the language says for a quantity or a phrase, through `own`. A placeholder without a value
 * stays as it is, so that the fault shows.
 */
export function fill(
  template: string,
  data: Data,
  escape: Escape,
  own: Escape = asItIs,
  language: Language = ENGLISH,
): string {
  return inWords(template, data, { escape, own, language });
}

function inWords(template: string, data: Data, wording: Wording): string {
  return wording.own(template).replace(PLACEHOLDER, (placeholder, name: string) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    return value === undefined ? placeholder : wordOf(value, wording);
  });
}

function wordOf(value: Value, wording: Wording): string {
  const { language, escape, own } = wording;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escape(value);
  if ('phrase' in value) return phraseText(value, wording);
  if ('milliseconds' in value) return own(language.duration(value.milliseconds));
  if ('times' in value) return own(language.times(value.times));
  if ('party' in value) return own(language.parties[value.party]);
  const { items, style, more } = 'items' in value ? value : { items: value, style: 'plain' as const, more: 0 };
  if (items.length === 0) return own(language.none);
  const words = items.map((item) => (typeof item === 'string' ? escape(item) : phraseText(item, wording)));
  return language.list(words, style, more);
}

function phraseText({ phrase, data }: Phrase, wording: Wording): string {
  return inWords(textOf(phrase, wording.language.phrases), data, wording);
}

/** A value as one word of a POSIX shell, whatever is in it. */
export function quoteForShell(value: string): string {
  return PLAIN_WORD.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A shell command in words: as `fill`, with every value quoted for a shell, a list's each as a word of its own. What would
 * not print is written out first, since a person copies the command from a page; `escape` then suits it to the medium.
 */
export function fillCommand(template: string, data: Data, escape: Escape): string {
  const word = (value: string): string => escape(quoteForShell(bound(showUnprintable(value))));
  return template.replace(PLACEHOLDER, (placeholder, name: string) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    if (typeof value === 'string' || typeof value === 'number') return word(String(value));
    return Array.isArray(value) ? (value as readonly string[]).map(word).join(' ') : placeholder;
  });
}

/**
 * The text with that id in the first table that has it. A message that no table has is a bug; the report shows the id rather
 * than fail in the middle of an incident.
 */
function textOf(id: string, ...tables: readonly (Texts | undefined)[]): string {
  for (const table of tables) {
    if (table !== undefined && Object.hasOwn(table, id)) return table[id] ?? id;
  }
  return id;
}

function ruleText(rule: Rule, kind: keyof Messages, { id }: Pick<Message, 'id'>, language: Language): string {
  return textOf(id, language.rules[rule.id]?.[kind], rule.messages[kind]);
}

/** Why the connection failed, or what the risk is; `own` suits the rule's own text to the medium. */
export function explanationOf(
  { rule, explanation }: Pick<Finding, 'rule' | 'explanation'>,
  escape: Escape,
  own: Escape = asItIs,
  language: Language = ENGLISH,
): string {
  return fill(ruleText(rule, 'explanations', explanation, language), explanation.data, escape, own, language);
}

/** What a frame shows. */
export function factOf(
  rule: Rule,
  evidence: Evidence,
  escape: Escape,
  own: Escape = asItIs,
  language: Language = ENGLISH,
): string {
  const { id, data } = evidence;
  const text = textOf(id, language.evidence, language.rules[rule.id]?.evidence, rule.messages.evidence);
  return fill(text, data, escape, own, language);
}

/** What somebody has to do. */
export function actionOf(
  rule: Rule,
  remedy: Remedy,
  escape: Escape,
  own: Escape = asItIs,
  language: Language = ENGLISH,
): string {
  const { id, data, service } = remedy;
  const text =
    service === undefined
      ? ruleText(rule, 'remedies', remedy, language)
      : textOf(id, language.services[service.id]?.remedies, service.messages.remedies);
  return fill(text, data, escape, own, language);
}

/** The command that confirms it, or null. */
export function commandOf(rule: Rule, { command, data, service }: Remedy, escape: Escape): string | null {
  if (command === undefined) return null;
  return fillCommand(textOf(command, (service ?? rule).messages.commands), data, escape);
}

/** What happened to a connection. */
export function observationOf(
  { id, data }: Observation,
  escape: Escape,
  own: Escape = asItIs,
  language: Language = ENGLISH,
): string {
  return fill(textOf(id, language.observations), data, escape, own, language);
}

/** Why a fault is, or is not, taken for the cause. */
export function reasonOf(
  rule: Rule,
  verdict: Verdict | Exclusion,
  escape: Escape,
  own: Escape = asItIs,
  language: Language = ENGLISH,
): string {
  if (verdict.support !== 'excluded') return explanationOf({ rule, ...verdict }, escape, own, language);
  return fill(ruleText(rule, 'exclusions', verdict.because, language), verdict.because.data, escape, own, language);
}
