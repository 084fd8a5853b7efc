/** What docs/security.md says of the whole program; the rest is tested where it is done. */
import '../src/report/reflect.js';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as x509 from '@peculiar/x509';
import { analyze } from '../src/analyze.js';
import { concat, pcapFile } from './support/captures.js';
import { conversation, frameBytes } from './support/conversation.js';
import { said } from './support/notices.js';
import { PROGRAM } from './support/program.js';
import { ROOT } from './support/schema.js';
import {
  alert,
  clientHello,
  handshake,
  message,
  record,
  serverHello,
  serverHelloDone,
  vector24,
} from './support/tls.js';
import { der, issue, nameConstraints } from './x509/authority.js';

/** Ends the program, with a status of its own, as soon as it opens a connection, looks a name up or starts a program. */
const ALONE = `
  import { createRequire, syncBuiltinESMExports } from 'node:module';
  const require = createRequire(process.execPath);
  const end = () => process.exit(99);
  require('node:net').Socket.prototype.connect = end;
  Object.assign(require('node:dgram'), { createSocket: end });
  Object.assign(require('node:dns'), { lookup: end, reverse: end });
  Object.assign(require('node:child_process'), { spawn: end, spawnSync: end, execFile: end, execFileSync: end });
  globalThis.fetch = end;
  syncBuiltinESMExports();
`;

test('a report needs no network, and no other program', () => {
  const alone = ['--import', `data:text/javascript,${encodeURIComponent(ALONE)}`];
  for (const format of ['text', 'markdown', 'html', 'json', 'sarif']) {
    const args = [...alone, PROGRAM, '--verbose', '-f', format, 'samples/incident.pcap'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.deepEqual([status, stderr], [1, ''], format);
  }
  const lookup = ['--input-type=module', '-e', "import { lookup } from 'node:dns'; lookup('localhost', () => {})"];
  assert.equal(spawnSync(process.execPath, [...alone, ...lookup]).status, 99);
});

test('the same captures and options give the same bytes, whatever is drawn at random in a run', () => {
  for (const format of ['text', 'markdown', 'html', 'json', 'sarif']) {
    const [one, other] = [0, 1].map(() => {
      const args = [PROGRAM, '--verbose', '-f', format, 'samples/incident.pcap', 'samples/tls13-success.pcap'];
      return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
    });
    assert.equal(one?.status, 1, one?.stderr);
    assert.ok(one.stdout.length > 1000);
    assert.equal(one.stdout, other?.stdout, format);
  }
});

test('a check of certificates that is given up is told of, and nothing is concluded from it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'work-'));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  /** The report on a client that refuses a leaf of `count` names, all but the last of which its issuer permits. */
  const refused = async (count: number) => {
    const domains = Array.from({ length: count }, (_, index) => `d${index}.example`);
    const permitted = domains.slice(0, -1).map((name) => der(0x82, name));
    const root = await issue({ name: 'CN=Root', ca: true });
    const ca = await issue({ name: 'CN=CA', ca: true, by: root, extensions: [nameConstraints({ permitted })] });
    const names = domains.map((value) => ({ type: 'dns', value }) as const);
    const leaf = await issue({
      name: 'CN=leaf',
      by: ca,
      extensions: [new x509.SubjectAlternativeNameExtension(names)],
    });
    const chain = [leaf, ca].map(({ certificate }) => vector24(certificate.der));
    const talk = conversation();
    talk.open();
    talk.say('client', handshake(clientHello()));
    const flight = concat(serverHello(), message(11, vector24(...chain)), serverHelloDone);
    for (let at = 0; at < flight.length; at += 16_384) talk.say('server', record(22, flight.subarray(at, at + 16_384)));
    talk.say('client', alert(2, 43));
    const path = join(folder, `${count}.pcap`);
    writeFileSync(
      path,
      pcapFile(talk.segments.map((segment) => ({ data: frameBytes(segment), seconds: segment.time }))),
    );
    const { captures, connections } = await analyze([path]);
    const warnings = captures.flatMap((capture) => capture.warnings).filter(({ code }) => code === 'work-limit');
    const constraint = connections[0]?.differential.find(({ rule }) => rule.id === 'certificate-purpose-invalid');
    return { warnings: warnings.map(said), support: constraint?.verdict.support };
  };
  assert.deepEqual(await refused(20), { warnings: [], support: 'confirmed' });
  const { warnings, support } = await refused(1500);
  assert.match(warnings.join(), /^1 check of certificates was given up/);
  assert.equal(support, undefined);
});

test('many captures at once need few descriptors', { skip: process.platform === 'win32' }, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'many-'));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  const sample = readFileSync(join(ROOT, 'samples', 'tls13-success.pcap'));
  for (let index = 0; index < 100; index++) writeFileSync(join(folder, `${index}.pcap`), sample);
  const args = ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, PROGRAM, folder];
  const { status, stderr } = spawnSync('sh', args, { cwd: ROOT, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});
