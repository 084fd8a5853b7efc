import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyze } from '../../../src/analyze.js';
import { openCapture } from '../../../src/capture/open.js';
import { createRepeatedConnections } from '../../../src/connection/fast-path/repeated.js';
import { buildConnection } from '../../../src/connection/build.js';
import type { Connection } from '../../../src/connection/connection.js';
import type { EndedConnection } from '../../../src/connection/ended.js';
import { endedTcp } from '../../../src/connection/ended-tcp.js';
import { createContext } from '../../../src/diagnose/capture-context.js';
import type { Results } from '../../../src/diagnose/results.js';
import { hasSentEmptyCertificate, isServed } from '../../../src/diagnose/evidence/progress.js';
import { isBeyondDoubt } from '../../../src/diagnose/healthy.js';
import { isPlain } from '../../../src/diagnose/risks.js';
import { isSlow } from '../../../src/diagnose/rules/slow-handshake.js';
import { decode, TCP_SEGMENT } from '../../../src/packet/decode.js';
import { ACK, FIN, newPacket, PSH, RST, type Packet } from '../../../src/packet/packet.js';
import { createKeyLogReader } from '../../../src/tls/decrypt/key-log.js';
import { createSecrets, NO_SECRETS, type Secrets } from '../../../src/tls/decrypt/secrets.js';
import { createTlsReader } from '../../../src/tls/reader.js';
import { createIds } from '../../../src/transport/flow.js';
import { isHandedOn } from '../../../src/transport/tcp/life-cycle.js';
import { createTcpTracker } from '../../../src/transport/tcp/tracker.js';
import { createTrustAnchors } from '../../../src/x509/anchors.js';
import { NO_ROOTS } from '../../../src/x509/roots.js';
import { DEFAULTS } from '../../../src/report/format.js';
import { createMarkdownWriter } from '../../../src/report/markdown/markdown.js';
import { createTextWriter } from '../../../src/report/text/text.js';
import { createX509Reader } from '../../../src/x509/reader.js';
import { pcapFile } from '../../support/captures.js';

/** A segment of a sample. */
interface Segment extends Pick<
  Packet,
  'sourcePort' | 'sequence' | 'acknowledgment' | 'flags' | 'window' | 'ttl' | 'ipId'
> {
  readonly fromClient: boolean;
  /** Milliseconds since the first. */
  readonly time: number;
  readonly payload: Uint8Array;
  readonly options: Uint8Array;
}

const SAMPLES = new URL('../../../../samples/', import.meta.url);

/** The first TCP connection of a sample, from its SYN on; null where there is none. */
async function firstConnection(name: string): Promise<Segment[] | null> {
  const capture = await openCapture(new URL(name, SAMPLES).pathname);
  const packet = newPacket();
  const segments: Segment[] = [];
  let ports: readonly [number, number] | null = null;
  let start = 0;
  do {
    while (capture.next()) {
      if (decode(capture.frame, packet) !== TCP_SEGMENT || packet.ipVersion !== 4) continue;
      const { sourcePort, destinationPort } = packet;
      const now = capture.frame.seconds * 1000 + capture.frame.nanoseconds / 1e6;
      if (ports === null) [ports, start] = [[sourcePort, destinationPort], now];
      const isOwn = ports.includes(sourcePort) && ports.includes(destinationPort);
      if (!isOwn) continue;
      const { sequence, acknowledgment, flags, window, ttl, ipId, bytes, offset, end, options } = packet;
      segments.push({
        ...{ sourcePort, sequence, acknowledgment, flags, window, ttl, ipId, time: now - start },
        fromClient: sourcePort === ports[0],
        payload: bytes.slice(offset, end),
        options: bytes.slice(options, offset),
      });
    }
  } while (await capture.fill());
  return segments.length === 0 ? null : segments;
}

const READER = createX509Reader();

interface ReadOptions {
  readonly isPlain: typeof isPlain;
  readonly generationOf: (told: number) => number;
  readonly secrets: Secrets;
}

