import type { Connection } from '../../src/connection/connection.js';
import { alert, connection, message } from './connections.js';

/**
 * A connection of TLS 1.2 (AES-GCM) on which the server asks for a certificate by a renegotiation, as Apache does for a path of
 * its own: from frame 8 on, each message in a record of its own. The client's answer has records of these lengths, in frame 11.
 */
export function renegotiation(answer: readonly number[], overrides: Parameters<typeof connection>[0] = {}): Connection {
  const hidden = (from: 'client' | 'server', frame: number, ...lengths: readonly number[]) =>
    lengths.map((length) => message('encrypted_handshake', from, frame, { length, encrypted: true }));
  return connection({
    phase: 'finished',
    outcome: 'established',
    messages: [
      ...connection({ phase: 'finished' }).messages,
      ...hidden('server', 8, 28),
      ...hidden('client', 9, 271),
      ...hidden('server', 10, 145, 1861, 324, 145, 28),
      ...hidden('client', 11, ...answer),
    ],
    alerts: [alert({ frame: 12, encrypted: true })],
    ending: { by: 'server', how: 'close', frame: 13 },
    lastFrame: 13,
    ...overrides,
  });
}
