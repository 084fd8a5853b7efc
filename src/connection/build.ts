import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import { formatAddress } from '../packet/address.js';
import { recognisePreamble } from '../preamble/index.js';
import type { Direction, TcpConnection, TcpEvent } from '../tcp/tracker.js';
import { idleMilliseconds } from '../tcp/tracker.js';
import {
  alertName,
  certificateTypeName,
  handshakeTypeName,
  isTls13,
  signatureSchemeName,
  versionName,
} from '../tls/registry/names.js';
import type { SeenMessage, TlsSession } from '../tls/session.js';
import type { Certificate } from '../x509/certificate.js';
import { formatDistinguishedName } from '../x509/distinguished-name.js';
import { readOcspResponse } from '../x509/ocsp.js';
import type { EndedConnection } from './collect.js';
import type {
  Alert,
  CertificateRequest,
  Connection,
  EncryptedRecord,
  HandshakeMessage,
  HelloRetryRequest,
  Note,
  PlaintextWords,
  ServerHello,
  Side,
  Sighting,
  TcpFacts,
  TcpReset,
  TcpSide,
  Timing,
} from './connection.js';
import { clientHelloFacts, helloRetryRequestFacts, serverHelloFacts } from './hellos.js';
import { closeOf, hiddenAlerts, isEstablished, outcomeOf, phaseOf, type SideView, viewOf } from './outcome.js';

/** Certificates kept of one Certificate message: real chains have fewer than ten. */
export const MAX_CERTIFICATES = 32;

const opposite = (direction: Direction): Direction => (direction === 0 ? 1 : 0);

/**
 * Which end is the client. Normally the one that sent the SYN; a ClientHello from the other one overrules it, since TLS
 * roles are what the report speaks of (active FTP turns them round); without either, the higher port.
 */
function clientDirection(tcp: TcpConnection, session: TlsSession | null): Direction {
  for (const { type, direction } of session?.messages ?? []) {
    if (type === 1) return direction;
    if (type === 2) return opposite(direction);
  }
  const partial = session?.partialHello ?? null;
  if (partial !== null) return partial.direction;
  const [a, b] = tcp.ends;
  if (a.syns.length > 0 || b.synAck !== null) return 0;
  if (b.syns.length > 0 || a.synAck !== null) return 1;
  return tcp.ports[0] >= tcp.ports[1] ? 0 : 1;
}

/** Both in order of frame: mostly there is nothing to sort. */
function joined<T extends { readonly frame: number }>(one: readonly T[], other: readonly T[]): readonly T[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  return [...one, ...other].sort((a, b) => a.frame - b.frame);
}

function tcpFacts(tcp: TcpConnection, client: Direction): TcpFacts {
  const sideOf = (direction: Direction): Side => (direction === client ? 'client' : 'server');
  const sighting = ({ direction, frame, at }: TcpEvent): Sighting => ({ frame, at, from: sideOf(direction) });
  const side = (direction: Direction): TcpSide => {
    const { stream, lastData, firstData, retransmissions, resent, ttl } = tcp.ends[direction];
    return {
      bytes: stream.delivered,
      retransmissions,
      missing: stream.missing,
      resentInVain:
        resent !== null && resent.sequence === stream.acknowledged
          ? { bytes: resent.length, times: resent.times }
          : null,
      lost: stream.lost,
      acknowledged: stream.isAcknowledging && ((stream.acknowledged - stream.next) | 0) >= 0,
      ttl: ttl < 0 ? null : ttl,
      firstData: firstData === null ? null : sighting(firstData),
      lastData:
        lastData === null
          ? null
          : {
              frame: lastData.number,
              at: { seconds: lastData.seconds, nanoseconds: lastData.nanoseconds, digits: lastData.digits },
              from: sideOf(direction),
            },
    };
  };
  const reset = (event: TcpEvent): TcpReset => ({ ...sighting(event), ttl: event.ttl, ipId: event.ipId });
  const [one, other] = tcp.ends;
  const synAck = one.synAck ?? other.synAck;
  return {
    syns: joined(one.syns.map(sighting), other.syns.map(sighting)),
    synAck: synAck === null ? null : sighting(synAck),
    resets: joined(one.resets.map(reset), other.resets.map(reset)),
    fins: joined(one.fin === null ? [] : [sighting(one.fin)], other.fin === null ? [] : [sighting(other.fin)]),
    client: side(client),
    server: side(opposite(client)),
  };
}

