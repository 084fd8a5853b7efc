import { distanceOf } from '../explain/nearest.js';
import { timeZoneOf } from '../report/time-zone.js';
import { UsageError } from './options.js';
import { WORDS } from './words.js';

/** The value of `--time-zone`, in IANA's spelling. Throws UsageError. */
export function timeZoneName(value: string): string {
  try {
    return timeZoneOf(value).name;
  } catch {
    const near = nearTimeZones(value);
    const suggestion = near.length === 0 ? '' : WORDS.errors.didYouMean({ names: near.join(', ') });
    throw new UsageError(WORDS.errors.timeZone({ value, suggestion }));
  }
}

/** The names most similar to an unknown one: `Europe/Berlin` for `Berlin`. */
function nearTimeZones(name: string): string[] {
  const wanted = name.toLowerCase().replaceAll(' ', '_');
  const near = Intl.supportedValuesOf('timeZone').map((zone) => {
    const [place = ''] = zone.toLowerCase().split('/').slice(-1);
    return { zone, distance: Math.min(distanceOf(zone.toLowerCase(), wanted), distanceOf(place, wanted)) };
  });
  return near
    .filter(({ distance }) => distance <= Math.max(1, wanted.length / 4))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ zone }) => zone);
}
