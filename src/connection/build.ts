import { BOUNDS } from '../bounds.js';
import { latin1 } from '../bytes.js';
import type { Timestamp } from '../capture/timestamp.js';
import { ABSURD_MS, millisecondsBetween } from '../capture/timestamp.js';
import { demandOfTls } from '../preamble/demand.js';
import { recognisePreamble } from '../preamble/preamble.js';
import { expectsTls, plaintextProtocol } from '../preamble/plaintext.js';
import { violationsOf } from '../tls/conformance.js';
import type { HandshakeSession } from '../tls/handshake/session.js';
import { inFrameOrder } from '../tls/handshake/transcript.js';
import { MAX_TURNS, type SeenPlaintext } from '../tls/plaintext.js';
import { quicTransportParameters } from '../tls/wire/extensions/quic-transport-parameters.js';
import { cipherSuiteName, isTls13, versionName } from '../tls/wire/registry/names.js';
import type { Direction } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { X509Reader } from '../x509/reader.js';
import type {
  Alert,
  Connection,
  EncryptedRecord,
  Ending,
  HandshakeMessage,
  KeyFacts,
  PlaintextWords,
  QuicFacts,
  ServerHello,
  Side,
  Timing,
  TransportFacts,
} from './connection.js';
import type { EndedConnection } from './ended.js';
import { clientHelloFacts } from './hellos.js';
import { messageFacts, type MessageFacts } from './messages.js';
import { decodingNotes, offerNotes } from './notes.js';
import type { Handshake } from './outcome.js';
import { encryptedAlerts, isEstablished, outcomeOf, phaseOf, viewOf } from './outcome.js';
import type { TranscriptFacts } from './transcript.js';
import { encryptedAlert, transcriptFacts } from './transcript.js';
import { sideOf } from './side.js';

/** What the two sides agreed on, and what each sent by the end. */
function handshakeOf(session: HandshakeSession, { transcript }: TranscriptFacts, client: Direction): Handshake {
  const { version, cipherSuite } = session.negotiated;
  const isKnown = version !== 0;
  const protection = {
    version: isKnown ? versionName(version) : null,
    cipherSuite: isKnown ? cipherSuiteName(cipherSuite) : null,
  };
  const { applicationDataRecords, openedDataRecords } = session.transcript;
  const is13 = isTls13(version);
  const count = (direction: Direction): number =>
    applicationDataRecords[direction] + (is13 ? 0 : openedDataRecords[direction]);
  return {
    session,
    transcript,
    protection,
    isTls13: is13,
    views: {
      client: viewOf(transcript, 'client', count(client), protection),
      server: viewOf(transcript, 'server', count(opposite(client)), protection),
    },
  };
}

/** The alerts of the transcript, and those that TLS 1.3 encrypts, recognised by their size. */
function alertFacts({ alerts }: TranscriptFacts, handshake: Handshake): readonly Alert[] {
  if (!handshake.isTls13) return alerts;
  const { client, server } = handshake.views;
  if (!client.endsWithEncryptedAlert && !server.endsWithEncryptedAlert) return alerts;
  const all = [...alerts];
  for (const side of SIDES) {
    if (!handshake.views[side].endsWithEncryptedAlert) continue;
    for (const record of encryptedAlerts(handshake, side)) {
      all.push(encryptedAlert(record, { recordVersion: 0x0303 }, true));
    }
  }
  return inFrameOrder(all);
}

const SIDES: readonly Side[] = ['client', 'server'];

/**
 * When an established handshake was complete: at the later Finished, which is each side's first encrypted message; in
 * TLS 1.3 at the first record that the client encrypts after ServerHello. What follows is renegotiation or data.
 */
function finishedAt(
  serverHello: ServerHello | null,
  messages: readonly HandshakeMessage[],
  encryptedRecords: readonly EncryptedRecord[],
): Timestamp | undefined {
  const isFinished = ({ encrypted, type }: HandshakeMessage): boolean => encrypted || type === 'finished';
  const one = messages.find(isFinished);
  if (one !== undefined) {
    const other = messages.find((message) => isFinished(message) && message.from !== one.from);
    return other !== undefined && millisecondsBetween(one.at, other.at) > 0 ? other.at : one.at;
  }
  const hello = serverHello?.frame ?? 0;
  return encryptedRecords.find(
    ({ contentType, from, frame }) => contentType === 'application_data' && from === 'client' && frame > hello,
  )?.at;
}

/** The milliseconds between two times, to the microsecond; null where either is unknown, or damaged. */
export function elapsed(start: Timestamp | undefined, end: Timestamp | undefined): number | null {
  if (start === undefined || end === undefined) return null;
  const milliseconds = millisecondsBetween(start, end);
  return Math.abs(milliseconds) < ABSURD_MS ? Math.round(milliseconds * 1000) / 1000 : null;
}

function timingOf(
  { clientHello, serverHello }: MessageFacts,
  messages: readonly HandshakeMessage[],
  encryptedRecords: readonly EncryptedRecord[],
  { transport, quic }: { readonly transport: TransportFacts; readonly quic: QuicFacts | null },
  established: boolean,
): Timing {
  const { syns = [], synAck = null } = transport.kind === 'tcp' ? transport : {};
  // A side that uses the application keys has finished the handshake.
  const finished =
    quic === null
      ? finishedAt(serverHello, messages, encryptedRecords)
      : quic.client.protectedPackets.find(({ level }) => level === '1rtt')?.at;
  return {
    tcpConnectMs: elapsed(syns[0]?.at, synAck?.at),
    serverHelloMs: elapsed(clientHello?.at, serverHello?.at),
    handshakeMs: established ? elapsed(clientHello?.at, finished) : null,
  };
}

