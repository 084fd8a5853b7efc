import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAddress } from '../../src/packet/address.js';

function ipv6(...groups: readonly number[]): string {
  const words = new Uint32Array(8);
  for (let word = 0; word < 4; word++) words[4 + word] = groups[2 * word]! * 0x10000 + groups[2 * word + 1]!;
  return formatAddress(words, 4, 6);
}

describe('formatAddress', () => {
  test('writes IPv4 in dotted decimal', () => {
    const words = new Uint32Array([0, 0, 0xffff, 0xc0000201, 0, 0, 0xffff, 0xffffffff]);
    assert.equal(formatAddress(words, 0, 4), '192.0.2.1');
    assert.equal(formatAddress(words, 4, 4), '255.255.255.255');
  });

  const cases: readonly (readonly [string, readonly number[], string])[] = [
    ['drops leading zeros (4.1)', [0x2001, 0xdb8, 1, 2, 3, 4, 5, 0xa], '2001:db8:1:2:3:4:5:a'],
    ['shortens as much as it can (4.2.1)', [0x2001, 0xdb8, 0, 0, 0, 0, 2, 1], '2001:db8::2:1'],
    ['does not shorten one zero (4.2.2)', [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
    ['shortens the longest run (4.2.3)', [0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
    ['shortens the first of equal runs (4.2.3)', [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
    ['is lower case (4.3)', [0xabcd, 1, 1, 1, 1, 1, 1, 0xef01], 'abcd:1:1:1:1:1:1:ef01'],
    ['shortens at the start', [0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    ['shortens at the end', [0xfe80, 0, 0, 0, 0, 0, 0, 0], 'fe80::'],
    ['shortens everything', [0, 0, 0, 0, 0, 0, 0, 0], '::'],
    ['writes IPv4-mapped addresses as such (5)', [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201], '::ffff:192.0.2.1'],
  ];
  for (const [what, groups, text] of cases) {
    test(`IPv6: ${what}`, () => {
      assert.equal(ipv6(...groups), text);
    });
  }

  test('IPv6 text is what the platform writes for the same address', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const text = ipv6(...groups);
        assert.ok(isIPv6(text));
        if (!text.includes('.')) {
          const url = new URL(`http://[${groups.map((value) => value.toString(16)).join(':')}]/`);
          assert.equal(text, url.hostname.slice(1, -1));
        }
      }),
    );
  });
});
