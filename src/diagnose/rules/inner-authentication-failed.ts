import { overEap } from '../../connection/connection.js';
import { evidence } from '../evidence/citations.js';
import { eapData, resultEvidence } from '../evidence/eap.js';
import { defineRule } from '../rule.js';

export const innerAuthenticationFailed = defineRule({
  id: 'inner-authentication-failed',
  title: 'Authentication refused after TLS',
  description:
    'The TLS handshake inside EAP is complete. Then the server rejected what came through the tunnel (usually a password), or its policy rejected the user.',
  settledBy: 'The log of the RADIUS server: it names the user and why it was refused.',
  role: 'cause',
  isNoFailure: true,
  severity: 'warning',
  sources: ['RFC 5281 §7.2', 'RFC 5216 §2.1.3'],
  messages: {
    explanations: {
      tunnel:
        'The TLS handshake of {method} with {server} is complete: versions and certificates are in order. The server then rejected what the supplicant {client} (outer identity {identity}) said inside the tunnel: usually a wrong password, an unknown user, or an inner method that is not enabled.',
      policy:
        'The TLS handshake of {method} with {server} is complete, and the server accepted the certificate of {client} ({identity}). The server rejected the client anyway, by its policy for this user or device.',
    },
    evidence: {
      seenData: 'encrypted data in the tunnel: the handshake is over',
    },
    remedies: {
      user: 'Check user name, password and inner method of {client}; TLS needs no change.',
      log: "Look at the RADIUS server's log at that time: it says whom it rejected, and why.",
    },
    commands: {
      confirm: {
        run: 'eapol_test -c SUPPLICANT.conf -a {host} -p {port} -s SECRET',
        does: 'logs on as a supplicant would, step by step',
        where: 'radius-client',
      },
    },
  },
  // Without the hellos, what the tunnel holds may be the client's flight of TLS 1.3.
  applies: ({ outcome, eap, clientHello, serverHello }) =>
    outcome === 'established' && eap?.result?.isSuccess === false && clientHello !== null && serverHello !== null,
  judge(connection) {
    const { eap, encryptedRecords } = connection;
    if (eap === null || overEap(connection) === null) return undefined;
    const method = eap.started.at(-1)?.method ?? 'EAP';
    const data = { ...eapData(connection), method };
    const record = encryptedRecords.findLast(({ contentType }) => contentType === 'application_data');
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: method === 'EAP-TLS' ? 'policy' : 'tunnel', data },
      evidence: [...(record === undefined ? [] : [evidence(record, 'seenData')]), ...resultEvidence(connection)],
      remedies: [
        { who: 'client', id: 'user', command: 'confirm', data },
        { who: 'server', id: 'log', data },
      ],
    };
  },
});