const MAX_WORDS = BOUNDS.plaintextLine.value;

/** `isOver`: a side ended the connection, so that no more comes than these turns. */
function plaintextWords(turns: readonly SeenPlaintext[], client: Direction, isOver: boolean): PlaintextWords[] {
  if (turns.length === 0) return [];
  const pieces = turns.map((piece) => ({ ...piece, from: sideOf(piece.direction, client) }));
  const last = pieces.findLast(({ from }) => from === 'server');
  const isFirst = (piece: (typeof pieces)[number]): boolean => pieces.find(({ from }) => from === piece.from) === piece;
  const demand = isOver && turns.length < MAX_TURNS ? demandOfTls(pieces) : null;
  return pieces
    .filter((piece) => isFirst(piece) || piece === last || piece === demand?.turn)
    .map((piece) => {
      const { frame, at, from, bytes } = piece;
      const text = latin1(bytes, 0, Math.min(MAX_WORDS, bytes.length)).split(/\r?\n/, 1)[0] ?? '';
      const isExpectation = from === 'server' && expectsTls(bytes);
      const demands = piece === demand?.turn;
      const protocol = demands ? demand.protocol : plaintextProtocol(bytes, from);
      return { frame, at, from, text, protocol, expectsTls: isExpectation, demandsTls: demands };
    });
}

function keyFacts(session: HandshakeSession | null, client: Direction): KeyFacts | null {
  const keys = session?.keys ?? null;
  if (keys === null) return null;
  const { opened, altered, unreadable } = keys;
  const where = altered && { frame: altered.frame, at: altered.at, from: sideOf(altered.direction, client) };
  return { opened, altered: where, unreadable };
}

/**
 * The extension that every ClientHello over QUIC has, by the versions that the client tried: the transport parameters
 * (RFC 9001 §8.2). Drafts gave it another number.
 */
const requiredExtension = (versions: readonly string[]): number | null =>
  versions.length > 0 && versions.every((version) => version === 'QUIC v1' || version === 'QUIC v2')
    ? quicTransportParameters.type
    : null;

/** How it ended. Datagrams show no end, but QUIC may say that it closes. */
function endingOf({ client, ending: { by, how, frame, at }, quic }: EndedConnection): Ending {
  const close = quic?.closes[0];
  if (close !== undefined) return { by: close.from, how: 'close', frame: close.frame, at: close.at };
  return { by: by === 'none' ? by : sideOf(by, client), how, frame, at };
}

/** Makes the complete record of a connection that is over. `capture`: the index of its capture. */
export function buildConnection(ended: EndedConnection, capture: number, reader: X509Reader): Connection {
  const { client, handshake: session, transport, protocol, quic = null } = ended;
  const server = opposite(client);
  const isVisible = { client: ended.isSeen[client], server: ended.isSeen[server] };
  const sent = transcriptFacts(session, client);
  const { transcript, messages, encryptedRecords } = sent;
  const handshake = session === null ? null : handshakeOf(session, sent, client);
  const alerts = handshake === null ? [] : alertFacts(sent, handshake);
  const ending = endingOf(ended);
  const turns = ended.plaintext.map(({ direction, bytes, frame, at }) => {
    return { from: sideOf(direction, client), bytes, frame, at };
  });
  const preamble = recognisePreamble(turns);
  const eap = ended.eap ?? null;
  const outcomeFacts = {
    preamble,
    isTls: protocol !== null,
    hasPlaintext: ended.plaintext.length > 0,
    handshake,
    serverPort: ended.ends[server].port,
    alerts,
    transport,
    protocol,
    quic,
    startedAt: ended.startedAt,
    endedAt: ended.endedAt,
    ending,
    isVisible,
    eap,
  };
  const established = isEstablished(outcomeFacts);
  const said = messageFacts(sent.events, client, handshake?.isTls13 === true, reader);
  const partial = session?.partialHello ?? null;
  return {
    id: String(ended.id),
    capture,
    protocol,
    client: ended.ends[client],
    server: ended.ends[server],
    firstFrame: ended.firstFrame,
    lastFrame: ended.lastFrame,
    startedAt: ended.startedAt,
    endedAt: ended.endedAt,
    preamble,
    plaintext: plaintextWords(ended.plaintext, client, ending.how === 'close' || ending.how === 'reset'),
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
    unfinishedRecords: ended.unfinishedRecords,
    violations:
      session === null
        ? []
        : violationsOf(session.transcript, client, ended.isWhole, requiredExtension(quic?.offeredVersions ?? [])),
    transport,
    dtls: ended.dtls ?? null,
    quic,
    eap,
    keys: keyFacts(session, client),
    ending,
    timing: timingOf(said, messages, encryptedRecords, { transport, quic }, established),
    notes:
      session === null
        ? ended.notes
        : [...decodingNotes(session), ...ended.notes, ...offerNotes(turns, preamble, ending)],
  };
}
