/** Configurations: what they say, what is wrong with them, and that real servers accept what they are said to accept. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { expandByOpenssl, expandByTable } from '../../src/ends/configurations/cipher-strings.js';
import { readConfiguration } from '../../src/ends/configurations/read.js';
import { OPENSSL_SUITES } from '../../src/ends/configurations/openssl-suites.js';
import { EndFileError } from '../../src/ends/file.js';
import { issue } from '../x509/authority.js';

const folder = mkdtempSync(join(tmpdir(), 'configurations-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const path = (name: string): string => join(folder, name);
const has = (tool: string, ...args: readonly string[]): boolean => spawnSync(tool, args).status === 0;
const noOpenssl = has('openssl', 'version') ? false : 'openssl is not installed';

async function read(text: string, name = 'configuration') {
  writeFileSync(path(name), text);
  return readConfiguration(path(name));
}

async function service(text: string) {
  const [only, ...others] = (await read(text)).services;
  assert.ok(only);
  assert.equal(others.length, 0);
  return only;
}

async function errorOf(text: string): Promise<string> {
  try {
    await read(text);
  } catch (error) {
    assert.ok(error instanceof EndFileError);
    assert.doesNotMatch(error.message, /\n/);
    return error.message.replace(`${folder}/`, '');
  }
  return 'no error';
}

describe('nginx', () => {
  test('directives of the block and of those around it, with their lines', async () => {
    const { services, format } = await read(`
http {
  ssl_protocols TLSv1.2;   # of all
  ssl_ciphers "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA";
  server { listen 443 ssl default_server; server_name _; ssl_reject_handshake on; }
  server {
    listen [::]:443 ssl proxy_protocol;
    server_name a.example *.b.example;
    ssl_protocols TLSv1.3;
    ssl_ecdh_curve X25519:prime256v1;
    ssl_verify_client on;
  }
  server { listen 80; }
}`);
    assert.equal(format, 'nginx');
    const [first, second] = services;
    assert.deepEqual(
      services.map(({ names, ports }) => [names, ports]),
      [
        [[], [443]],
        [['a.example', '*.b.example'], [443]],
      ],
    );
    assert.deepEqual([first?.versions?.value, first?.versions?.line], [['TLS 1.2'], 3]);
    assert.deepEqual(first?.rejects?.line, 5);
    // The version is settled by the default server, or by that of the name: it depends on the release.
    assert.deepEqual([second?.versions?.value, second?.versions?.perhaps], [[], ['TLS 1.3', 'TLS 1.2']]);
    assert.deepEqual(second?.cipherSuites?.value, [
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_RSA_WITH_AES_256_CBC_SHA',
    ]);
    assert.deepEqual([second.clientCertificate?.value, second.clientCertificate?.line], ['required', 11]);
    assert.deepEqual(second.proxyProtocol?.value, true);
  });

  test('included files, and the line of a fault in one', async () => {
    writeFileSync(path('tls-a.inc'), 'ssl_protocols TLSv1.2 TLSv1.3;');
    const { versions } = await service('server {\n listen 443 ssl;\n include tls-*.inc;\n}');
    assert.deepEqual([versions?.value, versions?.path, versions?.line], [['TLS 1.2', 'TLS 1.3'], path('tls-a.inc'), 1]);
    writeFileSync(path('tls-a.inc'), 'ssl_protocols TLSv1.2;\n}');
    assert.equal(await errorOf('server {\n listen 443 ssl;\n include tls-*.inc;\n}'), 'tls-a.inc:2: unexpected "}"');
  });

  test('a device is not included, which may have no end', async () => {
    const { versions } = await service('server {\n listen 443 ssl;\n include /dev/zero;\n ssl_protocols TLSv1.3;\n}');
    assert.deepEqual(versions?.value, ['TLS 1.3']);
  });

  test('what is set by a file that is not there, a variable, or a command of OpenSSL is not known', async () => {
    const inside = (text: string) => service(`http { ssl_protocols TLSv1.2; server { listen 443 ssl; ${text} } }`);
    assert.deepEqual((await inside('')).versions?.value, ['TLS 1.2']);
    assert.equal((await inside('include not-there.conf;')).versions, null);
    assert.deepEqual((await inside('include not-there.conf; ssl_protocols TLSv1.3;')).versions?.value, ['TLS 1.3']);
    assert.deepEqual((await inside('ssl_conf_command MinProtocol TLSv1.2;')).versions?.value, ['TLS 1.2']);
    assert.deepEqual((await inside('ssl_conf_command MinProtocol TLSv1.3;')).versions?.value, []);
    assert.equal((await inside('ssl_conf_command MinProtocol $LEAST;')).versions, null);
    assert.equal((await inside('ssl_protocols TLSv1.2 ${MORE};')).versions, null);
    assert.equal((await inside('ssl_ciphers AES256-SHA:${MORE};')).cipherSuites, null);
  });

  test('certificates by a map of names: all else is read', async () => {
    const { versions, names } = await service(`
map $ssl_server_name $chain { default a.pem; b.example b.pem; }
server { listen 443 ssl; server_name a.example; ssl_protocols TLSv1.3; ssl_certificate $chain; }`);
    assert.deepEqual([versions?.value, names], [['TLS 1.3'], ['a.example']]);
  });

  test('includes: below the folder of the configuration, from which relative paths begin, and by any pattern', async () => {
    mkdirSync(path('sites/one'), { recursive: true });
    mkdirSync(path('snippets'), { recursive: true });
    writeFileSync(path('sites/one/a.conf'), 'server { listen 443 ssl; include snippets/tls.conf; }');
    writeFileSync(path('snippets/tls.conf'), 'ssl_protocols TLSv1.3;');
    for (const pattern of ['sites/*/[a-c].conf', '/etc/nginx/sites/one/*.conf']) {
      const { versions } = await service(`http { include /etc/nginx/mime.types; include ${pattern}; }`);
      assert.deepEqual([versions?.value, versions?.path], [['TLS 1.3'], path('snippets/tls.conf')]);
    }
  });

  test('what is not read is named, with the reason', async () => {
    const { unread } = await read(
      'server {\n listen 443 ssl;\n include not-there.conf;\n ssl_protocols $versions;\n ssl_conf_command VerifyMode Require;\n}',
    );
    assert.deepEqual(
      unread.map(({ line, text, why }) => [line, text, why]),
      [
        [3, 'include not-there.conf', 'no-such-file'],
        [4, 'ssl_protocols $versions', 'variable'],
        [5, 'ssl_conf_command VerifyMode Require', 'not-understood'],
      ],
    );
  });

  test('faults, by line', async () => {
    assert.equal(await errorOf('server {\n listen 443 ssl;\n'), 'configuration:1: a block does not end with "}"');
    assert.equal(await errorOf('server {\n listen 443 ssl\n}'), 'configuration:3: unexpected "}"');
    assert.equal(await errorOf('server {\n listen "443 ssl;\n}'), 'configuration:2: a quoted string does not end');
    assert.match(await errorOf('server { listen 80; }'), /no server block with TLS/);
  });
});

test('Apache httpd: virtual hosts, and the server around them', async () => {
  const { services, format } = await read(`
SSLProtocol all -TLSv1 -TLSv1.1
SSLCipherSuite HIGH:!aNULL
<VirtualHost *:443>
  ServerName a.example
  ServerAlias b.example c.example
  SSLEngine on
  SSLProtocol +TLSv1.3
  SSLCipherSuite TLSv1.3 TLS_AES_128_GCM_SHA256
  SSLOpenSSLConfCmd Groups \\
    X25519
  SSLVerifyClient require
</VirtualHost>
<VirtualHost *:80>
</VirtualHost>`);
  assert.equal(format, 'Apache httpd');
  const [host] = services;
  assert.ok(host && services.length === 1);
  assert.deepEqual([host.names, host.ports], [['a.example', 'b.example', 'c.example'], [443]]);
  assert.deepEqual([host.versions?.value, host.versions?.line], [['TLS 1.3'], 8]);
  assert.deepEqual(host.tls13CipherSuites?.value, ['TLS_AES_128_GCM_SHA256']);
  assert.deepEqual([host.groups?.value, host.groups?.line], [['x25519'], 10]);
  assert.deepEqual([host.cipherSuites?.line, host.clientCertificate?.value], [3, 'required']);
  assert.match(await errorOf('<VirtualHost *:443>\nSSLEngine on\n'), /:1: a <VirtualHost> does not end/);
});

describe('Apache httpd: sections', () => {
  const host = (inside: string, head = '*:443'): string =>
    `SSLProtocol TLSv1.2\n<VirtualHost ${head}>\nServerName a.example\nSSLEngine on\n${inside}\n</VirtualHost>`;

  test('what is in <IfModule> counts, also a host', async () => {
    const text = `<IfModule mod_ssl.c>\n${host('<IfModule mod_ssl.c>\nSSLProtocol TLSv1.3\n</IfModule>')}\n</IfModule>`;
    const { versions } = await service(text);
    assert.deepEqual([versions?.value, versions?.line], [['TLS 1.3'], 7]);
  });

  test('what is in <IfDefine>, or has a variable in it, may hold or not', async () => {
    for (const inside of [
      '<IfDefine NEW>\nSSLProtocol TLSv1.3\n</IfDefine>',
      '<IfModule !mod_x.c>\nSSLProtocol TLSv1.3\n</IfModule>',
      'SSLProtocol ${VERSIONS}',
    ]) {
      const { versions, names } = await service(host(inside));
      assert.deepEqual([versions, names], [null, ['a.example']]);
    }
    for (const decisive of ['SSLEngine off', 'SSLVerifyClient require']) {
      const { versions } = await service(host(`<IfDefine NEW>\n${decisive}\n</IfDefine>`));
      assert.equal(versions, null);
    }
    assert.equal((await service(`<IfDefine SSL>\n${host('')}\n</IfDefine>`)).versions?.value[0], undefined);
    assert.equal((await service(host('', '*:${PORT}'))).versions, null);
    const { services } = await read(host('<IfDefine NEW>\nServerAlias b.example\n</IfDefine>'));
    assert.deepEqual(
      services.map(({ names, versions }) => [names, versions?.value ?? null]),
      [
        [['a.example'], ['TLS 1.2']],
        [['b.example'], null],
      ],
    );
  });

  test('what holds for a part of the site is not demanded in the handshake', async () => {
    const { clientCertificate, versions, isPartlyRead } = await service(
      host('<Location /admin>\nSSLVerifyClient require\n</Location>'),
    );
    assert.deepEqual([clientCertificate, versions?.value], [null, ['TLS 1.2']]);
    // But who has no certificate may be refused there.
    assert.equal(isPartlyRead, true);
    const none = await service(host('<Location /open>\nSSLVerifyClient none\n</Location>'));
    assert.equal(none.isPartlyRead, false);
  });

  test('a file that is not there may say anything', async () => {
    assert.equal((await service(host('Include not-there.conf'))).versions, null);
    const { versions } = await service(host('SSLOpenSSLConfCmd MinProtocol TLSv1.3'));
    assert.deepEqual([versions?.value, versions?.line], [[], 5]);
  });

  test('a section that does not end, or that nothing began', async () => {
    assert.match(await errorOf(host('<IfModule mod_ssl.c>')), /:6: unexpected <\/VirtualHost>/);
    assert.match(await errorOf(`${host('')}\n</IfDefine>`), /:7: unexpected <\/IfDefine>/);
  });
});

test('HAProxy: bind lines, and the defaults of global', async () => {
  const { services, format } = await read(`
global
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers AES128-SHA
  ssl-default-bind-curves X25519
frontend web
  bind :443 ssl crt /etc/cert.pem accept-proxy verify required ca-file x strict-sni
  bind :8443 ssl crt /etc/cert.pem ssl-max-ver TLSv1.2 no-tlsv10 ciphers ECDHE-RSA-AES128-GCM-SHA256
  bind :80`);
  assert.equal(format, 'HAProxy');
  // The certificate, which is not there, may have any name; others are rejected.
  const [first, rest, second] = services;
  assert.equal(services.length, 3);
  assert.deepEqual([first?.ports, first?.versions?.value, first?.versions?.line], [[443], ['TLS 1.2', 'TLS 1.3'], 3]);
  assert.deepEqual([first?.cipherSuites?.value, first?.groups?.value], [['TLS_RSA_WITH_AES_128_CBC_SHA'], ['x25519']]);
  assert.deepEqual([first?.clientCertificate?.value, first?.proxyProtocol?.value], ['required', true]);
  assert.deepEqual([first?.names, first?.rejects, rest?.rejects?.line], [['$certificate'], null, 7]);
  assert.deepEqual([second?.versions?.value, second?.versions?.line], [['TLS 1.2'], 8]);
  assert.deepEqual([second?.cipherSuites?.line, second?.proxyProtocol?.value], [8, false]);
  assert.match(await errorOf('oops\nfrontend a\n bind :1 ssl crt x'), /:1: "oops" stands outside of any section/);
});

test('quotes of HAProxy and sections of openssl.cnf that do not end are told by their line', async () => {
  assert.equal(
    await errorOf('frontend web\n bind :443 ssl crt "/etc/web.pem\n'),
    'configuration:2: a quoted string does not end',
  );
  assert.equal(await errorOf('openssl_conf = init\n[init\nssl_conf = ssl\n'), 'configuration:2: a section without "]"');
});

test('values that hold each other, again and again, are filled in up to a bound', async () => {
  const lines = (line: (index: number) => string): string => Array.from({ length: 60 }, (_, at) => line(at)).join('\n');
  const httpd = await read(`
Define V0 HIGH
${lines((at) => `Define V${at + 1} \${V${at}}:\${V${at}}`)}
<VirtualHost *:443>
 SSLEngine on
 SSLCipherSuite \${V60}
</VirtualHost>`);
  assert.deepEqual([httpd.services[0]?.cipherSuites, httpd.unread[0]?.why], [null, 'variable']);
  const haproxy = await read(`
global
 setenv V0 HIGH
${lines((at) => ` setenv V${at + 1} "\${V${at}}:\${V${at}}"`)}
frontend web
 bind :443 ssl crt a.pem ciphers "\${V60}"`);
  assert.deepEqual([haproxy.services[0]?.cipherSuites, haproxy.unread[0]?.why], [null, 'variable']);
});

describe('HAProxy: what stands elsewhere', () => {
  const bind = (options: string, global = ''): string =>
    `global\n${global}\nfrontend web\n bind :443 ssl crt a.pem ${options}`;

  test('signature schemes of the server and of clients, also by default', async () => {
    const { services } = await read(
      bind('sigalgs RSA-PSS+SHA256 client-sigalgs rsa_pkcs1_sha256:ecdsa_secp256r1_sha256'),
    );
    const [first] = services;
    assert.deepEqual(
      [first?.signatureSchemes?.value, first?.signatureSchemes?.line, first?.clientSignatureSchemes?.value],
      [['rsa_pss_rsae_sha256'], 4, ['rsa_pkcs1_sha256', 'ecdsa_secp256r1_sha256']],
    );
    const common = 'ssl-default-bind-sigalgs ECDSA+SHA384\nssl-default-bind-client-sigalgs ed448';
    const [other] = (await read(bind('', common))).services;
    assert.deepEqual(
      [other?.signatureSchemes?.value, other?.signatureSchemes?.line, other?.clientSignatureSchemes?.value],
      [['ecdsa_secp384r1_sha384'], 2, ['ed448']],
    );
    assert.deepEqual([first?.isPartlyRead, other?.isPartlyRead], [false, false]);
  });

  test('variables of the file are filled in; those of the environment are not known, and named', async () => {
    const set = await service(bind('ssl-min-ver "${LEAST}"', 'setenv LEAST TLSv1.3'));
    assert.deepEqual(set.versions?.value, ['TLS 1.3']);
    const { services, unread } = await read(bind('ssl-min-ver "${LEAST-TLSv1.3}"'));
    assert.deepEqual([services[0]?.versions, unread[0]?.line, unread[0]?.why], [null, 4, 'variable']);
  });

  test('certificates of crt-store sections, by alias and by file, also in lists (as HAProxy 3.0 documents them)', async () => {
    mkdirSync(path('store'), { recursive: true });
    for (const name of ['one', 'two', 'three']) {
      const { certificate } = await issue({ name: `CN=${name}.example` });
      const text = Buffer.from(certificate.der).toString('base64');
      writeFileSync(path(`store/${name}.pem`), `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
    }
    writeFileSync(path('stored-list'), '@/third [ssl-min-ver TLSv1.3] x.example\n');
    const stores = `global
  crt-base ${path('store')}
crt-store
  load crt "three.pem" key "three.key" alias "third" ocsp-update on
crt-store web
  crt-base store
  load crt "one.pem" key "one.key" alias "first"
  load crt "two.pem" alias "\${NAME}"
  load crt two.pem
  load crt "not-there.pem" alias absent
`;
    const by = async (options: string) => read(`${stores}frontend f\n  bind :443 ssl strict-sni ${options}\n`);
    const namesIn = async (options: string) =>
      (await by(options)).services.flatMap(({ certificates }) => certificates?.[0]?.commonNames ?? []);
    assert.deepEqual(await namesIn('crt "@web/first" crt @web/two.pem crt @/third'), [
      ...['one.example', 'two.example', 'three.example'],
    ]);
    assert.deepEqual(await namesIn('crt-list stored-list'), ['three.example']);
    for (const name of ['@web/absent', '@web/third', '@other/first']) {
      const { services, unread } = await by(`crt ${name}`);
      assert.equal(services[0]?.certificates, null, name);
      const lines = unread.map(({ line, why }) => [line, why]);
      assert.deepEqual(lines, [
        [8, 'variable'],
        [12, 'no-such-file'],
      ]);
    }
  });

  test('a quote that nothing ends is an error, as it is to HAProxy; a backslash at the end is a character', async () => {
    for (const quote of ["'", '"']) {
      assert.match(await errorOf(bind(`ssl-min-ver TLSv1.3 ${quote}alpn h2`)), /:\d+: a quoted string does not end$/);
    }
    assert.deepEqual((await service(bind('ssl-min-ver TLSv1.3 \\alpn h2'))).versions?.value, ['TLS 1.3']);
  });

  test('a list of certificates: settings by name', async () => {
    writeFileSync(
      path('list'),
      'a.pem [ssl-min-ver TLSv1.3] a.example\nb.pem [ssl-max-ver TLSv1.2 verify required] *.b.example !c.b.example\n',
    );
    const { services } = await read('frontend web\n bind :443 ssl crt-list list ssl-min-ver TLSv1.2');
    assert.deepEqual(
      services.map(({ names, versions, clientCertificate }) => [names, versions?.value, clientCertificate?.value]),
      [
        [['a.example'], ['TLS 1.3'], 'none'],
        [['*.b.example', '!c.b.example'], ['TLS 1.2'], 'required'],
        [[], ['TLS 1.3'], 'none'],
      ],
    );
    assert.deepEqual(services[1]?.versions?.path, path('list'));
    const missing = await read('frontend web\n bind :443 ssl crt-list not-there');
    assert.deepEqual([missing.services[0]?.versions, missing.unread[0]?.why], [null, 'no-such-file']);
  });

  test('what holds under a condition is not known; a file is no port', async () => {
    const { services, unread } = await read(
      'frontend web\n.if defined(OLD)\n bind :443 ssl crt a.pem ssl-min-ver TLSv1.0\n.endif\n bind /run/web.sock ssl crt a.pem',
    );
    assert.deepEqual([services.length, services[0]?.versions, unread[0]?.why], [1, null, 'condition']);
  });
});

test('the certificates of a configuration are read where their files are at hand', async () => {
  const { certificate } = await issue({ name: 'CN=www.example.com' });
  const text = Buffer.from(certificate.der).toString('base64');
  writeFileSync(path('own.pem'), `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
  const nginx = (own: string): string => `server { listen 443 ssl; ssl_certificate ${own}; }`;
  const httpd = (own: string): string =>
    `<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile ${own}\nSSLCertificateKeyFile x\n</VirtualHost>`;
  const haproxy = (own: string): string => `frontend web\n bind :443 ssl crt ${own}`;
  for (const write of [nginx, httpd, haproxy]) {
    const [there] = (await service(write(path('own.pem')))).certificates ?? [];
    assert.deepEqual(there?.commonNames, ['www.example.com'], write('FILE'));
    assert.equal((await service(write('/not/there.pem'))).certificates, null);
  }
  const two = await service(`server { listen 443 ssl; ssl_certificate own.pem; ssl_certificate $other; }`);
  assert.equal(two.certificates, null);
});

test('which certificates of clients are accepted although those authorities did not issue them, and how long chains may be', async () => {
  const { certificate } = await issue({ name: 'CN=Authority' });
  const text = Buffer.from(certificate.der).toString('base64');
  writeFileSync(path('authority.pem'), `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
  const file = path('authority.pem');
  const nginx = (verify: string): string =>
    `server { listen 443 ssl; ssl_verify_client ${verify}; ssl_client_certificate ${file}; }`;
  const httpd = (verify: string): string =>
    `<VirtualHost *:443>\nSSLEngine on\nSSLVerifyClient ${verify}\nSSLCACertificateFile ${file}\n</VirtualHost>`;
  const haproxy = (verify: string): string => `frontend web\n bind :443 ssl crt x ca-file ${file} verify ${verify}`;
  for (const strict of [nginx('optional'), httpd('optional'), haproxy('optional')]) {
    assert.equal((await service(strict)).clientAuthorities?.length, 1, strict);
  }
  for (const [text, leniency, depth] of [
    [nginx('optional_no_ca'), 'any-issuer', undefined],
    [nginx('optional; ssl_verify_depth 3'), 'none', 4],
    [httpd('optional_no_ca'), 'any-issuer', 1],
    [httpd('optional\nSSLVerifyDepth 3'), 'none', 3],
    [haproxy('optional'), 'none', undefined],
    [haproxy('optional ca-ignore-err all crt-ignore-err all'), 'any', undefined],
    [haproxy('optional crt-ignore-err 10,18'), 'some-faults', undefined],
  ] as const) {
    const { clientAuthorities, clientCertificate, clientLeniency, clientDepth } = await service(text);
    const read = [clientAuthorities?.length, clientCertificate?.value, clientLeniency, clientDepth?.value];
    assert.deepEqual(read, [1, 'optional', leniency, depth], text);
  }
  const ofHttpd = (await service(httpd('require\nSSLVerifyDepth 3'))).clientDepth;
  assert.deepEqual([ofHttpd?.text, ofHttpd?.line], ['SSLVerifyDepth 3', 4]);
});

describe('Apache httpd: what stands elsewhere', () => {
  test('variables, conditions on them, and macros', async () => {
    const text = `Define VERSIONS TLSv1.2
<Macro Host $name $versions>
<VirtualHost *:443>
ServerName $name
SSLEngine on
SSLProtocol $versions
<IfDefine VERSIONS>
SSLCipherSuite AES128-SHA
</IfDefine>
<IfDefine !VERSIONS>
SSLCipherSuite AES256-SHA
</IfDefine>
</VirtualHost>
</Macro>
Use Host a.example \${VERSIONS}
Use Host b.example TLSv1.3`;
    const { services } = await read(text);
    assert.deepEqual(
      services.map(({ names, versions, cipherSuites }) => [
        names,
        versions?.value,
        versions?.perhaps,
        cipherSuites?.value,
      ]),
      [
        [['a.example'], ['TLS 1.2'], undefined, ['TLS_RSA_WITH_AES_128_CBC_SHA']],
        [['b.example'], [], ['TLS 1.3', 'TLS 1.2'], ['TLS_RSA_WITH_AES_128_CBC_SHA']],
      ],
    );
  });

  test('the server outside of virtual hosts', async () => {
    const { ports, versions } = await service('Listen 443\nSSLEngine on\nSSLProtocol TLSv1.3');
    assert.deepEqual([ports, versions?.value], [[443], ['TLS 1.3']]);
  });

  test('more work than is done for a configuration is an error', async () => {
    const many = (text: string): string => text.repeat(2000);
    const tooMany = /too many servers, and lines that bear on each of them/;
    const globals = many('ssl_conf_command MinProtocol TLSv1.2;\n');
    assert.match(await errorOf(`http {\n${globals}${many('server { listen 443 ssl; }\n')}}`), tooMany);
    assert.match(await errorOf(`global\nfrontend f\n bind ${many(':1-65535,')}:1 ssl crt x\n`), tooMany);
    const sections = 'SSLProtocol all\n<Directory />\n'.repeat(20);
    assert.match(await errorOf(sections), /sections are nested too deeply/);
  });

  test('macros that use themselves, and without end', async () => {
    await read(`<Macro A>\nUse A\nUse A\n</Macro>\nUse A\n<VirtualHost *:1>\nSSLEngine on\n</VirtualHost>`).catch(
      (error: unknown) => {
        assert.match(String(error), /too many directives/);
      },
    );
    assert.match(await errorOf('ServerRoot /\n<Macro A>\n'), /:2: a <Macro> does not end/);
    const long = `ServerRoot /\n<Macro A $x>\nServerName ${'$x'.repeat(100)}\n</Macro>\nUse A ${'y'.repeat(100)}\n`;
    assert.match(await errorOf(long), /:3: a macro makes a line too long/);
  });
});

test('openssl.cnf: files that it includes, and commands of a name before a point', async () => {
  writeFileSync(path('tls.inc'), '[tls]\n1.MinProtocol = TLSv1.2\n2.Protocol = -TLSv1.3\n');
  const head = 'openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n';
  const { services } = await read(`${head}.include tls.inc\n`);
  assert.deepEqual([services[0]?.versions?.value, services[0]?.versions?.path], [['TLS 1.2'], path('tls.inc')]);
  const { unread } = await read(`${head}.include = not-there\n[tls]\nMinProtocol = $least\n`);
  assert.deepEqual(
    unread.map(({ line, why }) => [line, why]),
    [
      [6, 'no-such-file'],
      [8, 'variable'],
    ],
  );
});

test('openssl.cnf: what openssl_conf leads to', async () => {
  const cnf = `openssl_conf = init
[ init ]
ssl_conf = ssl
[ssl]
system_default = tls
[ tls ]
MinProtocol = TLSv1.2
MaxProtocol = TLSv1.2
CipherString = AES256-SHA:@SECLEVEL=2
Groups = P-256:X448
SignatureAlgorithms = ECDSA+SHA256:PSS+SHA512:RSA+SHA1:ed25519
`;
  const { services, refusals, format } = await read(cnf);
  const [only] = services;
  assert.equal(format, 'openssl.cnf');
  assert.deepEqual([only?.versions?.value, only?.versions?.line], [['TLS 1.2'], 7]);
  assert.deepEqual([only?.cipherSuites?.value, only?.cipherSuites?.line], [['TLS_RSA_WITH_AES_256_CBC_SHA'], 9]);
  assert.deepEqual(only?.groups?.value, ['secp256r1', 'x448']);
  // What is not said of clients is what is said of servers.
  assert.deepEqual(
    [only.signatureSchemes?.value, only.signatureSchemes?.perhaps, only.clientSignatureSchemes?.line],
    [['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha512', 'ed25519'], ['rsa_pkcs1_sha1'], 11],
  );
  const unknown = await read(cnf.replace('ed25519', 'dilithium'));
  assert.deepEqual([unknown.services[0]?.signatureSchemes, unknown.unread.map(({ line }) => line)], [null, [11]]);
  const passedOver = await read(cnf.replace('ed25519', '?dilithium'));
  assert.deepEqual(passedOver.services[0]?.signatureSchemes?.value, ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha512']);
  assert.equal(refusals.smallestKeys['RSA']?.value, 2048);
  assert.match(await errorOf(cnf.replace('system_default', 'other')), /no openssl_conf leads to a section/);
  assert.match(await errorOf(cnf.replace('[ssl]', 'nonsense')), /:4: neither a section nor a "name = value"/);
});

test(
  'java.security: the suites that it takes away are those that Java then does not have',
  { skip: !has('java', '-version') && 'java is not installed' },
  async () => {
    const lines = [
      'SSLv3',
      'SSLv3, RC4, DES, 3DES_EDE_CBC, anon, NULL, ECDH',
      'SSLv3, ECDHE, AES_128_GCM',
      'SSLv3, SHA1, TLS_RSA_WITH_AES_256_GCM_SHA384',
      'SSLv3, DHE, AES_256_CBC, TLS_AES_256_GCM_SHA384',
    ];
    writeFileSync(
      path('Suites.java'),
      'public class Suites { public static void main(String[] lines) throws Exception { java.security.Security.setProperty("jdk.tls.disabledAlgorithms", lines[0]); for (String s : javax.net.ssl.SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites()) System.out.println(s); } }',
    );
    const suitesOf = (line: string): string[] =>
      spawnSync('java', [path('Suites.java'), line], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((name) => name.startsWith('TLS_') && !name.endsWith('_SCSV'));
    const [all = [], ...others] = lines.map(suitesOf);
    assert.ok(all.length > 20);
    for (const [index, real] of [all, ...others].entries()) {
      const { cipherSuites, tls13CipherSuites } = await service(`jdk.tls.disabledAlgorithms=${lines[index] ?? ''}\n`);
      const may = new Set([cipherSuites, tls13CipherSuites].flatMap((one) => one?.perhaps ?? []));
      assert.deepEqual(
        all.filter((name) => may.has(name)),
        all.filter((name) => real.includes(name)),
        lines[index],
      );
    }
  },
);

test('java.security: what JSSE refuses', async () => {
  const { services, refusals, format } = await read(`# comment
jdk.certpath.disabledAlgorithms=MD2, MD5, SHA1 jdkCA & usage TLSServer, \\
    RSA keySize < 1024, EC keySize < 224
jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1, RC4, DH keySize < 1024, \\
    RSA keySize < 2048
`);
  assert.equal(format, 'java.security');
  assert.deepEqual([services[0]?.versions?.value, services[0]?.versions?.line], [['TLS 1.2', 'TLS 1.3'], 4]);
  assert.deepEqual([refusals.smallestKeys['RSA']?.value, refusals.smallestKeys['RSA']?.line], [2048, 4]);
  assert.deepEqual([refusals.smallestKeys['ECDSA']?.value, refusals.hashes['md5']?.line], [224, 2]);
  // Under a condition only.
  assert.equal(refusals.hashes['sha1'], undefined);
});

test('testssl.sh and sslyze: what a server was seen to accept', async () => {
  const scan = [
    ...[
      ['TLS1', 'not offered'],
      ['TLS1_2', 'offered'],
      ['TLS1_3', 'offered with final'],
    ],
    ...[
      ['cipher-tls1_2_xc02f', 'TLSv1.2 xc02f ECDHE-RSA-AES128-GCM-SHA256'],
      ['cipher-tls1_3_x1301', 'x1301'],
    ],
    ...[
      ['FS_ECDHE_curves', 'prime256v1 X25519'],
      ['clientAuth', 'none'],
    ],
  ].map(([id, finding]) => ({ id, ip: 'a/192.0.2.1', port: '443', severity: 'OK', finding }));
  const one = await service(JSON.stringify(scan, null, 1));
  assert.equal(one.certificates, null);
  const { certificate } = await issue({ name: 'CN=www.example.com' });
  const pem = ['BEGIN', 'END'].map((word) => `-----${word} CERTIFICATE-----`);
  const line = pem.join(` ${Buffer.from(certificate.der).toString('base64').replace(/.{64}/g, '$& ')} `);
  const found = ['cert', 'cert <cert#1>'].map((id) => ({ ...scan[0], id, finding: line }));
  for (const more of found) {
    const { certificates, choosesBy } = await service(JSON.stringify([...scan, more], null, 1));
    assert.deepEqual([certificates?.map(({ sha256 }) => sha256), choosesBy], [[certificate.sha256], 'unknown']);
  }
  assert.deepEqual([one.versions?.value, one.ports], [['TLS 1.2', 'TLS 1.3'], [443]]);
  assert.deepEqual(one.cipherSuites?.value, ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']);
  // What release 3.0 does not try, it cannot have found.
  assert.equal(one.signatureSchemes, null);
  assert.ok(one.groups?.perhaps?.includes('X25519MLKEM768'));
  assert.deepEqual(
    [one.tls13CipherSuites?.value, one.groups?.value],
    [['TLS_AES_128_GCM_SHA256'], ['secp256r1', 'x25519']],
  );
  const signatures = [
    ['FS_TLS12_sig_algs', 'RSA-PSS-RSAE+SHA256 RSA+SHA256 RSA-PSS-PSS+SHA512 RSA+SHA1'],
    ['FS_TLS13_sig_algs', 'RSA-PSS-RSAE+SHA256 Ed25519 GOST+X'],
    ['FS_KEMs', 'X25519MLKEM768'],
    ['DH_groups', 'ffdhe2048'],
  ].map(([id, finding]) => ({ id, ip: 'a/192.0.2.1', port: '443', finding }));
  const newer = await service(JSON.stringify([...scan, ...signatures], null, 1));
  assert.deepEqual(newer.signatureSchemes?.value, [
    ...['rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256', 'rsa_pss_pss_sha512', 'rsa_pkcs1_sha1', 'ed25519'],
  ]);
  assert.equal(newer.signatureSchemes.line, 52);
  assert.deepEqual(
    [newer.groups?.value, newer.groups?.perhaps],
    [['secp256r1', 'x25519', 'X25519MLKEM768', 'ffdhe2048'], []],
  );
  // The program's own findings have a port that is not the server's; the pretty form says once whose its findings are.
  const engine = { id: 'engine_problem', ip: '/', port: '443', finding: 'No engine' };
  const moved = scan.map((each) => ({ ...each, port: '9443' }));
  assert.deepEqual((await service(JSON.stringify([engine, ...moved]))).ports, [9443]);
  const pretty = {
    clientProblem1: [engine],
    scanResult: [{ targetHost: 'a', ip: '192.0.2.1', port: '9443', protocols: scan }],
  };
  assert.deepEqual((await service(JSON.stringify(pretty))).ports, [9443]);
  // Of several servers, what one accepts is not what another one does.
  const others = [{ id: 'TLS1_2', ip: 'b.example/192.0.2.2', port: '443', finding: 'not offered' }];
  const both = await read(JSON.stringify([...scan, ...others]));
  assert.deepEqual(
    both.services.map(({ names, address, versions }) => [names, address, versions?.value]),
    [
      [['a'], '192.0.2.1', ['TLS 1.2', 'TLS 1.3']],
      [['b.example'], '192.0.2.2', []],
    ],
  );
  // Where one version lacks its list, what it has is not known.
  assert.equal((await service(JSON.stringify([...scan, signatures[0]]))).signatureSchemes, null);
  const suites = (supported: boolean, ...names: readonly string[]) => ({
    status: 'COMPLETED',
    result: {
      is_tls_version_supported: supported,
      accepted_cipher_suites: names.map((name) => ({ cipher_suite: { name, openssl_name: 'x', key_size: 128 } })),
    },
  });
  const sslyzeResult = {
    server_location: { hostname: 'a.example', port: 443 },
    connectivity_result: { client_auth_requirement: 'REQUIRED' },
    scan_result: {
      tls_1_0_cipher_suites: suites(false),
      tls_1_2_cipher_suites: suites(true, 'TLS_RSA_WITH_AES_128_CBC_SHA'),
      elliptic_curves: { result: { supported_curves: [{ name: 'prime256v1', openssl_nid: 415 }] } },
    },
  };
  const other = await service(JSON.stringify({ server_scan_results: [sslyzeResult] }));
  assert.deepEqual([other.versions?.value, other.groups?.value], [['TLS 1.2'], ['secp256r1']]);
  assert.deepEqual(other.cipherSuites?.value, ['TLS_RSA_WITH_AES_128_CBC_SHA']);
  assert.equal(other.clientCertificate?.value, 'required');
  assert.match(await errorOf('{\n"server_scan_results": [\n}'), /:3: not JSON that can be read/);
});

test('what is no configuration, and any text: an error of one line, or a value', async () => {
  assert.match(await errorOf('hello'), /no configuration that is known/);
  const piece = fc.constantFrom(
    ...[
      'server',
      ' { ',
      '}',
      ';',
      '\n',
      'listen 443 ssl',
      'ssl_protocols TLSv1.2',
      '"',
      '#',
      '\\',
      '<VirtualHost *:1>',
      '</VirtualHost>',
    ],
    ...[
      'SSLEngine on\n',
      'frontend a\n',
      ' bind :1 ssl',
      '[a]\n',
      'openssl_conf = a\n',
      'MinProtocol = x\n',
      '"server_scan_results"',
      '{',
      ': [',
      '"id":"TLS1_2","finding"',
    ],
    'jdk.tls.disabledAlgorithms=',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
      await errorOf(pieces.join(''));
    }),
    { numRuns: 300 },
  );
});

describe('cipher strings', { skip: noOpenssl }, () => {
  const word = fc.constantFrom(
    ...[
      'ALL',
      'DEFAULT',
      'HIGH',
      'eNULL',
      'aNULL',
      'kRSA',
      'RSA',
      'ECDHE',
      'EECDH',
      'EDH',
      'DHE',
      'kDHE',
      'AES',
      'AES128',
      'AES256',
    ],
    ...[
      'AESGCM',
      'AESCCM',
      'CHACHA20',
      'CAMELLIA',
      'ARIA',
      'SHA1',
      'SHA256',
      'SHA384',
      'PSK',
      'kRSAPSK',
      'SRP',
      'aECDSA',
      'aRSA',
    ],
    ...[
      'TLSv1.2',
      'TLSv1',
      'SSLv3',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'AES256-SHA',
      'nonsense',
      'COMPLEMENTOFDEFAULT',
      'ADH',
    ],
  );
  /** The words of openssl-ciphers(1), and those that its source has besides. */
  const WORDS_OF_MANUAL = (
    'COMPLEMENTOFDEFAULT ALL COMPLEMENTOFALL HIGH MEDIUM LOW eNULL NULL aNULL kRSA aRSA RSA kDHr kDHd kDH kDHE kEDH DH DHE EDH ' +
    'ADH kEECDH kECDHE ECDH ECDHE EECDH AECDH aDSS DSS aDH aECDSA ECDSA TLSv1.2 TLSv1.0 SSLv3 AES128 AES256 AES AESGCM AESCCM ' +
    'AESCCM8 ARIA128 ARIA256 ARIA CAMELLIA128 CAMELLIA256 CAMELLIA CHACHA20 DES RC4 RC2 IDEA SEED MD5 SHA1 SHA SHA256 SHA384 ' +
    'aGOST aGOST01 kGOST GOST94 GOST89MAC PSK kPSK kECDHEPSK kDHEPSK kRSAPSK aPSK SUITEB128 SUITEB128ONLY SUITEB192 CBC ' +
    'SUITEB128C2 SRP kSRP aSRP TLSv1 ARIAGCM 3DES FIPS EXPORT aGOST12 DEFAULT'
  ).split(' ');
  test('every word of the manual is one of our own table, alone, behind another one, and taken away', () => {
    const known = new Set(OPENSSL_SUITES.map(({ iana }) => iana));
    const suitesOf = (list: string): readonly string[] =>
      (expandByOpenssl(list) ?? assert.fail(list)).filter((name) => known.has(name)).toSorted();
    for (const word of WORDS_OF_MANUAL) {
      const lists = [`AES256-SHA:${word}`, `ALL:COMPLEMENTOFALL:!${word}`];
      // What these pick out counts as a strength, and of two strengths OpenSSL makes something else.
      const joined = /^(?:COMPLEMENTOFDEFAULT|FIPS)$/.test(word) ? [] : [`AES256-SHA:${word}+HIGH`];
      for (const list of [
        ...lists,
        ...joined,
        ...(/^(?:SUITEB|DEFAULT)/.test(word) ? [word, `${word}:AES256-SHA`] : []),
      ])
        assert.deepEqual(expandByTable(list, OPENSSL_SUITES).toSorted(), suitesOf(list), list);
    }
  });

  const rule = fc
    .tuple(fc.constantFrom('', '', '!', '-', '+'), fc.array(word, { minLength: 1, maxLength: 2 }))
    .map(([sign, words]) => sign + words.join('+'));
  test('our own table makes of them what the installed OpenSSL does', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), (rules) => {
        const list = ['AES256-SHA', ...rules].join(':');
        const installed = expandByOpenssl(list);
        if (installed === null) return;
        const known = new Set(OPENSSL_SUITES.map(({ iana }) => iana));
        assert.deepEqual(
          expandByTable(list, OPENSSL_SUITES).toSorted(),
          installed.filter((name) => known.has(name)).toSorted(),
          list,
        );
      }),
      { numRuns: 60 },
    );
  });
});

/** A port that nobody listens on. */
