import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { BOUNDS } from '../../bounds.js';
import { EndFileError, filesIn, readEndFile } from '../file.js';
import { expandCiphers } from './cipher-strings.js';
import { type Configuration, ConfigurationError, type ConfigurationTools } from './configuration.js';
import { CONFIGURATION_FORMATS } from './index.js';

const MAX_BYTES = BOUNDS.endFileBytes.value;
const MAX_FILES = BOUNDS.includedFiles.value;

/** Whether a file is a configuration that is read, and no store of certificates. */
export async function isConfiguration(path: string): Promise<boolean> {
  if ((await filesIn(path)).isDirectory) return false;
  const text = Buffer.from(await readEndFile(path)).toString('utf8');
  return CONFIGURATION_FORMATS.some((each) => each.recognise(text));
}

/**
 * Reads a configuration, with the files that it includes.
 * @throws EndFileError with the line, if it is none that is known, or cannot be understood
 */
export async function readConfiguration(path: string): Promise<Configuration> {
  const text = Buffer.from(await readEndFile(path)).toString('utf8');
  const format = CONFIGURATION_FORMATS.find((each) => each.recognise(text));
  if (format === undefined) {
    throw new EndFileError(
      path,
      'no configuration that is known (nginx, Apache httpd, HAProxy, openssl.cnf, java.security, JSON of testssl.sh and sslyze are read)',
    );
  }
  try {
    const read = format.read(text, path, createTools());
    return { format: format.name, path, refusals: { smallestKeys: {}, hashes: {} }, ...read };
  } catch (error) {
    if (error instanceof ConfigurationError) throw new EndFileError(error.path ?? path, error.message, error.line);
    throw error;
  }
}

function createTools(): ConfigurationTools {
  const known = new Map<string, readonly string[] | undefined>();
  let files = 0;
  /** Of all files together: they may include each other, and themselves. */
  let bytes = 0;
  return {
    ciphers(list) {
      if (!known.has(list)) known.set(list, expandCiphers(list));
      return known.get(list);
    },
    include(pattern, from) {
      const path = isAbsolute(pattern) ? pattern : resolve(dirname(from), pattern);
      return matching(path).flatMap((file) => {
        try {
          const status = statSync(file);
          bytes += status.size;
          // A pipe or a device may have no end.
          if (!status.isFile() || bytes > MAX_BYTES || ++files > MAX_FILES) return [];
          return [{ path: file, text: readFileSync(file, 'utf8') }];
        } catch {
          return [];
        }
      });
    },
  };
}

/** The files of a pattern that has `*` and `?` in its last part; in order of their names. */
function matching(path: string): readonly string[] {
  const name = basename(path);
  if (!/[*?]/.test(name)) return [path];
  const expression = new RegExp(
    `^${name
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );
  try {
    return readdirSync(dirname(path))
      .filter((each) => expression.test(each))
      .sort()
      .map((each) => join(dirname(path), each));
  } catch {
    return [];
  }
}
