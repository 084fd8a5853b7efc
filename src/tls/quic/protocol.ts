import { BOUNDS } from '../../bounds.js';
import type { DatagramProtocol } from '../../transport/flow.js';
import type { Secrets } from '../decrypt/secrets.js';
import type { SharedContent } from '../wire/messages/shared.js';
import { canBeginQuic } from './beginning.js';
import { QuicConnection } from './connection.js';

/**
 * QUIC: what a client's Initial packet begins. That it opens is the proof, and takes time: where too many did not, none is
 * tried any more.
 */
export function createQuicProtocol(secrets: Secrets, shared: SharedContent): DatagramProtocol<QuicConnection> {
  const context = { failures: 0, secrets, shared };
  return {
    recognise: (datagram) => context.failures < BOUNDS.quicFailures.value && canBeginQuic(datagram),
    open: () => new QuicConnection(context),
  };
}
