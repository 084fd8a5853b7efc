import type { Diagnosis } from '../diagnose/finding.js';
import type { Results } from '../diagnose/results.js';
import { attempt, causeName } from './attempt.js';
import { countUnexplained, verdictOf, warningsOf } from './document/overview.js';
import { plain } from './document/text.js';
import { bound, showUnprintable } from './escape.js';
import type { ReportOptions, ReportWriter } from './format.js';
import { generator } from './generator.js';
import { ENGLISH } from './messages/english.js';
import { spanText } from './phrases.js';
import { wordingOf, type Wording } from './wording.js';
import { actionOf, explanationOf, ruleWords } from './words.js';

const MOST_SERVERS = 3;

/**
 * The report in JUnit's XML, as shown by Jenkins, GitLab and others: a failed test case for each diagnosis, a skipped
 * one for each known diagnosis (`--baseline`), and a passed one for all handshakes that succeeded. The verdict in one line and
 * the warnings, such as damaged captures, are the output of the suite.
 */
export function createJunitWriter({ language = ENGLISH }: Pick<ReportOptions, 'language'> = {}): ReportWriter {
  const words = wordingOf(language);
  const say = words.machines;
  return {
    connection: () => '',
    *end(results) {
      const { diagnoses, baseline, summary } = results;
      const unexplained = countUnexplained(results);
      const isKnown = ({ id }: Diagnosis): boolean => baseline?.known.has(id) === true;
      const cases = [
        ...diagnoses.map((diagnosis) =>
          attempt(
            causeName(diagnosis, words),
            () => failureOf(diagnosis, isKnown(diagnosis), words),
            (message) => testCase(diagnosis.rule.id, diagnosis.id, element('failure', { message }, '')),
            words,
          ),
        ),
        ...(unexplained > 0
          ? [
              testCase(
                'cause-unknown',
                say.causeUnknown,
                element('failure', { message: verdictOf(results, words) }, ''),
              ),
            ]
          : []),
        ...(summary.established > 0 ? [testCase('success', say.succeeded, '')] : []),
      ];
      const skipped = diagnoses.filter(isKnown).length;
      const counts = {
        name: nameOf(results, words),
        tests: cases.length,
        failures: diagnoses.length - skipped + (unexplained > 0 ? 1 : 0),
        errors: 0,
        skipped,
      };
      const said = [
        output('system-out', [verdictOf(results, words)]),
        output(
          'system-err',
          warningsOf(results, words).map((each) => showUnprintable(plain(each))),
        ),
      ].join('');
      const suite = element('testsuite', counts, `\n${cases.join('')}${said}`);
      yield `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { ...counts, name: generator.name }, `\n${suite}`)}`;
    },
  };
}

function nameOf({ captures }: Results, words: Wording): string {
  return words.list(
    captures.map(({ path }) => (path === '-' ? words.captures.standardInput : path)),
    MOST_SERVERS,
  );
}

function failureOf(diagnosis: Diagnosis, isKnown: boolean, words: Wording): string {
  const { machines: say, language } = words;
  const { rule, finding, certainty, servers, clients, firstSeenAt, lastSeenAt, id } = diagnosis;
  const name = say.titleAt({ title: ruleWords(rule, language).title, servers: words.list(servers, MOST_SERVERS) });
  const message = explanationOf(finding, showUnprintable, language);
  if (isKnown) return testCase(rule.id, name, element('skipped', { message: say.known({ message }) }, ''));
  const text = [
    say.failed({ count: diagnosis.count, certainty: words.certainties[certainty] }),
    say.servers({ servers: servers.join(words.joins.items) }),
    say.clients({ clients: clients.join(words.joins.items) }),
    say.when({ period: spanText(firstSeenAt, lastSeenAt, words) }),
    ...finding.evidence.map(({ frame, from }) => say.frame({ frame: String(frame), side: language.parties[from] })),
    ...finding.remedies.map((remedy) =>
      say.remedy({ side: language.parties[remedy.who], action: actionOf(rule, remedy, showUnprintable, language) }),
    ),
    say.id({ id }),
  ].join('\n');
  return testCase(rule.id, name, element('failure', { message, type: rule.id }, escapeXml(text)));
}

function testCase(classname: string, name: string, content: string): string {
  return element('testcase', { classname, name }, content === '' ? '' : `\n${content}`);
}

function output(tag: 'system-out' | 'system-err', lines: readonly string[]): string {
  return lines.length === 0 ? '' : element(tag, {}, lines.map(escapeXml).join('\n'));
}

/** @param content in XML */
function element(tag: string, attributes: Readonly<Record<string, string | number>>, content: string): string {
  const own = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`);
  return content === '' ? `<${tag}${own.join('')}/>\n` : `<${tag}${own.join('')}>${content}</${tag}>\n`;
}

/** Lines of text for XML 1.0, which allows no control characters, even as references. */
function escapeXml(text: string): string {
  return text
    .split('\n')
    .map((part) => showUnprintable(bound(part, 4000)).replace(/[\ufffe\uffff]/g, '\ufffd'))
    .join('\n')
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
