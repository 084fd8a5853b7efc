/** What a report says about failures that were known before. */
import type { Results } from '../../diagnose/results.js';
import type { Wording } from '../wording.js';
import type { Cause } from './causes.js';
import { code, wire, type Fact, type Text } from './text.js';

const MOST_GONE = 30;
const MOST_SERVERS = 6;

/** `new`, `known`, `2 of 31 new`; empty without a baseline. */
export function noveltyOf(
  { members }: Pick<Cause, 'members'>,
  { baseline }: Pick<Results, 'baseline'>,
  words: Wording,
): string {
  if (baseline === undefined) return '';
  const fresh = members.filter(({ id }) => !baseline.known.has(id)).length;
  if (fresh === 0) return words.baseline.known;
  return fresh === members.length ? words.baseline.new : words.baseline.someNew({ some: fresh, all: members.length });
}

/** In addition to the other facts of a diagnosis. */
export function baselineFacts(cause: Cause, results: Pick<Results, 'baseline'>, words: Wording): Fact[] {
  const novelty = noveltyOf(cause, results, words);
  if (novelty === '') return [];
  const text = cause.members.length === 1 ? words.baseline.withId({ novelty, id: code(cause.id) }) : novelty;
  return [{ label: words.labels.baseline, text }];
}

/** How many of the failures are new, for the verdict; empty without a baseline. */
export function newText({ baseline, summary }: Pick<Results, 'baseline' | 'summary'>, { verdict }: Wording): string {
  if (baseline === undefined || summary.failed === 0) return '';
  const { newFailures } = baseline;
  if (newFailures === 0) return verdict.nothingNew;
  return newFailures === summary.failed ? verdict.allNew : verdict.ofNewCauses({ count: newFailures });
}

/** What is gone, a line each. */
export function goneLines({ baseline }: Pick<Results, 'baseline'>, words: Wording): Text[] {
  const gone = baseline?.gone ?? [];
  const lines = gone.slice(0, MOST_GONE).map(({ id, title, servers }) => {
    if (title === null) return code(id);
    const values = { title: wire(title), id: code(id) };
    return servers.length === 0
      ? words.baseline.goneCause(values)
      : words.baseline.goneCauseAt({ ...values, servers: words.list(servers.map(code), MOST_SERVERS) });
  });
  return gone.length > MOST_GONE ? [...lines, words.counts.more({ count: gone.length - MOST_GONE })] : lines;
}
