import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Spoken } from '../../src/diagnose/cause.js';
import { chooseCause } from '../../src/diagnose/cause.js';
import type { Basis, Certainty, Rule } from '../../src/diagnose/rule.js';
import { evidence, rule } from '../support/results.js';

function spoken(id: string, basis: Basis, certainty: Certainty, role: Rule['role'] = 'cause'): Spoken {
  return {
    rule: rule({ id, basis, role }),
    verdict: { certainty, messageId: 'expired', data: {}, evidence: [evidence('shown', 5)], remedies: [] },
  };
}

/** Ids and roles, in order. */
function rolesOf(...all: Spoken[]): [id: string, role: string][] {
  return chooseCause(all).findings.map((finding) => [finding.rule.id, finding.role]);
}

function causeOf(...all: Spoken[]): string | null {
  return chooseCause(all).cause?.rule.id ?? null;
}

describe('the choice of the cause', () => {
  test('nobody spoke', () => {
    assert.deepEqual(chooseCause([]), { findings: [], cause: null });
  });

  test('a fact explains more than an alert, an alert more than an ending, however sure they are', () => {
    const fact = spoken('fact', 'fact', 'likely');
    const alert = spoken('alert', 'alert', 'certain');
    const ending = spoken('ending', 'ending', 'certain');
    assert.equal(causeOf(ending, alert, fact), 'fact');
    assert.equal(causeOf(ending, alert), 'alert');
    assert.equal(causeOf(ending), 'ending');
  });

  test('of the same basis, the surer one', () => {
    assert.equal(causeOf(spoken('likely', 'fact', 'likely'), spoken('certain', 'fact', 'certain')), 'certain');
  });

  test('what weighs the same stays in the order of the rule index', () => {
    assert.equal(causeOf(spoken('first', 'fact', 'certain'), spoken('second', 'fact', 'certain')), 'first');
  });

  test('one of several possibilities never wins against what is at least likely', () => {
    const open = spoken('open', 'fact', 'possible');
    assert.equal(causeOf(open, spoken('ending', 'ending', 'likely')), 'ending');
    assert.equal(causeOf(open), 'open');
  });

  test('a risk is never the cause', () => {
    const risk = spoken('risk', 'fact', 'certain', 'risk');
    assert.equal(causeOf(risk), null);
    assert.equal(causeOf(risk, spoken('ending', 'ending', 'possible')), 'ending');
  });
});

describe('the roles of the others', () => {
  test('an alert or an ending is what the cause led to', () => {
    assert.deepEqual(
      rolesOf(
        spoken('ending', 'ending', 'certain'),
        spoken('alert', 'alert', 'certain'),
        spoken('fact', 'fact', 'certain'),
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
        spoken('first', 'fact', 'certain'),
        spoken('certain', 'fact', 'certain'),
        spoken('likely', 'fact', 'likely'),
      ),
      [
        ['first', 'cause'],
        ['certain', 'risk'],
      ],
    );
  });

  test('risks come last', () => {
    assert.deepEqual(rolesOf(spoken('risk', 'fact', 'certain', 'risk'), spoken('ending', 'ending', 'likely')), [
      ['ending', 'cause'],
      ['risk', 'risk'],
    ]);
  });

  test('a finding is its verdict, with the rule and the role', () => {
    const one = spoken('fact', 'fact', 'certain');
    assert.deepEqual(chooseCause([one]).cause, { ...one.verdict, rule: one.rule, role: 'cause' });
  });
});
