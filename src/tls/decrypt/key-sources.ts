import { createReadStream } from 'node:fs';
import type { DecryptionSecrets } from '../../capture/format.js';
import { reasonOf } from '../../capture/source.js';
import { createKeyLogReader, type KeyLogSummary } from './key-log.js';
import { createSecrets, type Secrets } from './secrets.js';

/** A key log that was read: a file, or the blocks of a capture. */
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
  /** Takes the secrets of a capture's block; those of a block that was taken before are known. Whether any are new. */
  takeBlock(block: DecryptionSecrets, path: string): boolean;
  /** Secrets were met behind packets that were read, and that they may be for. */
  late(): void;
  readonly isLate: () => boolean;
  /** What was read: each file, and each capture that has such blocks. */
  logs(): readonly KeyLog[];
}

export function createKeySources(): KeySources {
  const secrets = createSecrets();
  const files: KeyLog[] = [];
  const captures = new Map<string, KeyLog>();
  /** The blocks taken, by capture and place: a capture may be read twice. */
  const taken = new Set<string>();
  let isLate = false;
  return {
    secrets,
    async readFile(path) {
      const reader = createKeyLogReader(secrets);
      let isFirst = true;
      try {
        for await (const chunk of createReadStream(path)) {
          const bytes = chunk as Buffer;
          const other = isFirst ? otherThanText(bytes) : null;
          if (other !== null) throw new KeyLogError(path, other);
          isFirst = false;
          reader.read(bytes);
          bytes.fill(0);
        }
      } catch (error) {
        throw error instanceof KeyLogError ? error : new KeyLogError(path, reasonOf(error));
      }
      files.push({ path, isFile: true, ...reader.end() });
    },
    takeBlock({ type, data, fileOffset }, path) {
      const place = `${fileOffset} ${path}`;
      if (taken.has(place)) return false;
      taken.add(place);
      if (type !== TLS_KEY_LOG) {
        captures.set(path, { path, isFile: false, ...joined(captures.get(path), OF_OTHERS) });
        return false;
      }
      const reader = createKeyLogReader(secrets);
      reader.read(data);
      const summary = reader.end();
      captures.set(path, { path, isFile: false, ...joined(captures.get(path), summary) });
      return summary.secrets > 0;
    },
    late() {
      isLate = true;
    },
    isLate: () => isLate,
    logs: () => [...files, ...captures.values()],
  };
}

/** First bytes of pcap, in its byte orders and variants, and of pcapng, in hexadecimal. */
const CAPTURE = /^(?:a1b2c3d4|d4c3b2a1|a1b23c4d|4d3cb2a1|a1b2cd34|34cdb2a1|0a0d0d0a)/;
/** Byte order marks of UTF-16, in which PowerShell writes what is redirected. */
const UTF_16 = /^(?:fffe|feff)/;

/** What a file is that begins so, if it is no text: people give the capture for the key log. */
function otherThanText(bytes: Buffer): string | null {
  const head = bytes.subarray(0, 64);
  const start = head.toString('hex', 0, 4);
  if (CAPTURE.test(start)) return 'is a capture, not a key log';
  if (UTF_16.test(start)) return 'is text in UTF-16; a key log is ASCII (RFC 9850)';
  const isControl = (byte: number): boolean => byte < 0x09 || (byte > 0x0d && byte < 0x20);
  return head.some(isControl) ? 'is no text, and so no key log' : null;
}

/** A block with secrets of another protocol: WireGuard, SSH, ZigBee. */
const OF_OTHERS: KeyLogSummary = { secrets: 0, otherSecrets: 1, faultyLines: 0, faults: [] };

/** Of several blocks of one capture; lines that cannot be read are told of the first block that has some. */
function joined(one: KeyLogSummary | undefined, other: KeyLogSummary): KeyLogSummary {
  if (one === undefined) return other;
  return {
    secrets: one.secrets + other.secrets,
    otherSecrets: one.otherSecrets + other.otherSecrets,
    faultyLines: one.faultyLines + other.faultyLines,
    faults: one.faults.length > 0 ? one.faults : other.faults,
  };
}
