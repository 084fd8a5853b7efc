import { BOUNDS } from '../../bounds.js';
import { createBoundedMap } from '../../bounded-map.js';
import { toMilliseconds } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { Preamble } from '../../preamble/preamble.js';
import { connectTo } from './places.js';

// Clients that log in to a proxy only when it asks them to: it answers CONNECT with 407 and may close the connection (RFC 9110
// §11.7.1), and the client comes back at once with its credentials (recorded of curl --proxy-anyauth).

/** The connections of a capture on which a proxy asked for credentials. */
export interface ProxyChallenges {
  add(connection: Connection): void;
  /** Whether the client came back at once for the same target, and the proxy let it through. */
  isAnswered(connection: Connection): boolean;
  readonly giveUp: () => number;
}

/** Clients, proxies and targets, the last ones, and of each the last connections. */
const MAX_KEYS = BOUNDS.racingConnections.value;
const MAX_TRIES = BOUNDS.racingConnections.value;
/** Milliseconds within which a program comes back by itself. */
const AT_ONCE_MS = 1000;

/** What a client got from a proxy for one target. */
interface Tries {
  /** When a connection with a challenge ended, and its id. */
  readonly challenges: { readonly id: string; readonly end: number }[];
  /** When a connection that was let through began. */
  readonly admitted: number[];
}

/** Nothing was tried yet. */
export function createProxyChallenges(): ProxyChallenges {
  const tries = createBoundedMap<string, Tries>({ size: MAX_KEYS, whenFull: 'forget oldest' });

  return {
    add(connection) {
      const connect = connectOf(connection.preamble) ?? unseenConnect(connection);
      if (connect === null) return;
      const isAdmitted = connect.state === 'accepted' || isAnsweredBehind(connection, connect);
      if (!isAdmitted && !isChallenge(connection, connect)) return;
      const { challenges, admitted } = tries.getOrMake(keyOf(connection, connect), () => ({
        challenges: [],
        admitted: [],
      }));
      if (isAdmitted) keep(admitted, toMilliseconds(connection.startedAt));
      else keep(challenges, { id: connection.id, end: endOf(connection) });
    },
    isAnswered(connection) {
      const connect = connectOf(connection.preamble);
      if (connect === null || !isChallenge(connection, connect)) return false;
      const known = tries.get(keyOf(connection, connect));
      const unseen = tries.get(keyOf(connection, UNSEEN))?.admitted ?? [];
      return known !== undefined && answeredIn(known, unseen).has(connection.id);
    },
    giveUp() {
      const { size } = tries;
      tries.clear();
      return size;
    },
  };
}

/** The last ones are kept. */
function keep<One>(all: One[], one: One): void {
  all.push(one);
  if (all.length > MAX_TRIES) all.shift();
}

/** The challenges that were answered: each connection that was let through answers one, the first before it. */
function answeredIn({ challenges, admitted }: Tries, unseen: readonly number[]): ReadonlySet<string> {
  const left = [...admitted, ...unseen].sort((a, b) => a - b);
  const answered = new Set<string>();
  for (const { id, end } of [...challenges].sort((a, b) => a.end - b.end)) {
    const index = left.findIndex((begun) => begun >= end && begun - end <= AT_ONCE_MS);
    if (index < 0) continue;
    left.splice(index, 1);
    answered.add(id);
  }
  return answered;
}

/** The request to the first proxy that was asked by CONNECT. */
function connectOf(preamble: Preamble | null): Preamble | null {
  if (preamble === null || preamble.kind === 'http-connect') return preamble;
  return connectOf(preamble.next);
}

/** Whether the proxy's consent, which the capture lacks, shows by the answer of the server behind it. */
const isAnsweredBehind = ({ serverHello }: Connection, { state }: Pick<Preamble, 'state'>): boolean =>
  state === 'requested' && serverHello !== null;

/** A request that the capture lacks, and with it the target. */
const UNSEEN = { state: 'accepted', target: null } as const;

/** Such a request, if the proxy's consent and the answer of the server behind it are there; else null. */
const unseenConnect = ({ preamble, serverHello, plaintext }: Connection): Pick<Preamble, 'state' | 'target'> | null =>
  preamble === null &&
  serverHello !== null &&
  plaintext[0]?.from === 'server' &&
  /^HTTP\/1\.\d 200\b/.test(plaintext[0].text)
    ? UNSEEN
    : null;

const isChallenge = ({ outcome }: Connection, { state, reply }: Partial<Preamble>): boolean =>
  outcome === 'failed' && state === 'refused' && /^HTTP\/1\.\d 407\b/.test(reply ?? '');

/** When the client had the challenge: it may connect again before the server has closed. */
const endOf = ({ transport, endedAt }: Connection): number => toMilliseconds(transport.server.lastData?.at ?? endedAt);

const keyOf = (connection: Connection, { target }: Pick<Preamble, 'target'>): string =>
  `${connection.client.address} ${connectTo(connection)} ${target ?? ''}`;
