// The programs that record.mjs watches: how each is built, asked for its version, and run as client and as server.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HOST } from './pki.mjs';

const here = import.meta.dirname;
const REQUEST = 'GET / HTTP/1.0\r\n\r\n';

/** What a command prints, or '' where there is no such program. */
function output(command, ...args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return error.code === 'ENOENT' ? '' : `${error.stdout}${error.stderr}`;
  }
}

/** The version in what a command prints, or null where there is no such program. */
export const version = (pattern, ...command) => pattern.exec(output(...command))?.[1] ?? null;
const debian = (name) =>
  version(/^([0-9.]+)/, 'dpkg-query', '-W', '-f', '${Version}'.replace('Version', 'source:Upstream-Version'), name);

/** A program in the folder named by an environment variable, as npm packages hold them. */
const from = (variable, name) => (process.env[variable] ? join(process.env[variable], name) : name);
const deno = from('DENO_DIR_BIN', 'deno');
const bun = from('BUN_DIR_BIN', 'bun');

/** What the environment tells a peer of ours to require of a ClientHello. */
const requirements = ({ alpn, only }) => ({
  ...(alpn ? { PEER_ALPN: 'http/1.1' } : {}),
  ...(only ? { PEER_ONLY: HOST } : {}),
});

/** Of Debian's libbotan-2-dev. */
const BOTAN_HEADERS = '/usr/include/botan-2';

const openssl = () => version(/^OpenSSL (\S+)/, 'openssl', 'version');

/**
 * Each: `stack`, the name of its file in src/knowledge/stacks/; `name`, of the program; `version()`, null where it is not
 * installed; `build(dir)`, once; `client({ dir, port })` and `server({ dir, port, clientCa, alpn, only, versions })`, the
 * command to run, or null where the program cannot be set so. A command is an array, or `{ command, stdin, env }`.
 */
