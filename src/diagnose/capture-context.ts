import { holdsCertificates } from '../connection/certificate-message.js';
import { BOUNDS } from '../bounds.js';
import { ABSURD_MS, toMilliseconds } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import { createHeldConnections, type HeldConnections } from '../connection/weight.js';
import type { MemoryHolder } from '../memory.js';
import { createLookups, type Lookups } from '../names/lookups.js';
import type { TrustAnchors } from '../x509/anchors.js';
import { judgeConstraints } from '../x509/constraints.js';
import { createWorkBudget } from '../x509/work.js';
import { memoize } from '../memoize.js';
import type { Ends } from '../ends/ends.js';
import { createChains } from './chains.js';
import type { Context } from './context.js';
import { knownEnds } from './ends/known.js';
import type { Chronology } from './evidence/chronology.js';
import { createChronology } from './evidence/chronology.js';
import { createIssuance } from './evidence/issuance.js';
import { createRaces } from './evidence/races.js';
import { createScans } from './evidence/scans.js';
import { createServerHistory } from './evidence/server-history.js';
import { createSurveys } from './evidence/surveys.js';

/** The context of a capture, which grows with it. */
export interface CaptureContext extends Context {
  /**
   * Memory of what is cached about other connections, the least valuable first. `HeldConnections` counts the
   * connections it holds.
   */
  readonly holders: readonly MemoryHolder[];
  /** What the connections show together. */
  readonly chronology: Chronology;
  /** Number of known issuing certificates: each new one may change verdicts on chains. */
  readonly knownIssuers: () => number;
  /** Adds a connection, as evidence for others. */
  add(connection: Connection): void;
}

export interface ContextOptions {
  /** Judges certificates at this time instead of their packets'. */
  readonly at?: Date | undefined;
  /** What the user's files say about the two ends. */
  readonly ends?: Ends | undefined;
  /** What names were looked up as. */
  readonly lookups?: Pick<Lookups, 'of'>;
  /** Counts the connections that are kept. */
  readonly held?: HeldConnections;
}

/** SSL is not older: a clock with an earlier time was never set. */
const FIRST_SSL = Date.UTC(1995, 0);
/** The end of times of 32 bits, in milliseconds: all bits are set where none was meant. */
const LAST_TIME = (2 ** 32 - 1) * 1000;

/** The context of a capture before its first connection. */
export function createContext(
  anchors: TrustAnchors,
  { at, ends: files, lookups = createLookups(), held = createHeldConnections() }: ContextOptions = {},
): CaptureContext {
  const work = createWorkBudget();
  const serverHistory = createServerHistory(held);
  const scans = createScans();
  const surveys = createSurveys();
  const races = createRaces(held);
  const issuance = createIssuance();
  const chronology = createChronology();
  const ends = knownEnds(files, anchors);
  const configured = ends?.serverCertificates?.certificates ?? [];
  const chains = createChains(
    ends?.clientTrusts?.anchors ?? anchors,
    configured.map(({ certificate }) => certificate),
    work,
  );
  return {
    serverHistory,
    holders: [
      chains.holder,
      chronology.holder,
      scans.holder,
      surveys.holder,
      races.holder,
      issuance.holder,
      ...serverHistory.holders,
    ],
    scans,
    surveys,
    races,
    issuance,
    lookups,
    ends,
    chronology,
    knownIssuers: chains.knownIssuers,
    add(connection) {
      serverHistory.add(connection);
      scans.add(connection);
      surveys.add(connection);
      races.add(connection);
      issuance.add(connection);
      chronology.ended(connection);
      if (connection.repeats === undefined) chains.add(connection.serverCertificates);
    },
    chainOf: chains.verdictOf,
    problemsOf: memoize((path) =>
      judgeConstraints(path, { purpose: 'server', work: work.question(BOUNDS.nameWork.value) }),
    ),
    work,
    rootNamed: (name, keyIdentifier) =>
      anchors
        .bySubject(name)
        .map(({ certificate }) => certificate)
        .find(
          ({ subjectKeyIdentifier }) =>
            keyIdentifier === null || subjectKeyIdentifier === null || subjectKeyIdentifier === keyIdentifier,
        ) ?? anchors.knownRoot(name, keyIdentifier),
    judgedAt({ messages, startedAt, endedAt }) {
      if (at !== undefined) return at.getTime();
      const sent = messages.find(holdsCertificates)?.at ?? startedAt;
      const time = timeOf(toMilliseconds(startedAt), toMilliseconds(sent), toMilliseconds(endedAt));
      return time < FIRST_SSL || time >= LAST_TIME ? NaN : time;
    },
  };
}

/**
 * The time of a connection: that of its certificate. If one of the three times is damaged, it is not the one in the middle. If
 * the clock was set back in between, the latest: a certificate that was issued just before is not one of the future.
 */
function timeOf(started: number, sent: number, ended: number): number {
  const latest = Math.max(started, sent, ended);
  const middle = Math.max(Math.min(started, sent), Math.min(Math.max(started, sent), ended));
  const isSetBack = (sent < started || ended < sent) && latest - middle < ABSURD_MS;
  return isSetBack ? latest : middle;
}
