import type { KnownDiagnosis } from '../diagnose/baseline.js';
import type { Diagnosis } from '../diagnose/finding.js';
import type { Results } from '../diagnose/results.js';
import type { Rule } from '../diagnose/rule.js';
import { attempt, causeName } from './attempt.js';
import { countUnexplained, verdictOf } from './document/overview.js';
import { showUnprintable } from './escape.js';
import type { ReportOptions, ReportWriter } from './format.js';
import { generator } from './generator.js';
import { line } from './json/json.js';
import { ENGLISH } from './messages/english.js';
import { wordingOf, type Wording } from './wording.js';
import { actionOf, explanationOf, ruleWords, warningOf } from './words.js';

/** Failures without a known cause, as a rule. */
const UNEXPLAINED = 'cause-unknown';
const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

/**
 * The report in SARIF 2.1.0 (OASIS), for pipelines that show findings: a result for each diagnosis, and for each risk.
 * Frames are in the messages, since SARIF only has places in texts.
 */
export function createSarifWriter({ language = ENGLISH }: Pick<ReportOptions, 'language'> = {}): ReportWriter {
  const words = wordingOf(language);
  return {
    connection: () => '',
    *end(results) {
      yield `${line({
        $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
        version: '2.1.0',
        runs: [runOf(results, words)],
      })}\n`;
    },
  };
}

function runOf(results: Results, words: Wording): object {
  const { machines: say, language } = words;
  const { captures, diagnoses, risks, baseline } = results;
  const all = [...diagnoses, ...risks];
  const rules = [...new Map(all.map(({ rule }) => [rule.id, rule])).values()];
  const unexplained = countUnexplained(results);
  return {
    tool: {
      driver: {
        ...generator,
        rules: [
          ...rules.map((rule) => descriptorOf(rule, words)),
          ...(unexplained > 0 ? [{ id: UNEXPLAINED, shortDescription: { text: say.causeUnknown } }] : []),
        ],
      },
    },
    columnKind: 'unicodeCodePoints',
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: captures.flatMap(({ path, warnings }) =>
          warnings.map((warning) => ({
            level: 'warning',
            message: { text: warningOf(warning, showUnprintable, language) },
            locations: [locationOf(path)],
          })),
        ),
      },
    ],
    artifacts: captures.map(({ path }) => ({ location: { uri: uriOf(path) } })),
    results: [
      ...all.map((diagnosis) =>
        attempt(
          causeName(diagnosis, words),
          () => resultOf(diagnosis, rules, results, words),
          (text): object => ({ ruleId: diagnosis.rule.id, level: 'error', message: { text } }),
          words,
        ),
      ),
      ...(baseline?.gone ?? []).map(goneResult),
      ...(unexplained > 0
        ? [
            {
              ruleId: UNEXPLAINED,
              ruleIndex: rules.length,
              level: 'error',
              message: { text: say.unexplained({ count: unexplained }) },
              occurrenceCount: unexplained,
              locations: captures.slice(0, 1).map(({ path }) => locationOf(path)),
              ...(baseline === undefined ? {} : { baselineState: 'new' }),
            },
          ]
        : []),
    ],
    properties: { verdict: verdictOf(results, words), summary: results.summary },
  };
}

function descriptorOf(rule: Rule, { language }: Wording): object {
  const { title, description } = ruleWords(rule, language);
  return {
    id: rule.id,
    shortDescription: { text: title },
    fullDescription: { text: description },
    help: { text: `${description} (${rule.sources.join(', ')})` },
    defaultConfiguration: { level: LEVELS[rule.severity] },
  };
}

function resultOf(
  diagnosis: Diagnosis,
  rules: readonly Rule[],
  { captures, baseline }: Results,
  { machines: say, language }: Wording,
): object {
  const { id, rule, finding, example, servers, clients, serverNames, certainty } = diagnosis;
  const { connection } = example;
  const remedies = finding.remedies.map(
    (remedy) => `${language.parties[remedy.who]}: ${actionOf(rule, remedy, showUnprintable, language)}`,
  );
  const frames = [...new Set(finding.evidence.map(({ frame }) => frame))].sort((a, b) => a - b);
  const where = frames.length === 0 ? '' : `\n${say.frames({ id: connection.id, frames: frames.join(', ') })}`;
  return {
    ruleId: rule.id,
    ruleIndex: rules.indexOf(rule),
    level: LEVELS[rule.severity],
    message: { text: [explanationOf(finding, showUnprintable, language) + where, ...remedies].join('\n') },
    locations: [
      {
        ...locationOf(captures[connection.capture]?.path ?? '-'),
        logicalLocations: servers.map((server) => ({ fullyQualifiedName: server, kind: 'resource' })),
      },
    ],
    partialFingerprints: { 'diagnosis/v1': id },
    occurrenceCount: diagnosis.count,
    ...(baseline === undefined ? {} : { baselineState: baseline.known.has(id) ? 'unchanged' : 'new' }),
    properties: { certainty, frames, clients, servers, serverNames },
  };
}

/** A known diagnosis that is gone. */
function goneResult({ id, title, servers }: KnownDiagnosis): object {
  const rule = id.replace(/-[0-9a-f]{12}$/, '');
  return {
    ruleId: rule,
    level: 'note',
    message: { text: showUnprintable([title ?? rule, ...servers].join(' ')) },
    partialFingerprints: { 'diagnosis/v1': id },
    baselineState: 'absent',
  };
}

function locationOf(path: string): { readonly physicalLocation: object } {
  return { physicalLocation: { artifactLocation: { uri: uriOf(path) } } };
}

/** A path as a relative URI reference (RFC 3986). */
function uriOf(path: string): string {
  return path === '-' ? 'stdin' : path.split(/[\\/]/).map(encodeURIComponent).join('/');
}
