import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Results } from '../../../src/diagnose/results.js';
import { showUnprintable } from '../../../src/report/escape.js';
import type { ReportOptions } from '../../../src/report/format.js';
import { columnsOf } from '../../../src/report/text/layout.js';
import { DEFAULTS, writeReport } from '../../../src/report/format.js';
import { EVERYTHING } from '../../../src/report/selection.js';
import { createTextWriter } from '../../../src/report/text/text.js';
import { alert, at, certificate, connection, message } from '../../support/connections.js';
import { capture, diagnosed, explaining, finding, results, risk, rule } from '../../support/results.js';
import { incident } from '../incident.js';
import { notice } from '../../../src/notices.js';

function linesOf(of: Results, width = 80, color = false, options: Partial<ReportOptions> = {}): string[] {
  return [...writeReport(createTextWriter({ ...DEFAULTS, color, width, ...options }), of)]
    .join('')
    .split('\n')
    .slice(0, -1);
}

/** The report without line breaks and indentation, to look for sentences in. */
function proseOf(of: Results, width = 80): string {
  return linesOf(of, width)
    .map((line) => line.trim())
    .join(' ');
}

const hostileName = `\x1b[2J\x9b31m\r\n\u202e$(reboot)'"\`id\`|${'ä'.repeat(30)}${'日本'.repeat(100)}`;

function hostile(): Results {
  const data = { name: hostileName, end: hostileName, ago: hostileName, subject: hostileName, server: hostileName };
  const found = finding();
  return results(
    [
      diagnosed(
        connection({
          clientHello: { serverName: hostileName },
          alerts: [alert()],
          client: { address: '2001:db8:1234:5678:9abc:def0:1234:5678', port: 50000 },
          notes: [
            {
              ...notice('malformed-message', 'decoding', { message: hostileName, byte: 0, reason: hostileName }),
              frame: 1,
            },
          ],
        }),
        [
          finding({
            explanation: { ...found.explanation, data },
            evidence: found.evidence.map((item) => ({ ...item, frame: 4_000_000_000, data })),
            remedies: found.remedies.map((remedy) => ({ ...remedy, data })),
          }),
          risk({ id: 'risk', messages: explaining('{name}') }, data),
        ],
      ),
    ],
    [
      capture({
        path: `${hostileName}.pcap`,
        warnings: [
          { ...notice('files-left-out', 'ofDirectory', { directory: hostileName, files: [hostileName] }), frame: 7 },
        ],
      }),
    ],
  );
}

describe('at every width', () => {
  const reports: Readonly<Record<string, () => Results>> = { incident, hostile };
  for (const [what, of] of Object.entries(reports)) {
    for (const width of [60, 61, 80, 100, 120, 240]) {
      test(`${what}: no line is wider than ${width} columns`, () => {
        for (const line of linesOf(of(), width)) assert.ok(columnsOf(line) <= width, line);
        for (const line of linesOf(of(), width, false, { verbose: true })) assert.ok(columnsOf(line) <= width, line);
        for (const line of linesOf(of(), width, false, { ascii: true })) {
          assert.match(line, /^[ -~]*$/);
          assert.ok(line.length <= width, line);
        }
      });
    }
  }

  test('ASCII has another sign for each of the report', () => {
    for (const line of linesOf(incident(), 100, false, { ascii: true })) assert.doesNotMatch(line, /\?/);
  });

  test('colour changes nothing but colour', () => {
    for (const width of [60, 80, 120]) {
      assert.deepEqual(
        linesOf(incident(), width, true).map(stripVTControlCharacters).map(trimEnd),
        linesOf(incident(), width).map(trimEnd),
      );
    }
  });
});

function trimEnd(line: string): string {
  return line.trimEnd();
}

test('without colour there is no escape sequence, with it there is', () => {
  assert.ok(!linesOf(incident()).join('').includes('\x1b'));
  assert.ok(linesOf(incident(), 80, true)[0]?.startsWith('\x1b['));
});

test('nothing from the wire, a path or a warning reaches the terminal as anything but text', () => {
  for (const line of linesOf(hostile(), 80, false, { verbose: true })) assert.equal(showUnprintable(line), line);
});