const RECORD_TYPES: ReadonlyMap<number, EncryptedRecord['contentType']> = new Map([
  [20, 'change_cipher_spec'],
  [21, 'alert'],
  [22, 'handshake'],
  [23, 'application_data'],
]);

function alertFacts(
  session: TlsSession,
  views: readonly [SideView, SideView],
  sideOf: (direction: Direction) => Side,
): Alert[] {
  const alerts: Alert[] = session.alerts.map((alert) => ({
    frame: alert.frame,
    at: alert.at,
    from: sideOf(alert.direction),
    level: alert.level === null ? null : alert.level === 1 ? 'warning' : 'fatal',
    code: alert.description,
    name: alert.description === null ? null : alertName(alert.description),
    encrypted: alert.level === null,
    recordVersion: versionName(alert.recordVersion),
    inferred: false,
  }));
  if (isTls13(session.version)) {
    for (const direction of [0, 1] as const) {
      if (!views[direction].endsWithHiddenAlert) continue;
      for (const { frame, at } of hiddenAlerts(session, views[direction], direction)) {
        alerts.push({
          frame,
          at,
          from: sideOf(direction),
          level: null,
          code: null,
          name: null,
          encrypted: true,
          recordVersion: versionName(0x0303),
          inferred: true,
        });
      }
    }
  }
  return alerts.length < 2 ? alerts : alerts.sort((a, b) => a.frame - b.frame);
}

function messageName(message: SeenMessage): string {
  if (message.type === null) return 'encrypted_handshake';
  if (message.content.kind === 'server_hello' && message.content.hello.isHelloRetryRequest)
    return 'hello_retry_request';
  return handshakeTypeName(message.type);
}

function certificateRequestFacts(messages: readonly SeenMessage[]): CertificateRequest | null {
  for (const { content, frame, at } of messages) {
    if (content.kind !== 'certificate_request') continue;
    return {
      frame,
      at,
      certificateTypes: content.request.certificateTypes.map(certificateTypeName),
      signatureSchemes: content.request.signatureSchemes.map(signatureSchemeName),
      certificateAuthorities: content.request.certificateAuthorities.map(formatDistinguishedName),
    };
  }
  return null;
}

function certificateStatusFacts(
  message: SeenMessage | undefined,
  parse: (der: Uint8Array) => Certificate,
): Connection['certificateStatus'] {
  if (message?.content.kind !== 'certificate_status') return null;
  const { response } = message.content;
  return {
    frame: message.frame,
    at: message.at,
    responseLength: response.length,
    response: response.length === 0 ? null : readOcspResponse(response, parse),
  };
}

function certificatesFrom(
  messages: readonly SeenMessage[],
  direction: Direction,
  parse: (der: Uint8Array) => Certificate,
): Certificate[] {
  for (const message of messages) {
    if (message.direction === direction && message.content.kind === 'certificate') {
      return message.content.certificates.slice(0, MAX_CERTIFICATES).map(parse);
    }
  }
  return [];
}

function hellosOf(messages: readonly SeenMessage[], client: Direction, session: TlsSession | null): Hellos {
  let clientHello: Connection['clientHello'] = null;
  let serverHello: ServerHello | null = null;
  let helloRetryRequest: HelloRetryRequest | null = null;
  const server = opposite(client);
  const isFull = messages.some(
    ({ direction, type }) => direction === server && (type === 11 || type === 12 || type === 14),
  );
  const resumed =
    !isFull &&
    session !== null &&
    !isTls13(session.version) &&
    session.cipherChanges.some(({ direction }) => direction === server);
  const exchange = messages.find(({ content }) => content.kind === 'server_key_exchange')?.content;
  const keyExchange = exchange?.kind === 'server_key_exchange' ? exchange.exchange : null;
  for (const message of messages) {
    const { content } = message;
    if (content.kind === 'client_hello') clientHello ??= clientHelloFacts(message, content.hello);
    if (content.kind !== 'server_hello') continue;
    if (content.hello.isHelloRetryRequest) helloRetryRequest ??= helloRetryRequestFacts(message, content.hello);
    else serverHello ??= serverHelloFacts(message, content.hello, { keyExchange, resumed });
  }
  return { clientHello, serverHello, helloRetryRequest };
}

type Hellos = Pick<Connection, 'clientHello' | 'serverHello' | 'helloRetryRequest'>;