interface Told {
  readonly connection: Connection;
  readonly isAlike: boolean;
}

/**
 * What is told of conversations, one after the other, each of a client of its own; `logs` is how many may wait in logs.
 */
function read(
  conversations: readonly (readonly Segment[])[],
  logs: number,
  { isPlain: judged = isPlain, generationOf = (): number => 0, secrets = NO_SECRETS }: Partial<ReadOptions> = {},
): Map<string, Told> {
  const told = new Map<string, Told>();
  const context = createContext(createTrustAnchors(READER.certificate, { extra: [], roots: () => NO_ROOTS }));
  const alike = createRepeatedConnections({
    isWanted: () => true,
    isPlain: (connection) => judged(connection, context),
    isSlow,
    generation: () => generationOf(told.size),
    secrets,
    captureOf: () => 0,
    take: (connection) => told.set(connection.id, { connection, isAlike: true }),
  });
  const ended = (each: EndedConnection): void => {
    const connection = buildConnection(each, 0, READER);
    told.set(connection.id, { connection, isAlike: false });
    if (each.pattern !== undefined) alike.learn(each.pattern, connection);
  };
  const tracker = createTcpTracker(
    createTlsReader(secrets),
    (connection, now) => {
      if (isHandedOn(connection)) connection.recognised.handOn();
      else ended(endedTcp(connection, now));
    },
    createIds(),
    { limits: { logs }, recogniser: { ...alike.recogniser, isPatient: () => false } },
  );
  let number = 0;
  for (const [index, segments] of conversations.entries()) {
    for (const segment of segments) {
      const { fromClient, payload, options, time, ...header } = segment;
      const packet = { ...newPacket(), ...header };
      const bytes = Buffer.concat([options, payload]);
      const client = 0x0a000000 + index;
      const server = 0x0a010001;
      packet.addresses.set(
        fromClient ? [0, 0, 0xffff, client, 0, 0, 0xffff, server] : [0, 0, 0xffff, server, 0, 0, 0xffff, client],
      );
      Object.assign(packet, {
        ...{ bytes, options: 0, offset: options.length, end: bytes.length, missing: 0, ipVersion: 4 },
        sourcePort: fromClient ? 50000 : 443,
        destinationPort: fromClient ? 443 : 50000,
      });
      const ms = 1_700_000_000_000 + index * 20_000 + time;
      const seconds = Math.floor(ms / 1000);
      tracker.segment(packet, {
        number: ++number,
        seconds,
        nanoseconds: Math.round((ms - seconds * 1000) * 1e6),
        digits: 9,
      });
    }
  }
  tracker.finish();
  return told;
}

/** What reports of sums, and the evidence for others, may ask of a connection that worked. */
function asked(connection: Connection): unknown {
  const { repeats: like = connection, ...own } = connection;
  const { transcript, messages, alerts, encryptedRecords, transport, ...rest } = own;
  const { helloRetryRequest, certificateRequest, certificateStatus, ...others } = rest;
  const placeless = (fact: object | null): unknown => fact && { ...fact, frame: 0, at: 0 };
  return {
    ...others,
    helloRetryRequest: placeless(helloRetryRequest),
    certificateRequest: placeless(certificateRequest),
    certificateStatus: placeless(certificateStatus),
    messages: messages.map(({ type, from }) => `${from} ${type}`),
    alerts: alerts.map(({ from, level, name }) => `${from} ${level ?? ''} ${name ?? ''}`),
    hasBytes: [transport.client.bytes > 0, transport.server.bytes > 0],
    isServed: isServed(like),
    isBeyondDoubt: isBeyondDoubt(like),
    isEmpty: hasSentEmptyCertificate(like),
    length: transcript.length > 0 && encryptedRecords.length > 0,
  };
}

