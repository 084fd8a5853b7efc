import { BOUNDS } from '../../bounds.js';
import { documentOf, type ReportDocument, type Unexplained } from '../document/document.js';
import type { Limits } from '../document/scope.js';
import { GONE_HEADING } from '../document/baseline.js';
import { LABELS } from '../document/labels.js';
import { RISKS_HEADING, WARNINGS_HEADING, type Glance, type Risk } from '../document/overview.js';
import { prose } from '../document/text.js';
import { createGathered, type Timeline } from '../document/timeline.js';
import { attempt } from '../attempt.js';
import type { CertificatePrinter, ReportOptions, ReportWriter } from '../format.js';
import { generator } from '../generator.js';
import { count } from '../phrases.js';
import { timeZoneOf } from '../time-zone.js';
import { connectionsMarkup, detailsMarkup } from './connections.js';
import { aboutMarkup, diagnosisMarkup, tableMarkup } from './diagnosis.js';
import { ladderFigure } from './ladder.js';
import { copied, cspHash, escapeLines, html, Markup, say, type Content } from './markup.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { styleOf, timelineFigure } from './timeline.js';

const LIMITS: Limits = {
  causes: 30,
  rungs: 24,
  // More make a page that browsers are slow with.
  rows: 2000,
  rowsOf: ({ only }) => only,
  // Failed ones, in addition to the diagnoses' examples.
  details: () => 40,
  detailsOf: () => 'failed',
  detailRungs: 24,
  certificates: 0,
};

/** More files are in a fold. */
const FEW_FILES = 3;
/** Bytes of certificates that a page shows in full. */
const MAX_IN_FULL = BOUNDS.pageCertificateBytes.value;

/** Prints each certificate once, and no more than browsers can handle. */
function printOnce(print: CertificatePrinter): CertificatePrinter {
  const printed = new Set<Uint8Array>();
  let room = MAX_IN_FULL;
  return (der) => {
    if (printed.has(der) || der.length > room) return [];
    printed.add(der);
    room -= der.length;
    return print(der);
  };
}

/** The report as one self-contained page. */
export function createHtmlWriter(options: ReportOptions, print?: CertificatePrinter): ReportWriter {
  const gathered = createGathered(timeZoneOf(options.timeZone));
  return {
    connection(diagnosed) {
      gathered.add(diagnosed);
      return '';
    },
    *end(results) {
      for (const { text } of page(
        documentOf(results, options, { limits: LIMITS, printCertificate: print && printOnce(print), gathered }),
      ))
        yield `${text}\n`;
    },
  };
}

