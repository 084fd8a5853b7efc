import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/schema.js';

const html = (sample: string): string =>
  execFileSync(
    process.execPath,
    [join(ROOT, 'dist', 'cli', 'main.js'), '-f', 'html', '--fail-on', 'never', join(ROOT, 'samples', sample)],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );

test('a command that is not everywhere yet is shown with what it needs', () => {
  assert.match(html('quic-authority-unknown.pcap'), /Run it [^<]*\. It needs OpenSSL 3\.2 or later\./);
  assert.doesNotMatch(html('certificate-expired-go.pcap'), /It needs/);
});
