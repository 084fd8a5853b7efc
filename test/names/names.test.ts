/** Names in whole analyses: what reports, facts and comparisons say of lookups in captures. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { analyze, analyzeFacts, type AnalyzeOptions } from '../../src/analyze.js';
import { compareCaptures } from '../../src/compare.js';
import type { Results } from '../../src/diagnose/results.js';
import type { FactsLine } from '../../src/facts/line.js';
import { lineText } from '../../src/facts/read.js';
import { writeFacts } from '../../src/facts/slice.js';
import { formats } from '../../src/report/index.js';
import { EVERYTHING, isSelected, selectsByName, type Selection } from '../../src/report/selection.js';
import { be16, concat, pcapFile, pcapngBlocks, type Packet } from '../support/captures.js';
import { bytesOf, conversation, frameBytes } from '../support/conversation.js';
import { atServer, CLIENT, dnsMessage, RESOLVER, tcpFrame, udpFrame, type MessageOptions } from '../support/dns.js';
import { assertValidFacts, assertValidReport } from '../support/schema.js';
import {
  applicationData,
  certificate,
  changeCipherSpec,
  clientHello,
  encrypted,
  extension,
  handshake,
  message,
  serverHello,
  serverHelloDone,
  TYPE,
  vector16,
} from '../support/tls.js';
import { issue } from '../x509/authority.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-names-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** Certificates by their names. */
const leaves = new Map<string, Uint8Array>();
for (const dns of [['one.example', 'www.one.example'], ['*.many.example'], ['a.example', 'b.example', 'c.example']]) {
  const names = new x509.SubjectAlternativeNameExtension(dns.map((value) => ({ type: 'dns', value })));
  leaves.set(dns.join(), (await issue({ name: 'CN=Host', extensions: [names] })).certificate.der);
}

const OLD = '198.51.100.1';
const NEW = '198.51.100.2';
const SHARED = '198.51.100.3';
const NAME = 'shop.example';

interface Timed {
  readonly time: number;
  readonly data: Uint8Array;
}

const helloFor = (name: string | null): Uint8Array =>
  clientHello({
    extensions: name === null ? [] : [extension(0, vector16([0], vector16(bytesOf(name))))],
  });

let port = 40_000;

/** A handshake at a server, which works, or ends with a reset. */
function tlsTo(server: string, time: number, works: boolean, name: string | null = NAME): Timed[] {
  const talk = conversation({ time, clientPort: port++ });
  talk.open();
  talk.say('client', handshake(helloFor(name)));
  if (works) {
    talk.say('server', handshake(serverHello(), certificate(300), serverHelloDone));
    talk.say('client', concat(handshake(message(16, new Uint8Array(66))), changeCipherSpec, encrypted(22, 40)));
    talk.say('server', concat(changeCipherSpec, encrypted(TYPE.handshake, 40)));
    talk.say('client', applicationData(200));
    talk.say('server', applicationData(900));
    talk.fin('client');
    talk.fin('server');
  } else {
    talk.reset('server');
  }
  return talk.segments.map((segment) => ({
    time: segment.time,
    data: atServer(frameBytes(segment), server, segment.from === 'server'),
  }));
}

const lookup = (time: number, options: MessageOptions, client = CLIENT): Timed => ({
  time,
  data:
    (options.answers?.length ?? 0) + (options.code ?? 0) > 0
      ? udpFrame(dnsMessage(options), { destination: client })
      : udpFrame(dnsMessage(options), {
          source: client,
          destination: RESOLVER,
          sourcePort: 40_053,
          destinationPort: 53,
        }),
});

const answerOf = (time: number, name: string, ...addresses: readonly string[]): Timed =>
  lookup(time, { name, answers: addresses.map((value) => ({ name, type: 'A', value })) });

const leadsTo = (time: number, ...addresses: readonly string[]): Timed => answerOf(time, NAME, ...addresses);

const packetsOf = (timed: readonly Timed[]): Packet[] =>
  timed.map(({ time, data }) => ({ seconds: Math.floor(time), fraction: Math.round((time % 1) * 1e6), data }));

let files = 0;

