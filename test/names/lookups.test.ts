import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOUNDS } from '../../src/bounds.js';
import { createLookups, type LookupSubject, type Lookups } from '../../src/names/lookups.js';
import { readDnsMessage } from '../../src/names/dns.js';
import { createServerNames, nameResults } from '../../src/names/results.js';
import { at } from '../support/connections.js';
import { CLIENT, dnsMessage, RESOLVER, type MessageOptions } from '../support/dns.js';

const a = (name: string, ...values: readonly string[]): MessageOptions => ({
  name,
  answers: values.map((value) => ({ name, type: 'A', value })),
});

/** Gives an answer, or a question, in that frame, a second for each. */
function say(lookups: Lookups, frame: number, options: MessageOptions, client = CLIENT, resolver = RESOLVER): void {
  const bytes = dnsMessage(options);
  const message = readDnsMessage(bytes, 0, bytes.length) ?? assert.fail();
  const [source, destination] = message.isResponse ? [resolver, client] : [client, resolver];
  lookups.take(message, { protocol: 'dns', source, destination, frame, at: at(frame) });
}

/** A connection that begins with that frame. */
const connectionOf = (
  server: string,
  frame: number,
  serverName: string | null = null,
  client = CLIENT,
): LookupSubject => ({
  client: { address: client },
  server: { address: server },
  clientHello: serverName === null ? null : { serverName },
  startedAt: at(frame),
});

describe('the lookup of a connection', () => {
  test('is one before it that leads to its server', () => {
    const lookups = createLookups();
    say(lookups, 3, a('shop.example', '198.51.100.2', '198.51.100.1'));
    const found = lookups.of(connectionOf('198.51.100.2', 4));
    assert.deepEqual(found, {
      protocol: 'dns',
      name: 'shop.example',
      client: CLIENT,
      resolver: RESOLVER,
      aliases: [],
      ttl: 60,
      frame: 3,
      at: at(3),
      before: null,
      since: null,
    });
    assert.equal(lookups.of(connectionOf('198.51.100.2', 2)), null, 'later than the connection');
    assert.equal(lookups.of(connectionOf('198.51.100.3', 4)), null, 'of another address');
  });

  test('goes by way of aliases, in whatever order, and not by records of other names', () => {
    const lookups = createLookups();
    const answers = [
      { name: 'edge.example', type: 'A', value: '198.51.100.2', ttl: 20 },
      { name: 'lb.example', type: 'CNAME', value: 'edge.example', ttl: 300 },
      { name: 'stranger.example', type: 'A', value: '198.51.100.9' },
      { name: 'shop.example', type: 'CNAME', value: 'lb.example' },
      // In a circle.
      { name: 'edge.example', type: 'CNAME', value: 'shop.example' },
    ];
    say(lookups, 3, { name: 'shop.example', answers });
    const { aliases, ttl } = lookups.of(connectionOf('198.51.100.2', 4)) ?? assert.fail();
    assert.deepEqual([aliases, ttl], [['lb.example', 'edge.example'], 20]);
    assert.equal(lookups.of(connectionOf('198.51.100.9', 4)), null);
  });

  test('is that of the name which the client asks for, then of the client itself, then the latest', () => {
    const lookups = createLookups();
    say(lookups, 1, a('shop.example', '198.51.100.2'));
    say(lookups, 2, a('api.example', '198.51.100.2'));
    say(lookups, 3, a('other.example', '198.51.100.2'), '192.0.2.7');
    const nameOf = (connection: LookupSubject) => lookups.of(connection)?.name;
    assert.equal(nameOf(connectionOf('198.51.100.2', 9, 'SHOP.example')), 'shop.example');
    assert.equal(nameOf(connectionOf('198.51.100.2', 9)), 'api.example');
    assert.equal(nameOf(connectionOf('198.51.100.2', 9, null, '192.0.2.8')), 'other.example');
  });

  test('tells where the name led before, and where it leads since', () => {
    const lookups = createLookups();
    say(lookups, 1, a('shop.example', '198.51.100.1'));
    say(lookups, 2, a('shop.example', '198.51.100.1'));
    say(lookups, 5, a('shop.example', '198.51.100.2'));
    say(lookups, 8, a('shop.example', '198.51.100.3'));
    const moved = lookups.of(connectionOf('198.51.100.2', 6)) ?? assert.fail();
    assert.deepEqual(moved.before, { addresses: ['198.51.100.1'], frame: 1, at: at(1) });
    assert.equal(moved.since, null);
    const old = lookups.of(connectionOf('198.51.100.2', 9)) ?? assert.fail();
    assert.deepEqual(old.since, { addresses: ['198.51.100.3'], frame: 8, at: at(8) });
  });

  test('says nothing of a name whose answers take turns', () => {
    const lookups = createLookups();
    say(lookups, 1, a('shop.example', '198.51.100.1', '198.51.100.2'));
    say(lookups, 2, a('shop.example', '198.51.100.2', '198.51.100.3'));
    const { before, since } = lookups.of(connectionOf('198.51.100.2', 9)) ?? assert.fail();
    assert.deepEqual([before, since], [null, null]);
  });

  test('is not compared with what another resolver tells another host, nor with addresses of the other family', () => {
    const lookups = createLookups();
    say(lookups, 1, a('shop.example', '198.51.100.1'), '192.0.2.7', '192.0.2.54');
    const answers = [{ name: 'shop.example', type: 'AAAA', value: '2001:db8::2' }];
    say(lookups, 2, { name: 'shop.example', type: 'AAAA', answers });
    say(lookups, 3, a('shop.example', '198.51.100.2'));
    assert.equal(lookups.of(connectionOf('198.51.100.2', 9))?.before, null);
    say(lookups, 4, a('shop.example', '198.51.100.4'), '192.0.2.8');
    assert.deepEqual(lookups.of(connectionOf('198.51.100.2', 9))?.since?.addresses, ['198.51.100.4'], 'same resolver');
  });
});

