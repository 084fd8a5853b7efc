/** What keys open of the handshakes of a real stack, and what they never do. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { constants } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { analyze } from '../../../src/analyze.js';
import type { Connection } from '../../../src/connection/connection.js';
import { captureOf, identity, live, type LiveOptions, type Live } from '../../support/live.js';
import { inferencesOf, type Inference } from '../../support/inferences.js';
import { PROGRAM } from '../../support/program.js';

const folder = await mkdtemp(join(tmpdir(), 'live-'));
after(() => rm(folder, { recursive: true }));

async function read({ talk, keyLog }: Live): Promise<Connection> {
  await writeFile(join(folder, 'a.pcap'), captureOf(talk));
  await writeFile(join(folder, 'a.keys'), keyLog);
  const { connections } = await analyze([join(folder, 'a.pcap')], { keys: [join(folder, 'a.keys')] });
  const [first] = connections;
  assert.ok(first !== undefined && connections.length === 1);
  return first.connection;
}

const typesOf = ({ messages }: Connection): string[] =>
  messages.map(
    ({ from, type, decrypted }) => `${from === 'client' ? '>' : '<'}${type}${decrypted === true ? '*' : ''}`,
  );
const alertsOf = ({ alerts }: Connection): string[] =>
  alerts.map(
    ({ from, name, decrypted }) => `${from === 'client' ? '>' : '<'}${name ?? '?'}${decrypted === true ? '*' : ''}`,
  );

const FLIGHT = ['<encrypted_extensions*', '<certificate*', '<certificate_verify*', '<finished*', '>finished*'];
const OLD = ['>client_hello', '<server_hello', '<certificate', '<server_key_exchange', '<server_hello_done'];

describe('TLS 1.3 with keys', () => {
  for (const ciphers of [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    // OpenSSL 3.5 takes its short tag for too weak by default.
    'TLS_AES_128_CCM_8_SHA256:DEFAULT:@SECLEVEL=0',
  ]) {
    test(ciphers, async () => {
      const own = { ALPNProtocols: ['h2', 'http/1.1'] };
      const connection = await read(
        await live({ version: 'TLSv1.3', ciphers, client: own, server: { ALPNProtocols: ['http/1.1'] } }),
      );
      const types = typesOf(connection).filter((type) => type !== '<new_session_ticket*');
      assert.deepEqual(types, ['>client_hello', '<server_hello', ...FLIGHT]);
      assert.deepEqual([connection.outcome, connection.phase], ['established', 'application-data']);
      assert.deepEqual([connection.serverHello?.alpn, connection.keys?.altered], ['http/1.1', null]);
      assert.equal(connection.serverCertificates.length, 1);
      assert.ok(alertsOf(connection).includes('<close_notify*'));
    });
  }

  const mutual: LiveOptions = {
    version: 'TLSv1.3',
    client: identity,
    server: { requestCert: true, rejectUnauthorized: false },
  };

  test('shows the certificates of both sides, and what the server asks for', async () => {
    const connection = await read(await live(mutual));
    assert.ok(typesOf(connection).includes('<certificate_request*'));
    assert.ok((connection.certificateRequest?.signatureSchemes.length ?? 0) > 3);
    assert.deepEqual([connection.serverCertificates.length, connection.clientCertificates.length], [1, 1]);
  });

  test('shows the alert with which the client refuses, under the keys of the handshake alone', async () => {
    const { talk, keyLog } = await live({
      version: 'TLSv1.3',
      client: { rejectUnauthorized: true, servername: 'a.example' },
    });
    const partial = keyLog
      .split('\n')
      .filter((line) => line.includes('HANDSHAKE'))
      .join('\n');
    const connection = await read({ talk, keyLog: partial });
    assert.ok(typesOf(connection).includes('<certificate*'));
    assert.equal(connection.serverCertificates.length, 1);
  });

  test('keys of the application alone open what follows the handshake', async () => {
    const { talk, keyLog } = await live({ version: 'TLSv1.3' });
    const partial = keyLog
      .split('\n')
      .filter((line) => line.includes('_TRAFFIC_SECRET_0'))
      .join('\n');
    const connection = await read({ talk, keyLog: partial });
    assert.ok(!typesOf(connection).includes('<certificate*'));
    assert.ok(alertsOf(connection).includes('<close_notify*'));
    assert.equal(connection.outcome, 'established');
  });

  test('wrong keys open nothing, and change nothing', async () => {
    const { talk, keyLog } = await live({ version: 'TLSv1.3' });
    const plain = await read({ talk, keyLog: '' });
    const wrong = await read({ talk, keyLog: keyLog.replace(/ [0-9a-f]{4}(?=[0-9a-f]*$)/gm, ' 0000') });
    assert.equal(wrong.keys?.opened, 0);
    assert.deepEqual({ ...wrong, keys: null }, plain);
  });

  test('a record that was altered is told from a key that does not fit', async () => {
    const { talk, keyLog } = await live({ version: 'TLSv1.3' });
    const flight = talk.segments.findIndex(
      ({ from, data }) => from === 'client' && data.at(-60) !== undefined && data[0] !== 22,
    );
    const segment = talk.segments[flight];
    assert.ok(segment !== undefined);
    const data = segment.data.slice();
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    talk.segments[flight] = { ...segment, data };
    const connection = await read({ talk: { ...talk, segments: talk.segments.slice(0, flight + 1) }, keyLog });
    assert.deepEqual([connection.keys?.altered?.from, connection.keys?.altered?.frame], ['client', flight + 1]);
  });
});

test('a suite that encrypts nothing has no use for keys, and is not said to be decrypted', async () => {
  const { talk, keyLog } = await live({ version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0' });
  assert.match(keyLog, /^CLIENT_RANDOM /m);
  await writeFile(join(folder, 'null.pcap'), captureOf(talk));
  await writeFile(join(folder, 'null.keys'), keyLog);
  const { connections, keys } = await analyze([join(folder, 'null.pcap')], { keys: [join(folder, 'null.keys')] });
  const connection = connections[0]?.connection;
  assert.deepEqual(connection === undefined ? [] : typesOf(connection).filter((type) => type.endsWith('finished')), [
    '>finished',
    '<finished',
  ]);
  assert.deepEqual([connection?.keys, keys?.connections.opened, keys?.connections.notOpened], [null, 0, 0]);
});

test('a master secret is found by the session ID that the server gave', async () => {
  const server = { secureOptions: constants.SSL_OP_NO_TICKET };
  const { talk, keyLog } = await live({ version: 'TLSv1.2', server });
  const hello = talk.segments.find(({ from, data }) => from === 'server' && data[5] === 2)?.data ?? new Uint8Array(0);
  const id = Buffer.from(hello.subarray(44, 44 + (hello[43] ?? 0))).toString('hex');
  assert.equal(id.length, 64);
  const master = /^CLIENT_RANDOM \S+ (\S+)$/m.exec(keyLog)?.[1] ?? '';
  const connection = await read({ talk, keyLog: `RSA Session-ID:${id} Master-Key:${master}\n` });
  assert.deepEqual(
    typesOf(connection).filter((type) => type.endsWith('*')),
    ['>finished*', '<finished*'],
  );
  const other = await read({ talk, keyLog: `RSA Session-ID:${'00'.repeat(32)} Master-Key:${master}\n` });
  assert.equal(other.keys, null);
});

test('what record sizes tell of TLS 1.3 is what keys show', async () => {
  const inferences: Inference[] = [];
  for (const ciphers of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
    for (const client of [{}, identity, { rejectUnauthorized: true, servername: 'a.example' }]) {
      const server = client === identity ? { requestCert: true, rejectUnauthorized: false } : {};
      const { talk, keyLog } = await live({ version: 'TLSv1.3', ciphers, client, server });
      const [capture, keys] = [join(folder, 'sizes.pcap'), join(folder, 'sizes.keys')];
      await writeFile(capture, captureOf(talk));
      await writeFile(keys, keyLog);
      inferences.push(...(await inferencesOf(capture, [keys])));
    }
  }
  assert.deepEqual(
    inferences.filter(({ isRight }) => !isRight),
    [],
  );
  const count = (kind: Inference['what']): number => inferences.filter(({ what }) => what === kind).length;
  assert.ok(count('outcome') === 9 && count('alert') > 0, JSON.stringify(inferences));
});

describe('TLS up to 1.2 with keys', () => {
  for (const [version, ciphers] of [
    ['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['TLSv1.2', 'ECDHE-ECDSA-AES256-CCM8:@SECLEVEL=0'],
    ['TLSv1.2', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    ['TLSv1.2', 'ECDHE-ECDSA-AES128-SHA256'],
    ['TLSv1.2', 'ECDHE-ECDSA-AES256-SHA384'],
    ['TLSv1.2', 'ECDHE-ECDSA-ARIA128-GCM-SHA256'],
    ['TLSv1.2', 'ECDHE-ECDSA-CAMELLIA128-SHA256'],
    ['TLSv1.1', 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'],
    ['TLSv1', 'ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0'],
  ] as const) {
    test(`${version} ${ciphers}`, async () => {
      const connection = await read(await live({ version, ciphers }));
      const types = typesOf(connection).filter((type) => !type.startsWith('<new_session_ticket'));
      assert.deepEqual(types, [...OLD, '>client_key_exchange', '>finished*', '<finished*']);
      assert.equal(connection.outcome, 'established');
      assert.ok(alertsOf(connection).includes('<close_notify*'));
      assert.deepEqual(connection.violations, []);
    });
  }

  test('shows a renegotiation, a whole second handshake', async () => {
    const connection = await read(await live({ version: 'TLSv1.2', renegotiates: true }));
    const types = typesOf(connection);
    const second = types.slice(types.indexOf('>client_hello*'));
    assert.ok(second.includes('<server_hello*') && second.includes('<certificate*'), second.join(' '));
    assert.deepEqual(
      second.filter((type) => type.endsWith('finished*')),
      ['>finished*', '<finished*'],
    );
    assert.deepEqual(connection.violations, []);
  });
});

describe('application data', () => {
  const MARK = 'zebra-crossing-4711';
  const run = promisify(execFile);

  for (const version of ['TLSv1', 'TLSv1.2', 'TLSv1.3'] as const) {
    test(`never reaches any output, nor do the keys (${version})`, async () => {
      const ciphers = version === 'TLSv1' ? 'DEFAULT:@SECLEVEL=0' : undefined;
      const { talk, keyLog } = await live({ version, data: MARK, ...(ciphers === undefined ? {} : { ciphers }) });
      const own = await mkdtemp(join(folder, 'out-'));
      const [capture, keys] = [join(own, 'in.pcap'), join(own, 'in.keys')];
      await writeFile(capture, captureOf(talk));
      await writeFile(keys, keyLog);
      const secrets = keyLog.match(/[0-9a-f]+$/gm) ?? [];
      assert.ok(secrets.length > 0);
      const outputs: string[] = [];
      for (const format of ['text', 'markdown', 'html', 'json', 'ndjson']) {
        const exported = [
          '--export-certificates',
          join(own, `certificates-${format}`),
          '--export-frames',
          join(own, `${format}.pcapng`),
        ];
        const options = ['--keys', keys, '-v', '--only', 'all', '--fail-on', 'never', '-f', format, ...exported];
        const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...options, capture], { maxBuffer: 1 << 26 });
        outputs.push(stdout, stderr);
      }
      for (const file of await readdir(own, { recursive: true, withFileTypes: true })) {
        if (!file.isFile() || file.name.startsWith('in.')) continue;
        outputs.push((await readFile(join(file.parentPath, file.name))).toString('latin1'));
      }
      assert.ok(outputs.length > 15);
      for (const output of outputs) {
        assert.ok(!output.includes(MARK), 'application data');
        assert.ok(!output.includes(Buffer.from(MARK).toString('hex')));
        assert.ok(!output.includes(Buffer.from(MARK).toString('base64').slice(0, -4)));
        for (const secret of secrets) {
          assert.ok(!output.includes(secret), 'a secret');
          assert.ok(!output.includes(Buffer.from(secret, 'hex').toString('latin1')), 'a secret in binary');
        }
      }
    });
  }
});

describe('--export-frames', () => {
  test('leaves keys out, or has those of its connections alone', async () => {
    const { talk, keyLog } = await live({ version: 'TLSv1.3' });
    const other = `CLIENT_RANDOM ${'0a'.repeat(32)} ${'0b'.repeat(48)}\n`;
    await writeFile(join(folder, 'export.pcap'), captureOf(talk));
    await writeFile(join(folder, 'export.keys'), keyLog + other);
    const given = ['--keys', join(folder, 'export.keys'), '--only', 'all', '-f', 'json', join(folder, 'export.pcap')];
    const exported = async (...options: readonly string[]): Promise<{ text: string; said: string }> => {
      const target = join(folder, 'exported.pcapng');
      const { stderr } = await promisify(execFile)(process.execPath, [
        PROGRAM,
        '--export-frames',
        target,
        ...options,
        ...given,
      ]);
      return { text: (await readFile(target)).toString('latin1'), said: stderr };
    };
    const without = await exported();
    assert.match(without.said, /contains no keys/);
    assert.ok(!without.text.includes('TRAFFIC_SECRET'));
    const withKeys = await exported('--export-keys');
    assert.match(withKeys.said, /contains the keys of its connections/);
    for (const line of keyLog.trim().split('\n')) {
      assert.equal(
        withKeys.text.includes(line),
        line.includes('_TRAFFIC_SECRET'),
        'those that open records, and no others',
      );
    }
    assert.ok(!withKeys.text.includes('0b0b0b'));
    const { connections } = await analyze([join(folder, 'exported.pcapng')]);
    assert.ok((connections[0]?.connection.keys?.opened ?? 0) > 4);
    await writeFile(join(folder, 'export.keys'), gzipSync(keyLog.replaceAll(' ', '\t')));
    assert.ok((await exported('--export-keys')).text.includes(/^SERVER_HANDSHAKE.*$/m.exec(withKeys.text)?.[0] ?? '?'));
    await writeFile(join(folder, 'export.keys'), `CLIENT_RANDOM ${'0b'.repeat(32)} ${'0c'.repeat(48)}\n`);
    assert.match((await exported('--export-keys')).said, /contains no keys/);
  });
});