function fileOf(...timed: readonly Timed[]): string {
  const path = join(folder, `${++files}.pcap`);
  writeFileSync(path, pcapFile(packetsOf(timed)));
  return path;
}

async function reportOf(results: Results, format: string): Promise<string> {
  const createWriter = (await formats[format]?.load({ verbose: true })) ?? assert.fail();
  const options = {
    color: false,
    width: 80,
    ascii: false,
    verbose: true,
    only: 'all',
    selection: EVERYTHING,
    timeZone: 'UTC',
  } as const;
  const writer = createWriter(options);
  return [...results.connections.map((one) => writer.connection(one)), ...writer.end(results)].join('');
}

const unmarked = (html: string): string => html.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');

/** A name that works, moves, and then fails. */
const moved = (): Timed[] => [
  leadsTo(100, OLD),
  ...tlsTo(OLD, 101, true),
  leadsTo(110, NEW),
  ...tlsTo(NEW, 111, false),
];

describe('the certificate that an address served', () => {
  const tls12 = (at: string, ...dns: readonly string[]): Timed[] => {
    const talk = conversation({ time: 101, clientPort: port++ });
    const own = Buffer.from(leaves.get(dns.join()) ?? assert.fail());
    const length = (bytes: number): number[] => [bytes >> 16, (bytes >> 8) & 0xff, bytes & 0xff];
    talk.open();
    talk.say('client', handshake(helloFor(null)));
    const sent = message(11, concat([...length(own.length + 3), ...length(own.length)], own));
    talk.say('server', handshake(serverHello(), sent, serverHelloDone));
    talk.reset('client');
    return talk.segments.map((segment) => ({
      time: segment.time,
      data: atServer(frameBytes(segment), at, segment.from === 'server'),
    }));
  };

  test('names it where nothing else does, and the certificate is for one host', async () => {
    const results = await analyze([
      fileOf(...tls12(NEW, 'one.example', 'www.one.example'), ...tls12(OLD, '*.many.example')),
    ]);
    assert.deepEqual(results.names.addresses, [
      {
        address: NEW,
        names: ['one.example', 'www.one.example'].map((name) => ({
          ...{ name, source: 'certificate', frame: null, capture: null },
        })),
      },
    ]);
    assert.match(unmarked(await reportOf(results, 'text')), /198\.51\.100\.2:443 \(by its certificate one\.example\)/);
    const json: unknown = JSON.parse(await reportOf(results, 'json'));
    assertValidReport(json);
  });

  test('does not take the place of a lookup, and tells nothing where it is for many', async () => {
    const looked = lookup(100, { name: NAME, answers: [{ name: NAME, type: 'A', value: NEW }] });
    const results = await analyze([
      fileOf(
        looked,
        ...tls12(NEW, 'one.example', 'www.one.example'),
        ...tls12(OLD, 'a.example', 'b.example', 'c.example'),
      ),
    ]);
    const [first, ...others] = results.names.addresses;
    assert.deepEqual([first?.names.map(({ name }) => name), others], [[NAME, 'one.example', 'www.one.example'], []]);
    assert.doesNotMatch(await reportOf(results, 'text'), /by its certificate/);
  });
});

