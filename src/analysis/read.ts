import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { CaptureWarning, Frame, FrameStamp } from '../capture/frame.js';
import { linkTypeName } from '../capture/linktypes.js';
import type { Captures } from '../capture/merge.js';
import { timestampOf } from '../capture/timestamp.js';
import type { EndedConnection } from '../connection/ended.js';
import { endedEap } from '../connection/ended-eap.js';
import { endedTcp } from '../connection/ended-tcp.js';
import { endedUdp } from '../connection/ended-udp.js';
import type { UnreadPackets } from '../connection/unread.js';
import type { Faults } from '../fault.js';
import type { MemoryHolder } from '../memory.js';
import type { Secrets } from '../tls/decrypt/secrets.js';
import {
  createDecoder,
  EAPOL_FRAME,
  ICMP_MESSAGE,
  TCP_SEGMENT,
  UDP_DATAGRAM,
  UNSUPPORTED_LINK_TYPE,
} from '../packet/decode.js';
import { newPacket, type Packet } from '../packet/packet.js';
import { createUnreadCounter } from '../packet/unread.js';
import { createDatagramProtocols } from '../tls/datagrams.js';
import { createTlsReader } from '../tls/session.js';
import { createEapTracker } from '../transport/eap/tracker.js';
import { createIds } from '../transport/flow.js';
import { createTcpTracker } from '../transport/tcp/tracker.js';
import { createUdpTracker } from '../transport/udp/tracker.js';

/** Connections ended between two looks at what became of them, when the capture is over. */
const ENDED_AT_ONCE = 512;
/** Link types without a decoder that are named. */
const MOST_LINK_TYPES = 64;
/** Chunks read between two looks at signals and timers, which synchronous reading would keep waiting. */
const CHUNKS_PER_TURN = 32;
/** Milliseconds without input after which whoever reads along is told what time has made ripe. */
const IDLE_MS = 500;
/** How long late segments of a closed connection are waited for then, in seconds of the captures' time. */
const LIVE_LINGER_SECONDS = 2;

/** The first half of an analysis: from the frames of captures to the connections in them. */
export interface ConnectionReader {
  /** What waits for earlier segments, and what is open: to be given up in this order. */
  readonly holders: readonly [early: MemoryHolder, open: MemoryHolder];
  /**
   * Reads the captures to their end, or until the signal says so.
   * @param pause is waited for after each chunk
   * @param clock the captures' time, in milliseconds since 1970, where somebody reads along: connections then end sooner, and
   * `pause` is called too while input is waited for
   */
  read(pause: () => Promise<void>, signal?: AbortSignal, clock?: () => number): Promise<Read>;
}

/** What was read besides connections. */
export interface Read {
  /** By capture; what is odd about all of them together is the first one's. */
  readonly warnings: ReadonlyMap<number, readonly CaptureWarning[]>;
  /** Packets that are not analysed, the most frequent kind first. */
  readonly unread: readonly UnreadPackets[];
  /** Connections that are only counted: nothing but a SYN is known of them. */
  readonly forgotten: number;
}

/** Sees each packet of TCP that was read, and each datagram of a flow that is followed. It may keep no part of the packet. */
export type PacketObserver = (packet: Packet, stamp: FrameStamp, isTcp: boolean) => void;

