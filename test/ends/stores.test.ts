/** Certificate stores as their own tools write them, and what is no store. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { BOUNDS } from '../../src/bounds.js';
import { EndFileError } from '../../src/ends/file.js';
import { readStore } from '../../src/ends/stores/store.js';
import { parseCertificate } from '../../src/x509/parse.js';

const folder = mkdtempSync(join(tmpdir(), 'stores-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const path = (name: string): string => join(folder, name);

const has = (tool: string, ...args: readonly string[]): boolean => spawnSync(tool, args).status === 0;
const noOpenssl = has('openssl', 'version') ? false : 'openssl is not installed';
const noKeytool = noOpenssl !== false ? noOpenssl : has('keytool', '-help') ? false : 'keytool is not installed';

function run(tool: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(tool, args, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, `${tool} ${args.join(' ')}: ${stderr}`);
}
const openssl = (line: string): void => {
  run('openssl', ...line.split(' '));
};
const keytool = (line: string): void => {
  run('keytool', ...line.split(' '));
};

if (noOpenssl === false) {
  openssl('req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=Root -days 3650');
  openssl('req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.pem -subj /CN=leaf');
  writeFileSync(path('chain.pem'), readFileSync(path('leaf.pem'), 'utf8') + readFileSync(path('root.pem'), 'utf8'));
}
const hash = (name: string): string => {
  const { stdout } = spawnSync('openssl', ['x509', '-in', path(name), '-noout', '-fingerprint', '-sha256'], {
    encoding: 'utf8',
  });
  return stdout.replace(/.*=|[:\n]/g, '').toLowerCase();
};

async function read(name: string, ...known: readonly string[]) {
  const store = await readStore([path(name)], parseCertificate, { known, ask: null });
  return {
    format: store.format,
    hashes: store.certificates.map(({ certificate }) => certificate.sha256),
    aliases: store.certificates.map(({ alias }) => alias),
  };
}

async function errorOf(name: string, ...known: readonly string[]): Promise<string> {
  try {
    await read(name, ...known);
  } catch (error) {
    assert.ok(error instanceof EndFileError);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return 'no error';
}

describe('stores that OpenSSL writes', { skip: noOpenssl }, () => {
  const both = () => [hash('leaf.pem'), hash('root.pem')];
  const cases: readonly [name: string, command: string, format: string][] = [
    ['der', 'x509 -in root.pem -outform DER -out der', 'DER'],
    ['trusted', 'x509 -in root.pem -trustout -addtrust serverAuth -out trusted', 'PEM'],
    ['p7b', 'crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out p7b', 'PKCS#7'],
    ['p7b.pem', 'crl2pkcs7 -nocrl -certfile chain.pem -out p7b.pem', 'PEM'],
    [
      'p12',
      'pkcs12 -export -in leaf.pem -inkey leaf.key -certfile root.pem -name me -passout pass:geheim -out p12',
      'PKCS#12',
    ],
    ['open.p12', 'pkcs12 -export -nokeys -in chain.pem -certpbe NONE -nomac -passout pass: -out open.p12', 'PKCS#12'],
    ['empty.p12', 'pkcs12 -export -nokeys -in chain.pem -passout pass: -out empty.p12', 'PKCS#12'],
  ];
  for (const [name, command, format] of cases) {
    test(name, async () => {
      openssl(command);
      const store = await read(name, 'other', 'geheim');
      assert.equal(store.format, format);
      assert.deepEqual(store.hashes, format === 'DER' || name === 'trusted' ? [hash('root.pem')] : both());
      if (name === 'p12') assert.deepEqual(store.aliases, ['me', null]);
    });
  }

  test('PKCS#12 with RC2, as Windows and older programs write it', async (context) => {
    const legacy =
      'pkcs12 -export -legacy -in leaf.pem -inkey leaf.key -certfile root.pem -passout pass:geheim -out rc2.p12';
    if (!has('openssl', 'list', '-providers', '-provider', 'legacy')) {
      context.skip('no legacy provider');
      return;
    }
    openssl(legacy);
    assert.deepEqual((await read('rc2.p12', 'geheim')).hashes, both());
  });

  test('PKCS#12 by each cipher that programs choose', async (context) => {
    const own = ['PBE-SHA1-3DES', 'PBE-SHA1-2DES', 'PBE-SHA1-RC2-40', 'PBE-SHA1-RC2-128'];
    const hasLegacy = has('openssl', 'list', '-providers', '-provider', 'legacy');
    if (!hasLegacy) context.diagnostic('no legacy provider: not all ciphers are tried');
    // Of a long store, RC2 is read in pieces.
    const root = readFileSync(path('root.pem'), 'utf8');
    writeFileSync(path('long.pem'), readFileSync(path('leaf.pem'), 'utf8') + root.repeat(40));
    for (const cipher of [
      ...['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', 'des-ede3-cbc'],
      ...(hasLegacy ? own : own.slice(0, 1)),
    ]) {
      const legacy = hasLegacy ? '-legacy ' : '';
      openssl(`pkcs12 -export ${legacy}-nokeys -in long.pem -certpbe ${cipher} -passout pass:geheim -out ${cipher}`);
      assert.deepEqual((await read(cipher, 'geheim')).hashes, both(), cipher);
    }
    openssl('pkcs12 -export -nokeys -in chain.pem -passout pass:käse -out umlaut.p12');
    assert.deepEqual((await read('umlaut.p12', 'käse')).hashes, both());
  });

  test('PKCS#12 that takes too long to open: by its rounds, or by all passwords and files together', async () => {
    const make = (name: string, rounds: number): void => {
      openssl(`pkcs12 -export -nokeys -in chain.pem -iter ${rounds} -nomaciter -passout pass:geheim -out ${name}`);
    };
    const most = BOUNDS.keyDerivationRounds.value;
    make('endless.p12', most + 1);
    assert.match(await errorOf('endless.p12', 'geheim'), /endless\.p12: to open it takes more than 3000000 rounds/);
    make('slow.p12', 100_000);
    assert.deepEqual((await read('slow.p12', 'a', 'geheim')).hashes, both());
    const wrong = Array.from({ length: most / 100_000 }, (_, index) => `wrong${index}`);
    assert.match(await errorOf('slow.p12', ...wrong, 'geheim'), /slow\.p12: to open it takes more than 3000000 rounds/);
    mkdirSync(path('slow'));
    for (let index = 0; index * 100_000 < most; index++)
      writeFileSync(path(`slow/${index}`), readFileSync(path('slow.p12')));
    assert.match(await errorOf('slow', 'geheim'), /slow\/\d+: to open it takes more than 3000000 rounds/);
  });

  test('one wrong password or none is one clear line', async () => {
    openssl('pkcs12 -export -in leaf.pem -inkey leaf.key -passout pass:geheim -out locked.p12');
    assert.match(await errorOf('locked.p12'), /locked\.p12: it is encrypted: give its password in a file/);
    assert.match(await errorOf('locked.p12', 'falsch'), /locked\.p12: no password in the password file opens it$/);
    const asked: string[] = [];
    const ask = (file: string): Promise<string> => {
      asked.push(file);
      return Promise.resolve('falsch');
    };
    await assert.rejects(
      readStore([path('locked.p12')], parseCertificate, { known: [], ask }),
      /locked\.p12: the password does not open it$/,
    );
    assert.deepEqual(asked, [path('locked.p12')]);
  });

  test('a directory: its stores, each certificate once; what is none is passed over', async () => {
    mkdirSync(path('directory'));
    for (const name of ['root.pem', 'chain.pem']) writeFileSync(path(`directory/${name}`), readFileSync(path(name)));
    writeFileSync(path('directory/README'), 'nothing');
    assert.deepEqual((await read('directory')).hashes, both());
  });

  test('a damaged one: what is wrong, in one line', async () => {
    openssl('x509 -in root.pem -outform DER -out whole.der');
    const der = readFileSync(path('whole.der'));
    der[8] = 0x05;
    writeFileSync(path('torn.der'), der);
    assert.match(await errorOf('torn.der'), /torn\.der: certificate 1 is damaged: \w.* has tag \w+, not \w+/);
    openssl('pkcs12 -export -nokeys -in root.pem -passout pass: -out whole.p12');
    writeFileSync(path('cut.p12'), readFileSync(path('whole.p12')).subarray(0, 300));
    assert.match(await errorOf('cut.p12'), /cut\.p12: not a PKCS#12 file that can be read: /);
    assert.match(await errorOf('leaf.key'), /leaf\.key: no certificate in it$/);
    assert.match(await errorOf('none'), /none: no such file or directory$/);
    symlinkSync('circle', path('circle'));
    assert.match(await errorOf('circle'), /circle: symbolic links lead in a circle/);
    writeFileSync(path('text'), '# greeting\n\nhello');
    assert.match(await errorOf('text'), /text:3: no store of certificates .*: "hello" begins none of them$/);
    writeFileSync(path('bytes'), Buffer.from([0, 1, 2, 3]));
    assert.match(await errorOf('bytes'), /bytes: no store of certificates .*: it is binary, and begins with 00010203$/);
  });
});

describe('stores that keytool writes', { skip: noKeytool }, () => {
  test('a password that is not that of the store is told, although JKS opens without one', async () => {
    for (const [type, password] of [
      ['JKS', 'geheim'],
      ['JCEKS', 'schluessel'],
    ] as const) {
      const name = `own.${type}`;
      const store = `-keystore ${name} -storetype ${type} -storepass ${password}`;
      keytool(`-importcert -noprompt -alias root -file root.pem ${store}`);
      assert.deepEqual((await read(name)).aliases, ['root'], type);
      assert.deepEqual((await read(name, 'other', password)).aliases, ['root'], type);
      assert.match(await errorOf(name, 'other'), /no password in the password file is that of the store/, type);
      const altered = readFileSync(path(name));
      altered.writeUInt8(altered.readUInt8(40) ^ 1, 40);
      writeFileSync(path('altered'), altered);
      assert.match(await errorOf('altered', password), /or the store was altered/, type);
    }
  });

  for (const type of ['JKS', 'JCEKS', 'PKCS12']) {
    test(type, async () => {
      const store = `-keystore ${type} -storetype ${type} -storepass changeit`;
      keytool(`-importcert -noprompt -alias root -file root.pem ${store}`);
      keytool(`-importcert -noprompt -alias leaf -file leaf.pem ${store}`);
      keytool(`-genkeypair -alias own -keyalg EC -dname CN=own ${store} -keypass changeit`);
      const { hashes, aliases, format } = await read(type);
      assert.equal(format, type === 'PKCS12' ? 'PKCS#12' : 'JKS');
      assert.deepEqual([...aliases].sort(), ['leaf', 'own', 'root']);
      assert.equal(hashes[aliases.indexOf('root')], hash('root.pem'));
      assert.equal(hashes[aliases.indexOf('leaf')], hash('leaf.pem'));
    });
  }

  test('a secret key stands in the way, and the line says what to do', async () => {
    keytool(
      '-genseckey -alias secret -keyalg AES -keysize 128 -keystore s -storetype JCEKS -storepass changeit -keypass changeit',
    );
    assert.match(await errorOf('s'), /secret key secret stands in the way; keytool -importkeystore/);
  });

  test('cut anywhere: an error of one line', async () => {
    keytool('-importcert -noprompt -alias root -file root.pem -keystore whole -storetype JKS -storepass changeit');
    const whole = readFileSync(path('whole'));
    for (let length = 4; length < whole.length - 20; length += 97) {
      writeFileSync(path('cut'), whole.subarray(0, length));
      assert.match(await errorOf('cut'), /cut: (?:the key store is cut short at byte \d+|no certificate in it)$/);
    }
  });
});

describe('PEM', { skip: noOpenssl }, () => {
  test('several certificates with text and other blocks between, and lines as Windows ends them', async () => {
    const [root, leaf] = [readFileSync(path('root.pem'), 'utf8'), readFileSync(path('leaf.pem'), 'utf8')];
    const text = `# roots\n${root}\n-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n${leaf}`;
    writeFileSync(path('windows.pem'), text.replaceAll('\n', '\r\n'));
    assert.deepEqual((await read('windows.pem')).hashes, [hash('root.pem'), hash('leaf.pem')]);
  });

  test('what is wrong, by line', async () => {
    const root = readFileSync(path('root.pem'), 'utf8');
    const second = root.split('\n').length;
    writeFileSync(path('torn.pem'), root + root.replace(/\n.{64}\n/, '\n'));
    assert.match(await errorOf('torn.pem'), new RegExp(`torn\\.pem:${second}: certificate 2 is damaged`));
    writeFileSync(path('open.pem'), root + root.replace(/-----END[^]*/, ''));
    assert.match(
      await errorOf('open.pem'),
      new RegExp(`open\\.pem:${second}: a certificate that begins here does not end`),
    );
    writeFileSync(path('cut.der'), Buffer.from(root.replace(/-----.*-----/g, ''), 'base64').subarray(0, 100));
    assert.match(await errorOf('cut.der'), /cut\.der: certificate 1 is damaged/);
    writeFileSync(path('key.pem'), '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n');
    assert.match(await errorOf('key.pem'), /key\.pem: no certificate in it/);
  });
});

test('any bytes give certificates or an error of one line', async () => {
  const beginnings = [
    [],
    [0x30, 0x82, 1, 0],
    [0x30, 0x80, 2, 1, 3],
    [0x30, 0x20, 6, 9],
    [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2],
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 200 }), async (beginning, rest) => {
      writeFileSync(path('any'), Buffer.from([...beginning, ...rest]));
      assert.notEqual(await errorOf('any'), 'no error');
    }),
    { numRuns: 300 },
  );
});
