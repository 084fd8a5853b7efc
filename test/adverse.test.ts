/**
 * What is found in a capture may not depend on how TCP carried it: the samples, cut into other segments, out of order,
 * captured twice, elsewhere in sequence space, with packets taken out, of one side only, or begun late.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { analyze } from '../src/analyze.js';
import { u16, u32, u8 } from '../src/bytes.js';
import type { DiagnosedConnection } from '../src/diagnose/finding.js';
import { be16, be32, concat, pcapFile, readAll } from './support/captures.js';
import { EAP_TLS, eapolFrame, IDENTITY, NAK, PEAP, request, response, START, text } from './support/eap.js';
import { ROOT } from './support/schema.js';

/** A TCP segment over IPv4 and Ethernet, in pieces that can be put together otherwise. */
interface Segment {
  /** Ethernet, IPv4 and TCP, with the lengths and numbers of the original. */
  readonly headers: Uint8Array;
  readonly payload: Uint8Array;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** Microseconds. */
  readonly time: number;
  /** Tells the two directions of a connection apart, and one connection from another. */
  readonly from: string;
  readonly to: string;
  /** It is seen behind a router, on a trunk: with a hop less to live, other link addresses, and a VLAN tag. */
  readonly isRouted?: boolean;
}

const FIN = 1;
const SYN = 2;
const PSH_FIN = 9;

const SAMPLES = join(ROOT, 'samples');
const REPORTS = join(ROOT, 'test', 'reports');

/** The segments of a sample; null if it is of another link type, IP version or transport. */
async function segmentsOf(name: string, of = SAMPLES): Promise<Segment[] | null> {
  const { frames } = await readAll(readFileSync(join(of, name)));
  const isTcp = (data: Uint8Array): boolean => u16(data, 12) === 0x0800 && u8(data, 23) === 6;
  if (!frames.every(({ data, linkType }) => linkType === 1 && isTcp(data))) return null;
  return frames.map(({ data, seconds, nanoseconds }) => {
    const ip = 14;
    const tcp = ip + (u8(data, ip) & 15) * 4;
    const start = tcp + (u8(data, tcp + 12) >> 4) * 4;
    const end = ip + u16(data, ip + 2);
    return {
      headers: data.slice(0, start),
      payload: data.slice(start, end),
      sequence: u32(data, tcp + 4),
      acknowledgment: u32(data, tcp + 8),
      flags: u8(data, tcp + 13),
      time: seconds * 1e6 + Math.floor(nanoseconds / 1000),
      from: `${data.subarray(ip + 12, ip + 16).join('.')}:${u16(data, tcp)}`,
      to: `${data.subarray(ip + 16, ip + 20).join('.')}:${u16(data, tcp + 2)}`,
    };
  });
}

function bytesOf({ headers, payload, sequence, acknowledgment, flags, isRouted }: Segment, ipId: number): Uint8Array {
  const frame = concat(headers, payload);
  const tcp = 14 + (u8(frame, 14) & 15) * 4;
  frame.set(be16(frame.length - 14), 16);
  frame.set(be16(ipId), 18);
  frame.set(be32(sequence >>> 0), tcp + 4);
  frame.set(be32(acknowledgment >>> 0), tcp + 8);
  frame[tcp + 13] = flags;
  if (isRouted !== true) return frame;
  frame[22] = u8(frame, 22) - 1;
  return concat([2, 9, 9, 9, 9, 1, 2, 9, 9, 9, 9, 2], [0x81, 0, 0, 42], frame.subarray(12));
}

const folder = await mkdtemp(join(tmpdir(), 'adverse-'));
after(() => rm(folder, { recursive: true }));

async function analysisOf(segments: readonly Segment[]) {
  const path = join(folder, 'capture.pcap');
  const packets = segments.map((segment, index) => ({
    // A packet captured twice keeps its identification.
    data: bytesOf(segment, ipIdOf.get(segment) ?? index + 1),
    seconds: Math.floor(segment.time / 1e6),
    fraction: segment.time % 1e6,
  }));
  await writeFile(path, pcapFile(packets));
  return (await analyze([path])).connections;
}

