import type { Connection } from '../../connection/connection.js';
import type { Configuration, Service } from '../../ends/configurations/configuration.js';

/** The service of a configuration that a connection reaches. */
export interface ReachedService {
  readonly service: Service;
  /** It has the name asked for; otherwise it answers as the default one. */
  readonly isNamed: boolean;
}

/** The services that may answer at a port, as the capture shows it: behind a translation of addresses it may be another one. */
export function servicesAt({ services }: Configuration, port: number): readonly Service[] {
  const byPort = services.filter(({ ports }) => ports.length === 0 || ports.includes(port));
  return byPort.length > 0 ? byPort : services.length === 1 ? services : [];
}

/** Null where the configuration does not tell: no service of that port, or names that are not understood. */
export function serviceFor(
  configuration: Configuration,
  port: number,
  serverName: string | null,
): ReachedService | null {
  const candidates = servicesAt(configuration, port);
  const name = serverName?.toLowerCase() ?? null;
  const named =
    name === null
      ? undefined
      : (candidates.find(({ names }) => names.some((one) => one.toLowerCase() === name)) ??
        candidates.find(({ names }) => names.some((one) => isWildcardFor(one.toLowerCase(), name))));
  if (named !== undefined) return { service: named, isNamed: true };
  // A regular expression or a variable may have the name.
  if (candidates.some(({ names }) => names.some((one) => /^~|\$/.test(one)))) return null;
  const service = candidates.find(({ isDefault }) => isDefault) ?? candidates[0];
  return service === undefined ? null : { service, isNamed: service.names.length === 0 };
}

/** `*.example.com`, `.example.com` (also the domain itself), `www.example.*`. */
function isWildcardFor(pattern: string, name: string): boolean {
  if (pattern.startsWith('*.')) return name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1;
  if (pattern.startsWith('.')) return name.endsWith(pattern) || name === pattern.slice(1);
  return pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1));
}

/** The service that a connection reaches, by port and name. */
export function reachedService(configuration: Configuration | null, connection: Connection): ReachedService | null {
  if (configuration === null || connection.clientHello === null) return null;
  return serviceFor(configuration, connection.server.port, connection.clientHello.serverName);
}