/** @param ended is told of each connection when it is over */
export function createConnectionReader(
  captures: Captures,
  secrets: Secrets,
  faults: Faults,
  ended: (connection: EndedConnection) => void,
  observe?: PacketObserver,
): ConnectionReader {
  const unread = createUnreadCounter();
  const nextId = createIds();
  const tls = createTlsReader(secrets);
  const tcp = createTcpTracker(
    tls,
    (connection, now) => {
      ended(endedTcp(connection, now));
      if (connection.content !== null) tls.release(connection.content);
    },
    nextId,
  );
  const udp = createUdpTracker(
    createDatagramProtocols(secrets),
    (association, now) => {
      const connection = endedUdp(association, now);
      if (connection !== null) ended(connection);
      else unread.add('udp', 'quic', association.ends[0].datagrams + association.ends[1].datagrams);
    },
    nextId,
  );
  const eap = createEapTracker(
    tls,
    (flow, now) => {
      ended(endedEap(flow, now));
      if (flow.conversation.content !== null) tls.release(flow.conversation.content);
    },
    nextId,
  );
  const warnings = new Map<number, CaptureWarning[]>();
  const warn = (capture: number, warning: CaptureWarning): unknown =>
    warnings.set(capture, [...(warnings.get(capture) ?? []), warning]);

  const unsupported = new Set<number>();
  const packet = newPacket();
  const decoder = createDecoder((partial, stamp, outcome) => {
    if (outcome === TCP_SEGMENT) tcp.segment(partial, stamp);
    else if (eap.radius(partial, stamp) || !udp.partialDatagram(partial, stamp)) return;
    observe?.(partial, stamp, outcome === TCP_SEGMENT);
  });
  /** Hands a packet to its carrier, and an ICMP message to that of the packet which it is about; counts what nobody reads. */
  const take = (frame: Frame): void => {
    const result = decoder.decode(frame, packet);
    if (result === TCP_SEGMENT) {
      tcp.segment(packet, frame);
      observe?.(packet, frame, true);
    } else if (result === UNSUPPORTED_LINK_TYPE) {
      const place = captures.placeOf(frame.number);
      const key = place.capture * 65_536 + frame.linkType;
      if (unsupported.has(key) || unsupported.size > MOST_LINK_TYPES) return;
      unsupported.add(key);
      const name = linkTypeName(frame.linkType);
      const more = unsupported.size === MOST_LINK_TYPES ? ', nor are those of other link types behind it' : '';
      const message = `frames of link type ${name} are not decoded, from frame ${place.frame} on${more}`;
      warn(place.capture, { code: 'unsupported-link-type', message, frame: place.frame });
    } else if (result === UDP_DATAGRAM) {
      if (eap.radius(packet, frame)) return;
      if (udp.datagram(packet, frame)) observe?.(packet, frame, false);
      else unread.count(result, packet);
    } else if (result === EAPOL_FRAME) {
      if (!eap.eapol(packet, frame)) unread.count(result, packet);
    } else if (
      result !== ICMP_MESSAGE ||
      !(tcp.icmp(packet, frame) || udp.icmp(packet, frame) || eap.icmp(packet, frame))
    ) {
      unread.count(result, packet);
    }
  };

  async function readFrames(pause: () => Promise<void>, signal?: AbortSignal, clock?: () => number): Promise<void> {
    let chunks = 0;
    do {
      while (captures.next()) {
        try {
          take(captures.frame);
        } catch (error) {
          faults.note('read', captures.frame.number, error);
        }
      }
      if (clock !== undefined) tcp.endQuiet(clock() / 1000, LIVE_LINGER_SECONDS);
      await pause();
      if (++chunks % CHUNKS_PER_TURN === 0) await nextTurn();
      if (signal?.aborted === true) {
        await captures.close();
        break;
      }
    } while (await (clock === undefined ? captures.fill() : fillPausing(pause, clock)));
    decoder.finish();
  }

  /** As `captures.fill`; while nothing comes, `pause` is called now and then: time passes. */
  async function fillPausing(pause: () => Promise<void>, clock: () => number): Promise<boolean> {
    const filling = captures.fill();
    for (;;) {
      const timer = new AbortController();
      const idle = delay(IDLE_MS, null, { signal: timer.signal }).catch(() => null);
      const filled = await Promise.race([filling, idle]);
      timer.abort();
      if (filled !== null) return filled;
      tcp.endQuiet(clock() / 1000, LIVE_LINGER_SECONDS);
      await pause();
    }
  }

  /** Ends what is still open, the captures being over. */
  async function finish(pause: () => Promise<void>): Promise<void> {
    while (tcp.finishSome(ENDED_AT_ONCE) || udp.finishSome(ENDED_AT_ONCE)) await pause();
    const isEapAlone = nextId() <= 2 && unread.list().every(({ kind }) => kind === 'eap');
    while (eap.finishSome(ENDED_AT_ONCE, timestampOf(captures.frame), isEapAlone)) await pause();
    const { eapol, radius } = eap.others();
    if (eapol > 0) unread.add('link', 'eap', eapol);
    if (radius > 0) unread.add('udp', 'radius', radius);
    await pause();
  }

  /** Notes what is odd about the captures as a whole. */
  function noteOddities(): void {
    const incomplete = decoder.incompleteFragments();
    if (incomplete > 0) {
      const message = `${incomplete} IP fragments lack others of their packet: a filter by port keeps only the first of each, one by host keeps all`;
      warn(0, { code: 'incomplete-fragments', message });
    }
    const duplicates = tcp.duplicates();
    if (duplicates > 0) {
      const message = `${duplicates} packets were captured twice, as -i any does; each counts once`;
      warn(0, { code: 'duplicate-packets', message });
    }
    const evicted = tcp.evicted() + udp.evicted() + eap.evicted();
    if (evicted > 0) {
      const message = `${evicted} connections were given up early: more were open at once than are followed`;
      warn(0, { code: 'too-many-connections', message });
    }
    const forgotten = tcp.forgotten();
    if (forgotten > 0) {
      const message = `${forgotten} connections that showed nothing but a SYN were counted, but not looked at: more were open at once than are followed, as in a flood or a scan`;
      warn(0, { code: 'too-many-connections', message });
    }
  }

  return {
    holders: tcp.holders(tls.heldBytes),
    async read(pause, signal, clock) {
      await readFrames(pause, signal, clock);
      noteOddities();
      await finish(pause);
      return { warnings, unread: unread.list(), forgotten: tcp.forgotten() };
    },
  };
}
