#!/usr/bin/env node
// Records what programs do whose trust store holds an intermediate (`issuing`) without its root: the peer's chain is sound, and
// leads to that intermediate. Then once more with the root (`top`), which all of them accept.
//
//   node samples/stacks/record-anchors.mjs
//
// Writes samples/stacks/intermediate-anchor.pcap and .json, which tells whose port each is. Needs root, and the Debian packages
// openssl tcpdump default-jdk-headless; each program is recorded if it is there: those of subjects.mjs, and haproxy, apache2.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inNamespace } from './namespace.mjs';
import { HOST } from './pki.mjs';
import { SUBJECTS, isInstalled, version } from './subjects.mjs';

if (process.env.TLS_STACKS_NAMESPACE === undefined) process.exit(inNamespace());

const here = import.meta.dirname;
const work = mkdtempSync(join(tmpdir(), 'anchors-'));
const FIRST_PORT = 24000;
let nextPort = FIRST_PORT;

const text = (name) => readFileSync(join(work, name), 'utf8');
const openssl = (...args) => execFileSync('openssl', args, { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });

/** NAME.pem and NAME.key: by `issuer`, or by itself. */
function certify(name, subject, issuer, extensions) {
  openssl(...`req -new -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj`.split(' '), subject);
  const lines = [
    'subjectKeyIdentifier=hash',
    ...(issuer === null ? [] : ['authorityKeyIdentifier=keyid']),
    ...extensions,
  ];
  writeFileSync(join(work, 'extensions.cnf'), lines.join('\n'));
  const by = issuer === null ? `-signkey ${name}.key` : `-CA ${issuer}.pem -CAkey ${issuer}.key -CAcreateserial`;
  openssl(...`x509 -req -in ${name}.csr ${by} -days 3650 -extfile extensions.cnf -out ${name}.pem`.split(' '));
}

const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
const LEAF = ['basicConstraints=CA:FALSE', 'keyUsage=critical,digitalSignature,keyEncipherment'];
certify('server-top', '/O=Anchors/CN=Server Root', null, AUTHORITY);
certify('server-issuing', '/O=Anchors/CN=Server Issuing', 'server-top', AUTHORITY);
certify('sound', `/CN=${HOST}`, 'server-issuing', [
  ...LEAF,
  'extendedKeyUsage=serverAuth',
  `subjectAltName=DNS:${HOST}`,
]);
certify('client-top', '/O=Anchors/CN=Client Root', null, AUTHORITY);
certify('client-issuing', '/O=Anchors/CN=Client Issuing', 'client-top', AUTHORITY);
certify('client', '/CN=device', 'client-issuing', [...LEAF, 'extendedKeyUsage=clientAuth']);

/** A folder as the subjects want it, with these trust anchors. */
function folderWith(anchors) {
  const dir = join(work, anchors);
  mkdirSync(dir);
  for (const name of ['sound.pem', 'sound.key', 'client.pem', 'client.key', 'client-issuing.pem'])
    copyFileSync(join(work, name), join(dir, name));
  for (const [name, from] of [
    ['root', `server-${anchors}`],
    ['client-root', `client-${anchors}`],
  ]) {
    copyFileSync(join(work, `${from}.pem`), join(dir, `${name}.pem`));
    const store = `-keystore ${dir}/${name}.trust.p12 -storetype PKCS12 -storepass changeit`;
    execFileSync('keytool', `-importcert -noprompt -alias a -file ${dir}/${name}.pem ${store}`.split(' '), {
      stdio: 'ignore',
    });
  }
  writeFileSync(join(dir, 'sound.issuers.pem'), text('server-issuing.pem'));
  writeFileSync(join(dir, 'sound.chain.pem'), text('sound.pem') + text('server-issuing.pem'));
  writeFileSync(join(dir, 'sound.all.pem'), text('sound.pem') + text('server-issuing.pem') + text('sound.key'));
  openssl(
    ...`pkcs12 -export -name sound -in ${dir}/sound.chain.pem -inkey sound.key -out ${dir}/sound.p12 -passout pass:changeit`.split(
      ' ',
    ),
  );
  return dir;
}

