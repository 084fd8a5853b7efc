import type { Alert, Connection, HandshakeMessage, Sighting } from '../../connection/connection.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import type { Context } from '../context.js';
import { knownToRefuse, lacksIssuerKey, mayMeetNamesake } from '../evidence/chains.js';
import { alertEvidence, clientHelloEvidence, evidence, serverHelloEvidence } from '../evidence/citations.js';
import {
  alertText,
  answeredMessage,
  encryptedAlert,
  fatalAlert,
  helloRejection,
  isAboutUnseen,
  sidesOf,
} from '../evidence/alerts.js';
import { messageValue } from '../evidence/messages.js';
import { differencesOf } from '../evidence/path.js';
import { placesOf } from '../evidence/places.js';
import { isAnswerTo, refusalByClient } from '../evidence/refusals.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

/** bad_record_mac, decryption_failed (up to TLS 1.0), decrypt_error. */
const CODES: ReadonlySet<number | null> = new Set([20, 21, 51]);

/** Messages that hold a signature: decrypt_error says that it is wrong. */
const SIGNED: ReadonlySet<string> = new Set(['server_key_exchange', 'certificate_verify', 'server_hello_done']);

/**
 * The ServerKeyExchange that a client on Go rejects: Go has one alert for all its faults, here without a protocol
 * violation.
 */
function rejectedExchange({ clientHello, messages, violations, alerts }: Connection): HandshakeMessage | undefined {
  const alert = alerts.find(({ from, level }) => from === 'client' && level === 'fatal');
  if (clientHello === null || alert?.name !== 'unexpected_message' || libraryOf(clientHello) !== 'Go') return undefined;
  if (violations.length > 0 || messages.at(-1)?.type !== 'server_hello_done') return undefined;
  return messages.find(({ type }) => type === 'server_key_exchange');
}

type Kind = 'signature' | 'finished' | 'record' | 'unprotected' | 'secret' | 'exchange';

function kindOf(connection: Connection, alert: Alert): Kind {
  const type = answeredMessage(connection, alert)?.type ?? '';
  if (alert.name === 'unexpected_message') return 'exchange';
  if (alert.code !== 51 && isBeforeKeys(connection, alert)) return 'unprotected';
  if (alert.code !== 51) return alert.from === 'server' && isSecretEncrypted(connection) ? 'secret' : 'record';
  return SIGNED.has(type) ? 'signature' : 'finished';
}

/** Whether the peer of the side that sent an alert in a full handshake had sent nothing encrypted by then. */
function isBeforeKeys(connection: Connection, alert: Alert): boolean {
  const { clientHello, serverHello, encryptedRecords, messages } = connection;
  if (clientHello === null || serverHello?.resumed === true || isAboutUnseen(connection, alert)) return false;
  const isOfPeer = ({ from, frame }: Sighting): boolean => from !== alert.from && frame <= alert.frame;
  return (
    !encryptedRecords.some(isOfPeer) &&
    !messages.some((one) => isOfPeer(one) && (one.encrypted || one.decrypted === true))
  );
}

/** Whether the client sent the secret encrypted with the key of the server's certificate (RFC 5246 §7.4.7.1). */
const isSecretEncrypted = ({ serverHello }: Connection): boolean =>
  serverHello !== null && !serverHello.resumed && serverHello.cipherSuite.startsWith('TLS_RSA_');

/**
 * Whether a decrypt_error may be about the signature of a certificate, for which OpenSSL and rustls also send it. The
 * signature is wrong, or nobody can tell: the capture lacks the authority's key, or the peer lacks the algorithm.
 */
function isOfChain(connection: Connection, { from, code }: Alert, context: Context): boolean {
  if (code !== 51) return false;
  const { clientHello, serverHello } = connection;
  // A capture that began late, or has only one side, may lack the chain.
  if (from === 'server') {
    if (clientHello === null) return true;
    const { status } = context.chainOf(connection.clientCertificates, context.judgedAt(connection));
    return status === 'bad-signature' || connection.clientCertificates.some(lacksIssuerKey);
  }
  if (connection.serverCertificates.length === 0) return clientHello === null || serverHello === null;
  const refusal = refusalByClient(connection);
  if (refusal === undefined || isAnswerTo(refusal, 'certificate-signature-invalid') === false) return false;
  const { status } = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
  if (status === 'private-root' && !mayMeetNamesake(connection)) return knownToRefuse(connection).length > 0;
  return status !== 'trusted' || knownToRefuse(connection).length > 0;
}

/** Whether the server may mean the client's certificate. */
function hasClientCertificate({ clientCertificates }: Connection, { from, code }: Alert): boolean {
  return from === 'server' && code === 51 && clientCertificates.length > 0;
}

