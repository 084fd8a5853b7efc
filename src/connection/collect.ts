import type { Timestamp } from '../capture/timestamp.js';
import type { TcpConnection, TcpHandler } from '../tcp/tracker.js';
import type { TlsSession } from '../tls/session.js';
import { endStream, newSession, readStream, skipStream } from '../tls/session.js';
import type { StreamSink } from '../tcp/stream.js';

/** A connection that is over, with what was read of it: the raw material of a `Connection`. */
export interface EndedConnection {
  readonly tcp: TcpConnection;
  /** null when it carried no byte. */
  readonly session: TlsSession | null;
  /** The capture's time when it was ended; later than its last packet if it fell silent. */
  readonly now: Timestamp;
}

/** Joins the TCP stage to the TLS stage: reads TLS from both streams of each connection, reports it when it ends. */
export function collectConnections(ended: (connection: EndedConnection) => void): TcpHandler {
  const sessions = new Map<number, TlsSession>();
  return {
    open(id) {
      // Most connections of a scan or a flood never carry a byte: their session is never made.
      let session: TlsSession | null = null;
      const start = (): TlsSession => {
        session = sessions.get(id) ?? newSession();
        sessions.set(id, session);
        return session;
      };
      const sink = (direction: 0 | 1): StreamSink => ({
        data(bytes, from, to, stamp) {
          readStream(session ?? start(), direction, bytes, from, to, stamp);
        },
        gap(length, stamp) {
          skipStream(session ?? start(), direction, length, stamp);
        },
      });
      return [sink(0), sink(1)];
    },
    close(tcp, now) {
      const session = sessions.get(tcp.id) ?? null;
      if (session !== null) {
        for (const direction of [0, 1] as const) endStream(session, direction, tcp.ends[direction].lastData);
      }
      ended({ tcp, session, now });
      sessions.delete(tcp.id);
    },
  };
}
