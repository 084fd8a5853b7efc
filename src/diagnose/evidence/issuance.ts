import { type BoundedMap, createBoundedMap } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import { toMilliseconds, type Timestamp } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { memoize } from '../../memoize.js';
import type { MemoryHolder } from '../../memory.js';
import { isProxy } from '../../preamble/preamble.js';
import type { Certificate } from '../../x509/certificate.js';
import { periodOf } from '../../x509/validity.js';

// How authorities issue certificates: on demand, for unrelated domains, with a serial number twice; and what proxies send in
// their clients' place.

type Mark = 'on-demand' | 'unrelated' | 'per-connection' | null;

/**
 * What the connections of a capture show together of how their certificates were issued, and of proxies that decrypt.
 */
export interface Issuance {
  /**
   * What marks the authority of this connection's certificate. `on-demand`: its certificates, made at different times,
   * are all as old as the connections that they are for. `unrelated`: it has certificates for names of domains that
   * have nothing in common, at several servers. `per-connection`: a server sent three or more, with the same subject and
   * dates, each on one connection alone. Null if nothing does.
   */
  markOf(connection: Connection): Mark;
  /**
   * The connection that the proxy of this one opened while this one lasted: to the same name, with a ClientHello of its
   * own. A proxy that only forwards sends that of its client. Null if none is seen.
   */
  ownHelloOf(connection: Connection): OwnHello | null;
  /**
   * Another certificate with the issuer and serial number of this connection's, which a server sent before or later: an
   * authority may use a serial number once (RFC 5280 §4.1.2.2). Null if there is none.
   */
  serialTwinOf(connection: Connection): SerialTwin | null;
}

/** A certificate that has the issuer and serial number of another, by the first connection that showed it. */
export interface SerialTwin extends Pick<Connection, 'client' | 'server'> {
  readonly sha256: string;
  readonly subject: string;
  readonly frame: number;
  readonly at: Connection['startedAt'];
}

/** A ClientHello that a proxy sent in its client's place. */
export interface OwnHello extends Pick<Connection, 'server'> {
  readonly frame: number;
  readonly at: Connection['startedAt'];
}

/** A certificate, by the first connection that showed it. */
interface Leaf {
  /** What marks its authority, by so many of its certificates; null if nobody has asked. */
  mark: { readonly among: number; readonly is: Mark } | null;
  readonly startedAt: number;
  /** Milliseconds from its beginning to the connection. */
  readonly age: number;
  readonly domain: string | null;
  /** In how many connections. */
  shown: number;
  /** The same for certificates of one place and name that differ in neither subject nor dates. */
  readonly kind: string;
  /** The server, or where a proxy was asked for it, the name. */
  readonly place: string;
}

/** Issuers and serial numbers that are compared. */
const MAX_SERIALS = BOUNDS.comparedSerials.value;
/** Certificates compared for one authority: the first. */
const MAX_LEAVES = BOUNDS.leavesOfAuthority.value;
/** Authorities that are compared. */
const MAX_AUTHORITIES = BOUNDS.comparedAuthorities.value;
/** Connections compared to find those of proxies: those that ended last. */
const MAX_COMPARED = BOUNDS.proxiedConnections.value;
/** Proxied connections of which it is known what their proxies sent. */
const MAX_ASKED = BOUNDS.waitingFailures.value;
/** Nominal bytes of a leaf, with its names, which are no longer than this together. */
const LEAF_BYTES = 512;
const LONGEST_NAMES = 1024;
/** Two ages that differ by less, in milliseconds, are the same: certificates have seconds. */
const SAME_AGE_MS = 2000;
/** Connections that begin further apart than this, in milliseconds, do not count as simultaneous. */
const APART_MS = 3000;
/** So many certificates as old as their connections are no coincidence; one fewer if they were made within these milliseconds. */
const MADE_ALIKE = 3;
const JUST_MADE_MS = 5000;
/** So many certificates that are alike are no renewal. */
const ALIKE = 3;
/** So many domains have nothing in common. */
const UNRELATED = 3;

/** Top-level domains that are reserved or for private use (RFC 2606, RFC 6762, RFC 8375, and ICANN's .internal). */
const PRIVATE: ReadonlySet<string> = new Set(
  'arpa corp example home internal intranet invalid lan local localdomain localhost onion private test'.split(' '),
);

