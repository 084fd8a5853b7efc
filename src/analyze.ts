import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CaptureWarning, Frame } from './capture/frame.js';
import { timestampOf } from './capture/timestamp.js';
import { linkTypeName } from './capture/linktypes.js';
import type { Captures } from './capture/merge.js';
import { openCaptures } from './capture/merge.js';
import type { CaptureSummary } from './capture/open.js';
import { reasonOf } from './capture/source.js';
import { buildConnection } from './connection/build.js';
import type { EndedConnection } from './connection/ended.js';
import { endedEap } from './connection/ended-eap.js';
import { endedTcp } from './connection/ended-tcp.js';
import { endedUdp } from './connection/ended-udp.js';
import { createNoteCounter, faultWarnings } from './connection/warnings.js';
import { BOUNDS } from './bounds.js';
import { createHeldConnections } from './connection/weight.js';
import { createFaults, type Faults } from './fault.js';
import { createMemoryBudget } from './memory.js';
import { createContext } from './diagnose/capture-context.js';
import { locate } from './diagnose/locate.js';
import type { Results } from './diagnose/results.js';
import { collectResults } from './diagnose/results.js';
import type { DiagnosedConnection } from './diagnose/finding.js';
import { createWaiting } from './diagnose/waiting.js';
import {
  createDecoder,
  EAPOL_FRAME,
  ICMP_MESSAGE,
  TCP_SEGMENT,
  UDP_DATAGRAM,
  UNSUPPORTED_LINK_TYPE,
} from './packet/decode.js';
import { newPacket } from './packet/packet.js';
import type { UnreadCounter } from './packet/unread.js';
import { createUnreadCounter } from './packet/unread.js';
import { createDatagramProtocols } from './tls/datagrams.js';
import { createTlsReader } from './tls/session.js';
import type { EapTracker } from './transport/eap/tracker.js';
import { createEapTracker } from './transport/eap/tracker.js';
import { createIds } from './transport/flow.js';
import type { TcpTracker } from './transport/tcp/tracker.js';
import { createTcpTracker } from './transport/tcp/tracker.js';
import type { UdpTracker } from './transport/udp/tracker.js';
import { createUdpTracker } from './transport/udp/tracker.js';
import { createTrustAnchors, readCertificateFile } from './x509/anchors.js';
import { createX509Reader } from './x509/reader.js';
import { loadRoots, NO_ROOTS } from './x509/roots.js';

export interface AnalyzeOptions {
  /** Files of trust anchors, PEM or DER, that join Mozilla's. */
  readonly ca?: readonly string[];
  /** Judge certificates at this time instead of that of the packet which carried them. */
  readonly at?: Date;
  /** Bytes for all that is buffered and remembered, by nominal costs; 256 MiB if not given. */
  readonly memory?: number;
  /** When aborted, reading stops, and what was read so far is analysed; a warning says so. */
  readonly signal?: AbortSignal;
  /** Called now and then while the capture is read. */
  readonly onProgress?: (progress: Progress) => void;
  /** Whether a connection is to be counted and reported; all are evidence for others. */
  readonly select?: (connection: DiagnosedConnection) => boolean;
  /**
   * Takes each connection that is selected, once it is settled: in order of the first frame, as long as no more wait than
   * are kept. The results keep a bounded number of them.
   */
  readonly onConnection?: (connection: DiagnosedConnection) => Promise<void> | void;
}

/** How far the reading is. */
export interface Progress {
  /** Bytes of the files read so far, and of all of them: null when one is a pipe. */
  readonly bytesRead: number;
  readonly bytes: number | null;
  /** Connections that are settled, and those of them that failed. */
  readonly connections: number;
  readonly failed: number;
}

export { findCaptures } from './capture/paths.js';

/** A file of trust anchors that cannot be used; `message` is one line that names it. */
export class TrustAnchorError extends Error {
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`${path}: ${reason}`);
    this.name = 'TrustAnchorError';
  }
}

