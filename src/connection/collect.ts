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
      const session = newSession();
      sessions.set(id, session);
      const sink = (direction: 0 | 1): StreamSink => ({
        data(bytes, from, to, stamp) {
          readStream(session, direction, bytes, from, to, stamp);
        },
        gap(length, stamp) {
          skipStream(session, direction, length, stamp);
        },
      });
      return [sink(0), sink(1)];
    },
    close(tcp, now) {
      const session = sessions.get(tcp.id) ?? null;
      if (session !== null) {
        sessions.delete(tcp.id);
        for (const direction of [0, 1] as const) {
          const { lastData } = tcp.ends[direction];
          if (lastData !== null) endStream(session, direction, lastData);
        }
      }
      ended({ tcp, session, now });
    },
  };
}
