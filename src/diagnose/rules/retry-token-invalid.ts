import { connectionCloseEvidence, evidence } from '../evidence/citations.js';
import { placesOf } from '../evidence/places.js';
import { refusingClose } from '../evidence/quic.js';
import { defineRule } from '../rule.js';

export const retryTokenInvalid = defineRule({
  id: 'retry-token-invalid',
  title: 'QUIC server refuses the token of its Retry',
  description:
    'The server asks the client to prove its address with a token (Retry), and rejects that token when it comes back.',
  settledBy: 'Captures at the server and at the client show whether address and token are the same at both.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9000 §8.1.2', 'RFC 9000 §8.1.4', 'RFC 9000 §20.1'],
  messages: {
    explanations: {
      explanation:
        '{connect} refused the token of {client} with INVALID_TOKEN. It had issued that token itself in a Retry: the client came back from another address or port, too late, or to another server behind the same address, which does not share the key of these tokens.',
      unseen:
        '{connect} refused the token of {client} with INVALID_TOKEN. The Retry that issued the token is not in the capture: the client came back from another address or port, too late, or to another server behind the same address, which does not share the key of these tokens.',
    },
    evidence: {
      seenRetry: 'Retry: the server hands out a token',
      seenToken: 'the client sends it back',
    },
    remedies: {
      key: 'Give all servers behind {connect} the same key for Retry tokens, or let the load balancer send a client to the same one each time (by its address and port). Check that their clocks agree.',
      nat: 'Look for a NAT between {client} and {connect} that changes the UDP port within a second.',
    },
    commands: {
      confirm: {
        run: 'curl --http3-only -vk {url}',
        does: 'shows whether QUIC works, without falling back to TCP',
        where: 'from-client',
      },
    },
  },
  applies: (connection) =>
    connection.outcome === 'failed' && refusingClose(connection, 'server')?.code === INVALID_TOKEN,
  judge(connection) {
    const close = refusingClose(connection, 'server');
    const { retries = [], token = null } = connection.quic ?? {};
    if (close === undefined) return undefined;
    const data = placesOf(connection);
    const retry = retries.at(-1);
    return {
      support: 'confirmed',
      basis: 'alert',
      explanation: { id: retry === undefined ? 'unseen' : 'explanation', data },
      evidence: [
        ...(retry === undefined ? [] : [evidence(retry, 'seenRetry')]),
        ...(token === null ? [] : [evidence(token, 'seenToken')]),
        ...connectionCloseEvidence(close),
      ],
      remedies: [
        { who: 'server', id: 'key', command: 'confirm', data },
        { who: 'network', id: 'nat', data },
      ],
    };
  },
});

/** INVALID_TOKEN (RFC 9000 §20.1). */
const INVALID_TOKEN = 0x0b;
