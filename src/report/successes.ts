import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Endpoint } from '../connection/connection.js';
import type { DiagnosedConnection } from '../diagnose/rule.js';
import { endpointText } from './phrases.js';

/** A handshake that worked. */
export interface Success {
  /** Id of the connection. */
  readonly connection: string;
  readonly at: Timestamp;
}

const MAX_SERVERS = 1024;
/** Connections settle in another order than they began in, but hardly ever further apart than this many at one server. */
const KEPT = 32;

interface Server {
  /** The latest ones, in order of their settling. */
  readonly successes: Success[];
  /** Of each rule, its first failure and the last success before that. */
  readonly onsets: Map<string, { at: Timestamp; before: Success | null }>;
}

/**
 * Gathers, while connections pass and in bounded memory, what worked last at a server before a cause began to make
 * handshakes fail there.
 */
export function createLastSuccesses(): {
  add(connection: DiagnosedConnection): void;
  before(server: Endpoint, rule: string): Success | null;
} {
  const servers = new Map<string, Server>();
  const isBefore = (a: Timestamp, b: Timestamp): boolean => millisecondsBetween(a, b) > 0;
  const lastBefore = (successes: readonly Success[], at: Timestamp): Success | null =>
    successes.reduce<Success | null>(
      (best, one) => (isBefore(one.at, at) && (best === null || isBefore(best.at, one.at)) ? one : best),
      null,
    );

  return {
    add({ connection: { id, server, outcome, startedAt }, cause }) {
      if (outcome !== 'established' && cause === null) return;
      const key = endpointText(server);
      let own = servers.get(key);
      if (own === undefined) {
        if (servers.size >= MAX_SERVERS) return;
        servers.set(key, (own = { successes: [], onsets: new Map() }));
      }
      if (cause === null) {
        const success = { connection: id, at: startedAt };
        own.successes.push(success);
        if (own.successes.length > KEPT) own.successes.shift();
        for (const onset of own.onsets.values()) {
          onset.before = lastBefore(onset.before === null ? [success] : [onset.before, success], onset.at);
        }
        return;
      }
      const known = own.onsets.get(cause.rule.id);
      if (known !== undefined && !isBefore(startedAt, known.at)) return;
      const before = known?.before ?? null;
      const candidates = before === null ? own.successes : [...own.successes, before];
      own.onsets.set(cause.rule.id, { at: startedAt, before: lastBefore(candidates, startedAt) });
    },
    before: (server, rule) => servers.get(endpointText(server))?.onsets.get(rule)?.before ?? null,
  };
}
