import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import type { Ending, Outcome, Phase, QuicClose, QuicFacts, QuicSide, Side, Sighting, UdpFacts } from './connection.js';
import { isUndeliverable } from './icmp.js';

/**
 * Derives the outcome of a QUIC connection, most of which is encrypted: Initial packets can be opened; the headers of
 * the others show how far each side came.
 */

/** Everything that decides the outcome. */
export interface QuicOutcomeFacts {
  readonly quic: QuicFacts;
  readonly udp: UdpFacts;
  readonly ending: Ending;
  readonly isVisible: Readonly<Record<Side, boolean>>;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
}

/**
 * Whether the client finished the handshake: it uses the application keys, so it accepted the server's certificate.
 * Nothing shows whether the server accepts the client's.
 */
export function isQuicEstablished(quic: QuicFacts): boolean {
  const { packets } = quic.client;
  // Any other packet with a short header may belong to an older connection, unless it follows a handshake.
  const isFinished = packets['1rtt'] > 0 || (packets.handshake > 0 && packets.short > 0);
  return isFinished && quic.closes.every((close) => isHarmlessClose(close) || isLate(close, quic));
}

/**
 * The code of an application's close in Initial and Handshake packets, which do not carry its own (RFC 9000 §10.2.3).
 */
const APPLICATION_ERROR = 0x0c;

/** Whether a close says nothing against the handshake: the application closed, or the code means no error. */
const isHarmlessClose = ({ application, code }: QuicClose): boolean =>
  application || code === 0 || code === APPLICATION_ERROR;

/** Whether keys show that it came after the handshake. */
const isLate = ({ level }: QuicClose, { handshakeDone }: QuicFacts): boolean =>
  level === '1rtt' && handshakeDone !== null;

/** The furthest step that was reached. */
export function quicPhase(quic: QuicFacts, established: boolean): Phase {
  const { client, server, version, halfRtt } = quic;
  if (isQuicEstablished(quic)) return established && server.packets['1rtt'] > halfRtt ? 'application-data' : 'finished';
  if (server.packets.handshake > 0) return 'server-certificate';
  if (version !== null) return 'server-hello';
  return client.packets.initial > 0 ? 'client-hello' : 'preamble';
}

/** Whether a version is reserved so that servers refuse it (RFC 9000 §15), by its name. */
export const isReservedVersionName = (name: string): boolean => /^0x(?:.a){4}$/.test(name);

/**
 * The Version Negotiation packet that ended the attempt: it lists no version that the client offered or said it
 * supports, and the client sent nothing after it. Null if there is none. A client that offers only reserved versions
 * asks for it.
 */
export function versionRefusal(
  { offeredVersions, availableVersions, versionNegotiations, version }: QuicFacts,
  udp: UdpFacts,
) {
  const offered = offeredVersions.filter((name) => !isReservedVersionName(name));
  const refusal = versionNegotiations.at(-1);
  if (version !== null || offered.length === 0 || refusal === undefined) return null;
  const isShared = [...offered, ...availableVersions].some((name) => refusal.versions.includes(name));
  return isShared || (udp.client.lastData?.frame ?? 0) > refusal.frame ? null : refusal;
}

/** A side that repeats its handshake this often gets no answer. */
const LEAST_RESENT = 2;
/**
 * A client sends its packets again after one second and after three (RFC 9002 §6.2): after more milliseconds than this
 * it waits in vain.
 */
const LEAST_WAIT_MS = 2500;
/**
 * More Initial packets than a client needs for its hellos and acknowledgements: it probes whether the server is there.
 */
const MANY_INITIALS = 8;

/** Whether a repeated answer came so late after what it answers that only loss explains it. */
const isInVain = (since: Timestamp, last: Sighting): boolean => millisecondsBetween(since, last.at) >= LEAST_WAIT_MS;

/**
 * The client had the server's flight and continued, but its Finished or the answer to it did not arrive: one side repeats
 * its Handshake packets until the end. The server drops their keys as soon as it has the Finished, the client as soon
 * as the server confirms that (RFC 9001 §4.9.2). Packets with the server's application keys prove nothing: it may send
 * them before it has the Finished (§5.7). `from`: who repeats, as far as seen. Null if nobody does.
 */
