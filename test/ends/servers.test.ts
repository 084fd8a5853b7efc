/** Real servers accept what their configurations are said to accept: nginx, Apache httpd, HAProxy and OpenSSL's, asked by handshakes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { createContext } from '../../src/diagnose/capture-context.js';
import { serviceFor } from '../../src/diagnose/ends/service.js';
import { createWhatIf } from '../../src/diagnose/ends/what-if.js';
import { readConfiguration } from '../../src/ends/configurations/read.js';
import { OPENSSL_SUITES } from '../../src/ends/configurations/openssl-suites.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { pemCertificates } from '../../src/ends/stores/pem.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { connection } from '../support/connections.js';
import { trusting } from '../x509/authority.js';

const folder = mkdtempSync(join(tmpdir(), 'servers-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const path = (name: string): string => join(folder, name);
const program = (name: string): string | null => {
  const found = spawnSync('which', [name], {
    encoding: 'utf8',
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  });
  return found.status === 0 ? found.stdout.trim() : null;
};

/** What a client offers, and whether it shows a certificate. */
interface Offer {
  readonly versions: readonly ('TLS 1.0' | 'TLS 1.1' | 'TLS 1.2' | 'TLS 1.3')[];
  readonly suites: readonly string[];
  readonly groups: readonly string[];
  readonly schemes: readonly string[];
  readonly name: string | null;
  readonly hasCertificate: boolean;
  /** Whether a PROXY header comes before TLS. */
  readonly hasHeader: boolean;
}

const TLS13 = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_128_CCM_SHA256',
];
const SUITES: readonly (readonly [openssl: string, iana: string])[] = [
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-SHA',
  'DHE-RSA-AES128-GCM-SHA256',
  'AES128-GCM-SHA256',
  'AES256-SHA',
  'NULL-SHA256',
  'AECDH-AES256-SHA',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
].map((name) => [name, OPENSSL_SUITES.find((suite) => suite.name === name)?.iana ?? '']);
const GROUPS: readonly (readonly [openssl: string, iana: string])[] = [
  ['X25519', 'x25519'],
  ['P-256', 'secp256r1'],
  ['P-384', 'secp384r1'],
  ['P-521', 'secp521r1'],
];
const SCHEMES = [
  ...['rsa_pss_rsae_sha256', 'rsa_pss_rsae_sha512', 'rsa_pkcs1_sha256', 'rsa_pkcs1_sha512', 'rsa_pkcs1_sha1'],
  ...['ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384'],
];
const EVERY: Omit<Offer, 'versions' | 'name'> = {
  suites: [...TLS13, ...SUITES.map(([, iana]) => iana)],
  groups: GROUPS.map(([, iana]) => iana),
  schemes: SCHEMES,
  hasCertificate: true,
  hasHeader: false,
};
const VERSIONS = ['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'] as const;

/** The key is encrypted to the server's, and nothing is signed. */
const ENCRYPTED = { versions: ['TLS 1.2'], suites: ['TLS_RSA_WITH_AES_128_GCM_SHA256'] } as const;

/** Offers that differ in one thing each, for the names given. */
const offersFor = (names: readonly (string | null)[], schemes: readonly string[]): Offer[] =>
  names.flatMap((name) => [
    ...VERSIONS.map((version) => ({ ...EVERY, versions: [version], name })),
    { ...EVERY, versions: ['TLS 1.2'] as const, name, hasCertificate: false },
    { ...EVERY, versions: ['TLS 1.3'] as const, name, hasCertificate: false },
    ...SUITES.map(([, iana]) => ({ ...EVERY, versions: ['TLS 1.2'] as const, suites: [iana], name })),
    ...TLS13.map((suite) => ({ ...EVERY, versions: ['TLS 1.3'] as const, suites: [suite], name })),
    ...GROUPS.map(([, iana]) => ({ ...EVERY, versions: ['TLS 1.3'] as const, groups: [iana], name })),
    ...GROUPS.map(([, iana]) => ({ ...EVERY, versions: ['TLS 1.2'] as const, groups: [iana], name })),
    ...schemes.map((scheme) => ({ ...EVERY, versions: ['TLS 1.3'] as const, schemes: [scheme], name })),
    ...schemes.map((scheme) => ({ ...EVERY, versions: ['TLS 1.2'] as const, schemes: [scheme], name })),
    ...schemes.map((scheme) => ({ ...EVERY, ...ENCRYPTED, schemes: [scheme], name })),
  ]);

/** What a load balancer says of the client before TLS. */
const PROXY_HEADER = 'PROXY TCP4 192.0.2.10 198.51.100.20 40000 443\r\n';

