import type { Connection } from '../../connection/connection.js';
import { memoizeLast } from '../../memoize.js';
import type { Actor, Commands, Data, PlaceholderOf, Texts } from '../../message.js';

/** Advice for users of a known service. */
export interface Advice {
  readonly who: Actor;
  /** Among the service's `remedies`. */
  readonly id: string;
  /** Among the service's `commands`. */
  readonly command?: string;
  /** The causes that it applies to; all of them by default. */
  readonly rules?: readonly string[];
}

/** What a service says. Placeholders: `{client}`, `{connect}`, and the values of its `data`. */
export interface ServiceMessages {
  readonly remedies: Texts;
  readonly commands: Commands;
}

/** What is known of a public service, to be added to findings about connections to it. */
export interface Service {
  readonly id: string;
  readonly messages: ServiceMessages;
  readonly advice: readonly Advice[];
  matches(connection: Connection): boolean;
  /** Further values for the placeholders. */
  data?(connection: Connection): Data;
}

/** The placeholders of a service's messages that `data` has to fill. */
type OwnPlaceholder<Own extends ServiceMessages> = Exclude<
  PlaceholderOf<Own['remedies'][keyof Own['remedies']] | Own['commands'][keyof Own['commands']]['run']>,
  'client' | 'connect'
>;

/** A service whose advice the compiler checks against its messages. */
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

/** What a proxy was asked for, `host:port`, also in nested protocols. */
function targetOf(preamble: Connection['preamble']): string | null {
  return preamble === null ? null : (preamble.target ?? targetOf(preamble.next));
}

const withoutFinalDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

/**
 * The names that say which service a connection is for: the one asked for, a proxy's target, those in the certificate.
 */
export const namesOf = memoizeLast(({ clientHello, preamble, serverCertificates }: Connection): string[] => {
  const serverName = clientHello?.serverName ?? null;
  const target = targetOf(preamble)?.replace(/:\d+$/, '') ?? null;
  const asked = serverName === null ? [] : [withoutFinalDot(serverName)];
  if (target !== null) asked.push(withoutFinalDot(target));
  return asked.length > 0 ? asked : (serverCertificates[0]?.subjectAltNames.dns ?? []).map(withoutFinalDot);
});

/** The port that a connection is for: the server's, or the one that a proxy was asked for. */
export function portOf({ preamble, server }: Connection): number {
  return Number(/:(\d+)$/.exec(targetOf(preamble) ?? '')?.[1] ?? server.port);
}
