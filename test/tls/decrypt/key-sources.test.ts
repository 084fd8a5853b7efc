/** Key logs as files and inside captures, given to the analysis. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { analyze } from '../../../src/analyze.js';
import { be32, concat, pcapngBlocks } from '../../support/captures.js';
import { conversation, frameBytes } from '../../support/conversation.js';
import { clientHello, handshake, serverHello } from '../../support/tls.js';

const folder = await mkdtemp(join(tmpdir(), 'keys-'));
after(() => rm(folder, { recursive: true }));

const write = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

const blocks = pcapngBlocks();
const start = concat(blocks.sectionHeader(), blocks.interfaceDescription());
/** A Decryption Secrets Block. */
const secretsBlock = (text: string, length = text.length): Uint8Array => {
  const padding = new Uint8Array(-text.length & 3);
  const int32 = (value: number): number[] => be32(value).reverse();
  return blocks.block(10, int32(0x544c534b), int32(length), Buffer.from(text), padding);
};
const talk = conversation();
talk.open();
talk.say('client', handshake(clientHello()));
talk.say('server', handshake(serverHello()));
const packets = talk.segments.map((segment) => blocks.enhancedPacket(frameBytes(segment)));
const line = (random: string): string => `CLIENT_RANDOM ${random.repeat(32)} ${'5a'.repeat(48)}\n`;

describe('keys', () => {
  test('of files and of captures are counted, and none of them is in the results', async () => {
    const capture = await write('a.pcapng', concat(start, secretsBlock(line('a1')), ...packets));
    const file = await write('a.keys', `${line('a2')}${line('a3')}damaged\n`);
    const results = await analyze([capture], { keys: [file] });
    assert.deepEqual(results.keys, {
      logs: [
        {
          path: file,
          isFile: true,
          secrets: 2,
          otherSecrets: 0,
          faultyLines: 1,
          faults: [{ line: 3, what: 'is not of a label, a client random and a secret' }],
        },
        { path: capture, isFile: false, secrets: 1, otherSecrets: 0, faultyLines: 0, faults: [] },
      ],
      connections: { opened: 0, notOpened: 0, without: 1 },
      secrets: { randoms: 3, unused: 3, leftOut: 0 },
      isLate: false,
    });
    assert.ok(!JSON.stringify(results).includes('5a5a5a'));
  });

  test('behind packets are known all the same: the capture is read again, and each connection told once', async () => {
    const capture = await write(
      'late.pcapng',
      concat(start, ...packets.slice(0, -1), secretsBlock(line('a1')), ...packets.slice(-1), secretsBlock(line('a2'))),
    );
    const told: string[] = [];
    const results = await analyze([capture], { onConnection: ({ connection }) => void told.push(connection.id) });
    assert.deepEqual(told, ['1']);
    assert.deepEqual([results.keys?.secrets.randoms, results.keys?.isLate], [2, false]);
    assert.deepEqual(results.captures[0]?.warnings, []);
  });

  test('that the capture holds in damaged blocks do no harm', async () => {
    for (const block of [secretsBlock(line('a1'), 9000), secretsBlock(line('a1').slice(0, 90)), secretsBlock('')]) {
      const results = await analyze([await write('damaged.pcapng', concat(start, block, ...packets))]);
      assert.deepEqual([results.summary.connections, results.keys?.secrets.randoms ?? 0], [1, 0]);
    }
  });

  test('in a file that is not there are an error of one line', async () => {
    const capture = await write('b.pcapng', concat(start, ...packets));
    await assert.rejects(analyze([capture], { keys: [join(folder, 'none.keys')] }), {
      name: 'KeyLogError',
      message: `${join(folder, 'none.keys')}: no such file`,
    });
  });
});
