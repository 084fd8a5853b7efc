import { BOUNDS } from '../../bounds.js';
import type { ClientHello, Connection } from '../../connection/connection.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import type { MemoryHolder } from '../../memory.js';
import { connectTo } from './places.js';

// Which handshakes only ask what a server supports: one list of cipher suites after the other (Nmap's ssl-enum-ciphers).

/** What the connections of a capture tell of a ClientHello that was not meant to lead to a session. */
export interface Surveys {
  /** Whether a failed handshake is one of many by which a program asks a server for its cipher suites. */
  has(connection: Connection): boolean;
}

/** So many lists of cipher suites that one program offers to one server are a survey: who falls back tries two or three. */
const LISTS = 5;

const MAX_PROGRAMS = BOUNDS.surveyedServers.value;
/** Nominal bytes of a program's lists. */
const PROGRAM_BYTES = 1024;

/** Whether a handshake may be part of a survey: a program that is not known said no more than its ClientHello. */
function mayAsk({ clientHello, messages, outcome }: Connection): boolean {
  return (
    outcome === 'failed' &&
    clientHello !== null &&
    libraryOf(clientHello) === null &&
    messages.every(({ from, type }) => from === 'server' || type === 'client_hello')
  );
}

const pairOf = (connection: Connection): string => `${connection.client.address} ${connectTo(connection)}`;

/** What of a ClientHello a survey leaves as it is. */
const programOf = ({ extensions, signatureSchemes, supportedGroups }: ClientHello): string =>
  [...extensions, '', ...signatureSchemes, '', ...supportedGroups].join();

/** Gathers lists of cipher suites: `add` takes every connection of the capture, in any order. */
export function createSurveys(): Surveys & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  /** Lists of each program, by client and server: the fingerprints (JA3) of ClientHellos that differ in nothing else. */
  const pairs = new Map<string, Map<string, Set<string>>>();
  /** Clients and servers of surveys. */
  const surveyed = new Set<string>();
  let programs = 0;
  let bytes = 0;
  function forget(pair: string, known: ReadonlyMap<string, unknown>): void {
    pairs.delete(pair);
    for (const program of known.keys()) bytes -= program.length + PROGRAM_BYTES;
  }

  return {
    add(connection) {
      const { clientHello } = connection;
      if (clientHello === null || !mayAsk(connection)) return;
      const pair = pairOf(connection);
      if (surveyed.has(pair)) return;
      const known = pairs.get(pair) ?? new Map<string, Set<string>>();
      const program = programOf(clientHello);
      let lists = known.get(program);
      if (lists === undefined) {
        if (programs >= MAX_PROGRAMS) return;
        programs++;
        bytes += program.length + PROGRAM_BYTES;
        known.set(program, (lists = new Set()));
        pairs.set(pair, known);
      }
      lists.add(clientHello.ja3);
      if (lists.size < LISTS) return;
      surveyed.add(pair);
      forget(pair, known);
    },
    holder: {
      what: 'attempts',
      bytes: () => bytes,
      giveUp() {
        const [oldest] = pairs;
        if (oldest === undefined) return 0;
        forget(...oldest);
        programs -= oldest[1].size;
        return oldest[1].size;
      },
    },
    has: (connection) => surveyed.has(pairOf(connection)) && mayAsk(connection),
  };
}