export function unansweredFinished({ client, server, closes, handshakeDone }: QuicFacts, udp: UdpFacts) {
  const finished = client.protectedPackets.find(({ level }) => level === '1rtt');
  if (finished === undefined || handshakeDone !== null || !closes.every(isHarmlessClose)) return null;
  const sent = { client: udp.client.lastData?.frame ?? 0, server: udp.server.lastData?.frame ?? 0 };
  const flight = sentAgain(server, finished);
  // What the client sent since may be what the server was waiting for.
  if (flight !== null && (flight.last.frame === sent.server || flight.last.frame > sent.client)) {
    return { ...flight, finished, from: 'server' } as const;
  }
  const again = sentAgain(client, finished);
  const isUnanswered = again !== null && sent.server < again.last.frame;
  return isUnanswered ? ({ ...again, finished, from: 'client' } as const) : null;
}

/**
 * The Handshake packets that a side sent after the client's Finished, and the last of them; null if it repeats none.
 */
function sentAgain({ protectedPackets }: QuicSide, finished: Sighting) {
  const again = protectedPackets.filter(({ level, frame }) => level === 'handshake' && frame > finished.frame);
  const last = again.at(-1);
  const times = new Set(again.map(({ frame }) => frame)).size;
  return last === undefined || times < LEAST_RESENT || !isInVain(finished.at, last) ? null : { last };
}

/**
 * The last packet of the server's flight, if the server repeated it until the end after the client's last packet; else
 * null.
 */
export function unansweredFlight({ version, server, closes }: QuicFacts, udp: UdpFacts): Sighting | null {
  const { lastData: last, retransmissions } = udp.server;
  const since = udp.client.lastData;
  if (version === null || closes.length > 0 || last === null || since === null || last.frame < since.frame) return null;
  const flight = server.protectedPackets.filter(({ level }) => level === 'handshake');
  const [first] = flight;
  if (first === undefined || !isInVain(since.at, last)) return null;
  const again = flight.findLast(({ frame, at }) => frame > since.frame && isInVain(first.at, { ...last, at }));
  return retransmissions >= LEAST_RESENT ? last : (again ?? null);
}

/** The outcome of a connection whose handshake is not seen to be complete. */
export function quicOutcome({ quic, udp, ending, isVisible, startedAt, endedAt }: QuicOutcomeFacts): Outcome {
  const { client, server, icmp } = udp;
  if (unansweredFinished(quic, udp) !== null) return 'failed';
  if (isQuicEstablished(quic)) return 'established';
  // NO_ERROR means that nothing is wrong, or only that nothing came.
  if (quic.closes.some(({ code }) => code !== 0)) return 'failed';
  if (versionRefusal(quic, udp) !== null) return 'failed';
  if (!isVisible.client || client.missing + server.missing > 0) return 'incomplete';
  // A client that goes on has had an answer, which the capture lacks.
  const hasGoneOn = quic.client.packets.handshake > 0;
  if (!isVisible.server && !hasGoneOn && icmp.some(isUndeliverable)) return 'failed';
  if (unansweredFlight(quic, udp) !== null) return 'failed';
  const isRepeated =
    client.retransmissions + server.retransmissions >= LEAST_RESENT ||
    quic.retries.filter(({ isAgain }) => isAgain).length >= LEAST_RESENT ||
    quic.client.packets.initial >= MANY_INITIALS;
  // While the ClientHello arrives piece by piece, the rest may still come.
  const since = quic.helloPart?.at ?? startedAt;
  const hasWaited = ending.how !== 'none' || millisecondsBetween(since, endedAt) >= LEAST_WAIT_MS;
  if (isRepeated && hasWaited) return 'failed';
  // The client had the server's flight, answered, and went no further. Without a ServerHello, the capture began late.
  const isLeft = quic.version !== null && quic.server.packets.handshake > 0 && quic.client.packets.handshake > 0;
  return isLeft && ending.how === 'timeout' ? 'failed' : 'incomplete';
}
