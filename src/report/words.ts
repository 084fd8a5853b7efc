import type { CaptureWarning } from '../capture/frame.js';
import { END_FACTS } from '../diagnose/ends/texts.js';
import type { Observation } from '../diagnose/observed.js';
import type { Rule } from '../diagnose/rule.js';
import type { Exclusion, Messages, Remedy } from '../diagnose/verdict.js';
import type { CommandPlace, Commands, Data, DecodeFault, Message, Phrase, Texts, Value } from '../message.js';
import { DECODE_FAULTS } from '../decode-faults.js';
import { memoizeByKey } from '../memoize.js';
import { NOTICES, type Notice } from '../notices.js';
import { bound, showUnprintable } from './escape.js';
import { ENGLISH } from './messages/english.js';
import type { Language, RuleWords } from './messages/language.js';

/** Makes text from outside safe and readable in one medium. */
export type Escape = (value: string) => string;

const PLACEHOLDER = /\{(\w+)\}/g;

/** The common name in a distinguished name (RFC 4514), where commas are escaped. */
const COMMON_NAME = /(?:^|,)CN=((?:[^\\,+]|\\.)+)/;

/** Times for people: `2026-03-02 10:00:00 UTC`. */
const withTimes =
  (escape: Escape, language: Language): Escape =>
  (value) =>
    escape(language.time(value));

/** As `withTimes`, and with only the common name of distinguished names: the evidence has them in full. */
const inShort = (escape: Escape, language: Language): Escape => {
  const escapeTime = withTimes(escape, language);
  return (value) => escapeTime(COMMON_NAME.exec(value)?.[1]?.replace(/\\(.)/g, '$1') ?? value);
};

/** Characters that mean nothing to a POSIX shell, anywhere in a word. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * The parts of a template, which are this program's own texts: the text before the first placeholder, its name, the text
 * after it, and so on. A report has the same few sentences about every connection: finding their placeholders each time
 * would take half of its time.
 */
const partsOf = memoizeByKey((template: string): readonly string[] => template.split(PLACEHOLDER));

/** A template with each placeholder replaced by its word; one without a word stays, so that the mistake is visible. */
export function replaced<Of extends Value>(
  template: string,
  data: Readonly<Record<string, Of>>,
  word: (value: Of) => string | undefined,
): string {
  const parts = partsOf(template);
  let text = parts[0] ?? '';
  for (let index = 1; index < parts.length; index += 2) {
    const name = parts[index] as string;
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    text += (value === undefined ? undefined : word(value)) ?? `{${name}}`;
    text += parts[index + 1] as string;
  }
  return text;
}

/**
 * A message in words: each `{name}` of the template is replaced by that value of the data, which goes through `escape`.
 * A placeholder without a value stays as it is.
 */
export function fill(template: string, data: Data, escape: Escape, language: Language = ENGLISH): string {
  return replaced(template, data, (value) => wordOf(value, escape, language));
}

function wordOf(value: Value, escape: Escape, language: Language): string {
  const phraseText = ({ phrase, data }: Phrase): string =>
    fill(textOf(phrase, language.phrases), data, escape, language);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escape(value);
  if ('phrase' in value) return phraseText(value);
  if ('fault' in value) return escape(faultOf(value, language));
  if ('milliseconds' in value) return language.duration(value.milliseconds);
  if ('times' in value) return language.times(value.times);
  if ('party' in value) return language.parties[value.party];
  const { items, style, more } = 'items' in value ? value : { items: value, style: 'plain' as const, more: 0 };
  if (items.length === 0) return language.none;
  const words = items.map((item) => wordOf(item, escape, language));
  return language.list(words, style, more);
}

