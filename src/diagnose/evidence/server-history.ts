import type { HeldPhrase } from '../../notices.js';
import { BOUNDS } from '../../bounds.js';
import { type BoundedMap, createBoundedMap, createBoundedSet } from '../../bounded-map.js';
import { lowerBound } from '../../lower-bound.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween, toMilliseconds } from '../../capture/timestamp.js';
import { holdsCertificates } from '../../connection/certificate-message.js';
import type {
  Alert,
  ClientHello,
  Connection,
  HandshakeMessage,
  PlaintextWords,
  ServerHello,
} from '../../connection/connection.js';
import { createHeldConnections, type HeldConnections, type WeighedConnection } from '../../connection/weight.js';
import type { MemoryHolder } from '../../memory.js';
import type { PlaintextProtocol } from '../../preamble/plaintext.js';
import { asksForTls, innermost, proxyTarget, type PreambleKind } from '../../preamble/preamble.js';
import type { Certificate } from '../../x509/certificate.js';
import { beginningOfSplitHello, helloBytes, helloRefusal, spansSegments } from './hello-size.js';
import { withoutGreaseAndSignals } from './offers.js';
import {
  answeredAround,
  isAnySince,
  isAround,
  keepAnswered,
  noteRecent,
  type Answered,
  type LastAccepted,
} from './last-accepted.js';
import { connectTo } from './places.js';
import { isBadRequest, isRedirect } from './http-answers.js';
import { isUnconnected } from './scans.js';
import { hasSentEmptyCertificate, isServed } from './progress.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import { memoize } from '../../memoize.js';
import { periodOf } from '../../x509/validity.js';
import { sameForRepeats } from '../fast-path/same-for-repeats.js';

/**
 * What is kept of a connection that a server accepted, to cite it and to compare with it: the whole would take four times as
 * much.
 */
export interface AcceptedConnection extends Pick<
  Connection,
  | 'client'
  | 'server'
  | 'startedAt'
  | 'endedAt'
  | 'preamble'
  | 'plaintext'
  | 'clientHello'
  | 'serverHello'
  | 'serverCertificates'
  | 'timing'
> {
  /** The ClientHello, and those with certificates. */
  readonly messages: Connection['messages'];
  /** As `isServed` and `spansSegments` say of the whole. */
  readonly isServed: boolean;
  readonly spansSegments: boolean | null;
}

/** What one server accepted from anybody, or one client achieved anywhere: each fact with its first example. */
export interface Accepted {
  /** Handshakes that worked. */
  readonly count: number;
  /** By how the client began: with a ClientHello (null), or with what came before it. */
  readonly beginnings: ReadonlyMap<PreambleKind | null, AcceptedConnection>;
  readonly versions: ReadonlyMap<string, AcceptedConnection>;
  readonly cipherSuites: ReadonlyMap<string, AcceptedConnection>;
  /** By server_name; `null` for ClientHellos without one. */
  readonly serverNames: ReadonlyMap<string | null, AcceptedConnection>;
  /** Key exchange groups that were negotiated. */
  readonly groups: ReadonlyMap<string, AcceptedConnection>;
  /** Application protocols that were negotiated, as far as TLS 1.2 shows them. */
  readonly applicationProtocols: ReadonlyMap<string, AcceptedConnection>;
  /** Keys of server certificates (see `keyName`), as far as TLS 1.2 shows them. */
  readonly keys: ReadonlyMap<string, AcceptedConnection>;
  /** Lists of signature schemes that clients offered, by their names in one string (the first 16). */
  readonly signatureSchemes: ReadonlyMap<string, AcceptedConnection>;
  /** Full handshakes, by the client's JA4 and server name. */
  readonly programs: ReadonlyMap<string, AcceptedConnection>;
  /** The first full handshake, and the first that resumed a session. */
  readonly full: AcceptedConnection | null;
  readonly resumed: AcceptedConnection | null;
  /** By the SHA-256 of the server's own certificate, as far as TLS 1.2 shows it. */
  readonly certificates: ReadonlyMap<string, AcceptedConnection>;
  /** The longest ClientHello, in bytes, with its connection. */
  readonly longestClientHello: readonly [length: number, connection: AcceptedConnection] | null;
  /** The first that carried data although its client had no certificate when asked for one. */
  readonly withoutClientCertificate: AcceptedConnection | null;
  /** The first whose ClientHello came in several segments. */
  readonly split: AcceptedConnection | null;
}

/** Short connections between one client and one server in quick succession. */
export interface Churn {
  /** The most that began within `CHURN_WINDOW_MS`. */
  readonly most: number;
  readonly count: number;
}

