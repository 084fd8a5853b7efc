import type { Connection } from '../../connection/connection.js';
import { connectTo } from '../../diagnose/evidence/facts.js';
import { memoizeLast } from '../../memoize.js';
import type { Actor, Data, Finding, Rule } from '../../diagnose/rule.js';

/** Advice for who uses a known service. */
export interface Advice {
  readonly who: Actor;
  /** Id among the service's messages. */
  readonly messageId: string;
  /** Id among the service's messages of a shell command. */
  readonly commandId?: string;
  /** The causes that it is for; all of them if not given. */
  readonly rules?: readonly string[];
}

/** What is known of a public service, to be added to findings about connections with it. */
export interface Service {
  readonly id: string;
  /** Texts by id. Placeholders: `{client}`, `{connect}`, and what `data` gives. */
  readonly messages: Readonly<Record<string, string>>;
  readonly advice: readonly Advice[];
  matches(connection: Connection): boolean;
  /** Further values for the placeholders. */
  data?(connection: Connection): Data;
}

/** Causes that keep a client from a service before TLS does. */
export const PATH_RULES: readonly string[] = [
  'tcp-connection-refused',
  'tcp-connection-timeout',
  'proxy-refused',
  'server-silent',
  'client-hello-lost',
  'path-mtu-blackhole',
  'connection-reset',
  'closed-without-alert',
];

/** What a proxy was asked for, `host:port`; another protocol may lie around or behind it. */
function targetOf(preamble: Connection['preamble']): string | null {
  return preamble === null ? null : (preamble.target ?? targetOf(preamble.next));
}

const plain = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

/** The names by which a connection shows whom it is meant for: the one asked for, a proxy's target, the certificate's. */
export const namesOf = memoizeLast(({ clientHello, preamble, serverCertificates }: Connection): string[] => {
  const serverName = clientHello?.serverName ?? null;
  const target = targetOf(preamble)?.replace(/:\d+$/, '') ?? null;
  const asked = serverName === null ? [] : [plain(serverName)];
  if (target !== null) asked.push(plain(target));
  return asked.length > 0 ? asked : (serverCertificates[0]?.subjectAltNames.dns ?? []).map(plain);
});

/** The port that a connection is meant for: the server's, or the one that a proxy was asked for. */
export function portOf({ preamble, server }: Connection): number {
  return Number(/:(\d+)$/.exec(targetOf(preamble) ?? '')?.[1] ?? server.port);
}

const extended = new Map<string, Rule>();

/** The rule, able to say what the service says as well. */
function withMessages(rule: Rule, service: Service): Rule {
  const key = `${rule.id} ${service.id}`;
  const known = extended.get(key);
  if (known !== undefined) return known;
  const own = Object.entries(service.messages).map(([id, text]) => [messageIdOf(service, id), text] as const);
  const made = { ...rule, messages: { ...rule.messages, ...Object.fromEntries(own) } };
  extended.set(key, made);
  return made;
}

const messageIdOf = ({ id }: Service, messageId: string): string => `${id}/${messageId}`;

/** Findings with the advice of the service that their connection is about, behind each rule's own. */
export function advise(
  findings: readonly Finding[],
  connection: Connection,
  services: readonly Service[],
): readonly Finding[] {
  const service = findings.length === 0 ? undefined : services.find((one) => one.matches(connection));
  if (service === undefined) return findings;
  const data = { client: connection.client.address, connect: connectTo(connection), ...service.data?.(connection) };
  return findings.map((finding) => {
    const advice = service.advice.filter(({ rules }) => rules?.includes(finding.rule.id) ?? true);
    if (advice.length === 0) return finding;
    return {
      ...finding,
      rule: withMessages(finding.rule, service),
      remedies: [
        ...finding.remedies,
        ...advice.map(({ who, messageId, commandId }) => ({
          who,
          messageId: messageIdOf(service, messageId),
          ...(commandId === undefined ? {} : { commandId: messageIdOf(service, commandId) }),
          data,
        })),
      ],
    };
  });
}
