/** What a table of texts promises: to whoever says them, and of whoever translates them. */
import type { PlaceholderOf } from '../../message.js';

/** A text that depends on its `{count}`: in English on whether that is one. */
export interface Forms {
  readonly one: string;
  readonly other: string;
}

/** Texts by id, in sections. */
export interface Catalogue {
  readonly [id: string]: string | Forms | Catalogue;
}

/** The categories of numbers that languages tell apart (Unicode CLDR): English two, Japanese one, Arabic six. */
export type PluralCategory = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';

/** A text with at least the placeholders of the English one, in any order. */
type WithPlaceholdersOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? `${string}{${Name}}${string}` & WithPlaceholdersOf<Rest>
  : string;

/** What a translation of a table has: every text, with every placeholder, in all forms that the language needs. */
export type TranslationOf<Table> = {
  readonly [Id in keyof Table]: Table[Id] extends string
    ? WithPlaceholdersOf<Table[Id]>
    : Table[Id] extends Forms
      ? { readonly other: WithPlaceholdersOf<Table[Id]['other']> } & Readonly<
          Partial<Record<Exclude<PluralCategory, 'other'>, WithPlaceholdersOf<Table[Id]['one']>>>
        >
      : TranslationOf<Table[Id]>;
};

type Values<Name extends string> = Readonly<Record<Name, string | number>>;

/** How the texts of a table are said: those with placeholders by functions of their values. */
export type Sayings<Table> = {
  readonly [Id in keyof Table]: Table[Id] extends string
    ? [PlaceholderOf<Table[Id]>] extends [never]
      ? string
      : (values: Values<PlaceholderOf<Table[Id]>>) => string
    : Table[Id] extends Forms
      ? (
          values: { readonly count: number } & Values<Exclude<PlaceholderOf<Table[Id]['one' | 'other']>, 'count'>>,
        ) => string
      : Sayings<Table[Id]>;
};
