import { alertEvidence, EVIDENCE_MESSAGES, plaintextEvidence } from '../evidence.js';
import { alertText, connectTo, fatalAlert } from '../facts.js';
import type { Rule } from '../rule.js';

export const clientSpeaksPlaintext: Rule = {
  id: 'client-speaks-plaintext',
  title: 'Client speaks plaintext to a TLS server',
  description: 'The client begins with something else than TLS, and the server answers with a TLS alert.',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 8446 §5.1', 'RFC 8446 §6.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The client {client} sent plaintext ({words}) to {server}, where a TLS server listens: it answered with alert {alert}.',
    client:
      'Let the client {client} use TLS for {server} (https:// instead of http://, or the TLS option of its protocol).',
    port: 'Or direct it to the port where the plaintext service listens.',
    confirm: 'openssl s_client -connect {server} </dev/null',
  },
  applies: ({ outcome, clientHello, plaintext }) =>
    outcome === 'failed' && clientHello === null && plaintext[0]?.from === 'client',
  judge(connection) {
    const alert = fatalAlert(connection, 'server');
    const words = connection.plaintext.find(({ from }) => from === 'client');
    if (alert === undefined || words === undefined || words.frame > alert.frame) return undefined;
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      words: words.text,
      alert: alertText(alert),
    };
    return {
      certainty: 'certain',
      messageId: 'explanation',
      data,
      evidence: [...plaintextEvidence(connection), ...alertEvidence(alert)],
      remedies: [
        { who: 'client', messageId: 'client', commandId: 'confirm', data },
        { who: 'client', messageId: 'port', data },
      ],
    };
  },
};
