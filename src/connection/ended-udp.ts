import { notice } from '../notices.js';
import type { Timestamp } from '../capture/timestamp.js';
import { timestampOf } from '../capture/timestamp.js';
import type { DatagramSession } from '../tls/datagrams.js';
import type { DtlsSession } from '../tls/dtls.js';
import { handshakeTypeName } from '../tls/wire/registry/names.js';
import type { Direction, FrameRef } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { ConnectionPattern } from '../transport/tcp/connection.js';
import { formatAddress } from '../packet/address.js';
import type { UdpAssociation, UdpEnd } from '../transport/udp/association.js';
import { endingOf } from '../transport/udp/association.js';
import type { DtlsFacts, Note, Side, Sighting, UdpFacts, UdpSide } from './connection.js';
import type { EndedConnection } from './ended.js';
import { clientByHello, clientByMessages, endpointsOf } from './ended.js';
import { icmpError } from './icmp.js';
import { googleQuicFacts, quicFacts } from './quic-facts.js';

/**
 * Which end is the client: messages show it, and QUIC's headers do. Otherwise the capture lacks the ClientHello, so that it is not
 * known who spoke first: as over TCP, it is the end with the higher port.
 */
function clientDirection({ reader, ports, firstDirection }: UdpAssociation<DatagramSession>): Direction {
  if (reader.protocol !== 'dtls') return reader.client;
  const [a, b] = ports;
  return clientByMessages(reader) ?? (a === b ? firstDirection : a > b ? 0 : 1);
}

function sideFacts(end: UdpEnd, from: Side, reader: DatagramSession, direction: Direction): UdpSide {
  const { datagrams, bytes, missing, fragmented, firstFragmented, firstData, lastData, ttl } = end;
  const resent = reader.protocol === 'dtls' ? reader.mostResent(direction) : null;
  const seen = (place: FrameRef | null): Sighting | null => place && { frame: place.frame, at: place.at, from };
  return {
    datagrams,
    bytes,
    missing,
    retransmissions: reader.retransmissions(direction),
    mostResent: resent && {
      frame: resent.frame,
      at: resent.at,
      from,
      message: handshakeTypeName(resent.type),
      times: resent.times,
    },
    fragmented: firstFragmented && {
      frame: firstFragmented.frame,
      at: firstFragmented.at,
      from,
      datagrams: fragmented,
    },
    firstData: seen(firstData),
    lastData: lastData && { frame: lastData.number, at: timestampOf(lastData), from },
    ttl: ttl < 0 ? null : ttl,
  };
}

function strayFacts({ strayAnswer, ipVersion }: UdpAssociation): UdpFacts['strayAnswer'] {
  if (strayAnswer === null) return null;
  const { frame, at, address, port, isProven, datagrams } = strayAnswer;
  return {
    frame,
    at,
    from: 'server',
    source: { address: formatAddress(address, 0, ipVersion), port },
    isProven,
    datagrams,
  };
}

function udpFacts(association: UdpAssociation<DatagramSession>, client: Direction): UdpFacts {
  const { ends, icmp, reader } = association;
  const server = opposite(client);
  return {
    kind: 'udp',
    icmp: icmp.map((event) => icmpError(event, client)),
    strayAnswer: strayFacts(association),
    client: sideFacts(ends[client], 'client', reader, client),
    server: sideFacts(ends[server], 'server', reader, server),
  };
}

const HELLO_VERIFY_REQUEST = 3;

function dtlsFacts(session: DtlsSession): DtlsFacts {
  const { transcript, acks, hasConnectionId } = session;
  const requests = transcript.events.filter((event) => event.kind === 'message' && event.type === HELLO_VERIFY_REQUEST);
  return {
    helloVerifyRequests: requests.length,
    retransmissions: session.retransmissions(0) + session.retransmissions(1),
    acks,
    connectionId: hasConnectionId,
  };
}

/**
 * Whether the capture lacks the beginning of a handshake over DTLS: its ClientHello; or the server spoke before that, or it is not
 * the client's first message, by its number (RFC 6347 §4.2.2).
 */
function beginsLate(session: DtlsSession): boolean {
  const client = clientByHello(session);
  const [first] = session.transcript.events;
  if (client === null || first === undefined) return client === null;
  return first.direction !== client || (first.kind === 'message' && (first.sequence ?? 0) > 0);
}

/** What the capture lacks of an association. */
function udpNotes({ ends, reader }: UdpAssociation<DatagramSession>): readonly Note[] {
  const notes: Note[] = [];
  if (reader.protocol === 'dtls' && beginsLate(reader))
    notes.push({ ...notice('starts-mid-connection', 'connection'), frame: null });
  const missing = ends[0].missing + ends[1].missing;
  if (missing > 0) notes.push({ ...notice('truncated-packets', 'udp', { bytes: missing }), frame: null });
  return notes;
}

/** What is the protocol's own. */
function ownFacts(reader: DatagramSession): Pick<EndedConnection, 'dtls' | 'quic'> {
  switch (reader.protocol) {
    case 'dtls':
      return { dtls: dtlsFacts(reader) };
    case 'quic':
      return { quic: quicFacts(reader) };
    case 'gquic':
      return { quic: googleQuicFacts(reader) };
  }
}

/**
 * An association over UDP that is over. `now`: the capture's time then; `pattern`: its handshake pattern, if it has
 * one. Null if nothing showed that it was an association.
 */
export function endedUdp(
  association: UdpAssociation<DatagramSession>,
  now: Timestamp,
  pattern: ConnectionPattern | null = null,
): EndedConnection | null {
  if (association.reader.protocol === 'quic' && !association.reader.isProven) return null;
  const { id, ends, reader, firstFrame, startedAt, last } = association;
  const client = clientDirection(association);
  return {
    id,
    protocol: reader.protocol,
    ends: endpointsOf(association),
    client,
    firstFrame,
    lastFrame: last.number,
    startedAt,
    endedAt: timestampOf(last),
    handshake: reader,
    plaintext: [],
    isSeen: [ends[0].datagrams > 0, ends[1].datagrams > 0],
    isWhole: [false, false],
    unfinishedRecords: [],
    transport: udpFacts(association, client),
    ending: endingOf(association, now),
    notes: udpNotes(association),
    ...ownFacts(reader),
    ...(pattern === null ? {} : { pattern: pattern }),
  };
}
