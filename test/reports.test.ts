/**
 * What is said of recordings of real programs, against what is true: faults of public reports made anew, and connections that
 * look like them but work. test/reports/expected.json holds the truth and what may not get worse; test/reports/README.md how.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze, type Certainty, type DiagnosedConnection } from '../src/index.js';
import { ROOT } from './support/schema.js';

/** What expected.json says of a recording. */
interface Expected {
  readonly client: string;
  readonly server: string;
  /** Where the fault was reported in public. */
  readonly report?: string;
  /** A line of what the client printed. */
  readonly said?: string;
  /** Rules that are true of its failed connections; none: all work. */
  readonly truth: readonly string[];
  /** Connections that failed. */
  readonly failed?: number;
  /** The least sure that a true cause may be. */
  readonly least?: Certainty;
  /** Whether the truth is the cause that is told first; otherwise it is one of the others that are possible. */
  readonly leads?: false;
  /** Why the recording cannot show that a connection failed. */
  readonly hidden?: string;
  /** Why what is said is wrong. */
  readonly wrong?: string;
}

/** What is known to be said wrongly. Only ever less. */
const MOST_WRONG = 13;
/** Of these, what is said surely. */
const MOST_UNTRUE: Readonly<Record<Certainty, number>> = { certain: 0, likely: 2, possible: Infinity };

const CERTAINTIES = ['possible', 'likely', 'certain'] as const satisfies readonly Certainty[];
const FOLDER = join(ROOT, 'test', 'reports');
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, Expected>;

/** What is said of one connection. */
interface Said {
  readonly rule: string;
  readonly certainty: Certainty;
  /** The truth is the cause, is among what else is possible, or is neither. */
  readonly mark: 'right' | 'listed' | 'untrue';
}

function judge({ cause, differential }: DiagnosedConnection, { truth }: Expected): Said {
  const rule = cause?.rule.id ?? 'nothing';
  const certainty = cause?.certainty ?? 'possible';
  if (truth.includes(rule)) return { rule, certainty, mark: 'right' };
  const isListed = differential.some((one) => one.verdict.support !== 'excluded' && truth.includes(one.rule.id));
  return { rule, certainty, mark: certainty === 'possible' && isListed ? 'listed' : 'untrue' };
}

/** Connections that the recording shows as failed, or that have a cause. */
async function judgeAll(file: string, one: Expected): Promise<readonly Said[]> {
  const { connections } = await analyze([join(FOLDER, file)]);
  return connections
    .filter((is) => is.cause !== null || is.connection.outcome === 'failed')
    .map((is) => judge(is, one));
}

/** Why what is said is worse than expected; undefined if it is not. */
function faultOf(said: readonly Said[], { truth, failed, least, leads, hidden, wrong }: Expected): string | undefined {
  const words = said.map(({ rule, certainty }) => `${rule} (${certainty})`).join(', ') || 'nothing';
  if (truth.length === 0 || hidden !== undefined) return said.length > 0 ? `told as failed: ${words}` : undefined;
  if (said.some(({ mark }) => mark === 'untrue')) return `not true: ${words}`;
  if (said.length === 0) return 'nothing is told as failed';
  if (failed !== undefined && said.length !== failed) return `${said.length} failed, not ${failed}: ${words}`;
  if (leads !== false && wrong === undefined && said.some(({ mark }) => mark !== 'right'))
    return `not told first: ${words}`;
  const isLess = said.some((one) => CERTAINTIES.indexOf(one.certainty) < CERTAINTIES.indexOf(least ?? 'possible'));
  return isLess ? `less sure than ${least}: ${words}` : undefined;
}

test('every recording has a line in expected.json, in order', () => {
  const recordings = readdirSync(FOLDER).filter((file) => file.endsWith('.pcap'));
  assert.deepEqual(Object.keys(expected), recordings.sort());
});

const tally = Object.fromEntries(CERTAINTIES.map((certainty) => [certainty, { all: 0, true: 0 }]));
let wrongly = 0;

for (const [file, one] of Object.entries(expected)) {
  test(file, async () => {
    const said = await judgeAll(file, one);
    for (const { certainty, mark } of said) {
      const of = tally[certainty];
      if (of === undefined) continue;
      of.all++;
      if (mark === 'right') of.true++;
    }
    const fault = faultOf(said, one);
    const context = `true is ${one.truth.join(' or ') || 'that nothing failed'}; the client said: ${one.said ?? 'nothing'}`;
    if (one.wrong === undefined) assert.equal(fault, undefined, `${fault}; ${context}`);
    else {
      wrongly++;
      assert.notEqual(fault, undefined, `no longer wrong: give its line what may not get worse; ${context}`);
    }
  });
}

test('what is sure is true', (context) => {
  for (const certainty of CERTAINTIES.toReversed()) {
    const { all = 0, true: right = 0 } = tally[certainty] ?? {};
    context.diagnostic(`${certainty} ${right} of ${all} true`);
    assert.ok(all - right <= MOST_UNTRUE[certainty], `${all - right} untrue, but called ${certainty}`);
  }
  context.diagnostic(`${wrongly} of ${Object.keys(expected).length} recordings known wrong`);
  assert.ok(wrongly <= MOST_WRONG, `${wrongly} known wrong`);
});
