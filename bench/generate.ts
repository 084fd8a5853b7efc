import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SYN } from '../src/packet/packet.js';
import { readSamples, type Conversation } from './conversation.js';
import { PcapWriter } from './pcap-writer.js';
import { readQuicSample, replayQuic, type QuicConversation } from './quic.js';
import { createRandom, randomBytes, type Random } from './random.js';
import { flowOf, merge, replay, transferOf, type Planned, type Transfer } from './traffic.js';
import * as variety from './variety.js';

/** To be changed with anything that changes what is generated. */
const VERSION = 4;

/** A generated capture. */
export interface Capture extends Contents {
  readonly name: CaptureName;
  readonly path: string;
  /** A key log for all its connections, and one as long for none of them; null of captures without keys. */
  readonly keys: { readonly fitting: string; readonly others: string } | null;
}

/** What is known of a capture because it was made so. */
interface Contents {
  readonly bytes: number;
  readonly packets: number;
  readonly connections: number;
  /** How many connections fail, by cause. */
  readonly causes: Readonly<Record<string, number>>;
}

export type CaptureName = keyof typeof plans;

const SAMPLES = new URL('../../samples/', import.meta.url);
const CACHE = new URL('../../bench/.cache/', import.meta.url);

interface Setting {
  readonly random: Random;
  /** Those of samples without keys, and of samples with. */
  readonly samples: readonly Conversation[];
  readonly keyed: readonly Conversation[];
  readonly quic: readonly QuicConversation[];
  /** 1 for the full size. */
  readonly factor: number;
  /** Microseconds since 1970 at which the capture begins: when what it replays was recorded, for certificates begin and expire. */
  readonly start: number;
}

/** Chromium splits its ClientHello over two datagrams, quic-go has the shortest handshake there is. */
const QUIC_SAMPLES = ['quic-success-chromium.pcap', 'quic-success-quic-go.pcap'];
/** Servers that each sample's connections go to. */
const SERVERS = 16;
const MEAN_TRANSFER = 240_000;
const LONG_TRANSFER = 50_000_000;

/** Samples whose causes do not hold where many clients do the same: of many hosts that call a certificate expired, hardly all have a wrong clock. */
const OF_ONE_CLIENT: ReadonlySet<string> = new Set(['incident.pcap', 'client-clock-wrong.pcap']);

