/**
 * The commands that reports print, run as they stand: each shows the fault that its report is about, and shows it no longer once the
 * server is mended. Servers are `openssl s_server`; a relay in front of them records what their clients meet.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import { issue, toPem, type Issued, type IssueOptions } from '../x509/authority.js';
import { conversation } from '../support/conversation.js';
import { captureOf, pemOf } from '../support/live.js';
import { PROGRAM } from '../support/program.js';

const NAME = 'shop.example';
/** Where `conversation` has its server. */
const RECORDED = '198.51.100.2';

const folder = mkdtempSync(join(tmpdir(), 'commands-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const isThere = openssl.status === 0 && openssl.stdout.startsWith('OpenSSL 3');
const skip = isThere ? false : 'OpenSSL 3 is not installed';

const root = await issue({ name: 'CN=Root', ca: true });
const intermediate = await issue({ name: 'CN=Issuing CA', by: root, ca: true });
const stranger = await issue({ name: 'CN=Partner Root CA', ca: true });

/** Writes a certificate and its key; gives the options with which s_server has them, and the certificates to send with them. */
async function certificate(
  file: string,
  options: Partial<IssueOptions>,
  ...chain: readonly Issued[]
): Promise<string[]> {
  const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: NAME }]);
  const issued = await issue({ name: `CN=${NAME}`, by: intermediate, extensions: [names], ...options });
  const { key, cert } = await pemOf(issued);
  writeFileSync(join(folder, `${file}.pem`), cert);
  writeFileSync(join(folder, `${file}.key`), key);
  writeFileSync(join(folder, `${file}.chain`), chain.map(({ certificate: one }) => toPem(one)).join(''));
  const sent = chain.length === 0 ? [] : ['-cert_chain', `${file}.chain`];
  return ['-cert', `${file}.pem`, '-key', `${file}.key`, ...sent];
}

writeFileSync(join(folder, 'root.pem'), toPem(root.certificate));
const sound = await certificate('sound', {}, intermediate);
await certificate('client', { by: root });
const self = await issue({ name: `CN=${NAME}` });

const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill();
});

/** Starts s_server at a port, or at any (0); gives the port, and what stops it. */
async function serve(port: number, options: readonly string[]): Promise<{ port: number; stop: () => Promise<void> }> {
  const child = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${String(port)}`, '-www', ...options], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  const ready = new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      // It names the port only where it chose it.
      const found = /^ACCEPT(?: 127\.0\.0\.1:(\d+))?$/m.exec(said);
      if (found !== null) resolve(Number(found[1] ?? port));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => {
      reject(new Error(said));
    });
  });
  return {
    port: await ready,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

/** What a client of this server meets, as a capture; the client is s_client with these options. */
async function record(port: number, options: readonly string[]): Promise<Uint8Array> {
  const talk = conversation({ serverPort: port, time: Math.floor(Date.now() / 1000) });
  talk.open();
  const relay = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    for (const [from, here, there] of [
      ['client', client, server],
      ['server', server, client],
    ] as const) {
      here.on('data', (chunk: Buffer) => {
        talk.say(from, new Uint8Array(chunk));
        there.write(chunk);
      });
      here.on('end', () => {
        talk.fin(from);
        there.end();
      });
      here.on('close', () => there.destroy());
      here.on('error', () => undefined);
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port: at } = relay.address() as AddressInfo;
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${String(at)}`, ...options], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Refused in TLS 1.3, a client hears of it only if it stays.
  const leave = setTimeout(() => client.stdin.end(), 500);
  client.stdin.on('error', () => undefined);
  await once(client, 'exit');
  clearTimeout(leave);
  relay.close();
  // s_server serves one after the other.
  await once(relay, 'close');
  return captureOf(talk);
}

interface Report {
  readonly diagnoses: readonly {
    readonly rule: string;
    readonly remedies: readonly { readonly command?: string; readonly commandDetails?: { readonly where: string } }[];
  }[];
}

/** The commands that the program prints of a capture, with the rule of its first diagnosis. */
function commandsFor(capture: Uint8Array): { rule: string | undefined; commands: string[] } {
  const file = join(folder, 'capture.pcap');
  writeFileSync(file, capture);
  const { stdout } = spawnSync(process.execPath, [PROGRAM, '-f', 'json', file], { encoding: 'utf8' });
  const report = JSON.parse(stdout) as Report;
  const [first] = report.diagnoses;
  const commands = first?.remedies.flatMap(({ command }) => command ?? []) ?? [];
  return { rule: first?.rule, commands: [...new Set(commands)] };
}

