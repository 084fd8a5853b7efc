/** The TCP streams of recorded captures: handshakes of real stacks, as bytes. */
import { join } from 'node:path';
import { openCapture } from '../../src/capture/open.js';
import { decode, TCP_SEGMENT } from '../../src/packet/decode.js';
import { newPacket } from '../../src/packet/packet.js';
import type { EndedConnection } from '../../src/connection/ended.js';
import { endedTcp } from '../../src/connection/ended-tcp.js';
import { createTlsReader } from '../../src/tls/session.js';
import { type Direction } from '../../src/transport/flow.js';
import { createTcpTracker, type TcpTracker } from '../../src/transport/tcp/tracker.js';
import { builtOverTcp, type TcpConnectionFacts } from './conversation.js';
import { ROOT } from './schema.js';

/** One chunk of a connection's bytes, in the order in which the capture has them. */
export interface Chunk {
  readonly direction: Direction;
  readonly data: Uint8Array;
  readonly frame: number;
}

/** Gives the TCP segments of a sample to a tracker. */
async function track(sample: string, tracker: TcpTracker): Promise<void> {
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
  const tracker = createTcpTracker<Chunk[]>(
    {
      open() {
        const chunks: Chunk[] = [];
        connections.push(chunks);
        return chunks;
      },
      data(chunks, direction, bytes, start, end, { number }) {
        chunks.push({ direction, data: bytes.slice(start, end), frame: number });
      },
      gap() {
        throw new Error(`${sample} lacks segments`);
      },
      end: () => undefined,
      passing: () => 0,
      pass: () => undefined,
    },
    () => undefined,
  );
  await track(sample, tracker);
  const [chunks, ...others] = connections;
  if (chunks === undefined || others.length > 0) throw new Error(`${sample} does not have one connection`);
  return chunks;
}

/** What the stages up to `connection/` make of a sample. */
export async function recordedConnections(sample: string): Promise<TcpConnectionFacts[]> {
  const ended: EndedConnection[] = [];
  await track(
    sample,
    createTcpTracker(createTlsReader(), (tcp, now) => ended.push(endedTcp(tcp, now))),
  );
  return builtOverTcp(ended);
}