test('what says the same again takes no memory', () => {
  const lookups = createLookups();
  say(lookups, 1, a('shop.example', '198.51.100.1', '198.51.100.2'));
  const bytes = lookups.holder.bytes();
  for (let frame = 2; frame < 50; frame++) say(lookups, frame, a('shop.example', '198.51.100.2', '198.51.100.1'));
  assert.equal(lookups.holder.bytes(), bytes);
  assert.equal(lookups.list()[0]?.answered, 49);
});

test('memory is bounded, however many names there are, and given up as a whole', () => {
  const lookups = createLookups(400_000);
  for (let frame = 1; frame < 1000; frame++) say(lookups, frame, a(`${frame}.example`, '198.51.100.1'));
  assert.ok(lookups.isFull() && lookups.holder.bytes() <= 400_000 && lookups.list().length > 100);
  assert.equal(lookups.of(connectionOf('198.51.100.1', 2000))?.name, '256.example', 'bounded by address');
  assert.ok(lookups.holder.giveUp() > 100);
  assert.deepEqual([lookups.holder.bytes(), lookups.list(), lookups.holder.giveUp()], [0, [], 0]);
});

test('that a name led nowhere is not said where answers may be lacking', () => {
  const unresolved = (lookups: Lookups): string[] =>
    nameResults([], {
      lookups,
      serverNames: createServerNames(),
      certificateNames: createServerNames(),
      captured: [],
      end: at(100),
    }).unresolved.map(({ name }) => name);
  const denied = { name: 'shop.example', code: 3, isResponse: true };
  const whole = createLookups();
  say(whole, 1, denied);
  assert.deepEqual(unresolved(whole), ['shop.example']);
  const full = createLookups(700);
  say(full, 1, denied);
  say(full, 2, a('shop.example', '198.51.100.1', '198.51.100.2'));
  assert.ok(full.isFull());
  assert.deepEqual(unresolved(full), [], 'no room for the answer that came later');
  whole.holder.giveUp();
  say(whole, 3, denied);
  assert.deepEqual(unresolved(whole), [], 'what was known before was given up');
});

test('of one name, so many answers are kept', () => {
  const lookups = createLookups();
  const most = BOUNDS.lookupAnswers.value;
  for (let frame = 1; frame <= most + 5; frame++) say(lookups, frame, a('shop.example', `198.51.100.${frame}`));
  assert.equal(lookups.list()[0]?.answers.length, most);
});

test('that a name has moved is not said where later answers were left out', () => {
  const most = BOUNDS.lookupAnswers.value;
  const byAnswers = createLookups();
  const turns = (frame: number): string => (frame % 2 === 1 ? '198.51.100.1' : '198.51.100.2');
  for (let frame = 1; frame <= most + 1; frame++) say(byAnswers, frame, a('shop.example', turns(frame)));
  assert.deepEqual(byAnswers.of(connectionOf('198.51.100.1', 60))?.since?.addresses, ['198.51.100.2']);
  assert.equal(byAnswers.of(connectionOf('198.51.100.1', most + 2))?.since, null, 'the last answer leads there');
  const byBytes = createLookups(900);
  for (let frame = 1; frame <= 3; frame++) say(byBytes, frame, a('shop.example', turns(frame)));
  assert.ok(byBytes.isFull());
  assert.equal(byBytes.of(connectionOf('198.51.100.1', 4))?.since, null, 'no room for the last answer');
});

test('tables of slices, one behind the other, are the table of the whole', () => {
  const events: readonly (readonly [MessageOptions, string?])[] = [
    [{ name: 'shop.example' }],
    [a('shop.example', '198.51.100.1')],
    [a('shop.example', '198.51.100.1'), '192.0.2.7'],
    [{ name: 'db.example' }],
    [a('shop.example', '198.51.100.1')],
    [{ name: 'db.example', code: 3 }],
    [{ name: 'shop.example' }],
    [a('shop.example', '198.51.100.2')],
    [{ name: 'db.example', code: 3 }],
    [a('shop.example', '198.51.100.1')],
  ];
  const tableOf = (from: number, to: number): Lookups => {
    const table = createLookups();
    for (const [index, [options, client]] of events.entries()) {
      if (index >= from && index < to) say(table, index + 1, options, client);
    }
    return table;
  };
  const whole = tableOf(0, events.length).list();
  for (let cut = 0; cut <= events.length; cut++) {
    const merged = createLookups();
    for (const part of [tableOf(0, cut), tableOf(cut, events.length)]) {
      for (const lookup of part.list()) merged.add(lookup);
    }
    assert.deepEqual(merged.list(), whole, `cut at ${cut}`);
  }
});

test('server names are remembered up to a bound of characters, and counted', () => {
  const names = createServerNames();
  const long = (letter: string): string => letter.repeat(BOUNDS.serverNameCharacters.value / 3);
  names.add('192.0.2.1', long('a'), 1);
  names.add('192.0.2.1', long('a'), 2);
  names.add('192.0.2.2', long('b'), 3);
  assert.deepEqual([names.has(long('a')), names.has(long('b')), [...names.of('192.0.2.2')].length], [true, false, 1]);
  assert.ok(names.holder.bytes() <= BOUNDS.serverNameCharacters.value);
});

test('server names are told in the order of their first frames', () => {
  const names = createServerNames();
  for (const [name, frame] of [
    ['late', 9],
    ['early', 5],
    ['late', 3],
  ] as const)
    names.add('192.0.2.1', name, frame);
  assert.deepEqual(names.of('192.0.2.1'), ['late', 'early']);
});
