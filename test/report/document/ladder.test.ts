import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PathDifference } from '../../../src/connection/connection.js';
import { ladderOf as ladderIn, type Ladder } from '../../../src/report/document/ladder.js';
import { plain } from '../../../src/report/document/text.js';
import { clockOf } from '../../../src/report/phrases.js';
import { ENGLISH_WORDING } from '../../../src/report/wording.js';
import { alert, at, connection, encryptedRecord, message, reset, sighting } from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { quicConnection } from '../../support/quic-connections.js';
import { pathFacts } from '../../support/path.js';
import { capture, diagnosed, evidence, finding, results } from '../../support/results.js';

const scope = { clock: clockOf([capture()]), results: results([]), words: ENGLISH_WORDING };
const ladderOf = (of: Parameters<typeof ladderIn>[0], most?: number): Ladder => ladderIn(of, scope, most);

const shown = ({ rungs }: Ladder): string[] =>
  rungs.map((rung) => `${rung.places.join('  ')} ${rung.from} ${plain(rung.label)}${rung.isDecisive ? ' !' : ''}`);

describe('a ladder', () => {
  test('tells who sent what in which frame, and where it failed', () => {
    assert.deepEqual(shown(ladderOf(diagnosed())), [
      '1 client SYN',
      '2 server SYN-ACK',
      '4 client ClientHello',
      '5 server ServerHello, Certificate, ServerKeyExchange, ServerHelloDone',
      '6 client fatal alert certificate_expired (45) !',
      '7 client FIN',
    ]);
  });

  test('tells what the messages say, and how much time passed', () => {
    const { rungs } = ladderOf(diagnosed());
    const [, , hello, answer] = rungs;
    assert.equal(plain(hello?.details[0] ?? ''), 'TLS 1.3, TLS 1.2; www.example.com; 4 cipher suites');
    assert.match(plain(answer?.details[0] ?? ''), /^TLS 1\.2, TLS_ECDHE/);
    assert.equal(plain(answer?.details[1] ?? ''), 'CN=www.example.com,O=Example Corp,C=CH');
    assert.deepEqual(
      rungs.map(({ since }) => since.replaceAll('\u00a0', ' ')),
      ['', '+10.00 ms', '+20.00 ms', '+10.00 ms', '+10.00 ms', '+10.00 ms'],
    );
  });

  test('has one unit and one precision for all times, and no finer one than the capture has', () => {
    const slow = connection({ alerts: [alert({ at: at(75.1) })], transport: { fins: [] } });
    const since = (of: typeof slow): string[] =>
      ladderOf(diagnosed(of, [])).rungs.map((rung) => rung.since.replaceAll('\u00a0', ' '));
    assert.deepEqual(since(slow), ['', '+0.010 s', '+0.020 s', '+75.060 s']);
    const coarse = connection({ startedAt: { ...at(0), digits: 3 }, transport: { fins: [] } });
    assert.ok(since(coarse).every((text) => /^(?:\+\d+ ms)?$/.test(text)));
  });

  test('tells bytes that came in other segments apart from those that one point alone shows', () => {
    const of = (bytes: number, frame: number, from: 'client' | 'server' = 'server') =>
      ({ from, what: 'data', bytes, seen: [null, { capture: 1, frame, at: at(0.03) }] }) as const;
    const between = [0, 1] as const;
    const inserted: PathDifference = {
      kind: 'inserted',
      between,
      from: 'server',
      at: { capture: 1, frame: 93, at: at(0.03), from: 'server' },
      what: 'data',
      bytes: 7,
      ttl: 1,
      usualTtl: 64,
      isProven: true,
      mayBeOver: false,
    };
    const packets = [of(300, 91), of(310, 92), of(7, 93), of(20, 94, 'client')];
    const recut = { kind: 'recut', between, from: 'server', sent: 1, arrived: 2 } as const;
    const details = (differences: readonly PathDifference[]) =>
      ladderOf(diagnosed(connection({ path: pathFacts(differences, { packets }) })))
        .rungs.filter(({ label }) => plain(label).endsWith('bytes'))
        .map(({ label, details: [detail = ''] }) => `${plain(label)}: ${plain(detail)}`);
    const alone = 'only at another point of the path';
    assert.deepEqual(details([recut, inserted]), [
      '300 bytes: resegmented between the points',
      '310 bytes: resegmented between the points',
      `7 bytes: ${alone}`,
      `20 bytes: ${alone}`,
    ]);
    assert.ok(details([]).every((text) => text.endsWith(alone)));
  });

  test('draws what other connections are cited for apart from what these two sides sent', () => {
    const other = { ...evidence('shown', 900), id: 'seenOtherConnection', data: { client: 'x', what: 'y' } };
    const { rungs } = ladderOf(diagnosed(undefined, [finding({ evidence: [evidence('refused', 6), other] })]), 1);
    const shownNow = rungs.map(({ places, isElsewhere, isDecisive, isEvidence }) => [
      places.join('  '),
      isElsewhere,
      isDecisive,
      isEvidence,
    ]);
    assert.deepEqual(shownNow, [
      ['6', false, true, true],
      ['900', true, false, true],
    ]);
  });

  test('takes the headers between the hellos of packets that carry TLS for no words (OpenVPN)', () => {
    const words = (frame: number) => ({
      ...sighting('server', frame),
      text: '\x04\xc6',
      protocol: null,
      expectsTls: false,
      demandsTls: false,
    });
    assert.deepEqual(
      shown(ladderOf(diagnosed(connection({ plaintext: [words(3), words(5)] })))).filter((rung) =>
        rung.includes('plaintext'),
      ),
      ['3 server plaintext'],
    );
  });

  test('marks the silence where no frame decides', () => {
    const silent = connection({
      phase: 'client-hello',
      outcome: 'failed',
      ending: { by: 'none', how: 'timeout', frame: 4, at: at(0.03) },
    });
    const ladder = ladderOf(diagnosed(silent, []));
    assert.ok(ladder.rungs.every(({ isDecisive }) => !isDecisive));
    assert.equal(ladder.silence?.isDecisive, true);
  });

  test('sums up what was sent again', () => {
    const side = { retransmissions: 6, resentInVain: { bytes: 1448, times: 5 }, lastData: sighting('server', 30) };
    const of = connection({ transport: { server: side, client: { retransmissions: 2 } } });
    const { rungs, resent } = ladderOf(diagnosed(of, []));
    const again = rungs.find(({ places }) => places[0] === '30');
    assert.equal(plain(again?.label ?? ''), 'the same 1,448 bytes again');
    assert.equal(plain(again?.details[0] ?? ''), 'sent again 5 times, never acknowledged');
    assert.equal(resent, 'sent again: 2 packets of the client, 1 other packet of the server');
  });

  test('draws ICMP errors, towards whose packet they are about', () => {
    const error = {
      frame: 40,
      at: at(0.4),
      router: '203.0.113.1',
      about: 'server',
      type: 3,
      code: 4,
      meaning: 'fragmentation-needed',
      mtu: 1400,
    } as const;
    const rung = ladderOf(diagnosed(connection({ transport: { icmp: [error] } }), [])).rungs.at(-1);
    assert.deepEqual(
      [rung?.from, plain(rung?.label ?? ''), plain(rung?.details[0] ?? '')],
      ['client', 'ICMP fragmentation needed', 'from 203.0.113.1; MTU 1400'],
    );
  });

  test('tells the epochs of DTLS, the levels of QUIC and the round trips of EAP', () => {
    const dtls = connection({ messages: [{ ...message('finished', 'client', 5), encrypted: true, epoch: 1 }] });
    assert.match(shown(ladderOf(diagnosed(dtls, []))).join('\n'), /^5 client epoch 1: encrypted handshake message$/m);
    const quic = quicConnection({ messages: [{ ...message('client_hello', 'client', 1), level: 'initial' }] });
    assert.match(shown(ladderOf(diagnosed(quic, []))).join('\n'), /^1 client Initial: ClientHello$/m);
    const packet = { type: 'EAP-TLS', length: 990 };
    const eap = eapConnection({
      eap: {
        packets: [
          { ...sighting('client', 1), type: 'Identity', tls: null, length: 20 },
          { ...sighting('server', 2), ...packet, tls: 'start' },
          { ...sighting('server', 21), ...packet, tls: 'fragment' },
          { ...sighting('client', 22), ...packet, tls: 'acknowledgment' },
        ],
      },
    });
    const rungs = shown(ladderOf(diagnosed(eap, [])));
    for (const one of [
      '1 client EAP Identity response',
      '2 server EAP-TLS start',
      '21 server EAP-TLS fragment',
      '22 client EAP-TLS acknowledgment',
    ])
      assert.ok(rungs.includes(one), `${one} in ${rungs.join('; ')}`);
  });

  test('of TLS 1.3 shows records that hide messages, and an alert once', () => {
    const hidden = connection({
      serverHello: { version: 'TLS 1.3' },
      alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
      encryptedRecords: [
        encryptedRecord('server', 5, 2450),
        encryptedRecord('server', 5, 53),
        encryptedRecord('client', 6, 19),
      ],
    });
    assert.deepEqual(shown(ladderOf(diagnosed(hidden, []))).slice(3, 5), [
      '5 server ServerHello, 2 × encrypted record',
      '6 client encrypted alert (by its size) !',
    ]);
  });

  test('marks what a rule cites before an alert that it does not: the answer in plaintext, not what the client made of it', () => {
    const of = connection({
      phase: 'client-hello',
      alerts: [alert({ from: 'client', frame: 9, code: 22, name: 'record_overflow' })],
    });
    const cited = finding({ evidence: [evidence('shown', 4, { from: 'client' }), evidence('refused', 6)] });
    assert.match(shown(ladderOf(diagnosed(of, [cited]))).join('\n'), /^6 server .* !$/m);
  });

  test('marks the reset that a rule cites, the silence where there is nothing', () => {
    const refused = connection({
      phase: 'client-hello',
      ending: { by: 'server', how: 'reset', frame: 6, at: at(0.06) },
    });
    const cited = finding({ evidence: [evidence('refused', 6)] });
    assert.equal(shown(ladderOf(diagnosed(refused, [cited]))).at(-1), '6 server reset (TTL 57) !');
    const silent = ladderOf(diagnosed(connection({ phase: 'tcp-connect' }), []));
    assert.deepEqual([shown(silent), silent.silence !== null], [['1 client SYN'], true]);
  });

  test('of a handshake that worked marks nothing', () => {
    const { rungs, silence } = ladderOf(diagnosed(connection()));
    assert.ok(rungs.every(({ isDecisive, isEvidence }) => !isDecisive && !isEvidence));
    assert.equal(silence, null);
  });

  test('does not take the frame of another capture for its own', () => {
    const elsewhere = finding({ evidence: [{ ...evidence('refused', 6), capture: 1 }] });
    const { rungs } = ladderOf(diagnosed(undefined, [elsewhere]));
    assert.deepEqual(
      rungs.flatMap(({ isEvidence, isElsewhere }) => (isEvidence ? [isElsewhere] : [])),
      [true],
    );
  });

  test('is cut in the middle, never where the evidence is', () => {
    const messages = Array.from({ length: 60 }, (_, i) => message('certificate', i % 2 ? 'client' : 'server', i + 10));
    const long = connection({
      messages,
      alerts: [alert({ frame: 40, at: at(0.4) })],
      transport: { syns: [sighting('client', 1)], resets: [reset({ frame: 90, at: at(0.9) })] },
    });
    const { rungs } = ladderOf(diagnosed(long, [finding({ evidence: [evidence('refused', 40)] })]), 10);
    assert.equal(rungs.length, 10);
    assert.ok(rungs.some(({ places, isDecisive }) => places[0] === '40' && isDecisive));
    assert.ok(rungs.some(({ before }) => /^\d\d more frames not shown$/.test(before ?? '')));
    const all = ladderOf(diagnosed(long, [])).rungs.length;
    assert.equal(
      rungs.reduce((sum, { before }) => sum + Number(/^\d+/.exec(before ?? '0')?.[0] ?? 0), rungs.length),
      all,
    );
  });
});
