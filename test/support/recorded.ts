/** The TCP streams of recorded captures: handshakes of real stacks, as bytes. */
import type { StreamSink } from '../../src/transport/tcp/stream.js';
import { join } from 'node:path';
import { openCapture } from '../../src/capture/open.js';
import { decode, TCP_SEGMENT } from '../../src/packet/decode.js';
import { newPacket } from '../../src/packet/packet.js';
import { buildConnection } from '../../src/connection/build.js';
import { collectConnections, type EndedConnection } from '../../src/connection/collect.js';
import type { Connection } from '../../src/connection/connection.js';
import { type TcpHandler } from '../../src/transport/tcp/connection.js';
import { createTcpTracker } from '../../src/transport/tcp/tracker.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { ROOT } from './schema.js';

/** One chunk of a connection's bytes, in the order in which the capture has them. */
export interface Chunk {
  readonly direction: 0 | 1;
  readonly data: Uint8Array;
  readonly frame: number;
}

/** Gives the TCP segments of a sample to a tracker. */
async function track<Content>(sample: string, handler: TcpHandler<Content>): Promise<void> {
  const tracker = createTcpTracker(handler);
  const capture = await openCapture(join(ROOT, 'samples', sample));
  const packet = newPacket();
  do {
    while (capture.next()) if (decode(capture.frame, packet) === TCP_SEGMENT) tracker.segment(packet, capture.frame);
  } while (await capture.fill());
  tracker.finish();
}

/** The chunks of the only connection in a sample. */
export async function recordedStream(sample: string): Promise<Chunk[]> {
  const connections: Chunk[][] = [];
  await track<readonly [StreamSink, StreamSink]>(sample, {
    open() {
      const chunks: Chunk[] = [];
      connections.push(chunks);
      const sink = (direction: 0 | 1) => ({
        data(bytes: Uint8Array, start: number, end: number, { number }: { readonly number: number }) {
          chunks.push({ direction, data: bytes.slice(start, end), frame: number });
        },
        gap() {
          throw new Error(`${sample} lacks segments`);
        },
      });
      return [sink(0), sink(1)];
    },
    sinks: (own) => own,
    passing: () => 0,
    pass: () => undefined,
    close: () => undefined,
  });
  const [chunks, ...others] = connections;
  if (chunks === undefined || others.length > 0) throw new Error(`${sample} does not have one connection`);
  return chunks;
}

/** What the stages up to `connection/` make of a sample. */
export async function recordedConnections(sample: string): Promise<Connection[]> {
  const ended: EndedConnection[] = [];
  await track(
    sample,
    collectConnections((connection) => ended.push(connection)),
  );
  return ended
    .map((connection) => buildConnection(connection, 0, parseCertificate))
    .sort((a, b) => Number(a.id) - Number(b.id));
}
