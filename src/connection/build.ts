import { latin1 } from '../bytes.js';
import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import { formatAddress } from '../packet/address.js';
import { recognisePreamble } from '../preamble/index.js';
import { expectsTls, plaintextProtocol } from '../preamble/plaintext.js';
import { violationsOf } from '../tls/conformance.js';
import type { TlsSession } from '../tls/session.js';
import { cipherSuiteName, isTls13, versionName } from '../tls/wire/registry/names.js';
import type { Direction } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { TcpConnection } from '../transport/tcp/connection.js';
import { endingOf, lastSeen } from '../transport/tcp/connection.js';
import type { X509Reader } from '../x509/reader.js';
import type {
  Alert,
  Connection,
  EncryptedRecord,
  Ending,
  HandshakeMessage,
  PlaintextWords,
  ServerHello,
  Side,
  TcpFacts,
  Timing,
  UnfinishedRecord,
} from './connection.js';
import { clientHelloFacts } from './hellos.js';
import { messageFacts, type MessageFacts } from './messages.js';
import { notesOf } from './notes.js';
import type { Handshake } from './outcome.js';
import { encryptedAlerts, isEstablished, outcomeOf, phaseOf, viewOf } from './outcome.js';
import { tcpFacts } from './tcp-facts.js';
import type { TranscriptFacts } from './transcript.js';
import { encryptedAlert, transcriptFacts } from './transcript.js';
import { sideOf } from './side.js';

/**
 * Which end is the client. Normally the one that sent the SYN; a ClientHello from the other one overrules it, since TLS
 * roles are what the report speaks of (active FTP turns them round); without either, the higher port.
 */
function clientDirection(tcp: TcpConnection, session: TlsSession | null): Direction {
  for (const event of session?.transcript.events ?? []) {
    if (event.kind !== 'message') continue;
    if (event.type === 1) return event.direction;
    if (event.type === 2) return opposite(event.direction);
  }
  const partial = session?.partialHello ?? null;
  if (partial !== null) return partial.direction;
  const [a, b] = tcp.ends;
  if (a.syns.length > 0 || b.synAcks.length > 0) return 0;
  if (b.syns.length > 0 || a.synAcks.length > 0) return 1;
  return tcp.ports[0] >= tcp.ports[1] ? 0 : 1;
}

/** What the two sides agreed on, and what each sent by the end. */
function handshakeOf(session: TlsSession, { transcript }: TranscriptFacts, client: Direction): Handshake {
  const { version, cipherSuite } = session.negotiated;
  const isKnown = version !== 0;
  const protection = {
    version: isKnown ? versionName(version) : null,
    cipherSuite: isKnown ? cipherSuiteName(cipherSuite) : null,
  };
  const counts = session.transcript.applicationDataRecords;
  return {
    session,
    transcript,
    protection,
    isTls13: isTls13(version),
    views: {
      client: viewOf(transcript, 'client', counts[client], protection),
      server: viewOf(transcript, 'server', counts[opposite(client)], protection),
    },
  };
}

/** The alerts of the transcript, and those that TLS 1.3 hides, told by their size. */
function alertFacts({ alerts }: TranscriptFacts, handshake: Handshake): readonly Alert[] {
  if (!handshake.isTls13) return alerts;
  const inferred = SIDES.filter((side) => handshake.views[side].endsWithEncryptedAlert).flatMap((side) =>
    encryptedAlerts(handshake, side).map((record) => encryptedAlert(record, { recordVersion: 0x0303 }, true)),
  );
  return inferred.length === 0 ? alerts : [...alerts, ...inferred].sort((a, b) => a.frame - b.frame);
}

const SIDES: readonly Side[] = ['client', 'server'];

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
  if (session === null || session.plaintextTurns.length === 0) return [];
  const pieces = session.plaintextTurns.map((piece) => ({ ...piece, from: sideOf(piece.direction, client) }));
  const last = pieces.findLast(({ from }) => from === 'server');
  const isFirst = (piece: (typeof pieces)[number]): boolean => pieces.find(({ from }) => from === piece.from) === piece;
  return pieces
    .filter((piece) => isFirst(piece) || piece === last)
    .map(({ frame, at, from, bytes }) => {
      const text = latin1(bytes, 0, Math.min(MAX_WORDS, bytes.length)).split(/\r?\n/, 1)[0] ?? '';
      const isExpectation = from === 'server' && expectsTls(bytes);
      return { frame, at, from, text, protocol: plaintextProtocol(bytes, from), expectsTls: isExpectation };
    });
}

/** A connection that is over, with what was read of it: the raw material of a `Connection`. */
export interface EndedConnection {
  /** Its content is null when it carried no byte. */
  readonly tcp: TcpConnection<TlsSession>;
  /** The capture's time when it was ended; later than its last packet if it fell silent. */
  readonly now: Timestamp;
}

/** Whether the capture has all that this end sent. */
function isWhole({ ends, content }: TcpConnection<TlsSession>, direction: Direction): boolean {
  const { isSeen, stream } = ends[direction];
  return isSeen && stream.missing === 0 && content?.records[direction].hasGap === false;
}

const NONE: readonly UnfinishedRecord[] = [];

/** The records in the clear that never became complete. */
function unfinishedRecords(tcp: TcpConnection<TlsSession>, client: Direction): readonly UnfinishedRecord[] {
  const readers = tcp.content?.records ?? [];
  if (!readers.some(({ remaining }) => remaining > 0)) return NONE;
  return readers
    .filter(({ direction, remaining }) => remaining > 0 && isWhole(tcp, direction))
    .map(({ direction, length, remaining }) => ({
      from: sideOf(direction, client),
      length,
      bytes: length - remaining,
    }));
}

/** Makes the complete record of a connection that is over. */
export function buildConnection({ tcp, now }: EndedConnection, capture: number, reader: X509Reader): Connection {
  const session = tcp.content;
  const client = clientDirection(tcp, session);
  const server = opposite(client);
  const endpoint = (direction: Direction): Connection['client'] => ({
    address: formatAddress(tcp.addresses, direction * 4, tcp.ipVersion),
    port: tcp.ports[direction],
  });
  const isVisible = { client: tcp.ends[client].isSeen, server: tcp.ends[server].isSeen };
  const facts = tcpFacts(tcp, client);
  const sent = transcriptFacts(session, client);
  const { transcript, messages, encryptedRecords } = sent;
  const handshake = session === null ? null : handshakeOf(session, sent, client);
  const alerts = handshake === null ? [] : alertFacts(sent, handshake);
  const { by, how, frame, at } = endingOf(tcp, now);
  const ending: Ending = { by: by === 'none' ? by : sideOf(by, client), how, frame, at };
  const preamble = recognisePreamble(
    (session?.plaintextTurns ?? []).map(({ direction, bytes, frame, at }) => {
      return { from: sideOf(direction, client), bytes, frame, at };
    }),
  );
  const outcomeFacts = {
    preamble,
    handshake,
    serverPort: tcp.ports[server],
    alerts,
    tcp: facts,
    ending,
    isVisible,
  };
  const established = isEstablished(outcomeFacts);
  const said = messageFacts(sent.events, client, handshake?.isTls13 === true, reader);
  const partial = session?.partialHello ?? null;
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
    transcript,
    alerts,
    messages,
    encryptedRecords,
    unfinishedRecords: unfinishedRecords(tcp, client),
    violations: session === null ? [] : violationsOf(session.transcript, client, [isWhole(tcp, 0), isWhole(tcp, 1)]),
    transport: facts,
    ending,
    timing: timingOf(said, messages, encryptedRecords, facts, established),
    notes: notesOf(session, tcp, client),
  };
}
