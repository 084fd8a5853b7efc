import { BOUNDS } from '../../bounds.js';
import type { DatagramProtocol } from '../../transport/flow.js';
import type { Secrets } from '../decrypt/secrets.js';
import type { SharedContent } from '../wire/messages/shared.js';
import { canBeginQuic } from './first-packet.js';
import { QuicConnection } from './connection.js';

/**
 * QUIC, beginning with a client's Initial packet. Opening it is the proof, and takes time: after too many failures no
 * more are tried.
 */
export function createQuicProtocol(secrets: Secrets, shared: SharedContent): DatagramProtocol<QuicConnection> {
  const context = { failures: 0, secrets, shared };
  return {
    recognise: (datagram) => context.failures < BOUNDS.quicFailures.value && canBeginQuic(datagram),
    open: () => new QuicConnection(context),
  };
}
