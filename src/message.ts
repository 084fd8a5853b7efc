/**
 * Messages: an id in a table of texts, and the values for its `{placeholders}`. Findings are kept in this form, and
 * only the report puts them into words, so that a language is a set of tables. The compiler checks ids and
 * placeholders.
 */

/** A span of time; the report chooses the unit. */
export interface Duration {
  readonly milliseconds: number;
}

/** How often something happened: `once`, `twice`, `3 times`. */
export interface Times {
  readonly times: number;
}

/**
 * A list of values. `names`: distinguished names, which contain commas. `alternatives`: one of them is enough.
 * `ranked`: the first is the most likely.
 */
export interface List {
  readonly style: 'plain' | 'names' | 'alternatives' | 'ranked';
  readonly items: readonly (string | Phrase | DecodeFault)[];
  /** How many there are besides `items`. */
  readonly more: number;
}

/** Part of a sentence that depends on what was found: a message in a table of phrases that all rules share. */
export interface Phrase {
  readonly phrase: string;
  readonly data: Data;
}

/**
 * What a decoder found wrong: a text of `DECODE_FAULTS` (decode-faults.ts), and its values. In a sentence it stands as one
 * term, like a value from the wire.
 */
export interface DecodeFault {
  readonly fault: string;
  readonly data: Readonly<Record<string, string | number>>;
}

/** The client, the server, or the network between them. */
export interface Party {
  readonly party: Actor;
}

/** The value of a placeholder: a term, a value from the wire, or something that the report has to put into words. */
export type Value = string | number | readonly string[] | Duration | Times | Party | List | Phrase | DecodeFault;

/** Values by the name of their placeholder. */
export type Data = Readonly<Record<string, Value>>;

/** Texts by id. */
export type Texts = Readonly<Record<string, string>>;

/** The names of a text's placeholders. */
export type PlaceholderOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderOf<Rest>
  : never;

/** The values that a text needs; there may be more. */
export type DataOf<Text extends string, Allowed extends Value = Value> = Readonly<Record<PlaceholderOf<Text>, Allowed>>;

/** A message of a table: one of its ids, with the values that its text needs. */
export type MessageOf<Table extends Texts, Allowed extends Value = Value> = {
  readonly [Id in keyof Table & string]: { readonly id: Id; readonly data: DataOf<Table[Id], Allowed> };
}[keyof Table & string];

/** The text of an error, with its values as they are; reports put theirs into words in report/words.ts. */
export const fillPlain = (text: string, data: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (all, name: string) => String(data[name] ?? all));

/** A message whose table is not known here. */
export interface Message {
  readonly id: string;
  readonly data: Data;
}

/** Who has to act. */
export type Actor = 'server' | 'client' | 'network';

/** A word of a shell command: each value becomes one word, quoted. */
export type Word = string | number | readonly string[];

/**
 * Where a command is run. `from-client`: on the client's machine, because the path matters. `authenticator`: on the
 * device that carries a supplicant's traffic as RADIUS. `files`: wherever the files named in it are.
 */
export type CommandPlace =
  'client' | 'from-client' | 'server' | 'proxy' | 'authenticator' | 'radius-client' | 'files' | 'store';

/** A shell command; the values for its `{placeholders}` are quoted for a shell. */
export interface Command<Run extends string = string> {
  readonly run: Run;
  /** What it shows or does, to follow "this". */
  readonly does: string;
  readonly where: CommandPlace;
}

/** Commands by id. */
export type Commands = Readonly<Record<string, Command>>;

/** Something to do, and the command, if any, that confirms the fault or the fix. Both use the values of `data`. */
export type RemedyOf<Remedies extends Texts, Own extends Commands> = {
  readonly [Id in keyof Remedies & string]: {
    readonly who: Actor;
    readonly id: Id;
    readonly data: DataOf<Remedies[Id]>;
  };
}[keyof Remedies & string] &
  (
    | { readonly command?: never }
    | {
        readonly [Id in keyof Own & string]: {
          readonly command: Id;
          readonly data: DataOf<Own[Id]['run'], Word>;
        };
      }[keyof Own & string]
  );

/** A sentence names at most so many, and says how many more there are. */
const MOST_NAMED = 5;

/** The first of many values, and how many more there are. */
export function someOf(values: readonly string[], style: List['style'] = 'plain'): List {
  const isShort = values.length <= MOST_NAMED + 1;
  return {
    style,
    items: isShort ? values : values.slice(0, MOST_NAMED),
    more: isShort ? 0 : values.length - MOST_NAMED,
  };
}

/** All of the values. */
export function listOf(items: List['items'], style: List['style']): List {
  return { style, items, more: 0 };
}

/**
 * Milliseconds as a span of time, rounded to the microsecond: differences of times carry the noise of binary fractions.
 */
export function duration(milliseconds: number): Duration {
  return { milliseconds: Math.round(milliseconds * 1000) / 1000 };
}

/** Who. */
export function party(who: Actor): Party {
  return { party: who };
}

/** How often. */
export function times(count: number): Times {
  return { times: count };
}
