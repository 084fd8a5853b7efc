import { faultInEnglish } from '../../decode-faults.js';
import { createReadStream } from 'node:fs';
import { hex, u16 } from '../../bytes.js';
import type { DecryptionSecrets } from '../../capture/format.js';
import { contentOf } from '../../capture/compression.js';
import { reasonOf } from '../../capture/source.js';
import { createKeyLogReader, type KeyLogSummary } from './key-log.js';
import { createSecrets, type Secrets } from './secrets.js';

/** A key log that was read: a file, or blocks of a capture. */
export interface KeyLog extends KeyLogSummary {
  /** The key log file, or the capture that carries it. */
  readonly path: string;
  readonly isFile: boolean;
}

/** A key log file that cannot be read; `message` is one line that names it. */
export class KeyLogError extends Error {
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`${path}: ${reason}`);
    this.name = 'KeyLogError';
  }
}

/** pcapng's code of a TLS key log (draft-ietf-opsawg-pcapng §4.7). */
const TLS_KEY_LOG = 'TLSK';

/** Where secrets come from: key log files, and captures. */
export interface KeySources {
  readonly secrets: Secrets;
  /** @throws KeyLogError if the file cannot be read */
  readFile(path: string): Promise<void>;
  /** Adds the secrets of a capture's block, unless the block was already read. Returns whether any are new. */
  takeBlock(block: DecryptionSecrets, path: string): boolean;
  /** Notes that secrets came after packets that they may open. */
  noteLate(): void;
  readonly isLate: () => boolean;
  /** What was read: each file, and each capture with such blocks. */
  logs(): readonly KeyLog[];
}

/**
 * Reads a key log file, compressed or not, and adds its secrets to `secrets`.
 * @throws KeyLogError if the file cannot be read
 */
export async function readKeyLog(path: string, secrets: Pick<Secrets, 'add'>): Promise<KeyLogSummary> {
  const reader = createKeyLogReader(secrets);
  let isFirst = true;
  let toAscii: ToAscii = (bytes) => bytes;
  try {
    for await (const bytes of contentOf(createReadStream(path))) {
      if (isFirst) toAscii = asciiOf(bytes);
      const text = toAscii(bytes);
      const other = isFirst ? notAKeyLog(text) : null;
      if (other !== null) throw new KeyLogError(path, other);
      isFirst = false;
      reader.read(text);
      text.fill(0);
      bytes.fill(0);
    }
  } catch (error) {
    throw error instanceof KeyLogError ? error : new KeyLogError(path, faultInEnglish(reasonOf(error)));
  }
  return reader.end();
}

/**
 * Reads the secrets of a capture's block, if they are of TLS, and adds them to `secrets`; null if they are of something
 * else.
 */
export function readKeyBlock({ type, data }: DecryptionSecrets, secrets: Pick<Secrets, 'add'>): KeyLogSummary | null {
  if (type !== TLS_KEY_LOG) return null;
  const reader = createKeyLogReader(secrets);
  reader.read(data);
  return reader.end();
}

export function createKeySources(): KeySources {
  const secrets = createSecrets();
  const files: KeyLog[] = [];
  const captures = new Map<string, KeyLog>();
  /** The blocks read, by capture and offset: a capture may be read twice. */
  const taken = new Set<string>();
  let isLate = false;
  return {
    secrets,
    async readFile(path) {
      files.push({ path, isFile: true, ...(await readKeyLog(path, secrets)) });
    },
    takeBlock(block, path) {
      const place = `${block.fileOffset} ${path}`;
      if (taken.has(place)) return false;
      taken.add(place);
      const summary = readKeyBlock(block, secrets);
      captures.set(path, { path, isFile: false, ...joined(captures.get(path), summary ?? OTHER_PROTOCOL) });
      return summary !== null && summary.secrets > 0;
    },
    noteLate() {
      isLate = true;
    },
    isLate: () => isLate,
    logs: () => [...files, ...captures.values()],
  };
}

/** First bytes of pcap, in its byte orders and variants, and of pcapng, in hexadecimal. */
const CAPTURE = /^(?:a1b2c3d4|d4c3b2a1|a1b23c4d|4d3cb2a1|a1b2cd34|34cdb2a1|0a0d0d0a)/;
/** Why a file that begins like this is no key log, if it is not text; users pass the capture by mistake. */
function notAKeyLog(bytes: Uint8Array): string | null {
  const head = bytes.subarray(0, 64);
  if (CAPTURE.test(hex(head, 0, Math.min(4, head.length)))) return 'is a capture, not a key log';
  const isControl = (byte: number): boolean => byte < 0x09 || (byte > 0x0d && byte < 0x20);
  return head.some(isControl) ? 'is no text, and so no key log' : null;
}

/** Converts the pieces of a text one after another. It makes no strings, because these cannot be overwritten. */
type ToAscii = (bytes: Uint8Array) => Uint8Array;

/** Converts to ASCII a text that begins like this: PowerShell redirects output as UTF-16, with a byte order mark. */
function asciiOf(start: Uint8Array): ToAscii {
  const mark = start.length < 2 ? 0 : u16(start, 0);
  if (mark !== 0xfffe && mark !== 0xfeff) return (bytes) => bytes;
  const highFirst = mark === 0xfeff;
  let at = -2;
  let high = 0;
  let low = 0;
  return (bytes) => {
    const text = new Uint8Array(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (((at & 1) === 0) === highFirst) high = byte;
      else low = byte;
      // Only comments hold non-ASCII characters; the mark is not part of the text.
      if ((at++ & 1) === 1 && at > 0) text[length++] = high === 0 ? low : QUESTION_MARK;
    }
    return text.subarray(0, length);
  };
}

const QUESTION_MARK = 0x3f;

/** A block with secrets of another protocol: WireGuard, SSH, ZigBee. */
const OTHER_PROTOCOL: KeyLogSummary = { secrets: 0, otherSecrets: 1, faultyLines: 0, faults: [] };

/**
 * Joins the results of several blocks of one capture; unreadable lines are reported of the first block that has some.
 */
function joined(one: KeyLogSummary | undefined, other: KeyLogSummary): KeyLogSummary {
  if (one === undefined) return other;
  return {
    secrets: one.secrets + other.secrets,
    otherSecrets: one.otherSecrets + other.otherSecrets,
    faultyLines: one.faultyLines + other.faultyLines,
    faults: one.faults.length > 0 ? one.faults : other.faults,
  };
}