function* page(document: ReportDocument): Iterable<Markup> {
  const { verdict, timeline, diagnoses, moreCauses, unexplained, risks, connections } = document;
  const policy = `default-src 'none'; style-src ${cspHash(STYLE)}; script-src ${cspHash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
  const listed = new Set(connections.rows.map(({ id }) => id));
  const details = [...document.details];
  // Style and script are outside of the templates: the policy has the hash of exactly what is between their tags.
  yield new Markup('<!doctype html>\n<html lang="en">\n<head>');
  yield html`<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="no-referrer" />
    <meta name="generator" content="${generator.name} ${generator.version}" />
    <title>TLS postmortem: ${verdict}</title>`;
  yield new Markup(`<style>${STYLE}</style>\n</head>\n<body>`);
  yield header(document);
  yield new Markup('<main id="main">');
  const part = (what: string, draw: () => Markup): Markup =>
    attempt(what, draw, (sentence) => html`<p class="notice">${say(prose(sentence))}</p>`);
  if (timeline !== null) yield part('the timeline', () => timelineSection(timeline));
  for (const section of diagnoses) yield part(`cause ${section.number}`, () => diagnosisMarkup(section, listed));
  if (moreCauses !== null) yield html`<p class="notice">${say(moreCauses)}</p>`;
  if (unexplained !== null) yield unexplainedSection(unexplained, listed);
  if (document.whatIf !== null) yield whatIfSection(document.whatIf);
  if (risks.length > 0) yield risksSection(risks);
  if (document.gone.length > 0) yield goneSection(document.gone);
  yield connectionsMarkup(connections, new Set(details.map(({ id }) => id)));
  yield part('the handshakes', () => detailsMarkup(details, document));
  yield new Markup('</main>');
  yield html`<footer>
    Made by ${generator.name} ${generator.version} from the capture alone. Frame numbers are Wireshark's, times are
    ${document.timeZone}. Names and other values come from the wire and are shown as they were sent.
  </footer>`;
  yield new Markup(`<script>${SCRIPT}</script>\n</body>\n</html>`);
}

function header(document: ReportDocument): Markup {
  const { verdict, captures, files, selection, tallies, overview, otherKinds, unexplained, warnings } = document;
  return html`<header>
    <a class="skip" href="#main">Skip to the report</a>
    <p class="kicker">TLS postmortem</p>
    <h1>${verdict}</h1>
    <ul class="files">
      ${[...captures, ...(files.length > FEW_FILES ? [] : files)].map((line) => html`<li>${say(line)}</li>`)}
    </ul>
    ${
      files.length > FEW_FILES
        ? html`<details>
            <summary>The files by number</summary>
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
        : html`<nav aria-label="Causes">
            <ol class="causes">
              ${overview.map((glance) => glanceItem(glance, document.timeZone))}
              ${otherKinds > 0 ? html`<li>${count(otherKinds, 'more kind')} of cause</li>` : null}
              ${unexplained === null ? null : causeItem({ badge: '?', style: '', link: '#unexplained', title: 'Cause unknown', brief: null, handshakes: unexplained.handshakes })}
            </ol>
          </nav>`
    }
    ${
      overview.length === 0
        ? null
        : html`<details class="summary">
            <summary>Summary to paste into a chat</summary>
            ${copied('Copy the summary', escapeLines(document.summary))}
          </details>`
    }
    ${LEGEND}
    ${
      warnings.length === 0
        ? null
        : html`<div class="notice" role="note">
            <strong>${WARNINGS_HEADING}</strong>
            <ul>
              ${warnings.map((warning) => html`<li>${say(warning)}</li>`)}
            </ul>
          </div>`
    }
  </header>`;
}

/** What marks and colours mean; each of them is also said in words. */
const LEGEND = html`<details class="legend">
  <summary>How to read this page</summary>
  <dl class="facts">
    <dt>Certainty</dt>
    <dd>
      <strong>certain</strong>: the capture proves it. <strong>likely</strong>: the evidence supports it, and supports
      no other cause. <strong>possible</strong>: one of several causes that fit, which are listed beside it.
    </dd>
    <dt>Timeline</dt>
    <dd>
      Above a line, in the cause's colour, handshakes that failed; below it, in green, those that succeeded at the same
      servers. The taller a bar, the more. A dashed line is where the same stopped working.
    </dd>
    <dt>Handshake</dt>
    <dd>
      An arrow to the right is sent by the client, one to the left by the server. ✗ is where it failed. Frame numbers in
      bold are the evidence. Frames without an arrow are of other connections. <strong>Since</strong> is the time since
      the frame before.
    </dd>
    <dt>Certificates</dt>
    <dd>A green edge: no fault shows. A red edge: what is wrong is said in red. A dashed frame: it was not sent.</dd>
    <dt>Links</dt>
    <dd>The address keeps what you look at: a cause, a connection, or the filter and order of the table.</dd>
  </dl>
</details>`;

function glanceItem({ number, title, handshakes, where, since, certainty, remedy }: Glance, timeZone: string): Markup {
  const brief = html`<p>${say(where)}, ${since}${/\d/.test(since) ? ` ${timeZone}` : null}; ${certainty}</p>
    ${remedy === null ? null : html`<p><strong>${remedy.actor}:</strong> ${say(remedy.text)}</p>`}`;
  return causeItem({
    badge: number,
    style: styleOf(number),
    link: `#cause-${number}`,
    title,
    brief,
    handshakes: count(handshakes, 'handshake'),
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

function timelineSection(timeline: Timeline): Markup {
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    ${timelineFigure(timeline)}
    <p class="aside">${timeline.caption}</p>
  </section>`;
}

function unexplainedSection({ text, observed, ladder }: Unexplained, listed: ReadonlySet<string>): Markup {
  return html`<section class="cause" aria-labelledby="unexplained">
    <h2 id="unexplained">Cause unknown</h2>
    <p>${say(text, listed)}</p>
    ${observed === null ? null : html`<p><strong>${LABELS.observed}:</strong> ${say(observed)}</p>`}
    ${ladder === null ? null : ladderFigure(ladder)}
  </section>`;
}

function whatIfSection({ table, note }: NonNullable<ReportDocument['whatIf']>): Markup {
  return html`<section aria-labelledby="what-if">
    <h2 id="what-if">Would it have worked?</h2>
    ${tableMarkup(table)}
    <p class="aside">${note}</p>
  </section>`;
}

function goneSection(gone: ReportDocument['gone']): Markup {
  return html`<section aria-labelledby="gone">
    <h2 id="gone">${GONE_HEADING}</h2>
    <ul>
      ${gone.map((line) => html`<li>${say(line)}</li>`)}
    </ul>
  </section>`;
}

function risksSection(risks: readonly Risk[]): Markup {
  return html`<section aria-labelledby="risks">
    <h2 id="risks">${RISKS_HEADING}</h2>
    <ul>
      ${risks.map(
        ({ rule, title, where, explanation }) =>
          html`<li>
            <strong>${title}</strong> (${say(where)}): ${say(explanation)} ${aboutMarkup(rule, 'About this risk')}
          </li>`,
      )}
    </ul>
  </section>`;
}
