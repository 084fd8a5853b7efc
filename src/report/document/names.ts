/** What a report says about lookups: how the address of a server was found, and which names led nowhere. */
import type { Results } from '../../diagnose/results.js';
import type { DiagnosedConnection, Diagnosis } from '../../diagnose/finding.js';
import type { OtherAnswer } from '../../names/lookups.js';
import { frameText } from '../phrases.js';
import type { Wording } from '../wording.js';
import type { Scope } from './scope.js';
import { code, connectionId, type Fact, type Text } from './text.js';

const MOST_ADDRESSES = 4;
const MOST_UNRESOLVED = 3;

/** How the address of the server was found, and whether the name has led to another one. */
export function lookupFacts(
  { connection, lookup }: DiagnosedConnection,
  { results: { captures }, words }: Pick<Scope, 'results' | 'words'>,
): Fact[] {
  if (lookup === null) return [];
  const { name, resolver, client, aliases, before, since } = lookup;
  const say = words.names;
  const frameOf = ({ frame, capture }: { readonly frame: number; readonly capture?: number }): string =>
    say.frame({ frame: frameText(frame, capture ?? connection.capture, captures) });
  const listed = (values: readonly string[]): Text => words.list(values.map(code), MOST_ADDRESSES);
  const led = {
    name: code(name),
    address: code(connection.server.address),
    frame: frameOf(lookup),
    resolver: code(resolver),
    aliases: listed(aliases),
    client: code(client ?? ''),
  };
  const isOwn = client === null || client === connection.client.address;
  const way = aliases.length === 0 ? (isOwn ? say.led : say.ledFor) : isOwn ? say.ledBy : say.ledByFor;
  const other = (answer: OtherAnswer): { readonly frame: string; readonly addresses: Text } => ({
    frame: frameOf(answer),
    addresses: listed(answer.addresses),
  });
  const sentences = [
    way(led),
    ...(before === null ? [] : [say.before(other(before))]),
    ...(since === null ? [] : [say.since(other(since))]),
  ];
  return [{ label: words.labels.lookup, text: sentences.join(' ') }];
}

/**
 * The same for a diagnosis: for its example, and for the first of its connections whose name has led to another
 * address.
 */
export function lookupFactsOf({ example, connections }: Diagnosis, scope: Scope): Fact[] {
  const facts = lookupFacts(example, scope);
  if (hasMoved(example)) return facts;
  const ids = new Set(connections);
  const moved = scope.results.connections.find((one) => hasMoved(one) && ids.has(one.connection.id));
  if (moved === undefined) return facts;
  const id = connectionId(moved.connection.id);
  return [
    ...facts,
    ...lookupFacts(moved, scope).map(({ label, text }) => ({
      label,
      text: scope.words.names.ofConnection({ id, text }),
    })),
  ];
}

const hasMoved = ({ lookup }: DiagnosedConnection): boolean =>
  lookup !== null && (lookup.before !== null || lookup.since !== null);

/** Names that were looked up in vain, in one line; none if there are none. */
export function unresolvedLines({ names: { unresolved }, captures }: Results, words: Wording): Text[] {
  if (unresolved.length === 0) return [];
  const { frame: frameOf, noAnswer } = words.names;
  const names = unresolved.map(
    ({ name, code: responseCode, frame, capture }) =>
      `${code(name)} (${responseCode ?? noAnswer}, ${frameOf({ frame: frameText(frame, capture ?? 0, captures) })})`,
  );
  return [words.names.unresolved({ names: words.list(names, MOST_UNRESOLVED) })];
}
