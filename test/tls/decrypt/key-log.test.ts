import { decodeFault } from '../../../src/decode-faults.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BOUNDS } from '../../../src/bounds.js';
import { createKeyLogReader } from '../../../src/tls/decrypt/key-log.js';

const RANDOM = 'a1'.repeat(32);
const MASTER = '2f'.repeat(48);
const TRAFFIC = '3e'.repeat(32);

function read(...pieces: readonly (string | Uint8Array)[]) {
  const added: [string, string, string][] = [];
  const reader = createKeyLogReader({
    add: (random, label, secret) => added.push([random, label, Buffer.from(secret).toString('hex')]),
  });
  for (const piece of pieces) reader.read(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  return { added, ...reader.end() };
}

describe('a key log', () => {
  test('gives its secrets, in any order, CRLF and comments and all', () => {
    const { added, secrets, otherSecrets, faultyLines } = read(
      '# SSL/TLS secrets log file\r\n',
      `SERVER_HANDSHAKE_TRAFFIC_SECRET ${RANDOM.toUpperCase()} ${TRAFFIC}\r\n\r\n`,
      `CLIENT_RANDOM ${RANDOM}  ${MASTER} \n`,
      `EXPORTER_SECRET ${RANDOM} ${TRAFFIC}\nRSA 0123456789ABCDEF ${MASTER}\n`,
      `PMS_CLIENT_RANDOM ${RANDOM} ${'5a'.repeat(66)}\n`,
      `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${MASTER}`,
    );
    assert.deepEqual(added, [
      [RANDOM, 'SERVER_HANDSHAKE_TRAFFIC_SECRET', TRAFFIC],
      [RANDOM, 'CLIENT_RANDOM', MASTER],
      ['0123456789abcdef', 'RSA', MASTER],
      [RANDOM, 'PMS_CLIENT_RANDOM', '5a'.repeat(66)],
      [RANDOM, 'CLIENT_TRAFFIC_SECRET_0', MASTER],
    ]);
    assert.deepEqual([secrets, otherSecrets, faultyLines], [5, 1, 0]);
  });

  test('may have labels of drafts, and of tools that leave the number out', () => {
    const { added } = read(
      `QUIC_CLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${TRAFFIC}\nSERVER_TRAFFIC_SECRET ${RANDOM} ${TRAFFIC}\n`,
    );
    assert.deepEqual(
      added.map(([, label]) => label),
      ['CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'],
    );
  });

  test('may have master secrets by session ID', () => {
    const { added, otherSecrets, faults } = read(
      `RSA Session-ID:${'AB'.repeat(32)} Master-Key:${MASTER}\r\n`,
      `RSA Session-ID: Master-Key:${MASTER}\n`,
      `RSA Session-ID:abc Master-Key:${MASTER}\n`,
      `RSA Session-ID:${'ab'.repeat(33)} Master-Key:${MASTER}\n`,
      `RSA Session-ID:abcd ${MASTER}\n`,
      `RSA Session-ID:abcd Master-Key:${MASTER.slice(2)}\n`,
    );
    assert.deepEqual(added, [['ab'.repeat(32), 'RSA Session-ID', MASTER]]);
    assert.equal(otherSecrets, 1);
    const label = 'RSA Session-ID';
    assert.deepEqual(faults, [
      { line: 3, id: 'name-invalid', what: decodeFault('sessionIdInvalid', { label, digits: 64 }) },
      { line: 4, id: 'name-invalid', what: decodeFault('sessionIdInvalid', { label, digits: 64 }) },
      { line: 5, id: 'no-master-key', what: decodeFault('noMasterKey', { label }) },
      { line: 6, id: 'length-invalid', what: decodeFault('secretLength', { label, digits: 94, wanted: 96 }) },
    ]);
  });

  test('may begin with a byte order mark', () => {
    assert.equal(read(Buffer.from(`\ufeffCLIENT_RANDOM ${RANDOM} ${MASTER}\n`)).secrets, 1);
  });

  test('that is damaged is told by line, and what is whole is read all the same', () => {
    const { added, faults } = read(
      `CLIENT_RANDOM ${RANDOM} ${MASTER.slice(2)}\n`,
      `# fine\n`,
      `CLIENT_RANDOM ${RANDOM.slice(2)} ${MASTER}\n`,
      `CLIENT_RANDOM ${RANDOM} ${MASTER.slice(1)}x\n`,
      `CLIENT_RANDOM ${RANDOM} ${MASTER} ${MASTER}\n`,
      `CLIENT_RANDOM ${RANDOM} ${MASTER}\n`,
      `\x00\x01 ${MASTER}\n`,
    );
    assert.equal(added.length, 1);
    const label = 'CLIENT_RANDOM';
    assert.deepEqual(faults, [
      { line: 1, id: 'length-invalid', what: decodeFault('secretLength', { label, digits: 94, wanted: 96 }) },
      { line: 3, id: 'name-invalid', what: decodeFault('clientRandomInvalid', { label, digits: 64 }) },
      { line: 4, id: 'not-hexadecimal', what: decodeFault('secretNotHexadecimal', { label }) },
      { line: 5, id: 'text-behind', what: decodeFault('textBehindSecret', { label }) },
      { line: 7, id: 'no-label', what: decodeFault('noLabel') },
    ]);
  });

  test('tells a bounded number of faults, and counts all', () => {
    const { faults, faultyLines } = read('?\n'.repeat(100));
    assert.deepEqual([faults.length, faultyLines], [BOUNDS.keyLogFaults.value, 100]);
  });

  test('passes over lines of any length', () => {
    const long = 'A'.repeat(BOUNDS.keyLogLine.value);
    const { added, faults } = read(`${long}A`, long, `\nCLIENT_RANDOM ${RANDOM} ${MASTER}\n`);
    assert.equal(added.length, 1);
    assert.deepEqual(faults, [
      { line: 1, id: 'line-too-long', what: decodeFault('lineTooLong', { limit: BOUNDS.keyLogLine.value }) },
    ]);
  });

  test('never throws, and no text that it makes holds what it read', () => {
    const line = fc.oneof(
      fc.string({ unit: fc.constantFrom(' ', 'A', '_', '\r', 'f', '0', '#', '\x00', '\xff') }),
      fc
        .tuple(fc.constantFrom('CLIENT_RANDOM', 'SERVER_TRAFFIC_SECRET_0', 'X'), fc.nat(130), fc.nat(200))
        .map(([label, one, other]) => `${label} ${'a1'.repeat(64).slice(0, one)} ${'c9'.repeat(100).slice(0, other)}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { faults, faultyLines } = read(lines.join('\n'));
        assert.ok(faultyLines <= lines.length);
        for (const { what } of faults) assert.doesNotMatch(JSON.stringify(what), /(a1){3}|(c9){3}/);
      }),
    );
  });

  test('reads the same wherever it is cut', () => {
    const text = Buffer.from(
      `# x\r\nCLIENT_RANDOM ${RANDOM} ${MASTER}\r\n?\n${'B'.repeat(9000)}\nCLIENT_TRAFFIC_SECRET ${RANDOM} ${TRAFFIC}`,
    );
    const whole = read(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((end, index) => text.subarray(at[index], end));
        assert.deepEqual(read(...pieces), whole);
      }),
    );
  });
});
