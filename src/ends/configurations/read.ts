import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { BOUNDS } from '../../bounds.js';
import type { Certificate } from '../../x509/certificate.js';
import { parseCertificate } from '../../x509/parse.js';
import { pemCertificates } from '../stores/pem.js';
import { EndFileError, readEndFile } from '../file.js';
import { describeUnknownFile, textOf } from '../text.js';
import { expandCiphers } from './cipher-strings.js';
import {
  type Configuration,
  ConfigurationError,
  type ConfigurationTools,
  type ExpandedCiphers,
  type UnreadLine,
} from './configuration.js';
import { CONFIGURATION_FORMATS } from './index.js';
import { matchesPattern } from './values.js';

const MAX_BYTES = BOUNDS.endFileBytes.value;
const MAX_FILES = BOUNDS.includedFiles.value;
const MAX_UNREAD = BOUNDS.unreadLines.value;
const MAX_DEPTH = BOUNDS.configurationNesting.value;
const MAX_AUTHORITIES = BOUNDS.storeCertificates.value;
const MAX_CHAIN = BOUNDS.chainCertificates.value;
const MAX_WORK = BOUNDS.configurationWork.value;
/** Steps of looking for a file. */
const FIND_STEPS = 64;

/** The usual names of the supported formats. */
export const KNOWN_CONFIGURATIONS =
  'nginx, Apache httpd, HAProxy, openssl.cnf, java.security, JSON of testssl.sh and sslyze';

/** Whether a file is a supported configuration. */
export function isConfiguration(bytes: Uint8Array): boolean {
  const text = textOf(bytes);
  return CONFIGURATION_FORMATS.some((each) => each.recognise(text));
}

/**
 * Reads a configuration, with the files that it includes.
 * @param content of the file, if it was already read
 * @param onFile called with the path of each further file that is read
 * @throws EndFileError with the line, if its kind is unknown, or it cannot be understood
 */
export async function readConfiguration(
  path: string,
  content?: Uint8Array,
  onFile: (path: string) => void = () => undefined,
): Promise<Configuration> {
  const bytes = content ?? (await readEndFile(path));
  const text = textOf(bytes);
  const format = CONFIGURATION_FORMATS.find((each) => each.recognise(text));
  if (format === undefined) {
    const { line, what } = describeUnknownFile(bytes);
    throw new EndFileError(path, `no configuration that is known (${KNOWN_CONFIGURATIONS} are read): ${what}`, line);
  }
  try {
    const unread: UnreadLine[] = [];
    const chains = new Map<Certificate, readonly Certificate[]>();
    const read = format.read(text, path, createTools(resolve(path), unread, chains, onFile));
    const refusals = { smallestKeys: {}, hashes: {} };
    const { name, intermediateAnchors = null, refusesRequests = false, foreignProtocols = null } = format;
    const program = { format: name, intermediateAnchors, refusesRequests, foreignProtocols };
    return { ...program, path, nameMatching: 'longest', refusals, chains, unread, ...read };
  } catch (error) {
    if (error instanceof ConfigurationError) throw new EndFileError(error.path ?? path, error.message, error.line);
    throw error;
  }
}

