import { bound, showUnprintable } from '../report/escape.js';
import { generator } from '../report/generator.js';
import type { ReportWriter } from '../report/index.js';

type Results = Parameters<ReportWriter['end']>[0];

const MOST_WARNINGS = 20;

/** The words of reports; their code is loaded only if something is said. */
export async function reportWords() {
  return (await import('../report/wording.js')).ENGLISH_WORDING;
}

/** Prints the warnings of the results, the first ones. */
export async function warn({ captures, keys }: Results): Promise<void> {
  if (keys === null && captures.every(({ warnings }) => warnings.length === 0)) return;
  const { warningOf } = await import('../report/words.js');
  const { written: say } = await reportWords();
  const warnings = captures.flatMap(({ path, warnings: own }) =>
    own.map((warning) =>
      say.warning({
        capture: path === '-' ? say.standardInput : path,
        warning: warningOf(warning, (value) => value),
      }),
    ),
  );
  if (keys !== null) {
    const [{ keyWarnings }, { plain }] = await Promise.all([
      import('../report/document/keys.js'),
      import('../report/document/text.js'),
    ]);
    warnings.push(...keyWarnings({ keys }).map(plain));
  }
  warnings.slice(0, MOST_WARNINGS).forEach(printNotice);
  if (warnings.length > MOST_WARNINGS) printNotice(say.moreWarnings({ count: warnings.length - MOST_WARNINGS }));
}

/** Prints a line to standard error, after the name of the program. */
export function printNotice(line: string): void {
  process.stderr.write(`${generator.name}: ${showUnprintable(bound(line, 1000))}\n`);
}
