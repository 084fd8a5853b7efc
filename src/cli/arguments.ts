import yargs, { type Options } from 'yargs';
import { distanceOf } from '../explain/nearest.js';
import { generator } from '../report/generator.js';
import { UsageError } from './options.js';
import { WORDS } from './words.js';

/** MiB. */
export const LEAST_MEMORY = 16;

export type OptionTable = Readonly<Record<string, Options>>;

/**
 * A parser for a command's arguments that throws a UsageError of one line.
 * @param others names of further options, which a misspelt one may have meant
 */
export function newParser<const Table extends OptionTable>(options: Table, others: readonly string[]) {
  return yargs()
    .scriptName(generator.name)
    .strictOptions()
    .parserConfiguration({ 'greedy-arrays': false, 'parse-numbers': false, 'parse-positional-numbers': false })
    .detectLocale(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error instanceof UsageError) throw error;
      throw new UsageError(
        oneLine(message ?? error?.message ?? WORDS.errors.wrongUsage, [...Object.keys(options), ...others]),
      );
    })
    .options(options);
}

/** For an option with one value that is given twice: the last one counts, as in most programs. */
export function last<T>(value: T | T[]): T {
  return Array.isArray(value) ? (value.at(-1) as T) : value;
}

/** For an option that names one file: given twice, it is unclear which one is meant. */
export function onlyFile(name: string) {
  return (value: string | string[]): string => {
    if (Array.isArray(value)) throw new UsageError(WORDS.errors.oneFile({ option: name, number: value.length }));
    return value;
  };
}

/** Unknown options as given: yargs repeats one with a hyphen without it. */
function optionsOf(names: readonly string[]): string {
  const isTwin = (name: string): boolean =>
    /[A-Z]/.test(name) && names.includes(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
  return names
    .filter((name) => !isTwin(name))
    .map((name) => (name.length === 1 ? `-${name}` : `--${name}`))
    .join(', ');
}

/** A message of yargs in one line, reworded where its own text is hard to follow. */
function oneLine(message: string, options: readonly string[]): string {
  const line = message
    .split('\n')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
  return line
    .replace(
      /^Invalid values: Argument: (\S+), Given: (.*), Choices: (.*)$/,
      (_, name: string, given: string, choices: string) =>
        WORDS.errors.notOneOf({
          option: name,
          given,
          choices,
          suggestion: suggestion(given.replaceAll('"', ''), choices.replaceAll('"', '').split(', ')),
        }),
    )
    .replace(/^Not enough arguments following: (\S)$/, WORDS.errors.needsValue({ option: '-$1' }))
    .replace(/^Not enough arguments following: (\S+)$/, WORDS.errors.needsValue({ option: '--$1' }))
    .replace(/^Unknown arguments?: (.*)$/, (_, names: string) => unknownOption(names.split(', '), options));
}

function unknownOption(names: readonly string[], options: readonly string[]): string {
  const [name = ''] = names;
  const near = name.length > 1 ? suggestion(name, options, '--') : '';
  return WORDS.errors.unknownOption({ options: optionsOf(names), suggestion: near });
}

/** `; did you mean --format?`, if there is a similar one. */
function suggestion(written: string, known: readonly string[], prefix = ''): string {
  const given = written.toLowerCase();
  const found = known
    .map((one) => ({ one, distance: one.startsWith(given) ? 1 : distanceOf(one, given) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return found !== undefined && found.distance <= Math.max(1, given.length / 3)
    ? WORDS.errors.didYouMean({ names: `${prefix}${found.one}` })
    : '';
}

/** The value of `--memory`. Throws UsageError. */
export function mebibytesOf(value: string): number {
  const mebibytes = /^\d{1,6}$/.test(value) ? Number(value) : NaN;
  if (!(mebibytes >= LEAST_MEMORY)) {
    throw new UsageError(WORDS.errors.memory({ value, least: String(LEAST_MEMORY) }));
  }
  return mebibytes;
}
