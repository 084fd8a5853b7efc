import { BOUNDS } from '../../bounds.js';
import { createBoundedMap, createBoundedSet } from '../../bounded-map.js';
import { millisecondsBetween, toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import { periodOf } from '../../x509/validity.js';
import { encryptsHandshake } from './offers.js';
import { connectTo } from './places.js';
import { closedOnServerFlight } from './refusals.js';

// Monitors and scanners that look at a server's answer and leave, without a word. Stacks that refuse a certificate say so by an
// alert, or as they are known to (Node.js): what remains is told from a client that gives up by its clock or by its targets.

/** The clients of a capture that look and leave. */
export interface Looks {
  add(connection: Connection): void;
  /** Whether the client left as it does at many servers, or at this one at regular times, and never went on. */
  has(connection: Connection): boolean;
  readonly giveUp: () => number;
}

/** So many servers left alike make a scan. */
const SERVERS = 10;
/** So many looks at one server show whether their times are regular. */
const LEAST_LOOKS = 4;
/** Milliseconds between the looks of a monitor, at least: programs repeat a failed try sooner. */
const LEAST_PERIOD_MS = 4000;
/** The part of a period by which a monitor's look may be early or late. */
const JITTER = 0.1;
/** Milliseconds within which a client that only looks leaves, once it has the answer. */
const AT_ONCE_MS = 500;

/** Stacks of which a program may refuse a certificate in this way (Node.js; Bun on BoringSSL). */
const REFUSE_SILENTLY: ReadonlySet<Library | null> = new Set<Library>(['Node.js', 'BoringSSL']);

const MAX_KEYS = BOUNDS.racingConnections.value;
const MAX_TIMES = BOUNDS.fallbackTries.value;
const MAX_CLIENTS = BOUNDS.continuingClients.value;

/** The looks of one program of one client, at one server or at all. */
interface Visits {
  readonly servers: Set<string>;
  /** When they began, the first ones, in milliseconds. */
  readonly times: number[];
}

const MAX_PROGRAMS = BOUNDS.continuingPrograms.value;

/** The clients that went on at least once, with the programs that did (their JA4): those want more than to look. */
function createContinuing() {
  // A ClientHello that is not known may be any program's.
  const programs = createBoundedMap<string, (string | undefined)[]>({ size: MAX_CLIENTS, whenFull: 'refuse' });
  let isFull = false;
  return {
    /** Called with every connection that worked: no key is made for it. */
    add({ client: { address }, clientHello }: Connection): void {
      const known = programs.get(address);
      const program = clientHello?.ja4;
      if (known === undefined) {
        if (programs.size < MAX_CLIENTS) programs.set(address, [program]);
        else isFull = true;
      } else if (!known.includes(program) && !known.includes(undefined))
        known.push(known.length < MAX_PROGRAMS ? program : undefined);
    },
    /** Whether this program may have gone on: true also where it is not known. */
    mayHold({ client: { address }, clientHello }: Connection): boolean {
      const known = programs.get(address);
      return known === undefined ? isFull : known.includes(undefined) || known.includes(clientHello?.ja4);
    },
    giveUp(): number {
      const { size } = programs;
      programs.clear();
      isFull = true;
      return size;
    },
  };
}

/** Nothing was seen yet. */
export function createLooks(): Looks {
  const everywhere = createBoundedMap<string, Visits>({ size: MAX_KEYS, whenFull: 'forget oldest' });
  const atServer = createBoundedMap<string, Visits>({ size: MAX_KEYS, whenFull: 'forget oldest' });
  const continuing = createContinuing();
  const newVisits = (): Visits => ({ servers: createBoundedSet(SERVERS), times: [] });
  const note = ({ servers, times }: Visits, server: string, connection: Connection): void => {
    servers.add(server);
    if (times.length < MAX_TIMES) times.push(toMilliseconds(connection.startedAt));
  };

  return {
    add(connection) {
      if (hasGoneOn(connection)) {
        continuing.add(connection);
        return;
      }
      const program = programOf(connection);
      if (program === null || !isLook(connection)) return;
      const server = connectTo(connection);
      note(everywhere.getOrMake(program, newVisits), server, connection);
      note(atServer.getOrMake(`${program} ${server}`, newVisits), server, connection);
    },
    has(connection) {
      const program = programOf(connection);
      if (program === null || !isLook(connection) || continuing.mayHold(connection)) return false;
      const here = atServer.get(`${program} ${connectTo(connection)}`);
      return (everywhere.get(program)?.servers.size ?? 0) >= SERVERS || (here !== undefined && isRegular(here.times));
    },
    giveUp() {
      const size = everywhere.size + atServer.size + continuing.giveUp();
      everywhere.clear();
      atServer.clear();
      return size;
    },
  };
}

const programOf = ({ clientHello, client }: Connection): string | null =>
  clientHello === null ? null : `${client.address} ${clientHello.ja4}`;

/** Whether the client sent more than its ClientHello, or was served. */
const hasGoneOn = ({ outcome, messages, alerts, encryptedRecords }: Connection): boolean =>
  outcome === 'established' ||
  [...alerts, ...encryptedRecords].some(({ from }) => from === 'client') ||
  messages.some(({ from, type }) => from === 'client' && type !== 'client_hello');

/** Whether the client left as soon as it had the server's answer, without a word, and not as its stack does when it refuses. */
function isLook(connection: Connection): boolean {
  const { outcome, clientHello, serverHello, preamble, transport, ending, alerts } = connection;
  if (outcome !== 'failed' || clientHello === null || serverHello === null || preamble !== null) return false;
  if (transport.kind !== 'tcp' || transport.client.missing + transport.server.missing > 0) return false;
  const { by, how, frame, at } = ending;
  if (by !== 'client' || how !== 'close' || at === null || frame === null) return false;
  if (!isFlightComplete(connection) || hasVisibleFault(connection)) return false;
  if (transport.client.retransmissions + transport.server.retransmissions > 0) return false;
  // What the server says after the client has left is only a reaction to that (OpenSSL: decode_error).
  if (alerts.some((alert) => alert.frame <= frame)) return false;
  if (hasGoneOn(connection) || connection.certificateRequest !== null) return false;
  if (REFUSE_SILENTLY.has(libraryOf(clientHello)) || closedOnServerFlight(connection) === 'refusal') return false;
  const answer = connection.transcript.findLast((event) => event.from === 'server' && event.frame < frame);
  return answer !== undefined && millisecondsBetween(answer.at, at) <= AT_ONCE_MS;
}

/** Bytes of the records of a TLS 1.3 server's flight, at least: it holds a certificate. */
const LEAST_FLIGHT = 400;

/** Whether the server has said all before it is the client's turn, as far as TLS 1.3 shows that. */
function isFlightComplete({ serverHello, messages, encryptedRecords }: Connection): boolean {
  if (!encryptsHandshake(serverHello?.version)) return messages.some(({ type }) => type === 'server_hello_done');
  const bytes = encryptedRecords.reduce((sum, { from, length }) => sum + (from === 'server' ? length : 0), 0);
  return bytes >= LEAST_FLIGHT;
}

/** Whether the certificates have dates for which clients refuse them. */
const hasVisibleFault = ({ serverCertificates, startedAt }: Connection): boolean =>
  serverCertificates.some((certificate) => {
    const { begins, ends } = periodOf(certificate);
    const at = toMilliseconds(startedAt);
    return at < begins || at > ends;
  });

/** Whether these times, in milliseconds, are as far from each other as a clock makes them. */
function isRegular(times: readonly number[]): boolean {
  if (times.length < LEAST_LOOKS) return false;
  const sorted = [...times].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((time, index) => time - (sorted[index] ?? time));
  const [shortest, longest] = [Math.min(...gaps), Math.max(...gaps)];
  return shortest >= LEAST_PERIOD_MS && longest - shortest <= shortest * JITTER;
}
