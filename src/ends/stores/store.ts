import { basename } from 'node:path';
import { BOUNDS } from '../../bounds.js';
import { faultInEnglish } from '../../decode-faults.js';
import type { Certificate } from '../../x509/certificate.js';
import type { CertificateParser } from '../../x509/store.js';
import { EndFileError, filesIn, readEndFile } from '../file.js';
import { describeUnknownFile } from '../text.js';
import {
  type EncodedEntry,
  type PasswordTrials,
  type Passwords,
  StoreError,
  type StoreFormat,
  type StoreWork,
} from './format.js';
import { STORE_FORMATS } from './index.js';

const MAX_CERTIFICATES = BOUNDS.storeCertificates.value;
const MAX_WORK = BOUNDS.keyDerivationRounds.value;
/** Cost of trying a password, besides the rounds of its derivation. */
const TRIAL_STEPS = 64;

/** A certificate of an end, and where it has it. */
export interface StoredCertificate {
  readonly certificate: Certificate;
  readonly path: string;
  /** Its name in the store, or null. */
  readonly alias: string | null;
}

/** The certificates that an end accepts, or sends. */
export interface CertificateStore {
  /** As given: several paths are joined by commas. */
  readonly name: string;
  /** The first path. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** The usual name of its first file's format. */
  readonly format: string;
  /** In the order of the files, and within them. */
  readonly certificates: readonly StoredCertificate[];
}

/** The default password of Java's stores. */
const JAVA_DEFAULT = 'changeit';

/**
 * Reads stores: files of any format, or directories, in which other files are skipped.
 * @throws EndFileError if a file cannot be read, is not a store, is damaged, or none of the passwords opens it
 */
export async function readStore(
  paths: readonly string[],
  parse: CertificateParser,
  passwords: Passwords,
  readFile: FileReader = readEndFile,
): Promise<CertificateStore> {
  const certificates = new Map<string, StoredCertificate>();
  let format = 'PEM';
  let isFirstDirectory = false;
  const work = createWork();
  for (const path of paths) {
    const { isDirectory, stores } = await readStoreFiles(path, passwords, { work, readFile });
    if (path === paths[0]) isFirstDirectory = isDirectory;
    let found = 0;
    for await (const { file, format: own, entries } of stores) {
      if (certificates.size === 0) format = own;
      for (const [index, { der, alias, line }] of entries.entries()) {
        // Parsed certificates keep their bytes, which must not keep the whole file.
        const certificate = parse(new Uint8Array(der));
        if (certificate.error !== null) {
          throw new EndFileError(
            file,
            `certificate ${index + 1} is damaged: ${faultInEnglish(certificate.error)}`,
            line,
          );
        }
        found++;
        // Certificate directories have links to the same files, named by hashes.
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

/** The usual names of the supported formats. */
export const KNOWN_STORES = 'PEM, DER, PKCS#7, PKCS#12, JKS';

/** What to do with others. */
const OF_OTHERS = 'keytool -importkeystore with -deststoretype PKCS12 makes one of BKS and others';

/** A store as its file has it. */
interface EncodedStore {
  readonly file: string;
  readonly format: string;
  /** None if, for example, it has only keys. */
  readonly entries: readonly EncodedEntry[];
}

const formatOf = (bytes: Uint8Array): StoreFormat | undefined => STORE_FORMATS.find((each) => each.recognise(bytes));

/** Whether a file has a supported format. */
export const isStore = (bytes: Uint8Array): boolean => formatOf(bytes) !== undefined;

/**
 * Reads what a path stands for, one after another: a file of any format, or those in a directory that have one.
 * @throws EndFileError if a file cannot be read, is not a store, is damaged, or none of the passwords opens it
 */
export async function readStoreFiles(
  path: string,
  passwords: Passwords,
  { work = createWork(), readFile = readEndFile }: { readonly work?: StoreWork; readonly readFile?: FileReader } = {},
): Promise<{ readonly isDirectory: boolean; readonly stores: AsyncIterable<EncodedStore> }> {
  const { isDirectory, files } = await filesIn(path);
  const read = async function* (): AsyncGenerator<EncodedStore> {
    for (const file of files) {
      const bytes = await readFile(file);
      const format = formatOf(bytes);
      if (format !== undefined) {
        yield { file, format: format.name, entries: await entriesOf(file, format, bytes, { passwords, work }) };
      } else if (!isDirectory) {
        const { line, what } = describeUnknownFile(bytes);
        const kinds = `no store of certificates (${KNOWN_STORES} are read; ${OF_OTHERS})`;
        throw new EndFileError(file, `${kinds}: ${what}`, line);
      }
    }
  };
  return { isDirectory, stores: read() };
}

/** Gives the content of a file. */
export type FileReader = (path: string) => Promise<Uint8Array>;

async function entriesOf(
  file: string,
  format: StoreFormat,
  bytes: Uint8Array,
  { passwords, work }: { readonly passwords: Passwords; readonly work: StoreWork },
): Promise<readonly EncodedEntry[]> {
  try {
    const entries = await format.read(bytes, trialsOf(file, passwords, work), work);
    checkPassword(format, bytes, passwords, work);
    return entries;
  } catch (error) {
    throw error instanceof StoreError ? new EndFileError(file, error.message, error.line) : error;
  }
}

/** A password that is given, and not that of a store which opens without one, is a mistake, as it is for keytool. */
function checkPassword(format: StoreFormat, bytes: Uint8Array, { known }: Passwords, work: StoreWork): void {
  if (format.isPassword === undefined || known.length === 0) return;
  for (const password of [...known, JAVA_DEFAULT]) {
    work.take(TRIAL_STEPS + Math.ceil(bytes.length / HASH_BLOCK));
    if (format.isPassword(bytes, password)) return;
  }
  throw new StoreError(
    'no password in the password file is that of the store, or the store was altered; without --password-file it is read unchecked',
  );
}

/** Bytes that a hash takes at a time: about the work of a round of key derivation. */
const HASH_BLOCK = 64;

function createWork(): StoreWork {
  let left = MAX_WORK;
  return {
    take(steps) {
      left -= steps;
      if (left < 0) throw new StoreError(`to open it takes more than ${MAX_WORK} rounds of key derivation`);
    },
  };
}

/** Tries the known passwords, no password, Java's default one, and then asks. */
function trialsOf(file: string, { known, ask }: Passwords, work: StoreWork): PasswordTrials {
  return async (open) => {
    for (const password of [...known, '', JAVA_DEFAULT]) {
      work.take(TRIAL_STEPS);
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
