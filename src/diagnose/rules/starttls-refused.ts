import { isProxy, preambleName, starttlsOption, type Preamble } from '../../preamble/preamble.js';
import { preambleEvidence } from '../evidence/citations.js';
import { isDoubtful } from '../evidence/gaps.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** The refusal, at any depth inside a proxy's protocol. */
function refused(preamble: Preamble | null): Preamble | null {
  if (preamble === null || (preamble.state === 'refused' && !isProxy(preamble))) return preamble;
  return refused(preamble.next);
}

/** By the failure code (MS-RDPBCGR §2.2.1.2.2). */
const RDP_REMEDIES: ReadonlyMap<string, 'credssp' | 'noTls' | 'rdpCertificate' | 'clientCertificate'> = new Map([
  ['SSL_NOT_ALLOWED_BY_SERVER', 'noTls'],
  ['SSL_CERT_NOT_ON_SERVER', 'rdpCertificate'],
  ['HYBRID_REQUIRED_BY_SERVER', 'credssp'],
  ['SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER', 'clientCertificate'],
]);

export const starttlsRefused = defineRule({
  id: 'starttls-refused',
  title: 'Server refuses to begin TLS',
  description: 'The client asks in the plaintext protocol for TLS (STARTTLS and the like), and the server declines.',
  settledBy: "The server's log, or its configuration of TLS for this protocol, says why it declined.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 3207 §4', 'RFC 9051 §6.2.1', 'RFC 2595 §4', 'RFC 4217 §4', 'RFC 4511 §4.14', 'RFC 6120 §5.4'],
  messages: {
    explanations: {
      said: 'The client asked for TLS ({kind}). The server {server} answered "{reply}", and TLS never began.',
      silent: 'The client asked for TLS ({kind}). The server {server} declined, and TLS never began.',
    },
    evidence: {},
    remedies: {
      enable:
        'Enable TLS for this protocol at {server}: usually the certificate or its key is not configured, or cannot be read.',
      credssp:
        'The server {server} demands CredSSP (Network Level Authentication), TLS with the log-in inside. Let {client} offer that, or allow connections without it at {server}.',
      noTls:
        'The server {server} is set to the security of RDP itself. Allow TLS there (security layer: SSL, or negotiate).',
      rdpCertificate: 'Give the RDP service at {server} a certificate: it has none that it can use.',
      clientCertificate:
        'The server {server} demands a client certificate: let {client} offer one, or do not demand it.',
      plain: 'Check whether {client} went on without encryption afterwards, and whether it may.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {server} -starttls {protocol} </dev/null',
        does: 'shows whether the server goes over to TLS',
        where: 'from-client',
      },
      rdp: {
        run: 'nmap -p {port} --script rdp-enum-encryption {host}',
        does: 'shows which kinds of security the server accepts',
        where: 'from-client',
      },
      look: { run: 'nc -v {host} {port}', does: 'shows what the server says first', where: 'from-client' },
    },
  },
  // If the server speaks TLS afterwards, the capture lacks the words that the refusal belongs to.
  applies: ({ outcome, preamble, serverHello }) =>
    outcome === 'failed' && refused(preamble) !== null && serverHello === null,
  judge(connection) {
    const preamble = refused(connection.preamble);
    if (preamble === null) return undefined;
    const protocol = starttlsOption(preamble.kind);
    const data = {
      kind: preambleName(preamble.kind),
      reply: preamble.reply ?? '',
      server: connectTo(connection),
      host: connection.server.address,
      port: connection.server.port,
      client: connection.client.address,
      protocol: protocol ?? '',
    };
    return {
      // Only a complete capture in order shows which answer belongs to which request.
      support: isDoubtful(connection) ? 'open' : 'confirmed',
      basis: 'fact',
      explanation: { id: preamble.reply === null ? 'silent' : 'said', data },
      evidence: preambleEvidence(preamble),
      remedies:
        preamble.kind === 'rdp'
          ? [{ who: 'server', id: RDP_REMEDIES.get(data.reply) ?? 'enable', command: 'rdp', data }]
          : [
              { who: 'server', id: 'enable', command: protocol === undefined ? 'look' : 'confirm', data },
              { who: 'client', id: 'plain', data },
            ],
    };
  },
});