/**
 * When an established handshake was over: with the later Finished, which is each side's first encrypted message; in
 * TLS 1.3 with the first record that the client encrypts after ServerHello. What follows is renegotiation or data.
 */
function finishedAt(
  serverHello: ServerHello | null,
  messages: readonly HandshakeMessage[],
  encryptedRecords: readonly EncryptedRecord[],
): Timestamp | undefined {
  const one = messages.find(({ encrypted, from }) => encrypted && from === 'client')?.at;
  const other = messages.find(({ encrypted, from }) => encrypted && from === 'server')?.at;
  if (one !== undefined && other !== undefined) return millisecondsBetween(one, other) > 0 ? other : one;
  if (one !== undefined || other !== undefined) return one ?? other;
  const hello = serverHello?.frame ?? 0;
  return encryptedRecords.find(
    ({ contentType, from, frame }) => contentType === 'application_data' && from === 'client' && frame > hello,
  )?.at;
}

function timingOf(
  { clientHello, serverHello }: Hellos,
  messages: readonly HandshakeMessage[],
  encryptedRecords: readonly EncryptedRecord[],
  tcp: TcpFacts,
  established: boolean,
): Timing {
  const between = (start: Timestamp | undefined, end: Timestamp | undefined): number | null =>
    start === undefined || end === undefined ? null : Math.round(millisecondsBetween(start, end) * 1000) / 1000;
  return {
    tcpConnectMs: between(tcp.syns[0]?.at, tcp.synAck?.at),
    serverHelloMs: between(clientHello?.at, serverHello?.at),
    handshakeMs: established ? between(clientHello?.at, finishedAt(serverHello, messages, encryptedRecords)) : null,
  };
}

function notesOf(session: TlsSession | null, tcp: TcpConnection, client: Direction): Note[] {
  const notes: Note[] = (session?.problems ?? []).map(({ code, message, frame }) => ({ code, message, frame }));
  for (const { content, type, frame } of session?.messages ?? []) {
    if (content.kind === 'malformed') {
      const { message, offset } = content.error;
      const what = `${handshakeTypeName(type ?? 0)}, byte ${offset}: ${message}`;
      notes.push({ code: 'malformed-message', message: what, frame });
    } else if (content.kind === 'certificate' && content.certificates.length > MAX_CERTIFICATES) {
      const what = `only the first ${MAX_CERTIFICATES} of ${content.certificates.length} certificates are read`;
      notes.push({ code: 'too-many-certificates', message: what, frame });
    }
  }
  const ends = [
    { side: 'client', end: tcp.ends[client] },
    { side: 'server', end: tcp.ends[opposite(client)] },
  ] as const;
  if (ends.every(({ end }) => end.syns.length === 0 && end.synAck === null)) {
    notes.push({ code: 'starts-mid-connection', message: 'the connection began before the capture did', frame: null });
  }
  for (const { side, end } of ends) {
    const { missing, holes, lost } = end.stream;
    if (holes > lost) {
      const what = `${holes - lost} bytes that the ${side} sent are not in the capture`;
      notes.push({ code: 'missing-segments', message: what, frame: null });
    }
    if (missing > holes) {
      const what = `${missing - holes} bytes that the ${side} sent were cut off by the snapshot length`;
      notes.push({ code: 'truncated-packets', message: what, frame: null });
    }
  }
  const visible = ends.filter(({ end }) => end.isSeen);
  if (visible.length === 1 && visible.some(({ end }) => end.stream.delivered > 0)) {
    const message = `only what the ${visible[0]?.side} sent is in the capture`;
    notes.push({ code: 'one-sided', message, frame: null });
  }
  return notes;
}

const MAX_WORDS = 120;

function plaintextWords(session: TlsSession | null, sideOf: (direction: Direction) => Side): PlaintextWords[] {
  if (session === null || session.plaintext.length === 0) return [];
  const pieces = session.plaintext.map((piece) => ({ ...piece, from: sideOf(piece.direction) }));
  const last = pieces.findLast(({ from }) => from === 'server');
  const isFirst = (piece: (typeof pieces)[number]): boolean => pieces.find(({ from }) => from === piece.from) === piece;
  return pieces
    .filter((piece) => isFirst(piece) || piece === last)
    .map(({ frame, at, from, bytes }) => {
      const text = Buffer.from(bytes.subarray(0, MAX_WORDS)).toString('latin1').split(/\r?\n/, 1)[0] ?? '';
      return { frame, at, from, text };
    });
}

