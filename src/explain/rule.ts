import type { Rule } from '../diagnose/rule.js';
import { ALERT_TEXTS } from '../knowledge/alerts.js';
import type { Commands, Texts } from '../message.js';
import { ALERTS } from '../tls/wire/registry/tables.js';
import { RULE_HEADINGS } from './rule-headings.js';
import { commandsOf, sentencesOf } from './words.js';

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

/** What is said of a rule apart from a connection, in a language: texts with their placeholders. */
export interface RuleHelp {
  readonly title: string;
  readonly description: string;
  readonly explanations: Texts;
  readonly remedies: Texts;
  readonly commands: Commands;
  readonly headings: Readonly<Record<keyof typeof RULE_HEADINGS, string>>;
  /** What alerts mean, by number. */
  readonly alerts: ReadonlyMap<number, string>;
}

const englishOf = ({ title, description, messages }: Rule): RuleHelp => ({
  title,
  description,
  ...messages,
  headings: RULE_HEADINGS,
  alerts: new Map(),
});

/** What is known of a rule; alerts whose meaning `said` lacks are explained in English. */
export function explainRule(rule: Rule, said: RuleHelp = englishOf(rule)): Explanation {
  const { id, sources } = rule;
  const { headings } = said;
  const alerts = [...ALERT_TEXTS].filter(([, { rules }]) => rules.includes(id));
  return {
    title: `${id}: ${said.title}`,
    summary: said.description,
    sections: [
      ...section(headings.explanations, sentencesOf(said.explanations)),
      ...section(headings.remedies, sentencesOf(said.remedies)),
      ...section(headings.commands, commandsOf(said.commands), true),
      ...section(
        headings.alerts,
        alerts.map(([code, { meaning }]) => `${ALERTS.get(code) ?? ''} (${code}): ${said.alerts.get(code) ?? meaning}`),
      ),
      ...section(headings.sources, [sources.join(', ')]),
    ],
  };
}
