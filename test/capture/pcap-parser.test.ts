import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import pcapParser, { type ParsedPacket } from 'pcap-parser';
import { openCapture } from '../../src/capture/open.js';
import { pcapFile } from '../support/captures.js';

/** Time in microseconds, length on the wire, and the captured bytes. */
type Seen = readonly [microseconds: number, originalLength: number, data: Buffer];

async function ours(file: string): Promise<Seen[]> {
  const capture = await openCapture(file);
  const seen: Seen[] = [];
  do {
    while (capture.next()) {
      const { seconds, nanoseconds, originalLength, bytes, start, end } = capture.frame;
      seen.push([seconds * 1e6 + nanoseconds / 1000, originalLength, Buffer.from(bytes.subarray(start, end))]);
    }
  } while (await capture.fill());
  return seen;
}

async function theirs(file: string): Promise<Seen[]> {
  const parser = pcapParser.parse(file);
  const seen: Seen[] = [];
  parser.on('packet', ({ header, data }: ParsedPacket) => {
    seen.push([header.timestampSeconds * 1e6 + header.timestampMicroseconds, header.originalLength, Buffer.from(data)]);
  });
  await once(parser, 'end');
  return seen;
}

/** Classic captures with microseconds, which are all that pcap-parser reads. */
function capturesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter((file) => /\.(pcap|cap)$/.test(file))
    .filter((file) => ['d4c3b2a1', 'a1b2c3d4'].includes(readFileSync(file).toString('hex', 0, 4)));
}

async function compare(files: readonly string[]): Promise<void> {
  for (const file of files) assert.deepEqual(await ours(file), await theirs(file), file);
}

describe('the same packets as pcap-parser', () => {
  test('in the samples', async (context) => {
    const files = capturesIn('samples');
    if (files.length === 0) context.skip('no samples yet');
    await compare(files);
  });

  const corpus = process.env['TLS_POSTMORTEM_CORPUS'];
  test('in the corpus', { skip: corpus === undefined && 'TLS_POSTMORTEM_CORPUS is not set' }, async () => {
    const files = capturesIn(path.join(corpus ?? '', 'captures'));
    assert.notEqual(files.length, 0);
    await compare(files);
  });

  const folder = mkdtempSync(path.join(tmpdir(), 'tls-postmortem-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  test('in generated captures', async () => {
    const packets = fc.array(
      fc.record({
        data: fc.uint8Array({ maxLength: 2000 }),
        seconds: fc.nat({ max: 0xffffffff }),
        fraction: fc.nat({ max: 0xffffffff }),
        // A packet all of whose numbers are 0 is taken for damage.
        originalLength: fc.integer({ min: 1, max: 0x7fffffff }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(packets, fc.boolean(), fc.nat(400), async (contents, bigEndian, cut) => {
        const file = path.join(folder, 'generated.pcap');
        const bytes = pcapFile(contents, { bigEndian });
        writeFileSync(file, bytes.subarray(0, Math.max(24, bytes.length - cut)));
        assert.deepEqual(await ours(file), await theirs(file));
      }),
      { numRuns: 50 },
    );
  });
});
