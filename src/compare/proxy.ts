/**
 * Finds TLS-terminating proxies between two points: what they open towards the server is another connection, during the
 * first.
 */
import { BOUNDS } from '../bounds.js';
import type { Connection } from '../connection/connection.js';
import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Group } from './match.js';
import type { View } from './view.js';

/** A connection that a proxy terminated, and the one that it opened for it. */
export interface Proxy {
  /** Towards the client. */
  readonly outer: View;
  /** Towards the server; null if none was opened, and others of the same client and name show the proxy. */
  readonly inner: View | null;
  /** Issuers of the certificates that the proxy and the server sent; null if not visible. */
  readonly issuers: readonly [string | null, string | null];
  /** Whether both certificates are visible, and differ. */
  readonly isProven: boolean;
}

const issuerOf = ({ serverCertificates: [leaf] }: Connection): string | null => leaf?.issuer ?? null;

const lengthOf = ({ startedAt, endedAt }: Connection): number => millisecondsBetween(startedAt, endedAt);

/** Tolerance for compared clocks, in milliseconds. */
const SLACK_MS = 50;

/** Whether both are for the same server: by its address, which a transparent proxy keeps, and by name. */
function areForTheSame(outer: Connection, inner: Connection): boolean {
  const [name, otherName] = [outer.clientHello?.serverName ?? null, inner.clientHello?.serverName ?? null];
  if (name !== null && otherName !== null && name !== otherName) return false;
  const isSameServer = outer.server.address === inner.server.address && outer.server.port === inner.server.port;
  return isSameServer || (name !== null && name === otherName);
}

/** Connections by server and name, so that only those for the same one are compared. */
function createTargets<T>(all: readonly T[], connectionOf: (one: T) => Connection) {
  const places = new Map<string, number[]>();
  const keysOf = ({ server, clientHello }: Connection): string[] => {
    const name = clientHello?.serverName ?? null;
    const key = `${server.address} ${server.port}`;
    return name === null ? [key] : [key, `name ${name}`];
  };
  for (const [place, one] of all.entries()) {
    for (const key of keysOf(connectionOf(one))) {
      const same = places.get(key);
      if (same === undefined) places.set(key, [place]);
      else same.push(place);
    }
  }
  return {
    /** Connections that may be for the same server, each once or twice. */
    *like(connection: Connection): Generator<T> {
      for (const key of keysOf(connection)) for (const place of places.get(key) ?? []) yield all[place] as T;
    },
  };
}

type Translate = (from: number, to: number, time: number) => number | null;

/**
 * Pairs connections that only one of two neighbouring points shows: for the same server or name, with different
 * ClientHellos, the second during the first. If several fit, none is used: on a busy server, others are open at the
 * same time. `unsearched` has the points (the first of each two) after which too many are similar to look for proxies.
 */
export function findProxies(
  points: readonly unknown[],
  groups: readonly Group[],
  translate: Translate,
): { readonly proxies: readonly Proxy[]; readonly unsearched: readonly number[] } {
  const proxies: Proxy[] = [];
  const unsearched: number[] = [];
  for (let point = 0; point + 1 < points.length; point++) {
    const unmatched = (at: number, other: number): View[] =>
      groups.flatMap((group) => {
        const view = group[at] ?? null;
        const isLonely = view !== null && (group[other] ?? null) === null && view.connection.clientHello !== null;
        return isLonely ? [view] : [];
      });
    // A client that asks an HTTP or SOCKS proxy in plaintext wants the proxy: that is no interception.
    const outers = unmatched(point, point + 1).filter(({ connection }) => connection.transport.kind === 'tcp');
    const inners = unmatched(point + 1, point).filter(({ connection }) => connection.transport.kind === 'tcp');
    const found = pairProxies(outers, inners, translate);
    if (found === null) unsearched.push(point);
    else proxies.push(...found);
  }
  return { proxies, unsearched };
}

/** The proxies between two points, from the connections that only one of them shows; null if that takes too long. */
function pairProxies(outers: readonly View[], inners: readonly View[], translate: Translate): Proxy[] | null {
  let work = BOUNDS.comparedTargets.value;
  const outerTargets = createTargets(outers, ({ connection }) => connection);
  const innerTargets = createTargets(inners, ({ connection }) => connection);
  const spans = new Map(outers.map((outer) => [outer, spanOf(outer, inners[0]?.point ?? outer.point, translate)]));
  const mayHold = (outer: View, inner: View): boolean =>
    areForTheSame(outer.connection, inner.connection) && isWithin(outer, inner, spans.get(outer) ?? null);
  const found: Proxy[] = [];
  for (const inner of inners) {
    const candidates = new Set<View>();
    for (const outer of outerTargets.like(inner.connection)) {
      if (--work < 0) return null;
      if (mayHold(outer, inner)) candidates.add(outer);
    }
    const all = [...candidates];
    const same = all.filter(({ outcome }) => outcome === inner.outcome);
    const [outer, another] = all.length > 1 ? same : all;
    if (outer === undefined || another !== undefined) continue;
    let hasOther = false;
    for (const other of innerTargets.like(outer.connection)) {
      if (--work < 0) return null;
      if ((hasOther = other !== inner && mayHold(outer, other))) break;
    }
    if (hasOther) continue;
    const issuers = [issuerOf(outer.connection), issuerOf(inner.connection)] as const;
    const [one, other] = issuers;
    if (one !== null && other !== null && one === other) continue;
    found.push({ outer, inner, issuers, isProven: one !== null && other !== null });
  }
  // A connection that the proxy refused before it contacted the server, if others show the proxy.
  const shown = createTargets(found, (proxy) => proxy.outer.connection);
  const known = new Set(found.map(({ outer }) => outer));
  for (const outer of outers) {
    if (known.has(outer) || outer.connection.serverHello === null) continue;
    for (const proxy of shown.like(outer.connection)) {
      if (--work < 0) return null;
      if (!areForTheSame(outer.connection, proxy.outer.connection)) continue;
      const issuers = [issuerOf(outer.connection), proxy.issuers[1]] as const;
      if (issuers[0] !== null && issuers[0] === issuers[1]) break;
      found.push({ outer, inner: null, issuers, isProven: issuers[0] !== null && issuers[1] !== null });
      break;
    }
  }
  return found;
}

const microseconds = ({ seconds, nanoseconds }: Timestamp): number => seconds * 1e6 + nanoseconds / 1e3;

/** When a connection began and ended, by another point's clock; null if the clocks cannot be compared. */
function spanOf({ point, connection }: View, other: number, translate: Translate): readonly [number, number] | null {
  const start = translate(point, other, microseconds(connection.startedAt));
  const end = translate(point, other, microseconds(connection.endedAt));
  return start === null || end === null ? null : [start, end];
}

function isWithin(outer: View, inner: View, span: readonly [number, number] | null): boolean {
  if (span === null) return lengthOf(inner.connection) <= lengthOf(outer.connection);
  const start = microseconds(inner.connection.startedAt);
  return start >= span[0] - SLACK_MS * 1000 && start <= span[1] + SLACK_MS * 1000;
}