/** A value as one word of a POSIX shell, whatever it contains. */
export function quoteForShell(value: string): string {
  return PLAIN_WORD.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A shell command in words: as `fill`, with every value quoted for a shell, and each item of a list as a word of its
 * own. Invisible characters are written out first, since a person copies the command from a page; `escape` then adapts
 * it to the medium.
 */
export function fillCommand(template: string, data: Data, escape: Escape): string {
  const word = (value: string): string => escape(quoteForShell(bound(showUnprintable(value))));
  return replaced(template, data, (value) => {
    if (typeof value === 'string' || typeof value === 'number') return word(String(value));
    return Array.isArray(value) ? (value as readonly string[]).map(word).join(' ') : undefined;
  });
}

/**
 * The text with that id in the first table that has it. A message in no table is a bug; the report shows the id rather
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

/** What a decoder found wrong, as plain text: hostile where it quotes bytes from the wire. */
export function faultOf({ fault, data }: DecodeFault, language: Language = ENGLISH): string {
  return fill(textOf(fault, language.decodeFaults, DECODE_FAULTS), data, (text) => text, language);
}

/** A warning of a capture, or a note of a connection. */
export function noticeOf(
  { code, id, data }: Pick<Notice, 'code' | 'id' | 'data'>,
  escape: Escape,
  language: Language = ENGLISH,
): string {
  return fill(textOf(id, language.notices?.[code], NOTICES[code]), data, escape, language);
}

/** A warning, with its frame unless it names that itself. */
export function warningOf(warning: CaptureWarning, escape: Escape, language: Language = ENGLISH): string {
  const { frame } = warning;
  const text = noticeOf(warning, escape, language);
  return frame === undefined || frame === 0 || text.includes(`frame ${frame}`) ? text : `${text} (frame\u00a0${frame})`;
}

/** What a rule says, by kind. */
export type MessageKind = keyof Omit<Messages, 'commands'>;

/** A shell command as a report shows it. */
export interface CommandWords {
  readonly text: string;
  /** The values that stand in it. */
  readonly data: Data;
  /** `shows the certificate that the server sends now`. */
  readonly does: string;
  readonly place: CommandPlace;
  /** The place in words: `on the server`. */
  readonly where: string;
}

/** The text of a message of a rule, or of the service that gives the advice, before its values are filled in. */
function templateOf(
  rule: Rule,
  kind: MessageKind,
  { id, service }: Pick<Remedy, 'id' | 'service'>,
  language: Language,
): string {
  if (service !== undefined) return textOf(id, language.services[service.id]?.remedies, service.messages.remedies);
  const own = [language.rules[rule.id]?.[kind], rule.messages[kind]];
  return kind === 'evidence' ? textOf(id, language.evidence, ...own) : textOf(id, ...own, language.ends, END_FACTS);
}

/** The values used in a message's text, without those that only other texts need. */
export function valuesOf(rule: Rule, kind: MessageKind, message: Message & Pick<Remedy, 'service'>): Data {
  return valuesIn(templateOf(rule, kind, message, ENGLISH), message.data);
}

/** The names of the values that stand in a message's text, or in the command of a remedy; some may be named twice. */
export function placeholdersOf(
  rule: Rule,
  kind: MessageKind,
  message: Pick<Remedy, 'id' | 'command' | 'service'>,
): string[] {
  const texts = [templateOf(rule, kind, message, ENGLISH)];
  const { commands } = (message.service ?? rule).messages;
  if (message.command !== undefined && Object.hasOwn(commands, message.command)) {
    texts.push(commands[message.command]?.run ?? '');
  }
  return texts.flatMap((text) => partsOf(text).filter((_, index) => index % 2 === 1));
}

function valuesIn(text: string, data: Data): Data {
  const parts = partsOf(text);
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(data)) {
    for (let index = 1; index < parts.length; index += 2) if (parts[index] === name) values[name] = value;
  }
  return values;
}

/** What a rule says about its fault in general. */
export function ruleWords({ id, title, description, settledBy }: Rule, language: Language = ENGLISH): RuleWords {
  return { title, description, settledBy: settledBy ?? null, ...language.rules[id]?.words };
}

/** What is said of a rule apart from a connection, in a language: texts with their placeholders. */
export interface RuleHelp {
  readonly title: string;
  readonly description: string;
  readonly explanations: Texts;
  readonly remedies: Texts;
  readonly commands: Commands;
}

/** All that is said of a rule apart from a connection. */
export function ruleHelp(rule: Rule, language: Language): RuleHelp {
  const { messages } = rule;
  const own = language.rules[rule.id];
  const does = own?.commands;
  return {
    ...ruleWords(rule, language),
    explanations: { ...messages.explanations, ...own?.explanations },
    remedies: { ...messages.remedies, ...own?.remedies },
    commands: Object.fromEntries(
      Object.entries(messages.commands).map(([id, command]) => [id, { ...command, does: does?.[id] ?? command.does }]),
    ),
  };
}

/** Why the connection failed, or what the risk is. */
export function explanationOf(
  { rule, explanation }: { readonly rule: Rule; readonly explanation: Message },
  escape: Escape,
  language: Language = ENGLISH,
): string {
  const text = templateOf(rule, 'explanations', explanation, language);
  return fill(text, explanation.data, inShort(escape, language), language);
}

/** What a frame shows. */
export function factOf(rule: Rule, fact: Message, escape: Escape, language: Language = ENGLISH): string {
  return fill(templateOf(rule, 'evidence', fact, language), fact.data, withTimes(escape, language), language);
}

/** What somebody has to do. */
export function actionOf(rule: Rule, remedy: Remedy, escape: Escape, language: Language = ENGLISH): string {
  const text = templateOf(rule, 'remedies', remedy, language);
  return fill(text, remedy.data, inShort(escape, language), language);
}

/** The command that confirms it, with what it shows and where to run it; or null. */
export function commandOf(
  rule: Rule,
  { command: id, where: elsewhere, data, service }: Remedy,
  escape: Escape,
  language: Language = ENGLISH,
): CommandWords | null {
  if (id === undefined) return null;
  const { commands } = (service ?? rule).messages;
  const command = Object.hasOwn(commands, id) ? commands[id] : undefined;
  if (command === undefined) return null;
  const translated = service === undefined ? language.rules[rule.id] : language.services[service.id];
  return {
    text: fillCommand(command.run, data, escape),
    data: valuesIn(command.run, data),
    does: textOf(id, translated?.commands, { [id]: command.does }),
    place: elsewhere ?? command.where,
    where: language.places[elsewhere ?? command.where],
  };
}

/** What happened to a connection. */
export function observationOf({ id, data }: Observation, escape: Escape, language: Language = ENGLISH): string {
  return fill(textOf(id, language.observations), data, escape, language);
}

/** Why a fault cannot be the cause. */
export function exclusionOf(rule: Rule, { because }: Exclusion, escape: Escape, language: Language = ENGLISH): string {
  const text = templateOf(rule, 'exclusions', because, language);
  return fill(text, because.data, inShort(escape, language), language);
}
