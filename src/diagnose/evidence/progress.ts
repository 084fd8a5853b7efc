import { BOUNDS } from '../../bounds.js';
import {
  overTcp,
  type ClientHello,
  type Connection,
  type EncryptedRecord,
  type HandshakeMessage,
  type QuicFacts,
  type Side,
  type Sighting,
} from '../../connection/connection.js';
import { memoizeLast } from '../../memoize.js';
import { encryptsHandshake } from './offers.js';
import {
  canBeAlert,
  canBeFinished,
  canBeginWithEmptyCertificate,
  type RecordProtection,
} from '../../tls/record/sizes.js';

// How far the handshake got.

/**
 * Whether the server sent anything of TLS besides alerts and HelloVerifyRequest, which it sends before it reads
 * anything.
 */
export function hasServerAnswered({ serverHello, helloRetryRequest, messages }: Connection): boolean {
  if (serverHello !== null || helloRetryRequest !== null) return true;
  return messages.some(({ from, type }) => from === 'server' && type !== 'hello_verify_request');
}

/**
 * The ClientHello that the client sent, also one of which the snapshot length cut off the rest; null if it sent none, or only the
 * beginning.
 */
export function sentClientHello(connection: Connection): ClientHello | null {
  const isCut = overTcp(connection)?.client.cut !== undefined;
  return connection.clientHello ?? (isCut ? connection.partialClientHello : null);
}

/** Whether the handshake waits for the client: it has not sent all of its ClientHello, or not answered the server. */
export function isClientsTurn({ clientHello, serverHello, messages, transport }: Connection): boolean {
  if (clientHello === null) return true;
  const last = messages.at(-1);
  // Whatever the client sent since, it was no answer to the server's flight.
  if (last?.from === 'server' && last.type === 'server_hello_done') return true;
  if (last?.from === 'server' && isWithinFlight(serverHello, last.type)) return false;
  return (transport.client.lastData?.frame ?? 0) <= (transport.server.lastData?.frame ?? 0);
}

/** Messages of a server's flight before TLS 1.3 that are never the last one (RFC 5246 §7.3). */
const GOES_ON: ReadonlySet<string> = new Set([
  'server_hello',
  'certificate',
  'certificate_status',
  'server_key_exchange',
  'certificate_request',
]);

/** Whether a server's flight cannot end with this message, as far as its version shows that. */
const isWithinFlight = (serverHello: Connection['serverHello'], type: string): boolean =>
  serverHello !== null && !encryptsHandshake(serverHello.version) && !serverHello.resumed && GOES_ON.has(type);

/** A side's encrypted records that can be handshake messages or data: TLS 1.3 gives all of them one content type. */
export function encryptedDataRecords(connection: Connection, from: Side): readonly EncryptedRecord[] {
  return dataRecords(connection)[from];
}

const dataRecords = memoizeLast(
  ({ encryptedRecords }: Connection): Readonly<Record<Side, readonly EncryptedRecord[]>> => {
    const client: EncryptedRecord[] = [];
    const server: EncryptedRecord[] = [];
    for (const record of encryptedRecords) {
      if (record.contentType === 'application_data') (record.from === 'client' ? client : server).push(record);
    }
    return { client, server };
  },
);

/** Whether a side sent anything after what began at that frame. The rest of its record may fill further segments. */
export function hasSentBehind(
  { encryptedRecords, messages, transport }: Connection,
  { from, frame }: Sighting,
): boolean {
  const { lastData } = transport[from];
  if (lastData === null || lastData.frame <= frame) return false;
  const records = encryptedRecords.filter((record) => record.from === from);
  // If there are more records than are kept, it is unknown which came last.
  if (records.length >= BOUNDS.encryptedRecords.value) return true;
  return [...records, ...messages].some((one) => one.from === from && one.frame > frame);
}

/** A decrypted message of a side: if there is one, sizes need not be interpreted. */
export function openedMessage({ keys, messages }: Connection, from: Side, type: string): HandshakeMessage | undefined {
  if (keys === null) return undefined;
  return messages.find((message) => message.decrypted === true && message.from === from && message.type === type);
}