/** The other connections of the capture, as evidence: what worked. */
export interface ServerHistory {
  /** What the server at this connection's address and port accepted, or the one that a proxy there was asked for. */
  acceptedBy(connection: Connection): Accepted;
  /**
   * Whether the server accepted another connection after this one began, or so shortly before that it still did then.
   */
  isServing(connection: Connection): boolean;
  /**
   * The short connections of this connection's client to its server. Where no client had `least` within the window, it may say
   * that there are none.
   */
  churnOf(connection: Connection, least?: number): Churn;
  /**
   * For each certificate that this connection's client sent to the service (by name, or address): the first connection
   * with it.
   */
  clientCertificatesOf(connection: Connection): readonly Connection[];
  /**
   * The FTP connection with TLS, of the same client and server, that was open when this one began: a data connection
   * belongs to it.
   */
  ftpControlOf(connection: Connection): Connection | undefined;
  /** A connection that the same server accepted within a second of this one's first packet. */
  acceptedAround(connection: Connection): Answered | undefined;
  /** A ClientHello in one segment that the same server refused in this way: an alert, a close, a reset, or silence. */
  refusedShort(connection: Connection, way: string): RefusedShort | undefined;
  /** In how many ways it did: as long as this stays the same, so do the answers of `refusedShort`. */
  shortRefusals(connection: Connection): number;
  /** The server names, null for none, with which the same server refused a ClientHello as it refused this one. */
  refusedNames(connection: Connection): ReadonlySet<string | null>;
  /**
   * The first alert in the clear with which a client said that it cannot decrypt or verify what the same server sent in TLS
   * 1.3; most clients' alerts are encrypted there.
   */
  unverifiedAt(connection: Connection): Alert | undefined;
  /** The first connection that began with a ClientHello and got a ServerHello of the same server, and failed later. */
  answeredInTls(connection: Connection): AnsweredInTls | undefined;
  /** The first connection to the same server on which both sides spoke a known protocol in plaintext. */
  plaintextAt(connection: Connection): SpokenPlaintext | undefined;
  /**
   * A connection in which a client accepted exactly the chain that this connection's server sent.
   */
  acceptedChain(connection: Connection, by: Accepter): Answered | undefined;
  /**
   * Of the chains that clients on this connection's host accepted, the one that ends first: with a clock beyond that, it
   * would have been refused.
   */
  acceptedUntil(connection: Connection): AcceptedUntil | undefined;
  /** The first alert of another host that something expired in exactly the chain that this connection's server sent. */
  calledExpired(connection: Connection): CalledExpired | undefined;
}

/** A chain that was accepted. */
export interface AcceptedUntil {
  /** When the first of its certificates expires, in milliseconds since 1970. */
  readonly until: number;
  readonly by: Answered;
}

/** An alert certificate_expired. */
export type CalledExpired = Pick<Connection, 'client'> & { readonly alert: Alert };

/**
 * Any client, one on the same host, or one there whose ClientHello is of the same kind (JA4), or may be, where the capture lacks
 * this connection's.
 */
export type Accepter = 'anybody' | 'same-host' | 'same-program';

/** What was spoken on a connection without TLS, and the server's first words on it. */
export interface SpokenPlaintext extends Pick<Connection, 'client'> {
  readonly protocol: PlaintextProtocol;
  readonly answer: Pick<PlaintextWords, 'frame' | 'at'>;
}

/** Protocols that are recognised by only a few bytes, with which others may begin too, or that carry others. */
export const WEAKLY_RECOGNISED: ReadonlySet<PlaintextProtocol> = new Set(['kafka', 'socks', 'proxy-protocol']);

/** What both sides spoke; null if it is not known, or if TLS was meant, or asked for. */
export function plaintextSpokenOn(connection: Connection): SpokenPlaintext | null {
  const { outcome, preamble, plaintext, client } = connection;
  if (outcome !== 'not-tls' || (preamble !== null && asksForTls(preamble))) return null;
  const words = plaintext.find(({ from }) => from === 'client');
  const answer = plaintext.find(({ from }) => from === 'server');
  if (words === undefined || answer === undefined || answer.expectsTls) return null;
  // Ports of TLS answer HTTP, too: that they expect TLS, or with its address.
  if (isBadRequest(answer.text) || isRedirect(answer.text)) return null;
  const protocol = answer.protocol ?? words.protocol;
  return protocol === null || WEAKLY_RECOGNISED.has(protocol) ? null : { client, protocol, answer };
}

/** A ClientHello in one segment that a server refused. */
export interface RefusedShort {
  readonly bytes: number;
  readonly hello: Pick<ClientHello, 'frame' | 'at'>;
}

/** A server that accepted a connection is not taken to have changed within so many milliseconds. */
const STILL_SERVING_MS = 5000;
/** Connections that one server did not accept, kept to compare with those it accepted at the same time. */
const MAX_UNCONNECTED = BOUNDS.unconnectedOfServer.value;

