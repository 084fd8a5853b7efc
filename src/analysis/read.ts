import { notice } from '../notices.js';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { BOUNDS } from '../bounds.js';
import type { CaptureWarning, Frame, FrameStamp } from '../capture/frame.js';
import { linkTypeName } from '../capture/linktypes.js';
import type { Captures } from '../capture/merge.js';
import { timestampOf } from '../capture/timestamp.js';
import type { UnreadPackets } from '../connection/unread.js';
import type { Faults } from '../fault.js';
import type { MemoryHolder } from '../memory.js';
import type { Lookups } from '../names/lookups.js';
import { createNameReader, isDns } from '../names/reader.js';
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
import { createIds } from '../transport/flow.js';
import { createFlows, ENDED_AT_ONCE, type FlowOptions, type Part } from './flows.js';

/** Link types without a decoder that a warning names. */
const MOST_LINK_TYPES = BOUNDS.linkTypes.value;
/** Chunks read between two turns of the event loop, whose signals and timers synchronous reading would block. */
const CHUNKS_PER_TURN = 32;
/** Milliseconds without input after which `pause` is called in a live capture. */
const IDLE_MS = 500;
/** In a live capture: how long late segments of a closed connection are awaited, in seconds of capture time. */
const LIVE_LINGER_SECONDS = 2;

/** The first half of an analysis: from the frames of captures to their connections. */
export interface ConnectionReader {
  /** Memory of early segments and of open connections, to be given up in this order. */
  readonly holders: readonly [early: MemoryHolder, ...open: MemoryHolder[]];
  readonly counts: () => ReadCounts;
  /**
   * Reads the captures to their end, or until the signal aborts.
   * @param pause awaited after each chunk
   * @param clock for live reading: the capture time, in milliseconds since 1970; connections then end sooner, and
   * `pause` is also called while waiting for input
   */
  read(pause: () => Promise<void>, signal?: AbortSignal, clock?: () => number): Promise<Read>;
}

/** What was read besides connections. */
export interface Read {
  /** Warnings about a capture, by its index. */
  readonly warnings: ReadonlyMap<number, readonly CaptureWarning[]>;
  /** Packets that are not analysed, the most frequent kind first. */
  readonly unread: readonly UnreadPackets[];
  readonly counts: ReadCounts;
}

/** Counts over all captures. */
export interface ReadCounts {
  /** IP fragments of packets that were never complete. */
  readonly incompleteFragments: number;
  /** Packets that were second copies of the same packet. */
  readonly duplicates: number;
  /** Connections that were ended early. */
  readonly evicted: number;
  /** Connections that are only counted: they had nothing but a SYN. */
  readonly forgotten: number;
}

/**
 * Called with each packet of TCP that was read, and each datagram: `udp` if its flow is followed, `unread` if unknown.
 * It must not keep any part of the packet.
 */
export type PacketObserver = (packet: Packet, stamp: FrameStamp, kind: 'tcp' | 'udp' | 'unread') => void;

export interface ReadOptions extends Pick<FlowOptions, 'secrets' | 'ended' | 'repeated'> {
  readonly faults: Faults;
  readonly observe?: PacketObserver;
  /** All of the captures, if not given. */
  readonly part?: Part;
  /** Receives the names that were looked up. */
  readonly lookups?: Lookups;
}