/** A change of a conversation: at a place in it, from 0 to 1. */
const change = fc.record({
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constant('draw') },
    { weight: 2, arbitrary: fc.constantFrom('again', 'cut', 'reset', 'late', 'split') },
    { weight: 1, arbitrary: fc.constantFrom('flip', 'lose', 'swap', 'data') },
  ),
  place: fc.double({ min: 0, max: 0.999, noNaN: true }),
  offset: fc.double({ min: 0, max: 0.999, noNaN: true }),
  value: fc.nat(255),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** A random of a hello. */
const drawn = (value: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, at) => value * (at + 11));

function changed(segments: readonly Segment[], { what, place, offset, value }: Change): Segment[] {
  const all = [...segments];
  if (all.length === 0) return all;
  const index = Math.floor(place * all.length);
  const one = all[index] as Segment;
  const { payload } = one;
  const at = Math.floor(offset * payload.length);
  switch (what) {
    case 'draw': {
      // Randoms of the hellos, and what lies behind them.
      const hello = all.findIndex(
        (each) => each.payload[0] === 22 && each.payload.length > 60 && each.fromClient === value % 2 > 0,
      );
      const fresh = all[hello];
      if (fresh === undefined) return all;
      const bytes = fresh.payload.slice();
      bytes.set(drawn(value), 11);
      all[hello] = { ...fresh, payload: bytes };
      return all;
    }
    case 'again':
      all.splice(index + 1, 0, { ...one, ipId: one.ipId + 1000, time: one.time + 200 });
      return all;
    case 'cut':
      return all.slice(0, index);
    case 'reset':
      return [
        ...all.slice(0, index),
        { ...one, flags: RST, payload: new Uint8Array(0), options: new Uint8Array(0), ipId: one.ipId + 500 },
      ];
    case 'late':
      return [...all, { ...one, flags: ACK, payload: new Uint8Array(0), ipId: one.ipId + 2000, time: 5000 }];
    case 'split':
      if (payload.length < 2 || (one.flags & FIN) !== 0) return all;
      all.splice(
        index,
        1,
        { ...one, payload: payload.slice(0, at || 1) },
        { ...one, payload: payload.slice(at || 1), sequence: (one.sequence + (at || 1)) | 0, ipId: one.ipId + 3000 },
      );
      return all;
    case 'flip':
      if (payload.length > 0) {
        const bytes = payload.slice();
        bytes[at] = value;
        all[index] = { ...one, payload: bytes };
      }
      return all;
    case 'lose':
      all.splice(index, 1);
      return all;
    case 'swap': {
      const next = all[index + 1];
      if (next !== undefined) all.splice(index, 2, { ...next, time: one.time }, { ...one, time: next.time });
      return all;
    }
    case 'data':
      all.splice(index, 0, {
        ...one,
        payload: Uint8Array.of(23, 3, 3, 0, value, ...new Uint8Array(value)),
        flags: ACK | PSH,
      });
      return all;
  }
}

test('what is told of a connection that is like one before is what reading it tells', async () => {
  const samples = await samplesOf(readdirSync(SAMPLES).filter((name) => name.endsWith('.pcap')));
  const alike = isToldAlike(samples, 300);
  assert.ok(alike > 50, `${alike} were alike`);
});

test('with keys, what is told of a connection that is like one before is what opening its records tells', async () => {
  const names = readdirSync(SAMPLES).filter((name) => name.endsWith('.keys'));
  const samples = await samplesOf(names.map((name) => name.replace('.keys', '.pcap')));
  const alike = isToldAlike(samples, 200);
  assert.ok(alike > 50, `${alike} were alike`);
});

interface Sample {
  readonly segments: readonly Segment[];
  /** Its key log; empty where it has none. */
  readonly keyLog: string;
}

async function samplesOf(names: readonly string[]): Promise<Sample[]> {
  const all = await Promise.all(
    names.map(async (name) => {
      const segments = await firstConnection(name);
      const keys = name.replace(/pcap$/, 'keys');
      const hasKeys = readdirSync(SAMPLES).includes(keys);
      return segments && { segments, keyLog: hasKeys ? readFileSync(new URL(keys, SAMPLES), 'utf8') : '' };
    }),
  );
  return all.filter((each) => each !== null);
}

