import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRepeatSearch, type RepeatSearch } from '../src/repeat-search.js';

const due = (search: RepeatSearch, times: number): number =>
  Array.from({ length: times }, () => search.isDue()).filter(Boolean).length;

const times = (count: number, act: () => void): void => {
  for (let index = 0; index < count; index++) act();
};

test('a search is always due until many were in vain, and then for one in 32', () => {
  const search = createRepeatSearch(2);
  times(1023, search.notFound);
  assert.equal(due(search, 64), 64);
  search.notFound();
  assert.equal(due(search, 64), 2);
});

test('a find makes up for as many in vain as it gains', () => {
  const search = createRepeatSearch(2);
  times(1023, search.notFound);
  search.found();
  times(2, search.notFound);
  assert.equal(due(search, 64), 64);
  search.notFound();
  assert.equal(due(search, 64), 2);
});

test('once searches are rare, several more finds than failures make them frequent again', () => {
  const search = createRepeatSearch(1);
  times(5000, search.notFound);
  times(8, search.found);
  assert.equal(due(search, 64), 2);
  search.notFound();
  times(2, search.found);
  assert.equal(due(search, 64), 64);
});

test('where few are found among rare searches, they stay rare', () => {
  const search = createRepeatSearch(1);
  times(5000, search.notFound);
  times(50, () => {
    search.found();
    times(4, search.notFound);
  });
  assert.equal(due(search, 64), 2);
});

test('finds are no credit for later ones in vain', () => {
  const search = createRepeatSearch(8);
  times(1000, search.found);
  times(1024, search.notFound);
  assert.equal(due(search, 64), 2);
});
