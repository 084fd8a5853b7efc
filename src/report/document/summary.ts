/** The report in a few lines, to be pasted into a chat. */
import type { DiagnosisSection } from './diagnosis.js';
import type { CauseSummary } from './overview.js';
import type { Wording } from '../wording.js';
import { draw, type Text } from './text.js';

/** Frames of a cause that are named. */
const MOST_FRAMES = 6;

/** Values as code, so that no chat takes a name from the wire for a mention, a link or markup. */
function forChat(text: Text): string {
  const quoted = (value: string): string => `\`${value.replaceAll('`', "'")}\``;
  return draw(text, (words) => words, {
    strong: (words) => words,
    wire: quoted,
    prose: quoted,
    code: quoted,
    connection: (id) => id,
  }).replaceAll('\u00a0', ' ');
}

/**
 * A line for the verdict, one for what was read, and for each cause what it is, where, since when, and what to do
 * first.
 */
export function summaryOf(
  verdict: string,
  captures: readonly Text[],
  overview: readonly CauseSummary[],
  diagnoses: readonly DiagnosisSection[],
  words: Wording,
): string {
  const say = words.summary;
  const lines = overview.flatMap(({ number, title, handshakes, where, since, certainty, remedy }, index) => {
    const section = diagnoses.find((each) => each.number === number);
    const frames = [...new Set(section?.evidence.map(({ place }) => place))];
    const more = frames.length - MOST_FRAMES;
    const shown = frames.slice(0, MOST_FRAMES).join(words.joins.items);
    const values = {
      number: index + 1,
      title,
      handshakes: words.counts.handshakes({ count: handshakes }),
      where: forChat(where),
      since,
      certainty,
    };
    return [
      frames.length === 0
        ? say.cause(values)
        : say.causeWithFrames({
            ...values,
            count: frames.length,
            frames: more > 0 ? say.framesAndMore({ frames: shown, more }) : shown,
          }),
      ...(remedy === null ? [] : [`   ${remedy.actor}: ${forChat(remedy.text)}`]),
    ];
  });
  return [say.title({ verdict }), ...captures.slice(0, 1).map(forChat), ...lines].join('\n');
}
