import type { CauseSummary } from '../document/overview.js';
import type { ReportDocument } from '../document/document.js';
import { strong } from '../document/text.js';
import type { Wording } from '../wording.js';
import { copied, escapeLines, html, say, type Content, type Markup } from './markup.js';
import { styleOf } from './timeline.js';

/** More files are in a fold. */
const FEW_FILES = 3;

/** What the page says before its sections: verdict, captures, sums, and the list of causes. */
export function headerMarkup(document: ReportDocument): Markup {
  const { words, verdict, captures, files, selection, tallies, overview, otherKinds, unexplained, warnings } = document;
  const { page: heads } = words;
  return html`<header>
    <a class="skip" href="#main">${heads.skip}</a>
    <p class="kicker">${heads.kicker}</p>
    <h1>${verdict}</h1>
    <ul class="files">
      ${[...captures, ...(files.length > FEW_FILES ? [] : files)].map((line) => html`<li>${say(line)}</li>`)}
    </ul>
    ${
      files.length > FEW_FILES
        ? html`<details>
            <summary>${heads.filesByNumber}</summary>
            <ul class="files">
              ${files.map((line) => html`<li>${say(line)}</li>`)}
            </ul>
          </details>`
        : null
    }
    ${selection === null ? null : html`<p class="notice">${say(selection)}</p>`}
    <dl class="stats">
      ${tallies.map(
        ({ label, number, style }) =>
          html`<div class="${style}">
            <dt>${label}</dt>
            <dd>${number}</dd>
          </div>`,
      )}
    </dl>
    ${
      overview.length === 0 && unexplained === null
        ? null
        : html`<nav aria-label="${heads.causes}">
            <ol class="causes">
              ${overview.map((glance) => glanceItem(glance, document))}
              ${otherKinds > 0 ? html`<li>${words.counts.moreKinds({ count: otherKinds })}</li>` : null}
              ${unexplained === null ? null : causeItem({ badge: '?', style: '', link: '#unexplained', title: words.unexplained.heading, brief: null, handshakes: unexplained.handshakes })}
            </ol>
          </nav>`
    }
    ${
      overview.length === 0
        ? null
        : html`<details class="summary">
            <summary>${heads.toPaste}</summary>
            ${copied(heads.copySummary, escapeLines(document.summary), words)}
          </details>`
    }
    ${legend(words)}
    ${
      warnings.length === 0
        ? null
        : html`<div class="notice" role="note">
            <strong>${words.captures.warnings}</strong>
            <ul>
              ${warnings.map((warning) => html`<li>${say(warning)}</li>`)}
            </ul>
          </div>`
    }
  </header>`;
}

/** What marks and colours mean; each of them is also said in words. */
function legend({ legend: words }: Wording): Markup {
  const entries = [
    [words.certainty, words.certaintyText],
    [words.timeline, words.timelineText],
    [words.handshake, words.handshakeText],
    [words.certificates, words.certificatesText],
    [words.links, words.linksText],
  ] as const;
  return html`<details class="legend">
    <summary>${words.heading}</summary>
    <dl class="facts">
      ${entries.map(
        ([name, text]) =>
          html`<dt>${name}</dt>
            <dd>${say(text.replace(/\*([^*]+)\*/g, (_, word: string) => strong(word)))}</dd>`,
      )}
    </dl>
  </details>`;
}

function glanceItem(
  { number, title, handshakes, where, since, certainty, remedy }: CauseSummary,
  { timeZone: zone, words: { page: words, counts } }: ReportDocument,
): Markup {
  const when = /\d/.test(since) ? words.since({ since, zone }) : since;
  const brief = html`<p>${say(words.glance({ where, since: when, certainty }))}</p>
    ${remedy === null ? null : html`<p>${say(words.remedy({ actor: strong(`${remedy.actor}:`), text: remedy.text }))}</p>`}`;
  return causeItem({
    badge: number,
    style: styleOf(number),
    link: `#cause-${number}`,
    title,
    brief,
    handshakes: counts.handshakes({ count: handshakes }),
  });
}

/** A line in the list of causes. */
interface CauseItem {
  readonly badge: Content;
  readonly style: string;
  readonly link: string;
  readonly title: string;
  readonly brief: Content;
  readonly handshakes: string;
}

function causeItem({ badge, style, link, title, brief, handshakes }: CauseItem): Markup {
  return html`<li>
    <span class="badge ${style}">${badge}</span>
    <div>
      <p><a href="${link}">${title}</a></p>
      ${brief}
    </div>
    <span>${handshakes}</span>
  </li>`;
}