const messages = defineMessages({
  explanations: {
    exchange:
      'The {from} {address} rejected the key exchange of the {peer}: alert {alert}, which Go sends when the signature in a ServerKeyExchange is wrong. The private key of the {peer} does not belong to its certificate, or the message was altered on the path.',
    record:
      'The {from} {address} could not decrypt a record of the {peer}: alert {alert}. The two sides computed different keys (a fault in one of the TLS libraries, or in a hardware accelerator), or the record was altered on the path.',
    unprotected:
      'The {from} {address} ended the handshake with alert {alert}, which says that it could not decrypt a record of the {peer}. But the {peer} had sent nothing encrypted by then: either the {from} is at fault, or the record was altered on the path.',
    secret:
      "The {from} {address} could not decrypt a record of the {peer}: alert {alert}. With {cipherSuite}, the client encrypts the secret of the handshake with the key of the server's certificate: a private key that does not belong to it makes another secret of that, and servers do not say so (RFC 5246 §7.4.7.1). Otherwise the record was altered on the path, or a TLS library computes wrongly.",
    signature:
      'The {from} {address} found that a signature of the {peer} is wrong: alert {alert}. The private key of the {peer} does not belong to its certificate, or the message was altered on the path.',
    finished:
      'The {from} {address} could not verify the handshake: alert {alert}. The two sides have not seen the same messages: a device on the path altered one, or a key does not belong to its certificate.',
    beside:
      "The {from} {address} ended the handshake with an encrypted alert as soon as it had the server's flight. Another client said of this server's flight, in the clear, that it could not decrypt or verify it ({alert}): probably this one means the same. The private key of the server does not belong to its certificate, or something on the path alters what it sends.",
    initial:
      'A packet of the {from} {address} was altered on the path: its content is a ClientHello, and its authentication tag does not fit. The {peer} drops such a packet silently, so it seems not to answer.',
  },
  evidence: {
    seenAltered: 'a QUIC Initial packet whose tag does not fit its content',
    seenMessage: '{message}',
  },
  remedies: {
    keyPair:
      'Check that certificate and private key of the {peer} {peerAddress} belong together, and reload its service.',
    path: 'Look for an inspection device or a faulty network card between {client} and {connect} that alters data: capture on both sides and compare.',
    libraries:
      'Upgrade the TLS libraries of both sides; switch off hardware acceleration to see whether it is at fault.',
  },
  commands: {
    match: {
      run: 'openssl x509 -in certificate.pem -noout -pubkey | openssl sha256; openssl pkey -in private.key -pubout | openssl sha256',
      does: 'shows whether the certificate and the private key belong together: equal hashes',
      where: 'server',
    },
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -msg </dev/null',
      does: 'shows the handshake, message by message',
      where: 'from-client',
    },
  },
});

export const decryptionFailed = defineRule({
  id: 'decryption-failed',
  title: 'Peer cannot decrypt or verify what it received',
  description:
    'A record does not decrypt, or a signature or Finished does not verify: keys differ, or data was altered on the path.',
  settledBy: 'A capture at each end: if the bytes differ, something on the path altered them. If not, the keys differ.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2', 'RFC 9001 §5.3'],
  messages,
  applies: (connection) =>
    connection.outcome === 'failed' &&
    (CODES.has(fatalAlert(connection)?.code ?? null) ||
      (connection.quic?.altered ?? null) !== null ||
      encryptedAlert(connection, 'client') !== undefined ||
      rejectedExchange(connection) !== undefined),
  judge(connection, context) {
    // What was altered, and where, is more specific (altered-on-the-way).
    if (differencesOf(connection, 'altered').length > 0 || (connection.keys?.altered ?? null) !== null)
      return undefined;
    const altered = connection.quic?.altered ?? null;
    if (altered !== null) {
      const data = { ...placesOf(connection), ...sidesOf(connection, altered) };
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'initial', data },
        evidence: [evidence(altered, 'seenAltered')],
        remedies: [{ who: 'network', id: 'path', command: 'confirm', data }],
      };
    }
    const alert = fatalAlert(connection);
    if (alert === undefined) return judgeHidden(connection, context);
    const sides = sidesOf(connection, alert);
    const message = answeredMessage(connection, alert);
    const kind = kindOf(connection, alert);
    const data = {
      ...placesOf(connection),
      ...sides,
      alert: alertText(alert),
      cipherSuite: connection.serverHello?.cipherSuite ?? '',
    };
    const isRecord = kind === 'record' || kind === 'unprotected' || kind === 'secret';
    const signer = kind === 'secret' ? { ...data, peer: data.from, peerAddress: data.address } : data;
    return {
      // In a resumed session, the keys may be those of another session: see resumption-broken.
      support:
        kind === 'unprotected' ||
        connection.serverHello?.resumed !== false ||
        // Before its own answer, a server has nothing to decrypt or verify except the binder of a pre-shared key.
        helloRejection(connection) !== undefined ||
        isAboutUnseen(connection, alert) ||
        isOfChain(connection, alert, context)
          ? 'open'
          : message === undefined || kind === 'exchange' || hasClientCertificate(connection, alert)
            ? 'supported'
            : 'confirmed',
      basis: 'alert',
      explanation: { id: kind, data },
      evidence: [
        ...(message === undefined
          ? [...clientHelloEvidence(connection), ...serverHelloEvidence(connection)]
          : [evidence(message, 'seenMessage', { message: messageValue(message) })]),
        ...alertEvidence(alert),
      ],
      remedies: [
        ...(kind === 'record' || kind === 'unprotected'
          ? []
          : [{ who: signer.peer.party, id: 'keyPair', command: 'match', data: signer } as const]),
        { who: 'network', id: 'path', command: 'confirm', data },
        ...(isRecord ? [{ who: sides.from.party, id: 'libraries', data } as const] : []),
      ],
    };
  },
});

/** An encrypted alert upon the flight of a server of which another client said in the clear what is wrong. */
function judgeHidden(connection: Connection, context: Context): VerdictOf<typeof messages> | undefined {
  const alert = encryptedAlert(connection, 'client');
  const said = context.serverHistory.unverifiedAt(connection);
  if (alert === undefined || said === undefined || refusalByClient(connection)?.how !== 'encrypted-alert')
    return undefined;
  const data = { ...placesOf(connection), ...sidesOf(connection, alert), alert: alertText(said) };
  return {
    // It may as well have rejected the certificate, or its signature.
    support: 'open',
    basis: 'alert',
    explanation: { id: 'beside', data },
    evidence: [...serverHelloEvidence(connection), ...alertEvidence(alert), ...alertEvidence(said)],
    remedies: [
      { who: 'server', id: 'keyPair', command: 'match', data },
      { who: 'network', id: 'path', command: 'confirm', data },
    ],
  };
}
