import type { Connection } from '../../src/connection/connection.js';
import { alert, connection, encryptedRecord, message } from './connections.js';
import { hiddenAnswer } from './rule-tester.js';

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

/**
 * A connection of TLS 1.3 (AES-256-GCM) on which the server asks for a certificate when it has a request, as Apache 2.4.71 does for a
 * path of its own. The client's answer has records of these lengths, in frame 10, and the server's alert is in frame 11, behind
 * records of those lengths.
 */
export function behindHandshake(answer: readonly number[], before: readonly number[] = []): Connection {
  const hidden = (from: 'client' | 'server', frame: number, ...lengths: readonly number[]) =>
    lengths.map((length) => encryptedRecord(from, frame, length));
  const extensions = [...(connection().clientHello?.extensions ?? []), 'post_handshake_auth'];
  return connection({
    phase: 'application-data',
    outcome: 'established',
    clientHello: { extensions },
    serverHello: { version: 'TLS 1.3', cipherSuite: 'TLS_AES_256_GCM_SHA384' },
    encryptedRecords: [
      ...hiddenAnswer(69),
      ...hidden('client', 7, 103),
      ...hidden('server', 8, 298, 298, 123),
      ...hidden('client', 10, ...answer),
      ...hidden('server', 11, ...before, 19),
    ],
    alerts: [alert({ frame: 11, encrypted: true, inferred: true })],
    ending: { by: 'server', how: 'close', frame: 12 },
    lastFrame: 12,
  });
}
