import { BOUNDS } from '../../bounds.js';
import type { ClientHello, Connection } from '../../connection/connection.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import type { MemoryHolder } from '../../memory.js';
import { connectTo } from './places.js';

// Handshakes that only ask what a server supports: one list of cipher suites, groups or signature schemes after the
// other (Nmap's ssl-enum-ciphers, sslscan).

/** The surveys among the connections of a capture. */
export interface Surveys {
  /** Whether a failed handshake is one of many by which a program asks a server what it supports. */
  has(connection: Connection): boolean;
}

/** So many different offers of one program to one server are a survey; a fallback makes two or three. */
const OFFERS = 5;

const MAX_PROGRAMS = BOUNDS.surveyedServers.value;
/** Nominal bytes of a program's offers. */
const PROGRAM_BYTES = 1024;

/** Whether a handshake may be part of a survey: the client's library is unknown, and it sent only its ClientHello. */
function mayAsk({ clientHello, messages, outcome }: Connection): boolean {
  return (
    outcome === 'failed' &&
    clientHello !== null &&
    libraryOf(clientHello) === null &&
    messages.every(({ from, type }) => from === 'server' || type === 'client_hello')
  );
}

const pairOf = (connection: Connection): string => `${connection.client.address} ${connectTo(connection)}`;

/** The part of a ClientHello that a survey does not change. */
const programOf = ({ extensions }: ClientHello): string => extensions.join();

/** The part that it changes: JA3 covers cipher suites and groups, JA4 signature schemes. */
const offerOf = ({ ja3, ja4 }: ClientHello): string => `${ja3} ${ja4}`;

/** Gathers offers: `add` is called with every connection of the capture, in any order. */
export function createSurveys(): Surveys & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  /** By client and server: the offers of each program, which is recognised by its extensions. */
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
      let offers = known.get(program);
      if (offers === undefined) {
        if (programs >= MAX_PROGRAMS) return;
        programs++;
        bytes += program.length + PROGRAM_BYTES;
        known.set(program, (offers = new Set()));
        pairs.set(pair, known);
      }
      offers.add(offerOf(clientHello));
      if (offers.size < OFFERS) return;
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