/** Identifications that are given. */
const ipIdOf = new WeakMap<Segment, number>();

/** What is found, without frames and times: what may not depend on how it came. */
function gist({ connection, cause }: DiagnosedConnection) {
  const { outcome, phase, messages, alerts, clientHello, serverHello, serverCertificates, clientCertificates } =
    connection;
  const of = (side: 'client' | 'server') => ({
    messages: messages.filter(({ from }) => from === side).map(({ type, length }) => `${type} ${length}`),
    alerts: alerts.filter(({ from }) => from === side).map(({ level, name }) => `${level} ${name}`),
  });
  return {
    outcome,
    phase,
    diagnosis: cause?.rule.id ?? null,
    client: of('client'),
    server: of('server'),
    hellos: [clientHello?.random, clientHello?.serverName, serverHello?.random, serverHello?.cipherSuite],
    certificates: [...serverCertificates, ...clientCertificates].map(({ sha256 }) => sha256),
  };
}

const gistOf = async (segments: readonly Segment[]) => (await analysisOf(segments)).map(gist);
const samples: { readonly name: string; readonly segments: readonly Segment[] }[] = [];
const originals = new Map<string, Awaited<ReturnType<typeof gistOf>>>();
// Where the path is at fault, what is found rests on the sizes of segments and on how often they came.
const ABOUT_SEGMENTS = /^(?:path-mtu|client-hello-lost)/;

for (const name of readdirSync(SAMPLES).filter(
  (file) => file.endsWith('.pcap') && file !== 'incident.pcap' && !ABOUT_SEGMENTS.test(file),
)) {
  const segments = await segmentsOf(name);
  if (segments === null) continue;
  samples.push({ name, segments });
  originals.set(name, await gistOf(segments));
}

assert.ok(samples.length >= 20, 'most samples can be taken apart');

const sample = fc.constantFrom(...samples);
/** Where the size of segments is not what the finding is about. */
const cuttable = fc.constantFrom(
  ...samples.filter(({ name }) => originals.get(name)?.every(({ diagnosis }) => diagnosis !== 'path-mtu-blackhole')),
);
/** Those of one connection that carries something. */
const withData = samples.filter(
  ({ name, segments }) => originals.get(name)?.length === 1 && segments.some(({ payload }) => payload.length > 0),
);
const numbers = fc.infiniteStream(fc.nat(0xffff));

/** Cuts segments into smaller ones, some of which repeat bytes of the one before. */
function recut(segments: readonly Segment[], random: () => number): Segment[] {
  return segments.flatMap((segment) => {
    const { payload, sequence, flags } = segment;
    if (payload.length < 2 || (flags & SYN) !== 0) return [segment];
    const pieces: Segment[] = [];
    for (let at = 0; at < payload.length;) {
      const size = random() % 3 === 0 ? 1 + (random() % 20) : 1 + (random() % 1400);
      const end = Math.min(payload.length, at + size);
      const start = random() % 4 === 0 ? Math.max(0, at - (random() % 30)) : at;
      const isLast = end === payload.length;
      pieces.push({
        ...segment,
        payload: payload.subarray(start, end),
        sequence: sequence + start,
        flags: isLast ? flags : flags & ~PSH_FIN,
      });
      at = end;
    }
    return pieces;
  });
}

