import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedWork, createWorkBudget } from '../../src/x509/work.js';

test('a step that costs more than is left is not to be done, nor any after it', () => {
  const work = boundedWork(10);
  assert.deepEqual([work.spend(4), work.isExhausted], [true, false]);
  assert.deepEqual([work.spend(7), work.isExhausted], [false, true]);
  assert.equal(work.spend(1), false);
});

test('questions share a budget, which grows with the bytes that they are about', () => {
  const budget = createWorkBudget(100);
  const first = budget.question(80);
  assert.equal(first.spend(80), true);
  const second = budget.question(80, 100);
  assert.equal(second.spend(70), true);
  const third = budget.question(80);
  assert.equal(third.spend(1), false);
  assert.equal(budget.givenUp(), 1);
});

test('what a question does not get is left for others', () => {
  const budget = createWorkBudget(100);
  assert.equal(budget.question(10).spend(50), false);
  assert.equal(budget.question(100).spend(100), true);
});
