// Writes src/tls/wire/registry/iana.ts from IANA's tables of TLS:
//
//   node scripts/registries.mjs FOLDER
//
// FOLDER holds them as CSV, under the names by which IANA publishes them at
// https://www.iana.org/assignments/tls-parameters/ and https://www.iana.org/assignments/tls-extensiontype-values/,
// or as TSV (`code`, `name`) under the names that test/tls/wire/iana/ has. What is used but not registered is in
// src/tls/wire/registry/unregistered.ts.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const OUTPUT = 'src/tls/wire/registry/iana.ts';

const REGISTRIES = [
  { name: 'ALERTS', title: 'TLS Alerts', tsv: 'alerts.tsv', csv: 'tls-parameters-6.csv', digits: 0 },
  {
    name: 'CIPHER_SUITES',
    title: 'TLS Cipher Suites',
    tsv: 'cipher-suites.tsv',
    csv: 'tls-parameters-4.csv',
    digits: 4,
  },
  {
    name: 'EXTENSION_TYPES',
    title: 'TLS ExtensionType Values',
    tsv: 'extension-types.tsv',
    csv: 'tls-extensiontype-values-1.csv',
    digits: 0,
  },
  {
    name: 'SIGNATURE_SCHEMES',
    title: 'TLS SignatureScheme',
    tsv: 'signature-schemes.tsv',
    csv: 'tls-signaturescheme.csv',
    digits: 4,
  },
  {
    name: 'SUPPORTED_GROUPS',
    title: 'TLS Supported Groups',
    tsv: 'supported-groups.tsv',
    csv: 'tls-parameters-8.csv',
    digits: 0,
  },
];

/** The first two cells of each line of a CSV (RFC 4180) or TSV. */
function cells(text, separator) {
  const cell = separator === '\t' ? /^([^\t]*)\t([^\t]*)/ : /^(?:"([^"]*)"|([^",]*)),(?:"([^"]*)"|([^",]*))/;
  return text.split(/\r?\n/).flatMap((line) => {
    const match = cell.exec(line);
    return match === null ? [] : [match.slice(1).filter((part) => part !== undefined)];
  });
}

/** `23`, `0x0804`, or two bytes: `0x13,0x01`. null for a range, and for a heading. */
function codeOf(text) {
  if (!/^(?:\d+|0x[\da-f]+|0x[\da-f]{2},0x[\da-f]{2})$/i.test(text)) return null;
  const [first, second] = text.split(',').map(Number);
  return second === undefined ? first : first * 256 + second;
}

/** One word, as the RFCs write it: what became of an entry is not part of its name. */
function nameOf(description) {
  if (/^(?:Unassigned|Reserved)\b/.test(description)) return null;
  return description
    .replace(/_RESERVED$| \(OBSOLETE\)$/, '')
    .replace(/ \((.*)\)$/, '_$1')
    .trim();
}

async function readRegistry(folder, { tsv, csv }) {
  for (const [file, separator] of [
    [csv, ','],
    [tsv, '\t'],
  ]) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => null);
    if (text === null) continue;
    return cells(text, separator).flatMap(([value, description]) => {
      const [code, name] = [codeOf(value), nameOf(description)];
      return code === null || name === null ? [] : [[code, name]];
    });
  }
  throw new Error(`${folder} has neither ${csv} nor ${tsv}`);
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/registries.mjs FOLDER');
const parts = ["/** IANA's registries of TLS: written by scripts/registries.mjs, not by hand. */\n"];
parts.push('type Registry = readonly (readonly [code: number, name: string])[];\n');
for (const registry of REGISTRIES) {
  const entries = (await readRegistry(folder, registry)).sort(([a], [b]) => a - b);
  if (entries.length < 20) throw new Error(`${registry.title}: only ${entries.length} entries were found`);
  const written = entries.map(([code, name]) => {
    const number = registry.digits === 0 ? code : `0x${code.toString(16).padStart(registry.digits, '0')}`;
    return `[${number}, '${name}'],`;
  });
  parts.push(`/** ${registry.title}. */\nexport const ${registry.name}: Registry = [\n${written.join('\n')}\n];\n`);
}
const config = await resolveConfig(OUTPUT);
await writeFile(OUTPUT, await format(parts.join('\n'), { ...config, parser: 'typescript' }));
