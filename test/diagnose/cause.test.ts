import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Candidate } from '../../src/diagnose/finding.js';
import { chooseCause } from '../../src/diagnose/cause.js';
import type { Basis, Support } from '../../src/diagnose/verdict.js';
import type { Rule } from '../../src/diagnose/rule.js';
import { evidence, rule } from '../support/results.js';

function spoken(id: string, basis: Basis, support: Support, role: Rule['role'] = 'cause'): Candidate {
  const message = { id: 'expired', data: {} };
  const shown = [evidence('shown', 5)];
  return {
    rule: rule({ id, role }),
    verdict:
      support === 'excluded'
        ? { support, because: message, evidence: shown }
        : { support, basis, explanation: message, evidence: shown, remedies: [] },
  };
}

/** Ids and roles, in order. */
function rolesOf(...all: Candidate[]): [id: string, role: string][] {
  return chooseCause(all).findings.map((finding) => [finding.rule.id, finding.role]);
}

function causeOf(...all: Candidate[]): string | null {
  return chooseCause(all).cause?.rule.id ?? null;
}

describe('the choice of the cause', () => {
  test('nobody spoke', () => {
    assert.deepEqual(chooseCause([]), { findings: [], cause: null, differential: [] });
  });

  test('a fact explains more than an alert, an alert more than an ending, however sure they are', () => {
    const fact = spoken('fact', 'fact', 'supported');
    const alert = spoken('alert', 'alert', 'confirmed');
    const ending = spoken('ending', 'ending', 'confirmed');
    assert.equal(causeOf(ending, alert, fact), 'fact');
    assert.equal(causeOf(ending, alert), 'alert');
    assert.equal(causeOf(ending), 'ending');
  });

  test('of the same basis, the surer one', () => {
    assert.equal(
      causeOf(spoken('supported', 'fact', 'supported'), spoken('confirmed', 'fact', 'confirmed')),
      'confirmed',
    );
  });

  test('what weighs the same stays in the order of the rule index', () => {
    assert.equal(causeOf(spoken('first', 'fact', 'confirmed'), spoken('second', 'fact', 'confirmed')), 'first');
  });

  test('one of several possibilities never wins against what is at least likely', () => {
    const open = spoken('open', 'fact', 'open');
    assert.equal(causeOf(open, spoken('ending', 'ending', 'supported')), 'ending');
    assert.equal(causeOf(open), 'open');
  });

  test('a risk is never the cause', () => {
    const risk = spoken('risk', 'fact', 'confirmed', 'risk');
    assert.equal(causeOf(risk), null);
    assert.equal(causeOf(risk, spoken('ending', 'ending', 'open')), 'ending');
  });
});

describe('the roles of the others', () => {
  test('an alert or an ending is what the cause led to', () => {
    assert.deepEqual(
      rolesOf(
        spoken('ending', 'ending', 'confirmed'),
        spoken('alert', 'alert', 'confirmed'),
        spoken('fact', 'fact', 'confirmed'),
      ),
      [
        ['fact', 'cause'],
        ['alert', 'symptom'],
        ['ending', 'symptom'],
      ],
    );
  });

  test('another fact that is certain is a fault of its own; one that was only likely is not shown', () => {
    assert.deepEqual(
      rolesOf(
        spoken('first', 'fact', 'confirmed'),
        spoken('confirmed', 'fact', 'confirmed'),
        spoken('supported', 'fact', 'supported'),
      ),
      [
        ['first', 'cause'],
        ['confirmed', 'risk'],
      ],
    );
  });

  test('risks come last', () => {
    assert.deepEqual(rolesOf(spoken('risk', 'fact', 'confirmed', 'risk'), spoken('ending', 'ending', 'supported')), [
      ['ending', 'cause'],
      ['risk', 'risk'],
    ]);
  });

  test('a finding is its verdict, with the rule and the role', () => {
    const one = spoken('fact', 'fact', 'confirmed');
    assert.deepEqual(chooseCause([one]).cause, {
      ...one.verdict,
      certainty: 'certain',
      rule: one.rule,
      role: 'cause',
    });
  });
});

describe('the differential', () => {
  test('keeps every candidate, the cause first and what is excluded last', () => {
    const { differential, cause, findings } = chooseCause([
      spoken('excluded', 'fact', 'excluded'),
      spoken('open', 'fact', 'open'),
      spoken('risk', 'fact', 'confirmed', 'risk'),
      spoken('supported', 'alert', 'supported'),
    ]);
    assert.deepEqual(
      differential.map(({ rule: { id } }) => id),
      ['supported', 'open', 'excluded'],
    );
    assert.equal(cause?.rule.id, 'supported');
    assert.ok(!findings.some(({ rule: { id } }) => id === 'excluded'), 'what is excluded is no finding');
  });

  test('without a fault that is left there is no cause', () => {
    assert.equal(causeOf(spoken('excluded', 'fact', 'excluded')), null);
  });
});
