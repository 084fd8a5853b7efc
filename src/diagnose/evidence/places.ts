import type { Connection } from '../../connection/connection.js';
import { endpointText } from '../../connection/endpoint.js';
import { memoizeLast } from '../../memoize.js';

// Addresses and names, for messages and commands.

/** The address and port of the server: its key in tables, and what `openssl s_client -connect` takes. */
export const connectTo = memoizeLast(({ server }: Connection): string => endpointText(server));

/** The words by which `openssl s_client` asks for what the client asked for: DTLS, a name or none, `NAME` if it is not known. */
export function sniOption({ clientHello, protocol }: Connection): readonly string[] {
  const carrier = protocol === 'dtls' ? ['-dtls'] : [];
  if (clientHello === null) return [...carrier, '-servername', 'NAME'];
  const { serverName } = clientHello;
  return [...carrier, ...(serverName === null ? ['-noservername'] : ['-servername', serverName])];
}

/** The client's address, the server's, and the options that ask it for the same server name. */
export type Places = Readonly<{ client: string; connect: string; sni: readonly string[] }>;

/** What remedies and their commands name: the client's address, the server's, and how to ask it for what the client asked. */
export const placesOf = memoizeLast((connection: Connection): Places => ({
  client: connection.client.address,
  connect: connectTo(connection),
  sni: sniOption(connection),
}));
