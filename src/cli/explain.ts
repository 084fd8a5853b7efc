import { lstatSync } from 'node:fs';
import { BOUNDS } from '../bounds.js';
import { allTerms, explain, nearTerms } from '../explain/explain.js';
import { explainWordingOf } from '../explain/wording.js';
import { bound, showUnprintable } from '../report/escape.js';
import { ENGLISH } from '../report/messages/english.js';
import type { Explanation } from '../report/rule-explanation.js';
import { wrap } from '../report/text/layout.js';
import { UsageError } from './options.js';
import { passwordsOf } from './passwords.js';
import { checkStandardOutput } from './targets.js';
import { WORDS } from './words.js';

const INDENT = '   ';

const EXPLAIN_WORDS = explainWordingOf(ENGLISH);

/**
 * The output of `tls-postmortem explain WORD…`: what a term means, or what is in the certificates of a file; without
 * words, all known terms. Throws UsageError if the term is unknown, and no file has that name.
 */
export async function explainText(args: readonly string[], width: number): Promise<string> {
  if (args.some((word) => word === '--help' || word === '-h')) return WORDS.usage.explain;
  const { words, passwordFile } = parse(args);
  const term = words.join(' ');
  if (term.trim() === '') return listOf(allTerms(), width);
  const explanation = explain(term);
  if (explanation !== null) return textOf(explanation, width);
  if (words.length === 1 && lstatSync(term, { throwIfNoEntry: false }) !== undefined)
    return fileText(term, passwordFile);
  const near = nearTerms(term);
  const shown = showUnprintable(bound(term, 80));
  const { unknownTerm } = EXPLAIN_WORDS;
  throw new UsageError(
    near.length > 0
      ? unknownTerm.near({ term: shown, names: near.join(', ') })
      : unknownTerm.nothingNear({ term: shown }),
  );
}

/** Removes `--password-file FILE` from words that may otherwise begin a pasted message. */
function parse(args: readonly string[]): {
  readonly words: readonly string[];
  readonly passwordFile: string | undefined;
} {
  const index = args.findIndex((word) => /^--password-file(?:=|$)/.test(word));
  if (index < 0) return { words: args, passwordFile: undefined };
  const [, inside] = /=(.*)$/.exec(args[index] ?? '') ?? [];
  const passwordFile = inside ?? args[index + 1];
  if (passwordFile === undefined || passwordFile === '') throw new UsageError(WORDS.errors.passwordFile);
  return { words: args.toSpliced(index, inside === undefined ? 2 : 1), passwordFile };
}

/** The certificates of a file in full, or of all files in a directory, each once. */
async function fileText(path: string, passwordFile: string | undefined): Promise<string> {
  const { certificateText, readStoreFiles } = await import('../report/certificate-text.js');
  await checkStandardOutput(WORDS.files.certificates, [path]);
  const { certificates } = EXPLAIN_WORDS;
  const printed: string[] = [];
  let found = 0;
  const { isDirectory, stores } = await readStoreFiles(path, await passwordsOf(passwordFile));
  // Certificate directories have links to the same files, named by hashes.
  const known = new Set<string>();
  for await (const { file, entries } of stores) {
    for (const { der, alias } of entries) {
      const key = Buffer.from(der).toString('latin1');
      if (isDirectory && known.has(key)) continue;
      known.add(key);
      if (++found > MOST_CERTIFICATES) continue;
      const place = isDirectory ? [certificates.file({ path: showUnprintable(file) })] : [];
      const name = alias === null ? [] : [certificates.alias({ name: showUnprintable(alias) })];
      printed.push([...place, ...name, ...certificateText(der)].join('\n'));
    }
  }
  if (found === 0) throw new UsageError(certificates.none({ path: showUnprintable(bound(path, 80)) }));
  const more = found - printed.length;
  const rest = isDirectory ? certificates.moreInDirectory : certificates.moreInFile;
  return [...printed, ...(more > 0 ? [rest({ count: String(more) })] : [])].join('\n\n');
}

const MOST_CERTIFICATES = BOUNDS.explainedCertificates.value;

function textOf({ title, summary, sections }: Explanation, width: number): string {
  const inner = width - INDENT.length;
  const lines = [title, '', ...wrap(summary, inner).map((line) => INDENT + line)];
  for (const { heading, lines: texts, isCommand } of sections) {
    lines.push('', heading);
    for (const text of texts) {
      // A command is copied whole.
      const wrapped = isCommand ? [text] : wrap(text, inner - 2);
      lines.push(...wrapped.map((line, index) => `${INDENT}${isCommand ? '' : index === 0 ? '- ' : '  '}${line}`));
    }
  }
  return lines.join('\n');
}

function listOf(terms: ReturnType<typeof allTerms>, width: number): string {
  const parts = [...terms].map(([kind, names]) => {
    const lines = wrap(names.map((name) => name.replaceAll(' ', '\u00a0')).join(', '), width - INDENT.length);
    return [EXPLAIN_WORDS.kinds[kind], ...lines.map((line) => INDENT + line)].join('\n');
  });
  return parts.join('\n\n');
}
