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
import { END_FACTS } from '../../../src/diagnose/ends/texts.js';
import type { Texts } from '../../../src/message.js';
import { NOTICES } from '../../../src/notices.js';
import { ENGLISH } from '../../../src/report/messages/english.js';
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
import { createTextWriter } from '../../../src/report/text/text.js';
import { ROOT } from '../../support/schema.js';

/** Values between brackets, and between them one letter for each text. */
const translated = (text: string): string => ['Ж', ...(text.match(/\{\w+\}/g) ?? [])].join(' ');
const all = <Table extends Texts>(table: Table): Readonly<Record<keyof Table, string>> =>
  Object.fromEntries(Object.entries(table).map(([id, text]) => [id, translated(text)])) as Record<keyof Table, string>;

const LANGUAGE: Language = {
  tag: 'x-test',
  phrases: all(ENGLISH.phrases),
  evidence: all(ENGLISH.evidence),
  observations: all(ENGLISH.observations),
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
    const [, told = ''] = /^1\. (Ж.*)^ +Evidence/ms.exec(text) ?? [];
    assert.match(told, /Happened +Ж[^]*Why +Ж/);
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
});
