import { createBoundedSet } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import { distanceOf } from '../explain/nearest.js';
import { beginningOf, EVERYTHING, isSelected, type Selection } from '../report/selection.js';
import { WORDS } from './words.js';

type DiagnosedConnection = Parameters<typeof isSelected>[1];
type Timestamp = NonNullable<Parameters<typeof isSelected>[2]>;
type HostNames = Parameters<typeof isSelected>[3];

/** Values of each kind that are kept to be suggested: enough to find the one that was meant. */
const MAX_VALUES = BOUNDS.selectableValues.value;
const MOST_NAMED = 3;

/** Selects connections, and notes what there was to select from. */
export interface Selector {
  /** Whether there are no criteria, so that all are selected. */
  readonly isAll: boolean;
  readonly select: (connection: DiagnosedConnection, start: Timestamp | null, hosts?: HostNames) => boolean;
  /**
   * Why no connection was selected, in a line that suggests similar values; null if one was, or there was none at all.
   */
  nothing(): string | null;
}

/** What one option selects, and which values occurred. */
interface Criterion {
  readonly option: string;
  readonly values: readonly string[];
  /** A selection by nothing else. */
  readonly alone: Selection;
  readonly seen: Set<string>;
  /** It alone would have selected something. */
  isMet: boolean;
}

const criterion = (option: string, values: readonly string[], by: Partial<Selection>): Criterion => ({
  option,
  values,
  alone: { ...EVERYTHING, ...by },
  seen: createBoundedSet(MAX_VALUES),
  isMet: false,
});

/** Selects by the criteria; without any, everything. */
export function createSelector(selection: Selection): Selector {
  const { hosts, clients, servers, ports, serverNames, protocols, diagnoses, since, until } = selection;
  const wanted: readonly Criterion[] = [
    criterion('--host', hosts, { hosts }),
    criterion('--client', clients, { clients }),
    criterion('--server', servers, { servers }),
    criterion('--port', ports.map(String), { ports }),
    criterion('--server-name', serverNames, { serverNames }),
    criterion('--protocol', protocols, { protocols }),
    criterion('--diagnosis', diagnoses, { diagnoses }),
  ];
  const given = wanted.filter(({ values }) => values.length > 0);
  const bounds = [
    ['--since', since],
    ['--until', until],
  ] as const;
  const isAnyGiven = given.length > 0 || since !== null || until !== null;
  // When connections began, as in reports: alphabetical order is the order of time.
  let first = '';
  let last = '';
  let count = 0;
  let selected = 0;
  const note = (diagnosed: DiagnosedConnection, hosts: HostNames): void => {
    const { connection, cause } = diagnosed;
    const { client, server, clientHello, protocol } = connection;
    const name = clientHello?.serverName ?? '';
    const began = beginningOf(connection, (since ?? until)?.zone);
    if (first === '' || began < first) first = began;
    if (began > last) last = began;
    const namesOf = (address: string): readonly string[] => [
      ...(hosts?.lookedUp(address) ?? []),
      ...(hosts?.captured(address) ?? []),
    ];
    const values: Readonly<Record<string, readonly string[]>> = {
      '--host': [client, server].flatMap(({ address }) => [address, ...namesOf(address)]).concat(name),
      '--client': [client.address, ...namesOf(client.address)],
      '--server': [server.address, name, ...namesOf(server.address)],
      '--port': [String(server.port), String(client.port)],
      '--server-name': [name],
      '--protocol': [protocol ?? ''],
      '--diagnosis': [cause?.rule.id ?? ''],
    };
    for (const one of given) {
      one.isMet ||= isSelected(one.alone, diagnosed, null, hosts);
      for (const value of values[one.option] ?? []) if (value !== '') one.seen.add(value);
    }
  };
  return {
    isAll: !isAnyGiven,
    select(connection, start, hosts) {
      if (!isAnyGiven) return true;
      count++;
      const isOne = isSelected(selection, connection, start, hosts);
      if (isOne) selected++;
      else if (selected === 0) note(connection, hosts);
      return isOne;
    },
    nothing() {
      if (count === 0 || selected > 0) return null;
      const near = [
        ...given.map(({ option, values, seen, isMet }) =>
          WORDS.selection.criterion({
            option,
            values: values.join(', '),
            found: isMet ? WORDS.selection.notTogether : nearest(values, seen),
          }),
        ),
        ...bounds.flatMap(([option, bound]) => {
          return bound === null ? [] : [WORDS.selection.began({ option, bound: bound.text, first, last })];
        }),
      ];
      return WORDS.selection.nothing({ number: count, reasons: near.join('; ') });
    },
  };
}

/** Values that occurred instead, the most similar first. */
function nearest(values: readonly string[], seen: ReadonlySet<string>): string {
  if (seen.size === 0) return WORDS.selection.noneThere;
  const distance = (one: string): number => Math.min(...values.map((value) => distanceOf(one, value)));
  const found = Array.from(seen, (one) => ({ one, distance: distance(one) })).sort((a, b) => a.distance - b.distance);
  const named = found.slice(0, MOST_NAMED).map(({ one }) => one);
  const more = seen.size - named.length;
  const all = named.join(', ');
  return WORDS.selection.there({ values: more > 0 ? WORDS.selection.andMore({ values: all, more }) : all });
}