/** Connections ended between two looks at what became of them, when the capture is over. */
const ENDED_AT_ONCE = 512;
/** Link types without a decoder that are named. */
const MOST_LINK_TYPES = 64;
/** Chunks read between two looks at signals and timers, which synchronous reading would keep waiting. */
const CHUNKS_PER_TURN = 32;

/**
 * Analyses captures, as one in the order of time: the whole pipeline, stage by stage. `-` is standard input, a directory
 * stands for the captures in it.
 * @throws CaptureError if an input is no capture or cannot be read; TrustAnchorError if a file of `ca` is unusable
 */
export async function analyze(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const extra = await readAnchors(options.ca ?? []);
  const reader = createX509Reader();
  const captures = await openCaptures(paths, options.signal);
  // Loaded with the first certificate that is sent: most of a start's time would go into them.
  let roots = NO_ROOTS;
  const held = createHeldConnections();
  const context = createContext(
    createTrustAnchors(reader.certificate, { extra, roots: () => roots }),
    options.at,
    held,
  );
  const collector = collectResults(context.chronology, undefined, held);

  const faults = createFaults();
  const notes = createNoteCounter();
  const ended: EndedConnection[] = [];
  const settled: DiagnosedConnection[] = [];
  const waiting = createWaiting(context, (diagnosed) => settled.push(diagnosed), faults, undefined, held);
  const handOn = async (): Promise<void> => {
    for (const each of settled) {
      const located = captures.count === 1 ? each : locate(each, captures.placeOf);
      const isSelected = options.select?.(located) !== false;
      collector.add(located, isSelected);
      if (isSelected) await options.onConnection?.(located);
    }
    settled.length = 0;
  };
  const tellProgress = (): void => {
    const { connections, failed } = collector.summary();
    options.onProgress?.({ bytesRead: captures.bytesRead(), bytes: captures.bytes, connections, failed });
  };
  const build = async (): Promise<void> => {
    for (const each of ended) {
      const { capture } = captures.placeOf(each.firstFrame);
      const connection = faults.attempt('build', each.firstFrame, () => buildConnection(each, capture, reader), null);
      if (connection === null) continue;
      const { serverCertificates, clientCertificates } = connection;
      if (roots === NO_ROOTS && serverCertificates.length + clientCertificates.length > 0) roots = await loadRoots();
      notes.add(connection);
      waiting.add(connection);
    }
    ended.length = 0;
    memory.relieve();
    await handOn();
    tellProgress();
  };

  const unread = createUnreadCounter();
  const nextId = createIds();
  const tls = createTlsReader();
  const tcp = createTcpTracker(
    tls,
    (connection, now) => {
      ended.push(endedTcp(connection, now));
      if (connection.content !== null) tls.release(connection.content);
    },
    nextId,
  );
  const [early, open] = tcp.holders(tls.heldBytes);
  const memory = createMemoryBudget(options.memory ?? BOUNDS.memory.value, [
    early,
    waiting.holders.others,
    context.holder,
    collector.holder,
    open,
    waiting.holders.failed,
  ]);
  const udp = createUdpTracker(
    createDatagramProtocols(),
    (association, now) => {
      const connection = endedUdp(association, now);
      if (connection !== null) ended.push(connection);
      else unread.add('udp', 'quic', association.ends[0].datagrams + association.ends[1].datagrams);
    },
    nextId,
  );
  const eap = createEapTracker(
    tls,
    (flow, now) => {
      ended.push(endedEap(flow, now));
      if (flow.conversation.content !== null) tls.release(flow.conversation.content);
    },
    nextId,
  );
  const warnings = await readPackets(captures, { tcp, udp, eap, unread }, build, faults, options.signal);
  while (tcp.finishSome(ENDED_AT_ONCE) || udp.finishSome(ENDED_AT_ONCE)) await build();
  const isEapAlone = nextId() <= 2 && unread.list().every(({ kind }) => kind === 'eap');
  while (eap.finishSome(ENDED_AT_ONCE, timestampOf(captures.frame), isEapAlone)) await build();
  const { eapol, radius } = eap.others();
  if (eapol > 0) unread.add('link', 'eap', eapol);
  if (radius > 0) unread.add('udp', 'radius', radius);
  await build();
  waiting.finish();
  await handOn();
  collector.addIncomplete(tcp.forgotten());

  const noted = notes.warnings();
  const lacking = memory.givenUp().map(([what, count]) => `${count} ${what}`);
  const scarce: CaptureWarning[] =
    lacking.length === 0
      ? []
      : [
          {
            code: 'memory-limit',
            message: `memory did not suffice, and was taken from ${lacking.join(', ')}; --memory gives more`,
          },
        ];
  const faulty = new Map<number, CaptureWarning[]>();
  for (const warning of faultWarnings(faults)) {
    const { capture, frame } = captures.placeOf(warning.frame ?? 1);
    faulty.set(capture, [...(faulty.get(capture) ?? []), { ...warning, frame }]);
  }
  return collector.results(
    captures
      .summaries()
      .map((summary, index) =>
        withWarnings(summary, warnings.get(index), noted.get(index), faulty.get(index), index === 0 ? scarce : []),
      ),
    unread.list(),
  );
}

