/** What a finding says in another language: nothing of it is left in English but terms, names and values from the wire. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { analyze } from '../../../src/analyze.js';
import type { Rule } from '../../../src/diagnose/rule.js';
import { RULES } from '../../../src/diagnose/rules/index.js';
import { SERVICES } from '../../../src/knowledge/services/index.js';
import { allTerms, explain } from '../../../src/explain/explain.js';
import { END_FACTS } from '../../../src/diagnose/ends/texts.js';
import { ERROR_MESSAGES } from '../../../src/knowledge/error-messages.js';
import { NOTICES } from '../../../src/notices.js';
import { ALERTS } from '../../../src/tls/wire/registry/tables.js';
import type { TranslationOf } from '../../../src/report/messages/catalogue.js';
import { ENGLISH } from '../../../src/report/messages/english.js';
import { EXPLAIN } from '../../../src/report/messages/explain.js';
import type { Language } from '../../../src/report/messages/language.js';
import {
  actionOf,
  commandOf,
  exclusionOf,
  explanationOf,
  factOf,
  observationOf,
  ruleWords,
} from '../../../src/report/words.js';
import { DEFAULTS, writeReport } from '../../../src/report/format.js';
import { createHtmlWriter } from '../../../src/report/html/page.js';
import { createMarkdownWriter } from '../../../src/report/markdown/markdown.js';
import { createTextWriter } from '../../../src/report/text/text.js';
import type { Results } from '../../../src/diagnose/results.js';
import { ROOT } from '../../support/schema.js';

/** Each letter is another one, so that lengths are kept; placeholders and ids stay. */
const translated = (text: string): string => text.replace(/(\{\w+\})|\p{L}/gu, (_, name?: string) => name ?? 'Ж');
function all<Table extends object>(table: Table): Table {
  return Object.fromEntries(
    Object.entries(table).map(([id, text]) => [id, typeof text === 'string' ? translated(text) : all(text as object)]),
  ) as Table;
}

const LANGUAGE: Language = {
  tag: 'x-test',
  report: all(ENGLISH.report),
  phrases: all(ENGLISH.phrases),
  evidence: all(ENGLISH.evidence),
  observations: all(ENGLISH.observations),
  alerts: all(ENGLISH.alerts),
  explain: all(EXPLAIN),
  rules: Object.fromEntries(
    RULES.map(({ id, messages: { explanations, evidence, remedies, commands, exclusions = {} } }) => [
      id,
      {
        words: { title: 'Ж', description: 'Ж', settledBy: 'Ж' },
        explanations: all(explanations),
        evidence: all(evidence),
        remedies: all(remedies),
        commands: Object.fromEntries(Object.keys(commands).map((command) => [command, 'Ж'])),
        exclusions: all(exclusions),
      },
    ]),
  ),
  services: Object.fromEntries(SERVICES.map(({ id, messages }) => [id, { remedies: all(messages.remedies) }])),
  ends: all(END_FACTS),
  notices: Object.fromEntries(Object.entries(NOTICES).map(([code, texts]) => [code, all(texts)])),
  parties: { client: 'Ж', server: 'Ж', network: 'Ж' },
  places: Object.fromEntries(Object.keys(ENGLISH.places).map((place) => [place, 'Ж'])) as Language['places'],
  none: 'Ж',
  number: (whole) => `${whole}`,
  plural: () => 'other',
  duration: (milliseconds) => `${milliseconds} Ж`,
  time: (iso) => `Ж ${iso}`,
  times: (count) => `${count} Ж`,
  list: (items, _style, more) => [...items, ...(more > 0 ? [`${more} Ж`] : [])].join(' '),
};

const wordsOf = (rule: Rule): string[] => {
  const { title, description, settledBy } = ruleWords(rule, LANGUAGE);
  return [title, description, settledBy ?? title];
};
const bracketed = (value: string): string => `[${value}]`;

/** Samples that between them have most sections of a report. */
const CAPTURES = [
  'incident.pcap',
  'alpn-mismatch.pcap',
  'path-mtu-blackhole.pcap',
  'keys-quic-left-at-once.pcap',
  'eap-peap-success.pcap',
];

