import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openCaptures } from '../../src/capture/merge.js';
import { concat, framesOf, pcapFile, pcapngBlocks, type Packet } from '../support/captures.js';
import { said, worded } from '../support/notices.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** A packet at a time in seconds, known by one byte. */
function packet(seconds: number, mark: number): Packet {
  return {
    seconds: 1000 + Math.floor(seconds),
    fraction: Math.round((seconds % 1) * 1e6),
    data: new Uint8Array([mark]),
  };
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Writes captures and reads them as one: the marks of their packets, each with its capture and its number there. */
async function readTogether(captures: readonly (readonly Packet[])[]): Promise<string[]> {
  const paths = captures.map((packets, index) => write(`${index}.pcap`, pcapFile(packets)));
  return marksOf(await openCaptures(paths));
}

async function marksOf(captures: Awaited<ReturnType<typeof openCaptures>>): Promise<string[]> {
  const frames = await framesOf(captures);
  return frames.map(({ number, data }, index) => {
    assert.equal(number, index + 1);
    const { capture, frame } = captures.placeOf(number);
    return `${capture}:${frame}=${data.join()}`;
  });
}

describe('captures read as one', () => {
  test('that follow each other, in whatever order they are given', async () => {
    const [a, b, c] = [[packet(1, 1), packet(2, 2)], [packet(3, 3)], [packet(4, 4), packet(5, 5)]];
    assert.deepEqual(await readTogether([a, b, c]), ['0:1=1', '0:2=2', '1:1=3', '2:1=4', '2:2=5']);
    assert.deepEqual(await readTogether([c, a, b]), ['1:1=1', '1:2=2', '2:1=3', '0:1=4', '0:2=5']);
  });

  test('that overlap', async () => {
    const a = [packet(1, 1), packet(4, 4), packet(5, 5), packet(9, 9)];
    const b = [packet(2, 2), packet(3, 3), packet(6, 6)];
    const c = [packet(7, 7), packet(8, 8)];
    assert.deepEqual(await readTogether([b, a, c]), [
      '1:1=1',
      '0:1=2',
      '0:2=3',
      '1:2=4',
      '1:3=5',
      '0:3=6',
      '2:1=7',
      '2:2=8',
      '1:4=9',
    ]);
  });

  test('in the order of the paths where they begin at the same time', async () => {
    const at = (mark: number) => [packet(1, mark), packet(1, mark + 1)];
    assert.deepEqual(await readTogether([at(10), at(20), at(30)]), [
      '0:1=10',
      '0:2=11',
      '1:1=20',
      '1:2=21',
      '2:1=30',
      '2:2=31',
    ]);
  });

  test('in the order in which they begin where a piece ends at the time at which the next begins', async () => {
    const second = [packet(2, 3), packet(2, 4)];
    const first = [packet(1, 1), packet(2, 2)];
    assert.deepEqual(await readTogether([second, first]), ['1:1=1', '1:2=2', '0:1=3', '0:2=4']);
  });

  test('each in its own order, even against time', async () => {
    const a = [packet(1, 1), packet(5, 5), packet(2, 2), packet(6, 6)];
    const b = [packet(3, 3), packet(7, 7)];
    assert.deepEqual(await readTogether([a, b]), ['0:1=1', '1:1=3', '0:2=5', '0:3=2', '0:4=6', '1:2=7']);
  });

  test('by nanoseconds, whatever the resolution of each', async () => {
    const nano = pcapFile([{ seconds: 1, fraction: 1500, data: new Uint8Array([2]) }], { nanoseconds: true });
    const micro = pcapFile(
      [1, 2].map((fraction) => ({ seconds: 1, fraction, data: new Uint8Array([fraction * 2 - 1]) })),
    );
    const captures = await openCaptures([write('nano', nano), write('micro', micro)]);
    assert.deepEqual(await marksOf(captures), ['1:1=1', '0:1=2', '1:2=3']);
  });

  test('whatever their formats; what each tells is told by itself, in the order of the paths', async () => {
    const { sectionHeader, interfaceDescription, enhancedPacket, block } = pcapngBlocks();
    const secrets = block(10, [0x4b, 0x53, 0x4c, 0x54], [1, 0, 0, 0], [65]);
    const next = concat(
      sectionHeader(),
      interfaceDescription({ linkType: 101 }),
      enhancedPacket(new Uint8Array([2]), 1_002_000_000n),
      secrets,
    );
    const paths = [
      write('b.pcapng', next),
      write('none.pcap', pcapFile([])),
      write('a.pcap.gz', gzipSync(pcapFile([packet(1, 1), packet(3, 3)]))),
      write('cut.pcap', pcapFile([packet(4, 4), packet(5, 5)]).subarray(0, -1)),
    ];
    const taken: unknown[] = [];
    const captures = await openCaptures(paths, undefined, ({ type, data }, path) =>
      taken.push([path, type, [...data]]),
    );
    assert.deepEqual(await marksOf(captures), ['2:1=1', '0:1=2', '2:2=3', '3:1=4']);
    assert.deepEqual(
      captures
        .summaries()
        .map(({ path, format, packets, linkTypes, warnings }) => [
          paths.indexOf(path),
          format,
          packets,
          linkTypes,
          warnings.map(({ code }) => code),
        ]),
      [
        [0, 'pcapng', 1, ['RAW'], []],
        [1, 'pcap', 0, ['ETHERNET'], []],
        [2, 'pcap', 2, ['ETHERNET'], []],
        [3, 'pcap', 1, ['ETHERNET'], ['cut-short']],
      ],
    );
    assert.deepEqual(taken, [[paths[0], 'TLSK', [65]]]);
  });

  const times = fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }), { minLength: 2, maxLength: 6 });
  test('give every frame, each capture in its own order, all in the order of time', async () => {
    await fc.assert(
      fc.asyncProperty(times, async (lists) => {
        const captures = lists.map((list) => list.sort((a, b) => a - b).map((time) => packet(time, time)));
        const marks = await readTogether(captures);
        const read = marks.map((mark) => mark.split(/[:=]/).map(Number));
        assert.deepEqual(
          read.map(([, , time]) => time),
          lists.flat().sort((a, b) => a - b),
        );
        for (const [index, list] of lists.entries()) {
          const own = read.filter(([capture]) => capture === index);
          assert.deepEqual(
            own.map(([, frame, time]) => [frame, time]),
            list.map((time, at) => [at + 1, time]),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  test('cut in pieces anywhere and given in any order are the whole again', async () => {
    const pieces = fc.record({
      gaps: fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 1, maxLength: 40 }),
      cuts: fc.array(fc.nat(40), { maxLength: 8 }),
      order: fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(pieces, async ({ gaps, cuts, order }) => {
        let time = 0;
        const packets = gaps.map((gap, index) => packet((time += gap) / 1e6, index));
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, packets.length)).sort((a, b) => a - b), packets.length];
        const parts = bounds.slice(1).map((end, index) => packets.slice(bounds[index], end));
        const given = parts.map((part, index) => ({ part, key: order[index] ?? 0 })).sort((a, b) => a.key - b.key);
        const marks = await readTogether(given.map(({ part }) => part));
        assert.deepEqual(
          marks.map((mark) => Number(mark.split('=')[1])),
          packets.map((_, index) => index),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('a hundred pieces of a recording are open one after the other', () => {
    const pieces = join(folder, 'ring');
    mkdirSync(pieces);
    for (let piece = 0; piece < 100; piece++) {
      writeFileSync(join(pieces, `trace.pcap${piece}`), pcapFile([packet(piece, piece), packet(piece + 1, piece)]));
    }
    const merge = new URL('../../src/capture/merge.js', import.meta.url).href;
    const program = `
      const { openCaptures } = await import(${JSON.stringify(merge)});
      const { readdirSync } = await import('node:fs');
      const open = () => readdirSync('/proc/self/fd').length;
      const before = open();
      const captures = await openCaptures([process.argv[1]]);
      let most = 0, frames = 0;
      do { while (captures.next()) frames++; most = Math.max(most, open()); } while (await captures.fill());
      console.log(frames, most - before);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, pieces], {
      encoding: 'utf8',
    });
    const [frames, files] = stdout.split(' ').map(Number);
    assert.equal(frames, 200);
    assert.ok(process.platform !== 'linux' || (files !== undefined && files <= 4), stdout);
  });

  test('closed before their end, say what was not read', async () => {
    const paths = [1, 2, 3].map((time) =>
      write(`${time}.pcap`, pcapFile([packet(time, time), packet(time + 0.5, time)])),
    );
    const captures = await openCaptures(paths);
    while (!captures.next()) await captures.fill();
    await captures.close();
    assert.ok(!captures.next() && !(await captures.fill()));
    assert.deepEqual(
      captures.summaries().map(({ packets, warnings }) => [packets, warnings.map(said)]),
      [
        [1, ['interrupted: what follows frame 1 was not read']],
        [0, ['interrupted: it was not read']],
        [0, ['interrupted: it was not read']],
      ],
    );
  });
});

describe('a directory', () => {
  const directory = join(folder, 'directory');
  mkdirSync(directory);
  const put = (name: string, bytes: Uint8Array | string): string => {
    const path = join(directory, name);
    writeFileSync(path, bytes);
    return path;
  };
  const names = ['trace.pcap', 'trace.pcap1', 'trace.pcap2', 'trace.pcap10.gz'];
  const files = names.map((name, index) => {
    const bytes = pcapFile([packet(index, index)]);
    return put(name, name.endsWith('gz') ? gzipSync(bytes) : bytes);
  });
  put('notes.txt', 'see the ticket');
  put('empty.pcap', '');
  put('.hidden', 'neither here nor there');
  mkdirSync(join(directory, 'older'));

  test('stands for the captures in it, in the order of their names; other files are left out, with a warning', async () => {
    const captures = await openCaptures([directory]);
    assert.deepEqual(await marksOf(captures), ['0:1=0', '1:1=1', '2:1=2', '3:1=3']);
    const summaries = captures.summaries();
    assert.deepEqual(
      summaries.map(({ path }) => path),
      files,
    );
    const unread = `not read of ${directory}: empty.pcap: not a packet capture (it is empty)`;
    const leftOut = `left out of ${directory}: .hidden: hidden; notes.txt: not a packet capture (it looks like text); older: a directory`;
    assert.deepEqual(
      summaries.map(({ warnings }) => worded(warnings)),
      [
        [
          { code: 'files-unread', message: unread },
          { code: 'files-left-out', message: leftOut },
        ],
        [],
        [],
        [],
      ],
    );
  });

  test('what cannot be read may be a capture, and is told apart from what is none', async () => {
    const here = join(folder, 'partly');
    mkdirSync(here);
    writeFileSync(join(here, 'a.pcap'), pcapFile([packet(0, 0)]));
    writeFileSync(join(here, 'notes.txt'), 'see the ticket');
    writeFileSync(join(here, 'cut.pcap.gz'), gzipSync(pcapFile([packet(0, 0)])).subarray(0, 12));
    symlinkSync(join(here, 'gone'), join(here, 'link.pcap'));
    const captures = await openCaptures([here]);
    assert.deepEqual(
      captures.summaries().map(({ warnings }) => worded(warnings)),
      [
        [
          {
            code: 'files-unread',
            message: `not read of ${here}: cut.pcap.gz: the gzip data end too early; link.pcap: no such file or directory`,
          },
          {
            code: 'files-left-out',
            message: `left out of ${here}: notes.txt: not a packet capture (it looks like text)`,
          },
        ],
      ],
    );
  });

  test('and a file in it that is named too count once, also by another name', async () => {
    const link = join(folder, 'link.pcap');
    symlinkSync(files[1] ?? '', link);
    const captures = await openCaptures([link, directory, files[0] ?? '']);
    assert.deepEqual(await marksOf(captures), ['1:1=0', '0:1=1', '2:1=2', '3:1=3']);
  });

  test('without a capture is an error, as is a file that is named and is none', async () => {
    const older = join(directory, 'older');
    await assert.rejects(openCaptures([older]), {
      name: 'CaptureError',
      message: `${older}: a directory in which there is no capture`,
    });
    const notes = join(directory, 'notes.txt');
    for (const paths of [[notes], [files[0] ?? '', notes]]) {
      await assert.rejects(openCaptures(paths), {
        name: 'CaptureError',
        message: `${notes}: not a packet capture (it looks like text)`,
      });
    }
    await assert.rejects(openCaptures([join(folder, 'none')]), { message: /none: no such file or directory$/ });
  });
});
