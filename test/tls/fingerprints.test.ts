import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ja3, ja3s, ja4 } from '../../src/tls/fingerprints.js';
import { Cursor } from '../../src/tls/wire/cursor.js';
import { decodeClientHello } from '../../src/tls/wire/messages/client-hello.js';
import { decodeServerHello } from '../../src/tls/wire/messages/server-hello.js';
import { createSharedContent } from '../../src/tls/wire/messages/shared.js';
import { be16 } from '../support/captures.js';
import {
  clientHelloBody,
  codes,
  extension,
  serverHelloBody,
  vector16,
  vector8,
  type HelloOptions,
} from '../support/tls.js';

const SHARED = createSharedContent();
const helloOf = (options: HelloOptions) => decodeClientHello(new Cursor(clientHelloBody(options)), SHARED);
const serverName = extension(0, vector16([0], vector16(Buffer.from('www.example.com'))));
const groups = (...values: number[]): Uint8Array => extension(10, vector16(codes(values)));
const pointFormats = extension(11, vector8([0]));
const alpn = (...names: (string | number[])[]): Uint8Array =>
  extension(16, vector16(...names.map((name) => vector8(typeof name === 'string' ? Buffer.from(name) : name))));
const signatureAlgorithms = (...values: number[]): Uint8Array => extension(13, vector16(codes(values)));
const supportedVersions = (...values: number[]): Uint8Array => extension(43, vector8(codes(values)));

describe('JA3 (vectors of github.com/salesforce/ja3, README)', () => {
  const suites = [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];

  test('of a hello with extensions', () => {
    const hello = helloOf({ version: 769, suites, extensions: [serverName, groups(23, 24, 25), pointFormats] });
    assert.equal(ja3(hello), 'ada70206e40642a3e4461f35503241d5');
  });

  test('of one without any', () => {
    const hello = helloOf({ version: 769, suites: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], extensions: null });
    assert.equal(ja3(hello), 'de350869b8c85de67a350c8d186f11e6');
  });

  test('ignores GREASE', () => {
    const hello = helloOf({
      version: 769,
      suites: [0x3a3a, ...suites],
      extensions: [extension(0x0a0a), serverName, groups(0xfafa, 23, 24, 25), pointFormats, extension(0xbaba, [0])],
    });
    assert.equal(ja3(hello), 'ada70206e40642a3e4461f35503241d5');
  });
});

test('JA3S (as Wireshark and Suricata print them)', () => {
  const shared = [extension(51, be16(29), vector16(new Uint8Array(32)))];
  const version = [extension(43, be16(0x0304))];
  const of = (suite: number, extensions: readonly Uint8Array[]): string =>
    ja3s(decodeServerHello(new Cursor(serverHelloBody({ suites: [suite], extensions })), SHARED));
  // 771,4866,43-51 and 771,4865,51-43
  assert.equal(of(4866, [...version, ...shared]), '15af977ce25de452b96affa2addb1036');
  assert.equal(of(4865, [...shared, ...version]), 'eb1d94daa7e0344597e756a1fb6e7054');
});

describe('JA4 (vectors of github.com/FoxIO-LLC/ja4, technical_details/JA4.md)', () => {
  const suites = [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f,
    0x0035,
  ];
  const schemes = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
  const others = [0x001b, 0x0033, 0x4469, 0x0017, 0x002d, 0x0005, 0x0023, 0x0012, 0xff01, 0x0015].map((type) =>
    extension(type),
  );
  const example = [
    ...others,
    serverName,
    pointFormats,
    groups(0x1a1a, 29, 23, 24),
    signatureAlgorithms(...schemes),
    alpn('h2', 'http/1.1'),
    supportedVersions(0x7a7a, 0x0304, 0x0303),
  ];

  test('of the example, which has GREASE in every list', () => {
    const hello = helloOf({
      suites: [0x5a5a, ...suites],
      extensions: [extension(0x0a0a), ...example, extension(0x2a2a, [0])],
    });
    assert.equal(ja4(hello), 't13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  test('does not depend on the order of suites and extensions', () => {
    const hello = helloOf({ suites: suites.toReversed(), extensions: example.toReversed() });
    assert.equal(ja4(hello), 't13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  test('depends on the order of signature schemes', () => {
    const reversed = example.map((one) => (one[1] === 13 ? signatureAlgorithms(...schemes.toReversed()) : one));
    const parts = ja4(helloOf({ suites, extensions: reversed })).split('_');
    assert.deepEqual(parts.slice(0, 2), ['t13d1516h2', '8daaf6152771']);
    assert.notEqual(parts[2], 'e5627efa2ab1');
  });

  test('of extensions without signature schemes has no underscore behind them', () => {
    const without = example.map((one) => (one[1] === 13 ? signatureAlgorithms() : one));
    assert.equal(ja4(helloOf({ suites, extensions: without })), 't13d1516h2_8daaf6152771_6d807ffa2a79');
  });

  test('of a bare old hello: no name, no extensions, twelve zeros', () => {
    assert.equal(
      ja4(helloOf({ version: 0x0301, suites: [], extensions: null })),
      't10i000000_000000000000_000000000000',
    );
    assert.match(ja4(helloOf({ version: 0x0300, suites: [0x0a0a, 5], extensions: null })), /^ts3i010000_/);
  });

  test('takes the version from the highest that is offered, else from the old field', () => {
    const version = (options: HelloOptions): string => ja4(helloOf(options)).slice(1, 3);
    assert.equal(version({ extensions: [supportedVersions(0x0302, 0x0303)], version: 0x0301 }), '12');
    assert.equal(version({ extensions: [supportedVersions(0xdada)], version: 0x0302 }), '11');
    assert.equal(version({ version: 0x0305 }), '00');
  });

  test('counts no further than 99', () => {
    const many = Array.from({ length: 120 }, (_, index) => index);
    const hello = helloOf({ suites: many, extensions: many.map((type) => extension(100 + type)) });
    assert.match(ja4(hello), /^t12i999900_/);
  });

  test('shows the ends of the first ALPN value', () => {
    const ends = (first: string | number[]): string => ja4(helloOf({ extensions: [alpn(first, 'zz')] })).slice(8, 10);
    assert.equal(ends('h2'), 'h2');
    assert.equal(ends('http/1.1'), 'h1');
    assert.equal(ends('h'), 'hh');
    assert.equal(ends([0xab]), 'ab');
    assert.equal(ends([0xab, 0xcd]), 'ad');
    assert.equal(ends([0x30, 0xab]), '3b');
    assert.equal(ends([0x30, 0x31, 0xab, 0xcd]), '3d');
    assert.equal(ends([0x30, 0xab, 0xcd, 0x31]), '01');
    assert.equal(ends([0x20, 0x61]), '21');
    assert.equal(ja4(helloOf({ extensions: [alpn()] })).slice(8, 10), '00');
  });
});
