/** What a client offered next to what the server accepts: here, and from others in the same capture. */
import type { Connection } from '../../connection/connection.js';
import { isNoGrease } from '../../tls/wire/registry/names.js';
import type { Wording } from '../wording.js';
import type { Accepted, Example, ServersAccepted } from './accepted.js';
import { code, connectionId, type Text } from './text.js';

export interface Offers {
  readonly introduction: string;
  readonly parameters: readonly NegotiatedParameter[];
}

/** One thing that both sides must agree on. */
export interface NegotiatedParameter {
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
export function offersOf(connection: Connection, servers: ServersAccepted | undefined, words: Wording): Offers | null {
  const { clientHello, serverHello, helloRetryRequest, server } = connection;
  if (clientHello === null) return null;
  const accepted = servers?.by(server) ?? NOTHING_ACCEPTED;
  const answer = serverHello ?? helloRetryRequest;
  const parameters = [
    matter('version', words, {
      values: clientHello.supportedVersions,
      chosen: answer?.version,
      accepted: accepted.versions,
    }),
    matter('cipherSuite', words, {
      values: clientHello.cipherSuites,
      chosen: answer?.cipherSuite,
      accepted: accepted.cipherSuites,
    }),
    matter('group', words, {
      values: clientHello.supportedGroups,
      chosen: answer?.group,
      accepted: accepted.groups,
    }),
    matter('serverName', words, {
      values: [clientHello.serverName ?? []].flat(),
      accepted: accepted.serverNames,
    }),
    matter('alpn', words, { values: clientHello.alpn, chosen: serverHello?.alpn, accepted: accepted.alpn }),
    matter('signatureScheme', words, { values: clientHello.signatureSchemes, accepted: null }),
  ];
  return {
    introduction: accepted.count === 0 ? words.offers.noOther : words.offers.known({ count: accepted.count }),
    parameters: parameters.filter((one) => one !== null),
  };
}

interface Offered {
  readonly values: readonly string[];
  /** What the server chose here. */
  readonly chosen?: string | null | undefined;
  /** What it accepted from others; null if the hellos cannot show it. */
  readonly accepted: ReadonlyMap<string, Example> | null;
}

function matter(
  what: keyof Wording['offers']['parameters'],
  { offers: say }: Wording,
  { values, chosen, accepted }: Offered,
): NegotiatedParameter | null {
  const offered = values.filter(isNoGrease);
  const known = accepted ?? NOTHING;
  if (offered.length === 0 && known.size === 0) return null;
  const accepts = (value: string): boolean => value === chosen || known.has(value);
  const common = offered.filter(accepts).length;
  const isKnown = typeof chosen === 'string' || known.size > 0;
  const isApart = isKnown && offered.length > 0 && common === 0;
  const verdict = isApart
    ? say.apart
    : isKnown
      ? say.common({ number: common })
      : accepted === null
        ? say.notInHello
        : say.unknown;
  const answerOf = (value: string): OfferRow['answer'] => {
    const elsewhere = known.get(value);
    if (value === chosen) return { value: code(value), where: say.here };
    if (elsewhere === undefined) return null;
    const where = say.elsewhere({ count: elsewhere.count, connection: connectionId(elsewhere.connection) });
    return { value: code(value), where };
  };
  const foreign = [...known.keys()].filter((value) => !offered.includes(value));
  const more = offered.length - MOST_VALUES;
  return {
    name: say.parameters[what],
    summary: offered.length === 0 ? say.noneOffered : say.offered({ number: offered.length, verdict }),
    isApart,
    rows: [
      ...offered
        .slice(0, MOST_VALUES)
        .map((value) => ({ offer: code(value), isOffered: true, answer: answerOf(value) })),
      ...(more > 0 ? [{ offer: say.more({ number: more }), isOffered: true, answer: null }] : []),
      ...foreign.map((value) => ({
        offer: say.notOffered[what],
        isOffered: false,
        answer: answerOf(value),
      })),
    ],
  };
}
