import type { DiagnosedConnection } from '../../diagnose/rule.js';
import { bound, showUnprintable } from '../escape.js';
import { labelOf, ladderOf, LONG_GAP, type Rung } from '../ladder.js';
import { shorten, wrapAtMost } from '../layout.js';
import type { CaptureSummary } from '../../capture/open.js';
import { clockOf, count, endpointText, frameText, gapText } from '../phrases.js';
import { code, html, px, wire, type Content, type Markup } from './markup.js';

const WIDTH = 900;
const LEFT = 190;
const RIGHT = 870;
const MIDDLE = (LEFT + RIGHT) / 2;
const MOST_RUNGS = 24;
/** Columns of text between the rails: of labels, and of the smaller details. */
const LABEL_COLUMNS = 78;
const DETAIL_COLUMNS = 88;
const MOST_DETAILS = 3;

/** The handshake as a drawing, and the same as a table for those who cannot see it or want to copy from it. */
export function ladderFigure(diagnosed: DiagnosedConnection, id: string, captures: readonly CaptureSummary[]): Markup {
  const { connection } = diagnosed;
  const placeOf = ({ frame, capture }: Rung): string => frameText(frame, capture ?? connection.capture, captures);
  const ladder = ladderOf(diagnosed, MOST_RUNGS);
  let y = 58;
  const drawn = ladder.rungs.map((rung, index) => {
    const { piece, height } = rungGroup(rung, placeOf(rung), index, y);
    y += height;
    return piece;
  });
  if (ladder.silence !== null) {
    drawn.push(
      html`<text class="silence" x="${px(MIDDLE)}" y="${px(y + 12)}" text-anchor="middle">${ladder.silence}</text>`,
    );
    y += 24;
  }
  const height = y + 14;
  const end = (x: number, name: string, address: string, anchor: string): Markup =>
    html`<text class="end ${name}" x="${px(x)}" y="18" text-anchor="${anchor}">${name}</text>
      <text class="address" x="${px(x)}" y="36" text-anchor="${anchor}">${address}</text>`;
  return html`<figure>
    <div class="scroll" tabindex="0" role="region" aria-label="Handshake of connection ${connection.id}">
      <svg class="ladder" viewBox="0 0 ${px(WIDTH)} ${px(height)}" role="img" aria-labelledby="${id}-title">
        <title id="${id}-title">
          Handshake of connection ${connection.id}: who sent what when; a table below says the same
        </title>
        <text class="column" x="${px(LEFT - 82)}" y="36" text-anchor="end">frame</text>
        <text class="column" x="${px(LEFT - 14)}" y="36" text-anchor="end">since</text>
        ${end(LEFT, 'client', endpointText(connection.client), 'start')}
        ${end(RIGHT, 'server', endpointText(connection.server), 'end')}
        <line class="rail" x1="${px(LEFT)}" x2="${px(LEFT)}" y1="44" y2="${px(height - 6)}" />
        <line class="rail" x1="${px(RIGHT)}" x2="${px(RIGHT)}" y1="44" y2="${px(height - 6)}" />
        ${drawn}
      </svg>
    </div>
    <details>
      <summary>The same as a table</summary>
      ${ladderTable(ladder.rungs, ladder.silence, placeOf, captures)}
    </details>
  </figure>`;
}

function rungGroup(rung: Rung, place: string, index: number, top: number): { piece: Content; height: number } {
  const { from, gap, skipped, isFailure, isEvidence, runs } = rung;
  const pieces: Content[] = [];
  let y = top;
  const aside = (text: string): void => {
    pieces.push(html`<text class="aside" x="${px(MIDDLE)}" y="${px(y + 12)}" text-anchor="middle">${text}</text>`);
    y += 24;
  };
  if (skipped > 0) aside(`… ${count(skipped, 'more frame')} …`);
  else if (index > 0 && gap >= LONG_GAP) aside(`nothing for ${gapText(gap).slice(1)}`);

  const isClient = from === 'client';
  const [tail, head] = isClient ? [LEFT, RIGHT] : [RIGHT, LEFT];
  const direction = isClient ? 1 : -1;
  const line = y + 20;
  const label = shorten(labelOf(rung, shown), LABEL_COLUMNS);
  const textX = tail + direction * 12;
  const anchor = isClient ? 'start' : 'end';
  const details = runs
    .flatMap(({ details: own }) => (own === '' ? [] : wrapAtMost(shown(own), DETAIL_COLUMNS, MOST_DETAILS)))
    .slice(0, MOST_DETAILS + 1);
  pieces.push(
    html`<text class="frame" x="${px(LEFT - 82)}" y="${px(line + 4)}" text-anchor="end">${place}</text>
      <text class="gap" x="${px(LEFT - 14)}" y="${px(line + 4)}" text-anchor="end"
        >${index === 0 ? '' : gapText(gap)}</text
      >
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
  if (isFailure) {
    const boxTop = line - 22;
    const boxHeight = 30 + details.length * 14;
    pieces.unshift(
      html`<rect class="failure" x="8" y="${px(boxTop)}" width="${px(WIDTH - 14)}" height="${px(boxHeight)}" rx="5" />
        <text class="cross" x="26" y="${px(line + 4)}" text-anchor="middle">✗</text>`,
    );
  }
  const style = `rung ${from}${isFailure ? ' failing' : ''}${isEvidence ? ' evidence' : ''}`;
  return { piece: html`<g class="${style}">${pieces}</g>`, height };
}

function shown(text: string): string {
  return showUnprintable(bound(text));
}

function ladderTable(
  rungs: readonly Rung[],
  silence: string | null,
  placeOf: (rung: Rung) => string,
  captures: readonly CaptureSummary[],
): Markup {
  const clock = clockOf(captures);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Handshake as a table">
    <table>
      <thead>
        <tr>
          <th scope="col">Frame</th>
          <th scope="col">Time</th>
          <th scope="col">Since</th>
          <th scope="col">From</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        ${rungs.map(
          (rung, index) =>
            html`<tr class="${rung.isFailure ? 'failing' : ''}">
              <td class="number">${placeOf(rung)}</td>
              <td class="nowrap">${clock.time(rung.at)}</td>
              <td class="number nowrap">${index === 0 ? '' : gapText(rung.gap)}</td>
              <td class="nowrap">${rung.from}</td>
              <td>
                ${rung.isFailure ? html`<strong>Failed here:</strong> ` : null}${rung.runs.map(
                  ({ label, times, details }, position) => [
                    position > 0 ? '; ' : '',
                    times > 1 ? `${times} × ` : '',
                    wire(label),
                    details === '' ? null : [' ', code(details)],
                  ],
                )}
              </td>
            </tr>`,
        )}
        ${
          silence === null
            ? null
            : html`<tr>
                <td></td>
                <td></td>
                <td></td>
                <td></td>
                <td>${silence}</td>
              </tr>`
        }
      </tbody>
    </table>
  </div>`;
}