/** A connection that its server did not accept, and one that it accepted at about that time. */
interface Unconnected {
  readonly id: string;
  readonly startedAt: Timestamp;
  other: Answered | undefined;
}

interface Collected extends Accepted {
  count: number;
  /** The connections that are examples of anything. */
  readonly examples: AcceptedConnection[];
  readonly recent: LastAccepted;
  readonly beginnings: Map<PreambleKind | null, AcceptedConnection>;
  readonly versions: Map<string, AcceptedConnection>;
  readonly cipherSuites: Map<string, AcceptedConnection>;
  readonly serverNames: Map<string | null, AcceptedConnection>;
  readonly groups: Map<string, AcceptedConnection>;
  readonly applicationProtocols: Map<string, AcceptedConnection>;
  readonly keys: Map<string, AcceptedConnection>;
  readonly signatureSchemes: Map<string, AcceptedConnection>;
  readonly programs: Map<string, AcceptedConnection>;
  full: AcceptedConnection | null;
  resumed: AcceptedConnection | null;
  readonly certificates: Map<string, AcceptedConnection>;
  longestClientHello: readonly [length: number, connection: AcceptedConnection] | null;
  withoutClientCertificate: AcceptedConnection | null;
  split: AcceptedConnection | null;
}

/** Different server names remembered of one server. */
const MAX_SERVER_NAMES = BOUNDS.serverNames.value;
/** Different server names remembered of the ClientHellos that one server refused in one way. */
const MAX_REFUSED_NAMES = BOUNDS.refusedNames.value;
/** Different programs remembered of those that made full handshakes with one server. */
const MAX_PROGRAMS = BOUNDS.programsOfServer.value;
/** Different lists of signature schemes remembered of one server. */
const MAX_SCHEME_LISTS = BOUNDS.schemeLists.value;

const newCollected = (): Collected => ({
  count: 0,
  examples: [],
  recent: { all: [], next: 0 },
  beginnings: new Map(),
  versions: new Map(),
  cipherSuites: new Map(),
  serverNames: new Map(),
  groups: new Map(),
  applicationProtocols: new Map(),
  keys: new Map(),
  signatureSchemes: new Map(),
  programs: new Map(),
  full: null,
  resumed: null,
  certificates: new Map(),
  longestClientHello: null,
  withoutClientCertificate: null,
  split: null,
});

/** Of a server that accepted nobody. */
export const NOTHING_ACCEPTED: Accepted = newCollected();
const NO_STARTS: Churn = { most: 0, count: 0 };

/** What a connection has in common with those that repeat it: where they count, looked up once; undefined before that. */
interface Standing {
  readonly listener: string;
  readonly server: string;
  readonly isFtpControl: boolean;
  /** When the first certificate of the chain expires, if the client accepted that; else null. */
  readonly acceptedUntil: number | null;
  /** What the listener accepted; null if there are too many servers. */
  collected: Collected | null | undefined;
  /** The short connections to the server, by the client's address; null if there are too many to keep any. */
  starts: Map<string, Starts> | null | undefined;
  /** The clients that accepted the chain; null if there are too many chains. */
  acceptors: Map<string, Answered> | null | undefined;
}

const newStanding = (connection: Connection): Standing => ({
  listener: listenerOf(connection),
  server: serverOf(connection),
  isFtpControl: isFtpControl(connection),
  acceptedUntil: hasAcceptedChain(connection) ? firstEnd(connection.serverCertificates) : null,
  collected: undefined,
  starts: undefined,
  acceptors: undefined,
});

/** A connection that lasts no longer, in milliseconds, has carried at most one request. */
export const SHORT_MS = 2000;
/** Milliseconds of the window in which short connections are counted. */
export const CHURN_WINDOW_MS = 60_000;
/**
 * So many within the window are churn. Browsers keep six to a server, and health checks come every few seconds; one every
 * three seconds, for a minute, is a program that does not reuse its connections.
 */
export const CHURNING = 20;
/** Latest short connections kept of one client and server; with this many, the exact number does not matter. */
const MAX_STARTS = BOUNDS.shortConnections.value;
/** Servers whose history is kept, and pairs of client and server with short connections. */
export const MAX_SERVERS = BOUNDS.serverHistory.value;

/** Whether a connection was set up, with a full or abbreviated handshake, and given up soon after. */
export function isShort({ outcome, clientHello, ending, startedAt, endedAt }: Connection): boolean {
  return (
    outcome === 'established' &&
    clientHello !== null &&
    (ending.how === 'close' || ending.how === 'reset') &&
    toMilliseconds(endedAt) - toMilliseconds(startedAt) <= SHORT_MS
  );
}

/** The kind of key that determines which signatures a certificate can make: `RSA`, `ECDSA secp256r1`, `Ed25519`. */
export const keyName = memoize(({ keyType, keyCurve }: Certificate): string =>
  keyCurve === null ? keyType : `${keyType} ${keyCurve}`,
);

