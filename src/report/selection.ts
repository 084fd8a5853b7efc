import type { Endpoint, Protocol } from '../connection/connection.js';
import type { DiagnosedConnection } from '../diagnose/finding.js';

/** What `Selection.protocols` may name. */
export const PROTOCOLS: readonly Protocol[] = ['tls', 'dtls', 'quic', 'gquic', 'eap-tls'];

/**
 * Which connections a report is about: those that meet every kind of criterion that has values, each by any one of its
 * values. Others are neither shown nor counted; as evidence of what worked elsewhere they stay.
 */
export interface Selection {
  /** Address of either side, or the server name asked for. */
  readonly hosts: readonly string[];
  /** Port of either side. */
  readonly ports: readonly number[];
  /** The server name asked for; `*.example.com` is every name below example.com. */
  readonly serverNames: readonly string[];
  /** What carries TLS, and how. */
  readonly protocols: readonly Protocol[];
  /** Ids of the rules that a connection failed of. */
  readonly diagnoses: readonly string[];
}

/** Whether a connection is among those selected. */
export function isSelected(selection: Selection, { connection, cause }: DiagnosedConnection): boolean {
  const { client, server, clientHello, protocol } = connection;
  const name = canonical(clientHello?.serverName ?? '');
  const any = <T>(wanted: readonly T[], meets: (value: T) => boolean): boolean =>
    wanted.length === 0 || wanted.some(meets);
  const isEither = (meets: (end: Endpoint) => boolean): boolean => meets(client) || meets(server);
  return (
    any(selection.hosts, (host) => {
      const wanted = canonical(host);
      return isEither(({ address }) => address === wanted) || (name !== '' && name === wanted);
    }) &&
    any(selection.ports, (wanted) => isEither(({ port }) => port === wanted)) &&
    any(selection.serverNames, (wanted) => isNamed(name, canonical(wanted))) &&
    any(selection.protocols, (wanted) => protocol === wanted) &&
    any(selection.diagnoses, (wanted) => cause?.rule.id === wanted)
  );
}

/** Names and addresses are compared without regard to case, brackets, and the dot at the end. */
function canonical(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function isNamed(name: string, wanted: string): boolean {
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1 : name === wanted;
}
