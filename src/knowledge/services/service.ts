import type { Connection } from '../../connection/connection.js';
import { memoizeLast } from '../../memoize.js';
import type { Actor, Commands, Data, PlaceholderOf, Texts } from '../../message.js';

/** Advice for who uses a known service. */
export interface Advice {
  readonly who: Actor;
  /** Among the service's `remedies`. */
  readonly id: string;
  /** Among the service's `commands`. */
  readonly command?: string;
  /** The causes that it is for; all of them if not given. */
  readonly rules?: readonly string[];
}

/** What a service says. Placeholders: `{client}`, `{connect}`, and what its `data` gives. */
export interface ServiceMessages {
  readonly remedies: Texts;
  readonly commands: Commands;
}

/** What is known of a public service, to be added to findings about connections with it. */
export interface Service {
  readonly id: string;
  readonly messages: ServiceMessages;
  readonly advice: readonly Advice[];
  matches(connection: Connection): boolean;
  /** Further values for the placeholders. */
  data?(connection: Connection): Data;
}

/** The placeholders of a service's messages that `data` has to give. */
type OwnPlaceholder<Own extends ServiceMessages> = Exclude<
  PlaceholderOf<Own['remedies'][keyof Own['remedies']] | Own['commands'][keyof Own['commands']]['run']>,
  'client' | 'connect'
>;

/** A service whose advice the compiler holds against its messages. */
type ServiceDefinition<Own extends ServiceMessages> = Omit<Service, 'data'> & {
  readonly messages: Own;
  readonly advice: readonly (Advice & {
    readonly id: keyof Own['remedies'];
    readonly command?: keyof Own['commands'];
  })[];
} & ([OwnPlaceholder<Own>] extends [never]
    ? { readonly data?: never }
    : { data(connection: Connection): Readonly<Record<OwnPlaceholder<Own>, string>> });

/** Makes a service. The ids and the placeholders of its advice are checked by the compiler. */
export function defineService<const Own extends ServiceMessages>(definition: ServiceDefinition<Own>): Service {
  return definition;
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

const withoutFinalDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

/** The names by which a connection shows whom it is meant for: the one asked for, a proxy's target, the certificate's. */
export const namesOf = memoizeLast(({ clientHello, preamble, serverCertificates }: Connection): string[] => {
  const serverName = clientHello?.serverName ?? null;
  const target = targetOf(preamble)?.replace(/:\d+$/, '') ?? null;
  const asked = serverName === null ? [] : [withoutFinalDot(serverName)];
  if (target !== null) asked.push(withoutFinalDot(target));
  return asked.length > 0 ? asked : (serverCertificates[0]?.subjectAltNames.dns ?? []).map(withoutFinalDot);
});

/** The port that a connection is meant for: the server's, or the one that a proxy was asked for. */
export function portOf({ preamble, server }: Connection): number {
  return Number(/:(\d+)$/.exec(targetOf(preamble) ?? '')?.[1] ?? server.port);
}
