/** Which key a record's turn is, where stacks at hand do not show it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { analyze } from '../../../src/analyze.js';
import { BOUNDS } from '../../../src/bounds.js';
import type { Connection } from '../../../src/connection/connection.js';
import { concat } from '../../support/captures.js';
import type { Conversation } from '../../support/conversation.js';
import { captureOf } from '../../support/live.js';
import { begun, keyLogOf, sealed } from '../../support/sealed.js';
import { extension, message, TYPE, vector16 } from '../../support/tls.js';

const folder = await mkdtemp(join(tmpdir(), 'stream-'));
after(() => rm(folder, { recursive: true }));

async function read(talk: Conversation, keyLog: string): Promise<Connection> {
  await writeFile(join(folder, 'a.pcap'), captureOf(talk));
  await writeFile(join(folder, 'a.keys'), keyLog);
  const { connections } = await analyze([join(folder, 'a.pcap')], { keys: [join(folder, 'a.keys')] });
  assert.ok(connections[0] !== undefined && connections.length === 1);
  return connections[0].connection;
}

const typesOf = ({ messages }: Connection): string[] =>
  messages.filter(({ decrypted }) => decrypted === true).map(({ type }) => type);

const FINISHED = message(20, new Uint8Array(32));
const END_OF_EARLY_DATA = message(5);

describe('data sent early', () => {
  const data = [0, 1, 2].map((number) => sealed('early', 'client', number, TYPE.applicationData, Buffer.from('zebra')));

  /** The server takes the data or refuses them, the client goes on as that demands. */
  async function early(isAccepted: boolean, keyLog: string): Promise<Connection> {
    const talk = begun(...data);
    const extensions = message(8, vector16(isAccepted ? extension(42) : []));
    talk.say('server', sealed('handshake', 'server', 0, TYPE.handshake, concat(extensions, FINISHED)));
    if (isAccepted) talk.say('client', sealed('early', 'client', 3, TYPE.handshake, END_OF_EARLY_DATA));
    talk.say('client', sealed('handshake', 'client', 0, TYPE.handshake, FINISHED));
    talk.say('server', sealed('application', 'server', 0, TYPE.alert, [1, 0]));
    talk.fin('server');
    return read(talk, keyLog);
  }

  for (const [name, isAccepted, epochs, expected] of [
    ['that are accepted are passed over', true, ['early', 'handshake', 'application'], ['end_of_early_data']],
    ['whose key is not known are passed over', true, ['handshake', 'application'], []],
    ['that are refused are passed over', false, ['early', 'handshake', 'application'], []],
    ['that are refused, and whose key is not known', false, ['handshake', 'application'], []],
  ] as const) {
    test(name, async () => {
      const connection = await early(isAccepted, keyLogOf(...epochs));
      assert.deepEqual(typesOf(connection), ['encrypted_extensions', 'finished', ...expected, 'finished']);
      assert.deepEqual([connection.keys?.altered, connection.outcome], [null, 'established']);
      assert.deepEqual(
        connection.alerts.map(({ name: alert, decrypted }) => [alert, decrypted]),
        [['close_notify', true]],
      );
      assert.doesNotMatch(JSON.stringify(connection), /zebra/);
    });
  }
});

test('an alert whose size padding hides is found behind data', async () => {
  const talk = begun();
  talk.say('server', sealed('handshake', 'server', 0, TYPE.handshake, concat(message(8, vector16()), FINISHED), 300));
  talk.say('client', sealed('handshake', 'client', 0, TYPE.handshake, FINISHED, 300));
  for (let number = 0; number < 40; number++) {
    talk.say('client', sealed('application', 'client', number, TYPE.applicationData, Buffer.from('zebra'), 300));
  }
  talk.say('client', sealed('application', 'client', 40, TYPE.alert, [1, 0], 300));
  const { alerts } = await read(talk, keyLogOf('handshake', 'application'));
  assert.deepEqual(
    alerts.map(({ from, name }) => [from, name]),
    [['client', 'close_notify']],
  );
});

test('a side that has said close_notify has no keys any more, and nothing of it is opened', async () => {
  const talk = begun();
  talk.say('server', sealed('handshake', 'server', 0, TYPE.handshake, concat(message(8, vector16()), FINISHED)));
  talk.say('client', sealed('handshake', 'client', 0, TYPE.handshake, FINISHED));
  for (const number of [0, 1]) talk.say('client', sealed('application', 'client', number, TYPE.alert, [1, 0]));
  talk.say('server', sealed('application', 'server', 0, TYPE.alert, [1, 0]));
  const { alerts } = await read(talk, keyLogOf('handshake', 'application'));
  assert.deepEqual(
    alerts.filter(({ decrypted }) => decrypted === true).map(({ from, name }) => [from, name]),
    [
      ['client', 'close_notify'],
      ['server', 'close_notify'],
    ],
  );
});

describe('wrong secrets of the same ClientHello.random', () => {
  const SIDES = ['CLIENT', 'SERVER'];
  const wrong = (count: number): string =>
    Array.from({ length: count }, (_, index) => {
      const secret = `ff${index.toString(16).padStart(2, '0')}`.padEnd(64, '0');
      return SIDES.map((side) => `${side}_HANDSHAKE_TRAFFIC_SECRET ${'11'.repeat(32)} ${secret}\n`).join('');
    }).join('');
  const talk = (): Conversation => {
    const made = begun();
    made.say('server', sealed('handshake', 'server', 0, TYPE.handshake, concat(message(8, vector16()), FINISHED)));
    made.say('client', sealed('handshake', 'client', 0, TYPE.handshake, FINISHED));
    return made;
  };

  test('in front of the right one do not shut it out', async () => {
    const connection = await read(talk(), wrong(40) + wrong(40) + keyLogOf('handshake'));
    assert.deepEqual(typesOf(connection), ['encrypted_extensions', 'finished', 'finished']);
  });

  test('beyond what is kept are counted as left out', async () => {
    await writeFile(join(folder, 'b.pcap'), captureOf(talk()));
    await writeFile(join(folder, 'b.keys'), wrong(100) + keyLogOf('handshake'));
    const { keys, connections } = await analyze([join(folder, 'b.pcap')], { keys: [join(folder, 'b.keys')] });
    assert.equal(keys?.secrets.leftOut, 2 * (101 - BOUNDS.secretsPerLabel.value));
    assert.equal(connections[0]?.connection.keys?.opened, 0);
  });
});
