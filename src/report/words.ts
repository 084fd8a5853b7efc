import { END_FACTS } from '../diagnose/ends/texts.js';
import type { Observation } from '../diagnose/observed.js';
import type { Rule } from '../diagnose/rule.js';
import type { Exclusion, Messages, Remedy } from '../diagnose/verdict.js';
import type { Data, Message, Phrase, Texts, Value } from '../message.js';
import { bound, showUnprintable } from './escape.js';
import { ENGLISH } from './messages/english.js';
import type { Language, RuleWords } from './messages/language.js';

/** Makes text from outside safe and readable in one medium. */
export type Escape = (value: string) => string;

const PLACEHOLDER = /\{(\w+)\}/g;

/** The common name in a distinguished name (RFC 4514), in which a comma is escaped. */
const COMMON_NAME = /(?:^|,)CN=((?:[^\\,+]|\\.)+)/;

/** Times for people: `2026-03-02 10:00:00 UTC`. */
const withTimes =
  (escape: Escape, language: Language): Escape =>
  (value) =>
    escape(language.time(value));

/** Of distinguished names the common name alone, besides: the evidence has them in full. */
const inShort = (escape: Escape, language: Language): Escape => {
  const escapeTime = withTimes(escape, language);
  return (value) => escapeTime(COMMON_NAME.exec(value)?.[1]?.replace(/\\(.)/g, '$1') ?? value);
};

/** Nothing in it means anything to a POSIX shell, wherever in a word it stands. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * A message in words: each `{name}` of the template replaced by that value of the data, which goes through `escape`. A
 * placeholder without a value stays as it is, so that the fault shows.
 */
export function fill(template: string, data: Data, escape: Escape, language: Language = ENGLISH): string {
  return template.replace(PLACEHOLDER, (placeholder, name: string) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    return value === undefined ? placeholder : wordOf(value, escape, language);
  });
}

function wordOf(value: Value, escape: Escape, language: Language): string {
  const phraseText = ({ phrase, data }: Phrase): string =>
    fill(textOf(phrase, language.phrases), data, escape, language);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escape(value);
  if ('phrase' in value) return phraseText(value);
  if ('milliseconds' in value) return language.duration(value.milliseconds);
  if ('times' in value) return language.times(value.times);
  if ('party' in value) return language.parties[value.party];
  const { items, style, more } = 'items' in value ? value : { items: value, style: 'plain' as const, more: 0 };
  if (items.length === 0) return language.none;
  const words = items.map((item) => (typeof item === 'string' ? escape(item) : phraseText(item)));
  return language.list(words, style, more);
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

/** What a file of an end shows, in a sentence. */
export function endFactOf({ id, data }: Message, escape: Escape, language: Language = ENGLISH): string {
  return fill(textOf(id, language.ends, END_FACTS), data, inShort(escape, language), language);
}

function ruleText(rule: Rule, kind: keyof Messages, { id }: Pick<Message, 'id'>, language: Language): string {
  return textOf(id, language.rules[rule.id]?.[kind], rule.messages[kind]);
}

/** What a rule says of its fault as such. */
export function ruleWords({ id, title, description, settledBy }: Rule, language: Language = ENGLISH): RuleWords {
  return { title, description, settledBy: settledBy ?? null, ...language.rules[id]?.words };
}

/** Why the connection failed, or what the risk is. */
export function explanationOf(
  { rule, explanation }: { readonly rule: Rule; readonly explanation: Message },
  escape: Escape,
  language: Language = ENGLISH,
): string {
  const { id, data } = explanation;
  const text = textOf(id, language.rules[rule.id]?.explanations, rule.messages.explanations, language.ends, END_FACTS);
  return fill(text, data, inShort(escape, language), language);
}

/** What a frame shows. */
export function factOf(rule: Rule, { id, data }: Message, escape: Escape, language: Language = ENGLISH): string {
  const text = textOf(id, language.evidence, language.rules[rule.id]?.evidence, rule.messages.evidence);
  return fill(text, data, withTimes(escape, language), language);
}

/** What somebody has to do. */
export function actionOf(rule: Rule, remedy: Remedy, escape: Escape, language: Language = ENGLISH): string {
  const { id, data, service } = remedy;
  const text =
    service === undefined
      ? ruleText(rule, 'remedies', remedy, language)
      : textOf(id, language.services[service.id]?.remedies, service.messages.remedies);
  return fill(text, data, inShort(escape, language), language);
}

/** The command that confirms it, or null. */
export function commandOf(rule: Rule, { command, data, service }: Remedy, escape: Escape): string | null {
  if (command === undefined) return null;
  return fillCommand(textOf(command, (service ?? rule).messages.commands), data, escape);
}

/** What happened to a connection. */
export function observationOf({ id, data }: Observation, escape: Escape, language: Language = ENGLISH): string {
  return fill(textOf(id, language.observations), data, escape, language);
}

/** Why a fault cannot be the cause. */
export function exclusionOf(rule: Rule, { because }: Exclusion, escape: Escape, language: Language = ENGLISH): string {
  const { id, data } = because;
  const text = textOf(id, language.rules[rule.id]?.exclusions, rule.messages.exclusions, language.ends, END_FACTS);
  return fill(text, data, inShort(escape, language), language);
}
