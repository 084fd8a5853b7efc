import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import { BOUNDS } from '../../src/bounds.js';
import type { Connection } from '../../src/connection/connection.js';
import { createSeenTwice } from '../../src/connection/seen-twice.js';
import { at, connection, type ConnectionOverrides } from '../support/connections.js';
import { ROOT } from '../support/schema.js';

const inside = { address: '10.0.0.7', port: 40000 };
const outside = { address: '203.0.113.1', port: 40000 };

/** A view of a handshake that begins in this frame. */
const view = (firstFrame: number, client = inside, overrides: ConnectionOverrides = {}): Connection =>
  connection({
    id: String(firstFrame),
    firstFrame,
    client,
    startedAt: at(firstFrame / 1000),
    clientHello: { random: 'c1' },
    serverHello: { random: '51' },
    transport: { client: { initialSequence: -7 }, server: { initialSequence: 9 } },
    ...overrides,
  });

/** Ids of what is left of connections that end in this order, batch by batch. */
function left(...batches: readonly (readonly Connection[])[]): string[] {
  const { firstViews, lastViews, count } = createSeenTwice();
  const ids = [...batches.flatMap(firstViews), ...lastViews()].map(({ id }) => String(id));
  assert.equal(count(), batches.flat().length - ids.length);
  return ids;
}

describe('connections that a capture shows twice', () => {
  test('are told once, in the view that began first, whichever ends first', () => {
    assert.deepEqual(left([view(2, outside), view(1, inside)]), ['1']);
    assert.deepEqual(left([view(2, outside)], [view(1, inside)]), ['1']);
    assert.deepEqual(left([view(1, inside)], [view(2, outside)]), ['1']);
    const translated = { server: { address: '192.0.2.80', port: 8443 } };
    assert.deepEqual(left([view(1), view(2, inside, translated)]), ['1']);
  });

  test('are recognised without a ServerHello by the sequence numbers, and without these by both hellos', () => {
    const refused = { serverHello: null };
    assert.deepEqual(left([view(1, inside, refused), view(2, outside, refused)]), ['1']);
    const late = { transport: {} };
    assert.deepEqual(left([view(1, inside, late), view(2, outside, late)]), ['1']);
    // The random of scanners is constant.
    const both = { ...refused, ...late };
    assert.deepEqual(left([view(1, inside, both), view(2, outside, both)]), ['1', '2']);
  });

  test('are recognised by an unanswered SYN to the same server', () => {
    const syn = (sequence: number) =>
      ({
        phase: 'tcp-connect',
        outcome: 'failed',
        clientHello: null,
        serverHello: null,
        transport: { synAck: null, synAcks: [], client: { bytes: 0, initialSequence: sequence }, server: { bytes: 0 } },
      }) as const;
    assert.deepEqual(left([view(1, inside, syn(77)), view(2, outside, syn(77))]), ['1']);
    assert.deepEqual(left([view(1, inside, syn(77)), view(2, outside, syn(78))]), ['1', '2']);
    // Scanners write 0, or the same number to all hosts.
    assert.deepEqual(left([view(1, inside, syn(0)), view(2, outside, syn(0))]), ['1', '2']);
    const elsewhere = { ...syn(77), server: { address: '192.0.2.80', port: 443 } };
    assert.deepEqual(left([view(1, inside, syn(77)), view(2, inside, elsewhere)]), ['1', '2']);
  });

  test('are two where a proxy has a connection of its own, or the views differ: something was dropped in between', () => {
    const proxied = { transport: { client: { initialSequence: 1 }, server: { initialSequence: 2 } } };
    assert.deepEqual(left([view(1), view(2, outside, proxied)]), ['1', '2']);
    const more = { transport: { client: { initialSequence: -7 }, server: { initialSequence: 9, bytes: 5000 } } };
    assert.deepEqual(left([view(1), view(2, outside, more)]), ['1', '2']);
    assert.deepEqual(left([view(1), view(900, outside)]), ['1', '900']);
    assert.deepEqual(left([view(1), view(2, { ...inside, port: 40001 })]), ['1', '2'], 'the same addresses');
  });

  test('are remembered within a bound', () => {
    const others = Array.from({ length: BOUNDS.recentHandshakes.value }, (_, index) =>
      view(index + 2, outside, { clientHello: { random: `d${index}` } }),
    );
    assert.equal(left([view(1)], others, [view(2, outside)]).length, others.length + 2);
  });
});

/** A little-endian pcap file of Linux cooked packets (version 2), without their headers of 20 bytes: of link type raw IP. */
function asRawIp(file: Buffer): Buffer {
  const beginning = Buffer.from(file.subarray(0, 24));
  beginning.writeUInt32LE(101, 20);
  const parts: Uint8Array[] = [beginning];
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8)) {
    const header = Buffer.from(file.subarray(at, at + 16));
    const packet = file.subarray(at + 16 + 20, at + 16 + header.readUInt32LE(8));
    header.writeUInt32LE(packet.length, 8);
    header.writeUInt32LE(header.readUInt32LE(12) - 20, 12);
    parts.push(header, packet);
  }
  return Buffer.concat(parts);
}

describe('a capture of a router that translates addresses', () => {
  const file = join(ROOT, 'test/reports/node-behind-nat-unknown-authority.pcap');

  test('has each handshake once, and a warning that says so', async () => {
    const { summary, captures, connections } = await analyze([file]);
    assert.deepEqual([summary.connections, summary.failed], [3, 1]);
    assert.deepEqual(captures[0]?.warnings.find(({ code }) => code === 'seen-twice')?.data, { count: 3 });
    assert.ok(connections.every(({ connection: { client } }) => client.address === '10.79.1.2'));
  });

  test('has both views where it is of one interface, which a router does not translate on: it is not looked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seen-twice-'));
    try {
      const path = join(folder, 'raw-ip.pcap');
      writeFileSync(path, asRawIp(readFileSync(file)));
      const { summary } = await analyze([path]);
      assert.deepEqual([summary.connections, summary.failed], [6, 2]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('has both views where connections are selected, by the one address or the other', async () => {
    const seen: string[] = [];
    await analyze([file], { select: ({ connection: { client } }) => seen.push(client.address) > 0 });
    assert.equal(new Set(seen).size, 2);
  });
});
