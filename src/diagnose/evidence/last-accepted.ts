import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween, toMilliseconds, type Timestamp } from '../../capture/timestamp.js';
import type { Connection, ServerHello } from '../../connection/connection.js';

// The connections that a server accepted last, by which others at the same time are judged.

/** Milliseconds that count as the same time. */
const AROUND_MS = 1000;
/** Recent connections kept of one server, to find those at the same time. */
const MAX_RECENT = BOUNDS.recentConnections.value;

/** What is kept to cite a connection that was accepted; the connection itself would take twenty times as much. */
export interface Answered extends Pick<Connection, 'client' | 'startedAt'> {
  /** The name, null for none, that its client asked for and then sent data to; undefined if it sent none. */
  readonly nameUsed: string | null | undefined;
  readonly serverHello: Pick<ServerHello, 'frame' | 'at'>;
}

/**
 * One of the connections that a server accepted last, and when it began. It is filled again with the next one, and holds no other
 * object: as objects of their own, all would live until the server has accepted some more, and die old.
 */
interface Recent extends Writable<Timestamp> {
  address: string;
  port: number;
  nameUsed: Answered['nameUsed'];
  /** The frame of the ServerHello, and its time. */
  frame: number;
  answerSeconds: number;
  answerNanoseconds: number;
  answerDigits: number;
  /** The same in an object of its own, if there is one. */
  answered: Answered | null;
}

type Writable<Facts> = { -readonly [Field in keyof Facts]: Facts[Field] };

/** The connections that a server accepted last, and the index of the one that is filled next: once all are, the oldest. */
export interface LastAccepted {
  readonly all: Recent[];
  next: number;
}

const newRecent = (): Recent => ({
  seconds: 0,
  nanoseconds: 0,
  digits: 0,
  address: '',
  port: 0,
  nameUsed: undefined,
  frame: 0,
  answerSeconds: 0,
  answerNanoseconds: 0,
  answerDigits: 0,
  answered: null,
});

/** Notes the latest connection that a server accepted. */
export function noteRecent(recent: LastAccepted, { client, startedAt, nameUsed, serverHello }: Answered): void {
  let one = recent.all[recent.next];
  if (one === undefined) recent.all.push((one = newRecent()));
  recent.next = (recent.next + 1) % MAX_RECENT;
  one.seconds = startedAt.seconds;
  one.nanoseconds = startedAt.nanoseconds;
  one.digits = startedAt.digits;
  one.address = client.address;
  one.port = client.port;
  one.nameUsed = nameUsed;
  one.frame = serverHello.frame;
  one.answerSeconds = serverHello.at.seconds;
  one.answerNanoseconds = serverHello.at.nanoseconds;
  one.answerDigits = serverHello.at.digits;
  one.answered = null;
}

/** Keeps the object itself of the latest one: answers about the same connection are compared by identity. */
export function keepAnswered({ all, next }: LastAccepted, answered: Answered): void {
  const latest = all[(next + all.length - 1) % all.length];
  if (latest !== undefined) latest.answered = answered;
}

/** The first of them, in the order in which they ended, that began at about the same time. */
export function answeredAround(
  { all, next }: LastAccepted,
  connection: Pick<Connection, 'startedAt'>,
): Answered | undefined {
  for (let index = 0; index < all.length; index++) {
    const one = all[(next + index) % all.length];
    if (one === undefined || !isAroundTime(one, connection.startedAt)) continue;
    return (one.answered ??= answeredOf(one));
  }
  return undefined;
}

const answeredOf = (one: Recent): Answered => ({
  client: { address: one.address, port: one.port },
  startedAt: { seconds: one.seconds, nanoseconds: one.nanoseconds, digits: one.digits },
  nameUsed: one.nameUsed,
  serverHello: {
    frame: one.frame,
    at: { seconds: one.answerSeconds, nanoseconds: one.answerNanoseconds, digits: one.answerDigits },
  },
});

/** Whether one of them began at this time, in milliseconds, or later. */
export const isAnySince = ({ all }: LastAccepted, time: number): boolean =>
  all.some((one) => toMilliseconds(one) >= time);

const isAroundTime = (one: Timestamp, other: Timestamp): boolean =>
  Math.abs(millisecondsBetween(one, other)) <= AROUND_MS;

/** Whether two connections began at about the same time. */
export const isAround = (one: Pick<Connection, 'startedAt'>, other: Pick<Connection, 'startedAt'>): boolean =>
  isAroundTime(one.startedAt, other.startedAt);
