import { decodeFault } from '../../src/decode-faults.js';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Results } from '../../src/diagnose/results.js';
import type { JsonReport } from '../../src/report/json/contract.js';
import { generator } from '../../src/report/generator.js';
import { DEFAULTS, writeReport, type ReportOptions } from '../../src/report/format.js';
import { jsonCandidate, jsonFinding } from '../../src/report/json/diagnosis.js';
import { createJsonWriter } from '../../src/report/json/json.js';
import { analyze } from '../../src/analyze.js';
import {
  alert,
  at,
  certificate,
  certificateRequest,
  connection,
  encryptedRecord,
  issuingCa,
  reset,
} from '../support/connections.js';
import { capture, diagnosed, explaining, results, risk } from '../support/results.js';
import { assertValidReport, ROOT } from '../support/schema.js';
import { incident } from './incident.js';
import { cutShort } from '../../src/capture/format.js';
import { party } from '../../src/message.js';
import { notice } from '../../src/notices.js';

function textOf(of: Results, options: Partial<ReportOptions> = {}): string {
  return [...writeReport(createJsonWriter({ ...DEFAULTS, ...options }), of)].join('');
}

function report(of: Results, options: Partial<ReportOptions> = {}): JsonReport {
  const parsed: unknown = JSON.parse(textOf(of, options));
  assertValidReport(parsed);
  return parsed as JsonReport;
}

test('the version is that of the package', () => {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as typeof generator;
  assert.deepEqual(generator, { name, version });
});

describe('every report validates against the schema', () => {
  const refused = { by: 'server', how: 'reset', frame: 2 } as const;
  const cases: Readonly<Record<string, Results>> = {
    'an incident': incident(),
    'lines of a configuration that are not read': {
      ...results([]),
      unreadLines: [{ path: 'nginx.conf', line: 3, text: 'include x', why: 'no-such-file' }],
    },
    'nothing at all': results([], [capture({ packets: 0, firstPacketAt: null, lastPacketAt: null, linkTypes: [] })]),
    'a SYN without answer': results([diagnosed(connection({ phase: 'tcp-connect' }), [])]),
    'a refused SYN': results([
      diagnosed(connection({ clientHello: null, ending: refused, transport: { resets: [reset({ frame: 2 })] } }), []),
    ]),
    'TLS 1.3 with an encrypted alert': results([
      diagnosed(
        connection({
          serverHello: { version: 'TLS 1.3' },
          alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
          encryptedRecords: [encryptedRecord('server', 5, 2450), encryptedRecord('client', 6, 19)],
        }),
        [],
      ),
    ]),
    'client certificates, a proxy, notes': results([
      diagnosed(
        connection({
          preamble: {
            kind: 'http-connect',
            target: 'www.example.com:443',
            originalClient: null,
            state: 'accepted',
            steps: [
              { step: 'request', from: 'client', frame: 4, at: at(0.04), text: 'CONNECT www.example.com:443 HTTP/1.1' },
              { step: 'answer', from: 'server', frame: 5, capture: 1, at: at(0.05), text: 'HTTP/1.1 200 OK' },
            ],
            reply: 'HTTP/1.1 200 OK',
            next: null,
          },
          certificateRequest: certificateRequest(),
          certificateStatus: { frame: 5, at: at(0.05), responseLength: 471, response: null },
          helloRetryRequest: {
            frame: 3,
            at: at(0.03),
            version: 'TLS 1.3',
            cipherSuite: 'TLS_AES_128_GCM_SHA256',
            extensions: ['key_share'],
            group: 'secp256r1',
          },
          clientCertificates: [certificate({ error: decodeFault('notACertificate') }), issuingCa()],
          notes: [{ ...notice('missing-segments', 'side', { bytes: 12, side: party('server') }), frame: null }],
        }),
        [risk({ id: 'certificate-expiring', messages: explaining('ends in {days} days') }, { days: 3 })],
      ),
    ]),
    'a connection that is not TLS': results([diagnosed(connection({ outcome: 'not-tls', clientHello: null }), [])]),
    'damage, in a capture from far away': results(
      [],
      [
        capture({
          firstPacketAt: { seconds: -1e15, nanoseconds: 0, digits: 0 },
          lastPacketAt: { seconds: 1e15, nanoseconds: 999_999_999, digits: 9 },
          warnings: [cutShort('record', 1200, 9)],
        }),
      ],
    ),
  };
  for (const [what, of] of Object.entries(cases)) {
    test(what, () => {
      report(of);
    });
  }
});

test('what is wrong with a file is told by values that the schema knows', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'json-'));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  const compressed = gzipSync(readFileSync(join(ROOT, 'samples', 'incident.pcap')));
  writeFileSync(join(folder, 'cut.pcap.gz'), compressed.subarray(0, -1000));
  writeFileSync(join(folder, '.hidden.pcap'), '');
  const { captures } = report(await analyze([folder]));
  assert.ok(JSON.stringify(captures).includes('"fault"'));
});

