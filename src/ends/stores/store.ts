import { basename } from 'node:path';
import { BOUNDS } from '../../bounds.js';
import type { Certificate } from '../../x509/certificate.js';
import type { CertificateParser } from '../../x509/store.js';
import { EndFileError, filesIn, readEndFile } from '../file.js';
import { type EncodedEntry, type PasswordTrials, type Passwords, StoreError } from './format.js';
import { STORE_FORMATS } from './index.js';

const MAX_CERTIFICATES = BOUNDS.storeCertificates.value;

/** A certificate that an end has, and where it has it. */
export interface StoredCertificate {
  readonly certificate: Certificate;
  readonly path: string;
  /** What the store calls it, or null. */
  readonly alias: string | null;
}

/** The certificates that an end accepts, or sends. */
export interface CertificateStore {
  /** As it was given: several paths are joined by commas. */
  readonly name: string;
  /** The first path. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** The format of its first file, as its users call it. */
  readonly format: string;
  /** In the order of the files, and in them. */
  readonly certificates: readonly StoredCertificate[];
}

/** What Java's stores have unless somebody chose another one. */
const JAVA_DEFAULT = 'changeit';

/**
 * Reads stores: files of any format, or directories, in which files that are no stores are passed over.
 * @throws EndFileError if a file cannot be read, is no store, is damaged, or none of the passwords opens it
 */
export async function readStore(
  paths: readonly string[],
  parse: CertificateParser,
  passwords: Passwords,
): Promise<CertificateStore> {
  const certificates = new Map<string, StoredCertificate>();
  let format = 'PEM';
  let isFirstDirectory = false;
  for (const path of paths) {
    const { isDirectory, files } = await filesIn(path);
    if (path === paths[0]) isFirstDirectory = isDirectory;
    let found = 0;
    for (const file of files) {
      const read = await readStoreFile(file, passwords);
      if (read === null) {
        if (isDirectory) continue;
        throw new EndFileError(file, `no store of certificates (${KNOWN_FORMATS})`);
      }
      const { entries } = read;
      if (certificates.size === 0) format = read.format;
      for (const [index, { der, alias, line }] of entries.entries()) {
        // Parsed certificates keep their bytes, which must not be the whole file's.
        const certificate = parse(new Uint8Array(der));
        if (certificate.error !== null) {
          throw new EndFileError(file, `certificate ${index + 1} is damaged: ${certificate.error}`, line);
        }
        found++;
        // Directories have links to the same files, by hashes of their names.
        if (!certificates.has(certificate.sha256))
          certificates.set(certificate.sha256, { certificate, path: file, alias });
      }
      if (certificates.size > MAX_CERTIFICATES) {
        throw new EndFileError(file, `more than ${MAX_CERTIFICATES} certificates are too many`);
      }
    }
    if (found === 0) throw new EndFileError(path, 'no certificate in it');
  }
  return {
    name: paths.map((path) => basename(path) || path).join(', '),
    path: paths[0] ?? '',
    isDirectory: isFirstDirectory,
    format,
    certificates: [...certificates.values()],
  };
}

/** What is read, and what to do with the rest. */
const KNOWN_FORMATS =
  'PEM, DER, PKCS#7, PKCS#12 and JKS are read; keytool -importkeystore with -deststoretype PKCS12 makes one of BKS and others';

/** A store as its file has it. */
interface EncodedStore {
  readonly format: string;
  /** None where it holds keys alone, for example. */
  readonly entries: readonly EncodedEntry[];
}

/**
 * Reads a file of any format; null if it is of none.
 * @throws EndFileError if it cannot be read, is damaged, or none of the passwords opens it
 */
export async function readStoreFile(file: string, passwords: Passwords): Promise<EncodedStore | null> {
  const bytes = await readEndFile(file);
  const reader = STORE_FORMATS.find((each) => each.recognise(bytes));
  if (reader === undefined) return null;
  try {
    return { format: reader.name, entries: await reader.read(bytes, trialsOf(file, passwords)) };
  } catch (error) {
    throw error instanceof StoreError ? new EndFileError(file, error.message, error.line) : error;
  }
}

/** Tries no password, those that are known, Java's default one, and then asks. */
function trialsOf(file: string, { known, ask }: Passwords): PasswordTrials {
  return async (open) => {
    for (const password of ['', ...known, JAVA_DEFAULT]) {
      const opened = open(password);
      if (opened !== undefined) return opened;
    }
    if (ask === null) {
      throw new StoreError(
        known.length === 0
          ? 'it is encrypted: give its password in a file (--password-file)'
          : 'no password in the password file opens it',
      );
    }
    const opened = open(await ask(file));
    if (opened === undefined) throw new StoreError('the password does not open it');
    return opened;
  };
}