/** What each capture holds; connections in order of their start. */
const plans = {
  *bulk(setting: Setting): Iterable<Planned> {
    const transfers = (): Transfer => transferOf(setting.random, MEAN_TRANSFER);
    yield* handshakes(setting, Math.round(4000 * setting.factor), 2000, transfers);
  },

  *handshakes(setting: Setting): Iterable<Planned> {
    yield* handshakes(setting, Math.round(40_000 * setting.factor), 250);
  },

  /** Handshakes as of hundreds of client programs at thousands of servers, with a tenth of their segments out of order. */
  *variety({ random, samples, factor, start }: Setting): Iterable<Planned> {
    const worked = samples.filter(({ cause, kind }) => cause === null && kind !== 'other');
    for (let index = 0; index < Math.round(40_000 * factor); index++) {
      const parties = variety.partiesOf(random);
      const conversation = worked[parties.server % worked.length] as Conversation;
      const segments = variety.varied(random, conversation, parties);
      const begin = start + index * 250;
      yield {
        flow: variety.flowOf(random, conversation, index, parties),
        segments: variety.disordered(random, replay(random, { ...conversation, segments }, begin)),
        start: begin,
        cause: null,
      };
    }
  },

  /** Each failing connection of the samples many times, after what else its sample shows of the same server. */
  *failures({ random, samples, factor, start }: Setting): Iterable<Planned> {
    const names = [...new Set(samples.map(({ sample }) => sample))].filter((name) => !OF_ONE_CLIENT.has(name));
    const connect = (conversation: Conversation, index: number, server: number): Planned => ({
      flow: flowOf(random, conversation, index, names.indexOf(conversation.sample), server),
      segments: replay(random, conversation, start + index * 1000),
      start: start + index * 1000,
      cause: conversation.cause,
    });
    const known = samples.filter(({ sample }) => names.includes(sample));
    const failing = known.filter(({ cause }) => cause !== null);
    const others = known.filter(
      ({ sample, cause }) => cause === null && failing.some((failed) => failed.sample === sample),
    );
    let index = 0;
    for (let server = 0; server < SERVERS; server++) {
      for (const conversation of others) yield connect(conversation, index++, server);
    }
    for (let count = 0; count < Math.round(40_000 * factor); count++) {
      const conversation = failing[count % failing.length] as Conversation;
      yield connect(conversation, index++, Math.floor(count / failing.length) % SERVERS);
    }
  },

  /** SYNs from everywhere to one server, 100,000 in a second. */
  *flood({ random, factor, start }: Setting): Iterable<Planned> {
    const server = { address: Uint8Array.of(198, 18, 0, 1), port: 443, initialSequence: 0 };
    for (let index = 0; index < Math.round(5_000_000 * factor); index++) {
      // An odd factor visits every address once.
      const source = Math.imul(index, 0x9e3779b1);
      const address = Uint8Array.of(source >>> 24, source >>> 16, source >>> 8, source);
      const at = start + index * 10;
      const syn = { at, fromClient: true, flags: SYN, sequence: 0, acknowledgment: 0, window: 64_240 };
      yield {
        flow: { client: { address, port: 1024 + (random() % 64_512), initialSequence: random() }, server },
        segments: [{ ...syn, payload: new Uint8Array(0) }].values(),
        start: at,
        cause: null,
      };
    }
  },

  /** Handshakes of TLS 1.3, with a key log. A secret opens what it was for, whatever the ClientHello.random beside it. */
  *keys({ random, keyed, factor, start }: Setting): Iterable<Planned> {
    const worked = keyed.filter(({ cause, kind, secrets }) => cause === null && kind === 'tls13' && secrets.length > 0);
    for (let index = 0; index < Math.round(40_000 * factor); index++) {
      const conversation = worked[index % worked.length] as Conversation;
      const server = Math.floor(index / worked.length) % SERVERS;
      const helloRandom = randomBytes(random, 32);
      const begin = start + index * 250;
      const hex = Buffer.from(helloRandom).toString('hex');
      yield {
        flow: flowOf(random, conversation, index, worked.indexOf(conversation), server),
        segments: replay(random, conversation, begin, undefined, helloRandom),
        start: begin,
        cause: null,
        keyLog: conversation.secrets.map(([label, secret]) => `${label} ${hex} ${secret}\n`).join(''),
      };
    }
  },

  /** Handshakes over QUIC, each with the Initial keys of its own connection ID. */
  *quic({ random, quic, factor, start }: Setting): Iterable<Planned> {
    for (let index = 0; index < Math.round(40_000 * factor); index++) {
      const sample = index % quic.length;
      const conversation = quic[sample] as QuicConversation;
      const begin = start + index * 250;
      yield {
        flow: flowOf(random, conversation, index, sample, Math.floor(index / quic.length) % SERVERS),
        segments: replayQuic(random, conversation, begin),
        start: begin,
        cause: null,
      };
    }
  },

  *long(setting: Setting): Iterable<Planned> {
    const bytes = Math.round(LONG_TRANSFER * setting.factor);
    yield* handshakes(setting, 20, 1000, () => ({ fromClient: false, bytes }));
  },
};

export const captureNames = Object.keys(plans) as CaptureName[];

/** Handshakes that worked: TLS 1.2 with certificates and TLS 1.3 by turns, one begun each `interval` microseconds. */
function* handshakes(
  { random, samples, start }: Setting,
  count: number,
  interval: number,
  transfers?: () => Transfer,
): Iterable<Planned> {
  const worked = samples.filter(({ cause }) => cause === null);
  const kinds = [worked.filter(({ kind }) => kind === 'tls12'), worked.filter(({ kind }) => kind === 'tls13')] as const;
  for (let index = 0; index < count; index++) {
    const kind = kinds[index % 2] as readonly Conversation[];
    const turn = Math.floor(index / 2);
    const conversation = kind[turn % kind.length] as Conversation;
    const server = Math.floor(turn / kind.length) % SERVERS;
    const begin = start + index * interval;
    yield {
      flow: flowOf(random, conversation, index, worked.indexOf(conversation), server),
      segments: replay(random, conversation, begin, transfers?.()),
      start: begin,
      cause: null,
    };
  }
}

