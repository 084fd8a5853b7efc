import { parseCertificate } from '../x509/parse.js';
import type { Configuration } from './configurations/configuration.js';
import { isConfiguration, KNOWN_CONFIGURATIONS, readConfiguration } from './configurations/read.js';
import type { EndFiles, Ends, WhatIfFile, WhatIfQuestion } from './ends.js';
import { EndFileError, filesIn, readEndFile } from './file.js';
import { describeUnknownFile } from './text.js';
import type { Passwords } from './stores/format.js';
import { type CertificateStore, isStore, KNOWN_STORES, readStore } from './stores/store.js';

/** What the files say; `ends` if there are others than trust anchors. */
export interface ReadEnds {
  readonly anchors: readonly Uint8Array[];
  readonly ends?: Ends;
  readonly otherEnd?: WhatIfFile;
}

const NOTHING: Ends = {
  clientTrusts: null,
  serverTrusts: null,
  serverCertificates: null,
  serverConfiguration: null,
  clientConfiguration: null,
};

/**
 * A configuration, or a store: a store with a certificate that is not a CA's is a chain, any other the clients' trust
 * store. The server's has to be named as such.
 */
async function readWhatIf({ path, kind }: WhatIfQuestion, passwords: Passwords): Promise<WhatIfFile> {
  if (kind === 'server-trusts') {
    const serverTrusts = await readStore([path], parseCertificate, passwords);
    return { path, kind, ends: { ...NOTHING, serverTrusts } };
  }
  // A pipe can be read once.
  const bytes = (await filesIn(path)).isDirectory ? null : await readEndFile(path);
  if (bytes !== null && isConfiguration(bytes)) {
    const serverConfiguration = await readConfiguration(path, bytes);
    return { path, kind: 'configuration', ends: { ...NOTHING, serverConfiguration } };
  }
  if (bytes !== null && !isStore(bytes)) {
    const { line, what } = describeUnknownFile(bytes);
    const kinds = `neither a configuration (${KNOWN_CONFIGURATIONS}) nor a store of certificates (${KNOWN_STORES})`;
    throw new EndFileError(path, `${kinds}: ${what}`, line);
  }
  const store = await readStore([path], parseCertificate, passwords, async (file) => bytes ?? readEndFile(file));
  return store.certificates.some(({ certificate }) => !certificate.isCa)
    ? { path, kind: 'chain', ends: { ...NOTHING, serverCertificates: store } }
    : { path, kind: 'client-trusts', ends: { ...NOTHING, clientTrusts: store } };
}

/** The configurations that clients have. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['java.security', 'openssl.cnf']);

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
  whatIf,
  passwords = { known: [], ask: null },
}: EndFiles): Promise<ReadEnds> {
  const read = async (paths: readonly string[]): Promise<CertificateStore | null> =>
    paths.length === 0 ? null : readStore(paths, parseCertificate, passwords);
  const anchors = (await read(ca))?.certificates.map(({ certificate }) => certificate.der) ?? [];
  const isAnyStore = clientTrusts.length + serverTrusts.length + serverCertificates.length > 0;
  const other = whatIf === undefined ? {} : { otherEnd: await readWhatIf(whatIf, passwords) };
  if (!isAnyStore && serverConfig === undefined && clientConfig === undefined) return { anchors, ...other };
  const configuration = async (path: string | undefined): Promise<Configuration | null> =>
    path === undefined ? null : readConfiguration(path);
  const clientConfiguration = await configuration(clientConfig);
  if (clientConfiguration !== null && !OF_CLIENTS.has(clientConfiguration.format)) {
    const what = `a client has no configuration of ${clientConfiguration.format}`;
    throw new EndFileError(clientConfiguration.path, `${what} (${[...OF_CLIENTS].join(', ')} are read)`);
  }
  return {
    anchors,
    ...other,
    ends: {
      clientTrusts: await read(clientTrusts),
      serverTrusts: await read(serverTrusts),
      serverCertificates: await read(serverCertificates),
      serverConfiguration: await configuration(serverConfig),
      clientConfiguration,
    },
  };
}
