import { explain } from '../../explain/explain.js';
import type { DiagnosisSection, RemedyText } from '../document/diagnosis.js';
import type { TextTable } from '../document/ends.js';
import { plain } from '../document/text.js';
import type { Differential } from '../document/differential.js';
import { LABELS, PLACE_HEADS } from '../document/labels.js';
import { generator } from '../generator.js';
import { count } from '../phrases.js';
import { chainFigure } from './chain.js';
import { ladderFigure } from './ladder.js';
import { command as commandMarkup, copied, facts, html, say, scrolled, type Content, type Markup } from './markup.js';
import { offersFigure } from './offers.js';
import { styleOf } from './timeline.js';

/** One diagnosis; `linked` are the connections with a row on the page. */
export function diagnosisMarkup(section: DiagnosisSection, linked: ReadonlySet<string>): Markup {
  const { number, title, handshakes, observed, explanation, certainty, settledBy, differential } = section;
  const { source, evidence, notes, remedies, ladder, chains, offers } = section;
  const id = `cause-${String(number)}`;
  const rows = evidence.map(
    ({ place, time, from, text }) =>
      html`<tr>
        <td class="number">${place}</td>
        <td class="nowrap">${time}</td>
        <td class="nowrap">${from}</td>
        <td>${say(text)}</td>
      </tr>`,
  );
  return html`<section class="cause" id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><span class="badge ${styleOf(number)}">${number}</span>${title}</h2>
    <p class="links">
      <a id="${section.id}" href="#${section.id}">Link to this cause</a>
      <a href="#connections?result=cause+${section.rule}">Its connections</a>
    </p>
    ${observed === null ? null : html`<p><strong>${LABELS.observed}:</strong> ${say(observed)}</p>`}
    <p class="lead"><strong>${LABELS.explanation}:</strong> ${say(explanation)}</p>
    <p>
      <strong>${LABELS.certainty}:</strong> ${certainty}.
      ${settledBy === null ? null : html`<strong>${LABELS.settledBy}:</strong> ${say(settledBy)}`}
    </p>
    ${rivalsMarkup(differential)} ${excludedMarkup(differential)}
    <dl class="facts">
      <dt>Failed</dt>
      <dd>${handshakes}</dd>
      ${facts(section.facts, linked)}
    </dl>
    ${placesMarkup(section)}
    ${
      remedies.length === 0
        ? null
        : html`<h3>${LABELS.remedies}</h3>
            <ul class="todo">
              ${remedies.map(remedyItem)}
            </ul>`
    }
    <h3>${LABELS.evidence}</h3>
    <p class="aside">From ${say(source, linked)}</p>
    ${scrolled(LABELS.evidence, ['Frame', 'Time', 'From', 'What it shows'], rows, { style: 'proof' })}
    ${notes.map((note) => html`<p class="aside">${LABELS.note}: ${say(note)}</p>`)} ${endsMarkup(section)}
    <h3>The handshake</h3>
    ${ladderFigure(ladder)} ${chains.map(chainFigure)}
    ${
      offers === null
        ? null
        : html`<h3>Offered and accepted</h3>
            ${offersFigure(offers)}`
    }
    ${aboutMarkup(section.rule, 'About this diagnosis')}
  </section>`;
}

/** What docs/diagnoses/ says about the rule: a reader of the page does not have those files. */
export function aboutMarkup(rule: string, title: string): Content {
  const explanation = explain(rule);
  if (explanation === null) return null;
  const { summary, sections } = explanation;
  return html`<details>
    <summary>${title}</summary>
    <p>${summary}</p>
    ${sections.map(
      ({ heading, lines, isCommand }) =>
        html`<h4>${heading}</h4>
          ${
            isCommand
              ? copied('Copy the commands', commandMarkup(lines.join('\n')))
              : html`<ul>
                  ${lines.map((line) => html`<li>${say(line)}</li>`)}
                </ul>`
          }`,
    )}
    <p>In a terminal:</p>
    ${copied('Copy the command', `${generator.name} explain ${rule}`)}
  </details>`;
}

function placesMarkup({ places }: DiagnosisSection): Content {
  if (places === null) return null;
  const rows = places.rows.map(
    ({ failed, worked, first, last, where }) =>
      html`<tr>
        <td class="number">${failed}</td>
        <td class="number">${worked}</td>
        <td class="nowrap">${first}</td>
        <td class="nowrap">${last}</td>
        <td>${say(where)}</td>
      </tr>`,
  );
  return html`<h3>Where it failed</h3>
    ${scrolled('Where it failed', PLACE_HEADS, rows, { style: 'places' })}
    ${places.others > 0 ? html`<p class="aside">${count(places.others, 'more place')}, all in the JSON report.</p>` : null}`;
}

/** The faults that may be the cause too, each with what settles it. */
function rivalsMarkup({ rivals }: Differential): Content {
  if (rivals.length === 0) return null;
  return html`<p>${LABELS.rivals}:</p>
    <ul>
      ${rivals.map(
        ({ title, explanation, settledBy }) =>
          html`<li>
            <strong>${title}.</strong> ${say(explanation)}
            ${settledBy === null ? null : html`<em>To settle it:</em> ${say(settledBy)}`}
          </li>`,
      )}
    </ul>`;
}

function excludedMarkup({ excluded }: Differential): Content {
  if (excluded.length === 0) return null;
  return html`<details>
    <summary>${LABELS.excluded}: ${count(excluded.length, 'fault')}, and why</summary>
    <ul>
      ${excluded.map(({ title, because }) => html`<li><strong>${title}.</strong> ${say(because)}</li>`)}
    </ul>
  </details>`;
}

/** What the files of the ends say. */
function endsMarkup({ ends }: DiagnosisSection): Content {
  if (ends === null) return null;
  return html`<h3>${LABELS.ends}</h3>
    <ul>
      ${ends.facts.map(({ text, source }) => html`<li>${say(text)} (${say(source)})</li>`)}
    </ul>
    ${ends.tables.map(tableMarkup)}`;
}

/** A table with its title above it. */
export function tableMarkup({ title, head, rows }: TextTable): Markup {
  const lines = rows.map(
    (row) =>
      html`<tr>
        ${row.map((cell) => html`<td>${say(cell)}</td>`)}
      </tr>`,
  );
  return html`<p>${say(title)}</p>
    ${scrolled(plain(title), head, lines)}`;
}

function remedyItem({ actor, text, command }: RemedyText): Markup {
  return html`<li>
    <strong>${actor}:</strong> ${say(text)}
    ${
      command === null
        ? null
        : html`<p class="aside">${command.label}</p>
            ${copied('Copy the command', commandMarkup(command.text))}`
    }
  </li>`;
}
