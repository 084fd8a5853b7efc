import type { Connection, EncryptedRecord, Side } from '../../connection/connection.js';
import type { RecordProtection } from '../../tls/record/sizes.js';

// How far the handshake got.

/** Whether the server has said anything of TLS but alerts. */
export function hasServerAnswered({ serverHello, helloRetryRequest, messages }: Connection): boolean {
  return serverHello !== null || helloRetryRequest !== null || messages.some(({ from }) => from === 'server');
}

/** Whether it is the client that the handshake waits for: it has not sent all of its ClientHello, or not answered the server. */
export function isClientsTurn({ clientHello, messages, transport }: Connection): boolean {
  if (clientHello === null) return true;
  const last = messages.at(-1);
  // Whatever the client has sent since, it was no answer to the server's flight.
  if (last?.from === 'server' && last.type === 'server_hello_done') return true;
  return (transport.client.lastData?.frame ?? 0) <= (transport.server.lastData?.frame ?? 0);
}

/**
 * A side's encrypted records that can be handshake messages or data: TLS 1.3 gives all of them one content type.
 */
export function encryptedDataRecords({ encryptedRecords }: Connection, from: Side): EncryptedRecord[] {
  return encryptedRecords.filter((record) => record.from === from && record.contentType === 'application_data');
}

/** What decides how long a connection's encrypted records are, for tls/record/sizes.ts. */
export function protectionOf({ serverHello }: Connection): RecordProtection {
  return { version: serverHello?.version ?? null, cipherSuite: serverHello?.cipherSuite ?? null };
}
