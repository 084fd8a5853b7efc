import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
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
 * One of the connections that a server accepted last. It is filled again with the next one: as an object of its own, each
 * would live until its server has accepted some more, and die old.
 */
interface Recent {
  address: string;
  port: number;
  nameUsed: Answered['nameUsed'];
  readonly startedAt: { -readonly [Field in keyof Timestamp]: Timestamp[Field] };
  frame: number;
  readonly answeredAt: { -readonly [Field in keyof Timestamp]: Timestamp[Field] };
  /** The same in an object of its own, if there is one. */
  answered: Answered | null;
}

/** The connections that a server accepted last, and the index of the one that is filled next: once all are, the oldest. */
export interface LastAccepted {
  readonly all: Recent[];
  next: number;
}

const newRecent = (): Recent => ({
  address: '',
  port: 0,
  nameUsed: undefined,
  startedAt: { seconds: 0, nanoseconds: 0, digits: 0 },
  frame: 0,
  answeredAt: { seconds: 0, nanoseconds: 0, digits: 0 },
  answered: null,
});

function copyTime(to: Recent['startedAt'], { seconds, nanoseconds, digits }: Timestamp): void {
  to.seconds = seconds;
  to.nanoseconds = nanoseconds;
  to.digits = digits;
}

/** Notes the latest connection that a server accepted. */
export function noteRecent(recent: LastAccepted, { client, startedAt, nameUsed, serverHello }: Answered): void {
  let one = recent.all[recent.next];
  if (one === undefined) recent.all.push((one = newRecent()));
  recent.next = (recent.next + 1) % MAX_RECENT;
  one.address = client.address;
  one.port = client.port;
  one.nameUsed = nameUsed;
  copyTime(one.startedAt, startedAt);
  one.frame = serverHello.frame;
  copyTime(one.answeredAt, serverHello.at);
  one.answered = null;
}

/** Keeps the object itself of the latest one, which others share. */
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
    if (one === undefined || !isAround(one, connection)) continue;
    return (one.answered ??= {
      client: { address: one.address, port: one.port },
      startedAt: { ...one.startedAt },
      nameUsed: one.nameUsed,
      serverHello: { frame: one.frame, at: { ...one.answeredAt } },
    });
  }
  return undefined;
}

export const isAround = (one: Pick<Connection, 'startedAt'>, other: Pick<Connection, 'startedAt'>): boolean =>
  Math.abs(millisecondsBetween(one.startedAt, other.startedAt)) <= AROUND_MS;