describe('the verdict is the first line', () => {
  const failed = (id: string): ReturnType<typeof diagnosed> =>
    diagnosed(connection({ id, alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })] }));
  const healthy = diagnosed(connection());
  const unknown = diagnosed(connection({ id: '9', outcome: 'failed' }), []);
  const unfinished = diagnosed(connection({ outcome: 'incomplete' }));
  const other = diagnosed(connection({ outcome: 'not-tls', clientHello: null }), []);
  const cases: readonly [Results, string][] = [
    [incident(), '3 of 41 handshakes failed, 2 causes'],
    [results([failed('1'), healthy]), '1 of 2 handshakes failed, 1 cause'],
    [results([failed('1'), unknown]), '2 of 2 handshakes failed, 1 cause, 1 unknown'],
    [results([unknown]), '1 of 1 handshake failed, cause unknown'],
    [results([failed('1'), unfinished]), '1 of 2 handshakes failed, 1 cause, 1 broken off or not captured to the end'],
    [results([healthy, healthy]), 'All 2 handshakes succeeded.'],
    [results([healthy, other]), 'The one handshake succeeded.'],
    [results([healthy, unfinished]), '1 handshake succeeded, none failed, 1 broken off or not captured to the end.'],
    [results([unfinished]), 'No handshake failed, 1 broken off or not captured to the end.'],
    [results([other]), 'No TLS handshake in the capture: its one connection is not TLS.'],
    [results([]), 'No TCP, DTLS or QUIC connection in the capture.'],
  ];
  for (const [of, expected] of cases) {
    test(expected, () => {
      assert.equal(linesOf(of)[0], expected);
    });
  }
});

test('a healthy capture is one calm line, and what was read', () => {
  assert.deepEqual(linesOf(results([diagnosed(connection()), diagnosed(connection({ id: '2' }))])), [
    'All 2 handshakes succeeded.',
    'incident.pcap: 1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)',
  ]);
});

describe('a diagnosis', () => {
  const lines = linesOf(incident());
  const prose = proseOf(incident());

  test('says what, and how often', () => {
    assert.match(lines[8] ?? '', /^1\. The server certificate had expired +2 handshakes$/);
  });

  test('says why', () => {
    assert.match(
      prose,
      /The certificate of www\.example\.com ended on 2026-02-20 00:00:00 UTC, 10 days before this handshake\./,
    );
  });

  test('says who, when and how sure', () => {
    assert.match(
      prose,
      /Clients +192\.0\.2\.11 and 192\.0\.2\.10 Server +198\.51\.100\.20:443 Name +www\.example\.com/,
    );
    assert.match(prose, /Who +192\.0\.2\.10 → 198\.51\.100\.21:8443 \(legacy-partner\.api\.example\.com\)/);
    assert.match(prose, /When +2026-03-02 10:06:41 to 10:28:39 UTC \(21 min 58 s\)/);
    assert.match(prose, /Certainty +certain: the capture proves it/);
    assert.match(prose, /Seen in +connections 7 and 30/);
  });

  test('proves it by frame', () => {
    assert.match(prose, /Evidence +connection 7: 192\.0\.2\.11:50007 → 198\.51\.100\.20:443/);
    assert.ok(lines.includes('             frame 6  10:00:00.060  client  fatal alert certificate_expired (45)'));
  });

  test('says who must do what, and what confirms it', () => {
    assert.match(prose, /To do +Server: install a renewed certificate for www\.example\.com and reload/);
    assert.match(prose, /Confirm +openssl s_client -connect 198\.51\.100\.20:443 \\ -servername www\.example\.com/);
    assert.match(prose, /To do +Client: nothing to change/);
  });

  test('comes in the order of the results, worst first', () => {
    assert.ok(prose.indexOf('1. The server certificate') < prose.indexOf('2. Client and server have no cipher suite'));
  });

  test('says of what an ending alone tells that it is no reason', () => {
    const one = (isObservation?: true): Results =>
      results([
        diagnosed(undefined, [finding({ certainty: 'possible', rule: rule(isObservation ? { isObservation } : {}) })]),
      ]);
    assert.match(proseOf(one(true)), /Certainty +possible: the capture shows what happened, not why/);
    assert.match(proseOf(one()), /Certainty +possible: it fits what the capture shows, which does not prove it/);
  });

  test('names the file of its evidence when there are several', () => {
    const several = results([diagnosed()], [capture({ path: 'a.pcap' }), capture({ path: 'b.pcap' })]);
    assert.match(proseOf(several), /Evidence +connection 1 of a\.pcap: /);
  });
});