/** Whether a server at a port takes an offer. */
function isTaken(port: number, offer: Offer): Promise<boolean> {
  const { versions, suites, groups, schemes, name, hasCertificate, hasHeader } = offer;
  const opensslOf = (pairs: readonly (readonly [string, string])[], wanted: readonly string[]): string[] =>
    pairs.filter(([, iana]) => wanted.includes(iana)).map(([openssl]) => openssl);
  const version = (versions[0]?.replace('TLS ', 'TLSv').replace('v1.0', 'v1') ?? '') as SecureVersion;
  const ciphers =
    version === 'TLSv1.3'
      ? suites.filter((suite) => TLS13.includes(suite)).join(':')
      : `${opensslOf(SUITES, suites).join(':')}:@SECLEVEL=0`;
  return new Promise((resolve) => {
    const transport = connect(port, '127.0.0.1');
    if (hasHeader) transport.write(PROXY_HEADER);
    const socket = connectTls({
      ...{ socket: transport, servername: name ?? '', rejectUnauthorized: false, ciphers },
      ...{ minVersion: version, maxVersion: version, ecdhCurve: opensslOf(GROUPS, groups).join(':') },
      sigalgs: schemes.map((scheme) => (scheme === 'rsa_pkcs1_sha1' ? 'RSA+SHA1' : scheme)).join(':'),
      ...(hasCertificate ? { key: readFileSync(path('client.pem')), cert: readFileSync(path('client.pem')) } : {}),
    });
    const end = (isGood: boolean): void => {
      socket.destroy();
      transport.destroy();
      resolve(isGood);
    };
    // In TLS 1.3, a server refuses the client's certificate after the handshake: it answers, or not.
    socket.once('secureConnect', () => socket.write(`GET / HTTP/1.0\r\nHost: ${name ?? 'x'}\r\n\r\n`));
    // nginx completes the handshake without the certificate that it wants, and says so in its answer.
    socket.once('data', (answer: Buffer) => {
      end(!answer.toString('latin1').startsWith('HTTP/1.1 400'));
    });
    socket.once('error', () => {
      end(false);
    });
    socket.once('close', () => {
      end(false);
    });
    socket.setTimeout(5000, () => {
      end(false);
    });
  });
}

/** The header as a capture shows it. */
const PREAMBLE = {
  kind: 'proxy-protocol',
  state: 'announced',
  steps: [],
  target: null,
  originalClient: null,
  reply: null,
  next: null,
} as const;

interface Case {
  readonly title: string;
  readonly server: 'nginx' | 'apache2' | 'haproxy' | 'openssl';
  /** Of the main file, and of others by name; PORT and DIR are filled in. */
  readonly main: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly names?: readonly (string | null)[];
  /** Whether all is offered with a PROXY header too. */
  readonly hasHeaders?: boolean;
  /** Whether signature schemes are offered one by one too; by default, if the file names some. */
  readonly hasSchemes?: boolean;
  /** The least share of offers of which the files tell. */
  readonly told: number;
}

const nginx = (title: string, http: string, told: number, more: Partial<Case> = {}): Case => {
  const main = `error_log DIR/error.log; pid DIR/pid; events { }
http {
  access_log off;
  ssl_certificate DIR/server.pem; ssl_certificate_key DIR/server.pem;
  ${http}
}`;
  return { title, server: 'nginx', main, told, ...more };
};
const httpd = (title: string, body: string, told: number, more: Partial<Case> = {}): Case => {
  const modules = ['mpm_event', 'authz_core', 'socache_shmcb', 'ssl', 'macro'];
  const main = `ServerRoot DIR
PidFile DIR/httpd.pid
ErrorLog DIR/error.log
ServerName localhost
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
Listen 127.0.0.1:PORT
SSLCertificateFile DIR/server.pem
SSLCACertificateFile DIR/client.pem
${body}`;
  return { title, server: 'apache2', main, told, ...more };
};
const host = (inside: string, name = 'a.example'): string =>
  `<VirtualHost *:PORT>\nServerName ${name}\nSSLEngine on\n${inside}\n</VirtualHost>\n`;
const haproxy = (
  title: string,
  bind: string,
  told: number,
  more: Partial<Case> & { readonly global?: string } = {},
): Case => {
  const main = `global
  crt-base DIR
  ${more.global ?? ''}
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend web
  bind 127.0.0.1:PORT ssl ${bind}
  http-request return status 200
`;
  return { title, server: 'haproxy', main, told, ...more };
};

/** What `openssl s_server` starts from, which sets nothing itself. */
const opensslCnf = (title: string, settings: string, told: number, more: Partial<Case> = {}): Case => {
  const main = `openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = tls
[tls]
${settings}
`;
  return { title, server: 'openssl', main, told, ...more };
};

