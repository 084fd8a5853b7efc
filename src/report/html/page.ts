import { toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { Results } from '../../diagnose/results.js';
import type { DiagnosedConnection, Diagnosis, Finding } from '../../diagnose/rule.js';
import { createAccepted } from '../accepted.js';
import { listedConnections, wantedConnections } from '../connection-table.js';
import type { ReportOptions, ReportWriter } from '../format.js';
import { generator } from '../generator.js';
import { createHistogram } from '../histogram.js';
import {
  actorNames,
  byActor,
  captureLines,
  certaintyPhrases,
  clockOf,
  count,
  countUnexplained,
  endpointText,
  exampleOf,
  examplesText,
  frameText,
  grouped,
  hasEnded,
  moreCausesText,
  outcomePhrases,
  riskPlaces,
  RISKS_HEADING,
  selectionText,
  spanText,
  toldCauses,
  unexplained,
  unexplainedText,
  verdict,
  warningText,
  type Clock,
} from '../phrases.js';
import { storyOf } from '../story.js';
import { actionOf, commandOf, explanationOf, factOf } from '../words.js';
import { chainFigure } from './chain.js';
import { hellosFigure } from './hellos.js';
import { ladderFigure } from './ladder.js';
import { code, cspHash, escapeHtml, html, join, Markup, wire, wireText, type Content } from './markup.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { timelineFigure, type Lane } from './timeline.js';

/** Rows of the table of connections; more make a page that no browser likes. */
const MOST_ROWS = 2000;
/** Failed connections with a ladder of their own, besides the diagnoses' examples. */
const MOST_LADDERS = 40;
const MOST_LANES = 7;
/** Causes told in full. */
const MOST_CAUSES = 30;
const MOST_CAPTURES = 30;
/** Servers whose successes are counted apart, to stand beside their failures. */
const MAX_SERVERS = 150;
const MOST_NAMES = 6;
const MOST_LINKS = 40;
const MOST_WARNINGS = 40;

/** The report as one page that needs nothing else. */
export function createHtmlWriter(options: ReportOptions): ReportWriter {
  const histogram = createHistogram();
  const accepted = createAccepted();
  const servers = new Set<string>();
  return {
    connection(diagnosed) {
      const { connection, cause } = diagnosed;
      accepted.add(connection);
      if (connection.outcome === 'not-tls') return '';
      const server = endpointText(connection.server);
      if (servers.size < MAX_SERVERS) servers.add(server);
      const lane = laneOf(connection, cause, servers.has(server) ? server : 'others');
      histogram.add(lane, toMilliseconds(connection.startedAt));
      return '';
    },
    *end(results) {
      const { told: causes, others } = toldCauses(results.diagnoses, MOST_CAUSES);
      const clock = clockOf(results.captures);
      const rows = listedConnections(results, options.only).slice(0, MOST_ROWS);
      const of = { results, options, causes, others, clock, histogram, accepted, servers, rows };
      for (const { text } of page(of)) yield `${text}\n`;
    },
  };
}

interface Page {
  readonly results: Results;
  readonly options: ReportOptions;
  /** Those told in full. */
  readonly causes: readonly Diagnosis[];
  readonly others: readonly Diagnosis[];
  readonly clock: Clock;
  readonly histogram: ReturnType<typeof createHistogram>;
  readonly accepted: ReturnType<typeof createAccepted>;
  /** Those whose successes the histogram counts apart. */
  readonly servers: ReadonlySet<string>;
  /** Of the table of connections. */
  readonly rows: readonly DiagnosedConnection[];
}

function laneOf({ outcome }: Connection, cause: Finding | null, server: string): string {
  if (outcome === 'established') return workedLane(server);
  if (outcome !== 'failed') return outcome;
  return cause === null ? 'unexplained' : `cause ${cause.rule.id}`;
}

function workedLane(server: string): string {
  return `worked ${server}`;
}

function* page(of: Page): Iterable<Markup> {
  const { results, causes, others } = of;
  const policy = `default-src 'none'; style-src ${cspHash(STYLE)}; script-src ${cspHash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
  // Style and script stand apart from the templates: the policy names the hash of what is between their tags, to the byte.
  yield new Markup('<!doctype html>\n<html lang="en">\n<head>');
  yield html`<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="no-referrer" />
    <meta name="generator" content="${generator.name} ${generator.version}" />
    <title>TLS postmortem: ${verdict(results)}</title>`;
  yield new Markup(`<style>${STYLE}</style>\n</head>\n<body>`);
  yield header(of);
  yield new Markup('<main id="main">');
  yield timeline(of);
  for (const [index, cause] of causes.entries()) yield causeSection(cause, index + 1, of);
  if (others.length > 0) yield html`<p class="notice">${moreCausesText(others, MOST_NAMES)}</p>`;
  yield unexplainedSection(of);
  yield risksSection(of);
  yield connectionsSection(of);
  yield ladders(of);
  yield new Markup('</main>');
  yield html`<footer>
    Made by ${generator.name} ${generator.version} from the capture alone. Frame numbers are Wireshark's, times are UTC.
    Names and other values come from the wire and are shown as they were sent.
  </footer>`;
  yield new Markup(`<script>${SCRIPT}</script>\n</body>\n</html>`);
}

function header(of: Page): Markup {
  const { results, options, causes, others } = of;
  const { failed, established, incomplete, notTls } = results.summary;
  const selected = selectionText(options.selection, (value) => value);
  const unknown = countUnexplained(results);
  const stat = (label: string, value: number, style: string): Content =>
    html`<div class="${style}">
      <dt>${label}</dt>
      <dd>${value}</dd>
    </div>`;
  const { captures } = results;
  const lines = captureLines(
    captures,
    captures.map(({ path }) => (path === '-' ? 'standard input' : path)),
  );
  return html`<header>
    <a class="skip" href="#main">Skip to the report</a>
    <p class="kicker">TLS postmortem</p>
    <h1>${verdict(results)}</h1>
    <ul class="files">
      ${lines.slice(0, MOST_CAPTURES).map((line) => html`<li>${wire(line)}</li>`)}
      ${lines.length > MOST_CAPTURES ? html`<li>${count(lines.length - MOST_CAPTURES, 'more file')}</li>` : null}
      ${lines.length > 1 ? html`<li>A frame is written with the number of its file: 2:469 is frame 469 of file 2.</li>` : null}
    </ul>
    ${selected === null ? null : html`<p class="notice">Only connections of ${wire(selected)} are counted and shown.</p>`}
    <dl class="stats">
      ${stat('Handshakes failed', failed, failed > 0 ? 'failed' : '')} ${stat('Succeeded', established, 'ok')}
      ${incomplete > 0 ? stat('Not captured to the end', incomplete, '') : null}
      ${notTls > 0 ? stat('Not TLS', notTls, '') : null}
    </dl>
    ${
      failed === 0
        ? null
        : html`<nav aria-label="Causes">
            <ol class="causes">
              ${causes.map((cause, index) => causeItem(cause, index, of))}
              ${others.length > 0 ? html`<li>${count(others.length, 'more cause')}</li>` : null}
              ${
                unknown === 0
                  ? null
                  : html`<li>
                      <span class="badge">?</span>
                      <div>
                        <p><a href="#unexplained">Cause unknown</a></p>
                      </div>
                      <span>${count(unknown, 'handshake')}</span>
                    </li>`
              }
            </ol>
          </nav>`
    }
    ${warnings(results)}
  </header>`;
}

/** A cause in brief: what, where, when, how sure, and what to do first. */
function causeItem(cause: Diagnosis, index: number, { clock }: Page): Markup {
  const { rule, count: number, servers, serverNames, certainty, finding } = cause;
  const [first, last] = [clock.shortTime(cause.firstSeenAt), clock.shortTime(cause.lastSeenAt)];
  const some = (values: readonly string[]): Content => [
    join(values.slice(0, 2).map(code), ', '),
    values.length > 2 ? ` and ${values.length - 2} more` : '',
  ];
  const [remedy] = finding.remedies;
  return html`<li>
    <span class="badge ${styleOf(index)}">${index + 1}</span>
    <div>
      <p><a href="#cause-${index + 1}">${rule.title}</a></p>
      <p>
        ${serverNames.length === 0 ? null : html`${some(serverNames)} at `}${some(servers)},
        ${first === last ? first : `${first} to ${last}`} UTC; ${certainty}
      </p>
      ${
        remedy === undefined
          ? null
          : html`<p>
              <strong>${actorNames[remedy.who]}:</strong> ${new Markup(actionOf(rule, remedy, wireText, escapeHtml))}
            </p>`
      }
    </div>
    <span>${count(number, 'handshake')}</span>
  </li>`;
}

/** The class that colours a cause: the last one for all that come late, or are not told. */
function styleOf(index: number): string {
  return `c${index < 0 ? 8 : Math.min(index + 1, 8)}`;
}

function warnings({ captures }: Results): Content {
  const all = captures.flatMap(({ path, warnings: own }) =>
    own.map(
      (warning) => html`<li>${captures.length > 1 ? [code(path), ': '] : null}${wire(warningText(warning))}</li>`,
    ),
  );
  if (all.length === 0) return null;
  const more = all.length > MOST_WARNINGS ? html`<li>${count(all.length - MOST_WARNINGS, 'more warning')}</li>` : null;
  return html`<div class="notice" role="note">
    <strong>About the capture</strong>
    <ul>
      ${all.slice(0, MOST_WARNINGS)}${more}
    </ul>
  </div>`;
}

function timeline({ histogram, causes, results, servers }: Page): Markup {
  const view = histogram.view();
  if (view === null) return html``;
  const rules = new Map<string, Lane>();
  for (const diagnosis of results.diagnoses) {
    const { rule, firstSeenAt, lastSeenAt, servers: failing } = diagnosis;
    const known = rules.get(rule.id);
    const isCounted = failing.every((server) => servers.has(server));
    rules.set(rule.id, {
      keys: [`cause ${rule.id}`],
      label: rule.title,
      style: known?.style ?? styleOf(causes.findIndex((cause) => cause.rule.id === rule.id)),
      since: Math.min(known?.since ?? Infinity, toMilliseconds(firstSeenAt)),
      until:
        known?.until === null || !hasEnded(diagnosis)
          ? null
          : Math.max(known?.until ?? -Infinity, toMilliseconds(lastSeenAt)),
      worked: known?.worked === null || !isCounted ? null : [...(known?.worked ?? []), ...failing.map(workedLane)],
    });
  }
  const lane = (label: string, style: string, isIn: (key: string) => boolean): Lane[] => {
    const keys = [...view.lanes.keys()].filter(isIn);
    return keys.length === 0 ? [] : [{ keys, label, style, since: null, until: null, worked: null }];
  };
  const lanes = [
    ...[...rules.values()].slice(0, MOST_LANES),
    ...lane('Failed, cause unknown', 'c8', (key) => key === 'unexplained'),
    ...lane('Not captured to the end', 'c8', (key) => key === 'incomplete'),
    ...lane('All that succeeded', 'ok', (key) => key.startsWith(workedLane(''))),
  ];
  const hidden = rules.size - MOST_LANES;
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    ${timelineFigure(view, lanes)}
    <p class="aside">
      Connections by the time they
      began${results.summary.failed > 0 ? '; below the line of a cause, in green, those that succeeded at the same servers' : ''}.
      ${hidden > 0 ? `${count(hidden, 'more kind')} of cause not drawn.` : null}
    </p>
  </section>`;
}

function causeSection(diagnosis: Diagnosis, number: number, of: Page): Markup {
  const { rule, finding, example, certainty, firstSeenAt, lastSeenAt, clients, servers, serverNames } = diagnosis;
  const { results, accepted, clock } = of;
  const id = `cause-${number}`;
  const shown = exampleOf(results, diagnosis);
  const named = (label: string, values: readonly string[]): Content =>
    values.length === 0
      ? null
      : html`<dt>${values.length === 1 ? label : `${label}s`}</dt>
          <dd>
            ${join(values.slice(0, MOST_NAMES).map(code), ', ')}${values.length > MOST_NAMES ? ` and ${values.length - MOST_NAMES} more` : ''}
          </dd>`;
  const chains = (['server', 'client'] as const).flatMap((side) => {
    const figure = chainFigure(example, side, finding);
    return figure === null ? [] : [html`<h3>Certificate chain of the ${side}</h3>`, figure];
  });
  const hellos = hellosFigure(example, accepted.by(example.server));
  return html`<section class="cause" id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><span class="badge ${styleOf(number - 1)}">${number}</span>${rule.title}</h2>
    <p class="lead">${new Markup(explanationOf(finding, wireText, escapeHtml))}</p>
    <dl class="facts">
      <dt>Seen in</dt>
      <dd>
        ${count(diagnosis.count, 'handshake')}: ${diagnosis.count === 1 ? 'connection' : 'connections'}
        ${seenIn(diagnosis, of)}
      </dd>
      ${named('Client', clients)} ${named('Server', servers)} ${named('Server name', serverNames)}
      <dt>When</dt>
      <dd>${spanText(firstSeenAt, lastSeenAt)}</dd>
      ${storyOf(diagnosis, of.causes, { clock, write: (value) => code(value).text }).map(
        ({ label, text }) =>
          html`<dt>${label}</dt>
            <dd>${new Markup(text)}</dd>`,
      )}
      <dt>How sure</dt>
      <dd>${certaintyPhrases[certainty]}</dd>
    </dl>
    ${
      finding.remedies.length === 0
        ? null
        : html`<h3>What to change</h3>
            ${todo(finding, id)}`
    }
    <h3>Evidence</h3>
    <p class="aside">
      From connection ${example.id}, ${code(endpointText(example.client))} to
      ${code(endpointText(example.server))}${
        results.captures.length > 1 ? html` in ${code(results.captures[example.capture]?.path ?? '')}` : null
      }.
    </p>
    ${evidenceTable(diagnosis, results, clock)}
    <h3>The handshake</h3>
    ${ladderFigure(shown, `${id}-ladder`, results.captures)} ${chains}
    ${
      hellos === null
        ? null
        : html`<h3>Offered and accepted</h3>
            ${hellos}`
    }
    <p class="aside">Rule ${code(rule.id)}: ${rule.description} Founded on ${rule.sources.join(', ')}.</p>
  </section>`;
}

function seenIn(diagnosis: Diagnosis, of: Page): Content {
  const { connections, examples, count: number } = diagnosis;
  const first = examplesText(diagnosis) === null ? [] : ['; look first at ', connectionLinks(examples, 0, of)];
  return [connectionLinks(connections, number, of), ...first];
}

/** Ids, linked to the table where it has them; `number` is how many there are in all. */
function connectionLinks(ids: readonly string[], number: number, { rows }: Page): Content {
  const listed = new Set(rows.map(({ connection }) => connection.id));
  const links = ids
    .slice(0, MOST_LINKS)
    .map((id) => (listed.has(id) ? html`<a href="#connection-${id}">${id}</a>` : id));
  return [join(links, ', '), number > links.length ? ` and ${grouped(number - links.length)} more` : ''];
}

function todo({ rule, remedies }: Finding, id: string): Markup {
  return html`<ul class="todo">
    ${byActor(remedies).map((remedy, index) => {
      const command = commandOf(rule, remedy, (value) => value);
      const commandId = `${id}-command-${index}`;
      return html`<li>
        <strong>${actorNames[remedy.who]}:</strong> ${new Markup(actionOf(rule, remedy, wireText, escapeHtml))}
        ${
          command === null
            ? null
            : html`<div class="command">
                <pre><code id="${commandId}">${commandText(command)}</code></pre>
                <button type="button" class="copy" data-for="${commandId}" aria-label="Copy the command">Copy</button>
              </div>`
        }
      </li>`;
    })}
  </ul>`;
}

/**
 * A command that breaks between words alone: browsers would break an option after its hyphen. Lines stay lines: they are
 * the rule's own, and values in them have none.
 */
function commandText(command: string): Markup {
  return new Markup(command.replace(/[^ \n]+/g, (word) => `<span class="w">${escapeHtml(word)}</span>`));
}

function evidenceTable({ finding, example }: Diagnosis, { captures }: Results, clock: Clock): Markup {
  const { rule, evidence } = finding;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Evidence">
    <table>
      <thead>
        <tr>
          <th scope="col" class="number">Frame</th>
          <th scope="col">Time</th>
          <th scope="col">From</th>
          <th scope="col">What it shows</th>
        </tr>
      </thead>
      <tbody>
        ${evidence.map(
          (item) =>
            html`<tr>
              <td class="number">${frameText(item.frame, item.capture ?? example.capture, captures)}</td>
              <td class="nowrap">${clock.time(item.at)}</td>
              <td class="nowrap">${item.from}</td>
              <td>${new Markup(factOf(rule, item, wireText, escapeHtml))}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function unexplainedSection({ results }: Page): Markup {
  const number = countUnexplained(results);
  if (number === 0) return html``;
  const [first] = unexplained(results);
  const example = results.connections.find(({ connection }) => connection === first);
  return html`<section class="cause" aria-labelledby="unexplained">
    <h2 id="unexplained">Cause unknown</h2>
    <p>The capture does not show why ${count(number, 'connection')} failed: ${unexplainedText(results, MOST_LINKS)}.</p>
    ${example === undefined ? null : ladderFigure(example, 'unexplained-ladder', results.captures)}
  </section>`;
}

function risksSection({ results: { risks } }: Page): Markup {
  if (risks.length === 0) return html``;
  return html`<section aria-labelledby="risks">
    <h2 id="risks">${RISKS_HEADING}</h2>
    <ul>
      ${risks.map((risk) => {
        const { finding } = risk;
        return html`<li>
          <strong>${finding.rule.title}</strong> (${riskPlaces(risk, MOST_NAMES, (server) => server)}):
          ${new Markup(explanationOf(finding, wireText, escapeHtml))}
        </li>`;
      })}
    </ul>
  </section>`;
}

function connectionsSection({ results, options, clock, rows }: Page): Markup {
  if (rows.length === 0) return html``;
  const drawn = new Set(drawnConnections(results).map(({ connection }) => connection.id));
  const wanted = wantedConnections(results, options.only);
  // By id: a rule whose findings a known service adds advice to comes with and without it.
  const rules = [...new Map(results.diagnoses.map(({ rule }) => [rule.id, rule])).values()];
  return html`<section aria-labelledby="connections">
    <h2 id="connections">Connections</h2>
    <p>
      ${
        wanted > rows.length
          ? `${count(rows.length, 'connection')} of ${grouped(wanted)}, those that failed first; the JSON report has all.`
          : `${options.only === 'failed' ? 'All that failed' : 'All with TLS'}, those that failed first.`
      }
    </p>
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
          ${rules.map((rule) => html`<option value="cause ${rule.id}">${rule.title}</option>`)}
        </select>
      </label>
      <button type="reset">Clear</button>
      <output aria-live="polite"></output>
    </form>
    <div class="scroll" tabindex="0" role="region" aria-label="Connections">
      <table id="connections-table">
        <thead>
          <tr>
            ${['#', 'Frame', 'Time', 'Client', 'Server', 'Server name', 'TLS', 'Result'].map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => connectionRow(row, drawn, results, clock))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function connectionRow(
  { connection, cause }: DiagnosedConnection,
  drawn: ReadonlySet<string>,
  { captures }: Results,
  clock: Clock,
): Markup {
  const { id, capture, firstFrame, startedAt, client, server, clientHello, serverHello, outcome } = connection;
  const result = cause?.rule.id ?? outcomePhrases[outcome];
  const serverName = clientHello?.serverName ?? null;
  return html`<tr id="connection-${id}" data-outcome="${outcome}" data-cause="${cause?.rule.id ?? ''}">
    <td>${drawn.has(id) ? html`<a href="#handshake-${id}">${id}</a>` : id}</td>
    <td>${frameText(firstFrame, capture, captures)}</td>
    <td>${clock.time(startedAt)}</td>
    <td>${code(endpointText(client))}</td>
    <td>${code(endpointText(server))}</td>
    <td>${serverName === null ? '—' : code(serverName)}</td>
    <td>${serverHello?.version.replace(/^TLS /, '') ?? '—'}</td>
    <td class="result ${outcome}">${result}</td>
  </tr>`;
}

/** The failed connections that get a ladder of their own. */
function drawnConnections(results: Results): DiagnosedConnection[] {
  return listedConnections(results, 'failed').slice(0, MOST_LADDERS);
}

function ladders({ results, clock }: Page): Markup {
  const drawn = drawnConnections(results);
  if (drawn.length === 0) return html``;
  const { failed } = results.summary;
  return html`<section aria-labelledby="handshakes">
    <h2 id="handshakes">Failed handshakes, one by one</h2>
    ${failed > drawn.length ? html`<p>The first ${drawn.length} of ${failed}.</p>` : null}
    ${drawn.map((each) => {
      const { id, startedAt, client, server, notes } = each.connection;
      return html`<details class="connection" id="handshake-${id}">
        <summary>
          Connection ${id}, ${clock.time(startedAt)}: ${code(endpointText(client))} to ${code(endpointText(server))},
          ${each.cause?.rule.title ?? 'cause unknown'}
        </summary>
        ${ladderFigure(each, `handshake-${id}-ladder`, results.captures)}
        ${notes.map(({ message }) => html`<p class="aside">Note: ${wire(message)}</p>`)}
      </details>`;
    })}
  </section>`;
}