test('several files are one line in sum, and by number; many of them behind the causes', () => {
  const of = (number: number): string[] =>
    linesOf(
      results(
        [diagnosed()],
        Array.from({ length: number }, (_, index) => capture({ path: `${index}.pcap` })),
      ),
      100,
    );
  assert.deepEqual(of(2).slice(1, 5), [
    '2 files: 2,408 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)',
    'A frame is written with the number of its file: 2:469 is frame 469 of file 2.',
    'File 1, 0.pcap: 1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)',
    'File 2, 1.pcap: 1,204 packets, 2026-03-02 10:00:00 to 10:41:12 UTC (41 min 12 s)',
  ]);
  const many = of(9);
  assert.match(many[1] ?? '', /^9 files: 10,836 packets, /);
  assert.ok(many.indexOf('Files') > many.findIndex((line) => line.startsWith('1. ')));
  assert.match(many[many.indexOf('Files') + 9] ?? '', /^File 9, 8\.pcap: 1,204 packets/);
});

test('an explanation that names one of several server names says for whom else it is told', () => {
  const asking = (id: string, serverName: string) => {
    const found = finding({
      rule: rule({ messages: explaining('The client asks for {name}.') }),
      explanation: { id: 'expired', data: { name: serverName } },
      evidence: [],
      remedies: [],
    });
    return diagnosed(connection({ id, clientHello: { serverName }, alerts: [alert()] }), [found]);
  };
  const [one, two, three] = [asking('1', 'a.example'), asking('2', 'b.example'), asking('3', 'c.example')];
  assert.match(
    proseOf(results([one, two, three])),
    /asks for a\.example\. This describes connection 1; others of these handshakes ask for b\.example and c\.example\./,
  );
  assert.doesNotMatch(proseOf(results([one])), /others of these/);
});

test("each side's remedies stand together", () => {
  const { remedies } = finding();
  const [server, client] = remedies;
  const of = results([diagnosed(undefined, [finding({ remedies: [server!, client!, server!] })])]);
  const actors = linesOf(of).flatMap((line) => /^ {3}To do +(\w+):/.exec(line)?.[1] ?? []);
  assert.deepEqual(actors, ['Server', 'Server', 'Client']);
});

test('of a kind at many servers, the first few connections are named, and the servers once', () => {
  const { remedies } = finding();
  const [server] = remedies;
  const of = results([diagnosed(connection(), [finding({ remedies: [server!, server!] })])]);
  const [one] = of.diagnoses;
  assert.ok(one);
  const diagnoses = Array.from({ length: 40 }, (_, index) => ({
    ...one,
    connections: [String(index + 1)],
    examples: [String(index + 1)],
    servers: [`203.0.113.${index + 1}:443`],
  }));
  const prose = proseOf({ ...of, diagnoses });
  assert.match(prose, /; look first at 1, 2, 3, 4 and 5 /);
  assert.equal(prose.match(/Likewise for (?!all of these\.)/g)?.length, 1);
  assert.equal(prose.match(/Likewise for all of these\./g)?.length, 1);
});

test('of one fault at several servers, each has the same to do', () => {
  const { remedies } = finding();
  const found = finding({ subject: 'certificate', remedies });
  const servers = [20, 21, 22].map((host) => ({ address: `198.51.100.${host}`, port: 443 }));
  const of = results(servers.map((server, index) => diagnosed(connection({ id: String(index + 1), server }), [found])));
  assert.equal(of.diagnoses.length, 1);
  assert.match(proseOf(of), /Likewise for 198\.51\.100\.21:443 and 198\.51\.100\.22:443\./);
});

test('failures without a known cause are named, not passed over', () => {
  const unknown = diagnosed(connection({ id: '9', firstFrame: 120, outcome: 'failed' }), []);
  assert.match(proseOf(results([unknown])), /does not show why connection 9 \(from frame 120\) failed/);
});

