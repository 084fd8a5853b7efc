#!/usr/bin/env node
// Records what TLS stacks say and do of each fault: runs the client and the server of each against faulty peers on the loopback
// interface of a network namespace of its own, and reads from the capture how each answered.
//
//   node samples/stacks/record.mjs            all stacks that are installed
//   node samples/stacks/record.mjs NAME …     some, for example: openssl gnutls
//
// Writes the recordings in src/knowledge/stacks/STACK.ts, and samples/stacks/STACK-client.pcap and STACK-server.pcap: one healthy handshake
// for each program and version. Needs root, and the Debian packages openssl tcpdump tshark wireshark-common iproute2 default-jdk-headless (keytool); each stack is
// recorded if it is there: gnutls-bin golang-go libnss3-tools botan erlang-ssl libmbedtls-dev libwolfssl-dev chromium curl
// python3 nodejs libbotan-2-dev. Deno and Bun come from npm: DENO_DIR_BIN and BUN_DIR_BIN name the folders that hold them. KEEP names
// a folder for the whole captures and their keys. FAULTS names faults, separated by commas: only these are recorded, and added to what
// is there of the same versions.
import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { inNamespace } from './namespace.mjs';
import { HOST, makeCertificates } from './pki.mjs';
import { SUBJECTS, isInstalled } from './subjects.mjs';

const here = import.meta.dirname;
const stacksDir = join(here, '../../src/knowledge/stacks');
const VERSIONS = { 1.2: '-tls1_2', 1.3: '-tls1_3' };
const PATIENCE = 8;
const ONLY = process.env.FAULTS?.split(',') ?? null;
/** Whether to record this: a fault that is wanted, or what shows that the subject accepts what is in order. */
const isWanted = (fault) => ONLY === null || fault.endsWith('sound') || ONLY.includes(fault);
const AT_ONCE = 4;

/** Faults of a server's certificate, each with a certificate of that name. */
const CERTIFICATE_FAULTS = [
  'certificate-expired',
  'certificate-not-yet-valid',
  'issuer-expired',
  'certificate-authority-unknown',
  'certificate-self-signed',
  'chain-incomplete',
  'hostname-mismatch',
  'subject-alt-name-missing',
  'certificate-purpose-invalid',
  'key-usage-invalid',
  'curve-explicit',
  'key-weak',
  'signature-weak',
  'certificate-signature-invalid',
  'certificate-revoked',
  'authority-as-leaf',
  'key-identifiers-missing',
  'serial-number-negative',
  'critical-extension-unknown',
  'version-1-certificate',
  'issuer-not-authority',
  'name-constraint-violated',
  'path-length-exceeded',
];
const SERVER_FAULTS = ['protocol-version-mismatch', 'server-speaks-plaintext', 'garbage'];
const CLIENT_CERTIFICATE_FAULTS = [
  'client-certificate-missing',
  'client-certificate-expired',
  'client-certificate-not-yet-valid',
  'client-certificate-untrusted',
  'client-certificate-self-signed',
  'client-certificate-purpose-invalid',
];
/** Faults of a ClientHello: what it offers at most, and how the server must be set for it to be one. */
const HELLO_FAULTS = [
  ['protocol-version-mismatch', '1.0', {}],
  ['protocol-version-mismatch', '1.1', {}],
  ['protocol-version-mismatch', '1.2', { versions: '1.3' }],
  ['protocol-version-mismatch', '1.3', { versions: '1.2' }],
  ...['1.2', '1.3'].flatMap((tls) => [
    ['cipher-suite-mismatch', tls, {}],
    ['group-mismatch', tls, {}],
    ['signature-scheme-mismatch', tls, {}],
    ['sni-missing', tls, { only: true }],
    ['sni-unrecognized', tls, { only: true }],
    ['alpn-mismatch', tls, { alpn: true }],
  ]),
  // A server may find no group, and yet a suite that could do without: ECDHE fails then, DHE is tried.
  ['group-mismatch-dhe', '1.2', { groups: true }],
  ['fallback-rejected', '1.2', {}],
  ['client-speaks-plaintext', null, {}],
  ['garbage', null, {}],
];

