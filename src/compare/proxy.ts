/** Finds proxies that end TLS between two points: what they open towards the server is another connection, within the first. */
import type { Connection } from '../connection/connection.js';
import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Group } from './match.js';
import type { View } from './view.js';

/** A connection that a proxy ended, and the one that it opened for it. */
export interface Proxy {
  /** Towards the client. */
  readonly outer: View;
  /** Towards the server; null where none was opened, and others of the same client and name show the proxy. */
  readonly inner: View | null;
  /** Of the certificates that the proxy and the server sent; null where they do not show. */
  readonly issuers: readonly [string | null, string | null];
  /** Whether both certificates show, and differ. */
  readonly isProven: boolean;
}

const issuerOf = ({ serverCertificates: [leaf] }: Connection): string | null => leaf?.issuer ?? null;

const lengthOf = ({ startedAt, endedAt }: Connection): number => millisecondsBetween(startedAt, endedAt);

/** Slack for clocks compared, in milliseconds. */
const SLACK_MS = 50;

/** Whether both ask for the same: by the server's address, which a transparent proxy keeps, and by name. */
function areForTheSame(outer: Connection, inner: Connection): boolean {
  const [name, otherName] = [outer.clientHello?.serverName ?? null, inner.clientHello?.serverName ?? null];
  if (name !== null && otherName !== null && name !== otherName) return false;
  const isSameServer = outer.server.address === inner.server.address && outer.server.port === inner.server.port;
  return isSameServer || (name !== null && name === otherName);
}

/**
 * Pairs connections that only one of two neighbouring points shows: for the same server or name, with other ClientHellos, the
 * second within the first. Where several would do, none is taken: on a busy server others are open at the same time.
 */
export function findProxies(
  points: readonly unknown[],
  groups: readonly Group[],
  translate: (from: number, to: number, time: number) => number | null,
): Proxy[] {
  const proxies: Proxy[] = [];
  for (let point = 0; point + 1 < points.length; point++) {
    const lonely = (at: number, other: number): View[] =>
      groups.flatMap((group) => {
        const view = group[at] ?? null;
        const isLonely = view !== null && (group[other] ?? null) === null && view.connection.clientHello !== null;
        return isLonely ? [view] : [];
      });
    // What a client says in the clear to a proxy of HTTP or SOCKS is no interception: it asked for that.
    const outers = lonely(point, point + 1).filter(({ connection }) => connection.transport.kind === 'tcp');
    const inners = lonely(point + 1, point).filter(({ connection }) => connection.transport.kind === 'tcp');
    const mayHold = (outer: View, inner: View): boolean =>
      areForTheSame(outer.connection, inner.connection) && isWithin(outer, inner, translate);
    const found: Proxy[] = [];
    for (const inner of inners) {
      const candidates = outers.filter((outer) => mayHold(outer, inner));
      const same = candidates.filter(({ outcome }) => outcome === inner.outcome);
      const [outer, another] = candidates.length > 1 ? same : candidates;
      if (outer === undefined || another !== undefined) continue;
      if (inners.some((other) => other !== inner && mayHold(outer, other))) continue;
      const issuers = [issuerOf(outer.connection), issuerOf(inner.connection)] as const;
      const [one, other] = issuers;
      if (one !== null && other !== null && one === other) continue;
      found.push({ outer, inner, issuers, isProven: one !== null && other !== null });
    }
    // A proxy that was refused before it asked the server, where others show it.
    for (const outer of outers) {
      if (found.some((proxy) => proxy.outer === outer) || outer.connection.serverHello === null) continue;
      const known = found.find((proxy) => areForTheSame(outer.connection, proxy.outer.connection));
      if (known === undefined) continue;
      const issuers = [issuerOf(outer.connection), known.issuers[1]] as const;
      if (issuers[0] !== null && issuers[0] === issuers[1]) continue;
      found.push({ outer, inner: null, issuers, isProven: issuers[0] !== null && issuers[1] !== null });
    }
    proxies.push(...found);
  }
  return proxies;
}

function isWithin(
  outer: View,
  inner: View,
  translate: (from: number, to: number, time: number) => number | null,
): boolean {
  const us = ({ seconds, nanoseconds }: Timestamp): number => seconds * 1e6 + nanoseconds / 1e3;
  const start = translate(outer.point, inner.point, us(outer.connection.startedAt));
  const end = translate(outer.point, inner.point, us(outer.connection.endedAt));
  if (start === null || end === null) return lengthOf(inner.connection) <= lengthOf(outer.connection);
  return (
    us(inner.connection.startedAt) >= start - SLACK_MS * 1000 && us(inner.connection.startedAt) <= end + SLACK_MS * 1000
  );
}
