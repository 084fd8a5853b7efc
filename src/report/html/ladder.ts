import type { Ladder, Rung } from '../document/ladder.js';
import type { Wording } from '../wording.js';
import { html, say, type Content, type Markup } from './markup.js';

/**
 * The handshake as a table that is drawn as a ladder, so that it can be read aloud, copied, and broken on a narrow
 * screen.
 */
export function ladderFigure(
  { connection, client, server, points, rungs, silence, resent }: Ladder,
  { ladder: words }: Wording,
): Markup {
  const head = (point: number): string => (points === 1 ? words.frame : words.point({ point: point + 1 }));
  return html`<table class="ladder">
    <caption>
      ${words.caption({ id: connection })}
    </caption>
    <thead>
      <tr>
        <th scope="col"><span class="aloud">${words.failedHere}</span></th>
        ${Array.from({ length: points }, (_, point) => html`<th scope="col">${head(point)}</th>`)}
        <th scope="col" class="clock">${words.time}</th>
        <th scope="col">${words.since}</th>
        <th scope="col" class="ends">
          <span class="client">${say(words.end.client({ address: client }))}</span>
          <span class="server">${say(words.end.server({ address: server }))}</span>
        </th>
      </tr>
    </thead>
    <tbody>
      ${rungs.map((rung) => rungRows(rung, points, words))}
      ${silence === null ? null : between(silence.text, silence.isDecisive ? 'silence failing' : 'silence', points)}
      ${resent === null ? null : between(resent, '', points)}
    </tbody>
  </table>`;
}

function rungRows(rung: Rung, points: number, words: Wording['ladder']): Content {
  const { from, places, time, since, label, details, before, isDecisive, isEvidence, isElsewhere } = rung;
  const style = [
    isElsewhere ? 'elsewhere' : from,
    ...(isDecisive ? ['failing'] : []),
    ...(isEvidence ? ['evidence'] : []),
  ].join(' ');
  return [
    before === null ? null : between(before, 'pause', points),
    html`<tr class="${style}">
      <td class="mark">${isDecisive ? '✗' : null}</td>
      ${places.map((place) => html`<td class="number frame">${place}</td>`)}
      <td class="clock">${time}</td>
      <td class="number since">${since}</td>
      <td class="lane">
        ${isElsewhere ? null : html`<span class="aloud">${words.sends[from]} </span>`}<span class="label"
          >${say(label)}</span
        >
        ${isElsewhere ? null : html`<span class="shaft"></span>`}
        ${details.map((detail) => html`<span class="detail">${say(detail)}</span>`)}
      </td>
    </tr>`,
  ];
}

/** A line between two rungs. */
function between(text: string, style: string, points: number): Markup {
  return html`<tr class="${style}">
    <td class="mark">${style.endsWith('failing') ? '✗' : null}</td>
    ${Array.from({ length: points }, () => html`<td></td>`)}
    <td class="clock"></td>
    <td></td>
    <td class="lane">${text}</td>
  </tr>`;
}
