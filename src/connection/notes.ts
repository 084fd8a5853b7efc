import { party } from '../message.js';
import { notice, type Notice } from '../notices.js';
import type { Direction } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { TcpConnection } from '../transport/tcp/connection.js';
import { handshakeTypeName } from '../tls/wire/registry/names.js';
import type { HandshakeSession } from '../tls/handshake/session.js';
import { isGoodbye } from '../preamble/plaintext.js';
import { innermost, preambleName, type Preamble } from '../preamble/preamble.js';
import type { Turn } from '../preamble/protocol.js';
import type { Ending, Note, Side } from './connection.js';
import { MAX_CERTIFICATES } from './messages.js';
import { sideOf } from './side.js';

const noteOf = ({ code, id, data }: Notice): Note => ({ code, id, data, frame: null });

// One object for all connections: in a flood, each of them may have this note.
const STARTS_MID_CONNECTION = noteOf(notice('starts-mid-connection', 'connection'));
const ONE_SIDED: Readonly<Record<Side, Note>> = {
  client: noteOf(notice('one-sided', 'connection', { side: party('client') })),
  server: noteOf(notice('one-sided', 'connection', { side: party('server') })),
};

/** What the capture lacks of a TCP connection. */
export function tcpNotes({ ends }: TcpConnection, client: Direction): Note[] {
  const notes: Note[] = [];
  if (
    ends[0].syns.length === 0 &&
    ends[1].syns.length === 0 &&
    ends[0].synAcks.length === 0 &&
    ends[1].synAcks.length === 0
  ) {
    notes.push(STARTS_MID_CONNECTION);
  }
  for (const direction of [client, opposite(client)]) {
    // Of a side that the capture lacks altogether, another note says so.
    if (!ends[direction].isSeen) continue;
    const { missing, holes, lost } = ends[direction].stream;
    const side = sideOf(direction, client);
    if (holes > lost)
      notes.push(noteOf(notice('missing-segments', 'side', { bytes: holes - lost, side: party(side) })));
    if (missing > holes)
      notes.push(noteOf(notice('truncated-packets', 'side', { bytes: missing - holes, side: party(side) })));
  }
  if (ends[0].isSeen !== ends[1].isSeen) {
    const visible: Direction = ends[0].isSeen ? 0 : 1;
    if (ends[visible].stream.delivered > 0) {
      notes.push(ONE_SIDED[sideOf(visible, client)]);
    }
  }
  return notes;
}

/**
 * That TLS was not offered, where the client left upon that with a good-bye, or without ever saying a word. Clients that insist on
 * TLS do so, and so do checks of a server: it is no failure. Where a client breaks off, see the rule starttls-not-offered.
 */
export function offerNotes(turns: readonly Turn[], preamble: Preamble | null, { how }: Ending): readonly Note[] {
  if (preamble === null || (how !== 'close' && how !== 'reset')) return NO_NOTES;
  const { kind, state, steps } = innermost(preamble);
  const offer = steps.find(({ step }) => step === 'offer');
  if (state !== 'not-offered' || offer === undefined) return NO_NOTES;
  const words = turns.filter(({ from }) => from === 'client');
  const last = words.filter(({ frame }) => frame > offer.frame);
  if (!last.every(({ bytes }) => isGoodbye(bytes)) || (last.length === 0 && words.length > 0)) return NO_NOTES;
  return [{ ...notice('tls-not-offered', 'connection', { kind: preambleName(kind) }), frame: offer.frame }];
}

const NO_NOTES: readonly Note[] = [];

/** What could not be read of a handshake. */
export function decodingNotes({ problems, transcript }: HandshakeSession): Note[] {
  const notes: Note[] = problems.map(({ notice: said, frame }) => ({ ...said, frame }));
  for (const event of transcript.events) {
    if (event.kind !== 'message') continue;
    const { content, type, frame } = event;
    if (content.kind === 'malformed') {
      const { fault, offset } = content.error;
      const data = { message: handshakeTypeName(type), byte: offset, reason: fault };
      notes.push({ ...notice('malformed-message', 'decoding', data), frame });
    } else if (content.kind === 'certificate' && content.certificates.length > MAX_CERTIFICATES) {
      const data = { limit: MAX_CERTIFICATES, count: content.certificates.length };
      notes.push({ ...notice('too-many-certificates', 'connection', data), frame });
    }
  }
  return notes;
}
