import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween, toMilliseconds } from '../../capture/timestamp.js';
import type { Connection, TcpSide } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { createHeldConnections, type HeldConnections } from '../../connection/weight.js';
import type { MemoryHolder } from '../../memory.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { PATIENCE_MS } from './endings.js';
import { createFallbacks } from './fallbacks.js';
import { hasSentEmptyCertificate } from './progress.js';
import { createProxyChallenges } from './proxy-challenges.js';
import { quicVersionRefusal } from './quic.js';
import { closedOnServerFlight } from './refusals.js';
import { isUnconnected } from './scans.js';

// Connections of which a client opens several, to use the one that is ready first: over both address families (Happy
// Eyeballs, RFC 8305), to several addresses, in advance, as browsers do, or in TLS before plaintext. The losers are
// given up, and nothing failed.

/** The races between connections of a capture. */
export interface Races {
  /**
   * Whether the client gave a connection up because another one to the same service was ready, or went on in plaintext
   * and was answered, or came back to its proxy with the credentials that this one asked for.
   */
  isLost(connection: Connection): boolean;
  /** Whether the client may have meant to go on in plaintext, as it did at once. */
  mayBeFallback(connection: Connection): boolean;
}

/** Connections compared with each other: those that ended last. */
const MAX_COMPARED = BOUNDS.racingConnections.value;
/** Milliseconds by which the loser may be given up before the winner's last message is captured. */
const SLACK_MS = 100;
/** Milliseconds within which the winner begins, before or after the loser. */
const START_MS = 3000;

/** Times that a segment is sent again before its loss is plain. */
const LEAST_RESENT = 2;

/** Whether a connection can have lost a race: the client gave it up, and neither side sent an alert. */
function canHaveLost(connection: Connection): boolean {
  const { outcome, clientHello, ending, alerts, transport } = connection;
  if (outcome !== 'failed') return false;
  if (isUnconnected(connection) || quicVersionRefusal(connection) !== null || isRefusedOverQuic(connection))
    return true;
  if (clientHello === null || ending.by !== 'client' || ending.at === null || hasLostSegments(connection)) return false;
  // What the server says after the client has left is only a reaction to that.
  if (alerts.some(({ frame }) => frame <= (ending.frame ?? Infinity))) return false;
  if (isAnsweredInPlaintext(connection)) return false;
  // What the server says to a client that has left shows how long it took.
  const isAnswered = (transport.server.firstData?.frame ?? Infinity) < (ending.frame ?? Infinity);
  return isAnswered || millisecondsBetween(clientHello.at, ending.at) < PATIENCE_MS;
}

/** Whether the server answered the ClientHello with something else than TLS. */
const isAnsweredInPlaintext = ({ clientHello, serverHello, plaintext, ending }: Connection): boolean =>
  serverHello === null &&
  plaintext.some(
    ({ from, frame }) =>
      from === 'server' && frame > (clientHello?.frame ?? Infinity) && frame < (ending.frame ?? Infinity),
  );

/**
 * Whether segments of a handshake did not arrive: then the path may be why the client gave it up, even if another connection
 * was ready in the meantime. One that was sent again once may only have been slow.
 */
function hasLostSegments(connection: Connection): boolean {
  const tcp = overTcp(connection);
  const isLost = ({ lost, resentInVain }: TcpSide): boolean => lost > 0 || (resentInVain?.times ?? 0) >= LEAST_RESENT;
  return tcp !== null && (isLost(tcp.client) || isLost(tcp.server));
}

/** Whether the client ended a handshake over QUIC by an alert. */
const isRefusedOverQuic = ({ protocol, alerts }: Connection): boolean =>
  protocol === 'quic' && alerts.length > 0 && alerts.every(({ from }) => from === 'client');

/** A connection to compare others with, and the parts of its address that each comparison needs. */
interface RacingConnection {
  readonly connection: Connection;
  readonly address: string;
  readonly port: number;
  /** Null before anybody asks, as for most nobody does. */
  isIpv6: boolean | null;
  /** The client left as soon as it had the server's flight, in which it was asked for a certificate, or a browser may have been. */
  readonly isInterrupted: boolean;
  /** It failed after the client had answered that it has no certificate. */
  readonly isRefused: boolean;
}

/** Whether the client left in answer to a visible request for its certificate (before TLS 1.3), and without an alert. */
const hasLeftOnRequest = ({ certificateRequest, ending, messages }: Connection): boolean =>
  certificateRequest !== null &&
  ending.by === 'client' &&
  ending.how === 'close' &&
  messages.every(({ from, type }) => from === 'server' || type === 'client_hello');

