import type { Connection, HandshakeMessage, QuicFacts } from '../../connection/connection.js';
import { clientHelloEvidence, evidence } from '../evidence/citations.js';
import { connectTo, urlOption } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** HelloVerifyRequests that make a loop: a second one may answer an expired cookie. */
const LEAST_REQUESTS = 3;

/** The HelloVerifyRequests of a server that never continued; empty if it did, or if they are no loop. */
function loopOf({ messages, serverHello, helloRetryRequest }: Connection): readonly HandshakeMessage[] {
  if (serverHello !== null || helloRetryRequest !== null) return [];
  const requests = messages.filter(({ type }) => type === 'hello_verify_request');
  return requests.length < LEAST_REQUESTS ? [] : requests;
}

/**
 * The Retries of a QUIC server that never continued, at least one of them in answer to a token; empty if they are no
 * loop.
 */
function retryLoopOf({ quic }: Connection): QuicFacts['retries'] {
  if (quic?.version !== null || quic.closes.some(({ from }) => from === 'server')) return [];
  return quic.retries.some(({ isAgain }) => isAgain) ? quic.retries : [];
}

export const addressValidationLoop = defineRule({
  id: 'address-validation-loop',
  title: 'Address validation goes round in circles',
  description: 'The server asks the client to prove its address, the client does, and the server asks again.',
  settledBy:
    'The TTLs of the answers, or a capture behind the load balancer, show whether one server or several answer. Their configurations show whether they share a key.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 6347 §4.2.1', 'RFC 9000 §17.2.5.2'],
  messages: {
    explanations: {
      cookies:
        "{server} answered {count} ClientHellos of {client} with HelloVerifyRequest, although all but the first carried the cookie that it had asked for: it does not recognise its own cookies. Probably several servers share that address, each with its own key, and the ClientHello with the cookie reaches a server that did not make it. Or the client's address changes on the path.",
      retries:
        "{server} answered {count} times with Retry, although {client} sent back the token that it had asked for: it does not recognise its own tokens. Probably several servers share that address, each with its own key, and the packet with the token reaches a server that did not make it. Or the client's address changes on the path.",
    },
    evidence: {
      seenRetry: 'Retry: the server asks for the token that it sends',
      seenRetryAgain: 'another Retry, the last of {count}, in answer to a packet with a token',
      seenFirst: 'HelloVerifyRequest: the server asks for the cookie that it sends',
      seenAgain: 'another HelloVerifyRequest, the last of {count}, in answer to a ClientHello with a cookie',
    },
    remedies: {
      sticky:
        'Let the load balancer in front of {server} send all datagrams of one client address and port to the same server.',
      keyOfTokens: 'Or give all servers behind {server} the same key for Retry tokens.',
      key: 'Or give all servers behind {server} the same secret for cookies.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {server} -dtls -msg </dev/null',
        does: 'shows the handshake, message by message',
        where: 'from-client',
      },
      confirmQuic: {
        run: 'curl --http3-only -vk {url}',
        does: 'shows whether QUIC works, without falling back to TCP',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, protocol }) => outcome === 'failed' && (protocol === 'dtls' || protocol === 'quic'),
  judge(connection) {
    const retries = retryLoopOf(connection);
    const [firstRetry] = retries;
    const lastRetry = retries.at(-1);
    if (firstRetry !== undefined && lastRetry !== undefined) {
      const data = {
        client: connection.client.address,
        server: connectTo(connection),
        url: urlOption(connection),
        count: retries.length,
      };
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'retries', data },
        evidence: [
          ...clientHelloEvidence(connection),
          evidence(firstRetry, 'seenRetry'),
          evidence(lastRetry, 'seenRetryAgain', data),
        ],
        remedies: [
          { who: 'network', id: 'sticky', command: 'confirmQuic', data },
          { who: 'server', id: 'keyOfTokens', data },
        ],
      };
    }
    const requests = loopOf(connection);
    const [first] = requests;
    const last = requests.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      url: urlOption(connection),
      count: requests.length,
    };
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: 'cookies', data },
      evidence: [...clientHelloEvidence(connection), evidence(first, 'seenFirst'), evidence(last, 'seenAgain', data)],
      remedies: [
        { who: 'network', id: 'sticky', command: 'confirm', data },
        { who: 'server', id: 'key', data },
      ],
    };
  },
});