test('the schema allows no field that it does not know', () => {
  const parsed = report(incident());
  assert.throws(() => {
    assertValidReport({ ...parsed, surprise: 1 });
  });
});

test('connections without TLS are in it', () => {
  const { connections, summary } = report(
    results([
      diagnosed(connection({ id: '1', outcome: 'not-tls', clientHello: null }), []),
      diagnosed(connection({ id: '2' })),
    ]),
  );
  assert.deepEqual(
    connections.map(({ id, protocol, outcome }) => [id, protocol, outcome]),
    [
      ['1', null, 'not-tls'],
      ['2', 'tls', 'established'],
    ],
  );
  assert.equal(summary.notTls, 1);
});

test("a failed connection has its findings in words, and its cause's rule", () => {
  const { connections, diagnoses } = report(results([diagnosed()]));
  const [failed] = connections;
  assert.equal(failed?.rule, 'certificate-expired');
  assert.equal(failed.diagnosis, failed.rule);
  const [found] = failed.findings;
  assert.match(found?.explanation ?? '', /10 days before this handshake/);
  assert.deepEqual(found?.evidence[1], {
    frame: 6,
    at: '2026-03-02T10:00:00.060000Z',
    from: 'client',
    fact: 'fatal alert certificate_expired (45)',
    messageId: 'refused',
    data: {},
  });
  assert.deepEqual(
    found.remedies.map(({ who, command }) => [who, command?.slice(0, 44) ?? null]),
    [
      ['server', 'openssl s_client -connect 198.51.100.20:443 '],
      ['client', null],
    ],
  );
  assert.deepEqual(diagnoses[0]?.connections, ['1']);
});

test('a certificate that could not be parsed keeps its hash and says so', () => {
  const broken = certificate({ error: decodeFault('notACertificate') });
  const { connections } = report(results([diagnosed(connection({ serverCertificates: [broken] }))]));
  const [shown] = connections[0]?.serverCertificates ?? [];
  assert.equal(shown?.sha256, broken.sha256);
  assert.equal(shown.error, 'not a certificate');
  assert.equal(shown.subject, null);
});

test("times have the capture's own resolution", () => {
  const nanoseconds = { seconds: 1772445600, nanoseconds: 123_456_789, digits: 9 };
  const { connections } = report(results([diagnosed(connection({ startedAt: nanoseconds }))]));
  assert.equal(connections[0]?.startedAt, '2026-03-02T10:00:00.123456789Z');
});

test('durations carry no noise of binary fractions', () => {
  const { connections } = report(results([diagnosed(connection({ timing: { tcpConnectMs: 0.1 + 0.2 } }))]));
  assert.equal(connections[0]?.timing.tcpConnectMs, 0.3);
});

test('values of the wire come through whole, and print as ASCII escapes', () => {
  const serverName = 'a\x1b[2J\u202eb\ud800"\\';
  const text = textOf(results([diagnosed(connection({ clientHello: { serverName } }))]));
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/u);
  assert.equal((JSON.parse(text) as JsonReport).connections[0]?.clientHello?.serverName, serverName);
});

test('a connection is one line', () => {
  const text = textOf(incident());
  assert.equal(text.split('\n').filter((line) => line.startsWith('{"id":')).length, 41);
});

test('connections are written as they come, before anything that only the end tells', () => {
  const writer = createJsonWriter(DEFAULTS);
  const { connections } = incident();
  const first = connections.slice(0, 2).map((each) => writer.connection(each));
  assert.equal((JSON.parse(`${first.join('')}]}`) as JsonReport).connections.length, 2);
  assert.ok(JSON.parse([...first, ...writer.end(incident())].join('')));
});

test('with --only failed the others are counted, and not listed', () => {
  const { connections, summary, selection } = report(incident(), { only: 'failed' });
  assert.deepEqual(
    connections.map(({ id }) => id),
    ['7', '18', '30'],
  );
  assert.deepEqual([summary.connections, selection.only], [41, 'failed']);
});

test('what was weighed says again nothing that a finding says', async () => {
  const { connections } = await analyze([join(ROOT, 'samples', 'protocol-version-security-level.pcap')]);
  const counts = { said: 0, alone: 0 };
  for (const { findings, differential } of connections) {
    const drawn = findings.map((finding) => ({ finding, json: jsonFinding(finding) }));
    for (const candidate of differential) {
      const json = jsonCandidate(candidate, drawn);
      const { evidence, explanation, messageId, data, ...weighed } = jsonCandidate(candidate, []);
      if (json.evidence === undefined) {
        counts.said++;
        const same = drawn.find(({ json: { rule } }) => rule === json.rule)?.json;
        assert.deepEqual([same?.evidence, same?.explanation], [evidence, explanation]);
        assert.deepEqual([same?.messageId, same?.data], [messageId, data]);
        assert.deepEqual(json, weighed);
      } else {
        counts.alone++;
        assert.deepEqual(json, { ...weighed, evidence, explanation, messageId, data });
      }
    }
  }
  assert.ok(counts.said > 0 && counts.alone > 0, JSON.stringify(counts));
});