function createTools(
  main: string,
  unread: UnreadLine[],
  chains: Map<Certificate, readonly Certificate[]>,
  onFile: (path: string) => void,
): ConfigurationTools {
  const known = new Map<string, ExpandedCiphers | undefined>();
  const folder = dirname(main);
  let files = 0;
  let steps = 0;
  const work = (more: number): void => {
    steps += more;
    if (steps > MAX_WORK) throw new ConfigurationError('too many servers, and lines that bear on each of them');
  };
  /** Of all files together: they may include each other, and themselves. */
  let bytes = 0;
  const read = (file: string): { readonly path: string; readonly text: string }[] => {
    try {
      const status = statSync(file);
      bytes += status.size;
      // A pipe or a device may have no end.
      if (!status.isFile() || bytes > MAX_BYTES || ++files > MAX_FILES) return [];
      onFile(file);
      return [{ path: file, text: textOf(readFileSync(file)) }];
    } catch {
      return [];
    }
  };
  const find = (pattern: string, base = folder): readonly string[] => {
    work(FIND_STEPS);
    for (const place of places(pattern, folder, base)) {
      const found = matching(place, work);
      if (found.length > 0) return found;
    }
    return [];
  };
  /** Many servers have lines that name the same file. */
  const certificates = new Map<string, readonly Certificate[] | null>();
  const authorities = new Map<string, readonly Certificate[] | null>();
  const issuers = new Map<string, readonly (readonly Certificate[])[]>();
  return {
    work,
    ciphers(list) {
      if (!known.has(list)) known.set(list, expandCiphers(list));
      return known.get(list);
    },
    include: (pattern, base) => find(pattern, base).flatMap(read),
    certificates(path, base) {
      const key = `${base ?? ''}\n${path}`;
      const last = certificates.get(key);
      if (last !== undefined) return last;
      const found = find(path, base)
        .flatMap(read)
        .map(({ text }) => chainIn(text));
      const leaves = found.flatMap(([leaf]) => leaf ?? []);
      const usable = leaves.length === 0 || leaves.some(({ error }) => error !== null) ? null : leaves;
      for (const chain of usable === null ? [] : found) if (chain[0] !== undefined) chains.set(chain[0], chain);
      certificates.set(key, usable);
      return usable;
    },
    authorities(path, base) {
      const key = `${base ?? ''}\n${path}`;
      const last = authorities.get(key);
      if (last !== undefined) return last;
      const found = find(path, base)
        .flatMap(read)
        .flatMap(({ text }) => pemCertificates(text).slice(0, MAX_AUTHORITIES))
        .map((der) => parseCertificate(der))
        .filter(({ error }) => error === null);
      const usable = found.length === 0 || found.length > MAX_AUTHORITIES ? null : found;
      authorities.set(key, usable);
      return usable;
    },
    addIssuers(leaves, path) {
      const issuers = find(path)
        .flatMap(read)
        .flatMap(({ text }) => chainIn(text));
      for (const leaf of leaves) chains.set(leaf, [...(chains.get(leaf) ?? [leaf]), ...issuers].slice(0, MAX_CHAIN));
    },
    completeChains(leaves, path) {
      const known =
        issuers.get(path) ??
        find(path)
          .flatMap(read)
          .map(({ text }) => chainIn(text));
      issuers.set(path, known);
      for (const leaf of leaves) {
        work(known.length);
        const issuer = known.find(([first]) => first !== undefined && isIssuedBy(leaf, first));
        if ((chains.get(leaf)?.length ?? 1) === 1 && issuer !== undefined)
          chains.set(leaf, [leaf, ...issuer].slice(0, MAX_CHAIN));
      }
      return known.length > 0;
    },
    unread(line) {
      const isKnown = unread.some((one) => one.path === line.path && one.line === line.line && one.text === line.text);
      if (!isKnown && unread.length < MAX_UNREAD) unread.push(line);
    },
  };
}

/** Whether a certificate names another one, and its key, as its issuer. */
const isIssuedBy = ({ issuer, authorityKeyIdentifier: key }: Certificate, other: Certificate): boolean =>
  issuer === other.subject && key !== null && key === other.subjectKeyIdentifier;

/** The certificates of a PEM file, as they would be sent. */
function chainIn(text: string): readonly Certificate[] {
  return pemCertificates(text)
    .slice(0, MAX_CHAIN)
    .map((der) => parseCertificate(der));
}

/**
 * Where a path may lead: below the folder of the configuration, which may be a copy from another machine, and as it is.
 */
function places(pattern: string, folder: string, base: string): readonly string[] {
  if (!isAbsolute(pattern)) {
    const ofBase = isAbsolute(base) ? places(join(base, pattern), folder, base) : [resolve(folder, base, pattern)];
    return [...new Set([resolve(folder, pattern), ...ofBase])];
  }
  const parts = pattern.split('/').filter((part) => part !== '');
  return [...parts.slice(0, MAX_DEPTH).map((_, index) => join(folder, ...parts.slice(index))), pattern];
}

/** The files of a pattern with `*`, `?` and `[…]` in any part, ordered by name. */
function matching(pattern: string, work: ConfigurationTools['work']): readonly string[] {
  let found = ['/'];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    found = found.flatMap((folder) => {
      if (!/[*?[]/.test(part)) return existsSync(join(folder, part)) ? [join(folder, part)] : [];
      work(FIND_STEPS);
      try {
        return readdirSync(folder)
          .filter((name) => matchesPattern(part, name) && (part.startsWith('.') || !name.startsWith('.')))
          .sort()
          .map((name) => join(folder, name));
      } catch {
        return [];
      }
    });
    if (found.length > MAX_FILES) found.length = MAX_FILES;
  }
  return found.flatMap((path) => {
    try {
      return statSync(path).isDirectory()
        ? readdirSync(path)
            .sort()
            .slice(0, MAX_FILES)
            .map((name) => join(path, name))
        : [path];
    } catch {
      return [];
    }
  });
}
