import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM } from './support/program.js';
import { ROOT } from './support/schema.js';

// What the fuzzer found once: each must be analysed, or refused as no capture, in no time. A process of its own can be
// stopped, whatever it does.
const FINDS = join(ROOT, 'test', 'finds');

for (const name of readdirSync(FINDS).filter((file) => file.endsWith('.pcap'))) {
  test(`find: ${name}`, () => {
    const { status, signal, stderr, stdout } = spawnSync(process.execPath, [PROGRAM, join(FINDS, name)], {
      timeout: 20_000,
    });
    assert.equal(signal, null, 'it hangs');
    assert.ok(status !== null && status <= 2, String(stderr));
    // A fault of the program's own ends with the status of a file that is no capture, too.
    assert.doesNotMatch(String(stderr) + String(stdout), /internal error/i);
  });
}
