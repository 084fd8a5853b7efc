/** What a report says about lookups: how the address of a server was found, and which names led nowhere. */
import type { Results } from '../../diagnose/results.js';
import type { DiagnosedConnection, Diagnosis } from '../../diagnose/finding.js';
import type { OtherAnswer } from '../../names/lookups.js';
import { frameText, listed } from '../phrases.js';
import type { Scope } from './scope.js';
import { code, connectionId, type Fact, type Text } from './text.js';

const MOST_ADDRESSES = 4;
const MOST_UNRESOLVED = 3;

/** How the address of the server was found, and whether the name has led to another one. */
export function lookupFacts({ connection, lookup }: DiagnosedConnection, { results: { captures } }: Scope): Fact[] {
  if (lookup === null) return [];
  const { name, resolver, client, aliases, before, since } = lookup;
  const frameOf = ({ frame, capture }: { readonly frame: number; readonly capture?: number }): string =>
    `frame\u00a0${frameText(frame, capture ?? connection.capture, captures)}`;
  const asker = client === null || client === connection.client.address ? '' : ` to ${code(client)}`;
  const way = aliases.length === 0 ? '' : ` by way of ${listed(aliases.map(code), MOST_ADDRESSES)}`;
  const addresses = (answer: OtherAnswer): Text => listed(answer.addresses.map(code), MOST_ADDRESSES);
  const sentences = [
    `${code(name)} led${way} to ${code(connection.server.address)} in ${frameOf(lookup)} (${code(resolver)} answered${asker}).`,
    ...(before === null ? [] : [`Before, in ${frameOf(before)}, it led to ${addresses(before)}.`]),
    ...(since === null
      ? []
      : [`It has moved since: in ${frameOf(since)}, before this connection, it led to ${addresses(since)}.`]),
  ];
  return [{ label: 'Lookup', text: sentences.join(' ') }];
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
  const of = `Of connection\u00a0${connectionId(moved.connection.id)}: `;
  return [...facts, ...lookupFacts(moved, scope).map(({ label, text }) => ({ label, text: of + text }))];
}

const hasMoved = ({ lookup }: DiagnosedConnection): boolean =>
  lookup !== null && (lookup.before !== null || lookup.since !== null);

/** Names that were looked up in vain, in one line; none if there are none. */
export function unresolvedLines({ names: { unresolved }, captures }: Results): Text[] {
  if (unresolved.length === 0) return [];
  const names = unresolved.map(
    ({ name, code: said, frame, capture }) =>
      `${code(name)} (${said ?? 'no answer'}, frame\u00a0${frameText(frame, capture ?? 0, captures)})`,
  );
  return [`Looked up in vain: ${listed(names, MOST_UNRESOLVED)}`];
}
