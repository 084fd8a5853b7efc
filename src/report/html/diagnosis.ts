import { RULES } from '../../diagnose/rules/index.js';
import type { DiagnosisSection, RemedyText } from '../document/diagnosis.js';
import type { TextTable } from '../document/ends.js';
import { plain, strong } from '../document/text.js';
import type { Differential } from '../document/differential.js';
import { generator } from '../generator.js';
import type { Wording } from '../wording.js';
import { explainRule } from '../rule-explanation.js';
import { chainFigure } from './chain.js';
import { ladderFigure } from './ladder.js';
import { command as commandMarkup, copied, facts, html, say, scrolled, type Content, type Markup } from './markup.js';
import { offersFigure } from './offers.js';
import { styleOf } from './timeline.js';

/** One diagnosis; `linked` are the connections with a row on the page. */
export function diagnosisMarkup(section: DiagnosisSection, linked: ReadonlySet<string>, words: Wording): Markup {
  const { page, labels, diagnosis: heads } = words;
  const { number, title, handshakes, observed, explanation, certainty, settledBy, differential } = section;
  const { source, evidence, notes, remedies, ladder, chains, offers } = section;
  const id = `cause-${String(number)}`;
  const rows = evidence.map(
    ({ place, time, side, text }) =>
      html`<tr>
        <td class="number">${place}</td>
        <td class="nowrap">${time}</td>
        <td class="nowrap">${side}</td>
        <td>${say(text)}</td>
      </tr>`,
  );
  return html`<section class="cause" id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><span class="badge ${styleOf(number)}">${number}</span>${title}</h2>
    <p class="links">
      <a id="${section.id}" href="#${section.id}">${page.linkToCause}</a>
      <a href="#connections?result=cause+${section.rule}">${page.itsConnections}</a>
    </p>
    ${observed === null ? null : html`<p><strong>${labels.observed}:</strong> ${say(observed)}</p>`}
    <p class="lead"><strong>${labels.explanation}:</strong> ${say(explanation)}</p>
    <p>
      <strong>${labels.certainty}:</strong> ${page.grounds({ grounds: certainty })}
      ${settledBy === null ? null : html`<strong>${labels.settledBy}:</strong> ${say(settledBy)}`}
    </p>
    ${rivalsMarkup(differential, words)} ${excludedMarkup(differential, words)}
    <dl class="facts">
      <dt>${words.places.failed}</dt>
      <dd>${handshakes}</dd>
      ${facts(section.facts, words, linked)}
    </dl>
    ${placesMarkup(section, words)}
    ${
      remedies.length === 0
        ? null
        : html`<h3>${labels.remedies}</h3>
            <ul class="todo">
              ${remedies.map((remedy) => remedyItem(remedy, words))}
            </ul>`
    }
    <h3>${labels.evidence}</h3>
    <p class="aside">${say(page.source({ source }), linked)}</p>
    ${scrolled(labels.evidence, [heads.frame, heads.time, heads.from, heads.shows], rows, { style: 'proof' })}
    ${notes.map((note) => html`<p class="aside">${labels.note}: ${say(note)}</p>`)} ${endsMarkup(section, words)}
    <h3>${page.handshake}</h3>
    ${ladderFigure(ladder, words)} ${chains.map((chain) => chainFigure(chain, words))}
    ${
      offers === null
        ? null
        : html`<h3>${page.offers}</h3>
            ${offersFigure(offers, words)}`
    }
    ${aboutMarkup(section.rule, page.aboutDiagnosis, words)}
  </section>`;
}

/** What docs/diagnoses/ says about the rule: a reader of the page does not have those files. */
export function aboutMarkup(id: string, title: string, words: Wording): Content {
  const { page, language } = words;
  const rule = RULES.find((one) => one.id === id);
  if (rule === undefined) return null;
  const { summary, sections } = explainRule(rule, language);
  return html`<details>
    <summary>${title}</summary>
    <p>${summary}</p>
    ${sections.map(
      ({ heading, lines, isCommand }) =>
        html`<h4>${heading}</h4>
          ${
            isCommand
              ? copied(page.copyCommands, commandMarkup(lines.join('\n')), words)
              : html`<ul>
                  ${lines.map((line) => html`<li>${say(line)}</li>`)}
                </ul>`
          }`,
    )}
    <p>${page.inTerminal}</p>
    ${copied(page.copyCommand, `${generator.name} explain ${id}`, words)}
  </details>`;
}

function placesMarkup({ places }: DiagnosisSection, { page, places: heads }: Wording): Content {
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
  return html`<h3>${page.places}</h3>
    ${scrolled(page.places, [heads.failed, heads.worked, heads.first, heads.last, heads.where], rows, { style: 'places' })}
    ${places.others > 0 ? html`<p class="aside">${page.morePlaces({ count: places.others })}</p>` : null}`;
}

/** The faults that may be the cause too, each with what settles it. */
function rivalsMarkup({ rivals }: Differential, { labels, diagnosis: words }: Wording): Content {
  if (rivals.length === 0) return null;
  return html`<p>${labels.rivals}:</p>
    <ul>
      ${rivals.map(
        ({ title, explanation, settledBy }) =>
          html`<li>
            <strong>${words.sentence({ text: title })}</strong> ${say(explanation)}
            ${settledBy === null ? null : html`<em>${words.toSettle}</em> ${say(settledBy)}`}
          </li>`,
      )}
    </ul>`;
}

function excludedMarkup({ excluded }: Differential, { labels, page, diagnosis: words }: Wording): Content {
  if (excluded.length === 0) return null;
  return html`<details>
    <summary>${page.excluded({ label: labels.excluded, count: excluded.length })}</summary>
    <ul>
      ${excluded.map(({ title, because }) => html`<li><strong>${words.sentence({ text: title })}</strong> ${say(because)}</li>`)}
    </ul>
  </details>`;
}

/** What the files of the ends say. */
function endsMarkup({ ends }: DiagnosisSection, { labels, ends: words }: Wording): Content {
  if (ends === null) return null;
  return html`<h3>${labels.ends}</h3>
    <ul>
      ${ends.facts.map((fact) => html`<li>${say(words.fact(fact))}</li>`)}
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

function remedyItem({ actor, text, command }: RemedyText, words: Wording): Markup {
  const { page } = words;
  return html`<li>
    ${say(page.remedy({ actor: strong(`${actor}:`), text }))}
    ${
      command === null
        ? null
        : html`<p class="aside">${command.label}</p>
            ${copied(page.copyCommand, commandMarkup(command.text), words)}`
    }
  </li>`;
}
