import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CaptureError } from '../../src/capture/error.js';
import { newReadContext, openCapture, readCapture } from '../../src/capture/open.js';
import { chunkSource, type Source } from '../../src/capture/source.js';
import { pcapFile, readAll } from '../support/captures.js';
import { worded } from '../support/notices.js';

const folder = mkdtempSync(path.join(tmpdir(), 'tls-postmortem-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const data = new Uint8Array(1400).fill(9);
const many = pcapFile(Array.from({ length: 1000 }, () => ({ data })));
const file = path.join(folder, 'many.pcap');
writeFileSync(file, many);

/** A program that prints how many packets the capture named by its argument has. */
const open = new URL('../../src/capture/open.js', import.meta.url).href;
const program = `
  const { openCapture } = await import(${JSON.stringify(open)});
  const capture = await openCapture(process.argv[1]);
  do { while (capture.next()); } while (await capture.fill());
  const { packets, bytes, warnings } = capture.summary();
  console.log(JSON.stringify([packets, bytes, warnings.length]));`;
const node = (argument: string) => ['--input-type=module', '-e', program, argument];

describe('opening', () => {
  const expected = `[1000,${many.length},0]\n`;
  test('a file', () => {
    assert.equal(execFileSync(process.execPath, node(file), { encoding: 'utf8' }), expected);
  });

  test('standard input from a file', () => {
    const stdio = [openSync(file, 'r'), 'pipe', 'inherit'] as const;
    assert.equal(spawnSync(process.execPath, node('-'), { stdio: [...stdio], encoding: 'utf8' }).stdout, expected);
  });

  test('standard input from a pipe', () => {
    assert.equal(execFileSync(process.execPath, node('-'), { input: many, encoding: 'utf8' }), expected);
  });

  test('a damaged pipe ends, although its writer goes on', () => {
    const endless = `(head -c 100000 "${file}"; yes) | "${process.execPath}" --input-type=module -e "$PROGRAM" -`;
    const result = spawnSync('sh', ['-c', endless], {
      env: { ...process.env, PROGRAM: program },
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.match(result.stdout, /^\[71,100560,1\]\n$/);
  });

  const failures: readonly (readonly [string, Uint8Array, string])[] = [
    ['an empty file', new Uint8Array(0), 'it is empty'],
    ['gzip inside gzip', gzipSync(gzipSync(many)), 'it looks like gzip inside gzip'],
    ['text inside gzip', gzipSync('#!/bin/sh'), 'it looks like text inside gzip'],
    ['text', Buffer.from('# issue 17\nthe capture is attached\n'), 'it looks like text'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'it looks like a PNG image'],
    ['a document that begins as text', Buffer.from('%PDF-1.7\n'), 'it looks like a PDF document'],
    ['anything else', new Uint8Array([0, 1, 2, 3]), 'it begins with 00010203'],
  ];
  for (const [what, bytes, reason] of failures) {
    test(`${what} is refused`, async () => {
      await assert.rejects(
        readAll(bytes),
        (error) => error instanceof CaptureError && error.message === `test: not a packet capture (${reason})`,
      );
    });
  }

  test('what cannot be opened is refused', async () => {
    await assert.rejects(openCapture(path.join(folder, 'none.pcap')), {
      name: 'CaptureError',
      message: /: no such file or directory$/,
    });
    await assert.rejects(openCapture(folder), { name: 'CaptureError', message: `${folder}: is a directory` });
    await assert.rejects(openCapture('/dev/null'), { message: '/dev/null: is a device, not a capture' });
  });

  test('a source is closed where reading stops', async () => {
    let closed = false;
    function* chunks() {
      try {
        yield many.subarray(0, 24);
        for (;;) yield new Uint8Array(16).fill(0xff);
      } finally {
        closed = true;
      }
    }
    const capture = await readCapture('test', chunkSource(chunks()));
    do {
      while (capture.next());
    } while (await capture.fill());
    assert.equal(capture.summary().warnings[0]?.code, 'damaged');
    assert.ok(closed);
  });

  test('a capture closed before its end says so', async () => {
    const capture = await readCapture('test', chunkSource([many]));
    assert.ok(capture.next() || ((await capture.fill()) && capture.next()));
    await capture.close();
    assert.ok(!capture.next());
    const message = 'interrupted: what follows frame 1 was not read';
    assert.deepEqual(worded(capture.summary().warnings), [{ code: 'interrupted', message, frame: 1 }]);
  });

  test('a pipe that is no longer waited for is not cut short, but given up', async () => {
    for (const [length, expected] of [
      [24 + 1416 + 700, ['interrupted']],
      [24 + 1416, []],
    ] as const) {
      const stop = new AbortController();
      // Reading from a pipe ends when the signal closes it.
      const chunks = function* (): Generator<Uint8Array> {
        yield many.subarray(0, length);
        stop.abort();
      };
      const capture = await readCapture('test', chunkSource(chunks()), newReadContext(undefined, stop.signal));
      do {
        while (capture.next());
      } while (await capture.fill());
      const { packets, warnings } = capture.summary();
      assert.deepEqual([packets, warnings.map(({ code }) => code)], [1, expected]);
    }
  });

  test('an input that fails midway ends with a warning', async () => {
    let reads = 0;
    const failing: Source = {
      fill(window) {
        if (reads++ > 0) throw new Error('input/output error');
        window.bytes.set(many.subarray(0, 24 + 2 * 1416));
        window.end = 24 + 2 * 1416;
      },
      bytesRead: () => 0,
      close() {
        reads = -1;
      },
    };
    const capture = await readCapture('test', failing);
    do {
      while (capture.next());
    } while (await capture.fill());
    assert.equal(capture.summary().packets, 2);
    const message = 'reading failed at byte 2856, after frame 2: input/output error';
    assert.deepEqual(worded(capture.summary().warnings), [{ code: 'cut-short', message, frame: 2, byteOffset: 2856 }]);
    assert.equal(reads, -1);
  });
});
