import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createTcpTracker } from '../../../src/transport/tcp/tracker.js';
import { createTlsReader } from '../../../src/tls/session.js';
import { conversation, feed } from '../../support/conversation.js';
import { recordedConnections } from '../../support/recorded.js';
import { ROOT } from '../../support/schema.js';
import {
  applicationData,
  certificate,
  clientHello,
  handshake,
  serverHello,
  serverHelloDone,
} from '../../support/tls.js';

describe('open connections that are packed', () => {
  test('of recorded connections the facts are the same', async () => {
    let packs = 0;
    for (const sample of readdirSync(join(ROOT, 'samples')).filter((file) => /\.pcap(ng)?$/.test(file))) {
      const plain = await recordedConnections(sample);
      const facts = await recordedConnections(sample, () => packs++);
      assert.deepEqual(facts, plain, sample);
    }
    assert.ok(packs > 500, `${packs} times one was packed`);
  });

  test('each counts for less than 2 KiB; certificates that they share count once', () => {
    const tls = createTlsReader();
    let ended = 0;
    const tracker = createTcpTracker(
      tls,
      ({ content }) => {
        ended++;
        if (content !== null) tls.release(content);
      },
      undefined,
      { packer: tls },
    );
    const [, , open] = tracker.holders(tls.heldBytes);
    const follow = (from: number, to: number): number => {
      for (let clientPort = from; clientPort < to; clientPort++) {
        const talk = conversation({ clientPort });
        talk.open();
        talk.say('client', handshake(clientHello()));
        talk.say('server', handshake(serverHello(), certificate(1000), serverHelloDone));
        talk.ack('client');
        feed(tracker, talk.segments);
      }
      return open.bytes();
    };
    const before = follow(1000, 11_000);
    const after = follow(11_000, 16_000);
    assert.ok((after - before) / 5000 < 2048, `${(after - before) / 5000} bytes`);
    tracker.finish();
    assert.deepEqual([ended, tls.heldBytes()], [15_000, 0]);
  });

  /** Lets so many connections talk by turns; gives how many times one was packed at each of them, and the tracker. */
  const takeTurns = (connections: number, turns: number) => {
    const tls = createTlsReader();
    let packs = 0;
    const packer = {
      ...tls,
      pack(...args: Parameters<typeof tls.pack>) {
        packs++;
        return tls.pack(...args);
      },
    };
    const limits = { unpacked: 64, unpackedTurns: 256 };
    const tracker = createTcpTracker(tls, () => undefined, undefined, { packer, limits });
    const talks = Array.from({ length: connections }, (_, index) => conversation({ clientPort: 1000 + index }));
    const packed = Array.from({ length: turns }, (_, turn) => {
      const before = packs;
      for (const talk of talks) {
        const said = talk.segments.length;
        if (turn === 0) talk.open();
        talk.say('client', turn === 0 ? handshake(clientHello()) : applicationData(50));
        talk.say('server', turn === 0 ? handshake(serverHello(), serverHelloDone) : applicationData(50));
        feed(tracker, talk.segments.slice(said));
      }
      return packs - before;
    });
    const [unpacked, , open] = tracker.holders(tls.heldBytes);
    return { packed, unpacked, open };
  };

  test('where those that talk by turns are more than are unpacked, but not too many, none is packed again and again', () => {
    const { packed } = takeTurns(200, 6);
    assert.ok((packed[0] ?? 0) > 100, `${packed[0]} are packed while others open`);
    assert.deepEqual(packed.slice(2), [0, 0, 0, 0]);
  });

  test('where they are too many, the room for them stays', () => {
    const { packed, open } = takeTurns(1000, 6);
    assert.ok(
      packed.every((times) => times > 900),
      packed.join(' '),
    );
    assert.ok(open.bytes() < 1000 * 2048 + 64 * 12_288, `${open.bytes()} bytes`);
  });

  test('what the memory budget asks for is given by packing first', () => {
    const { unpacked, open } = takeTurns(200, 6);
    const before = open.bytes();
    let given = 0;
    for (let count = unpacked.giveUp(); count > 0; count = unpacked.giveUp()) given += count;
    assert.equal(given, 200 - 64);
    assert.ok(before - open.bytes() > given * 5000, `${before} bytes before, ${open.bytes()} after`);
  });
});
