import type { Direction } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { TcpConnection } from '../transport/tcp/connection.js';
import { handshakeTypeName } from '../tls/wire/registry/names.js';
import type { HandshakeSession } from '../tls/handshake/session.js';
import type { Note } from './connection.js';
import { MAX_CERTIFICATES } from './messages.js';
import { sideOf } from './side.js';

/** What the capture lacks of a TCP connection. */
export function tcpNotes({ ends }: TcpConnection, client: Direction): Note[] {
  const notes: Note[] = [];
  const note = (code: string, message: string): unknown => notes.push({ code, message, frame: null });
  if (
    ends[0].syns.length === 0 &&
    ends[1].syns.length === 0 &&
    ends[0].synAcks.length === 0 &&
    ends[1].synAcks.length === 0
  ) {
    note('starts-mid-connection', 'the connection began before the capture did');
  }
  for (const direction of [client, opposite(client)]) {
    const { missing, holes, lost } = ends[direction].stream;
    const side = sideOf(direction, client);
    if (holes > lost) note('missing-segments', `${holes - lost} bytes that the ${side} sent are not in the capture`);
    if (missing > holes) {
      note('truncated-packets', `${missing - holes} bytes that the ${side} sent were cut off by the snapshot length`);
    }
  }
  if (ends[0].isSeen !== ends[1].isSeen) {
    const visible: Direction = ends[0].isSeen ? 0 : 1;
    if (ends[visible].stream.delivered > 0) {
      note('one-sided', `only what the ${sideOf(visible, client)} sent is in the capture`);
    }
  }
  return notes;
}

/** What could not be read of a handshake. */
export function decodingNotes({ problems, transcript }: HandshakeSession): Note[] {
  const notes: Note[] = problems.map(({ code, message, frame }) => ({ code, message, frame }));
  for (const event of transcript.events) {
    if (event.kind !== 'message') continue;
    const { content, type, frame } = event;
    if (content.kind === 'malformed') {
      const { message, offset } = content.error;
      const what = `${handshakeTypeName(type)}, byte ${offset}: ${message}`;
      notes.push({ code: 'malformed-message', message: what, frame });
    } else if (content.kind === 'certificate' && content.certificates.length > MAX_CERTIFICATES) {
      const what = `only the first ${MAX_CERTIFICATES} of ${content.certificates.length} certificates are read`;
      notes.push({ code: 'too-many-certificates', message: what, frame });
    }
  }
  return notes;
}
