import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze } from '../src/analyze.js';
import { CaptureError } from '../src/capture/error.js';
import { ROOT } from './support/schema.js';

// What the fuzzer found once: each must be analysed, or refused as no capture, in no time.
const FINDS = join(ROOT, 'test', 'finds');

for (const name of readdirSync(FINDS).filter((file) => file.endsWith('.pcap'))) {
  test(`find: ${name}`, { timeout: 10_000 }, async () => {
    try {
      await analyze([join(FINDS, name)]);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
    }
  });
}
