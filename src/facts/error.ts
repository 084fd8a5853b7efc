import { fillPlain, type MessageOf } from '../message.js';

/** What is wrong with a file of facts: texts by id. */
const FACTS_FAULTS = {
  altered: 'no facts that this program wrote: {fault}',
  sameSlice: 'is of the same slice as {other}',
  noSuchCertificate: 'line {line}: no certificate {sha256} stands before it',
  noCertificate: 'line {line} is no certificate',
  noConnection: 'line {line} is no connection',
  connectionMissing: 'has no connection there',
  behindLast: 'line {line} stands behind the last one',
  noFacts: 'is no file of facts',
  otherVersion: 'has facts of version {version}; this program reads {known}',
  damaged: 'line {line} is damaged',
  empty: 'is empty',
  cutShort: 'ends with line {line}, in the middle: write it again',
  lineTooLong: 'a line is longer than {limit} characters',
  bomb: 'is compressed more than facts ever are',
  /** The system says why. */
  unreadable: '{reason}',
} as const;

type FactsFault = MessageOf<typeof FACTS_FAULTS, string | number>;

/** A file without facts, or with unexpected ones; `message` is one line that names it. */
export class FactsError extends Error {
  override readonly name = 'FactsError';

  constructor(
    readonly path: string,
    readonly fault: FactsFault,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${fillPlain(FACTS_FAULTS[fault.id], fault.data)}`, options);
  }
}
