import { BOUNDS } from '../../bounds.js';
import { documentOf, type ReportDocument, type Unexplained } from '../document/document.js';
import type { Limits } from '../document/scope.js';
import type { Risk } from '../document/overview.js';
import { prose, strong } from '../document/text.js';
import { createConnectionGatherer, type Timeline } from '../document/timeline.js';
import { attempt } from '../attempt.js';
import type { CertificatePrinter, ReportOptions, ReportWriter } from '../format.js';
import { generator } from '../generator.js';
import { timeZoneOf } from '../time-zone.js';
import type { Wording } from '../wording.js';
import { connectionsMarkup, detailsMarkup } from './connections.js';
import { aboutMarkup, diagnosisMarkup, tableMarkup } from './diagnosis.js';
import { ladderFigure } from './ladder.js';
import { headerMarkup } from './header.js';
import { cspHash, html, Markup, say } from './markup.js';
import { scriptOf } from './script.js';
import { STYLE } from './style.js';
import { timelineFigure } from './timeline.js';

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

/** Bytes of certificates that a page shows in full. */
const MAX_IN_FULL = BOUNDS.pageCertificateBytes.value;

/** Prints each certificate once, and no more than browsers can handle. */
function printOnce(print: CertificatePrinter): CertificatePrinter {
  const printed = new Set<Uint8Array>();
  let room = MAX_IN_FULL;
  return (der, words) => {
    if (printed.has(der) || der.length > room) return [];
    printed.add(der);
    room -= der.length;
    return print(der, words);
  };
}

/** The report as one self-contained page. */
export function createHtmlWriter(options: ReportOptions, print?: CertificatePrinter): ReportWriter {
  const gathered = createConnectionGatherer(timeZoneOf(options.timeZone));
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
  const { words, verdict, timeline, diagnoses, moreCauses, unexplained, risks, connections } = document;
  const script = scriptOf(words);
  const policy = `default-src 'none'; style-src ${cspHash(STYLE)}; script-src ${cspHash(script)}; base-uri 'none'; form-action 'none'`;
  const listed = new Set(connections.rows.map(({ id }) => id));
  const details = [...document.details];
  // Style and script are outside of the templates: the policy has the hash of exactly what is between their tags.
  yield new Markup(`<!doctype html>\n<html lang="${words.language.tag}">\n<head>`);
  yield html`<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="no-referrer" />
    <meta name="generator" content="${generator.name} ${generator.version}" />
    <title>${words.summary.title({ verdict })}</title>`;
  yield new Markup(`<style>${STYLE}</style>\n</head>\n<body>`);
  yield headerMarkup(document);
  yield new Markup('<main id="main">');
  const part = (what: string, draw: () => Markup): Markup =>
    attempt(what, draw, (sentence) => html`<p class="notice">${say(prose(sentence))}</p>`, words);
  if (timeline !== null) yield part(words.faults.timeline, () => timelineSection(timeline, words));
  for (const section of diagnoses) {
    yield part(words.faults.numberedCause({ number: section.number }), () => diagnosisMarkup(section, listed, words));
  }
  if (moreCauses !== null) yield html`<p class="notice">${say(moreCauses)}</p>`;
  if (unexplained !== null) yield unexplainedSection(unexplained, listed, words);
  if (document.whatIf !== null) yield whatIfSection(document.whatIf, words);
  if (risks.length > 0) yield risksSection(risks, words);
  if (document.gone.length > 0) yield goneSection(document.gone, words);
  yield connectionsMarkup(connections, new Set(details.map(({ id }) => id)), words);
  yield part(words.faults.handshakes, () => detailsMarkup(details, document));
  yield new Markup('</main>');
  yield html`<footer>${words.page.madeBy({ ...generator, zone: document.timeZone })}</footer>`;
  yield new Markup(`<script>${script}</script>\n</body>\n</html>`);
}

function timelineSection(timeline: Timeline, words: Wording): Markup {
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">${words.timeline.heading}</h2>
    ${timelineFigure(timeline, words)}
    <p class="aside">${timeline.caption}</p>
  </section>`;
}

function unexplainedSection(
  { text, observed, ladder }: Unexplained,
  listed: ReadonlySet<string>,
  words: Wording,
): Markup {
  return html`<section class="cause" aria-labelledby="unexplained">
    <h2 id="unexplained">${words.unexplained.heading}</h2>
    <p>${say(text, listed)}</p>
    ${observed === null ? null : html`<p><strong>${words.labels.observed}:</strong> ${say(observed)}</p>`}
    ${ladder === null ? null : ladderFigure(ladder, words)}
  </section>`;
}

function whatIfSection({ table, note }: NonNullable<ReportDocument['whatIf']>, words: Wording): Markup {
  return html`<section aria-labelledby="what-if">
    <h2 id="what-if">${words.whatIf.heading}</h2>
    ${tableMarkup(table)}
    <p class="aside">${note}</p>
  </section>`;
}

function goneSection(gone: ReportDocument['gone'], words: Wording): Markup {
  return html`<section aria-labelledby="gone">
    <h2 id="gone">${words.baseline.gone}</h2>
    <ul>
      ${gone.map((line) => html`<li>${say(line)}</li>`)}
    </ul>
  </section>`;
}

function risksSection(risks: readonly Risk[], words: Wording): Markup {
  return html`<section aria-labelledby="risks">
    <h2 id="risks">${words.risks.heading}</h2>
    <ul>
      ${risks.map(
        ({ rule, title, where, explanation }) =>
          html`<li>
            ${say(words.risks.risk({ title: strong(title), where, explanation }))}
            ${aboutMarkup(rule, words.page.aboutRisk, words)}
          </li>`,
      )}
    </ul>
  </section>`;
}
