import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createTcpTracker } from '../../../src/transport/tcp/tracker.js';
import { createTlsReader } from '../../../src/tls/session.js';
import { conversation, feed } from '../../support/conversation.js';
import { recordedConnections } from '../../support/recorded.js';
import { ROOT } from '../../support/schema.js';
import { certificate, clientHello, handshake, serverHello, serverHelloDone } from '../../support/tls.js';

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
    const before = follow(1000, 11_000);
    const after = follow(11_000, 16_000);
    assert.ok((after - before) / 5000 < 2048, `${(after - before) / 5000} bytes`);
    tracker.finish();
    assert.deepEqual([ended, tls.heldBytes()], [15_000, 0]);
  });
});