/** The kind of the server's key: from its certificate, or from the cipher suite that needs it. */
function shownKey({ serverCertificates, serverHello }: Connection): string | null {
  const leaf = serverCertificates[0];
  if (leaf?.error === null) return keyName(leaf);
  return /_(RSA|ECDSA)_WITH_/.exec(serverHello?.cipherSuite ?? '')?.[1] ?? null;
}

/** Short connections of one client and server. */
interface Starts {
  count: number;
  most: number;
  /** When they began, in milliseconds, in order. */
  readonly times: number[];
}

/** Where `time` belongs in ordered times: the index of the first later one. */
function placeOf(times: readonly number[], time: number): number {
  return lowerBound(times.length, (index) => (times[index] as number) <= time);
}

/** Returns the most within the window. */
function noteStart(starts: Starts, time: number): number {
  const { times } = starts;
  starts.count++;
  const place = placeOf(times, time);
  times.splice(place, 0, time);
  // The fullest of all windows that contain this start.
  for (let first = placeOf(times, time - CHURN_WINDOW_MS - 1e-6); first <= place; first++) {
    const last = placeOf(times, (times[first] ?? time) + CHURN_WINDOW_MS);
    starts.most = Math.max(starts.most, last - first);
    if (last === times.length) break;
  }
  if (times.length > MAX_STARTS) times.shift();
  return starts.most;
}

/** What listens at an address and port, separately for TCP and UDP: the server, or a proxy. */
const listenerOf = sameForRepeats((connection) =>
  connection.transport.kind === 'tcp' ? connectTo(connection) : `${connection.transport.kind} ${connectTo(connection)}`,
);

/** The server: behind a proxy, the one that it was asked for. */
const serverOf = sameForRepeats((connection) => {
  const target = proxyTarget(connection.preamble);
  return target === null ? listenerOf(connection) : `${listenerOf(connection)} ${target}`;
});

/** A service has many addresses, but one name. */
const serviceOf = (connection: Connection): string =>
  `${connection.client.address} ${connection.clientHello?.serverName ?? connectTo(connection)}`;

const schemeList = memoize((names: readonly string[]): string => withoutGreaseAndSignals(names).join());

/** Certificates remembered of one client at one service. */
const MAX_CLIENT_CERTIFICATES = BOUNDS.clientCertificates.value;

/** FTP over TLS from the first byte. */
const IMPLICIT_FTPS = 990;
/** FTP connections remembered of one client and server: the latest. */
const MAX_FTP = BOUNDS.ftpConnections.value;

/** Whether this is an FTP control connection secured by TLS. */
function isFtpControl({ preamble, server, outcome }: Connection): boolean {
  if (outcome !== 'established') return false;
  return preamble === null ? server.port === IMPLICIT_FTPS : innermost(preamble).kind === 'ftp-starttls';
}

const hostsOf = ({ client, server }: Connection): string => `${client.address} ${server.address}`;

const isBetween = ({ startedAt }: Connection, control: Connection): boolean =>
  millisecondsBetween(control.startedAt, startedAt) > 0 && millisecondsBetween(startedAt, control.endedAt) > 0;

/** A chain as sent; empty if none is visible. */
const chainKey = memoize((certificates: readonly Certificate[]): string =>
  certificates.map(({ sha256 }) => sha256).join(' '),
);

/** A kind of ClientHello of one host: what is taken for one program. */
const programOf = ({ client, clientHello }: Connection): string => `${client.address} ${clientHello?.ja4 ?? ''}`;

/** Stacks that verify the chain during the handshake, so that a completed handshake means acceptance. */
const VERIFIES_FIRST: ReadonlySet<Library | null> = new Set(['OpenSSL', 'JSSE', 'Go']);

/** Whether the client accepted the chain: it continued, which it would not have done otherwise. */
function hasAcceptedChain({ serverCertificates, clientHello, phase }: Connection): boolean {
  if (serverCertificates.length === 0 || clientHello === null) return false;
  return phase === 'application-data' || VERIFIES_FIRST.has(libraryOf(clientHello));
}

/** The first ClientHello in one segment that each server refused in each way. */
function createShortRefusals() {
  const first = createBoundedMap<string, RefusedShort>({ size: MAX_SERVERS, whenFull: 'refuse' });
  const counts = new Map<string, number>();
  return {
    add(connection: Connection): void {
      const { clientHello } = connection;
      if (clientHello === null || spansSegments(connection) !== false) return;
      const refusal = helloRefusal(connection);
      const bytes = helloBytes(connection);
      const server = serverOf(connection);
      const key = `${server} ${refusal?.way ?? ''}`;
      if (refusal === undefined || bytes === null) return;
      first.getOrAdd(key, () => {
        counts.set(server, (counts.get(server) ?? 0) + 1);
        return { bytes, hello: { frame: clientHello.frame, at: clientHello.at } };
      });
    },
    of: (connection: Connection, way: string): RefusedShort | undefined => first.get(`${serverOf(connection)} ${way}`),
    count: (connection: Connection): number => counts.get(serverOf(connection)) ?? 0,
  };
}

