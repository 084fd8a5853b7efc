import { BOUNDS } from '../bounds.js';
import type { Connection } from '../connection/connection.js';
import { connectTo } from './evidence/places.js';
import type { Certainty } from './certainty.js';
import type { DiagnosedConnection, Finding } from './finding.js';

export const CERTAINTY: Readonly<Record<Certainty, number>> = { certain: 0, likely: 1, possible: 2 };

/** The connections of a diagnosis to look at first. */
export interface Examples {
  add(finding: Finding, diagnosed: DiagnosedConnection): void;
  /** The clearest one, and the ids of those to look at, itself first; at least one must have been added. */
  chosen(): {
    readonly finding: Finding;
    readonly example: DiagnosedConnection;
    readonly connections: readonly string[];
  };
}

/** As many as a reader opens. */
const MOST_EXAMPLES = BOUNDS.examples.value;
/** Number of clients, servers and names of which the clearest example is kept. */
const MAX_HELD = BOUNDS.exampleCandidates.value;

interface Candidate {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  readonly serverName: string | null;
  readonly clarity: Clarity;
}

/** How clear evidence is, the most important criterion first; lower is clearer. */
type Clarity = readonly [certainty: number, holes: number, missing: number, repeats: number, order: number];

/**
 * Chooses examples in bounded memory, the same in any order of adding. First the one with the clearest evidence; then
 * those that differ most from the ones already chosen, in server, client or name: what they have in common is the
 * fault.
 */
export function createExamples(): Examples {
  const candidates = new Map<string, Candidate>();
  let unclearest: readonly [key: string, clarity: Clarity] | undefined;
  let clearest:
    { readonly clarity: Clarity; readonly finding: Finding; readonly example: DiagnosedConnection } | undefined;

  return {
    add(finding, example) {
      const { connection } = example;
      const clarity = clarityOf(finding, connection);
      if (clearest === undefined || compare(clarity, clearest.clarity) < 0) {
        clearest = { clarity, finding, example };
      }
      const isFull = candidates.size >= MAX_HELD;
      // With many connections, most end here, and need no key.
      if (isFull && compare((unclearest ??= unclearestOf(candidates))[1], clarity) <= 0) return;
      const client = connection.client.address;
      const server = connectTo(connection);
      const serverName = connection.clientHello?.serverName ?? null;
      const key = `${client} ${server} ${serverName ?? ''}`;
      const known = candidates.get(key);
      if (known !== undefined && compare(known.clarity, clarity) <= 0) return;
      if (known === undefined && isFull && unclearest !== undefined) candidates.delete(unclearest[0]);
      unclearest = undefined;
      candidates.set(key, { id: connection.id, client, server, serverName, clarity });
    },
    chosen() {
      if (clearest === undefined) throw new Error('no example was added');
      const rest = [...candidates.values()].sort((a, b) => compare(a.clarity, b.clarity));
      const chosen = rest.splice(0, 1);
      while (chosen.length < MOST_EXAMPLES && rest.length > 0) {
        const news = rest.map((one) => noveltyOf(one, chosen));
        chosen.push(...rest.splice(news.indexOf(Math.max(...news)), 1));
      }
      return { ...clearest, connections: chosen.map(({ id }) => id) };
    },
  };
}

function clarityOf({ certainty, evidence }: Finding, connection: Connection): Clarity {
  const { notes, clientHello, transport, id } = connection;
  return [
    CERTAINTY[certainty],
    // Gaps in the capture make a reader doubt the rest.
    notes.length + Number(transport.client.missing + transport.server.missing > 0) + Number(clientHello === null),
    -evidence.length,
    // Retransmitted segments separate those that matter.
    transport.client.retransmissions + transport.server.retransmissions,
    Number(id),
  ];
}

function unclearestOf(candidates: ReadonlyMap<string, Candidate>): readonly [string, Clarity] {
  return Array.from(candidates, ([key, { clarity }]) => [key, clarity] as const).reduce((a, b) =>
    compare(a[1], b[1]) >= 0 ? a : b,
  );
}

function compare(a: Clarity, b: Clarity): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How much it differs from all that are chosen. */
function noveltyOf({ client, server, serverName }: Candidate, chosen: readonly Candidate[]): number {
  return (
    Number(chosen.every((one) => one.server !== server)) +
    Number(chosen.every((one) => one.client !== client)) +
    Number(chosen.every((one) => one.serverName !== serverName))
  );
}
