import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { certificateData, certificateEvidence, EVIDENCE_MESSAGES } from '../evidence.js';
import { connectTo, hiddenRecords, howRefused, refusalByClient, sniOption, whyUnseen } from '../facts.js';
import type { Rule } from '../rule.js';

/** A client that leaves later than this, in milliseconds, may have run into a time limit. */
const AT_ONCE_MS = 1000;

/**
 * Whether the client closed the connection as soon as it had the server's encrypted flight (TLS 1.3). Node.js verifies
 * certificates by itself, and destroys the socket before its Finished is written.
 */
function leftAtOnce(connection: Connection): boolean {
  const { close } = connection;
  if (close.at === null || close.how !== 'fin') return false;
  const end = close.frame ?? 0;
  const flight = hiddenRecords(connection, 'server').findLast(({ frame }) => frame < end);
  return flight !== undefined && millisecondsBetween(flight.at, close.at) <= AT_ONCE_MS;
}

export const certificateRejected: Rule = {
  id: 'certificate-rejected',
  title: 'Client rejects the server certificate',
  description: "The client refuses the server's certificate, and the capture does not show why.",
  role: 'cause',
  severity: 'error',
  basis: 'alert',
  sources: ['RFC 8446 §6.2', 'RFC 8446 §4.4.2.4', 'RFC 5246 §7.2.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    said: 'The client {client} refused the certificate of the server, {subject},{how}. The capture does not show the trust store and the policy of the client: hold the certificate against these.',
    saidHidden: 'The client {client} refused the certificate of the server{how}; {unseen}.',
    hidden:
      'Right after the flight of the server, which TLS 1.3 encrypts, the client {client} sent a single encrypted alert and no Finished: it refused the certificate. Which fault it found is hidden: look for expiry, name, missing intermediate, unknown authority, in this order.',
    left: 'As soon as the client {client} had the flight of the server, which TLS 1.3 encrypts, it closed the connection, without an alert and without its Finished. Programs that check the certificate by themselves, as Node.js does, refuse it in this way. Which fault it found is hidden: look for expiry, name, missing intermediate, unknown authority, in this order.',
    look: 'Look at the log of the client {client} for the reason; check its trust store and its clock.',
    show: 'Look at the certificate and chain that {connect} sends: dates, names, intermediates.',
    confirm: 'openssl s_client -connect {connect} {asked} -showcerts </dev/null',
  },
  applies: ({ outcome }) => outcome === 'failed',
  judge(connection) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    const isLeft = refusal?.how === 'close' && leaf === undefined && leftAtOnce(connection);
    if (refusal === undefined || !(refusal.how === 'hidden' || refusal.isExplicit || isLeft)) return undefined;
    const isInferred = refusal.how === 'hidden' || isLeft;
    const wanted = connection.clientHello?.serverName ?? null;
    const data = {
      ...(leaf === undefined ? {} : certificateData(leaf)),
      client: connection.client.address,
      connect: connectTo(connection),
      asked: [...sniOption(connection), ...(wanted === null ? [] : ['-verify_hostname', wanted])],
      how: howRefused(refusal),
      unseen: whyUnseen(connection),
    };
    return {
      certainty: isInferred ? 'likely' : 'certain',
      messageId: isLeft ? 'left' : isInferred ? 'hidden' : leaf === undefined ? 'saidHidden' : 'said',
      data,
      evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
      remedies: [
        { who: 'client', messageId: 'look', data },
        { who: 'server', messageId: 'show', commandId: 'confirm', data },
      ],
    };
  },
};