export const SUBJECTS = [
  {
    stack: 'openssl',
    name: 's_client and s_server',
    version: () => `OpenSSL ${openssl()}`,
    client: ({ dir, port }) => ({
      command: [
        'openssl',
        's_client',
        '-connect',
        `${HOST}:${port}`,
        '-servername',
        HOST,
        '-verify_return_error',
        '-verify_hostname',
        HOST,
        '-CAfile',
        `${dir}/root.pem`,
        '-status',
        '-quiet',
      ],
      stdin: REQUEST,
    }),
    server: ({ dir, port, clientCa, alpn, only, versions }) => [
      'openssl',
      's_server',
      '-accept',
      String(port),
      '-WWW',
      '-cert',
      `${dir}/sound.pem`,
      '-key',
      `${dir}/sound.key`,
      '-cert_chain',
      `${dir}/sound.issuers.pem`,
      ...(clientCa ? ['-CAfile', `${dir}/client-root.pem`, '-Verify', '2', '-verify_return_error'] : []),
      ...(alpn ? ['-alpn', 'http/1.1'] : []),
      ...(only
        ? ['-servername', HOST, '-servername_fatal', '-cert2', `${dir}/sound.pem`, '-key2', `${dir}/sound.key`]
        : []),
      ...(versions ? [{ 1.2: '-tls1_2', 1.3: '-tls1_3' }[versions]] : []),
    ],
  },
  {
    stack: 'openssl',
    name: 'curl',
    version: () =>
      version(/^(curl \S+ .*OpenSSL\/\S+)/, 'curl', '--version')?.replace(
        /^(curl \S+) .*OpenSSL\/(\S+).*/,
        '$1, OpenSSL $2',
      ) ?? null,
    client: ({ dir, port }) => ['curl', '-sS', '--cacert', `${dir}/root.pem`, `https://${HOST}:${port}/`],
  },
  {
    stack: 'openssl',
    name: 'Python',
    version: () =>
      version(
        /^(.*)/,
        'python3',
        '-c',
        'import platform, ssl; print(f"Python {platform.python_version()}, " + " ".join(ssl.OPENSSL_VERSION.split()[:2]))',
      ),
    client: ({ dir, port }) => ['python3', join(here, 'python-client.py'), HOST, String(port), `${dir}/root.pem`],
  },
  {
    stack: 'openssl',
    name: 'Python, strict',
    version: () =>
      version(
        /^(.*)/,
        'python3',
        '-c',
        'import platform, ssl; print(f"Python {platform.python_version()} with VERIFY_X509_STRICT, " + " ".join(ssl.OPENSSL_VERSION.split()[:2]))',
      ),
    client: ({ dir, port }) => [
      'python3',
      join(here, 'python-client.py'),
      HOST,
      String(port),
      `${dir}/root.pem`,
      'strict',
    ],
  },
  {
    stack: 'gnutls',
    name: 'gnutls-cli and gnutls-serv',
    version: () => `GnuTLS ${version(/(\d+\.\d+\.\d+)/, 'gnutls-cli', '--version')}`,
    client: ({ dir, port }) => ({
      command: ['gnutls-cli', '--port', String(port), '--x509cafile', `${dir}/root.pem`, HOST],
      stdin: REQUEST,
      holdStdin: true,
    }),
    limitsGroups: true,
    server: ({ dir, port, clientCa, alpn, only, versions, groups }) => [
      'gnutls-serv',
      '--http',
      '--quiet',
      '--port',
      String(port),
      '--x509certfile',
      `${dir}/sound.chain.pem`,
      '--x509keyfile',
      `${dir}/sound.key`,
      ...(clientCa ? ['--x509cafile', `${dir}/client-root.pem`, '--require-client-cert', '--verify-client-cert'] : []),
      ...(alpn ? ['--alpn', 'http/1.1', '--alpn-fatal'] : []),
      ...(only ? ['--sni-hostname', HOST, '--sni-hostname-fatal'] : []),
      ...(versions ? ['--priority', `NORMAL:-VERS-ALL:+VERS-TLS${versions}`] : []),
      ...(groups ? ['--priority', 'NORMAL:-GROUP-ALL:+GROUP-SECP521R1'] : []),
    ],
  },
  {
    stack: 'nodejs',
    name: 'Node.js',
    version: () => `Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl.replace(/\+.*/, '')}`,
    client: ({ dir, port }) => [
      'node',
      join(here, 'node-client.mjs'),
      HOST,
      String(port),
      JSON.stringify({ caFile: `${dir}/root.pem` }),
    ],
    server: ({ dir, port, clientCa, alpn, only, versions }) => {
      const pair = { certFile: `${dir}/sound.chain.pem`, keyFile: `${dir}/sound.key` };
      return [
        'node',
        join(here, 'node-server.mjs'),
        String(port),
        JSON.stringify({
          ...(only ? { sni: { [HOST]: pair } } : pair),
          ...(clientCa ? { caFile: `${dir}/client-root.pem`, requestCert: true, rejectUnauthorized: true } : {}),
          ...(alpn ? { ALPNProtocols: ['http/1.1'] } : {}),
          ...(versions ? { minVersion: `TLSv${versions}`, maxVersion: `TLSv${versions}` } : {}),
        }),
      ];
    },
  },
  {
    stack: 'jsse',
    name: 'Java',
    version: () =>
      version(/(?:openjdk|java) version "([^"]+)"/, 'sh', '-c', 'java -version 2>&1')?.replace(/^/, 'OpenJDK ') ?? null,
    build: (dir) => execFileSync('javac', ['-d', dir, join(here, 'JavaPeer.java')]),
    client: ({ dir, port }) => [
      'java',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      dir,
      '-Djava.net.preferIPv4Stack=true',
      `-Dtrust=${dir}/root.trust.p12`,
      'JavaPeer',
      'client',
      HOST,
      String(port),
    ],
    server: ({ dir, port, clientCa, alpn, only, versions }) => [
      'java',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      dir,
      '-Djava.net.preferIPv4Stack=true',
      `-Dkeys=${dir}/sound.p12`,
      ...(clientCa ? [`-Dtrust=${dir}/client-root.trust.p12`, '-DclientAuth=true'] : []),
      ...(alpn ? ['-Dalpn=http/1.1'] : []),
      ...(only ? [`-Donly=${HOST}`] : []),
      ...(versions ? [`-Dprotocols=TLSv${versions}`] : []),
      'JavaPeer',
      'server',
      String(port),
    ],
  },
  {
    stack: 'go',
    name: 'Go',
    version: () => version(/go(\d[0-9.]*)/, 'go', 'version')?.replace(/^/, 'Go ') ?? null,
    build: (dir) =>
      execFileSync('go', ['build', '-o', `${dir}/go-peer`, join(here, 'go-peer.go')], {
        env: { ...process.env, GO111MODULE: 'off', GOCACHE: `${dir}/go-cache` },
      }),
    client: ({ dir, port }) => [`${dir}/go-peer`, 'client', '-ca', `${dir}/root.pem`, '-connect', `${HOST}:${port}`],
    server: ({ dir, port, clientCa, alpn, only, versions }) =>
      versions === '1.3'
        ? null
        : [
            `${dir}/go-peer`,
            'server',
            '-listen',
            `:${port}`,
            '-cert',
            `${dir}/sound.chain.pem`,
            '-key',
            `${dir}/sound.key`,
            ...(clientCa ? ['-clientca', `${dir}/client-root.pem`] : []),
            ...(alpn ? ['-alpn', 'http/1.1'] : []),
            ...(only ? ['-only', HOST] : []),
            ...(versions ? ['-max', versions] : []),
          ],
  },
  {
    stack: 'mbedtls',
    name: 'Mbed TLS',
    version: () => debian('libmbedtls-dev')?.replace(/^/, 'Mbed TLS ') ?? null,
    build: (dir) =>
      execFileSync(
        'cc',
        ['-o', `${dir}/mbedtls-peer`, join(here, 'mbedtls-peer.c'), '-lmbedtls', '-lmbedx509', '-lmbedcrypto'],
        { stdio: 'inherit' },
      ),
    client: ({ dir, port }) => [`${dir}/mbedtls-peer`, 'client', HOST, String(port), `${dir}/root.pem`],
    server: ({ dir, port, clientCa, alpn, only, versions }) =>
      versions
        ? null
        : {
            command: [
              `${dir}/mbedtls-peer`,
              'server',
              String(port),
              `${dir}/sound.chain.pem`,
              `${dir}/sound.key`,
              ...(clientCa ? [`${dir}/client-root.pem`] : []),
            ],
            env: requirements({ alpn, only }),
          },
  },
  {
    stack: 'wolfssl',
    name: 'wolfSSL',
    version: () => debian('libwolfssl-dev')?.replace(/^/, 'wolfSSL ') ?? null,
    build: (dir) =>
      execFileSync('cc', ['-o', `${dir}/wolfssl-peer`, join(here, 'wolfssl-peer.c'), '-lwolfssl'], {
        stdio: 'inherit',
      }),
    client: ({ dir, port }) => [`${dir}/wolfssl-peer`, 'client', HOST, String(port), `${dir}/root.pem`],
    server: ({ dir, port, clientCa, alpn, only, versions }) =>
      versions
        ? null
        : {
            command: [
              `${dir}/wolfssl-peer`,
              'server',
              String(port),
              `${dir}/sound.chain.pem`,
              `${dir}/sound.key`,
              ...(clientCa ? [`${dir}/client-root.pem`] : []),
            ],
            env: requirements({ alpn, only }),
          },
  },
  {
    stack: 'botan',
    name: 'Botan',
    version: () => version(/^(\d+\.\d+\.\d+)/, 'botan', 'version')?.replace(/^/, 'Botan ') ?? null,
    client: ({ dir, port }) => ({
      command: [
        'botan',
        'tls_client',
        HOST,
        `--port=${port}`,
        `--trusted-cas=${dir}/root.pem`,
        '--skip-system-cert-store',
      ],
      stdin: REQUEST,
      holdStdin: true,
    }),
    build: (dir) => {
      if (!existsSync(BOTAN_HEADERS)) return;
      const output = ['-o', `${dir}/botan-peer`, join(here, 'botan-peer.cpp'), '-lbotan-2'];
      execFileSync('c++', ['-std=c++17', `-I${BOTAN_HEADERS}`, ...output], { stdio: 'inherit' });
    },
    server: ({ dir, port, clientCa, alpn, only, versions }) => {
      const files = [`${dir}/sound.chain.pem`, `${dir}/sound.key`];
      if (clientCa || versions) return null;
      if (!alpn && !only) return ['botan', 'tls_server', ...files, `--port=${port}`];
      if (!existsSync(`${dir}/botan-peer`)) return null;
      return { command: [`${dir}/botan-peer`, String(port), ...files], env: requirements({ alpn, only }) };
    },
  },
  {
    stack: 'erlang',
    name: 'Erlang/OTP',
    version: () =>
      version(
        /"(\d+)"/,
        'erl',
        '-noshell',
        '-eval',
        'io:format("~p", [erlang:system_info(otp_release)]), halt().',
      )?.replace(/^/, 'Erlang/OTP ') ?? null,
    client: ({ dir, port }) => [
      'escript',
      join(here, 'erlang-peer.escript'),
      'client',
      HOST,
      String(port),
      `${dir}/root.pem`,
    ],
    server: ({ dir, port, clientCa, alpn, only, versions }) =>
      versions
        ? null
        : {
            command: [
              'escript',
              join(here, 'erlang-peer.escript'),
              'server',
              String(port),
              `${dir}/sound.chain.pem`,
              `${dir}/sound.key`,
              ...(clientCa ? [`${dir}/client-root.pem`] : []),
            ],
            env: requirements({ alpn, only }),
          },
  },
  {
    stack: 'nss',
    name: 'tstclnt and selfserv',
    version: () => debian('libnss3-tools')?.replace(/^/, 'NSS ') ?? null,
    build: (dir) => {
      mkdirSync(`${dir}/nss`, { recursive: true });
      const certutil = (...args) => execFileSync('certutil', [...args, '-d', `sql:${dir}/nss`]);
      certutil('-N', '--empty-password');
      certutil('-A', '-n', 'root', '-t', 'C,,', '-i', `${dir}/root.pem`);
      certutil('-A', '-n', 'client-root', '-t', 'T,,', '-i', `${dir}/client-root.pem`);
      execFileSync('pk12util', ['-i', `${dir}/sound.p12`, '-d', `sql:${dir}/nss`, '-W', 'changeit']);
      // selfserv takes the name of a certificate for that of its server.
      certutil('--rename', '-n', 'sound', '--new-n', HOST);
    },
    client: ({ dir, port }) => ({
      command: ['tstclnt', '-h', HOST, '-p', String(port), '-d', `sql:${dir}/nss`, '-4', '-T'],
      stdin: REQUEST,
    }),
    server: ({ dir, port, clientCa, alpn, only, versions }) => [
      'selfserv',
      '-n',
      HOST,
      '-p',
      String(port),
      '-d',
      `sql:${dir}/nss`,
      ...(clientCa ? ['-r', '-r'] : []),
      ...(alpn ? ['-Q'] : []),
      ...(only ? ['-a', HOST] : []),
      '-V',
      versions ? `tls${versions}:tls${versions}` : 'tls1.2:tls1.3',
    ],
  },
  {
    stack: 'chromium',
    name: 'Chromium',
    version: () => version(/^(Chromium [0-9.]+)/m, 'chromium', '--version'),
    build: (dir) => {
      mkdirSync(`${dir}/home/.pki/nssdb`, { recursive: true });
      const certutil = (...args) => execFileSync('certutil', [...args, '-d', `sql:${dir}/home/.pki/nssdb`]);
      certutil('-N', '--empty-password');
      certutil('-A', '-n', 'root', '-t', 'C,,', '-i', `${dir}/root.pem`);
    },
    client: ({ dir, port }) => ({
      command: [
        'chromium',
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${dir}/home/profile-${port}`,
        '--dump-dom',
        `https://${HOST}:${port}/`,
      ],
      env: { HOME: `${dir}/home` },
    }),
    patience: 15,
  },
  {
    stack: 'boringssl',
    name: 'Bun',
    version: () => version(/^(\d+\.\d+\.\d+)/, bun, '--version')?.replace(/^/, 'BoringSSL of Bun ') ?? null,
    client: ({ dir, port }) => [bun, join(here, 'bun-peer.mjs'), 'client', HOST, String(port), `${dir}/root.pem`],
    server: ({ dir, port, clientCa, alpn, only, versions }) =>
      versions
        ? null
        : {
            command: [
              bun,
              join(here, 'bun-peer.mjs'),
              'server',
              String(port),
              `${dir}/sound.chain.pem`,
              `${dir}/sound.key`,
              ...(clientCa ? [`${dir}/client-root.pem`] : []),
            ],
            env: requirements({ only }),
          },
  },
  {
    stack: 'rustls',
    name: 'Deno',
    version: () => version(/^deno (\d+\.\d+\.\d+)/, deno, '--version')?.replace(/^/, 'rustls of Deno ') ?? null,
    client: ({ dir, port }) => ({
      command: [
        deno,
        'run',
        '-A',
        '--no-config',
        '--cert',
        `${dir}/root.pem`,
        join(here, 'deno-peer.mjs'),
        'client',
        HOST,
        String(port),
      ],
      env: { DENO_DIR: `${dir}/deno`, NO_COLOR: '1' },
    }),
    server: ({ dir, port, clientCa, alpn, only, versions }) =>
      clientCa || only || versions
        ? null
        : {
            command: [
              deno,
              'run',
              '-A',
              '--no-config',
              join(here, 'deno-peer.mjs'),
              'server',
              String(port),
              `${dir}/sound.chain.pem`,
              `${dir}/sound.key`,
            ],
            env: { DENO_DIR: `${dir}/deno`, NO_COLOR: '1' },
          },
  },
];

export const isInstalled = (subject) => {
  const name = subject.version();
  return name !== null && !name.includes('null');
};
