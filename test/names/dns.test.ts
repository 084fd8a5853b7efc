import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readDnsMessage } from '../../src/names/dns.js';
import { be16, be32, concat } from '../support/captures.js';
import { dnsMessage, nameBytes } from '../support/dns.js';

const read = (bytes: Uint8Array) => readDnsMessage(bytes, 0, bytes.length);

test('a question', () => {
  assert.deepEqual(read(dnsMessage({ name: 'Shop.Example' })), {
    isResponse: false,
    code: 0,
    question: { name: 'shop.example', type: 1 },
    answers: [],
  });
});

test('an answer by way of an alias, with records that lead to no address', () => {
  const message = read(
    dnsMessage({
      answers: [
        { name: 'shop.example', type: 'CNAME', value: 'lb.cdn.example', ttl: 300 },
        { name: 'lb.cdn.example', type: 'PTR', value: 'other.example' },
        { name: 'lb.cdn.example', type: 'A', value: '198.51.100.2', ttl: 30 },
        { name: 'lb.cdn.example', type: 'AAAA', value: '2001:db8::2', ttl: 30 },
        { name: 'lb.cdn.example', type: 'A', value: Uint8Array.of(1, 2, 3) },
      ],
    }),
  );
  assert.deepEqual(message?.answers, [
    { name: 'shop.example', type: 'CNAME', value: 'lb.cdn.example', ttl: 300 },
    { name: 'lb.cdn.example', type: 'A', value: '198.51.100.2', ttl: 30 },
    { name: 'lb.cdn.example', type: 'AAAA', value: '2001:db8::2', ttl: 30 },
  ]);
});

test('an answer without a question, as in mDNS, whose classes are marked', () => {
  const answers = [{ name: 'printer.local', type: 'A', value: '192.0.2.9' }];
  const message = read(dnsMessage({ name: null, answers, classFlags: 0x8000 }));
  assert.deepEqual([message?.question, message?.answers.length], [null, 1]);
});

/** An answer with one record, whose owner is these bytes. */
const owned = (owner: Uint8Array | readonly number[]): Uint8Array =>
  concat(
    dnsMessage({ isResponse: true }).map((byte, index) => (index === 7 ? 1 : byte)),
    owner,
    be16(1),
    be16(1),
    be32(60),
    be16(4),
    [198, 51, 100, 2],
  );

describe('names', () => {
  test('may end in what came before', () => {
    assert.equal(read(owned([0xc0, 12]))?.answers[0]?.name, 'shop.example');
    assert.equal(read(owned([3, 97, 98, 99, 0xc0, 12]))?.answers[0]?.name, 'abc.shop.example');
  });

  test('never lead forwards, or in a circle', () => {
    const at = dnsMessage().length;
    for (const target of [at, at + 2, at + 40]) {
      assert.deepEqual(read(owned([0xc0 | (target >> 8), target & 0xff]))?.answers, []);
    }
    // Back to a label in front of the pointer, again and again.
    const loop = concat([1, 97], [0xc0, at]);
    assert.deepEqual(read(owned(loop))?.answers, []);
  });

  test('are not longer than they may be', () => {
    const long = Array.from({ length: 5 }, () => 'x'.repeat(60)).join('.');
    assert.deepEqual(read(owned(nameBytes(long)))?.answers, []);
    assert.deepEqual(read(owned([0x41, ...new Array<number>(65).fill(97), 0]))?.answers, []);
  });

  test('have nothing in them that is not visible, and no dot that is none', () => {
    assert.equal(read(owned([5, 97, 46, 27, 32, 0xe9, 0]))?.answers[0]?.name, 'a\\.\\027\\032\\233');
  });
});

test('what is cut short is read as far as it goes', () => {
  const answers = [1, 2].map((last) => ({ name: 'shop.example', type: 'A', value: `198.51.100.${last}` }));
  const whole = dnsMessage({ answers });
  const record = (whole.length - dnsMessage().length) / 2;
  for (let length = 0; length <= whole.length; length++) {
    const message = readDnsMessage(whole, 0, length);
    const expected = length < dnsMessage().length ? undefined : Math.floor((length - dnsMessage().length) / record);
    assert.equal(message?.answers.length, expected, `${length} bytes`);
  }
});

test('other operations and several questions are none', () => {
  const message = dnsMessage();
  assert.equal(read(message.map((byte, index) => (index === 2 ? 0x28 : byte))), null);
  assert.equal(read(message.map((byte, index) => (index === 5 ? 2 : byte))), null);
});

test('whatever the bytes, names and addresses of them are well formed', () => {
  const damaged = fc
    .tuple(fc.uint8Array({ maxLength: 40 }), fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 8 }))
    .map(([tail, changes]) => {
      const answers = [
        { name: 'shop.example', type: 'CNAME', value: 'lb.example' },
        { name: 'lb.example', type: 'AAAA', value: '2001:db8::2' },
      ];
      const bytes = concat(dnsMessage({ answers }), tail);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 600 })), (bytes) => {
      const message = read(bytes);
      for (const { name, value } of message?.answers ?? []) {
        for (const text of [name, value]) assert.match(text, /^[\x21-\x7e]{0,1100}$/);
      }
    }),
    { numRuns: 2000 },
  );
});
