/** What the files of the two ends say about a diagnosis. */
import type { Comparison, ComparedCertificate } from '../../diagnose/ends/comparison.js';
import type { DiagnosedConnection, Finding } from '../../diagnose/finding.js';
import type { WhatIf, WhatIfGroup, WhatIfReason } from '../../diagnose/ends/what-if.js';
import type { Results } from '../../diagnose/results.js';
import type { UnreadLine } from '../../ends/configurations/configuration.js';
import { grouped, listed } from '../phrases.js';
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

const TITLES: Readonly<Record<Comparison['kind'], string>> = {
  'client-trusts': "The server's certificates and the trust store of the clients,",
  'server-trusts': "The client's certificates and the trust store of the server,",
  'server-certificates': 'The certificates sent and those of',
};

const RESULTS: Readonly<Record<Comparison['result'], string>> = {
  trusted: 'the chain ends in the store',
  untrusted: 'the chain does not end in the store',
  'intermediate-anchor': 'the chain ends in a certificate of the store that is not a root',
  'as-configured': 'sent as configured',
  otherwise: 'not sent as configured',
  unknown: 'cannot be told',
};

/** For a chain that is untrusted only because of that. */
const EXPIRED = 'the chain ends in a certificate of the store that has expired';

const LIKENESS: Readonly<Record<ComparedCertificate['likeness'], string>> = {
  same: 'the same',
  expired: 'in the store, where it has expired',
  'same-key': 'another certificate for the same key',
  'other-key': 'same name, other key',
  absent: 'not in the store',
  'not-sent': 'in the store, not sent',
  unseen: 'encrypted: cannot be compared',
};

