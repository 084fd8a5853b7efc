import { notice } from '../notices.js';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { BOUNDS } from '../bounds.js';
import type { CaptureWarning, Frame, FrameStamp } from '../capture/frame.js';
import { linkTypeName } from '../capture/linktypes.js';
import type { Captures } from '../capture/merge.js';
import { timestampOf } from '../capture/timestamp.js';
import type { AlikeConnections } from '../connection/alike.js';
import type { EndedConnection } from '../connection/ended.js';
import { endedEap } from '../connection/ended-eap.js';
import { endedTcp } from '../connection/ended-tcp.js';
import { endedUdp } from '../connection/ended-udp.js';
import type { UnreadPackets } from '../connection/unread.js';
import type { Faults } from '../fault.js';
import type { MemoryHolder } from '../memory.js';
import type { Lookups } from '../names/lookups.js';
import { createNameReader, isDns } from '../names/reader.js';
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
import type { HandshakeSession } from '../tls/handshake/session.js';
import { createDatagramProtocols, type DatagramSession } from '../tls/datagrams.js';
import type { QuicConnection } from '../tls/quic/connection.js';
import { createTlsReader } from '../tls/session.js';
import { createSharedContent } from '../tls/wire/messages/shared.js';
import { createEapTracker } from '../transport/eap/tracker.js';
import { createIds } from '../transport/flow.js';
import { createTcpTracker } from '../transport/tcp/tracker.js';
import type { UdpAssociation } from '../transport/udp/association.js';
import { createUdpTracker } from '../transport/udp/tracker.js';

/**
 * Connections that may end before they are built: most of what was read of them is garbage then, and cheap to collect
 * while it is young.
 */
const ENDED_AT_ONCE = 512;
/** Link types without a decoder that are named. */
const MOST_LINK_TYPES = BOUNDS.linkTypes.value;
/** Chunks read between two turns of the event loop, whose signals and timers synchronous reading would block. */
const CHUNKS_PER_TURN = 32;
/** Milliseconds without input after which the reader of a live capture is called for what is due. */
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
  /** IP fragments of packets that never became whole. */
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

/** The part of the captures that counts, if it is not all of them: the rest is read only to understand that part. */
export interface Part {
  /** Numbers flows: those that begin in the part from 1 on, others from `FOREIGN` on. */
  readonly nextId: () => number;
  /** Whether a frame that was read is in the part. */
  readonly isIn: (frame: number) => boolean;
}

/** Numbers of flows that begin outside of the part start here. */
export const FOREIGN = 2 ** 30;

export interface ReadOptions {
  /** Records of handshakes that these belong to are decrypted. */
  readonly secrets: Secrets;
  readonly faults: Faults;
  /** Called with each connection when it is over. */
  readonly ended: (connection: EndedConnection) => void;
  readonly observe?: PacketObserver;
  /** All of the captures, if not given. */
  readonly part?: Part;
  /** Receives the names that were looked up. */
  readonly lookups?: Lookups;
  /** Handles connections that repeat an earlier one; without it, all are read in full. */
  readonly alike?: Pick<AlikeConnections, 'recogniser' | 'quic'>;
}