/** The server names with which each server refused a ClientHello in each way, up to `MAX_REFUSED_NAMES`. */
function createRefusedNames() {
  const refused = createBoundedMap<string, Set<string | null>>({ size: MAX_SERVERS, whenFull: 'refuse' });
  const keyOf = (connection: Connection): string | undefined => {
    const way = helloRefusal(connection)?.way;
    return way && `${serverOf(connection)} ${way}`;
  };
  return {
    add(connection: Connection): void {
      const { clientHello } = connection;
      const key = keyOf(connection);
      if (clientHello === null || key === undefined) return;
      refused.getOrAdd(key, () => createBoundedSet(MAX_REFUSED_NAMES))?.add(clientHello.serverName);
    },
    of: (connection: Connection): ReadonlySet<string | null> => refused.get(keyOf(connection) ?? '') ?? NO_NAMES,
  };
}

const NO_NAMES: ReadonlySet<string | null> = new Set();

/** What is kept to cite a connection whose ClientHello was answered. */
export interface AnsweredInTls extends Pick<Connection, 'client'> {
  readonly serverHello: Pick<ServerHello, 'frame' | 'at' | 'version'>;
}

/** For each server: the first ServerHello on a connection that began with TLS and failed. */
function createAnsweredInTls() {
  const first = createBoundedMap<string, AnsweredInTls>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add(connection: Connection): void {
      const { client, clientHello, serverHello, preamble } = connection;
      if (clientHello === null || serverHello === null || preamble !== null) return;
      const { frame, at, version } = serverHello;
      first.getOrAdd(serverOf(connection), () => ({ client, serverHello: { frame, at, version } }));
    },
    of: (connection: Connection): AnsweredInTls | undefined => first.get(serverOf(connection)),
  };
}

/** bad_record_mac and decrypt_error (RFC 8446 §6.2). */
const UNVERIFIED: ReadonlySet<number | null> = new Set([20, 51]);

/** For each server: the first alert in the clear that what it sent in TLS 1.3 does not decrypt or verify. */
function createUnverified() {
  const first = createBoundedMap<string, Alert>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add(connection: Connection): void {
      if (connection.serverHello?.version !== 'TLS 1.3') return;
      const said = connection.alerts.find(
        ({ from, encrypted, code }) => from === 'client' && !encrypted && UNVERIFIED.has(code),
      );
      if (said !== undefined) first.getOrAdd(serverOf(connection), () => said);
    },
    of: (connection: Connection): Alert | undefined => first.get(serverOf(connection)),
  };
}

/** The first connection to each server on which both sides spoke a known protocol in plaintext. */
function createSpokenPlaintext() {
  const spoken = createBoundedMap<string, SpokenPlaintext>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add(connection: Connection): void {
      const server = serverOf(connection);
      if (spoken.has(server)) return;
      const words = plaintextSpokenOn(connection);
      if (words !== null) spoken.set(server, words);
    },
    of: (connection: Connection): SpokenPlaintext | undefined => spoken.get(serverOf(connection)),
  };
}

/** Short connections of each client and server. */
function createShortConnections() {
  /** By server, and there by the client's address: to look up a text made of both takes several times as long. */
  const byServer = new Map<string, Map<string, Starts>>();
  let pairs = 0;
  /** Of any pair. */
  let mostOfAll = 0;
  const clientsOf = (server: string): Map<string, Starts> | null => {
    const known = byServer.get(server);
    if (known !== undefined || pairs >= MAX_SERVERS) return known ?? null;
    const clients = new Map<string, Starts>();
    byServer.set(server, clients);
    return clients;
  };
  return {
    add({ client, startedAt }: Connection, standing: Standing): void {
      if (standing.starts === undefined) standing.starts = clientsOf(standing.server);
      const clients = standing.starts;
      let own = clients?.get(client.address);
      if (own === undefined) {
        if (clients === null || pairs >= MAX_SERVERS) return;
        pairs++;
        clients.set(client.address, (own = { count: 0, most: 0, times: [] }));
      }
      mostOfAll = Math.max(mostOfAll, noteStart(own, toMilliseconds(startedAt)));
    },
    of: (connection: Connection, least = 0): Churn => {
      if (mostOfAll < least) return NO_STARTS;
      const { most, count } = byServer.get(serverOf(connection))?.get(connection.client.address) ?? NO_STARTS;
      return { most, count };
    },
  };
}

const NONE: readonly Unconnected[] = [];

