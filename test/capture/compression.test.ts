import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decompressed, MAX_RATIO, UNCHECKED_BYTES } from '../../src/capture/compression.js';
import { gzip } from '../../src/capture/compressions/gzip.js';
import { CaptureError } from '../../src/capture/error.js';
import { chunkSource } from '../../src/capture/source.js';
import { newWindow } from '../../src/capture/window.js';
import { concat, pcapFile, pcapngBlocks, readAll } from '../support/captures.js';
import { lz4Frame, skippableFrame, zstdBomb, zstdFrame } from '../support/compressed.js';
import { ROOT } from '../support/schema.js';
import { said } from '../support/notices.js';

const packets = Array.from({ length: 40 }, (_, number) => ({
  data: Uint8Array.from({ length: 60 }, (_, byte) => (byte * 7 + (number % 5) * byte) & 255),
  seconds: 1000 + number,
  fraction: number,
}));
const plain = pcapFile(packets);

// What the reference programs make of `plain`, with checksums: zstd -19, lz4 -9.
const ZSTD =
  'KLUv/WT4Ci0OAIQW1MOyoQIABAAEAAHoAzwABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8AwoRGB8mLTQ7QklQV15lbHN6gY' +
  'iPlp3pAQgQGCAoMDhASFBYYGhweICIkJigqLC4wMjQ2ODo8PjqAgkSGyQtNj9IUVpjbHV+h5CZoqu0vcbP2OHq8/wFDhcgKTI7RE1WX2hxeoOM' +
  'lZ6nsLnCy9Td5u/4AQoT6wMKFB4oMjxGUFpkbniCjJagqrS+yNLc5vD6BA4YIiw2QEpUXmhyfIaQmqSuuMLM1uDq9P4IEhwmMDpETuwECxYhLD' +
  'dCTVhjbnmEj5qlsLvG0dzn8v0IEx4pND9KVWBrdoGMl6KtuMPO2eTv+gUQGyYxPEdSXWhzfontBe4G7wfwCPEJ8grzC/QM9Q32DvcP+BD5EfoS' +
  '+xP8FP0V/hb/FwAYARkCGgMbBBwFHQYeBx8IIAkhCiILIwwkDSUOJg8nU6gRoEsZ9as6cEtBMowB4gsahqAh4Aj/jvDfDxQ6GRWdjIpORkOfBE' +
  'XeIe/JfeSHDykhCjUZjY6MRkdGoxOj0YnRh/5EzhmTLNPSxPrwlPezqVvAiJ6WfLNIA4LE2ZQ=';
const LZ4 =
  'BCJNGGRAp48CAACG1MOyoQIABAABAIIEAAEAAADoAw4AEzwEAPgyAAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tng5+71/AMKERgfJi' +
  '00O0JJUFdeZWxzeoGIj5ad6QMAAAFMAP8QCBAYICgwOEBIUFhgaHB4gIiQmKCosLjAyNDY4Ojw+CAACVjqAwAAAkwA+DEJEhskLTY/SFFaY2x1' +
  'foeQmaKrtL3Gz9jh6vP8BQ4XICkyO0RNVl9ocXqDjJWep7C5wsvU3ebv+AEKE+sDAAADTADwLgoUHigyPEZQWmRueIKMlqCqtL7I0tzm8PoEDh' +
  'giLDZASlReaHJ8hpCapK64wszW4Or0/ggSHCYwOkRO7AM6AQdMAP8xCxYhLDdCTVhjbnmEj5qlsLvG0dzn8v0IEx4pND9KVWBrdoGMl6KtuMPO' +
  '2eTv+gUQGyYxPEdSXWhzfontAwAABXwBNF/uAwAABnwBNF/vAwAAB3wBNF/wAwAACHwBNF/xAwAACXwBNF/yAwAACnwBNF/zAwAAC3wBNF/0Aw' +
  'AADHwBNF/1AwAADXwBNF/2AwAADnwBNF/3AwAAD3wBNF/4AwAAEHwBNF/5AwAAEXwBNF/6AwAAEnwBNF/7AwAAE3wBNF/8AwAAFHwBNF/9AwAA' +
  'FXwBNF/+AwAAFnwBNF//AwAAF3wBNADtBR8YfAE0XwEEAAAZfAE0XwIEAAAafAE0XwMEAAAbfAE0XwQEAAAcfAE0XwUEAAAdfAE0XwYEAAAefA' +
  'E0XwcEAAAffAE0XwgEAAAgfAE0XwkEAAAhfAE0XwoEAAAifAE0XwsEAAAjfAE0XwwEAAAkfAE0Xw0EAAAlfAE0Xw4EAAAmfAE0Xw8EAAAnfAEv' +
  'UF1oc36JAAAAADHeW0o=';

