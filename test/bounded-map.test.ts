import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBoundedMap, createBoundedSet, type WhenFull } from '../src/bounded-map.js';

const LIMIT = 30;
const SIZE = 4;

function filled(whenFull: WhenFull): ReturnType<typeof createBoundedMap<string, number>> {
  const map = createBoundedMap<string, number>({ size: 3, whenFull });
  for (const [index, key] of ['a', 'b', 'c'].entries()) assert.ok(map.set(key, index));
  map.get('a');
  return map;
}

test('a full map that refuses keeps what it has, and takes new values for it', () => {
  const map = filled('refuse');
  assert.equal(map.set('d', 3), false);
  assert.ok(map.set('b', 7));
  assert.ok(map.set('a', 8));
  assert.deepEqual([...map], Object.entries({ a: 8, b: 7, c: 2 }));
});

test('a full map that refuses does not make what it has no room for', () => {
  const map = filled('refuse');
  const made: string[] = [];
  const make = (key: string): number => made.push(key);
  assert.equal(map.getOrAdd('d', make), undefined);
  assert.equal(map.getOrAdd('b', make), 1);
  map.delete('b');
  assert.equal(map.getOrAdd('e', make), 1);
  assert.deepEqual([...map.keys(), made], ['a', 'c', 'e', ['e']]);
});

test('a full set takes no new value', () => {
  const set = createBoundedSet<string>(2);
  for (const value of ['a', 'b', 'a', 'c']) set.add(value);
  assert.deepEqual([...set], ['a', 'b']);
  set.delete('a');
  assert.deepEqual([...set.add('c')], ['b', 'c']);
});

test('a full map forgets what was set first', () => {
  const map = filled('forget oldest');
  assert.ok(map.set('d', 3));
  assert.deepEqual([...map.keys()], ['b', 'c', 'd']);
  map.set('b', 4);
  map.set('e', 5);
  assert.deepEqual([...map], Object.entries({ d: 3, b: 4, e: 5 }));
});

test('a full map forgets what was not used longest', () => {
  const map = filled('forget least recently used');
  map.set('d', 3);
  assert.deepEqual([...map.keys()], ['c', 'a', 'd']);
  assert.ok(map.has('c'));
  map.set('e', 4);
  assert.deepEqual([...map.keys()], ['a', 'd', 'e']);
});

test('what is asked for is made once as long as it is kept', () => {
  const map = createBoundedMap<string, { readonly key: string }>({ size: 1, whenFull: 'forget oldest' });
  const make = (key: string): { readonly key: string } => ({ key });
  const first = map.getOrMake('a', make);
  assert.equal(map.getOrMake('a', make), first);
  map.getOrMake('b', make);
  assert.notEqual(map.getOrMake('a', make), first);
});

test('what alone weighs too much costs no other its place', () => {
  const map = createBoundedMap<string, number>({
    size: SIZE,
    whenFull: 'forget oldest',
    weight: { limit: LIMIT, of: (value) => value },
  });
  map.set('a', LIMIT);
  assert.equal(map.set('b', LIMIT + 1), false);
  assert.deepEqual([...map.values()], [LIMIT]);
});

test('neither size nor weight ever pass their limits, and what was kept is there', () => {
  const action = fc.record({
    act: fc.constantFrom('set', 'set', 'set', 'get', 'delete', 'clear'),
    key: fc.integer({ min: 0, max: 7 }),
    value: fc.integer({ min: 1, max: LIMIT + 5 }),
  });
  const policy = fc.constantFrom<WhenFull>('refuse', 'forget oldest', 'forget least recently used');
  fc.assert(
    fc.property(policy, fc.array(action), (whenFull, actions) => {
      const map = createBoundedMap<number, number>({
        size: SIZE,
        whenFull,
        weight: { limit: LIMIT, of: (value) => value },
      });
      for (const { act, key, value } of actions) {
        if (act === 'set') assert.equal(map.set(key, value) && map.get(key) !== value, false);
        else if (act === 'get') map.get(key);
        else if (act === 'delete') assert.ok(map.has(key) === map.delete(key) && !map.has(key));
        else map.clear();
        const values = [...map.values()];
        assert.ok(values.length <= SIZE && map.size === values.length);
        assert.ok(values.reduce((sum, each) => sum + each, 0) <= LIMIT);
        if (act === 'set' && whenFull !== 'refuse' && value <= LIMIT) assert.equal(map.get(key), value);
      }
    }),
  );
});