describe('the findings do not depend on', () => {
  test('the cuts between segments', async () => {
    await fc.assert(
      fc.asyncProperty(cuttable, numbers, async ({ name, segments }, stream) => {
        assert.deepEqual(await gistOf(recut(segments, () => stream.next().value as number)), originals.get(name));
      }),
      { numRuns: 60 },
    );
  });

  test('the order within a flight', async () => {
    await fc.assert(
      fc.asyncProperty(cuttable, numbers, async ({ name, segments }, stream) => {
        const random = (): number => stream.next().value as number;
        const pieces = recut(segments, random);
        // Neighbours of one direction change places; times stay in order, as a capture has them.
        const moved = [...pieces];
        for (let at = 0; at + 1 < moved.length; at++) {
          const [one, other] = [moved[at]!, moved[at + 1]!];
          const isPlain = ((one.flags | other.flags) & (SYN | FIN | 4)) === 0;
          if (isPlain && one.from === other.from && random() % 3 === 0) [moved[at], moved[at + 1]] = [other, one];
        }
        const timed = moved.map((segment, index) => ({ ...segment, time: pieces[index]!.time }));
        assert.deepEqual(await gistOf(timed), originals.get(name));
      }),
      { numRuns: 60 },
    );
  });

  test('copies of the packets', async () => {
    await fc.assert(
      fc.asyncProperty(sample, fc.nat(900), fc.boolean(), async ({ name, segments }, delay, isRouted) => {
        const twice = segments.flatMap((segment, index) => {
          const copy = { ...segment, time: segment.time + delay, isRouted };
          for (const one of [segment, copy]) ipIdOf.set(one, index + 1);
          return [segment, copy];
        });
        const inOrder = twice.toSorted((a, b) => a.time - b.time);
        const result = await gistOf(inOrder);
        for (const segment of segments) ipIdOf.delete(segment);
        assert.deepEqual(result, originals.get(name));
      }),
      { numRuns: 30 },
    );
  });

  test('where the numbers begin', async () => {
    await fc.assert(
      fc.asyncProperty(sample, fc.integer(), fc.integer(), async ({ name, segments }, one, other) => {
        const shift = (from: string, to: string): number => (from < to ? one : other);
        const shifted = segments.map((segment) => ({
          ...segment,
          sequence: segment.sequence + shift(segment.from, segment.to),
          // A SYN and a lone reset acknowledge nothing.
          acknowledgment: (segment.flags & 16) === 0 ? 0 : segment.acknowledgment + shift(segment.to, segment.from),
        }));
        assert.deepEqual(await gistOf(shifted), originals.get(name));
      }),
      { numRuns: 30 },
    );
  });

  test('a packet that carries nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...withData), fc.nat(), async ({ name, segments }, which) => {
        const empty = segments.filter(({ payload, flags }) => payload.length === 0 && flags === 16);
        const removed = empty[which % Math.max(1, empty.length)];
        assert.deepEqual(await gistOf(segments.filter((one) => one !== removed)), originals.get(name));
      }),
      { numRuns: 40 },
    );
  });
});

/** Whether `part` is `whole` with some taken out. */
function isPartOf(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const one of whole) if (part[at] === one) at++;
  return at === part.length;
}

test('a packet taken out takes only what it carried, and makes nothing up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...withData), fc.nat(), async ({ name, segments }, which) => {
      const carriers = segments.filter(({ payload }) => payload.length > 0);
      const removed = carriers[which % carriers.length]!;
      const [found] = await gistOf(segments.filter((one) => one !== removed));
      const [original] = originals.get(name) ?? [];
      assert.ok(found !== undefined && original !== undefined);
      const isClient = removed.from === [...segments].find(({ flags }) => flags === SYN)?.from;
      const untouched = isClient ? 'server' : 'client';
      assert.deepEqual(found[untouched].messages, original[untouched].messages);
      const touched = isClient ? 'client' : 'server';
      assert.ok(isPartOf(found[touched].messages, original[touched].messages), JSON.stringify([found, original]));
      assert.ok(isPartOf(found[touched].alerts, original[touched].alerts), 'no alert that was not sent');
      if (original.outcome === 'established') assert.notEqual(found.outcome, 'failed');
    }),
    { numRuns: 80 },
  );
});

test('an encrypted alert that overtook what it acknowledges makes nothing sure', async () => {
  const segments = (await segmentsOf('hostname-mismatch-curl.pcap')) ?? [];
  const certaintyOf = async (of: readonly Segment[]) => (await analysisOf(of))[0]?.cause?.certainty;
  assert.equal(await certaintyOf(segments), 'likely');
  const at = segments.findLastIndex(({ payload, from }) => payload.length > 0 && from === segments[0]?.from);
  const [before, goodbye] = [segments[at - 1], segments[at]];
  assert.ok(before !== undefined && goodbye !== undefined && before.from !== goodbye.from && before.payload.length > 0);
  const swapped = segments.with(at - 1, { ...goodbye, time: before.time }).with(at, { ...before, time: goodbye.time });
  assert.equal(await certaintyOf(swapped), 'possible');
});