type Compress = (bytes: Uint8Array) => Uint8Array;
const compressions: readonly (readonly [string, Compress])[] = [
  ['gzip', gzipSync],
  ['zstd', zstdFrame],
  ['lz4', lz4Frame],
];

describe('compressed captures', () => {
  const files: readonly (readonly [what: string, compression: string, bytes: Uint8Array])[] = [
    ['gzip', 'gzip', gzipSync(plain)],
    ['gzip, stored', 'gzip', gzipSync(plain, { level: 0 })],
    ['gzip of several members', 'gzip', concat(gzipSync(plain.subarray(0, 999)), gzipSync(plain.subarray(999)))],
    ['gzip with zeros behind it', 'gzip', concat(gzipSync(plain), new Uint8Array(700))],
    ['zstd by zstd', 'zstd', Buffer.from(ZSTD, 'base64')],
    ['zstd of raw blocks', 'zstd', zstdFrame(plain)],
    ['zstd of several frames', 'zstd', concat(zstdFrame(plain.subarray(0, 999)), zstdFrame(plain.subarray(999)))],
    [
      'zstd as pzstd writes it',
      'zstd',
      concat(
        skippableFrame(new Uint8Array(4)),
        zstdFrame(plain.subarray(0, 999)),
        skippableFrame(new Uint8Array(4)),
        zstdFrame(plain.subarray(999)),
      ),
    ],
    ['lz4 by lz4', 'lz4', Buffer.from(LZ4, 'base64')],
    ['lz4', 'lz4', lz4Frame(plain)],
    ['lz4, blocks that depend on each other', 'lz4', lz4Frame(plain, { blockLength: 300 })],
    ['lz4, blocks that do not', 'lz4', lz4Frame(plain, { blockLength: 300, isIndependent: true })],
    ['lz4 with checksums and size', 'lz4', lz4Frame(plain, { hasChecksums: true, hasContentSize: true })],
    ['lz4, stored', 'lz4', lz4Frame(plain, { isStored: true, blockLength: 500 })],
    [
      'lz4 of several frames',
      'lz4',
      concat(lz4Frame(plain.subarray(0, 999)), skippableFrame(plain), lz4Frame(plain.subarray(999))),
    ],
  ];
  for (const [what, compression, bytes] of files) {
    test(`are read as what they hold: ${what}`, async () => {
      const expected = await readAll(plain);
      const { frames, summary } = await readAll(bytes);
      assert.deepEqual(frames, expected.frames);
      assert.deepEqual(summary, { ...expected.summary, compression });
      assert.equal(expected.summary.compression, null);
    });

    test(`may come in any pieces: ${what}`, async () => {
      const expected = await readAll(bytes);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), async (sizes) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0, index = 0; at < bytes.length; index++) {
            const size = sizes[index % sizes.length] ?? 1;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          assert.deepEqual(await readAll(...chunks), expected);
        }),
        { numRuns: 20 },
      );
    });

    test(`cut at any byte give what is there: ${what}`, async () => {
      const expected = await readAll(plain);
      let most = 0;
      for (let length = 12; length < bytes.length; length += 29) {
        const result = await readAll(bytes.subarray(0, length)).catch((error: unknown) => error);
        if (result instanceof CaptureError) {
          assert.equal(most, 0, `nothing at ${length}`);
          continue;
        }
        const { frames, summary } = result as typeof expected;
        assert.deepEqual(frames, expected.frames.slice(0, frames.length));
        assert.ok(frames.length >= most, `fewer frames at ${length}`);
        most = frames.length;
        // Between two members or frames, and within zeros behind them, nothing shows that more is to come.
        if (frames.length < 40) assert.equal(summary.warnings.at(-1)?.code, 'cut-short', `at ${length}`);
      }
    });
  }

  test('larger than any buffer are read', async () => {
    const large = pcapFile(
      Array.from({ length: 400 }, (_, number) => ({
        data: Uint8Array.from({ length: 1400 }, (_, byte) => (byte * number) & 255),
        seconds: 1 + number,
      })),
    );
    const expected = await readAll(large);
    for (const [name, compress] of compressions) {
      assert.deepEqual((await readAll(compress(large))).frames, expected.frames, name);
    }
    for (const sizeCode of [5, 6, 7]) {
      const frame = lz4Frame(large, { sizeCode, blockLength: 2 ** (8 + 2 * sizeCode) });
      assert.deepEqual((await readAll(frame)).frames, expected.frames);
    }
  });

  test('by the programs, where they are', { concurrency: true }, async (context) => {
    const commands = [
      ['gzip', '-1'],
      ['zstd', '-19', '--long=27'],
      ['zstd', '--fast=5', '--no-check'],
      ['lz4', '-9', '-B4', '-BD'],
      ['lz4', '-1', '-BX'],
      ['pigz'],
      ['pzstd'],
    ];
    const expected = await readAll(plain);
    for (const [program = '', ...args] of commands) {
      const { stdout, error } = spawnSync(program, [...args, '-c'], { input: plain });
      if (error) context.diagnostic(`${program} is not installed`);
      else assert.deepEqual((await readAll(stdout)).frames, expected.frames, [program, ...args].join(' '));
    }
  });
});

