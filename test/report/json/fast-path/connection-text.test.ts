import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze } from '../../../../src/analyze.js';
import type { DiagnosedConnection, Finding } from '../../../../src/diagnose/finding.js';
import type { Data } from '../../../../src/message.js';
import { jsonConnection } from '../../../../src/report/json/connection.js';
import { createConnectionText } from '../../../../src/report/json/fast-path/connection-text.js';
import { party } from '../../../../src/message.js';
import { notice } from '../../../../src/notices.js';
import { connection, sighting } from '../../../support/connections.js';
import { diagnosed, evidence, finding, rule } from '../../../support/results.js';
import { ROOT } from '../../../support/schema.js';

const connectionText = createConnectionText();

function assertPlain(one: DiagnosedConnection): string {
  const text = connectionText(one);
  assert.equal(text, JSON.stringify(jsonConnection(one)));
  return text;
}

test('what the samples show is written as by the plain version', async () => {
  const samples = readdirSync(join(ROOT, 'samples')).filter((name) => /\.pcap(?:ng)?$/.test(name));
  const kinds = { candidates: 0, excluded: 0, remedies: 0, settled: 0 };
  for (const sample of samples) {
    const { connections } = await analyze([join(ROOT, 'samples', sample)]);
    for (const each of connections) {
      assertPlain(each);
      kinds.candidates += each.differential.length;
      kinds.excluded += each.differential.filter(({ verdict }) => verdict.support === 'excluded').length;
      kinds.settled += each.differential.filter((candidate) => candidate.rule.settledBy !== undefined).length;
      kinds.remedies += each.findings.flatMap(({ remedies }) => remedies).length;
    }
  }
  assert.ok(
    kinds.candidates > 300 && kinds.excluded > 10 && kinds.settled > 300 && kinds.remedies > 300,
    JSON.stringify(kinds),
  );
});

const spoken = rule({
  messages: {
    explanations: { why: 'Of {list}, {name} by {party}.' },
    evidence: { seen: 'saw {name}, {count}' },
    exclusions: { not: 'not {name}' },
    remedies: { mend: 'mend {name}' },
    commands: {
      try: { run: 'try {words}', does: 'tries', where: 'from-client' },
      look: { run: 'look {words}', does: 'looks', where: 'server' },
    },
  },
  settledBy: 'a capture "there"',
});

function saying(data: Data, more: Partial<Finding['remedies'][number]> = {}): DiagnosedConnection {
  const one = finding({
    rule: spoken,
    explanation: { id: 'why', data },
    evidence: [evidence('seen', 3, { data }), evidence('seen', 4, { data })],
    remedies: [{ who: 'server', id: 'mend', command: 'try', data, ...more }],
  });
  const excluded = { support: 'excluded', because: { id: 'not', data }, evidence: one.evidence } as const;
  return {
    ...diagnosed(undefined, [one]),
    differential: [
      { rule: spoken, verdict: one },
      { rule: spoken, verdict: excluded },
    ],
  };
}

test('a text is written again only while all that it says is the same', () => {
  const data: Data = { name: 'a', party: { party: 'server' }, list: ['x', 'y'], count: 1, words: ['w'] };
  const texts = new Set<string>();
  const variants: Data[] = [
    data,
    { ...data, name: 'b' },
    { ...data, count: 2 },
    { ...data, count: '1' },
    { ...data, list: ['y', 'x'] },
    { ...data, list: ['x'] },
    { ...data, list: { style: 'ranked', items: ['x', 'y'], more: 0 } },
    { ...data, list: { style: 'ranked', items: ['x', 'y'], more: 3 } },
    { ...data, party: { party: 'client' } },
    { ...data, words: ['w', 'v'] },
    { words: ['w'], count: 1, list: ['x', 'y'], party: { party: 'server' }, name: 'a' },
    { name: 'a', party: { party: 'server' }, list: ['x', 'y'], words: ['w'] },
    { ...data, name: '"\\\n\ud800' },
  ];
  for (const one of variants) {
    texts.add(assertPlain(saying(data)));
    texts.add(assertPlain(saying(one)));
  }
  assert.equal(texts.size, variants.length);
});

test('a remedy is told from another of the same id by who does what, where and by whose advice', () => {
  const data: Data = { name: 'a', party: { party: 'server' }, list: ['x'], count: 1, words: ['w'] };
  const texts = new Set<string>();
  const service = { id: 'other', messages: { ...spoken.messages, remedies: { mend: 'other words' } } };
  const variants = [{ who: 'client' }, { command: 'look' }, { where: 'server' }, { service }] as const;
  for (const one of variants) {
    texts.add(assertPlain(saying(data)));
    texts.add(assertPlain(saying(data, one)));
  }
  assert.equal(texts.size, variants.length + 1);
});

test('values that no text uses do not matter, and are not written', () => {
  const data: Data = { name: 'a', party: { party: 'server' }, list: ['x'], count: 1, words: ['w'] };
  const text = assertPlain(saying({ ...data, client: '192.0.2.1' }));
  assert.equal(assertPlain(saying({ client: '192.0.2.2', ...data })), text);
});

test('notes and observations are told apart by all their values', () => {
  const texts = new Set<string>();
  for (const side of ['server', 'client', 'server'] as const) {
    const note = { ...notice('one-sided', 'connection', { side: party(side) }), frame: null };
    const one = connection({ outcome: 'failed', notes: [note, { ...note, capture: 1, frame: 7 }] });
    const observed = { id: 'clientReset', data: { side: party(side) }, sightings: [sighting(side, 9)] };
    texts.add(assertPlain({ ...diagnosed(one, [finding()]), observed }));
  }
  assert.equal(texts.size, 2);
});
