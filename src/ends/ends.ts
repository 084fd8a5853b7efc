import type { Configuration } from './configurations/configuration.js';
import type { Passwords } from './stores/format.js';
import type { CertificateStore } from './stores/store.js';

/** Files and directories that the user gives for the two ends. */
export interface EndFiles {
  /** Stores of trust anchors in addition to Mozilla's. */
  readonly ca?: readonly string[];
  /** Stores of what the clients accept, and nothing else. */
  readonly clientTrusts?: readonly string[];
  /** Stores of what the server accepts from clients. */
  readonly serverTrusts?: readonly string[];
  /** Stores of what the server is configured to send, each leaf followed by its chain. */
  readonly serverCertificates?: readonly string[];
  /** A configuration of the server, or a scan of what it accepts. */
  readonly serverConfig?: string;
  /** A configuration of the clients. */
  readonly clientConfig?: string;
  readonly whatIf?: WhatIfQuestion;
  /** For stores that are encrypted. */
  readonly passwords?: Passwords;
}

/** The file for the question whether handshakes would have worked with it. */
export interface WhatIfQuestion {
  /** A configuration of the server, its chain, or a trust store: recognised by content. */
  readonly path: string;
  /** The trust store is the server's; by default the clients', since the content does not tell. */
  readonly kind?: 'server-trusts';
}

/** What is known of the two ends besides the capture; null for what was not given. */
export interface Ends {
  /** What the clients accept. */
  readonly clientTrusts: CertificateStore | null;
  /** What the server accepts from clients. */
  readonly serverTrusts: CertificateStore | null;
  /** What the server is configured to send. */
  readonly serverCertificates: CertificateStore | null;
  readonly serverConfiguration: Configuration | null;
  readonly clientConfiguration: Configuration | null;
}

/** A file that was not in use, and what it would replace. */
export interface WhatIfFile {
  readonly path: string;
  readonly kind: 'configuration' | 'chain' | 'client-trusts' | 'server-trusts';
  /** The file, in its place by kind. */
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