/** What is the same in every language. */
const TERMS = new Set(
  (
    'tls-postmortem Root TLS SNI ALPN SHA-256 JA3 JA4 h2 http tls1_3 tcp.port udp.port do example RFC SYN SYN-ACK ACK FIN ICMP EAP EAP-Failure EAP-Success Wireshark UTC ms min s h I-D ' +
    'ChangeCipherSpec Initial Handshake RTT Retry ClientHello ServerHello ServerHelloDone ServerKeyExchange ' +
    'ClientKeyExchange Certificate CertificateRequest CertificateStatus EncryptedExtensions Finished NewSessionTicket'
  ).split(' '),
);

const wordsIn = (text: string): string[] =>
  (text.match(/[A-Za-z][\w'.-]*/g) ?? []).map((word) => word.replace(/[.'-]+$/, ''));

/** Values of the connections and parts of commands, unless the report has such words itself. */
function termsOf(results: Results): ReadonlySet<string> {
  const own = new Set(wordsIn(JSON.stringify(ENGLISH.report).replace(/"[^"]*":|\{\w+\}/g, ' ')));
  const values = [
    JSON.stringify(results.connections.map(({ connection }) => connection)),
    JSON.stringify(results.names),
    ...ALERTS.values(),
    ...RULES.flatMap(({ id, sources, messages: { commands } }) => [
      id,
      ...sources,
      ...Object.values(commands).map(({ run }) => run),
    ]),
  ];
  return new Set([...TERMS, ...values.flatMap(wordsIn).filter((word) => !own.has(word))]);
}

/** Without what no language translates: code, markup, names of placeholders, options of commands, and filters of Wireshark. */
function withoutForeign(report: string): string {
  return report
    .replace(/<(style|script|code|bdi)\b[^]*?<\/\1>/g, '')
    .replace(/&lt;\w+&gt;/g, '')
    .replace(/ (?:aria-label|placeholder)="([^"]*)"/g, '>$1<')
    .replace(/<[^>]*>|&[#\w]+;/g, ' ')
    .replace(/^ *```[^]*?^ *```/gm, '')
    .replace(/\]\(https:[^)]*\)/g, ']')
    .replace(/tls-postmortem explain [\w-]+/g, '')
    .replace(/(?<=\s)--?[a-z][\w-]*/g, '')
    .replace(/(?:ip|ipv6)\.addr == |(?:tcp|udp)\.port == |frame\.number >=|frame\.number <=/g, '');
}

describe('in another language', () => {
  for (const capture of ['incident', 'access-denied']) {
    test(`a report on samples/${capture}.pcap has no English sentence`, async () => {
      const { connections } = await analyze([join(ROOT, 'samples', `${capture}.pcap`)]);
      const said = connections.flatMap(({ observed, findings, differential }) => [
        ...(observed === null ? [] : [observationOf(observed, bracketed, LANGUAGE)]),
        ...differential.flatMap(({ rule, verdict }) => [
          verdict.support === 'excluded'
            ? exclusionOf(rule, verdict, bracketed, LANGUAGE)
            : explanationOf({ ...verdict, rule }, bracketed, LANGUAGE),
          ...wordsOf(rule),
        ]),
        ...findings.flatMap((finding) => [
          explanationOf(finding, bracketed, LANGUAGE),
          ...finding.evidence.map((item) => factOf(finding.rule, item, bracketed, LANGUAGE)),
          ...finding.remedies.flatMap((remedy) => {
            const command = commandOf(finding.rule, remedy, bracketed, LANGUAGE);
            return [
              actionOf(finding.rule, remedy, bracketed, LANGUAGE),
              ...(command === null ? [] : [command.does, command.where]),
            ];
          }),
        ]),
      ]);
      assert.ok(said.length > 0);
      for (const text of said) {
        assert.match(text, /Ж/);
        assert.doesNotMatch(text.replace(/\[[^\]]*\]/g, ''), /[a-z]/i, text);
      }
    });
  }

  test('a writer says what it says of findings in the language it is given', async () => {
    const results = await analyze([join(ROOT, 'samples', 'incident.pcap')]);
    const text = [...writeReport(createTextWriter({ ...DEFAULTS, language: LANGUAGE }), results)].join('');
    assert.match(text, /^1\. Ж/m);
    assert.doesNotMatch(text, /expired on|ended on|in common/);
  });

  test('so it does of warnings, and of frames of other connections in a drawing', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'language-'));
    context.after(() => rm(folder, { recursive: true }));
    const cut = join(folder, 'cut.pcap');
    await writeFile(cut, (await readFile(join(ROOT, 'samples', 'incident.pcap'))).subarray(0, -10));
    const results = await analyze([cut]);
    const report = (language: Language): string =>
      [...writeReport(createTextWriter({ ...DEFAULTS, language }), results)].join('');
    for (const sentence of [/the file ends within/, /another connection/]) {
      assert.match(report(ENGLISH), sentence);
      assert.doesNotMatch(report(LANGUAGE), sentence);
    }
  });

  for (const capture of CAPTURES) {
    test(`of a whole report on samples/${capture}, only values and terms are left`, async () => {
      const results = await analyze([join(ROOT, 'samples', capture)]);
      const known = termsOf(results);
      const left = [createTextWriter, createMarkdownWriter, createHtmlWriter].flatMap((create) =>
        [false, true].flatMap((verbose) => {
          const options = { ...DEFAULTS, verbose, width: 120, language: LANGUAGE };
          const report = [...writeReport(create(options), results)].join('');
          assert.match(report, /Ж/);
          const words = wordsIn(withoutForeign(report.replaceAll(results.captures[0]?.path ?? '', '')));
          return words.filter((word) => !known.has(word)).map((word) => `${create.name}: ${word}`);
        }),
      );
      assert.deepEqual([...new Set(left)], []);
    });
  }

  test('of an explanation, only names, sources and commands are left', () => {
    const sources = new Set(RULES.map((rule) => rule.sources.join(', ')));
    const isSource = (line: string): boolean => sources.has(line) || /^(?:RFC \d|IANA, |draft-)/.test(line);
    const left = (text: string): string[] => wordsIn(text).filter((word) => !TERMS.has(word));
    const terms = [...allTerms().values()].flat().map((name) => name.replace(/ \(\d+\)$/, ''));
    for (const term of [...terms, ...ERROR_MESSAGES.map(({ title }) => title)]) {
      const explanation = explain(term, LANGUAGE);
      assert.ok(explanation, term);
      const { title, summary, sections } = explanation;
      const translatable = sections.flatMap(({ heading, lines, isCommand }) => [
        heading.replace(/[\w-]+$/, (id) => (RULES.some((rule) => rule.id === id) ? '' : id)),
        ...lines.map((line) =>
          isCommand
            ? line.replace(/^(?!# ).*/, '')
            : line
                .replace(/^[\w-]+(?: \(\d+\))?: (?=Ж)/, '')
                .replace(/^\S+ \(OpenSSL, .*Node\.js\)$/, '')
                .replace(/<\w+>/g, ''),
        ),
      ]);
      assert.match(summary, /Ж/, term);
      const rest = [
        title
          .replace(term, '')
          .replace(/\(0x[\dA-F]+\)/, '')
          .replace(/^[\w-]+: (?=Ж)/, ''),
        summary,
        ...translatable.filter((line) => !isSource(line)),
      ];
      assert.deepEqual(rest.flatMap(left), [], term);
    }
  });

  test('the compiler asks a translation for every text, with every placeholder', () => {
    interface English {
      readonly way: 'from {from} to {to}';
      readonly days: { readonly one: '{count} day'; readonly other: '{count} days' };
    }
    type Translation = TranslationOf<English>;
    const whole: Translation = { way: '{to} ← {from}', days: { other: '{count} Ж' } };
    // @ts-expect-error -- without {from}
    const without: Translation['way'] = 'Ж {to}';
    // @ts-expect-error -- without days
    const short: Translation = { way: '{to} ← {from}' };
    assert.notDeepEqual([whole, without], [short, without]);
  });
});
