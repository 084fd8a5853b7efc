import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ladderOf as ladderIn, type Ladder } from '../../../src/report/document/ladder.js';
import { plain } from '../../../src/report/document/text.js';
import { clockOf } from '../../../src/report/phrases.js';
import { alert, at, connection, encryptedRecord, message, reset, sighting } from '../../support/connections.js';
import { capture, diagnosed, evidence, finding, results } from '../../support/results.js';

const scope = { clock: clockOf([capture()]), results: results([]) };
const ladderOf = (of: Parameters<typeof ladderIn>[0], most?: number): Ladder => ladderIn(of, scope, most);

const shown = ({ rungs }: Ladder): string[] =>
  rungs.map((rung) => `${rung.place} ${rung.from} ${plain(rung.label)}${rung.isDecisive ? ' !' : ''}`);

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
      ['', '+10 ms', '+20 ms', '+10 ms', '+10 ms', '+10 ms'],
    );
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
    assert.ok(rungs.every(({ isEvidence }) => !isEvidence));
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
    assert.ok(rungs.some(({ place, isDecisive }) => place === '40' && isDecisive));
    assert.ok(rungs.some(({ before }) => /^\d\d more frames not shown$/.test(before ?? '')));
    const all = ladderOf(diagnosed(long, [])).rungs.length;
    assert.equal(
      rungs.reduce((sum, { before }) => sum + Number(/^\d+/.exec(before ?? '0')?.[0] ?? 0), rungs.length),
      all,
    );
  });
});
