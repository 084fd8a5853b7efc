import { STARTTLS_OPTIONS } from '../../knowledge/starttls.js';
import { innermost, stepOf } from '../../preamble/preamble.js';
import { closeEvidence, preambleEvidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const starttlsNotOffered = defineRule({
  id: 'starttls-not-offered',
  title: 'STARTTLS is not offered, or masked on the path',
  description:
    'The server does not list TLS among what it can do, or a device on the path overwrites that line; a client that insists on TLS leaves.',
  settledBy:
    'The greeting as the server itself sends it, captured on the server: a device between rewrites it if it differs.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 3207 §4', 'RFC 3207 §6'],
  messages: {
    explanations: {
      masked:
        'In the list of its capabilities, {server} shows the line {line} in place of STARTTLS: a device on the path overwrote the offer, as firewalls with SMTP inspection do. The client {client} left without asking for TLS.',
    },
    evidence: {},
    remedies: {
      network:
        'Switch the inspection of this protocol off on the firewall between {client} and {server} (on Cisco ASA: "no inspect esmtp", or allow-tls).',
    },
    commands: {
      confirm: 'openssl s_client -connect {server} -starttls {protocol} </dev/null',
    },
  },
  applies: ({ outcome, preamble }) => outcome === 'not-tls' && preamble !== null,
  judge(connection) {
    if (connection.preamble === null) return undefined;
    const preamble = innermost(connection.preamble);
    const offer = stepOf(preamble, 'offer');
    const protocol = STARTTLS_OPTIONS[preamble.kind];
    // A client that goes on without TLS does not insist on it: the mail is delivered, and nothing has failed.
    if (preamble.state !== 'masked' || offer === undefined || protocol === undefined) return undefined;
    const next = stepOf(preamble, 'plaintext');
    if (connection.ending.how === 'none' || (next !== undefined && !LEAVES.test(next.text))) return undefined;
    const data = {
      server: connectTo(connection),
      client: connection.client.address,
      line: offer.text,
      protocol,
    };
    return {
      support: 'supported',
      basis: 'fact',
      explanation: { id: 'masked', data },
      evidence: [...preambleEvidence(preamble), ...closeEvidence(connection)],
      remedies: [{ who: 'network', id: 'network', command: 'confirm', data }],
    };
  },
});

/** How a client takes its leave: IMAP puts a tag before it. */
const LEAVES = /^(?:\w+ )?(?:QUIT|LOGOUT)\b/i;