/** The secrets of a key log, for the random that each stands for, and for all that `changed` draws. */
function secretsOf(keyLog: string): Secrets {
  const secrets = createSecrets();
  const log = createKeyLogReader(secrets);
  const randoms = Array.from({ length: 256 }, (_, value) => Buffer.from(drawn(value)).toString('hex'));
  log.read(Buffer.from(keyLog));
  for (const line of keyLog.split('\n').filter((text) => /^[A-Z_0-9]+ [0-9a-f]{64} /.test(text))) {
    for (const random of randoms) log.read(Buffer.from(`${line.replace(/ [0-9a-f]{64} /, ` ${random} `)}\n`));
  }
  log.end();
  return secrets;
}

/** Reads changed samples in both ways, and compares what is told; returns how many were told as like one before. */
function isToldAlike(samples: readonly Sample[], numRuns: number): number {
  let alike = 0;
  fc.assert(
    fc.property(
      fc.nat(samples.length - 1),
      fc.array(fc.array(change, { maxLength: 3 }), { minLength: 1, maxLength: 12 }),
      (which, variants) => {
        const { segments: sample, keyLog } = samples[which] as Sample;
        const all = [sample, ...variants.map((changes) => changes.reduce(changed, [...sample]))];
        const secrets = [secretsOf(keyLog), secretsOf(keyLog)] as const;
        const plainly = read(all, 0, { secrets: secrets[0] });
        const shortly = read(all, 8, { secrets: secrets[1] });
        assert.deepEqual([...shortly.keys()].sort(), [...plainly.keys()].sort());
        for (const [id, { connection, isAlike }] of shortly) {
          const other = plainly.get(id)?.connection as Connection;
          if (isAlike) alike++;
          else assert.deepEqual(connection, other);
          assert.deepEqual(asked(connection), asked(other));
        }
        assert.deepEqual(secrets[1].counts(), secrets[0].counts());
      },
    ),
    { numRuns },
  );
  return alike;
}

test('where what a report says of a pattern may have changed, its first connection is judged again', async () => {
  const sample = (await firstConnection('tls12-success.pcap')) as Segment[];
  /** Which repeat the first, if from the second generation on it is plain or not. */
  const alike = (generationOf: (told: number) => number, isPlainLater: boolean): boolean[] => {
    let generation = 0;
    const options: Partial<ReadOptions> = {
      generationOf: (told) => (generation = generationOf(told)),
      isPlain: (connection, context) => isPlain(connection, context) && (isPlainLater || generation === 0),
    };
    return Array.from(read([sample, sample, sample], 8, options).values(), ({ isAlike }) => isAlike);
  };
  assert.deepEqual(
    alike(() => 0, false),
    [false, true, true],
  );
  assert.deepEqual(
    alike((told) => Number(told > 1), false),
    [false, true, false],
  );
  assert.deepEqual(
    alike((told) => Number(told > 1), true),
    [false, true, true],
  );
});

test('kinds are compared by all that they are made of, not only by a part', async () => {
  const sample = (await firstConnection('tls12-success.pcap')) as Segment[];
  // Within the list of the client's cipher suites, and within the server's certificates.
  for (const [type, place] of [
    [1, 0.25],
    [11, 0.5],
  ] as const) {
    const index = sample.findIndex(({ payload }) => payload[0] === 22 && hasMessage(payload, type));
    const one = sample[index] as Segment;
    const payload = one.payload.slice();
    const at = Math.floor(payload.length * place);
    payload[at] = (payload[at] as number) ^ 1;
    const other = sample.with(index, { ...one, payload });
    const told = read([sample, other, sample, other, other], 8);
    const plainly = read([sample, other, sample, other, other], 0);
    for (const [id, { connection }] of told) {
      assert.deepEqual(asked(connection), asked(plainly.get(id)?.connection as Connection), `message ${type}`);
    }
  }
});