/**
 * The part of a public name that its owner registered, roughly: without a list of suffixes. Null for a private name.
 */
function domainOf(name: string): string | null {
  const labels = name.toLowerCase().split('.');
  const top = labels.at(-1) ?? '';
  const second = labels.at(-2);
  if (second === undefined || PRIVATE.has(top) || /\d$/.test(top) || second === 'example') return null;
  const isCountrys = top.length === 2 && second.length <= 3 && labels.length > 2;
  return labels.slice(isCountrys ? -3 : -2).join('.');
}

/** Certificates kept with one issuer and serial number: two show that it was used twice. */
const MOST_TWINS = 2;

/** Whether names and serial number are short enough to be kept; those of real authorities are. */
const isShort = ({ issuer, subject, serialNumber }: Certificate): boolean =>
  issuer.length + subject.length + serialNumber.length <= LONGEST_NAMES;

const serialOf = memoize(({ issuer, serialNumber }: Certificate): string => `${serialNumber} ${issuer}`);

const authorityOf = memoize(
  ({ issuer, authorityKeyIdentifier }: Certificate): string => `${authorityKeyIdentifier ?? ''} ${issuer}`,
);

/** A name that a proxy leads to, or may open a connection to. */
interface NamedConnection extends OwnHello {
  readonly id: string;
  readonly name: string;
  readonly random: string;
  readonly from: string;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
}

const isWithin = (time: Timestamp, { startedAt, endedAt }: Pick<Connection, 'startedAt' | 'endedAt'>): boolean =>
  toMilliseconds(startedAt) <= toMilliseconds(time) && toMilliseconds(time) <= toMilliseconds(endedAt);

function namedOf({ id, clientHello, client, server, startedAt, endedAt }: Connection): NamedConnection | null {
  const name = clientHello?.serverName ?? null;
  if (clientHello === null || name === null) return null;
  const { random, frame, at } = clientHello;
  return { id, name, random, from: client.address, server, frame, at, startedAt, endedAt };
}

function newLeaf(leaf: Certificate, name: string, { preamble, server, startedAt }: Connection): Leaf {
  const begun = toMilliseconds(startedAt);
  const place = preamble !== null && isProxy(preamble) ? name : server.address;
  return {
    shown: 1,
    kind: [place, name, leaf.subject, leaf.notBefore, leaf.notAfter].join('\n'),
    startedAt: begun,
    age: begun - periodOf(leaf).begins,
    domain: domainOf(name),
    mark: null,
    place,
  };
}

