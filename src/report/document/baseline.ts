/** What a report says about failures that were known before. */
import type { Results } from '../../diagnose/results.js';
import { count, grouped, listed } from '../phrases.js';
import type { Cause } from './causes.js';
import { code, wire, type Fact, type Text } from './text.js';

const MOST_GONE = 30;
const MOST_SERVERS = 6;

/** Above what is gone. */
export const GONE_HEADING = 'Gone: known before, and not in what was analysed now';

/** `new`, `known`, `2 of 31 new`; empty without a baseline. */
export function noveltyOf({ members }: Pick<Cause, 'members'>, { baseline }: Pick<Results, 'baseline'>): string {
  if (baseline === undefined) return '';
  const fresh = members.filter(({ id }) => !baseline.known.has(id)).length;
  if (fresh === 0) return 'known';
  return fresh === members.length ? 'new' : `${grouped(fresh)} of ${grouped(members.length)} new`;
}

/** In addition to the other facts of a diagnosis. */
export function baselineFacts(cause: Cause, results: Pick<Results, 'baseline'>): Fact[] {
  const novelty = noveltyOf(cause, results);
  if (novelty === '') return [];
  const ids = cause.members.length === 1 ? `: ${code(cause.id)}` : '';
  return [{ label: 'Baseline', text: novelty + ids }];
}

/** How many of the failures are new, for the verdict; empty without a baseline. */
export function newText({ baseline, summary }: Pick<Results, 'baseline' | 'summary'>): string {
  if (baseline === undefined || summary.failed === 0) return '';
  const { newFailures } = baseline;
  if (newFailures === 0) return ', nothing new';
  return newFailures === summary.failed ? ', all new' : `, ${count(newFailures, 'handshake')} of new causes`;
}

/** What is gone, a line each. */
export function goneLines({ baseline }: Pick<Results, 'baseline'>): Text[] {
  const gone = baseline?.gone ?? [];
  const lines = gone.slice(0, MOST_GONE).map(({ id, title, servers }) => {
    const where = servers.length === 0 ? '' : ` at ${listed(servers.map(code), MOST_SERVERS)}`;
    return `${title === null ? '' : `${wire(title)}${where}: `}${code(id)}`;
  });
  return gone.length > MOST_GONE ? [...lines, count(gone.length - MOST_GONE, 'more', 'more')] : lines;
}