const CASES: readonly Case[] = [
  opensslCnf(
    'versions, suites, groups',
    'MinProtocol = TLSv1.1\nMaxProtocol = TLSv1.2\nCipherString = ECDHE+AESGCM:AES256-SHA:@SECLEVEL=0\nGroups = P-384:P-256',
    0.95,
  ),
  opensslCnf(
    'a least version, and suites of a security level',
    'MinProtocol = TLSv1.2\nCipherString = DEFAULT@SECLEVEL=2',
    0.6,
  ),
  opensslCnf(
    'all that there is, and suites of TLS 1.3',
    'MinProtocol = TLSv1\nCipherString = ALL:NULL:@SECLEVEL=0\nCiphersuites = TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256',
    0.6,
  ),
  opensslCnf(
    'a list of versions, signature schemes, and a file that is included',
    'Protocol = ALL,-TLSv1,-TLSv1.3\n.include DIR/more.cnf\nSignatureAlgorithms = RSA+SHA256:RSA-PSS+SHA512',
    0.8,
    { files: { 'more.cnf': '[tls]\nCipherString = ECDHE:kRSA:@SECLEVEL=1\n' } },
  ),
  opensslCnf(
    'of two lines of a name the second counts',
    '1.MinProtocol = TLSv1.3\n2.MinProtocol = TLSv1.2\nMaxProtocol = TLSv1.2\nCipherString = AES256-SHA\nCipherString = ECDHE+AESGCM',
    0.9,
  ),
  nginx(
    'versions, suites, curves',
    'server { listen 127.0.0.1:PORT ssl; ssl_protocols TLSv1.1 TLSv1.2; ssl_ciphers ECDHE+AESGCM:AES256-SHA:@SECLEVEL=0; ssl_ecdh_curve prime256v1; }',
    0.95,
  ),
  nginx('nothing set', 'server { listen 127.0.0.1:PORT ssl; }', 0.2),
  nginx(
    'commands of OpenSSL, and suites that the security level keeps out',
    'ssl_conf_command MinProtocol TLSv1.2; ssl_conf_command Ciphersuites TLS_AES_128_CCM_SHA256; ssl_conf_command Groups P-384; server { listen 127.0.0.1:PORT ssl; ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:NULL:@SECLEVEL=1; }',
    0.9,
  ),
  nginx(
    'settings by name, a name that is rejected, a file that is included',
    `server { listen 127.0.0.1:PORT ssl default_server; ssl_reject_handshake on; ssl_protocols TLSv1.2; }
     server { listen 127.0.0.1:PORT ssl; server_name *.b.example; include tls.inc; }
     server { listen 127.0.0.1:PORT ssl; server_name *.a.b.example; ssl_ciphers AES128-GCM-SHA256; }`,
    0.75,
    { files: { 'tls.inc': 'ssl_ciphers AES256-SHA;' }, names: ['x.b.example', 'x.a.b.example', 'c.example', null] },
  ),
  nginx(
    'signature schemes by name',
    `ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0;
     server { listen 127.0.0.1:PORT ssl; server_name a.example; ssl_conf_command SignatureAlgorithms RSA+SHA512:ECDSA+SHA256:RSA+SHA1; }
     server { listen 127.0.0.1:PORT ssl; server_name b.example; ssl_conf_command SignatureAlgorithms RSA-PSS+SHA256:rsa_pkcs1_sha256; }
     server { listen 127.0.0.1:PORT ssl; server_name c.example; ssl_conf_command SignatureAlgorithms ecdsa_secp256r1_sha256:ed25519; }`,
    0.8,
    { names: ['a.example', 'b.example', 'c.example'] },
  ),
  nginx(
    'signature schemes of clients',
    `ssl_verify_client on; ssl_client_certificate DIR/client.pem; ssl_ciphers ECDHE+AESGCM;
     server { listen 127.0.0.1:PORT ssl; server_name a.example; ssl_conf_command ClientSignatureAlgorithms ECDSA+SHA256; }
     server { listen 127.0.0.1:PORT ssl; server_name b.example; ssl_conf_command ClientSignatureAlgorithms RSA+SHA512; }
     server { listen 127.0.0.1:PORT ssl; server_name c.example; ssl_conf_command ClientSignatureAlgorithms RSA-PSS+SHA256:RSA+SHA256; ssl_conf_command SignatureAlgorithms RSA-PSS+SHA512:RSA+SHA512; }`,
    0.6,
    { names: ['a.example', 'b.example', 'c.example'] },
  ),
  httpd(
    'signature schemes by name, also of clients',
    host('SSLProtocol TLSv1.2 TLSv1.3\nSSLOpenSSLConfCmd SignatureAlgorithms RSA-PSS+SHA256:RSA+SHA512') +
      host('SSLOpenSSLConfCmd SignatureAlgorithms RSA+SHA256', 'b.example') +
      host('SSLVerifyClient require\nSSLOpenSSLConfCmd ClientSignatureAlgorithms ECDSA+SHA256', 'c.example'),
    0.6,
    { names: ['a.example', 'b.example', 'c.example'] },
  ),
  httpd('versions, suites', host('SSLProtocol all -TLSv1 -TLSv1.1 -TLSv1.3\nSSLCipherSuite HIGH:!aNULL:!kRSA'), 0.9),
  httpd(
    'settings by name, client certificates',
    host('SSLProtocol TLSv1.2\nSSLVerifyClient require') +
      host('SSLProtocol TLSv1.2\nSSLCipherSuite AES256-SHA', 'b.example'),
    0.75,
    { names: ['a.example', 'b.example', 'c.example'] },
  ),
  httpd(
    'variables, macros, and commands of OpenSSL',
    `Define LEAST TLSv1.2
<Macro Host $name>
${host('SSLOpenSSLConfCmd MinProtocol ${LEAST}\nSSLOpenSSLConfCmd MaxProtocol TLSv1.2\nSSLOpenSSLConfCmd Groups P-384\nSSLCipherSuite ECDHE+AESGCM', '$name')}
</Macro>
SSLProtocol all
Use Host a.example`,
    0.9,
  ),
  haproxy('limits, which come before what is switched off', 'crt server.pem no-tlsv13 curves secp384r1', 0.6, {
    global: 'ssl-default-bind-options ssl-min-ver TLSv1.2\n  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256',
  }),
  haproxy(
    'variables, client certificates',
    'crt server.pem ciphers "${SUITES}" ssl-max-ver TLSv1.2 ssl-min-ver TLSv1.2 verify required ca-file DIR/client.pem',
    0.9,
    {
      global: 'setenv SUITES ECDHE+AESGCM:AES256-SHA',
    },
  ),
  nginx(
    'a PROXY header, which one listener of the port demands of all',
    `server { listen 127.0.0.1:PORT ssl proxy_protocol; server_name a.example; ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM; }
     server { listen 127.0.0.1:PORT ssl; server_name b.example; ssl_protocols TLSv1.2; ssl_ciphers AES256-SHA; }`,
    0.9,
    { names: ['a.example', 'b.example'], hasHeaders: true },
  ),
  nginx('no PROXY header', 'server { listen 127.0.0.1:PORT ssl; ssl_protocols TLSv1.3; }', 0.6, { hasHeaders: true }),
  httpd(
    'a PROXY header',
    `LoadModule remoteip_module /usr/lib/apache2/modules/mod_remoteip.so\nRemoteIPProxyProtocol On\n${host('SSLProtocol TLSv1.2\nSSLCipherSuite ECDHE+AESGCM')}`,
    0.6,
    { hasHeaders: true },
  ),
  haproxy(
    'a PROXY header',
    'crt server.pem accept-proxy ssl-max-ver TLSv1.2 ssl-min-ver TLSv1.2 ciphers AES256-SHA',
    0.9,
    {
      hasHeaders: true,
    },
  ),
  haproxy('no PROXY header', 'crt server.pem ssl-min-ver TLSv1.3', 0.5, { hasHeaders: true }),
  haproxy('a list of certificates, names that are rejected', 'crt-list DIR/list strict-sni', 0.7, {
    files: {
      list: 'server.pem [ssl-min-ver TLSv1.3] a.example\nserver.pem [ssl-max-ver TLSv1.2 ciphers AES128-GCM-SHA256] *.b.example !c.b.example\nserver.pem\n',
    },
    names: ['a.example', 'x.b.example', 'c.b.example', 'www.example', 'other.example', null],
    global: 'ssl-default-bind-options ssl-min-ver TLSv1.2',
  }),
  haproxy('a bundle: a certificate for each kind of key', 'crt bundle.pem', 0.6, {
    hasSchemes: true,
    names: ['a.example', 'www.example'],
    global: 'ssl-default-bind-options ssl-min-ver TLSv1.2\n  ssl-default-bind-ciphers ALL:@SECLEVEL=0',
  }),
  haproxy('a list with a bundle, names that are rejected', 'crt-list DIR/bundles strict-sni', 0.6, {
    files: { bundles: 'bundle.pem a.example\n' },
    names: ['a.example', 'www.example'],
    global: 'ssl-default-bind-options ssl-min-ver TLSv1.2\n  ssl-default-bind-ciphers ALL:@SECLEVEL=0',
  }),
  haproxy('a list with two kinds of keys for a name', 'crt-list DIR/kinds', 0.55, {
    files: { kinds: 'server.pem www.example\nserver.pem a.example\necdsa.pem a.example\n' },
    hasSchemes: true,
    names: ['a.example', 'www.example'],
    global: 'ssl-default-bind-options ssl-min-ver TLSv1.2\n  ssl-default-bind-ciphers ALL:@SECLEVEL=0',
  }),
];

