import { BOUNDS } from '../../bounds.js';
import { createBoundedMap } from '../../bounded-map.js';
import { toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { connectTo } from './places.js';
import { plaintextSpokenOn } from './server-history.js';

// Clients that try HTTPS and, if the answer is HTTP, continue with that. Tools that fetch container images do so with a
// registry that is configured as insecure (recorded of Skopeo 1.9.3), and all are written in Go. Somebody who calls curl
// with https and then with http only tests.

/** The connections of a capture that a client may have tried in TLS before it went on in plaintext. */
export interface Fallbacks {
  add(connection: Connection): void;
  /** Whether the client, after an answer in HTTP, continued in plaintext at once, as each time, and was answered. */
  hasWorked(connection: Connection): boolean;
  /** The same where the capture has plaintext first, and may lack what came before. */
  mayHaveWorked(connection: Connection): boolean;
  readonly giveUp: () => number;
}

/** Clients and servers, the last ones, and of each the last tries of either kind. */
const MAX_PAIRS = BOUNDS.racingConnections.value;
const MAX_TRIES = BOUNDS.fallbackTries.value;
/** Milliseconds within which a program goes on by itself. */
const AT_ONCE_MS = 200;

/** What one client tried at one server. */
interface Pair {
  /** When it began its first connection of either kind, in milliseconds. A client of plaintext does not begin with TLS. */
  firstTls: number;
  firstPlain: number;
  /** When the server answered in HTTP, for the tries that no plaintext has followed yet. */
  readonly answers: number[];
  /** When it began to speak plaintext. */
  readonly plain: number[];
}

const follows = (plain: number, answered: number): boolean => plain >= answered && plain - answered <= AT_ONCE_MS;

/** Nothing was tried yet. */
export function createFallbacks(): Fallbacks {
  const pairs = createBoundedMap<string, Pair>({ size: MAX_PAIRS, whenFull: 'forget oldest' });
  const newPair = (): Pair => ({ firstTls: Infinity, firstPlain: Infinity, answers: [], plain: [] });

  /** What the client of such a try did, if plaintext followed each time. */
  const followedOf = (connection: Connection): Pair | undefined => {
    const pair = httpAnswerAt(connection) === undefined ? undefined : pairs.get(pairOf(connection));
    return pair?.answers.length === 0 ? pair : undefined;
  };

  return {
    add(connection) {
      const answered = httpAnswerAt(connection);
      if (answered === undefined && !asksRegistry(connection)) return;
      const pair = pairs.getOrMake(pairOf(connection), newPair);
      const begun = toMilliseconds(connection.startedAt);
      if (answered !== undefined) {
        pair.firstTls = Math.min(pair.firstTls, begun);
        // One that no plaintext followed stays; the first say as much as the last.
        if (!pair.plain.some((plain) => follows(plain, answered)) && pair.answers.length < MAX_TRIES)
          pair.answers.push(answered);
        return;
      }
      pair.firstPlain = Math.min(pair.firstPlain, begun);
      pair.plain.push(begun);
      if (pair.plain.length > MAX_TRIES) pair.plain.shift();
      const rest = pair.answers.filter((one) => !follows(begun, one));
      pair.answers.splice(0, pair.answers.length, ...rest);
    },
    hasWorked(connection) {
      const pair = followedOf(connection);
      return pair !== undefined && pair.firstTls < pair.firstPlain;
    },
    mayHaveWorked: (connection) => followedOf(connection) !== undefined,
    giveUp() {
      const { size } = pairs;
      pairs.clear();
      return size;
    },
  };
}

/** When a server answered a ClientHello of Go in HTTP, in milliseconds; undefined if it did not, or had agreed to TLS. */
function httpAnswerAt({ outcome, clientHello, preamble, plaintext }: Connection): number | undefined {
  // Of one whose beginning the capture lacks, it is not said that it failed.
  if (
    (outcome !== 'failed' && outcome !== 'incomplete') ||
    clientHello === null ||
    preamble !== null ||
    plaintext.length === 0
  )
    return undefined;
  if (libraryOf(clientHello) !== 'Go') return undefined;
  const words = plaintext.find(({ from, protocol }) => from === 'server' && protocol === 'http');
  return words === undefined ? undefined : toMilliseconds(words.at);
}

/** How a request to a registry begins (OCI Distribution Specification, End-1 to End-13). */
const REGISTRY_REQUEST = /^[A-Z]+ \/v2\//;

/** Whether a client asks a registry in plaintext, and is answered: other programs of the same address ask for other things. */
const asksRegistry = (connection: Connection): boolean =>
  plaintextSpokenOn(connection)?.protocol === 'http' &&
  connection.plaintext.some(({ from, text }) => from === 'client' && REGISTRY_REQUEST.test(text));

const pairOf = (connection: Connection): string => `${connection.client.address} ${connectTo(connection)}`;
