import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRepeatSearch, type RepeatSearch } from '../src/repeat-search.js';

const due = (search: RepeatSearch, times: number): number =>
  Array.from({ length: times }, () => search.isDue()).filter(Boolean).length;

test('a search is always due until many were in vain, and then for one in 32', () => {
  const search = createRepeatSearch(2);
  for (let count = 0; count < 255; count++) search.notFound();
  assert.equal(due(search, 64), 64);
  search.notFound();
  assert.equal(due(search, 64), 2);
});

test('a find makes up for as many in vain as it gains', () => {
  const search = createRepeatSearch(2);
  for (let count = 0; count < 1000; count++) search.notFound();
  search.found();
  search.notFound();
  assert.equal(due(search, 64), 64);
  search.notFound();
  assert.equal(due(search, 64), 2);
});

test('finds are no credit for later ones in vain', () => {
  const search = createRepeatSearch(8);
  for (let count = 0; count < 1000; count++) search.found();
  for (let count = 0; count < 256; count++) search.notFound();
  assert.equal(due(search, 64), 2);
});