/** How a configuration is checked, and the server started; the file stands behind, or for OpenSSL in the environment. */
const START: Readonly<Record<Case['server'], readonly [check: readonly string[], run: readonly string[]]>> = {
  openssl: [['ciphers'], ['s_server', '-www', '-quiet', '-cert', 'DIR/server.pem', '-accept', '127.0.0.1:PORT']],
  nginx: [
    ['-t', '-q', '-c'],
    ['-g', 'daemon off;', '-c'],
  ],
  apache2: [
    ['-t', '-f'],
    ['-X', '-f'],
  ],
  haproxy: [
    ['-c', '-q', '-f'],
    ['-db', '-f'],
  ],
};

/** Runs a server for as long as `use` needs it. */
async function whileRunning(
  [file = '', ...args]: readonly string[],
  port: number,
  use: () => Promise<void> | void,
  env = process.env,
): Promise<void> {
  const running = spawn(file, args, { stdio: 'ignore', env });
  const exited = once(running, 'exit');
  try {
    for (let tries = 0; tries < 200 && !(await isOpen(port)); tries++) await wait(50);
    assert.ok(await isOpen(port), 'the server does not start');
    await use();
  } finally {
    running.kill();
    // The next one would find its files in use.
    await exited;
  }
}

/** Writes a server's configuration for a port, and gives its path; the servers here ask for no authority but their own. */
function written(name: Case['server'], main: string, port: number): string {
  const config = main.replaceAll('PORT', String(port)).replaceAll('DIR', folder);
  writeFileSync(path(name), config.replace(/^SSLCACertificateFile .*client\.pem\n/m, ''));
  return path(name);
}

