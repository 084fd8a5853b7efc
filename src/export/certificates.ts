import { access, constants, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BOUNDS } from '../bounds.js';
import type { Connection } from '../connection/connection.js';

/** Distinct certificates that are written: a hostile capture must not fill the disk. */
const MAX_CERTIFICATES = BOUNDS.exportedCertificates.value;
const LONGEST_HOST = BOUNDS.exportedNameLength.value;

/** The certificates of some connections, as files. */
export interface CertificateExport {
  add(connection: Connection): Promise<void> | undefined;
  /** Distinct certificates now in the directory. */
  readonly written: () => number;
  /** Connections with certificates that were not written because there were too many. */
  readonly leftOut: () => number;
}

/**
 * Writes certificates as PEM files to a directory, which is created if necessary: each once, named by host and
 * fingerprint. Existing files are not changed.
 */
export async function createCertificateExport(directory: string, most = MAX_CERTIFICATES): Promise<CertificateExport> {
  await makeDirectory(directory);
  const written = new Set<string>();
  let leftOut = 0;
  const write = async (host: string, sha256: string, der: Uint8Array): Promise<void> => {
    const path = join(directory, fileName(host, sha256));
    try {
      await writeFile(path, pem(der), { flag: 'wx' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
      // Half a file, as on a full disk, would pass for one that was there before.
      await rm(path, { force: true });
      throw error;
    }
  };
  const writeAll = async (items: readonly (readonly [string, string, Uint8Array])[]): Promise<void> => {
    for (const [host, sha256, der] of items) await write(host, sha256, der);
  };
  return {
    written: () => written.size,
    leftOut: () => leftOut,
    add({ client, server, clientHello, serverCertificates, clientCertificates }) {
      const items: [string, string, Uint8Array][] = [];
      let lacking = 0;
      const take = (host: string, certificates: Connection['serverCertificates']): void => {
        for (const { sha256, der } of certificates) {
          if (written.has(sha256)) continue;
          if (written.size >= most) {
            lacking++;
            continue;
          }
          written.add(sha256);
          items.push([host, sha256, der]);
        }
      };
      take(clientHello?.serverName ?? server.address, serverCertificates);
      take(`client-${client.address}`, clientCertificates);
      leftOut += Math.min(lacking, 1);
      return items.length === 0 ? undefined : writeAll(items);
    },
  };
}

/** Unlike Node.js' own recursive mkdir, it terminates where nothing can be created, as in /proc. */
async function makeDirectory(path: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory() === true) return access(path, constants.W_OK);
  if (dirname(path) !== path && (await stat(dirname(path)).catch(() => undefined)) === undefined) {
    await makeDirectory(dirname(path));
  }
  await mkdir(path);
}

/** A file name that is safe on every file system, whatever the wire says. */
export function fileName(host: string, sha256: string): string {
  const safe = host
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, LONGEST_HOST);
  return `${safe === '' ? 'unknown' : safe}-${sha256.slice(0, 32)}.pem`;
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
