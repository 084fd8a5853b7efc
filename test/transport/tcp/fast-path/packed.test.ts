import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decode, TCP_SEGMENT } from '../../../../src/packet/decode.js';
import { newPacket } from '../../../../src/packet/packet.js';
import { hashOf, directionOf } from '../../../../src/transport/endpoints.js';
import { MAX_IN_ORDER } from '../../../../src/transport/tcp/fast-path/in-order.js';
import { createTcpTracker } from '../../../../src/transport/tcp/tracker.js';
import { createTlsReader } from '../../../../src/tls/reader.js';
import { frameOf } from '../../../support/captures.js';
import { conversation, feed, frameBytes } from '../../../support/conversation.js';
import { recordedConnections } from '../../../support/recorded.js';
import { ROOT } from '../../../support/schema.js';
import {
  applicationData,
  certificate,
  clientHello,
  handshake,
  serverHello,
  serverHelloDone,
} from '../../../support/tls.js';

/** So many client ports whose connections have a slot each, whatever the hash of this run. */
function portsApart(count: number): readonly number[] {
  const ports: number[] = [];
  const slots = new Set<number>();
  const packet = newPacket();
  for (let clientPort = 1000; ports.length < count; clientPort++) {
    const bytes = frameBytes(conversation({ clientPort }).send('client'));
    assert.equal(decode(frameOf(1, bytes), packet), TCP_SEGMENT);
    const slot = hashOf(packet, directionOf(packet)) & (MAX_IN_ORDER - 1);
    if (!slots.has(slot)) ports.push(clientPort);
    slots.add(slot);
  }
  return ports;
}

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
    const [, open] = tracker.holders(tls.heldBytes);
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
    let before = follow(1000, 1500);
    for (const [from, to] of [
      [1500, 4000],
      [4000, 11_000],
      [11_000, 16_000],
    ] as const) {
      const after = follow(from, to);
      assert.ok((after - before) / (to - from) < 2048, `${(after - before) / (to - from)} bytes from ${from} on`);
      before = after;
    }
    tracker.finish();
    assert.deepEqual([ended, tls.heldBytes()], [15_000, 0]);
  });

  /**
   * Lets so many connections talk by turns, the server in records of so many bytes and segments of 100; gives how many
   * times one was packed at each of them, and what they count for.
   */
  const takeTurns = (connections: number, turns: number, length: number) => {
    const tls = createTlsReader();
    let packs = 0;
    const packer = {
      ...tls,
      pack(...args: Parameters<typeof tls.pack>) {
        packs++;
        return tls.pack(...args);
      },
    };
    const tracker = createTcpTracker(tls, () => undefined, undefined, { packer, limits: { unpacked: 64 } });
    const talks = portsApart(connections).map((clientPort) => conversation({ clientPort }));
    const records = Array.from({ length: Math.ceil((turns * 100) / length) }, () => applicationData(length));
    const bytes = Buffer.concat(records);
    const packed = Array.from({ length: turns }, (_, turn) => {
      const before = packs;
      for (const talk of talks) {
        const said = talk.segments.length;
        if (turn === 0) {
          talk.open();
          talk.say('client', handshake(clientHello()));
          talk.say('server', handshake(serverHello(), serverHelloDone));
        } else {
          talk.say('server', bytes.subarray(turn * 100 - 100, turn * 100));
        }
        talk.ack('client');
        feed(tracker, talk.segments.slice(said));
      }
      return packs - before;
    });
    const [, open] = tracker.holders(tls.heldBytes);
    return { packed, bytes: open.bytes() };
  };

  test('where more talk by turns than are unpacked, the room for them stays', () => {
    const { packed, bytes } = takeTurns(1000, 6, 95);
    assert.ok(
      packed.every((times) => times > 900),
      packed.join(' '),
    );
    assert.ok(bytes < 1000 * 2048 + 64 * 12_288, `${bytes} bytes`);
  });

  test('a packed connection stays so while the bytes of a record pass', () => {
    const { packed } = takeTurns(1000, 12, 5000);
    assert.ok((packed[1] ?? 0) > 900, packed.join(' '));
    assert.deepEqual(
      packed.slice(3),
      Array.from({ length: 9 }, () => 0),
    );
  });
});
