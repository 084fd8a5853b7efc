import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fullNumber } from '../../../src/tls/decrypt/number-mask.js';
import { readLongHeader, readLongPacket, type LongPacket } from '../../../src/tls/quic/packet.js';
import { initialKeys, isRetryIntact, keysOfSide, openLongPacket } from '../../../src/tls/quic/protection.js';
import { quicVersion, type QuicVersion } from '../../../src/tls/quic/versions.js';
import { concat } from '../../support/captures.js';
import { hex } from '../../../src/bytes.js';
import { fromHex, initial, seal, V1, V2 } from '../../support/quic.js';

const ORIGINAL_ID = fromHex('8394c8f03e515708');

function version(code: number): QuicVersion {
  const known = quicVersion(code);
  assert.ok(known);
  return known;
}

function packetOf(bytes: Uint8Array): LongPacket {
  const header = readLongHeader(bytes, 0, bytes.length);
  assert.ok(header);
  const packet = readLongPacket(bytes, header, bytes.length);
  assert.ok(packet);
  return packet;
}

/** The client's CRYPTO frame of RFC 9001 §A.2 and RFC 9369 §A.2, to be padded to 1162 bytes. */
const CLIENT_FRAMES = concat(
  fromHex(`060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868
    04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578
    616d706c652e636f6dff01000100000a00080006001d00170018001000070005
    04616c706e000500050100000000003300260024001d00209370b2c9caa47fba
    baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400
    0d0010000e0403050306030203080408050806002d00020101001c0002400100
    3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000
    75300901100f088394c8f03e51570806048000ffff`),
  new Uint8Array(917),
);

const SERVER_FRAMES = fromHex(`02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739
  88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94
  0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304`);

/** RFC 9001 §A and RFC 9369 §A. */
const VECTORS = [
  {
    name: 'RFC 9001',
    version: V1,
    clientHeader: 'c300000001088394c8f03e5157080000449e',
    protectedStart: 'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b',
    protectedEnd: 'e221af44860018ab0856972e194cd934',
    keys: [
      ['1f369613dd76d5467730efcbe3b1a22d', 'fa044b2f42a3fd3b46fb255c'],
      ['cf3a5331653c364c88f0f379b6067e37', '0ac1493ca1905853b0bba03e'],
    ],
    server: `cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
      5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3
      dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84
      022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee`,
    retry: 'ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba',
  },
  {
    name: 'RFC 9369',
    version: V2,
    clientHeader: 'd36b3343cf088394c8f03e5157080000449e',
    protectedStart: 'd76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071',
    protectedEnd: 'a18b2faa745b6fe189cf772a9f84cbfc',
    keys: [
      ['8b1a0bc121284290a29e0971b5cd045d', '91f73e2351d8fa91660e909f'],
      ['82db637861d55e1d011f19ea71d5d2a7', 'dd13c276499c0249d3310652'],
    ],
    server: `dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698
      baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17
      f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2
      c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140`,
    retry: 'cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6',
  },
] as const;

for (const vector of VECTORS) {
  describe(`the vectors of ${vector.name}`, () => {
    const keys = initialKeys(version(vector.version.code), ORIGINAL_ID);

    test('keys', () => {
      assert.deepEqual(
        (['client', 'server'] as const)
          .map((side) => keysOfSide(keys, side))
          .map(({ aead: { key, iv } }) => [hex(key), hex(iv)]),
        vector.keys,
      );
    });

    test("the client's Initial", () => {
      const sealed = seal(fromHex(vector.clientHeader), CLIENT_FRAMES, {
        version: vector.version,
        secretId: ORIGINAL_ID,
        from: 'client',
        number: 2,
      });
      const written = Buffer.from(sealed).toString('hex');
      assert.ok(written.startsWith(vector.protectedStart));
      assert.ok(written.endsWith(vector.protectedEnd));
      const packet = packetOf(sealed);
      assert.equal(packet.type, 'initial');
      const opened = openLongPacket(sealed, packet, keysOfSide(keys, 'client'), -1);
      assert.deepEqual(opened, { number: 2, payload: Buffer.from(CLIENT_FRAMES), isAuthentic: true });
      assert.equal(openLongPacket(sealed, packet, keysOfSide(keys, 'server'), -1)?.isAuthentic, false);
    });

    test("the server's Initial", () => {
      const bytes = fromHex(vector.server);
      const opened = openLongPacket(bytes, packetOf(bytes), keysOfSide(keys, 'server'), 0);
      assert.deepEqual(opened, { number: 1, payload: SERVER_FRAMES, isAuthentic: true });
    });

    test('the Retry', () => {
      const bytes = fromHex(vector.retry);
      const packet = packetOf(bytes);
      assert.equal(packet.type, 'retry');
      assert.equal(Buffer.from(bytes.subarray(packet.token.start, packet.token.end)).toString(), 'token');
      assert.equal(isRetryIntact(bytes, packet, ORIGINAL_ID), true);
      assert.equal(isRetryIntact(bytes, packet, ORIGINAL_ID.subarray(1)), false);
    });
  });
}

describe('packet numbers', () => {
  test('the example of RFC 9000 §A.3', () => {
    assert.equal(fullNumber(0xa82f30ea, 0x9b32, 2), 0xa82f9b32);
  });

  test('without a known number, one is as it was sent', () => {
    assert.equal(fullNumber(-1, 769_659_966, 4), 769_659_966);
  });

  test('whoever sends enough bytes is understood', () => {
    const numbers = fc.tuple(
      fc.maxSafeNat(),
      fc.integer({ min: 1, max: 4 }),
      fc.double({ min: -0.49, max: 0.49, noNaN: true }),
    );
    fc.assert(
      fc.property(numbers, ([largest, length, distance]) => {
        const window = 2 ** (8 * length);
        const number = largest + 1 + Math.trunc(distance * window);
        fc.pre(number >= 0 && number < 2 ** 53);
        assert.equal(fullNumber(largest, number % window, length), number);
      }),
    );
  });
});

test('what is sealed opens, and nothing that was altered', () => {
  fc.assert(
    fc.property(
      fc.record({
        secretId: fc.uint8Array({ minLength: 8, maxLength: 20 }),
        sourceId: fc.uint8Array({ maxLength: 20 }),
        token: fc.uint8Array({ maxLength: 100 }),
        frames: fc.uint8Array({ minLength: 4, maxLength: 300 }),
        number: fc.integer({ min: 0, max: 255 }),
        numberLength: fc.integer({ min: 1, max: 4 }),
        version: fc.constantFrom(V1, V2),
      }),
      fc.nat(),
      ({ frames, ...options }, place) => {
        const sealed = initial(frames, { ...options, destinationId: options.secretId, from: 'client' });
        const packet = packetOf(sealed);
        assert.equal(packet.end, sealed.length);
        const client = keysOfSide(initialKeys(version(options.version.code), options.secretId), 'client');
        const opened = openLongPacket(sealed, packet, client, options.number - 1);
        assert.deepEqual(opened, { number: options.number, payload: Buffer.from(frames), isAuthentic: true });
        const at = packet.numberStart + (place % (packet.end - packet.numberStart));
        sealed[at] = (sealed[at] as number) ^ 1;
        assert.notEqual(openLongPacket(sealed, packet, client, -1)?.isAuthentic, true);
      },
    ),
  );
});