export function createConnectionReader(captures: Captures, options: ReadOptions): ConnectionReader {
  const { faults, observe, lookups } = options;
  const part = options.part ?? { nextId: createIds(), isIn: () => true };
  const unread = createUnreadCounter();
  const flows = createFlows({ ...options, part, unread });
  const { tcp, udp, eap } = flows;
  const [early, open] = tcp.holders(flows.heldBytes);
  const warnings = createLinkTypeWarnings(captures);
  const packet = newPacket();
  const names = createNameReader();
  /** Where the lookups in a frame belong. */
  const lookupsOf = (frame: Frame): Lookups | null =>
    lookups !== undefined && part.isIn(frame.number) ? lookups : null;
  const count = (outcome: number): void => {
    if (part.isIn(captures.frame.number)) unread.count(outcome, packet);
  };
  const decoder = createDecoder((partial, stamp, outcome) => {
    if (outcome === TCP_SEGMENT) tcp.segment(partial, stamp);
    else if (eap.radius(partial, stamp) || !udp.partialDatagram(partial, stamp)) return;
    observe?.(partial, stamp, outcome === TCP_SEGMENT ? 'tcp' : 'udp');
  });
  /**
   * Hands a packet to its tracker, and an ICMP message to the tracker of the packet that it quotes; counts all other
   * packets.
   */
  const take = (frame: Frame): void => {
    const result = decoder.decode(frame, packet);
    if (result === TCP_SEGMENT) {
      tcp.segment(packet, frame);
      observe?.(packet, frame, 'tcp');
      if (isDns(packet)) names.segment(packet, frame, lookupsOf(frame));
    } else if (result === UNSUPPORTED_LINK_TYPE) {
      warnings.note(frame);
    } else if (result === UDP_DATAGRAM) {
      if (eap.radius(packet, frame)) return;
      if (udp.datagram(packet, frame)) {
        observe?.(packet, frame, 'udp');
      } else if (!names.datagram(packet, frame, lookupsOf(frame))) {
        observe?.(packet, frame, 'unread');
        count(result);
      }
    } else if (result === EAPOL_FRAME) {
      if (!eap.eapol(packet, frame)) count(result);
    } else if (
      result !== ICMP_MESSAGE ||
      !(tcp.icmp(packet, frame) || udp.icmp(packet, frame) || eap.icmp(packet, frame))
    ) {
      count(result);
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
        if (flows.justEnded() >= ENDED_AT_ONCE) await pause();
      }
      if (clock !== undefined) tcp.endSilentClosed(clock() / 1000, LIVE_LINGER_SECONDS);
      await pause();
      if (++chunks % CHUNKS_PER_TURN === 0) await nextTurn();
      if (signal?.aborted === true) {
        await captures.close();
        break;
      }
    } while (await (clock === undefined ? captures.fill() : fillPausing(pause, clock)));
    decoder.finish();
  }

  /** As `captures.fill`; while nothing comes, calls `pause` now and then, since time passes. */
  async function fillPausing(pause: () => Promise<void>, clock: () => number): Promise<boolean> {
    const filling = captures.fill();
    for (;;) {
      const timer = new AbortController();
      const idle = delay(IDLE_MS, null, { signal: timer.signal }).catch(() => null);
      const filled = await Promise.race([filling, idle]);
      timer.abort();
      if (filled !== null) return filled;
      tcp.endSilentClosed(clock() / 1000, LIVE_LINGER_SECONDS);
      await pause();
    }
  }

  const counts = (): ReadCounts => ({
    incompleteFragments: decoder.incompleteFragments(),
    duplicates: tcp.duplicates(),
    evicted: flows.evicted(),
    forgotten: tcp.forgotten(),
  });

  return {
    holders: [early, decoder.holder, udp.holder, eap.holder, open],
    counts,
    async read(pause, signal, clock) {
      const pauseFor = async (): Promise<void> => {
        await flows.readLate();
        await pause();
      };
      await readFrames(pauseFor, signal, clock);
      await flows.finish(pauseFor, timestampOf(captures.frame));
      return { warnings: warnings.byCapture, unread: unread.list(), counts: counts() };
    },
  };
}

/** Warns of link types without a decoder, once for each in a capture. */
function createLinkTypeWarnings(captures: Captures) {
  const byCapture = new Map<number, CaptureWarning[]>();
  const seen = new Set<number>();
  return {
    byCapture,
    note(frame: Frame): void {
      const place = captures.placeOf(frame.number);
      const key = place.capture * 65_536 + frame.linkType;
      if (seen.has(key) || seen.size > MOST_LINK_TYPES) return;
      seen.add(key);
      const data = { linkType: linkTypeName(frame.linkType), frame: place.frame };
      const which = seen.size === MOST_LINK_TYPES ? 'last' : 'one';
      const warning = { ...notice('unsupported-link-type', which, data), frame: place.frame };
      byCapture.set(place.capture, [...(byCapture.get(place.capture) ?? []), warning]);
    },
  };
}
