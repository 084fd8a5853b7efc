import type { Connection } from '../../connection/connection.js';
import { suiteOf } from '../../ends/configurations/cipher-strings.js';
import type { Accepted, Service } from '../../ends/configurations/configuration.js';
import type { Context } from '../context.js';
import { otherConnectionEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { TLS13_SUITE } from './agreement.js';
import { servicesAt } from './service.js';
import type { Weigher, Weight } from './weight.js';

// Whether the given configuration can be the one that the server used.

/**
 * A weigher by a server's configuration that says nothing if the server was seen to choose what the configuration rules
 * out.
 */
export function unlessContradicted(weigh: Weigher): Weigher {
  return (connection, context, verdict) => {
    const weight = weigh(connection, context, verdict);
    return weight === null ? null : (contradiction(connection, context) ?? weight);
  };
}

/**
 * What shows that another configuration is in use at the address and port of this connection's server; null if nothing
 * does.
 */
function contradiction(connection: Connection, { ends, serverHistory }: Context): Weight | null {
  const configuration = ends?.serverConfiguration ?? null;
  if (configuration === null) return null;
  const services = servicesAt(configuration, connection.server);
  const { versions, cipherSuites } = serverHistory.acceptedBy(connection);
  for (const seen of [connection, ...versions.values(), ...cipherSuites.values()]) {
    const found = notAllowed(seen, services);
    if (found === null) continue;
    const { chosen, setting } = found;
    const { path, line, text } = setting;
    const evidence = seen === connection ? serverHelloEvidence(connection) : otherConnectionEvidence(seen, chosen);
    const fact = { id: 'notInForce', data: { chosen, text }, source: { path, line } } as const;
    return { support: null, facts: [fact], evidence, remedies: [] };
  }
  return null;
}

/**
 * Something the server chose that no service of its port allows, and the line that rules it out; null if one may allow
 * it.
 */
function notAllowed(
  { serverHello }: Pick<Connection, 'serverHello'>,
  services: readonly Service[],
): { readonly chosen: string; readonly setting: Accepted } | null {
  if (serverHello === null) return null;
  const { cipherSuite, resumed, signatureScheme } = serverHello;
  const version = serverHello.version.replace(/^DTLS /, 'TLS ');
  const byVersion = ruledOut(version, services, ({ versions }) => versions);
  if (byVersion !== null) return { chosen: serverHello.version, setting: byVersion };
  const byScheme =
    signatureScheme === null ? null : ruledOut(signatureScheme, services, ({ signatureSchemes }) => signatureSchemes);
  if (signatureScheme !== null && byScheme !== null) return { chosen: signatureScheme, setting: byScheme };
  const isRecent = TLS13_SUITE.test(cipherSuite);
  // A resumed session keeps the suite of its first handshake; suites of TLS 1.3 are in no cipher string.
  if (resumed || (!isRecent && suiteOf(cipherSuite) === undefined)) return null;
  const bySuite = ruledOut(cipherSuite, services, (one) => (isRecent ? one.tls13CipherSuites : one.cipherSuites));
  return bySuite === null ? null : { chosen: cipherSuite, setting: bySuite };
}

/** The first of the settings, if all of them are known and none has the value. */
function ruledOut(
  value: string,
  services: readonly Service[],
  of: (service: Service) => Accepted | null,
): Accepted | null {
  const settings = services.map(of);
  const isRuledOut = (setting: Accepted | null): boolean =>
    setting !== null &&
    !setting.value.includes(value) &&
    setting.perhaps !== 'any' &&
    setting.perhaps?.includes(value) !== true;
  return settings.every(isRuledOut) ? (settings[0] ?? null) : null;
}