const hasOpenssl = program('openssl') !== null;
describe(
  'real servers accept what their configurations are said to accept',
  { skip: !hasOpenssl && 'openssl is not installed' },
  () => {
    if (!hasOpenssl) return;
    for (const [file, names] of [
      ['server.pem', 'DNS:www.example'],
      ['client.pem', 'DNS:client'],
    ] as const) {
      const made = spawnSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-keyout',
          '-',
          '-subj',
          '/CN=www.example',
          '-addext',
          `subjectAltName=${names}`,
          '-days',
          '30',
        ],
        { encoding: 'utf8' },
      );
      writeFileSync(path(file), made.stdout);
    }
    const elliptic = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-addext',
      'subjectAltName=DNS:a.example',
    ];
    const more = ['-x509', '-nodes', '-keyout', '-', '-subj', '/CN=a.example', '-days', '30'];
    const made = spawnSync('openssl', ['req', ...elliptic, ...more], { encoding: 'utf8' });
    writeFileSync(path('ecdsa.pem'), made.stdout);
    writeFileSync(path('bundle.pem.ecdsa'), made.stdout);
    writeFileSync(path('bundle.pem.rsa'), readFileSync(path('server.pem')));
    const [der = new Uint8Array()] = pemCertificates(readFileSync(path('server.pem'), 'utf8'));
    const server = parseCertificate(der);
    const client = parseCertificate(pemCertificates(readFileSync(path('client.pem'), 'utf8'))[0] ?? der);

    for (const one of CASES) {
      const { title, server: name, main, files = {}, names = ['a.example'], told } = one;
      const { hasHeaders = false, hasSchemes = main.includes('SignatureAlgorithms') } = one;
      const file = program(name);
      test(`${name}: ${title}`, { skip: file === null && `${name} is not installed` }, async () => {
        if (file === null) return;
        const port = await freePort();
        const filled = (text: string): string => text.replaceAll('PORT', String(port)).replaceAll('DIR', folder);
        for (const [other, text] of Object.entries({ ...files, [name]: main }))
          writeFileSync(path(other), filled(text));
        const [check, run] = START[name];
        const environment = { ...process.env, OPENSSL_CONF: path(name) };
        const [before, behind] = name === 'openssl' ? [environment, []] : [process.env, [path(name)]];
        const checked = spawnSync(file, [...check, ...behind], { encoding: 'utf8', env: before });
        assert.equal(checked.status, 0, checked.stderr);
        const serverConfiguration = await readConfiguration(path(name));
        const ends = { clientTrusts: null, serverTrusts: null, serverCertificates: null, clientConfiguration: null };
        const whatIf = (offer: Offer): string => {
          const context = createContext(trusting());
          const judge = createWhatIf(
            { path: name, kind: 'configuration', ends: { ...ends, serverConfiguration } },
            context,
            trusting(),
          );
          const [version = 'TLS 1.2'] = offer.versions;
          const shown = connection({
            clientHello: {
              supportedVersions: offer.versions,
              extensions: version === 'TLS 1.3' ? ['supported_versions', 'supported_groups'] : ['supported_groups'],
              cipherSuites: offer.suites,
              supportedGroups: offer.groups,
              signatureSchemes: offer.schemes,
              serverName: offer.name,
            },
            server: { address: '127.0.0.1', port },
            serverHello: { version, cipherSuite: 'TLS_FALLBACK_SCSV' },
            serverCertificates: [server],
            clientCertificates: offer.hasCertificate ? [client] : [],
            preamble: offer.hasHeader ? PREAMBLE : null,
          });
          judge.add({ connection: shown, cause: null } as Parameters<typeof judge.add>[0]);
          return judge.result().groups[0]?.would ?? 'unknown';
        };
        const command = [file, ...run.map(filled), ...behind];
        await whileRunning(
          command,
          port,
          async () => {
            const plain = offersFor(names, hasSchemes ? SCHEMES : []);
            const offers = hasHeaders ? plain.flatMap((one) => [one, { ...one, hasHeader: true }]) : plain;
            let known = 0;
            for (const offer of offers) {
              const would = whatIf(offer);
              if (would === 'unknown') continue;
              known++;
              assert.equal(would, (await isTaken(port, offer)) ? 'work' : 'fail', JSON.stringify(offer));
            }
            assert.ok(known >= told * offers.length, `tells of ${known} of ${offers.length} offers`);
          },
          before,
        );
      });
    }
  },
);

/** A configuration with the files that it names, and what each name gets of it: `leaf`, `other` with or without the authority behind them. */
interface ChainCase {
  readonly title: string;
  readonly server: Case['server'];
  readonly main: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, readonly string[]>>;
}

