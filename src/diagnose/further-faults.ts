import type { Connection } from '../connection/connection.js';
import type { DataOf } from '../message.js';
import { matchHostName } from '../x509/names.js';
import { periodOf } from '../x509/validity.js';
import type { Context } from './context.js';
import { isOnPath } from './evidence/chains.js';
import { certificateData } from './evidence/citations.js';
import type { Finding } from './finding.js';
import { lacksIntermediate } from './rules/chain-incomplete.js';
import type { Remedy } from './verdict.js';

/** What a report says of faults that come to light once the cause is fixed. */
const FURTHER = {
  id: 'further-faults',
  messages: {
    remedies: {
      name: 'The certificate ({subject}) does not cover {name} either, which the client asked for: have it issued again with that name, or the client refuses it for that next.',
      expired:
        'The certificate {subject} has expired, too, on {notAfter}: renew it as well, or the client refuses it for that next.',
      incomplete:
        'The server does not send the certificate of {missing} either, which issued {subject}: add it to the chain as well, or the client refuses the chain for that next.',
    },
    commands: {},
  },
} as const;

type FurtherFault = keyof typeof FURTHER.messages.remedies;

/** The causes that lie in the server's certificates, and the further faults that each of them does not mention. */
const UNMENTIONED: ReadonlyMap<string, readonly FurtherFault[]> = new Map<string, readonly FurtherFault[]>([
  ['certificate-expired', ['name', 'incomplete']],
  ['certificate-not-yet-valid', ['name', 'incomplete']],
  ['certificate-purpose-invalid', ['name', 'expired', 'incomplete']],
  ['certificate-weak', ['name', 'expired', 'incomplete']],
  ['certificate-revoked', ['name', 'expired', 'incomplete']],
  ['certificate-signature-invalid', ['name', 'expired']],
  ['certificate-nonconforming', ['name', 'expired']],
  ['certificate-authority-unknown', ['name', 'expired']],
  ['certificate-self-signed', ['expired']],
  ['chain-incomplete', ['name', 'expired']],
  ['chain-out-of-order', ['name', 'expired']],
  ['hostname-mismatch', ['expired', 'incomplete']],
]);

/**
 * Findings with the further faults of the server's certificates among the remedies of the cause: clients stop at the
 * first fault, so whoever fixes only that one meets the next.
 */
export function withFurtherFaults(
  findings: readonly Finding[],
  connection: Connection,
  context: Context,
): readonly Finding[] {
  if (connection.serverCertificates.length === 0) return findings;
  return findings.map((finding) => {
    const unsaid = finding.role === 'cause' ? UNMENTIONED.get(finding.rule.id) : undefined;
    if (unsaid === undefined) return finding;
    const further = unsaid.flatMap((fault): Remedy[] => {
      const data = FAULTS[fault](connection, context);
      return data === undefined ? [] : [{ who: 'server', id: fault, data, service: FURTHER }];
    });
    return further.length === 0 ? finding : { ...finding, remedies: [...finding.remedies, ...further] };
  });
}

type Texts = typeof FURTHER.messages.remedies;

/** What is said of each fault; undefined where the certificates do not have it. */
const FAULTS: {
  readonly [Fault in FurtherFault]: (
    connection: Connection,
    context: Context,
  ) => DataOf<Texts[Fault], string> | undefined;
} = {
  name: ({ clientHello, serverCertificates: [leaf] }) => {
    const wanted = clientHello?.serverName ?? null;
    if (wanted === null || leaf?.error !== null) return undefined;
    const { covered, name, presented, commonNameMatches } = matchHostName(leaf, wanted);
    // Some clients still take the common name where there is no other.
    if (covered || (presented.length === 0 && commonNameMatches)) return undefined;
    return { ...certificateData(leaf), name };
  },
  expired: (connection, context) => {
    const at = context.judgedAt(connection);
    const { serverCertificates } = connection;
    const chain = context.chainOf(serverCertificates, at);
    const ended = serverCertificates.find((one) => periodOf(one).ends < at && isOnPath(chain, one));
    return ended && certificateData(ended);
  },
  incomplete: (connection, context) => {
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    if (chain.status !== 'incomplete' || !lacksIntermediate(chain)) return undefined;
    return { ...certificateData(chain.at.certificate), missing: chain.missing.name };
  },
};
