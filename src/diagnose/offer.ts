import type { ClientHello, Connection } from '../connection/connection.js';

/** What a ClientHello offers, without what clients draw anew for each: GREASE values (RFC 8701), order, padding. */
export interface Offer {
  readonly supportedVersions: readonly string[];
  readonly cipherSuites: readonly string[];
  readonly extensions: readonly string[];
  readonly supportedGroups: readonly string[];
  readonly keyShareGroups: readonly string[];
  readonly signatureSchemes: readonly string[];
  readonly alpn: readonly string[];
}

/** Tells clients apart that share an address. */
export interface Offers {
  /** A short name of what the client can do: versions, cipher suites, groups, signature schemes. */
  abilityOf(connection: Connection): string;
  /** The offer, the same object for the same offer; null if there is no whole ClientHello, or no room for another. */
  offerOf(connection: Connection): Offer | null;
}

/** Different ones that are told apart. */
const MAX_OFFERS = 1024;
/** No real ClientHello has lists so long. */
const MAX_VALUES = 512;

/** Of a ClientHello that is not there. */
export const NO_ABILITY = '*';
const TOO_MANY = '?';

/** No offer is known yet. */
export function createOffers(): Offers {
  const abilities = new Map<string, string>();
  const offers = new Map<string, Offer>();
  return {
    abilityOf({ clientHello }) {
      if (clientHello === null) return NO_ABILITY;
      const key = abilityKey(clientHello);
      let ability = abilities.get(key);
      if (ability === undefined) {
        if (abilities.size >= MAX_OFFERS) return TOO_MANY;
        abilities.set(key, (ability = String(abilities.size)));
      }
      return ability;
    },
    offerOf({ clientHello }) {
      if (clientHello === null) return null;
      const offer: Offer = {
        supportedVersions: steady(clientHello.supportedVersions),
        cipherSuites: steady(clientHello.cipherSuites),
        // Which extensions there are counts, not where: browsers shuffle them.
        extensions: steady(clientHello.extensions)
          .filter((name) => !name.startsWith('padding'))
          .sort(),
        supportedGroups: steady(clientHello.supportedGroups),
        keyShareGroups: steady(clientHello.keyShareGroups),
        signatureSchemes: steady(clientHello.signatureSchemes),
        alpn: steady(clientHello.alpn),
      };
      const lists = Object.values(offer) as string[][];
      if (lists.some(({ length }) => length > MAX_VALUES)) return null;
      const key = lists.map((list) => list.join()).join('\n');
      const known = offers.get(key);
      if (known !== undefined) return known;
      if (offers.size >= MAX_OFFERS) return null;
      offers.set(key, offer);
      return offer;
    },
  };
}

function steady(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith('GREASE'));
}

/** Extensions are left out: with a session to resume, or none, the same client sends others. */
function abilityKey({ supportedVersions, cipherSuites, supportedGroups, signatureSchemes }: ClientHello): string {
  let key = '';
  for (const list of [supportedVersions, cipherSuites, supportedGroups, signatureSchemes]) {
    for (const name of list) if (!name.startsWith('GREASE')) key += `${name},`;
    key += ' ';
  }
  return key;
}
