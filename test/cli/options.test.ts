import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plainOptions } from '../../src/cli/options.js';
import { parseOptions } from '../../src/cli/parser.js';

describe('a plain command line is understood without the parser, and as the parser does', () => {
  for (const line of [
    'a.pcap',
    '-',
    'a.pcap b.pcap',
    '-f json a.pcap',
    'a.pcap --format html',
    '-f json -f text a.pcap',
  ]) {
    test(line, () => {
      assert.deepEqual(plainOptions(line.split(' ')), parseOptions(line.split(' '), 80));
    });
  }
});

describe('every other command line is left to the parser', () => {
  for (const line of [
    '',
    '-f',
    '-f json',
    '-f nonsense a.pcap',
    '--only failed a.pcap',
    '-fjson a.pcap',
    '--help',
    'completion',
    'explain certificate-expired',
    '-- a',
  ]) {
    test(line, () => {
      assert.equal(plainOptions(line.split(' ').filter((word) => word !== '')), undefined);
    });
  }
});
