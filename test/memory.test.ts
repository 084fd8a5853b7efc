import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { analyze } from '../src/analyze.js';
import { createMemoryBudget } from '../src/memory.js';
import { pcapFile } from './support/captures.js';
import { conversation, frameBytes } from './support/conversation.js';
import { clientHello, handshake, serverHello } from './support/tls.js';

const folder = await mkdtemp(join(tmpdir(), 'memory-'));
after(() => rm(folder, { recursive: true }));

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
    /^memory did not suffice, and was taken from .*\d+ connections that were open.*; --memory gives more$/,
  );
  assert.deepEqual(await warningsOf(256 << 20), []);
});
