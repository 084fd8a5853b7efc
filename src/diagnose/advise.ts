import type { Connection } from '../connection/connection.js';
import type { Service } from '../knowledge/services/service.js';
import type { Command } from '../message.js';
import { connectTo } from './evidence/places.js';
import type { Finding } from './finding.js';
import type { Remedy } from './verdict.js';

/** Findings with the advice of their connection's service added after each rule's own. */
export function advise(
  findings: readonly Finding[],
  connection: Connection,
  services: readonly Service[],
): readonly Finding[] {
  if (connection.eap !== null) return findings.map((finding) => ({ ...finding, remedies: ofEap(finding) }));
  const service = findings.length === 0 ? undefined : services.find((one) => one.matches(connection));
  if (service === undefined) return findings;
  const data = { client: connection.client.address, connect: connectTo(connection), ...service.data?.(connection) };
  return findings.map((finding) => {
    const advice: Remedy[] = service.advice
      .filter(({ rules }) => rules?.includes(finding.rule.id) ?? true)
      .map(({ who, id, command }) => ({ who, id, ...(command === undefined ? {} : { command }), data, service }));
    return advice.length === 0 ? finding : { ...finding, remedies: [...finding.remedies, ...advice] };
  });
}

/**
 * Remedies over EAP: a RADIUS server speaks no TLS over TCP, so no command can start a handshake with it; and the
 * supplicant reaches it only through the authenticator.
 */
const ofEap = ({ rule, remedies }: Finding): readonly Remedy[] =>
  remedies.map((remedy) => {
    const { command, ...others } = remedy;
    const found = rule.messages.commands[command ?? ''];
    if (found !== undefined && connectsToServer(found)) return others;
    return found?.where === 'from-client' ? { ...remedy, where: 'authenticator' } : remedy;
  });

/** Whether a command connects to the connection's server, whose address and port are in it. */
const connectsToServer = ({ run }: Command): boolean => run.includes('{connect}') || run.includes('{server}');
