/** Beside every text of the JSON report stands what it is made of: from that alone the same text can be made again. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import { NEIGHBOURS } from '../../src/diagnose/neighbours.js';
import { OBSERVATIONS } from '../../src/diagnose/observed.js';
import { ENDS } from '../../src/diagnose/ends/texts.js';
import type { Rule } from '../../src/diagnose/rule.js';
import { RULES } from '../../src/diagnose/rules/index.js';
import { NOTICES, type NoticeCode } from '../../src/notices.js';
import { SERVICES } from '../../src/knowledge/services/index.js';
import { showUnprintable } from '../../src/report/escape.js';
import { DEFAULTS, writeReport } from '../../src/report/format.js';
import { createJsonWriter } from '../../src/report/json/json.js';
import type { JsonNotice, JsonRemedy, JsonReport, JsonSaid } from '../../src/report/json/contract.js';
import {
  actionOf,
  commandOf,
  exclusionOf,
  explanationOf,
  factOf,
  noticeOf,
  observationOf,
} from '../../src/report/words.js';
import { ROOT } from '../support/schema.js';

const SAMPLES = join(ROOT, 'samples');

async function reportOf(file: string): Promise<JsonReport> {
  const keys = join(SAMPLES, file.replace(/\.pcap(?:ng)?$/, '.keys'));
  const results = await analyze([join(SAMPLES, file)], existsSync(keys) ? { keys: [keys] } : {});
  return JSON.parse([...writeReport(createJsonWriter(DEFAULTS), results)].join('')) as JsonReport;
}

const ruleOf = (id: string): Rule => {
  const rule = RULES.find((one) => one.id === id);
  assert.ok(rule, id);
  return rule;
};
const message = ({ messageId: id, data }: JsonSaid) => ({ id, data });

function assertNotices(notices: readonly JsonNotice[]): void {
  for (const { code, message: text, messageId: id, data } of notices) {
    assert.ok(Object.hasOwn(NOTICES, code), code);
    assert.ok(Object.hasOwn(NOTICES[code as NoticeCode], id), `${code}: ${id}`);
    assert.equal(noticeOf({ code: code as NoticeCode, id, data }, showUnprintable), text);
  }
}

function assertRemedies(rule: Rule, remedies: readonly JsonRemedy[]): void {
  for (const { who, action, service: serviceId, command, commandDetails, ...said } of remedies) {
    const service =
      serviceId === undefined ? undefined : [...SERVICES, ENDS, NEIGHBOURS].find(({ id }) => id === serviceId);
    const remedy = { who, ...message(said), ...(service === undefined ? {} : { service }) };
    assert.equal(actionOf(rule, remedy, showUnprintable), action);
    if (commandDetails === null) assert.equal(command, null);
    else {
      const { messageId, data, does, where } = commandDetails;
      const again = commandOf(rule, { ...remedy, data, command: messageId, where }, showUnprintable);
      assert.deepEqual([again?.text, again?.data, again?.does], [command, data, does]);
    }
  }
}

for (const file of readdirSync(SAMPLES).filter((name) => /\.pcap(?:ng)?$/.test(name))) {
  test(`of samples/${file}`, async () => {
    const { captures, connections, diagnoses, risks } = await reportOf(file);
    for (const { warnings } of captures) assertNotices(warnings);
    for (const { observed, findings, differential = [], notes } of connections) {
      assertNotices(notes);
      if (observed !== undefined) {
        assert.ok(Object.hasOwn(OBSERVATIONS, observed.messageId));
        assert.equal(observationOf({ ...message(observed), sightings: [] }, showUnprintable), observed.text);
      }
      for (const finding of findings) {
        const rule = ruleOf(finding.rule);
        assert.equal(explanationOf({ rule, explanation: message(finding) }, showUnprintable), finding.explanation);
        for (const one of finding.evidence) assert.equal(factOf(rule, message(one), showUnprintable), one.fact);
        assertRemedies(rule, finding.remedies);
      }
      for (const candidate of differential) {
        const rule = ruleOf(candidate.rule);
        const { messageId, data, evidence = [], state } = candidate;
        if (messageId !== undefined && data !== undefined) {
          const message = { id: messageId, data };
          const said =
            state === 'excluded'
              ? exclusionOf(rule, { support: 'excluded', because: message, evidence: [] }, showUnprintable)
              : explanationOf({ rule, explanation: message }, showUnprintable);
          assert.equal(said, state === 'excluded' ? candidate.because : candidate.explanation);
        } else assert.equal(findings.filter(({ rule }) => rule === candidate.rule).length, 1);
        assert.equal(
          candidate.settledByDetails?.messageId,
          candidate.settledBy === undefined ? undefined : 'settledBy',
        );
        for (const one of evidence) assert.equal(factOf(rule, message(one), showUnprintable), one.fact);
      }
    }
    for (const diagnosis of [...diagnoses, ...risks]) {
      const rule = ruleOf(diagnosis.rule);
      assert.equal(explanationOf({ rule, explanation: message(diagnosis) }, showUnprintable), diagnosis.explanation);
      assertRemedies(rule, diagnosis.remedies);
      for (const ending of diagnosis.endings) {
        assert.equal(observationOf({ ...message(ending), sightings: [] }, showUnprintable), ending.text);
      }
    }
    for (const { rule, diagnosisId } of connections) {
      if (rule !== null) assert.ok(diagnoses.some((one) => one.id === diagnosisId && one.rule === rule));
    }
  });
}