test('risks are told of handshakes that worked', () => {
  const expiring = risk(
    { id: 'certificate-expiring', title: 'Certificate ends soon', messages: explaining('it ends in {days} days') },
    { days: 3 },
  );
  const of = results([diagnosed(connection(), [expiring]), diagnosed(connection({ id: '2' }), [expiring])]);
  assert.equal(linesOf(of)[0], 'All 2 handshakes succeeded.');
  assert.match(proseOf(of), /! Certificate ends soon \(2 connections to 198\.51\.100\.20:443\): it ends in 3 days/);
});

test("the capture's warnings are told, with the frame once", () => {
  const warnings = [
    { ...notice('not-compared', 'left', { connections: 2, packets: 9 }), frame: 12 },
    { ...notice('unsupported-link-type', 'one', { linkType: 'X', frame: 3 }), frame: 3 },
  ];
  const prose = proseOf(results([diagnosed(connection())], [capture({ warnings })]));
  assert.match(prose, /held at once \(frame 12\)/);
  assert.match(prose, /! frames of link type X are not decoded, from frame 3 on$/);
});

describe('the table of connections', () => {
  const table = (of: Results, width: number): string[] => {
    const lines = linesOf(of, width);
    // To the empty line before the verdict, which is repeated where the report ends.
    const [verdict] = lines;
    assert.equal(lines.at(-1), verdict);
    return lines.slice(lines.indexOf('Connections') + 1, -2);
  };

  test('shows failures first, then the others in order', () => {
    const ids = table(incident(), 80)
      .slice(1, 6)
      .map((line) => line.trim().split(' ')[0]);
    assert.deepEqual(ids, ['7', '18', '30', '1', '2']);
  });

  test('shows more where there is room', () => {
    assert.match(
      table(incident(), 120)[1] ?? '',
      /192\.0\.2\.11:50007 +198\.51\.100\.20:443 +www\.example\.com +1\.2 +certificate-expired$/,
    );
    const [failed] = incident().connections.filter(({ connection }) => connection.id === '7');
    assert.ok(failed);
    assert.match(table(results([failed]), 60)[1] ?? '', /^7 +203 +www\.example\.com:443 +certificate-expired$/);
  });

  test('cuts no name that a reader needs: where it is narrow, the result stands below', () => {
    const lines = table(incident(), 60);
    assert.match(lines[0] ?? '', /^ *# +Frame +Server$/);
    assert.match(lines[1] ?? '', /^ *7 +203 +www\.example\.com:443$/);
    assert.equal(lines[2], '    certificate-expired');
    assert.match(lines[3] ?? '', /^ *18 +522 +legacy-partner\.api\.example\.com:8443$/);
    assert.equal(lines[4], '    cipher-suite-mismatch');
    assert.doesNotMatch(table(incident(), 80).join('\n'), /…/);
  });

  test('is bounded, and says how many more there are', () => {
    const many = Array.from({ length: 400 }, (_, index) => diagnosed(connection({ id: String(index + 1) })));
    const lines = table(results([...many, diagnosed()]), 80);
    assert.equal(lines.length, 52);
    assert.equal(lines.at(-1), '351 more connections, all in --format json');
  });

  test('aligns wide characters', () => {
    const names = ['日本語.example', 'www.example.com', 'ascii.example'];
    const rows = names.map((serverName, index) =>
      diagnosed(connection({ id: String(index), clientHello: { serverName }, alerts: [alert()] })),
    );
    const columns = table(results(rows), 120)
      .slice(1)
      .map((line) => columnsOf(line.slice(0, line.indexOf('certificate-expired'))));
    assert.equal(new Set(columns).size, 1, String(columns));
  });

  test('leaves out what is not TLS, and says so', () => {
    const other = diagnosed(connection({ id: '2', outcome: 'not-tls', clientHello: null, startedAt: at(1) }), []);
    const lines = table(results([diagnosed(), other]), 80);
    assert.equal(lines.at(-1), '1 connection without TLS');
    assert.equal(lines.length, 3);
  });
});

describe('the ladder of the failed handshake', () => {
  test('is drawn with the failing step marked', () => {
    assert.deepEqual(
      linesOf(results([diagnosed()])).filter((line) => /^ [ ✗] +\d.*[├◀]/.test(line)),
      [
        '       1           ├─ SYN ────────────────────────────────────────────────────▶│',
        '       2 +10.00 ms │◀──────────────────────────────────────────────── SYN-ACK ─┤',
        '       4 +20.00 ms ├─ ClientHello ────────────────────────────────────────────▶│',
        '       5 +10.00 ms │◀─────────── ServerHello, Certificate, ServerKeyExchange, ─┤',
        ' ✗     6 +10.00 ms ├─ fatal alert certificate_expired (45) ───────────────────▶│',
        '       7 +10.00 ms ├─ FIN ────────────────────────────────────────────────────▶│',
      ],
    );
  });

  test('has rails that align, beside Japanese names too', () => {
    const named = connection({
      clientHello: { serverName: '東京.example' },
      serverCertificates: [certificate({ subject: 'CN=東京都庁,O=日本語の組織', notAfter: '2026-02-20T00:00:00Z' })],
      alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })],
    });
    const rails = linesOf(results([diagnosed(named)])).filter((line) => /^ {19}│|[├◀]/.test(line));
    assert.ok(rails.some((line) => line.includes('東京都庁')));
    assert.deepEqual([...new Set(rails.map(columnsOf))], [80]);
  });

  test('shows long silences', () => {
    const slow = connection({ messages: [message('client_hello', 'client', 4)], alerts: [alert({ at: at(12.5) })] });
    assert.match(proseOf(results([diagnosed(slow, [])])), /nothing for 12\.4 s/);
  });
});