/** Connections that servers did not accept, each with one that the server accepted at about that time. */
function createUnconnected(acceptedAround: (server: string, connection: Connection) => Answered | undefined) {
  const unconnected = createBoundedMap<string, Unconnected[]>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add(connection: Connection): void {
      const server = connectTo(connection);
      const known = unconnected.getOrAdd(server, () => []);
      if (known === undefined || known.length >= MAX_UNCONNECTED) return;
      const { id, startedAt } = connection;
      known.push({ id, startedAt, other: acceptedAround(server, connection) });
    },
    /** The server has accepted a connection; returns whether that was needed. */
    accepted(server: string, answered: Answered): boolean {
      const own = unconnected.size === 0 ? undefined : unconnected.get(server);
      let isNeeded = false;
      for (const one of own ?? NONE) {
        if (one.other !== undefined || !isAround(one, answered)) continue;
        one.other = answered;
        isNeeded = true;
      }
      return isNeeded;
    },
    around: (connection: Connection): Answered | undefined =>
      unconnected.get(connectTo(connection))?.find(({ id }) => id === connection.id)?.other,
  };
}

/** Gives up the oldest entries of a table, and releases their connections. */
const tableHolder = <Value>(
  what: HeldPhrase,
  table: Pick<BoundedMap<string, Value>, 'delete' | typeof Symbol.iterator>,
  connectionsOf: (value: Value) => Iterable<WeighedConnection>,
  held: HeldConnections,
): MemoryHolder => ({
  what,
  bytes: () => 0,
  giveUp() {
    const [oldest] = table;
    if (oldest === undefined) return 0;
    table.delete(oldest[0]);
    for (const connection of connectionsOf(oldest[1])) held.release(connection);
    return 1;
  },
});

/** FTP control connections with TLS, by client and server. */
function createFtpControls(held: HeldConnections) {
  const controls = createBoundedMap<string, Connection[]>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add(connection: Connection): void {
      const known = controls.getOrAdd(hostsOf(connection), () => []);
      if (known === undefined) return;
      known.push(connection);
      const forgotten = known.length > MAX_FTP ? known.shift() : undefined;
      if (forgotten !== undefined) held.release(forgotten);
      held.hold(connection);
    },
    of: (connection: Connection): Connection | undefined =>
      controls
        .get(hostsOf(connection))
        ?.find((control) => control.server.port !== connection.server.port && isBetween(connection, control)),
    holder: tableHolder('ftp', controls, (known) => known, held),
  };
}

/** The certificates that clients sent to services, each with the first connection that has it. */
function createClientCertificates(held: HeldConnections) {
  const shown = createBoundedMap<string, BoundedMap<string, Connection>>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add(connection: Connection): void {
      const [leaf] = connection.clientCertificates;
      if (leaf === undefined) return;
      const own = shown.getOrAdd(serviceOf(connection), () =>
        createBoundedMap({ size: MAX_CLIENT_CERTIFICATES, whenFull: 'refuse' }),
      );
      if (own?.has(leaf.sha256) === false && own.set(leaf.sha256, connection)) held.hold(connection);
    },
    of: (connection: Connection): readonly Connection[] => [...(shown.get(serviceOf(connection))?.values() ?? [])],
    holder: tableHolder('services', shown, (own) => own.values(), held),
  };
}

/**
 * For each chain that a client accepted: the first connection in which one did, the first on each host, and the first of each
 * program there.
 */
function createAcceptedChains() {
  const accepted = createBoundedMap<string, Map<string, Answered>>({ size: MAX_SERVERS, whenFull: 'refuse' });
  const newClients = (): Map<string, Answered> => new Map();
  let known = 0;
  return {
    add(connection: Connection, answered: Answered, standing: Standing): void {
      if (standing.acceptors === undefined) {
        standing.acceptors = accepted.getOrAdd(chainKey(connection.serverCertificates), newClients) ?? null;
      }
      const clients = standing.acceptors;
      // Most come when there is no room: no text is made for those.
      if (clients === null || (clients.size > 0 && known >= MAX_SERVERS)) return;
      for (const client of [connection.client.address, programOf(connection)]) {
        if (clients.has(client) || (clients.size > 0 && known >= MAX_SERVERS)) continue;
        clients.set(client, answered);
        known++;
      }
    },
    of: (connection: Connection, by: Accepter): Answered | undefined => {
      const clients = accepted.get(chainKey(connection.serverCertificates));
      const isHostEnough = by === 'same-host' || (by === 'same-program' && connection.clientHello === null);
      if (isHostEnough) return clients?.get(connection.client.address);
      if (by === 'same-program') return clients?.get(programOf(connection));
      // The first of a map is the oldest.
      for (const first of clients?.values() ?? []) return first;
      return undefined;
    },
  };
}

