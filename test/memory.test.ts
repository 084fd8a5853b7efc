import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { analyze } from '../src/analyze.js';
import { createMemoryBudget } from '../src/memory.js';
import { be16, concat, ethernet, ipv4, pcapFile, type Packet } from './support/captures.js';
import { conversation, frameBytes } from './support/conversation.js';
import { dtlsRecord, fragment } from './support/datagrams.js';
import { clientHello, handshake, serverHello } from './support/tls.js';

const folder = await mkdtemp(join(tmpdir(), 'memory-'));
after(() => rm(folder, { recursive: true }));

/** A UDP datagram to port 4433. */
const udp = (payload: Uint8Array, port: number): Uint8Array =>
  concat(be16(port), be16(4433), be16(8 + payload.length), be16(0), payload);

const holder = (what: string, sizes: number[]) => ({
  what,
  bytes: () => sizes.reduce((sum, size) => sum + size, 0),
  giveUp: () => (sizes.shift() === undefined ? 0 : 1),
});

test('what is worth least goes first, and only what must', () => {
  const [cheap, dear] = [
    [10, 10, 10],
    [40, 40],
  ];
  const budget = createMemoryBudget(80, [holder('cheap', cheap), holder('dear', dear)]);
  budget.relieve();
  assert.deepEqual(
    [cheap, dear, budget.givenUp()],
    [
      [],
      [40],
      [
        ['cheap', 3],
        ['dear', 1],
      ],
    ],
  );
  budget.relieve();
  assert.deepEqual(dear, [40]);
});

test('connections beyond the budget are given up, which the report says; with more memory they are not', async () => {
  const talks = Array.from({ length: 3000 }, (_, index) => {
    const talk = conversation({ clientPort: 10_000 + index, time: 1000 + index / 100 });
    talk.open();
    talk.say('client', handshake(clientHello()));
    talk.say('server', handshake(serverHello()));
    return talk;
  });
  const packets = talks
    .flatMap(({ segments }) => segments)
    .map((segment) => ({
      data: frameBytes(segment),
      seconds: Math.floor(segment.time),
      fraction: Math.round((segment.time % 1) * 1e6),
    }));
  const path = join(folder, 'open.pcap');
  await writeFile(path, pcapFile(packets));
  const warningsOf = async (memory: number): Promise<readonly string[]> => {
    const { captures, summary } = await analyze([path], { memory });
    assert.equal(summary.connections, talks.length);
    return captures[0]?.warnings.filter(({ code }) => code === 'memory-limit').map(({ message }) => message) ?? [];
  };
  const [message] = await warningsOf(16 << 20);
  assert.match(
    message ?? '',
    /^the memory limit was reached, and .*\d+ open connections.* were given up; --memory raises it$/,
  );
  assert.deepEqual(await warningsOf(256 << 20), []);
});

test('associations over UDP, with the fragments that they hold, draw on the same budget', async () => {
  const fragmentOf = (index: number): Packet => ({
    data: ethernet(
      0x0800,
      ipv4(udp(dtlsRecord(22, fragment(1, 0, new Uint8Array(4000), 0, 1200)), 10_000 + index), { protocol: 17 }),
    ),
    seconds: 1000,
    fraction: index,
  });
  const path = join(folder, 'dtls.pcap');
  await writeFile(path, pcapFile(Array.from({ length: 6000 }, (_, index) => fragmentOf(index))));
  const lacking = async (memory: number): Promise<string | undefined> => {
    const { captures, summary } = await analyze([path], { memory });
    assert.equal(summary.connections, 6000);
    return captures[0]?.warnings.find(({ code }) => code === 'memory-limit')?.message;
  };
  assert.match((await lacking(16 << 20)) ?? '', /\d+ open associations over UDP/);
  assert.equal(await lacking(256 << 20), undefined);
});
