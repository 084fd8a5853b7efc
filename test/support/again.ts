/** Connections of the samples before they are judged, and the same again. */
import { createConnectionReader } from '../../src/analysis/read.js';
import { openCaptures } from '../../src/capture/merge.js';
import type { Timestamp } from '../../src/capture/timestamp.js';
import { buildConnection } from '../../src/connection/build.js';
import type { Connection } from '../../src/connection/connection.js';
import type { EndedConnection } from '../../src/connection/ended.js';
import { createContext, type CaptureContext } from '../../src/diagnose/capture-context.js';
import { createFaults } from '../../src/fault.js';
import { NO_SECRETS } from '../../src/tls/decrypt/secrets.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { createX509Reader } from '../../src/x509/reader.js';
import { loadRoots } from '../../src/x509/roots.js';

export const SAMPLES = new URL('../../../samples/', import.meta.url);
const ROOTS = await loadRoots();

export const newContext = (): CaptureContext =>
  createContext(createTrustAnchors(parseCertificate, { roots: () => ROOTS }));

/** The connections of a sample, before any is judged. */
export async function connectionsOf(sample: string): Promise<Connection[]> {
  const captures = await openCaptures(
    [new URL(sample, SAMPLES).pathname],
    new AbortController().signal,
    () => undefined,
  );
  const ended: EndedConnection[] = [];
  const reader = createConnectionReader(captures, {
    secrets: NO_SECRETS,
    faults: createFaults(),
    ended: (one) => ended.push(one),
  });
  await reader.read(() => Promise.resolve());
  const x509 = createX509Reader();
  return ended.map((one) => buildConnection(one, 0, x509));
}

const FRAMES: ReadonlySet<string> = new Set(['frame', 'firstFrame', 'lastFrame', 'follows']);
const DRAWN: ReadonlySet<string> = new Set(['ipId', 'initialSequence']);

/** The same facts again: later, at another pace, of another client. */
export function again(original: Connection, turn: number, pace: number): Connection {
  const start = original.startedAt;
  const later = ({ seconds, nanoseconds, digits }: Timestamp): Timestamp => {
    const since = ((seconds - start.seconds) * 1e9 + nanoseconds - start.nanoseconds) * pace;
    const all = start.nanoseconds + since + turn * 1e6;
    return {
      seconds: start.seconds + Math.floor(all / 1e9),
      nanoseconds: ((Math.round(all) % 1e9) + 1e9) % 1e9,
      digits,
    };
  };
  const copy = (value: unknown, field: string): unknown => {
    if (typeof value === 'number')
      return FRAMES.has(field) ? value + turn * 1e6 : DRAWN.has(field) ? value + turn : value;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if ('nanoseconds' in value) return later(value as Timestamp);
    if (Array.isArray(value))
      return typeof value[0] === 'object' && !('der' in value[0]) ? value.map((one) => copy(one, '')) : value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one, name)]));
  };
  const id = String(Number(original.id) + turn * 1e5);
  const address = original.client.address.includes(':')
    ? `2001:db8::${String(turn)}`
    : `192.0.2.${String(100 + (turn % 100))}`;
  return { ...(copy(original, '') as Connection), id, client: { address, port: original.client.port } };
}