/** When the first certificate of a chain expires, in milliseconds since 1970: infinite without one, NaN if one is unreadable. */
export const firstEnd = (certificates: readonly Certificate[]): number =>
  certificates.reduce((first, certificate) => Math.min(first, periodOf(certificate).ends), Infinity);

/** For each host: of the chains that its clients accepted, the one that ends first. */
function createAcceptedUntil() {
  const earliest = createBoundedMap<string, AcceptedUntil>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add({ client: { address } }: Connection, by: Answered, until: number): void {
      const known = earliest.get(address);
      if (known === undefined && earliest.size >= MAX_SERVERS) return;
      if (until < (known?.until ?? Infinity)) earliest.set(address, { until, by });
    },
    of: ({ client }: Connection): AcceptedUntil | undefined => earliest.get(client.address),
  };
}

/** certificate_expired (RFC 8446 §6.2). */
const EXPIRED = 45;

/** For each chain: the first alerts of two hosts that something in it expired. */
function createCalledExpired() {
  const called = createBoundedMap<string, CalledExpired[]>({ size: MAX_SERVERS, whenFull: 'refuse' });
  return {
    add({ client, serverCertificates, alerts }: Connection): void {
      const alert = alerts.find(({ from, code, encrypted }) => from === 'client' && code === EXPIRED && !encrypted);
      if (alert === undefined || serverCertificates.length === 0) return;
      const known = called.getOrAdd(chainKey(serverCertificates), () => []);
      if (known === undefined || known.length > 1 || known[0]?.client.address === client.address) return;
      known.push({ client, alert });
    },
    of: ({ client, serverCertificates }: Connection): CalledExpired | undefined =>
      called.get(chainKey(serverCertificates))?.find((one) => one.client.address !== client.address),
  };
}

const isKept = (message: HandshakeMessage): boolean => message.type === 'client_hello' || holdsCertificates(message);

export const acceptedConnection = (connection: Connection): AcceptedConnection => ({
  client: connection.client,
  server: connection.server,
  startedAt: connection.startedAt,
  endedAt: connection.endedAt,
  preamble: connection.preamble,
  plaintext: connection.plaintext,
  clientHello: connection.clientHello,
  serverHello: connection.serverHello,
  serverCertificates: connection.serverCertificates,
  timing: connection.timing,
  messages: connection.messages.filter(isKept),
  isServed: isServed(connection),
  spansSegments: spansSegments(connection),
});

/**
 * Notes what a connection shows that its server accepts; returns what is kept of it if it is the first example of anything, else
 * null.
 */
function noteAccepted(
  collected: Collected,
  connection: Connection,
  clientHello: ClientHello,
  serverHello: ServerHello,
): AcceptedConnection | null {
  let kept: AcceptedConnection | null = null;
  const keep = (): AcceptedConnection => (kept ??= acceptedConnection(connection));
  const note = <K>(map: Map<K, AcceptedConnection>, value: K, most = Infinity): void => {
    if (!map.has(value) && map.size < most) map.set(value, keep());
  };
  note(collected.beginnings, connection.preamble?.kind ?? null);
  note(collected.versions, serverHello.version);
  note(collected.cipherSuites, serverHello.cipherSuite);
  note(collected.serverNames, clientHello.serverName, MAX_SERVER_NAMES);
  if (serverHello.group !== null) note(collected.groups, serverHello.group);
  if (serverHello.alpn !== null) note(collected.applicationProtocols, serverHello.alpn);
  const schemes = serverHello.resumed ? '' : schemeList(clientHello.signatureSchemes);
  if (schemes !== '') note(collected.signatureSchemes, schemes, MAX_SCHEME_LISTS);
  if (serverHello.resumed) collected.resumed ??= keep();
  else {
    collected.full ??= keep();
    note(collected.programs, `${clientHello.ja4} ${clientHello.serverName ?? ''}`, MAX_PROGRAMS);
  }
  if (hasSentEmptyCertificate(connection) && isServed(connection)) collected.withoutClientCertificate ??= keep();
  if (collected.split === null && beginningOfSplitHello(connection) !== null) collected.split = keep();
  const key = shownKey(connection);
  if (key !== null) note(collected.keys, key);
  const leaf = connection.serverCertificates[0];
  if (leaf !== undefined) note(collected.certificates, leaf.sha256, MAX_SERVER_NAMES);
  const length = connection.messages.find(({ type }) => type === 'client_hello')?.length ?? 0;
  if (length > (collected.longestClientHello?.[0] ?? 0)) collected.longestClientHello = [length, keep()];
  return kept;
}

