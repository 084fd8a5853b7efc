/** What a file of `--if` is taken for. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readEnds } from '../../src/ends/read.js';
import { issue, toPem } from '../x509/authority.js';

const folder = mkdtempSync(join(tmpdir(), 'ends-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const kindOf = async (path: string) => (await readEnds({ whatIf: { path } })).otherEnd?.kind;

const root = await issue({ name: 'CN=Root', ca: true });
const leaf = await issue({ name: 'CN=leaf', by: root });
const chain = toPem(leaf.certificate) + toPem(root.certificate);
const nginx = 'server { listen 443 ssl; }';

describe('a file of --if', () => {
  test('is known by its content', async () => {
    assert.equal(await kindOf(write('nginx', nginx)), 'configuration');
    assert.equal(await kindOf(write('chain', chain)), 'chain');
    assert.equal(await kindOf(write('roots', toPem(root.certificate))), 'client-trusts');
    mkdirSync(join(folder, 'directory'));
    write('directory/leaf.pem', chain);
    assert.equal(await kindOf(join(folder, 'directory')), 'chain');
  });

  test('may begin with a byte order mark, or be UTF-16, as Windows writes it', async () => {
    const scan = '[{"id": "TLS1_2", "finding": "offered", "port": "443"}]';
    for (const [name, text] of [
      ['nginx', nginx],
      ['testssl', scan],
    ] as const) {
      assert.equal(await kindOf(write(`mark-${name}`, `\ufeff${text}`)), 'configuration');
      const wide = join(folder, `wide-${name}`);
      writeFileSync(wide, `\ufeff${text}`, 'utf16le');
      assert.equal(await kindOf(wide), 'configuration');
    }
  });

  test('may be a pipe, which can be read once', async () => {
    for (const [text, kind] of [
      [nginx, 'configuration'],
      [chain, 'chain'],
    ] as const) {
      const pipe = join(folder, `pipe-${kind}`);
      await once(spawn('sh', ['-c', `mkfifo ${pipe}`]), 'exit');
      const writer = spawn('sh', ['-c', `printf %s "$TEXT" > ${pipe}`], { env: { ...process.env, TEXT: text } });
      const written = once(writer, 'exit');
      assert.equal(await kindOf(pipe), kind);
      await written;
    }
  });

  test('of no kind: one line, with the kinds and the line where it is none', async () => {
    const kinds = 'neither a configuration \\(nginx, .* sslyze\\) nor a store of certificates \\(PEM, .* JKS\\): ';
    const cases: readonly (readonly [name: string, text: string, rest: string])[] = [
      ['text', '\n; c\nhello world', ':3: KINDS"hello world" begins none of them$'],
      ['json', '{"a": 1,\n"b": }', ':2: KINDSnot JSON that can be read$'],
      ['other-json', '{"a": 1}', ': KINDSit is other JSON$'],
      ['empty', '', ': KINDSit is empty$'],
      ['comments', '# a\n', ': KINDSit has comments alone$'],
      ['bytes', '\0\x01', ': KINDSit is binary, and begins with 0001$'],
      // What is of a kind, and broken, is told by the reader of that kind.
      ['torn', 'server {\nlisten 443 ssl\n}', ':3: unexpected "}"$'],
    ];
    for (const [name, text, rest] of cases) {
      const message = new RegExp(`/${name}${rest.replace('KINDS', kinds)}`);
      await assert.rejects(kindOf(write(name, text)), { name: 'EndFileError', message });
    }
  });
});

test('a configuration that only servers have is none of a client', async () => {
  const read = (clientConfig: string) => readEnds({ clientConfig });
  await assert.rejects(read(write('servers-own', nginx)), {
    name: 'EndFileError',
    message: /a client has no configuration of nginx \(java\.security, openssl\.cnf are read\)/,
  });
  const { ends } = await read(write('java', 'jdk.tls.disabledAlgorithms=TLSv1\n'));
  assert.equal(ends?.clientConfiguration?.format, 'java.security');
});
