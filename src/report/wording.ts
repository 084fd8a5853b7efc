/** The words of the report itself, in a language. */
import { memoize } from '../memoize.js';
import type { DecodeFault } from '../message.js';
import type { Catalogue, PluralCategory, Sayings, TranslationOf } from './messages/catalogue.js';
import { ENGLISH } from './messages/english.js';
import type { Language } from './messages/language.js';
import type { REPORT } from './messages/report.js';
import { faultOf, replaced } from './words.js';

/** All texts of a report that belong to no rule. Those with placeholders are functions; the language formats numbers in them. */
export type Wording = Sayings<typeof REPORT> & {
  readonly language: Language;
  /** A whole number: `1,204`. */
  readonly number: (whole: number) => string;
  /** The items in words, at most `most` of them: `a, b and 3 more`. */
  readonly list: (items: readonly string[], most: number) => string;
  /** What a decoder found wrong; hostile where it quotes bytes from the wire. */
  readonly fault: (fault: DecodeFault) => string;
};

/** The words of that language. */
export const wordingOf: (language: Language) => Wording = memoize((language: Language) => ({
  ...sayings<typeof REPORT>(language.report, language),
  language,
  number: language.number,
  fault: (fault) => faultOf(fault, language),
  list: (items, most) => language.list(items.slice(0, most), 'plain', Math.max(0, items.length - most)),
}));

/** For what is not translated. */
export const ENGLISH_WORDING = wordingOf(ENGLISH);

type Value = string | number;
type Values = Readonly<Record<string, Value>>;
type AnyForms = Readonly<Partial<Record<PluralCategory, string>>> & { readonly other: string };
/** What a catalogue is without knowing its ids. */
interface Table {
  readonly [id: string]: string | AnyForms | Table;
}

function isCounted(entry: AnyForms | Table): entry is AnyForms {
  return typeof entry.other === 'string';
}

/** How the texts of a table are said in a language: those with placeholders by functions of their values. */
export function sayings<Of extends Catalogue>(table: TranslationOf<Of>, language: Language): Sayings<Of> {
  // Which entries become functions is in the types of catalogue.ts.
  return sayingsOf(table, language) as Sayings<Of>;
}

function sayingsOf(table: Table, language: Language): object {
  const word = (value: Value): string => (typeof value === 'number' ? language.number(value) : value);
  const sayingOf = (entry: Table[string]): unknown => {
    if (typeof entry === 'string') {
      return entry.includes('{') ? (values: Values) => replaced(entry, values, word) : entry;
    }
    if (!isCounted(entry)) return sayingsOf(entry, language);
    return (values: Values) => replaced(entry[language.plural(Number(values['count']))] ?? entry.other, values, word);
  };
  return Object.fromEntries(Object.entries(table).map(([id, entry]) => [id, sayingOf(entry)]));
}
