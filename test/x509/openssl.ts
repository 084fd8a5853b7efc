import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../../src/x509/certificate.js';
import type { ChainVerdict } from '../../src/x509/chain.js';
import type { ConstraintProblem } from '../../src/x509/constraints.js';
import type { Purpose } from '../../src/x509/purpose.js';
import type { Validity } from '../../src/x509/validity.js';
import { toPem } from './authority.js';

/** The program, found on the path. */
export const openssl = 'openssl';

/** Why tests that ask the openssl program are skipped, or false. */
export const withoutOpenssl =
  spawnSync(openssl, ['version'], { encoding: 'utf8' }).status === 0 ? false : 'openssl is not installed';

/** An error as `openssl verify` prints it: `20@1` is error 20 at depth 1. */
export type OpensslError = string;

export interface VerifyOptions {
  readonly purpose: Purpose;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** OpenSSL's security level: 0 takes any key and hash, 2 nothing below 112 bits. */
  readonly level: 0 | 2;
}

/** A folder for files that openssl is to read. */
export interface Workplace {
  path(name: string): string;
  write(name: string, content: string | Uint8Array): string;
  remove(): void;
}

export function makeWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'x509-'));
  return {
    path: (name) => join(folder, name),
    write(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}

/** A folder of anchors, in which openssl finds them by a hash of their names. */
export function writeAnchors(workplace: Workplace, name: string, pems: readonly string[]): string {
  const folder = workplace.path(name);
  mkdirSync(folder);
  for (const [index, pem] of pems.entries()) writeFileSync(join(folder, `${index}.pem`), pem);
  const { status, stderr } = spawnSync(openssl, ['rehash', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl rehash: ${stderr}`);
  return folder;
}

let files = 0;

/** All that `openssl verify` has against a chain; it goes on after most errors. */
export async function opensslVerify(
  workplace: Workplace,
  sent: readonly Certificate[],
  anchors: string,
  { purpose, at, level }: VerifyOptions,
): Promise<readonly OpensslError[]> {
  const [leaf, ...rest] = sent;
  if (leaf === undefined) throw new Error('nothing to verify');
  const number = ++files;
  const arguments_ = [
    ...['verify', '-no-CAfile', '-no-CAstore', '-CApath', anchors, '-attime', String(Math.floor(at / 1000))],
    ...['-purpose', purpose === 'server' ? 'sslserver' : 'sslclient', '-auth_level', String(level)],
    ...(rest.length === 0 ? [] : ['-untrusted', workplace.write(`untrusted-${number}.pem`, rest.map(toPem).join(''))]),
    workplace.write(`leaf-${number}.pem`, toPem(leaf)),
  ];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(openssl, arguments_, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number')
        reject(new Error('openssl could not be run', { cause: error }));
      else resolve(stdout + stderr);
    });
  });
  const errors = [...output.matchAll(/error (\d+) at (\d+) depth/g)].map(([, code, depth]) => `${code}@${depth}`);
  if (errors.length === 0 && !/: OK$/m.test(output)) throw new Error(`openssl: ${output}`);
  // An issuer that is no authority is "invalid CA" (79), and for that reason of the wrong purpose (26), and perhaps
  // without keyCertSign (32): once is enough.
  const isRepeated = (error: string): boolean =>
    /^(?:26|32)@/.test(error) && errors.includes(error.replace(/^\d+/, '79'));
  return [...new Set(errors)].filter((error) => !isRepeated(error)).sort();
}

/**
 * Whether OpenSSL's errors are the expected ones. It goes on after most; after some (no issuer, an untrusted root, a wrong
 * signature, a date to come, a name constraint, a security level) it stops, so that others may be missing.
 */
export function agree(found: readonly OpensslError[], expected: readonly OpensslError[]): boolean {
  const stopped = found.some((error) => /^(?:7|9|19|20|47|48|66|67|68)@/.test(error));
  if (!found.every((error) => expected.includes(error))) return false;
  return stopped || found.length === expected.length;
}

/** X509_V_ERR_… of a chain's status, and where; null where OpenSSL has none. */
function statusError(verdict: ChainVerdict): OpensslError | null {
  switch (verdict.status) {
    case 'trusted':
      return null;
    case 'self-signed':
      return '18@0';
    case 'private-root':
      // OpenSSL does not know certificates from other connections: it lacks the issuer of the last one sent.
      return verdict.rootSent ? `19@${verdict.path.length - 1}` : `20@${verdict.path.length - 2}`;
    case 'incomplete':
      return `20@${verdict.path.length - 1}`;
    case 'bad-signature':
      return verdict.at.certificate.sha256 === verdict.issuer.sha256 && verdict.path.length === 1
        ? '18@0'
        : `7@${verdict.path.length - 1}`;
    case 'empty':
    case 'unreadable':
    case 'undecided':
      return 'none';
  }
}

const problemErrors: Readonly<Record<ConstraintProblem['kind'], number>> = {
  'unfit-issuer': 79,
  'path-too-long': 25,
  'extended-key-usage': 26,
  'key-usage': 26,
  'name-constraint': 47,
  'unknown-critical-extension': 34,
  'weak-key': 67,
  'weak-signature': 68,
};

function problemError(problem: ConstraintProblem): OpensslError {
  const { position, kind } = problem;
  if (kind === 'name-constraint') {
    // Reported at the certificate that bears the name; tests give the leaf the only wrong ones.
    return `${problem.why === 'excluded' ? 48 : 47}@0`;
  }
  return `${kind === 'weak-key' && position === 0 ? 66 : problemErrors[kind]}@${position}`;
}

/** What OpenSSL is expected to say, from our verdicts. */
export function expectedErrors(
  verdict: ChainVerdict,
  problems: readonly ConstraintProblem[],
  validities: readonly Validity[],
  level: 0 | 2,
): readonly OpensslError[] {
  const status = statusError(verdict);
  const judged = problems.filter(({ kind }) => level > 0 || !kind.startsWith('weak'));
  const dates = validities.flatMap(({ state }, depth) =>
    state === 'expired' ? [`10@${depth}`] : state === 'not-yet-valid' ? [`9@${depth}`] : [],
  );
  return [...new Set([...(status === null ? [] : [status]), ...judged.map(problemError), ...dates])].sort();
}
