/** Key logs that have premaster secrets, and no master secrets: a real stack's, over TLS 1.2 (extended), TLS 1.1, and DTLS 1.2. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { analyze } from '../../../src/analyze.js';

const folder = await mkdtemp(join(tmpdir(), 'premaster-'));
after(() => rm(folder, { recursive: true }));

const lines = (await readFile('samples/keys-rsa.keys', 'latin1'))
  .split('\n')
  .map((line) => line.split(' '))
  .filter(([label]) => label === 'RSA' || label === 'CLIENT_RANDOM');
const premasters = lines.filter(([label]) => label === 'RSA');
const randoms = lines.flatMap(([label, random = '']) => (label === 'CLIENT_RANDOM' ? [random] : []));

async function opened(keyLog: string) {
  const path = join(folder, 'keys');
  await writeFile(path, keyLog);
  const { connections, keys } = await analyze(['samples/keys-rsa.pcap'], { keys: [path] });
  return { keys, connections: connections.map(({ connection }) => connection) };
}

describe('premaster secrets', () => {
  assert.deepEqual([premasters.length, randoms.length], [3, 3]);
  const byRandom = premasters.map(([, , secret = ''], at) => `PMS_CLIENT_RANDOM ${randoms[at] ?? ''} ${secret}`);
  for (const [what, log] of [
    ['by what RSA encrypted of them', premasters.map((words) => words.join(' ')).join('\n')],
    ['by ClientHello.random', byRandom.join('\n')],
    ['beside others that fit nothing', [`RSA ${'00'.repeat(8)} ${'11'.repeat(48)}`, ...byRandom].join('\n')],
  ] as const) {
    test(`${what} open what they are for`, async () => {
      const { connections, keys: counts } = await opened(log);
      assert.equal(connections.length, 3);
      const spare = log.includes('11'.repeat(48)) ? 1 : 0;
      assert.deepEqual(counts?.secrets, { randoms: 3 + spare, unused: spare, leftOut: 0 });
      for (const { messages, alerts, keys } of connections) {
        const finished = messages.filter(({ type, decrypted }) => type === 'finished' && decrypted === true);
        assert.deepEqual(
          finished.map(({ from }) => from),
          ['client', 'server'],
        );
        assert.ok(alerts.length > 0 && alerts.every(({ name, decrypted }) => name === 'close_notify' && decrypted));
        assert.deepEqual([keys?.altered, keys?.unreadable], [null, null]);
      }
    });
  }

  test('of another handshake open nothing', async () => {
    const [first, ...rest] = premasters.map(([, , secret = '']) => secret);
    const moved = [...rest, first ?? ''];
    for (const log of [
      randoms.map((random, at) => `PMS_CLIENT_RANDOM ${random} ${moved[at] ?? ''}`),
      premasters.map(([, encrypted = ''], at) => `RSA ${encrypted} ${moved[at] ?? ''}`),
    ]) {
      const { connections, keys } = await opened(log.join('\n'));
      for (const connection of connections) assert.equal(connection.keys?.opened, 0);
      assert.deepEqual(keys?.secrets, { randoms: 3, unused: 3, leftOut: 0 });
    }
  });
});
