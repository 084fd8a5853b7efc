import type { Timestamp } from '../capture/timestamp.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import type { Ending, Outcome, Phase, QuicClose, QuicFacts, Side, UdpFacts } from './connection.js';
import { isUndeliverable } from './icmp.js';

/**
 * Reading an outcome off a QUIC connection, most of which is hidden: Initial packets can be opened, of the others their
 * headers show how far each side came.
 */

/** Everything that the judgement needs. */
export interface QuicOutcomeFacts {
  readonly quic: QuicFacts;
  readonly udp: UdpFacts;
  readonly ending: Ending;
  readonly isVisible: Readonly<Record<Side, boolean>>;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
}

/**
 * Whether the client finished the handshake: it has what it protects the application's packets with, and so took the server's
 * certificate. What the server makes of the client's, nothing shows.
 */
export function isQuicEstablished(quic: QuicFacts): boolean {
  const { packets } = quic.client;
  // Of other packets with a short header nobody knows that they are not an older connection's, unless they follow a handshake.
  const isFinished = packets['1rtt'] > 0 || (packets.handshake > 0 && packets.short > 0);
  return isFinished && quic.closes.every((close) => isFarewell(close, quic));
}

/** Whether a close ends a connection that worked: what keys show behind the handshake, where nothing is wrong with that. */
function isFarewell({ level, application, code }: QuicClose, { handshakeDone }: QuicFacts): boolean {
  return level === '1rtt' && (application || code === 0 || handshakeDone !== null);
}

/** The furthest step that was reached. */
export function quicPhase(quic: QuicFacts): Phase {
  const { client, server, version } = quic;
  if (isQuicEstablished(quic)) return server.packets['1rtt'] > 0 ? 'application-data' : 'finished';
  if (server.packets.handshake > 0) return 'server-certificate';
  if (version !== null) return 'server-hello';
  return client.packets.initial > 0 ? 'client-hello' : 'preamble';
}

/** Reserved so that servers refuse it (RFC 9000 §15), by its name. */
export const isReservedVersionName = (name: string): boolean => /^0x(?:.a){4}$/.test(name);

/**
 * The Version Negotiation packet that ended the attempt: it lists no version that the client offered, or says that it could
 * speak, and the client sent nothing after it. Null if there is none. A client that offers only what is reserved asks for it.
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

/** Times that a side sends its handshake again before it is clear that it never arrives. */
const LEAST_RESENT = 2;
/** A client sends its packets again after one second and after three (RFC 9002 §6.2): longer than this, in milliseconds, it waits in vain. */
const LEAST_WAIT_MS = 2500;
/** More Initial packets than any client needs for its hellos and its acknowledgements: it asks whether the server is there. */
const MANY_INITIALS = 8;

/**
 * The client had the server's flight and went on, but the server sent Handshake packets to its end, again and again: it drops
 * their keys as soon as it has the client's Finished (RFC 9001 §4.9.2), so it never had it. Null if that is not seen.
 */
export function unheardFinished(
  { client, server, closes, handshakeDone }: QuicFacts,
  { server: { lastData } }: UdpFacts,
) {
  const finished = client.protectedPackets.find(({ level }) => level === '1rtt');
  if (finished === undefined || closes.length > 0 || handshakeDone !== null) return null;
  const again = server.protectedPackets.filter(({ level, frame }) => level === 'handshake' && frame > finished.frame);
  const times = new Set(again.map(({ frame }) => frame)).size;
  const last = again.at(-1);
  if (last === undefined || times < LEAST_RESENT || last.frame !== lastData?.frame) return null;
  return millisecondsBetween(finished.at, last.at) < LEAST_WAIT_MS ? null : { finished, last, times };
}

/** The outcome of a connection whose handshake is not seen to be complete. */
export function quicOutcome({ quic, udp, ending, isVisible, startedAt, endedAt }: QuicOutcomeFacts): Outcome {
  const { client, server, icmp } = udp;
  if (unheardFinished(quic, udp) !== null) return 'failed';
  if (isQuicEstablished(quic)) return 'established';
  // NO_ERROR says that nothing is wrong, or no more than that nothing came.
  if (quic.closes.some(({ code }) => code !== 0)) return 'failed';
  if (versionRefusal(quic, udp) !== null) return 'failed';
  if (!isVisible.client || client.missing + server.missing > 0) return 'incomplete';
  if (!isVisible.server && icmp.some(isUndeliverable)) return 'failed';
  const isInVain =
    client.retransmissions + server.retransmissions >= LEAST_RESENT ||
    quic.retries.filter(({ isAgain }) => isAgain).length >= LEAST_RESENT ||
    quic.client.packets.initial >= MANY_INITIALS;
  const hasWaited = ending.how !== 'none' || millisecondsBetween(startedAt, endedAt) >= LEAST_WAIT_MS;
  if (isInVain && hasWaited) return 'failed';
  // The client had the server's flight, answered, and went no further.
  const isLeft = quic.server.packets.handshake > 0 && quic.client.packets.handshake > 0;
  return isLeft && ending.how === 'timeout' ? 'failed' : 'incomplete';
}