/** Null if no files were given, or they say nothing about it. */
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
  const isExpired = result === 'untrusted' && certificates.at(-1)?.likeness === 'expired';
  return {
    title: `${TITLES[kind]} ${code(store)}: ${isExpired ? EXPIRED : RESULTS[result]}`,
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

/** Lines of configurations that are named. */
const MOST_LINES = 6;

const UNREAD: Readonly<Record<UnreadLine['why'], string>> = {
  'no-such-file': 'no such file',
  'not-understood': 'not understood',
  variable: 'a variable whose value is not known',
  condition: 'a condition that may hold or not',
};

/** Lines of the given configurations that are not understood, in one line; none if all are. */
export function unreadLinesText({ unreadLines: lines = [] }: Pick<Results, 'unreadLines'>): Text[] {
  if (lines.length === 0) return [];
  const all = lines.map(({ path, line, text, why }) => {
    const place = code(line === null ? path : `${path}:${line}`);
    return `${place} (${code(text)}: ${UNREAD[why]})`;
  });
  return [`Not read of the configuration: ${listed(all, MOST_LINES)}`];
}

const KINDS: Readonly<Record<WhatIf['kind'], string>> = {
  configuration: 'as configuration of the server',
  chain: 'as the certificates that the server sends',
  'client-trusts': 'as the trust store of the clients',
  'server-trusts': 'as the trust store of the server',
};

const REASONS: Readonly<Record<WhatIfReason, string>> = {
  fits: 'version, cipher suite and group in common',
  'no-version': 'no TLS version in common',
  'no-cipher-suite': 'no cipher suite in common',
  'no-group': 'no group in common',
  'name-rejected': 'the server would reject the name asked for',
  'no-service': 'the file does not tell which service would answer',
  'proxy-header': 'the server would wait for a PROXY header',
  'proxy-header-unexpected': 'the client begins with a PROXY header, which the server would not expect',
  'client-certificate': 'the server would demand a certificate; whether the client has one is not known',
  'not-set': 'the file does not settle it',
  'name-not-covered': 'no certificate of the file bears the name asked for',
  'not-valid': 'a certificate of the file was not valid at that time',
  'no-signature-scheme': 'no signature scheme in common',
  'key-type': 'the client has no signatures of the kind of key that the certificate has',
  'client-key-type': 'the server would take no signature of the kind of key that the client has',
  'client-untrusted': 'the server would not trust the certificate of the client',
  'client-chain-too-long':
    'the chain of the client is longer than the server would allow (SSLVerifyDepth, which counts the root too)',
  'client-certificate-unasked':
    'the server would ask for a certificate, and refuse one that it does not trust; whether the client would show one is not in view',
  'requests-refused':
    'the server would complete the handshake, and refuse the requests (nginx: HTTP 400), since it would not trust the certificate of the client, or its chain is longer than ssl_verify_depth',
  'client-trust-unknown':
    'whether the server would trust the certificate of the client is not known (--server-trusts tells)',
  'certificates-absent': 'it failed of its certificate, and those that the file names are not at hand',
  trusted: 'the issuer is trusted',
  untrusted: 'the chain would not end in the trust store',
  'intermediate-anchor':
    'the chain would end in a certificate of the trust store that is not a root: programs on OpenSSL refuse that, unless they set X509_V_FLAG_PARTIAL_CHAIN',
  'trust-unknown': 'whether the client trusts the issuer is not known (--client-trusts tells)',
  'chain-shorter':
    'a certificate of an issuer that the server sends now would be missing; some clients have it, or fetch it',
  'chain-hidden': 'the chain of the server is not in view',
  'chain-unchecked': 'the chain could not be checked',
  'no-client-certificate': 'the server does without a certificate of the client',
  'client-certificate-hidden': 'whether the client has sent a certificate is not in view',
  'no-hello': 'the ClientHello is not in the capture',
  'other-cause': 'it failed of something else',
  'cause-unsure': 'why it failed is not sure',
};

function outcomeText(was: WhatIfGroup['was'], would: WhatIfGroup['would'], reason: WhatIfReason): string {
  if (would === 'work') return 'would work';
  if (would === 'unknown') return 'cannot be told';
  if (reason === 'requests-refused') return 'would be refused after the handshake';
  return was === 'failed' ? 'would still fail' : 'would break';
}

const NOTES = {
  certificate:
    'Judged by the certificate that each client has sent; what programs check besides (revocation, names), and whether a client would choose another certificate by the authorities that the server then names, is not known.',
  hello:
    'Judged by what each ClientHello offers and by what the file settles; what programs check besides (revocation, pins, client certificates) is not known.',
} as const;

/** Files that clients and servers read alike: it is said whose it is taken for. */
const OF_EITHER_END: ReadonlySet<string | null> = new Set(['java.security', 'openssl.cnf']);

const sharedFileNote = ({ format }: WhatIf): string[] =>
  OF_EITHER_END.has(format)
    ? [
        `Clients and servers alike read a file of this kind (${String(format)}): here it is the server's, and what it lets a client offer is not judged.`,
      ]
    : [];

/** "Would it have worked?" as a table; null where it was not asked. */
export function whatIfOf(whatIf: WhatIf | undefined): { readonly table: TextTable; readonly note: string } | null {
  if (whatIf === undefined) return null;
  return {
    table: {
      title: `Would it have worked with ${code(whatIf.path)} ${KINDS[whatIf.kind]}?`,
      head: ['It', 'With the file it', 'Why', 'Number', 'Clients', 'Connections'],
      rows: whatIf.groups.map(({ was, would, reason, count: number, clients, connections }) => [
        was === 'established' ? 'worked' : 'failed',
        outcomeText(was, would, reason),
        REASONS[reason],
        grouped(number),
        listed(clients.map(code), MOST_NAMED),
        // A group has only the first ids.
        listed([...connections.map(connectionId), ...Array<string>(number - connections.length).fill('')], MOST_NAMED),
      ]),
    },
    note: [...sharedFileNote(whatIf), ...[NOTES[whatIf.kind === 'server-trusts' ? 'certificate' : 'hello']]].join(' '),
  };
}