const isInterrupted = (connection: Connection): boolean =>
  connection.clientHello !== null &&
  (hasLeftOnRequest(connection) ||
    (libraryOf(connection.clientHello) === 'Chromium' && closedOnServerFlight(connection) !== undefined));

const racingOf = (connection: Connection): RacingConnection => ({
  connection,
  address: connection.client.address,
  port: connection.server.port,
  isIpv6: null,
  isInterrupted: connection.outcome === 'failed' && isInterrupted(connection),
  isRefused: connection.outcome === 'failed' && hasSentEmptyCertificate(connection),
});

const isIpv6 = (racing: RacingConnection): boolean => (racing.isIpv6 ??= racing.address.includes(':'));

/** Whether `winner` was ready while `loser` was in progress, and `loser` was given up then. */
function isWon(one: RacingConnection, other: RacingConnection): boolean {
  if (one.port !== other.port || one.connection === other.connection) return false;
  // A host has an address in each family.
  const isOtherFamily = isIpv6(one) !== isIpv6(other);
  if (!isOtherFamily && one.address !== other.address) return false;
  const { connection: loser } = one;
  const { connection: winner } = other;
  if (quicVersionRefusal(loser) !== null) return isOtherVersion(loser, winner);
  if (isRefusedOverQuic(loser)) return isAcceptedOverTcp(loser, winner);
  if (other.isRefused) return one.isInterrupted && hasComeBack(loser, winner);
  const { clientHello } = winner;
  const readyMs = winner.timing.handshakeMs ?? answerMs(winner);
  if ((isUnconnected(loser) || clientHello === null) && isOtherFamily && isUnreadable(winner)) {
    return isOvertaken(loser, winner);
  }
  if (clientHello === null || readyMs === null) return false;
  if (one.isInterrupted && hasComeBack(loser, winner)) return true;
  const ready = toMilliseconds(clientHello.at) + readyMs;
  const begun = toMilliseconds(loser.startedAt);
  if (Math.abs(toMilliseconds(winner.startedAt) - begun) > START_MS || ready < begun) return false;
  if (loser.clientHello === null) {
    return (isOtherFamily || isOtherCarrier(loser, winner)) && lastTryOf(loser) <= ready + SLACK_MS;
  }
  return (
    loser.clientHello.serverName === clientHello.serverName &&
    // A browser that tries QUIC and TCP at once does not offer the same over both.
    (loser.clientHello.ja4 === clientHello.ja4 || isOtherCarrier(loser, winner)) &&
    isGivenUpFor(loser, winner, ready)
  );
}

/** A client that gives a handshake up sooner than this, in milliseconds, has not waited for it in vain: a page is loaded again. */
const SOON_MS = 1000;

/**
 * Whether the client gave up a handshake when another one was ready, at that time in milliseconds. One that begins when the first is
 * given up after a while is a second try, and no rival.
 */
function isGivenUpFor(loser: Connection, winner: Connection, ready: number): boolean {
  const end = toMilliseconds(loser.ending.at ?? loser.endedAt);
  const isRival = toMilliseconds(winner.startedAt) < end || end - toMilliseconds(loser.startedAt) < SOON_MS;
  return isRival && ready <= end + SLACK_MS;
}

/** When the client last tried to connect, in milliseconds: it does not try again once another connection is ready. */
const lastTryOf = (connection: Connection): number =>
  toMilliseconds(overTcp(connection)?.syns.at(-1)?.at ?? connection.endedAt);

/**
 * Whether the client spoke on `winner` while it tried to connect `loser`, which it then gave up; or gave up a handshake once
 * another one, which worked, was answered.
 */
function isOvertaken(loser: Connection, winner: Connection): boolean {
  const isTrying = isUnconnected(loser);
  const { client, server } = winner.transport;
  const taken = isTrying ? client.firstData : server.firstData;
  if (taken === null || (!isTrying && winner.outcome !== 'established')) return false;
  const ready = toMilliseconds(taken.at);
  const begun = toMilliseconds(loser.startedAt);
  if (Math.abs(toMilliseconds(winner.startedAt) - begun) > START_MS || ready < begun) return false;
  return isTrying ? lastTryOf(loser) <= ready + SLACK_MS : isGivenUpFor(loser, winner, ready);
}

/**
 * Whether a client that was connected over TCP spoke, but the capture does not show how the handshake went: its packets are
 * truncated or missing, or it ends before.
 */
function isUnreadable(connection: Connection): boolean {
  const { outcome, clientHello, timing } = connection;
  if (outcome !== 'established' && outcome !== 'incomplete') return false;
  const tcp = overTcp(connection);
  const isAnswered = (tcp?.synAck ?? tcp?.server.firstData ?? null) !== null;
  return isAnswered && tcp?.client.firstData !== null && (clientHello === null || timing.handshakeMs === null);
}

