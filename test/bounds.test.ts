/** Bounds of src/bounds.ts reached by captures, of which the report says so; and their documentation. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { analyze } from '../src/analyze.js';
import { BOUNDS } from '../src/bounds.js';
import { ethernet, ipv4, pcapFile, tcp, type Packet } from './support/captures.js';
import { conversation, frameBytes, type Conversation } from './support/conversation.js';
import { ROOT } from './support/schema.js';
import { alert, clientHello, handshake, message, serverHello, vector24 } from './support/tls.js';
import { said } from './support/notices.js';

const folder = await mkdtemp(join(tmpdir(), 'bounds-'));
after(() => rm(folder, { recursive: true }));

async function warningsOf(packets: readonly Packet[]): Promise<ReadonlyMap<string, string>> {
  const path = join(folder, 'capture.pcap');
  await writeFile(path, pcapFile(packets));
  const { captures } = await analyze([path]);
  return new Map(captures[0]?.warnings.map((warning) => [warning.code, said(warning)]));
}

const packetsOf = ({ segments }: Conversation): Packet[] =>
  segments.map((segment) => ({
    data: frameBytes(segment),
    seconds: Math.floor(segment.time),
    fraction: Math.round((segment.time % 1) * 1e6),
  }));

/** A handshake that has begun; the server goes on with `records`. */
function answered(...records: readonly Uint8Array[]): Conversation {
  const talk = conversation();
  talk.open();
  talk.say('client', handshake(clientHello()));
  talk.say('server', handshake(serverHello()));
  for (const record of records) talk.say('server', record);
  return talk;
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

test('docs/bounds.md is what `npm run docs:bounds` writes', async () => {
  const generated = execFileSync(process.execPath, [join(ROOT, 'scripts', 'bounds.mjs')], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.equal(await readFile(join(ROOT, 'docs', 'bounds.md'), 'utf8'), generated);
});

test('a handshake within the bounds has no warning', async () => {
  assert.deepEqual([...(await warningsOf(packetsOf(answered())))], []);
});

test('handshake messages of a connection', async () => {
  const requests = times(BOUNDS.messages.value, () => handshake(message(0)));
  assert.match(
    (await warningsOf(packetsOf(answered(...requests)))).get('too-many-messages') ?? '',
    /in 1 of 1 connections/,
  );
});

test('alerts of a connection', async () => {
  const warnings = await warningsOf(packetsOf(answered(...times(BOUNDS.alerts.value + 1, () => alert(1, 90)))));
  assert.match(warnings.get('too-many-alerts') ?? '', /in 1 of 1 connections/);
});

test('certificates of a chain', async () => {
  const chain = vector24(...times(BOUNDS.chainCertificates.value + 1, () => vector24([0x30, 0])));
  const warnings = await warningsOf(packetsOf(answered(handshake(message(11, chain)))));
  assert.match(warnings.get('too-many-certificates') ?? '', /in 1 of 1 connections/);
});

test('the length of a handshake message', async () => {
  const long = message(11, new Uint8Array(BOUNDS.handshakeLength.value + 1));
  const records = times(Math.ceil(long.length / 16_000), (at) =>
    handshake(long.subarray(at * 16_000, (at + 1) * 16_000)),
  );
  assert.match(
    (await warningsOf(packetsOf(answered(...records)))).get('message-too-long') ?? '',
    /in 1 of 1 connections/,
  );
});

test('bytes that wait for an earlier segment', async () => {
  const talk = answered();
  const late = talk.say('server', new Uint8Array(100));
  talk.lose();
  const waiting = times(Math.ceil(BOUNDS.earlyBytes.value / 16_384) + 1, () =>
    talk.say('server', new Uint8Array(16_384)),
  );
  talk.send('server', { sequence: late.sequence, data: late.data });
  assert.ok(waiting.length * 16_384 > BOUNDS.earlyBytes.value);
  assert.match((await warningsOf(packetsOf(talk))).get('missing-segments') ?? '', /in 1 of 1 connections/);
});

test('packets in fragments', async () => {
  const segment = tcp(new Uint8Array(40));
  const fragments = times(BOUNDS.fragmentedPackets.value + 10, (id) => ({
    data: ethernet(0x0800, ipv4(segment.subarray(0, 56), { id, fragment: 0x2000 })),
    fraction: id,
  }));
  const said = (await warningsOf(fragments)).get('incomplete-fragments') ?? '';
  assert.match(said, new RegExp(`^${BOUNDS.fragmentedPackets.value + 10} IP fragments`));
});

test('what the snapshot length cut is told from what no packet brought', async () => {
  const talk = answered();
  const packets = packetsOf(talk).map(({ data, ...times }) => ({
    ...times,
    data: data.subarray(0, 80),
    originalLength: data.length,
  }));
  const warnings = await warningsOf(packets);
  assert.match(warnings.get('truncated-packets') ?? '', /^the snapshot length cut 2 of 5 packets; .*tcpdump -s 0$/);
  assert.equal(warnings.get('missing-segments'), undefined);
});
