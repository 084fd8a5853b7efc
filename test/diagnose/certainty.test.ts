import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { certaintyOf, type Certainty } from '../../src/diagnose/certainty.js';
import type { Basis, Exclusion, Support, Verdict } from '../../src/diagnose/verdict.js';

const message = { id: 'expired', data: {} };

function verdict(support: Verdict['support'], basis: Basis = 'fact'): Verdict {
  return { support, basis, explanation: message, evidence: [], remedies: [] };
}

function rival(support: Support, basis: Basis = 'fact'): Verdict | Exclusion {
  return support === 'excluded' ? { support, because: message, evidence: [] } : verdict(support, basis);
}

function certainty(own: Verdict, ...rivals: readonly (Verdict | Exclusion)[]): Certainty {
  return certaintyOf(own, [own, ...rivals]);
}

describe('how sure a verdict is', () => {
  test('confirmed, and no rival is: certain', () => {
    assert.equal(certainty(verdict('confirmed')), 'certain');
    assert.equal(certainty(verdict('confirmed'), rival('supported'), rival('open'), rival('excluded')), 'certain');
  });

  test('two confirmed faults: either may have been the one', () => {
    assert.equal(certainty(verdict('confirmed'), rival('confirmed')), 'possible');
  });

  test('supported, and no rival is: likely', () => {
    assert.equal(certainty(verdict('supported')), 'likely');
    assert.equal(certainty(verdict('supported'), rival('open'), rival('excluded')), 'likely');
  });

  test('supported, and so is a rival: possible', () => {
    assert.equal(certainty(verdict('supported'), rival('supported', 'alert')), 'possible');
    assert.equal(certainty(verdict('supported'), rival('confirmed')), 'possible');
  });

  test('open: possible, even alone', () => {
    assert.equal(certainty(verdict('open')), 'possible');
  });

  test('where the capture lacks what may have been the last word, only a fault that facts confirm is sure', () => {
    const partial = (own: Verdict): Certainty => certaintyOf(own, [own], {}, true);
    assert.equal(partial(verdict('confirmed')), 'certain');
    assert.equal(partial(verdict('supported')), 'possible');
    assert.equal(partial(verdict('confirmed', 'ending')), 'possible');
  });

  test('what only says how it ended rivals no explanation', () => {
    assert.equal(certainty(verdict('supported'), rival('confirmed', 'ending')), 'likely');
  });

  test('an observation by an ending or an alert alone is possible: the reason is not seen', () => {
    const observed = (own: Verdict): Certainty => certaintyOf(own, [own], { isObservation: true });
    assert.equal(observed(verdict('supported', 'ending')), 'possible');
    assert.equal(observed(verdict('supported', 'alert')), 'possible');
    assert.equal(observed(verdict('confirmed', 'ending')), 'certain');
    assert.equal(observed(verdict('supported', 'fact')), 'likely');
  });

  test('how it ended is as sure as it was seen, unless an explanation is left', () => {
    assert.equal(certainty(verdict('confirmed', 'ending'), rival('confirmed', 'ending')), 'certain');
    assert.equal(certainty(verdict('confirmed', 'ending'), rival('excluded')), 'certain');
    assert.equal(certainty(verdict('confirmed', 'ending'), rival('open')), 'possible');
  });
});