test('where few connections repeat another, few are looked at; where all do, soon all are again', async () => {
  const sample = (await firstConnection('tls12-success.pcap')) as Segment[];
  const index = sample.findIndex(({ payload }) => payload[0] === 22 && hasMessage(payload, 11));
  const one = sample[index] as Segment;
  // Each with a certificate of its own.
  const different = Array.from({ length: 1100 }, (_, number) => {
    const payload = one.payload.slice();
    new DataView(payload.buffer).setUint16(payload.length >> 1, number);
    return sample.with(index, { ...one, payload });
  });
  const same = Array.from({ length: 600 }, () => sample);
  const told = [...read([...different, ...same], 8).values()];
  const alike = told.slice(1100).filter(({ isAlike }) => isAlike).length;
  assert.equal(told.slice(0, 1100).filter(({ isAlike }) => isAlike).length, 0);
  // One in 32 is looked at, until several repeat another.
  assert.ok(alike > 250 && alike < 400, `${alike} were handed on`);
});

/** Whether a payload has a handshake message of that type, in one of its records. */
function hasMessage(payload: Uint8Array, type: number): boolean {
  for (
    let at = 0;
    at + 5 < payload.length;
    at += 5 + (((payload[at + 3] as number) << 8) | (payload[at + 4] as number))
  ) {
    if (payload[at] === 22 && payload[at + 5] === type) return true;
  }
  return false;
}

/** The frames of a sample, so many times, each of a client port of its own, that the connections follow each other. */
async function repeated(names: readonly string[], times: number): Promise<Uint8Array> {
  const packets: { data: Uint8Array; seconds: number; fraction: number }[] = [];
  const packet = newPacket();
  for (const [turn, name] of Array.from(
    { length: times },
    (_, index) => [index, names[index % names.length]] as const,
  )) {
    const capture = await openCapture(new URL(name as string, SAMPLES).pathname);
    let client = 0;
    let start: number | null = null;
    do {
      while (capture.next()) {
        const { bytes, start: from, end, seconds, nanoseconds } = capture.frame;
        if (decode(capture.frame, packet) !== TCP_SEGMENT) continue;
        if (client === 0) client = packet.sourcePort;
        const data = bytes.slice(from, end);
        const tcp = packet.options - 20 - from;
        const place = packet.sourcePort === client ? tcp : tcp + 2;
        data[place] = (20_000 + turn) >> 8;
        data[place + 1] = (20_000 + turn) & 0xff;
        const now = seconds + nanoseconds / 1e9;
        start ??= now;
        const time = 1_750_000_000 + turn * 0.02 + now - start;
        packets.push({ data, seconds: Math.floor(time), fraction: Math.floor((time % 1) * 1e6) });
      }
    } while (await capture.fill());
  }
  packets.sort((a, b) => a.seconds - b.seconds || a.fraction - b.fraction);
  return pcapFile(packets.map(({ data, seconds, fraction }) => ({ data, seconds, fraction })));
}

test('results are the same as where each connection is asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alike-'));
  try {
    const file = join(folder, 'many.pcap');
    const names = ['tls12-success.pcap', 'tls13-success.pcap', 'tls12-success.pcap', 'certificate-expired-curl.pcap'];
    await writeFile(file, await repeated(names, 2600));
    const results = await analyze([file]);
    const whole = await analyze([file], { select: () => true });
    assert.ok(results.summary.established > 1900);
    assert.deepEqual(results, whole);
    const detailed = await analyze([file], { detailed: 'failed' });
    assert.ok(detailed.connections.filter(({ connection }) => connection.repeats !== undefined).length > 500);
    for (const createWriter of [createTextWriter, createMarkdownWriter]) {
      const report = (of: Results): string => [...createWriter(DEFAULTS).end(of)].join('');
      assert.equal(report(detailed), report(whole));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