/** Gathers what worked: `add` is called with every connection of the capture, in any order. */
export function createServerHistory(
  held: HeldConnections = createHeldConnections(),
): ServerHistory & { readonly holders: readonly MemoryHolder[]; add(connection: Connection): void } {
  const servers = createBoundedMap<string, Collected>({ size: MAX_SERVERS, whenFull: 'refuse' });
  const shortRefusals = createShortRefusals();
  const refusedNames = createRefusedNames();
  const unverified = createUnverified();
  const answeredInTls = createAnsweredInTls();
  const spoken = createSpokenPlaintext();
  const shortConnections = createShortConnections();
  const unconnected = createUnconnected((server, connection) => {
    const collected = servers.get(server);
    return collected && answeredAround(collected.recent, connection);
  });
  const ftpControls = createFtpControls(held);
  const clientCertificates = createClientCertificates(held);
  const acceptedChains = createAcceptedChains();
  const acceptedUntil = createAcceptedUntil();
  const calledExpired = createCalledExpired();

  let standingOfRepeats = memoize(newStanding);

  const collectedOf = (standing: Standing): Collected | null =>
    standing.collected === undefined
      ? (standing.collected = servers.getOrAdd(standing.listener, newCollected) ?? null)
      : standing.collected;

  function noteAnswered(
    collected: Collected | null,
    answered: Answered,
    connection: Connection,
    clientHello: ClientHello,
    serverHello: ServerHello,
  ): void {
    if (collected === null) return;
    collected.count++;
    noteRecent(collected.recent, answered);
    // The connection that this one repeats has already shown everything.
    if (connection.repeats !== undefined && collected.count > 1) return;
    const kept = noteAccepted(collected, connection, clientHello, serverHello);
    if (kept === null) return;
    collected.examples.push(kept);
    held.hold(kept);
  }

  function addEstablished(
    connection: Connection,
    standing: Standing,
    clientHello: ClientHello,
    serverHello: ServerHello,
  ): void {
    const { client, startedAt } = connection;
    const answered = {
      client,
      startedAt,
      nameUsed: connection.phase === 'application-data' ? clientHello.serverName : undefined,
      serverHello: { frame: serverHello.frame, at: serverHello.at },
    };
    if (standing.acceptedUntil !== null) {
      acceptedChains.add(connection, answered, standing);
      acceptedUntil.add(connection, answered, standing.acceptedUntil);
    }
    const { listener, server } = standing;
    const collected = collectedOf(standing);
    noteAnswered(collected, answered, connection, clientHello, serverHello);
    if (unconnected.accepted(listener, answered) && collected !== null) keepAnswered(collected.recent, answered);
    // What works through a proxy tells of the proxy, too: how to talk to it.
    if (server !== listener) {
      noteAnswered(servers.getOrAdd(server, newCollected) ?? null, answered, connection, clientHello, serverHello);
    }
  }

  function holderOfServers(): MemoryHolder {
    const holder = tableHolder('servers', servers, ({ examples }) => examples, held);
    return {
      ...holder,
      giveUp() {
        // What repeats have in common is looked up again.
        standingOfRepeats = memoize(newStanding);
        return holder.giveUp();
      },
    };
  }

  return {
    add(connection) {
      const { repeats: like, outcome, clientHello, serverHello } = connection;
      if (like === undefined) clientCertificates.add(connection);
      if (like === undefined && isUnconnected(connection)) unconnected.add(connection);
      if (outcome === 'failed') {
        shortRefusals.add(connection);
        refusedNames.add(connection);
        unverified.add(connection);
        calledExpired.add(connection);
        answeredInTls.add(connection);
      }
      if (outcome === 'not-tls') spoken.add(connection);
      if (outcome !== 'established') return;
      const standing = like === undefined ? newStanding(connection) : standingOfRepeats(like);
      if (standing.isFtpControl) ftpControls.add(connection);
      if (isShort(connection)) shortConnections.add(connection, standing);
      if (clientHello !== null && serverHello !== null) addEstablished(connection, standing, clientHello, serverHello);
    },
    holders: [ftpControls.holder, clientCertificates.holder, holderOfServers()],
    refusedShort: shortRefusals.of,
    shortRefusals: shortRefusals.count,
    refusedNames: refusedNames.of,
    unverifiedAt: unverified.of,
    answeredInTls: answeredInTls.of,
    plaintextAt: spoken.of,
    acceptedBy: (connection) => servers.get(serverOf(connection)) ?? NOTHING_ACCEPTED,
    isServing(connection) {
      const earliest = toMilliseconds(connection.startedAt) - STILL_SERVING_MS;
      const collected = servers.get(serverOf(connection));
      return collected !== undefined && isAnySince(collected.recent, earliest);
    },
    churnOf: shortConnections.of,
    ftpControlOf: ftpControls.of,
    acceptedAround: unconnected.around,
    acceptedChain: acceptedChains.of,
    acceptedUntil: acceptedUntil.of,
    calledExpired: calledExpired.of,
    clientCertificatesOf: clientCertificates.of,
  };
}
