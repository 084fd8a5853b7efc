/** What the files of the two ends say of a diagnosis. */
import type { Comparison, ComparedCertificate } from '../../diagnose/ends/comparison.js';
import type { DiagnosedConnection, Finding } from '../../diagnose/finding.js';
import { endFactOf } from '../words.js';
import type { Scope } from './scope.js';
import { code, wire, type Text } from './text.js';

/** A table that a format draws as it can; each row has a cell for each column. */
export interface TextTable {
  readonly title: Text;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Text[])[];
}

export interface EndsSection {
  /** What the files say, each with its file and line. */
  readonly facts: readonly { readonly text: Text; readonly source: Text }[];
  readonly tables: readonly TextTable[];
}

const TITLES: Readonly<Record<Comparison['kind'], string>> = {
  'client-trusts': "The server's certificates and the trust store of the clients,",
  'server-trusts': "The client's certificates and the trust store of the server,",
  'server-certificates': 'The certificates sent and those of',
};

const RESULTS: Readonly<Record<Comparison['result'], string>> = {
  trusted: 'the chain ends in the store',
  untrusted: 'the chain does not end in the store',
  'as-configured': 'sent as configured',
  otherwise: 'not sent as configured',
  unknown: 'cannot be told',
};

const LIKENESS: Readonly<Record<ComparedCertificate['likeness'], string>> = {
  same: 'the same',
  expired: 'the same, and expired',
  'same-key': 'another certificate for the same key',
  'other-key': 'same name, other key',
  absent: 'not in the store',
  'not-sent': 'not sent',
  unseen: 'encrypted: cannot be compared',
};

/** Null where no files were given, or they say nothing of it. */
export function endsOf(
  finding: Finding,
  { comparisons = [] }: DiagnosedConnection,
  { options: { language } }: Pick<Scope, 'options'>,
): EndsSection | null {
  const { known = [] } = finding;
  if (known.length + comparisons.length === 0) return null;
  return {
    facts: known.map((fact) => ({
      text: endFactOf(fact, wire, language),
      source: code(fact.source.line === null ? fact.source.path : `${fact.source.path}:${fact.source.line}`),
    })),
    tables: comparisons.map(comparisonTable),
  };
}

function comparisonTable({ kind, store, isAssumed, result, certificates }: Comparison): TextTable {
  const hasAliases = certificates.some(({ alias }) => alias !== null);
  return {
    title: `${TITLES[kind]} ${code(store)}: ${RESULTS[result]}`,
    head: [
      'Certificate',
      isAssumed ? 'Configured (SHA-256)' : 'In the capture (SHA-256)',
      'In the store (SHA-256)',
      ...(hasAliases ? ['Alias'] : []),
      'Result',
    ],
    rows: certificates.map(({ subject, seen, stored, alias, likeness }) => [
      code(subject),
      seen === null ? '—' : code(seen),
      stored === null ? '—' : code(stored),
      ...(hasAliases ? [alias === null ? '—' : code(alias)] : []),
      LIKENESS[likeness],
    ]),
  };
}
