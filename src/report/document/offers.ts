/** What a client offered next to what the server accepts: here, and from others in the same capture. */
import type { Connection } from '../../connection/connection.js';
import { isNoGrease } from '../../tls/wire/registry/names.js';
import { count, grouped } from '../phrases.js';
import type { Accepted, Example, ServersAccepted } from './accepted.js';
import { code, connectionId, type Text } from './text.js';

export interface Offers {
  readonly introduction: string;
  readonly matters: readonly Matter[];
}

/** One thing that both sides must agree on. */
export interface Matter {
  readonly name: string;
  /** `30 offered, 2 in common, as far as seen`. */
  readonly summary: string;
  /** Nothing that the client offers is accepted by the server, as far as seen. */
  readonly isApart: boolean;
  readonly rows: readonly OfferRow[];
}

export interface OfferRow {
  /** What the client offers, or says that it does not. */
  readonly offer: Text;
  readonly isOffered: boolean;
  /** What the server answered, or null. */
  readonly answer: { readonly value: Text; readonly where: Text } | null;
}

const MOST_VALUES = 120;
const NOTHING: ReadonlyMap<string, Example> = new Map();
const NOTHING_ACCEPTED: Accepted = {
  count: 0,
  versions: NOTHING,
  cipherSuites: NOTHING,
  groups: NOTHING,
  alpn: NOTHING,
  serverNames: NOTHING,
};

/** Null without a ClientHello. */
export function offersOf(connection: Connection, servers: ServersAccepted | undefined): Offers | null {
  const { clientHello, serverHello, helloRetryRequest, server } = connection;
  if (clientHello === null) return null;
  const accepted = servers?.by(server) ?? NOTHING_ACCEPTED;
  const answer = serverHello ?? helloRetryRequest;
  const matters = [
    matter('Versions', {
      singular: 'version',
      values: clientHello.supportedVersions,
      chosen: answer?.version,
      accepted: accepted.versions,
    }),
    matter('Cipher suites', {
      singular: 'cipher suite',
      values: clientHello.cipherSuites,
      chosen: answer?.cipherSuite,
      accepted: accepted.cipherSuites,
    }),
    matter('Groups', {
      singular: 'group',
      values: clientHello.supportedGroups,
      chosen: answer?.group,
      accepted: accepted.groups,
    }),
    matter('Server name', {
      singular: 'server name',
      values: [clientHello.serverName ?? []].flat(),
      accepted: accepted.serverNames,
    }),
    matter('Application protocols (ALPN)', {
      singular: 'application protocol',
      values: clientHello.alpn,
      chosen: serverHello?.alpn,
      accepted: accepted.alpn,
    }),
    matter('Signature schemes', {
      singular: 'signature scheme',
      values: clientHello.signatureSchemes,
      accepted: null,
    }),
  ];
  return {
    introduction:
      accepted.count === 0
        ? 'No other handshake with this server worked in this capture.'
        : `What the server accepts is known from ${count(accepted.count, 'handshake')} that worked in this capture; it may accept more.`,
    matters: matters.filter((one) => one !== null),
  };
}

interface Offered {
  readonly singular: string;
  readonly values: readonly string[];
  /** What the server chose here. */
  readonly chosen?: string | null | undefined;
  /** What it accepted from others; null if the hellos cannot show it. */
  readonly accepted: ReadonlyMap<string, Example> | null;
}

function matter(name: string, { singular, values, chosen, accepted }: Offered): Matter | null {
  const offered = values.filter(isNoGrease);
  const known = accepted ?? NOTHING;
  if (offered.length === 0 && known.size === 0) return null;
  const accepts = (value: string): boolean => value === chosen || known.has(value);
  const common = offered.filter(accepts).length;
  const isKnown = typeof chosen === 'string' || known.size > 0;
  const isApart = isKnown && offered.length > 0 && common === 0;
  const verdict = isApart
    ? 'none in common, as far as seen'
    : isKnown
      ? `${grouped(common)} in common, as far as seen`
      : accepted === null
        ? 'what the server accepts is not in its hello'
        : 'what the server accepts does not show';
  const answerOf = (value: string): OfferRow['answer'] => {
    const elsewhere = known.get(value);
    if (value === chosen) return { value: code(value), where: 'chosen here' };
    if (elsewhere === undefined) return null;
    const times = elsewhere.count === 1 ? 'once' : count(elsewhere.count, 'time');
    return { value: code(value), where: `${times}, first in connection ${connectionId(elsewhere.connection)}` };
  };
  const foreign = [...known.keys()].filter((value) => !offered.includes(value));
  const more = offered.length - MOST_VALUES;
  return {
    name,
    summary: offered.length === 0 ? 'none offered' : `${grouped(offered.length)} offered, ${verdict}`,
    isApart,
    rows: [
      ...offered
        .slice(0, MOST_VALUES)
        .map((value) => ({ offer: code(value), isOffered: true, answer: answerOf(value) })),
      ...(more > 0 ? [{ offer: `${grouped(more)} more`, isOffered: true, answer: null }] : []),
      ...foreign.map((value) => ({
        offer: `— does not offer this ${singular}`,
        isOffered: false,
        answer: answerOf(value),
      })),
    ],
  };
}