async function main() {
  const wanted = process.argv.slice(2);
  const dir = mkdtempSync(join(tmpdir(), 'tls-stacks-'));
  const started = [];
  try {
    makeCertificates(dir);
    const peers = startFaultyServers(dir, started);
    await Promise.all(peers.map(({ port }) => listening(port)));
    const stacks = [...new Set(SUBJECTS.map(({ stack }) => stack))].filter(
      (stack) => wanted.length === 0 || wanted.includes(stack),
    );
    for (const stack of stacks) {
      const subjects = SUBJECTS.filter((subject) => subject.stack === stack && isInstalled(subject));
      if (subjects.length === 0) {
        console.error(`${stack}: not installed`);
        continue;
      }
      await record(stack, subjects, peers, dir);
    }
  } finally {
    started.forEach(stop);
    await sleep(300);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One `openssl s_server` for each faulty certificate and version, and others that answer as no server may. */
function startFaultyServers(dir, started) {
  let port = 20_000;
  const certificates = ['sound', ...CERTIFICATE_FAULTS].filter(isWanted).flatMap((fault) =>
    Object.entries(VERSIONS).map(([tls, option]) => {
      port += 1;
      const cipher = fault === 'key-weak' || fault === 'signature-weak' ? 'DEFAULT@SECLEVEL=0' : 'DEFAULT';
      const issuers =
        readFileSync(join(dir, `${fault}.issuers.pem`), 'utf8') === '' ? [] : ['-cert_chain', `${fault}.issuers.pem`];
      const status = fault === 'certificate-revoked' ? ['-status_file', 'revoked.ocsp'] : [];
      // Without an ECDHE suite of RSA's own there would be no signature that the key usage forbids.
      const suites = ['-cipher', fault === 'key-usage-invalid' ? 'ECDHE-RSA-AES128-GCM-SHA256' : cipher];
      started.push(
        run(
          [
            'openssl',
            's_server',
            '-accept',
            String(port),
            option,
            '-WWW',
            '-cert',
            `${fault}.pem`,
            '-key',
            `${fault}.key`,
            ...issuers,
            ...status,
            ...suites,
            '-keylogfile',
            `${port}.keys`,
          ],
          { cwd: dir, log: `${port}.log` },
        ),
      );
      return { fault, tls, port };
    }),
  );
  const others = SERVER_FAULTS.filter(isWanted).map((fault) => {
    port += 1;
    started.push(run(['node', join(here, 'bad-server.mjs'), String(port), fault], { cwd: dir, log: `${port}.log` }));
    return { fault, tls: fault === 'protocol-version-mismatch' ? '1.0' : null, port };
  });
  return [...certificates, ...others];
}

let nextPort = 30_000;

async function record(stack, subjects, peers, dir) {
  const answers = [];
  for (const subject of subjects) answers.push(...(await recordSubject(subject, peers, dir)));
  write(stack, answers);
  if (ONLY === null) keepSound(stack, answers, dir);
}

/** Runs one program against all faults; gives how it answered each. */
async function recordSubject(subject, peers, dir) {
  const by = subject.version();
  const capture = join(dir, `${by.replaceAll(/[^A-Za-z0-9.]+/g, '-')}.pcap`);
  subject.build?.(dir);
  rmSync(join(dir, 'tcpdump.log'), { force: true });
  const tcpdump = run(
    ['tcpdump', '-i', 'lo', '-n', '-U', '--immediate-mode', '-B', '65536', '-Z', 'root', '-w', capture, 'tcp'],
    { cwd: dir, log: 'tcpdump.log' },
  );
  await sleep(700);
  const cases = [];
  const servers = [];
  const runs = [];
  if (subject.client !== undefined) {
    for (const { fault, tls, port } of peers) {
      const one = { by, capture, role: 'client', fault, tls, subjectPort: null, peerPort: port };
      cases.push(one);
      runs.push(() => runClient(subject.client({ dir, port }), dir, subject.patience ?? PATIENCE, one));
    }
  }
  if (subject.server !== undefined) {
    const portOf = await startServers(subject, dir, servers);
    const add = (fault, tls, settings, client, isHello = false) => {
      if (!isWanted(fault)) return;
      const port = portOf(settings);
      if (port === null) return;
      const localPort = nextPort++;
      const one = { by, capture, role: 'server', fault, tls, subjectPort: port, peerPort: localPort, isHello };
      cases.push(one);
      runs.push(() => runClient(client(localPort, port), dir, PATIENCE, one));
    };
    for (const [tls, option] of Object.entries(VERSIONS)) {
      add('sound', tls, {}, (local, port) => sClient(dir, option, local, port));
      add('client-sound', tls, { clientCa: true }, (local, port) => sClient(dir, option, local, port, 'client-sound'));
      for (const fault of CLIENT_CERTIFICATE_FAULTS) {
        const certificate = fault === 'client-certificate-missing' ? null : fault;
        add(fault, tls, { clientCa: true }, (local, port) => sClient(dir, option, local, port, certificate));
      }
    }
    for (const [fault, tls, settings] of HELLO_FAULTS) {
      add(
        fault,
        tls,
        settings,
        (local, port) => [
          'node',
          join(here, 'hello.mjs'),
          fault,
          String(tls),
          String(local),
          '127.0.0.1',
          String(port),
        ],
        true,
      );
    }
  }
  await inParallel(runs);
  await sleep(700);
  servers.forEach(stop);
  stop(tcpdump);
  await sleep(500);
  if (!/^0 packets dropped/m.test(readFileSync(join(dir, 'tcpdump.log'), 'utf8')))
    throw new Error('tcpdump lost packets');
  const keys = join(dir, 'all.keys');
  writeFileSync(
    keys,
    readdirSync(dir)
      .filter((name) => name.endsWith('.keys') && name !== 'all.keys')
      .map((name) => readFileSync(join(dir, name)))
      .join(''),
  );
  if (process.env.KEEP) execFileSync('cp', [capture, keys, process.env.KEEP]);
  const conversations = readConversations(capture, keys);
  const all = cases.map((one) => ({ ...one, ...answerOf(one, conversations) }));
  const unable = all.filter(({ fault, response }) => fault.endsWith('sound') && response?.kind !== 'accept');
  for (const { role, tls, fault } of unable)
    console.error(`${by} as ${role} takes no ${fault} certificate in TLS ${tls}`);
  // What it says of a fault where it cannot do without says nothing of the fault.
  const answers = all.filter(
    (one) =>
      one.isHello ||
      !unable.some(
        ({ role, tls, fault }) =>
          role === one.role && tls === one.tls && (fault === 'sound' || one.fault.startsWith('client-certificate')),
      ),
  );
  for (const { role, fault, tls, problem } of answers) {
    if (problem !== undefined) console.error(`${by} as ${role}, ${fault}, TLS ${tls ?? '—'}: ${problem}`);
  }
  console.error(`${by}: ${answers.length} connections`);
  return answers.filter(({ response }) => response !== undefined);
}

/** Starts the subject's server in each setting that a fault needs; gives the port of a setting, or null. */
async function startServers(subject, dir, servers) {
  const settings = [{}, { clientCa: true }, { only: true }, { alpn: true }, { versions: '1.2' }, { versions: '1.3' }];
  if (subject.limitsGroups) settings.push({ groups: true });
  const ports = new Map();
  for (const setting of settings) {
    const port = nextPort++;
    const command = subject.server({ dir, port, ...setting });
    if (command === null) continue;
    servers.push(run(command, { cwd: dir, log: `${port}.log` }));
    ports.set(JSON.stringify(setting), (await listening(port)) ? port : null);
  }
  return (setting) => ports.get(JSON.stringify(setting)) ?? null;
}

const sClient = (dir, option, localPort, port, certificate = null) => ({
  command: [
    'openssl',
    's_client',
    option,
    '-connect',
    `127.0.0.1:${port}`,
    '-bind',
    `127.0.0.1:${localPort}`,
    '-servername',
    HOST,
    '-quiet',
    '-keylogfile',
    `${localPort}.keys`,
    ...(certificate === null ? [] : ['-cert', `${certificate}.pem`, '-key', `${certificate}.key`]),
  ],
  stdin: 'GET / HTTP/1.0\r\n\r\n',
  holdStdin: true,
});

/** Starts a command: an array, or `{ command, env }`. What it prints goes to a file. */
function run(what, { cwd, log, stdin = 'ignore' }) {
  const { command, env = {} } = Array.isArray(what) ? { command: what } : what;
  const child = spawn(command[0], command.slice(1), {
    cwd,
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached: true,
  });
  const output = createWriteStream(join(cwd, log), { flags: 'a' });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  child.on('error', (error) => console.error(command[0], error.message));
  return child;
}

function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
}

/** Runs a client to its end, or kills it after some seconds: what it then does says nothing. */
async function runClient(what, dir, patience, one) {
  const child = run(what, { cwd: dir, log: 'clients.log', stdin: 'pipe' });
  child.stdin.on('error', () => {});
  if (what.stdin !== undefined) child.stdin.write(what.stdin);
  if (!what.holdStdin) child.stdin.end();
  const over = new Promise((done) => child.on('exit', () => done(true)).on('error', () => done(true)));
  const timer = new AbortController();
  const hasEnded = await Promise.race([over, sleep(patience * 1000, false, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
  if (hasEnded) return;
  one.killedAt = Date.now() / 1000;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function inParallel(runs) {
  const queue = [...runs];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next();
    }),
  );
}

async function listening(port) {
  for (let tries = 0; tries < 100; tries++) {
    if (execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' }) !== '') return true;
    await sleep(100);
  }
  console.error(`no server on port ${port}`);
  return false;
}

/** What tshark, given the keys, reads of a capture: for each TCP connection its frames in order. */
function readConversations(capture, keys) {
  const fields = [
    'frame.number',
    'frame.time_epoch',
    'tcp.stream',
    'tcp.srcport',
    'tcp.dstport',
    'tcp.flags.fin',
    'tcp.flags.reset',
    'tcp.len',
    'tls.record.content_type',
    'tls.handshake.type',
    'tls.alert_message.level',
    'tls.alert_message.desc',
    'tcp.payload',
  ];
  const text = execFileSync(
    'tshark',
    [
      '-r',
      capture,
      '-o',
      `tls.keylog_file:${keys}`,
      '-d',
      'tcp.port==20000-39999,tls',
      '-T',
      'fields',
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const conversations = new Map();
  for (const line of text.split('\n').filter(Boolean)) {
    const cells = line.split('\t');
    const list = (index) => (cells[index] ? cells[index].split(',').map(Number) : []);
    const frame = {
      at: Number(cells[1]),
      stream: Number(cells[2]),
      from: Number(cells[3]),
      to: Number(cells[4]),
      fin: cells[5] === '1',
      rst: cells[6] === '1',
      length: Number(cells[7]),
      content: list(8),
      handshake: list(9),
      levels: list(10),
      alerts: list(11),
    };
    if (frame.content.length === 0) readPlainAlert(cells[12] ?? '', frame);
    if (!conversations.has(frame.stream)) conversations.set(frame.stream, []);
    conversations.get(frame.stream).push(frame);
  }
  return [...conversations.values()];
}

/** tshark does not look for TLS behind what is plaintext: an alert, in hexadecimal, alone in its segment. */
function readPlainAlert(payload, frame) {
  const match = /^1503..0002(..)(..)/.exec(payload);
  if (match === null) return;
  frame.content.push(ALERT);
  frame.levels.push(parseInt(match[1], 16));
  frame.alerts.push(parseInt(match[2], 16));
}

const ALERT = 21;
const WARNING = 1;
const APPLICATION_DATA = 23;
const SERVER_HELLO = 2;
const FINISHED = 20;
const CLOSE_NOTIFY = 0;
const USER_CANCELED = 90;

/** How the subject answered in the first conversation of this case that carries data. */
function answerOf({ role, subjectPort, peerPort, killedAt = Infinity, fault, tls, isHello = false }, conversations) {
  const frames = conversations.find(
    ([first, ...rest]) =>
      [first, ...rest].some(({ length }) => length > 0) &&
      (role === 'client' ? first.to === peerPort : first.from === peerPort && first.to === subjectPort),
  );
  if (frames === undefined) return { problem: 'no connection' };
  const isSubjects = ({ from, to }) => (role === 'client' ? to === peerPort : from === subjectPort && to === peerPort);
  let finished = false;
  let accepted = false;
  let closeNotify = false;
  let how = null;
  let peerEnd = null;
  let answered = false;
  const alerts = [];
  for (const frame of frames) {
    if (frame.at > killedAt) break;
    const isFatal = frame.alerts.filter((code) => code !== CLOSE_NOTIFY && code !== USER_CANCELED);
    if (!isSubjects(frame)) {
      if (how === null && (isFatal.length > 0 || frame.fin || frame.rst))
        peerEnd ??= isFatal.length > 0 ? `alert ${isFatal}` : frame.fin ? 'FIN' : 'RST';
      continue;
    }
    // What it says when the peer has left says nothing of the fault.
    if (how !== null || peerEnd !== null) continue;
    const undecrypted = frame.content.includes(ALERT) && frame.alerts.length === 0;
    if (undecrypted) return { problem: 'an alert that the keys do not open' };
    if (frame.handshake.includes(FINISHED)) finished = true;
    if (frame.content.length > 0) answered = true;
    if (frame.content.includes(APPLICATION_DATA)) accepted = true;
    // A ClientHello of ours is taken by the ServerHello: we go no further.
    if (isHello && frame.handshake.includes(SERVER_HELLO)) accepted = true;
    // Plaintext that no record holds: an HTTP server's page about HTTPS.
    if (frame.length > 0 && frame.content.length === 0 && !answered && role === 'server')
      accepted = fault === 'client-speaks-plaintext';
    // A warning of TLS 1.2, such as Botan's unrecognized_name, ends nothing; TLS 1.3 has no warnings.
    const isWarning = tls !== '1.3' && frame.levels.length > 0 && frame.levels.every((level) => level === WARNING);
    if (!isWarning) alerts.push(...isFatal);
    if (frame.alerts.some((code) => code === CLOSE_NOTIFY || code === USER_CANCELED)) closeNotify = true;
    if (frame.fin || frame.rst) how = frame.rst ? 'rst' : 'fin';
  }
  const stream = frames[0].stream;
  if (alerts.length > 0) return { stream, response: { kind: 'alert', alerts: [...new Set(alerts)], finished } };
  // Its alert in TLS 1.3, whose keys a ClientHello of ours does not give.
  if (isHello && tls === '1.3' && accepted && how !== null)
    return { stream, problem: 'it left after its ServerHello, by what the keys do not open' };
  if (accepted) return { stream, response: { kind: 'accept' } };
  if (peerEnd !== null && peerEnd !== 'FIN') return { stream, problem: `the peer ended it: ${peerEnd}` };
  if (peerEnd === 'FIN' && role === 'client' && !closeNotify) return { stream, problem: 'the peer ended it: FIN' };
  if (how !== null || closeNotify)
    return { stream, response: { kind: 'close', how: how ?? 'fin', closeNotify, finished } };
  // A client that waits for the Certificate has taken the ServerHello.
  if (role === 'client' && fault === 'protocol-version-mismatch') return { stream, response: { kind: 'accept' } };
  return { stream, response: { kind: 'silence', finished } };
}

/** The recordings in src/knowledge/stacks/STACK.ts: one value, all literals. */
const RECORDINGS = /(?<=\nconst recordings: readonly Recording\[\] = )\[\n[^]*?\n\](?=;\n)/;

/** Puts the recordings into src/knowledge/stacks/STACK.ts, which says how the stack is recognised as well. */
function write(stack, answers) {
  const file = join(stacksDir, `${stack}.ts`);
  const before = readFileSync(file, 'utf8');
  const [recorded] = RECORDINGS.exec(before) ?? [];
  if (recorded === undefined) throw new Error(`${file} has no recordings`);
  const recordings = new Map(ONLY === null ? [] : runInNewContext(recorded).map((one) => [keyOf(one), one]));
  for (const { by, role, tls, fault, response } of answers) {
    if (fault.endsWith('sound')) continue;
    const one = { by, role, tls: tls === null ? null : `TLS ${tls}`, responses: {} };
    const key = keyOf(one);
    if (!recordings.has(key)) recordings.set(key, one);
    recordings.get(key).responses[fault] = response;
  }
  const line = ([fault, response]) => `${JSON.stringify(fault)}: ${JSON.stringify(response)},\n`;
  const text = [...recordings.values()].map(
    ({ by, role, tls, responses }) =>
      `{\n"by": ${JSON.stringify(by)}, "role": ${JSON.stringify(role)}, "tls": ${JSON.stringify(tls)}, "responses": {\n${Object.entries(responses).map(line).join('')}}, },\n`,
  );
  writeFileSync(
    file,
    before.replace(RECORDINGS, () => `[\n${text.join('')}\n]`),
  );
  if (existsSync('node_modules/.bin/prettier'))
    execFileSync('node_modules/.bin/prettier', ['--write', '--log-level', 'warn', file]);
}

const keyOf = ({ by, role, tls }) => JSON.stringify([by, role, tls]);

/** Keeps the healthy handshakes as captures. */
function keepSound(stack, answers, dir) {
  for (const role of ['client', 'server']) {
    const sound = answers.filter((one) => one.role === role && one.fault === 'sound');
    const parts = [...new Set(sound.map(({ capture }) => capture))].map((capture, index) => {
      const streams = sound.filter((one) => one.capture === capture).map(({ stream }) => stream);
      const part = join(dir, `part-${index}.pcap`);
      execFileSync('tshark', ['-r', capture, '-Y', `tcp.stream in {${streams.join(',')}}`, '-F', 'pcap', '-w', part], {
        stdio: 'ignore',
      });
      return part;
    });
    if (parts.length > 0)
      execFileSync('mergecap', ['-a', '-F', 'pcap', '-w', join(here, `${stack}-${role}.pcap`), ...parts]);
  }
}

if (process.env.TLS_STACKS_NAMESPACE === undefined) {
  process.exitCode = inNamespace();
} else {
  await main();
}
