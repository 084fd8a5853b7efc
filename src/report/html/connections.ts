import type { ConnectionDetails, ConnectionList, ConnectionRow } from '../document/connections.js';
import type { ReportDocument } from '../document/document.js';
import type { Wording } from '../wording.js';
import { ladderFigure } from './ladder.js';
import { facts, html, say, scrolled, type Markup } from './markup.js';

/** The list of connections, with a filter; `drawn` are those whose handshake is on the page. */
export function connectionsMarkup(
  { rows, others }: ConnectionList,
  drawn: ReadonlySet<string>,
  { connections: words, page, outcomes }: Wording,
): Markup {
  if (rows.length === 0) return html``;
  const rules = new Map(rows.flatMap(({ rule, title }) => (rule === null ? [] : [[rule, title ?? rule] as const])));
  const heads = ['#', words.frame, words.time, words.client, words.server, words.serverName, 'TLS', words.result];
  return html`<section aria-labelledby="connections">
    <h2 id="connections">${words.heading}</h2>
    <p>${page.failedFirst} ${others.map((line) => html`${say(line)}. `)}</p>
    <form class="filter" role="search" aria-label="${page.filter}">
      <label
        >${page.filterByText} <input type="search" name="text" placeholder="${page.filterExample}" autocomplete="off"
      /></label>
      <label
        >${page.filterByResult}
        <select name="result">
          <option value="">${page.any}</option>
          ${(['failed', 'incomplete', 'established'] as const).map((outcome) => html`<option value="${outcome}">${outcomes[outcome]}</option>`)}
          ${Array.from(rules, ([rule, title]) => html`<option value="cause ${rule}">${title}</option>`)}
        </select>
      </label>
      <button type="reset">${page.clear}</button>
      <output aria-live="polite"></output>
    </form>
    ${scrolled(
      words.heading,
      heads,
      rows.map((row) => connectionRow(row, drawn)),
      { id: 'connections-table' },
    )}
  </section>`;
}

function connectionRow(row: ConnectionRow, drawn: ReadonlySet<string>): Markup {
  const { id, frame, time, client, server, serverName, version, outcome, rule, result } = row;
  return html`<tr id="connection-${id}" data-outcome="${outcome}" data-cause="${rule ?? ''}">
    <td>${drawn.has(id) ? html`<a href="#handshake-${id}">${id}</a>` : id}</td>
    <td>${frame}</td>
    <td>${time}</td>
    <td>${say(client)}</td>
    <td>${say(server)}</td>
    <td>${serverName === null ? '—' : say(serverName)}</td>
    <td>${version ?? '—'}</td>
    <td class="result ${outcome}">${result}</td>
  </tr>`;
}

/** Failed handshakes, each folded. */
export function detailsMarkup(
  details: readonly ConnectionDetails[],
  { otherDetails, words }: Pick<ReportDocument, 'otherDetails' | 'words'>,
): Markup {
  if (details.length === 0) return html``;
  const { page, labels } = words;
  return html`<section aria-labelledby="handshakes">
    <h2 id="handshakes">${page.failedOnes}</h2>
    ${otherDetails > 0 ? html`<p>${page.firstOnes({ some: details.length, all: details.length + otherDetails })}</p>` : null}
    ${details.map(
      ({ id, time, ends, result, notes, ladder, facts: offered }) =>
        html`<details class="connection" id="handshake-${id}">
          <summary>${say(page.connection({ id, time, ends, result }))}</summary>
          ${ladderFigure(ladder, words)} ${notes.map((note) => html`<p class="aside">${labels.note}: ${say(note)}</p>`)}
          <dl class="facts">${facts(offered, words)}</dl>
        </details>`,
    )}
  </section>`;
}
