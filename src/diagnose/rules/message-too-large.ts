import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { peculiaritiesOf } from '../evidence/chains.js';
import { certificateEvidence, closeEvidence, clientHelloEvidence } from '../evidence/citations.js';
import { placesOf } from '../evidence/places.js';
import { fatalAlert } from '../evidence/alerts.js';
import { alertEvidence } from '../evidence/citations.js';
import { howRefused, refusalByClient } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';

/** The most certificates that Java takes by default (jdk.tls.maxCertificateChainLength). */
const MOST_BY_JAVA = 10;
/** Java's bound of a handshake message (jdk.tls.maxHandshakeMessageSize), in bytes. */
const LONGEST_BY_JAVA = 32_768;
/** A client that cannot take what it gets leaves at once, in milliseconds. */
const AT_ONCE_MS = 1000;

export const messageTooLarge = defineRule({
  id: 'message-too-large',
  title: 'Message is larger than the peer takes',
  description:
    'The server sends a message, a record or a chain of certificates beyond what the client takes, or in pieces that it cannot join.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1', 'RFC 6066 §4', 'RFC 8449 §4'],
  messages: {
    explanations: {
      tooMany:
        'The server sends {count} certificates; Java, on which the client is by its ClientHello, takes {limit} by default (jdk.tls.maxCertificateChainLength). The client refused them {how}.',
      tooLong:
        'The Certificate message of the server has {bytes} bytes; Java, on which the client is by its ClientHello, takes {limit} by default (jdk.tls.maxHandshakeMessageSize). The client refused it {how}.',
      manyCertificates:
        'The server sends {count} certificates, more than some clients take (Java: {limit}). The client refused them {how}.',
    },
    evidence: {},
    remedies: {
      shorten:
        'Let {connect} send its own certificate and the intermediates that lead to the root, each once, and nothing else.',
      raise: 'Or raise the bound at the client {client} (Java: -Djdk.tls.maxCertificateChainLength={count}).',
      raiseLength: 'Or raise the bound at the client {client} (Java: -Djdk.tls.maxHandshakeMessageSize={bytes}).',
    },
    commands: {
      confirm: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
    },
  },
  applies: ({ serverCertificates }) => serverCertificates.length > 0,
  judge(connection) {
    const { clientHello, serverCertificates, messages, ending } = connection;
    const refusal = refusalByClient(connection);
    if (refusal === undefined || clientHello === null) return undefined;
    const alert = fatalAlert(connection, 'client');
    const isFitting =
      refusal.how === 'close' ||
      alert?.name === 'handshake_failure' ||
      alert?.name === 'internal_error' ||
      alert?.name === 'illegal_parameter' ||
      alert?.name === 'unexpected_message';
    const message = messages.find(({ from, type }) => from === 'server' && type === 'certificate');
    const end = alert?.at ?? ending.at;
    if (!isFitting || message === undefined || end === null) return undefined;
    if (millisecondsBetween(message.at, end) > AT_ONCE_MS) return undefined;
    const library = libraryOf(clientHello);
    const isLong = message.length > LONGEST_BY_JAVA;
    const isMany = peculiaritiesOf(connection).some(({ kind }) => kind === 'more-than-ten-certificates');
    if ((!isMany && !isLong) || (library !== null && library !== 'JSSE')) return undefined;
    const data = {
      ...placesOf(connection),
      count: serverCertificates.length,
      bytes: message.length,
      limit: isMany ? MOST_BY_JAVA : LONGEST_BY_JAVA,
      how: howRefused(refusal),
    };
    return {
      support: library === 'JSSE' ? 'supported' : 'open',
      basis: 'fact',
      explanation: { id: library === null ? 'manyCertificates' : isMany ? 'tooMany' : 'tooLong', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...certificateEvidence(connection, 'server', serverCertificates[0]),
        ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
      ],
      remedies: [
        { who: 'server', id: 'shorten', command: 'confirm', data },
        { who: 'client', id: isMany ? 'raise' : 'raiseLength', data },
      ],
    };
  },
});
