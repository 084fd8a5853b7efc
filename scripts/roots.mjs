// Writes src/x509/data/roots.ts: the certificates of Mozilla's root store, and when they were in it.
//
//   npx tsc -p tsconfig.json && node scripts/roots.mjs HISTORY.tsv ROOTS.pem > src/x509/data/roots.ts
//
// HISTORY.tsv has a line for each certificate, after a heading: SHA-256, subject, subject key identifier, notBefore, notAfter,
// the date of the first release of the store that had it (empty if the oldest release looked at did), and of the last one
// (empty if the newest does). It is made by comparing the bundles that are made of NSS's certdata.txt from release to release:
// those of certifi, of curl (https://curl.se/docs/caextract.html) or of Debian's ca-certificates. ROOTS.pem has the certificates.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseCertificate } from '../build/src/x509/parse.js';

/**
 * Roots that stay in the store for what they issued before a date (CKA_NSS_SERVER_DISTRUST_AFTER of NSS's certdata.txt, as
 * golang.org/x/crypto/x509roots/fallback has it): Entrust's and e-commerce monitoring's.
 */
const distrustedAfter = {
  '0376ab1d54c5f9803ce4b2e201a0ee7eef7b57b636e8a93c9b8d4860c96f5fa7': '2024-11-30T23:59:59Z',
  '0a81ec5a929777f145904af38d5d509f66b5e2c58fcdb531058b0e17f3f0b41b': '2024-11-30T23:59:59Z',
  bd71fdf6da97e4cf62d1647add2581b07d79adf8397eb4ecba9c5e8488821423: '2024-11-30T23:59:59Z',
  '70a73f7f376b60074248904534b11482d5bf0e698ecc498df52577ebf2e93b9a': '2024-11-30T23:59:59Z',
  '02ed0eb28c14da45165c566791700d6451d7fb56f0b2ab1d3b8eb070e56edff5': '2024-11-30T23:59:59Z',
  '43df5774b03e7fef5fe40d931a7bedf1bb2e6b42738c4e6d3841103d3aa7f339': '2024-11-30T23:59:59Z',
  '73c176434f1bc6d5adf45b0e76e727287c8de57616c1e6e6141a2b2cbc7d8e4c': '2024-11-30T23:59:59Z',
  '9a296a5182d1d451a2e37f439b74daafa267523329f90f9a0d2007c334e23c9a': '2024-06-30T00:00:00Z',
};

const [historyFile, pemFile] = process.argv.slice(2);
if (historyFile === undefined || pemFile === undefined) throw new Error('usage: roots.mjs HISTORY.tsv ROOTS.pem');

const certificates = new Map(
  [...readFileSync(pemFile, 'latin1').matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END/g)].map(([, body]) => {
    const der = Buffer.from(body, 'base64');
    return [createHash('sha256').update(der).digest('hex'), der];
  }),
);

const [heading, ...lines] = readFileSync(historyFile, 'utf8').trimEnd().split('\n');
const [, , , , , first, last] = heading.split('\t');
const dateIn = (text) => /\d{4}-\d\d-\d\d/.exec(text)?.[0] ?? '';

const rows = lines.map((line) => {
  const [sha256, , , , , from, until] = line.split('\t');
  const der = certificates.get(sha256);
  if (der === undefined) throw new Error(`${sha256} is not in ${pemFile}`);
  const { error, subject, subjectKeyIdentifier, notBefore, notAfter } = parseCertificate(der);
  if (error !== null) throw new Error(`${sha256}: ${error}`);
  const fields = [
    subject,
    subjectKeyIdentifier,
    sha256,
    notBefore,
    notAfter,
    from || null,
    until || null,
    distrustedAfter[sha256] ?? null,
    der.toString('base64'),
  ];
  return { key: `${subject} ${sha256}`, text: `  [${fields.map(literal).join(', ')}],` };
});
rows.sort((a, b) => (a.key < b.key ? -1 : 1));

function literal(value) {
  return value === null ? 'null' : `'${value.replace(/[\\']/g, '\\$&')}'`;
}

console.log(`// Made by scripts/roots.mjs: change that, not this.

/**
 * A certificate of Mozilla's root store: its subject as RFC 4514 writes it, its subject key identifier and SHA-256 in
 * hexadecimal, its validity, the dates of the first and of the last release of the store that had it (null: older, or newer,
 * than those looked at), the date after which it is not trusted for new certificates, and its DER in base64.
 */
export type RootRow = readonly [
  subject: string,
  subjectKeyIdentifier: string | null,
  sha256: string,
  notBefore: string,
  notAfter: string,
  from: string | null,
  until: string | null,
  distrustedAfter: string | null,
  der: string,
];

/** The first release of the store that was looked at. @public */
export const FIRST_RELEASE = '${dateIn(first)}';
/** The last one. @public */
export const LAST_RELEASE = '${dateIn(last)}';

/** Every certificate that those releases had, by subject. */
// prettier-ignore
export const ROOTS: readonly RootRow[] = [
${rows.map(({ text }) => text).join('\n')}
];`);
