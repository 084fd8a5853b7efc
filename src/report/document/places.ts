/** Where the failures of a cause were, how many, and whether anything worked there since. */
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { PlaceCounts } from '../../diagnose/evidence/timeline.js';
import type { Wording } from '../wording.js';
import type { Scope } from './scope.js';
import type { Cause } from './causes.js';
import { code, type Fact, type Text } from './text.js';

type PlacesScope = Pick<Scope, 'clock' | 'naming' | 'words'>;

/** Rows of a table of places. */
const MOST_PLACES = 30;

export interface PlaceRow {
  /** `9 failed, none worked since`. */
  readonly failed: string;
  readonly worked: string;
  /** `9 of 9 (100 %)`: failures among all handshakes there since the first of them; `?` if unknown. */
  readonly rate: string;
  readonly first: string;
  readonly last: string;
  /** `api.example.com at 198.51.100.21:8443`. */
  readonly where: Text;
}

export interface Places {
  readonly rows: readonly PlaceRow[];
  /** Places that have no row. */
  readonly others: number;
}

/** Each server and name once, the most failures first. */
function placesOf({ members }: Cause): PlaceCounts[] {
  const places = new Map<string, PlaceCounts>();
  for (const place of members.flatMap(({ timeline }) => timeline?.places ?? [])) {
    const key = JSON.stringify([place.server, place.serverName]);
    const known = places.get(key);
    places.set(key, known === undefined ? place : joined(known, place));
  }
  return [...places.values()].sort((a, b) => b.failed - a.failed);
}

/** What worked since the earlier of the two beginnings. */
function joined(one: PlaceCounts, other: PlaceCounts): PlaceCounts {
  const [first, second] =
    millisecondsBetween(other.firstFailureAt, one.firstFailureAt) > 0 ? [other, one] : [one, other];
  const isLast = millisecondsBetween(first.lastFailureAt, second.lastFailureAt) > 0;
  return {
    ...first,
    failed: one.failed + other.failed,
    lastFailureAt: (isLast ? second : first).lastFailureAt,
  };
}

/** The table of the places if there are several; null if there is one, or they are unknown. */
export function placesTable(cause: Cause, scope: PlacesScope): Places | null {
  const places = allPlaces(cause, scope);
  return places.rows.length < 2 ? null : places;
}

/** The places as far as they are known. */
export function allPlaces(cause: Cause, { clock, naming, words }: PlacesScope): Places {
  const places = placesOf(cause);
  const rows = places
    .slice(0, MOST_PLACES)
    .map(({ server, serverName, failed, workedSince, firstFailureAt, lastFailureAt }): PlaceRow => ({
      failed: words.number(failed),
      worked: workedSince === null ? '?' : workedText(workedSince, words),
      rate: rateText(failed, workedSince, words),
      first: clock.shortTime(firstFailureAt),
      last: clock.shortTime(lastFailureAt),
      where:
        serverName === null
          ? code(server) + naming.behind(server)
          : words.places.nameAt({ name: code(serverName), server: code(server) }),
    }));
  return { rows, others: places.length - rows.length };
}

function workedText(worked: number, words: Wording): string {
  return worked === 0 ? words.places.none : words.number(worked);
}

function rateText(failed: number, worked: number | null, { places: say }: Wording): string {
  if (worked === null) return '?';
  const share = Math.round((failed / (failed + worked)) * 100);
  return say.rate({ failed, all: failed + worked, share });
}

/** How often it failed at its only place since the first failure, out of how many handshakes there. */
export function rateFacts(cause: Cause, { clock, words }: PlacesScope): Fact[] {
  const [place, ...others] = placesOf(cause);
  if (place === undefined || others.length > 0 || place.failed < 2 || place.workedSince === null) return [];
  const text = words.places.since({
    failed: place.failed,
    worked: workedText(place.workedSince, words),
    time: clock.shortTime(place.firstFailureAt),
  });
  return [{ label: words.labels.rate, text }];
}
