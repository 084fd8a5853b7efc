import type { Connection, HandshakeMessage } from '../../connection/connection.js';
import { clientHelloEvidence, evidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** HelloVerifyRequests that make a loop: a second one may answer a cookie that has expired. */
const LEAST_REQUESTS = 3;

/** The HelloVerifyRequests of a server that never went on; empty if it did, or if they make no loop. */
function loopOf({ messages, serverHello, helloRetryRequest }: Connection): readonly HandshakeMessage[] {
  if (serverHello !== null || helloRetryRequest !== null) return [];
  const requests = messages.filter(({ type }) => type === 'hello_verify_request');
  return requests.length < LEAST_REQUESTS ? [] : requests;
}

export const addressValidationLoop = defineRule({
  id: 'address-validation-loop',
  title: 'Address validation goes round in circles',
  description: 'The server asks the client to prove its address, the client does, and the server asks again.',
  settledBy:
    'Whether one server or several answer: their TTLs, a capture behind the load balancer, or the key of the cookies in their configurations.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 6347 §4.2.1', 'RFC 9000 §17.2.5.2'],
  messages: {
    explanations: {
      cookies:
        '{server} answered {count} ClientHellos of {client} with HelloVerifyRequest, although all but the first brought the cookie that it had asked for: it does not know its own cookies. Most likely several servers stand behind that address, each with a key of its own, and the ClientHello with the cookie reaches another one than made it; or the address of the client changes on the way.',
    },
    evidence: {
      seenFirst: 'HelloVerifyRequest: the server asks for the cookie that it sends',
      seenAgain: 'another HelloVerifyRequest, the last of {count}, in answer to a ClientHello with a cookie',
    },
    remedies: {
      sticky:
        'Let the load balancer in front of {server} send all datagrams of one client address and port to the same server.',
      key: 'Or give all servers behind {server} the same secret for cookies.',
    },
    commands: {
      confirm: 'openssl s_client -connect {server} -dtls -msg </dev/null',
    },
  },
  applies: ({ outcome, protocol }) => outcome === 'failed' && protocol === 'dtls',
  judge(connection) {
    const requests = loopOf(connection);
    const [first] = requests;
    const last = requests.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const data = { client: connection.client.address, server: connectTo(connection), count: requests.length };
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
