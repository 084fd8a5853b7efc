import { SHARED_EVIDENCE } from '../../diagnose/evidence/texts.js';
import { OBSERVATIONS } from '../../diagnose/observed.js';
import { PHRASES } from '../../diagnose/phrases.js';
import { timeText, UTC } from '../time-zone.js';
import { ALERT_TEXTS } from './alerts.js';
import type { Language } from './language.js';
import { REPORT } from './report.js';

/**
 * A whole number, its digits in groups of three: `1,204`. Node.js's own function would first load a locale, for 15 ms.
 */
export function grouped(whole: number | string): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const MINUTE = 60_000;
const UNITS: readonly (readonly [milliseconds: number, name: string])[] = [
  [365 * 24 * 60 * MINUTE, 'years'],
  [24 * 60 * MINUTE, 'days'],
  [60 * MINUTE, 'hours'],
  [MINUTE, 'minutes'],
];

/** `3 days`, `25 minutes`, `3.0 seconds`, `40 ms`: the largest unit that fits twice, rounded down. */
function duration(milliseconds: number): string {
  for (const [length, name] of UNITS) {
    const count = Math.floor(milliseconds / length);
    if (count >= 2) return `${count} ${name}`;
  }
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} seconds`;
}

const SEPARATOR = ', ';
/** Distinguished names contain commas. */
const SEPARATOR_OF_NAMES = '; ';

/** English: the language of the rules themselves. */
export const ENGLISH: Language = {
  tag: 'en',
  report: REPORT,
  phrases: PHRASES,
  evidence: SHARED_EVIDENCE,
  observations: OBSERVATIONS,
  alerts: ALERT_TEXTS,
  rules: {},
  services: {},
  parties: { client: 'client', server: 'server', network: 'network' },
  places: {
    client: "on the client's machine",
    'from-client': "on the client's machine, so that it takes the same path",
    server: 'on the server',
    proxy: 'on the proxy',
    authenticator: 'on the access point or switch, or beside it, so that it takes the same path',
    'radius-client': 'on the access point or switch, or on another host that the RADIUS server answers',
    files: 'anywhere, with the certificates saved as these files',
    store: 'where that store is',
  },
  none: 'none',
  duration,
  time: (iso) => timeText(iso, UTC),
  number: grouped,
  plural: (count) => (count === 1 ? 'one' : 'other'),
  times: (count) => ['never', 'once', 'twice'][count] ?? `${count} times`,
  list(items, style, more) {
    const shown = style === 'ranked' ? items.map((item, index) => `${index + 1}. ${item}`) : items;
    if (style === 'names' || style === 'ranked') {
      const separator = style === 'names' ? SEPARATOR_OF_NAMES : SEPARATOR;
      return [...shown, ...(more > 0 ? [`and ${grouped(more)} more`] : [])].join(separator);
    }
    const all = more > 0 ? [...shown, `${grouped(more)} more`] : shown;
    const last = all.at(-1) ?? '';
    const word = style === 'plain' ? 'and' : 'or';
    return all.length < 2 ? last : `${all.slice(0, -1).join(SEPARATOR)} ${word} ${last}`;
  },
};