test('one side alone shows what it said', async () => {
  for (const { name, segments } of withData) {
    const [original] = originals.get(name) ?? [];
    const client = segments.find(({ flags }) => flags === SYN)?.from;
    for (const side of ['client', 'server'] as const) {
      const [found] = await gistOf(segments.filter(({ from }) => (from === client) === (side === 'client')));
      if (found === undefined) continue;
      assert.deepEqual(found[side].messages, original?.[side].messages, `${name}, ${side}`);
      if (original?.outcome === 'established') assert.notEqual(found.outcome, 'failed', name);
    }
  }
});

test('a late start is said to be one, and is no failure by itself', async () => {
  for (const { name, segments } of withData) {
    const [original] = originals.get(name) ?? [];
    // Without the opening: all else is there.
    const [opened] = await analysisOf(segments.slice(3));
    assert.ok(opened !== undefined);
    const { messages: server } = gist(opened).server;
    assert.deepEqual(server, original?.server.messages, name);
    assert.ok(opened.connection.notes.some(({ code }) => code === 'starts-mid-connection'));
    for (let start = 4; start < segments.length; start++) {
      const [late] = await analysisOf(segments.slice(start));
      if (late === undefined || original?.outcome !== 'established') continue;
      assert.notEqual(late.connection.outcome, 'failed', `${name} from ${start}`);
    }
  }
});

test('without the opening, a failure that the handshake or the server’s words show is still one', async () => {
  for (const name of [
    'address-as-dns-name-curl.pcap',
    'apache-renegotiation-go.pcap',
    'clock-2028-node.pcap',
    'ftp-demands-tls.pcap',
    'nginx-plaintext.pcap',
    'pinned-key-curl-zscaler.pcap',
  ]) {
    const segments = (await segmentsOf(name, REPORTS)) ?? [];
    const causesOf = async (of: readonly Segment[]) => (await analysisOf(of)).map(({ cause }) => cause?.rule.id);
    const late = await causesOf(segments.filter(({ flags }) => (flags & SYN) === 0));
    assert.deepEqual([name, ...late], [name, ...(await causesOf(segments))]);
  }
});

describe('a poor capture of what works is no failure', () => {
  /** What works, and ends soon or in an unusual way. */
  const REPORTED = [
    'bun-looks-tls12.pcap',
    'dovecot-capa-quit.pcap',
    'git-tls11-ok.pcap',
    'gnutls-address-as-name-ok.pcap',
    'haproxy-checks-with-sni.pcap',
    'haproxy-health-checks.pcap',
    'hitch-back-end-down.pcap',
    'mssql-freetds-ok.pcap',
    'mssql-tedious-goes-on-in-plaintext.pcap',
    'node-looks-and-ends.pcap',
    'postgresql-isready-without-tls.pcap',
    'python-looks.pcap',
    'redis-port-probe.pcap',
    'smtp-ehlo-quit-without-tls.pcap',
    'stunnel-at-5432-without-back-end.pcap',
  ];
  const healthy = samples.filter(({ name }) => originals.get(name)?.every(({ outcome }) => outcome !== 'failed'));

  before(async () => {
    for (const name of REPORTED) healthy.push({ name, segments: (await segmentsOf(name, REPORTS)) ?? [] });
    assert.ok(healthy.length >= REPORTED.length + 8);
  });

  async function assertNoFailure(segments: readonly Segment[], what: string): Promise<void> {
    for (const { connection, cause } of await analysisOf(segments)) {
      assert.notEqual(connection.outcome, 'failed', `${what}: ${cause?.rule.id}`);
    }
  }

  test('the opening is not captured', async () => {
    for (const { name, segments } of healthy) {
      await assertNoFailure(
        segments.filter(({ flags }) => (flags & SYN) === 0),
        name,
      );
    }
  });

  test('two neighbours are lost', async () => {
    for (const { name, segments } of healthy) {
      for (let at = 0; at + 2 < segments.length; at++) {
        await assertNoFailure(segments.toSpliced(at, 2), `${name} without ${at + 1} and ${at + 2}`);
      }
    }
  });

  test('one side is captured later than the other', async () => {
    for (const { name, segments } of healthy) {
      const client = segments.find(({ flags }) => flags === SYN)?.from;
      for (const isClientLate of [true, false]) {
        const late = segments.map((one) =>
          (one.from === client) === isClientLate ? { ...one, time: one.time + 3000 } : one,
        );
        await assertNoFailure(
          late.toSorted((a, b) => a.time - b.time),
          `${name}, late ${isClientLate ? 'client' : 'server'}`,
        );
      }
    }
  });

  test('only the server’s side is captured', async () => {
    for (const { name, segments } of healthy) {
      const clients = new Set(segments.filter(({ flags }) => flags === SYN).map(({ from }) => from));
      await assertNoFailure(
        segments.filter(({ from }) => !clients.has(from)),
        name,
      );
    }
  });
});

