import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Alert, Connection, Side, Sighting } from '../../connection/connection.js';
import { alertsBeforePeerClosed, fatalAlert } from '../evidence/alerts.js';
import { alertEvidence, clientHelloEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { phrase } from '../phrases.js';
import { party } from '../../message.js';
import { endpointText } from '../../connection/endpoint.js';
import { defineRule } from '../rule.js';

/**
 * Whether the client offers SRTP over DTLS (RFC 5764), as calls over WebRTC and SIP do; DTLS 1.3 encrypts the server's
 * answer.
 */
const isForSrtp = ({ clientHello }: Connection): boolean => clientHello?.extensions.includes('use_srtp') === true;

/**
 * Whether both sides have to show certificates, that of the peer is self-signed, and the client sent no name: then programs
 * usually know each other by fingerprint.
 */
function arePeers(connection: Connection, peer: Side): boolean {
  const { clientHello, certificateRequest, serverCertificates, clientCertificates } = connection;
  const [leaf, ...more] = peer === 'server' ? serverCertificates : clientCertificates;
  return (
    certificateRequest !== null && leaf?.selfIssued === true && more.length === 0 && clientHello?.serverName === null
  );
}

/** The alert with which a side left after the other's certificate: one that says so, or an encrypted one. */
function refusal(connection: Connection): Alert | undefined {
  const said = fatalAlert(connection);
  if (said !== undefined) return said.name === 'bad_certificate' ? said : undefined;
  return alertsBeforePeerClosed(connection).find(({ encrypted }) => encrypted);
}

/** Milliseconds within which a side leaves that does not accept the certificate; a call may end at any time. */
const AT_ONCE_MS = 500;

/** Whether the alert answers the peer's last flight, with its certificate. */
function isAtOnce({ messages, encryptedRecords }: Connection, { from, frame, at }: Alert): boolean {
  const isBefore = (one: Sighting): boolean => one.from !== from && one.frame < frame;
  const last = encryptedRecords.findLast(isBefore) ?? messages.findLast(isBefore);
  return last !== undefined && millisecondsBetween(last.at, at) <= AT_ONCE_MS;
}

export const fingerprintMismatch = defineRule({
  id: 'fingerprint-mismatch',
  title: 'Certificate does not have the fingerprint that was signalled',
  description:
    "In a call secured by DTLS-SRTP (WebRTC, SIP), each side compares the other's certificate with the fingerprint in the SDP. If they differ, it ends the handshake.",
  settledBy:
    'The line a=fingerprint in the SDP that the leaving side had received, compared with the certificate that the other side uses.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8122 §6.2', 'RFC 8827 §6.5', 'RFC 5763 §5'],
  messages: {
    explanations: {
      explanation:
        "The {from} ({address}) left {how} once it had the {peer}'s certificate. The handshake is for DTLS-SRTP (use_srtp), as in calls by WebRTC or SIP, which judge a certificate by the fingerprint in the SDP: probably the fingerprint does not match.",
      peers:
        "The {from} ({address}) left {how} once it had the {peer}'s certificate, which is self-signed. The server asks for a certificate, too: such programs usually know each other by the fingerprint of the certificate, and this one may not be the one that is known.",
      hidden:
        "The {from} ({address}) left {how} once it had the {peer}'s certificate. The handshake is for DTLS-SRTP (use_srtp), as in calls by WebRTC or SIP, which judge a certificate by the fingerprint in the SDP: it may not match. Or the call was ended at that moment.",
    },
    evidence: {},
    remedies: {
      known:
        'Compare the fingerprint that the {from} knows of the {peer} with that of its certificate. They differ if the certificate was made again since, or the fingerprint was never entered.',
      sdp: 'Compare the line a=fingerprint of the SDP that the {from} received with the certificate that the {peer} uses. They differ if the SDP is from an earlier session, a server between them changed it, or the certificate was made again since.',
    },
    commands: {
      fingerprint: {
        run: 'openssl x509 -in certificate.pem -noout -fingerprint -sha256',
        does: 'shows the fingerprint to compare',
        where: 'files',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && connection.protocol === 'dtls',
  judge(connection) {
    if (connection.serverHello === null) return undefined;
    const alert = refusal(connection);
    if (alert === undefined) return undefined;
    const isEncrypted = alert.encrypted;
    const peer = alert.from === 'client' ? 'server' : 'client';
    const isSrtp = isForSrtp(connection);
    if (!isSrtp && (isEncrypted || !arePeers(connection, peer))) return undefined;
    const data = {
      from: party(alert.from),
      peer: party(peer),
      address: endpointText(connection[alert.from]),
      how: isEncrypted ? phrase('withEncryptedAlert') : phrase('withAlert', { alert: 'bad_certificate (42)' }),
    };
    return {
      // An encrypted alert may be the close_notify of a call that ended.
      support: (isEncrypted && !isAtOnce(connection, alert)) || (!isSrtp && peer === 'client') ? 'open' : 'supported',
      basis: 'fact',
      explanation: { id: isEncrypted ? 'hidden' : isSrtp ? 'explanation' : 'peers', data },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection), ...alertEvidence(alert)],
      remedies: [{ who: peer, id: isSrtp ? 'sdp' : 'known', command: 'fingerprint', data }],
    };
  },
});