export function createConnectionReader(captures: Captures, options: ReadOptions): ConnectionReader {
  const { secrets, faults, ended, observe, lookups, alike } = options;
  const part = options.part ?? { nextId: createIds(), isIn: () => true };
  const unread = createUnreadCounter();
  let flows = 0;
  const nextId = (): number => {
    flows++;
    return part.nextId();
  };
  /** Sessions whose certificates must be decompressed before `ended` is called. */
  const late: HandshakeSession[] = [];
  let justEnded = 0;
  const end = (connection: EndedConnection): void => {
    justEnded++;
    if (connection.handshake?.isLate === true) late.push(connection.handshake);
    ended(connection);
  };
  const shared = createSharedContent();
  const tls = createTlsReader(secrets, shared);
  const tcp = createTcpTracker(
    tls,
    (connection, now) => {
      end(endedTcp(connection, now));
      if (connection.content !== null) tls.release(connection.content);
    },
    nextId,
    {
      packer: tls,
      recogniser: alike === undefined ? null : { ...alike.recogniser, isPatient: () => !secrets.isEmpty },
    },
  );
  const udp = createUdpTracker(
    createDatagramProtocols(secrets, shared),
    (association, now) => {
      const kind = isQuic(association) ? (alike?.quic(association, now) ?? null) : null;
      if (kind === 'handed on') {
        justEnded++;
        return;
      }
      const connection = endedUdp(association, now, kind);
      if (connection !== null) end(connection);
      else if (association.id < FOREIGN) unread.add('udp', 'quic', datagramsOf(association));
    },
    nextId,
  );
  /** Packets of EAP conversations that carry no TLS. */
  const otherEap = { eapol: 0, radius: 0 };
  const eap = createEapTracker(
    tls,
    {
      ended(flow, now) {
        end(endedEap(flow, now));
        if (flow.conversation.content !== null) tls.release(flow.conversation.content);
      },
      other({ radius, packets, firstFrame }) {
        if (part.isIn(firstFrame)) otherEap[radius === null ? 'eapol' : 'radius'] += packets;
      },
    },
    nextId,
  );
  const [early, open] = tcp.holders(tls.heldBytes);
  const warnings = new Map<number, CaptureWarning[]>();
  const warn = (capture: number, warning: CaptureWarning): unknown =>
    warnings.set(capture, [...(warnings.get(capture) ?? []), warning]);

  const unsupported = new Set<number>();
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
   * Hands a packet to its tracker, and an ICMP message to the tracker of the packet that it quotes; counts packets that
   * nobody reads.
   */
  const take = (frame: Frame): void => {
    const result = decoder.decode(frame, packet);
    if (result === TCP_SEGMENT) {
      tcp.segment(packet, frame);
      observe?.(packet, frame, 'tcp');
      if (isDns(packet)) names.segment(packet, frame, lookupsOf(frame));
    } else if (result === UNSUPPORTED_LINK_TYPE) {
      const place = captures.placeOf(frame.number);
      const key = place.capture * 65_536 + frame.linkType;
      if (unsupported.has(key) || unsupported.size > MOST_LINK_TYPES) return;
      unsupported.add(key);
      const data = { linkType: linkTypeName(frame.linkType), frame: place.frame };
      const which = unsupported.size === MOST_LINK_TYPES ? 'last' : 'one';
      warn(place.capture, { ...notice('unsupported-link-type', which, data), frame: place.frame });
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
        if (justEnded >= ENDED_AT_ONCE) await pause();
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

  /** As `captures.fill`; while nothing comes, calls `pause` now and then, since time passes. */
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

  /** Ends what is still open, as the captures are over. */
  async function finish(pause: () => Promise<void>): Promise<void> {
    while (tcp.finishSome(ENDED_AT_ONCE) || udp.finishSome(ENDED_AT_ONCE)) await pause();
    const isEapAlone = flows <= 1 && unread.list().every(({ kind }) => kind === 'eap');
    while (eap.finishSome(ENDED_AT_ONCE, timestampOf(captures.frame), isEapAlone)) await pause();
    const { eapol, radius } = otherEap;
    if (eapol > 0) unread.add('link', 'eap', eapol);
    if (radius > 0) unread.add('udp', 'radius', radius);
    await pause();
  }

  const counts = (): ReadCounts => ({
    incompleteFragments: decoder.incompleteFragments(),
    duplicates: tcp.duplicates(),
    evicted: tcp.evicted() + udp.evicted() + eap.evicted(),
    forgotten: tcp.forgotten(),
  });

  return {
    holders: [early, decoder.holder, udp.holder, eap.holder, open],
    counts,
    async read(pause, signal, clock) {
      const pauseFor = async (): Promise<void> => {
        justEnded = 0;
        for (const session of late.splice(0)) await session.readLate(shared);
        await pause();
      };
      await readFrames(pauseFor, signal, clock);
      await finish(pauseFor);
      return { warnings, unread: unread.list(), counts: counts() };
    },
  };
}

const isQuic = (association: UdpAssociation<DatagramSession>): association is UdpAssociation<QuicConnection> =>
  association.reader.protocol === 'quic';

const datagramsOf = ({ ends }: UdpAssociation): number => ends[0].datagrams + ends[1].datagrams;
