import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import { formatAddress } from '../packet/address.js';
import { recognisePreamble } from '../preamble/index.js';
import type { Direction } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { TcpConnection } from '../transport/tcp/connection.js';
import { endingOf, lastSeen } from '../transport/tcp/connection.js';
import { alertName, isTls13, versionName } from '../tls/wire/registry/names.js';
import type { SeenMessage, TlsSession } from '../tls/session.js';
import type { CertificateParser } from '../x509/store.js';
import type {
  Alert,
  Connection,
  EncryptedRecord,
  Ending,
  HandshakeMessage,
  PlaintextWords,
  ServerHello,
  TcpFacts,
  Timing,
} from './connection.js';
import { clientHelloFacts } from './hellos.js';
import { messageFacts, type MessageFacts, messageName } from './messages.js';
import { notesOf } from './notes.js';
import { encryptedAlerts, isEstablished, outcomeOf, phaseOf, type SideView, viewOf } from './outcome.js';
import { sideOf, tcpFacts } from './tcp-facts.js';

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

const RECORD_TYPES: ReadonlyMap<number, EncryptedRecord['contentType']> = new Map([
  [20, 'change_cipher_spec'],
  [21, 'alert'],
  [22, 'handshake'],
  [23, 'application_data'],
]);

function alertFacts(session: TlsSession, views: readonly [SideView, SideView], client: Direction): Alert[] {
  const alerts: Alert[] = session.alerts.map((alert) => ({
    frame: alert.frame,
    at: alert.at,
    from: sideOf(alert.direction, client),
    level: alert.level === null ? null : alert.level === 1 ? 'warning' : 'fatal',
    code: alert.description,
    name: alert.description === null ? null : alertName(alert.description),
    encrypted: alert.level === null,
    recordVersion: versionName(alert.recordVersion),
    inferred: false,
  }));
  if (isTls13(session.version)) {
    for (const direction of [0, 1] as const) {
      if (!views[direction].endsWithEncryptedAlert) continue;
      for (const { frame, at } of encryptedAlerts(session, views[direction], direction)) {
        alerts.push({
          frame,
          at,
          from: sideOf(direction, client),
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

/**
 * When an established handshake was over: with the later Finished, which is each side's first encrypted message; in
 * TLS 1.3 with the first record that the client encrypts after ServerHello. What follows is renegotiation or data.
 */
function finishedAt(
  serverHello: ServerHello | null,
  messages: readonly HandshakeMessage[],
  encryptedRecords: readonly EncryptedRecord[],
): Timestamp | undefined {
  const one = messages.find(({ encrypted }) => encrypted);
  if (one !== undefined) {
    const other = messages.find(({ encrypted, from }) => encrypted && from !== one.from);
    return other !== undefined && millisecondsBetween(one.at, other.at) > 0 ? other.at : one.at;
  }
  const hello = serverHello?.frame ?? 0;
  return encryptedRecords.find(
    ({ contentType, from, frame }) => contentType === 'application_data' && from === 'client' && frame > hello,
  )?.at;
}

function timingOf(
  { clientHello, serverHello }: MessageFacts,
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

const MAX_WORDS = 120;

function plaintextWords(session: TlsSession | null, client: Direction): PlaintextWords[] {
  if (session === null || session.plaintext.length === 0) return [];
  const pieces = session.plaintext.map((piece) => ({ ...piece, from: sideOf(piece.direction, client) }));
  const last = pieces.findLast(({ from }) => from === 'server');
  const isFirst = (piece: (typeof pieces)[number]): boolean => pieces.find(({ from }) => from === piece.from) === piece;
  return pieces
    .filter((piece) => isFirst(piece) || piece === last)
    .map(({ frame, at, from, bytes }) => {
      const text = Buffer.from(bytes.subarray(0, MAX_WORDS)).toString('latin1').split(/\r?\n/, 1)[0] ?? '';
      return { frame, at, from, text };
    });
}

/** What was held back for a lost segment was read late: the order of the frames is that of the handshake. */
function inOrder(messages: readonly SeenMessage[]): readonly SeenMessage[] {
  let last = 0;
  for (const { frame } of messages) {
    if (frame < last) return messages.toSorted((a, b) => a.frame - b.frame);
    last = frame;
  }
  return messages;
}

/** A connection that is over, with what was read of it: the raw material of a `Connection`. */
export interface EndedConnection {
  /** Its content is null when it carried no byte. */
  readonly tcp: TcpConnection<TlsSession>;
  /** The capture's time when it was ended; later than its last packet if it fell silent. */
  readonly now: Timestamp;
}

/** Makes the complete record of a connection that is over. */
export function buildConnection({ tcp, now }: EndedConnection, capture: number, parse: CertificateParser): Connection {
  const session = tcp.content;
  const client = clientDirection(tcp, session);
  const server = opposite(client);
  const endpoint = (direction: Direction): Connection['client'] => ({
    address: formatAddress(tcp.addresses, direction * 4, tcp.ipVersion),
    port: tcp.ports[direction],
  });
  const isVisible = { client: tcp.ends[client].isSeen, server: tcp.ends[server].isSeen };
  const seenMessages = inOrder(session?.messages ?? []);
  const messages: HandshakeMessage[] = seenMessages.map((message) => ({
    frame: message.frame,
    at: message.at,
    from: sideOf(message.direction, client),
    type: messageName(message),
    length: message.length,
    encrypted: message.type === null,
    isBehindGap: message.isBehindGap,
  }));
  const facts = tcpFacts(tcp, client);
  const views = session === null ? null : ([viewOf(session, 0), viewOf(session, 1)] as const);
  const alerts = session === null || views === null ? [] : alertFacts(session, views, client);
  const { by, how, frame, at } = endingOf(tcp, now);
  const ending: Ending = { by: by === 'none' ? by : sideOf(by, client), how, frame, at };
  const preamble = recognisePreamble(
    (session?.plaintext ?? []).map(({ direction, bytes }) => ({ from: sideOf(direction, client), bytes })),
  );
  const outcomeFacts = {
    preamble,
    session,
    views,
    clientDirection: client,
    serverPort: tcp.ports[server],
    alerts,
    tcp: facts,
    ending,
    isVisible,
  };
  const established = isEstablished(outcomeFacts);
  const said = messageFacts(seenMessages, session, client, parse);
  const partial = session?.partialHello ?? null;
  const encryptedRecords: EncryptedRecord[] = (session?.encryptedRecords ?? []).map((record) => ({
    frame: record.frame,
    at: record.at,
    from: sideOf(record.direction, client),
    contentType: RECORD_TYPES.get(record.type) ?? 'application_data',
    length: record.length,
  }));
  return {
    id: String(tcp.id),
    capture,
    protocol: session?.isTls === true ? 'tls' : null,
    client: endpoint(client),
    server: endpoint(server),
    firstFrame: tcp.firstFrame,
    lastFrame: tcp.lastFrame,
    startedAt: tcp.startedAt,
    endedAt: lastSeen(tcp),
    preamble,
    plaintext: plaintextWords(session, client),
    outcome: outcomeOf(outcomeFacts, established),
    phase: phaseOf(outcomeFacts, established),
    clientHello: said.clientHello,
    serverHello: said.serverHello,
    helloRetryRequest: said.helloRetryRequest,
    partialClientHello: partial === null || said.clientHello !== null ? null : clientHelloFacts(partial, partial.hello),
    certificateRequest: said.certificateRequest,
    certificateStatus: said.certificateStatus,
    serverCertificates: said.serverCertificates,
    clientCertificates: said.clientCertificates,
    alerts,
    messages,
    encryptedRecords,
    transport: facts,
    ending,
    timing: timingOf(said, messages, encryptedRecords, facts, established),
    notes: notesOf(session, tcp, client),
  };
}
