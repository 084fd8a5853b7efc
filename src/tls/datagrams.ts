import type { DatagramProtocol } from '../transport/flow.js';
import { NO_SECRETS, type Secrets } from './decrypt/secrets.js';
import type { DtlsSession } from './dtls.js';
import { createDtlsProtocol } from './dtls.js';
import type { QuicConnection } from './quic/connection.js';
import type { GoogleQuicConnection } from './quic/google.js';
import { googleQuicProtocol } from './quic/google.js';
import { createQuicProtocol } from './quic/protocol.js';
import { createSharedContent } from './wire/messages/shared.js';

/** The reader of one association over UDP, discriminated by `protocol`. */
export type DatagramSession = DtlsSession | QuicConnection | GoogleQuicConnection;

/** The protocols that datagrams are tried for, in this order, in one analysis. */
export function createDatagramProtocols(
  secrets: Secrets = NO_SECRETS,
  shared = createSharedContent(),
): readonly DatagramProtocol<DatagramSession>[] {
  return [createDtlsProtocol(secrets, shared), createQuicProtocol(secrets, shared), googleQuicProtocol];
}
