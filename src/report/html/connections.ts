import type { ConnectionDetails, ConnectionList, ConnectionRow } from '../document/connections.js';
import type { ReportDocument } from '../document/document.js';
import { LABELS } from '../document/labels.js';
import { outcomePhrases } from '../phrases.js';
import { ladderFigure } from './ladder.js';
import { facts, html, say, scrolled, type Markup } from './markup.js';

/** The list of connections, with a filter; `drawn` are those whose handshake is on the page. */
export function connectionsMarkup({ rows, others }: ConnectionList, drawn: ReadonlySet<string>): Markup {
  if (rows.length === 0) return html``;
  const rules = new Map(rows.flatMap(({ rule, title }) => (rule === null ? [] : [[rule, title ?? rule] as const])));
  const heads = ['#', 'Frame', 'Time', 'Client', 'Server', 'Server name', 'TLS', 'Result'];
  return html`<section aria-labelledby="connections">
    <h2 id="connections">Connections</h2>
    <p>Those that failed first. ${others.map((line) => html`${say(line)}. `)}</p>
    <form class="filter" role="search" aria-label="Filter connections">
      <label
        >Filter by any text
        <input type="search" name="text" placeholder="address, name, frame, cause" autocomplete="off"
      /></label>
      <label
        >Result
        <select name="result">
          <option value="">any</option>
          ${(['failed', 'incomplete', 'established'] as const).map((outcome) => html`<option value="${outcome}">${outcomePhrases[outcome]}</option>`)}
          ${Array.from(rules, ([rule, title]) => html`<option value="cause ${rule}">${title}</option>`)}
        </select>
      </label>
      <button type="reset">Clear</button>
      <output aria-live="polite"></output>
    </form>
    ${scrolled(
      'Connections',
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
export function detailsMarkup(details: readonly ConnectionDetails[], { otherDetails }: ReportDocument): Markup {
  if (details.length === 0) return html``;
  return html`<section aria-labelledby="handshakes">
    <h2 id="handshakes">Failed handshakes, one by one</h2>
    ${otherDetails > 0 ? html`<p>The first ${details.length} of ${details.length + otherDetails}.</p>` : null}
    ${details.map(
      ({ id, time, ends, result, notes, ladder, facts: offered }) =>
        html`<details class="connection" id="handshake-${id}">
          <summary>Connection ${id}, ${time}: ${say(ends)}, ${result}</summary>
          ${ladderFigure(ladder)} ${notes.map((note) => html`<p class="aside">${LABELS.note}: ${say(note)}</p>`)}
          <dl class="facts">${facts(offered)}</dl>
        </details>`,
    )}
  </section>`;
}
