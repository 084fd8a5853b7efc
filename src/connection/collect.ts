import type { Timestamp } from '../capture/timestamp.js';
import type { TcpConnection, TcpHandler } from '../transport/tcp/connection.js';
import type { TlsSession } from '../tls/session.js';
import { endStream, newSession, passBytes, passingBytes, readStream, skipStream } from '../tls/session.js';
import type { StreamSink } from '../transport/tcp/stream.js';

/** A connection that is over, with what was read of it: the raw material of a `Connection`. */
export interface EndedConnection {
  readonly tcp: TcpConnection;
  /** null when it carried no byte. */
  readonly session: TlsSession | null;
  /** The capture's time when it was ended; later than its last packet if it fell silent. */
  readonly now: Timestamp;
}

/** Joins the TCP stage to the TLS stage: reads TLS from both streams of each connection, reports it when it ends. */
export function collectConnections(ended: (connection: EndedConnection) => void): TcpHandler<TlsSession> {
  let current = newSession();
  const sink = (direction: 0 | 1): StreamSink => ({
    data(bytes, from, to, stamp) {
      readStream(current, direction, bytes, from, to, stamp);
    },
    gap(length, stamp) {
      skipStream(current, direction, length, stamp);
    },
  });
  const sinks = [sink(0), sink(1)] as const;
  return {
    open: newSession,
    sinks(session) {
      current = session;
      return sinks;
    },
    passing: passingBytes,
    pass: passBytes,
    close(tcp, now) {
      const session = tcp.content;
      if (session !== null) {
        for (const direction of [0, 1] as const) {
          const { lastData } = tcp.ends[direction];
          if (lastData !== null) endStream(session, direction, lastData);
        }
      }
      ended({ tcp, session, now });
    },
  };
}
