import type { Connection } from '../../connection/connection.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  EVIDENCE_MESSAGES,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { fatalAlert, howClientEnded, closedWithoutAlert, placesOf, versionRank } from '../evidence/facts.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import type { Evidence, Rule } from '../rule.js';

/** Whether the client asked for secure renegotiation, and the server did not answer (RFC 5746 §3.4). */
export function lacksSecureRenegotiation({ clientHello, serverHello }: Connection): boolean {
  if (clientHello === null || serverHello === null) return false;
  if (versionRank(serverHello.version) >= versionRank('TLS 1.3')) return false;
  return asksForSecureRenegotiation(clientHello) && !serverHello.extensions.includes('renegotiation_info');
}

/** The extension, or the signalling suite that stands for it. */
export function asksForSecureRenegotiation({
  extensions,
  cipherSuites,
}: Pick<NonNullable<Connection['clientHello']>, 'extensions' | 'cipherSuites'>): boolean {
  return extensions.includes('renegotiation_info') || cipherSuites.includes('TLS_EMPTY_RENEGOTIATION_INFO_SCSV');
}

/** Whether a client went away without a word that would have sent an alert, which Node.js, on OpenSSL, loses. */
function hasLeft(connection: Connection): boolean {
  if (!closedWithoutAlert(connection) || connection.clientHello === null) return false;
  const library = libraryOf(connection.clientHello);
  return library === 'OpenSSL' || library === 'Node.js';
}

const hellosOf = (connection: Connection): Evidence[] => [
  ...clientHelloEvidence(connection),
  ...serverHelloEvidence(connection),
];

export const renegotiationRefused: Rule = {
  id: 'renegotiation-refused',
  title: 'Renegotiation refused, or not secure',
  description:
    'A peer does not want to renegotiate, or refuses one that cannot renegotiate securely (RFC 5746), as OpenSSL 3 does.',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 5746 §3.4', 'RFC 5746 §4.1', 'RFC 5246 §7.2.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    insecure:
      'The server does not know secure renegotiation (its ServerHello lacks renegotiation_info), and the client refused it{how}. OpenSSL 3 does so, and says "unsafe legacy renegotiation disabled".',
    said: 'One side wanted to renegotiate; the {from} {address} refused with alert no_renegotiation (100), and the connection ended.',
    patch:
      'Upgrade the TLS library of {connect} to one that knows RFC 5746 (any since 2010); a proxy or appliance in front of it may be what answers.',
    allow:
      'As a stopgap, allow such servers in the client {client} (OpenSSL 3: Options = UnsafeLegacyServerConnect), for this server alone.',
    avoid:
      'Find out what asks for the renegotiation (mostly a client certificate wanted for some paths only), and ask for it in the first handshake instead.',
    confirm: 'openssl s_client -connect {connect} {sni} -tls1_2 -legacy_server_connect </dev/null',
  },
  applies: ({ outcome }) => outcome === 'failed',
  judge(connection) {
    const refusal = connection.alerts.find(({ code }) => code === 100);
    if (refusal !== undefined) {
      const { from } = refusal;
      const data = { ...placesOf(connection), from, address: connection.client.address };
      return {
        certainty: 'likely',
        messageId: 'said',
        data: { ...data, address: connection[from].address },
        evidence: [...hellosOf(connection), ...alertEvidence(refusal)],
        remedies: [{ who: 'server', messageId: 'avoid', commandId: 'confirm', data }],
      };
    }
    const alert = fatalAlert(connection, 'client');
    const isRefused = alert === undefined ? hasLeft(connection) : alert.name === 'handshake_failure';
    if (!isRefused || !lacksSecureRenegotiation(connection)) return undefined;
    const { serverHello, messages } = connection;
    // Such a client does not look at what comes behind the ServerHello.
    const hasGoneOn = messages.some(({ from, type }) => from === 'client' && type !== 'client_hello');
    if (serverHello === null || serverHello.resumed || hasGoneOn) return undefined;
    const data = { ...placesOf(connection), from: '', address: connection.client.address };
    return {
      certainty: 'likely',
      messageId: 'insecure',
      data: { ...data, how: howClientEnded(alert) },
      evidence: [...hellosOf(connection), ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert))],
      remedies: [
        { who: 'server', messageId: 'patch', commandId: 'confirm', data },
        { who: 'client', messageId: 'allow', data },
      ],
    };
  },
};
