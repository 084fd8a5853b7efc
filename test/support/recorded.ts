/** The TCP streams of recorded captures: handshakes of real stacks, as bytes. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openCapture } from '../../src/capture/open.js';
import { decode, TCP_SEGMENT } from '../../src/packet/decode.js';
import { newPacket } from '../../src/packet/packet.js';
import type { EndedConnection } from '../../src/connection/ended.js';
import { endedTcp } from '../../src/connection/ended-tcp.js';
import { createTlsReader, type PackedRest } from '../../src/tls/reader.js';
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
      data(chunks, direction, { bytes, offset: start, end }, { number }) {
        chunks.push({ direction, data: bytes.slice(start, end), frame: number });
      },
      gap() {
        throw new Error(`${sample} lacks segments`);
      },
      end: () => undefined,
      skippable: () => 0,
      skip: () => undefined,
    },
    () => undefined,
  );
  await track(sample, tracker);
  const [chunks, ...others] = connections;
  if (chunks === undefined || others.length > 0) throw new Error(`${sample} does not have one connection`);
  return chunks;
}

/**
 * What the stages up to `connection/` make of a sample.
 * @param packed whether connections are packed between their segments; called each time that one was
 */
export async function recordedConnections(sample: string, packed?: () => void): Promise<TcpConnectionFacts[]> {
  const ended: EndedConnection[] = [];
  const tls = createTlsReader();
  const tracker = createTcpTracker(
    tls,
    (tcp, now) => {
      ended.push(endedTcp(tcp, now));
      if (tcp.content !== null) tls.release(tcp.content);
    },
    undefined,
    packed === undefined
      ? {}
      : {
          limits: { unpacked: 0 },
          packer: {
            pack(session, packing) {
              const rest = tls.pack(session, packing);
              if (rest !== null) packed();
              return rest;
            },
            unpack: (rest: PackedRest, packing) => tls.unpack(rest, packing),
          },
        },
  );
  await track(sample, tracker);
  assert.equal(tls.heldBytes(), 0);
  return builtOverTcp(ended);
}