/**
 * Milliseconds from the ClientHello to the server's answer, if the capture lacks the rest of the handshake; null otherwise.
 */
function answerMs(connection: Connection): number | null {
  const { clientHello } = connection;
  const answer = overTcp(connection)?.server.firstData ?? null;
  if (clientHello === null || answer === null || !isUnreadable(connection)) return null;
  return millisecondsBetween(clientHello.at, answer.at);
}

const isOtherCarrier = (one: Connection, other: Connection): boolean => one.transport.kind !== other.transport.kind;

/**
 * Whether the client came back to the server at once, and went on: asked for a client certificate, browsers and others
 * leave without an alert to ask their user or policy, and then connect again.
 */
function hasComeBack(earlier: Connection, next: Connection): boolean {
  const since = toMilliseconds(next.startedAt) - toMilliseconds(earlier.startedAt);
  // A server that now shows another certificate may have been left for its first one.
  const isSameCertificate = next.serverCertificates[0]?.sha256 === earlier.serverCertificates[0]?.sha256;
  return (
    isSameCertificate &&
    next.server.address === earlier.server.address &&
    next.clientHello?.serverName === earlier.clientHello?.serverName &&
    next.clientHello?.ja4 === earlier.clientHello?.ja4 &&
    since >= 0 &&
    since <= START_MS
  );
}

/**
 * Whether the client accepted over TCP, at about the same time, what it refused over QUIC: a browser may accept a
 * private authority only over TCP, and continues there.
 */
function isAcceptedOverTcp(refused: Connection, accepted: Connection): boolean {
  const [wanted, taken] = [refused.clientHello, accepted.clientHello];
  // A name that the capture lacks may be the same.
  const isSameName =
    wanted === null || taken === null || (wanted.serverName !== null && wanted.serverName === taken.serverName);
  return (
    accepted.transport.kind === 'tcp' &&
    accepted.server.address === refused.server.address &&
    isSameName &&
    Math.abs(toMilliseconds(accepted.startedAt) - toMilliseconds(refused.startedAt)) <= START_MS
  );
}

/** Whether the client of `refused`, after the server's Version Negotiation, came back at once with another version. */
function isOtherVersion(refused: Connection, next: Connection): boolean {
  const since = toMilliseconds(next.startedAt) - toMilliseconds(refused.startedAt);
  return next.protocol === 'quic' && next.server.address === refused.server.address && since >= 0 && since <= START_MS;
}

/** Compares connections as they end: `add` is called with every connection of the capture, in any order. */
export function createRaces(
  held: HeldConnections = createHeldConnections(),
): Races & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  const winners = createRecent(held);
  const losers = createRecent(held);
  const lost = new Set<string>();
  const fallbacks = createFallbacks();
  const challenges = createProxyChallenges();

  return {
    add(connection) {
      fallbacks.add(connection);
      challenges.add(connection);
      const racing = racingOf(connection);
      if (connection.outcome === 'established' || isUnreadable(connection) || racing.isRefused) {
        winners.add(racing);
        for (const loser of losers.all) if (isWon(loser, racing)) lost.add(loser.connection.id);
      }
      if (canHaveLost(connection)) {
        losers.add(racing);
        if (winners.all.some((winner) => isWon(racing, winner))) lost.add(connection.id);
      }
    },
    holder: {
      what: 'races',
      bytes: () => 0,
      giveUp: () => winners.giveUp() + losers.giveUp() + fallbacks.giveUp() + challenges.giveUp(),
    },
    isLost: (connection) =>
      lost.has(connection.id) || fallbacks.hasWorked(connection) || challenges.isAnswered(connection),
    mayBeFallback: (connection) => fallbacks.mayHaveWorked(connection),
  };
}

/** The last connections of a kind. */
function createRecent(held: HeldConnections) {
  const all: RacingConnection[] = [];
  /** Whether each repeats an earlier connection: those weigh the same, so that one need not be looked at to be replaced by another. */
  const areRepeats: boolean[] = [];
  let oldest = 0;
  return {
    all: all as readonly RacingConnection[],
    add(racing: RacingConnection): void {
      const isRepeat = racing.connection.repeats !== undefined;
      if (!isRepeat || areRepeats[oldest] !== true) {
        const forgotten = all[oldest];
        if (forgotten !== undefined) held.release(forgotten.connection);
        held.hold(racing.connection);
        areRepeats[oldest] = isRepeat;
      }
      all[oldest] = racing;
      oldest = (oldest + 1) % MAX_COMPARED;
    },
    giveUp(): number {
      const given = all.splice(0);
      areRepeats.length = oldest = 0;
      for (const { connection } of given) held.release(connection);
      return given.length;
    },
  };
}
