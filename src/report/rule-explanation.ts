import type { Rule } from '../diagnose/rule.js';
import { KNOWN_ALERTS } from '../knowledge/alerts.js';
import type { Commands, Texts } from '../message.js';
import { ALERTS } from '../tls/wire/registry/tables.js';
import type { Language } from './messages/language.js';
import { wordingOf } from './wording.js';
import { ruleHelp } from './words.js';

/** A part of an explanation under a heading; commands are lines for a shell. */
export interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
  readonly isCommand: boolean;
}

/** What is known of one term. */
export interface Explanation {
  readonly title: string;
  readonly summary: string;
  readonly sections: readonly Section[];
}

/** A section; none if it has no lines. */
export const section = (heading: string, lines: readonly string[], isCommand = false): Section[] =>
  lines.length === 0 ? [] : [{ heading, lines, isCommand }];

/** Placeholders in a command that somebody fills in. */
const IN_COMMANDS: Readonly<Record<string, string>> = {
  connect: 'HOST:443',
  sni: '-servername NAME',
  sni12: '-servername NAME -tls1_2',
  sni13: '-servername NAME -tls1_3',
  asked: '-servername NAME',
  offer: '-servername NAME OFFER',
  url: '--connect-to NAME:443:HOST:443 https://NAME/',
};

/** Sentences with placeholders in their place: `<client>`. */
export function sentencesOf(texts: Texts): string[] {
  return Object.values(texts).map((text) => text.replace(/\{(\w+)\}/g, '<$1>'));
}

/** Commands, each after a comment that says what it does, with placeholders in their place: `CLIENT`. */
export function commandsOf(commands: Commands): string[] {
  const all = Object.values(commands).map(({ run, does }) => [
    `# ${does}`,
    run.replace(/\{(\w+)\}/g, (_, name: string) => IN_COMMANDS[name] ?? name.toUpperCase()),
  ]);
  const byCommand = new Map(all.map((lines) => [lines[1], lines]));
  return [...byCommand.values()].flat();
}

/** What is known of a rule apart from any connection. */
export function explainRule(rule: Rule, language: Language): Explanation {
  const { id, sources } = rule;
  const { title, description, explanations, remedies, commands } = ruleHelp(rule, language);
  const headings = wordingOf(language).ruleHeadings;
  return {
    title: `${id}: ${title}`,
    summary: description,
    sections: [
      ...section(headings.explanations, sentencesOf(explanations)),
      ...section(headings.remedies, sentencesOf(remedies)),
      ...section(headings.commands, commandsOf(commands), true),
      ...section(headings.alerts, alertsOf(id, language)),
      ...section(headings.sources, [sources.join(', ')]),
    ],
  };
}

/** The alerts that a rule is known for, each with its number and what it means. */
export function alertsOf(id: string, language: Language): string[] {
  const known: Readonly<Record<string, { readonly rules: readonly string[] }>> = KNOWN_ALERTS;
  const texts: Readonly<Record<string, { readonly meaning: string }>> = language.alerts;
  return [...ALERTS].flatMap(([code, name]) => {
    const text = known[name]?.rules.includes(id) === true ? texts[name] : undefined;
    return text === undefined ? [] : [`${name} (${code}): ${text.meaning}`];
  });
}
