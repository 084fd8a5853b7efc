import type { Timestamp } from '../capture/timestamp.js';
import type { TlsSession } from '../tls/session.js';
import type { Direction } from '../transport/flow.js';
import type { TcpConnection } from '../transport/tcp/connection.js';
import { endingOf, lastSeen } from '../transport/tcp/connection.js';
import type { UnfinishedRecord } from './connection.js';
import type { EndedConnection } from './ended.js';
import { clientByHello, clientByMessages, endpointsOf } from './ended.js';
import { tcpNotes } from './notes.js';
import { sideOf } from './side.js';
import { tcpFacts } from './tcp-facts.js';

/**
 * Which end is the client: normally the one that sent the SYN. A ClientHello from the other end overrules it, since the
 * report speaks of TLS roles (active FTP swaps them). Without either, other messages show it, or it is the end with the higher
 * port.
 */
function clientDirection({ ends, ports, content }: TcpConnection<TlsSession>): Direction {
  const byHello = clientByHello(content);
  if (byHello !== null) return byHello;
  const [a, b] = ends;
  if (a.syns.length > 0 || b.synAcks.length > 0) return 0;
  if (b.syns.length > 0 || a.synAcks.length > 0) return 1;
  return clientByMessages(content) ?? (ports[0] >= ports[1] ? 0 : 1);
}

/** Whether the capture has everything that this end sent. */
function isWhole({ ends, content }: TcpConnection<TlsSession>, direction: Direction): boolean {
  const { isSeen, stream } = ends[direction];
  return isSeen && stream.missing === 0 && content?.records[direction].hasGap === false;
}

const NONE: readonly UnfinishedRecord[] = [];

/** The plaintext records that never became complete. */
function unfinishedRecords(tcp: TcpConnection<TlsSession>, client: Direction): readonly UnfinishedRecord[] {
  const readers = tcp.content?.records ?? [];
  if (!readers.some(({ remaining, isCiphertext }) => remaining > 0 && !isCiphertext)) return NONE;
  return readers
    .filter(({ direction, remaining, isCiphertext }) => remaining > 0 && !isCiphertext && isWhole(tcp, direction))
    .map(({ direction, length, remaining }) => ({
      from: sideOf(direction, client),
      length,
      bytes: length - remaining,
    }));
}

/** A TCP connection that is over. `now`: the capture's time then, later than its last packet if it fell silent. */
export function endedTcp(tcp: TcpConnection<TlsSession>, now: Timestamp): EndedConnection {
  const { id, ends, content, firstFrame, lastFrame, startedAt } = tcp;
  const client = clientDirection(tcp);
  const { recognised } = tcp;
  const ended = {
    id,
    protocol: content?.isTls === true ? 'tls' : null,
    ends: endpointsOf(tcp),
    client,
    firstFrame,
    lastFrame,
    startedAt,
    endedAt: lastSeen(tcp),
    handshake: content,
    plaintext: content?.plaintextTurns ?? [],
    isSeen: [ends[0].isSeen, ends[1].isSeen],
    isWhole: [isWhole(tcp, 0), isWhole(tcp, 1)],
    unfinishedRecords: unfinishedRecords(tcp, client),
    transport: tcpFacts(tcp, client),
    ending: endingOf(tcp, now),
    notes: tcpNotes(tcp, client),
  } as const;
  return recognised === null ? ended : { ...ended, pattern: recognised.pattern };
}
