import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf } from '../../../src/report/document/document.js';
import type { Limits } from '../../../src/report/document/scope.js';
import { DEFAULTS } from '../../../src/report/format.js';
import type { Results } from '../../../src/diagnose/results.js';
import { alert, connection } from '../../support/connections.js';
import { capture, diagnosed, finding, results } from '../../support/results.js';
import { incident } from '../incident.js';

const LIMITS: Limits = {
  causes: 10,
  rungs: 10,
  rows: 10,
  rowsOf: () => 'all',
  details: () => 0,
  detailsOf: () => 'all',
  detailRungs: 10,
  certificates: 0,
};

const summary = (of: Results): string => documentOf(of, DEFAULTS, { limits: LIMITS }).summary;

test('the summary says what failed, where, since when, what proves it, and who must do what', () => {
  const lines = summary(incident()).split('\n');
  assert.equal(lines[0], 'TLS postmortem: 3 of 41 handshakes failed, 2 causes');
  assert.match(lines[1] ?? '', /^`incident\.pcap`: 1,204 packets, 2026-03-02 10:00:00/);
  assert.match(
    lines[2] ?? '',
    /^1\. The server certificate had expired: 2 handshakes, `www\.example\.com` at `198\.51\.100\.20:443`, .* \(certain, see frames 5, 6\)$/,
  );
  assert.match(lines[3] ?? '', /^ {3}Server: install a renewed certificate/);
  assert.match(lines[4] ?? '', /^2\. /);
});

test('no name from the wire is more than code in a chat', () => {
  const name = '`@channel` <!here> *x*';
  const of = results(
    [diagnosed(connection({ clientHello: { serverName: name }, alerts: [alert()] }), [finding()])],
    [capture({ path: '@everyone.pcap' })],
  );
  const text = summary(of);
  assert.ok(text.includes("`'@channel' <!here> *x*`"));
  assert.ok(text.includes('`@everyone.pcap`'));
});
