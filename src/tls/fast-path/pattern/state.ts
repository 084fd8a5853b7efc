import type { Direction, BufferedSegments } from '../../../transport/flow.js';
import type { Secrets } from '../../decrypt/secrets.js';
import type { StreamDecryption } from '../../decrypt/stream.js';
import type { KeyUse } from '../../handshake/session.js';
import type { createRecordMeanings, PatternKey } from './key.js';

/** Where the handshake is in the log of a connection. */
export interface HandshakePlaces {
  /** By direction: the segments, counted from 0, of the hellos, and of what completes the handshake; -1 for none. */
  clientHello: number;
  serverHello: number;
  readonly finished: [number, number];
  /** Where the randoms of the hellos begin in the bytes of the log. */
  clientRandom: number;
  serverRandom: number;
}

/** No bytes. */
export const NOTHING = new Uint8Array(0);

/** How far one direction is read. */
export interface Reading {
  /** Where the next record begins. */
  at: number;
  /** The beginning of a message that continues in later records. */
  rest: Uint8Array;
  isEncrypted: boolean;
  /** The record at `at` is to be opened once it is complete. */
  isWanted: boolean;
}

/** What the pattern reader keeps from one connection to the next. */
export type PatternTools = Pick<PatternState, 'key' | 'secrets' | 'mayOpen' | 'meaningOf'>;

/** A handshake message: its body is from `body` to `next` of the bytes. */
export interface PatternMessage {
  direction: Direction;
  /** Of the segment that completes it. */
  index: number;
  type: number;
  bytes: Uint8Array;
  body: number;
  next: number;
}

/**
 * The connection whose pattern is being read. The object is reused for the next connection, as is its message: tens of
 * thousands are read per second.
 */
export interface PatternState {
  readonly key: PatternKey;
  readonly secrets: Secrets;
  /** Whether to open the records after hellos with this `beginning`; if not, they have no pattern. */
  readonly mayOpen: (beginning: number) => boolean;
  /** What a record can hold by its length. */
  readonly meaningOf: ReturnType<typeof createRecordMeanings>;
  log: BufferedSegments;
  readonly message: PatternMessage;
  readonly readings: readonly [Reading, Reading];
  readonly places: HandshakePlaces;
  /** Codes of what the ServerHello chose; 0 before it. */
  version: number;
  suite: number;
  isRetried: boolean;
  /** ClientHello.random, if there are secrets for it; else empty. */
  random: string;
  offersEarlyData: boolean;
  /** Hash of the key up to the ServerHello, if secrets open what follows. */
  beginning: number | null;
  decryption: StreamDecryption | null;
  use: KeyUse;
}

const newReading = (): Reading => ({ at: 0, rest: NOTHING, isEncrypted: false, isWanted: false });

const NO_SEGMENTS: BufferedSegments = {
  client: 0,
  count: 0,
  bytes: NOTHING,
  filled: [0, 0],
  start: () => 0,
  directionOf: () => 0,
  endOf: () => 0,
};

/** No connection is read yet. */
export function newPatternState({ key, secrets, mayOpen, meaningOf }: PatternTools): PatternState {
  return {
    key,
    secrets,
    mayOpen,
    meaningOf,
    log: NO_SEGMENTS,
    message: { direction: 0, index: 0, type: 0, bytes: NOTHING, body: 0, next: 0 },
    readings: [newReading(), newReading()],
    places: { clientHello: -1, serverHello: -1, finished: [-1, -1], clientRandom: 0, serverRandom: 0 },
    version: 0,
    suite: 0,
    isRetried: false,
    random: '',
    offersEarlyData: false,
    beginning: null,
    decryption: null,
    use: newKeyUse(),
  };
}

/** Begins with the log of another connection. */
export function beginPattern(state: PatternState, log: BufferedSegments): void {
  const { key, readings, places } = state;
  key.begin();
  state.log = log;
  state.version = state.suite = 0;
  state.isRetried = state.offersEarlyData = false;
  state.random = '';
  state.beginning = null;
  places.clientHello = places.serverHello = places.finished[0] = places.finished[1] = -1;
  for (const direction of [0, 1] as const) {
    const reading = readings[direction];
    reading.at = log.start(direction);
    reading.rest = NOTHING;
    reading.isEncrypted = reading.isWanted = false;
  }
}

export const newKeyUse = (): KeyUse => ({ opened: 0, altered: null, unreadable: null });

/** Notes the segment that completes the handshake of an end. */
export function noteFinished({ places: { finished } }: PatternState, direction: Direction, index: number): void {
  if (finished[direction] < 0) finished[direction] = index;
}