/** As `openedMessage`, for the message with the certificates. */
export function openedCertificate(connection: Connection, from: Side): HandshakeMessage | undefined {
  return openedMessage(connection, from, 'certificate') ?? openedMessage(connection, from, 'compressed_certificate');
}

/**
 * The client's record whose size fits a beginning with an empty Certificate message (TLS 1.3); undefined if none does.
 */
export function encryptedEmptyCertificate(connection: Connection): EncryptedRecord | undefined {
  const { serverHello, encryptedRecords } = connection;
  if (openedMessage(connection, 'client', 'finished') !== undefined) return undefined;
  const hello = serverHello?.frame ?? 0;
  const first = encryptedRecords.find(
    ({ from, contentType, frame }) => from === 'client' && contentType === 'application_data' && frame >= hello,
  );
  return first !== undefined && canBeginWithEmptyCertificate(protectionOf(connection), first.length)
    ? first
    : undefined;
}

/**
 * Whether the client answered a request for a certificate with an empty one, according to messages or, in TLS 1.3,
 * sizes.
 */
export function hasSentEmptyCertificate(connection: Connection): boolean {
  const { messages, clientCertificates, serverHello } = connection;
  const isOpened =
    (openedCertificate(connection, 'client') ?? openedMessage(connection, 'client', 'finished')) !== undefined;
  if (serverHello?.version === 'TLS 1.3' && !isOpened) return encryptedEmptyCertificate(connection) !== undefined;
  return (
    clientCertificates.length === 0 && messages.some(({ from, type }) => from === 'client' && type === 'certificate')
  );
}

/** The number of tickets that a TLS 1.3 server usually sends when it has the client's Finished. */
const TICKETS = 2;

/**
 * Whether the server answered a request: it sent data after the client had, and in TLS 1.3 more since the client's
 * Finished than tickets, which it may have sent before the request.
 */
export const isServed = memoizeLast((connection: Connection): boolean => {
  if (connection.quic !== null) return isServedOverQuic(connection, connection.quic);
  const protection = protectionOf(connection);
  const isOpened = openedMessage(connection, 'client', 'finished') !== undefined;
  const isTls13 = connection.serverHello?.version === 'TLS 1.3' && !isOpened;
  // Called for every connection: loops allocate nothing.
  let isFinished = !isTls13;
  let request: EncryptedRecord | undefined;
  let sent = 0;
  let hasAnswered = false;
  for (const record of connection.encryptedRecords) {
    if (record.contentType !== 'application_data') continue;
    // Records that keys opened are data, however short.
    if (record.decrypted !== true && canBeAlert(protection, record.length)) continue;
    if (record.from === 'server') {
      if (isFinished) sent++;
      hasAnswered ||= request !== undefined && record.frame > request.frame;
    } else if (request !== undefined) {
      continue;
    } else if (isFinished) {
      request = record;
    } else {
      isFinished = canBeFinished(protection, record.length);
    }
  }
  return hasAnswered && (!isTls13 || sent > TICKETS);
});

/**
 * As `isServed`, for QUIC, whose packets hide the length of their content: the server continued after the client had
 * finished, with more packets than tickets need.
 */
function isServedOverQuic({ keys, transport }: Connection, quic: QuicFacts): boolean {
  const { client, server, closes, altered, halfRtt } = quic;
  // Decrypted content shows more than sizes.
  if (keys !== null || closes.length > 0 || altered !== null || transport.kind !== 'udp') return false;
  const finished = client.protectedPackets.find(({ level }) => level === '1rtt');
  const last = transport.server.lastData;
  if (finished === undefined || last === null || last.frame < finished.frame) return false;
  return server.packets['1rtt'] + server.packets.short - halfRtt > TICKETS;
}

/** What determines the length of a connection's encrypted records, for tls/record/sizes.ts. */
export function protectionOf({ serverHello }: Connection): RecordProtection {
  return { version: serverHello?.version ?? null, cipherSuite: serverHello?.cipherSuite ?? null };
}
