import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createGroups, MAX_LISTED } from '../../src/diagnose/group.js';
import type { DiagnosedConnection, Diagnosis, Finding } from '../../src/diagnose/finding.js';
import { party } from '../../src/message.js';
import { phrase } from '../../src/diagnose/phrases.js';
import type { ConnectionOverrides } from '../support/connections.js';
import { at, connection } from '../support/connections.js';
import { diagnosed, finding, rule } from '../support/results.js';

function failed(id: number, cause: Finding = finding(), overrides: ConnectionOverrides = {}): DiagnosedConnection {
  return diagnosed(
    connection({ id: String(id), firstFrame: id * 10, startedAt: at(id), outcome: 'failed', ...overrides }),
    [cause],
  );
}

function groupDiagnoses(connections: readonly DiagnosedConnection[], maxGroups?: number): Diagnosis[] {
  const groups = createGroups(maxGroups);
  for (const each of connections) if (each.cause !== null) groups.add(each.cause, each);
  return groups.diagnoses();
}

const because = (id: string, overrides: Partial<Finding> = {}): Finding =>
  finding({ rule: rule({ id }), ...overrides });
const server = (address: string, port = 443): ConnectionOverrides => ({ server: { address, port } });

describe('what is one diagnosis', () => {
  test('connections that worked make none', () => {
    assert.deepEqual(groupDiagnoses([diagnosed(connection())]), []);
  });

  test('the same cause at the same server', () => {
    const [only, ...others] = groupDiagnoses([failed(1), diagnosed(connection({ id: '2' })), failed(3), failed(4)]);
    assert.equal(others.length, 0);
    assert.deepEqual(only?.connections, ['1', '3', '4']);
    assert.equal(only.count, 3);
  });

  test('another cause, another server or another port is another diagnosis', () => {
    const all = groupDiagnoses([
      failed(1),
      failed(2, because('chain-incomplete')),
      failed(3, finding(), server('198.51.100.21')),
      failed(4, finding(), server('198.51.100.20', 8443)),
    ]);
    assert.deepEqual(
      all.map(({ connections }) => connections),
      [['1'], ['2'], ['3'], ['4']],
    );
  });

  test('the same subject (one certificate) at several servers is one, different subjects at one server are several', () => {
    const of = (subject: string): Finding => finding({ subject });
    const all = groupDiagnoses([
      failed(1, of('aa')),
      failed(2, of('aa'), server('198.51.100.21', 8443)),
      failed(3, of('bb')),
    ]);
    assert.deepEqual(
      all.map(({ connections, servers }) => ({ connections, servers })),
      [
        { connections: ['1', '2'], servers: ['198.51.100.20:443', '198.51.100.21:8443'] },
        { connections: ['3'], servers: ['198.51.100.20:443'] },
      ],
    );
  });
});

describe('what a diagnosis says', () => {
  test('how sure each of its connections is, and after what kind of thing they ended', () => {
    const ended = (
      id: number,
      certainty: 'certain' | 'likely',
      received: 'plaintextOf' | 'encryptedRecordOf',
    ): DiagnosedConnection => ({
      ...failed(id, finding({ certainty })),
      observed: {
        id: 'closed',
        data: { from: party('server'), received: phrase(received, { peer: party('client') }) },
        sightings: [],
      },
    });
    const [only] = groupDiagnoses([
      ended(1, 'likely', 'plaintextOf'),
      ended(2, 'certain', 'encryptedRecordOf'),
      ended(3, 'likely', 'plaintextOf'),
    ]);
    assert.equal(only?.certainty, 'certain');
    assert.deepEqual(only.certainties, { certain: 1, likely: 2, possible: 0 });
    assert.deepEqual(
      only.endings.map(({ count, received }) => [count, ...received]),
      [[3, ['plaintextOf', 2], ['encryptedRecordOf', 1]]],
    );
  });

  test('servers, clients and names, each once, in order of first sight', () => {
    const client = (address: string): ConnectionOverrides => ({ client: { address, port: 50000 } });
    const [only] = groupDiagnoses([
      failed(1, finding(), { ...client('192.0.2.12'), clientHello: { serverName: 'b.example.com' } }),
      failed(2, finding(), { ...client('192.0.2.11'), clientHello: { serverName: null } }),
      failed(3, finding(), { ...client('192.0.2.12'), clientHello: { serverName: 'a.example.com' } }),
    ]);
    assert.deepEqual(only?.clients, ['192.0.2.12', '192.0.2.11']);
    assert.deepEqual(only.serverNames, ['b.example.com', 'a.example.com']);
    assert.deepEqual(only.servers, ['198.51.100.20:443']);
  });

  test('first and last seen by time, whatever the order of the frames', () => {
    const [only] = groupDiagnoses([failed(5), failed(2), failed(9), failed(3)]);
    assert.deepEqual([only?.firstSeenAt, only?.lastSeenAt], [at(2), at(9)]);
  });

  test('of one connection, first and last are the same', () => {
    const [only] = groupDiagnoses([failed(5)]);
    assert.deepEqual([only?.firstSeenAt, only?.lastSeenAt], [at(5), at(5)]);
  });

  test('the surest finding is the one to show, the first of these', () => {
    const [only] = groupDiagnoses([
      failed(1, because('certificate-expired', { certainty: 'possible' })),
      failed(2, because('certificate-expired', { certainty: 'likely' })),
      failed(3, because('certificate-expired', { certainty: 'certain' })),
      failed(4, because('certificate-expired', { certainty: 'certain' })),
    ]);
    assert.equal(only?.example.connection.id, '3');
    assert.equal(only.certainty, 'certain');
    assert.equal(only.finding.certainty, 'certain');
  });
});

describe('the order of diagnoses', () => {
  const idsOf = (...all: DiagnosedConnection[]): string[] => groupDiagnoses(all).map(({ rule: { id } }) => id);

  test('the worst first, however few', () => {
    const warning = finding({ rule: rule({ id: 'warning', severity: 'warning' }) });
    assert.deepEqual(idsOf(failed(1, warning), failed(2, warning), failed(3, because('error'))), ['error', 'warning']);
  });

  test('then the most frequent', () => {
    assert.deepEqual(idsOf(failed(1, because('one')), failed(2, because('two')), failed(3, because('two'))), [
      'two',
      'one',
    ]);
  });

  test('then the surest', () => {
    assert.deepEqual(idsOf(failed(1, because('likely', { certainty: 'likely' })), failed(2, because('certain'))), [
      'certain',
      'likely',
    ]);
  });

  test('then the first seen', () => {
    assert.deepEqual(idsOf(failed(2, because('second')), failed(1, because('first'))), ['first', 'second']);
  });
});

describe('bounds', () => {
  test('beyond the bound a rule has one diagnosis for the rest, and everything is counted', () => {
    const subjects = Array.from({ length: 9 }, (_, index) => failed(index + 1, finding({ subject: `key ${index}` })));
    assert.deepEqual(
      groupDiagnoses(subjects, 3).map(({ count, connections }) => [count, connections[0]]),
      [
        [6, '4'],
        [1, '1'],
        [1, '2'],
        [1, '3'],
      ],
    );
  });

  test('a diagnosis lists a bounded number of what it counts', () => {
    const many = Array.from({ length: MAX_LISTED + 5 }, (_, index) =>
      failed(index + 1, finding(), { client: { address: `192.0.2.${index}`, port: 50000 } }),
    );
    const [only] = groupDiagnoses(many);
    assert.deepEqual(
      [only?.count, only?.connections.length, only?.clients.length],
      [MAX_LISTED + 5, MAX_LISTED, MAX_LISTED],
    );
  });
});
