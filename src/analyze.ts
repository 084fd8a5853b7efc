import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CaptureWarning } from './capture/frame.js';
import { linkTypeName } from './capture/linktypes.js';
import type { Capture, CaptureSummary } from './capture/open.js';
import { openCapture } from './capture/open.js';
import { reasonOf } from './capture/source.js';
import { buildConnection, hasCertificates } from './connection/build.js';
import type { EndedConnection } from './connection/collect.js';
import { collectConnections } from './connection/collect.js';
import type { Connection } from './connection/connection.js';
import { createContext } from './diagnose/context.js';
import { diagnose } from './diagnose/diagnose.js';
import { groupDiagnoses } from './diagnose/group.js';
import type { Results } from './diagnose/results.js';
import { summarize } from './diagnose/results.js';
import { decode, TCP_SEGMENT, UNSUPPORTED_LINK_TYPE } from './packet/decode.js';
import { newPacket } from './packet/packet.js';
import type { TcpTracker } from './tcp/tracker.js';
import { createTcpTracker } from './tcp/tracker.js';
import { createTrustAnchors, readCertificateFile } from './x509/anchors.js';
import type { CertificateParser } from './x509/load.js';
import { createCertificateStore, loadParser } from './x509/load.js';

export interface AnalyzeOptions {
  /** Files of trust anchors, PEM or DER, that join Mozilla's. */
  readonly ca?: readonly string[];
  /** Judge certificates at this time instead of that of the packet which carried them. */
  readonly at?: Date;
  /** When aborted, reading stops, and what was read so far is analysed; a warning says so. */
  readonly signal?: AbortSignal;
}

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

/** Chunks read between two looks at signals and timers, which synchronous reading would keep waiting. */
const CHUNKS_PER_TURN = 32;

/**
 * Analyses captures, `-` being standard input: the whole pipeline, stage by stage.
 * @throws CaptureError if an input is no capture or cannot be read; TrustAnchorError if a file of `ca` is unusable
 */
export async function analyze(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const extra = await readAnchors(options.ca ?? []);
  const parse = lazyParser();
  const captures: CaptureSummary[] = [];
  const connections: Connection[] = [];
  let nextId = 1;

  for (const [index, path] of paths.entries()) {
    const ended: EndedConnection[] = [];
    const build = async (): Promise<void> => {
      if (ended.some(hasCertificates)) await parse.load();
      for (const connection of ended) connections.push(buildConnection(connection, index, parse));
      ended.length = 0;
    };
    const tracker = createTcpTracker(
      collectConnections((connection) => ended.push(connection)),
      nextId,
    );
    const capture = await openCapture(path);
    const warnings = await readPackets(capture, tracker, build, options.signal);
    nextId = tracker.finish();
    await build();
    const summary = capture.summary();
    captures.push({ ...summary, warnings: [...summary.warnings, ...warnings] });
  }

  const context = createContext(connections, createTrustAnchors(parse, { extra }), options.at);
  const diagnosed = connections
    .map((connection) => diagnose(connection, context))
    .sort((a, b) => Number(a.connection.id) - Number(b.connection.id));
  return {
    captures,
    summary: summarize(diagnosed),
    diagnoses: groupDiagnoses(diagnosed),
    connections: diagnosed,
  };
}

/** Hands every TCP segment of a capture to the tracker; `build` is called after each chunk. Returns what was odd. */
async function readPackets(
  capture: Capture,
  tracker: TcpTracker,
  build: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<CaptureWarning[]> {
  const unsupported = new Map<number, CaptureWarning>();
  const warnings: CaptureWarning[] = [];
  const packet = newPacket();
  const { frame } = capture;
  let chunks = 0;
  do {
    while (capture.next()) {
      const result = decode(frame, packet);
      if (result === TCP_SEGMENT) {
        tracker.segment(packet, frame);
      } else if (result === UNSUPPORTED_LINK_TYPE && !unsupported.has(frame.linkType)) {
        const name = linkTypeName(frame.linkType);
        const message = `frames of link type ${name} are not decoded, from frame ${frame.number} on`;
        unsupported.set(frame.linkType, { code: 'unsupported-link-type', message, frame: frame.number });
      }
    }
    await build();
    if (++chunks % CHUNKS_PER_TURN === 0) await nextTurn();
    if (signal?.aborted === true) {
      await capture.close();
      const message = `interrupted after frame ${frame.number}: what follows was not read`;
      warnings.push({ code: 'interrupted', message, frame: frame.number });
      break;
    }
  } while (await capture.fill());
  const duplicates = tracker.duplicates();
  if (duplicates > 0) {
    const message = `${duplicates} packets were captured twice, as -i any does; each counts once`;
    warnings.push({ code: 'duplicate-packets', message });
  }
  const evicted = tracker.evicted();
  if (evicted > 0) {
    const message = `${evicted} connections were given up early: more were open at once than are followed`;
    warnings.push({ code: 'too-many-connections', message });
  }
  return [...unsupported.values(), ...warnings];
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

/** The certificate parser is a heavy library: `load` it when a first certificate is there, then parse. */
function lazyParser(): CertificateParser & { load(): Promise<void> } {
  let parser: CertificateParser | undefined;
  const parse = (der: Uint8Array): ReturnType<CertificateParser> => {
    if (parser === undefined) throw new Error('certificate parser used before it was loaded');
    return parser(der);
  };
  const load = async (): Promise<void> => {
    parser ??= createCertificateStore(await loadParser());
  };
  return Object.assign(parse, { load });
}
