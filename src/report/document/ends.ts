/** What the files of the two ends say about a diagnosis. */
import type { Comparison } from '../../diagnose/ends/comparison.js';
import type { DiagnosedConnection, Finding } from '../../diagnose/finding.js';
import type { WhatIf, WhatIfGroup } from '../../diagnose/ends/what-if.js';
import type { Results } from '../../diagnose/results.js';
import type { Wording } from '../wording.js';
import { endFactOf } from '../words.js';
import type { Scope } from './scope.js';
import { code, connectionId, wire, type Text } from './text.js';

/** A table that a format draws as it can; each row has a cell for each column. */
export interface TextTable {
  readonly title: Text;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Text[])[];
}

export interface EndsSection {
  /** What the files say, each fact with its file and line. */
  readonly facts: readonly { readonly text: Text; readonly source: Text }[];
  readonly tables: readonly TextTable[];
}

/** Connections and clients named in a row. */
const MOST_NAMED = 4;

/** Null if no files were given, or they say nothing about it. */
export function endsOf(
  finding: Finding,
  { comparisons = [] }: DiagnosedConnection,
  { words }: Pick<Scope, 'words'>,
): EndsSection | null {
  const { known = [] } = finding;
  if (known.length + comparisons.length === 0) return null;
  return {
    facts: known.map((fact) => ({
      text: endFactOf(fact, wire, words.language),
      source: code(fact.source.line === null ? fact.source.path : `${fact.source.path}:${fact.source.line}`),
    })),
    tables: comparisons.map((comparison) => comparisonTable(comparison, words)),
  };
}

function comparisonTable(
  { kind, store, isAssumed, result, certificates }: Comparison,
  { ends: say }: Wording,
): TextTable {
  const hasAliases = certificates.some(({ alias }) => alias !== null);
  const isExpired = result === 'untrusted' && certificates.at(-1)?.likeness === 'expired';
  return {
    title: say.titles[kind]({ store: code(store), result: isExpired ? say.expired : say.results[result] }),
    head: [
      say.certificate,
      isAssumed ? say.configured : say.captured,
      say.stored,
      ...(hasAliases ? [say.alias] : []),
      say.result,
    ],
    rows: certificates.map(({ subject, seen, stored, alias, likeness }) => [
      code(subject),
      seen === null ? '—' : code(seen),
      stored === null ? '—' : code(stored),
      ...(hasAliases ? [alias === null ? '—' : code(alias)] : []),
      say.likeness[likeness],
    ]),
  };
}

/** Lines of configurations that are named. */
const MOST_LINES = 6;

/** Lines of the given configurations that are not understood, in one line; none if all are. */
export function unreadLinesText({ unreadLines = [] }: Pick<Results, 'unreadLines'>, words: Wording): Text[] {
  if (unreadLines.length === 0) return [];
  const say = words.ends;
  const all = unreadLines.map(({ path, line, text, why }) => {
    const place = code(line === null ? path : `${path}:${line}`);
    return say.unreadLine({ place, line: code(text), why: say.unread[why] });
  });
  return [say.notRead({ lines: words.list(all, MOST_LINES) })];
}

function outcomeText({ was, would, reason }: WhatIfGroup, say: Wording['whatIf']): string {
  if (would === 'work') return say.wouldWork;
  if (would === 'unknown') return was === 'failed' ? say.mightWork : say.mightBreak;
  if (reason === 'requests-refused') return say.wouldBeRefused;
  return was === 'failed' ? say.wouldStillFail : say.wouldBreak;
}

/** Files that both clients and servers read: the report says for which side it is read. */
const OF_EITHER_END: ReadonlySet<string | null> = new Set(['java.security', 'openssl.cnf']);

/** "Would it have worked?" as a table; null where it was not asked. */
export function whatIfOf(
  whatIf: WhatIf | undefined,
  words: Wording,
): { readonly table: TextTable; readonly note: string } | null {
  if (whatIf === undefined) return null;
  const say = words.whatIf;
  const { path, kind, format, groups } = whatIf;
  const note = kind === 'server-trusts' ? say.certificateNote : say.helloNote;
  return {
    table: {
      title: say.titles[kind]({ path: code(path) }),
      head: [say.it, say.withFile, say.why, say.number, say.clients, say.connections],
      rows: groups.map((group) => [
        group.was === 'established' ? say.worked : say.failed,
        outcomeText(group, say),
        say.reasons[group.reason],
        words.number(group.count),
        words.list(group.clients.map(code), MOST_NAMED),
        // A group has only the first ids.
        words.list(
          [...group.connections.map(connectionId), ...Array<string>(group.count - group.connections.length).fill('')],
          MOST_NAMED,
        ),
      ]),
    },
    note: OF_EITHER_END.has(format) ? `${say.sharedFileNote({ format: String(format) })} ${note}` : note,
  };
}
