import { readFile } from 'node:fs/promises';
import { linkTypeName } from './capture/linktypes.js';
import { openCapture } from './capture/open.js';
import type { CaptureWarning } from './capture/frame.js';
import { toMilliseconds } from './capture/timestamp.js';
import { buildConnection, hasCertificates } from './connection/build.js';
import type { EndedConnection } from './connection/collect.js';
import { collectConnections } from './connection/collect.js';
import type { Connection } from './connection/connection.js';
import type { Context } from './diagnose/context.js';
import { diagnose } from './diagnose/diagnose.js';
import { groupDiagnoses } from './diagnose/group.js';
import { createNeighbours } from './diagnose/neighbours.js';
import type { Results } from './diagnose/results.js';
import type { DiagnosedConnection } from './diagnose/rule.js';
import { decode, TCP_SEGMENT, UNSUPPORTED_LINK_TYPE } from './packet/decode.js';
import { newPacket } from './packet/packet.js';
import { createTcpTracker } from './tcp/tracker.js';
import { createTrustAnchors, readCertificateFile } from './x509/anchors.js';
import { judgeChain } from './x509/chain.js';
import type { CertificateParser } from './x509/load.js';
import { createCertificateStore, loadParser } from './x509/load.js';

export interface AnalyzeOptions {
  /** Files of trust anchors, PEM or DER, that join Mozilla's. */
  readonly ca?: readonly string[];
  /** Judge certificates at this time instead of that of the packet which carried them. */
  readonly at?: Date;
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

async function readAnchors(paths: readonly string[]): Promise<Uint8Array[]> {
  const anchors: Uint8Array[] = [];
  for (const path of paths) {
    const file = await readFile(path).catch((error: unknown) => {
      throw new TrustAnchorError(path, error instanceof Error ? error.message : 'cannot be read');
    });
    const { certificates, error } = readCertificateFile(file);
    if (certificates === null) throw new TrustAnchorError(path, error);
    anchors.push(...certificates);
  }
  return anchors;
}

/**
 * Analyses captures, `-` being standard input: the whole pipeline, stage by stage.
 * @throws CaptureError if an input is no capture or cannot be read; TrustAnchorError if a file of `ca` is unusable
 */
export async function analyze(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const extra = await readAnchors(options.ca ?? []);
  const captures: Results['captures'][number][] = [];
  const connections: Connection[] = [];
  // The parser is a heavy library: loaded with the first certificate.
  let parser: CertificateParser | undefined;
  const parse: CertificateParser = (der) => {
    if (parser === undefined) throw new Error('certificate parser used before it was loaded');
    return parser(der);
  };

  let nextId = 1;
  for (const [index, path] of paths.entries()) {
    const ended: EndedConnection[] = [];
    const tracker = createTcpTracker(
      collectConnections((connection) => ended.push(connection)),
      nextId,
    );
    const build = async (): Promise<void> => {
      if (parser === undefined && ended.some(hasCertificates)) parser = createCertificateStore(await loadParser());
      for (const connection of ended) connections.push(buildConnection(connection, index, parse));
      ended.length = 0;
    };
    const capture = await openCapture(path);
    const unsupported = new Map<number, number>();
    const packet = newPacket();
    const { frame } = capture;
    do {
      while (capture.next()) {
        const result = decode(frame, packet);
        if (result === TCP_SEGMENT) tracker.segment(packet, frame);
        else if (result === UNSUPPORTED_LINK_TYPE && !unsupported.has(frame.linkType)) {
          unsupported.set(frame.linkType, frame.number);
        }
      }
      await build();
    } while (await capture.fill());
    nextId = tracker.finish();
    await build();
    const summary = capture.summary();
    captures.push({ ...summary, warnings: [...summary.warnings, ...warnings(unsupported, tracker)] });
  }

  const neighbours = createNeighbours();
  for (const connection of connections) neighbours.add(connection);
  const anchors = createTrustAnchors(parse, { extra });
  const context: Context = {
    neighbours,
    chainOf: (certificates) => judgeChain(certificates, anchors),
    judgedAt: (connection) => options.at?.getTime() ?? toMilliseconds(connection.startedAt),
  };
  const diagnosed = connections
    .map((connection) => diagnose(connection, context))
    .sort((a, b) => Number(a.connection.id) - Number(b.connection.id));
  return { captures, summary: summarize(diagnosed), diagnoses: groupDiagnoses(diagnosed), connections: diagnosed };
}

function warnings(
  unsupported: ReadonlyMap<number, number>,
  tracker: { duplicates(): number; evicted(): number },
): CaptureWarning[] {
  const found: CaptureWarning[] = [];
  for (const [linkType, frame] of unsupported) {
    found.push({
      code: 'unsupported-link-type',
      message: `frames of link type ${linkTypeName(linkType)} are not decoded (first: frame ${frame})`,
      frame,
    });
  }
  const duplicates = tracker.duplicates();
  if (duplicates > 0) {
    found.push({
      code: 'duplicate-packets',
      message: `${duplicates} packets were captured twice, as -i any does; each counts once`,
    });
  }
  const evicted = tracker.evicted();
  if (evicted > 0) {
    found.push({
      code: 'too-many-connections',
      message: `${evicted} connections were given up early: more were open at once than are followed`,
    });
  }
  return found;
}

function summarize(connections: readonly DiagnosedConnection[]): Results['summary'] {
  const count = (outcome: Connection['outcome']): number =>
    connections.filter(({ connection }) => connection.outcome === outcome).length;
  return {
    connections: connections.length,
    established: count('established'),
    failed: count('failed'),
    incomplete: count('incomplete'),
    notTls: count('not-tls'),
  };
}
