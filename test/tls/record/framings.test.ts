/** TLS inside the packets of another protocol: what is read is what was wrapped, wherever the segments were cut. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { be16, concat, piecesOf } from '../../support/captures.js';
import {
  applicationData,
  certificate,
  changeCipherSpec,
  clientHello,
  encrypted,
  handshake,
  messageTypes,
  read,
  serverHello,
  serverHelloDone,
  TYPE,
  type Step,
} from '../../support/tls.js';

const fromClient = concat(
  handshake(clientHello()),
  changeCipherSpec,
  encrypted(TYPE.handshake, 40),
  applicationData(70),
);
const fromServer = concat(
  handshake(serverHello(), certificate(700), serverHelloDone),
  changeCipherSpec,
  encrypted(TYPE.handshake, 40),
);

const seen = (steps: readonly Step[]) => {
  const session = read(...steps);
  return {
    messages: messageTypes(session),
    lengths: session.messages.map(({ length }) => length),
    data: session.applicationDataRecords,
    problems: session.problems.map(({ notice: said }) => said.code),
  };
};

const PLAIN = seen([
  [0, fromClient],
  [1, fromServer],
]);

const packet = (...content: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
  const body = concat(...content);
  return concat(be16(body.length), body);
};

const SESSION_ID = [1, 2, 3, 4, 5, 6, 7, 8];
const CONTROL = 4;
const ACK = 5;
const DATA = 6;

/** Control packets of OpenVPN, each with so many acknowledgments, an acknowledgment alone behind each second. */
function openvpn(reset: number, pieces: readonly Uint8Array[], authLength: number, acks: number): Uint8Array {
  const auth = new Uint8Array(authLength).fill(0xaa);
  const acknowledged = (count: number): number[] =>
    count === 0 ? [0] : [count, ...Array.from({ length: 4 * count }, () => 0), ...SESSION_ID];
  const control = (opcode: number, id: number, count: number, ...tls: readonly Uint8Array[]): Uint8Array =>
    packet([opcode << 3, ...SESSION_ID], auth, acknowledged(count), [0, 0, 0, id & 0xff], ...tls);
  return concat(
    control(reset, 0, 0),
    ...pieces.flatMap((piece, index) => [
      control(CONTROL, index + 1, acks, piece),
      ...(index % 2 === 0 ? [packet([ACK << 3, ...SESSION_ID], auth, acknowledged(1))] : []),
    ]),
    packet([DATA << 3], new Uint8Array(900).fill(0x16)),
    packet([DATA << 3], new Uint8Array(3)),
  );
}

const tds = (type: number, pieces: readonly Uint8Array[]): Uint8Array =>
  concat(...pieces.map((piece) => concat([type, 1], be16(piece.length + 8), [0, 0, 0, 0], piece)));

const steps = (direction: 0 | 1, bytes: Uint8Array, cuts: readonly number[]): Step[] =>
  piecesOf(bytes, cuts).map((piece) => [direction, piece]);

// The first piece holds what a hello is known by.
const pieceLengths = fc.array(fc.integer({ min: 11, max: 300 }), { minLength: 1, maxLength: 5 });
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });

describe('TLS inside OpenVPN', () => {
  const whole = (authLength: number, acks: number, lengths: readonly number[]) => ({
    client: openvpn(7, piecesOf(fromClient, lengths), authLength, acks),
    server: openvpn(8, piecesOf(fromServer, lengths), authLength, acks),
  });

  test('is read wherever the packets and segments are cut, with --tls-auth and without', () => {
    fc.assert(
      fc.property(pieceLengths, cuts, fc.constantFrom(0, 24, 28, 40, 72), fc.nat(8), (lengths, cut, auth, acks) => {
        const { client, server } = whole(auth, acks, lengths);
        assert.deepEqual(seen([...steps(0, client, cut), ...steps(1, server, cut)]), PLAIN);
      }),
    );
  });

  test('is read as far as there are no holes', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.integer({ min: 1, max: 300 }), (place, length) => {
        const { client, server } = whole(0, 1, [100]);
        const at = Math.min(place, server.length - 1);
        const session = read(
          [0, client],
          [1, server.subarray(0, at)],
          [1, { gap: length }],
          [1, server.subarray(at + length)],
        );
        const expected = PLAIN.messages.filter((type) => type.startsWith('1:'));
        const read1 = session.messages.filter(({ direction, isBehindGap }) => direction === 1 && !isBehindGap);
        assert.deepEqual(
          read1.map(({ type }) => `1:${type ?? '?'}`),
          expected.slice(0, read1.length),
        );
        assert.ok(session.messages.every(({ content }) => content.kind !== 'malformed'));
      }),
    );
  });
});

test('TLS inside packets of SQL Server is read wherever packets and segments are cut', () => {
  fc.assert(
    fc.property(pieceLengths, cuts, (lengths, cut) => {
      // What follows the handshake travels without them.
      const client = concat(tds(0x12, piecesOf(fromClient, lengths)), applicationData(50));
      const server = tds(0x04, piecesOf(fromServer, lengths));
      const { messages, lengths: found, data, problems } = seen([...steps(0, client, cut), ...steps(1, server, cut)]);
      assert.deepEqual(
        { messages, lengths: found, data, problems },
        { ...PLAIN, data: [PLAIN.data[0] + 1, PLAIN.data[1]] },
      );
    }),
  );
});
