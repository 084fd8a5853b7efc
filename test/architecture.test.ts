/** What ARCHITECTURE.md says in figures, held against the code. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** The numbers of a cell in bytes or pieces: `1 MiB, 1024 pieces`. */
function numbersIn(cell: string): number[] {
  return Array.from(cell.matchAll(/(\d[\d,]*)(?: (KiB|MiB|GiB))?/g), ([, digits = '', unit = '']) => {
    return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1);
  });
}

/** The values of a constant that is a number, or of those in an object, as its file writes it. */
async function valuesOf(name: string, file: string): Promise<number[]> {
  const source = await readFile(`src/${file}`, 'utf8');
  const [, written = ''] = new RegExp(`const ${name}(?:: \\w+)? = ([^;]+);`).exec(source) ?? [];
  return Array.from(written.matchAll(/[\d_]+(?: (?:\*\*?|<<|\*) [\d_]+)*/g), ([text]) => valueOf(text));
}

/** Of `4 << 20`, `2 ** 30`, `16 * 1024 * 1024`. */
function valueOf(text: string): number {
  const [first = '', ...rest] = text.replaceAll('_', '').split(' ');
  let value = Number(first);
  for (let i = 0; i < rest.length; i += 2) {
    const operand = Number(rest[i + 1]);
    value = rest[i] === '*' ? value * operand : rest[i] === '<<' ? value * 2 ** operand : value ** operand;
  }
  return value;
}

test('the bounds have the values that the table says', async () => {
  const text = await readFile('ARCHITECTURE.md', 'utf8');
  const [, table = ''] = /\n## Bounds\n([^]*?)\n## /.exec(text) ?? [];
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
  assert.ok(rows.length > 15, 'the table is not where it was');
  for (const row of rows) {
    const [, bound = '', where = '', value = ''] = row.split('|').map((cell) => cell.trim());
    const found: number[] = [];
    let names: string[] = [];
    for (const [, quoted = ''] of where.matchAll(/`([^`]+)`/g)) {
      if (!quoted.endsWith('.ts')) {
        names.push(quoted);
        continue;
      }
      for (const name of names) {
        const values = await valuesOf(name, quoted);
        assert.notEqual(values.length, 0, `${name} is not in src/${quoted}`);
        found.push(...values);
      }
      names = [];
    }
    assert.deepEqual(names, [], `${bound}: no file for these`);
    const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);
    assert.deepEqual(distinct(numbersIn(value)), distinct(found), bound);
  }
});