/** Who takes packets: the carriers, and who counts what none of them reads. */
interface Takers {
  readonly tcp: TcpTracker;
  readonly udp: UdpTracker;
  readonly eap: EapTracker;
  readonly unread: UnreadCounter;
}

/**
 * Hands every packet to its carrier, and every ICMP message to that of the packet which it is about; counts what nobody reads;
 * `build` is called after each chunk. Returns what was odd, by capture; what is odd about all of them together is the first one's.
 */
async function readPackets(
  captures: Captures,
  { tcp, udp, eap, unread }: Takers,
  build: () => Promise<void>,
  faults: Faults,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, readonly CaptureWarning[]>> {
  const warnings = new Map<number, CaptureWarning[]>();
  const warn = (capture: number, warning: CaptureWarning): unknown =>
    warnings.set(capture, [...(warnings.get(capture) ?? []), warning]);
  const unsupported = new Set<number>();
  const packet = newPacket();
  const decoder = createDecoder((partial, stamp, outcome) => {
    if (outcome === TCP_SEGMENT) tcp.segment(partial, stamp);
    else if (!eap.radius(partial, stamp)) udp.partialDatagram(partial, stamp);
  });
  const take = (frame: Frame): void => {
    const result = decoder.decode(frame, packet);
    if (result === TCP_SEGMENT) {
      tcp.segment(packet, frame);
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
      if (!eap.radius(packet, frame) && !udp.datagram(packet, frame)) unread.count(result, packet);
    } else if (result === EAPOL_FRAME) {
      if (!eap.eapol(packet, frame)) unread.count(result, packet);
    } else if (
      result !== ICMP_MESSAGE ||
      !(tcp.icmp(packet, frame) || udp.icmp(packet, frame) || eap.icmp(packet, frame))
    ) {
      unread.count(result, packet);
    }
  };
  let chunks = 0;
  do {
    while (captures.next()) {
      try {
        take(captures.frame);
      } catch (error) {
        faults.note('read', captures.frame.number, error);
      }
    }
    await build();
    if (++chunks % CHUNKS_PER_TURN === 0) await nextTurn();
    if (signal?.aborted === true) {
      await captures.close();
      break;
    }
  } while (await captures.fill());
  decoder.finish();
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
  return warnings;
}

function withWarnings(
  summary: CaptureSummary,
  ...warnings: readonly (readonly CaptureWarning[] | undefined)[]
): CaptureSummary {
  return { ...summary, warnings: [...summary.warnings, ...warnings.flatMap((some) => some ?? [])] };
}

async function readAnchors(paths: readonly string[]): Promise<Uint8Array[]> {
  const anchors: Uint8Array[] = [];
  for (const path of paths) {
    const file = await readFile(path).catch((error: unknown) => {
      throw new TrustAnchorError(path, reasonOf(error));
    });
    const { certificates, error } = readCertificateFile(file);
    if (certificates === null) throw new TrustAnchorError(path, error);
    anchors.push(...certificates);
  }
  return anchors;
}
