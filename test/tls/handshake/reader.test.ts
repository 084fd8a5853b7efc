import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HandshakeReader, type HandshakeSink } from '../../../src/tls/handshake/reader.js';
import { createSharedContent } from '../../../src/tls/wire/messages/shared.js';
import { concat } from '../../support/captures.js';
import { certificate, clientHello, clientHelloBody, message, serverHelloDone, stampOf } from '../../support/tls.js';

/** A reader, and what it hands on. */
function reading() {
  const seen: string[] = [];
  const sink: HandshakeSink = {
    shared: createSharedContent(),
    masterSecrets: null,
    negotiated: { version: 0x0303, cipherSuite: 0xc02f },
    message({ pieces, recordVersion }, type, length, { kind }, { number }) {
      seen.push(`${type} ${kind}, ${length} bytes in ${pieces}, version ${recordVersion}, frame ${number}`);
    },
    partialClientHello: (_, { random }, { number }) => {
      seen.push(`part of a ClientHello with the random ${random.slice(0, 4)}…, frame ${number}`);
    },
    tooLong: (_, type, length, { number }) => seen.push(`${type} too long, ${length} bytes, frame ${number}`),
    ciphertext: (_, length, { number }) => seen.push(`ciphertext, ${length} bytes, frame ${number}`),
  };
  const reader = new HandshakeReader(0, sink);
  const read = (bytes: Uint8Array, frame: number): void => {
    reader.read(bytes, 0, bytes.length, stampOf(frame));
  };
  return { reader, read, seen };
}

describe('handshake messages without records', () => {
  test('a message and the beginning of the next one in one piece', () => {
    const { read, seen } = reading();
    const next = certificate(300);
    read(concat(serverHelloDone, next.subarray(0, 40)), 1);
    read(next.subarray(40), 2);
    assert.deepEqual(seen, [
      '14 other, 0 bytes in 1, version 0, frame 1',
      '11 certificate, 306 bytes in 2, version 0, frame 2',
    ]);
  });

  test('a message byte by byte is in as many pieces, and what follows in its last one is whole', () => {
    const { read, seen } = reading();
    const hello = clientHello();
    const { length } = hello;
    for (let at = 0; at < length - 1; at++) read(hello.subarray(at, at + 1), at + 1);
    read(concat(hello.subarray(length - 1), serverHelloDone), length);
    assert.deepEqual(seen, [
      `1 client_hello, ${length - 4} bytes in ${length}, version 0, frame ${length}`,
      `14 other, 0 bytes in 1, version 0, frame ${length}`,
    ]);
  });

  test('a message that was put together before is in one piece', () => {
    const { reader, seen } = reading();
    const body = clientHelloBody();
    reader.readMessage(1, body, 0, body.length, stampOf(3));
    assert.deepEqual(seen, [`1 client_hello, ${body.length} bytes in 1, version 0, frame 3`]);
  });

  test('a gap within a message, and one beyond its end', () => {
    const { reader, read, seen } = reading();
    read(certificate(300).subarray(0, 40), 1);
    assert.ok(reader.gap(100));
    assert.ok(reader.isSkipping);
    read(concat(new Uint8Array(170), serverHelloDone), 2);
    assert.deepEqual(seen, ['14 other, 0 bytes in 1, version 0, frame 2']);
    read(certificate(300).subarray(0, 40), 3);
    assert.ok(!reader.gap(300));
    assert.ok(!reader.isInsideMessage);
  });

  test('a ClientHello that is cut is read as far as it goes', () => {
    const { reader, read, seen } = reading();
    read(clientHello().subarray(0, 45), 1);
    reader.cut(stampOf(2));
    assert.deepEqual(seen, ['part of a ClientHello with the random 1111…, frame 2']);
  });

  test('no message begins where one should', () => {
    const { reader, read, seen } = reading();
    read(message(99, new Uint8Array(8)), 1);
    assert.deepEqual(seen, ['ciphertext, 12 bytes, frame 1']);
    assert.ok(!reader.isInsideMessage);
  });
});
