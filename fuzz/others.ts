/** What is read besides captures, to be mutated: facts, stores, configurations; and captures that are compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { analyze, analyzeFacts } from '../src/analyze.js';
import { compareCaptures } from '../src/compare.js';
import type { Results } from '../src/diagnose/results.js';
import { lineText } from '../src/facts/read.js';
import { writeFacts } from '../src/facts/slice.js';

/** A file, and the analysis that reads it. */
export interface Other {
  readonly bytes: Uint8Array;
  readonly read: (path: string) => Promise<Results>;
}

export const CONFIGURATIONS = [
  'server {\n listen 443 ssl;\n ssl_protocols TLSv1.2 TLSv1.3;\n ssl_ciphers HIGH:!aNULL;\n ssl_verify_client on;\n}\n',
  '<VirtualHost *:443>\n SSLEngine on\n SSLProtocol all -SSLv3\n SSLCipherSuite HIGH\n</VirtualHost>\n',
  'global\n ssl-default-bind-options ssl-min-ver TLSv1.2\nfrontend f\n bind :443 ssl crt x.pem alpn h2\n',
  'openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1.2\nCipherString = HIGH\n',
];

/**
 * Reads a capture in another way: together with a changed copy, as two points of a path; or by way of its facts, which give the
 * same sums.
 */
export function otherwise(changed: Uint8Array | null): (path: string) => Promise<Results> {
  if (changed === null) return byFacts;
  return (path) => {
    writeFileSync(`${path}-there`, changed);
    return compareCaptures([path, `${path}-there`]);
  };
}

async function byFacts(path: string): Promise<Results> {
  const facts = `${path}-facts`;
  writeFileSync(facts, await factsOf(path));
  const results = await analyzeFacts([facts]);
  const [merged, read] = [results, await analyze([path])].map(({ summary }) => JSON.stringify(summary));
  if (merged !== read) throw new Error(`by way of facts: ${merged ?? ''}, else ${read ?? ''}`);
  return results;
}

async function factsOf(path: string): Promise<Buffer> {
  const lines: string[] = [];
  const write = (line: Parameters<typeof lineText>[0]): undefined => void lines.push(lineText(line));
  await writeFacts([path], { slice: { index: 1, count: 1 }, generator: 'fuzz', write });
  return Buffer.from(lines.join(''));
}

/** @param samples names of captures of samples/ */
export async function othersOf(samples: readonly string[]): Promise<readonly Other[]> {
  const [first = ''] = samples.map((name) => join('samples', name));
  const facts: Other[] = [];
  for (const name of samples) {
    facts.push({ bytes: await factsOf(join('samples', name)), read: (path) => analyzeFacts([path]) });
  }
  const text = new TextEncoder();
  return [
    ...facts,
    ...samples.map((name) => ({
      bytes: readFileSync(join('samples', name)),
      read: (path: string) => compareCaptures([join('samples', name), path]),
    })),
    { bytes: text.encode(rootCertificates.slice(0, 3).join('\n')), read: (path) => analyze([first], { ca: [path] }) },
    ...CONFIGURATIONS.map((configuration) => ({
      bytes: text.encode(configuration),
      read: (path: string) => analyze([first], { serverConfig: path }),
    })),
  ];
}
