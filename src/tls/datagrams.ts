import type { DatagramProtocol } from '../transport/flow.js';
import type { DtlsSession } from './dtls.js';
import { createDtlsProtocol } from './dtls.js';

/** What is read of one association over UDP, told apart by its `protocol`. */
export type DatagramSession = DtlsSession;

/** The protocols that datagrams are tried for, in this order, for one analysis. */
export function createDatagramProtocols(): readonly DatagramProtocol<DatagramSession>[] {
  return [createDtlsProtocol()];
}