function inOrder(messages: readonly SeenMessage[]): readonly SeenMessage[] {
  const isInOrder = messages.every(({ frame }, index) => index === 0 || frame >= (messages[index - 1]?.frame ?? 0));
  return isInOrder ? messages : messages.toSorted((a, b) => a.frame - b.frame);
}

/** Whether building this connection's facts needs the certificate parser. */
export function hasCertificates({ session }: EndedConnection): boolean {
  return session?.messages.some(({ content }) => content.kind === 'certificate') ?? false;
}

/** Makes the complete record of a connection that is over. `parse` reads a certificate's DER. */
export function buildConnection(
  { tcp, session, now }: EndedConnection,
  capture: number,
  parse: (der: Uint8Array) => Certificate,
): Connection {
  const client = clientDirection(tcp, session);
  const server = opposite(client);
  const sideOf = (direction: Direction): Side => (direction === client ? 'client' : 'server');
  const endpoint = (direction: Direction): Connection['client'] => ({
    address: formatAddress(tcp.addresses, direction * 4, tcp.ipVersion),
    port: tcp.ports[direction],
  });
  const isVisible = { client: tcp.ends[client].isSeen, server: tcp.ends[server].isSeen };
  // What was held back for a lost segment was read late: the order of the frames is that of the handshake.
  const seenMessages = inOrder(session?.messages ?? []);
  const messages: HandshakeMessage[] = seenMessages.map((message) => ({
    frame: message.frame,
    at: message.at,
    from: sideOf(message.direction),
    type: messageName(message),
    length: message.length,
    encrypted: message.type === null,
    isBehindGap: message.isBehindGap,
  }));
  const facts = tcpFacts(tcp, client);
  const views = session === null ? null : ([viewOf(session, 0), viewOf(session, 1)] as const);
  const alerts = session === null || views === null ? [] : alertFacts(session, views, sideOf);
  const endedAt = { seconds: tcp.lastSeconds, nanoseconds: tcp.lastNanoseconds, digits: tcp.digits };
  const close = closeOf(facts, idleMilliseconds(tcp, now), { frame: tcp.lastFrame, at: endedAt });
  const preamble = recognisePreamble(
    (session?.plaintext ?? []).map(({ direction, bytes }) => ({ from: sideOf(direction), bytes })),
  );
  const outcomeFacts = {
    preamble,
    session,
    views,
    clientDirection: client,
    serverPort: tcp.ports[server],
    alerts,
    tcp: facts,
    close,
    isVisible,
  };
  const established = isEstablished(outcomeFacts);
  const hellos = hellosOf(seenMessages, client, session);
  const partial = session?.partialHello ?? null;
  const encryptedRecords: EncryptedRecord[] = (session?.encryptedRecords ?? []).map((record) => ({
    frame: record.frame,
    at: record.at,
    from: sideOf(record.direction),
    contentType: RECORD_TYPES.get(record.type) ?? 'application_data',
    length: record.length,
  }));
  const status = seenMessages.find(({ content }) => content.kind === 'certificate_status');
  return {
    id: String(tcp.id),
    capture,
    transport: 'tcp',
    protocol: session?.isTls === true ? 'tls' : null,
    client: endpoint(client),
    server: endpoint(server),
    firstFrame: tcp.firstFrame,
    lastFrame: tcp.lastFrame,
    startedAt: tcp.startedAt,
    endedAt,
    preamble,
    plaintext: plaintextWords(session, sideOf),
    outcome: outcomeOf(outcomeFacts, established),
    phase: phaseOf(outcomeFacts, established),
    clientHello: hellos.clientHello,
    serverHello: hellos.serverHello,
    helloRetryRequest: hellos.helloRetryRequest,
    partialClientHello:
      partial === null || hellos.clientHello !== null ? null : clientHelloFacts(partial, partial.hello),
    certificateRequest: certificateRequestFacts(seenMessages),
    certificateStatus: certificateStatusFacts(status, parse),
    serverCertificates: certificatesFrom(seenMessages, server, parse),
    clientCertificates: certificatesFrom(seenMessages, client, parse),
    alerts,
    messages,
    encryptedRecords,
    tcp: facts,
    close,
    timing: timingOf(hellos, messages, encryptedRecords, facts, established),
    notes: notesOf(session, tcp, client),
  };
}
