import { isProxy, preambleName, type Preamble } from '../../preamble/preamble.js';
import type { Connection } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { speaksTls } from '../evidence/plaintext.js';
import { plaintextEvidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { isBadRequest } from '../evidence/http-answers.js';
import { defineRule } from '../rule.js';

function refused(preamble: Preamble | null): Preamble | null {
  if (preamble === null || (preamble.state === 'refused' && isProxy(preamble))) return preamble;
  return refused(preamble.next);
}

/**
 * Whether the answer 400 came not from a proxy, but from a web server that speaks TLS on this port: see
 * client-speaks-plaintext.
 */
function isTlsServer(connection: Connection, { kind, reply }: Preamble, context: Context): boolean {
  return kind === 'http-connect' && / 400\b/.test(reply ?? '') && speaksTls(connection, context);
}

export const proxyRefused = defineRule({
  id: 'proxy-refused',
  title: 'Proxy refuses the connection',
  description:
    'The client asks a proxy for a connection (HTTP CONNECT, SOCKS), and the proxy declines: TLS never begins.',
  settledBy: "The proxy's access log says why it declined.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9110 §9.3.6', 'RFC 1928 §6'],
  messages: {
    explanations: {
      explanation:
        'The client asked the proxy {proxy} for {target} ({kind}). The proxy answered "{reply}". TLS with the requested server never began.',
      beforeTarget:
        'The client turned to the proxy {proxy} ({kind}), which answered "{reply}" before the client asked for a server. TLS with a server never began.',
      noProxy:
        'The client asked {proxy} for {target}, as one asks a proxy ({kind}). The answer was "{reply}", which is what web servers say that are no proxies, with TLS or without, and proxies of a request that they cannot read. TLS with the requested server never began.',
    },
    evidence: {},
    remedies: {
      allow:
        'Let the proxy {proxy} connect to {target}: check its access rules, its login and its own route to the target.',
      configure:
        'Check which proxy the client {client} is told to use for {target}, and the credentials that it sends.',
      logIn:
        'Check the credentials that {client} has for the proxy {proxy}, and which ways to log in the two have in common.',
      allowIfProxy:
        'If {proxy} is a proxy, its log says what it cannot read in the request, or that it takes none here (Squid in accelerator mode): let it connect to {target}.',
    },
    commands: {
      confirm: {
        run: 'curl -v -x {proxy} https://{target}/',
        does: 'shows whether the proxy opens the connection',
        where: 'from-client',
      },
      confirmLogIn: {
        run: 'curl -v --proxy {scheme}://USER:PASSWORD@{proxy} https://SERVER/',
        does: 'shows whether the proxy accepts the log-in',
        where: 'from-client',
      },
      confirmSocks: {
        run: 'curl -v --proxy {scheme}://{proxy} https://{target}/',
        does: 'shows whether the proxy opens the connection',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, preamble }) => outcome === 'failed' && refused(preamble) !== null,
  judge(connection, context) {
    const preamble = refused(connection.preamble);
    if (preamble === null || isTlsServer(connection, preamble, context)) return undefined;
    const isHttp = preamble.kind === 'http-connect';
    // A proxy says 403, 407, 502 or 503.
    const isProxy = !isHttp || !isBadRequest(preamble.reply ?? '');
    const data = {
      proxy: connectTo(connection),
      client: connection.client.address,
      target: preamble.target ?? '',
      kind: preambleName(preamble.kind),
      reply: preamble.reply ?? '',
      scheme: `${preamble.kind}h`,
    };
    if (preamble.target === null) {
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'beforeTarget', data },
        evidence: plaintextEvidence(connection),
        remedies: [{ who: 'client', id: 'logIn', command: 'confirmLogIn', data }],
      };
    }
    return {
      support: isProxy ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: isProxy ? 'explanation' : 'noProxy', data },
      evidence: plaintextEvidence(connection),
      remedies: isProxy
        ? [
            { who: 'network', id: 'allow', command: isHttp ? 'confirm' : 'confirmSocks', data },
            { who: 'client', id: 'configure', data },
          ]
        : [
            { who: 'client', id: 'configure', command: 'confirm', data },
            { who: 'network', id: 'allowIfProxy', data },
          ],
    };
  },
});