/** What a shell prints of these commands, one after the other; the address is that of the capture. */
async function run(commands: readonly string[]): Promise<string> {
  let said = '';
  for (const command of commands) {
    const shell = spawn('sh', ['-c', command.replaceAll(RECORDED, '127.0.0.1')], { cwd: folder, timeout: 20_000 });
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(shell, 'close');
  }
  return said;
}

interface Scenario {
  readonly rule: string;
  /** Options of s_server with the fault, and without it. */
  readonly fault: readonly string[];
  readonly mended: readonly string[];
  /** Options of the client that meets it. */
  readonly client: readonly string[];
  /** What the printed commands say of the fault, and only then. */
  readonly shows: RegExp;
}

const verifying = ['-CAfile', 'root.pem', '-verify_return_error', '-verify_hostname', NAME, '-servername', NAME];
const tls12 = ['-tls1_2'];

const SCENARIOS: readonly Scenario[] = [
  {
    rule: 'certificate-expired',
    fault: [...(await certificate('expired', { notAfter: '2026-01-01T00:00:00Z' }, intermediate)), ...tls12],
    mended: sound,
    client: verifying,
    shows: /notAfter=Jan {2}1 00:00:00 2026/,
  },
  {
    rule: 'certificate-authority-unknown',
    fault: [...(await certificate('unknown', { by: stranger })), ...tls12],
    mended: sound,
    client: verifying,
    shows: /Verification error: unable to (?:get local issuer|verify the first) certificate/,
  },
  {
    rule: 'certificate-self-signed',
    fault: [...(await certificate('self', { by: self, keys: self.keys })), ...tls12],
    mended: sound,
    client: verifying,
    shows: /self[- ]signed certificate/,
  },
  {
    rule: 'chain-incomplete',
    fault: [...(await certificate('alone', {})), ...tls12],
    mended: sound,
    client: verifying,
    shows: /unable to verify the first certificate/,
  },
  {
    rule: 'hostname-mismatch',
    fault: [...sound, ...tls12],
    mended: await certificate(
      'other',
      {
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: NAME },
            { type: 'dns', value: 'www.shop.example' },
          ]),
        ],
      },
      intermediate,
    ),
    client: [...verifying, '-verify_hostname', 'www.shop.example', '-servername', 'www.shop.example'],
    shows: /hostname mismatch/,
  },
  {
    rule: 'protocol-version-mismatch',
    fault: [...sound, '-tls1_3'],
    mended: sound,
    client: ['-servername', NAME, '-tls1_2'],
    shows: /SSL alert number 70/,
  },
  {
    rule: 'cipher-suite-mismatch',
    fault: [...sound, ...tls12, '-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    mended: [...sound, ...tls12],
    client: ['-servername', NAME, '-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'],
    shows: /SSL alert number 40/,
  },
  {
    rule: 'client-certificate-missing',
    fault: [...sound, '-Verify', '1', '-CAfile', 'root.pem'],
    mended: [...sound, '-verify', '1', '-CAfile', 'root.pem'],
    client: ['-servername', NAME],
    shows: /SSL alert number (?:40|116)/,
  },
  {
    rule: 'alpn-mismatch',
    fault: [...sound, '-alpn', 'h2'],
    mended: [...sound, '-alpn', 'h2,imap'],
    client: ['-servername', NAME, '-alpn', 'imap'],
    shows: /SSL alert number 120/,
  },
  {
    rule: 'sni-unrecognized',
    fault: [...sound, '-servername', NAME, '-servername_fatal', '-cert2', 'sound.pem', '-key2', 'sound.key'],
    mended: sound,
    client: ['-servername', 'nobody.example'],
    shows: /SSL alert number 112/,
  },
];

describe('printed commands show the fault, and nothing once it is mended', { skip }, () => {
  for (const { rule, fault, mended, client, shows } of SCENARIOS) {
    test(rule, async () => {
      const faulty = await serve(0, fault);
      const found = commandsFor(await record(faulty.port, client));
      assert.equal(found.rule, rule);
      const printed = found.commands.filter((command) => command.includes('s_client'));
      assert.ok(printed.length > 0, 'no command that asks the server');
      assert.match(await run(printed), shows);
      await faulty.stop();
      const server = await serve(faulty.port, mended);
      const said = await run(printed);
      await server.stop();
      assert.doesNotMatch(said, shows);
      assert.match(said, /^New, |notAfter=/m);
    });
  }
});
