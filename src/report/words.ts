import type { Data, Evidence, Finding, Remedy, Rule } from '../diagnose/rule.js';
import { bound, showUnprintable } from './escape.js';

/** Makes text from outside safe and readable in one medium. */
export type Escape = (value: string) => string;

const PLACEHOLDER = /\{(\w+)\}/g;

/** Nothing in it means anything to a POSIX shell, wherever in a word it stands. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * A message in words: each `{name}` of the template replaced by that value of the data, a list joined with commas (an
 * empty one says "none"). Values go through `escape`, the template's own text does not. A placeholder without a value
 * stays as it is, so that the fault shows.
 */
export function fill(template: string, data: Data, escape: Escape): string {
  return template.replace(PLACEHOLDER, (placeholder, name: string) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    if (value === undefined) return placeholder;
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string') return escape(value);
    return value.length === 0 ? 'none' : value.map(escape).join(', ');
  });
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
    if (value === undefined) return placeholder;
    return typeof value === 'object' ? value.map(word).join(' ') : word(String(value));
  });
}

// A rule that names a message it lacks is a bug; the report shows the id rather than fail in the middle of an incident.
function template(rule: Rule, messageId: string): string {
  return Object.hasOwn(rule.messages, messageId) ? (rule.messages[messageId] ?? messageId) : messageId;
}

const asItIs: Escape = (text) => text;

/** Why the connection failed, or what the risk is; `own` suits the rule's own text to the medium. */
export function explanationOf(finding: Finding, escape: Escape, own: Escape = asItIs): string {
  return fill(own(template(finding.rule, finding.messageId)), finding.data, escape);
}

/** What a frame shows. */
export function factOf(rule: Rule, evidence: Evidence, escape: Escape, own: Escape = asItIs): string {
  return fill(own(template(rule, evidence.messageId)), evidence.data, escape);
}

/** What somebody has to do. */
export function actionOf(rule: Rule, remedy: Remedy, escape: Escape, own: Escape = asItIs): string {
  return fill(own(template(rule, remedy.messageId)), remedy.data, escape);
}

/** The command that confirms it, or null. */
export function commandOf(rule: Rule, remedy: Remedy, escape: Escape): string | null {
  return remedy.commandId === undefined ? null : fillCommand(template(rule, remedy.commandId), remedy.data, escape);
}