/** Gathers certificates and ClientHellos: `add` is called with every connection of the capture, in any order. */
export function createIssuance(): Issuance & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  const authorities = createBoundedMap<string, BoundedMap<string, Leaf>>({
    size: MAX_AUTHORITIES,
    whenFull: 'refuse',
  });
  const proxied = createLatest();
  const opened = createLatest();
  /** What a proxy sent for a connection, by its id: a hello of its own, or that of its client. */
  const sent = createBoundedMap<string, OwnHello | 'forwarded'>({ size: MAX_ASKED, whenFull: 'forget oldest' });
  const serials = createBoundedMap<string, SerialTwin[]>({ size: MAX_SERIALS, whenFull: 'refuse' });
  let leaves = 0;

  function addSerial({ serverCertificates: [leaf], serverHello, client, server }: Connection): void {
    if (leaf?.error !== null || serverHello === null || !isShort(leaf)) return;
    const { sha256, subject } = leaf;
    const known = serials.getOrAdd(serialOf(leaf), () => []);
    if (known === undefined || known.length >= MOST_TWINS || known.some((twin) => twin.sha256 === sha256)) return;
    known.push({ sha256, subject, client, server, frame: serverHello.frame, at: serverHello.at });
  }

  const newLeaves = (): BoundedMap<string, Leaf> => createBoundedMap({ size: MAX_LEAVES, whenFull: 'refuse' });

  function addLeaf(connection: Connection): void {
    const leaf = connection.serverCertificates[0];
    const name = connection.clientHello?.serverName ?? null;
    if (leaf === undefined || name === null || leaf.selfIssued || leaf.error !== null || !isShort(leaf)) return;
    const known = authorities.getOrAdd(authorityOf(leaf), newLeaves);
    const own = known?.get(leaf.sha256);
    if (own !== undefined) own.shown++;
    else if (known !== undefined && known.size < MAX_LEAVES) {
      known.set(leaf.sha256, newLeaf(leaf, name, connection));
      leaves++;
    }
  }

  function compare(asked: NamedConnection, named: NamedConnection): void {
    if (asked.server.address !== named.from || asked.name !== named.name) return;
    if (named.random === asked.random) sent.set(asked.id, 'forwarded');
    else if (isWithin(named.startedAt, asked) && !sent.has(asked.id)) {
      sent.set(asked.id, { server: named.server, frame: named.frame, at: named.at });
    }
  }

  return {
    add(connection) {
      // What one repeats has the same certificates.
      if (connection.repeats === undefined) addSerial(connection);
      addLeaf(connection);
      const named = namedOf(connection);
      if (named === null) return;
      if (connection.preamble !== null && isProxy(connection.preamble)) {
        proxied.add(named);
        for (const one of opened.all) compare(named, one);
      } else {
        opened.add(named);
        for (const one of proxied.all) compare(one, named);
      }
    },
    holder: {
      what: null,
      bytes: () => (leaves + serials.size + sent.size) * LEAF_BYTES,
      giveUp() {
        const count = leaves + serials.size + sent.size;
        authorities.clear();
        serials.clear();
        sent.clear();
        leaves = 0;
        return count;
      },
    },
    markOf({ serverCertificates: [leaf] }) {
      if (leaf === undefined || leaf.selfIssued) return null;
      const known = authorities.get(authorityOf(leaf));
      const own = known?.get(leaf.sha256);
      if (known === undefined || own === undefined) return null;
      // Asked for each failure, and only a new certificate changes it.
      if (own.mark?.among !== known.size) own.mark = { among: known.size, is: markAmong(own, [...known.values()]) };
      return own.mark.is ?? (isPerConnection(own, known) ? 'per-connection' : null);
    },
    serialTwinOf({ serverCertificates: [leaf] }) {
      if (leaf === undefined) return null;
      return serials.get(serialOf(leaf))?.find(({ sha256 }) => sha256 !== leaf.sha256) ?? null;
    },
    ownHelloOf({ id }) {
      const hello = sent.get(id);
      return hello === undefined || hello === 'forwarded' ? null : hello;
    },
  };
}

const markAmong = (own: Leaf, leaves: readonly Leaf[]): Mark =>
  isOnDemand(own, leaves) ? 'on-demand' : isUnrelated(leaves) ? 'unrelated' : null;

/** Whether certificates of an authority are as old as their connections, which began at different times. */
function isOnDemand(own: Leaf, leaves: readonly Leaf[]): boolean {
  const startsOfSameAge = leaves
    .filter(({ age }) => Math.abs(age - own.age) <= SAME_AGE_MS)
    .map(({ startedAt }) => startedAt)
    .sort((a, b) => a - b);
  let apart = 0;
  let last = -Infinity;
  for (const startedAt of startsOfSameAge) {
    if (startedAt - last < APART_MS) continue;
    apart++;
    last = startedAt;
  }
  const isJustMade = own.age >= -SAME_AGE_MS && own.age <= JUST_MADE_MS;
  return apart >= (isJustMade ? 2 : MADE_ALIKE);
}

function isUnrelated(leaves: readonly Leaf[]): boolean {
  const known = leaves.filter(({ domain }) => domain !== null);
  return (
    new Set(known.map(({ domain }) => domain)).size >= UNRELATED && new Set(known.map(({ place }) => place)).size >= 2
  );
}

/** Whether certificates that are alike came on one connection each: nobody has so many for one purpose, but for several servers. */
function isPerConnection(own: Leaf, leaves: Pick<BoundedMap<string, Leaf>, 'values'>): boolean {
  if (own.shown > 1) return false;
  const alike = [...leaves.values()].filter(({ kind }) => kind === own.kind);
  return alike.length >= ALIKE && alike.every(({ shown }) => shown === 1);
}

/** The latest of some. */
function createLatest() {
  const all: NamedConnection[] = [];
  let oldest = 0;
  return {
    all: all as readonly NamedConnection[],
    add(named: NamedConnection): void {
      all[oldest] = named;
      oldest = (oldest + 1) % MAX_COMPARED;
    },
  };
}