/** Servers on OpenSSL that are set by a configuration. */
const CONFIGURED = [
  {
    name: 'HAProxy',
    version: () => version(/^HAProxy version (\d+\.\d+\.\d+)/, 'haproxy', '-v')?.replace(/^/, 'HAProxy '),
    file: ({ dir, port }) => `global
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend f
  bind 127.0.0.1:${port} ssl crt ${dir}/sound.all.pem ca-file ${dir}/client-root.pem verify required
  http-request return status 200
`,
    command: (file) => ['haproxy', '-db', '-f', file],
  },
  {
    name: 'Apache httpd',
    version: () => version(/Apache\/(\d+\.\d+\.\d+)/, 'apache2', '-v')?.replace(/^/, 'Apache httpd '),
    file: ({ dir, port }) => `ServerRoot /usr/lib/apache2
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule ssl_module modules/mod_ssl.so
ServerName ${HOST}
PidFile ${dir}/httpd.pid
ErrorLog ${dir}/httpd.log
Listen 127.0.0.1:${port}
DocumentRoot ${dir}
SSLEngine on
SSLCertificateFile ${dir}/sound.chain.pem
SSLCertificateKeyFile ${dir}/sound.key
SSLCACertificateFile ${dir}/client-root.pem
SSLVerifyClient require
SSLVerifyDepth 5
`,
    command: (file) => ['apache2', '-DFOREGROUND', '-f', file],
  },
];

function start(what, log) {
  const { command, env = {} } = Array.isArray(what) ? { command: what } : what;
  const child = spawn(command[0], command.slice(1), {
    ...{ cwd: work, detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, ...env } },
  });
  child.stdin.on('error', () => {});
  child.on('error', (error) => console.error(log, error.message));
  return child;
}

function stop(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

async function isListening(port) {
  for (let tries = 0; tries < 80; tries++) {
    if (execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' }) !== '') return true;
    await sleep(100);
  }
  return false;
}

async function runFor(seconds, what, log) {
  const child = start(what, log);
  if (what.stdin !== undefined) child.stdin.write(what.stdin);
  if (!what.holdStdin) child.stdin.end();
  await Promise.race([new Promise((done) => child.on('exit', done)), sleep(seconds * 1000)]);
  stop(child);
}

/** One conversation: a server on a port of its own, and a client that comes once. */
async function meet(server, client, port, seconds) {
  const listener = start(server, `server ${port}`);
  if (await isListening(port)) await runFor(seconds, client, `client ${port}`);
  else console.error(`nothing listens on ${port}: ${JSON.stringify(server)}`);
  stop(listener);
}

const sServer = (dir, port) =>
  `openssl s_server -accept ${port} -tls1_2 -WWW -cert ${dir}/sound.pem -key ${dir}/sound.key -cert_chain ${dir}/sound.issuers.pem`.split(
    ' ',
  );
const sClient = (dir, port) => ({
  command:
    `openssl s_client -tls1_2 -connect 127.0.0.1:${port} -servername ${HOST} -quiet -cert ${dir}/client.pem -key ${dir}/client.key -cert_chain ${dir}/client-issuing.pem`.split(
      ' ',
    ),
  stdin: 'GET / HTTP/1.0\r\n\r\n',
  holdStdin: true,
});

const cases = [];
for (const anchors of ['issuing', 'top']) {
  const dir = folderWith(anchors);
  for (const subject of SUBJECTS.filter(isInstalled)) {
    subject.build?.(dir);
    const by = subject.version();
    const add = (role, port) => cases.push({ port, stack: subject.stack, by, role, anchors, dir, subject });
    add('client', nextPort++);
    if (subject.server?.({ dir, port: 0, clientCa: true })) add('server', nextPort++);
  }
  for (const one of CONFIGURED) {
    const by = one.version();
    if (by) cases.push({ port: nextPort++, stack: one.name, by, role: 'server', anchors, dir, configured: one });
  }
}

const out = join(work, 'all.pcap');
const tap = spawn('tcpdump', ['-i', 'lo', '-U', '-w', out, `tcp portrange ${FIRST_PORT}-${nextPort - 1}`], {
  stdio: 'ignore',
});
await sleep(1500);
for (const { port, role, dir, subject, configured } of cases) {
  if (configured !== undefined) {
    const file = join(dir, `${port}.conf`);
    writeFileSync(file, configured.file({ dir, port }));
    await meet(configured.command(file), sClient(dir, port), port, 2);
  } else if (role === 'client') {
    await meet(sServer(dir, port), subject.client({ dir, port }), port, subject.patience ?? 5);
  } else {
    await meet(subject.server({ dir, port, clientCa: true }), sClient(dir, port), port, 2);
  }
}
await sleep(1500);
tap.kill('SIGINT');
await new Promise((done) => tap.on('exit', done));
copyFileSync(out, join(here, 'intermediate-anchor.pcap'));
const listed = cases.map(({ port, stack, by, role, anchors }) => ({ port, stack, by, role, anchors }));
writeFileSync(
  join(here, 'intermediate-anchor.json'),
  `[\n${listed.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`,
);
rmSync(work, { recursive: true });
