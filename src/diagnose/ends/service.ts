import type { Connection } from '../../connection/connection.js';
import type { Configuration, Service } from '../../ends/configurations/configuration.js';
import { matchesPattern } from '../../ends/configurations/values.js';
import { memoize, memoizeLastQuestion } from '../../memoize.js';

/** The service in a configuration that a connection reaches. */
export interface ReachedService {
  readonly service: Service;
  /** It has the requested name; otherwise it answers as the default. */
  readonly isNamed: boolean;
}

/** Where a server is reached, as the capture shows it. */
type Place = Pick<Connection['server'], 'address' | 'port'>;

/**
 * The services that may answer at a place: those that listen at its address, or else at any address. With address
 * translation, the configuration has another address: then all services of the port, or the only one there is.
 */
export function servicesAt({ services }: Configuration, { address, port }: Place): readonly Service[] {
  const byPort = services.filter(({ ports }) => ports.length === 0 || ports.includes(port));
  const [first] = byPort;
  if (first === undefined) return services.length === 1 ? services : [];
  for (const where of [address, null]) {
    const there = byPort.filter((one) => one.address === where);
    if (there.length > 0) return there;
  }
  return byPort.every((one) => one.address === first.address) ? byPort : [];
}

/** Null if the configuration does not show it: no service has that port, or names are not understood. */
export function serviceFor(
  configuration: Configuration,
  place: Place,
  serverName: string | null,
): ReachedService | null {
  const candidates = servicesAt(configuration, place);
  const named =
    serverName === null ? undefined : serviceNamed(candidates, serverName.toLowerCase(), configuration.nameMatching);
  if (named !== undefined) return { service: named, isNamed: true };
  // A regular expression or a variable may match the name.
  if (serverName !== null && candidates.some((one) => namesOf(one).hasUnknown)) return null;
  const service = candidates.find(({ isDefault }) => isDefault) ?? candidates[0];
  return service === undefined ? null : { service, isNamed: false };
}

const UNKNOWN_NAME = /^~|\$/;

/** The names of a service, prepared for lookup: there may be hundreds of thousands, and each failure needs one. */
interface Names {
  /** Names without wildcards. */
  readonly exact: ReadonlySet<string>;
  readonly patterns: readonly string[];
  /** Names that it excludes, without their `!`. */
  readonly excluded: readonly string[];
  /** A regular expression or a variable may be any name. */
  readonly hasUnknown: boolean;
}

const namesOf = memoize(({ names }: Service): Names => {
  const lower = names.map((one) => one.toLowerCase());
  return {
    exact: new Set(lower.filter((one) => !PATTERN.test(one))),
    patterns: lower.filter((one) => PATTERN.test(one)),
    excluded: lower.filter((one) => one.startsWith('!')).map((one) => one.slice(1)),
    hasUnknown: names.some((one) => UNKNOWN_NAME.test(one)),
  };
});

/** A name that may match more than itself. */
const PATTERN = /^\.|[*?[]/;

/** The service that has a name; undefined if none has it. */
function serviceNamed(
  services: readonly Service[],
  name: string,
  matching: Configuration['nameMatching'],
): Service | undefined {
  let best: { readonly service: Service; readonly rank: number } | undefined;
  for (const service of services) {
    const { exact, patterns, excluded } = namesOf(service);
    if (excluded.some((pattern) => rankOf(pattern, name, matching) > 0)) continue;
    const isExact = exact.has(name);
    if (matching === 'first' && (isExact || patterns.some((pattern) => rankOf(pattern, name, matching) > 0)))
      return service;
    if (isExact && EXACT > (best?.rank ?? 0)) best = { service, rank: EXACT };
    for (const pattern of patterns) {
      const rank = rankOf(pattern, name, matching);
      if (rank > (best?.rank ?? 0)) best = { service, rank };
    }
  }
  return best?.service;
}

const EXACT = 1e6;

/**
 * 0 if a pattern does not match the name; otherwise higher for earlier choice: an exact name, `*.example.com`, `www.*`.
 */
function rankOf(pattern: string, name: string, matching: Configuration['nameMatching']): number {
  if (pattern === name) return EXACT;
  if (pattern.startsWith('.'))
    return name === pattern.slice(1) ? EXACT : name.endsWith(pattern) ? 1000 + pattern.length : 0;
  if (!matchesPattern(pattern, name)) return 0;
  if (matching === 'label' && pattern.split('.').length !== name.split('.').length) return 0;
  return pattern.startsWith('*') ? 1000 + pattern.length : pattern.length;
}

/** The service that a connection reaches, by place and name. */
export function reachedService(configuration: Configuration | null, connection: Connection): ReachedService | null {
  return configuration === null ? null : reachedIn(configuration, connection);
}

/** One rule after another asks about the same connection. */
const reachedIn = memoizeLastQuestion(
  (configuration: Configuration, { clientHello, server }: Connection): ReachedService | null =>
    clientHello === null ? null : serviceFor(configuration, server, clientHello.serverName),
);