const CHAINS: readonly ChainCase[] = [
  {
    ...nginx(
      'the file of the certificate has its chain',
      `server { listen 127.0.0.1:PORT ssl default_server; ssl_certificate DIR/chain.pem; ssl_certificate_key DIR/leaf.pem; }
       server { listen 127.0.0.1:PORT ssl; server_name other.example; ssl_certificate DIR/other.pem; ssl_certificate_key DIR/other.pem; }`,
      0,
    ),
    expected: { 'leaf.example': ['leaf', 'authority'], 'other.example': ['other'] },
  },
  {
    ...httpd(
      'a file of the chain',
      host('SSLCertificateFile DIR/leaf.pem\nSSLCertificateChainFile DIR/authority.pem', 'leaf.example') +
        host('SSLCertificateFile DIR/other.pem', 'other.example'),
      0,
    ),
    expected: { 'leaf.example': ['leaf', 'authority'], 'other.example': ['other'] },
  },
  {
    ...haproxy('issuers-chain-path: chains of those that have none', 'crt leaf.pem', 0, {
      global: 'issuers-chain-path DIR/issuers',
    }),
    expected: { 'leaf.example': ['leaf', 'authority', 'server'] },
  },
  {
    ...haproxy(
      'issuers-chain-path, strict-sni: certificates of others and those with a chain stay as they are',
      'crt chain.pem crt other.pem strict-sni',
      0,
      {
        global: 'issuers-chain-path DIR/issuers',
      },
    ),
    expected: { 'leaf.example': ['leaf', 'authority'], 'other.example': ['other'] },
  },
  {
    ...haproxy('a list of certificates, under names of its own', 'crt-list DIR/list', 0, {
      files: { list: 'chain.pem a.example\nother.pem [ssl-min-ver TLSv1.2] *.b.example\nleaf.pem\n' },
    }),
    expected: { 'a.example': ['leaf', 'authority'], 'x.b.example': ['other'], 'leaf.example': ['leaf'] },
  },
];