test('what the report was restricted to is said at once', () => {
  const selection = { ...EVERYTHING, hosts: ['192.0.2.1', '\x1b[2J'], ports: [443] };
  const lines = linesOf(incident(), 100, false, { selection });
  assert.equal(lines[1], String.raw`Selected: host 192.0.2.1 or \x1b[2J, port 443. Other connections are not counted.`);
});

test('with --only failed the table has no others, and counts them', () => {
  const lines = linesOf(incident(), 80, false, { only: 'failed' });
  assert.deepEqual(lines.slice(lines.indexOf('Connections') + 5), [
    '38 other connections did not fail: 38 to www.example.com:443 (--only all lists',
    'them)',
    '',
    '3 of 41 handshakes failed, 2 causes',
  ]);
});

test('of connections that the results do not hold there is a count', () => {
  const all = incident();
  const bounded = { ...all, connections: all.connections.filter(({ cause }) => cause !== null) };
  const lines = linesOf(bounded);
  assert.equal(lines[0], '3 of 41 handshakes failed, 2 causes');
  assert.equal(lines.at(-3), '38 more connections, all in --format json');
});

test('several causes are listed at the top', () => {
  assert.match(
    linesOf(incident(), 100)[3] ?? '',
    /^ 2 {2}The server certificate had expired, www\.example\.com at 198\.51\.100\.20:443 +on and off$/,
  );
  const [title, place] = linesOf(incident(), 60).slice(4, 6);
  assert.match(title ?? '', /^ 2 {2}The server certificate had expired +on and off$/);
  assert.equal(place, '    www.example.com at 198.51.100.20:443');
});

test('--verbose shows every connection, and each certificate once, to be copied', () => {
  const lines = linesOf(incident(), 80, false, { verbose: true });
  assert.equal(lines.filter((line) => line.startsWith('Connection ')).length, 41);
  const hashes = lines.filter((line) => /^ {3}SHA-256 {3}[0-9a-f]{64}$/.test(line));
  assert.equal(hashes.length, new Set(hashes).size);
  const prose = proseOf(incident());
  assert.ok(!prose.includes('SHA-256'));
  const verbose = lines.map((line) => line.trim()).join(' ');
  assert.match(
    verbose,
    /Subject +CN=www\.example\.com,O=Example Corp,C=CH Issuer +CN=Example Issuing CA,O=Example Corp,C=CH Serial +0a1b2c3d4e5f/,
  );
  assert.match(verbose, /Until +2026-02-20 00:00:00 UTC expired 10 days before it was sent/);
});