describe('over datagrams and EAP', () => {
  const IPV4 = 0x0800;
  /** Who sent an Ethernet frame. */
  const senderOf = (data: Uint8Array): string => `${data.subarray(26, 30).join('.')}:${u16(data, 34)}`;
  const TEN_MINUTES = 600;

  for (const name of [
    'dtls-success-gnutls.pcap',
    'dtls-success-mbedtls.pcap',
    'dtls-success-wolfssl.pcap',
    'dtls12-success.pcap',
    'eap-peap-success.pcap',
    'eap-tls12-success.pcap',
    'eap-tls13-success.pcap',
    'quic-success-chromium.pcap',
    'quic-success-quic-go.pcap',
  ]) {
    test(`one side alone is no failure, though its first packet came four times and silence follows: ${name}`, async () => {
      const { frames } = await readAll(readFileSync(join(SAMPLES, name)));
      const later = frames.map(({ data, seconds, nanoseconds }) => ({ data, seconds, fraction: nanoseconds / 1000 }));
      assert.ok(later.every(({ data }) => u16(data, 12) === IPV4));
      const senders = [...new Set(later.map(({ data }) => senderOf(data)))];
      assert.ok(senders.length >= 2);
      for (const sender of senders) {
        const own = later.filter(({ data }) => senderOf(data) === sender);
        const [first] = own;
        assert.ok(first !== undefined);
        const again = [7, 6, 4].map((before) => ({ ...first, seconds: first.seconds - before }));
        // Of nobody else, so that the capture goes on.
        const last = { data: concat(first.data.subarray(0, 12), be16(0x88cc)), seconds: first.seconds + TEN_MINUTES };
        const path = join(folder, 'side.pcap');
        await writeFile(path, pcapFile([...again, ...own, last]));
        for (const { connection, cause } of (await analyze([path])).connections) {
          assert.notEqual(connection.outcome, 'failed', `${sender}: ${cause?.rule.id}`);
        }
      }
    });
  }

  test('of a late start, the messages tell who is the client', async () => {
    for (const name of [
      'dtls-certificate-expired-wolfssl.pcap',
      'dtls-hostname-mismatch.pcap',
      'dtls-self-signed-gnutls.pcap',
    ]) {
      const { frames } = await readAll(readFileSync(join(SAMPLES, name)));
      const packets = frames.map(({ data, seconds, nanoseconds }) => ({ data, seconds, fraction: nanoseconds / 1000 }));
      const path = join(folder, 'late.pcap');
      // The last packet is the alert.
      for (let start = 1; start + 1 < packets.length; start++) {
        await writeFile(path, pcapFile(packets.slice(start)));
        for (const { connection, cause } of (await analyze([path])).connections) {
          if (connection.messages.length === 0) continue;
          assert.doesNotMatch(cause?.rule.id ?? '', /^client-certificate/, `${name} from ${start + 1}`);
        }
      }
    }
  });

  test('a goodbye behind lost records is no refusal', async () => {
    for (const name of ['dtls-success-gnutls.pcap', 'dtls-success-mbedtls.pcap', 'dtls12-success.pcap']) {
      const { frames } = await readAll(readFileSync(join(SAMPLES, name)));
      const packets = frames.map(({ data, seconds, nanoseconds }) => ({ data, seconds, fraction: nanoseconds / 1000 }));
      const path = join(folder, 'lossy.pcap');
      for (let lost = 1; lost <= 4; lost++) {
        for (let at = 1; at + lost < packets.length; at++) {
          await writeFile(path, pcapFile(packets.toSpliced(at, lost)));
          for (const { connection, cause } of (await analyze([path])).connections) {
            assert.notEqual(connection.outcome, 'failed', `${name} without ${lost} from ${at + 1}: ${cause?.rule.id}`);
          }
        }
      }
    }
  });

  /** The outcomes of Ethernet frames, of which the last is followed by ten minutes of silence. */
  async function outcomesOf(frames: readonly Uint8Array[]) {
    const packets = frames.map((data, index) => ({ data, seconds: index }));
    const path = join(folder, 'eap.pcap');
    const last = {
      data: concat(eapolFrame(response(1, IDENTITY)).subarray(0, 12), be16(0x88cc)),
      seconds: TEN_MINUTES,
    };
    await writeFile(path, pcapFile([...packets, last]));
    return (await analyze([path])).connections.map(({ connection }) => connection.outcome);
  }

  test('a supplicant alone, in front of its switch', async () => {
    const talk = [response(1, IDENTITY, text('alice')), response(2, NAK, [EAP_TLS]), response(3, EAP_TLS, [0])];
    assert.deepEqual(await outcomesOf(talk.map((eap) => eapolFrame(eap))), ['incomplete']);
    const asked = [request(1, IDENTITY), talk[0]!, request(2, PEAP, [START]), talk[1]!];
    assert.deepEqual(await outcomesOf(asked.map((eap) => eapolFrame(eap))), ['failed'], 'of both it is told');
  });

  test('a conversation that the capture cuts off where nothing gets lost has not failed', async () => {
    const path = join(folder, 'eap-cut.pcap');
    const outcomeOf = async (name: string, count: number) => {
      const { frames } = await readAll(readFileSync(join(SAMPLES, name)));
      await writeFile(path, pcapFile(frames.slice(0, count).map(({ data }, index) => ({ data, seconds: index }))));
      return (await analyze([path])).connections.map(({ connection }) => connection.outcome).join();
    };
    for (const count of [8, 9, 11, 12]) assert.equal(await outcomeOf('eap-tls12-success.pcap', count), 'incomplete');
    assert.equal(await outcomeOf('eap-peap-success.pcap', 8), 'incomplete');
    assert.equal(await outcomeOf('eap-tls12-success.pcap', 7), 'failed', 'between fragments');
    assert.equal(await outcomeOf('eap-tls12-success.pcap', 1), 'failed', 'before the first answer');
  });

  test('a challenge whose EAP packet cannot be read is an answer all the same', async () => {
    const { frames } = await readAll(readFileSync(join(SAMPLES, 'eap-tls12-success.pcap')));
    const [hello, start, flight, challenge] = frames.map(({ data }) => data);
    assert.ok(hello && start && flight && challenge);
    assert.deepEqual(await outcomesOf([hello, start, flight]), ['failed']);
    const unread = challenge.slice();
    const EAP_MESSAGE = 79;
    const RESERVED = 118;
    for (let at = 14 + 20 + 8 + 20; at + 1 < unread.length; at += u8(unread, at + 1)) {
      if (u8(unread, at) === EAP_MESSAGE) unread[at] = RESERVED;
    }
    assert.deepEqual(await outcomesOf([hello, start, flight, unread]), ['incomplete']);
  });
});
