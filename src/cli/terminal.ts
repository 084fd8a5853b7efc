/** What of a terminal matters for writing to it. */
interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether to use colours: by `--color` or `--no-color`; else FORCE_COLOR, then NO_COLOR (no-color.org); else on a
 * terminal that supports them.
 */
export function wantsColor(asked: boolean | undefined, environment: Environment, output: Output): boolean {
  if (asked !== undefined) return asked;
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return output.isTTY === true && environment['TERM'] !== 'dumb';
}

/**
 * Whether to use only ASCII: by `--ascii` or `--no-ascii`; else on a terminal whose locale (POSIX: LC_ALL before
 * LC_CTYPE before LANG) is not UTF-8, or which lacks the drawing characters. Files and pipes get UTF-8.
 */
export function wantsAscii(
  asked: boolean | undefined,
  environment: Environment,
  output: Output,
  platform: string = process.platform,
): boolean {
  if (asked !== undefined) return asked;
  if (output.isTTY !== true) return false;
  if (environment['TERM'] === 'linux' || environment['TERM'] === 'dumb') return true;
  // Windows has no locale variables; its terminals support Unicode.
  if (platform === 'win32') return false;
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return !/utf-?8/i.test(locale ?? '');
}

/** Columns to write: as requested, else the terminal's, else 80, which fits a mail or a ticket. */
export function widthOf(asked: number | undefined, output: Output): number {
  // A terminal that does not know its size reports 0.
  const own = output.isTTY === true ? output.columns : undefined;
  return asked ?? (own === undefined || own === 0 ? 80 : own);
}
