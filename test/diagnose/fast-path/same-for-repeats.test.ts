import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../src/connection/connection.js';
import { repeatedConnection } from '../../../src/connection/fast-path/repeated-facts.js';
import { sameForRepeats } from '../../../src/diagnose/fast-path/same-for-repeats.js';
import { newContext } from '../../support/again.js';
import { at, certificate, connection, type ConnectionOverrides } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';

/**
 * The connection of an example that begins at this second, from the client with this number. Its hellos are in the frames of the
 * example's: what it copies of that fits to them, so that it can also be read in full.
 */
function repeatOf(example: Connection, id: number, client: number, second: number): Connection {
  const { clientHello, serverHello } = example;
  assert.ok(clientHello !== null && serverHello !== null);
  const repeat = repeatedConnection(example, {
    id,
    capture: example.capture,
    client: { address: `192.0.2.${client}`, port: 50000 + id },
    firstFrame: id,
    lastFrame: id,
    startedAt: at(second),
    endedAt: at(second + 1),
    clientHello,
    serverHello,
    ending: example.ending,
    timing: example.timing,
  });
  assert.ok(repeat !== null);
  return repeat;
}

/** The same, as if it had been read in full. */
function inFull(repeat: Connection): Connection {
  const { repeats, ...full } = repeat;
  assert.ok(repeats !== undefined);
  return full;
}

const CHAIN = [certificate({ notAfter: '2027-01-01T00:00:00Z' })];
const SHORTER = [certificate({ sha256: 'f'.repeat(64), notAfter: '2026-12-01T00:00:00Z' })];
const KINDS: readonly ConnectionOverrides[] = [
  { serverCertificates: CHAIN },
  { serverCertificates: SHORTER, server: { address: '198.51.100.7', port: 443 } },
  { serverHello: { version: 'TLS 1.3' }, clientHello: { serverName: null, ja4: 't13d_other' } },
  { clientHello: { supportedVersions: ['TLS 1.1'] } },
  { server: { address: '198.51.100.7', port: 990 } },
  { preamble: preamble({ kind: 'http-connect', target: 'a.example:443', state: 'accepted' }) },
];

const syn = (id: number, client: number, second: number, { server }: ConnectionOverrides): Connection =>
  connection({
    id: String(id),
    client: { address: `192.0.2.${client}`, port: 40000 + id },
    ...(server === undefined ? {} : { server }),
    startedAt: at(second),
    phase: 'tcp-connect',
    outcome: 'failed',
    clientHello: null,
    serverHello: null,
    serverCertificates: [],
    transport: { client: { bytes: 0 }, server: { bytes: 0 } },
  });

const refused = (id: number, client: number, second: number, kind: ConnectionOverrides): Connection =>
  connection({
    ...kind,
    id: String(id),
    client: { address: `192.0.2.${client}`, port: 40000 + id },
    startedAt: at(second),
    outcome: 'failed',
    phase: 'client-hello',
    serverHello: null,
  });

type Context = ReturnType<typeof newContext>;

/**
 * All that others are told of connections that worked. Once a server was given up, facts are not shown again by connections that
 * repeat the one that showed them.
 */
function answers({ serverHistory, issuance }: Context, one: Connection, isWhole: boolean): unknown {
  const { count, versions, serverNames, keys } = serverHistory.acceptedBy(one);
  return [
    count,
    isWhole && [versions, serverNames, keys],
    serverHistory.isServing(one),
    serverHistory.churnOf(one),
    serverHistory.churnOf(one, 3).most >= 3,
    serverHistory.ftpControlOf(one)?.id,
    serverHistory.acceptedAround(one),
    (['anybody', 'same-host', 'same-program'] as const).map((by) => serverHistory.acceptedChain(one, by)),
    serverHistory.acceptedUntil(one),
    issuance.markOf(one),
  ];
}

test('connections that repeat one count as if they had been read in full', () => {
  const step = fc.record({
    what: fc.constantFrom('repeat', 'repeat', 'repeat', 'repeat', 'syn', 'refused', 'give up'),
    kind: fc.nat({ max: KINDS.length - 1 }),
    client: fc.integer({ min: 1, max: 4 }),
    second: fc.nat({ max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const [shared, plain] = [newContext(), newContext()];
      let isWhole = true;
      const both = (one: Connection, full = one): void => {
        shared.add(one);
        plain.add(full);
        for (const [context, each] of [
          [shared, one],
          [plain, full],
        ] as const) {
          const key = each.outcome === 'failed' ? 'cause' : null;
          context.chronology.judged(each, key, key);
        }
        assert.deepEqual(answers(shared, one, isWhole), answers(plain, full, isWhole));
      };
      const examples = KINDS.map((kind, index) => connection({ ...kind, id: String(index + 1) }));
      for (const example of examples) both(example);
      for (const [index, { what, kind, client, second }] of steps.entries()) {
        const id = 100 + index;
        const example = examples[kind] as Connection;
        if (what === 'repeat') {
          const repeat = repeatOf(example, id, client, second);
          both(repeat, inFull(repeat));
        } else if (what === 'syn') both(syn(id, client, second, KINDS[kind] ?? {}));
        else if (what === 'refused') both(refused(id, client, second, KINDS[kind] ?? {}));
        else {
          isWhole = false;
          for (const context of [shared, plain]) context.holders.find(({ what: held }) => held === 'servers')?.giveUp();
        }
      }
      assert.deepEqual(shared.chronology.of('cause'), plain.chronology.of('cause'));
    }),
  );
});

test('a question is asked once for an example, and of every other connection', () => {
  const asked: string[] = [];
  const idOf = sameForRepeats((one: Connection) => {
    asked.push(one.id);
    return one.server.address;
  });
  const example = connection({ id: '1' });
  const other = connection({ id: '2', server: { address: '198.51.100.9', port: 443 } });
  const all = [example, repeatOf(example, 3, 1, 0), other, repeatOf(example, 4, 2, 0), repeatOf(other, 5, 2, 0)];
  assert.deepEqual(
    all.map(idOf),
    all.map(({ server }) => server.address),
  );
  assert.deepEqual(asked, ['1', '1', '2', '2']);
});