/** The capture of that name, from the cache or made now. */
export async function generate(name: CaptureName, factor: number, say: (text: string) => void): Promise<Capture> {
  const folder = fileURLToPath(CACHE);
  mkdirSync(folder, { recursive: true });
  const label = `${name}-${factor}`;
  const base = `${label}-${keyOf(name, factor)}`;
  const path = folder + `${base}.pcap`;
  const manifest = folder + `${base}.json`;
  const cached = readdirSync(folder).filter((file) => file.startsWith(`${label}-`));
  if (cached.includes(`${base}.json`) && cached.includes(`${base}.pcap`)) {
    return { name, path, keys: keysOf(folder + base), ...(JSON.parse(readFileSync(manifest, 'utf8')) as Contents) };
  }
  say(`generating ${label}`);
  for (const outdated of cached) rmSync(folder + outdated);

  const all = await readSamples(SAMPLES);
  const keyed = all.filter(({ hasKeys }) => hasKeys);
  const samples = all.filter(({ hasKeys }) => !hasKeys);
  const quic = await Promise.all(QUIC_SAMPLES.map((file) => readQuicSample(new URL(file, SAMPLES))));
  const replayed: readonly { readonly recordedAt: number }[] =
    name === 'quic' ? quic : name === 'keys' ? keyed : samples;
  const setting: Setting = {
    random: createRandom(createHash('sha256').update(name).digest().readInt32LE()),
    samples,
    keyed,
    quic,
    factor,
    start: Math.max(...replayed.map(({ recordedAt }) => recordedAt)) * 1000,
  };
  const temporary = folder + `${base}.${process.pid}.tmp`;
  try {
    const { keyLog, ...contents } = write(temporary, plans[name](setting));
    if (keyLog.length > 0) {
      writeFileSync(`${folder}${base}.keys`, keyLog);
      // The same secrets for randoms that no connection has: their first digits, which are drawn, are none here.
      writeFileSync(`${folder}${base}.others.keys`, keyLog.replace(/ [0-9a-f]{16}/g, ' 0000000000000000'));
    }
    renameSync(temporary, path);
    writeFileSync(temporary, `${JSON.stringify(contents, null, 2)}\n`);
    renameSync(temporary, manifest);
    return { name, path, keys: keysOf(folder + base), ...contents };
  } finally {
    rmSync(temporary, { force: true });
  }
}

function keysOf(base: string): Capture['keys'] {
  const keys = { fitting: `${base}.keys`, others: `${base}.others.keys` };
  return existsSync(keys.fitting) ? keys : null;
}

/** The same key, the same bytes: everything that they follow from. */
function keyOf(name: CaptureName, factor: number): string {
  const key = createHash('sha256').update(JSON.stringify([VERSION, name, factor]));
  for (const file of readdirSync(SAMPLES).sort()) {
    if (/\.(pcapng|pcap|json|keys)$/.test(file)) key.update(readFileSync(new URL(file, SAMPLES)));
  }
  return key.digest('hex').slice(0, 12);
}

function write(path: string, plan: Iterable<Planned>): Contents & { readonly keyLog: string } {
  let connections = 0;
  const logs: string[] = [];
  const causes: Record<string, number> = {};
  const counted = function* (): Iterable<Planned> {
    for (const planned of plan) {
      connections++;
      if (planned.keyLog !== undefined) logs.push(planned.keyLog);
      if (planned.cause !== null) causes[planned.cause] = (causes[planned.cause] ?? 0) + 1;
      yield planned;
    }
  };
  const writer = new PcapWriter(path);
  try {
    for (const { flow, segment } of merge(counted())) writer.write(flow, segment);
  } finally {
    writer.close();
  }
  return { bytes: writer.bytes, packets: writer.packets, connections, causes, keyLog: logs.join('') };
}
