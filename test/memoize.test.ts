import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoizeLastQuestion } from '../src/memoize.js';

test('the last answer about a subject is kept until another question is asked', () => {
  const asked: number[] = [];
  const answer = memoizeLastQuestion(
    (subject: object, question: number) => asked.push(question),
    (one, other) => Math.floor(one) === Math.floor(other),
  );
  const [one, other] = [{}, {}];
  for (const question of [1, 1.5, 2, 1]) answer(one, question);
  assert.deepEqual(asked, [1, 2, 1]);
  assert.equal(answer(other, 1), 4);
  assert.equal(answer(one, 1), 3);
});