describe('a name that leads to another address than before', () => {
  test('is told with the failure, and as what else may be the cause', async () => {
    const { connections, diagnoses } = await analyze([fileOf(...moved())]);
    assert.deepEqual(
      connections.map(({ lookup: found }) => [found?.name, found?.frame, found?.before?.addresses ?? null]),
      [
        [NAME, 1, null],
        [NAME, 13, [OLD]],
      ],
    );
    const [diagnosis] = diagnoses;
    const changed = diagnosis?.example.differential.find(({ rule }) => rule.id === 'address-changed');
    assert.equal(changed?.verdict.support, 'open');
    assert.deepEqual(
      changed.verdict.evidence.map(({ id, frame }) => [id, frame]),
      [
        ['seenOtherLookup', 1],
        ['seenLookup', 13],
        ['seenSuccess', 6],
      ],
    );
    assert.notEqual(diagnosis?.certainty, 'certain');
  });

  test('is told by every format', async () => {
    const results = await analyze([fileOf(...moved())]);
    for (const format of ['text', 'markdown', 'html']) {
      const report = await reportOf(results, format);
      const words = unmarked(report.replace(/[`\\]/g, ''));
      assert.ok(words.includes(`${NAME} led to ${NEW} in frame 13`), `${format}: the lookup`);
      assert.ok(words.includes(`Before, in frame 1, it led to ${OLD}.`), `${format}: the one before`);
      if (format === 'text') for (const line of report.split('\n')) assert.ok(line.length <= 80, line);
    }
    const json = JSON.parse(await reportOf(results, 'json')) as { names: unknown; connections: { lookup: unknown }[] };
    assertValidReport(json);
    assert.deepEqual(json.names, {
      addresses: [
        { address: OLD, names: [{ name: NAME, source: 'dns', frame: 1, capture: 0 }] },
        { address: NEW, names: [{ name: NAME, source: 'dns', frame: 13, capture: 0 }] },
      ],
      unresolved: [],
    });
  });

  test('is no other fault where it works at both, or has not worked at the other', async () => {
    const both = [leadsTo(100, OLD), ...tlsTo(OLD, 101, true), leadsTo(110, NEW), ...tlsTo(NEW, 111, true)];
    for (const timed of [
      [...both, ...tlsTo(NEW, 120, false)],
      [leadsTo(100, OLD), leadsTo(110, NEW), ...tlsTo(NEW, 111, false)],
      // In turns.
      [leadsTo(100, OLD, NEW), ...tlsTo(OLD, 101, true), leadsTo(110, NEW), ...tlsTo(NEW, 111, false)],
    ]) {
      const { connections } = await analyze([fileOf(...timed)]);
      const weighed = connections.flatMap(({ differential }) => differential.map(({ rule }) => rule.id));
      assert.ok(weighed.length > 0 && !weighed.includes('address-changed'), weighed.join());
    }
  });

  test('is told of a client that goes by an old lookup', async () => {
    const timed = [leadsTo(100, OLD), leadsTo(110, NEW), ...tlsTo(NEW, 111, true), ...tlsTo(OLD, 120, false)];
    const results = await analyze([fileOf(...timed)]);
    const failed = results.diagnoses[0]?.example;
    assert.deepEqual(failed?.lookup?.since?.addresses, [NEW]);
    const changed = failed.differential.find(({ rule }) => rule.id === 'address-changed');
    assert.equal((changed?.verdict as { explanation: { id: string } }).explanation.id, 'since');
    assert.match(await reportOf(results, 'text'), /It has moved since/);
  });
});

describe('addresses are shown with their names', () => {
  test('of lookups, for clients that ask for none', async () => {
    const results = await analyze([fileOf(leadsTo(100, NEW), ...tlsTo(NEW, 101, false, null))]);
    assert.match(await reportOf(results, 'text'), /192\.0\.2\.1 → 198\.51\.100\.2:443 \(shop\.example\)/);
    for (const format of ['markdown', 'html']) {
      assert.ok(unmarked((await reportOf(results, format)).replaceAll('`', '')).includes(`443 (${NAME})`), format);
    }
  });

  test('that other clients ask for there', async () => {
    const timed = [...tlsTo(NEW, 100, true), ...tlsTo(NEW, 110, false, null)];
    const results = await analyze([fileOf(...timed)]);
    assert.deepEqual(results.names.addresses, [
      { address: NEW, names: [{ name: NAME, source: 'tls', frame: null, capture: null }] },
    ]);
    assert.match(await reportOf(results, 'text'), /198\.51\.100\.2:443 \(shop\.example\)/);
  });

  test('of name resolution blocks, of clients too, wherever they stand', async () => {
    const blocks = pcapngBlocks();
    const nameRecord = (address: readonly number[], name: string): Uint8Array => {
      const value = concat(address, bytesOf(name), [0]);
      return concat([1, 0, value.length, 0], value, new Uint8Array(-value.length & 3));
    };
    const path = join(folder, 'names.pcapng');
    writeFileSync(
      path,
      concat(
        blocks.sectionHeader(),
        blocks.interfaceDescription(),
        ...tlsTo(NEW, 100, false, null).map(({ time, data }) =>
          blocks.enhancedPacket(Uint8Array.from(data), BigInt(Math.round(time * 1e6))),
        ),
        blocks.block(
          4,
          concat(
            nameRecord([192, 0, 2, 1], 'laptop.example'),
            nameRecord([198, 51, 100, 2], 'db.example'),
            [0, 0, 0, 0],
          ),
        ),
      ),
    );
    const results = await analyze([path]);
    assert.match(
      await reportOf(results, 'text'),
      /192\.0\.2\.1 \(laptop\.example\) → 198\.51\.100\.2:443 \(db\.example\)/,
    );
    // They stand behind the connections, which are selected before.
    for (const [part, expected] of [
      [{ clients: ['laptop.example'] }, 1],
      [{ hosts: ['LAPTOP.example'] }, 1],
      [{ servers: ['db.example'] }, 1],
      [{ servers: ['laptop.example'] }, 0],
    ] as const) {
      const select: AnalyzeOptions['select'] = (...of) => isSelected({ ...EVERYTHING, ...part }, ...of);
      const { summary } = await analyze([path], { select, readsNamesFirst: selectsByName({ ...EVERYTHING, ...part }) });
      assert.equal(summary.connections, expected, JSON.stringify(part));
    }
  });

  test('of mDNS and LLMNR', async () => {
    const answers = [{ name: 'nas.local', type: 'A', value: NEW }];
    for (const [name, ports] of [
      [null, 5353],
      ['nas.local', 5355],
    ] as const) {
      const data = udpFrame(dnsMessage({ name, answers }), { sourcePort: ports });
      const { names } = await analyze([fileOf({ time: 100, data }, ...tlsTo(NEW, 101, false, null))]);
      assert.equal(names.addresses[0]?.names[0]?.source, ports === 5353 ? 'mdns' : 'llmnr');
    }
  });

  test('which are harmless, whatever they have in them', async () => {
    const name = '<b>\u001b[31m|`.example';
    const timed = [lookup(100, { name, answers: [{ name, type: 'A', value: NEW }] }), ...tlsTo(NEW, 101, false, null)];
    const results = await analyze([fileOf(...timed)]);
    assert.equal(results.connections[0]?.lookup?.name, '<b>\\027[31m|`.example');
    for (const format of ['text', 'markdown', 'html', 'json']) {
      const report = await reportOf(results, format);
      assert.ok(report.includes('027'), format);
      assert.ok(!report.includes('\u001b'), format);
      if (format === 'html') assert.ok(!report.includes('<b>\\'), format);
    }
  });

  test('select connections', async () => {
    const { connections } = await analyze([fileOf(leadsTo(100, NEW), ...tlsTo(NEW, 101, false, null))]);
    const [one] = connections;
    assert.ok(one);
    for (const [part, expected] of [
      [{ hosts: ['SHOP.example'] }, true],
      [{ servers: [NAME] }, true],
      [{ servers: ['*.example'] }, true],
      [{ servers: ['db.example'] }, false],
      [{ clients: [NAME] }, false],
      [{ serverNames: [NAME] }, false],
    ] as const) {
      assert.equal(isSelected({ ...EVERYTHING, ...part }, one), expected, JSON.stringify(part));
    }
  });

  test('say of a diagnosis that the name of one of its connections has led elsewhere before', async () => {
    const failures = [100, 102, 104].flatMap((time) => tlsTo(NEW, time, false, time === 104 ? NAME : 'db.example'));
    const timed = [leadsTo(90, OLD), leadsTo(103, NEW), ...failures].sort((a, b) => a.time - b.time);
    const results = await analyze([fileOf(...timed)]);
    assert.equal(results.diagnoses.length, 1);
    assert.equal(results.diagnoses[0]?.example.lookup?.before ?? null, null);
    assert.match(
      (await reportOf(results, 'text')).replace(/\s+/g, ' '),
      /Lookup Of connection 3: shop\.example led to 198\.51\.100\.2 in frame \d+ .* Before, in frame 1, it led to 198\.51\.100\.1\./,
    );
  });

  test('select connections by aliases, by what clients are called, and by what capture files have', async () => {
    const alias = 'edge.example';
    const answers = [
      { name: NAME, type: 'CNAME', value: alias },
      { name: alias, type: 'A', value: NEW },
    ];
    const laptop = { name: 'laptop.example', answers: [{ name: 'laptop.example', type: 'A', value: '192.0.2.1' }] };
    const path = fileOf(lookup(99, laptop), lookup(100, { answers }), ...tlsTo(NEW, 101, false, null));
    const selected = async (part: Partial<Selection>): Promise<number> => {
      const wanted = { ...EVERYTHING, ...part };
      const select: AnalyzeOptions['select'] = (...of) => isSelected(wanted, ...of);
      return (await analyze([path], { select })).summary.connections;
    };
    for (const part of [{ hosts: [alias] }, { servers: [alias] }, { clients: ['laptop.example'] }]) {
      assert.equal(await selected(part), 1, JSON.stringify(part));
    }
    for (const part of [{ clients: [alias] }, { servers: ['laptop.example'] }, { serverNames: [alias] }]) {
      assert.equal(await selected(part), 0, JSON.stringify(part));
    }
  });
});

describe('DNS over TCP', () => {
  const answer = dnsMessage({ answers: [{ name: NAME, type: 'A', value: NEW }] });
  const other = dnsMessage({ name: 'db.example', answers: [{ name: 'db.example', type: 'A', value: OLD }] });
  const framed = concat(be16(other.length), other, be16(answer.length), answer);
  const named = async (...frames: readonly Uint8Array[]): Promise<string | undefined> => {
    const timed = frames.map((data, index) => ({ time: 100 + index / 1000, data }));
    const { connections } = await analyze([fileOf(...timed, ...tlsTo(NEW, 102, false, null))]);
    return connections.find(({ connection }) => connection.server.port === 443)?.lookup?.name;
  };
  const SYN_ACK = 0x12;

  test('comes in segments of any size, and again', async () => {
    for (const size of [1, 2, 7, 40, framed.length]) {
      const segments: Uint8Array[] = [];
      for (let start = 0; start < framed.length; start += size) {
        const segment = tcpFrame(framed.subarray(start, start + size), 1001 + start);
        segments.push(segment, ...(start % 3 === 0 ? [segment] : []));
      }
      assert.equal(await named(tcpFrame(new Uint8Array(0), 1000, SYN_ACK), ...segments), NAME, `${size} bytes`);
    }
  });

  test('is read behind its beginning where a segment is a message', async () => {
    assert.equal(await named(tcpFrame(concat(be16(answer.length), answer), 5000)), NAME);
  });

  test('is read no further where bytes are missing', async () => {
    const second = tcpFrame(framed.subarray(60), 1061);
    assert.equal(
      await named(tcpFrame(new Uint8Array(0), 1000, SYN_ACK), tcpFrame(framed.subarray(0, 50), 1001), second),
      undefined,
    );
  });
});

describe('names that led nowhere', () => {
  const end = tlsTo(NEW, 130, true, 'other.example');
  const unresolved = async (...timed: readonly Timed[]) => (await analyze([fileOf(...timed, ...end)])).names.unresolved;

  test('are told, with the code or that no answer came, and are no failure', async () => {
    const timed = [
      lookup(100, { name: 'db.example' }),
      lookup(100.1, { name: 'db.example', code: 3 }),
      lookup(101, { name: 'api.example', code: 2 }),
      lookup(102, { name: 'mute.example' }),
      lookup(105, { name: 'mute.example' }),
    ];
    assert.deepEqual(
      (await unresolved(...timed)).map(({ name, code, frame }) => [name, code, frame]),
      [
        ['db.example', 'NXDOMAIN', 2],
        ['api.example', 'SERVFAIL', 3],
        ['mute.example', null, 4],
      ],
    );
    const results = await analyze([fileOf(...timed, ...end)]);
    assert.equal(results.summary.failed, 0);
    assert.deepEqual(results.captures[0]?.warnings, []);
    const text = await reportOf(results, 'text');
    assert.match(
      text.replace(/\s+/g, ' '),
      /Looked up without success: db\.example \(NXDOMAIN, frame 2\), api\.example \(SERVFAIL, frame 3\) and mute\.example \(no answer, frame 4\)/,
    );
    assertValidReport(JSON.parse(await reportOf(results, 'json')));
  });

  test('are none where the name has an address after all, or somebody went there', async () => {
    assert.deepEqual(await unresolved(lookup(100, { name: NAME, code: 2 }), leadsTo(101, NEW)), []);
    assert.deepEqual(await unresolved(lookup(100, { name: 'other.example', code: 3 })), []);
  });

  test('are none where there are no addresses of one family, or the capture ends too soon', async () => {
    assert.deepEqual(await unresolved(lookup(100, { name: 'db.example', type: 'AAAA', isResponse: true })), []);
    assert.deepEqual(await unresolved(lookup(129, { name: 'mute.example' })), []);
  });

  test('are none of those that resolvers try by search lists, for addresses and for services', async () => {
    const timed = [
      lookup(100, { name: `${NAME}.corp.test`, code: 3 }),
      leadsTo(101, NEW),
      lookup(102, { name: 'db.example.corp.test', code: 3 }),
      lookup(102, { name: 'db.example', code: 3 }),
      lookup(103, { name: '4.3.2.1.in-addr.arpa', code: 3 }),
      lookup(103, { name: '_ldap._tcp.corp.test', code: 3 }),
      lookup(103, { name: 'wpad', code: 3 }),
    ];
    assert.deepEqual(
      (await unresolved(...timed)).map(({ name }) => name),
      ['db.example'],
    );
  });
});

describe('of several captures', () => {
  test('lookups of one name the addresses of another, with their frames', async () => {
    const [names, failures] = [fileOf(leadsTo(100, OLD), leadsTo(110, NEW)), fileOf(...tlsTo(NEW, 111, false))];
    const results = await analyze([failures, names]);
    const { lookup: found } = results.connections[0] ?? assert.fail();
    assert.deepEqual([found?.frame, found?.capture, found?.before?.frame, found?.before?.capture], [2, 1, 1, 1]);
    assert.deepEqual(results.names.addresses[0]?.names[0], { name: NAME, source: 'dns', frame: 2, capture: 1 });
    assert.match(await reportOf(results, 'text'), /in frame 2:2 /);
  });

  test('of a path, those of all points count', async () => {
    const talk = tlsTo(NEW, 111, false);
    const later = talk.map(({ time, data }) => ({ time: time + 0.002, data }));
    const results = await compareCaptures([fileOf(...talk), fileOf(leadsTo(100, OLD), leadsTo(110, NEW), ...later)]);
    const { lookup: found } = results.connections[0] ?? assert.fail();
    assert.deepEqual([found?.name, found?.frame, found?.capture], [NAME, 2, 1]);
    assert.deepEqual(found?.before?.addresses, [OLD]);
    assertValidReport(JSON.parse(await reportOf(results, 'json')));
  });
});

test('slices, merged, give the report of the whole', async () => {
  const timed = [
    lookup(99, { name: 'db.example' }),
    ...moved(),
    // Two names lead to one address, by turns: the later answer counts.
    answerOf(110, 'one.example', SHARED),
    answerOf(110.1, 'two.example', SHARED),
    answerOf(110.2, 'one.example', SHARED, '198.51.100.4'),
    ...tlsTo(SHARED, 110.5, false, null),
    lookup(112, { name: 'db.example', code: 3 }),
    leadsTo(113, NEW),
    leadsTo(114, OLD),
    ...tlsTo(NEW, 115, false, null),
    lookup(116, { name: 'mute.example' }),
    ...tlsTo(OLD, 140, true),
  ];
  const path = fileOf(...timed);
  const expected = await reportOf(await analyze([path]), 'json');
  assert.match(expected, /"since":\{/);
  for (const count of [1, 2, 3, 5, 9]) {
    const parts: string[] = [];
    for (let index = 1; index <= count; index++) {
      const lines: FactsLine[] = [];
      const write = (line: FactsLine): undefined => {
        assertValidFacts(line);
        lines.push(line);
      };
      await writeFacts([path], { slice: { index, count }, generator: 'test', write });
      const part = join(folder, `${index}-of-${count}.facts`);
      writeFileSync(part, lines.map(lineText).join(''));
      parts.push(part);
    }
    assert.equal(await reportOf(await analyzeFacts(parts.toReversed()), 'json'), expected, `${count} slices`);
  }
});
