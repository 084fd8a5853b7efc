import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type { ClientHello, Connection } from '../../connection/connection.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import type { MemoryHolder } from '../../memory.js';
import { connectTo } from './places.js';

// Which handshakes only ask what a server supports: one list of cipher suites, groups or signature schemes after the other
// (Nmap's ssl-enum-ciphers, sslscan, testssl.sh).

/** What the connections of a capture tell of a ClientHello that was not meant to lead to a session. */
export interface Surveys {
  /** Whether a failed handshake is one of many by which a program asks a server what it supports. */
  has(connection: Connection): boolean;
}

/** So many different offers of one program to one server are a survey: who falls back makes two or three. */
const OFFERS = 5;
/** As many of a library that serves many programs: behind one address, some may be set up unlike the others. */
const OFFERS_OF_LIBRARY = 8;
/** So many milliseconds before and after the offers, the surveyor may ask for versions, names and protocols in other ways. */
const AROUND_MS = 10_000;

/** A survey asks nothing so often in the same way: who does repeats what he means. */
const TIMES = 8;

const MAX_PROGRAMS = BOUNDS.surveyedServers.value;
/** Nominal bytes of a program's offers. */
const PROGRAM_BYTES = 1024;
const MAX_OFFERS = BOUNDS.surveyOffers.value;
/** Nominal bytes of an offer and its count. */
const OFFER_BYTES = 256;

/** Whether the client said no more than its ClientHello, and the handshake failed. */
const isOffer = ({ clientHello, messages, outcome }: Connection): boolean =>
  outcome === 'failed' &&
  clientHello !== null &&
  messages.every(({ from, type }) => from === 'server' || type === 'client_hello');

const pairOf = (connection: Connection): string => `${connection.client.address} ${connectTo(connection)}`;

/** What of a ClientHello a survey leaves as it is. */
const programOf = ({ extensions }: ClientHello): string => extensions.join();

/** What it changes: JA3 tells cipher suites and groups, JA4 signature schemes. */
const offerOf = ({ ja3, ja4 }: ClientHello): string => `${ja3} ${ja4}`;

/** What one program, told by its extensions, offered a server. */
interface Program {
  /** How often it made each offer. */
  readonly counts: Map<string, number>;
  /** Whether that is a survey, and when its first and its last new offer began. */
  isSurvey: boolean;
  first: Timestamp;
  last: Timestamp;
}

/** Gathers offers: `add` takes every connection of the capture, in any order. */
export function createSurveys(): Surveys & { readonly holder: MemoryHolder; add(connection: Connection): void } {
  /** Programs by client and server. */
  const pairs = new Map<string, Map<string, Program>>();
  let programs = 0;
  let offers = 0;
  let bytes = 0;

  function addProgram(pair: string, name: string, at: Timestamp): Program {
    const program: Program = { counts: new Map<string, number>(), isSurvey: false, first: at, last: at };
    const known = pairs.get(pair);
    if (known === undefined) pairs.set(pair, new Map([[name, program]]));
    else known.set(name, program);
    programs++;
    bytes += name.length + PROGRAM_BYTES;
    return program;
  }

  return {
    add(connection) {
      const { clientHello, startedAt } = connection;
      if (clientHello === null || !isOffer(connection)) return;
      const pair = pairOf(connection);
      const name = programOf(clientHello);
      const offer = offerOf(clientHello);
      const known = pairs.get(pair)?.get(name);
      const count = known?.counts.get(offer);
      if (known !== undefined && count !== undefined) {
        known.counts.set(offer, count + 1);
        return;
      }
      if (offers >= MAX_OFFERS || (known === undefined && programs >= MAX_PROGRAMS)) return;
      const program = known ?? addProgram(pair, name, startedAt);
      offers++;
      bytes += OFFER_BYTES;
      program.counts.set(offer, 1);
      if (millisecondsBetween(startedAt, program.first) > 0) program.first = startedAt;
      if (millisecondsBetween(program.last, startedAt) > 0) program.last = startedAt;
      program.isSurvey ||= program.counts.size >= (libraryOf(clientHello) === null ? OFFERS : OFFERS_OF_LIBRARY);
    },
    holder: {
      what: 'attempts',
      bytes: () => bytes,
      giveUp() {
        const [oldest] = pairs;
        if (oldest === undefined) return 0;
        const [pair, known] = oldest;
        pairs.delete(pair);
        for (const [name, { counts }] of known) {
          bytes -= name.length + PROGRAM_BYTES + counts.size * OFFER_BYTES;
          offers -= counts.size;
        }
        programs -= known.size;
        return known.size;
      },
    },
    has(connection) {
      const { clientHello, startedAt } = connection;
      const known = pairs.get(pairOf(connection));
      if (known === undefined || clientHello === null || !isOffer(connection)) return false;
      const times = known.get(programOf(clientHello))?.counts.get(offerOf(clientHello)) ?? 0;
      if (times > TIMES) return false;
      for (const { isSurvey, first, last } of known.values()) {
        if (!isSurvey || millisecondsBetween(startedAt, first) > AROUND_MS) continue;
        if (millisecondsBetween(last, startedAt) <= AROUND_MS) return true;
      }
      return false;
    },
  };
}
