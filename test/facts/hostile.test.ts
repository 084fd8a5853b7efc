import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { analyzeFacts } from '../../src/analyze.js';
import { BOUNDS } from '../../src/bounds.js';
import { FactsError } from '../../src/facts/error.js';
import { isAsWritten, lineText, newDigest } from '../../src/facts/read.js';
import { writeFacts } from '../../src/facts/slice.js';

// Facts that somebody else made, or changed.

const folder = mkdtempSync(join(tmpdir(), 'facts-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const lines: string[] = [];
await writeFacts(['samples/certificate-expired-node.pcap'], {
  slice: { index: 1, count: 1 },
  generator: 'test',
  write: (line) => void lines.push(lineText(line)),
});
const heading = lines[0] ?? '';
const closing = lines.at(-1) ?? '';
const connection = lines.find((line) => line.startsWith('{"kind":"connection"')) ?? '';

async function refusalOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'facts');
  writeFileSync(path, content);
  let refusal = '';
  await assert.rejects(analyzeFacts([path]), (error) => {
    refusal = error instanceof FactsError ? error.message.slice(path.length + 2) : String(error);
    return error instanceof FactsError;
  });
  return refusal;
}

/** A line without one of its fields. */
function without(line: string, field: string): string {
  const fields = Object.entries(JSON.parse(line) as Record<string, unknown>);
  return `${JSON.stringify(Object.fromEntries(fields.filter(([name]) => name !== field)))}\n`;
}

test('a heading or an end that lacks what is asked of it', async () => {
  for (const field of ['recording', 'slice']) {
    assert.equal(await refusalOf(without(heading, field) + closing), 'line 1 is damaged', field);
  }
  for (const field of ['counts', 'unread', 'files', 'turns', 'leaving', 'entering']) {
    assert.equal(await refusalOf(heading + without(closing, field)), 'line 2 is damaged', field);
  }
  assert.equal(await refusalOf(heading + closing + closing), 'line 3 stands behind the last one');
});

test('lines that are no certificate, or no connection', async () => {
  assert.equal(await refusalOf(`${heading}{"kind":"certificate"}\n${closing}`), 'line 2 is no certificate');
  assert.equal(await refusalOf(`${heading}{"kind":"connection"}\n${closing}`), 'line 2 is no connection');
  const deep = `{"kind":"connection","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`;
  assert.equal(await refusalOf(heading + deep + closing), 'line 2 is no connection');
});

test('a connection of which any value is another', async () => {
  const { connection: facts, ...line } = JSON.parse(connection) as { connection: Record<string, unknown> };
  const path = join(folder, 'facts');
  for (const field of Object.keys(facts)) {
    for (const value of [null, { a: [1] }, 1e300, '', []]) {
      const changed = `${JSON.stringify({ ...line, connection: { ...facts, [field]: value } })}\n`;
      writeFileSync(path, lines.map((each) => (each === connection ? changed : each)).join(''));
      await analyzeFacts([path]).catch((error: unknown) => {
        assert.ok(error instanceof FactsError, `${field}: ${String(error)}`);
      });
    }
  }
});

test('a connection without a part that only its judgement needs', async () => {
  const { connection: facts, ...line } = JSON.parse(connection) as {
    connection: { readonly transport: Record<string, unknown> };
  };
  const transport = { ...facts.transport, client: undefined };
  const changed = `${JSON.stringify({ ...line, connection: { ...facts, transport } })}\n`;
  assert.match(
    await refusalOf(lines.map((each) => (each === connection ? changed : each)).join('')),
    /^no facts that this program wrote: TypeError/,
  );
});

test("of a file that is as it was written, a fault is not told to be the file's", async () => {
  const path = join(folder, 'facts');
  writeFileSync(path, lines.join(''));
  assert.ok(await isAsWritten(path));
  const { connection: facts, ...line } = JSON.parse(connection) as { connection: Record<string, unknown> };
  const changed = `${JSON.stringify({ ...line, connection: { ...facts, serverCertificates: 5 } })}\n`;
  const body = lines.slice(0, -1).map((each) => (each === connection ? changed : each));
  assert.match(await refusalOf([...body, closing].join('')), /no connection|no facts that this program wrote/);
  assert.ok(!(await isAsWritten(path)));
  // As if this program had written it so.
  const digest = newDigest().update(body.join('')).digest('hex');
  writeFileSync(path, [...body, `${JSON.stringify({ ...(JSON.parse(closing) as object), digest })}\n`].join(''));
  await assert.rejects(analyzeFacts([path]), TypeError);
});

test('a line without end, and a file that is a bomb', async () => {
  const long = ' '.repeat(BOUNDS.factsLine.value + 1);
  assert.match(await refusalOf(heading + long), /^a line is longer than/);
  const bomb = gzipSync(heading + '{"kind":"certificate"}\n'.repeat(BOUNDS.factsUncheckedBytes.value / 20));
  assert.equal(await refusalOf(bomb), 'is compressed more than facts ever are');
});
