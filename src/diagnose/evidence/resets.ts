import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Connection, Sighting, TcpReset, TcpSide } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { foreignSenderMark } from '../../connection/reset-sender.js';
import { memoizeLast } from '../../memoize.js';

/**
 * A reset that a device on the path sent with a side's address, and what shows it. `data`: that side sent more after it.
 * `fin`: that side closed the connection long after it, as a host does that has sent no reset. `ttl`: its other packets have
 * another TTL. `early`: no answer of that side can have arrived yet.
 */
export interface ForgedReset {
  readonly reset: TcpReset;
  readonly mark: 'data' | 'fin' | 'ttl' | 'early';
  /** What that side sent after its reset. */
  readonly proof: Sighting | null;
  /** Milliseconds between the packet that the reset can answer and the reset, and the round trip to that side; or null. */
  readonly afterMs: number | null;
  readonly roundTripMs: number | null;
}

/** Round trips below this, in milliseconds, cannot be compared: the capture is next to that side. */
const LEAST_ROUND_TRIP_MS = 2;
/** Hardly any path takes longer, in milliseconds: a later SYN-ACK was delayed, by a full backlog or a proxy. */
const LONGEST_ROUND_TRIP_MS = 750;
/**
 * A reset is early if it comes after less than this part of the round trip. The first packet to a host takes longer than the
 * next ones, for which route and link address are known.
 */
const EARLY_PART = 1 / 3;

/** A FIN that was sent before the reset is captured sooner after it than this, in milliseconds. */
const LATE_FIN_MS = 100;

/** The reset that ended the connection, if another sender than its apparent one sent it. */
export const forgedReset = memoizeLast((connection: Connection): ForgedReset | null => {
  const { ending } = connection;
  const tcp = overTcp(connection);
  if (tcp === null || ending.how !== 'reset' || ending.by === 'none') return null;
  const reset = tcp.resets.find(({ frame }) => frame === ending.frame);
  if (reset === undefined) return null;
  const { dataAfterReset } = tcp[ending.by];
  const foreign = foreignSenderMark(reset, tcp[ending.by]);
  // A round trip is only meaningful if the capture is far from that side.
  const syn = tcp.syns.at(-1);
  const [synAck, ...again] = ending.by === 'server' ? tcp.synAcks : [];
  const isMeasured = syn !== undefined && synAck !== undefined && again.length === 0;
  const roundTripMs = isMeasured ? millisecondsBetween(syn.at, synAck.at) : null;
  // A server may reset what it has just accepted: then it answers the ACK, which follows the SYN-ACK.
  const { firstData } = tcp.client;
  const isAboutData = reset.acknowledgesData === true && firstData !== null && firstData.frame < reset.frame;
  const asked = isAboutData ? firstData : tcp.synAck;
  const afterMs = asked === null ? null : millisecondsBetween(asked.at, reset.at);
  const marked = (mark: ForgedReset['mark'], proof: Sighting | null = null): ForgedReset => {
    return { reset, mark, proof, afterMs, roundTripMs };
  };
  if (foreign === 'data') return marked('data', dataAfterReset);
  const fin = tcp.fins.find(({ from, frame, at }) => {
    return from === reset.from && frame > reset.frame && millisecondsBetween(reset.at, at) > LATE_FIN_MS;
  });
  if (fin !== undefined) return marked('fin', fin);
  if (foreign === 'ttl') return marked('ttl');
  const isComparable =
    roundTripMs !== null && roundTripMs >= LEAST_ROUND_TRIP_MS && roundTripMs <= LONGEST_ROUND_TRIP_MS;
  return isComparable && afterMs !== null && isEarly(afterMs, roundTripMs) ? marked('early') : null;
});

/** Whether no answer can have come by then, in milliseconds after the question. */
export const isEarly = (afterMs: number, roundTripMs: number): boolean => afterMs < roundTripMs * EARLY_PART;

/** Whether the ClientHello arrived before what the client sent again in vain. */
function hasHello({ preamble, messages }: Connection, { after = 0 }: NonNullable<TcpSide['resentInVain']>): boolean {
  const hello = messages.find(({ type }) => type === 'client_hello');
  return preamble === null && hello !== undefined && after >= hello.length;
}

/**
 * Whether the server itself ended the connection, as far as the capture shows, after it had received what the client sent: it
 * cannot refuse what never arrived.
 */
export function isEndedByServer(connection: Connection): boolean {
  const { ending } = connection;
  const resent = overTcp(connection)?.client.resentInVain ?? null;
  // What follows the ClientHello, such as an alert in answer to the close, may be lost.
  const isUnheard = ending.how === 'close' && resent !== null && !hasHello(connection, resent);
  return ending.by === 'server' && !isUnheard && forgedReset(connection) === null;
}