describe(
  'real servers send the chains that their configurations are said to send',
  { skip: !hasOpenssl && 'openssl is not installed' },
  () => {
    if (!hasOpenssl) return;
    const openssl = (line: string): string => {
      const { status, stdout, stderr } = spawnSync('openssl', line.split(' '), { cwd: folder, encoding: 'utf8' });
      assert.equal(status, 0, `openssl ${line}: ${stderr}`);
      return stdout;
    };
    const pem = (name: string): string => readFileSync(path(name), 'utf8');
    openssl('req -x509 -newkey rsa:2048 -nodes -keyout authority.key -out authority.pem -days 30 -subj /CN=Authority');
    for (const name of ['leaf', 'other']) {
      writeFileSync(
        path(`${name}.cnf`),
        `subjectAltName=DNS:${name}.example\nauthorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n`,
      );
      openssl(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}.example`);
    }
    openssl(
      'x509 -req -in leaf.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 30 -out leaf.crt -extfile leaf.cnf',
    );
    // Signed by itself: the authority has not issued it.
    openssl('x509 -req -in other.csr -signkey other.key -days 30 -out other.crt -extfile other.cnf');
    for (const name of ['leaf', 'other']) writeFileSync(path(`${name}.pem`), pem(`${name}.crt`) + pem(`${name}.key`));
    writeFileSync(path('chain.pem'), pem('leaf.crt') + pem('authority.pem') + pem('leaf.key'));
    mkdirSync(path('issuers'));
    // What is in its file goes with it, whatever it is.
    writeFileSync(
      path('issuers/authority.pem'),
      pem('authority.pem') + pem('server.pem').replace(/-----BEGIN PRIVATE[^]*?-----END PRIVATE KEY-----\n/, ''),
    );
    const nameOf = (der: Uint8Array): string => {
      const { sha256 } = parseCertificate(der);
      const names = { leaf: 'leaf.crt', other: 'other.crt', authority: 'authority.pem', server: 'server.pem' };
      const found = Object.entries(names).find(([, file]) =>
        pemCertificates(pem(file)).some((one) => parseCertificate(one).sha256 === sha256),
      );
      return found?.[0] ?? sha256;
    };

    for (const { title, server: name, main, files = {}, expected } of CHAINS) {
      const file = program(name);
      test(`${name}: ${title}`, { skip: file === null && `${name} is not installed` }, async () => {
        if (file === null) return;
        const port = await freePort();
        const filled = (text: string): string => text.replaceAll('PORT', String(port)).replaceAll('DIR', folder);
        for (const [other, text] of Object.entries({ ...files, [name]: main }))
          writeFileSync(path(other), filled(text));
        const [check, run] = START[name];
        const checked = spawnSync(file, [...check, path(name)], { encoding: 'utf8' });
        assert.equal(checked.status, 0, checked.stderr);
        const configuration = await readConfiguration(path(name));
        await whileRunning([file, ...run, path(name)], port, () => {
          for (const [asked, chain] of Object.entries(expected)) {
            const found = serviceFor(configuration, { address: '127.0.0.1', port }, asked);
            const [leaf, ...rest] = found?.service.certificates ?? [];
            assert.ok(leaf !== undefined && rest.length === 0, asked);
            const said = (configuration.chains.get(leaf) ?? [leaf]).map(({ der }) => nameOf(der));
            const { stdout } = spawnSync(
              'openssl',
              ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', asked, '-showcerts'],
              { input: '', encoding: 'utf8' },
            );
            assert.deepEqual([said, pemCertificates(stdout).map(nameOf)], [chain, chain], asked);
          }
        });
      });
    }
  },
);

describe(
  'real servers that trust an issuing certificate, and not the root above it, refuse clients as their configurations say',
  { skip: !hasOpenssl && 'openssl is not installed' },
  () => {
    if (!hasOpenssl) return;
    const made = (line: string): void => {
      const { status, stderr } = spawnSync('openssl', line.split(' '), { cwd: folder, encoding: 'utf8' });
      assert.equal(status, 0, `openssl ${line}: ${stderr}`);
    };
    for (const [name, issuer] of [
      ['top', 'top'],
      ['issuing', 'top'],
      ['device', 'issuing'],
    ] as const) {
      made(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
      writeFileSync(path(`${name}.cnf`), `basicConstraints=CA:${name === 'device' ? 'FALSE' : 'TRUE'}\n`);
      const by = issuer === name ? `-signkey ${name}.key` : `-CA ${issuer}.pem -CAkey ${issuer}.key -CAcreateserial`;
      made(`x509 -req -in ${name}.csr ${by} -days 30 -extfile ${name}.cnf -out ${name}.pem`);
    }
    const chain = ['device', 'issuing'].map((name) => readFileSync(path(`${name}.pem`), 'utf8'));
    const certificates = chain.flatMap((text) => pemCertificates(text)).map((der) => parseCertificate(der));
    writeFileSync(path('device-chain.pem'), chain.join(''));
    writeFileSync(path('both.pem'), readFileSync(path('issuing.pem'), 'utf8') + readFileSync(path('top.pem'), 'utf8'));

    const cases = (anchors: string): readonly Case[] => [
      nginx(
        anchors,
        `server { listen 127.0.0.1:PORT ssl; ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM; ssl_verify_client on; ssl_client_certificate DIR/${anchors}; }`,
        1,
      ),
      httpd(
        anchors,
        host(
          `SSLProtocol TLSv1.2\nSSLCipherSuite ECDHE+AESGCM\nSSLVerifyClient require\nSSLVerifyDepth 5\nSSLCACertificateFile DIR/${anchors}`,
        ),
        1,
      ),
      haproxy(
        anchors,
        `crt server.pem ssl-max-ver TLSv1.2 ssl-min-ver TLSv1.2 ciphers ECDHE+AESGCM verify required ca-file DIR/${anchors}`,
        1,
      ),
    ];
    for (const { title, server: name, main } of [...cases('issuing.pem'), ...cases('both.pem')]) {
      const file = program(name);
      test(`${name}: ${title}`, { skip: file === null && `${name} is not installed` }, async () => {
        if (file === null) return;
        const port = await freePort();
        await whileRunning([file, ...START[name][1], written(name, main, port)], port, async () => {
          const answer = await answerTo(port, path('device-chain.pem'), path('device.key'));
          const told = await judgedBy(path(name), port, certificates);
          const refused = name === 'nginx' ? 'requests-refused' : 'intermediate-anchor';
          const expected = title === 'both.pem' ? ['work fits', 'answered'] : [`fail ${refused}`, 'refused'];
          assert.deepEqual([told, answer], expected);
        });
      });
    }
  },
);

describe(
  "real servers take clients' certificates as their configurations are said to",
  { skip: !hasOpenssl && 'openssl is not installed' },
  () => {
    if (!hasOpenssl) return;
    const openssl = (line: string): void => {
      const { status, stderr } = spawnSync('openssl', line.split(' '), { cwd: folder, encoding: 'utf8' });
      assert.equal(status, 0, `openssl ${line}: ${stderr}`);
    };
    /** Each client shows its certificate, and those above it but the root. */
    const clients: Readonly<Record<string, readonly string[]>> = {
      none: [],
      'by-root': [],
      'by-first': ['first'],
      'by-second': ['second', 'first'],
      stranger: [],
      'below-stranger': ['stranger-first'],
      itself: [],
      ended: [],
    };
    writeFileSync(path('authority.cnf'), 'basicConstraints=critical,CA:TRUE\n');
    writeFileSync(path('end.cnf'), 'basicConstraints=CA:FALSE\n');
    for (const [name, issuer] of [
      ['roots', 'roots'],
      ['first', 'roots'],
      ['second', 'first'],
      ['strange', 'strange'],
      ['stranger-first', 'strange'],
      ['by-root', 'roots'],
      ['by-first', 'first'],
      ['by-second', 'second'],
      ['stranger', 'strange'],
      ['below-stranger', 'stranger-first'],
      ['itself', 'itself'],
      ['ended', 'roots'],
    ] as const) {
      openssl(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
      const by = issuer === name ? `-signkey ${name}.key` : `-CA ${issuer}.pem -CAkey ${issuer}.key -CAcreateserial`;
      const extensions = name in clients ? 'end.cnf' : 'authority.cnf';
      openssl(`x509 -req -in ${name}.csr ${by} -days 30 -extfile ${extensions} -out ${name}.pem`);
    }
    writeFileSync(path('index.txt'), '');
    writeFileSync(
      path('ca.cnf'),
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${path('index.txt')}\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=any\nrand_serial=yes\n[any]\ncommonName=supplied\n`,
    );
    const dates = '-startdate 20200101000000Z -enddate 20210101000000Z -extfile end.cnf';
    openssl(
      `ca -batch -notext -config ca.cnf -cert roots.pem -keyfile roots.key -in ended.csr -out ended.pem ${dates}`,
    );
    const pem = (name: string): string => readFileSync(path(`${name}.pem`), 'utf8');
    writeFileSync(path('all-roots.pem'), pem('roots') + pem('first') + pem('second'));
    const chainOf = (name: string): string =>
      name === 'none' ? '' : [name, ...(clients[name] ?? [])].map((one) => pem(one)).join('');

    const ofNginx = (directives: string, anchors = 'roots.pem'): Case =>
      nginx(
        `${directives} ${anchors}`,
        `server { listen 127.0.0.1:PORT ssl; ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM; ssl_client_certificate DIR/${anchors}; ${directives} }`,
        1,
      );
    const ofHttpd = (directives: string, anchors = 'roots.pem'): Case =>
      httpd(
        `${directives.replaceAll('\n', ', ')} ${anchors}`,
        host(`SSLProtocol TLSv1.2\nSSLCipherSuite ECDHE+AESGCM\n${directives}\nSSLCACertificateFile DIR/${anchors}`),
        1,
      );
    const ofHaproxy = (options: string): Case =>
      haproxy(
        options,
        `crt server.pem ssl-max-ver TLSv1.2 ssl-min-ver TLSv1.2 ciphers ECDHE+AESGCM ca-file DIR/roots.pem ${options}`,
        1,
      );
    for (const { title, server: name, main } of [
      ofNginx('ssl_verify_client on;'),
      ofNginx('ssl_verify_client on;', 'all-roots.pem'),
      ofNginx('ssl_verify_client on; ssl_verify_depth 0;'),
      ofNginx('ssl_verify_client on; ssl_verify_depth 2;'),
      ofNginx('ssl_verify_client optional;'),
      ofNginx('ssl_verify_client optional_no_ca;'),
      ofHttpd('SSLVerifyClient require'),
      ofHttpd('SSLVerifyClient require\nSSLVerifyDepth 2', 'all-roots.pem'),
      ofHttpd('SSLVerifyClient require\nSSLVerifyDepth 3'),
      ofHttpd('SSLVerifyClient optional\nSSLVerifyDepth 2'),
      ofHttpd('SSLVerifyClient optional_no_ca'),
      ofHaproxy('verify required'),
      ofHaproxy('verify optional'),
      ofHaproxy('verify optional ca-ignore-err all crt-ignore-err all'),
      ofHaproxy('verify optional crt-ignore-err 20'),
    ]) {
      const file = program(name);
      test(`${name}: ${title}`, { skip: file === null && `${name} is not installed` }, async () => {
        if (file === null) return;
        const port = await freePort();
        await whileRunning([file, ...START[name][1], written(name, main, port)], port, async () => {
          let known = 0;
          for (const client of Object.keys(clients)) {
            const chain = chainOf(client);
            writeFileSync(path('client-chain.pem'), chain);
            const certificates = pemCertificates(chain).map((der) => parseCertificate(der));
            const told = await judgedBy(path(name), port, certificates);
            if (told.startsWith('unknown')) continue;
            known++;
            const key = client === 'none' ? null : path(`${client}.key`);
            const answer = await answerTo(port, path('client-chain.pem'), key);
            assert.equal(answer, told.startsWith('work') ? 'answered' : 'refused', `${client}: ${told}`);
          }
          // Of a client that shows nothing, and is asked only now, nothing is told; nor are codes of errors read.
          assert.ok(known >= (title.includes('crt-ignore-err 20') ? 3 : 7), `tells of ${known} clients`);
        });
      });
    }
  },
);

