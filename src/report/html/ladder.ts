import type { Ladder, Rung } from '../document/ladder.js';
import { plain } from '../document/text.js';
import { shorten, wrapAtMost } from '../text/layout.js';
import { html, px, say, scrolled, type Content, type Markup } from './markup.js';

const WIDTH = 900;
const LEFT = 190;
const RIGHT = 870;
const MIDDLE = (LEFT + RIGHT) / 2;
/** Columns of text between the rails: of labels, and of the smaller details. */
const LABEL_COLUMNS = 78;
const DETAIL_COLUMNS = 88;
const MOST_DETAILS = 3;

/** The handshake as a drawing, and the same as a table for those who cannot see it or want to copy from it. */
export function ladderFigure(ladder: Ladder, id: string): Markup {
  let y = 58;
  const drawn = ladder.rungs.map((rung) => {
    const { piece, height } = rungGroup(rung, y);
    y += height;
    return piece;
  });
  if (ladder.silence !== null) {
    const { text, isDecisive } = ladder.silence;
    drawn.push(
      html`<text class="silence${isDecisive ? ' failing' : ''}" x="${px(MIDDLE)}" y="${px(y + 12)}" text-anchor="middle"
        >${isDecisive ? '✗ ' : ''}${text}</text
      >`,
    );
    y += 24;
  }
  if (ladder.resent !== null) {
    drawn.push(
      html`<text class="aside" x="${px(MIDDLE)}" y="${px(y + 12)}" text-anchor="middle">${ladder.resent}</text>`,
    );
    y += 24;
  }
  const height = y + 14;
  const end = (x: number, name: string, address: string, anchor: string): Markup =>
    html`<text class="end ${name}" x="${px(x)}" y="18" text-anchor="${anchor}">${name}</text>
      <text class="address" x="${px(x)}" y="36" text-anchor="${anchor}">${plain(address)}</text>`;
  return html`<figure>
    <div class="scroll" tabindex="0" role="region" aria-label="Handshake of connection ${ladder.connection}">
      <svg class="ladder" viewBox="0 0 ${px(WIDTH)} ${px(height)}" role="img" aria-labelledby="${id}-title">
        <title id="${id}-title">
          Handshake of connection ${ladder.connection}: who sent what when; a table below says the same
        </title>
        <text class="column" x="${px(LEFT - 82)}" y="36" text-anchor="end">frame</text>
        <text class="column" x="${px(LEFT - 14)}" y="36" text-anchor="end">since</text>
        ${end(LEFT, 'client', ladder.client, 'start')} ${end(RIGHT, 'server', ladder.server, 'end')}
        <line class="rail" x1="${px(LEFT)}" x2="${px(LEFT)}" y1="44" y2="${px(height - 6)}" />
        <line class="rail" x1="${px(RIGHT)}" x2="${px(RIGHT)}" y1="44" y2="${px(height - 6)}" />
        ${drawn}
      </svg>
    </div>
    <details>
      <summary>The same as a table</summary>
      ${scrolled('Handshake as a table', ['Frame', 'Time', 'Since', 'From', 'What'], ladderRows(ladder))}
    </details>
  </figure>`;
}

function rungGroup(rung: Rung, top: number): { piece: Content; height: number } {
  const { from, place, since, before, isDecisive, isEvidence, isElsewhere } = rung;
  const pieces: Content[] = [];
  let y = top;
  if (before !== null) {
    pieces.push(html`<text class="aside" x="${px(MIDDLE)}" y="${px(y + 12)}" text-anchor="middle">${before}</text>`);
    y += 24;
  }

  if (isElsewhere) {
    const lines = wrapAtMost(plain(rung.label), LABEL_COLUMNS, MOST_DETAILS);
    pieces.push(
      html`<text class="frame" x="${px(LEFT - 82)}" y="${px(y + 14)}" text-anchor="end">${place}</text>`,
      ...lines.map(
        (text, row) =>
          html`<text class="aside" x="${px(MIDDLE)}" y="${px(y + 14 + row * 14)}" text-anchor="middle">${text}</text>`,
      ),
    );
    const style = `rung elsewhere${isEvidence ? ' evidence' : ''}`;
    return { piece: html`<g class="${style}">${pieces}</g>`, height: y + 10 + lines.length * 14 - top };
  }

  const isClient = from === 'client';
  const [tail, head] = isClient ? [LEFT, RIGHT] : [RIGHT, LEFT];
  const direction = isClient ? 1 : -1;
  const line = y + 20;
  const label = shorten(plain(rung.label), LABEL_COLUMNS);
  const textX = tail + direction * 12;
  const anchor = isClient ? 'start' : 'end';
  const details = rung.details
    .flatMap((detail) => wrapAtMost(plain(detail), DETAIL_COLUMNS, MOST_DETAILS))
    .slice(0, MOST_DETAILS + 1);
  pieces.push(
    html`<text class="frame" x="${px(LEFT - 82)}" y="${px(line + 4)}" text-anchor="end">${place}</text>
      <text class="gap" x="${px(LEFT - 14)}" y="${px(line + 4)}" text-anchor="end">${since}</text>
      <text class="label" x="${px(textX)}" y="${px(line - 6)}" text-anchor="${anchor}">${label}</text>
      <line class="arrow" x1="${px(tail)}" x2="${px(head - direction * 8)}" y1="${px(line)}" y2="${px(line)}" />
      <polygon
        class="head"
        points="${`${px(head - 1)},${px(line)} ${px(head - direction * 11)},${px(line - 5)} ${px(head - direction * 11)},${px(line + 5)}`}"
      />`,
  );
  for (const [row, detail] of details.entries()) {
    pieces.push(
      html`<text class="detail" x="${px(textX)}" y="${px(line + 15 + row * 14)}" text-anchor="${anchor}"
        >${detail}</text
      >`,
    );
  }
  const height = line + 12 + details.length * 14 - top;
  if (isDecisive) {
    const boxTop = line - 22;
    const boxHeight = 30 + details.length * 14;
    pieces.unshift(
      html`<rect class="failure" x="8" y="${px(boxTop)}" width="${px(WIDTH - 14)}" height="${px(boxHeight)}" rx="5" />
        <text class="cross" x="26" y="${px(line + 4)}" text-anchor="middle">✗</text>`,
    );
  }
  const style = `rung ${from}${isDecisive ? ' failing' : ''}${isEvidence ? ' evidence' : ''}`;
  return { piece: html`<g class="${style}">${pieces}</g>`, height };
}

function ladderRows({ rungs, silence }: Ladder): Content {
  const rows = rungs.map(
    ({ place, time, since, from, label, details, isDecisive, isElsewhere }) =>
      html`<tr class="${isDecisive ? 'failing' : ''}">
        <td class="number">${place}</td>
        <td class="nowrap">${time}</td>
        <td class="number nowrap">${since}</td>
        <td class="nowrap">${isElsewhere ? '—' : from}</td>
        <td>
          ${isDecisive ? html`<strong>Failed here:</strong> ` : null}${say(label)}
          ${details.map((detail) => html`<code>${plain(detail)}</code> `)}
        </td>
      </tr>`,
  );
  return silence === null
    ? rows
    : [
        ...rows,
        html`<tr>
          <td colspan="4"></td>
          <td>${silence.isDecisive ? html`<strong>Failed here:</strong> ` : null}${silence.text}</td>
        </tr>`,
      ];
}
