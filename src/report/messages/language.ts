import type { OBSERVATIONS } from '../../diagnose/observed.js';
import type { PHRASES } from '../../diagnose/phrases.js';
import type { SHARED_EVIDENCE } from '../../diagnose/evidence/texts.js';
import type { Messages } from '../../diagnose/verdict.js';
import type { Actor, CommandPlace, List, Texts } from '../../message.js';
import type { ALERT_TEXTS } from './alerts.js';
import type { PluralCategory, TranslationOf } from './catalogue.js';
import type { COMMAND_LINE } from './command-line.js';
import type { EXPLAIN } from './explain.js';
import type { REPORT } from './report.js';

/**
 * A language: everything that a report, an explanation or the command line says. Texts have the placeholders of the English ones, in any order. A new
 * language is a file with one of these.
 */
export interface Language {
  /** BCP 47: `en`, `ja`. */
  readonly tag: string;
  /** What no rule says: headings, labels, sentences about captures and connections. */
  readonly report: TranslationOf<typeof REPORT>;
  readonly phrases: TranslationOf<typeof PHRASES>;
  /** The facts that all rules share. */
  readonly evidence: TranslationOf<typeof SHARED_EVIDENCE>;
  /** What the files of the ends show; missing texts are said in English. */
  readonly ends?: Texts;
  /** Warnings about captures and notes on connections, by code; missing texts are said in English. */
  readonly notices?: Readonly<Record<string, Texts>>;
  /** What decoders found wrong; missing texts are said in English. */
  readonly decodeFaults?: Texts;
  readonly observations: TranslationOf<typeof OBSERVATIONS>;
  /** What alerts mean, and who sends them and why, by IANA's name. */
  readonly alerts: TranslationOf<typeof ALERT_TEXTS>;
  /** What the command `explain` says; if missing, it is said in English. */
  readonly explain?: TranslationOf<typeof EXPLAIN>;
  /** What the command line says; if missing, it is said in English. */
  readonly commandLine?: TranslationOf<typeof COMMAND_LINE>;
  /** Translations by rule id. Missing texts are said in the words of the rule itself, which are English. */
  readonly rules: Readonly<Record<string, RuleTexts>>;
  /** Translations by service id, in the same way. */
  readonly services: Readonly<Record<string, { readonly remedies: Texts; readonly commands?: Texts }>>;
  readonly parties: Readonly<Record<Actor, string>>;
  /** Where a command is run: to follow "Run it". */
  readonly places: Readonly<Record<CommandPlace, string>>;
  /** An empty list. */
  readonly none: string;
  /** A span of time, not negative, in milliseconds. */
  readonly duration: (milliseconds: number) => string;
  /** A time, given in ISO 8601 and UTC with a Z; anything else unchanged. */
  readonly time: (iso: string) => string;
  /** A whole number: `1,204`. */
  readonly number: (whole: number) => string;
  /** Which form of a text goes with a count; `other` where the language does not tell. */
  readonly plural: (count: number) => PluralCategory;
  /** How often. */
  readonly times: (count: number) => string;
  /** A list of items, and how many more there are. */
  readonly list: (items: readonly string[], style: List['style'], more: number) => string;
}

/** What a rule says about its fault in general. */
export interface RuleWords {
  readonly title: string;
  readonly description: string;
  /** What settles whether it is the cause; null for a risk. */
  readonly settledBy: string | null;
}

/** The texts of a rule in another language. */
export interface RuleTexts extends Partial<Omit<Messages, 'commands'>> {
  /** What its commands do. */
  readonly commands?: Texts;
  readonly words?: RuleWords;
}
