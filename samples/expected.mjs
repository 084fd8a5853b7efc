// Writes what a correct tool says of each capture into expected.json, beside the captures that record.sh made.
// usage: node expected.mjs FOLDER TABLE
// TABLE has a line for each expectation: file, diagnosis, count, then the display filters of tshark that find the frames
// which prove it, separated by tabs; NAME:=VALUE is a fact to note. A file without a diagnosis is healthy. A filter that finds nothing is an error:
// the capture does not show what it is meant to show.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, table] = process.argv.slice(2);
const target = join(folder, 'expected.json');
const expected = existsSync(target) ? JSON.parse(readFileSync(target, 'utf8')) : {};

function framesOf(file, filter) {
  const keys = join(folder, file.replace(/\.pcap(?:ng)?$/, '.keys'));
  const opened = existsSync(keys) ? ['-o', `tls.keylog_file:${keys}`] : [];
  const wanted = ['-Y', filter, '-T', 'fields', '-e', 'frame.number'];
  const out = execFileSync('tshark', ['-r', join(folder, file), ...opened, ...wanted], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const frames = out.trim().split('\n').filter(Boolean).map(Number);
  if (frames.length === 0) throw new Error(`${file}: nothing matches ${filter}`);
  return frames;
}

const rows = readFileSync(table, 'utf8').trim().split('\n');
for (const row of rows) {
  expected[row.split('\t')[0]] = [];
}
for (const row of rows) {
  const [file, diagnosis, count, ...rest] = row.split('\t');
  if (!diagnosis) continue;
  const isFact = (text) => /^\w+:=/.test(text);
  const filters = rest.filter((text) => !isFact(text));
  const facts = rest.filter(isFact).map((text) => text.split(':='));
  const [rule, ...alternatives] = diagnosis.split('|');
  const frames = [...new Set(filters.flatMap((filter) => framesOf(file, filter)))].sort((a, b) => a - b);
  expected[file].push({
    diagnosis: rule,
    ...(alternatives.length > 0 && { alternatives }),
    count: Number(count),
    ...Object.fromEntries(facts.map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value])),
    frames,
  });
}

const lines = Object.keys(expected)
  .sort()
  .map((file) => `  ${JSON.stringify(file)}: ${JSON.stringify(expected[file])}`);
writeFileSync(target, `{\n${lines.join(',\n')}\n}\n`);