/** What becomes of a request of a client with that certificate; nginx completes the handshake all the same. */
function answerTo(port: number, cert: string, key: string | null): Promise<'answered' | 'refused' | 'nothing'> {
  return new Promise((resolve) => {
    const socket = connectTls({
      ...{ host: '127.0.0.1', port, servername: 'a.example', rejectUnauthorized: false, maxVersion: 'TLSv1.2' },
      ...(key === null ? {} : { key: readFileSync(key), cert: readFileSync(cert) }),
    });
    socket.once('secureConnect', () => socket.write('GET / HTTP/1.0\r\nHost: a.example\r\n\r\n'));
    socket.once('data', (answer: Buffer) => {
      resolve(answer.toString('latin1').startsWith('HTTP/1.1 400') ? 'refused' : 'answered');
      socket.destroy();
    });
    socket.once('error', () => {
      resolve('refused');
    });
    socket.setTimeout(5000, () => {
      resolve('nothing');
    });
  });
}

/** What is said of a client with these certificates and that configuration. */
async function judgedBy(file: string, port: number, clientCertificates: readonly Certificate[]): Promise<string> {
  const ends = { clientTrusts: null, serverTrusts: null, serverCertificates: null, clientConfiguration: null };
  const serverConfiguration = await readConfiguration(file);
  const other = { path: file, kind: 'configuration', ends: { ...ends, serverConfiguration } } as const;
  const judge = createWhatIf(other, createContext(trusting()), trusting());
  const [leaf] = serverConfiguration.services[0]?.certificates ?? [];
  const shown = connection({
    clientHello: {
      ...{ supportedVersions: ['TLS 1.2'], extensions: ['supported_versions'], supportedGroups: ['x25519'] },
      ...{ cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'], signatureSchemes: ['rsa_pss_rsae_sha256'] },
      serverName: 'a.example',
    },
    server: { address: '127.0.0.1', port },
    serverCertificates: leaf === undefined ? [] : [leaf],
    clientCertificates,
  });
  judge.add({ connection: shown, cause: null } as Parameters<typeof judge.add>[0]);
  const [group] = judge.result().groups;
  return `${group?.would ?? ''} ${group?.reason ?? ''}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .once('error', () => {
        resolve(false);
      });
  });
