import { parseCertificate } from '../x509/parse.js';
import type { Configuration } from './configurations/configuration.js';
import { readConfiguration } from './configurations/read.js';
import type { EndFiles, Ends } from './ends.js';
import { type CertificateStore, readStore } from './stores/store.js';

/**
 * Reads the files of the two ends: trust anchors, in DER, and the rest, if there is any.
 * @throws EndFileError if one of them is unusable
 */
export async function readEnds({
  ca = [],
  clientTrusts = [],
  serverTrusts = [],
  serverCertificates = [],
  serverConfig,
  clientConfig,
  passwords = { known: [], ask: null },
}: EndFiles): Promise<{ readonly anchors: readonly Uint8Array[]; readonly ends?: Ends }> {
  const read = async (paths: readonly string[]): Promise<CertificateStore | null> =>
    paths.length === 0 ? null : readStore(paths, parseCertificate, passwords);
  const anchors = (await read(ca))?.certificates.map(({ certificate }) => certificate.der) ?? [];
  const isAnyStore = clientTrusts.length + serverTrusts.length + serverCertificates.length > 0;
  if (!isAnyStore && serverConfig === undefined && clientConfig === undefined) return { anchors };
  const configuration = async (path: string | undefined): Promise<Configuration | null> =>
    path === undefined ? null : readConfiguration(path);
  return {
    anchors,
    ends: {
      clientTrusts: await read(clientTrusts),
      serverTrusts: await read(serverTrusts),
      serverCertificates: await read(serverCertificates),
      serverConfiguration: await configuration(serverConfig),
      clientConfiguration: await configuration(clientConfig),
    },
  };
}
