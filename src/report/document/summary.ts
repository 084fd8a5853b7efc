/** The report in a few lines, to be pasted into a chat. */
import type { DiagnosisSection } from './diagnosis.js';
import { grouped, count } from '../phrases.js';
import type { Glance } from './overview.js';
import { draw, type Text } from './text.js';

/** Frames of a cause that are named. */
const MOST_FRAMES = 6;

/** Values as code, so that no chat takes a name from the wire for a mention, a link or markup. */
function forChat(text: Text): string {
  const quoted = (value: string): string => `\`${value.replaceAll('`', "'")}\``;
  return draw(text, (words) => words, { wire: quoted, prose: quoted, code: quoted, connection: (id) => id }).replaceAll(
    '\u00a0',
    ' ',
  );
}

/**
 * A line for the verdict, one for what was read, and for each cause what it is, where, since when, and what to do
 * first.
 */
export function summaryOf(
  verdict: string,
  captures: readonly Text[],
  overview: readonly Glance[],
  diagnoses: readonly DiagnosisSection[],
): string {
  const lines = overview.flatMap(({ number, title, handshakes, where, since, certainty, remedy }, index) => {
    const section = diagnoses.find((each) => each.number === number);
    const frames = [...new Set(section?.evidence.map(({ place }) => place))];
    const more = frames.length - MOST_FRAMES;
    const proof =
      frames.length === 0
        ? ''
        : `, see frame${frames.length === 1 ? '' : 's'} ${frames.slice(0, MOST_FRAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return [
      `${grouped(index + 1)}. ${title}: ${count(handshakes, 'handshake')}, ${forChat(where)}, ${since} (${certainty}${proof})`,
      ...(remedy === null ? [] : [`   ${remedy.actor}: ${forChat(remedy.text)}`]),
    ];
  });
  return [`TLS postmortem: ${verdict}`, ...captures.slice(0, 1).map(forChat), ...lines].join('\n');
}
