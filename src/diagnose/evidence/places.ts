import type { Connection } from '../../connection/connection.js';
import { endpointText } from '../../connection/endpoint.js';
import { memoizeLast } from '../../memoize.js';
import { innermost, starttlsOption } from '../../preamble/preamble.js';
import { sameForRepeats } from '../fast-path/same-for-repeats.js';
import { withoutGreaseAndSignals } from './offers.js';

// Addresses and names, for messages and commands.

/** The address and port of the server: its key in tables, and the argument of `openssl s_client -connect`. */
export const connectTo = sameForRepeats(memoizeLast(({ server }: Connection): string => endpointText(server)));

/** The options of `openssl s_client` that ask for the client's server name, or for none; `NAME` if it is unknown. */
export function nameOption({ clientHello }: Connection): readonly string[] {
  if (clientHello === null) return ['-servername', 'NAME'];
  const { serverName } = clientHello;
  return serverName === null ? ['-noservername'] : ['-servername', serverName];
}

/** Application protocols as one argument of `openssl s_client -alpn`, which separates them by commas and cannot take one in a name. */
export const alpnArgument = (protocols: readonly string[]): string =>
  protocols.filter((protocol) => protocol !== '' && !protocol.includes(',')).join(',');

/** The options for QUIC, which needs an application protocol. */
export const quicOption = (protocols: readonly string[]): readonly string[] => [
  '-quic',
  '-alpn',
  alpnArgument(protocols) || 'h3',
];

/**
 * The options that ask for what the client asked for: DTLS or QUIC, TLS within a protocol, the name, and if given a single
 * TLS version, or the matching one of DTLS. s_client accepts one protocol option, and refuses two.
 */
export function sniOption(connection: Connection, version: '1.2' | '1.3' | null = null): readonly string[] {
  const { protocol, clientHello, preamble } = connection;
  const within = preamble === null ? undefined : starttlsOption(innermost(preamble).kind);
  const name = [...(within === undefined ? [] : ['-starttls', within]), ...nameOption(connection)];
  if (protocol === 'quic') return [...quicOption(withoutGreaseAndSignals(clientHello?.alpn ?? [])), ...name];
  if (protocol === 'dtls') return version === '1.2' ? [...name, '-dtls1_2'] : ['-dtls', ...name];
  return version === null ? name : [...name, version === '1.2' ? '-tls1_2' : '-tls1_3'];
}

/** What can be the host of a URL: a client may send anything as the server name. */
const HOST_NAME = /^[\w-]+(?:\.[\w-]+)*\.?$/;

/** The arguments of curl that ask this server for its root, by the client's server name if that can stand in a URL. */
export function urlOption(connection: Connection): readonly string[] {
  const name = connection.clientHello?.serverName ?? null;
  const connect = connectTo(connection);
  return name === null || !HOST_NAME.test(name)
    ? [`https://${connect}/`]
    : ['--connect-to', `${name}:443:${connect}`, `https://${name}/`];
}

/**
 * The client's address, the server's, the arguments with which curl asks it, and the options that ask for the same server
 * name, with any version, only TLS 1.2, and only TLS 1.3.
 */
export type Places = Readonly<{
  client: string;
  connect: string;
  url: readonly string[];
  sni: readonly string[];
  sni12: readonly string[];
  sni13: readonly string[];
}>;

/**
 * What remedies and their commands use: the client's address, the server's, and how to ask it for the same as the
 * client.
 */
export const placesOf = memoizeLast((connection: Connection): Places => ({
  client: connection.client.address,
  connect: connectTo(connection),
  url: urlOption(connection),
  sni: sniOption(connection),
  sni12: sniOption(connection, '1.2'),
  sni13: sniOption(connection, '1.3'),
}));