describe('damaged compressed captures', () => {
  for (const [name, compress] of compressions) {
    test(`${name}: the frames before the damage, and a warning`, async () => {
      // As many parts as there are packets, so that much is decoded before the damage.
      const parts = [
        plain.subarray(0, 24),
        ...packets.map((_, index) => plain.subarray(24 + 76 * index, 100 + 76 * index)),
      ];
      const bytes = concat(
        ...parts.slice(0, 21).map((part) => compress(part)),
        [0x13, 0x37, 0x13, 0x37, 1, 2, 3],
        ...parts.map((part) => compress(part)),
      );
      const { frames, summary } = await readAll(...Array.from(bytes, (byte) => new Uint8Array([byte])));
      assert.deepEqual(frames, (await readAll(plain)).frames.slice(0, 20));
      assert.equal(summary.warnings.length, 1);
      assert.equal(summary.warnings[0]?.code, 'damaged');
      assert.match(
        said(summary.warnings[0]),
        new RegExp(`^decompressing stopped at byte 1544, after frame 20: the ${name} data`),
      );
    });

    test(`${name}: changed anywhere, they are read or refused`, async () => {
      const good = compress(plain);
      const change = fc.tuple(fc.nat(good.length - 5), fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.nat(5));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          let bytes: Uint8Array = good;
          for (const [at, inserted, removed] of changes) {
            bytes = concat(bytes.subarray(0, 4 + at), inserted, bytes.subarray(4 + at + removed));
          }
          try {
            const { frames, summary } = await readAll(bytes);
            assert.equal(frames.length, summary.packets);
          } catch (error) {
            assert.ok(error instanceof CaptureError, String(error));
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});

test('whole gzip members before a damaged one are read, however short they are', async () => {
  for (const cut of [200, 999, 2000]) {
    const second = gzipSync(plain.subarray(cut));
    second.fill(0xff, 12, 20);
    const { frames, summary } = await readAll(concat(gzipSync(plain.subarray(0, cut)), second));
    assert.equal(frames.length, Math.floor((cut - 24) / 76), String(cut));
    assert.deepEqual(summary.warnings.map(({ code }) => code).slice(0, 1), ['damaged']);
  }
});

describe('what follows a whole member or frame', () => {
  const large = pcapFile(
    Array.from({ length: 300 }, (_, number) => ({
      data: Uint8Array.from({ length: 900 }, (_, byte) => (byte * number) & 255),
      seconds: 1 + number,
    })),
  );
  for (const [name, compress] of compressions) {
    test(`${name}: takes nothing of it away`, async () => {
      for (const whole of [plain, large]) {
        const expected = (await readAll(whole)).frames;
        const first = compress(whole);
        const second = compress(whole.subarray(24));
        const followers: readonly (readonly [what: string, bytes: Uint8Array, code: string])[] = [
          ['other bytes', Uint8Array.from({ length: 5000 }, (_, at) => (at * 37 + 1) & 255), 'damaged'],
          ['the beginning of a header', second.subarray(0, 3), 'cut-short'],
          ['a member that is cut', second.subarray(0, 30), 'cut-short'],
          ['a member that is damaged', concat(second.subarray(0, 15), new Uint8Array(100_000).fill(0xff)), 'damaged'],
        ];
        for (const [what, bytes, code] of followers) {
          const { frames, summary } = await readAll(concat(first, bytes));
          assert.ok(frames.length >= expected.length, what);
          assert.deepEqual(frames.slice(0, expected.length), expected, what);
          assert.equal(summary.warnings[0]?.code, code, what);
        }
      }
    });
  }

  test('gzip: members with all that a header can have, of any length', async () => {
    const header = [0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3];
    const extras = [4, 0, 1, 2, 3, 4, ...Buffer.from('trace.pcap\0a comment\0'), 0x12, 0x34];
    const whole = (await readAll(large)).frames;
    for (const cut of [24, 1000, 200_000]) {
      const members = [large.subarray(0, cut), large.subarray(cut)].map((part) =>
        concat(header, extras, gzipSync(part).subarray(10)),
      );
      const bytes = concat(...members);
      for (const size of [bytes.length, 4096, 61]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const { frames, summary } = await readAll(...pieces);
        assert.deepEqual([frames, summary.warnings], [whole, []], `${cut} ${size}`);
      }
    }
  });

  test('gzip: a member whose content is not what was compressed is told', async () => {
    for (const whole of [plain, large]) {
      const bytes = gzipSync(whole);
      bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1;
      const { summary } = await readAll(concat(gzipSync(plain), bytes));
      assert.equal(said(summary.warnings[0]).includes('the gzip data are damaged: incorrect data check'), true);
    }
  });
});

test('empty lz4 frames take no memory', async () => {
  const empty = lz4Frame(new Uint8Array(0));
  const { frames } = await readAll(concat(...Array<Uint8Array>(5000).fill(empty), lz4Frame(plain)));
  assert.equal(frames.length, packets.length);
});

describe('decompression bombs', () => {
  const start = concat(pcapngBlocks().sectionHeader(), pcapngBlocks().interfaceDescription());

  test('end beyond the ratio, with a warning, in bounded memory', async () => {
    // Blocks of a type that nobody knows, each passed over: as fast as reading gets.
    const bomb = zstdBomb(start, 4, 40_000);
    const before = process.memoryUsage().rss;
    const { frames, summary } = await readAll(bomb);
    assert.equal(frames.length, 0);
    assert.deepEqual(
      summary.warnings.map(({ code }) => code),
      ['decompression-limit'],
    );
    assert.ok(summary.bytes > UNCHECKED_BYTES && summary.bytes < UNCHECKED_BYTES + MAX_RATIO * bomb.length + 2 ** 20);
    assert.ok(process.memoryUsage().rss - before < 256 * 2 ** 20);
  });

  test('of zeros end at once', async () => {
    const { summary } = await readAll(zstdBomb(plain, 0, 40_000));
    assert.deepEqual(
      summary.warnings.map(({ code }) => code),
      ['damaged'],
    );
    const gzipped = await readAll(gzipSync(concat(plain, new Uint8Array(50_000_000))));
    assert.deepEqual(gzipped.frames.length, 40);
  });

  test('are told by what was read, and a file that compresses well is none', async () => {
    const zeros = gzipSync(new Uint8Array(1_000_000));
    const read = async (limits: { uncheckedBytes: number; maxRatio: number }): Promise<number> => {
      const window = newWindow();
      const compressed = newWindow();
      const source = chunkSource([zeros]);
      await source.fill(compressed);
      const plainSource = decompressed(gzip, compressed, source, { limits });
      let length = 0;
      while (!window.ended) {
        await plainSource.fill(window);
        length += window.end - window.start;
        window.start = window.end;
      }
      await plainSource.close();
      return length;
    };
    assert.equal(await read({ uncheckedBytes: 1_000_000, maxRatio: 0 }), 1_000_000);
    assert.equal(await read({ uncheckedBytes: 0, maxRatio: 1100 }), 1_000_000);
    await assert.rejects(read({ uncheckedBytes: 0, maxRatio: 900 }), { code: 'decompression-limit' });
    await assert.rejects(read({ uncheckedBytes: 900_000, maxRatio: 0 }), { code: 'decompression-limit' });
  });

  test('of a claimed window end too', async () => {
    // A window of 2 GiB and more, of which the decoder makes none.
    const header = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff];
    await assert.rejects(readAll(concat(header, zstdFrame(plain).subarray(6))), {
      name: 'CaptureError',
      message: 'test: the zstd data need more than 128 MiB of memory',
    });
  });
});

test('without the library for zstd all else is read, and its lack is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  // The reading stage and what lies below it, with no packages beside it.
  cpSync(join(ROOT, 'build', 'src', 'capture'), join(folder, 'capture'), { recursive: true });
  for (const file of readdirSync(join(ROOT, 'build', 'src')).filter((name) => name.endsWith('.js'))) {
    cpSync(join(ROOT, 'build', 'src', file), join(folder, file));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, compress] of compressions) writeFileSync(join(folder, name), compress(plain));
  const program = `
    import { openCapture } from './capture/open.js';
    for (const file of ['gzip', 'lz4', 'zstd']) {
      const capture = await openCapture(file).catch((error) => console.log(error.message));
      if (capture === undefined) continue;
      do { while (capture.next()); } while (await capture.fill());
      console.log(file, capture.summary().packets);
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.deepEqual(
    [stdout.trim().split('\n'), stderr],
    [['gzip 40', 'lz4 40', 'zstd: zstd needs the package zstddec, which is not installed'], ''],
  );
});
