import type { Configuration } from './configurations/configuration.js';
import type { Passwords } from './stores/format.js';
import type { CertificateStore } from './stores/store.js';

/** Files and directories that the user gives of the two ends. */
export interface EndFiles {
  /** Stores of trust anchors that join Mozilla's. */
  readonly ca?: readonly string[];
  /** Stores of what the clients accept, and nothing else. */
  readonly clientTrusts?: readonly string[];
  /** Stores of what the server accepts of clients. */
  readonly serverTrusts?: readonly string[];
  /** Stores of what the server is configured to send, each leaf with its chain behind it. */
  readonly serverCertificates?: readonly string[];
  /** A configuration of the server, or what a scan saw it accept. */
  readonly serverConfig?: string;
  /** A configuration of the clients. */
  readonly clientConfig?: string;
  readonly whatIf?: WhatIfQuestion;
  /** For stores that are encrypted. */
  readonly passwords?: Passwords;
}

/** The file of which is asked whether handshakes would have worked with it. */
export interface WhatIfQuestion {
  /** A configuration of the server, the chain that it would send, or a trust store: told by content. */
  readonly path: string;
  /** The trust store is the server's. Absent: it is the clients', since content does not tell whose it is. */
  readonly kind?: 'server-trusts';
}

/** What is known of the two ends besides the capture; null for what was not given. */
export interface Ends {
  /** What the clients accept. */
  readonly clientTrusts: CertificateStore | null;
  /** What the server accepts of clients. */
  readonly serverTrusts: CertificateStore | null;
  /** What the server is configured to send. */
  readonly serverCertificates: CertificateStore | null;
  readonly serverConfiguration: Configuration | null;
  readonly clientConfiguration: Configuration | null;
}

/** A file that was not in force, and what it would stand in for. */
export interface WhatIfFile {
  readonly path: string;
  readonly kind: 'configuration' | 'chain' | 'client-trusts' | 'server-trusts';
  /** The file, in the place that it has by its kind. */
  readonly ends: Ends;
}

/** Whether any file is given. */
export function hasEndFiles({
  ca,
  clientTrusts,
  serverTrusts,
  serverCertificates,
  serverConfig,
  clientConfig,
  whatIf,
}: EndFiles): boolean {
  if ([serverConfig, clientConfig, whatIf].some((file) => file !== undefined)) return true;
  return [ca, clientTrusts, serverTrusts, serverCertificates].some((paths = []) => paths.length > 0);
}
